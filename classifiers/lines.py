"""``classify --input``: JSON Lines in, JSON Lines out, one for one, in order."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from freedom_policy.errors import BadInput
from freedom_policy.records import KINDS

from .model import Model

_BATCH = 100
_LONG_BATCH = 2_000_000
"""Characters of text."""
_TOLD = 5
_FIELDS = ("abstract", "text", "jurisdiction", "kind")


def classify_lines(
    model: Model,
    lines: Iterable[str | bytes],
    *,
    on_error: Callable[[int, str], None] | None = None,
    jobs: int = 1,
) -> Iterator[dict[str, Any]]:
    """Classify each line ``{"id", "title", "abstract"?, "text"?, "jurisdiction"?, "kind"?}``, in order.

    A line that cannot be read is told to ``on_error(line number from 1, what is wrong)`` and the rest is done. Without
    ``on_error`` a :class:`BadInput` that names the first of them is raised after the last line. A repeated id is classified
    again and is no error. Blank lines are skipped.

    Args:
        model: The model.
        lines: JSON Lines, as text or UTF-8 bytes; read as they are needed, so memory stays flat.
        on_error: Told of each line that cannot be read.
        jobs: Processes to use. More than one pays from some hundreds of texts on.
    """
    problems: list[str] = []
    count = 0

    def rows() -> Iterator[dict[str, Any]]:
        nonlocal count
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                yield _row(line)
            except ValueError as error:
                count += 1
                if on_error:
                    on_error(number, str(error))
                elif len(problems) < _TOLD:
                    problems.append(f"line {number}: {error}")

    yield from _in_parallel(model, rows(), jobs) if jobs > 1 else (_said(model, row) for row in rows())
    if count and on_error is None:
        more = f" and {count - len(problems)} more" if count > len(problems) else ""
        raise BadInput(f"{count} of the lines could not be read: {'; '.join(problems)}{more}.")


def _said(model: Model, row: dict[str, Any]) -> dict[str, Any]:
    result = model.classify(row["title"], *(row[name] for name in _FIELDS))
    return {"id": row["id"], **result.model_dump(mode="json")}


def _in_parallel(model: Model, rows: Iterator[dict[str, Any]], jobs: int) -> Iterator[dict[str, Any]]:
    """Answers in order; no more than a few batches are waiting at any time."""
    # A fresh interpreter each: the caller may have threads, and a reactor.
    context = get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_start, initargs=(model,)) as pool:
        waiting: deque[Future[list[dict[str, Any]]]] = deque()
        for batch in _batches(rows):
            waiting.append(pool.submit(_batch, batch))
            if len(waiting) > 2 * jobs:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Cut by number and by length: a few long texts wait in memory, or many short ones."""
    batch: list[dict[str, Any]] = []
    length = 0
    for row in rows:
        batch.append(row)
        length += len(row["text"])
        if len(batch) >= _BATCH or length >= _LONG_BATCH:
            yield batch
            batch, length = [], 0
    if batch:
        yield batch


_worker_model: Model | None = None


def _start(model: Model) -> None:
    global _worker_model
    _worker_model = model


def _batch(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    assert _worker_model is not None, "the pool starts every worker with the model"  # noqa: S101
    return [_said(_worker_model, row) for row in rows]


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
