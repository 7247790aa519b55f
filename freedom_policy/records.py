"""The plain records that cross rooms: what a spider yields, the store keeps, the monitor and the classifier read.

Names follow Open States / Open Civic Data (OCD) where they have one. Records are frozen and validated; they do no I/O.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

# ---------------------------------------------------------------------------------------------------------------------
# Vocabularies

Level = Literal["federal", "state", "county", "city", "tribal"]
Chamber = Literal["upper", "lower", "legislature", "joint", "committee", "council", "executive"]
Kind = Literal[
    "bill",
    "resolution",
    "joint resolution",
    "concurrent resolution",
    "constitutional amendment",
    "ordinance",
    "local law",
    "order",
    "rule",
    "code_section",
]
KINDS: tuple[Kind, ...] = Kind.__args__  # type: ignore[attr-defined]

Stage = Literal[
    "prefiled",
    "introduced",
    "in_committee",
    "reported",
    "passed_first",
    "differences",
    "passed_all",
    "vetoed",
    "adopted",
    "enacted",
    "effective",
    "dead",
    "expired",
    "repealed",
    "enjoined",
    "struck_down",
    "unknown",
]
"""The ladder, lowest first. ``dead`` and what follows it end a measure; ``unknown`` is never guessed away."""
STAGES: tuple[Stage, ...] = Stage.__args__  # type: ignore[attr-defined]
OPEN_STAGES: tuple[Stage, ...] = STAGES[: STAGES.index("vetoed") + 1]
"""Stages from which a measure may still move towards law."""

ActionClass = Literal[
    "filing",
    "introduction",
    "enrolled",
    "reading-1",
    "reading-2",
    "reading-3",
    "passage",
    "informal-passage",
    "failure",
    "withdrawal",
    "substitution",
    "amendment-introduction",
    "amendment-passage",
    "amendment-withdrawal",
    "amendment-failure",
    "amendment-amendment",
    "amendment-deferral",
    "committee-passage",
    "committee-passage-favorable",
    "committee-passage-unfavorable",
    "committee-failure",
    "executive-receipt",
    "executive-signature",
    "executive-veto",
    "executive-veto-line-item",
    "became-law",
    "veto-override-passage",
    "veto-override-failure",
    "deferral",
    "receipt",
    "referral",
    "referral-committee",
    "hearing-held",
    "work-session",
    "sponsorship",
    "carried-over",
    "reported-out-of-committee",
    "concurrence",
]
"""The 38 action classes of Open States / OCD."""
ACTION_CLASSES: tuple[ActionClass, ...] = ActionClass.__args__  # type: ignore[attr-defined]

Basis = Literal["action", "inferred", "text", "person"]
Fate = Literal["effective", "expired", "repealed", "enjoined", "struck_down"]
FATES: tuple[Fate, ...] = Fate.__args__  # type: ignore[attr-defined]
"""What may become of a law after it was made."""
Mark = Literal["setback", "carried_over", "hearing", "retracted"]
Relevance = Literal["core", "partial", "adjacent", "mention", "none"]
TRACKED: frozenset[str] = frozenset({"core", "partial", "adjacent"})
Direction = Literal["strengthens", "weakens", "mixed", "neutral", "unclear"]
Form = Literal["sex", "labor", "both", "unspecified", "none"]
TextField = Literal["title", "abstract", "text"]
ReadStatus = Literal["ok", "unreadable", "not_english", "empty"]
Verdict = Literal["complete", "partial", "blocked", "failed", "empty_as_expected"]
RelationType = Literal["companion", "prior-session", "replaced-by", "replaces", "related"]

Text = Annotated[str, StringConstraints(min_length=1)]


class Record(BaseModel):
    """Base of all records: frozen, no unknown fields."""

    # Built on first use: a command that lists measures needs few of the records.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


R = TypeVar("R", bound=Record)


_canonical = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str).encode
"""Compact JSON with sorted keys: equal values are equal text."""


def digest_of(value: Any) -> str:
    """SHA-256 of a JSON-able value (keys sorted), as hex. Equal content gives an equal digest, whatever the order of keys."""
    return hashlib.sha256(_canonical(value).encode()).hexdigest()


# ---------------------------------------------------------------------------------------------------------------------
# Places


class Organization(Record):
    """A chamber or executive of a jurisdiction: how its members call it (``House``, ``City Council``)."""

    classification: Chamber
    name: Text


class Jurisdiction(Record):
    """A place that makes law. ``key`` is for people (``us-ny-nyc``), ``ocd_id`` for other systems."""

    key: Text
    ocd_id: Text
    name: Text
    level: Level
    parent: str | None = None
    time_zone: Text
    chambers: tuple[Organization, ...] = ()


class Session(Record):
    """One legislative session. ``end`` is adjournment sine die; None means unknown or still open, never "no end"."""

    jurisdiction: Text
    identifier: Text
    name: str = ""
    start: dt.date | None = None
    end: dt.date | None = None
    classification: str = "primary"


# ---------------------------------------------------------------------------------------------------------------------
# Measures, as a source gives them


class Source(Record):
    """Where and when a record was read. ``url`` carries no key or token."""

    name: Text
    """Name of the source in the registry, such as ``congress`` or ``legistar``."""
    url: Text
    retrieved_at: AwareDatetime
    source_id: str | None = None
    """The source's own identifier (Legistar MatterId, LegiScan bill_id...)."""


