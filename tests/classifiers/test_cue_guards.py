"""Guards (``not`` in cues.yaml): near them, a type's cues abstain."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from freedom_policy.classifiers import cues

_SOURCE = """
macros:
  ht: 'traffick\\w*'
types:
  restitution:
    sure:
      - 'restitution .. {ht}'
    hint:
      - 'restitution'
    not:
      - 'collection of fines|reports? .. restitution'
  civil_action:
    sure:
      - 'cause of action'
    hint:
      - 'damages'
"""


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(cues, "_source", lambda: _SOURCE)
    cues.load.cache_clear()
    yield
    cues.load.cache_clear()


@pytest.mark.usefixtures("few")
def test_a_cue_abstains_beside_a_guard_of_its_own_type_only() -> None:
    assert cues.hits("restitution to victims of trafficking") == {"restitution": cues.SURE}
    assert cues.hits("as provided for the collection of fines and restitution for trafficking") == {}
    assert cues.hits("a cause of action, not the collection of fines") == {"civil_action": cues.SURE}


@pytest.mark.usefixtures("few")
def test_a_guard_far_away_or_beside_another_place_leaves_the_cue_standing() -> None:
    far = (
        "the collection of fines is left as it is, " + "and so are the other things that this bill does not touch, " * 2
    )
    assert cues.hits(far + "restitution to victims of trafficking is due") == {"restitution": cues.SURE}
    twice = "the collection of fines and restitution " + "with words between that fill some room here " * 3
    assert cues.hits(twice + "restitution for trafficking") == {"restitution": cues.SURE}


@pytest.mark.parametrize(
    ("words", "key", "there"),
    [
        ("increases penalties for human trafficking", "enhanced_penalties", True),
        ("increases penalties for fentanyl trafficking", "enhanced_penalties", False),
        ("increases penalties for human trafficking and pays for care of victims of it", "enhanced_penalties", True),
        (
            "creates the crime of sex trafficking; provides for expungement for victims of the crime",
            "criminal_offence_trafficking",
            True,
        ),
        ("provides that a victim of human trafficking may vacate a conviction", "vacatur_expungement", True),
        ("records of a conviction of human trafficking shall not be expunged", "vacatur_expungement", False),
        ("any person may bring a cause of action against the trafficker", "civil_action", True),
        ("nothing in this act shall be construed as creating a private cause of action", "civil_action", False),
        ("soliciting a minor for prostitution is a felony", "patronizing_minor", True),
        ("the bill eliminates the statute of limitations for human trafficking", "statute_of_limitations", True),
    ],
)
def test_provisions_are_told_from_their_opposites(words: str, key: str, there: bool) -> None:
    assert (cues.hits(words).get(key) == cues.SURE) is there
