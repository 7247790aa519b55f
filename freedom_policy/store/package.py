"""The store as a Frictionless data package: one table a file, with a schema, that any tool reads and a store takes back.

What leaves is decided by a list of allowed columns, not by a list of forbidden ones. Cells are safe to open in a spreadsheet,
and yet nothing is lost: what was put in front of a cell is taken off again when it is read.
"""

from __future__ import annotations

import base64
import csv
import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Float,
    Integer,
    LargeBinary,
    Table,
    Time,
    func,
    select,
    text,
)

from ..errors import BadInput
from ..records import Classification, Record
from . import bulk, due, schema
from .columns import UtcDateTime
from .merge import search_text
from .models import Base, MeasureRow

if TYPE_CHECKING:
    from .store import Store

Format = Literal["csv", "parquet"]
Mask = Callable[[str], str]

PUBLIC: Mapping[str, tuple[str, ...]] = {
    "jurisdictions": ("key", "ocd_id", "name", "level", "parent", "time_zone", "chambers"),
    "sessions": ("jurisdiction", "identifier", "name", "start", "end", "classification"),
    "runs": (
        *("id", "source", "jurisdiction", "scope", "started_at", "finished_at", "verdict", "found", "new", "changed"),
        *("unchanged", "missing", "quarantined", "requests", "not_modified", "bytes", "cut"),
    ),
    "families": ("id", "key", "name"),
    "measures": (
        *("id", "key", "sort_key", "jurisdiction", "session", "identifier", "kind", "title", "introduced"),
        *("last_action", "first_seen", "changed_at", "stage", "stage_date", "effective_date", "relevance", "tracked"),
        *("contested", "mostly_contested", "binding", "administrative", "reviewed", "family_id", "moved_to_id"),
        *("status_id", "classification_id", "actions_hash", "assessed_hash", "words_hash"),
    ),
    "observations": (
        *("id", "measure_id", "source", "source_id", "url", "retrieved_at", "first_seen", "changed_at"),
        *("content_hash", "demo", "record"),
    ),
    "actions": (
        *("observation_id", "seq", "position", "occurrence", "date", "time", "description", "chamber", "body", "code"),
        *("type", "system", "note", "classification", "url", "observed_at", "retracted_at"),
    ),
    "texts": ("sha256", "text"),
    "text_versions": (
        *("observation_id", "seq", "position", "note", "date", "url", "media_type", "sha256"),
        *("observed_at", "retracted_at"),
    ),
    "hearings": ("observation_id", "seq", "date"),
    "checks": ("observation_id", "scope", "run_id", "checked_at", "missing_since"),
    "statuses": (
        *("id", "measure_id", "from_stage", "stage", "stage_date", "cause_observation_id", "cause_seq", "ruleset"),
        *("observed_at", "superseded_at", "record"),
    ),
    "status_events": (
        *("id", "measure_id", "position", "stage", "date", "cause_observation_id", "cause_seq", "basis", "rule"),
        *("reason", "ruleset", "observed_at", "retracted_at"),
    ),
    "classifications": (
        *("id", "measure_id", "model", "by_person", "words_hash", "review", "observed_at", "superseded_at", "record"),
    ),
    "provisions": (
        *("classification_id", "seq", "type", "score", "direction", "contested", "quote", "field", "start", "end"),
    ),
    "tags": ("dimension", "value", "measure_id"),
    "reviews": ("id", "measure_id", "classification_id", "decided_at", "decision"),
    "movement_norms": (
        *("place", "kind", "stage", "count", "median_days", "slow_days", "next", "days", "version", "computed_at"),
    ),
    "law_events": ("id", "measure_id", "stage", "date", "url", "says", "recorded_at", "withdrawn_at"),
    "family_links": (
        *("id", "first_id", "second_id", "kind", "score", "proof", "review", "observed_at", "retracted_at"),
    ),
}
"""What a public export holds, by table: what sources published, what models said, what people decided, without who did."""

