"""Digest, coverage and the other reports: builders make plain objects, renderers turn them into text."""

from . import brief
from .building import build_coverage, build_digest
from .coverage import Coverage, coverage_from
from .digest import Digest, HelpLine, digest_from
from .model_law import ModelLaw, build_model_law, model_law_from
from .reform import Reform, build_reform, reform_from
from .site import Site, export_site

__all__ = [
    "Coverage",
    "Digest",
    "HelpLine",
    "ModelLaw",
    "Reform",
    "Site",
    "brief",
    "build_coverage",
    "build_digest",
    "build_model_law",
    "build_reform",
    "coverage_from",
    "digest_from",
    "export_site",
    "model_law_from",
    "reform_from",
]
