"""Words of HTML and XML: one walk over the tree, driven by tables of what each vocabulary's elements mean."""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree, html

INSERTED = ("\u2983", "\u2984")
"""⦃ and ⦄ stand around words that the format shows as inserted."""
STRUCK = ("\u2985", "\u2986")
"""⦅ and ⦆ stand around words that the format shows as struck."""


class RefusedXml(Exception):
    """XML that is refused before it is parsed."""


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


# HTML --------------------------------------------------------------------------------------------------------------
_HTML_DROP = _set(
    "head script style noscript template iframe object svg canvas audio video nav footer aside button select input"
)
_HTML_DROP_CLASS = _set("sr-only visually-hidden d-print-none noprint no-print unselectable search-form breadcrumb")
_HTML_DROP_ROLE = _set("navigation banner contentinfo search")
_HTML_INLINE = _set(
    "a abbr acronym annotationdrawer b bdi bdo big cite code data del dfn em font i img ins kbd label link mark meta "
    "nobr q s samp small span strike strong sub sup time tt u var wbr"
)
_HTML_LINE = _set("tr li dt dd hr")
"""A line of their own, but no empty line around them: drafters print a bill as a table of lines."""
_HTML_MARK = {"u": "ins", "ins": "ins", "s": "del", "strike": "del", "del": "del"}
_INSERTED_CLASS = _set("ins insert inserted insertion added addition scinsert scinsertblue scinsertred underline")
_STRUCK_CLASS = _set("del delete deleted deletion strike strikethrough struck scstrike scstrikered scstrikeblue")
_STYLE = re.compile(r"text-decoration(?:-line)?\s*:\s*[^;]*?\b(underline|line-through)")
_PLACED = re.compile(r"(?:^|;)\s*top\s*:")
_LINE_NUMBER = re.compile(r"\d+_\d+")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")

# XML ---------------------------------------------------------------------------------------------------------------
_XML_DROP = _set(
    "metadata meta info dublincore distribution-code publicationmetadata style script stylesheet search-text"
)
_XML_INLINE = _set(
    "a abbr act-name added-phrase addedtext amend amendoutend amendoutstart amendingaction approveddate b bold "
    "cato-entity-ref cite citation committee-name cosponsor date deleted-phrase deletedtext definedterm del display "
    "effdate em em-dash enum external-xref fraction footnote-ref header-in-text headingtext i inline ins internal-xref "
    "italic level-num linebr ln nobreak nonsponsor num p-inline parens paren prefix quote quotedtext ref s short-title "
    "shorttitle span sponsor strike strong sub sup superscript subscript term u underline xref"
)
_XML_LABEL = _set("enum num display prefix")
_XML_PREFIX = {
    "section": "SEC. ",
    "title": "TITLE ",
    "subtitle": "Subtitle ",
    "division": "DIVISION ",
    "appendix": "APPENDIX ",
    "part": "PART ",
    "subpart": "Subpart ",
    "chapter": "CHAPTER ",
    "subchapter": "SUBCHAPTER ",
}
_XML_MARK = {
    "added-phrase": "ins",
    "addedtext": "ins",
    "ins": "ins",
    "u": "ins",
    "underline": "ins",
    "deleted-phrase": "del",
    "deletedtext": "del",
    "del": "del",
    "s": "del",
    "strike": "del",
}
_XML_ATTRIBUTE_MARK = (
    ("changed", {"added": "ins", "deleted": "del"}),
    ("reported-display-style", {"italic": "ins", "strikethrough": "del"}),
    # Utah: <amend ea="amend"> and <amend ea="erase">
    ("ea", {"amend": "ins", "erase": "del"}),
)
_MARKS = {"ins": INSERTED, "del": STRUCK}


