"""Bill text without line numbers, page headers, tags and web furniture; every kept character knows where it came from.

What the format shows about change is kept as marks: :mod:`.extract` writes inserted words between ⦃ and ⦄ and struck words
between ⦅ and ⦆; Minnesota's plain text says it in words (``new text begin``). Nothing is reworded.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from operator import methodcaller

from ..records import ReadStatus

INSERTED_OPEN, INSERTED_CLOSE = "\u2983", "\u2984"
STRUCK_OPEN, STRUCK_CLOSE = "\u2985", "\u2986"

READ_FOR_STATUS = 20_000
"""How much of a text :func:`read_status` looks at, in characters."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Clean words with a map back: ``original[slice(*cleaned.original(start, end))]`` holds the words of a clean span."""

    text: str
    starts: tuple[int, ...]
    """Where each run of kept characters begins in ``text``, ascending; the first is 0."""
    offsets: tuple[int, ...]
    """Where the same run begins in the original."""
    inserted: tuple[Span, ...] = ()
    """Clean spans that the format shows as new words."""
    struck: tuple[Span, ...] = ()
    """Clean spans that the format shows as struck words."""

    def original(self, start: int, end: int) -> Span:
        """The span in the original that covers the clean span ``[start, end)``, in code points."""
        if not self.starts:
            return 0, 0
        if end <= start:
            place = self._place(start)
            return place, place
        return self._place(start), self._place(end - 1) + 1

    def _place(self, position: int) -> int:
        run = max(bisect_right(self.starts, position) - 1, 0)
        return self.offsets[run] + position - self.starts[run]


# Lines that belong to the page or the web site, not to the measure.
_FURNITURE = re.compile(
    r"\d{1,4}"  # a page or line number alone; "1." and "(1)" are enumerations and stay
    r"|[-–—\s]*\d{1,4}\s*[-–—]+"
    r"|[-–—\s]*page\s+\d+(?:\s+of\s+\d+)?[-–—\s]*"
    r"|\d+\s*\|\s*page"
    r"|(?:un)?official\s+copy\b.{0,60}"
    r"|x{3,}\s+\d.{0,60}jacketed"
    r"|\[?\s*(?:remainder of )?page intentionally (?:left )?blank\s*\]?"
    r"|text/(?:xml|html)|EN"
    r"|pursuant to title 17 section 105 of the united states code.{0,120}"
    r"|skip to (?:main )?content|print this page|back to top|share this page.{0,20}"
    r"|(?:deletions|additions|new language|matter|words?|material)\b.{0,60}"
    r"\b(?:underlin|struck|strik|bracket|boldface|italic).{0,120}",
    re.IGNORECASE,
)
_LINE_NUMBER = re.compile(r"\s{0,12}(\d{1,3})(?:[ \t]+|$)")
_HTML = re.compile(r"<(?:html|body|head|script|style|div|p|br|span|table|td|pre|font)\b[^<>]{0,300}>", re.IGNORECASE)
_TAGS = r"<(?P<raw>script|style)\b.*?</(?P=raw)\s*>|<!--.*?-->|<[a-zA-Z/!?][^<>]{0,2000}>"
_ENCLOSING = tuple(
    (re.compile(opening, re.IGNORECASE), re.compile(closing, re.IGNORECASE))
    for opening, closing in (("<!--", "-->"), ("<script", r"</script\s*>"), ("<style", r"</style\s*>"))
)
_MARK_CHARS = INSERTED_OPEN + INSERTED_CLOSE + STRUCK_OPEN + STRUCK_CLOSE
_MARK_WORDS = r"(?:new|deleted) text (?:begin|end)"
# Words that a page's markup tore apart ("H\numan trafficking", "definition\ns of").
_TORN = r"\n(?:(?<=\n[B-HJ-Zb-z]\n)(?=[a-z]{2})|(?=s\n[a-z]))"
_OTHER_SPACES = "\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u202f\ufeff"
_DROP_TORN = re.compile(_TORN)
_DROP_SPACES = re.compile("  +")
_SPAN = methodcaller("span")
_DROP_MARKS = re.compile(f"[{_MARK_CHARS}]")
_DROP_MARK_WORDS = re.compile(" text (?:begin|end)")
_DROP_HTML = re.compile(
    f"{_TAGS}|&(?:nbsp|#160);|[{_MARK_CHARS}]|{_MARK_WORDS}|{_TORN}|[ {_OTHER_SPACES}]{{2,}}", re.DOTALL | re.IGNORECASE
)
# A hyphen at a line's end belongs to the word after these beginnings, and to the typesetter after others.
_COMPOUND = re.compile(
    r"\b(?:anti|non|self|sex|labou?r|human|child|victim|trauma|multi|inter|co|post|pre|re|cross|state|third|well|long|short)$",
    re.IGNORECASE,
)
_AS_SPACE = " &<" + _OTHER_SPACES
_OPENING = {
    INSERTED_OPEN: "inserted",
    "new text begin": "inserted",
    STRUCK_OPEN: "struck",
    "deleted text begin": "struck",
}
_CLOSING = {
    INSERTED_CLOSE: "inserted",
    "new text end": "inserted",
    STRUCK_CLOSE: "struck",
    "deleted text end": "struck",
}


