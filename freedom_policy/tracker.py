"""``Tracker``: the one facade that notebooks and the command line use. It orchestrates; the rooms do the work."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import asking, config, places
from .errors import BadInput, FreedomPolicyError, did_you_mean
from .notebook import MeasurePage, Measures
from .records import (
    Classification,
    CrawlOptions,
    CrawlReport,
    Found,
    LawEvent,
    Measure,
    MeasureFilter,
    MeasureView,
    Message,
    Note,
    Record,
    Remember,
    Review,
    Run,
    Status,
    Unchanged,
    Watch,
)
from .store import Store, queries

if TYPE_CHECKING:
    from types import TracebackType

    from . import reviewing, watching
    from .classifiers.drift import Drift
    from .comparing import Comparison
    from .impact import Impact
    from .reports import Coverage, Digest, HelpLine, ModelLaw, Reform, Site
    from .spiders import SourceInfo
    from .standalone import Progress
    from .store.package import Format, Package

_BATCH = 500
_LAST_START = "tracker.last_start"
"""Name in the crawl's state: when the last complete look at all of a scope began. One by ``limit`` or ``query`` is none."""


class Work(Record):
    """What a pass over the store did."""

    looked_at: int = 0
    changed: int = 0
    version: str = ""


class Tracker:
    """The library in one object: collect, classify, monitor, ask, tell.

    Args:
        url: database URL (``sqlite:///file``, ``postgresql+psycopg://...``); default: ``$FREEDOM_POLICY_DB``, the config
            file, else SQLite in the user's data folder. An empty database is set up; an older one is never changed
            without being asked (``freedom-policy db upgrade``).
        config_file: TOML file with keys; default: the user's configuration folder.
        now: the moment to work at, for tests and replays; default: the clock.
        recorded_on: the day of the recordings that are played back, for demos: all that is collected is marked as such.
        make: False where an SQLite file that is not there is a mistake, not a new store.

    Raises:
        StoreUnusable: the database cannot be opened, or is older or newer than this version.
        BadInput: the config file cannot be used.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        config_file: str | Path | None = None,
        now: dt.datetime | None = None,
        recorded_on: dt.date | None = None,
        make: bool = True,
    ) -> None:
        self.config = config.load(config_file)
        self._now = now
        self._recorded_on = recorded_on
        self.store = Store(url or self.config.db, make=make)
        self.store.prepare()

    # -- context ------------------------------------------------------------------------------------------------------

    def __enter__(self) -> Tracker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self.store.close()

    @property
    def now(self) -> dt.datetime:
        """This moment, in the reader's time zone: days that people ask for begin at their own midnight."""
        return self._now or dt.datetime.now().astimezone()

    @property
    def today(self) -> dt.date:
        """Today, where the reader is."""
        return self.now.date()

    # -- collect ------------------------------------------------------------------------------------------------------

    def sources(self) -> Mapping[str, SourceInfo]:
        """The registry of sources by name."""
        from . import spiders

        return spiders.sources()

    def check_sources(
        self, names: Iterable[str] = (), **asked: Any
    ) -> Iterator[tuple[str, CrawlReport | FreedomPolicyError]]:
        """Ask sources for a little and keep nothing: alive, key taken, form unchanged?

        Args:
            names: which ones; default: every place collected before, and the sources that need nothing.
            asked: as for :meth:`collect` (``jurisdiction``, ``client``, ``session``, ``base_url``).

        Yields:
            A label and what the look said, or why it could not begin.
        """
        from . import spiders

        wanted: list[tuple[str, dict[str, Any]]] = [(name, {}) for name in names] or [
            *((run.source, {"jurisdiction": run.jurisdiction}) for run in self.runs()),
            *((name, {}) for name, info in spiders.sources().items() if info.collects and info.key == "none"),
        ]
        looked: set[str] = set()
        for name, place in wanted:
            label = " ".join(filter(None, (name, place.get("jurisdiction") or asked.get("jurisdiction"))))
            if label in looked or (not place and any(label == other.split()[0] for other in looked)):
                continue
            looked.add(label)
            try:
                yield label, spiders.probe(name, options=self.check_collect(name, **{**place, **asked}))
            except FreedomPolicyError as error:
                yield label, error

    def collect(
        self,
        source: str,
        *,
        jurisdiction: str | None = None,
        session: str | None = None,
        client: str | None = None,
        since: str | dt.date | None = None,
        limit: int | None = None,
        query: str | None = None,
        base_url: str | None = None,
        resume: bool = False,
        key: str | None = None,
        progress: Progress | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Run:
        """Collect one source into the store. Twice without harm; interrupted, what was read stays and the next run goes on.

        Args:
            since: a day, ``7d``, or ``last`` (the start of the last complete run of the same source, place and session).
            key: API key or token; default: environment or config file.

        Raises:
            BadInput: unknown source, client, jurisdiction or date; a missing key. Nothing was written.
        """
        from . import spiders

        options = self.check_collect(
            source,
            jurisdiction=jurisdiction,
            session=session,
            client=client,
            since=since,
            limit=limit,
            query=query,
            base_url=base_url,
            resume=resume,
            key=key,
            settings=settings,
        )
        scope = spiders.scope_of(source, options)
        self.store.save_places(places.jurisdictions().values(), places.sessions().values())
        with self.store.collecting(
            source,
            jurisdiction=options.jurisdiction,
            scope=scope,
            cut=options.cut,
            demo=self._recorded_on is not None,
            clock=lambda: self.now,
        ) as run:
            seen = 0

            def sink(message: Message) -> None:
                nonlocal seen
                whole = options.limit is None and options.query is None
                if isinstance(message, CrawlReport) and message.verdict == "complete" and whole:
                    run.write(Remember(remember={_LAST_START: message.started_at.isoformat()}))
                run.write(message)
                if isinstance(message, Found | Unchanged):
                    seen += 1
                    if progress:
                        progress(f"collecting {source}", seen)

            # The last message is the crawl's report, which ends the run.
            spiders.crawl(source, options=options, state=self.store.load_state(source, scope), sink=sink)
        return run.result

    def check_collect(
        self,
        source: str,
        *,
        jurisdiction: str | None = None,
        since: str | dt.date | None = None,
        client: str | None = None,
        key: str | None = None,
        settings: Mapping[str, Any] | None = None,
        **asked: Any,
    ) -> CrawlOptions:
        """What ``collect`` would do, checked and filled in; nothing is requested or written.

        Raises:
            BadInput: as ``collect``.
        """
        from . import spiders

        self.check_keys()
        place = places.jurisdiction(jurisdiction).key if jurisdiction else None
        options = CrawlOptions(
            jurisdiction=place,
            client=client,
            since=None if since == "last" else asking.day(since, today=self.today, what="since"),
            key=key or self.config.key(source, client),
            settings=dict(settings or {}),
            **asked,
        )
        options = spiders.check_options(source, options)
        if since != "last":
            return options
        last = self.store.load_state(source, spiders.scope_of(source, options)).values.get(_LAST_START)
        day = dt.datetime.fromisoformat(last).date() if last else None
        return spiders.check_options(source, options.model_copy(update={"since": day}))

    def check_keys(self) -> None:
        """Check the names of the keys in the config file, if it has any.

        Raises:
            BadInput: no such source or client; the message names near matches.
        """
        from . import spiders

        if self.config.values.get("keys"):
            keyed = {name: info for name, info in spiders.sources().items() if info.key != "none"}
            self.config.check_keys(
                {name: tuple(spiders.clients(name)) if info.key == "by_client" else () for name, info in keyed.items()}
            )

    def scopes(self) -> list[tuple[str, str]]:
        """The places and sessions of which there is something in the store."""
        found = queries.facets(self.store, ("jurisdiction", "session"), MeasureFilter(tracked=None))
        return [(facet.values["jurisdiction"], facet.values["session"]) for facet in found]

    # -- understand ---------------------------------------------------------------------------------------------------

    def classify(self, *, all: bool = False, progress: Progress | None = None, **asked: Any) -> Work:
        """Tag what is new or changed in the store (``all``: everything again). Old tags and people's decisions are kept.

        Args:
            asked: which measures only; see :func:`freedom_policy.asking.measure_filter`.
        """
        from .standalone import model_in_use

        model = model_in_use(self.config)
        wanted = asking.measure_filter(today=self.today, **{"tracked": None, **asked})

        def tagged() -> Iterator[tuple[str, Classification]]:
            for measure in self.store.measures_to_classify(model.version, all=all, filter=wanted):
                yield measure.key, model.classify(**_words_of(measure))

        return self._save(tagged(), self.store.save_classifications, "tagging", model.version, progress)

    # -- watch --------------------------------------------------------------------------------------------------------

    def monitor(
        self, *, all: bool = False, as_of: str | dt.date | None = None, progress: Progress | None = None
    ) -> Work:
        """Recompute where the measures of the store stand, as of a day (default: today).

        Looked at is what is new or changed, what the passing of time may have moved (a session's end, an effective date),
        and the places whose rules are not those of the last time.
        """
        from .monitoring import movement, ruleset_for

        day = asking.day(as_of, today=self.today, what="as-of day") or self.today

        def ruleset_of(place: str) -> str:
            return ruleset_for(place).version

        due = self.store.measures_to_assess(all=all, as_of=day, ruleset_of=ruleset_of, text=True)
        work = self._save(
            self._assessed(due, day), self.store.save_statuses, "computing status", ruleset_for(None).version, progress
        )
        self.store.refresh_norms(
            movement.norms_of, movement.level_norms, version=movement.VERSION, observed_at=self.now
        )
        return work

    def _assessed(self, measures: Iterable[Measure], day: dt.date) -> Iterator[tuple[str, Status]]:
        from .monitoring import assess

        told: dict[str, list[LawEvent]] = defaultdict(list)
        for event in queries.law_events(self.store):
            told[event.key].append(event)
        for measure in measures:
            yield (
                measure.key,
                assess(
                    measure.actions,
                    jurisdiction=measure.jurisdiction,
                    kind=measure.kind,
                    identifier=measure.identifier,
                    session=measure.session,
                    as_of=day,
                    text=measure.latest_text,
                    told=told.get(measure.key, ()),
                ),
            )

    def find_reforms(self, *, progress: Progress | None = None) -> Work:
        """Find which tracked measures try the same change (companions, reintroductions, the same text elsewhere).

        What a person confirmed or rejected of a link stays decided.
        """
        from .monitoring import families

        tracked = self.store.measures_to_assess(all=True, text=True, filter=MeasureFilter())
        candidates = [families.candidate(measure) for measure in tracked]
        if progress:
            progress("comparing measures", len(candidates))
        decided = {(link.first, link.second): link for link in queries.family_links(self.store) if link.review}
        links = [
            link.model_copy(update={"review": decided[link.first, link.second].review})
            if (link.first, link.second) in decided
            else link
            for link in families.find_links(candidates)
        ]
        changed = self.store.save_families(families.reforms(candidates, links), links, observed_at=self.now)
        return Work(looked_at=len(candidates), changed=changed)

    def _save(
        self,
        results: Iterator[tuple[str, Any]],
        save: Callable[..., int],
        what: str,
        version: str,
        progress: Progress | None,
    ) -> Work:
        looked_at = changed = 0
        while batch := list(islice(results, _BATCH)):
            changed += save(batch, observed_at=self.now)
            looked_at += len(batch)
            if progress:
                progress(what, looked_at)
        return Work(looked_at=looked_at, changed=changed, version=version)

    # -- ask ----------------------------------------------------------------------------------------------------------

    def measures(self, **asked: Any) -> Measures:
        """A lazy query, such as ``tracker.measures(goal="buyer_deterrence", stage=["enacted", "effective"])``.

        Words: see :func:`freedom_policy.asking.measure_filter`.
        """
        return Measures(self.store, asking.measure_filter(today=self.today, **asked), today=self.today)

    def measure(
        self, key: str, *, as_of: str | dt.date | None = None, known_at: str | dt.date | None = None
    ) -> MeasurePage:
        """One measure by its key, in any spelling; with ``as_of`` where it stood that day, with ``known_at`` as we knew it.

        Nothing that came or was learnt later is shown then; ``view.left_out`` names what the store cannot date.

        Raises:
            BadInput: not a key, or not in the store; the message names near matches.
        """
        canonical = str(places.parse_key(key))
        view = queries.measure(self.store, canonical)
        if view is None:
            near = queries.near_keys(self.store, canonical)
            hint = f"Did you mean {' or '.join(near)}?" if near else "Collect its source first."
            raise BadInput(f"No measure {canonical} in the store. {hint}")
        if as_of or known_at:
            known = asking.day(known_at, today=self.today, what="known-at day")
            valid = asking.day(as_of, today=self.today, what="as-of day") or known or self.today
            moment = dt.datetime.combine(known, dt.time.max, self.now.tzinfo) if known else None
            view = queries.as_it_was(self.store, view, valid=valid, known=moment)
        return MeasurePage(view, queries.movement_norms(self.store))

    def reform(self, key: str) -> Reform:
        """A reform by its key or by that of one of its measures: how far it has come where, and what ties its measures.

        Raises:
            BadInput: no such reform; the message names near matches.
        """
        from .reports import build_reform

        return build_reform(self.store, str(places.parse_key(key)), now=self.now)

    def compare_versions(self, key: str, old: str, new: str) -> Comparison:
        """What changed between two text versions of a measure (labels or numbers), and which tags came and went.

        Raises:
            BadInput: no such measure or version, or a version without words.
        """
        from . import comparing
        from .standalone import model_in_use

        view = self.measure(key).view
        model = model_in_use(self.config)
        versions = queries.versions(self.store, view.key)
        return comparing.compare(
            view.key,
            versions,
            old,
            new,
            lambda text: model.classify(view.title, "", text, jurisdiction=view.jurisdiction, kind=view.kind),
        )

    def explain(self, key: str) -> str:
        """Why a measure got its tags: quotations, the weight of the words, the codebook's rule.

        Raises:
            BadInput: not in the store.
        """
        from . import classifiers
        from .standalone import model_in_use

        canonical = self.measure(key).view.key
        measure = self.store.measure_with_text(canonical)
        return classifiers.explain(model_in_use(self.config), **_words_of(measure))

    def drift(self, before: str | None = None) -> Drift:
        """What the latest model in the store says otherwise than the one before it, or than the model of a version.

        Raises:
            BadInput: the store holds the tags of one model only, or none of that version.
        """
        from .classifiers.drift import drift

        held = queries.models(self.store)
        if before is not None and before not in held:
            raise BadInput(f"No tags of model {before!r} in the store. {did_you_mean(before, held)}".strip())
        older = [before] if before else held[1:]
        if not older or older[0] == held[0]:
            raise BadInput("The store holds the tags of one model only. Run: freedom-policy classify")
        return drift(queries.both_said(self.store, older[0], held[0]))

    def unmapped_actions(self, limit: int = 200) -> list[tuple[str, str, int]]:
        """Action texts that no rule reads, most frequent first: (jurisdiction, text, count)."""
        return queries.unmapped_actions(self.store, limit=limit)

    def check_store(self) -> dict[str, Any]:
        """Integrity, version and counts of the store."""
        return self.store.check()

    def runs(self) -> list[Run]:
        """The last run of each source and scope, newest first."""
        return queries.last_runs(self.store)

    # -- tell ---------------------------------------------------------------------------------------------------------

    def digest(
        self,
        *,
        since: str | dt.date | None = "7d",
        until: str | dt.date | None = None,
        watch: str | None = None,
        **asked: Any,
    ) -> Digest:
        """What changed since a day, for the places, goals and areas asked for.

        Args:
            since: a day, ``7d``, or ``last`` (what the last digest with the same filter did not tell; this one does not
                count as told, see :meth:`telling`).
            watch: name of a watch, in place of a filter.
        """
        from .reports import build_digest

        name, wanted = self._followed(watch, asked)
        end = self._end_of(until)
        if since == "last":
            start = queries.last_told(self.store, name or wanted)
        else:
            day = asking.day(since, today=self.today, what="since")
            start = dt.datetime.combine(day, dt.time.min, self.now.tzinfo) if day else None
        if start and start > end:
            raise BadInput(f"The range is upside down: since {start.date()} is after until {end.date()}. Swap them.")
        return build_digest(
            self.store,
            since=start,
            until=end,
            filter=wanted,
            title=watch,
            now=self.now,
            recorded_on=self._recorded_on,
            help_lines=self._help_lines(),
        )

    def _help_lines(self) -> tuple[HelpLine, ...]:
        from .reports import HelpLine

        try:
            return tuple(HelpLine(**line) for line in self.config.values.get("help_lines", ()))
        except (TypeError, ValueError) as error:
            raise BadInput(
                f"[[help_lines]] in {str(self.config.path)!r} does not read: each has name, contact, source and checked_on."
            ) from error

    def telling(
        self, *, until: str | dt.date | None = None, watch: str | None = None, **asked: Any
    ) -> AbstractContextManager[Digest]:
        """What was not told before, for a ``with`` block that prints or writes it; told once the block ends well.

        Example::

            with tracker.telling(jurisdiction="us-tx") as digest:
                Path("digest.html").write_text(digest.to_html())
        """
        from . import watching

        name, wanted = self._followed(watch, asked)
        return watching.printing(
            self.store, name or wanted, wanted=wanted, until=self._end_of(until), now=self.now, title=watch
        )

    def _followed(self, watch: str | None, asked: dict[str, Any]) -> tuple[str | None, MeasureFilter]:
        if watch is None:
            return None, asking.measure_filter(today=self.today, **asked)
        if asked:
            raise BadInput(
                f"A watch has its own filter. Leave out --watch, or {', '.join('--' + name for name in asked)}."
            )
        from . import watching

        found = watching.find(self.store, watch)
        return watching.ledger_name(found), found.filter

    def _end_of(self, until: str | dt.date | None) -> dt.datetime:
        day = asking.day(until, today=self.today, what="until") or self.today
        return min(dt.datetime.combine(day, dt.time.max, self.now.tzinfo), self.now)

    def coverage(self, **asked: Any) -> Coverage:
        """Places by focus areas and goals: in force, moving, dead, none found in what was collected, not looked at."""
        from .reports import build_coverage

        return build_coverage(self.store, filter=asking.measure_filter(today=self.today, **asked), now=self.now)

    def model_law(self, subject: str, *, reform: bool = False, model_text: str | Path | None = None) -> ModelLaw:
        """A place, a measure or its reform beside the Uniform Act of 2013: which of its sections are answered, with proof.

        Args:
            subject: a place (``us-tx``), or the key of a measure or reform.
            reform: all measures that try the same change.
            model_text: file with the act's own text, plain; then texts are laid beside it, too. It is kept nowhere.

        Raises:
            BadInput: no such place, measure or reform; a file that cannot be read, or is not the act's text.
        """
        from .reports import build_model_law

        text = _read_text(model_text) if model_text else None
        if "/" not in subject:
            if reform:
                raise BadInput(f"{subject} is a place. A reform has the key of one of its measures.")
            return build_model_law(self.store, place=subject, text=text, now=self.now)
        key = str(places.parse_key(subject)) if reform else self.measure(subject).view.key
        return build_model_law(self.store, key=key, reform=reform, text=text, now=self.now)

    def impact(
        self,
        key: str | None = None,
        *,
        outcomes: str | Path,
        place: str | None = None,
        provision: str | None = None,
        indicator: str | None = None,
        compare: str | Iterable[str] = (),
    ) -> Impact:
        """What was counted before and after a law took effect: a description with its caveats, never an effect.

        Args:
            key: the measure; or else ``place`` and ``provision``: all such measures in force there.
            outcomes: the CSV file with the series; see :func:`freedom_policy.impact.read`.
            indicator: which series of the file; default: the first indicator of the provision.
            compare: other places of the file to show.

        Raises:
            BadInput: a row of the file that cannot be used; not law; no known effective date; too little in the file.
        """
        from .impact import build_impact, read

        if (key is None) == (place is None):
            raise BadInput("Name a measure's key, or else --place with --provision.")
        return build_impact(
            self.store,
            read(outcomes),
            key=self.measure(key).view.key if key else None,
            place=place,
            provision=provision,
            indicator=indicator,
            compare=asking.split(compare),
            now=self.now,
        )

    # -- carry away ---------------------------------------------------------------------------------------------------

    def export(self, folder: str | Path, *, form: Format = "csv", private: bool = False) -> Package:
        """Write the store as a Frictionless data package: CSV or Parquet with a schema, the sources credited.

        Args:
            private: with reviewers' names, watches, addresses, notes and positions, for a move to another machine.
        """
        from .safe import masked
        from .store.package import export_package

        held = {run.source for run in queries.last_runs(self.store)}
        credits = [
            {"title": info.title, "path": info.base_url} for name, info in self.sources().items() if name in held
        ]
        return export_package(
            self.store, folder, private=private, format=form, mask=masked, credits=credits, now=self.now
        )

    def import_(self, folder: str | Path) -> Package:
        """Restore an exported data package into this store, which must hold nothing yet."""
        from .store.package import import_package

        return import_package(self.store, folder)

    def site(self, folder: str | Path, *, progress: Progress | None = None, **asked: Any) -> Site:
        """Write a static site: one page a place, a reform, a measure, plus search. Nothing private is in it."""
        from .reports import export_site

        wanted = asking.measure_filter(today=self.today, **asked)
        return export_site(self.store, folder, filter=wanted, now=self.now, progress=progress)

    def explore(
        self, *, port: int = 8001, browser: bool = False, progress: Progress | None = None, **asked: Any
    ) -> int:
        """Show what may be shown in Datasette, on this machine only, until stopped."""
        from . import exploring

        wanted = asking.measure_filter(today=self.today, **asked)
        return exploring.explore(self.store, port=port, browser=browser, filter=wanted, progress=progress)

    # -- follow -------------------------------------------------------------------------------------------------------

    def watch(
        self,
        name: str,
        *,
        keys: str | Iterable[str] = (),
        schedule: str | None = None,
        emails: Sequence[str] = (),
        webhook: str | None = None,
        **asked: Any,
    ) -> Watch:
        """Follow a filter, single measures by key, or both, under a name; one of the same name is replaced.

        Args:
            keys: measures that are followed whatever the classifier says of them, also before they are collected.
            schedule: ``daily``, ``weekly`` or ``monthly``; None: only when asked.
            asked: see :func:`freedom_policy.asking.measure_filter`.
        """
        from . import watching

        return self.store.save_watch(
            watching.make_watch(
                name,
                asking.measure_filter(today=self.today, **asked),
                keys=tuple(dict.fromkeys(str(places.parse_key(key)) for key in asking.split(keys))),
                schedule=schedule,
                emails=tuple(emails),
                webhook=webhook,
            )
        )

    def watches(self) -> list[Watch]:
        """What is followed, by name."""
        return queries.watches(self.store)

    def matches(self, watch: str) -> watching.Matches:
        """How many measures a watch finds now, what would find more, and which of its keys are not in the store."""
        from . import watching

        return watching.matches(self.store, watching.find(self.store, watch))

    def unwatch(self, name: str) -> None:
        """Follow no more. What was told stays in the ledger.

        Raises:
            BadInput: no such watch.
        """
        self.store.remove_watch(name)

    def send_watches(self, name: str | None = None) -> list[watching.Sent]:
        """Send the digests that are due, or that of one watch now. Nothing is told twice or missed."""
        from . import watching

        found = [watching.find(self.store, name)] if name else self.watches()
        return [
            watching.send(self.store, watch, now=self.now, values=self.config.values, due_only=name is None)
            for watch in found
        ]

    def note(self, key: str, text: str = "", *, position: str | None = None) -> Note:
        """Keep our position on a measure (``support``, ``oppose``, ``watch``) and private words; earlier ones stay."""
        from . import watching

        return self.store.save_note(watching.make_note(self.measure(key).view.key, text, position))

    def notes(self, key: str | None = None) -> list[Note]:
        """Our notes, newest first, of one measure or of all. Private."""
        return queries.notes(self.store, self.measure(key).view.key if key else None)

    # -- people in the loop -------------------------------------------------------------------------------------------

    def questions(self, **asked: Any) -> list[reviewing.Question]:
        """Measures that a person should look at, most useful first; with ``key`` those measures, whatever was decided."""
        from . import reviewing

        wanted = asking.measure_filter(today=self.today, **{"tracked": None, **asked})
        said = queries.corrections(self.store)
        if wanted.keys:
            return reviewing.questions(queries.measures(self.store, wanted), said)
        views = {view.key: view for view in queries.to_review(self.store, wanted)}
        contradicted = tuple({correction.key for correction in said} - set(views))
        if contradicted:
            more = queries.measures(self.store, wanted.model_copy(update={"keys": contradicted}))
            views |= {view.key: view for view in more}
        return reviewing.questions(views.values(), said)

    def decide(self, key: str, decision: str, *, reviewer: str, reason: str = "", **said: Any) -> MeasureView:
        """Keep a person's decision on a measure's tags: ``accept``, ``reject`` (not about trafficking) or ``correct``.

        Args:
            said: for ``correct``: relevance, goals, provisions, direction, areas; see :func:`reviewing.wanted`.

        Raises:
            BadInput: no such measure, nothing to decide on, an unknown word.
        """
        from . import reviewing

        view = self.measure(key).view
        review = Review.model_validate(
            {"reviewer": reviewer, "decided_at": self.now, "decision": decision, "reason": reason}
        )
        right = reviewing.corrected(view.classification, reviewing.wanted(**said)) if decision == "correct" else None
        self.store.save_review(view.key, review, right)
        return self.measure(view.key).view

    def decisions(self, *, private: bool = False) -> Iterator[dict[str, Any]]:
        """What people decided, as labels that ``train`` and ``evaluate`` read; reviewers' names only with ``private``."""
        from . import reviewing

        for view in queries.reviewed(self.store):
            yield reviewing.label(self.store.measure_with_text(view.key), view, private=private)

    def record(self, key: str, stage: str, *, date: str | dt.date, url: str, by: str, says: str = "") -> MeasureView:
        """Record what became of a law where no source tells: a court's order, a repeal. Its status is computed at once.

        A person's word with its source: it is shown as such, and stays whatever is collected later.

        Args:
            stage: ``enjoined``, ``struck_down``, ``repealed``, ``expired``, or ``effective`` where it applies again.
            date: the day on which it happened.
            url: the page that says so.
            by: who records it; private to this store.
            says: what happened, in a few words.

        Raises:
            BadInput: no such measure, an unknown stage, a day ahead, no web address.
        """
        from . import reviewing

        view = self.measure(key).view
        event = reviewing.make_law_event(view.key, stage, date, url=url, says=says, by=by, today=self.today)
        self.store.save_law_event(event, observed_at=self.now)
        return self._assess_again(view.key)

    def withdraw(self, key: str, stage: str, *, date: str | dt.date) -> MeasureView:
        """Take back what was recorded of a law.

        Raises:
            BadInput: no such measure, or nothing of that stage and day was recorded.
        """
        from . import reviewing

        view = self.measure(key).view
        fate, day = reviewing.fate_and_day(stage, date, today=self.today)
        self.store.withdraw_law_event(view.key, fate, day, observed_at=self.now)
        return self._assess_again(view.key)

    def recorded(self, key: str | None = None) -> list[LawEvent]:
        """What people recorded of laws, by day, of one measure or of all; who did is private."""
        return queries.law_events(self.store, self.measure(key).view.key if key else None)

    def _assess_again(self, key: str) -> MeasureView:
        due = self.store.measures_to_assess(all=True, text=True, filter=MeasureFilter(keys=(key,), tracked=None))
        self.store.save_statuses(self._assessed(due, self.today), observed_at=self.now)
        return self.measure(key).view

    def correct(self, key: str, **said: Any) -> None:
        """Put a reader's correction into the review queue; see :func:`reviewing.make_correction`."""
        from . import reviewing

        self.store.save_corrections([reviewing.make_correction(self.measure(key).view.key, **said)])

    def import_corrections(self, lines: Iterable[str], *, problem: Callable[[int, str], None]) -> int:
        """Put readers' corrections from a CSV into the review queue; returns how many were new.

        A row that cannot be used goes to ``problem(line number, why)``; the rest is done.
        """
        from . import reviewing

        def known(key: str) -> bool:
            return queries.measure(self.store, key) is not None

        return self.store.save_corrections(reviewing.read_corrections(lines, problem=problem, known=known))


def _read_text(path: str | Path) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadInput(f"Cannot read {str(path)!r}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{str(path)!r} is not plain UTF-8 text. Save the document as text first.") from error


def _words_of(measure: Measure) -> dict[str, Any]:
    """What the classifier reads of a measure."""
    return {
        "title": measure.title,
        "abstract": "\n".join(abstract.abstract for abstract in measure.abstracts),
        "text": measure.latest_text or "",
        "jurisdiction": measure.jurisdiction,
        "kind": measure.kind,
    }
