"""Digest, coverage and the other reports: builders make plain objects, renderers turn them into text."""

from . import brief
from .digest import Digest, digest_from

__all__ = ["Digest", "brief", "digest_from"]
