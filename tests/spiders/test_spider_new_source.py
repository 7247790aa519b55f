"""What docs/add-a-source.md promises: one command, three files, and a test that fails until somebody has read the records."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from freedom_policy.spiders.base import MeasureSpider

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "add-a-source.md").read_text(encoding="utf-8")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout in which a source may be added: what it writes to is a copy, the rest are links to the real one."""
    for folder in ("spiders", "data/sources"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in ("data", "freedom_policy"):
        (tmp_path / folder).mkdir(exist_ok=True)
        for item in (ROOT / folder).iterdir():
            if item.name not in ("sources", "spiders", "data", "classifiers", "__pycache__"):
                (tmp_path / folder / item.name).symlink_to(item)
    for room in ("spiders", "data"):
        (tmp_path / "freedom_policy" / room).symlink_to(tmp_path / room)
    tests = tmp_path / "tests" / "spiders"
    (tests / "recordings").mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "spiders" / "test_spider_recordings.py", tests)
    return tmp_path


def run(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command in the top folder of the checkout, whose packages come before those that are installed."""
    environment = {**os.environ, "PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *words],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def recordings(checkout: Path) -> subprocess.CompletedProcess[str]:
    """The recorded-page tests of the checkout."""
    case = "tests/spiders/test_spider_recordings.py::test_recorded_pages"
    return run(checkout, "-m", "pytest", "-q", "-p", "no:cacheprovider", case)


@pytest.mark.skipif(sys.platform == "win32", reason="needs links")
def test_from_the_command_to_records_that_were_read(checkout: Path) -> None:
    command = re.search(r"^python (-m freedom_policy\.spiders\.new_source (\S+))", GUIDE, re.MULTILINE)
    assert command, "the guide begins with the command"
    name = command[2]
    written = run(checkout, *command[1].split())
    assert written.returncode == 0, written.stderr
    for file in written.stdout.split():
        assert (checkout / file).is_file()
        assert str(Path(file).parent) in GUIDE, "the guide names the place of each file"

    # As written: no page is recorded.
    first = recordings(checkout)
    assert first.returncode == 1, first.stdout
    assert "bills.json is not there: record the page" in first.stdout

    # With pages in the service's form: the records write themselves, and the test fails until they are read.
    case = checkout / "tests" / "spiders" / "recordings" / name / "first"
    row = {
        "id": 7,
        "session": "119",
        "number": "H.R. 7",
        "title": "T",
        "url": "https://example.org/7",
        "updated": "2026-01-02",
    }
    (case / "bills.json").write_text(json.dumps([row]))
    (case / "actions.json").write_text(json.dumps([{"date": "2026-01-01", "text": "Introduced in House"}]))
    with (case / "case.yaml").open("a") as file:
        file.write("  - {url: /bills/7/actions, file: actions.json}\n")
    second = recordings(checkout)
    assert second.returncode == 1, second.stdout
    assert "Read it line by line" in second.stdout
    found, *_, last = (json.loads(line) for line in (case / "expected.jsonl").read_text().splitlines())
    assert found["measure"]["identifier"] == "HR7"
    assert found["measure"]["actions"][0]["description"] == "Introduced in House"
    assert last["verdict"] == "complete"

    third = recordings(checkout)
    assert third.returncode == 0, third.stdout


def test_the_guide_calls_what_there_is() -> None:
    """Each method that the guide's snippet and table call is the base's, with the parameters that they name."""
    called = set(re.findall(r"self\.(\w+)\(", GUIDE)) - {"_read"}
    assert len(called) > 10
    assert not [method for method in called if not hasattr(MeasureSpider, method)]
    (given,) = re.findall(r"await self\.get\(url, ([^)]*)\)", GUIDE)
    assert {word.strip(" =") for word in given.split(",")} <= set(MeasureSpider.get.__kwdefaults__)
