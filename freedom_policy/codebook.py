"""The codebook: provision types, focus areas, reform goals and the mapping between them, loaded from ``data/codebook``.

Engage Together's Freedom Strategy is the source of the areas; it does not endorse this tool.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml

from .errors import BadInput, did_you_mean
from .records import Form, Record

AREAS: tuple[str, ...] = ("prevention", "identification", "rescue_exit", "restoration", "reforms")
GOALS: tuple[str, ...] = (
    "victim_protection",
    "trafficker_deterrence",
    "buyer_deterrence",
    "demand_reduction",
    "system_reform",
)

AREA_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "prevention": "Prevention",
        "identification": "Identification",
        "rescue_exit": "Rescue/Exit: exit and immediate support",
        "restoration": "Restoration",
        "reforms": "Reforms",
    }
)
GOAL_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "victim_protection": "Victim protection",
        "trafficker_deterrence": "Deterrence: traffickers",
        "buyer_deterrence": "Deterrence: buyers",
        "demand_reduction": "Demand reduction",
        "system_reform": "System reform",
    }
)
# Display names that CARE asks for; every other type shows the codebook's own label.
_DISPLAY = {
    "patronizing_minor": "Buying sex from a child",
    "john_school_fee": "Buyer education",
    "massage_licensing": "Massage business licensing",
    "venue_licensing_other": "Venue licensing",
}


class ProvisionType(Record):
    """One kind of thing that a measure can do, with its rules and where it maps to."""

    key: str
    label: str
    group: str
    definition: str
    include: str
    exclude: str
    phrases: tuple[str, ...]
    generic_phrases: tuple[str, ...]
    needs_anchor: bool
    examples: str
    primary_goal: str
    secondary_goals: tuple[str, ...]
    subareas: tuple[str, ...]
    """Freedom Strategy codes such as ``rescue_exit.temporary_shelter``, first one primary."""
    form: Form
    levels: tuple[str, ...]
    contested: bool
    mappings: dict[str, tuple[str, ...]]
    """Other frameworks: ``shared_hope``, ``polaris``, ``uniform_act_sections``, ``tip_p``."""

    @property
    def name(self) -> str:
        """Plain name for people."""
        return _DISPLAY.get(self.key, self.label)

    @property
    def areas(self) -> tuple[str, ...]:
        """Freedom Strategy areas, in the order of ``subareas``, each once."""
        return tuple(dict.fromkeys(code.split(".")[0] for code in self.subareas))


class Codebook(Record):
    """The whole codebook, as one immutable value."""

    version: str
    provisions: dict[str, ProvisionType]
    areas: dict[str, tuple[str, ...]]
    goals: dict[str, str]
    anchors: dict[str, Any]
    frameworks: dict[str, dict[str, str]]

    def provision(self, key: str) -> ProvisionType:
        """One provision type.

        Raises:
            BadInput: no such type; the message names near matches.
        """
        if key not in self.provisions:
            raise BadInput(f"Unknown provision type {key!r}. {did_you_mean(key, self.provisions)}".strip())
        return self.provisions[key]


@cache
def load() -> Codebook:
    """The codebook that ships with the package (read once)."""
    text = (files("freedom_policy.data") / "codebook" / "codebook.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    raw = yaml.load(text, Loader=loader)  # noqa: S506 (a safe loader either way)
    provisions = {}
    for row in raw["provision_types"]:
        provisions[row["key"]] = ProvisionType(
            key=row["key"],
            label=row["label"],
            group=row["group"],
            definition=row["definition"],
            include=row["include"],
            exclude=row["exclude"],
            phrases=tuple(row["phrases"]),
            generic_phrases=tuple(row.get("generic_phrases") or ()),
            needs_anchor=row["needs_anchor"],
            examples=row["examples"],
            primary_goal=row["goals"]["primary"],
            secondary_goals=tuple(row["goals"].get("secondary") or ()),
            subareas=tuple(row["freedom_strategy"]),
            form=row["form"],
            levels=tuple(row["levels"]),
            contested=bool(row.get("contested", False)),
            mappings={
                name: tuple(str(value) for value in row.get(name) or ())
                for name in ("shared_hope", "polaris", "uniform_act_sections", "tip_p")
            },
        )
    return Codebook(
        version=str(raw["version"]),
        provisions=provisions,
        areas={area: tuple(subs) for area, subs in raw["freedom_strategy"].items()},
        goals=dict(raw["goals"]),
        anchors=raw["anchors"],
        frameworks={
            name: {str(key): str(value) for key, value in raw[source].items()}
            for name, source in (
                ("shared_hope", "shared_hope_issue_areas"),
                ("polaris", "polaris_2014_categories"),
                ("uniform_act_sections", "uniform_act_2013_sections"),
            )
        },
    )


def goal(key: str) -> str:
    """A goal's key from what a person typed (``Buyer deterrence``, ``buyer-deterrence``).

    Raises:
        BadInput: no such goal.
    """
    return _vocabulary_key(key, GOALS, "goal")


def area(key: str) -> str:
    """A focus area's key from what a person typed (``Rescue/Exit``, ``rescue_exit``).

    Raises:
        BadInput: no such area.
    """
    return _vocabulary_key(key, AREAS, "focus area")


def _vocabulary_key(key: str, known: tuple[str, ...], what: str) -> str:
    wanted = key.strip().lower().replace("-", "_").replace("/", "_").replace(" ", "_")
    if wanted not in known:
        raise BadInput(
            f"Unknown {what} {key!r}. {did_you_mean(wanted, known)} Known: {', '.join(known)}.".replace("  ", " ")
        )
    return wanted
