"""The whole road once: both days of the demo collected, tagged and monitored, as the tutorials' first cell does it."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "docs" / "notebooks").glob("*.ipynb"))


def cells(notebook: Path, kind: str) -> list[str]:
    content = json.loads(notebook.read_text(encoding="utf-8"))
    assert content["nbformat"] == 4
    return ["".join(cell["source"]) for cell in content["cells"] if cell["cell_type"] == kind]


def run_cell(source: str, namespace: dict[str, Any]) -> str | None:
    """Run a cell as a notebook does; what its last line shows, as HTML if it can."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), namespace)
    if last is None:
        return None
    value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), namespace)
    shown = getattr(value, "_repr_html_", None)
    return str(shown()) if shown else repr(value)


@pytest.fixture(scope="session")
def run() -> Callable[[str, dict[str, Any]], str | None]:
    return run_cell


@pytest.fixture(scope="session")
def collected() -> dict[str, Any]:
    """What the first code cell of every tutorial leaves; its tracker is closed."""
    setups = {cells(notebook, "code")[0] for notebook in NOTEBOOKS}
    assert len(setups) == 1
    namespace: dict[str, Any] = {}
    run_cell(setups.pop(), namespace)
    namespace["tracker"].close()
    return namespace
