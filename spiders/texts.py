"""The words of a text that a source serves, in whatever format."""

from __future__ import annotations

from freedom_policy import text


def words_of(body: bytes, media_type: str | None = None) -> str | None:
    """The plain words of a file (HTML, XML, RTF, PDF, DOCX, plain); None if there are none that read.

    Args:
        media_type: what the source says it is; the bytes themselves decide.
    """
    extracted = text.extract(body, media_type)
    return extracted.text if extracted.status == "ok" and extracted.text else None