PRIVATE: Mapping[str, tuple[str, ...]] = {
    "runs": ("problems",),
    "reviews": ("reviewer", "reason"),
    "law_events": ("recorded_by",),
    "crawl_state": ("source", "scope", "name", "value"),
    "quarantine": (
        *("id", "run_id", "source", "source_id", "url", "key", "reason", "media_type", "sha256", "raw"),
        *("first_seen", "last_seen"),
    ),
    "corrections": ("id", "measure_id", "record", "received_at", "settled_at"),
    "notes": ("id", "measure_id", "position", "text", "created_at"),
    "watches": ("id", "name", "record", "created_at", "removed_at"),
    "digest_issues": ("id", "name", "since", "until", "state", "begun_at", "ended_at"),
    "digest_items": ("issue_id", "item"),
}
"""What leaves only when private fields are asked for."""

DERIVED: Mapping[str, tuple[str, ...]] = {"measures": ("search",)}
"""What is never exported, because it is made again from the rest."""

_FILL: Mapping[tuple[str, str], str] = {
    ("runs", "problems"): "[]",
    ("reviews", "reviewer"): "not exported",
    ("reviews", "reason"): "",
    ("law_events", "recorded_by"): "not exported",
    ("measures", "search"): "",
}
"""What stands in a restored store for what a public export leaves out."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")
"""How a cell begins that a spreadsheet may take for a formula; the apostrophe itself, so that it can be told apart."""

_LICENSE_NOTE = (
    "What sources published is theirs under their own terms, named under 'sources'; acts of government are mostly in the "
    "public domain. What this tool added (tags, stages, reforms) was made by machine unless a row says otherwise, and is free "
    "to use with a word of where it comes from."
)
_CITATION = "Freedom Policy, data package of {day}, made from the public records of: {sources}."
_CELLS = (
    "Text that begins like a formula, or with an apostrophe, has an apostrophe in front; take it off to get the text. "
    "A cell with an apostrophe alone is empty text, an empty one is no value."
)


class Package(Record):
    """What an export or import held."""

    folder: str
    private: bool
    rows: dict[str, int]
    """By table."""
    hashes: dict[str, str]
    """SHA-256 of each table's file, by table. Two stores with the same content give the same hashes."""


# ---------------------------------------------------------------------------------------------------------------------
# Export


def export_package(
    store: Store,
    folder: str | Path,
    *,
    private: bool = False,
    format: Format = "csv",
    mask: Mask | None = None,
    credits: Sequence[Mapping[str, str]] = (),
    now: dt.datetime | None = None,
) -> Package:
    """Write the store into a folder as a data package, from one consistent snapshot.

    Args:
        folder: is made; must be empty.
        private: with reviewers' names, notes, positions, watches, corrections, the ledger and raw replies, for a move to
            another machine. Without, quotations are masked and those things stay here.
        format: ``csv``, or ``parquet`` where pyarrow is installed.
        mask: how quotations are masked in a public export; without it they are left out.
        credits: the sources, as Frictionless ``sources`` (``title``, ``path``); default: the names of those in the store.
        now: when the package is made.

    Raises:
        BadInput: the folder is not empty or cannot be written; pyarrow is not installed.
    """
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
        if any(target.iterdir()):
            raise BadInput(f"Folder {target} is not empty. Give the export a folder of its own.")
        resources = []
        with store.reading() as connection:
            for table, columns in _exported(private):
                rows = _rows(connection, table, columns, None if private else mask or (lambda quote: ""))
                resources.append(_write_table(target, table, columns, rows, format))
            found = connection.execute(text("SELECT DISTINCT source FROM observations ORDER BY source")).scalars()
            names = list(found)
        described = _describe(resources, names, private=private, credits=credits, now=now or dt.datetime.now(dt.UTC))
        # Last, so that a folder with it is whole.
        (target / "datapackage.json").write_text(json.dumps(described, indent=2, ensure_ascii=False) + "\n", "utf-8")
    except OSError as error:
        raise BadInput(f"Folder {target} cannot be written: {error.strerror or error}.") from error
    return _summary(target, described)


def _exported(private: bool) -> Iterator[tuple[Table, list[Column[Any]]]]:
    """Tables in an order in which they can be restored, with the columns that leave."""
    for table in Base.metadata.sorted_tables:
        allowed = [*PUBLIC.get(table.name, ()), *(PRIVATE.get(table.name, ()) if private else ())]
        if allowed:
            yield table, [table.c[name] for name in allowed]


