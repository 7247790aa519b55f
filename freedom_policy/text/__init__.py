"""Turning a source's format into clean text: extraction, cleaning, sections, marks of inserted and struck words."""

from .extract import Extracted, extract
from .extract_markup import INSERTED, STRUCK

__all__ = ["INSERTED", "STRUCK", "Extracted", "extract"]
