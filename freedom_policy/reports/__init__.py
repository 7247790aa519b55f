"""Digest, coverage and the other reports: builders make plain objects, renderers turn them into text."""
