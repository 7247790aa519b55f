"""What changed between two versions of a text, section by section, as plain data that a terminal or a page can show.

Sections are matched by their words, not by their numbers, so that a section that moved or was renumbered is not told as struck
and written anew. Within a matched pair the words are compared one by one.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Literal

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from ..records import Record
from ..text import clean, sections

Change = Literal["same", "changed", "added", "removed", "moved"]
Part = Literal["same", "added", "removed"]

_ALIKE = 55.0
"""Least likeness (0 to 100) of two sections that are told as one that changed."""
_MANY_PAIRS = 40_000
_LONG = 6000
"""Tokens of two sections together above which words are compared by the faster algorithm."""
_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
_CONTEXT = 12
"""Unchanged words kept on either side of a change."""


class Run(Record):
    """Words that stayed, came or went."""

    part: Part
    text: str


class SectionChange(Record):
    """What happened to one section. ``runs`` join to the new words (same, added), and to the old ones (same, removed) apart
    from white space."""

    change: Change
    heading: str
    old: str | None = None
    new: str | None = None
    runs: tuple[Run, ...] = ()


class VersionDiff(Record):
    """The difference of two versions, in the order of the newer one; removed sections stand where they were."""

    sections: tuple[SectionChange, ...]
    added_words: int
    removed_words: int

    @property
    def changed(self) -> tuple[SectionChange, ...]:
        """The sections that are not the same."""
        return tuple(section for section in self.sections if section.change not in ("same", "moved"))

    def to_text(self, *, context: int = _CONTEXT) -> str:
        """For a terminal: ``[-removed-]`` and ``{+added+}``, with some words around each change."""
        lines = []
        for section in self.sections:
            if section.change in ("same", "moved"):
                continue
            lines.append(f"{section.change.upper()}: {section.heading}")
            lines.append(
                "  " + "".join(_marked(run, "[-{}-]", "{{+{}+}}") for run in _near(section.runs, context)).strip()
            )
        return "\n".join(lines) if lines else "No words changed."

    def to_html(self, *, context: int = _CONTEXT) -> str:
        """For a page: a list with ``<ins>`` and ``<del>``; every word is escaped, nothing of the source's markup survives."""
        items = []
        for section in self.sections:
            if section.change in ("same", "moved"):
                continue
            words = "".join(_tagged(run) for run in _near(section.runs, context))
            items.append(f"<li><b>{section.change.title()}: {html.escape(section.heading)}</b><p>{words}</p></li>")
        return f"<ol class='diff'>{''.join(items)}</ol>" if items else "<p>No words changed.</p>"


def compare_versions(old: str, new: str) -> VersionDiff:
    """What changed from one version's plain text to another's."""
    before, after = _sections(old), _sections(new)
    pairs = _matched(before, after)
    partner = {there: here for here, there in pairs.items()}
    found: list[SectionChange] = []
    told = 0
    last_old = -1
    for index, text in enumerate(after):
        if index in partner:
            source = partner[index]
            # What was removed before this section is told before it.
            for gone in range(told, source):
                if gone not in pairs:
                    found.append(_removed(before[gone]))
            told = max(told, source + 1)
            found.append(_paired(before[source], text, moved=source < last_old))
            last_old = max(last_old, source)
        else:
            found.append(
                SectionChange(change="added", heading=_heading(text), new=text, runs=(Run(part="added", text=text),))
            )
    found += [_removed(before[gone]) for gone in range(told, len(before)) if gone not in pairs]
    return VersionDiff(
        sections=tuple(found),
        added_words=sum(_words(run.text) for section in found for run in section.runs if run.part == "added"),
        removed_words=sum(_words(run.text) for section in found for run in section.runs if run.part == "removed"),
    )


def _sections(text: str) -> list[str]:
    cleaned = clean(text)
    found = [cleaned.text[section.start : section.end].strip() for section in sections(cleaned)]
    return [section for section in found if section]


