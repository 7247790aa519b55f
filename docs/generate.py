"""Write the generated parts of ``codebook.md`` and ``data-dictionary.md``: ``python docs/generate.py``.

What stands between two marks ``<!-- generated: name -->`` and ``<!-- end -->`` comes from the package; the rest is written
by hand. A test compares the pages with this script's output.
"""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import yaml

from freedom_policy import codebook, listing, records
from freedom_policy.reports import coverage

HERE = Path(__file__).parent
GROUPS = {
    "trafficker": "Traffickers, and those who help or host them",
    "buyer": "Buyers and demand",
    "victim": "People who were trafficked: rights and protection",
    "services": "Help: shelter, services, money, a new start",
    "identification": "Finding people: screening, outreach, training",
    "prevention": "Prevention and awareness",
    "system": "Institutions: coordination, data, study, definitions",
    "labor": "Work, trade and public purchasing",
    "local": "Local rules for premises",
}
RECORDS: tuple[type[records.Record], ...] = (
    records.Jurisdiction, records.Organization, records.Session, records.Measure, records.Source, records.Sponsor,
    records.Action, records.TextVersion, records.Document, records.Abstract, records.RelatedMeasure, records.Committee,
    records.Citation, records.Hearing, records.Status, records.StatusEvent, records.StatusMark, records.Classification,
    records.Provision, records.Review, records.LawEvent, records.MeasureView, records.StageChange, records.Run, records.Problem,
)  # fmt: skip
VOCABULARIES = {
    "Stage": records.STAGES,
    "Kind": records.KINDS,
    "ActionClass": records.ACTION_CLASSES,
    **{
        name: get_args(getattr(records, name))
        for name in (
            "Basis",
            "Mark",
            "Relevance",
            "Direction",
            "Form",
            "ReadStatus",
            "Verdict",
            "RelationType",
            "Level",
            "Chamber",
        )
    },
}


def goals() -> str:
    """The five goals with what they mean."""
    book = codebook.load()
    return "\n".join(f"| {codebook.GOAL_NAMES[key]} | `{key}` | {book.goals[key]} |" for key in codebook.GOALS)


def provisions() -> str:
    """The provision types by group: name, key, what it is, where it counts."""
    lines: list[str] = []
    for group, heading in GROUPS.items():
        lines += [
            f"\n### {heading}\n",
            "| What a measure may do | Key | Meaning | Main goal | Focus areas |",
            "|---|---|---|---|---|",
        ]
        for one in codebook.load().provisions.values():
            if one.group == group:
                name = f"{one.name} (contested)" if one.contested else one.name
                areas = ", ".join(codebook.AREA_NAMES[area].split(":")[0] for area in one.areas)
                meaning = one.definition.replace("|", "\\|")
                lines.append(
                    f"| {name} | `{one.key}` | {meaning} | {codebook.GOAL_NAMES[one.primary_goal]} | {areas} |"
                )
    return "\n".join(lines).strip("\n")


def field_docs(model: type) -> dict[str, str]:
    """The words under each field in the source, which Python itself forgets."""
    body = ast.parse(inspect.getsource(model)).body[0]
    assert isinstance(body, ast.ClassDef)  # noqa: S101
    docs = {}
    for line, after in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(line, ast.AnnAssign)
            and isinstance(line.target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
        ):
            docs[line.target.id] = plain(str(after.value.value))
    return docs


def plain(text: str) -> str:
    """A docstring as one line of Markdown."""
    return (
        re.sub(r"\s+", " ", re.sub(r":\w+:`~?\.?([^`]*)`", r"`\1`", text.replace("``", "`")))
        .strip()
        .replace("|", "\\|")
    )


def kind(annotation: Any) -> str:
    """A type in plain words."""
    for name, values in VOCABULARIES.items():
        if get_origin(annotation) is Literal and get_args(annotation) == values:
            return f"one of [{name}](#{name.lower()})"
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return kind(args[0])
    if origin is Literal:
        return "one of " + ", ".join(f"`{value}`" for value in args)
    if origin is tuple:
        return f"list of {kind(args[0])}"
    if origin is dict:
        return f"map of {kind(args[0])} to {kind(args[1])}"
    if origin in (UnionType, Union):
        return " or ".join(kind(arg) for arg in args if arg is not NoneType) + (
            " (may be empty)" if NoneType in args else ""
        )
    words = {
        "str": "text",
        "int": "whole number",
        "float": "number",
        "bool": "yes or no",
        "date": "date",
        "time": "time of day",
        "Any": "anything",
    }
    name = getattr(annotation, "__name__", str(annotation))
    if name in {model.__name__ for model in RECORDS}:
        return f"[{name}](#{name.lower()})"
    return words.get(name, "moment with time zone" if "datetime" in name.lower() else name)


def written() -> dict[str, dict[str, str]]:
    """Meanings that are written by hand, by record and field."""
    meanings: dict[str, dict[str, str]] = yaml.safe_load((HERE / "fields.yaml").read_text(encoding="utf-8"))
    return meanings


def list_columns() -> str:
    """Columns of a list of measures."""
    return "\n".join(f"| `{name}` | {written()['list'][name]} |" for name in listing.COLUMNS)


def coverage_columns() -> str:
    """Columns of the coverage table."""
    return "\n".join(f"| `{name}` | {written()['coverage'][name]} |" for name in coverage.CSV_COLUMNS)


def tables() -> str:
    """All records, field by field."""
    lines: list[str] = []
    meanings = written()
    for model in RECORDS:
        lines += [
            f"\n### {model.__name__}\n",
            plain(inspect.getdoc(model) or ""),
            "",
            "| Field | Kind | Meaning |",
            "|---|---|---|",
        ]
        docs = meanings["*"] | meanings.get(model.__name__, {}) | field_docs(model)
        for name, field in model.model_fields.items():
            lines.append(f"| `{name}` | {kind(field.annotation)} | {docs[name]} |")
    return "\n".join(lines).strip("\n")


def vocabularies() -> str:
    """All closed word lists."""
    return "\n".join(
        f"\n### {name}\n\n{', '.join(f'`{value}`' for value in values)}" for name, values in VOCABULARIES.items()
    ).strip("\n")


PARTS = {
    "goals": goals,
    "provisions": provisions,
    "list_columns": list_columns,
    "coverage_columns": coverage_columns,
    "records": tables,
    "vocabularies": vocabularies,
}


def filled(page: str) -> str:
    """A page with its generated parts made anew."""

    def part(found: re.Match[str]) -> str:
        return f"<!-- generated: {found[1]} -->\n{found[2]}{PARTS[found[1]]()}\n<!-- end -->"

    return re.sub(r"<!-- generated: (\w+) -->\n((?:\|[^\n]*\n\|[-| ]+\n)?).*?<!-- end -->", part, page, flags=re.S)


def main() -> None:
    """Write the pages."""
    for page in ("codebook.md", "data-dictionary.md"):
        path = HERE / page
        path.write_text(filled(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
