"""What models and people say, and what readers ask for."""

from __future__ import annotations

import datetime as dt

import pytest

from freedom_policy.errors import BadInput
from freedom_policy.records import Abstract, Classification, MeasureFilter, Provision, Review, TextVersion
from freedom_policy.store import queries

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
LATER = NOON + dt.timedelta(days=1)
ALL = MeasureFilter(tracked=None)
KEY = "us/117/HR1"


def says(
    model: str = "model 1", *, tracked: bool = True, provisions: tuple[str, ...] = ("buyer_penalty",), **said
) -> Classification:
    found = tuple(
        Provision(type=name, score=0.9, direction="strengthens", quote="bill", start=2, end=6, field="title")
        for name in provisions
    )
    return Classification(
        **{
            "relevance": "core" if tracked else "none",
            "tracked": tracked,
            "score": 0.9 if tracked else 0.1,
            "goals": ("buyer_deterrence",) if tracked else (),
            "areas": ("prevention", "reforms") if tracked else (),
            "subareas": ("prevention.demand",) if tracked else (),
            "provisions": found if tracked else (),
            "form": "sex" if tracked else "none",
            "model": model,
            **said,
        }
    )


def keys(store, **asked) -> list[str]:
    return [view.key for view in queries.measures(store, MeasureFilter(**asked))]


def test_only_new_words_are_due_and_per_model(store, collect, make) -> None:
    text = TextVersion(note="Introduced", date=dt.date(2021, 1, 4), text="First words.")
    collect(make(versions=(text,)), make("us/117/HR2"))
    due = list(store.measures_to_classify("model 1"))
    assert [(m.key, [v.text for v in m.versions]) for m in due] == [(KEY, ["First words."]), ("us/117/HR2", [])]
    assert store.save_classifications((m.key, says()) for m in due) == 2
    assert list(store.measures_to_classify("model 1")) == []
    assert len(list(store.measures_to_classify("model 2"))) == 2
    assert store.save_classifications([(KEY, says())]) == 0
    collect(make(versions=(text,), abstracts=(Abstract(abstract="Now with a summary."),)), at=LATER, whole=False)
    assert [m.key for m in store.measures_to_classify("model 1")] == [KEY]
    # The model reads the new words and says the same: kept as read, nothing new is said.
    assert store.save_classifications([(KEY, says())]) == 0
    assert list(store.measures_to_classify("model 1")) == []
    collect(
        make(
            steps=[("2021-01-04", "A new step")],
            versions=(text,),
            abstracts=(Abstract(abstract="Now with a summary."),),
        )
    )
    assert list(store.measures_to_classify("model 1")) == []


def test_old_tags_are_kept_and_the_newest_are_shown(store, collect, make, rows) -> None:
    collect(make())
    store.save_classifications([(KEY, says("model 1"))], observed_at=NOON)
    store.save_classifications([(KEY, says("model 2", goals=("victim_protection",)))], observed_at=LATER)
    assert queries.measure(store, KEY).classification.model == "model 2"
    assert keys(store, goals=("buyer_deterrence",)) == []
    assert keys(store, goals=("victim_protection",)) == [KEY]
    assert [(row["model"], row["superseded_at"]) for row in rows("classifications")] == [
        ("model 1", None),
        ("model 2", None),
    ]
    store.save_classifications([(KEY, says("model 2"))], observed_at=LATER)
    assert [row["superseded_at"] for row in rows("classifications")] == [None, LATER, None]


def test_a_person_outranks_every_model_for_good(store, collect, make) -> None:
    collect(make())
    store.save_classifications([(KEY, says("model 1", review=True))])
    assert [view.key for view in queries.to_review(store)] == [KEY]
    review = Review(reviewer="Ann", decided_at=NOON, decision="reject", reason="about engines")
    store.save_review(KEY, review)
    view = queries.measure(store, KEY)
    assert (view.classification.tracked, view.review) == (False, review)
    assert list(queries.to_review(store)) == []
    store.save_classifications([(KEY, says("model 2"))], observed_at=LATER)
    assert keys(store) == []
    assert keys(store, tracked=False) == [KEY]
    right = says("model 2", goals=("victim_protection",))
    store.save_review(KEY, Review(reviewer="Bo", decided_at=LATER, decision="correct"), right)
    view = queries.measure(store, KEY)
    assert (view.classification.model, view.review.reviewer) == ("person", "Bo")
    assert keys(store, goals=("victim_protection",)) == [KEY]
    # Who decided is nobody's business but this store's: it is in no classification.
    assert "Bo" not in view.classification.model_dump_json()


def test_accepting_keeps_what_the_model_said(store, collect, make) -> None:
    collect(make())
    with pytest.raises(BadInput, match="never classified"):
        store.save_review(KEY, Review(reviewer="Ann", decided_at=NOON, decision="accept"))
    store.save_classifications([(KEY, says(review=True))])
    store.save_review(KEY, Review(reviewer="Ann", decided_at=NOON, decision="accept"))
    shown = queries.measure(store, KEY).classification
    assert shown == says(model="person")
    with pytest.raises(BadInput, match="needs the corrected"):
        store.save_review(KEY, Review(reviewer="Ann", decided_at=NOON, decision="correct"))
    with pytest.raises(BadInput, match="HR404"):
        store.save_review("us/117/HR404", Review(reviewer="Ann", decided_at=NOON, decision="reject"))