class Sponsor(Record):
    """A sponsor in official role only."""

    name: Text
    classification: Literal["primary", "cosponsor"] = "cosponsor"
    entity_type: Literal["person", "organization"] = "person"
    source_id: str | None = None
    date: dt.date | None = None
    party: str | None = None
    district: str | None = None
    withdrawn: dt.date | None = None


class Action(Record):
    """One step as printed. A date stays a date; ``time`` (local wall time) is there only if the source gives one.

    ``classification`` holds the *source's* own OCD classes as evidence, not ours.
    """

    date: dt.date | None
    description: str
    time: dt.time | None = None
    chamber: Chamber | None = None
    body: str | None = None
    code: str | None = None
    type: str | None = None
    system: str | None = None
    """Which of the source's feeder systems recorded it (``House floor actions``, ``Library of Congress``...)."""
    note: str | None = None
    classification: tuple[str, ...] = ()
    url: str | None = None


class TextVersion(Record):
    """One version of the text. ``text`` is None when the source promised a version and gave no words."""

    note: str
    date: dt.date | None = None
    url: str | None = None
    media_type: str | None = None
    text: str | None = None

    @property
    def sha256(self) -> str | None:
        """SHA-256 of the plain text in UTF-8, as hex; None without text."""
        return hashlib.sha256(self.text.encode()).hexdigest() if self.text is not None else None


class Document(Record):
    """A paper about a measure that is not a version of it (fiscal note, committee report, attachment)."""

    note: str
    date: dt.date | None = None
    url: str | None = None
    media_type: str | None = None


class Abstract(Record):
    """A summary as the source gives it; ``note`` says whose and of which version."""

    abstract: Text
    note: str = ""
    date: dt.date | None = None


class RelatedMeasure(Record):
    """A relation that the source states. ``session`` and ``identifier`` are canonical."""

    relation_type: RelationType
    session: str
    identifier: Text
    jurisdiction: str | None = None
    """None: the same place."""
    stated_by: str = ""
    note: str = ""


class Committee(Record):
    """A committee that the measure was before."""

    name: Text
    chamber: Chamber | None = None
    code: str | None = None


class Citation(Record):
    """A number that the measure bears as law (``Public Law 117-348``, ``Local Law 2024/104``)."""

    kind: Literal["law", "chapter", "proposed", "other"] = "law"
    citation: Text