def _rows(
    connection: Connection, table: Table, columns: Sequence[Column[Any]], mask: Mask | None
) -> Iterator[list[dict[str, Any]]]:
    """The rows of a table in parts, in the order of its key."""
    statement = select(*columns).order_by(*table.primary_key.columns)
    found = connection.execution_options(stream_results=True).execute(statement)
    for part in found.mappings().partitions(2000):
        rows = [dict(row) for row in part]
        if mask is not None and table.name == "provisions":
            rows = [{**row, "quote": mask(row["quote"])} for row in rows]
        if mask is not None and table.name == "classifications":
            rows = [{**row, "record": _masked_record(row["record"], mask)} for row in rows]
        yield rows


def _masked_record(record: str, mask: Mask) -> str:
    said = Classification.model_validate_json(record)
    provisions = tuple(item.model_copy(update={"quote": mask(item.quote)}) for item in said.provisions)
    return said.model_copy(update={"provisions": provisions}).model_dump_json(exclude_defaults=True)


def _write_table(
    folder: Path, table: Table, columns: Sequence[Column[Any]], rows: Iterator[list[dict[str, Any]]], format: Format
) -> dict[str, Any]:
    path = folder / f"{table.name}.{format}"
    count = (_write_csv if format == "csv" else _write_parquet)(path, columns, rows)
    # The name of the column that a foreign key points to may be exported or not; what is not is not described.
    exported = {column.name for column in columns}
    keys = [
        {
            "fields": [element.parent.name for element in key.elements],
            "reference": {
                "resource": key.referred_table.name,
                "fields": [element.column.name for element in key.elements],
            },
        }
        for key in sorted(table.foreign_key_constraints, key=lambda key: str(key.name))
        if exported.issuperset(key.column_keys)
    ]
    return {
        "name": table.name,
        "path": path.name,
        "profile": "tabular-data-resource",
        "description": " ".join((_models()[table.name].__doc__ or "").split()),
        "format": format,
        "mediatype": "text/csv" if format == "csv" else "application/vnd.apache.parquet",
        "encoding": "utf-8",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{_file_hash(path)}",
        "rows": count,
        "schema": {
            "fields": [_field(column) for column in columns],
            "primaryKey": [column.name for column in table.primary_key.columns],
            "foreignKeys": keys,
        },
    }


def _write_csv(path: Path, columns: Sequence[Column[Any]], rows: Iterator[list[dict[str, Any]]]) -> int:
    kinds = [(column.name, _kind(column), bool(column.nullable)) for column in columns]
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        # With "\n" alone as the line's end, a lone carriage return in an action's words would stand unquoted.
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([column.name for column in columns])
        for part in rows:
            writer.writerows([_cell(row[name], kind, nullable) for name, kind, nullable in kinds] for row in part)
            count += len(part)
    return count


def _write_parquet(path: Path, columns: Sequence[Column[Any]], rows: Iterator[list[dict[str, Any]]]) -> int:
    arrow, parquet = _pyarrow()
    types = {
        "integer": arrow.int64(),
        "number": arrow.float64(),
        "boolean": arrow.bool_(),
        "date": arrow.date32(),
        "time": arrow.time64("us"),
        "datetime": arrow.timestamp("us", tz="UTC"),
        "string": arrow.string(),
        "any": arrow.binary(),
    }
    fields = arrow.schema([(column.name, types[_kind(column)]) for column in columns])
    count = 0
    with parquet.ParquetWriter(path, fields) as writer:
        for part in rows:
            writer.write_table(arrow.Table.from_pylist(part, schema=fields))
            count += len(part)
    return count


def _describe(
    resources: Sequence[dict[str, Any]],
    names: Sequence[str],
    *,
    private: bool,
    credits: Sequence[Mapping[str, str]],
    now: dt.datetime,
) -> dict[str, Any]:
    return {
        "profile": "tabular-data-package",
        "name": "freedom-policy",
        "title": "Measures on human trafficking, where they stand and what they would do",
        "description": f"{_LICENSE_NOTE} {_CELLS}",
        "created": now.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "citation": _CITATION.format(day=now.date().isoformat(), sources=", ".join(names) or "no source yet"),
        "sources": [dict(credit) for credit in credits] or [{"title": name} for name in names],
        "freedom_policy": {"version": version("freedom_policy"), "tables": schema.NEWEST, "private": private},
        "resources": list(resources),
    }


# ---------------------------------------------------------------------------------------------------------------------
# Import


