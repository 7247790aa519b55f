"""A small store whose tags no model made, and the command line on it."""

from __future__ import annotations

import datetime as dt
import shutil
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from freedom_policy import monitoring
from freedom_policy.cli.app import root
from freedom_policy.records import (
    Abstract,
    Action,
    Classification,
    CrawlReport,
    Found,
    Measure,
    Provision,
    Source,
    TextVersion,
)
from freedom_policy.store import Store

NOW = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
TODAY = NOW.date()


def measure(key: str, title: str, *, words: str = "", steps: tuple[str, ...] = ("Introduced in House",)) -> Measure:
    """One step a day, the last one yesterday."""
    place, session, identifier = key.split("/", 2)
    first = TODAY - dt.timedelta(days=len(steps))
    return Measure(
        jurisdiction=place,
        session=session,
        identifier=identifier,
        kind="bill" if place == "us" else "ordinance",
        title=title,
        abstracts=(Abstract(abstract=f"In short: {title}"),),
        actions=tuple(
            Action(date=first + dt.timedelta(days=number), description=step) for number, step in enumerate(steps)
        ),
        versions=(TextVersion(note="Introduced", text=words or title),),
        url=f"https://example.org/{identifier}",
        source=Source(name="congress" if place == "us" else "legistar", url="https://example.org/", retrieved_at=NOW),
    )


def tags(
    title: str, kind: str, goal: str, *, direction: str = "strengthens", score: float = 0.9, **said: Any
) -> Classification:
    """One provision, shown by the title."""
    provision = Provision(
        type=kind,
        score=score,
        direction=direction,  # type: ignore[arg-type]
        goal_directions={goal: direction},  # type: ignore[dict-item]
        contested=said.get("contested", False),
        quote=title,
        start=0,
        end=len(title),
        field="title",
    )
    return Classification(
        **{
            "relevance": "core",
            "tracked": True,
            "score": score,
            "goals": (goal,),
            "areas": ("restoration",),
            "provisions": (provision,),
            "form": "sex",
            "direction": direction,
            "binding": True,
            "administrative": False,
            "model": "test-1",
            **said,
        }
    )


NOT_ABOUT = Classification(relevance="none", tracked=False, score=0.01, model="test-1")
MEASURES = (
    (
        measure("us/119/HR1", "To raise the fine for buying sex", steps=("Introduced in House", "Passed House")),
        tags("To raise the fine for buying sex", "buyer_penalty", "buyer_deterrence"),
    ),
    (
        measure("us/119/HR2", "To clear the records of trafficking survivors"),
        tags(
            "To clear the records of trafficking survivors",
            "vacatur_expungement",
            "victim_protection",
            score=0.55,
            review=True,
        ),
    ),
    (
        measure("us/119/HR3", "To end the duty to train"),
        tags("To end the duty to train", "training_law_enforcement", "system_reform", direction="weakens", review=True),
    ),
    (
        measure("us/119/HR4", "To license massage rooms"),
        tags("To license massage rooms", "massage_licensing", "trafficker_deterrence", contested=True, review=True),
    ),
    (measure("us/119/HR5", "To name a post office"), NOT_ABOUT),
    (
        measure(
            "us-ny-nyc/2024/Int0827-2024",
            "=HYPERLINK: an office of human trafficking",
            steps=("Introduced by Council",),
        ),
        tags("=HYPERLINK: an office of human trafficking", "task_force", "system_reform"),
    ),
)


