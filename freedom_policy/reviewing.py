"""People in the loop: what a person should look at first, what a correction means, decisions as labels, what is recorded of laws.

A person's word outranks the model's. Nothing here writes; decisions go through the store.
"""

from __future__ import annotations

import csv
import datetime as dt
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, get_args

from . import asking, codebook, places, safe
from .errors import BadInput, FreedomPolicyError, did_you_mean
from .records import (
    FATES,
    TRACKED,
    Classification,
    Correction,
    Direction,
    Fate,
    LawEvent,
    Measure,
    MeasureView,
    Provision,
    Relevance,
)
from .reports import words
from .safe import plain

_SAYS = 200
"""Most characters of what a person records of a law; a report shows them whole."""
LEVELS: tuple[str, ...] = get_args(Relevance)
DIRECTIONS: tuple[str, ...] = get_args(Direction)


class Question(NamedTuple):
    """A measure to be decided on, why it is asked, and what readers said of it."""

    view: MeasureView
    why: tuple[str, ...]
    corrections: tuple[Correction, ...]

    def to_text(self, *, width: int = 90) -> str:
        """What a person needs to decide: the measure, the tags with their words, what the codebook rules."""
        view, tags = self.view, self.view.classification
        since = view.status.stage_date if view.status else None
        status = words.stage(view.stage) + (f" since {words.day(since)}" if since else "")
        lines = [
            f"{view.key} ({words.place(view.jurisdiction)}): {status}",
            plain(view.title),
            *([link] if (link := safe.link(view.url)) else []),
            f"Asked because {'; '.join(self.why)}.",
            f"Tags: {words.tagged(tags, view.review)}.",
        ]
        if tags:
            lines.append(
                f"Relevance {tags.relevance} (score {tags.score:.2f}); goals: {words.goals(tags.goals) or 'none'}; "
                f"as written: {tags.direction}."
            )
        for tag in tags.provisions if tags else ():
            lines.append(f"- {words.provision(tag.type)} ({tag.type}): {tag.direction}, score {tag.score:.2f}")
            if tag.quote:
                lines.append(
                    f'    "{plain(tag.quote)}"' if not view.demo else f"    {plain(tag.quote)} [demo paraphrase]"
                )
            lines.append(f"    Codebook: {rule(tag.type)}")
        lines += [f"A reader: {_told(correction)}" for correction in self.corrections]
        return "\n".join(_wrapped(line, width) for line in lines)


