"""Turning a source's format into clean text: extraction, cleaning, sections, marks of inserted and struck words."""

from .clean import Cleaned, clean, read_status
from .extract import Extracted, extract
from .extract_markup import INSERTED, STRUCK
from .sections import Section, sections

__all__ = ["INSERTED", "STRUCK", "Cleaned", "Extracted", "Section", "clean", "extract", "read_status", "sections"]
