"""The tutorials run from top to bottom on the demo, and what they show can be shown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "docs" / "notebooks").glob("*.ipynb"))
SHOWN = {
    "what-moved-this-month": ("Trafficking Survivors Relief Act", "Signed by President", "could not be looked at"),
    "where-are-the-gaps": ("not looked at", "establishing an office of human trafficking"),
}


def cells(notebook: Path, kind: str) -> list[str]:
    content = json.loads(notebook.read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in content["cells"] if cell["cell_type"] == kind]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_tutorial_runs(
    notebook: Path,
    collected: dict[str, Any],
    run: Callable[[str, dict[str, Any]], str | None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    namespace = dict(collected)
    namespace["tracker"] = namespace["Tracker"](
        namespace["url"], now=namespace["step"].now, recorded_on=namespace["step"].day
    )
    shown = [run(source, namespace) for source in cells(notebook, "code")[1:]]
    text = "\n".join(filter(None, shown)) + capsys.readouterr().out
    for words in SHOWN[notebook.stem]:
        assert words in text


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_tutorial_is_kept_without_output_and_its_links_lead_somewhere(notebook: Path) -> None:
    content = json.loads(notebook.read_text(encoding="utf-8"))
    code = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in code)
    for target in re.findall(r"\]\(([^)#\s]+)", "\n".join(cells(notebook, "markdown"))):
        assert "://" in target or (notebook.parent / target).exists(), target
