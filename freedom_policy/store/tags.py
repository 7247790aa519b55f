"""Keeping what models and people say that a measure would do. A person outranks a model; old words are kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, select

from ..errors import BadInput
from ..records import Classification, Review
from . import bulk
from .models import ClassificationRow, MeasureRow, ProvisionRow, ReviewRow, TagRow


class _Measure(NamedTuple):
    id: int
    words_hash: str
    reviewed: bool
    classification_id: int | None


def save_classifications(
    connection: Connection,
    classifications: Mapping[str, Classification],
    *,
    observed_at: dt.datetime,
    read: Mapping[str, str],
) -> int:
    """Keep what a model says; see ``Store.save_classifications``.

    Args:
        read: by key, the digest of the words that were classified, where it is known.
    """
    measures = _measures(connection, classifications)
    before = _latest(connection, [measure.id for measure in measures.values()])
    new: list[bulk.Row] = []
    reread: list[bulk.Row] = []
    superseded: list[bulk.Row] = []
    said: list[tuple[_Measure, Classification]] = []
    for key, measure in measures.items():
        row = _row(measure, classifications[key], read.get(key, measure.words_hash), observed_at)
        known = before.get((measure.id, row["model"]))
        if known is not None and known.record == row["record"]:
            if known.words_hash != row["words_hash"]:
                reread.append({"id": known.id, "words_hash": row["words_hash"]})
            continue
        if known is not None:
            superseded.append({"id": known.id, "superseded_at": observed_at})
        new.append(row)
        said.append((measure, classifications[key]))
    bulk.change(connection, ClassificationRow, reread)
    bulk.change(connection, ClassificationRow, superseded)
    ids = bulk.add_returning_ids(connection, ClassificationRow, new)
    _add_provisions(connection, zip(ids, (words for _, words in said), strict=True))
    # What a person decided stays what is shown.
    shown = [
        (measure, row_id, words) for row_id, (measure, words) in zip(ids, said, strict=True) if not measure.reviewed
    ]
    _show(connection, shown, reviewed=False)
    return len(new)


def save_review(connection: Connection, key: str, review: Review, classification: Classification | None) -> None:
    """Keep a person's decision; see ``Store.save_review``."""
    measure = _measures(connection, [key]).get(key)
    if measure is None:
        raise BadInput(f"No measure {key} in the store; collect its source first.")
    if classification is None:
        classification = _decided(connection, key, measure, review)
    said = classification.model_copy(update={"model": "person", "review": False})
    superseded = [
        {"id": row.id, "superseded_at": review.decided_at}
        for (_, model), row in _latest(connection, [measure.id]).items()
        if model == "person"
    ]
    bulk.change(connection, ClassificationRow, superseded)
    row = {**_row(measure, said, measure.words_hash, review.decided_at), "by_person": True}
    [row_id] = bulk.add_returning_ids(connection, ClassificationRow, [row])
    _add_provisions(connection, [(row_id, said)])
    bulk.add(
        connection,
        ReviewRow,
        [
            {
                "measure_id": measure.id,
                "classification_id": row_id,
                "reviewer": review.reviewer,
                "decided_at": review.decided_at,
                "decision": review.decision,
                "reason": review.reason,
            }
        ],
    )
    _show(connection, [(measure, row_id, said)], reviewed=True)


def _decided(connection: Connection, key: str, measure: _Measure, review: Review) -> Classification:
    """What accepting or rejecting means for the classification that is shown."""
    if review.decision == "correct":
        raise BadInput(f"A correction of {key} needs the corrected classification.")
    if measure.classification_id is None:
        raise BadInput(
            f"{key} was never classified, so there is nothing to {review.decision}. Run: freedom-policy classify"
        )
    record = connection.execute(
        select(ClassificationRow.record).where(ClassificationRow.id == measure.classification_id)
    ).scalar_one()
    shown = Classification.model_validate_json(record)
    if review.decision == "accept":
        return shown
    return Classification(relevance="none", tracked=False, score=0.0, binding=shown.binding, model="person")


def _measures(connection: Connection, keys: Iterable[str]) -> dict[str, _Measure]:
    statement = select(
        MeasureRow.key, MeasureRow.id, MeasureRow.words_hash, MeasureRow.reviewed, MeasureRow.classification_id
    ).where(MeasureRow.key.in_(list(keys)))
    return {
        row.key: _Measure(row.id, row.words_hash, row.reviewed, row.classification_id)
        for row in connection.execute(statement)
    }


def _latest(connection: Connection, measure_ids: Sequence[int]) -> dict[tuple[int, str], Any]:
    """The latest classification of each measure by each model."""
    statement = select(
        ClassificationRow.id,
        ClassificationRow.measure_id,
        ClassificationRow.model,
        ClassificationRow.words_hash,
        ClassificationRow.record,
    ).where(ClassificationRow.measure_id.in_(measure_ids), ClassificationRow.superseded_at.is_(None))
    return {(row.measure_id, row.model): row for row in connection.execute(statement)}


def _row(measure: _Measure, said: Classification, words_hash: str, observed_at: dt.datetime) -> bulk.Row:
    return {
        "measure_id": measure.id,
        "model": said.model,
        "by_person": False,
        "words_hash": words_hash,
        "review": said.review,
        "observed_at": observed_at,
        "superseded_at": None,
        "record": said.model_dump_json(exclude_defaults=True),
    }


def _add_provisions(connection: Connection, items: Iterable[tuple[int, Classification]]) -> None:
    rows = [
        {
            "classification_id": row_id,
            "seq": seq,
            **provision.model_dump(exclude={"goal_directions"}),
        }
        for row_id, said in items
        for seq, provision in enumerate(said.provisions)
    ]
    bulk.add(connection, ProvisionRow, rows)


def _show(connection: Connection, items: Sequence[tuple[_Measure, int, Classification]], *, reviewed: bool) -> None:
    """Make classifications the current ones of their measures."""
    if not items:
        return
    cache = [
        {
            "id": measure.id,
            "classification_id": row_id,
            "relevance": said.relevance,
            "tracked": said.tracked,
            "contested": said.contested,
            "mostly_contested": _mostly_contested(said, reviewed),
            "binding": said.binding,
            "administrative": said.administrative,
            "reviewed": reviewed,
        }
        for measure, row_id, said in items
    ]
    bulk.change(connection, MeasureRow, cache)
    known = [measure.id for measure, _, _ in items if measure.classification_id is not None]
    if known:
        connection.execute(delete(TagRow).where(TagRow.measure_id.in_(known)))
    rows = {
        (dimension, value, measure.id): {"dimension": dimension, "value": value, "measure_id": measure.id}
        for measure, _, said in items
        for dimension, values in _tags(said).items()
        for value in values
    }
    bulk.add(connection, TagRow, list(rows.values()))


def _mostly_contested(said: Classification, reviewed: bool) -> bool:
    """One contested clause in a long act does not make the act contested, unless a person says so."""
    types = {provision.type: provision.contested for provision in said.provisions}
    return said.contested and (reviewed or 2 * sum(types.values()) >= len(types))


def _tags(said: Classification) -> dict[str, tuple[str, ...]]:
    return {
        "goal": said.goals,
        "area": said.areas,
        "subarea": said.subareas,
        "provision": tuple(provision.type for provision in said.provisions),
        "form": (said.form,),
    }
