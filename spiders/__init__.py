"""Collectors: one base, one base per vendor, one small file per source. They know nothing of the store."""