def keep(store: Store, *items: tuple[Measure, Classification], at: dt.datetime = NOW) -> None:
    """Collect, tag and assess measures at a moment."""
    for name in sorted({item.source.name for item, _ in items}):
        with store.collecting(name, jurisdiction="us" if name == "congress" else "us-ny-nyc", clock=lambda: at) as run:
            for item, _ in items:
                if item.source.name == name:
                    run.write(Found(measure=item))
            run.finish(
                CrawlReport(source=name, started_at=at, finished_at=at, verdict="complete", complete_scope=False)
            )
    store.save_classifications([(item.key, said) for item, said in items], observed_at=at)
    store.save_statuses(
        [
            (item.key, monitoring.assess(item.actions, jurisdiction=item.jurisdiction, kind=item.kind, as_of=TODAY))
            for item, _ in items
        ],
        observed_at=at,
    )


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store, made once."""
    path = tmp_path_factory.mktemp("store") / "made.sqlite"
    with Store(f"sqlite:///{path.as_posix()}") as store:
        store.prepare()
        keep(store, *MEASURES)
    return path


@pytest.fixture
def db(made: Path, tmp_path: Path) -> str:
    """URL of a copy of the store."""
    copy = tmp_path / "store.sqlite"
    shutil.copy(made, copy)
    return f"sqlite:///{copy.as_posix()}"


@pytest.fixture
def store(db: str) -> Iterator[Store]:
    """The copy, opened."""
    with Store(db) as opened:
        yield opened


@pytest.fixture
def learn(store: Store) -> Callable[..., str]:
    """Has the store learn of one more bill that helps survivors: ``learn(7)``; gives its key."""

    def more(number: int, at: dt.datetime | None = None) -> str:
        item = measure(f"us/119/HR{number}", f"To help survivors, number {number}")
        said = tags(item.title, "vacatur_expungement", "victim_protection")
        keep(store, (item, said), at=at or dt.datetime.now(dt.UTC))
        return item.key

    return more


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """An empty config file, so that the tests read nobody's own."""
    path = tmp_path / "config.toml"
    path.touch(0o600)
    return path


@pytest.fixture
def run(db: str, config: Path) -> Callable[..., Result]:
    """Runs a command on the copy: ``run("list", "--format", "csv")``; the result has exit_code, stdout, stderr."""

    def invoke(*args: str, input: str | None = None, code: int | None = 0) -> Result:
        result = CliRunner().invoke(root, ["--db", db, "--config", str(config), *args], input=input)
        told = f"{args}: exit code {result.exit_code}\n{result.output}"
        assert "Traceback" not in result.output, told
        assert result.exception is None or isinstance(result.exception, SystemExit), f"{told}\n{result.exception!r}"
        assert code is None or result.exit_code == code, told
        return result

    return invoke


@pytest.fixture
def entry(db: str, config: Path) -> list[str]:
    """The real entry point as a command, to be started in a process of its own."""
    return [
        sys.executable,
        "-c",
        "from freedom_policy.cli import main; main()",
        "--db",
        db,
        "--config",
        str(config),
    ]


@pytest.fixture
def shell(entry: list[str], tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the real entry point and waits for it."""

    def execute(*args: str, **options: Any) -> subprocess.CompletedProcess[str]:
        told: dict[str, Any] = {"encoding": "utf-8", "capture_output": True, "timeout": 300, "cwd": tmp_path}
        return subprocess.run([*entry, *args], **told, **options)

    return execute


class _Mail(socketserver.StreamRequestHandler):
    """As much SMTP as smtplib needs."""

    def handle(self) -> None:
        server: Any = self.server
        self.wfile.write(b"220 test\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                if server.refuse:
                    self.wfile.write(b"452 mailbox full\r\n")
                    continue
                self.wfile.write(b"354 go on\r\n")
                body = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    body += part
                server.received.append(body.decode())
                if server.after:
                    server.after()
                self.wfile.write(b"250 taken\r\n")
            elif verb == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")


@pytest.fixture
def mailbox(config: Path) -> Iterator[Any]:
    """A mail server on loopback, which the config file names: ``.received`` messages, ``.refuse``, ``.after`` a message."""
    server: Any = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mail)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # A client that was killed is what some tests want.
    server.received, server.refuse, server.after = [], False, None
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    port = server.server_address[1]
    config.write_text(f'[smtp]\nhost = "127.0.0.1"\nport = {port}\nsender = "digest@example.org"\ntls = false\n')
    yield server
    server.shutdown()
    server.server_close()
