"""A measure, a reform or a place beside a model law: which of its sections the provisions found answer to, with proof.

That a kind of provision was found says that something of the kind is there, not that it says the same or as much. What was not
found in what was read may well be law. :func:`model_law_from` is pure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from .. import places
from ..errors import BadInput
from ..monitoring import model_law as model
from ..records import MeasureFilter, MeasureView, Provision, Record, Stage
from ..safe import masked
from ..store import queries
from . import words
from .building import place_looks
from .coverage import STATE_STAGES, PlaceLook, window
from .digest import foot
from .items import STANDING_NAMES, Item, Tag, make_item

if TYPE_CHECKING:
    from ..store import Store

Subject = Literal["measure", "reform", "place"]
Answer = Literal["found", "not_found", "not_read"]
Where = Literal["in_force", "moving", "ended", "unknown"]
_ORDER: tuple[Where, ...] = ("in_force", "moving", "ended", "unknown")
_TURNS = "which way it goes is for a person to say"
_SHOWN = 3
"""Proofs of a section that people are shown; JSON has all."""


class Proof(Record):
    """One provision that answers to a section."""

    key: str
    family: str
    """Key of the reform that it belongs to, or its own."""
    label: str
    url: str | None
    sources: tuple[str, ...]
    stage: Stage
    stage_words: str
    stage_date: dt.date | None
    where: Where
    """Where its measure stands, as in coverage."""
    tag: Tag
    model: str
    """Version of the model that found it."""
    tagged: str
    """By machine, or what a person decided."""
    shared_with: tuple[str, ...]
    """Other sections that this kind of provision answers to as well: which of them it is, the kind does not tell."""
    apart: str | None
    """Why it is in no count; None: it counts."""


class TextLikeness(Record):
    """A text that follows the section's own words, where the user gave them."""

    kind: Literal["model-law"] = "model-law"
    key: str
    label: str
    url: str | None
    score: float
    same: int
    words: int
    quotes: tuple[str, ...]
    """The longest runs of words that both have in the same order."""


class SectionAnswer(Record):
    """One section of the model law."""

    section: str
    name: str
    about: str
    confirmed: str
    provisions: tuple[str, ...]
    """Kinds of provision of the codebook that answer to it."""
    answer: Answer
    own: bool
    """A kind that answers to this section alone was found."""
    in_force: int = 0
    """Reforms in force whose provisions answer to it; in the same way the next two."""
    moving: int = 0
    ended: int = 0
    proofs: tuple[Proof, ...] = ()
    likeness: tuple[TextLikeness, ...] = ()