class Hearing(Record):
    """A hearing held or scheduled, with local time and place where the source gives them."""

    date: dt.date
    time: dt.time | None = None
    body: str | None = None
    place: str | None = None
    url: str | None = None
    note: str = ""


class Measure(Record):
    """A bill, resolution, ordinance, local law, order, rule or code section, as one source gives it.

    Natural key: jurisdiction + session + identifier, in the canonical spelling of :mod:`freedom_policy.places`.
    Actions are oldest first, in the source's order within a day.
    """

    jurisdiction: Text
    session: Text
    identifier: Text
    kind: Kind | None = None
    title: str
    source: Source
    other_titles: tuple[str, ...] = ()
    abstracts: tuple[Abstract, ...] = ()
    subjects: tuple[str, ...] = ()
    sponsors: tuple[Sponsor, ...] = ()
    committees: tuple[Committee, ...] = ()
    actions: tuple[Action, ...] = ()
    versions: tuple[TextVersion, ...] = ()
    documents: tuple[Document, ...] = ()
    related: tuple[RelatedMeasure, ...] = ()
    citations: tuple[Citation, ...] = ()
    hearings: tuple[Hearing, ...] = ()
    introduced: dt.date | None = None
    effective: dt.date | None = None
    source_status: str | None = None
    """The source's own word for where the measure stands: evidence, not our stage."""
    url: str | None = None
    """The page for people; ``source.url`` is what was read."""

    @property
    def latest_text(self) -> str | None:
        """The words of the newest version that has any."""
        return next((version.text for version in reversed(self.versions) if version.text), None)

    @property
    def key(self) -> str:
        """Key for people, such as ``us-tx/892/HB252``."""
        return f"{self.jurisdiction}/{self.session}/{self.identifier}"

    def content_hash(self) -> str:
        """Digest of what the source said, without when it was read. The order of unordered things does not count.

        What is left out or at its default does not count either, so that a field which a later version adds makes no
        measure look changed.
        """
        body = self.model_dump(mode="json", exclude={"source"}, exclude_defaults=True)
        for name in (
            "other_titles",
            "subjects",
            "committees",
            "documents",
            "related",
            "citations",
            "hearings",
            "abstracts",
        ):
            if name in body:
                body[name] = sorted(body[name], key=_canonical)
        # First sponsor means prime sponsor in some sources, so the primary ones come first and cosponsors in any order.
        if "sponsors" in body:
            body["sponsors"] = sorted(
                body["sponsors"], key=lambda s: (s.get("classification") != "primary", _canonical(s))
            )
        for action in body.get("actions", ()):
            if "classification" in action:
                action["classification"] = sorted(action["classification"])
        if "versions" in body:
            body["versions"] = sorted(
                body["versions"],
                key=lambda v: (v.get("date", ""), v["note"], v.get("url", ""), v.get("media_type", "")),
            )
        return digest_of({"name": self.source.name, "source_id": self.source.source_id, **body})


# ---------------------------------------------------------------------------------------------------------------------
# What a crawl hands to its caller


class CrawlState(Record):
    """What a crawl must remember between runs (ETags, ``lastmod``, ``change_hash``, where it stopped), per source and scope."""

    source: Text
    scope: str = ""
    values: dict[str, Any] = Field(default_factory=dict)


class Found(Record):
    """A measure was read. ``remember`` is committed in the same transaction as the measure.

    ``remember`` is merged into the state key by key; the value None forgets a key.
    """

    type: Literal["found"] = "found"
    measure: Measure
    remember: dict[str, Any] = Field(default_factory=dict)
    unread: tuple[str, ...] = ()
    """Fields of the measure whose sub-page could not be read this time (``actions``, ``versions``): they are empty here
    because we do not know, so what was known before stays and nothing of it counts as retracted."""


class Unchanged(Record):
    """We looked at a measure and the source said that nothing changed (304, same ``lastmod`` or ``change_hash``)."""

    type: Literal["unchanged"] = "unchanged"
    key: Text
    source: Source
    remember: dict[str, Any] = Field(default_factory=dict)


