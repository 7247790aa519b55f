"""The database itself: what cannot be opened is told in one line, and what is there is sound."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from freedom_policy.errors import StoreUnusable
from freedom_policy.records import MeasureFilter
from freedom_policy.store import Store, queries, schema
from freedom_policy.store.models import Base

ALL = MeasureFilter(tracked=None)


def one_line(error: pytest.ExceptionInfo[StoreUnusable]) -> str:
    message = str(error.value)
    assert "\n" not in message
    assert error.value.exit_code == 4
    return message


def test_migrations_make_the_tables_that_the_code_means(store: Store) -> None:
    with store.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    assert schema.revisions()[-1] == schema.NEWEST


def test_upgrading_twice_is_harmless_and_says_so(url: str) -> None:
    with Store(url) as store:
        assert "nothing to do" in store.upgrade()
        store.prepare()
        assert store.check()["integrity"] == "ok"


def test_an_empty_database_is_set_up_only_when_asked(tmp_path: Path) -> None:
    with Store(f"sqlite:///{tmp_path}/new/folder/store.db") as store:
        with pytest.raises(StoreUnusable, match="freedom-policy db upgrade") as error:
            queries.count(store)
        one_line(error)
        store.prepare()
        assert queries.count(store) == 0


def test_a_memory_store_serves_tests_and_trials(make) -> None:
    from freedom_policy.records import Found

    with Store("sqlite://") as store:
        store.prepare()
        with store.collecting("congress") as run:
            run.write(Found(measure=make()))
        assert queries.count(store, ALL) == 1


@pytest.mark.parametrize(
    ("version", "words"),
    [("0000", "newer than this version"), ("ffff", "newer than this version")],
)
def test_a_newer_database_is_not_touched(url: str, version: str, words: str) -> None:
    with Store(url) as store, store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
    with Store(url) as store:
        for act in (store.upgrade, store.prepare, lambda: queries.count(store)):
            with pytest.raises(StoreUnusable, match=words) as error:
                act()
            one_line(error)


def test_an_older_database_names_the_way_up(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "NEWEST", "9999")
    with Store(url) as store, pytest.raises(StoreUnusable, match=r"older.*freedom-policy db upgrade") as error:
        store.prepare()
    one_line(error)


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE songs (title TEXT)")
    other.close()
    with Store(f"sqlite:///{path}") as store:
        for act in (store.upgrade, store.prepare):
            with pytest.raises(StoreUnusable) as error:
                act()
            one_line(error)
    with sqlite3.connect(path) as other:
        assert [row[0] for row in other.execute("SELECT name FROM sqlite_master")] == ["songs"]


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear database, " * 100, encoding="utf-8")
    with pytest.raises(StoreUnusable, match="damaged or is no SQLite file") as error:
        Store(f"sqlite:///{path}")
    one_line(error)


@pytest.mark.parametrize(
    "url",
    [
        "not a url",
        "mysql://host/name",
        "oracle:///",
        "postgresql+psycopg://nobody:secret@127.0.0.1:1/none",
        "sqlite:////proc/no/where.db",
    ],
)
def test_a_url_that_cannot_be_opened_is_one_clear_line(url: str) -> None:
    with pytest.raises(StoreUnusable) as error:
        Store(url)
    assert "secret" not in one_line(error)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="permissions do not bind the administrator")
def test_a_read_only_folder_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(StoreUnusable, match="cannot be opened") as error:
        Store(f"sqlite:///{tmp_path}/store.db")
    one_line(error)


def test_a_locked_database_is_told_and_nothing_is_written(url: str, make) -> None:
    from freedom_policy.records import Note

    with Store(url) as holder, Store(url, busy_seconds=0.2) as other, holder.writing():
        # Reading goes on while somebody writes.
        assert queries.count(other, ALL) == 0
        with pytest.raises(StoreUnusable, match="locked by another program") as error:
            other.save_note(Note(key="us/117/HR1", text="x"))
        one_line(error)


def test_a_backup_is_a_whole_store(url: str, store: Store, collect, make, tmp_path: Path) -> None:
    collect(make())
    target = tmp_path / "copy.db"
    if url.startswith("postgresql"):
        with pytest.raises(StoreUnusable, match="pg_dump") as error:
            store.backup(target)
        one_line(error)
        return
    store.backup(target)
    with Store(f"sqlite:///{target}") as copy:
        assert queries.measure(copy, "us/117/HR1") == queries.measure(store, "us/117/HR1")
        assert copy.check()["integrity"] == "ok"
    with pytest.raises(StoreUnusable, match="is there already"):
        store.backup(target)
    with pytest.raises(StoreUnusable, match="cannot be written"):
        store.backup(tmp_path / "no" / "folder" / "copy.db")


def test_checking_finds_damage(tmp_path: Path, make) -> None:
    path = tmp_path / "store.db"
    with Store(f"sqlite:///{path}") as store:
        store.prepare()
    with sqlite3.connect(path) as other:
        other.execute(
            "INSERT INTO sessions (jurisdiction, identifier, name, classification) VALUES ('us-xx', '1', '', 'primary')"
        )
    other.close()
    with (
        Store(f"sqlite:///{path}") as store,
        pytest.raises(StoreUnusable, match="sessions points to a row of jurisdictions") as error,
    ):
        store.check()
    one_line(error)
