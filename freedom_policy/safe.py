"""What may leave: masked quotations, links that are only http(s), text without control characters, cells without formulas."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# North American numbers in their printed forms; a bare run of ten digits is left alone (account and file numbers).
_PHONE = re.compile(
    r"(?<![\w-])(?:\+?1[\s.-]{0,2})?(?:\(\d{3}\)\s?|\d{3}[\s.-])(?:\d{3}[\s.-]\d{4}|\d{4}[\s.-]\d{3})(?![\w-])"
)
_SHORT_CODE = re.compile(r"(?i)(?<=\btext )(?:(\S{2,20}) to )?\d{5,6}\b")
_SUFFIX = (
    r"(?:Street(?! Gang)|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Drive|Lane|Ln|Way|Place|Highway|Hwy|Parkway|Pkwy|Terrace|"
    r"Circle|Square)"
)
# Capitalised words between a number and a street word: "Court" and "Dr" are left out, law text is full of them.
_ADDRESS = re.compile(
    r"(?<![\d.,$-])\b\d{1,5}[A-Z]?\s+(?:(?:[NSEW]|[NS][EW])\.?\s+)?"
    r"(?:(?:(?:[A-Z][\w.'’-]*|\d{1,3}(?:st|nd|rd|th))\s+){1,3}" + _SUFFIX + r"|Broadway)"
    r"\b\.?(?:,?\s+(?:Suite|Ste|Apt|Apartment|Unit|Floor|Room|#)\.?\s*[\w-]+)?"
)
_PO_BOX = re.compile(r"\bP\.?\s?O\.?\s+Box\s+\d+", re.IGNORECASE)
_MASKS = (
    (_EMAIL, "[e-mail address masked]"),
    (_PHONE, "[phone number masked]"),
    (_SHORT_CODE, "[text number masked]"),
    (_PO_BOX, "[address masked]"),
    (_ADDRESS, "[address masked]"),
)
# Overrides and isolates can make a terminal or a page show other words than it holds.
_BIDI = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C])


def plain(text: str) -> str:
    """One line without control characters or text-direction overrides; runs of white space become one space."""
    clean = "".join(" " if unicodedata.category(c) in ("Cc", "Cn", "Zl", "Zp") else c for c in text.translate(_BIDI))
    return re.sub(r"\s+", " ", clean.encode("utf-8", "ignore").decode()).strip()


def masked(text: str) -> str:
    """``plain`` text in which e-mail addresses, phone numbers and street addresses are masked."""
    text = plain(text)
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return text


def link(url: str | None) -> str | None:
    """The address if it is http or https with a host and carries no password; else None.

    A loopback address is no address for a reader either (a mirror or the demo's service on this machine).
    """
    if not url:
        return None
    try:
        parts = urlsplit(plain(url).replace(" ", "%20"))
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    if host in ("localhost", "::1") or host.startswith("127."):
        return None
    return parts.geturl()


def cell(value: object) -> str:
    """A CSV cell that no spreadsheet takes for a formula: text that starts like one gets an apostrophe in front."""
    text = "" if value is None else plain(str(value))
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
