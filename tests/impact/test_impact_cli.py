"""``impact`` on the command line."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from freedom_policy.cli.app import root


@pytest.fixture
def run(tracker, tmp_path, texas):
    (tmp_path / "config.toml").touch(0o600)
    (tmp_path / "o.csv").write_text(texas, encoding="utf-8")

    def invoke(*args: str):
        top = ["--db", f"sqlite:///{tmp_path.as_posix()}/s.sqlite", "--config", str(tmp_path / "config.toml")]
        return CliRunner().invoke(root, [*top, "impact", "--outcomes", str(tmp_path / "o.csv"), *args])

    return invoke


def test_every_format(run, tmp_path):
    assert "not what caused it" in run("us-tx/84/hb 10").stdout
    assert run("us-tx/84/HB10", "--format", "md").stdout.startswith("# Arrests of people under 18")
    data = json.loads(run("--place", "tx", "--provision", "safe_harbor_minors", "--format", "json").stdout)
    assert (data["schema_version"], data["place"]) == (1, "us-tx")
    target = tmp_path / "page.html"
    assert run("us-tx/84/HB10", "--compare", "or,ok", "--format", "html", "--output", str(target)).exit_code == 0
    assert "<svg" in target.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ((), "Name a measure's key"),
        (("us-tx/85/HB3",), "Nothing to see yet"),
        (("us-tx/84/HB10", "--indicator", "arrests"), "Unknown indicator 'arrests'"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(run, args, told):
    done = run(*args)
    assert done.exit_code == 2
    assert told in done.stderr
    assert not done.stdout
    assert len(done.stderr.strip().splitlines()) == 1