class ModelLaw(Record):
    """The whole comparison, ready for every renderer."""

    schema_version: int = 1
    """Counts up when a field goes or means something else; new fields do not count."""
    model: str
    subject: Subject
    key: str
    title: str
    banner: str | None
    score: float | None
    """Share of the sections that are answered; ``counts`` says by what. None: nothing was read."""
    answered: int
    own: int
    """Of these, by a kind of provision that answers to that section alone."""
    total: int
    counts: str
    read: str
    """What was read."""
    sections: tuple[SectionAnswer, ...]
    texts: int | None
    """How many texts were laid beside the model law's own; None: its text was not given."""
    compared: int
    """Sections of the model law's text that were given."""
    notes: tuple[str, ...]
    made_at: dt.datetime
    foot: tuple[str, ...]

    def section(self, number: str | int) -> SectionAnswer:
        """One section by its number.

        Raises:
            BadInput: the model law has no such section, or it is none of those that are compared.
        """
        for found in self.sections:
            if found.section == str(number):
                return found
        numbers = [found.section for found in self.sections]
        raise BadInput(f"Section {number} is not compared. Known: {numbers[0]} to {numbers[-1]}.")

    @property
    def answered_sections(self) -> tuple[SectionAnswer, ...]:
        """Those with something to show."""
        return tuple(found for found in self.sections if found.proofs or found.likeness)

    @property
    def silent_sections(self) -> tuple[SectionAnswer, ...]:
        """Those with nothing to show."""
        return tuple(found for found in self.sections if not found.proofs and not found.likeness)

    def to_text(self, width: int = 90, color: bool = False) -> str:
        """For a terminal."""
        from .terminal import Page

        page = Page(width, color)
        page.line(self.title, style="bold")
        page.line(f"Beside the {self.model}.")
        if self.banner:
            page.line(self.banner)
        page.line()
        page.line(headline(self))
        page.line(self.read)
        for text in filter(None, (of_one_line(self), likeness_line(self))):
            page.line(text)
        for found in self.answered_sections:
            page.heading(f"Section {found.section}. {found.name}")
            page.line(f"{words.capital(found.about)}.", indent=2)
            for proof in shown(found):
                page.line(proof_line(self, proof), indent=2, hang=2)
            for text in filter(None, (again_line(found), more_line(found))):
                page.line(text, indent=2)
            for alike in found.likeness:
                page.line(alike_line(alike), indent=2, hang=2)
        if self.silent_sections:
            page.heading(words.capital(silent_heading(self)))
            page.line(silent_line(self), indent=2)
        page.heading("How to read this")
        for note in self.notes:
            page.line(note, indent=2, hang=2)
        page.line()
        for text in self.foot:
            page.line(text)
        return str(page)

    def to_markdown(self) -> str:
        """As Markdown (CommonMark)."""
        return _render("model_law.md", self)

    def to_html(self) -> str:
        """One printable page, self-contained."""
        return _render("model_law.html", self)

    def to_json(self) -> str:
        """The whole object; the schema is in ``docs/coverage.md``."""
        return self.model_dump_json(indent=2)

    def _repr_html_(self) -> str:
        return _render("model_law_fragment.html", self)


def _render(template: str, page: ModelLaw) -> str:
    from . import model_law
    from .pages import render

    return render(template, page=page, say=model_law)


# ---------------------------------------------------------------------------------------------------------------------
# In words


def headline(page: ModelLaw) -> str:
    """How many sections are answered, and what counts. Of a place no percentage is told: it would be taken for a grade."""
    if page.score is None:
        return "Nothing that was collected has been read yet, so nothing can be said of any section."
    own = f", {page.own} of them by a kind of provision that answers to that section alone" if page.answered else ""
    of = f"{page.answered} of {page.total} sections"
    if page.subject == "place":
        return f"In what was collected, law in force was found for {of}{own}. {page.counts}"
    return f"{of} answered ({page.score:.0%}){own}. {page.counts}"


def shown(found: SectionAnswer) -> tuple[Proof, ...]:
    """The first proofs of a section, without those that an earlier section shows."""
    return _fresh(found)[:_SHOWN]


def _fresh(found: SectionAnswer) -> tuple[Proof, ...]:
    return tuple(p for p in found.proofs if not any(int(other) < int(found.section) for other in p.shared_with))


def again_line(found: SectionAnswer) -> str | None:
    """Where the proofs stand that answer to several sections and are shown under an earlier one."""
    again = [proof for proof in found.proofs if proof not in _fresh(found)]
    if not again:
        return None
    earlier = min((other for proof in again for other in proof.shared_with), key=int)
    return f"{words.capital(words.count(len(again), 'provision'))} under section {earlier} may answer to this one, too."


def proof_line(page: ModelLaw, proof: Proof, *, link: bool = True) -> str:
    """What answers to a section, its words, where it stands, and who says so; of a single measure the last two stand above."""
    parts = [f"{proof.label} {proof.tag.effect}: {proof.tag.name} ({proof.tag.likelihood}; {proof.tag.type})."]
    if proof.tag.quote:
        if before := _quoted_before(page, proof):
            parts.append(f"Shown by the same words as under section {before}.")
        elif proof.tag.verbatim:
            parts.append(words.sentence(f"“{proof.tag.quote}”"))
        else:
            parts.append(words.sentence(f"Demo paraphrase, not a quotation: {proof.tag.quote}"))
    if proof.shared_with:
        parts.append(f"This kind may answer to {_numbered(proof.shared_with)} as well; it does not tell which.")
    if proof.apart:
        parts.append(f"In no count: {proof.apart}.")
    if page.subject != "measure":
        parts.append(who_line(proof))
        if link:
            parts.append(proof.url or proof.key)
    return " ".join(parts)


