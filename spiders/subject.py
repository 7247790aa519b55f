"""Which measures are worth the requests for their text, where a source lets us have few."""

from __future__ import annotations

import re

from freedom_policy.records import Measure

# Wide on purpose: it decides on a request, not on relevance. A bill that speaks of the subject in its text alone is kept
# without the text, and a later --query for it fetches that.
_STEMS = re.compile(
    r"traffick|prostitut|commercial sex|sex(?:ual(?:ly)?)?[ -](?:exploit|servi|labor|work|buy|offen|abus)|slave|servitude|peonage"
    r"|forced labou?r|child labou?r|labou?r exploit|debt bondage|exploitation|solicit|pander|pimp|brothel|massage|bodywork"
    r"|runaway|missing (?:child|person)|child (?:pornograph|sexual)|john school|safe harbor|supply chain|smuggl"
    r"|foreign labor|guest ?worker|vacatur|trata de personas|esclavitud",
    re.IGNORECASE,
)


def touches_subject(measure: Measure) -> bool:
    """True if title, abstracts or subjects of a measure use a word of the subject or near it."""
    words = (measure.title, *measure.other_titles, *(a.abstract for a in measure.abstracts), *measure.subjects)
    return any(_STEMS.search(text) for text in words)
