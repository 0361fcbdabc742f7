"""How well an item fits, and when that is a match."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kg.online.cache import Cache
from kg.online.score import Question, choose, kilometres, name_score, score_item, score_suggestion, stems
from kg.online.score import candidate as as_candidate
from kg.online.wikidata import Item
from kg.vocabulary import EntityType
from tests.online_world import Asking, dump, make_store
from tests.wikidata_standin import StandIn

pytest_plugins = ["tests.online_fixtures"]


def question(label: str, type: EntityType = EntityType.PERSON, **more: Any) -> Question:
    return Question(id=f"{type}/x", type=type, label=label, **more)


PERSON = frozenset({"person"})


def test_evidence_raises_the_score_and_a_wrong_type_ruins_it() -> None:
    asked = question("Mira Tolland", words=stems("the Norlandian politician"), company=frozenset({"Q1"}))
    plain = Item("Q2", "Mira Tolland")
    better = replace(plain, description="Norlandian politician")
    best = replace(better, countries=("Q1",), related=frozenset({"Q1"}))
    scores = [score_item(asked, i, PERSON).score for i in (plain, better, best)]
    assert scores == sorted(scores)
    assert len(set(scores)) == 3
    assert score_item(asked, best, frozenset({"place"})).score < scores[0]
    assert scores[0] > score_item(asked, plain, None).score
    assert all(0 <= s <= 1 for s in scores)


@pytest.mark.parametrize(
    ("label", "aliases", "least", "most"),
    [
        ("Mira Tolland", (), 1.0, 1.0),
        ("Someone Else", ("Mira Tolland",), 0.9, 0.96),
        ("MIRA TOLLAND", (), 0.95, 0.99),
        ("Mira Tolland Bridge", (), 0.4, 0.8),
        ("Odo Varnek", (), 0.0, 0.5),
        ("", (), 0.0, 0.0),
    ],
)
def test_how_well_a_name_agrees(label: str, aliases: tuple[str, ...], least: float, most: float) -> None:
    assert least <= name_score(question("Mira Tolland", names=("Tolland",)), label, aliases)[0] <= most


def test_a_surname_among_the_names_is_no_evidence() -> None:
    assert name_score(question("Mira Tolland", names=("Tolland",)), "Tolland", ())[0] < 0.7


def test_capitals_count_in_short_names() -> None:
    assert name_score(question("WHO", EntityType.ORGANISATION), "Who", ())[0] < 0.87


def test_no_exact_match_without_evidence_type_and_distance() -> None:
    asked = question("Mira Tolland", words=stems("politician"))
    good = Item("Q2", "Mira Tolland", description="politician", links=100)

    def chosen(*items: Item, types: frozenset[str] | None = PERSON, **more: Any) -> str | None:
        scored = [(i, score_item(more.get("asked", asked), i, types)) for i in items]
        return choose(
            [(as_candidate(i, s, "m"), s) for i, s in scored], "d", "x", more=more.get("crowded", False)
        ).property

    assert chosen(good) == "exactMatch"
    assert chosen(good, types=None) != "exactMatch"
    assert chosen(good, types=frozenset({"place"})) is None
    assert chosen(replace(good, description=""), asked=question("Mira Tolland")) != "exactMatch"
    assert chosen(good, replace(good, id="Q3")) is None
    assert chosen(replace(good, label="Mira Holland")) is None
    assert chosen() is None
    painter = Item("Q3", "Mira Tolland", description="painter of the sea and of fish", links=5)
    assert chosen(good, painter) == "exactMatch"
    assert chosen(good, replace(painter, links=200), asked=replace(asked, company=frozenset({"Q9"}))) != "exactMatch"


def test_a_match_is_not_lost_to_a_service_that_knows_less(standin: StandIn, cache: Cache, tmp_path: Path) -> None:
    store = make_store(tmp_path / "s")
    standin.items["Q900002"]["sitelinks"] = {f"w{n}wiki": {} for n in range(60)}
    assert Asking(cache).link(store, standin, query_service="").close
    before = dump(store)
    standin.space = "https://authority.example/id/"
    Asking(cache).link(store, standin, service=standin.reconcile)
    for line in before.splitlines():
        if "closeMatch" in line:
            assert line in dump(store)


def test_nobody_is_in_the_news_before_birth() -> None:
    asked = question("Mira Tolland", words=stems("politician"), year=2020)
    now = Item("Q1", "Mira Tolland", description="politician", born=1970)
    score = score_item(asked, now, PERSON).score
    assert score_item(asked, replace(now, born=2021), PERSON).score < score / 2
    assert score_item(asked, replace(now, born=1800, died=1850), PERSON).score < score
    assert score_item(asked, replace(now, died=2019), PERSON).score == score


def test_a_group_of_an_unknown_class_is_not_of_another_type() -> None:
    followers = Item("Q1", "Lindowites", description="followers of Lindow")
    asked = question("Lindowites", EntityType.GROUP)
    assert score_item(asked, followers, frozenset()).type is None
    assert score_item(asked, followers, frozenset({"place"})).type is False
    assert score_item(question("Lindowites", EntityType.ORGANISATION), followers, frozenset()).type is False


def test_what_only_shares_letters_is_not_kept() -> None:
    asked, other = question("Mira Tolland"), Item("Q1", "Mirabel Island")
    scored = score_item(asked, other, frozenset({"place"}))
    assert choose([(as_candidate(other, scored, "m"), scored)], "d", "x").candidates == ()


def test_coordinates_speak_for_and_against() -> None:
    place = frozenset({"place"})
    asked = question("Lindow", EntityType.PLACE, lat=10.0, lon=20.0, geonames=1)
    here, there = Item("Q1", "Lindow", lat=10.05, lon=20.0), Item("Q2", "Lindow", lat=50.0, lon=20.0)
    assert score_item(asked, here, place).score > 2 * score_item(asked, there, place).score
    assert score_item(asked, replace(here, geonames=("1",)), place).score >= 0.95
    assert score_item(asked, replace(here, geonames=("2",)), place).score < 0.5
    assert kilometres(0, 0, 0, 1) == pytest.approx(111.2, abs=0.1)
    assert kilometres(0, 0, 0, 180) == pytest.approx(20015, abs=1)


def test_names_of_services_are_plain_text() -> None:
    from kg.online.reconciliation import _suggestions

    hits = [
        {"id": "x", "name": "A\u0000\ud800 b\n", "score": "high"},
        {"id": 7},
        "no",
        {"id": "y", "name": None, "score": 5, "match": "yes"},
    ]
    found = _suggestions({"result": hits})
    assert [(s.id, s.name, s.score, s.match) for s in found] == [("y", "", 5.0, False), ("x", "A ? b", 0.0, False)]
    assert score_suggestion(question("A b"), found[0]).score == 0.0
