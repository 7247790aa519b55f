"""Streams as jobs and other machines' terminals have them: full disks, other encodings, readers that leave, stops."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

HALF = r'{"id": "half \ud800", "title": "Human trafficking \ud800 hotline"}'
MONITORED = {"jurisdiction": "us", "kind": "bill", "actions": [{"date": "2025-01-02", "text": "Introduced in House"}]}


@pytest.fixture
def environment():
    return dict(os.environ)


@pytest.fixture
def slow():
    """A service that takes a request and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        yield server


@pytest.mark.parametrize("command", ["classify", "monitor"])
def test_half_a_character_costs_no_line(run, command):
    lines = [json.loads(HALF) | MONITORED, {"id": "é", "title": "x"} | MONITORED]
    done = run(command, "--input", "-", input="\n".join(map(json.dumps, lines)))
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["half \ud800", "é"]


@pytest.mark.parametrize("command", ["classify", "monitor"])
def test_json_lines_are_utf8_whatever_the_terminal_speaks(shell, environment, command):
    line = json.dumps({"id": "\N{SLIGHTLY SMILING FACE}", "title": "x"} | MONITORED)
    done = shell(command, "--input", "-", input=line, env=environment | {"PYTHONIOENCODING": "cp1252"})
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["id"] == "\N{SLIGHTLY SMILING FACE}"


@pytest.mark.parametrize("command", ["classify", "monitor"])
def test_a_mark_before_the_first_line_is_no_part_of_it(shell, environment, tmp_path, command):
    path = tmp_path / "lines.jsonl"
    path.write_text(json.dumps({"id": "a", "title": "x"} | MONITORED), encoding="utf-8-sig")
    assert shell(command, "--input", str(path), env=environment).returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("command", [("list",), ("digest",), ("coverage",), ("list", "--format", "jsonl")])
def test_a_full_disk_is_told_in_a_line(entry, environment, command):
    with open("/dev/full", "w") as full:
        done = subprocess.run([*entry, *command], stdout=full, stderr=subprocess.PIPE, text=True, env=environment)
    assert done.returncode == 2
    assert "Cannot write the output" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe closes otherwise there")
def test_a_reader_may_leave_early(entry, environment, tmp_path):
    path = tmp_path / "lines.jsonl"
    path.write_text("".join(json.dumps({"id": n, "title": "x" * 300} | MONITORED) + "\n" for n in range(3000)))
    with subprocess.Popen(
        [*entry, "monitor", "--input", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as left:
        left.stdout.readline()
        left.stdout.close()
        said = left.stderr.read()
    assert (left.returncode, said) == (0, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGTERM there")
def test_a_stop_is_an_interruption(entry, environment, slow):
    address = f"http://127.0.0.1:{slow.getsockname()[1]}"
    command = [*entry, "collect", "congress", "--session", "119", "--base-url", address]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as stopped:
        asking, _ = slow.accept()
        stopped.send_signal(signal.SIGTERM)
        _, said = stopped.communicate(timeout=60)
        asking.close()
    assert stopped.returncode == 130, said
    assert "run the same command again" in said


def test_a_store_that_is_not_there_is_no_empty_one(config, tmp_path, run):
    name = f"sqlite:///{(tmp_path / 'mistyped.sqlite').as_posix()}"
    for command in ("list", "digest", "coverage", "classify", "monitor"):
        done = run("--db", name, command, code=4)
        assert "There is no store at" in done.stderr
    assert not (tmp_path / "mistyped.sqlite").exists()


def test_quiet_is_quiet(run, tmp_path):
    assert run("--quiet", "list", "--format", "csv", "--output", str(tmp_path / "list.csv")).stderr == ""
    assert "Written" in run("list", "--format", "csv", "--output", str(tmp_path / "list.csv")).stderr


def test_a_file_that_cannot_be_written_is_told_even_if_its_draft_cannot_go(run, tmp_path, monkeypatch):
    def refuse(self, *args, **kwargs):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "write_text", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)
    done = run("list", "--format", "csv", "--output", str(tmp_path / "list.csv"), code=2)
    assert "Read-only file system" in done.stderr