class Rejected(Record):
    """A reply that could not be read as a whole; kept in quarantine with the raw bytes (base64)."""

    type: Literal["rejected"] = "rejected"
    source: Source
    reason: Text
    raw: str = ""
    media_type: str | None = None
    key: str | None = None


class Remember(Record):
    """State without a measure: where the crawl stopped, a listing that was read to its end."""

    type: Literal["remember"] = "remember"
    remember: dict[str, Any]


class Problem(Record):
    """Something a person should know about a run: what, where, how to mend it."""

    what: Text
    where: str = ""
    mend: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.what, f"({self.where})" if self.where else "", self.mend) if part)


class CrawlReport(Record):
    """How the crawl itself went, from the spider's side. The store adds new, changed and unchanged."""

    type: Literal["report"] = "report"
    source: Text
    jurisdiction: str | None = None
    scope: str = ""
    started_at: AwareDatetime
    finished_at: AwareDatetime
    verdict: Verdict
    found: int = 0
    quarantined: int = 0
    requests: int = 0
    not_modified: int = 0
    bytes: int = 0
    problems: tuple[Problem, ...] = ()
    complete_scope: bool = False
    """True if every measure of the scope was looked at, so that one not seen is missing (never with limit, since, query)."""


Message = Found | Unchanged | Rejected | Remember | CrawlReport


class Run(Record):
    """One collect run as kept in the store and printed by ``collect --format json`` (CONTRACTS)."""

    source: Text
    jurisdiction: str | None = None
    started_at: AwareDatetime
    finished_at: AwareDatetime | None = None
    verdict: Verdict | None = None
    found: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    missing: int | None = None
    """None when the run looked at a part only (``--limit``, ``--since``, ``--query``)."""
    cut: str | None = None
    """How it was told to look at a part only, in words (``limit 20``); None: at all of it."""
    quarantined: int = 0
    requests: int = 0
    not_modified: int = 0
    bytes: int = 0
    seconds: float = 0.0
    problems: tuple[Problem, ...] = ()


# ---------------------------------------------------------------------------------------------------------------------
# What the monitor says


class StatusEvent(Record):
    """A measure reached a stage: when, by which action (index into the actions given) and which rule."""

    stage: Stage
    date: dt.date | None
    cause: int | None = None
    basis: Basis = "action"
    rule: str
    reason: str | None = None
    url: str | None = None
    """The page that a person named as the source; only where ``basis`` is ``person``."""


class StatusMark(Record):
    """Something worth knowing that is not a stage."""

    mark: Mark
    date: dt.date | None
    cause: int | None = None
    note: str | None = None


class Status(Record):
    """Where a measure stands and how it got there; computed from its actions by a versioned ruleset."""

    stage: Stage
    stage_date: dt.date | None = None
    cause: int | None = None
    basis: Basis = "action"
    rule: str = ""
    reason: str | None = None
    events: tuple[StatusEvent, ...] = ()
    marks: tuple[StatusMark, ...] = ()
    effective_date: dt.date | None = None
    classes: tuple[tuple[str, ...], ...] = ()
    """Our OCD classes, one tuple for each action given."""
    unmapped: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()
    ruleset: str


# ---------------------------------------------------------------------------------------------------------------------
# What the classifier says


class Provision(Record):
    """One thing that a measure would do, with the words that show it: ``quote == field[start:end]`` in code points."""

    type: Text
    score: float = Field(ge=0, le=1)
    direction: Direction
    goal_directions: dict[str, Direction] = Field(default_factory=dict)
    contested: bool = False
    quote: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    field: TextField


