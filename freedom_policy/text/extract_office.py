"""Words of PDF, Word and RTF files, through the libraries that know them. Each returns (text or None, note)."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

from .extract_markup import INSERTED, STRUCK, tidy

MAX_UNPACKED = 200_000_000
"""Bytes that a Word file may unpack to."""


def pdf_text(data: bytes) -> tuple[str | None, str]:
    """The text layer of a PDF, page by page; marks of inserted words do not survive in a PDF."""
    import logging

    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.ERROR)  # it warns about each odd object of each odd file
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            return None, "a PDF that asks for a password"
        pages, lost = [], 0
        for page in reader.pages:
            try:
                pages.append(page.extract_text() or "")
            except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError):
                lost += 1
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError) as error:
        return None, f"a damaged PDF: {type(error).__name__}: {error}"[:200]
    if lost and not any(page.strip() for page in pages):
        return None, f"a damaged PDF: none of {lost} pages could be read"
    return tidy("\n\n".join(pages)), f"{lost} pages could not be read" if lost else ""


def docx_text(data: bytes) -> tuple[str | None, str]:
    """The body of a Word document; tracked changes, underlined and struck runs are marked."""
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError
    from lxml import etree

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if not any(name.startswith("word/") for name in archive.namelist()):
                return None, "a ZIP file that is not a Word document"
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                return None, f"a Word file that unpacks to more than {MAX_UNPACKED // 1_000_000} MB"
        body = Document(io.BytesIO(data)).element.body
    except (zipfile.BadZipFile, PackageNotFoundError, KeyError, ValueError, OSError, etree.XMLSyntaxError) as error:
        return None, f"a damaged Word file: {error}"[:200]
    parts: list[str] = []
    for element in body.iter():
        tag = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
        if tag in ("p", "br", "cr"):
            parts.append("\n")
        elif tag == "tab":
            parts.append("\t")
        elif tag in ("t", "delText") and element.text:
            parts.append(_marked(element.text, *_run_marks(element)))
    return tidy("".join(parts)), ""


def _run_marks(element: Any) -> tuple[bool, bool]:
    """(inserted, struck) for the text element of a run: tracked changes first, then how it is drawn."""
    word = "{" + element.nsmap[element.prefix] + "}"
    ancestors = {up.tag for up in element.iterancestors()}
    properties = element.getparent().find(f"{word}rPr")

    def drawn(*names: str) -> bool:
        for name in names:
            found = properties.find(word + name) if properties is not None else None
            if found is not None and found.get(f"{word}val", "true") not in ("none", "false", "0"):
                return True
        return False

    struck = f"{word}del" in ancestors or drawn("strike", "dstrike")
    return not struck and (f"{word}ins" in ancestors or drawn("u")), struck


def _marked(text: str, inserted: bool, struck: bool) -> str:
    opened, closed = STRUCK if struck else INSERTED if inserted else ("", "")
    return f"{opened}{text}{closed}"


# ---------------------------------------------------------------------------------------------------------------------

_RTF_TOKEN = re.compile(r"\\([a-zA-Z]+)(-?\d+)? ?|\\'[0-9a-fA-F]{2}|\\[^a-zA-Z]|[{}]|[^\\{}\r\n]+|[\r\n]+")


def rtf_text(data: str) -> tuple[str | None, str]:
    """The words of an RTF document; underlined and struck runs are marked."""
    from striprtf.striprtf import rtf_to_text

    try:
        return tidy(rtf_to_text(_rtf_with_marks(data), errors="replace")), ""
    except (ValueError, KeyError, IndexError, TypeError, LookupError) as error:
        return None, f"a damaged RTF file: {type(error).__name__}: {error}"[:200]


def _rtf_with_marks(data: str) -> str:
    """The same RTF with our marks written into it as characters, because the library drops how words are drawn."""
    if not re.search(r"\\(?:ul|strike)", data):
        return data
    underlined, struck, stack, parts = False, False, [], []
    for token in _RTF_TOKEN.finditer(data):
        text, word, number = token[0], token[1], token[2]
        if text == "{":
            stack.append((underlined, struck))
        elif text == "}" and stack:
            underlined, struck = stack.pop()
        elif word == "plain":
            underlined = struck = False
        elif word == "ulnone" or (word == "ul" and number == "0"):
            underlined = False
        elif word in ("ul", "ulw", "uld", "uldb", "ulth", "uldash"):
            underlined = True
        elif word in ("strike", "striked"):
            struck = number != "0"
        elif word is None and (underlined or struck) and (text[0] not in "\\{}\r\n" or text.startswith("\\'")):
            opened, closed = STRUCK if struck else INSERTED
            text = f"{{\\uc1\\u{ord(opened)}?}}{text}{{\\uc1\\u{ord(closed)}?}}"
        parts.append(text)
    return "".join(parts)
