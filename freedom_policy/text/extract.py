"""From a source's bytes to words: HTML, XML, RTF, PDF, DOCX and plain text, or one line that says why not.

What a server says of a file is often wrong (XML that claims UTF-16 and is UTF-8, a PDF sent as text/html), so the bytes
decide. Inserted words come back between ``INSERTED`` marks, struck words between ``STRUCK`` marks, where the format shows
them; block structure becomes newlines and a heading starts a line of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Literal

from lxml import etree

from ..records import Record
from .extract_decode import decode
from .extract_markup import RefusedXml, html_text, tidy, xml_text

MAX_BYTES = 50_000_000
"""Larger inputs are not read: no bill is, and a parser should not be made to try."""

OTHER_FORMATS = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword", "an old Word file (.doc)"),
    (b"\xffWPC", "application/vnd.wordperfect", "a WordPerfect file"),
    (b"\x89PNG", "image/png", "a picture"),
    (b"\xff\xd8\xff", "image/jpeg", "a picture"),
    (b"GIF8", "image/gif", "a picture"),
    (b"II*\x00", "image/tiff", "a picture"),
    (b"MM\x00*", "image/tiff", "a picture"),
    (b"\x1f\x8b", "application/gzip", "a compressed file"),
)
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_HTML_TAG = re.compile(
    r"<(?:!doctype\s+html|html|head|body|table|div|span|pre|center|font|br|h[1-6]|title|p)\b[^<>]*>", re.IGNORECASE
)
_XML_ROOT = re.compile(
    r"<\?xml\b|<!DOCTYPE\s+(?!html\b)|<(bill|resolution|amendment-doc|leg|uslm|document)\b", re.IGNORECASE
)


_WORD = re.compile(r"[a-z]+")
# English, Spanish and French: the languages that American legislatures print. Others pass by their vowels.
_FUNCTION_WORDS = frozenset(
    re.findall(_WORD, "the of to and in a or for that is shall be by de la que el en los y les et des du")
)


class Extracted(Record):
    """The words of one file. ``text`` is empty unless ``status`` is ``ok``; ``note`` says what went wrong or was odd."""

    text: str = ""
    status: Literal["ok", "unreadable", "empty"]
    media_type: str
    """What the file is, not what it was said to be."""
    note: str = ""


def extract(data: bytes | str, media_type: str | None = None) -> Extracted:
    """The words of a file.

    Args:
        data: the file as it came, or text that is already decoded (markup in it is still undone).
        media_type: what the source says it is, with ``; charset=`` or without; used only where the bytes leave it open.

    Returns:
        Never raises for bad input: what cannot be read has status ``unreadable`` and the reason in ``note``.
    """
    claimed = (media_type or "").split(";")[0].strip().lower()
    if len(data) > MAX_BYTES:
        return Extracted(
            status="unreadable", media_type=claimed or "unknown", note=f"larger than {MAX_BYTES // 1_000_000} MB"
        )
    if not data.strip():
        return Extracted(status="empty", media_type=claimed or "text/plain")
    if isinstance(data, bytes):
        head = data[:1024].lstrip()
        for magic, found, name in OTHER_FORMATS:
            if head.startswith(magic):
                return Extracted(
                    status="unreadable", media_type=found, note=f"{name}; ask the source for text, HTML or PDF"
                )
        if b"%PDF-" in data[:1024]:
            from .extract_office import pdf_text

            return _judged("application/pdf", *pdf_text(data), empty="a PDF without a text layer (scanned pages)")
        if head.startswith(b"PK\x03\x04"):
            from .extract_office import docx_text

            return _judged(_DOCX, *docx_text(data))
        text, note = decode(data, media_type)
    else:
        text, note = data, ""
    start = text.lstrip("\ufeff \t\r\n")[:4096]
    if start.startswith("{\\rtf"):
        from .extract_office import rtf_text

        return _judged("application/rtf", *rtf_text(text))
    try:
        if _is_xml(start, claimed):
            return _judged("application/xml", *xml_text(text.lstrip("\ufeff \t\r\n")))
        if claimed in ("text/html", "application/xhtml+xml") or _HTML_TAG.search(start):
            return _judged("text/html", html_text(text), note)
    except RefusedXml as error:
        return Extracted(status="unreadable", media_type="application/xml", note=str(error))
    except (etree.LxmlError, ValueError) as error:
        return Extracted(
            status="unreadable", media_type=claimed or "text/html", note=f"markup that no parser takes: {error}"
        )
    return _judged("text/plain", tidy(text), note)


def _is_xml(start: str, claimed: str) -> bool:
    """True if the text is XML of its own vocabulary; XHTML is read as HTML."""
    if re.search(r"<!doctype\s+html|<html\b", start, re.IGNORECASE):
        return False
    return bool(_XML_ROOT.match(start)) or (claimed in ("application/xml", "text/xml") and start.startswith("<"))


def _judged(media_type: str, text: str | None, note: str = "", *, empty: str = "") -> Extracted:
    """The text with a verdict: words, nothing, or bytes that only look like words."""
    if text is None:
        return Extracted(status="unreadable", media_type=media_type, note=note)
    if not text.strip():
        return Extracted(status="empty", media_type=media_type, note=note or empty)
    if reason := garbled(text):
        return Extracted(status="unreadable", media_type=media_type, note=reason)
    return Extracted(text=text, status="ok", media_type=media_type, note=note)


def _is_odd(char: str) -> bool:
    return char == "\ufffd" or unicodedata.category(char) in ("Cc", "Co", "Cn", "Cs")


def garbled(text: str) -> str:
    """Why a text is not language, or an empty string.

    Two signs: too many control, private or replacement characters (binary, or a font without a character map), and Latin
    letters with no function words and few vowels (a font whose characters are shifted: ``7KH 6HFUHWDU\\ VKDOO``).
    """
    sample = text if len(text) <= 200_000 else text[:100_000] + text[len(text) // 2 : len(text) // 2 + 100_000]
    odd = sum(count for char, count in Counter(sample).items() if char not in "\n\t\r\f" and _is_odd(char))
    if odd > max(3, len(sample) * 0.05):
        return "garbled: control and replacement characters where words should be"
    if sample.count("(cid:") * 20 > len(sample):
        return "garbled: the file's font has no character map"
    words = _WORD.findall(sample[:20_000].lower())
    letters = "".join(words)
    language = sum(word in _FUNCTION_WORDS for word in words) >= 0.01 * len(words)
    if len(words) >= 40 and not language and sum(letters.count(vowel) for vowel in "aeiou") < 0.3 * len(letters):
        return "garbled: letters that make no words (a shifted font, or encoded data)"
    return ""
