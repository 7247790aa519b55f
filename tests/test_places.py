"""Keys and identifiers: any case, spacing and punctuation in, one form out."""

import pytest

from freedom_policy import places
from freedom_policy.errors import BadInput


@pytest.mark.parametrize(
    ("place", "raw", "canonical"),
    [
        ("us", "H.R. 4323", "HR4323"),
        ("us", "hr 4323", "HR4323"),
        ("us", "s 2715", "S2715"),
        ("us", "H.J.Res. 12", "HJRES12"),
        ("us", "H.Con.Res. 7", "HCONRES7"),
        ("us", "HB748", "HR748"),
        ("us-tx", "hb 0252", "HB252"),
        ("us-mn", "HF 3489", "HF3489"),
        ("us-ny-nyc", "Int 0827-2024", "Int0827-2024"),
        ("us-ny-nyc", "int 827-2024", "Int0827-2024"),
        ("us-ny-nyc", "INT0827-2024", "Int0827-2024"),
        ("us-ny-nyc", "Res. No. 561-2018", "Res0561-2018"),
        ("us-ny-nyc", "Int 1618-2019-A", "Int1618-2019-A"),
        ("us-dc", "B25-1", "B25-0001"),
        ("us-dc", "B 25-0001", "B25-0001"),
        # What people put around the parts means nothing ...
        ("us", "HR-4323", "HR4323"),
        ("us", "hr_4323", "HR4323"),
        ("us", "HR,4323", "HR4323"),
        ("us", "(HR) 4323", "HR4323"),
        ("us", "H. R. No. 4323", "HR4323"),
        ("us", "H-R-4323", "HR4323"),
        ("us", "HR\u20134323", "HR4323"),
        ("us", "H.J. Res. No. 12", "HJRES12"),
        ("us-tx", "H.B. No. 252", "HB252"),
        ("us-dc", "B-25-0001", "B25-0001"),
        ("us-ny-nyc", "Int. No. 0827\u20132024", "Int0827-2024"),
        ("us-ny-nyc", "Int-0827-2024", "Int0827-2024"),
        # ... and a hyphen that is part of the number stays.
        ("us-co", "HB-25-1001", "HB25-1001"),
        ("us-dc", "25-299", "25-299"),
        ("us-wa-seattle", "ORD-2024-12", "ORD-2024-12"),
    ],
)
def test_one_spelling(place, raw, canonical):
    assert places.canonical_identifier(place, raw) == canonical
    assert places.canonical_identifier(place, canonical) == canonical


@pytest.mark.parametrize("raw", ["117", "117th Congress", "117th", "2021-2022 117th Congress"])
def test_congress_sessions(raw):
    assert places.canonical_session("us", raw) == "117"


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("us-tx/892/hb 252", "us-tx/892/HB252"),
        ("US/119th Congress/H.R. 2200", "us/119/HR2200"),
        ("us-ny-nyc/2024/int 827-2024", "us-ny-nyc/2024/Int0827-2024"),
        ("us-ga-atlanta/code/106-57", "us-ga-atlanta/code/106-57"),
        ("us-dc/law/14-307", "us-dc/law/14-307"),
        ("us-ga-atlanta/code/106\u201357/", "us-ga-atlanta/code/106-57"),
        ("us/119/HR-4323/", "us/119/HR4323"),
        ("us / 119 / h. r. no. 4323", "us/119/HR4323"),
        ("texas/892/HB252", "us-tx/892/HB252"),
    ],
)
def test_keys(typed, printed):
    assert str(places.parse_key(typed)) == printed


@pytest.mark.parametrize("typed", ["", "HB252", "us-tx/HB252", "us-tx//HB252"])
def test_not_a_key(typed):
    with pytest.raises(BadInput, match="not a measure key"):
        places.parse_key(typed)


def test_no_text_is_no_key():
    for nothing in (None, 5):
        with pytest.raises(BadInput, match=f"{nothing} is not a measure key"):
            places.parse_key(nothing)
        with pytest.raises(BadInput, match=f"Unknown jurisdiction {nothing}"):
            places.jurisdiction(nothing)


def test_unknown_place_names_near_matches():
    with pytest.raises(BadInput, match="us-tx"):
        places.jurisdiction("us-txx")


def test_chambers():
    assert places.is_unicameral("us-ne")
    assert places.is_unicameral("us-ny-nyc")
    assert not places.is_unicameral("us")
    assert [c.name for c in places.jurisdiction("us").chambers] == ["Senate", "House", "President"]
