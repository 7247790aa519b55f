"""Writing a batch of what a crawl found: an idempotent upsert in one transaction.

Content hashes decide. What did not change is not written, except for the check that says when we looked.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, Row, delete, select

from ..records import Action, Measure, Problem, Rejected, Source, TextVersion, Unchanged, digest_of, oldest_first
from . import bulk
from .merge import (
    View,
    actions_hash,
    merge,
    search_text,
    sort_key,
    without_words,
    words_hash,
)
from .models import (
    ActionRow,
    CheckRow,
    CrawlStateRow,
    HearingRow,
    JurisdictionRow,
    MeasureRow,
    ObservationRow,
    QuarantineRow,
    SessionRow,
    TextRow,
    TextVersionRow,
)

Outcome = Literal["new", "changed", "unchanged"]


class Prepared(NamedTuple):
    """A measure made ready outside the transaction, where the work of hashing holds no lock."""

    key: str
    view: View
    texts: dict[str, str]
    content_hash: str
    record: str
    unread: tuple[str, ...] = ()
    """Fields that could not be read this time; what was known of them stays."""

    @property
    def measure(self) -> Measure:
        return self.view.measure

    @property
    def place(self) -> tuple[str, str, str]:
        """What tells an observation apart: measure, source and the source's own identifier."""
        return self.key, self.measure.source.name, self.measure.source.source_id or ""


def prepare(measure: Measure, unread: tuple[str, ...] = ()) -> Prepared:
    """Make a measure ready to be written.

    Args:
        unread: fields that could not be read this time, see ``Found.unread``.

    Raises:
        ValueError: it holds what cannot be encoded (half a surrogate pair).
    """
    content_hash = measure.content_hash()
    ordered = oldest_first(measure.actions)
    if ordered != measure.actions:
        measure = measure.model_copy(update={"actions": ordered})
    view = without_words(measure)
    record = view.measure.model_dump_json(exclude_defaults=True)
    if "\\u0000" in record or any("\x00" in (version.text or "") for version in measure.versions):
        measure = Measure.model_validate(without_nul(measure.model_dump()))
        view = without_words(measure)
        record = view.measure.model_dump_json(exclude_defaults=True)
    texts = {
        sha: version.text or "" for sha, version in zip(view.shas, measure.versions, strict=False) if sha is not None
    }
    return Prepared(measure.key, view, texts, content_hash, record, unread)


