"""The pages say what the program does: generated parts are fresh, links lead somewhere, commands exist."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(DOCS.rglob("*.md"))


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["codebook.md", "data-dictionary.md"])
def test_generated_parts_are_fresh(generate: ModuleType, page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    assert generate.filled(text) == text, "run: python docs/generate.py"


def test_every_provision_type_has_a_group_on_the_page(generate: ModuleType) -> None:
    from freedom_policy import codebook

    assert {one.group for one in codebook.load().provisions.values()} == set(generate.GROUPS)


def test_every_field_has_its_meaning_and_no_meaning_is_left_over(generate: ModuleType) -> None:
    from freedom_policy import listing
    from freedom_policy.reports import coverage

    fields = {model.__name__: set(model.model_fields) for model in generate.RECORDS}
    fields |= {"list": set(listing.COLUMNS), "coverage": set(coverage.CSV_COLUMNS)}
    fields["*"] = set.union(*fields.values())
    for record, meanings in generate.written().items():
        assert set(meanings) <= fields[record], record


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" in target or target.startswith("mailto:"):
            continue
        name, _, anchor = target.partition("#")
        linked = (page.parent / name).resolve() if name else page
        assert linked.exists(), target
        if anchor and linked.suffix == ".md":
            assert anchor in anchors(linked), target


def commands() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        spans = re.findall(r"^```\w*\n(.*?)^```", text, re.M | re.S) + re.findall(
            r"(?<!`)`(freedom-policy [^`\n]+)`", text
        )
        for span in spans:
            if re.search(r"freedom-policy (\[OPTIONS\]|COMMAND)", span):
                continue  # a usage line, not a command
            found += [(page.name, run) for run in re.findall(r"freedom-policy((?: [^\n|&>;#)'`]+)+)", span)]
    return found


@pytest.mark.parametrize(("page", "command"), commands())
def test_commands_in_the_pages_exist_with_their_options(page: str, command: str) -> None:
    import click

    from freedom_policy.cli.app import root

    words = shlex.split(command)
    context, group = click.Context(root), root
    taken: click.Command = root
    while words and isinstance(taken, click.Group):
        if words[0].startswith("-"):
            words = words[2:] if words[0] in ("--db", "--config") else words[1:]
            continue
        group = taken
        inner = group.get_command(context, words.pop(0))
        assert inner is not None, f"{page}: no such command in {command!r}"
        taken = inner
    known = {option for parameter in taken.params for option in parameter.opts} | {"--help"}
    used = {word.split("=")[0] for word in words if word.startswith("--")}
    assert used <= known, f"{page}: {used - known} in {command!r}"


def test_the_config_files_in_the_pages_are_read() -> None:
    import tomllib

    pytest.importorskip("procrastinate", reason="needs the extra 'jobs'")
    from freedom_policy.delivery import smtp_settings
    from freedom_policy.jobs import read_schedule

    blocks = re.findall(r"^```toml\n(.*?)^```", (DOCS / "scheduling.md").read_text(encoding="utf-8"), re.M | re.S)
    values = [tomllib.loads(block) for block in blocks]
    assert [sorted(value) for value in values] == [["keys"], ["smtp"], ["db", "schedule"]]
    assert smtp_settings(values[1]).sender == "freedom@example.org"
    assert [entry.job for entry in read_schedule(values[2])] == ["collect", "collect", "watches"]