def _wrapped(line: str, width: int) -> str:
    indent = " " * (len(line) - len(line.lstrip()) + (2 if line.startswith("- ") else 0))
    return textwrap.fill(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _told(correction: Correction) -> str:
    said = [
        ("relevance", correction.relevance),
        ("goals", ", ".join(correction.goals) if correction.goals else None),
        ("provisions", ", ".join(correction.provisions) if correction.provisions else None),
        ("direction", correction.direction),
    ]
    fields = [f"{name}: {value}" for name, value in said if value]
    return ". ".join(part for part in (plain(correction.says), "; ".join(fields)) if part)


def questions(views: Iterable[MeasureView], corrections: Iterable[Correction] = ()) -> list[Question]:
    """Measures most useful first: those that a reader contradicts, then weakening, contested, uncertain ones."""
    said: dict[str, list[Correction]] = {}
    for correction in corrections:
        said.setdefault(correction.key, []).append(correction)
    found = [Question(view, _why(view, said.get(view.key, ())), tuple(said.get(view.key, ()))) for view in views]
    return sorted(found, key=lambda question: (*_rank(question), question.view.key))


def _rank(question: Question) -> tuple[int, float]:
    tags = question.view.classification
    unsure = abs((tags.score if tags else 0.0) - 0.5)
    if question.corrections:
        return 0, unsure
    if tags is None:
        return 4, unsure
    if _weakens(tags):
        return 1, unsure
    return (2 if tags.contested else 3), unsure


def _weakens(tags: Classification) -> bool:
    return tags.direction in ("weakens", "mixed") or any(
        "weakens" in (tag.direction, *tag.goal_directions.values()) for tag in tags.provisions
    )


def _why(view: MeasureView, said: Sequence[Correction]) -> tuple[str, ...]:
    tags = view.classification
    why = ["a reader says that the tags are wrong"] if said else []
    if tags is None:
        return (*why, "it was never tagged")
    if _weakens(tags):
        why.append("it may take away from a goal")
    if tags.contested:
        why.append("people who fight trafficking disagree on such measures")
    if tags.status != "ok":
        why.append(f"its text is {tags.status.replace('_', ' ')}")
    if 0.2 < tags.score < 0.8:
        why.append("the machine is not sure that it is about trafficking")
    elif tags.tracked and (not tags.provisions or max(tag.score for tag in tags.provisions) < 0.6):
        why.append("the machine is not sure what it would do")
    return tuple(why) or ("the machine asks",)


def rule(provision: str) -> str:
    """What the codebook says of a provision type, in a few lines."""
    known = codebook.load().provisions.get(provision)
    if known is None:
        return "Not in this version of the codebook."
    told = f"{known.definition} Counts: {known.include}"
    return f"{told} Does not: {known.exclude}" if known.exclude else told


# ---------------------------------------------------------------------------------------------------------------------
# Corrections


class Wanted(NamedTuple):
    """What a person says that a measure is; None leaves the machine's word."""

    relevance: Relevance | None = None
    goals: tuple[str, ...] | None = None
    provisions: tuple[tuple[str, Direction | None], ...] | None = None
    direction: Direction | None = None
    areas: tuple[str, ...] | None = None


def wanted(
    *,
    relevance: str | None = None,
    goals: str | Iterable[str] | None = None,
    provisions: str | Iterable[str] | None = None,
    direction: str | None = None,
    areas: str | Iterable[str] | None = None,
) -> Wanted:
    """What a person typed, checked. Lists are separated by commas, an empty one is ``none``; a provision may carry its own
    direction, as in ``task_force:weakens``.

    Raises:
        BadInput: an unknown word; the message names near matches.
    """
    return Wanted(
        relevance=_word(relevance, LEVELS, "relevance"),
        goals=_list(goals, codebook.goal),
        provisions=_list(provisions, _provision),
        direction=_word(direction, DIRECTIONS, "direction"),
        areas=_list(areas, codebook.area),
    )


def _word(value: str | None, known: Sequence[str], what: str) -> Any:
    if value is None or not value.strip():
        return None
    word = value.strip().lower()
    if word not in known:
        raise BadInput(
            f"Unknown {what} {value!r}. {did_you_mean(word, known)} Known: {', '.join(known)}.".replace("  ", " ")
        )
    return word


def _list(values: str | Iterable[str] | None, read: Callable[[str], Any]) -> Any:
    if values is None:
        return None
    parts = [part for part in asking.split(values) if part.lower() != "none"]
    return tuple(dict.fromkeys(read(part) for part in parts))


def _provision(value: str) -> tuple[str, Direction | None]:
    key, _, direction = value.partition(":")
    known = codebook.load().provision(key.strip().lower().replace("-", "_").replace(" ", "_"))
    return known.key, _word(direction, DIRECTIONS, "direction")


def corrected(shown: Classification | None, wish: Wanted) -> Classification:
    """The classification that a person means: what was shown, with what the person says, rolled up by the codebook.

    Goals and areas follow the provisions unless they are said. Quotations of provisions that stay are kept; one that a
    person adds has none.
    """
    shown = shown or Classification(relevance="none", tracked=False, score=0.0, model="person")
    relevance = wish.relevance or (shown.relevance if shown.tracked or wish == Wanted() else "core")
    if relevance not in TRACKED:
        return Classification(
            relevance=relevance,
            tracked=False,
            score=0.0,
            binding=shown.binding,
            administrative=shown.administrative,
            status=shown.status,
            model="person",
        )
    provisions = shown.provisions if wish.provisions is None else _provisions(shown, wish)
    direction: Any = wish.direction or _direction(provisions, shown)
    if wish.direction and wish.provisions is None:
        # The machine's direction of each provision gives way where a person says the whole bill's.
        provisions = tuple(_directed(tag, wish.direction) for tag in provisions)
    types = [codebook.load().provisions[tag.type] for tag in provisions if tag.type in codebook.load().provisions]
    goals = (
        wish.goals
        if wish.goals is not None
        else _rolled_up(
            shown.goals,
            [t.primary_goal for t in types],
            {g for t in types for g in (t.primary_goal, *t.secondary_goals)},
            wish,
        )
    )
    rolled = [area for t in types for area in t.areas]
    areas = wish.areas if wish.areas is not None else _rolled_up(shown.areas, rolled, {*rolled, "reforms"}, wish)
    subareas = dict.fromkeys(code for t in types for code in t.subareas if code.split(".")[0] in areas)
    return shown.model_copy(
        update={
            "relevance": relevance,
            "tracked": True,
            "score": 1.0,
            "goals": tuple(goals),
            "areas": tuple(areas),
            "subareas": tuple(subareas),
            "provisions": provisions,
            "form": shown.form if shown.form != "none" else "unspecified",
            "direction": direction,
            "contested": any(tag.contested for tag in provisions),
            "review": False,
            "model": "person",
        }
    )


def _rolled_up(shown: Sequence[str], own: Sequence[str], possible: set[str], wish: Wanted) -> tuple[str, ...]:
    """What follows from changed provisions: what they serve first of all, then what was shown and they may serve, too."""
    if wish.provisions is None:
        return tuple(shown)
    return tuple(dict.fromkeys([*own, *(value for value in shown if value in possible)]))


def _provisions(shown: Classification, wish: Wanted) -> tuple[Provision, ...]:
    known = {tag.type: tag for tag in reversed(shown.provisions)}
    found = []
    for key, direction in wish.provisions or ():
        kind = codebook.load().provision(key)
        tag = known.get(key) or Provision(
            type=key,
            score=1.0,
            direction="unclear" if kind.contested else "strengthens",
            contested=kind.contested,
            quote="",
            start=0,
            end=0,
            field="title",
        )
        chosen = direction or wish.direction
        found.append(_directed(tag, chosen) if chosen else tag)
    return tuple(found)


def _directed(tag: Provision, direction: Direction) -> Provision:
    goals = tag.goal_directions or {codebook.load().provision(tag.type).primary_goal: direction}
    return tag.model_copy(update={"direction": direction, "goal_directions": dict.fromkeys(goals, direction)})


def _direction(provisions: Sequence[Provision], shown: Classification) -> str:
    plain = {tag.direction for tag in provisions} - {"neutral"}
    if not provisions:
        return shown.direction if shown.direction != "none" else "unclear"
    if not plain:
        return "neutral"
    return plain.pop() if len(plain) == 1 else "mixed"


# ---------------------------------------------------------------------------------------------------------------------
# Decisions as labels, corrections from files

_COLUMNS = ("key", "says", "relevance", "goals", "provisions", "direction", "said_by")


def label(measure: Measure, view: MeasureView, *, private: bool = False) -> dict[str, Any]:
    """A decision as one labelled measure, in the form that ``train --gold`` and ``evaluate --gold`` read.

    Args:
        measure: with the words of its latest text version.
        view: with the person's classification and the decision.
        private: with the reviewer's name.
    """
    tags, review = view.classification, view.review
    if tags is None or review is None:
        raise BadInput(f"Nobody has decided on {view.key}.")
    row: dict[str, Any] = {
        "id": view.key,
        "jurisdiction": view.jurisdiction,
        "session": view.session,
        "identifier": view.identifier,
        "kind": view.kind,
        "title": measure.title,
        "abstract": "\n".join(abstract.abstract for abstract in measure.abstracts),
        "text": measure.latest_text or "",
        "source": view.sources[0].url if view.sources else None,
        "stratum": "review",
        "labels": {
            "relevance": tags.relevance,
            "tracked": tags.tracked,
            "goals": list(tags.goals),
            "areas": list(tags.areas),
            "provisions": [
                {
                    "type": tag.type,
                    "direction": tag.direction,
                    "quote": tag.quote or None,
                    "field": tag.field if tag.quote else None,
                    "start": tag.start if tag.quote else None,
                    "end": tag.end if tag.quote else None,
                }
                for tag in tags.provisions
            ],
            "main_goal": tags.goals[0] if tags.goals else None,
            "form": tags.form,
            "direction": tags.direction,
            "why": review.reason or None,
        },
        "decision": review.decision,
        "decided_on": review.decided_at.date().isoformat(),
        "sure": 0.95,
    }
    return {**row, "reviewer": review.reviewer} if private else row


def make_correction(key: str, **said: Any) -> Correction:
    """A reader's correction, checked.

    Raises:
        BadInput: not a key, an unknown word, or nothing said.
    """
    says, said_by = (str(said.pop(name, None) or "").strip() for name in ("says", "said_by"))
    given = {name: value for name, value in said.items() if value not in (None, "", ())}
    wish = wanted(**given)
    provisions = None
    if wish.provisions is not None:
        provisions = tuple(f"{name}:{direction}" if direction else name for name, direction in wish.provisions)
    correction = Correction(
        key=str(places.parse_key(key)),
        relevance=wish.relevance,
        goals=wish.goals,
        provisions=provisions,
        direction=wish.direction,
        says=says,
        said_by=said_by or None,
    )
    if wish == Wanted() and not correction.says:
        raise BadInput(f"Nothing is said of {correction.key}. Fill says, relevance, goals, provisions or direction.")
    return correction


def make_law_event(
    key: str, stage: str, date: str | dt.date, *, url: str, says: str, by: str, today: dt.date
) -> LawEvent:
    """What a person records of a law, checked.

    Args:
        url: the page that says so.
        by: who records it; private.

    Raises:
        BadInput: an unknown stage, a day ahead, no web address, no name, too many words.
    """
    fate, day = fate_and_day(stage, date, today=today)
    good = safe.link(url)
    if good is None:
        raise BadInput(f"{url!r} is no web address. Give the page that says so: --url https://...")
    if not by.strip():
        raise BadInput("Say who records it.")
    said = safe.masked(says)
    if len(said) > _SAYS:
        raise BadInput(
            f"That is {len(said)} characters long. Say what happened in at most {_SAYS}; the page has the rest."
        )
    return LawEvent(key=key, stage=fate, date=day, url=good, says=said, recorded_by=by.strip())


def fate_and_day(stage: str, date: str | dt.date, *, today: dt.date) -> tuple[Fate, dt.date]:
    """What became of a law, and when.

    Raises:
        BadInput: an unknown stage, no day, a day ahead.
    """
    fate = next((known for known in FATES if known == stage), None)
    if fate is None:
        raise BadInput(
            f"Unknown stage {stage!r}. {did_you_mean(stage, FATES)} Known: {', '.join(FATES)}.".replace("  ", " ")
        )
    day = asking.day(date, today=today, what="date")
    if day is None:
        raise BadInput("Give the day: --date YYYY-MM-DD")
    if day > today:
        raise BadInput(f"{day} is ahead. Record it when it has happened.")
    return fate, day


def read_corrections(
    lines: Iterable[str], *, problem: Callable[[int, str], None], known: Callable[[str], bool]
) -> Iterator[Correction]:
    """Corrections from a CSV with a header: ``key`` and any of ``says, relevance, goals, provisions, direction, said_by``.

    Args:
        problem: told (line number, why) of each row that cannot be used; the rest is done.
        known: whether a key is in the store.

    Raises:
        BadInput: no header, or columns that are not ours.
    """
    reader = csv.DictReader(lines, strict=True)
    try:
        header = [name.strip().lower() for name in reader.fieldnames or ()]
    except csv.Error as error:
        raise BadInput(f"This is no CSV: {error}.") from error
    if "key" not in header:
        raise BadInput(f"The first line must name the columns, with key among them: {', '.join(_COLUMNS)}.")
    if strange := [name for name in header if name not in _COLUMNS]:
        raise BadInput(
            f"Unknown column {strange[0]!r}. {did_you_mean(strange[0], _COLUMNS)} Known: {', '.join(_COLUMNS)}."
        )
    reader.fieldnames = header
    while True:
        try:
            row: dict[str | None, Any] | None = next(reader, None)
        except csv.Error as error:
            problem(reader.line_num, f"no CSV: {error}")
            continue
        if row is None:
            return
        if row.get(None) or None in row.values():
            problem(reader.line_num, f"{'more' if row.get(None) else 'fewer'} values than columns")
            continue
        try:
            correction = make_correction(row.pop("key"), **{str(name): value for name, value in row.items()})
            if not known(correction.key):
                raise BadInput(f"No measure {correction.key} in the store. Collect its source first.")
        except FreedomPolicyError as error:
            problem(reader.line_num, str(error))
            continue
        yield correction
