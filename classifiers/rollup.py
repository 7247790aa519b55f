"""From what provisions do to what the measure does: direction, whether it binds, whether it is administrative."""

from __future__ import annotations

import re
from collections.abc import Sequence

from freedom_policy import codebook
from freedom_policy.codebook import ProvisionType
from freedom_policy.records import Direction, Form

from .features import is_local
from .reading import Passage, Reading
from .signals import Signals
from .stack import FORMS

_LAW = frozenset({"bill", "ordinance", "local law", "order", "rule", "code_section", "constitutional amendment"})
_RESOLUTIONS = frozenset({"resolution", "concurrent resolution", "joint resolution"})
_RESOLUTION_WORDS = re.compile(r"\bresolution\b|\bmemorial\b|\bproclam|\bwhereas\b.*\bresolved\b", re.DOTALL)
_INTERNAL = re.compile(
    r"\b(?:there is (?:hereby )?(?:created|established)|hereby (?:creates|establishes)|is hereby (?:created|established))\b"
)
_ADMINISTRATIVE = re.compile(
    r"\b(?:accept\w*|approv\w*|authoriz\w*|appl\w+ for)\b.{0,80}"
    r"\b(?:grant|contract|agreement|memorandum of understanding|mou|award|donation)\b"
)
_REPEAL = re.compile(r"\b(?:repeal\w*|is (?:hereby )?(?:repealed|abolished|eliminated))\b")
_WEAKEN = re.compile(
    r"\b(?:decreas\w+|reduc\w+ (?:the )?(?:penalt|fine|sentence|punish)\w*|eliminat\w+ (?:the )?(?:requirement|duty|penalt)\w*"
    r"|no longer (?:required?|appl)\w*|exempt\w* from the (?:requirement|prohibition)|shall not be required to)\b"
)
# A title that ends a duty of training, posting or reporting.
_ENDS_DUTY = re.compile(
    r"\b(?:repeal\w*|eliminat\w*|remov\w*) (?:the )?(?:requirement|duty|mandate|task force|council|commission|training|fund)"
)
_UNCLEAR = re.compile(r"^(?:an act )?(?:relative to|relating to|concerning) (?:the )?penalt(?:y|ies)")
_FOR_VICTIMS = re.compile(r"victim|survivor|minor|convict|expung|vacat|immun|defense")
# Moving money between named receivers, or the same duty restated, is neither more nor less.
_NEUTRAL = re.compile(r"approves the changes? in the designation|references? to prostitut\w*; modify")
_LESS_SCREENED = re.compile(
    r"\bexpedit\w* (?:the )?(?:removal|family reunification|repatriat)|\brepatriation of unaccompanied"
)
_TECHNICAL = re.compile(
    r"\b(?:technical,? (?:and )?(?:nonsubstantive|conforming|corrections?)|nonsubstantive changes?)\b"
)


def provision_direction(
    kind: ProvisionType, passage: Passage, reading: Reading
) -> tuple[Direction, dict[str, Direction]]:
    """Direction of a provision against its goals, from the words that show it.

    What is contested stays ``unclear`` unless the words are plain. A machine's ``weakens`` is a question for a person.
    """
    words = passage.words
    title = reading.words["title"]
    direction: Direction = "strengthens"
    if kind.key == "prostitution_decrim_loitering":
        direction = "mixed" if _REPEAL.search(f"{title} {words}") and "decriminal" in f"{title} {words}" else "unclear"
    elif _TECHNICAL.search(words) or _NEUTRAL.search(f"{title} {words}"):
        direction = "neutral"
    elif _weakens(kind, words, reading):
        direction = "weakens"
    elif _UNCLEAR.search(title) and passage.field == "title":
        direction = "unclear"
    return direction, {kind.primary_goal: direction}


def _weakens(kind: ProvisionType, words: str, reading: Reading) -> bool:
    title = reading.words["title"]
    if kind.group == "victim" and _LESS_SCREENED.search(f"{title} {reading.words['abstract']}"):
        return True
    return bool(_ENDS_DUTY.search(title) or (_WEAKEN.search(words) and not _FOR_VICTIMS.search(words)))


def bill_direction(directions: Sequence[Direction]) -> Direction:
    """All the same: that; any conflict: mixed. Neutral provisions do not conflict with others."""
    plain = set(directions) - {"neutral"}
    if not directions:
        return "unclear"
    if not plain:
        return "neutral"
    if len(plain) == 1:
        return plain.pop()
    return (
        "strengthens"
        if plain == {"strengthens", "unclear"} and directions.count("unclear") * 2 < len(directions)
        else "mixed"
    )


