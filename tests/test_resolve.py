"""Across articles: figures that update, repeat and conflict; words that recur; one happening told twice."""

from __future__ import annotations

import random

import pytest

from kg.records import Argument, Event, Extraction, Figure, Mention, Period, Quote
from kg.resolve import resolve
from kg.resolve.figures import bounds
from kg.vocabulary import Comparator, EntityType, EventType, Factuality, Measure, QuoteKind, Role, Scope


def article(name: str, date: str, text: str = "", **layers: tuple[object, ...]) -> Extraction:
    return Extraction(id=name, source=f"{name}.txt", sha256="0", text=text or "x" * 100, date=date, **layers)   # type: ignore[arg-type]


def figure(value: float | None, day: str | None = None, comparator: Comparator = Comparator.EXACTLY, **more: object) -> Figure:
    given = {"measure": Measure.KILLED, "place": "place/turkiye", "population": "people", "scope": Scope.TOTAL} | more
    return Figure(number=(0, 5), evidence=(0, 50), value=value, comparator=comparator, as_of=day, **given)  # type: ignore[arg-type]


def relations(*records: Extraction) -> set[tuple[str, str, str]]:
    found = resolve(records).relations
    return {(r.subject, r.property, r.object) for rs in found.values() for r in rs}


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
    assert relations(a, b) == {("a#figure-0", "conflictsWith", "b#figure-0"), ("b#figure-0", "conflictsWith", "a#figure-0")}


def test_what_the_words_leave_open_is_no_conflict() -> None:
    a = article("a", "2023-02-07", figures=(figure(5000, comparator=Comparator.MORE_THAN, min=5001),))
    b = article("b", "2023-02-07", figures=(figure(5102),))
    assert relations(a, b) == set()


def test_equal_figures_of_one_day_repeat() -> None:
    a, b = (article(name, "2023-02-07", figures=(figure(5102),)) for name in "ab")
    assert relations(a, b) == {("b#figure-0", "repeats", "a#figure-0")}


def test_other_places_measures_and_populations_are_not_compared() -> None:
    a = article("a", "2023-02-07", figures=(figure(10),))
    for other in (figure(20, place="place/syria"), figure(20, measure=Measure.INJURED), figure(20, population="soldiers")):
        assert relations(a, article("b", "2023-02-07", figures=(other,))) == set()


def test_one_article_never_conflicts_with_itself() -> None:
    assert relations(article("a", "2023-02-07", figures=(figure(10), figure(20)))) == set()


def quote(text: str, speaker: str | None = "person/martin-griffiths") -> tuple[str, Quote]:
    return text, Quote(kind=QuoteKind.DIRECT, content=((0, len(text)),), speaker=speaker)


def said(name: str, date: str, text: str, speaker: str | None = "person/martin-griffiths") -> Extraction:
    words, record = quote(text, speaker)
    return article(name, date, words, quotes=(record,))


WORDS = "We have so far failed the people of the town on the river, and they feel alone"


def test_the_same_words_repeat_the_earliest_article() -> None:
    found = relations(said("b", "2023-02-13", WORDS), said("c", "2023-02-14", WORDS), said("a", "2023-02-12", WORDS))
    assert found == {("b#statement-0", "repeats", "a#statement-0"), ("c#statement-0", "repeats", "a#statement-0")}


def test_words_that_a_translation_varied_still_repeat() -> None:
    varied = WORDS.replace("and they feel alone", "and they rightly feel left alone")
    assert relations(said("a", "2023-02-12", WORDS), said("b", "2023-02-13", varied)) == {("b#statement-0", "repeats", "a#statement-0")}


def test_other_words_do_not_repeat() -> None:
    other = "We have so far failed the people of the town, but help is on its way from three countries and by sea"
    assert relations(said("a", "2023-02-12", WORDS), said("b", "2023-02-13", other)) == set()


def visit(name: str, date: str, who: str, factuality: Factuality = Factuality.ASSERTED, day: str = "2023-02-19") -> Extraction:
    event = Event(
        id=f"event/{name}", trigger=(0, 5), type=EventType.VISIT, factuality=factuality, evidence=(0, 50), time=Period(start=day, end=day),
        args=(Argument(role=Role.AGENT, start=0, end=5, id=who), Argument(role=Role.PLACE, start=6, end=9, id="place/adana")),
    )
    return article(name, date, events=(event,))


def test_one_happening_in_two_articles_is_one_event() -> None:
    records = [visit("b", "2023-02-20", "person/x"), visit("a", "2023-02-19", "person/x")]
    assert resolve(records).events == {("a", "event/a"): "event/a", ("b", "event/b"): "event/a"}


def test_other_people_or_days_are_other_events() -> None:
    assert resolve([visit("a", "2023-02-19", "person/x"), visit("b", "2023-02-20", "person/y")]).events == {}
    assert resolve([visit("a", "2023-02-19", "person/x"), visit("b", "2023-02-20", "person/x", day="2023-02-20")]).events == {}


def test_what_was_planned_and_happened_is_fulfilled() -> None:
    found = relations(visit("a", "2023-02-17", "person/x", Factuality.PLANNED), visit("b", "2023-02-20", "person/x"))
    assert found == {("event/b", "fulfils", "event/a")}


def test_the_order_of_records_changes_nothing() -> None:
    records = [said(n, f"2023-02-{d}", WORDS) for n, d in (("a", 12), ("b", 12), ("c", 14))]
    records += [article(f"f{i}", f"2023-02-0{i}", figures=(figure(1000 * (i % 4)),)) for i in range(1, 9)]
    records += [visit("v", "2023-02-20", "person/x"), visit("w", "2023-02-19", "person/x")]
    wanted = resolve(records)
    for seed in range(5):
        random.Random(seed).shuffle(records)
        assert resolve(records) == wanted


def test_labels_are_the_commonest_names_and_outlets_are_entities() -> None:
    text = "Ann Example met Example in Adana"
    names = (
        Mention(start=0, end=11, type=EntityType.PERSON, name="Ann Example", id="person/ann-example"),
        Mention(start=16, end=23, type=EntityType.PERSON, name="Ann Example", id="person/ann-example"),
    )
    record = Extraction(id="a", source="a", sha256="0", text=text, entities=names, publisher="Harbour Daily")
    found = resolve([record])
    assert found.entities["person/ann-example"].label == "Ann Example"
    assert found.entities["person/ann-example"].names == ("Example",)
    assert found.outlets == {"Harbour Daily": "organisation/harbour-daily"}
    assert found.entities["organisation/harbour-daily"].label == "Harbour Daily"
