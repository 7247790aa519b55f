"""``model-law``: a place or a measure beside the Uniform Act."""

from __future__ import annotations

import json

import pytest


def test_a_measure_and_a_place(run):
    text = run("model-law", "us/119/HR2").stdout
    assert "Section 17. Motion to vacate conviction" in text
    assert "“To clear the records of trafficking survivors”" in text
    page = json.loads(run("model-law", "us", "--format", "json").stdout)
    assert (page["subject"], page["total"], page["score"]) == ("place", 22, 0.0)
    assert {row["section"]: row["moving"] for row in page["sections"]}["6"] == 1


def test_the_acts_own_text_is_given_in_a_file(run, tmp_path):
    file = tmp_path / "act.txt"
    words = "To clear the records of trafficking survivors is what this section does, on the motion of one who was convicted."
    file.write_text(f"SECTION 17. MOTION TO VACATE. {words}\n", encoding="utf-8")
    page = json.loads(run("model-law", "us/119/HR2", "--model-text", str(file), "--format", "json").stdout)
    (like,) = page["sections"][15]["likeness"]
    assert like["quotes"] == ["To clear the records of trafficking survivors"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("us-zz",), "Unknown jurisdiction"),
        (("us/119/HR99",), "No measure us/119/HR99"),
        (("us", "--reform"), "is a place"),
        (("us", "--model-text", "nowhere.txt"), "Cannot read 'nowhere.txt'"),
    ],
)
def test_mistakes_are_told_in_a_line(run, args, said):
    assert said in run("model-law", *args, code=2).stderr


def test_a_file_that_is_not_the_act_is_refused(run, tmp_path):
    (tmp_path / "other.txt").write_text("Words.", encoding="utf-8")
    (tmp_path / "act.pdf").write_bytes(b"%PDF-1.7 \xff\xfe")
    assert (
        "no section that we know" in run("model-law", "us", "--model-text", str(tmp_path / "other.txt"), code=2).stderr
    )
    assert "not plain UTF-8 text" in run("model-law", "us", "--model-text", str(tmp_path / "act.pdf"), code=2).stderr