def binding(reading: Reading, types: Sequence[str]) -> bool | None:
    """Whether it makes law. Resolutions do not, save a local one that itself creates a body; unknown kinds stay None."""
    kind = reading.kind
    if kind is None:
        if not reading.title:
            return None
        head = f"{reading.words['title'][:400]} {reading.words['text'][:600]}"
        if not _RESOLUTION_WORDS.search(head):
            return None
        kind = "resolution"
    if kind in _LAW or (kind == "joint resolution" and reading.jurisdiction == "us"):
        return True
    if kind in _RESOLUTIONS:
        local = is_local(reading.jurisdiction)
        return bool(
            local and "task_force" in types and _INTERNAL.search(reading.words["title"] + reading.words["text"])
        )
    return None


def administrative(reading: Reading) -> bool | None:
    """Whether it only accepts a grant or approves a contract (R9); only local measures do."""
    local = is_local(reading.jurisdiction)
    if not local:
        return False if reading.jurisdiction else None
    # Many councils accept grants and approve contracts by ordinance.
    if reading.kind in ("local law", "code_section"):
        return False
    return bool(_ADMINISTRATIVE.search(reading.words["title"]))


# ---------------------------------------------------------------------------------------------------------------------
# Hard rules for what the codebook decides and too few examples teach

_SLAVERY = re.compile(r"\bslavery\b|\binvoluntary servitude\b|\bindentured servitude\b")
_SLAVERY_LAW = re.compile(r"\bconstitution\w*|\bexception\b|\bpunish\w*|\bno slavery\b|\bamend\w*|\bpenalty\b")
_HISTORY = re.compile(r"\breparation\w*|\bdescendants?\b|\bremembrance\b|\bjuneteenth\b|\bhistor\w*|\bchattel\b")
_DESIGNATED = re.compile(
    r"(?:receiv\w*|receive) funding pursuant to .{0,30}support for victims of human trafficking"
    r"|appropriat\w+ .{0,160}safe harbor (?:shelter|for sexually exploited)"
)


def prison_labor(reading: Reading) -> bool:
    """R5: an amendment on slavery or servitude as punishment, or a resolution for one; adjacent, without a goal."""
    title = reading.words["title"]
    if "traffick" in title or not _SLAVERY.search(title) or _HISTORY.search(title):
        return False
    return bool(_SLAVERY_LAW.search(title))


def ruled_score(signals: Signals, score: float) -> float:
    """The probability of tracked, moved where a rule decides: R5 (prison labor), money named for victims."""
    reading = signals.reading
    if prison_labor(reading):
        return max(score, 0.75)
    if any(p.role in ("operative", "digest", "title") and _DESIGNATED.search(p.words) for p in signals.passages):
        return max(score, 0.75)
    return score


# ---------------------------------------------------------------------------------------------------------------------
# Form

_SEX = re.compile(r"\bsex\w*|\bprostitut\w*|\bpatroni\w*|\bbuyer|\bcommercial sex")
_LABOR = re.compile(r"\blabou?r\b|\bservitude\b|\bslavery\b|\bworkers?\b|\brecruiter|\buyghur|\bsupply chain")
_BOTH = re.compile(
    r"\bhuman traffick|\btrafficking in persons|\btraffick\w* of (?:persons|individuals)|\bvictims? of traffick"
    r"|(?<!\bsex )(?<!\blabor )\btraffick\w* (?:victim|survivor|person)"
)
_AROUND = 80


def form(reading: Reading, learnt: Sequence[float], types: Sequence[str]) -> Form:
    """Sex, labor or both: what the title names, else the summary, else the surroundings of anchors.

    Types that the codebook knows for one form alone decide first; the word model breaks ties.
    """
    kinds = {codebook.load().provisions[key].form for key in types}
    if len(kinds) == 1 and (kind := kinds.pop()) in ("sex", "labor"):
        return kind
    text = reading.words["text"]
    near = " ".join(text[max(0, a.start - _AROUND) : a.end + _AROUND] for a in reading.anchors["text"][:12])
    for words in (reading.words["title"], reading.words["abstract"][:2000], near):
        if _BOTH.search(words):
            return "both"
        sex, labor = bool(_SEX.search(words)), bool(_LABOR.search(words))
        if sex or labor:
            return "both" if sex and labor else "sex" if sex else "labor"
    return FORMS[max(range(len(FORMS)), key=lambda number: learnt[number])]  # type: ignore[return-value]
