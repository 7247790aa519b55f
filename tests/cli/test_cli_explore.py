"""What is shown to the public is an allow-list: what is private is not hidden there, it is not there."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from freedom_policy import exploring
from freedom_policy.records import MeasureFilter

METADATA = yaml.safe_load((files("freedom_policy.data") / "explore" / "metadata.yaml").read_text(encoding="utf-8"))
SHOWN = METADATA["databases"]["freedom_policy"]
PRIVATE = (
    "Reviewer Name",
    "Secret reason",
    "hidden@example.org",
    "hooks.example.org",
    "Our secret plan",
    "Quiet watch",
    "R. Eader",
)


@pytest.fixture
def with_secrets(run) -> None:
    """A store in which every private field holds something."""
    run("review", "--as", "Reviewer Name", "us/119/HR3", input="a\nSecret reason\n")
    watch = ("--daily", "--email", "hidden@example.org", "--webhook", "https://hooks.example.org/x")
    run("watch", "add", "Quiet watch", "us/119/HR1", *watch)
    run("note", "us/119/HR1", "--position", "oppose", "--text", "Our secret plan")
    run("correct", "us/119/HR2", "--says", "wrong", "--said-by", "R. Eader")


@pytest.fixture
def database(with_secrets: None, store: Any, tmp_path: Path) -> Path:
    path = tmp_path / "freedom_policy.db"
    assert exploring.write_database(store, path, filter=MeasureFilter(tracked=None)) == 6
    return path


def test_nothing_private_is_in_the_file(database):
    held = database.read_bytes()
    assert b"To raise the fine" in held
    for words in PRIVATE:
        assert words.encode() not in held, words


def test_each_table_and_column_is_told_of(database):
    with closing(sqlite3.connect(database)) as connection:
        for table, columns in exploring.TABLES.items():
            found = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            assert tuple(found) == columns
            assert SHOWN["tables"][table]["description"]
    for table in ("measures", "provisions"):
        assert tuple(SHOWN["tables"][table]["columns"]) == exploring.TABLES[table]


@pytest.mark.parametrize("name", SHOWN["queries"])
def test_each_ready_question_has_an_answer(database, name):
    asked = {"place": "us", "type": "buyer_penalty"}
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute(SHOWN["queries"][name]["sql"], asked).fetchall()
    assert rows or name in ("coming", "in_force_by_place")


def test_on_this_machine_only_and_gone_afterwards(run, monkeypatch):
    called: list[list[str]] = []

    def call(command: list[str]) -> int:
        called.append(command)
        assert Path(command[command.index("--immutable") + 1]).stat().st_size
        return 0

    pytest.importorskip("datasette", reason="needs the extra 'explore'")
    monkeypatch.setattr(exploring.subprocess, "call", call)
    run("explore", "--port", "0")
    [command] = called
    assert command[command.index("--host") + 1] == "127.0.0.1"
    assert not Path(command[command.index("--immutable") + 1]).exists()


def test_not_installed_is_told_plainly(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "datasette", None)
    told = run("explore", code=2).stderr
    assert "pip install 'freedom_policy[explore]'" in told
    assert len(told.strip().splitlines()) == 1


def test_the_site_shows_nothing_private(with_secrets, run, tmp_path):
    folder = tmp_path / "site"
    assert "5 measures" in run("site", str(folder)).stdout
    written = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"To raise the fine" in written
    for words in PRIVATE:
        assert words.encode() not in written, words


@pytest.mark.parametrize(
    "command", [("digest", "--format", "json"), ("list", "--format", "jsonl"), ("coverage", "--format", "json")]
)
def test_what_is_printed_names_no_watch_note_or_reader(with_secrets, run, command):
    told = run(*command).stdout
    for words in ("hidden@example.org", "hooks.example.org", "Our secret plan", "Quiet watch", "R. Eader"):
        assert words not in told


def test_an_export_holds_nothing_private_unless_asked_by_name(with_secrets, run, tmp_path):
    folder = tmp_path / "public"
    assert "6 measures" in run("export", str(folder)).stdout
    written = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"To raise the fine" in written
    for words in PRIVATE:
        assert words.encode() not in written, words
    assert "not empty" in run("export", str(folder), code=2).stderr


def test_a_private_export_moves_house(with_secrets, run, config, tmp_path):
    from click.testing import CliRunner

    from freedom_policy.cli.app import root

    folder, new = tmp_path / "private", f"sqlite:///{(tmp_path / 'new.sqlite').as_posix()}"
    run("digest", "--since", "last")
    assert "keep it as you keep the store" in run("export", str(folder), "--private").stderr

    def there(*args: str) -> str:
        result = CliRunner().invoke(root, ["--db", new, "--config", str(config), *args])
        assert result.exit_code == 0, result.output
        return result.stdout

    assert "Restored 6 measures" in there("import", str(folder))
    for command in (
        ("list", "--all", "--format", "csv"),
        ("watch", "list", "--private"),
        ("note",),
        ("review", "--list"),
    ):
        assert there(*command) == run(*command).stdout, command
    assert there("review", "--export", "-", "--private") == run("review", "--export", "-", "--private").stdout
    assert "Nothing changed" in there("digest", "--since", "last"), "what was told is not told again on the new machine"


def test_import_refuses_what_is_no_package_and_a_store_in_use(run, tmp_path):
    assert "no data package" in run("import", str(tmp_path), code=2).stderr
    folder = tmp_path / "public"
    run("export", str(folder))
    assert "not empty" in run("import", str(folder), code=2).stderr
