"""Digest, coverage and the other reports: builders make plain objects, renderers turn them into text."""

from . import brief
from .building import build_coverage, build_digest
from .coverage import Coverage, coverage_from
from .digest import Digest, HelpLine, digest_from
from .reform import Reform, build_reform, reform_from
from .site import Site, export_site

__all__ = [
    "Coverage",
    "Digest",
    "HelpLine",
    "Reform",
    "Site",
    "brief",
    "build_coverage",
    "build_digest",
    "build_reform",
    "coverage_from",
    "digest_from",
    "export_site",
    "reform_from",
]
