"""What was counted around a law: what is told, in which order, and what is refused."""

from __future__ import annotations

import csv
import datetime as dt
import html.parser
import re

import pytest

from freedom_policy.errors import BadInput
from freedom_policy.impact import Impact, impact_from, outcomes

CAUSAL = re.compile(
    r"\b(because of|due to|led to|leads to|resulted|thanks to|impact of|reduced|increased|trafficking (rose|fell))\b",
    re.IGNORECASE,
)


def forms(page):
    return page.to_text(), page.to_markdown(), page.to_html()


def test_the_expected_direction_is_told_before_any_number(page):
    found = page("us-tx/84/HB10")
    assert (found.expectation.early, found.expectation.later) == ("down", "stays low")
    for text in forms(found):
        flat = re.sub(r"\s+", " ", text)
        assert flat.index("go down in years 1 to 3 and stay low after that") < flat.index("2012")


def test_before_part_and_after_are_told_from_the_effective_date(page):
    points = page("us-tx/84/HB10").series[0].points
    windows = {point.period: point.window for point in points}
    assert windows == {
        **dict.fromkeys(("2012", "2013", "2014", "2015"), "before"),
        "2016": "part",
        **dict.fromkeys(("2017", "2018", "2019"), "early"),
        "2020": "later",
    }
    assert [point.period for point in points if point.laws] == ["2016"]


def test_a_law_of_the_first_of_january_leaves_no_part_year(make):
    text = make.header + make.rows("TX", make.texas)
    found = impact_from(
        outcomes.parse(text),
        [make.law("us-tx/84/HB10", dt.date(2016, 1, 1))],
        place="us-tx",
        provision="safe_harbor_minors",
        indicator="juvenile_prostitution_arrests",
        now=make.now,
    )
    assert {point.window for point in found.series[0].points} == {"before", "early", "later"}


def test_a_missing_year_is_unknown_and_a_counted_zero_is_zero(page):
    found = page("us-tx/84/HB10")
    points = {point.period: point for point in found.series[0].points}
    assert (points["2017"].value, points["2017"].rate, points["2017"].line) == (None, None, None)
    assert (points["2020"].value, points["2020"].rate) == (0, 0)
    assert "2017  unknown, not zero" in found.to_text()
    assert found.to_frame().set_index("period").loc["2017", ["value"]].isna().all()


def test_every_number_says_where_it_is_from(page):
    found = page("us-tx/84/HB10")
    assert "line 2; State police; retrieved 2026-11-01" in found.to_text(width=200)
    for point in found.series[0].points:
        assert point.value is None or (point.line and point.source and point.retrieved)


def test_who_counted_stands_beside_the_count(page, make):
    found = page("us-tx/84/HB10")
    wanted = "arrests reported went from 90 to 0; the agencies that reported went from 100 to 170"
    for text in forms(found):
        assert wanted in re.sub(r"\s+", " ", text)
    without = re.sub(r",\d+,1000000,", ",,,", make.header + make.rows("TX", make.texas))
    found = page("us-tx/84/HB10", text=without)
    assert "does not say how many agencies reported" in found.growth
    assert {point.rate for point in found.series[0].points} == {None}, "no rate without a population"


def test_other_laws_of_the_window_are_a_bundle(page):
    found = page("us-tx/84/HB10")
    assert {one.key for one in found.bundle} == {"us-tx/84/HB11", "us-tx/85/HB1", "us-tx/85/HB4"}
    text = re.sub(r"\s+", " ", found.to_text())
    assert "cannot tell them apart" in text
    assert "(us-tx/85/HB1): in force, from a day that is not known" in text
    assert "HB12" not in text, "it took effect before the series begins"


def test_the_records_are_linked(page):
    found = page("us-tx/84/HB10")
    assert "Texas HB 10: https://example.org/us-tx/84/HB10" in found.to_text(width=200)
    assert "[Texas HB 10](<https://example.org/us-tx/84/HB10>)" in found.to_markdown()


