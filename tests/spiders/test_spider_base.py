"""What the base knows by itself: registry, formats, refusals, patience, health, politeness."""

from __future__ import annotations

import csv
import datetime as dt
import inspect
import logging
import re
from email.utils import format_datetime
from importlib.resources import files
from pathlib import Path

import pytest
from scrapy.http import HtmlResponse, Response, TextResponse
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from freedom_policy import places, spiders
from freedom_policy.errors import BadInput
from freedom_policy.records import KINDS, Action, CrawlOptions, Measure, Source, Sponsor
from freedom_policy.spiders import health, new_source
from freedom_policy.spiders.formats import Unreadable, read_date, read_time, read_xml, words_of_html
from freedom_policy.spiders.middlewares import retry_after
from freedom_policy.spiders.refusals import refusal

KNOWN = spiders.sources()
LOADER = SpiderLoader.from_settings(Settings({"SPIDER_MODULES": ["freedom_policy.spiders"]}))


# -- registry -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, info in KNOWN.items() if info.collects])
def test_a_source_that_collects_is_whole(name: str) -> None:
    info = KNOWN[name]
    assert name in LOADER.list(), "a spider of that name"
    assert info.status_note, "says what it was exercised on"
    assert info.covers
    assert info.publisher
    assert (info.key == "none") == (info.key_variable is None)
    if info.base_url:
        assert info.base_url.startswith("https://")
    kind = LOADER.load(name)
    assert inspect.getdoc(kind) or inspect.getmodule(kind).__doc__  # type: ignore[union-attr]
    if info.session_pattern:
        assert info.session_example


@pytest.mark.parametrize("name", [name for name, info in KNOWN.items() if not info.collects])
def test_a_blocked_source_says_how_and_what_to_ask(name: str) -> None:
    assert KNOWN[name].status_note
    assert KNOWN[name].ask
    with pytest.raises(BadInput, match="blocked"):
        spiders.check_options(name, CrawlOptions())


def test_every_spider_is_in_the_registry_and_in_the_module_of_its_name() -> None:
    assert set(LOADER.list()) <= set(KNOWN)
    for name in LOADER.list():
        # A crawl loads the module of its source alone.
        assert LOADER.load(name).__module__ == f"freedom_policy.spiders.{name.replace('-', '_')}"


def test_the_docs_tell_the_status_of_each_source() -> None:
    text = (Path(__file__).parents[2] / "docs" / "sources.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `([a-z0-9-]+)` \| (\w+) \|", text, re.MULTILINE))
    assert told == {name: info.status for name, info in KNOWN.items()}


def test_known_clients_are_places_of_the_right_level() -> None:
    with (files("freedom_policy.data") / "sources" / "legistar_clients.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len({row["client"] for row in rows}) == len(rows)
    for client in spiders.clients("legistar").values():
        place = places.jurisdiction(client.jurisdiction)
        assert place.level == client.level, client.client
        assert set(client.kinds.values()) <= set(KINDS)


def test_options_are_filled_in_and_scopes_are_stable() -> None:
    checked = spiders.check_options("legistar", CrawlOptions(jurisdiction="us-ny-nyc", key="sesame-key"))
    assert (checked.client, checked.jurisdiction) == ("nyc", "us-ny-nyc")
    assert spiders.scope_of("legistar", checked) == "nyc"
    checked = spiders.check_options("congress", CrawlOptions(session="117th Congress"))
    assert (checked.session, checked.jurisdiction) == ("117", "us")
    assert spiders.scope_of("congress", checked) == "117"
    unlisted = spiders.check_options("legistar", CrawlOptions(client="gotham", jurisdiction="us-wa-king"))
    assert unlisted.client == "gotham"
    with pytest.raises(BadInput, match="is us-ny-nyc, not us-wa-king"):
        spiders.check_options("legistar", CrawlOptions(client="nyc", jurisdiction="us-wa-king", key="sesame-key"))
    for base in ("ftp://example.org", "http://user:pw@example.org", "https://"):
        with pytest.raises(BadInput, match="no base address") as error:
            spiders.check_options("congress", CrawlOptions(base_url=base))
        assert "pw" not in str(error.value)


def test_a_new_source_begins_with_three_files(tmp_path) -> None:
    (tmp_path / "spiders").mkdir()
    (tmp_path / "spiders" / "base.py").touch()
    written = new_source.write("denver-code", tmp_path)
    assert [file.name for file in written] == ["denver_code.py", "denver-code.yaml", "case.yaml"]
    compile(written[0].read_text(), "denver_code.py", "exec")
    for name, said in (("denver-code", "is there already"), ("Denver Code", "no name")):
        with pytest.raises(BadInput, match=said):
            new_source.write(name, tmp_path)
    with pytest.raises(BadInput, match="no checkout"):
        new_source.write("other", tmp_path / "tests")


# -- formats ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-04-16T00:00:00", dt.date(2026, 4, 16)),
        ("2026-04-16T23:59:57.1", dt.date(2026, 4, 16)),
        ("2011-05-24T04:00:00Z", dt.date(2011, 5, 24)),
        ("0001-01-01T00:00:00", None),
        ("", None),
        (None, None),
    ],
)
def test_a_day_is_taken_as_written(text: str | None, day: dt.date | None) -> None:
    assert read_date(text) == day


