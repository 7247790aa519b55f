"""Collectors: one base, one base per vendor, one small file per source. They know nothing of the store.

The door is :func:`crawl`; Scrapy itself is loaded in the crawl's own process only. What stands behind a name is loaded when it
is asked for, so that this process starts with what it needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .registry import Client, SourceInfo, check_options, clients, scope_of, source_info, sources
    from .runner import crawl, probe

__all__ = ["Client", "SourceInfo", "check_options", "clients", "crawl", "probe", "scope_of", "source_info", "sources"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{'runner' if name in ('crawl', 'probe') else 'registry'}"), name)