def test_breaks_inside_the_window_are_named(page):
    found = page("us-tx/84/HB10")
    assert [one.key for one in found.breaks] == ["fosta_backpage_2018", "covid_2020"]
    assert {point.period: point.breaks for point in found.series[0].points}["2018"] == ("fosta_backpage_2018",)


def test_compared_places_are_the_users_and_say_what_law_they_have(page):
    assert len(page("us-tx/84/HB10").series) == 1
    found = page("us-tx/84/HB10", compare="OR, ok")
    assert [one.place for one in found.series] == ["us-tx", "us-or", "us-ok"]
    assert [one.law_words for one in found.series[1:]] == [
        "has such a law itself, from 1 Jan 2018",
        "no such law in force was found in what was collected, which may be incomplete",
    ]
    assert {len(one.points) for one in found.series} == {9}
    with pytest.raises(BadInput, match="no row of juvenile_prostitution_arrests for Washington"):
        page("us-tx/84/HB10", compare="us-wa")
    with pytest.raises(BadInput, match="with itself"):
        page("us-tx/84/HB10", compare="tx")


def test_no_effect_and_no_causal_word_in_any_format(page):
    found = page("us-tx/84/HB10", compare="us-or")
    assert not {"effect", "difference", "mean", "change"} & {
        name for name in Impact.model_fields if name != "no_effect"
    }
    for text in forms(found):
        assert "This shows what was counted, not what caused it." in text
        assert "which this version does not make" in re.sub(r"\s+", " ", text)
        assert not CAUSAL.search(text.partition("<style>")[0] + text.rpartition("</style>")[2])


def test_what_an_estimate_would_need_is_counted(page):
    found = {one.what: (one.found, one.needed) for one in page("us-tx/84/HB10").thresholds}
    assert list(found.values()) == [(4, 12), (3, 12), (4, 4), (1, 8), (1, 8)]
    assert "too little" in page("us-tx/84/HB10").no_effect


def test_with_all_thresholds_met_there_is_still_no_effect(make):
    states = ("al", "ak", "az", "ar", "ca", "co", "ct", "de", "fl", "ga", "hi", "id", "il", "in", "ia", "ks", "ky")
    years = dict.fromkeys(range(1995, 2021), "5")
    text = make.header + "".join(make.rows(f"us-{state}", years) for state in states)
    found = impact_from(
        outcomes.parse(text),
        [make.law("us-al/2008/HB1", dt.date(2008, 1, 1))],
        place="us-al",
        provision="safe_harbor_minors",
        indicator="juvenile_prostitution_arrests",
        adopted={f"us-{state}": dt.date(2008, 1, 1) for state in states[:9]},
        now=make.now,
    )
    assert all(one.found >= one.needed for one in found.thresholds)
    assert "which this version does not make" in found.no_effect


def test_a_place_and_a_kind_of_provision(page):
    found = page(place="TX", provision="safe_harbor_minors")
    assert [one.key for one in found.laws] == ["us-tx/84/HB10", "us-tx/85/HB3"]
    assert "2 laws on Safe harbor for minors" in found.question
    assert "from the first of these days" in found.to_text(width=200)
    with pytest.raises(BadInput, match="none found in what was collected"):
        page(place="us-ok", provision="safe_harbor_minors")
    with pytest.raises(BadInput, match=r"Unknown provision type 'safe_harbour_minors'\. Did you mean"):
        page(place="TX", provision="safe_harbour_minors")
    for asked in ({}, {"place": "TX"}, {"key": "us-tx/84/HB10", "place": "TX"}):
        with pytest.raises(BadInput, match="key"):
            page(**asked)


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("us-tx/85/HB1", "became law, but the day from which it applies is not known"),
        ("us-tx/85/HB2", r"is not law \(in committee\)"),
        ("us-tx/85/HB3", "Nothing to see yet: Texas HB 3 .* applies from 1 Sep 2025"),
        ("us-tx/84/HB12", "no first indicator .*restitution: no indicator is known.* add: --indicator juvenile_"),
        ("us-tx/99/HB99", "No measure us-tx/99/HB99"),
    ],
)
def test_a_law_without_an_honest_before_and_after_is_refused(page, key, told):
    with pytest.raises(BadInput, match=told):
        page(key)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({2015: "1", 2017: "1"}, "Too few periods: Texas has 2 known values"),
        ({2017: "1", 2018: "1", 2019: "1"}, "Nothing to compare with: .* begins with 2017"),
        ({2014: "1", 2015: "1", 2016: "1"}, "Nothing to see yet: .* ends with 2016"),
        ({2014: "", 2015: "", 2017: ""}, "Texas has no known values"),
        ({2014: "1", 2015: "1", 2016: "1", 2026: "1"}, "no whole period after that"),
        ({2014: "1", 2017: "1", 2027: "1"}, "Line 4 has 2027, which lies in the future"),
    ],
)
def test_too_little_in_the_file(page, values, told, make):
    with pytest.raises(BadInput, match=told):
        page("us-tx/84/HB10", text=make.header + make.rows("TX", values))