def who_line(proof: Proof) -> str:
    """Where the measure stands, who says what it would do, and where it was read."""
    day = f", {words.day(proof.stage_date)}" if proof.stage_date else ""
    who = f"{words.capital(proof.tagged)}, model {proof.model}; read from {words.listing(proof.sources)}."
    return f"{words.capital(proof.stage_words)}{day}. {who}"


def of_one_line(page: ModelLaw) -> str | None:
    """Of a single measure: where it stands and who says so, once for all sections."""
    proof = next((proof for found in page.sections for proof in found.proofs), None)
    return who_line(proof) if proof and page.subject == "measure" else None


def _quoted_before(page: ModelLaw, proof: Proof) -> str | None:
    """The section under which the same words of the same measure were shown already."""
    for found in page.sections:
        for other in shown(found):
            if other is proof:
                return None
            if (other.key, other.tag.quote) == (proof.key, proof.tag.quote):
                return found.section
    return None


def _numbered(sections: Sequence[str]) -> str:
    return f"section{'' if len(sections) == 1 else 's'} {words.listing(sections)}"


def more_line(found: SectionAnswer) -> str | None:
    """How many proofs are not shown."""
    more = len(_fresh(found)) - _SHOWN
    return f"{words.count(more, 'more provision')} in the JSON." if more > 0 else None


def alike_line(alike: TextLikeness) -> str:
    """How far a text follows the section, with the words that both have."""
    runs = "; ".join(f"“{quote}”" for quote in alike.quotes)
    return (
        f"{alike.label} follows the model's text: {alike.score:.0%} of the section's words stand there in the same order "
        f"({alike.same} of {alike.words}). Longest: {runs}"
    )


def likeness_line(page: ModelLaw) -> str | None:
    """How many sections are followed by some text; None where the model law's text was not given."""
    if page.texts is None:
        return None
    followed = sum(bool(found.likeness) for found in page.sections)
    return (
        f"Of {words.count(page.compared, 'section')} of the model law's own text that you gave, {followed} "
        f"{'is' if followed == 1 else 'are'} followed word by word, in {words.count(page.texts, 'text')} that we hold."
    )


def silent_heading(page: ModelLaw) -> str:
    """What stands over the sections without a proof."""
    return "not read yet" if page.score is None else "not found in what was read"


def silent_line(page: ModelLaw) -> str:
    """Their numbers and names."""
    return "; ".join(f"{found.section} {found.name}" for found in page.silent_sections) + "."


NOTES = (
    "A section is answered where a kind of provision was found that the codebook maps to it: something of the kind is there. "
    "Whether it says the same, or as much, is for a reader to see.",
    "Not found in what was read is not absent from the law: older law, other bills, and words that the machine does not know "
    "may hold it.",
    "The act's text is the Uniform Law Commission's and is not in this tool; numbers and names of sections 3 to 23 are from "
    "general knowledge, the descriptions are ours. The Commission does not endorse this tool.",
    "Tags are decided on with 'freedom-policy review KEY'; what a person decided counts here, too.",
)

# ---------------------------------------------------------------------------------------------------------------------
# Building


def build_model_law(
    store: Store,
    *,
    key: str | None = None,
    reform: bool = False,
    place: str | None = None,
    text: str | None = None,
    now: dt.datetime,
) -> ModelLaw:
    """A measure, its reform, or a place of the store beside the model law.

    Args:
        key: of a measure or a reform.
        reform: all measures that try the same change.
        place: all measures there that answer to some section.
        text: the model law's own text, which the user gives; then texts are laid beside it, too.

    Raises:
        BadInput: no such measure, reform or place; a text without sections.
    """
    given = model.read_model_text(text) if text else {}
    look: PlaceLook | None = None
    if place is not None:
        subject: Subject = "place"
        key = places.jurisdiction(place).key
        look = next((found for found in place_looks(store) if found.place == key), None)
        kinds = dict.fromkeys(kind for found in model.sections().values() for kind in found.provisions)
        views = list(queries.measures(store, MeasureFilter(jurisdictions=(key,), provisions=tuple(kinds))))
        title = words.place(key)
    else:
        key = key or ""
        found = queries.measure(store, key)
        wanted = (found.family if found and reform else None) or key
        families = queries.families(store, [wanted]) if reform else []
        if reform and not families:
            raise BadInput(f"No reform {key!r} in the store. Reforms are found by: freedom-policy monitor")
        if not reform and found is None:
            raise BadInput(f"No measure {key} in the store. Collect its source first.")
        subject = "reform" if reform else "measure"
        members = families[0].members if families else (found.key if found else key,)
        views = list(queries.measures(store, MeasureFilter(keys=members, tracked=None)))
        key, title = (families[0].key, families[0].name) if families else (views[0].key, views[0].title)
    return model_law_from(
        views,
        subject=subject,
        key=key,
        title=title,
        look=look,
        given=given,
        texts=_texts(store, views) if given else {},
        now=now,
    )


