"""Bytes to characters when the declared encoding lies."""

from __future__ import annotations

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?([A-Za-z0-9_.:-]+)", re.IGNORECASE)
# UTF-8 that somebody read as Latin-1 or windows-1252 and saved again: "Â ", "â€™", "Ã±".
_MOJIBAKE = re.compile(
    "[\u00c2-\u00df][\u0080-\u00bf]|[\u00e0-\u00ef][\u0080-\u00bf]{2}|[\u00f0-\u00f4][\u0080-\u00bf]{3}"
)
_CP1252 = {ord(bytes([i]).decode("cp1252")): i for i in range(0x80, 0xA0) if i not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}


def decode(data: bytes, media_type: str | None = None) -> tuple[str, str]:
    """The text, and a note where the bytes were not what they were said to be.

    Order: byte order mark, UTF-16 seen by its zero bytes, strict UTF-8 (which hardly any other encoding passes by
    chance), the declared encoding, windows-1252.
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            return _remade(data[len(bom) :].decode(name, "replace"))
    if b"\x00" in data[:2000]:
        even, odd = data[0:2000:2].count(0), data[1:2000:2].count(0)
        if max(even, odd) > 4 * (min(even, odd) + 1):
            return data.decode("utf-16-be" if even > odd else "utf-16-le", "replace"), ""
    try:
        return _remade(data.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    declared = _DECLARED.search((media_type or "").encode()) or _DECLARED.search(data[:2048])
    if declared:
        try:
            name = codecs.lookup(declared[1].decode()).name
            if not name.startswith(("utf", "ascii")):
                return data.decode(name), ""
        except (LookupError, UnicodeDecodeError):
            pass
    lenient = data.decode("utf-8", "replace")
    good = sum(1 for char in lenient if char > "\x7f" and char != "\ufffd")
    if good > 4 * lenient.count("\ufffd"):
        return lenient, "a few broken UTF-8 characters"
    # 0x81 and its four like are undefined in windows-1252; Latin-1 control characters are as good as any.
    return data.decode("cp1252", "replace"), ""


def _remade(text: str) -> tuple[str, str]:
    """Undo UTF-8 that was read as windows-1252 once too often, if nearly all that is not ASCII looks like it."""
    if not re.search("[\u00c2-\u00f4]", text):
        return text, ""
    narrow = text.translate(_CP1252)
    runs = _MOJIBAKE.findall(narrow)
    strange = sum(1 for char in narrow if char > "\x7f")
    if not runs or sum(map(len, runs)) < 0.9 * strange:
        return text, ""
    return _MOJIBAKE.sub(
        lambda run: run[0].encode("latin-1").decode("utf-8", "replace"), narrow
    ), "UTF-8 that had been encoded twice"