def import_package(store: Store, folder: str | Path) -> Package:
    """Restore an exported package into a store that holds nothing yet, in one transaction.

    All is checked before anything is written: the files' hashes, their columns, and that the store is empty. A public
    package gives a store without what was private.

    Raises:
        BadInput: not a package, one of another version, damaged, or the store is not empty.
    """
    source = Path(folder)
    described = _read_description(source)
    tables = _checked(source, described)
    with store.writing() as connection:
        for table in Base.metadata.sorted_tables:
            if connection.execute(select(table).limit(1)).first() is not None:
                raise BadInput(
                    f"{store.label} is not empty. A package is restored into a new store: give another --db."
                )
        for table in Base.metadata.sorted_tables:
            if table.name in tables:
                _restore(connection, table, tables[table.name], source)
        _restore_search(connection)
        if connection.dialect.name == "postgresql":
            _advance_sequences(connection)
    return _summary(source, described)


def _read_description(folder: Path) -> dict[str, Any]:
    path = folder / "datapackage.json"
    try:
        described = json.loads(path.read_text("utf-8"))
        ours = described["freedom_policy"]
        tables, names = ours["tables"], [resource["name"] for resource in described["resources"]]
    except OSError as error:
        raise BadInput(
            f"{folder} is no data package: {path.name} {(error.strerror or 'cannot be read').lower()}."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{path} does not describe an export of freedom_policy.") from error
    if tables != schema.NEWEST:
        raise BadInput(
            f"{folder} was made for version {tables} of the tables, this version has {schema.NEWEST}. "
            f"Restore it with freedom_policy {ours.get('version', '')} and run: freedom-policy db upgrade"
        )
    if unknown := sorted(set(names) - {*PUBLIC, *PRIVATE}):
        raise BadInput(f"{path} names tables that this version does not know: {', '.join(unknown)}.")
    return dict(described)


def _checked(folder: Path, described: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The resources by table, each with a file that is what the description says."""
    tables = {}
    for resource in described["resources"]:
        name, path = str(resource["name"]), str(resource["path"])
        if Path(path).name != path:
            raise BadInput(f"Table {name} of {folder} lies outside of the package: {path!r}.")
        try:
            found = _file_hash(folder / path)
        except OSError as error:
            raise BadInput(f"Table {name} of {folder} cannot be read: {error.strerror}.") from error
        if resource.get("hash") != f"sha256:{found}":
            raise BadInput(
                f"File {folder / path} is not the one that was exported (its hash differs). Export it again."
            )
        columns = [field["name"] for field in resource["schema"]["fields"]]
        if unknown := sorted(set(columns) - set(Base.metadata.tables[name].c.keys())):
            raise BadInput(f"File {folder / path} has columns that this version does not know: {', '.join(unknown)}.")
        tables[name] = {"path": path, "columns": columns, "format": resource.get("format", "csv")}
    return tables


def _restore(connection: Connection, table: Table, described: Mapping[str, Any], folder: Path) -> None:
    path = folder / described["path"]
    columns = [table.c[name] for name in described["columns"]]
    fill = {name: value for (place, name), value in _FILL.items() if place == table.name}
    model = _models()[table.name]
    later: list[bulk.Row] = []
    reader = _read_csv if described["format"] == "csv" else _read_parquet
    for part in bulk.chunks(reader(path, columns), 2000):
        rows = [{**fill, **row} for row in part]
        if table.name == "measures":
            # They point to each other, so the pointers come when all are there.
            later += [{"id": row["id"], "moved_to_id": row["moved_to_id"]} for row in rows if row["moved_to_id"]]
            rows = [{**row, "moved_to_id": None} for row in rows]
        bulk.add(connection, model, rows)
    bulk.change(connection, model, later)


def _read_csv(path: Path, columns: Sequence[Column[Any]]) -> Iterator[bulk.Row]:
    kinds = [(column.name, _kind(column), bool(column.nullable)) for column in columns]
    before = csv.field_size_limit(2**31 - 1)  # A text may be longer than the reader's first guess.
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            if next(reader, None) != [column.name for column in columns]:
                raise BadInput(f"File {path} does not begin with the columns that the package describes.")
            for cells in reader:
                if len(cells) != len(kinds):
                    raise BadInput(
                        f"File {path}, line {reader.line_num}: {len(kinds)} cells were expected, there are {len(cells)}."
                    )
                try:
                    yield {
                        name: _value(cell, kind, nullable)
                        for (name, kind, nullable), cell in zip(kinds, cells, strict=True)
                    }
                except ValueError as error:
                    raise BadInput(f"File {path}, line {reader.line_num}: {error}.") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadInput(f"File {path} is no CSV in UTF-8: {error}.") from error
    finally:
        csv.field_size_limit(before)


def _read_parquet(path: Path, columns: Sequence[Column[Any]]) -> Iterator[bulk.Row]:
    _, parquet = _pyarrow()
    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=2000, columns=[column.name for column in columns]):
            yield from batch.to_pylist()


def _restore_search(connection: Connection) -> None:
    ids = list(connection.execute(select(MeasureRow.id).order_by(MeasureRow.id)).scalars())
    for part in bulk.chunks(ids):
        try:
            merged = due.merged_views(connection, part)
        except ValidationError as error:
            raise BadInput(f"The package holds an observation that this version cannot read: {error}.") from error
        rows = [{"id": measure_id, "search": search_text(view.measure)} for measure_id, view in merged.items()]
        bulk.change(connection, MeasureRow, rows)


def _advance_sequences(connection: Connection) -> None:
    """PostgreSQL counts on from where its own inserts ended, so it is told where ours did."""
    for table in Base.metadata.sorted_tables:
        if "id" in table.c:
            highest = connection.execute(select(func.max(table.c.id))).scalar()
            if highest is not None:
                statement = text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :highest)")
                connection.execute(statement, {"table": table.name, "highest": highest})


# ---------------------------------------------------------------------------------------------------------------------
# Cells


def _kind(column: Column[Any]) -> str:
    """The Frictionless type of a column."""
    kinds: tuple[tuple[type, str], ...] = (
        (UtcDateTime, "datetime"),
        (Date, "date"),
        (Time, "time"),
        (Boolean, "boolean"),
        (Integer, "integer"),
        (BigInteger, "integer"),
        (Float, "number"),
        (LargeBinary, "any"),
    )
    return next((name for kind, name in kinds if isinstance(column.type, kind)), "string")


def _field(column: Column[Any]) -> dict[str, str]:
    """A column as Frictionless describes it."""
    kind = _kind(column)
    if kind == "any":
        return {"name": column.name, "type": "string", "format": "binary"}
    # Moments have fractions of a second, which the default format does not know.
    return {"name": column.name, "type": kind, **({"format": "any"} if kind in ("datetime", "time") else {})}


def _cell(value: Any, kind: str, nullable: bool) -> str:
    if value is None:
        return ""
    match kind:
        case "string":
            escaped = value.startswith(_FORMULA) or (nullable and not value)
            return f"'{value}" if escaped else str(value)
        case "boolean":
            return "true" if value else "false"
        case "datetime":
            return str(value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z"))
        case "date" | "time":
            return str(value.isoformat())
        case "any":
            return base64.b64encode(value).decode()
        case _:
            return repr(value)


def _value(cell: str, kind: str, nullable: bool) -> Any:
    if kind == "string":
        if not cell and nullable:
            return None
        return cell[1:] if cell.startswith("'") else cell
    if not cell and nullable:
        return None
    match kind:
        case "integer":
            return int(cell)
        case "number":
            return float(cell)
        case "boolean":
            if cell not in ("true", "false"):
                raise ValueError(f"{cell!r} is neither true nor false")
            return cell == "true"
        case "datetime":
            return dt.datetime.fromisoformat(cell)
        case "date":
            return dt.date.fromisoformat(cell)
        case "time":
            return dt.time.fromisoformat(cell)
        case _:
            return base64.b64decode(cell, validate=True)


# ---------------------------------------------------------------------------------------------------------------------
# Small things


def _models() -> dict[str, type[Base]]:
    return {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _summary(folder: Path, described: Mapping[str, Any]) -> Package:
    return Package(
        folder=str(folder),
        private=bool(described["freedom_policy"]["private"]),
        rows={resource["name"]: resource["rows"] for resource in described["resources"]},
        hashes={resource["name"]: resource["hash"].removeprefix("sha256:") for resource in described["resources"]},
    )


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError as error:
        raise BadInput("Parquet needs pyarrow. Run: pip install 'freedom_policy[parquet]'; or export CSV.") from error
    return pyarrow, pyarrow.parquet
