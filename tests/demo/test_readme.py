"""The README is true: its commands are those that CI runs, its links lead somewhere, its snippet runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from freedom_policy import asking
from freedom_policy.cli.app import COMMANDS, root

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_it_gives_the_two_commands_each_on_one_line():
    one_line = [block.strip() for block in blocks("sh") if block.count("\n") == 1]
    assert "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/freedom-policy demo" in one_line
    assert "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest" in one_line


def test_every_link_leads_somewhere():
    targets = [target.split("#")[0] for target in re.findall(r"\]\(([^)]+)\)", README) if "://" not in target]
    missing = [target for target in targets if not (ROOT / target).exists()]
    assert targets
    assert not missing


def test_every_command_that_it_names_exists_with_its_options():
    lines = re.findall(r"freedom-policy (\w+)([^\n#&]*)", "\n".join(blocks("sh")))
    assert {name for name, _ in lines} <= set(COMMANDS)
    for name, rest in lines:
        text = CliRunner().invoke(root, [name, "--help"], prog_name="freedom-policy").output
        assert all(option in text for option in re.findall(r"--[a-z-]+", rest)), (name, rest)


@pytest.mark.parametrize("page", ["README.md", "docs/coverage.md", "docs/digests.md"])
def test_its_snippets_run(page: str, collected: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FREEDOM_POLICY_DB", collected["url"])
    text = (ROOT / page).read_text(encoding="utf-8")
    snippets = [part for part in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "import Tracker" in part]
    assert snippets
    for snippet in snippets:
        if ".plot(" in snippet:
            pytest.importorskip("matplotlib", reason="plots need the extra 'notebook'")
        exec(snippet, {})


def test_its_filters_are_known():
    asked = dict(re.findall(r"(goal|area|stage)=\"(\w+)\"", README))
    assert asking.measure_filter(today=asking.dt.date(2026, 11, 25), **asked)
