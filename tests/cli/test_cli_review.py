"""People decide, and their word stands: the queue, decisions, readers' corrections, labels."""

from __future__ import annotations

import json

import pytest


def queue(run) -> list[str]:
    return [line.split()[0] for line in run("review", "--list").stdout.splitlines() if not line.startswith(" ")]


def decide(run, answers: str, *args: str, code: int = 0):
    return run("review", "--as", "A. Reader", *args, input=answers, code=code)


def test_most_useful_first(run):
    assert queue(run) == ["us/119/HR3", "us/119/HR4", "us/119/HR2"], "weakening, contested, uncertain"
    run("correct", "us/119/HR1", "--says", "This is about cars")
    assert queue(run)[0] == "us/119/HR1", "a reader's word comes first, though the machine did not ask"


def test_a_question_shows_what_is_needed_to_decide(run):
    told = decide(run, "q\n").stdout
    for part in ("us/119/HR3", "To end the duty to train", "it may take away from a goal", "not reviewed", "Codebook:"):
        assert part in told
    assert '"To end the duty to train"' in told, "the words that show the tag"


def test_each_decision_is_kept_and_the_queue_goes_on_where_it_stopped(run):
    told = decide(run, "a\nread it\nr\nabout rooms only\nq\n")
    assert "2 decided, 1 left" in told.stderr
    assert queue(run) == ["us/119/HR2"]
    shown = json.loads(run("show", "us/119/HR3", "--format", "json").stdout)
    assert "us/119/HR4" not in run("list", "--format", "csv").stdout, "rejected: not about trafficking"
    assert "us/119/HR3" in json.dumps(shown)


def test_interrupted_at_a_prompt_keeps_what_was_decided(run):
    told = decide(run, "a\n\n", code=1)
    assert "1 decided, 2 left" in told.stderr
    assert queue(run) == ["us/119/HR4", "us/119/HR2"]


def test_a_correction_is_rolled_up_by_the_codebook(run):
    decide(run, "c\n\nbuyer_penalty:weakens, task_force\n\n\nboth\nq\n", "us/119/HR2")
    [label] = map(json.loads, run("review", "--export", "-").stdout.splitlines())
    assert label["id"] == "us/119/HR2"
    assert label["decision"] == "correct"
    assert [(p["type"], p["direction"]) for p in label["labels"]["provisions"]] == [
        ("buyer_penalty", "weakens"),
        ("task_force", "strengthens"),
    ]
    assert label["labels"]["direction"] == "mixed"
    assert label["labels"]["goals"][0] == "buyer_deterrence"
    assert label["labels"]["why"] == "both"


def test_a_wrong_word_is_asked_again(run):
    told = decide(run, "c\nsome\n\n\n\nx\na\n\nq\n", "us/119/HR2")
    assert "Not kept: Unknown relevance 'some'" in told.stderr
    assert "1 decided" in told.stderr


def test_a_persons_word_outranks_the_model(run, store):
    decide(run, "r\n\n", "us/119/HR3")
    from freedom_policy.store import queries

    view = queries.measure(store, "us/119/HR3")
    store.save_classifications(
        [("us/119/HR3", view.classification.model_copy(update={"model": "test-2", "tracked": True}))]
    )
    assert queries.measure(store, "us/119/HR3").classification.tracked is False


def test_a_confirmed_weakening_leads_the_digest_and_not_before(run):
    def leads() -> list[str]:
        told = json.loads(run("digest", "--format", "json").stdout)
        return [item["key"] for item in told["items"] if item["number"] in told["lead"] and item["takes_away"]]

    assert leads() == []
    decide(run, "a\n\n", "us/119/HR3")
    assert leads() == ["us/119/HR3"]


def test_labels_name_nobody_unless_asked(run, tmp_path):
    decide(run, "a\n\nq\n")
    target = tmp_path / "labels.jsonl"
    run("review", "--export", str(target))
    assert "A. Reader" not in target.read_text()
    run("review", "--export", str(target), "--private")
    assert "A. Reader" in target.read_text()


def test_who_decides_must_be_known(run, config):
    assert "Say who decides" in run("review", code=2).stderr
    config.write_text('reviewer = "B. Reader"\n')
    run("review", input="a\n\nq\n")
    assert "B. Reader" in run("review", "--export", "-", "--private").stdout


CSV = """key,says,relevance,goals,provisions,direction,said_by
us/119/HR1,It says fee,,,john_school_fee,,R. Eader
us/119/H.R. 2,,partial,,,,
us/119/HR77,x,,,,,
not a key,x,,,,,
us/119/HR3,,,buyer_deterence,,,
us/119/HR4,,,,,,
us/119/HR4,too,many,,,,,,,
us/119/HR4,too few
us/119/HR5,"also, about trafficking",core,victim_protection,,,
"""


def test_readers_corrections_bad_rows_named_by_line_the_rest_done(run, tmp_path):
    path = tmp_path / "said.csv"
    path.write_text("\ufeff" + CSV)
    told = run("correct", "--import", str(path), code=2)
    assert "3 in the review queue" in told.stdout
    lines = told.stderr.splitlines()
    for number, part in (
        (4, "No measure us/119/HR77"),
        (5, "not a measure key"),
        (6, "Did you mean buyer_deterrence"),
        (7, "Nothing is said"),
        (8, "more values"),
        (9, "fewer values"),
    ):
        assert any(line.startswith(f"line {number}: ") and part in line for line in lines), (number, part)
    assert set(queue(run)) == {f"us/119/HR{number}" for number in (1, 2, 3, 4, 5)}
    assert "0 in the review queue" in run("correct", "--import", str(path), code=2).stdout, (
        "the same file again adds nothing"
    )
    shown = decide(run, "q\n", "us/119/HR1").stdout
    assert "A reader: It says fee. provisions: john_school_fee" in shown
    assert "R. Eader" not in shown
    decide(run, "a\n\n", "us/119/HR1")
    assert "us/119/HR1" not in queue(run), "decided"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "must name the columns"),
        (b"measure,says\nx,y\n", "with key among them"),
        (b"key,sayz\nx,y\n", "Did you mean says"),
        (b"key,says\n\xff\xfe,y\n", "not UTF-8"),
        (None, "Cannot read"),
    ],
)
def test_a_file_that_is_no_corrections(run, tmp_path, text, said):
    path = tmp_path / "said.csv"
    if text is not None:
        path.write_bytes(text)
    result = run("correct", "--import", str(path), code=2)
    assert said in result.stderr
    assert not result.stdout


def test_correct_needs_a_measure_or_a_file(run):
    assert "Name one measure" in run("correct", code=2).stderr
    assert "Name one measure" in run("correct", "us/119/HR1", "--import", "x.csv", code=2).stderr
    assert "Nothing is said" in run("correct", "us/119/HR1", code=2).stderr
    assert "Did you mean us/119/HR4" in run("correct", "us/119/HR44", "--says", "x", code=2).stderr
