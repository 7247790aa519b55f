"""The tables. ``...Row`` are rows; the plain names (``Measure``, ``Action``...) are the records of ``freedom_policy.records``.

Two time lines run through them: *valid* dates say when something was so, ``observed_at`` and ``retracted_at`` when we knew.
What starts with "Cache" below can be computed again from the other tables; it is there so that lists are fast.
"""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from sqlalchemy import BigInteger, Double, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, MetaData, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from .columns import Key, RecordJson, UtcDateTime


class Base(DeclarativeBase):
    """Base of all tables. Constraints have names, so that migrations can change them on both engines."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {dt.datetime: UtcDateTime(), str: Text(), float: Double()}


# ---------------------------------------------------------------------------------------------------------------------
# Places


class JurisdictionRow(Base):
    """A place. One that is in no registry is made from a measure's key, with the key as its name."""

    __tablename__ = "jurisdictions"

    key: Mapped[str] = mapped_column(Key, primary_key=True)
    ocd_id: Mapped[str | None]
    name: Mapped[str]
    level: Mapped[str | None]
    parent: Mapped[str | None]
    time_zone: Mapped[str | None]
    chambers: Mapped[str] = mapped_column(RecordJson)


class SessionRow(Base):
    """A legislative session. Its dates are the registry's; a session that only measures name has none."""

    __tablename__ = "sessions"

    jurisdiction: Mapped[str] = mapped_column(ForeignKey("jurisdictions.key"), primary_key=True)
    identifier: Mapped[str] = mapped_column(Key, primary_key=True)
    name: Mapped[str]
    start: Mapped[dt.date | None]
    end: Mapped[dt.date | None]
    classification: Mapped[str]


# ---------------------------------------------------------------------------------------------------------------------
# Measures, and what each source says of them


