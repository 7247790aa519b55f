"""``python -m freedom_policy.spiders.new_source NAME``: the files that a new source begins with, written into a checkout.

Writes the spider, its registry entry and a recorded-page case that fails until real pages are put in. See
``docs/add-a-source.md``.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from freedom_policy.errors import BadInput

SPIDER = '''"""``{name}``: what it covers, and the traps of its service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from freedom_policy.places import canonical_identifier, canonical_session
from freedom_policy.records import Action, Measure

from .base import MeasureSpider, Yielded
from .formats import read_date


class {cls}(MeasureSpider):
    """State: ``<measure key>`` -> when the service says it last changed."""

    name = "{name}"
    expects = "json"

    async def collect(self) -> AsyncIterator[Yielded]:
        rows = await self.get_json("bills")
        if not self.options.partial:
            self.listed(len(rows))
        async for message in self.each(rows, self._read):
            yield message

    async def _read(self, row: dict[str, Any]) -> Yielded:
        place = self.jurisdiction or "us"
        session = canonical_session(place, row["session"])
        identifier = canonical_identifier(place, row["number"])
        key = f"{{place}}/{{session}}/{{identifier}}"
        if self.known(key) == row["updated"]:
            return self.unchanged(key, row["url"])
        reading = self.reading(key)
        actions = await reading.part("actions", self.get_json(f"bills/{{row['id']}}/actions"), [])
        measure = Measure(
            jurisdiction=place,
            session=session,
            identifier=identifier,
            title=row["title"],
            source=self.source(row["url"], row["id"]),
            actions=tuple(Action(date=read_date(step["date"]), description=step["text"]) for step in actions),
        )
        return self.found(measure, remember={{key: row["updated"]}}, reading=reading)
'''

ENTRY = """title: {name}, in words that a reader understands
covers: What it covers, from when to when
levels: [state]
publisher: Who publishes it
base_url: https://example.org/api
status: unverified
status_note: Built to the publisher's description; not yet run against the service.
takes: [session, since, limit]
key: none
requests_per_second: 1
concurrency: 2
schedule: daily
at_least: 1
expect: {{title: 0.99, actions: 0.9}}
licence: what the publisher says
documentation: https://example.org/api/docs
"""

CASE = """# What this case shows, in a sentence. Pages are in the service's exact form: true facts, your own words.
options: {}
today: 2026-11-25
pages:
  - {url: /bills, file: bills.json}
"""


def write(name: str, root: Path) -> list[Path]:
    """Write the three files of a source below a checkout's root; returns them.

    Raises:
        BadInput: a name that is none, a folder that is no checkout, or a file that is there already.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", name):
        raise BadInput(
            f"{name!r} is no name for a source. Write it in small letters with hyphens, such as denver-code."
        )
    if not (root / "spiders" / "base.py").is_file():
        raise BadInput(f"{root} is no checkout of freedom_policy. Go to its top folder first.")
    case = root / "tests" / "spiders" / "recordings" / name / "first" / "case.yaml"
    words = {"name": name, "cls": "".join(part.title() for part in name.split("-"))}
    files = {
        root / "spiders" / f"{name.replace('-', '_')}.py": SPIDER.format(**words),
        root / "data" / "sources" / f"{name}.yaml": ENTRY.format(**words),
        case: CASE,
    }
    for file in files:
        if file.exists():
            raise BadInput(f"{file} is there already. Choose another name.")
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return list(files)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: names the files that it wrote; exit code 2 for bad input."""
    parser = argparse.ArgumentParser(prog="python -m freedom_policy.spiders.new_source", description=__doc__)
    parser.add_argument("name", help="name of the source, such as denver-code")
    name = parser.parse_args(arguments).name
    try:
        files = write(name, Path.cwd())
    except BadInput as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sys.stdout.writelines(f"{file.relative_to(Path.cwd())}\n" for file in files)
    return 0


if __name__ == "__main__":
    sys.exit(main())