class Classification(Record):
    """What the classifier (or a person) says of one measure; the fields of ``classify`` in CONTRACTS, without ``id``."""

    relevance: Relevance
    tracked: bool
    score: float = Field(ge=0, le=1)
    goals: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    subareas: tuple[str, ...] = ()
    provisions: tuple[Provision, ...] = ()
    form: Form = "none"
    direction: Direction | Literal["none"] = "none"
    binding: bool | None = None
    administrative: bool | None = None
    contested: bool = False
    review: bool = False
    status: ReadStatus = "ok"
    model: str


# ---------------------------------------------------------------------------------------------------------------------
# What the store gives back


class Review(Record):
    """What a person decided, when and why. It outranks a model."""

    reviewer: Text
    decided_at: AwareDatetime
    decision: Literal["accept", "correct", "reject"]
    reason: str = ""


class MeasureView(Record):
    """One measure as readers see it: merged over its sources, with its current status and tags and how fresh they are."""

    key: Text
    jurisdiction: Text
    session: Text
    identifier: Text
    kind: Kind | None = None
    title: str
    abstract: str | None = None
    url: str | None = None
    sponsors: tuple[Sponsor, ...] = ()
    committees: tuple[Committee, ...] = ()
    citations: tuple[Citation, ...] = ()
    hearings: tuple[Hearing, ...] = ()
    introduced: dt.date | None = None
    actions: tuple[Action, ...] = ()
    """Not retracted ones, oldest first. ``status.cause`` is an index into these."""
    sources: tuple[Source, ...] = ()
    first_seen: AwareDatetime | None = None
    last_checked: AwareDatetime | None = None
    status: Status | None = None
    classification: Classification | None = None
    review: Review | None = None
    family: str | None = None
    """Key of the reform that this measure belongs to."""
    demo: bool = False
    """Read from a demo recording: real facts, paraphrased text."""
    as_of: dt.date | None = None
    """Set where the measure is shown as it stood on a day; nothing that is dated later is in it."""
    known_at: AwareDatetime | None = None
    """Set where it is shown as we knew it at a moment; nothing that we learnt later is in it."""
    left_out: tuple[str, ...] = ()
    """What the record has now and was left out then, because the store does not know since when it is so."""

    @property
    def stage(self) -> Stage:
        """Current stage; ``unknown`` where nothing was computed."""
        return self.status.stage if self.status else "unknown"


NormKind = Literal["bill", "resolution"]


class MovementNorm(Record):
    """How long the measures of a place that moved on from a stage had stood there, and where they went."""

    place: str
    """Key of a jurisdiction, or a level (``state``), which stands in for its places that have too few cases."""
    kind: NormKind
    """``resolution``: what a chamber or both only adopt; ``bill``: all the rest."""
    stage: Stage
    count: int
    median_days: int
    slow_days: int
    """Nine in ten of those that moved on had done so by then."""
    next: tuple[tuple[Stage, int], ...]
    """Where they went, most often first."""
    days: tuple[tuple[int, int], ...] = ()
    """How many waited how many days; left out where it is not asked for."""


class StageChange(Record):
    """A move that a digest tells: from which stage to which, caused by what, and when we learnt of it."""

    measure: MeasureView
    from_stage: Stage | None
    """None: the measure is new to us."""
    to_stage: Stage
    date: dt.date | None
    cause: Action | None = None
    basis: Basis = "action"
    rule: str = ""
    reason: str | None = None
    observed_at: AwareDatetime


def unique(items: Iterable[R]) -> tuple[R, ...]:
    """The items in order, exact repeats dropped. For unordered things only: a repeated *action* may be true."""
    return tuple(dict.fromkeys(items))


def oldest_first(actions: Sequence[Action]) -> tuple[Action, ...]:
    """Actions in date order; the given order breaks ties and keeps undated actions beside their neighbour."""
    last = dt.date.min
    keyed = []
    for action in actions:
        last = action.date or last
        keyed.append((last, action))
    return tuple(action for _, action in sorted(keyed, key=lambda pair: pair[0]))


# ---------------------------------------------------------------------------------------------------------------------
# What a caller asks for