def test_filters_narrow_and_the_order_is_that_of_people(store, collect, make, stand) -> None:
    measures = [
        make(key, title=title, steps=[(day, "Introduced")])
        for key, title, day in (
            ("us-tx/89/HB10", "Relating to buyers of sex", "2025-02-01"),
            ("us-tx/89/HB9", "Relating to shelters", "2025-01-01"),
            ("us-tx/100/HB1", "Relating to roads", "2025-03-01"),
            ("us/119/HR2", "100% of BUYERS_and sellers", "2025-04-01"),
            ("us-ak/34/SB1", "Never classified", "2025-05-01"),
        )
    ]
    collect(*measures)
    assert keys(store, tracked=None) == ["us/119/HR2", "us-ak/34/SB1", "us-tx/89/HB9", "us-tx/89/HB10", "us-tx/100/HB1"]
    told = {
        "us-tx/89/HB10": says(),
        "us-tx/89/HB9": says(
            goals=("victim_protection",), areas=("restoration",), subareas=(), provisions=("shelter",), form="both"
        ),
        "us-tx/100/HB1": says(tracked=False),
        "us/119/HR2": says(contested=True),
    }
    store.save_classifications(told.items())
    store.save_statuses(
        (m.key, stand(m, ("enacted" if m.jurisdiction == "us" else "introduced", 0)))
        for m in measures
        if m.session != "34"
    )
    assert keys(store) == ["us/119/HR2", "us-tx/89/HB9", "us-tx/89/HB10"]
    assert keys(store, tracked=False) == ["us-tx/100/HB1"]
    assert keys(store, jurisdictions=("us-tx",), goals=("buyer_deterrence", "victim_protection")) == [
        "us-tx/89/HB9",
        "us-tx/89/HB10",
    ]
    assert (
        keys(store, areas=("restoration",))
        == keys(store, provisions=("shelter",))
        == keys(store, forms=("both",))
        == ["us-tx/89/HB9"]
    )
    assert keys(store, subareas=("prevention.demand",), stages=("enacted",)) == ["us/119/HR2"]
    assert keys(store, goals=("buyer_deterrence",), contested=False) == ["us-tx/89/HB10"]
    assert keys(store, sessions=("89",), since=dt.date(2025, 1, 15)) == ["us-tx/89/HB10"]
    assert keys(store, until=dt.date(2025, 1, 15)) == ["us-tx/89/HB9"]
    assert keys(store, stages=("unknown",), tracked=None) == ["us-ak/34/SB1"]
    assert keys(store, query="Buyers") == ["us/119/HR2", "us-tx/89/HB10"]
    assert keys(store, query="buyers sex") == keys(store, query="hb10") == ["us-tx/89/HB10"]
    assert keys(store, query="100%") == keys(store, query="s_a") == ["us/119/HR2"]
    assert keys(store, keys=("us-tx/89/HB9", "us-tx/100/HB1")) == ["us-tx/89/HB9"]
    assert keys(store, limit=2) == ["us/119/HR2", "us-tx/89/HB9"]
    assert (queries.count(store), queries.count(store, ALL), queries.count(store, MeasureFilter(limit=2))) == (3, 5, 2)


def test_lists_are_lazy_and_go_on_while_others_write(store, collect, make) -> None:
    collect(*(make(f"us/117/HR{number}") for number in range(1, 130)))
    found = queries.measures(store, ALL)
    first = next(found)
    collect(make("us/117/HR500"), whole=False)
    assert first.identifier == "HR1"
    assert [view.identifier for view in found][-2:] == ["HR129", "HR500"]


def test_counting_by_what_measures_share(store, collect, make, stand) -> None:
    measures = [make(f"us/117/HR{number}") for number in range(1, 4)]
    collect(*measures)
    store.save_statuses((m.key, stand(m, ("introduced", 0))) for m in measures[:2])
    store.save_classifications(
        [(measures[0].key, says()), (measures[1].key, says(goals=())), (measures[2].key, says(tracked=False))]
    )
    found = queries.facets(store, ("jurisdiction", "area", "goal", "stage"))
    assert [(tuple(item.values.values()), item.measures) for item in found] == [
        (("us", "prevention", "buyer_deterrence", "introduced"), 1),
        (("us", "reforms", "buyer_deterrence", "introduced"), 1),
    ]
    assert [(item.values, item.measures, item.latest) for item in queries.facets(store, ("tracked",), ALL)] == [
        ({"tracked": False}, 1, dt.date(2021, 1, 4)),
        ({"tracked": True}, 2, dt.date(2021, 1, 4)),
    ]
    assert [item.values for item in queries.facets(store, ("stage",), MeasureFilter(tracked=False))] == [
        {"stage": "unknown"}
    ]
    with pytest.raises(BadInput, match="Did you mean goal"):
        queries.facets(store, ("goals",))


def test_one_contested_clause_does_not_make_an_act_mostly_contested(store, collect, make) -> None:
    collect(make(), make("us/117/HR2"))

    def act(*contested: bool) -> Classification:
        provisions = tuple(
            Provision(
                type=f"t{n}", score=1, direction="unclear", contested=c, quote="bill", start=2, end=6, field="title"
            )
            for n, c in enumerate(contested)
        )
        return says(contested=True).model_copy(update={"provisions": provisions})

    store.save_classifications([(KEY, act(True, False, False)), ("us/117/HR2", act(True, False))])
    found = queries.facets(store, ("contested", "mostly_contested"))
    assert [tuple(item.values.values()) for item in found] == [(True, False), (True, True)]


def test_near_keys_help_who_mistypes(store, collect, make) -> None:
    collect(make("us-tx/892/HB252"), make("us-tx/892/SB7"))
    assert queries.near_keys(store, "us-tx/892/HB253") == ["us-tx/892/HB252"]
    assert queries.near_keys(store, "us-ca/892/HB253") == []
    assert queries.measure(store, "us-tx/892/HB253") is None