_NO_MORE = (sys.maxsize, sys.maxsize, "")


def clean(text: str) -> Cleaned:
    """Drop what is not the measure's own words and keep a map to the original.

    Never fails: any string gives a result, in time linear in its length.
    """
    lines = text.splitlines(keepends=True)
    bodies = list(map(str.strip, lines))
    numbered = _numbered(text)
    headers = _running_headers(bodies)
    builder = _Builder(text)
    dropping = iter(_dropped(text))
    next_drop = next(dropping, _NO_MORE)
    position = broken_at = dropped_to = 0
    pending = ""
    """What stands between the last line and the next: a line break, a typesetter's hyphen, nothing."""
    for line, body in zip(lines, bodies, strict=True):
        start = position
        position = end = start + len(line)
        if not body:
            continue
        if body in headers:
            if headers[body]:
                continue
            headers[body] = True
        content = start
        if numbered and (number := _LINE_NUMBER.match(line)):
            content += number.end()
            body = line[number.end() :].strip()
        if not body or _FURNITURE.fullmatch(body):
            continue
        if dropped_to >= end:
            continue  # inside a script or comment that began on an earlier line
        content = max(content, dropped_to)
        # Leading blanks go; what is dropped within the line goes; the line break stays as one character.
        if text[content].isspace():
            content = end - len(text[content:end].lstrip())
        stop = start + len(line.rstrip())
        while next_drop[1] <= content:
            builder.mark(next_drop[2])
            next_drop = next(dropping, _NO_MORE)
        if pending == "-" and text[content : content + 1].islower() and builder.hyphenated:
            builder.unhyphen()
        elif pending:
            builder.newline(broken_at)
        pending = "\n"
        while next_drop[0] < end:
            left, right, what = next_drop
            builder.keep(content, left if left < stop else stop)
            if what == "\n":
                pending = ""
            elif what[0] in _AS_SPACE:
                builder.space(left)
            else:
                builder.mark(what)
            content = dropped_to = right if right > content else content
            next_drop = next(dropping, _NO_MORE)
        builder.keep(content, stop)
        broken_at = stop
        if pending and text[stop - 1] == "-" and not _COMPOUND.search(text, max(start, stop - 12), stop - 1):
            pending = "-"
    return builder.done()


