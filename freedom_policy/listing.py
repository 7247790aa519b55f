"""A list of measures as text: a table for people, CSV and JSON Lines for machines, Parquet for analysis."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import textwrap
from collections.abc import Iterable
from typing import Any

from . import safe
from .errors import BadInput
from .records import MeasureView

_TABLE_WIDTH = 72
"""A table that is narrower than this leaves no room for titles."""
_STAGE_WIDTH = 20


def row(view: MeasureView) -> dict[str, Any]:
    """One measure as flat values in a stable order. Lists are joined with ``; ``; unknown is None."""
    status, tags = view.status, view.classification
    known = status is not None and status.stage != "unknown"
    cause = (
        view.actions[status.cause] if status and status.cause is not None and status.cause < len(view.actions) else None
    )
    return {
        "key": view.key,
        "jurisdiction": view.jurisdiction,
        "session": view.session,
        "identifier": view.identifier,
        "kind": view.kind,
        "title": view.title,
        "stage": view.stage,
        "stage_date": status.stage_date if status else None,
        "basis": status.basis if status and known else None,
        "cause": cause.description if cause else None,
        "rule": (status.rule or None) if status else None,
        "reason": status.reason if status else None,
        "effective_date": status.effective_date if status else None,
        "introduced": view.introduced,
        "relevance": tags.relevance if tags else None,
        "goals": "; ".join(tags.goals) if tags else None,
        "areas": "; ".join(tags.areas) if tags else None,
        "provisions": "; ".join(dict.fromkeys(p.type for p in tags.provisions)) if tags else None,
        "form": tags.form if tags else None,
        "direction": tags.direction if tags else None,
        "binding": tags.binding if tags else None,
        "contested": tags.contested if tags else None,
        "tagged_by": tagged_by(view),
        "sponsor": next((s.name for s in view.sponsors if s.classification == "primary"), None),
        "family": view.family,
        "url": view.url,
        "source": view.sources[0].name if view.sources else None,
        "source_url": view.sources[0].url if view.sources else None,
        "retrieved_at": view.sources[0].retrieved_at if view.sources else None,
        "last_checked": view.last_checked,
    }


def tagged_by(view: MeasureView) -> str | None:
    """How the tags came about, in words; None if nothing was tagged. A reviewer's name does not leave the store here."""
    if view.review:
        return f"reviewed on {view.review.decided_at.date()}"
    return f"machine-tagged ({view.classification.model}), not reviewed" if view.classification else None


COLUMNS: tuple[str, ...] = tuple(row(MeasureView(key="-", jurisdiction="-", session="-", identifier="-", title="")))


def to_csv(views: Iterable[MeasureView]) -> str:
    """CSV with a header, spreadsheet-safe."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for view in views:
        cells = (value.isoformat() if isinstance(value, dt.datetime) else value for value in row(view).values())
        writer.writerow([safe.cell(value) for value in cells])
    return out.getvalue()


def to_jsonl(views: Iterable[MeasureView]) -> str:
    """JSON Lines of flat rows; dates in ISO form, unknown as null."""
    return "".join(
        json.dumps(row(view), ensure_ascii=False, default=lambda value: value.isoformat()) + "\n" for view in views
    )


def to_table(views: Iterable[MeasureView], *, width: int, color: bool) -> str:
    """A table for the terminal: number, title, stage and its date; where that is too narrow, a list."""
    rows = [(view.key, view.title, _stage(view), _since(view)) for view in views]
    if not rows:
        empty = (
            "No measure in the store fits. Widen the filter, or add --all to see what was not tagged as trafficking."
        )
        return textwrap.fill(empty, width) + "\n"
    foot = (
        f"{len(rows):,} measure{'s' if len(rows) != 1 else ''}. Tags are the machine's unless a person reviewed them."
    )
    draw = _list if width < _TABLE_WIDTH else _table
    return f"{draw(rows, width, color)}\n{textwrap.fill(foot, width)}\n"


def _stage(view: MeasureView) -> str:
    # Late, so that CSV and JSON Lines do not wait for the reports.
    from .reports import words

    return words.STAGE_WORDS[view.stage]


def _since(view: MeasureView) -> str:
    return view.status.stage_date.isoformat() if view.status and view.status.stage_date else ""


def _table(rows: Iterable[tuple[str, str, str, str]], width: int, color: bool) -> str:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Measure", no_wrap=True)
    table.add_column("Title", ratio=1)
    table.add_column("Stage", max_width=_STAGE_WIDTH)
    table.add_column("Since", no_wrap=True)
    for cells in rows:
        table.add_row(*(Text(cell) for cell in cells))
    out = io.StringIO()
    Console(file=out, width=width, force_terminal=color, no_color=not color, highlight=False).print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def _list(rows: Iterable[tuple[str, str, str, str]], width: int, color: bool) -> str:
    def folded(text: str, indent: str, hang: str) -> str:
        return textwrap.fill(text, max(width, 20), initial_indent=indent, subsequent_indent=hang)

    return "\n".join(
        f"{folded(f'{key}: ' + ', '.join(filter(None, (stage, since))), '', '  ')}\n{folded(title, '  ', '  ')}".rstrip()
        for key, title, stage, since in rows
    )


def to_parquet(frame: Any, output: str | None) -> None:
    """Write a data frame as Parquet.

    Raises:
        BadInput: no file was named, or pyarrow is not installed.
    """
    if not output:
        raise BadInput("Parquet is not for a terminal. Name a file: --output measures.parquet")
    try:
        frame.to_parquet(output, index=False)
    except ImportError as error:
        raise BadInput("Parquet needs pyarrow. Run: pip install 'freedom_policy[parquet]'") from error
    except OSError as error:
        raise BadInput(f"Cannot write {output!r}: {error.strerror}.") from error
