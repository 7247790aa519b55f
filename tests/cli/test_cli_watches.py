"""What people follow reaches them once: not twice, not never."""

from __future__ import annotations

import datetime as dt
import email
import json
import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from freedom_policy import watching
from freedom_policy.records import MeasureFilter, Watch

BUYERS = ("watch", "add", "Buyer bills", "--goal", "buyer_deterrence", "--daily", "--email", "a@example.org")
EVERYTHING = ("watch", "add", "All", "--daily", "--email", "a@example.org")


def body(message: str) -> str:
    """The plain text of a message."""
    parts = email.message_from_string(message).walk()
    return next(p.get_payload(decode=True).decode() for p in parts if p.get_content_type() == "text/plain")


def message_id(message: str) -> str:
    return str(email.message_from_string(message)["Message-ID"])


def test_added_listed_removed(run):
    assert "1 measure now" in run(*BUYERS).stdout
    assert "already" in run(*BUYERS, code=2).stderr
    listed = run("watch", "list").stdout
    assert "Buyer bills: 1 measures; daily; 1 by e-mail" in listed
    assert "a@example.org" not in listed, "addresses are shown only when asked for by name"
    assert "a@example.org" not in run("watch", "list", "--format", "json").stdout
    assert "a@example.org" in run("watch", "list", "--private").stdout
    run("watch", "remove", "Buyer bills")
    assert "No watch yet" in run("watch", "list").stdout
    assert "Did you mean Buyer bills" in (run(*BUYERS) and run("watch", "remove", "Buyer bill", code=2)).stderr


def test_a_watch_that_finds_nothing_says_what_would_find_more(run):
    told = run("watch", "add", "Nothing", "--goal", "buyer_deterrence", "--jurisdiction", "us-tx").stderr
    assert "Nothing in the store fits yet" in told
    assert "without --jurisdiction: 1" in told


def test_a_single_measure_is_followed_though_the_classifier_missed_it(run, mailbox):
    told = run(
        "watch", "add", "The post office", "us/119/H.R. 5", "us/119/HR99", "--weekly", "--email", "a@example.org"
    )
    assert "1 measure now" in told.stdout
    assert "us/119/HR99 is not in the store yet" in told.stderr
    run("watch", "send")
    assert "post office" in body(mailbox.received[0])


def test_sent_once_when_due_and_only_what_is_new(run, learn, mailbox):
    run(*EVERYTHING)
    assert "sent to 1 of 1" in run("watch", "send").stdout
    assert "Nothing is due" in run("watch", "send").stderr, "the next issue is due tomorrow"
    learn(7)
    run("watch", "send", "All")
    assert len(mailbox.received) == 2
    assert message_id(mailbox.received[0]) != message_id(mailbox.received[1])
    assert "number 7" in body(mailbox.received[1])
    assert "raise the fine" not in body(mailbox.received[1]), "it was told before"
    assert "a@example.org" not in mailbox.received[0].partition("\n\n")[2]


def test_a_failed_send_is_told_again_and_nothing_is_lost(run, learn, mailbox):
    run(*EVERYTHING)
    mailbox.refuse = True
    failed = run("watch", "send", code=3)
    assert "452 mailbox full" in failed.stderr
    assert not failed.stdout
    mailbox.refuse = False
    learn(8)
    run("watch", "send")
    run("watch", "send", "All")
    first, second = map(body, mailbox.received)
    assert "raise the fine" in first
    assert "number 8" not in first
    assert "number 8" in second
    assert "raise the fine" not in second


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
def test_killed_between_send_and_commit_the_repeat_bears_the_same_id(run, db, config, mailbox, tmp_path):
    run(*EVERYTHING)
    command = [sys.executable, "-c", "from freedom_policy.cli import main; main()", "--db", db, "--config", str(config)]
    process = subprocess.Popen(
        [*command, "watch", "send"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path
    )
    mailbox.after = lambda: os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=300)
    assert process.returncode == -signal.SIGKILL
    mailbox.after = None
    run("watch", "send")
    assert "Nothing is due" in run("watch", "send").stderr
    assert len(mailbox.received) == 2
    assert len({message_id(message) for message in mailbox.received}) == 1, "a mailbox shows it once"
    assert body(mailbox.received[0]) == body(mailbox.received[1])


