"""The indicators that ship, and the user's CSV: what is read, and what is refused with line, value and fix."""

from __future__ import annotations

import pytest

from freedom_policy import codebook
from freedom_policy.errors import BadInput
from freedom_policy.impact import outcomes

HEAD = "place,period,indicator,value,reporting,population\n"


def test_every_kind_of_provision_has_an_indicator_or_says_why_not():
    known = outcomes.load()
    assert list(known.provisions) == list(codebook.load().provisions)
    for kind, expected in known.provisions.items():
        assert expected.why, kind
        if expected.indicator is None:
            assert (expected.early, expected.later) == ("none known", "none known"), kind
        else:
            assert known.indicator(expected.indicator).traps, kind


def test_breaks_can_be_placed_in_time():
    for one in outcomes.load().breaks:
        assert outcomes.period(one.start) <= outcomes.period(one.end)
        assert one.indicators == "all" or set(one.indicators) <= set(outcomes.load().indicators)
    assert outcomes.load().breaks[1].touches("shelter_beds", outcomes.period("2017"), outcomes.period("2018"))
    assert not outcomes.load().breaks[1].touches("shelter_beds", outcomes.period("2018-05"), outcomes.period("2018-12"))


def test_places_by_postal_code_and_unknown_is_not_zero():
    text = HEAD + "TX,2015,hotline_signals,,,\n\nus-tx,2014,Hotline-Signals,0,12,27000000\n"
    first, second = outcomes.parse(text)
    assert (first.place, str(first.period), first.value, first.reporting, first.line) == ("us-tx", "2014", 0, 12, 4)
    assert (second.value, second.reporting, second.population, second.line) == (None, None, None, 2)


def test_months_follow_each_other_over_the_year():
    months = outcomes.period("2015-11").until(outcomes.period("2016-02"))
    assert [str(month) for month in months] == ["2015-11", "2015-12", "2016-01", "2016-02"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("us-tz,2015,hotline_signals,1,,", "line 3: Unknown jurisdiction 'us-tz'. Did you mean"),
        ("TX,12-2015,hotline_signals,1,,", "line 3: period '12-2015' is no year or month. Turn it round: 2015-12"),
        ("TX,2015-13,hotline_signals,1,,", "period '2015-13' is no year or month. Write a year or a month"),
        ("TX,2016-2014,hotline_signals,1,,", "period '2016-2014' is no year or month"),
        ("TX,2015,hotline_signal,1,,", "Unknown indicator 'hotline_signal'. Did you mean hotline_signals"),
        ('TX,2015,hotline_signals,"1,080",,', "value '1,080' is no number from 0 up. Write 1080"),
        ("TX,2015,hotline_signals,<5,,", "Leave it empty where it is not known; 0 says none counted"),
        ("TX,2015,hotline_signals,-1,,", "value '-1' is no number"),
        ("TX,2015,hotline_signals,nan,,", "value 'nan' is no number"),
        ("TX,2015,hotline_signals,1,2.5,", "reporting '2.5' is no whole number"),
        ("TX,2015,hotline_signals,1,,0", "population '0' gives no rate"),
        ("tx,2014,hotline_signals,2,,", "line 3: us-tx hotline_signals 2014 was given in line 2 already"),
        ("TX,2015-01,hotline_signals,2,,", "Give years only, or months only"),
        ("TX,2015,hotline_signals,1", "4 cells where the header has 6"),
    ],
)
def test_a_row_that_cannot_be_used(line, told):
    with pytest.raises(BadInput) as error:
        outcomes.parse(f"{HEAD}us-tx,2014,hotline_signals,1,,\n{line}\n")
    assert told in str(error.value)
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1: the header lacks place, period, indicator, value"),
        ("place,period,indicator\n", "the header lacks value"),
        ("place,period,indicator,value,populaton\n", "unknown column 'populaton'. Did you mean population"),
        ("place,period,indicator,value,value\n", "column 'value' is there twice"),
        ("place;period;indicator;value\n", "not separated by commas"),
        (HEAD, "has no rows"),
    ],
)
def test_a_file_that_cannot_be_used(text, told):
    with pytest.raises(BadInput, match=told):
        outcomes.parse(text)


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(BadInput, match="Cannot read"):
        outcomes.read(tmp_path / "none.csv")
    path = tmp_path / "latin.csv"
    path.write_bytes(HEAD.encode() + "TX,2014,hotline_signals,1,,\xe9".encode("latin-1"))
    with pytest.raises(BadInput, match="CSV UTF-8"):
        outcomes.read(path)
    path.write_text("\ufeff" + HEAD + "TX,2014,hotline_signals,1,,\n", encoding="utf-8")
    assert len(outcomes.read(path)) == 1
