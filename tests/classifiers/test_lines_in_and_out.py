"""``classify --input``: one line out for each line in, and a word on each that cannot be read."""

from __future__ import annotations

import json

import pytest

from freedom_policy.classifiers import classify_lines, load_model
from freedom_policy.errors import BadInput

GOOD = json.dumps({"id": "a", "title": "Increases penalties for human trafficking.", "text": None, "kind": "Bill"})
KEYS = {
    "id", "relevance", "tracked", "score", "goals", "areas", "subareas", "provisions", "form", "direction", "binding",
    "administrative", "contested", "review", "status", "model",
}  # fmt: skip


def test_a_line_out_has_the_fields_of_the_contract():
    (said,) = classify_lines(load_model(), [GOOD])
    assert set(said) == KEYS
    assert said["id"] == "a"
    assert set(said["provisions"][0]) == {
        "type", "score", "direction", "goal_directions", "contested", "quote", "start", "end", "field",
    }  # fmt: skip
    json.dumps(said)


def test_bad_lines_are_told_by_number_and_the_rest_is_done():
    told: list[tuple[int, str]] = []
    lines = [
        GOOD, "", "{not json", "[1]", '{"id": "b"}', '{"title": "x"}', b"\xff\xfe", '{"id": "c", "title": "t", "text": 5}',
        '{"id": 7, "title": "Parks"}', GOOD.encode(),
    ]  # fmt: skip
    out = list(classify_lines(load_model(), lines, on_error=lambda number, why: told.append((number, why))))
    assert [said["id"] for said in out] == ["a", 7, "a"], "a repeated id is classified again"
    assert [number for number, _ in told] == [3, 4, 5, 6, 7, 8]
    assert "no title" in told[2][1]
    assert "text must be a string" in told[5][1]


def test_without_a_callback_the_error_comes_after_the_last_line():
    lines = classify_lines(load_model(), ["nonsense", GOOD])
    assert next(lines)["id"] == "a"
    with pytest.raises(BadInput, match=r"1 of the lines could not be read: line 1: not JSON"):
        next(lines)


def test_two_processes_give_the_same_lines_in_the_same_order():
    lines = [json.dumps({"id": n, "title": f"Human trafficking task force, part {n}"}) for n in range(230)]
    lines.insert(3, "nonsense")
    told: list[int] = []
    alone = list(classify_lines(load_model(), lines, on_error=lambda number, _: told.append(number)))
    together = list(classify_lines(load_model(), lines, on_error=lambda number, _: told.append(number), jobs=2))
    assert together == alone
    assert told == [4, 4]