def test_no_outcome_for_the_place(page, make):
    with pytest.raises(BadInput, match=r"no row of Texas \(us-tx\). It has it for us-ok"):
        page("us-tx/84/HB10", text=make.header + make.rows("OK", {2014: "1"}))


def test_another_series_is_shown_only_when_asked_and_without_a_direction(page, make):
    text = make.header + make.rows("TX", make.texas, "clients_served")
    with pytest.raises(BadInput, match="add: --indicator clients_served"):
        page("us-tx/84/HB10", text=text)
    found = page("us-tx/84/HB10", text=text, indicator="clients_served")
    assert found.expectation.early == "none known"
    assert "Who picks a series after looking" in found.expected


def test_no_direction_where_the_tags_leave_it_open(page, make):
    text = make.header + make.rows("OK", dict.fromkeys(range(2013, 2020), "4"), "illicit_massage_listings")
    found = page("us-ok/2015/HB1", text=text)
    assert "People who fight trafficking disagree about this kind. No direction is known" in found.expected


def test_a_law_that_ended_and_a_day_by_the_general_rule_say_so(make):
    general = make.status("repealed", dt.date(2019, 7, 1)).model_copy(
        update={"effective_date": dt.date(2016, 9, 1), "warnings": ("effective date by the place's general rule",)}
    )
    found = impact_from(
        outcomes.parse(make.header + make.rows("TX", make.texas)),
        [make.law("us-tx/84/HB10", status=general, classification=make.tags("safe_harbor_minors"))],
        place="us-tx",
        provision="safe_harbor_minors",
        indicator="juvenile_prostitution_arrests",
        now=make.now,
    )
    text = re.sub(r"\s+", " ", found.to_text())
    assert "by the place's general rule, as nothing read states a day for this law. Now: repealed, 1 Jul 2019." in text


def test_months(page, make):
    lines = [
        f"TX,{year}-{month:02},juvenile_prostitution_arrests,3,,,,,\n"
        for year in (2016, 2017)
        for month in range(1, 13)
    ]
    found = page("us-tx/84/HB10", text=make.header + "".join(lines[:-2]))
    windows = [point.window for point in found.series[0].points]
    assert (windows.count("before"), windows.count("early"), len(windows)) == (8, 14, 22)
    assert [one.found for one in found.thresholds[:3]] == [8, 14, 0]