def tidy(text: str) -> str:
    """Plain text with one kind of newline and space, no trailing blanks, at most one empty line, and no empty marks."""
    text = re.sub(r"\r\n?|[\f\v\x1c-\x1e\x85\u2028\u2029]", "\n", text)
    text = re.sub(r"[\u00a0\u2000-\u200a\u202f\u3000]", " ", text)
    text = re.sub("[\u00ad\u200b\u200e\u200f\u2060\ufeff]", "", text)
    for opened, closed in _MARKS.values():
        # Printed lines and adjacent runs cut one insertion into many: join them.
        text = re.sub(rf"{closed}(\s*){opened}", r"\1", text)
        text = re.sub(rf"{opened}(\s*){closed}", r"\1", text)
        text = re.sub(rf"{opened}(\s+)", rf"\1{opened}", text)
        text = re.sub(rf"(\s+){closed}", rf"{closed}\1", text)
    text = re.sub(r"[ \t]+\n", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n ")


class _Writer:
    """Collects words; knows whether a space, a new line or an empty line belongs between two of them."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.lines = 2  # newlines since the last word; at the top none is due
        self.spaced = True
        self.glued = False  # after a label such as "(a)": the block that follows stays on its line

    def words(self, text: str, *, keep_space: bool = False) -> None:
        """Text of the document; runs of white space become one space unless they are kept."""
        if not keep_space:
            text = re.sub(r"[\s\u00a0]+", " ", text)
            if self.spaced or self.lines:
                text = text.lstrip(" ")
        if not text:
            return
        self.parts.append(text)
        if text.strip():
            self.glued = False
            self.lines = len(text) - len(text.rstrip("\n"))
        self.spaced = text[-1].isspace()

    def sign(self, sign: str) -> None:
        """A mark: it takes no room."""
        self.parts.append(sign)

    def label_ended(self) -> None:
        """A space; and what follows stays on this line."""
        self.parts.append(" ")
        self.spaced = self.glued = True

    def line(self) -> None:
        """A new line, unless one was just begun."""
        self._newlines(1)

    def blank(self) -> None:
        """An empty line, unless one was just made."""
        self._newlines(2)

    def forced(self) -> None:
        """One more newline (``<br>``)."""
        self._newlines(min(self.lines + 1, 2))

    def _newlines(self, wanted: int) -> None:
        if not self.glued and self.lines < wanted:
            self.parts.append("\n" * (wanted - self.lines))
            self.lines, self.spaced = wanted, True

    def text(self) -> str:
        return tidy("".join(self.parts))


def _name(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


# ---------------------------------------------------------------------------------------------------------------------


def html_text(markup: str) -> str:
    """The words of an HTML page without its scripts, styles and navigation.

    Raises:
        ValueError: nothing that a parser would take.
    """
    # A declared encoding no longer applies: the text is decoded.
    markup = re.sub(r"^\s*<\?xml[^>]*\?>", "", markup)
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    root = html.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
        raise ValueError("elements nested more than 2,048 deep")  # the parser drops what comes after
    whole = _page_text(root)
    # The main part of a page, if it says which that is and holds most of the words.
    for element in root.xpath("//main | //*[@role='main'] | //*[@id='content']"):
        main = _page_text(element)
        if len(main) > 200 and 2 * len(main) > len(whole):
            return main
    return whole


def _page_text(root: etree._Element) -> str:
    writer = _Writer()
    _walk(root, writer, _open_html, _close_html)
    return writer.text()


def _html_mark(element: etree._Element, name: str) -> str | None:
    if name in _HTML_MARK:
        return _HTML_MARK[name]
    if name == "a":  # links are underlined for another reason
        return None
    classes = set((element.get("class") or "").lower().split())
    if classes & _STRUCK_CLASS:
        return "del"
    if classes & _INSERTED_CLASS:
        return "ins"
    if match := _STYLE.search((element.get("style") or "").lower()):
        return "ins" if match[1] == "underline" else "del"
    return None


def _open_html(element: etree._Element, writer: _Writer, state: _State) -> bool:
    name = _name(element)
    classes = set((element.get("class") or "").lower().split())
    style = (element.get("style") or "").lower()
    if (
        name in _HTML_DROP
        or classes & _HTML_DROP_CLASS
        or element.get("role") in ("navigation", "banner", "contentinfo", "search")
    ):
        return False
    # Some drafters hide struck words behind asterisks: they are words of the bill all the same.
    if not state.marks and _HIDDEN.search(style):
        return False
    # Iowa prints its lines as words placed on the page, each with a link that bears page and line.
    if name == "a" and _LINE_NUMBER.fullmatch(element.get("name") or "") and (element.text or "").isdigit():
        return False
    if name == "br":
        writer.forced()
    elif name in ("td", "th"):
        writer.words(" ")
    elif name in _HTML_LINE or _PLACED.search(style):
        writer.line()
    elif name not in _HTML_INLINE:
        writer.blank()
    if name in ("pre", "xmp") or "white-space: pre" in style:
        state.keep_space.append(element)
    if mark := _html_mark(element, name):
        state.begin(element, mark, writer)
    return True


def _close_html(element: etree._Element, writer: _Writer, state: _State) -> None:
    name = _name(element)
    state.end(element, writer)
    if name in ("td", "th"):
        writer.words(" ")
    elif name in _HTML_LINE:
        writer.line()
    elif name not in _HTML_INLINE and name != "br":
        writer.blank()


# ---------------------------------------------------------------------------------------------------------------------


def xml_text(markup: str) -> tuple[str, str]:
    """The words of an XML document (BILLS, USLM, a state's own) and a note if it was broken.

    Raises:
        RefusedXml: it declares entities, which no bill needs and an attack does.
        ValueError: nothing that a parser would take.
    """
    if re.search(r"<!ENTITY\s", markup, re.IGNORECASE):
        raise RefusedXml("XML that declares entities is refused: expanding them can fill the memory")
    body = re.sub(r"^\s*<\?xml[^>]*\?>", "", markup).encode("utf-8", "replace")
    options = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": True, "encoding": "utf-8"}
    note = ""
    try:
        root = etree.fromstring(body, etree.XMLParser(**options))
    except etree.XMLSyntaxError as error:
        if "Excessive depth" in str(error):
            raise ValueError("elements nested more than 2,048 deep") from error  # the parser drops what comes after
        note = f"broken XML, read as far as it goes: {str(error).split(', line')[0]}"
        root = etree.fromstring(body, etree.XMLParser(recover=True, **options))
        if root is None:
            raise ValueError(str(error)) from error
    writer = _Writer()
    _walk(root, writer, _open_xml, _close_xml)
    return writer.text(), note


def _xml_mark(element: etree._Element, name: str) -> str | None:
    for attribute, marks in _XML_ATTRIBUTE_MARK:
        if mark := marks.get(element.get(attribute, "")):
            return mark
    return _XML_MARK.get(name)


def _open_xml(element: etree._Element, writer: _Writer, state: _State) -> bool:
    name = _name(element)
    if name in _XML_DROP or element.get("display") == "no":
        return False
    parent = element.getparent()
    if name not in _XML_INLINE:  # after a label, a block stays on the label's line: "(a) In general.—The Secretary"
        writer.blank()
    if mark := _xml_mark(element, name):
        state.begin(element, mark, writer)
    if name == "quote":
        writer.words("\u201c", keep_space=True)
    elif name == "quoted-block":
        writer.words("\u201c", keep_space=True)
        writer.glued = True
    elif name == "enum" and parent is not None and (before := _XML_PREFIX.get(_name(parent))):
        # What GPO's stylesheet prints before the bare number.
        quoted_code = any(block.get("style") == "USC" for block in parent.iterancestors("quoted-block"))
        writer.words("\u00a7 " if quoted_code and before == "SEC. " else before, keep_space=True)
    elif name == "num" and parent is not None and _name(parent) == "section" and (element.text or "").strip().isdigit():
        writer.words("Sec. ", keep_space=True)  # DC keeps the bare number too
    return True


def _close_xml(element: etree._Element, writer: _Writer, state: _State) -> None:
    name = _name(element)
    parent = element.getparent()
    if name == "quote":
        writer.words("\u201d", keep_space=True)
    elif name == "quoted-block":
        writer.glued = False
        writer.words("\u201d", keep_space=True)
        # GPO puts what follows a quoted block (the period of the sentence around it) on its last line.
        writer.glued = any(_name(child) == "after-quoted-block" for child in element)
    state.end(element, writer)
    if name == "enum" and parent is not None and _XML_PREFIX.get(_name(parent), "SEC. ") != "SEC. ":
        writer.words("\u2014", keep_space=True)
        writer.spaced = writer.glued = True
    elif name in _XML_LABEL:
        writer.label_ended()
    elif (
        name == "header"
        and parent is not None
        and _name(parent) not in _XML_PREFIX
        and any(_name(c) == "enum" for c in parent)
    ):
        writer.words(".\u2014", keep_space=True)
        writer.spaced = writer.glued = True
    elif name not in _XML_INLINE:
        writer.blank()


# ---------------------------------------------------------------------------------------------------------------------


class _State:
    """What the walk is inside of: marks and preformatted blocks, by the element that opened each."""

    def __init__(self) -> None:
        self.marks: list[tuple[etree._Element, str]] = []
        self.keep_space: list[etree._Element] = []

    def begin(self, element: etree._Element, mark: str, writer: _Writer) -> None:
        if mark not in (kind for _, kind in self.marks):  # an insertion within an insertion is one
            writer.sign(_MARKS[mark][0])
            self.marks.append((element, mark))

    def end(self, element: etree._Element, writer: _Writer) -> None:
        if self.marks and self.marks[-1][0] is element:
            writer.sign(_MARKS[self.marks.pop()[1]][1])
        if self.keep_space and self.keep_space[-1] is element:
            self.keep_space.pop()


def _walk(
    root: etree._Element,
    writer: _Writer,
    opened: Callable[[etree._Element, _Writer, _State], bool],
    closed: Callable[[etree._Element, _Writer, _State], None],
) -> None:
    """Depth first without recursion: Word nests a thousand fonts."""
    state = _State()
    walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    skipped: etree._Element | None = None
    for event, element in walk:
        if event == "start":
            if opened(element, writer, state):
                if element.text:
                    writer.words(element.text, keep_space=bool(state.keep_space))
            else:
                skipped = element
                walk.skip_subtree()
            continue
        if event == "end":
            if element is skipped:
                skipped = None
            else:
                closed(element, writer, state)
        if element.tail and element is not root:
            writer.words(element.tail, keep_space=bool(state.keep_space))