def test_one_channel_that_fails_does_not_hold_up_the_others(run, mailbox):
    got: list[dict[str, Any]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    run(*EVERYTHING, "--webhook", f"http://127.0.0.1:{server.server_address[1]}/hook")
    mailbox.refuse = True
    assert "sent to 1 of 2" in run("watch", "send", code=3).stdout
    mailbox.refuse = False
    run("watch", "send")
    assert len(got) == 1
    assert len(mailbox.received) == 1
    assert {item["key"] for item in got[0]["items"]} >= {"us/119/HR1", "us/119/HR3"}
    server.shutdown()
    server.server_close()


def test_no_mail_server_is_configured(run):
    run(*EVERYTHING)
    assert "[smtp]" in run("watch", "send", code=2).stderr


def test_digest_since_last_tells_each_thing_once(run, learn):
    first = run("digest", "--since", "last").stdout
    assert "raise the fine" in first
    again = run("digest", "--since", "last").stdout
    assert "Nothing changed" in again
    assert "raise the fine" not in again
    assert "raise the fine" in run("digest", "--since", "last", "--goal", "buyer_deterrence").stdout, "another filter"
    learn(9)
    assert "number 9" in run("digest", "--since", "last").stdout


def test_a_digest_that_could_not_be_written_was_not_told(run, tmp_path):
    missing = str(tmp_path / "not there" / "digest.html")
    run("digest", "--since", "last", "--format", "html", "--output", missing, code=2)
    assert "raise the fine" in run("digest", "--since", "last").stdout


def test_digest_of_a_watch(run):
    run(*BUYERS)
    told = run("digest", "--watch", "Buyer bills").stdout
    assert told.startswith("Buyer bills")
    assert "clear the records" not in told
    assert "raise the fine" in run("digest", "--watch", "Buyer bills", "--since", "last").stdout
    assert "Nothing changed" in run("digest", "--watch", "Buyer bills", "--since", "last").stdout
    assert "has its own filter" in run("digest", "--watch", "Buyer bills", "--goal", "system_reform", code=2).stderr
    assert "Did you mean Buyer bills" in run("digest", "--watch", "Buyer bils", code=2).stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("watch", "add", "X", "--email", "nobody"), "not an e-mail address"),
        (("watch", "add", "X", "--webhook", "ftp://example.org"), "not a web address"),
        (("watch", "add", " "), "needs a name"),
        (("watch", "add", "X", "HR5"), "not a measure key"),
        (("watch", "add", "X", "--goal", "buyer_deterence"), "Did you mean buyer_deterrence"),
        (("watch", "send", "X"), "No watch is called 'X'"),
        (("note", "us/119/HR5"), None),
        (("note", "us/119/HR77", "--text", "x"), "No measure us/119/HR77"),
        (("note", "--text", "x"), "needs a measure"),
    ],
)
def test_bad_input_is_one_line(run, args, said):
    result = run(*args, code=2 if said else 0)
    if said:
        assert said in result.stderr
        assert len(result.stderr.strip().splitlines()) == 1
        assert not result.stdout


def test_notes_stay_private_and_stay(run):
    run("note", "us/119/HR1", "--position", "support", "--text", "Testify in March")
    run("note", "us/119/hr 1", "--position", "oppose")
    listed = run("note", "us/119/HR1").stdout.splitlines()
    assert listed[0].endswith("us/119/HR1 oppose")
    assert listed[1].endswith("us/119/HR1 support Testify in March")
    for command in (("show", "us/119/HR1"), ("list", "--format", "jsonl"), ("digest", "--format", "json")):
        assert "Testify" not in run(*command).stdout


DAY = dt.datetime(2026, 1, 31, 6, 15, 3, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("schedule", "last", "now", "due"),
    [
        ("daily", None, DAY, True),
        (None, None, DAY, False),
        ("daily", DAY, DAY + dt.timedelta(hours=17), False),
        ("daily", DAY, DAY + dt.timedelta(hours=23, minutes=59), True),
        ("weekly", DAY, DAY + dt.timedelta(days=6), False),
        ("weekly", DAY, DAY + dt.timedelta(days=7, seconds=-2), True),
        ("monthly", DAY, dt.datetime(2026, 2, 27, tzinfo=dt.UTC), False),
        ("monthly", DAY, dt.datetime(2026, 2, 28, tzinfo=dt.UTC), True),
        ("monthly", dt.datetime(2026, 12, 5, tzinfo=dt.UTC), dt.datetime(2027, 1, 5, tzinfo=dt.UTC), True),
    ],
)
def test_due_by_whole_days(schedule, last, now, due):
    watch = Watch(name="x", filter=MeasureFilter(), schedule=schedule)
    assert watching.is_due(watch, last, now) is due


def test_what_was_committed_late_is_still_told(store, learn):
    """A monitor stamps its batch, waits for the lock, and commits after a digest was made."""
    at = dt.datetime.now(dt.UTC)
    with watching.printing(store, "late", wanted=MeasureFilter(), until=at, now=at):
        pass
    key = learn(10, at=at - dt.timedelta(seconds=20))
    later = at + dt.timedelta(minutes=1)
    with watching.printing(store, "late", wanted=MeasureFilter(), until=later, now=later) as digest:
        assert [told.key for told in digest.items if told.steps] == [key]