def _texts(store: Store, views: Iterable[MeasureView]) -> dict[str, str]:
    found = {}
    for view in views:
        if latest := store.measure_with_text(view.key).latest_text:
            found[view.key] = latest
    return found


def model_law_from(
    views: Sequence[MeasureView],
    *,
    subject: Subject,
    key: str,
    title: str,
    look: PlaceLook | None = None,
    given: Mapping[str, str] | None = None,
    texts: Mapping[str, str] | None = None,
    now: dt.datetime,
    name_reviewer: bool = True,
) -> ModelLaw:
    """The comparison from plain records.

    Args:
        views: the measure; the measures of the reform; those of the place that may answer.
        look: for a place, what was collected of it; None: nobody looked.
        given: the model law's own words by section, if the user gave them.
        texts: the measures' words by key.
        name_reviewer: False in what is published.
    """
    items = [(view, make_item(view, now=now, name_reviewer=name_reviewer)) for view in views]
    was_read = look is not None and look.read if subject == "place" else any(view.classification for view in views)
    proofs = _proofs(items)
    alike = _alike(items, given or {}, texts or {})
    rows = tuple(
        _row(section, proofs.get(section.section, []), alike.get(section.section, ()), was_read)
        for section in model.sections().values()
    )
    counted = [row for row in rows if (row.in_force if subject == "place" else row.answer == "found")]
    label = items[0][1].label if subject == "measure" and items else ""
    return ModelLaw(
        model=model.NAME,
        subject=subject,
        key=key,
        title=f"{label}: {words.short_title(masked(title))}" if label else words.short_title(masked(title)),
        banner="Demonstration records, not current." if any(view.demo for view in views) else None,
        score=round(len(counted) / len(rows), 3) if was_read else None,
        answered=len(counted),
        own=sum(row.own for row in counted),
        total=len(rows),
        counts=_counts(subject, rows),
        read=_read(subject, items, look),
        sections=rows,
        texts=len(texts or {}) if given else None,
        compared=len(given or {}),
        notes=NOTES,
        made_at=now,
        foot=foot(now),
    )


def _proofs(items: Iterable[tuple[MeasureView, Item]]) -> dict[str, list[Proof]]:
    """By section, what counts first, then by where it stands and how sure the machine is."""
    found: dict[str, list[Proof]] = {number: [] for number in model.sections()}
    for view, item in items:
        if view.classification is None or item.standing == "other":
            continue
        for number, section in model.sections().items():
            for tag in item.tags:
                if tag.type in section.provisions:
                    found[number].append(_proof(view, item, tag, number))
    for proofs in found.values():
        proofs.sort(key=lambda p: (p.apart is not None, _ORDER.index(p.where), -p.tag.score, p.key))
    return found


def _proof(view: MeasureView, item: Item, tag: Tag, section: str) -> Proof:
    where: Where = next(
        (name for name in _ORDER if view.stage in STATE_STAGES.get(name, ())),
        "unknown",
    )
    return Proof(
        key=view.key,
        family=item.family,
        label=item.label,
        url=item.url,
        sources=tuple(dict.fromkeys(source.name for source in view.sources)),
        stage=view.stage,
        stage_words=item.stage_words,
        stage_date=item.stage_date,
        where=where,
        tag=tag,
        model=view.classification.model if view.classification else "",
        tagged=item.tagged,
        shared_with=model.shared_with(tag.type, section),
        apart=_apart(view, item, tag),
    )


