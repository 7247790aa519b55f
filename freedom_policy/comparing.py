"""Two text versions of a measure side by side: what changed by section, and which tags came and went with it."""

from __future__ import annotations

import datetime as dt
import html
import re
import textwrap
from collections.abc import Callable, Sequence

from . import codebook
from .errors import BadInput
from .monitoring.versions import VersionDiff, compare_versions
from .records import Classification, Record, TextVersion


class Comparison(Record):
    """The difference of two versions, and of the machine's tags on them."""

    key: str
    old: str
    """Label and date of the older version."""
    new: str
    diff: VersionDiff
    came: tuple[str, ...] = ()
    """Provision types that only the newer version shows."""
    went: tuple[str, ...] = ()

    def to_text(self, *, width: int = 90, color: bool = False) -> str:
        """For the terminal: struck words as ``[-...-]``, new ones as ``{+...+}``; marks, not colour, tell them apart."""
        text = f"{self.key}: {self.old} -> {self.new}\n{self._tags()}\n\n{self.diff.to_text()}"
        return "\n".join(_wrapped(line, max(width, 20)) for line in text.splitlines())

    def to_html(self) -> str:
        """One self-contained page; struck words in ``<del>``, new ones in ``<ins>``."""
        title, tags = html.escape(f"{self.key}: {self.old} -> {self.new}"), html.escape(self._tags())
        return (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1"><style>:root{color-scheme:light dark}'
            "body{font:1rem/1.6 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}</style></head>"
            f"<body><main><h1>{title}</h1><p>{tags}</p>{self.diff.to_html()}</main></body></html>\n"
        )

    def to_json(self) -> str:
        """The comparison as data."""
        return self.model_dump_json(indent=2)

    def to_markdown(self) -> str:
        """The terminal's text in a block, so that its marks stay as they are."""
        return f"# {self.key}: {self.old} → {self.new}\n\n{self._tags()}\n\n```text\n{self.diff.to_text()}\n```\n"

    def _tags(self) -> str:
        known = codebook.load().provisions
        words = {
            name: ", ".join(known[key].name if key in known else key for key in keys)
            for name, keys in (("came", self.came), ("went", self.went))
        }
        if not self.came and not self.went:
            return "The machine's tags are the same on both (not reviewed)."
        return (
            "Machine's tags, not reviewed: " + "; ".join(f"{name} {text}" for name, text in words.items() if text) + "."
        )


def _wrapped(line: str, width: int) -> str:
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.fill(line, width, subsequent_indent=indent)


def compare(
    key: str, versions: Sequence[TextVersion], old: str, new: str, classify: Callable[[str], Classification]
) -> Comparison:
    """Compare two versions of a measure.

    Args:
        versions: those of the measure, with their words; they are numbered as :func:`in_order` puts them.
        old, new: which ones: the label as the source prints it, or the number from 1.
        classify: tags a text.

    Raises:
        BadInput: no such version, or one without words; the message lists what there is.
    """
    versions = in_order(versions)
    first, second = _pick(key, versions, old), _pick(key, versions, new)
    before, after = classify(first.text or ""), classify(second.text or "")
    had, has = ({provision.type for provision in tags.provisions} for tags in (before, after))
    return Comparison(
        key=key,
        old=_label(first),
        new=_label(second),
        diff=compare_versions(first.text or "", second.text or ""),
        came=tuple(sorted(has - had)),
        went=tuple(sorted(had - has)),
    )


_STEPS = tuple(
    re.compile(words, re.IGNORECASE)
    for words in (
        r"prefiled|draft",
        r"introduced|\bfiled\b|first reading",
        r"reported|committee|substitute|calendar",
        r"engrossed|\bpassed\b",
        r"received|referred (?:in|to) ",
        r"engrossed amendment|conference",
        r"enrolled|to (?:the )?(?:governor|president|mayor)|as finally passed",
        r"\blaw\b|chapter|session laws?|signed|enacted",
    )
)
"""How far a measure had come when it was printed so, earliest first; a label that fits several is the furthest of them."""


def in_order(versions: Sequence[TextVersion]) -> tuple[TextVersion, ...]:
    """Versions as the lawmakers made them: by date, then by the step that the label names, then as the source gave them.

    Some sources give no date to some versions (an enrolled bill), and some the newest first. An undated one goes before those
    of a later step; one whose label names no step stays behind its neighbour.
    """
    steps = {id(version): _step(version.note) for version in versions}
    found = sorted(
        (version for version in versions if version.date),
        key=lambda version: (version.date or dt.date.min, steps[id(version)] or 0),
    )
    undated = [
        (version, before) for version, before in zip(versions, (None, *versions), strict=False) if not version.date
    ]
    for version, before in sorted(undated, key=lambda pair: steps[id(pair[0])] or 0):
        step = steps[id(version)]
        if step is None:
            place = next(
                (n + 1 for n, other in enumerate(found) if other is before), 0 if before is None else len(found)
            )
        else:
            place = next((n for n, other in enumerate(found) if (steps[id(other)] or 0) > step), len(found))
        found.insert(place, version)
    return tuple(found)


def _step(note: str) -> int | None:
    return max((number for number, words in enumerate(_STEPS) if words.search(note)), default=None)


def _label(version: TextVersion) -> str:
    return f"{version.note} ({version.date})" if version.date else version.note


def _pick(key: str, versions: Sequence[TextVersion], wanted: str) -> TextVersion:
    listed = "; ".join(f"{n} {_label(v)}{'' if v.text else ', without words'}" for n, v in enumerate(versions, 1))
    if not versions:
        raise BadInput(f"{key} has no text version in the store. Collect its source with texts first.")
    matches = [version for version in versions if version.note.lower() == wanted.strip().lower()]
    if wanted.strip().isdigit() and 1 <= int(wanted) <= len(versions):
        matches = [versions[int(wanted) - 1]]
    if not matches:
        raise BadInput(f"{key} has no version {wanted!r}. It has: {listed}.")
    if not matches[-1].text:
        raise BadInput(f"Version {wanted!r} of {key} came without words. It has: {listed}.")
    return matches[-1]
