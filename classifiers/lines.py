"""``classify --input``: JSON Lines in, JSON Lines out, one for one, in order."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from freedom_policy.errors import BadInput
from freedom_policy.records import KINDS

from .model import Model

_FIELDS = ("abstract", "text", "jurisdiction", "kind")


def classify_lines(
    model: Model,
    lines: Iterable[str | bytes],
    *,
    on_error: Callable[[int, str], None] | None = None,
) -> Iterator[dict[str, Any]]:
    """Classify each line ``{"id", "title", "abstract"?, "text"?, "jurisdiction"?, "kind"?}``.

    A line that cannot be read is told to ``on_error(line number from 1, what is wrong)`` and the rest is done. Without
    ``on_error`` a :class:`BadInput` that names the first of them is raised after the last line. A repeated id is classified
    again and is no error. Blank lines are skipped.
    """
    problems: list[str] = []
    count = 0

    def report(number: int, problem: str) -> None:
        nonlocal count
        count += 1
        if on_error:
            on_error(number, problem)
        elif len(problems) < 5:
            problems.append(f"line {number}: {problem}")

    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = _row(line)
        except ValueError as error:
            report(number, str(error))
            continue
        result = model.classify(row["title"], *(row[name] for name in _FIELDS))
        yield {"id": row["id"], **result.model_dump(mode="json")}
    if count and on_error is None:
        more = f" and {count - len(problems)} more" if count > len(problems) else ""
        raise BadInput(f"{count} of the lines could not be read: {'; '.join(problems)}{more}.")


def _row(line: str | bytes) -> dict[str, Any]:
    if isinstance(line, bytes):
        try:
            line = line.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ValueError(f"not UTF-8 ({error.reason} at byte {error.start})") from None
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON ({error})") from None
    if not isinstance(row, dict):
        raise ValueError("a JSON object is needed, with id and title")
    if not isinstance(row.get("id"), str | int) or isinstance(row.get("id"), bool) or row["id"] == "":
        raise ValueError("no id")
    if not isinstance(row.get("title"), str):
        raise ValueError(f"{row['id']}: no title")
    clean = {"id": row["id"], "title": row["title"]}
    for name in _FIELDS:
        value = row.get(name)
        if value is not None and not isinstance(value, str):
            raise ValueError(f"{row['id']}: {name} must be a string, not {type(value).__name__}")
        clean[name] = value if name in ("jurisdiction", "kind") else value or ""
    if clean["kind"] not in KINDS:
        clean["kind"] = None
    return clean