class MeasureRow(Base):
    """One measure, merged over its sources (``merge.py`` has the precedence)."""

    __tablename__ = "measures"
    __table_args__ = (
        ForeignKeyConstraint(["jurisdiction", "session"], ["sessions.jurisdiction", "sessions.identifier"]),
        Index("ix_measures_listing", "jurisdiction", "stage", "sort_key"),
        Index("ix_measures_tracked", "tracked", "jurisdiction", "stage"),
        Index("ix_measures_stage", "stage"),
        Index("ix_measures_last_action", "last_action"),
        Index("ix_measures_family_id", "family_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Key, unique=True)
    sort_key: Mapped[str] = mapped_column(Key, unique=True)
    """The key with padded numbers, so that HB9 stands before HB10."""
    jurisdiction: Mapped[str] = mapped_column(Key)
    session: Mapped[str] = mapped_column(Key)
    identifier: Mapped[str] = mapped_column(Key)
    kind: Mapped[str | None]
    introduced: Mapped[dt.date | None]
    last_action: Mapped[dt.date | None]
    first_seen: Mapped[dt.datetime]
    changed_at: Mapped[dt.datetime]

    actions_hash: Mapped[str]
    """Digest of what a status is computed from; the status is due where ``assessed_hash`` differs."""
    assessed_hash: Mapped[str | None]
    words_hash: Mapped[str]
    """Digest of the title, abstract and latest text; a model is due where its ``classifications.words_hash`` differs."""

    # Cache: the current status and classification.
    status_id: Mapped[int | None]
    stage: Mapped[str | None]
    stage_date: Mapped[dt.date | None]
    effective_date: Mapped[dt.date | None]
    classification_id: Mapped[int | None]
    relevance: Mapped[str | None]
    tracked: Mapped[bool | None]
    contested: Mapped[bool | None]
    mostly_contested: Mapped[bool | None]
    """At least half of its provisions are of contested types, or a person left it contested."""
    binding: Mapped[bool | None]
    administrative: Mapped[bool | None]
    reviewed: Mapped[bool]
    family_id: Mapped[int | None] = mapped_column(ForeignKey("families.id"))
    moved_to_id: Mapped[int | None] = mapped_column(ForeignKey("measures.id"))
    """The source gave it another number (a draft's number that became a bill's); this row is history only."""

    # Last, because a long value moves what follows it to another page in SQLite.
    title: Mapped[str]
    search: Mapped[str]
    """Number, titles and abstract in lower case, for word search."""


class ObservationRow(Base):
    """One source's view of a measure. ``record`` is the Measure as given, without the words of its text versions."""

    __tablename__ = "observations"
    __table_args__ = (
        Index("uq_observations_view", "measure_id", "source", "source_id", unique=True),
        Index("ix_observations_source_id", "source", "source_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id"))
    source: Mapped[str]
    source_id: Mapped[str]
    """The source's own identifier; empty if it has none."""
    url: Mapped[str]
    retrieved_at: Mapped[dt.datetime]
    """When the content that is kept was read; ``checks`` has the last look."""
    first_seen: Mapped[dt.datetime]
    changed_at: Mapped[dt.datetime]
    content_hash: Mapped[str]
    demo: Mapped[bool]
    record: Mapped[str] = mapped_column(RecordJson)


class ActionRow(Base):
    """One action of one observation. Never deleted: an action that vanished upstream is retracted, and one that comes back
    is a new row, so that what we knew at any time can be told. True repeats have different ``occurrence`` numbers."""

    __tablename__ = "actions"
    __table_args__ = ({"sqlite_with_rowid": False},)

    observation_id: Mapped[int] = mapped_column(ForeignKey("observations.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    """Counts the rows of the observation as they were written."""
    position: Mapped[int]
    """Place among the actions, oldest first."""
    occurrence: Mapped[int]
    date: Mapped[dt.date | None]
    time: Mapped[dt.time | None]
    description: Mapped[str]
    chamber: Mapped[str | None]
    body: Mapped[str | None]
    code: Mapped[str | None]
    type: Mapped[str | None]
    system: Mapped[str | None]
    note: Mapped[str | None]
    classification: Mapped[str]
    """The source's own classes, separated by spaces."""
    url: Mapped[str | None]
    observed_at: Mapped[dt.datetime]
    retracted_at: Mapped[dt.datetime | None]


class TextRow(Base):
    """The words of a text version, kept once however many versions and sources give the same."""

    __tablename__ = "texts"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]


class TextVersionRow(Base):
    """One version of the text of one observation. ``sha256`` is null where a source promised a version without words."""

    __tablename__ = "text_versions"
    __table_args__ = (Index("ix_text_versions_sha256", "sha256"), {"sqlite_with_rowid": False})

    observation_id: Mapped[int] = mapped_column(ForeignKey("observations.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int]
    note: Mapped[str]
    date: Mapped[dt.date | None]
    url: Mapped[str | None]
    media_type: Mapped[str | None]
    sha256: Mapped[str | None] = mapped_column(ForeignKey("texts.sha256"))
    observed_at: Mapped[dt.datetime]
    retracted_at: Mapped[dt.datetime | None]


class HearingRow(Base):
    """Cache: the hearings of an observation, by date, for what is coming."""

    __tablename__ = "hearings"
    __table_args__ = (Index("ix_hearings_date", "date"), {"sqlite_with_rowid": False})

    observation_id: Mapped[int] = mapped_column(ForeignKey("observations.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    date: Mapped[dt.date]


# ---------------------------------------------------------------------------------------------------------------------
# Collecting


class RunRow(Base):
    """One collect run. Without ``finished_at`` it is still going, or was killed."""

    __tablename__ = "runs"
    __table_args__ = (Index("ix_runs_source", "source", "scope", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    jurisdiction: Mapped[str | None]
    scope: Mapped[str]
    started_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]
    verdict: Mapped[str | None]
    found: Mapped[int]
    new: Mapped[int]
    changed: Mapped[int]
    unchanged: Mapped[int]
    missing: Mapped[int | None]
    quarantined: Mapped[int]
    requests: Mapped[int]
    not_modified: Mapped[int]
    bytes: Mapped[int] = mapped_column(BigInteger)
    problems: Mapped[str] = mapped_column(RecordJson)
    cut: Mapped[str | None]
    """In words, how the run was told to look at a part only."""


class CheckRow(Base):
    """The last successful look at an observation in a scope, so that "unchanged" and "not seen" are two answers."""

    __tablename__ = "checks"
    __table_args__ = ({"sqlite_with_rowid": False},)

    observation_id: Mapped[int] = mapped_column(ForeignKey("observations.id"), primary_key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    checked_at: Mapped[dt.datetime]
    missing_since: Mapped[dt.datetime | None]
    """When a look at the whole scope first did not find it."""


class CrawlStateRow(Base):
    """One thing that a crawl remembers. Written in the transaction of the records that it covers."""

    __tablename__ = "crawl_state"
    __table_args__ = ({"sqlite_with_rowid": False},)

    source: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(RecordJson)


class QuarantineRow(Base):
    """A reply that could not be read, with its raw bytes. The same reply again only moves ``last_seen``."""

    __tablename__ = "quarantine"
    __table_args__ = (Index("uq_quarantine_reply", "source", "url", "sha256", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    source: Mapped[str]
    source_id: Mapped[str | None]
    url: Mapped[str]
    key: Mapped[str | None]
    reason: Mapped[str]
    media_type: Mapped[str | None]
    sha256: Mapped[str]
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    first_seen: Mapped[dt.datetime]
    last_seen: Mapped[dt.datetime]


# ---------------------------------------------------------------------------------------------------------------------
# Status, on two time lines


class StatusRow(Base):
    """What we said of a measure, from ``observed_at`` until ``superseded_at``. Append-only; the current one has no end."""

    __tablename__ = "statuses"
    __table_args__ = (
        Index("ix_statuses_measure_id", "measure_id"),
        Index("ix_statuses_observed_at", "observed_at"),
        ForeignKeyConstraint(["cause_observation_id", "cause_seq"], ["actions.observation_id", "actions.seq"]),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id"))
    from_stage: Mapped[str | None]
    stage: Mapped[str]
    stage_date: Mapped[dt.date | None]
    cause_observation_id: Mapped[int | None]
    cause_seq: Mapped[int | None]
    ruleset: Mapped[str]
    observed_at: Mapped[dt.datetime]
    superseded_at: Mapped[dt.datetime | None]
    record: Mapped[str] = mapped_column(RecordJson)


class StatusEventRow(Base):
    """A measure reached a stage on ``date``; we knew it from ``observed_at`` until ``retracted_at``. Append-only."""

    __tablename__ = "status_events"
    __table_args__ = (
        Index("ix_status_events_measure_id", "measure_id"),
        ForeignKeyConstraint(["cause_observation_id", "cause_seq"], ["actions.observation_id", "actions.seq"]),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id"))
    position: Mapped[int]
    stage: Mapped[str]
    date: Mapped[dt.date | None]
    cause_observation_id: Mapped[int | None]
    cause_seq: Mapped[int | None]
    basis: Mapped[str]
    rule: Mapped[str]
    reason: Mapped[str | None]
    ruleset: Mapped[str]
    observed_at: Mapped[dt.datetime]
    retracted_at: Mapped[dt.datetime | None]


class MovementNormRow(Base):
    """Cache: how long measures of a place (or of a level of government) stood at a stage before they moved on."""

    __tablename__ = "movement_norms"
    __table_args__ = ({"sqlite_with_rowid": False},)

    place: Mapped[str] = mapped_column(Key, primary_key=True)
    """Key of a jurisdiction, or a level."""
    kind: Mapped[str] = mapped_column(primary_key=True)
    stage: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    median_days: Mapped[int]
    slow_days: Mapped[int]
    next: Mapped[str] = mapped_column(RecordJson)
    days: Mapped[str] = mapped_column(RecordJson)
    """How many waited how many days, so that a level's norm is made of its places'."""
    version: Mapped[str]
    computed_at: Mapped[dt.datetime]


# ---------------------------------------------------------------------------------------------------------------------
# Tags


class ClassificationRow(Base):
    """What a model or a person said of a measure. Old ones are kept; ``superseded_at`` is null on each model's latest."""

    __tablename__ = "classifications"
    __table_args__ = (Index("ix_classifications_measure_id", "measure_id", "model"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id"))
    model: Mapped[str]
    by_person: Mapped[bool]
    words_hash: Mapped[str]
    """Digest of the words that were read."""
    review: Mapped[bool]
    """The model asks a person to look."""
    observed_at: Mapped[dt.datetime]
    superseded_at: Mapped[dt.datetime | None]
    record: Mapped[str] = mapped_column(RecordJson)


class ProvisionRow(Base):
    """One provision of a classification, with the words that show it."""

    __tablename__ = "provisions"
    __table_args__ = ({"sqlite_with_rowid": False},)

    classification_id: Mapped[int] = mapped_column(ForeignKey("classifications.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str]
    score: Mapped[float]
    direction: Mapped[str]
    contested: Mapped[bool]
    quote: Mapped[str]
    field: Mapped[str]
    start: Mapped[int]
    end: Mapped[int]


class TagRow(Base):
    """Cache: the goals, areas, subareas, provisions and form of a measure's current classification."""

    __tablename__ = "tags"
    __table_args__ = (Index("ix_tags_measure_id", "measure_id"), {"sqlite_with_rowid": False})

    dimension: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id"), primary_key=True)


class ReviewRow(Base):
    """A person's decision. Private: who decided is for this store only."""

    __tablename__ = "reviews"
    __table_args__ = (Index("ix_reviews_measure_id", "measure_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id"))
    classification_id: Mapped[int] = mapped_column(ForeignKey("classifications.id"))
    reviewer: Mapped[str]
    decided_at: Mapped[dt.datetime]
    decision: Mapped[str]
    reason: Mapped[str]


class CorrectionRow(Base):
    """What a reader thinks is wrong. Private: who said it is for this store only."""

    __tablename__ = "corrections"
    __table_args__ = (Index("ix_corrections_measure_id", "measure_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id"))
    record: Mapped[str] = mapped_column(RecordJson)
    received_at: Mapped[dt.datetime]
    settled_at: Mapped[dt.datetime | None]
    """When a person decided on the measure."""


class LawEventRow(Base):
    """What became of a law, as a person recorded it. Append-only; what was taken back or replaced is withdrawn."""

    __tablename__ = "law_events"
    __table_args__ = (Index("ix_law_events_measure_id", "measure_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id"))
    stage: Mapped[str]
    date: Mapped[dt.date]
    url: Mapped[str]
    says: Mapped[str]
    recorded_by: Mapped[str]
    """Private: for this store only."""
    recorded_at: Mapped[dt.datetime]
    withdrawn_at: Mapped[dt.datetime | None]


# ---------------------------------------------------------------------------------------------------------------------
# Reforms


class FamilyRow(Base):
    """A reform: measures that try the same change."""

    __tablename__ = "families"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Key, unique=True)
    name: Mapped[str]


class FamilyLinkRow(Base):
    """Why two measures are one reform. A link that a person has judged is never changed by a machine."""

    __tablename__ = "family_links"
    __table_args__ = (
        Index("uq_family_links_pair", "first_id", "second_id", "kind", unique=True),
        Index("ix_family_links_second_id", "second_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    first_id: Mapped[int] = mapped_column(ForeignKey("measures.id"))
    second_id: Mapped[int] = mapped_column(ForeignKey("measures.id"))
    kind: Mapped[str]
    score: Mapped[float]
    proof: Mapped[str]
    review: Mapped[str | None]
    """``confirmed``, ``rejected``, or null where no person has looked."""
    observed_at: Mapped[dt.datetime]
    retracted_at: Mapped[dt.datetime | None]


# ---------------------------------------------------------------------------------------------------------------------
# Private: what people follow, think and were told


class WatchRow(Base):
    """What somebody follows."""

    __tablename__ = "watches"
    __table_args__ = (
        # A removed watch gives its name free.
        Index(
            "uq_watches_name",
            "name",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    record: Mapped[str] = mapped_column(RecordJson)
    created_at: Mapped[dt.datetime]
    removed_at: Mapped[dt.datetime | None]


class NoteRow(Base):
    """Our position on a measure, and private notes."""

    __tablename__ = "notes"
    __table_args__ = (Index("ix_notes_measure_id", "measure_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id"))
    position: Mapped[str | None]
    text: Mapped[str]
    created_at: Mapped[dt.datetime]


class DigestIssueRow(Base):
    """One issue of a digest in the ledger. Only a ``sent`` one moves the mark from which the next tells."""

    __tablename__ = "digest_issues"
    __table_args__ = (Index("ix_digest_issues_name", "name", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    since: Mapped[dt.datetime | None]
    until: Mapped[dt.datetime]
    state: Mapped[str]
    """``begun``, ``sent`` or ``given_up``."""
    begun_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]


class DigestItemRow(Base):
    """Something that an issue told."""

    __tablename__ = "digest_items"
    __table_args__ = (Index("ix_digest_items_item", "item"), {"sqlite_with_rowid": False})

    issue_id: Mapped[int] = mapped_column(ForeignKey("digest_issues.id"), primary_key=True)
    item: Mapped[str] = mapped_column(primary_key=True)
