"""Collectors: one base, one base per vendor, one small file per source. They know nothing of the store.

The door is :func:`crawl`; Scrapy itself is loaded in the crawl's own process only.
"""

from .registry import Client, SourceInfo, check_options, clients, scope_of, source_info, sources
from .runner import crawl, probe

__all__ = ["Client", "SourceInfo", "check_options", "clients", "crawl", "probe", "scope_of", "source_info", "sources"]
