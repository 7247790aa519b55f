"""Effective dates. First version: dates that the source's actions state; clauses of texts follow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from ..records import Action


class EffectiveAction(NamedTuple):
    """A date that an action states, with the action's place in the sequence given."""

    date: dt.date
    index: int


def effective_from_actions(actions: Sequence[Action]) -> EffectiveAction | None:
    """The latest stated effective date among actions, or None."""
    return None


def effective_from_text(text: str, *, law_date: dt.date | None, jurisdiction: str | None = None) -> None:
    """The effective date that a text gives, or None."""
    return None
