"""What works without a store of one's own: filters of JSON Lines, the demo, training, evaluation, upkeep.

Nothing here opens a database before it is asked to, so that ``classify --input`` and ``monitor --input`` start fast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import config
from .errors import BadInput, FreedomPolicyError, SourceFailed
from .records import Record

if TYPE_CHECKING:
    from .classifiers import Evaluation, Model
    from .reports import Digest

Progress = Callable[[str, int], None]
"""Called with what is being done and how many are done so far."""

# ---------------------------------------------------------------------------------------------------------------------
# Pure filters: JSON Lines in, JSON Lines out, no store


def model_in_use(settings: config.Config) -> Model:
    """The model that the config file names as ``model``, else the one that ships."""
    from . import classifiers

    return classifiers.load_model(settings.values.get("model"))


def classify_lines(
    lines: Iterable[str | bytes],
    *,
    problem: Callable[[int, str], None],
    config_file: str | Path | None = None,
    jobs: int = 1,
) -> Iterator[dict[str, Any]]:
    """``classify --input`` of CONTRACTS. A line that cannot be read goes to ``problem(number, why)``; the rest is done.

    Args:
        jobs: processes to use; results keep their order.
    """
    from . import classifiers

    return classifiers.classify_lines(model_in_use(config.load(config_file)), lines, on_error=problem, jobs=jobs)


def monitor_lines(lines: Iterable[str | bytes], *, problem: Callable[[int, str], None]) -> Iterator[dict[str, Any]]:
    """``monitor --input`` of CONTRACTS. A line that cannot be read goes to ``problem(number, why)``; the rest is done."""
    from . import monitoring

    return monitoring.monitor_lines(lines, on_error=problem)


# ---------------------------------------------------------------------------------------------------------------------
# Without a store of one's own


def run_demo(*, progress: Progress | None = None) -> Digest:
    """The whole road on recordings: the real spiders over loopback, a store in a temporary folder, tags, status, digest.

    Raises:
        SourceFailed: the recordings could not be read, so that there is nothing to show.
    """
    from tempfile import TemporaryDirectory

    from . import demo
    from .tracker import Tracker

    with TemporaryDirectory(prefix="freedom-policy-demo-") as folder:
        tracker: Tracker | None = None
        try:
            for step in demo.steps():
                if tracker:
                    tracker.close()
                url = f"sqlite:///{Path(folder, 'demo.sqlite').as_posix()}"
                tracker = Tracker(url, now=step.now, recorded_on=step.day)
                with demo.serve(step.day) as base_urls:
                    for asked in step.collect:
                        run = tracker.collect(**asked, base_url=base_urls[asked["source"]], progress=progress)
                        if run.verdict != "complete" and asked.get("client") != demo.REFUSES:
                            why = "; ".join(map(str, run.problems))
                            raise SourceFailed(f"The demo could not read its recordings of {run.source}: {why}")
                tracker.classify(progress=progress)
                tracker.monitor(progress=progress)
                tracker.find_reforms(progress=progress)
            assert tracker is not None, "the demo has at least one step"  # noqa: S101
            return tracker.digest(since=step.since, jurisdiction=step.follow)
        finally:
            if tracker:
                tracker.close()


def train(gold: Iterable[str], output: str, *, practice: bool = True) -> Model:
    """Train a model on labelled measures (JSON Lines files) and write it; the same labels give the same bytes.

    Args:
        practice: learn also from the measures that we wrote for it, which come with the package.

    Raises:
        BadInput: a file cannot be read, or a line is no labelled measure (names file and line); no folder for the output.
    """
    from . import classifiers

    if not Path(output).parent.is_dir():
        raise BadInput(f"The folder of {output!r} is not there. Create it first; training takes minutes.")
    return classifiers.train(gold, output, practice=practice)


def evaluate(
    gold: Iterable[str],
    *,
    model: str | None = None,
    folds: int = 0,
    practice: bool = True,
    config_file: str | Path | None = None,
) -> Evaluation:
    """Measure a model on labelled measures (JSON Lines files).

    Args:
        model: a model file; default: the one in use.
        folds: train anew as often, each time without one part, and measure on that; then ``model`` has no part in it.
        practice: with ``folds``, learn also from the measures that we wrote for it.

    Raises:
        BadInput: a file cannot be read, or a line is no labelled measure.
    """
    from . import classifiers
    from .classifiers.gold import load, written

    measures = load(gold)
    if folds:
        return classifiers.cross_validate(measures, folds=folds, practice=written() if practice else ())
    return classifiers.evaluate(
        classifiers.load_model(model) if model else model_in_use(config.load(config_file)), measures
    )


def upgrade_store(url: str | None, config_file: str | Path | None) -> str:
    """Bring a store to this version's form; returns what was done in a sentence."""
    from .store import Store

    store = Store(url or config.load(config_file).db)
    try:
        return store.upgrade()
    finally:
        store.close()


class Finding(Record):
    """One thing that ``doctor`` looked at."""

    what: str
    ok: bool
    needed: bool = False
    mend: str = ""


def diagnose(url: str | None, config_file: str | Path | None) -> list[Finding]:
    """What is there and what is missing on this machine; secrets are named, never shown."""
    from importlib.util import find_spec

    from . import spiders
    from .monitoring import ruleset_for
    from .tracker import Tracker

    findings = []

    def look(what: str, test: Callable[[], str], *, needed: bool) -> None:
        try:
            findings.append(Finding(what=f"{what}: {test()}", ok=True, needed=needed))
        except FreedomPolicyError as error:
            findings.append(Finding(what=f"{what}: not usable", ok=False, needed=needed, mend=str(error)))

    def store() -> str:
        with Tracker(url, config_file=config_file) as tracker:
            return f"{tracker.store.label}, {tracker.check_store()['measures']:,} measures"

    def checked() -> str:
        with Tracker("sqlite://", config_file=config_file) as tracker:
            tracker.check_keys()
        return "their names are known"

    look("Config", lambda: str(config.load(config_file).path), needed=True)
    look("Store", store, needed=True)
    look("Model", lambda: model_in_use(config.load(config_file)).version, needed=True)
    look("Ruleset", lambda: ruleset_for(None).version, needed=True)
    look("Keys", checked, needed=True)
    settings = config.load(config_file) if findings[0].ok else config.Config(path=config.default_path())
    for info in spiders.sources().values():
        if info.key_variable and "<" not in info.key_variable:
            held = settings.key(info.name) is not None
            mend = "" if held else f"Set {info.key_variable} to collect {info.name}."
            findings.append(Finding(what=f"Key for {info.name}: {'set' if held else 'not set'}", ok=held, mend=mend))
    for module, extra, use in (
        ("psycopg", "postgres", "a shared PostgreSQL store"),
        ("matplotlib", "notebook", "plots in notebooks"),
        ("pyarrow", "parquet", "Parquet files"),
        ("procrastinate", "jobs", "scheduled work on many machines"),
        ("datasette", "explore", "questions in a browser"),
    ):
        there = find_spec(module) is not None
        mend = "" if there else f"For {use}: pip install 'freedom_policy[{extra}]'"
        findings.append(Finding(what=f"Optional {extra}: {'there' if there else 'not installed'}", ok=there, mend=mend))
    return findings
