"""Keeping reforms: which measures try the same change, and why we think so."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Connection, select
from sqlalchemy.orm import aliased

from ..errors import BadInput
from ..records import Family, FamilyLink
from . import bulk
from .models import FamilyLinkRow, FamilyRow, MeasureRow

if TYPE_CHECKING:
    from .store import Store


def save_families(
    connection: Connection, families: Iterable[Family], links: Iterable[FamilyLink], *, observed_at: dt.datetime
) -> int:
    """Keep the reforms as they are found now; see ``Store.save_families``."""
    wanted = list(families)
    ids = {
        key: (measure_id, family_id)
        for key, measure_id, family_id in connection.execute(
            select(MeasureRow.key, MeasureRow.id, MeasureRow.family_id)
        )
    }
    known = {
        key: (family_id, name)
        for family_id, key, name in connection.execute(select(FamilyRow.id, FamilyRow.key, FamilyRow.name))
    }
    renamed = [
        {"id": known[family.key][0], "name": family.name}
        for family in wanted
        if family.key in known and known[family.key][1] != family.name
    ]
    bulk.change(connection, FamilyRow, renamed)
    new = [{"key": family.key, "name": family.name} for family in wanted if family.key not in known]
    family_ids = {key: family_id for key, (family_id, _) in known.items()}
    family_ids.update(zip((row["key"] for row in new), bulk.add_returning_ids(connection, FamilyRow, new), strict=True))
    belongs = {key: family_ids[family.key] for family in wanted for key in family.members}
    moved = [
        {"id": measure_id, "family_id": belongs.get(key)}
        for key, (measure_id, family_id) in ids.items()
        if belongs.get(key) != family_id
    ]
    bulk.change(connection, MeasureRow, moved)
    _save_links(connection, links, {key: measure_id for key, (measure_id, _) in ids.items()}, observed_at)
    return len(moved)


def _save_links(
    connection: Connection, links: Iterable[FamilyLink], ids: dict[str, int], observed_at: dt.datetime
) -> None:
    known = {
        (row.first_id, row.second_id, row.kind): row for row in connection.execute(select(FamilyLinkRow.__table__))
    }
    new: dict[tuple[int, int, str], bulk.Row] = {}
    changed: list[bulk.Row] = []
    for link in links:
        if link.first not in ids or link.second not in ids:
            continue
        place = (ids[link.first], ids[link.second], link.kind)
        row = known.pop(place, None)
        if row is None:
            new[place] = {
                "first_id": place[0],
                "second_id": place[1],
                "kind": link.kind,
                "score": link.score,
                "proof": link.proof,
                "review": link.review,
                "observed_at": observed_at,
                "retracted_at": None,
            }
        elif row.review is None and (row.score, row.proof, row.retracted_at) != (link.score, link.proof, None):
            changed.append({"id": row.id, "score": link.score, "proof": link.proof, "retracted_at": None})
    # What a person judged stays; what else is not found any more is retracted.
    gone = [
        {"id": row.id, "retracted_at": observed_at}
        for row in known.values()
        if row.review is None and row.retracted_at is None
    ]
    bulk.change(connection, FamilyLinkRow, changed)
    bulk.change(connection, FamilyLinkRow, gone)
    bulk.add(connection, FamilyLinkRow, list(new.values()))


def review_link(
    connection: Connection, first: str, second: str, kind: str, review: Literal["confirmed", "rejected"] | None
) -> None:
    """Keep what a person decided of a link; see ``Store.review_link``."""
    one, other = aliased(MeasureRow), aliased(MeasureRow)
    statement = (
        select(FamilyLinkRow.id)
        .join(one, one.id == FamilyLinkRow.first_id)
        .join(other, other.id == FamilyLinkRow.second_id)
        .where(one.key == first, other.key == second, FamilyLinkRow.kind == kind)
    )
    found = connection.execute(statement).scalar()
    if found is None:
        raise BadInput(f"No {kind} link from {first} to {second} in the store.")
    bulk.change(connection, FamilyLinkRow, [{"id": found, "review": review}])


def families(store: Store, keys: Iterable[str] = ()) -> list[Family]:
    """Reforms with their members, in the order of their keys; all, or those with the keys given."""
    wanted = list(keys)
    statement = (
        select(FamilyRow.key, FamilyRow.name, MeasureRow.key)
        .join(MeasureRow, MeasureRow.family_id == FamilyRow.id)
        .where(MeasureRow.moved_to_id.is_(None))
        .order_by(FamilyRow.key, MeasureRow.sort_key)
    )
    if wanted:
        statement = statement.where(FamilyRow.key.in_(wanted))
    members: dict[tuple[str, str], list[str]] = defaultdict(list)
    with store.reading() as connection:
        for key, name, member in connection.execute(statement):
            members[key, name].append(member)
    return [Family(key=key, name=name, members=tuple(items)) for (key, name), items in members.items()]


def family_links(store: Store, key: str | None = None, *, unreviewed: bool = False) -> list[FamilyLink]:
    """The links that hold, strongest first.

    Args:
        key: only those of this measure.
        unreviewed: only those that nobody looked at.
    """
    one, other = aliased(MeasureRow), aliased(MeasureRow)
    statement = (
        select(
            one.key.label("first"),
            other.key.label("second"),
            FamilyLinkRow.kind,
            FamilyLinkRow.score,
            FamilyLinkRow.proof,
            FamilyLinkRow.review,
        )
        .join(one, one.id == FamilyLinkRow.first_id)
        .join(other, other.id == FamilyLinkRow.second_id)
        .where(FamilyLinkRow.retracted_at.is_(None))
        .order_by(FamilyLinkRow.score.desc(), one.sort_key, other.sort_key, FamilyLinkRow.kind)
    )
    if key is not None:
        statement = statement.where((one.key == key) | (other.key == key))
    if unreviewed:
        statement = statement.where(FamilyLinkRow.review.is_(None))
    with store.reading() as connection:
        return [FamilyLink(**row._mapping) for row in connection.execute(statement)]