def test_odd_dates_are_told_and_not_guessed() -> None:
    for text in ("Febuary 30", "2026-13-01", "16/04/2026"):
        with pytest.raises(Unreadable, match="no date"):
            read_date(text)
    assert read_time("19:10:28") == dt.time(19, 10, 28)
    assert read_time("2026-04-16T13:30:00.02") == dt.time(13, 30)
    assert read_time("2026-04-16T00:00:00") is None, "midnight fills the field where there is no time"


def test_xml_is_read_safely(tmp_path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hush")
    for body in (
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        f'<!DOCTYPE a [<!ENTITY b SYSTEM "{secret.as_uri()}">]><a>&b;</a>'.encode(),
        b"<a><b></a>",
        b"",
        b"<a>" + b"<b>" * 300 + b"</b>" * 300 + b"</a>",
    ):
        with pytest.raises(Unreadable):
            read_xml(body)
    assert read_xml(b'<!DOCTYPE bill PUBLIC "-//US Congress//DTDs/bill.dtd//EN" "bill.dtd"><bill>x</bill>').text == "x"


def test_words_of_html() -> None:
    assert words_of_html("<p><b>One</b> &amp; two</p><ul><li>Three</li><li>Four</li></ul>") == "One & two\nThree\nFour"
    assert words_of_html("  plain   words ") == "plain words"


# -- refusals and patience ----------------------------------------------------------------------------------------------

WALL = b"<!-- x --><html><head><title>Just a moment...</title></head><body>challenge-platform</body></html>"


def test_pages_that_lie() -> None:
    assert "Just a moment" in str(refusal(HtmlResponse("http://x", body=WALL), "json"))
    assert "Just a moment" in str(refusal(HtmlResponse("http://x", body=WALL), "html"))
    assert refusal(HtmlResponse("http://x", body=b"<html><title>Portal</title></html>"), "xml")
    challenged = TextResponse("http://x", body=b"{}", headers={"cf-mitigated": "challenge"})
    assert refusal(challenged, "json")
    assert refusal(TextResponse("http://x", body=b'{"html": "<html>"}'), "json") is None
    page = b"<html><body>" + b"<p>Testimony on access denied to shelters.</p>" * 900 + b"</body></html>"
    assert refusal(HtmlResponse("http://x", body=page), "html") is None, "a real page may use the words"


def test_retry_after_as_seconds_and_as_a_date() -> None:
    later = format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=90), usegmt=True)
    assert retry_after(Response("http://x", headers={"Retry-After": "120"})) == 120
    assert 80 < (retry_after(Response("http://x", headers={"Retry-After": later})) or 0) <= 90
    for value in ("soon", ""):
        assert retry_after(Response("http://x", headers={"Retry-After": value})) is None
    assert retry_after(Response("http://x")) is None


def test_a_live_host_is_spared_and_a_loopback_one_is_not() -> None:
    spider = LOADER.load("congress")(options=CrawlOptions())
    settings = Settings()
    settings.setmodule("freedom_policy.spiders.settings")
    spider._be_polite(settings)
    assert settings.getbool("ROBOTSTXT_OBEY")
    assert settings.getbool("AUTOTHROTTLE_ENABLED")
    assert settings.getfloat("DOWNLOAD_DELAY") == 1 / KNOWN["congress"].requests_per_second
    assert settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN") == KNOWN["congress"].concurrency
    near = LOADER.load("congress")(options=CrawlOptions(base_url="http://127.0.0.1:9/govinfo"))
    near._be_polite(settings)
    assert settings.getfloat("DOWNLOAD_DELAY") == 0