def _apart(view: MeasureView, item: Item, tag: Tag) -> str | None:
    if item.standing != "counted":
        name = STANDING_NAMES[item.standing]
        return name[:1].lower() + name[1:]
    of_kind: list[Provision] = (
        [p for p in view.classification.provisions if p.type == tag.type] if view.classification else []
    )
    if tag.effect == "takes away":
        return "it takes away"
    return _TURNS if of_kind and all(p.direction == "weakens" for p in of_kind) else None


def _row(
    section: model.ModelSection, proofs: Sequence[Proof], alike: Sequence[TextLikeness], was_read: bool
) -> SectionAnswer:
    counted = [proof for proof in proofs if proof.apart is None]

    def reforms(where: Where) -> int:
        return len({proof.family for proof in counted if proof.where == where})

    return SectionAnswer(
        section=section.section,
        name=section.name,
        about=section.about,
        confirmed=section.confirmed,
        provisions=section.provisions,
        answer="found" if counted else "not_found" if was_read else "not_read",
        own=any(not proof.shared_with for proof in counted),
        in_force=reforms("in_force"),
        moving=reforms("moving"),
        ended=reforms("ended"),
        proofs=tuple(proofs),
        likeness=tuple(alike),
    )


def _alike(
    items: Iterable[tuple[MeasureView, Item]], given: Mapping[str, str], texts: Mapping[str, str]
) -> dict[str, tuple[TextLikeness, ...]]:
    """By section, the texts that follow it most closely."""
    found: dict[str, list[TextLikeness]] = {}
    for view, item in items:
        if view.key not in texts:
            continue
        for like in model.likeness(texts[view.key], given):
            if like.score >= model.ALIKE:
                found.setdefault(like.section, []).append(
                    TextLikeness(
                        key=view.key,
                        label=item.label,
                        url=item.url,
                        score=like.score,
                        same=like.same,
                        words=like.words,
                        quotes=tuple(masked(run.quote) for run in like.aligned),
                    )
                )
    return {
        section: tuple(sorted(rows, key=lambda row: (-row.score, row.key))[:_SHOWN]) for section, rows in found.items()
    }


def _counts(subject: Subject, rows: Sequence[SectionAnswer]) -> str:
    first, last = rows[0].section, rows[-1].section
    span = f"of sections {first} to {last}, all that are not its title and closing"
    if subject != "place":
        who = "this measure" if subject == "measure" else "a measure of this reform"
        return f"That is the share {span}, to which a binding provision of {who} answers, at whatever stage."
    text = f"Counted are binding provisions in force, out {span}."
    moving = sum(not row.in_force and row.moving > 0 for row in rows)
    ended = sum(not row.in_force and not row.moving and row.ended > 0 for row in rows)
    for number, what in ((moving, "what is moving"), (ended, "what ended")):
        if number:
            text += f" For {number} more there is only {what}."
    return text


def _read(subject: Subject, items: Sequence[tuple[MeasureView, Item]], look: PlaceLook | None) -> str:
    if subject == "place":
        if look is None:
            return "This place was not looked at."
        untagged = f"; {words.count(look.untagged, 'collected measure')} not tagged yet" if look.untagged else ""
        code = "Its standing code was read" if look.code_read else "Its standing code was not read"
        where = words.capital(window(look.since, look.sources, look.cut))
        held = words.count(look.measures, "measure")
        return f"{where}: {held}{untagged}{words.only_part(look.cut)}. {code}."
    unread = [item.unread for _, item in items if item.unread]
    read = sum(view.classification is not None for view, _ in items)
    text = f"{words.count(read, 'measure')} of {len(items)} read" if subject == "reform" else ""
    if unread:
        text += f"{'; ' if text else ''}{unread[0]}" if len(items) == 1 else f"; {len(unread)} from the title only"
    return f"{words.capital(text)}." if text else "Read from the newest text, the summary and the title that we hold."