class CrawlOptions(Record):
    """What part of a source to collect. Secrets travel in ``key`` and are in no log, URL in the store, or error."""

    jurisdiction: str | None = None
    session: str | None = None
    client: str | None = None
    since: dt.date | None = None
    limit: int | None = Field(default=None, ge=1)
    query: str | None = None
    base_url: str | None = None
    resume: bool = False
    key: str | None = Field(default=None, repr=False)
    settings: dict[str, Any] = Field(default_factory=dict)
    """Scrapy settings to override (concurrency in tests, cache folder)."""

    @property
    def partial(self) -> bool:
        """True if the run looks at a part only, so that a measure not seen is not missing."""
        return self.cut is not None

    @property
    def cut(self) -> str | None:
        """How the run is to look at a part only, in words, such as ``limit 20, query 'hotel'``; None: at all of it."""
        parts = (
            f"limit {self.limit}" if self.limit is not None else "",
            f"query {self.query!r}" if self.query is not None else "",
            f"since {self.since}" if self.since is not None else "",
        )
        return ", ".join(filter(None, parts)) or None


class MeasureFilter(Record):
    """Which measures a reader wants. Empty means all; values within a field are alternatives, fields narrow each other."""

    keys: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    """Keys of measures that come besides, whatever the other fields say: those that a model missed, too."""
    jurisdictions: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    goals: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    subareas: tuple[str, ...] = ()
    provisions: tuple[str, ...] = ()
    forms: tuple[Form, ...] = ()
    query: str | None = None
    """Words that the title, abstract or number must contain."""
    since: dt.date | None = None
    """Last action on or after this day."""
    until: dt.date | None = None
    tracked: bool | None = True
    """True: core, partial and adjacent only; False: the rejected ones; None: both, and what was never classified."""
    contested: bool | None = None
    limit: int | None = Field(default=None, ge=1)


# ---------------------------------------------------------------------------------------------------------------------
# Reforms, and what people follow


class FamilyLink(Record):
    """Why two measures try the same change: what ties them, how strongly, and the proof in words."""

    first: Text
    """Key of a measure."""
    second: Text
    kind: Text
    """Such as ``companion``, ``prior-session``, ``substitute``, ``same-text``, ``model-law``."""
    score: float = Field(ge=0, le=1)
    proof: str
    review: Literal["confirmed", "rejected"] | None = None
    """What a person decided; None: nobody looked."""


class Family(Record):
    """A reform: measures that try the same change. A measure belongs to one family at most."""

    key: Text
    name: str
    members: tuple[str, ...]
    """Keys of measures."""


class Watch(Record):
    """What somebody follows, how often and where to they are told. Private."""

    name: Text
    filter: MeasureFilter
    schedule: Literal["daily", "weekly", "monthly"] | None = None
    """None: only when asked."""
    emails: tuple[str, ...] = ()
    webhook: str | None = None
    created_at: AwareDatetime | None = None


class Correction(Record):
    """What a reader thinks is wrong with a measure's tags, for a person to decide on. Who said it is private."""

    key: Text
    says: str = ""
    relevance: Relevance | None = None
    goals: tuple[str, ...] | None = None
    provisions: tuple[str, ...] | None = None
    direction: Direction | None = None
    said_by: str | None = None
    received_at: AwareDatetime | None = None


class LawEvent(Record):
    """What became of a law, as a person recorded it from a page that no collector reads: a court's order, a repeal."""

    key: Text
    stage: Fate
    """``effective``: it applies again, as where an injunction was lifted."""
    date: dt.date
    url: Text
    """The page that says so."""
    says: str = ""
    """What happened, in the person's words."""
    recorded_by: str | None = None
    """Private."""
    recorded_at: AwareDatetime | None = None
    withdrawn_at: AwareDatetime | None = None


class Note(Record):
    """Our position on a measure, and private words about it."""

    key: Text
    text: str = ""
    position: Literal["support", "oppose", "watch"] | None = None
    created_at: AwareDatetime | None = None
