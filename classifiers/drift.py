"""What changed between two models: measure by measure, and in sum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from freedom_policy.records import Classification, Record

_LISTED = 50


class Change(Record):
    """One measure that two models see differently."""

    measure: str
    what: tuple[str, ...]
    """``now tracked``, ``no longer tracked``, ``core -> partial``, ``+goal buyer_deterrence``, ``-provision civil_action``..."""
    score_before: float
    score_after: float


class Drift(Record):
    """The difference between two models on the same measures."""

    before: str
    after: str
    measures: int
    changed: int
    counts: dict[str, int]
    """How often each kind of change happened, most frequent first."""
    changes: tuple[Change, ...]
    """The measures, those with the greatest move in score first; at most fifty."""

    def to_text(self) -> str:
        """Plain text."""
        lines = [f"{self.before} -> {self.after}: {self.changed:,} of {self.measures:,} measures changed."]
        lines += [f"  {count:>5,}  {what}" for what, count in self.counts.items()]
        lines += [
            f"{c.measure} ({c.score_before:.2f} -> {c.score_after:.2f}): {'; '.join(c.what)}" for c in self.changes
        ]
        return "\n".join(lines)


def drift(pairs: Iterable[tuple[str, Classification, Classification]]) -> Drift:
    """Compare what two models said: (measure key, before, after) for each measure. Old tags are not touched by this."""
    changes: list[Change] = []
    counts: Counter[str] = Counter()
    versions: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    measures = 0
    for key, before, after in pairs:
        measures += 1
        versions[0][before.model] += 1
        versions[1][after.model] += 1
        if what := _differences(before, after):
            counts.update(what)
            changes.append(Change(measure=key, what=what, score_before=before.score, score_after=after.score))
    changes.sort(key=lambda c: (-abs(c.score_after - c.score_before), c.measure))
    names = [", ".join(sorted(seen)) or "nothing" for seen in versions]
    return Drift(
        before=names[0],
        after=names[1],
        measures=measures,
        changed=len(changes),
        counts=dict(counts.most_common()),
        changes=tuple(changes[:_LISTED]),
    )


def _differences(before: Classification, after: Classification) -> tuple[str, ...]:
    found = []
    if before.tracked != after.tracked:
        found.append("now tracked" if after.tracked else "no longer tracked")
    elif before.relevance != after.relevance:
        found.append(f"{before.relevance} -> {after.relevance}")
    named = (
        ("goal", before.goals, after.goals),
        ("area", before.areas, after.areas),
        ("provision", [p.type for p in before.provisions], [p.type for p in after.provisions]),
    )
    for kind, old, new in named:
        found += [f"+{kind} {name}" for name in new if name not in old]
        found += [f"-{kind} {name}" for name in old if name not in new]
    if before.direction != after.direction:
        found.append(f"direction {before.direction} -> {after.direction}")
    return tuple(found)
