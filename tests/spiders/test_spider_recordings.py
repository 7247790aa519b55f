"""Each source reads its recorded pages into the expected records.

A case is a folder ``recordings/<source>/<case>`` with ``case.yaml`` (options, state, today, and which page answers which
address) and ``expected.jsonl``. Expected records write themselves once, and then fail until a person has read them.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from scrapy.http import Request, Response, TextResponse
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from freedom_policy import spiders
from freedom_policy.records import CrawlOptions, CrawlState

RECORDINGS = Path(__file__).parent / "recordings"
CASES = sorted(path.parent for path in RECORDINGS.glob("*/*/case.yaml"))
KEY = "recorded-key"


def run(folder: Path) -> list[dict[str, Any]]:
    """The messages of a crawl over a case's pages, and its verdict and problems as the last line."""
    case = yaml.safe_load((folder / "case.yaml").read_text(encoding="utf-8"))
    kind = SpiderLoader.from_settings(Settings({"SPIDER_MODULES": ["freedom_policy.spiders"]})).load(folder.parent.name)
    options = {"key": KEY, **case.get("options", {})}
    if local := options.pop("local", None):
        options["base_url"] = str(folder / local)
    spider = kind(
        options=CrawlOptions.model_validate(options),
        crawl_state=CrawlState(source=folder.parent.name, values=case.get("state", {})),
    )
    spider.today = dt.date.fromisoformat(str(case.get("today", "2026-11-25")))
    pages = {page["url"]: page for page in case.get("pages", ())}
    missing = [page["file"] for page in pages.values() if "file" in page and not (folder / page["file"]).is_file()]
    assert not missing, f"{folder / missing[0]} is not there: record the page, or take it out of case.yaml"
    not_recorded = []

    async def fetch(request: Request) -> Response:
        url = request.url
        for secret in (
            f"?token={KEY}&",
            f"?token={KEY}",
            f"&token={KEY}",
            f"?apikey={KEY}",
            f"&apikey={KEY}",
            f"&key={KEY}",
            f"key={KEY}",
        ):
            url = url.replace(secret, "?" if secret.endswith("&") else "")
        page = pages.get(url.removeprefix(spider.base_url))
        if page is None:
            not_recorded.append(url.removeprefix(spider.base_url))
            return Response(request.url, status=404, request=request)
        body = (folder / page["file"]).read_bytes() if "file" in page else b""
        return TextResponse(
            request.url, status=page.get("status", 200), headers=page.get("headers"), body=body, request=request
        )

    spider.fetch = fetch

    async def messages() -> list[dict[str, Any]]:
        return [message.model_dump(mode="json") async for message in spider.start()]

    lines = asyncio.run(messages())
    assert not not_recorded, f"no page is recorded for {not_recorded[0]}"
    for line in lines:
        for place in (line, line.get("measure", {})):
            place.get("source", {}).pop("retrieved_at", None)
            if local and "source" in place:
                place["source"]["url"] = place["source"]["url"].replace(str(folder), "")
    report = spider.report()
    assert KEY not in json.dumps(lines) + report.model_dump_json()
    problems = [str(problem).replace(str(folder), "") for problem in report.problems]
    return [*lines, {"verdict": report.verdict, "problems": problems}]


@pytest.mark.parametrize("folder", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_recorded_pages(folder: Path) -> None:
    expected = folder / "expected.jsonl"
    lines = [json.dumps(line, ensure_ascii=False, sort_keys=True) for line in run(folder)]
    if not expected.exists():
        expected.write_text("\n".join(lines) + "\n", encoding="utf-8")
        pytest.fail(f"{expected} was written. Read it line by line against the pages; if it is right, commit it.")
    assert [json.loads(line) for line in lines] == [
        json.loads(line) for line in expected.read_text(encoding="utf-8").splitlines()
    ]


@pytest.mark.parametrize(
    "source", [name for name, info in spiders.sources().items() if info.status in ("live", "recorded")]
)
def test_a_source_without_recorded_pages_is_not_done(source: str) -> None:
    assert any(case.parent.name == source for case in CASES), (
        f"Source {source} has no folder tests/spiders/recordings/{source}/<case>. Record a page, or mark it unverified."
    )


def test_every_recording_is_of_a_source() -> None:
    known = spiders.sources()
    assert {case.parent.name for case in CASES} <= set(known)
