"""Errors that a user can mend. Each names the thing, the value and the fix in one line, and knows its exit code."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class FreedomPolicyError(Exception):
    """Base of the errors that are told in one line, without a traceback."""

    exit_code = 2


class BadInput(FreedomPolicyError, ValueError):
    """Wrong usage or bad input, a missing key or token too (exit code 2)."""

    exit_code = 2


class SourceFailed(FreedomPolicyError):
    """A source was partial, blocked, refused our key, or failed (exit code 3)."""

    exit_code = 3


class StoreUnusable(FreedomPolicyError):
    """The store cannot be opened, read or written (exit code 4)."""

    exit_code = 4


def did_you_mean(value: str, known: Iterable[str]) -> str:
    """A hint with near matches, such as ``Did you mean us-tx?``; else an empty string."""
    words, choices = value.strip().lower(), list(known)
    near = get_close_matches(words, choices, n=3, cutoff=0.6)
    near = near or [choice for choice in choices if len(words) > 3 and words in choice][:3]
    return f"Did you mean {' or '.join(near)}?" if near else ""
