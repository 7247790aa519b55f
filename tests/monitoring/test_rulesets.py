"""The rules, line by line: each example is matched by its own rule, and means what the rule says."""

from __future__ import annotations

from importlib.resources import files

import pytest

from freedom_policy.monitoring.rulesets import role_of, ruleset_for, seen, unmapped
from freedom_policy.places import jurisdictions

NAMES = sorted(
    path.name.removesuffix(".yaml")
    for path in (files("freedom_policy.data") / "rulesets").iterdir()
    if path.name.endswith(".yaml")
)
RULES = [(name, rule) for name in NAMES for rule in ruleset_for(name if name != "general" else None).layers[0]]


@pytest.mark.parametrize(("name", "rule"), RULES, ids=[f"{name}:{rule.id}" for name, rule in RULES])
def test_example_is_read_by_its_rule(name, rule):
    ruleset = ruleset_for(name if name != "general" else None)
    body = rule.body[0] if rule.body else None
    reading = ruleset.read_text(rule.example, chamber=body)
    assert rule.id in reading.rules, f"{rule.example!r} was read by {reading.rules}"
    assert set(rule.classes) <= set(reading.classes)


def test_ids_are_unique_and_files_belong_to_places():
    for name in NAMES:
        ids = [rule.id for rule in ruleset_for(name if name != "general" else None).layers[0]]
        assert len(ids) == len(set(ids)), name
        assert name == "general" or name in jurisdictions()


def test_places_own_rules_silence_the_general_ones():
    # "Filed" begins a measure in most places and ends it in New York City.
    assert ruleset_for("us-ny-nyc").read_text("Filed by Council").classes == ("failure",)
    assert "filing" in ruleset_for("us-zz").read_text("Filed by Rep. Smith").classes


def test_numbers_do_not_count_but_readings_do():
    ruleset = ruleset_for(None)
    assert ruleset.read_text("Passed House, yeas 99, nays 0.") is ruleset.read_text("Passed House, yeas 51, nays 49.")
    assert "reading-1" in ruleset.read_text("1st reading").classes
    assert "reading-3" in ruleset.read_text("3rd reading").classes


def test_control_characters_and_other_languages_do_not_disturb():
    ruleset = ruleset_for(None)
    assert "executive-signature" in ruleset.read_text("Signed\u200b by\x00\r\nGovernor.").classes
    assert ruleset.read_text("Обсуждение отложено").known is False


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[31mSigned by Governor",
        "\x1b[1;31mSigned\x1b[0m by Governor\x1b[K",
        "\x9b31mSigned by Governor",
        "\x1b]0;a title\x07Signed by Governor",
        "\x1b]8;;https://example.org\x1b\\Signed by Governor",
        "\x1b(BSigned by Governor",
        "\x1bSigned by Governor",
        "S\x00i\x00g\x00n\x00e\x00d by Gover\u200bnor",
        "\u202eSigned by Gov\xadernor\x07",
        "Signed\x85by\x0bGovernor",
    ],
)
def test_what_steers_a_terminal_is_no_word(text):
    assert seen(text) == "Signed by Governor"
    assert "executive-signature" in ruleset_for(None).read_text(text).classes


@pytest.mark.parametrize(
    ("body", "role"),
    [
        ("Senate", "upper"),
        ("House of Representatives", "lower"),
        ("Assembly", "lower"),
        ("Committee on Public Safety", "committee"),
        ("City Council", "council"),
        ("Mayor", "executive"),
        ("H", "lower"),
        ("Senate Committee on Finance", "committee"),
        ("somewhere", None),
    ],
)
def test_bodies_as_printed(body, role):
    assert role_of(body) == role


def test_unmapped_texts_are_counted_with_numbers_masked():
    texts = ["Zzyx 12", "Zzyx 13", "Passed House, yeas 9, nays 1."]
    assert unmapped(texts) == [("Zzyx 0", 2)]


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("This Introduction was Referred to Comm by Council to the Committee on Immigration", ("referral-committee",)),
        ("A motion was made that this Resolution be Approved, by Council approved by voice vote.", ("passage",)),
    ],
)
def test_legistars_long_form_says_the_same(text, classes):
    assert ruleset_for("us-ny-nyc").read_text(text).classes == classes