def test_the_key_is_masked_in_logs_and_addresses() -> None:
    spider = LOADER.load("legistar")(options=CrawlOptions(client="nyc", key="a+b/c="))
    assert spider.clean("https://x/v1/nyc/matters?$top=1&token=a%2Bb%2Fc%3D") == "https://x/v1/nyc/matters?$top=1"
    assert spider.masked("token a+b/c= and a%2Bb%2Fc%3D") == "token *** and ***"
    record = logging.LogRecord("x", logging.INFO, "f", 1, "GET %s", ("https://x?token=a%2Bb%2Fc%3D",), None)
    formatter = inspect.getmodule(type(spider).__mro__[1])._Masking(None, spider.masked)  # type: ignore[union-attr]
    assert "a%2Bb" not in formatter.format(record)
    assert "a+b/c=" not in repr(spider.options)


def test_a_key_that_is_too_short_to_be_one() -> None:
    """It is refused; where a replay takes it, it is no pattern that eats letters."""
    with pytest.raises(BadInput, match=r"too short to be one.*FREEDOM_POLICY_LEGISTAR_TOKEN_NYC.*council\.nyc\.gov"):
        spiders.check_options("legistar", CrawlOptions(client="nyc", key="x"))
    spider = LOADER.load("legistar")(options=CrawlOptions(client="nyc", key="x", base_url="http://127.0.0.1:1"))
    assert spider.masked("an index of taxes") == "an index of taxes"
    assert spider.clean("http://127.0.0.1:1/v1/nyc/matters?x=1") == "http://127.0.0.1:1/v1/nyc/matters?x=1"


# -- health -------------------------------------------------------------------------------------------------------------


def measure(number: int, **fields: object) -> Measure:
    source = Source(name="x", url="https://x", retrieved_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    return Measure(jurisdiction="us", session="1", identifier=f"HR{number}", source=source, **{"title": "T", **fields})


def covered(count: int, **fields: object) -> health.Coverage:
    coverage = health.Coverage()
    for number in range(count):
        coverage.add(measure(number, **fields))
    return coverage


def test_zero_and_fewer_than_usual_are_not_success() -> None:
    new, old = health.History(), health.History(counts=[1000, 1010, 1005])
    assert "no measures" in health.count_problems(0, new, at_least=1, at_most=None)[0].what
    assert "1,005 are usual" in health.count_problems(700, old, at_least=1, at_most=None)[0].what
    assert not health.count_problems(990, old, at_least=1, at_most=None)
    assert "not plausible" in health.count_problems(9000, new, at_least=1, at_most=5000)[0].what
    for _ in range(3):
        old = old.after(700, health.Coverage())
    assert not health.count_problems(700, old, at_least=1, at_most=None), "three runs say that it is so"


def test_a_field_that_goes_empty() -> None:
    full = covered(50, sponsors=(Sponsor(name="A"),), actions=(Action(date=dt.date(2026, 1, 1), description="Filed"),))
    history, expect = health.History().after(50, full), {"title": 0.99}
    assert not health.coverage_problems(full, history, expect, whole=True)
    fading = covered(50, sponsors=(Sponsor(name="A"),))
    faded = health.coverage_problems(fading, history, expect, whole=True)
    assert [p.what.split()[1] for p in faded] == ["actions"]
    assert not health.coverage_problems(fading, history, expect, whole=False), "new bills are not like all bills"
    blank = health.coverage_problems(covered(50, title=""), health.History(), expect, whole=False)
    assert "filled in 0%" in blank[0].what
    assert not health.coverage_problems(covered(5, title=""), history, expect, whole=True), "five say little"
    undescribed = covered(50, actions=(Action(date=None, description=""),))
    assert "action_text" not in undescribed.shares()
    assert "action_date" not in undescribed.shares()


def test_what_could_not_be_read_is_no_sign_of_an_empty_field() -> None:
    coverage = health.Coverage()
    coverage.add(measure(1), unread=("actions",))
    assert coverage.measures == 0


@pytest.mark.parametrize(
    ("word", "changes"),
    [
        ("complete", {}),
        ("blocked", {"blocked": True}),
        ("partial", {"lost": 1}),
        ("partial", {"unhealthy": True}),
        ("partial", {"interrupted": True}),
        ("partial", {"broken": True}),
        ("failed", {"broken": True, "looked_at": 0}),
        ("failed", {"lost": 3, "looked_at": 0}),
        ("failed", {"looked_at": 0}),
        ("empty_as_expected", {"looked_at": 0, "empty_is_normal": True}),
    ],
)
def test_verdict(word: str, changes: dict[str, object]) -> None:
    well = {
        "blocked": False,
        "broken": False,
        "lost": 0,
        "unhealthy": False,
        "interrupted": False,
        "looked_at": 10,
        "empty_is_normal": False,
    }
    assert health.verdict(**{**well, **changes}) == word  # type: ignore[arg-type]