def read_status(text: str) -> ReadStatus:
    """Whether a person could read it: ``ok``, ``empty``, ``unreadable`` (binary, garbled) or ``not_english``.

    Judged on the first :data:`READ_FOR_STATUS` characters. Short texts are given the benefit of the doubt.
    """
    sample = text[:READ_FOR_STATUS]
    visible = len(sample) - sample.count(" ") - sample.count("\n")
    if visible == 0 or not sample.strip():
        return "empty"
    words = _words(sample.lower())
    times = Counter(words)
    letters = sum(len(word) * count for word, count in times.items())
    # All that words hold are letters, but for a few numerals such as "½".
    if not sample.isascii():
        letters -= sum(times[word] * (len(word) - sum(map(str.isalpha, word))) for word in times if not word.isalpha())
    bad = _control_characters(sample)
    if bad > 0.05 * visible or (visible > 200 and letters < 0.4 * visible):
        return "unreadable"
    if len(words) < 30:
        if visible >= 40 and letters > 20 and sum(map(str.isascii, sample)) < 0.5 * len(sample):
            return "not_english"
        # Places have foreign names ("Contra Costa"), so a title needs two words that make sentences, and none of ours.
        if len(times.keys() & _SENTENCE) > 1 and not times.keys() & _COMMON_IN_TITLES:
            return "not_english"
        return "ok"
    if sum(count for word, count in times.items() if len(word) > 30) > 0.1 * len(words):
        return "unreadable"
    common = sum(times[word] for word in times.keys() & _COMMON)
    foreign = sum(times[word] for word in times.keys() & _FOREIGN)
    if foreign > common and foreign > 0.08 * len(words):
        return "not_english"
    if common < 0.06 * len(words) and len(words) > 60:
        return "not_english" if sum(map(str.isascii, sample)) < 0.7 * len(sample) or foreign else "unreadable"
    return "ok"


_CONTROL = bytes([*range(0x09), *range(0x0E, 0x20), *range(0x7F, 0xA0)])
_WORD = re.compile(r"[^\W\d_]+")
_FEW_STRANGE = 80
_BETWEEN_WORDS = bytes(code if code < 128 and chr(code).isalpha() else 32 for code in range(256))
_COMMON_WORDS = (
    "the of and to a in for or that by be as is on with any this shall an at from which such not section act state may it "
    "person under are law bill relating code resolution city council amend"
)
_FOREIGN_WORDS = (
    "de la el los las del que y en un una por con para se al lo le les des du et dans est pour une sur au aux qui der die das "
    "und den von mit ist im zu nicht il di che e della per"
)
_COMMON = frozenset(_COMMON_WORDS.split())
_FOREIGN = frozenset(_FOREIGN_WORDS.split())
_SENTENCE = frozenset("ley para por una con que contra sobre pour dans loi gesetz gegen und für".split())  # noqa: SIM905
_COMMON_IN_TITLES = _COMMON - {"a", "in", "as", "on"}  # these are words elsewhere too


def _control_characters(text: str) -> int:
    # U+FFFD stands for section signs in some cities' text, so a few of them are normal.
    narrow = text.encode("latin-1", "replace")
    return len(narrow) - len(narrow.translate(None, _CONTROL)) + text.count("\ufffd")


_ASCII = bytes(range(128))


def _strange(text: str) -> set[str]:
    """The characters of a text that are not in ASCII."""
    if text.isascii():
        return set()
    return set(text.encode("utf-8", "surrogatepass").translate(None, _ASCII).decode("utf-8", "surrogatepass"))


def _words(text: str) -> list[str]:
    """Runs of letters of a lower-case text, each letter beyond ASCII written as "A": they are only counted."""
    strange = _strange(text)
    if len(strange) <= _FEW_STRANGE:
        for char in strange:
            if char.isalpha() or not char.isalnum():
                text = text.replace(char, "A" if char.isalpha() else " ")
    # Many times as fast as the expression, and the same in ASCII.
    if text.isascii():
        return text.encode("ascii").translate(_BETWEEN_WORDS).decode("ascii").split()
    return _WORD.findall(text)


def _dropped(text: str) -> list[tuple[int, int, str]]:
    """What goes from within lines, in order: start, end, the words (of blanks the first)."""
    if _HTML.search(text):
        closed = _only_closed(text)
        return [
            (match.start(), match.end(), text[match.start() : match.end()]) for match in _DROP_HTML.finditer(closed)
        ]
    # One search for each kind that is there takes a fraction of the time of one search for all.
    strange = _strange(text)
    found = [(match.start(), match.end(), "\n") for match in _DROP_TORN.finditer(text)]
    if not strange.isdisjoint(_MARK_CHARS):
        found += [(match.start(), match.end(), match.group()) for match in _DROP_MARKS.finditer(text)]
    if " text begin" in text or " text end" in text:
        last = 0
        for start, end in map(_SPAN, _DROP_MARK_WORDS.finditer(text)):
            if text.endswith("new", last, start):
                start -= len("new")
            elif text.endswith("deleted", last, start):
                start -= len("deleted")
            else:
                continue
            last = end
            found.append((start, end, text[start:end]))
    spaced = text.replace("\t", " ")
    for char in strange.intersection(_OTHER_SPACES):
        spaced = spaced.replace(char, " ")
    if "  " in spaced:
        # Blanks that begin a line go anyway; some that do not count as blanks elsewhere (U+200B) do not.
        found += [
            (start, end, text[start])
            for start, end in map(_SPAN, _DROP_SPACES.finditer(spaced))
            if (start and spaced[start - 1] != "\n") or not text[start:end].isspace()
        ]
    return sorted(found)