def without_nul(value: Any) -> Any:
    """The value with a replacement character for each NUL, which PostgreSQL cannot keep."""
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd")
    if isinstance(value, dict):
        return {key: without_nul(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(without_nul(item) for item in value)
    return value


@dataclass
class Batch:
    """What is written together."""

    found: list[Prepared] = field(default_factory=list)
    unchanged: list[Unchanged] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    remember: dict[str, Any] = field(default_factory=dict)
    keys: set[tuple[str, str]] = field(default_factory=set)
    """Measure and source of what is in it: the same one twice goes into two batches."""

    def __len__(self) -> int:
        return len(self.found) + len(self.unchanged) + len(self.rejected)


@dataclass
class Written:
    """What writing a batch did."""

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    """By observation."""
    problems: list[Problem] = field(default_factory=list)
    remembered: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """The run that a batch belongs to."""

    run_id: int
    source: str
    scope: str
    demo: bool
    state: dict[str, Any]
    """What is remembered already, so that only what differs is written."""
    places: set[tuple[str, str]]
    """Jurisdiction and session rows that are there already."""
    seen: dict[int, Outcome]
    """Observations that this run has looked at."""


def write_batch(connection: Connection, batch: Batch, context: Context, now: dt.datetime) -> Written:
    """Write one batch. Nothing of ``context`` is changed: that is for the caller, after the commit."""
    return _Writer(connection, context, now).write(batch)


class _Known(NamedTuple):
    observation_id: int
    measure_id: int
    content_hash: str


class _Writer:
    def __init__(self, connection: Connection, context: Context, now: dt.datetime) -> None:
        self.connection = connection
        self.context = context
        self.now = now
        self.written = Written()
        self.measure_ids: dict[str, int] = {}
        self.known: dict[tuple[str, str, str], _Known] = {}

    def write(self, batch: Batch) -> Written:
        self._look_up([item.key for item in batch.found] + [message.key for message in batch.unchanged])
        self._follow_moves(batch.found)
        new = [item for item in batch.found if item.place not in self.known]
        old = self._fill_unread([item for item in batch.found if item.place in self.known])
        changed = [item for item in old if self.known[item.place].content_hash != item.content_hash]
        for item in old:
            self.written.outcomes[self.known[item.place].observation_id] = "unchanged"
        if new or changed:
            self._write_places([*new, *changed])
            self._write_texts([*new, *changed])
            changed = self._write_changed(changed)
            self._write_measures([*new, *changed])
            self._write_new(new)
        dropped = self._look_again(batch.unchanged)
        self._write_checks()
        self._write_state({name: value for name, value in batch.remember.items() if name not in dropped})
        self._write_quarantine(batch.rejected)
        return self.written

    # -- what is there already ----------------------------------------------------------------------------------------

    def _look_up(self, keys: Iterable[str]) -> None:
        for part in bulk.chunks(keys):
            statement = (
                select(
                    MeasureRow.key,
                    MeasureRow.id,
                    ObservationRow.id,
                    ObservationRow.source,
                    ObservationRow.source_id,
                    ObservationRow.content_hash,
                )
                .outerjoin(ObservationRow, ObservationRow.measure_id == MeasureRow.id)
                .where(MeasureRow.key.in_(part))
            )
            for key, measure_id, observation_id, source, source_id, content_hash in self.connection.execute(statement):
                self.measure_ids[key] = measure_id
                if observation_id is not None:
                    self.known[key, source, source_id] = _Known(observation_id, measure_id, content_hash)

    def _follow_moves(self, found: Sequence[Prepared]) -> None:
        """A source's own record that we have under another number is the same measure, renumbered: a draft that became a bill.

        Only where place, source, the source's identifier and the title or a step agree; unsure is not merged.
        """
        strangers = {
            (item.measure.source.name, item.measure.source.source_id): item
            for item in found
            if item.place not in self.known and item.measure.source.source_id
        }
        for source in {name for name, _ in strangers}:
            for part in bulk.chunks(str(source_id) for name, source_id in strangers if name == source):
                statement = (
                    select(ObservationRow, MeasureRow.jurisdiction, MeasureRow.key)
                    .join(MeasureRow, MeasureRow.id == ObservationRow.measure_id)
                    .where(ObservationRow.source == source, ObservationRow.source_id.in_(part))
                )
                for row in self.connection.execute(statement):
                    item = strangers[source, row.source_id]
                    if row.jurisdiction != item.measure.jurisdiction or row.id in self.context.seen:
                        continue
                    if row.key != item.key and _same_measure(Measure.model_validate_json(row.record), item.measure):
                        self._move(row.id, row.measure_id, item)

    def _move(self, observation_id: int, old_measure_id: int, item: Prepared) -> None:
        if item.key not in self.measure_ids:
            self._write_places([item])
            [new_id] = bulk.add_returning_ids(self.connection, MeasureRow, [self._new_measure(item.measure, item.view)])
            self.measure_ids[item.key] = new_id
        new_id = self.measure_ids[item.key]
        bulk.change(self.connection, ObservationRow, [{"id": observation_id, "measure_id": new_id}])
        left = select(ObservationRow.id).where(ObservationRow.measure_id == old_measure_id).limit(1)
        if self.connection.execute(left).first() is None:
            bulk.change(self.connection, MeasureRow, [{"id": old_measure_id, "moved_to_id": new_id}])
        # An impossible digest, so that it is written as changed.
        self.known[item.place] = _Known(observation_id, new_id, "")

    def _fill_unread(self, items: Sequence[Prepared]) -> list[Prepared]:
        """What could not be read this time is taken from what we know, so that nothing of it counts as retracted."""
        partly = {self.known[item.place].observation_id: item for item in items if item.unread}
        if not partly:
            return list(items)
        before = load_views(self.connection, partly)
        filled = {}
        for observation_id, item in partly.items():
            known = before[observation_id]
            kept = {name: getattr(known.measure, name) for name in item.unread}
            measure = item.measure.model_copy(update=kept)
            shas = known.shas if "versions" in item.unread else item.view.shas
            record = measure.model_dump_json(exclude_defaults=True)
            # Of a measure that was read in part there is no digest of the whole: the next full reading decides.
            same = measure.model_copy(update={"source": known.measure.source}) == known.measure and shas == known.shas
            digest = self.known[item.place].content_hash if same else f"partly {digest_of(record)}"
            filled[item.place] = item._replace(view=View(measure, shas), record=record, content_hash=digest)
        return [filled.get(item.place, item) for item in items]

    # -- places -------------------------------------------------------------------------------------------------------

    def _write_places(self, items: Sequence[Prepared]) -> None:
        wanted = {(item.measure.jurisdiction, item.measure.session) for item in items} - self.context.places
        if not wanted:
            return
        places = [jurisdiction_from_key(key) for key in sorted({place for place, _ in wanted})]
        sessions = [
            {"jurisdiction": place, "identifier": session, "name": "", "classification": "primary"}
            for place, session in sorted(wanted)
        ]
        bulk.put(self.connection, JurisdictionRow, places, by=["key"], change=[])
        bulk.put(self.connection, SessionRow, sessions, by=["jurisdiction", "identifier"], change=[])

    # -- measures and observations ------------------------------------------------------------------------------------

    def _write_texts(self, items: Sequence[Prepared]) -> None:
        texts = {sha: text for item in items for sha, text in item.texts.items()}
        rows = [{"sha256": sha, "text": text} for sha, text in sorted(texts.items())]
        bulk.put(self.connection, TextRow, rows, by=["sha256"], change=[])

    def _write_changed(self, changed: Sequence[Prepared]) -> list[Prepared]:
        """Observations that we had, with their actions and versions compared one by one. Returns them as they are kept."""
        if not changed:
            return []
        rows = []
        for item in changed:
            known = self.known[item.place]
            self.written.outcomes[known.observation_id] = "changed"
            rows.append(
                {
                    "id": known.observation_id,
                    "url": item.measure.source.url,
                    "retrieved_at": item.measure.source.retrieved_at,
                    "changed_at": self.now,
                    "content_hash": item.content_hash,
                    "demo": self.context.demo,
                    "record": item.record,
                }
            )
        bulk.change(self.connection, ObservationRow, rows)
        by_id = {self.known[item.place].observation_id: item for item in changed}
        self._compare_actions(by_id)
        by_id = self._compare_versions(by_id)
        for part in bulk.chunks(by_id):
            self.connection.execute(delete(HearingRow).where(HearingRow.observation_id.in_(part)))
        bulk.add(self.connection, HearingRow, _hearing_rows(by_id.items()))
        return list(by_id.values())

    def _write_measures(self, items: Sequence[Prepared]) -> None:
        """The merged measure of each observation that is new or changed."""
        views: dict[str, list[View]] = defaultdict(list)
        for item in items:
            views[item.key].append(item.view)
        for key, view in self._other_views(items):
            views[key].append(view)
        new, old = [], []
        for key, said in views.items():
            merged = merge(said)
            if key in self.measure_ids:
                old.append({"id": self.measure_ids[key], **self._merged_columns(merged)})
            else:
                new.append(self._new_measure(said[0].measure, merged))
        ids = bulk.add_returning_ids(self.connection, MeasureRow, new)
        self.measure_ids.update(zip((row["key"] for row in new), ids, strict=True))
        bulk.change(self.connection, MeasureRow, old)

    def _other_views(self, items: Sequence[Prepared]) -> Iterable[tuple[str, View]]:
        """What other sources, or the same source under another identifier, say of the same measures; newest first."""
        written = {item.place for item in items}
        keys = {item.key for item in items}
        others = {
            known.observation_id: place[0]
            for place, known in sorted(self.known.items(), key=lambda pair: -pair[1].observation_id)
            if place[0] in keys and place not in written
        }
        views = load_views(self.connection, others)
        return [(key, views[observation_id]) for observation_id, key in others.items()]

    def _merged_columns(self, view: View) -> bulk.Row:
        measure = view.measure
        return {
            "kind": measure.kind,
            "title": measure.title,
            "introduced": measure.introduced,
            "last_action": max((action.date for action in measure.actions if action.date), default=None),
            "changed_at": self.now,
            "actions_hash": actions_hash(view),
            "words_hash": words_hash(view),
            "search": search_text(measure),
        }

    def _new_measure(self, measure: Measure, view: View) -> bulk.Row:
        return {
            "key": measure.key,
            "sort_key": sort_key(measure.jurisdiction, measure.session, measure.identifier),
            "jurisdiction": measure.jurisdiction,
            "session": measure.session,
            "identifier": measure.identifier,
            "first_seen": self.now,
            "reviewed": False,
            **self._merged_columns(view),
        }

    def _write_new(self, new: Sequence[Prepared]) -> None:
        rows = [
            {
                "measure_id": self.measure_ids[item.key],
                "source": item.measure.source.name,
                "source_id": item.measure.source.source_id or "",
                "url": item.measure.source.url,
                "retrieved_at": item.measure.source.retrieved_at,
                "first_seen": self.now,
                "changed_at": self.now,
                "content_hash": item.content_hash,
                "demo": self.context.demo,
                "record": item.record,
            }
            for item in new
        ]
        by_id = dict(zip(bulk.add_returning_ids(self.connection, ObservationRow, rows), new, strict=True))
        self.written.outcomes.update(dict.fromkeys(by_id, "new"))
        actions = [
            _action_row(observation_id, place, place, occurrence, action, self.now)
            for observation_id, item in by_id.items()
            for place, (occurrence, action) in enumerate(_numbered(item.measure.actions))
        ]
        versions = [
            _version_row(observation_id, place, place, version, sha, self.now)
            for observation_id, item in by_id.items()
            for place, (version, sha) in enumerate(zip(item.measure.versions, item.view.shas, strict=True))
        ]
        bulk.add(self.connection, ActionRow, actions)
        bulk.add(self.connection, TextVersionRow, versions)
        bulk.add(self.connection, HearingRow, _hearing_rows(by_id.items()))

    # -- actions and versions of a changed observation ----------------------------------------------------------------

    def _compare_actions(self, by_id: dict[int, Prepared]) -> None:
        live, next_seq = _live_rows(self.connection, ActionRow, by_id)
        added, moved, retracted = [], [], []
        for observation_id, item in by_id.items():
            before = {(*_action_identity(row), row.occurrence): row for row in live[observation_id]}
            for place, (occurrence, action) in enumerate(_numbered(item.measure.actions)):
                row = before.pop((*_action_identity(action), occurrence), None)
                if row is None:
                    added.append(
                        _action_row(observation_id, next_seq[observation_id], place, occurrence, action, self.now)
                    )
                    next_seq[observation_id] += 1
                    continue
                told = _action_detail(action)
                if row.position != place or any(getattr(row, name) != value for name, value in told.items()):
                    moved.append({"observation_id": observation_id, "seq": row.seq, "position": place, **told})
            retracted += [(observation_id, row.seq) for row in before.values()]
        by = ["observation_id", "seq"]
        bulk.change(self.connection, ActionRow, moved, by=by)
        self._retract(ActionRow, retracted)
        bulk.add(self.connection, ActionRow, added)

    def _compare_versions(self, by_id: dict[int, Prepared]) -> dict[int, Prepared]:
        """Returns the observations with the words that they have now: words that we have are not lost because the source
        could not give them this time."""
        live, next_seq = _live_rows(self.connection, TextVersionRow, by_id)
        added, moved, retracted = [], [], []
        kept: dict[int, Prepared] = {}
        for observation_id, item in by_id.items():
            before: dict[Any, list[Any]] = defaultdict(list)
            for row in live[observation_id]:
                before[row.note, row.date, row.url, row.media_type].append(row)
            shas: list[str | None] = []
            for place, (version, sha) in enumerate(zip(item.measure.versions, item.view.shas, strict=True)):
                same = before[version.note, version.date, version.url, version.media_type]
                match = next((row for row in same if sha is None or row.sha256 == sha), None)
                shas.append(sha if match is None else match.sha256)
                if match is None:
                    added.append(_version_row(observation_id, next_seq[observation_id], place, version, sha, self.now))
                    next_seq[observation_id] += 1
                    continue
                same.remove(match)
                if match.position != place:
                    moved.append({"observation_id": observation_id, "seq": match.seq, "position": place})
            kept[observation_id] = item._replace(view=View(item.measure, tuple(shas)))
            retracted += [(observation_id, row.seq) for rows in before.values() for row in rows]
        bulk.change(self.connection, TextVersionRow, moved, by=["observation_id", "seq"])
        self._retract(TextVersionRow, retracted)
        bulk.add(self.connection, TextVersionRow, added)
        return kept

    def _retract(self, model: type[ActionRow] | type[TextVersionRow], gone: Sequence[tuple[int, int]]) -> None:
        rows = [{"observation_id": first, "seq": second, "retracted_at": self.now} for first, second in gone]
        bulk.change(self.connection, model, rows, by=["observation_id", "seq"])

    # -- checks, state, quarantine ------------------------------------------------------------------------------------

    def _look_again(self, unchanged: Sequence[Unchanged]) -> set[str]:
        """Count what the source says did not change. Returns names of state to forget: of what we do not have after all."""
        dropped: set[str] = set()
        for message in unchanged:
            source = message.source
            exact = self.known.get((message.key, source.name, source.source_id or ""))
            seen = [known for place, known in self.known.items() if place[:2] == (message.key, source.name)]
            for known in [exact] if exact else seen:
                self.written.outcomes[known.observation_id] = "unchanged"
            if not seen:
                dropped.update(message.remember)
                self.written.problems.append(
                    Problem(
                        what=f"{source.name} says that {message.key} did not change, but it is not in the store",
                        where=source.url,
                        mend="It is read again by the next run.",
                    )
                )
        return dropped

    def _write_checks(self) -> None:
        rows = [
            {
                "observation_id": observation_id,
                "scope": self.context.scope,
                "run_id": self.context.run_id,
                "checked_at": self.now,
                "missing_since": None,
            }
            for observation_id in self.written.outcomes
        ]
        by = ["observation_id", "scope"]
        bulk.put(self.connection, CheckRow, rows, by=by, change=["run_id", "checked_at", "missing_since"])

    def _write_state(self, remember: dict[str, Any]) -> None:
        state = self.context.state
        changed = {name: value for name, value in remember.items() if state.get(name) != value}
        place = {"source": self.context.source, "scope": self.context.scope}
        rows = [
            {**place, "name": name, "value": json.dumps(value)}
            for name, value in sorted(changed.items())
            if value is not None
        ]
        forgotten = [name for name, value in changed.items() if value is None]
        for part in bulk.chunks(forgotten):
            gone = (CrawlStateRow.source == place["source"]) & (CrawlStateRow.scope == place["scope"])
            self.connection.execute(delete(CrawlStateRow).where(gone, CrawlStateRow.name.in_(part)))
        bulk.put(self.connection, CrawlStateRow, rows, by=["source", "scope", "name"], change=["value"])
        self.written.remembered = changed

    def _write_quarantine(self, rejected: Sequence[Rejected]) -> None:
        rows = {}
        for message in rejected:
            raw = _decoded(message.raw)
            row = {
                "run_id": self.context.run_id,
                "source": message.source.name,
                "source_id": message.source.source_id,
                "url": without_nul(message.source.url),
                "key": message.key,
                "reason": without_nul(message.reason),
                "media_type": message.media_type,
                "sha256": hashlib.sha256(raw).hexdigest(),
                "raw": raw,
                "first_seen": self.now,
                "last_seen": self.now,
            }
            rows[row["source"], row["url"], row["sha256"]] = row
        by = ["source", "url", "sha256"]
        bulk.put(self.connection, QuarantineRow, list(rows.values()), by=by, change=["run_id", "reason", "last_seen"])


# ---------------------------------------------------------------------------------------------------------------------
# Reading views, also for other rooms of the store


def load_views(connection: Connection, observation_ids: Iterable[int]) -> dict[int, View]:
    """Measures as their sources gave them, without words but with the digests of the words."""
    views: dict[int, View] = {}
    for part in bulk.chunks(observation_ids):
        shas: dict[int, list[str | None]] = defaultdict(list)
        versions = (
            select(TextVersionRow.observation_id, TextVersionRow.sha256)
            .where(TextVersionRow.observation_id.in_(part), TextVersionRow.retracted_at.is_(None))
            .order_by(TextVersionRow.observation_id, TextVersionRow.position)
        )
        for observation_id, sha in connection.execute(versions):
            shas[observation_id].append(sha)
        records = select(ObservationRow.id, ObservationRow.record).where(ObservationRow.id.in_(part))
        with bulk.collection_paused():
            for observation_id, record in connection.execute(records):
                views[observation_id] = View(Measure.model_validate_json(record), tuple(shas[observation_id]))
    return views


def jurisdiction_from_key(key: str) -> bulk.Row:
    """A row for a place that we only know by its key: its parent is the key without its last part."""
    parts = key.split("-")
    return {
        "key": key,
        "name": key,
        "level": {1: "federal", 2: "state"}.get(len(parts)),
        "parent": "-".join(parts[:-1]) or None,
        "chambers": "[]",
    }


# ---------------------------------------------------------------------------------------------------------------------
# Rows


def _action_row(
    observation_id: int, seq: int, position: int, occurrence: int, action: Action, now: dt.datetime
) -> bulk.Row:
    """A new row for an action. Written out in one piece, for there are more of these than of anything else."""
    return {
        "observation_id": observation_id,
        "seq": seq,
        "position": position,
        "occurrence": occurrence,
        "date": action.date,
        "time": action.time,
        "description": action.description,
        "chamber": action.chamber,
        "body": action.body,
        "code": action.code,
        "type": action.type,
        "system": action.system,
        "note": action.note,
        "classification": " ".join(sorted(action.classification)) if action.classification else "",
        "url": action.url,
        "observed_at": now,
        "retracted_at": None,
    }


def _action_identity(action: Action | Row[Any]) -> tuple[dt.date | None, str, str | None, str | None]:
    """What makes two actions the same step. The rest (time, note, link...) may be filled in later."""
    return action.date, action.description, action.body, action.code


def _action_detail(action: Action) -> bulk.Row:
    return {
        "time": action.time,
        "chamber": action.chamber,
        "type": action.type,
        "system": action.system,
        "note": action.note,
        "classification": " ".join(sorted(action.classification)),
        "url": action.url,
    }


def action_of(row: Any) -> Action:
    """The record of an action's row."""
    return Action(
        date=row.date,
        description=row.description,
        time=row.time,
        chamber=row.chamber,
        body=row.body,
        code=row.code,
        type=row.type,
        system=row.system,
        note=row.note,
        classification=tuple(row.classification.split()),
        url=row.url,
    )


def _numbered(actions: Sequence[Action]) -> Iterable[tuple[int, Action]]:
    """Each action with how often the same step came before it: true repeats are kept."""
    before: dict[Any, int] = {}
    for action in actions:
        identity = _action_identity(action)
        occurrence = before.get(identity, 0)
        before[identity] = occurrence + 1
        yield occurrence, action


def _version_row(
    observation_id: int, seq: int, position: int, version: TextVersion, sha: str | None, now: dt.datetime
) -> bulk.Row:
    return {
        "observation_id": observation_id,
        "seq": seq,
        "position": position,
        "note": version.note,
        "date": version.date,
        "url": version.url,
        "media_type": version.media_type,
        "sha256": sha,
        "observed_at": now,
        "retracted_at": None,
    }


def _hearing_rows(items: Iterable[tuple[int, Prepared]]) -> list[bulk.Row]:
    return [
        {"observation_id": observation_id, "seq": seq, "date": hearing.date}
        for observation_id, item in items
        for seq, hearing in enumerate(item.measure.hearings)
    ]


def _live_rows(
    connection: Connection, model: type[ActionRow] | type[TextVersionRow], observation_ids: Iterable[int]
) -> tuple[dict[int, list[Any]], dict[int, int]]:
    """The rows of observations that are not retracted, in order, and each observation's next free ``seq``."""
    live: dict[int, list[Any]] = defaultdict(list)
    next_seq: dict[int, int] = defaultdict(int)
    for part in bulk.chunks(observation_ids):
        statement = select(model.__table__).where(model.observation_id.in_(part)).order_by(model.position)
        for row in connection.execute(statement):
            next_seq[row.observation_id] = max(next_seq[row.observation_id], row.seq + 1)
            if row.retracted_at is None:
                live[row.observation_id].append(row)
    return live, next_seq


def _same_measure(before: Measure, now: Measure) -> bool:
    steps = {(action.date, action.description) for action in before.actions}
    return before.title == now.title or any((action.date, action.description) in steps for action in now.actions)


def _decoded(raw: str) -> bytes:
    try:
        return base64.b64decode(raw, validate=True)
    except (binascii.Error, ValueError):
        return raw.encode("utf-8", "surrogatepass")


def source_of(row: Any) -> Source:
    """The source of an observation's row."""
    return Source(name=row.source, url=row.url, retrieved_at=row.retrieved_at, source_id=row.source_id or None)