class Marks(html.parser.HTMLParser):
    """Tags left open, ids, and names of pictures and tables."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.named, self.heads = [], [], {}, 0

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids += [found["id"]] if "id" in found else []
        self.named |= {tag: found} if tag in ("svg", "html") else {}
        self.heads += tag == "th" and "scope" in found
        if tag not in ("meta", "br", "img", "link", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_has_a_chart_with_words_for_it_and_fetches_nothing(page):
    found = page("us-tx/84/HB10", compare="us-or")
    text = found.to_html()
    marks = Marks()
    marks.feed(re.sub(r"<(line|rect|circle|polyline)([^>]*)/>", r"<\1\2></\1>", text))
    assert marks.open == []
    assert len(marks.ids) == len(set(marks.ids))
    assert set(marks.named["svg"]["aria-labelledby"].split()) <= set(marks.ids)
    assert marks.named["svg"]["role"] == "img"
    assert "2017: unknown" in text.partition("<desc")[2].partition("</desc>")[0]
    assert marks.heads == 2 * (6 + 9)
    assert not re.search(r"src=\"http|<link", text)
    assert text.count('href="https://example.org/') == 4, "the records, and nothing else"
    assert "<script" not in text
    assert "-" not in "".join(re.findall(r'(?:width|height)="([^"]+)"', text.partition("<svg")[2]))


def test_what_the_file_says_is_shown_as_text(page, make):
    text = make.header + make.rows("TX", make.texas).replace("State police", "<b>x</b> | call 555-123-4567")
    found = page("us-tx/84/HB10", text=text)
    assert "<b>x" not in found.to_html()
    assert "<b>x" not in found.to_markdown()
    assert "555-123" not in found.to_json()


def test_json_comes_back_as_it_was(page):
    found = page("us-tx/84/HB10")
    assert Impact.model_validate_json(found.to_json()) == found
    assert found.schema_version == 1


def test_the_figure_has_count_agencies_and_the_day(page):
    pytest.importorskip("matplotlib")
    upper, lower = page("us-tx/84/HB10", compare="us-or").plot().axes
    assert [line.get_label() for line in upper.lines[:2]] == ["Texas", "Oregon"]
    assert len(lower.patches) == 9
    assert "not what caused it" in upper.get_title(loc="left")


def test_the_growth_of_the_fbi_series_is_told_with_that_of_its_agencies(shared, make):
    """The conversion that docs/impact.md describes, on the offences that the FBI published for 2013 to 2020."""
    path = shared / "corpus" / "outcomes" / "ucr_ht_state_year.csv"
    if not path.is_file():
        pytest.skip(f"needs {path}")
    nation: dict[str, list[int]] = {}
    lines = []
    with path.open(encoding="utf-8") as opened:
        for row in csv.DictReader(opened):
            if row["offense"] == "Commercial Sex Acts":
                place = {"NB": "NE"}.get(row["state"], row["state"])  # the FBI's own code for Nebraska
                count, agencies = int(row["actual_identical_rows_merged"]), int(row["agencies_with_a_count"])
                lines.append(
                    f"{place},{row['year']},ht_offences_reported,{count},{agencies},{row['population']},FBI UCR,,\n"
                )
                total = nation.setdefault(row["year"], [0, 0])
                total[0] += count
                total[1] += agencies
    lines += [f"us,{year},ht_offences_reported,{a},{b},,sum of states,,\n" for year, (a, b) in nation.items()]
    parsed = outcomes.parse(make.header + "".join(lines))

    def around(place: str, day: dt.date) -> Impact:
        return impact_from(
            parsed,
            [make.law(f"{place}/1/HR1", day, "training_law_enforcement")],
            place=place,
            provision="training_law_enforcement",
            indicator="ht_offences_reported",
            now=make.now,
        )

    found = around("us", dt.date(2017, 1, 1))
    first, last = found.series[0].points[0], found.series[0].points[-1]
    assert (first.period, last.period) == ("2013", "2020")
    assert last.value / first.value > 20
    assert last.reporting / first.reporting > 20, "most of the growth is agencies that began to report"
    assert (
        f"from {first.value:,.0f} to {last.value:,.0f}; the agencies that reported went from {first.reporting:,}"
        in found.growth
    )
    assert "roll_out_2013" in {one.key for one in found.breaks}
    alaska = {point.period: point for point in around("us-ak", dt.date(2017, 1, 1)).series[0].points}
    assert "AK,2015" not in "".join(lines)
    assert alaska["2015"].value is None
    assert alaska["2015"].line is None
