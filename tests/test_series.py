"""Figures across articles: series of totals, counts of one event, and what is never compared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kg.records import Extraction, Figure, Mention
from kg.resolve import resolve
from kg.resolve.figures import bounds
from kg.vocabulary import Comparator, EntityType, Measure, Scope
from tests.accounts import article, figure, happening, relations


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (figure(240, comparator=Comparator.ABOUT), (235, 245)),
        (figure(1200, comparator=Comparator.ABOUT), (1150, 1250)),
        (figure(46), (46, 47)),
        (figure(46, comparator=Comparator.AT_LEAST, min=46), (46, float("inf"))),
        (figure(None, comparator=Comparator.EXACTLY, min=24), (24, float("inf"))),
    ],
)
def test_bounds_are_what_the_words_allow(given: Figure, wanted: tuple[float, float]) -> None:
    assert bounds(given) == wanted


def test_a_later_total_updates_an_earlier_one() -> None:
    old, new = article("a", "2023-02-07", figures=(figure(3419),)), article("b", "2023-02-08", figures=(figure(8574),))
    assert relations(new, old) == {("b#figure-0", "updates", "a#figure-0")}


def test_equal_days_that_exclude_each_other_conflict_both_ways() -> None:
    a = article("a", "2023-10-08", figures=(figure(240, "2023-10-07", Comparator.ABOUT),))
    b = article("b", "2023-10-09", figures=(figure(250, "2023-10-07", Comparator.ABOUT),))
    assert relations(a, b) == {
        ("a#figure-0", "conflictsWith", "b#figure-0"),
        ("b#figure-0", "conflictsWith", "a#figure-0"),
    }


def test_what_the_words_leave_open_is_no_conflict() -> None:
    a = article("a", "2023-02-07", figures=(figure(5000, comparator=Comparator.MORE_THAN, min=5001),))
    b = article("b", "2023-02-07", figures=(figure(5102),))
    assert relations(a, b) == set()


def test_equal_figures_of_one_day_repeat() -> None:
    a, b = (article(name, "2023-02-07", figures=(figure(5102),)) for name in "ab")
    assert relations(a, b) == {("b#figure-0", "repeats", "a#figure-0")}


def test_other_places_measures_and_populations_are_not_compared() -> None:
    a = article("a", "2023-02-07", figures=(figure(10),))
    for other in (
        figure(20, place="place/syria"),
        figure(20, measure=Measure.INJURED),
        figure(20, population="soldiers"),
    ):
        assert relations(a, article("b", "2023-02-07", figures=(other,))) == set()


def test_one_article_never_conflicts_with_itself() -> None:
    assert relations(article("a", "2023-02-07", figures=(figure(10), figure(20)))) == set()


def test_a_total_updates_the_last_one_of_its_own_source() -> None:
    ours, theirs = "organisation/ours", "organisation/theirs"
    records = [
        article("a", "2023-02-07", figures=(figure(3000, attributed_to=ours),)),
        article("b", "2023-02-08", figures=(figure(3500, attributed_to=theirs),)),
        article("c", "2023-02-09", figures=(figure(4000, attributed_to=ours),)),
    ]
    assert ("c#figure-0", "updates", "a#figure-0") in relations(*records)
    assert ("c#figure-0", "updates", "b#figure-0") not in relations(*records)


def test_a_source_may_lower_its_own_total() -> None:
    ours = {"attributed_to": "organisation/ours"}
    old, new = (
        article("a", "2023-02-07", figures=(figure(57, **ours),)),
        article("b", "2023-02-08", figures=(figure(55, **ours),)),
    )
    assert relations(old, new) == {("b#figure-0", "updates", "a#figure-0")}
    other = article("b", "2023-02-08", figures=(figure(55),))
    assert relations(old, other) == set()


@pytest.mark.parametrize("scope", [Scope.ONE_OFF, Scope.PART, None])
def test_only_totals_update_totals(scope: Scope | None) -> None:
    old, new = (
        article("a", "2023-02-07", figures=(figure(3),)),
        article("b", "2023-02-08", figures=(figure(8574, scope=scope),)),
    )
    assert relations(old, new) == set()


def test_totals_of_other_beginnings_or_causes_or_years_are_other_series() -> None:
    quake, crash = "The quake hit. The quake was deep.", "The train crash was near. The crash shut the line."
    a = article("a", "2023-02-07", quake, figures=(figure(3000, since="2023-02-06"),))
    assert relations(a, article("b", "2023-02-08", quake, figures=(figure(9000, since="2022-01-01"),))) == set()
    assert relations(a, article("b", "2023-02-08", crash, figures=(figure(9000),))) == set()
    assert relations(a, article("b", "2024-06-08", quake, figures=(figure(9000),))) == set()
    assert relations(a, article("b", "2023-02-08", quake, figures=(figure(9000),))) != set()


def test_totals_without_a_place_are_not_compared() -> None:
    a, b = (
        article(n, f"2023-02-0{d}", figures=(figure(size, place=None),))
        for n, d, size in (("a", 7, 6), ("b", 8, 48000))
    )
    assert relations(a, b) == set()


@pytest.mark.parametrize(
    ("one", "other", "place", "same"),
    [
        ("people", "residents", "place/turkiye", True),
        ("people", "Palestinians", "place/gaza-strip", True),
        ("people", "Ukrainians", "place/ukraine", True),
        ("people", "Ukrainians", "place/turkiye", False),
        ("Palestinians", "Israelis", "place/gaza-strip", False),
        ("people", "children", "place/turkiye", False),
        ("soldiers", "aid workers", "place/turkiye", False),
        ("deaths", None, "place/turkiye", True),
    ],
)
def test_populations_are_comparable_where_neither_narrows(one: str, other: str, place: str, same: bool) -> None:
    a = article("a", "2023-02-07", figures=(figure(30, population=one, place=place),))
    b = article("b", "2023-02-08", figures=(figure(40, population=other, place=place),))
    assert bool(relations(a, b)) is same


def test_an_article_that_gives_both_totals_contradicts_neither() -> None:
    both = article("a", "2023-02-07", figures=(figure(300), replace(figure(500), number=(9, 12))))
    other = article("b", "2023-02-07", figures=(figure(500),))
    assert relations(both, other) == {("b#figure-0", "repeats", "a#figure-9")}


def test_counts_of_one_event_conflict_and_of_two_events_never() -> None:
    def told(name: str, size: int, day: str) -> object:
        count = figure(size, scope=Scope.ONE_OFF, event=f"event/{name}")
        return happening(name, day, "person/x", day=day, figures=(count,))

    one, other = told("a", 12, "2023-02-19"), told("b", 15, "2023-02-19")
    found = {r for r in relations(one, other) if "figure" in r[0]}
    assert found == {("a#figure-0", "conflictsWith", "b#figure-0"), ("b#figure-0", "conflictsWith", "a#figure-0")}
    assert relations(one, told("c", 15, "2023-02-20")) == set()


def test_the_ground_names_measure_place_and_days() -> None:
    old, new = (
        article("a", "2023-02-07", "3,41", figures=(figure(3419),)),
        article("b", "2023-02-08", figures=(figure(8574),)),
    )
    [relation] = resolve([old, new]).relations["b"]
    assert "2023-02-07" in relation.ground
    assert "killed in turkiye" in relation.ground


def test_two_sources_of_one_article_that_exclude_each_other_conflict() -> None:
    ours = {"event": "event/a", "scope": Scope.ONE_OFF, "number": (0, 5)}
    given = {"comparator": Comparator.EXACTLY, "measure": Measure.KILLED, "evidence": (0, 50), "as_of": "2023-02-07"}

    def count(value: int, source: str | None, at: int) -> Figure:
        return Figure(**{**given, **ours, "number": (at, at + 2), "value": value, "attributed_to": source})  # type: ignore[arg-type]

    both = article(
        "a", "2023-02-07", figures=(count(5, "organisation/police", 0), count(9, "organisation/hospital", 9))
    )
    assert relations(both) == {
        ("a#figure-0", "conflictsWith", "a#figure-9"),
        ("a#figure-9", "conflictsWith", "a#figure-0"),
    }
    one = article("a", "2023-02-07", figures=(count(5, "organisation/police", 0), count(9, "organisation/police", 9)))
    assert relations(one) == set()
    unnamed = article("a", "2023-02-07", figures=(count(5, None, 0), count(9, "organisation/police", 9)))
    assert relations(unnamed) == set()


def test_a_headline_makes_no_second_row() -> None:
    headline = figure(300)
    body = Figure(
        **{
            **{f: getattr(headline, f) for f in headline.__slots__},
            "number": (40, 45),
            "attributed_to": "organisation/un",
        }
    )
    twice, other = (
        article("a", "2023-02-07", figures=(headline, body)),
        article("b", "2023-02-07", figures=(figure(400),)),
    )
    assert relations(twice, other) == {
        ("a#figure-40", "conflictsWith", "b#figure-0"),
        ("b#figure-0", "conflictsWith", "a#figure-40"),
    }


def test_totals_without_a_place_are_compared_within_one_event() -> None:
    def told(name: str, day: str, value: int) -> Extraction:
        toll = figure(value, day, place=None, event=f"event/{name}")
        return happening(name, day, "person/adem-sahin", figures=(toll,))

    one, two = told("a", "2023-02-20", 30), told("b", "2023-02-21", 45)
    assert ("b#figure-0", "updates", "a#figure-0") in relations(one, two)
    alone = article("c", "2023-02-21", figures=(figure(45, "2023-02-21", place=None, event="event/c"),))
    assert not [r for r in relations(one, alone) if r[1] == "updates"]


def regional(name: str, date: str, text: str, number: str) -> Extraction:
    """An article that counts the dead of part of a country, at the words."""
    at, where = text.index(number), text.index("Peru")
    place = Mention(start=where, end=where + 4, type=EntityType.PLACE, name="Peru", id="place/peru")
    counted = figure(int(number), date, place="place/peru", scope=Scope.PART)
    counted = replace(counted, number=(at, at + len(number)), evidence=(0, len(text)))
    return article(name, date, text, entities=(place,), figures=(counted,))


def test_a_toll_of_the_country_updates_that_of_its_part() -> None:
    part = regional("a", "2023-02-07", "Floods kill 14 in northern Peru.", "14")
    whole = article("b", "2023-02-09", figures=(figure(31, "2023-02-09", place="place/peru"),))
    assert relations(part, whole) == {("b#figure-0", "updates", f"a#figure-{part.figures[0].number[0]}")}


def test_a_toll_of_a_part_contradicts_neither_the_whole_nor_another_part() -> None:
    north = regional("a", "2023-02-07", "Floods kill 14 in northern Peru.", "14")
    south = regional("b", "2023-02-07", "Floods kill 9 in southern Peru.", "9")
    whole = article("c", "2023-02-07", figures=(figure(31, "2023-02-07", place="place/peru"),))
    assert relations(north, south, whole) == set()


def test_two_tolls_of_one_part_conflict() -> None:
    one = regional("a", "2023-02-07", "Floods kill 14 in northern Peru.", "14")
    other = regional("b", "2023-02-07", "Floods kill 19 in northern Peru.", "19")
    assert {p for _, p, _ in relations(one, other)} == {"conflictsWith"}


def test_some_of_others_are_no_toll_of_a_part() -> None:
    some = regional("a", "2023-02-07", "Floods kill many, including 14 in northern Peru.", "14")
    whole = article("b", "2023-02-09", figures=(figure(31, "2023-02-09", place="place/peru"),))
    assert relations(some, whole) == set()
