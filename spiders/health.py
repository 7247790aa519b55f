"""Is a crawl well? Verdict, field coverage and counts against the registry and the source's own history. Pure, no I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from pydantic import BaseModel, ConfigDict

from freedom_policy.records import Measure, Problem, Verdict

HISTORY = "health"
"""Key in the crawl state under which counts and coverage of earlier runs are kept."""

_ENOUGH = 20
"""With fewer measures than this a share says little."""
_KEPT = 5
_LESS = 0.8
"""A listing under this share of the usual count is suspicious."""
_FADED = 0.5
"""A field filled in less than this share of its usual share has gone empty."""


def filled(measure: Measure) -> set[str]:
    """Names of what is filled in a measure: its fields, and ``action_text``, ``action_date``, ``text``."""
    names = {
        name
        for name in (
            "title",
            "kind",
            "abstracts",
            "subjects",
            "sponsors",
            "committees",
            "actions",
            "versions",
            "documents",
            "introduced",
            "source_status",
        )
        if getattr(measure, name)
    }
    # True of no actions too: whether there are any is another question.
    if all(action.description for action in measure.actions):
        names.add("action_text")
    if all(action.date for action in measure.actions):
        names.add("action_date")
    if any(version.text for version in measure.versions):
        names.add("text")
    return names


class Coverage:
    """Counts over a run how often each field was filled."""

    def __init__(self) -> None:
        self.measures = 0
        self._filled: Counter[str] = Counter()

    def add(self, measure: Measure, unread: Sequence[str] = ()) -> None:
        """Count one measure; what could not be read is no sign of a field gone empty."""
        if unread:
            return
        self.measures += 1
        self._filled.update(filled(measure))

    def shares(self) -> dict[str, float]:
        """Share of measures with each field filled, 0 to 1; empty with no measures."""
        return {name: round(count / self.measures, 3) for name, count in self._filled.items()} if self.measures else {}


class History(BaseModel):
    """What earlier healthy runs of this scope showed; lives in the crawl state."""

    model_config = ConfigDict(extra="ignore")

    counts: list[int] = []
    coverage: dict[str, float] = {}

    @classmethod
    def read(cls, state: Mapping[str, Any]) -> History:
        """From the crawl state; an unreadable entry is no history."""
        try:
            return cls.model_validate(state.get(HISTORY) or {})
        except ValueError:
            return cls()

    def after(self, listed: int | None, coverage: Coverage) -> History:
        """The history with this run in it. ``listed``: measures in a whole listing, None if it was a part."""
        shares = dict(self.coverage)
        if coverage.measures >= _ENOUGH:
            now = coverage.shares()
            for name in {*now, *shares}:
                shares[name] = round((shares[name] + now.get(name, 0.0)) / 2 if name in shares else now[name], 3)
        counts = [*self.counts, listed][-_KEPT:] if listed is not None else self.counts
        return History(counts=counts, coverage=shares)


def count_problems(listed: int, history: History, *, at_least: int, at_most: int | None) -> list[Problem]:
    """Too few, too many, fewer than usual. ``listed``: measures in the listing of a whole scope."""
    usual = median(history.counts) if history.counts else None
    if listed < at_least:
        known = f"last time {history.counts[-1]:,}" if history.counts else f"at least {at_least:,} are expected"
        what = "The source listed no measures" if not listed else f"The source listed {listed:,} measures only"
        return [
            Problem(
                what=f"{what}; {known}.", mend="Look at its site; if that is right, lower at_least in the registry."
            )
        ]
    if usual and listed < usual * _LESS:
        return [
            Problem(
                what=f"The source listed {listed:,} measures; {int(usual):,} are usual.",
                mend="Look at its site. If the lower count is right, it is accepted after three runs.",
            )
        ]
    if at_most is not None and listed > at_most:
        return [
            Problem(
                what=f"The source listed {listed:,} measures; more than {at_most:,} are not plausible.",
                mend="Raise at_most in the registry if they are.",
            )
        ]
    return []


def coverage_problems(
    coverage: Coverage, history: History, expect: Mapping[str, float], *, whole: bool
) -> list[Problem]:
    """Fields that went empty, against the registry's shares and the source's own history.

    Args:
        whole: the run read most of its scope. If it read only what is new or changed, the history says nothing: new bills
            have no summaries yet, and that is no fault.
    """
    if coverage.measures < _ENOUGH:
        return []
    now, found = coverage.shares(), []
    for name in sorted({*expect, *(history.coverage if whole else ())}):
        share, usual = now.get(name, 0.0), history.coverage.get(name, 0.0)
        faded = whole and usual >= 0.2 and share < usual * _FADED
        if share < expect.get(name, 0.0) or faded:
            wanted = f"usually {usual:.0%}" if faded else f"at least {expect[name]:.0%} are expected"
            found.append(
                Problem(
                    what=f"Field {name} is filled in {share:.0%} of {coverage.measures:,} measures; {wanted}.",
                    mend="The source may have changed its form. What was read is kept and is read again next time.",
                )
            )
    return found


def verdict(
    *,
    blocked: bool,
    broken: bool,
    lost: int,
    unhealthy: bool,
    interrupted: bool,
    looked_at: int,
    empty_is_normal: bool,
) -> Verdict:
    """One word for a run.

    Args:
        blocked: the source refused us.
        broken: a listing could not be read to its end, or the crawl stopped on an error.
        lost: measures, pages or parts of measures that could not be read.
        unhealthy: counts or fields are not as they should be.
        interrupted: stopped by us before the end.
        looked_at: measures found or seen unchanged.
        empty_is_normal: nothing to find is a possible truth here (a query, a recent day, a staged session).
    """
    if blocked:
        return "blocked"
    if broken and not looked_at:
        return "failed"
    if broken or lost or interrupted:
        return "partial" if looked_at else "failed"
    if not looked_at:
        return "empty_as_expected" if empty_is_normal else "failed"
    return "partial" if unhealthy else "complete"