def _matched(before: list[str], after: list[str]) -> dict[int, int]:
    """Old index to new index: equal sections first, then the most alike, each used once."""
    pairs: dict[int, int] = {}
    free: dict[str, list[int]] = {}
    for index, text in enumerate(after):
        free.setdefault(_plain(text), []).append(index)
    for index, text in enumerate(before):
        if places := free.get(_plain(text)):
            pairs[index] = places.pop(0)
    taken = set(pairs.values())
    # In an omnibus of a thousand sections the beginnings must do.
    reach = 4000 if (len(before) - len(pairs)) * (len(after) - len(pairs)) < _MANY_PAIRS else 500
    scores = []
    for here, old in enumerate(before):
        if here in pairs:
            continue
        for there, new in enumerate(after):
            if there not in taken and (score := fuzz.ratio(old[:reach], new[:reach], score_cutoff=_ALIKE)):
                scores.append((score, -abs(here - there), here, there))
    for _, _, here, there in sorted(scores, reverse=True):
        if here not in pairs and there not in taken:
            pairs[here] = there
            taken.add(there)
    return pairs


def _paired(old: str, new: str, *, moved: bool) -> SectionChange:
    if _plain(old) == _plain(new):
        change: Change = "moved" if moved else "same"
        return SectionChange(change=change, heading=_heading(new), old=old, new=new, runs=(Run(part="same", text=new),))
    return SectionChange(change="changed", heading=_heading(new), old=old, new=new, runs=tuple(_runs(old, new)))


def _removed(text: str) -> SectionChange:
    return SectionChange(change="removed", heading=_heading(text), old=text, runs=(Run(part="removed", text=text),))


def _runs(old: str, new: str) -> Iterable[Run]:
    """Word runs; white space that alone differs is no change."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    matcher = SequenceMatcher(
        None, [_blank(token) for token in before], [_blank(token) for token in after], autojunk=False
    )
    for kind, low, high, start, end in matcher.get_opcodes():
        if kind == "equal":
            yield Run(part="same", text="".join(after[start:end]))
            continue
        if high > low:
            yield Run(part="removed", text="".join(before[low:high]))
        if end > start:
            yield Run(part="added", text="".join(after[start:end]))


def _opcodes(before: list[str], after: list[str]) -> Iterable[tuple[str, int, int, int, int]]:
    """difflib reads best, but its time grows with the square; long sections go to rapidfuzz."""
    if len(before) + len(after) <= _LONG:
        return SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return ((op.tag, op.src_start, op.src_end, op.dest_start, op.dest_end) for op in Indel.opcodes(before, after))


def _blank(token: str) -> str:
    return " " if token.isspace() else token


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _words(text: str) -> int:
    return len(re.findall(r"\w+", text))


def _heading(text: str) -> str:
    line = " ".join(text.split("\n", 1)[0].split())
    return line if len(line) <= 90 else f"{line[:87]}..."


def _near(runs: Iterable[Run], context: int) -> Iterable[Run]:
    """The runs with long unchanged stretches cut to some words on either side."""
    all_runs = list(runs)
    for place, run in enumerate(all_runs):
        words = run.text.split()
        if run.part != "same" or len(words) <= 2 * context + 1:
            yield run
            continue
        head = " ".join(words[:context]) if place else ""
        tail = " ".join(words[-context:]) if place < len(all_runs) - 1 else ""
        yield Run(part="same", text=f"{head} ... {tail} ")


def _marked(run: Run, removed: str, added: str) -> str:
    """A run between marks; the white space around it stays outside them."""
    text = " ".join(run.text.split("\n"))
    if run.part == "same" or not text.strip():
        return text
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}{(removed if run.part == 'removed' else added).format(text.strip())}{after}"


def _tagged(run: Run) -> str:
    text = html.escape(run.text)
    name = {"same": "", "added": "ins", "removed": "del"}[run.part]
    return f"<{name}>{text}</{name}>" if name else text
