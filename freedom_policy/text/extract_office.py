"""Words of PDF, Word and RTF files, through the libraries that know them. Each returns (text or None, note)."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
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
    return tidy("\n\n".join(without_margins(pages))), f"{lost} pages could not be read" if lost else ""


_EDGE = 4
"""Lines at the top and at the foot of a page, at most, where its furniture stands."""


def without_margins(pages: Sequence[str]) -> list[str]:
    """The pages of a printed bill without what stands around its words: line numbers, running heads and feet."""
    split = [[line.strip() for line in page.splitlines() if line.strip()] for page in pages]
    split = [_without_line_numbers(lines) for lines in split]
    edges = Counter(
        head for lines in split for head in {_shape(line) for n, line in enumerate(lines) if _at_edge(n, len(lines))}
    )
    # On most of three pages or more: "Page 4", a docket number, "underscored material = new".
    furniture = {head for head, count in edges.items() if len(pages) >= 3 and count >= 0.6 * len(pages)}
    return ["\n".join(_without_edges(lines, furniture)) for lines in split]


def _shape(line: str) -> str:
    return re.sub(r"\d+", "#", line)


def _at_edge(place: int, count: int) -> bool:
    edge = min(_EDGE, count // 4)
    return place < edge or place >= count - edge


def _without_edges(lines: list[str], furniture: set[str]) -> list[str]:
    return [line for n, line in enumerate(lines) if not (_at_edge(n, len(lines)) and _shape(line) in furniture)]


def _without_line_numbers(lines: list[str]) -> list[str]:
    """Drop line numbers: a column of them on its own (1, 2, 3...), or one before each line."""
    kept: list[str] = []
    run: list[str] = []
    for line in [*lines, ""]:
        if line.isdigit() and (not run or int(line) == int(run[-1]) + 1):
            run.append(line)
            continue
        kept += run if len(run) < 5 else []
        run = [line] if line.isdigit() else []
        kept += [] if run else [line]
    kept = [line for line in kept if line]
    numbered = [(int(match[1]), match[2]) for line in kept if (match := re.match(r"(\d{1,2})\s+(\S.*)", line))]
    rising = sum(after[0] == before[0] + 1 for before, after in pairwise(numbered))
    if len(numbered) >= 5 and len(numbered) >= 0.6 * len(kept) and rising >= 0.8 * (len(numbered) - 1):
        return [re.sub(r"^\d{1,2}(?:\s+|$)", "", line) for line in kept]
    return kept


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
    # A text box stands there twice: as it is, and for programs that do not know it.
    for fallback in list(body.iter("{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback")):
        fallback.getparent().remove(fallback)
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