def _only_closed(text: str) -> str:
    """As long as ``text``; what opens a comment or script that is never closed is no such opening any more.

    Looking from each of a million of them to the end of the text would never end.
    """
    for opening, closing in _ENCLOSING:
        last = max((match.start() for match in closing.finditer(text)), default=-1)
        start = max(last - len(opening.pattern) + 1, 0)
        if opening.search(text, start):
            text = text[:start] + opening.sub(_spoilt, text[start:])
    return text


def _spoilt(match: re.Match[str]) -> str:
    return match.group()[:-1] + "\0"


def _numbered(text: str) -> bool:
    """True if the lines carry line numbers: many lines start with a small number, each often one more than the last."""
    lines = text[:60_000].splitlines()
    numbers = [int(match.group(1)) for line in lines if (match := _LINE_NUMBER.match(line))]
    filled = sum(1 for line in lines if line.strip())
    if len(numbers) < 8 or len(numbers) < 0.25 * filled:
        return False
    steps = sum(b - a in (1, 2) for a, b in pairwise(numbers))
    return steps > 0.6 * (len(numbers) - 1)


def _running_headers(lines: list[str]) -> dict[str, bool]:
    """Short lines with a number in them (``HB257 INTRODUCED``) that return on page after page -> not seen yet."""
    return {
        line: False
        for line, count in Counter(lines).items()
        if count >= 3
        and 5 < len(line) < 70
        and line[0] != "("
        and any(map(str.isdigit, line))
        and sum(map(str.isalpha, line)) >= 2
    }


class _Builder:
    """Collects kept runs of the original."""

    __slots__ = ("_expected", "_last", "_length", "_offsets", "_open", "_original", "_parts", "_spans", "_starts")

    def __init__(self, original: str) -> None:
        self._original = original
        self._parts: list[str] = []
        self._starts: list[int] = []
        self._offsets: list[int] = []
        self._length = 0
        self._expected = -1
        self._open: dict[str, int] = {}
        self._spans: dict[str, list[Span]] = {"inserted": [], "struck": []}
        self._last = "\n"

    def keep(self, start: int, end: int) -> None:
        if end > start:
            piece = self._original[start:end]
            if start != self._expected:
                self._starts.append(self._length)
                self._offsets.append(start)
            self._parts.append(piece)
            self._length += end - start
            self._expected = end
            self._last = piece[-1]

    def space(self, origin: int) -> None:
        if self._last not in " \n":
            self._blank(" ", origin)

    def newline(self, origin: int) -> None:
        if self._last != "\n":
            self._blank("\n", origin)

    @property
    def hyphenated(self) -> bool:
        return self._last == "-"

    def unhyphen(self) -> None:
        """Take back the hyphen at the end of what was kept, so that the word goes on."""
        self._parts[-1] = self._parts[-1][:-1]
        self._length -= 1
        self._expected = -1
        self._last = self._parts[-1][-1:] or "\n"

    def mark(self, what: str) -> None:
        if name := _OPENING.get(what):
            self._open[name] = self._length
        elif (name := _CLOSING.get(what)) and name in self._open:
            start = self._open.pop(name)
            if self._length > start:
                self._spans[name].append((start, self._length))

    def done(self) -> Cleaned:
        return Cleaned(
            "".join(self._parts),
            tuple(self._starts),
            tuple(self._offsets),
            tuple(self._spans["inserted"]),
            tuple(self._spans["struck"]),
        )

    def _blank(self, char: str, origin: int) -> None:
        if origin != self._expected:
            self._starts.append(self._length)
            self._offsets.append(origin)
        self._parts.append(char)
        self._length += 1
        self._expected = origin + 1
        self._last = char
