"""Turning a source's format into clean text: extraction, cleaning, sections, marks of inserted and struck words."""
