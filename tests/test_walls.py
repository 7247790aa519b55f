"""The house keeps its walls: packages are listed, imports use the full name, rooms reach only what they may."""

from __future__ import annotations

import ast
import configparser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = {"freedom_policy", "spiders", "classifiers", "data", "cli"}
FILES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "recordings" not in path.parts)

# What a file of a room may import of ours, by the start of its full module name. DESIGN.md section 1.
BASE = ("freedom_policy.records", "freedom_policy.errors")
MAY = {
    "freedom_policy.records": (),
    "freedom_policy.errors": (),
    "freedom_policy.safe": (),
    "freedom_policy.config": BASE,
    "freedom_policy.places": (*BASE, "freedom_policy.data"),
    "freedom_policy.codebook": (*BASE, "freedom_policy.data"),
    "freedom_policy.text": BASE,
    "freedom_policy.demo": (*BASE, "freedom_policy.data"),
    "freedom_policy.store": BASE,
    "freedom_policy.monitoring": (*BASE, "freedom_policy.places", "freedom_policy.text", "freedom_policy.codebook"),
    "freedom_policy.reports": (
        *BASE,
        "freedom_policy.data",
        "freedom_policy.safe",
        "freedom_policy.places",
        "freedom_policy.codebook",
        "freedom_policy.store",
        "freedom_policy.monitoring",
    ),
    "freedom_policy.comparing": (*BASE, "freedom_policy.codebook", "freedom_policy.monitoring"),
    "freedom_policy.impact": (
        *BASE,
        "freedom_policy.codebook",
        "freedom_policy.data",
        "freedom_policy.places",
        "freedom_policy.reports",
        "freedom_policy.safe",
        "freedom_policy.store",
    ),
    "freedom_policy.listing": (*BASE, "freedom_policy.safe", "freedom_policy.reports"),
    "freedom_policy.delivery": BASE,
    "freedom_policy.asking": (*BASE, "freedom_policy.places", "freedom_policy.codebook"),
    "freedom_policy.watching": (*BASE, "freedom_policy.delivery", "freedom_policy.reports", "freedom_policy.store"),
    "freedom_policy.reviewing": (
        *BASE,
        "freedom_policy.asking",
        "freedom_policy.codebook",
        "freedom_policy.places",
        "freedom_policy.reports",
        "freedom_policy.safe",
    ),
    "freedom_policy.exploring": (
        *BASE,
        "freedom_policy.data",
        "freedom_policy.listing",
        "freedom_policy.reports",
        "freedom_policy.safe",
        "freedom_policy.store",
    ),
    "freedom_policy.jobs": (*BASE, "freedom_policy.tracker"),
    "freedom_policy.spiders": (*BASE, "freedom_policy.places", "freedom_policy.text", "freedom_policy.data"),
    "freedom_policy.classifiers": (*BASE, "freedom_policy.text", "freedom_policy.codebook", "freedom_policy.data"),
    "freedom_policy.data": (),
    "freedom_policy.cli": (
        *BASE,
        "freedom_policy.tracker",
        "freedom_policy.standalone",
        "freedom_policy.jobs",
        "freedom_policy.config",
    ),
}


def module_name(path: Path) -> str:
    relative = path.relative_to(ROOT).with_suffix("")
    parts = relative.parts if relative.parts[0] == "freedom_policy" else ("freedom_policy", *relative.parts)
    return ".".join(parts).removesuffix(".__init__")


def imports(path: Path) -> list[tuple[str, int, bool]]:
    """(full module, line, at top level of the file) of each import, relative ones resolved; type-only ones left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = module_name(path).split(".") if path.name == "__init__.py" else module_name(path).split(".")[:-1]
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
        for node in ast.walk(block)
    }
    found = []
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        top = node in tree.body
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno, top) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module or "") if part)
            # `from . import records` imports a sibling, so the names count too.
            found += [(f"{module}.{alias.name}", node.lineno, top) for alias in node.names]
    return found


def room_of(module: str) -> str:
    return max((room for room in MAY if module == room or module.startswith(room + ".")), key=len, default="")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_bare_import_of_a_room(path):
    bare = [(name, line) for name, line, _ in imports(path) if name.split(".")[0] in ROOMS - {"freedom_policy"}]
    assert not bare, f"import the full name (freedom_policy....): {bare}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_walls_hold(path):
    module = module_name(path)
    room = room_of(module)
    if module in ("freedom_policy", "freedom_policy.tracker", "freedom_policy.notebook", "freedom_policy.standalone"):
        return
    assert room, f"{module} is in no known room; give it a line in MAY and in docs/architecture.md"
    allowed = (room, *MAY[room])
    ours = [(name, line) for name, line, _ in imports(path) if name.startswith("freedom_policy.")]
    broken = [(name, line) for name, line in ours if not any(name == a or name.startswith(a + ".") for a in allowed)]
    assert not broken, f"{module} reaches across a wall: {broken}"


def test_only_the_facade_reaches_spiders_and_classifiers_and_lazily():
    for path in FILES:
        if path.parts[len(ROOT.parts)] != "freedom_policy":
            continue
        for name, line, top in imports(path):
            if name.startswith(("freedom_policy.spiders", "freedom_policy.classifiers")):
                assert path.name in ("tracker.py", "standalone.py"), f"{path.name}:{line} imports {name}"
                assert not top, f"{path.name}:{line} imports {name} before it is needed"


def test_nothing_imports_the_cli():
    users = [
        (path.name, line)
        for path in FILES
        for name, line, _ in imports(path)
        if name.startswith("freedom_policy.cli") and path.parts[len(ROOT.parts)] != "cli"
    ]
    assert not users


def test_setup_cfg_lists_every_package():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    listed = set(config["options"]["packages"].split())
    present = {
        module_name(path)
        for room in ROOMS
        for path in (ROOT / room).rglob("__init__.py")
        if "migrations" not in path.parts and "recordings" not in path.parts
    }
    assert listed == present


def test_the_top_level_holds_what_the_owner_fixed():
    wanted = {"freedom_policy", "spiders", "classifiers", "data", "cli", "tests", "setup.cfg", "README.md"}
    allowed = wanted | {"pyproject.toml", "LICENSE", "CHANGELOG.md", "docs", "benchmarks"}
    tracked = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    made = {"build", "dist", "digest.html", "freedom_policy.egg-info", "site"}
    assert wanted <= tracked
    assert tracked - made <= allowed, "the top level stays clean"
