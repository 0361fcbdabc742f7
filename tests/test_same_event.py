"""Events across articles: what is one happening, what never is, what was planned and happened, and what is denied."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kg.records import Extraction
from kg.resolve import resolve
from kg.resolve.parties import abroad, contains, may_share
from kg.vocabulary import EventType, Factuality, Role, Scope
from tests.accounts import figure, happening, relations


def test_one_happening_in_two_articles_is_one_event() -> None:
    records = [happening("b", "2023-02-20", "person/x"), happening("a", "2023-02-19", "person/x")]
    assert resolve(records).events == {("a", "event/a"): "event/a", ("b", "event/b"): "event/a"}


def test_other_people_or_days_are_other_events() -> None:
    assert resolve([happening("a", "2023-02-19", "person/x"), happening("b", "2023-02-20", "person/y")]).events == {}
    assert (
        resolve(
            [happening("a", "2023-02-19", "person/x"), happening("b", "2023-02-20", "person/x", day="2023-02-20")]
        ).events
        == {}
    )


def test_what_was_planned_and_happened_is_fulfilled() -> None:
    found = relations(
        happening("a", "2023-02-17", "person/x", Factuality.PLANNED), happening("b", "2023-02-20", "person/x")
    )
    assert found == {("event/b", "fulfils", "event/a")}


def test_what_was_done_before_it_was_planned_fulfils_nothing() -> None:
    plan = happening("a", "2023-02-21", "person/x", Factuality.DEMANDED, day="2023-02-19", end="2023-02-25")
    assert relations(plan, happening("b", "2023-02-22", "person/x", day="2023-02-20")) == set()
    assert relations(plan, happening("b", "2023-02-23", "person/x", day="2023-02-22")) == {
        ("event/b", "fulfils", "event/a")
    }


def together(*records: Extraction) -> bool:
    return len(set(resolve(records).events.values())) == 1


def test_the_ground_of_a_shared_event_is_kept_beside_the_words() -> None:
    [relation] = resolve(
        [happening("a", "2023-02-19", "person/x"), happening("b", "2023-02-20", "person/x")]
    ).relations["b"]
    assert (relation.subject, relation.property, relation.object) == ("b#char=0,5", "corefersWith", "a#char=0,5")
    assert relation.ground == "both Visit; on 2023-02-19; in adana; with x"


def test_overlapping_bounds_are_enough_where_more_is_common() -> None:
    day, month = happening("a", "2023-02-19", "person/x"), happening("b", "2023-03-02", "person/x", day="2023-02")
    assert together(day, month)
    assert not together(day, happening("c", "2023-03-02", "person/x", day="2023-03"))


@pytest.mark.parametrize("kind", [EventType.KILLING, EventType.ATTACK, EventType.ARREST])
def test_a_country_says_little_of_what_happens_every_day(kind: EventType) -> None:
    one, other = (happening(n, "2023-02-20", "place/ukraine", place="place/ukraine", kind=kind) for n in "ab")
    assert not together(one, other)
    army = [happening(n, "2023-02-20", "organisation/army", place="place/rafah", kind=kind) for n in "ab"]
    assert not together(*army)


def test_a_number_in_common_says_much() -> None:
    def told(name: str, size: int) -> Extraction:
        count = figure(size, scope=Scope.ONE_OFF, event=f"event/{name}")
        return happening(
            name, "2023-02-20", "organisation/army", place="place/rafah", kind=EventType.KILLING, figures=(count,)
        )

    assert together(told("a", 46), told("b", 46))
    assert not together(told("a", 46), told("b", 12))


def dead(name: str, size: int | None = None, scope: Scope | None = None, place: str = "place/adana") -> Extraction:
    """An article of a common story with the same word, about so many dead."""
    text = f"Dead {name}. " + "A ferry sank off the harbour of Lindow in a storm while the choir sang on its deck. " * 4
    counts = (figure(size, scope=scope, event=f"event/{name}"),) if size else ()
    return happening(name, "2023-02-20", place=place, kind=EventType.KILLING, day=None, text=text, figures=counts)


def test_other_dead_of_one_story_are_other_happenings() -> None:
    assert together(dead("a", 3), dead("b", 3))
    assert not together(dead("a", 3), dead("b", 4))
    assert not together(dead("a", 3, Scope.TOTAL), dead("b", 3, Scope.ONE_OFF))
    assert not together(dead("a", 3, place="place/adana"), dead("b", 3, place="place/syria"))


def quake(name: str, strength: str, place: str) -> Extraction:
    """An article of a common story about a quake of that strength."""
    text = f"A {strength} quake shook it. " + "Choirs sang in the harbour of Lindow as roofs fell and boats sank. " * 4
    return happening(name, "2023-02-06", place=place, kind=EventType.DISASTER, day="2023-02-06", text=text)


def test_quakes_of_one_day_are_told_apart_by_how_strong_they_were() -> None:
    assert together(quake("a", "7.8 magnitude", "place/adana"), quake("b", "7.7-magnitude", "place/adana"))
    assert not together(quake("a", "magnitude 7.8", "place/adana"), quake("b", "magnitude 7.5", "place/adana"))
    assert not together(quake("a", "magnitude 7.8", "place/adana"), quake("b", "magnitude 7.5", "place/hatay"))


def test_a_word_and_a_small_count_do_not_make_two_stories_of_dead_one() -> None:
    assert not together(dead("a", 3, place=""), dead("b", 3, place=""))
    assert not together(dead("a"), dead("b"))
    assert together(dead("a", 481, place=""), dead("b", 481, place=""))


def test_what_is_recalled_by_its_day_is_one_event() -> None:
    one, other = (
        happening(n, "2023-12-20", "organisation/band", place="", kind=EventType.ATTACK, day="2023-10-07") for n in "ab"
    )
    assert together(one, other)
    assert not together(
        one, happening("c", "2023-10-08", "organisation/band", place="", kind=EventType.ATTACK, day="2023-10-07")
    )


@pytest.mark.parametrize("missing", [{"day": None}, {"place": "", "who": ""}, {"day": "2023"}])
def test_what_has_no_day_or_nobody_and_no_place_is_never_merged(missing: dict[str, str]) -> None:
    given = {"who": "person/x"} | missing
    assert resolve([happening(n, "2023-02-20", **given) for n in "abc"]).events == {}  # type: ignore[arg-type]


def test_a_chain_of_likenesses_joins_nothing_that_its_ends_exclude() -> None:
    records = [
        happening("a", "2023-02-20", "person/x", place="place/adana"),
        happening("b", "2023-02-20", "person/x", place=""),
        happening("c", "2023-02-20", "person/x", place="place/hatay"),
    ]
    shared = resolve(records).events
    assert shared.get(("a", "event/a"), "event/a") != shared.get(("c", "event/c"), "event/c")


def test_a_fulfilment_says_why() -> None:
    records = [happening("a", "2023-02-17", "person/x", Factuality.PLANNED), happening("b", "2023-02-20", "person/x")]
    [relation] = resolve(records).relations["b"]
    assert relation.ground.endswith("planned first, asserted by the later article")
    assert relations(records[0], happening("b", "2023-02-20", "person/y")) == set()


def test_what_one_asserts_and_another_negates_conflicts() -> None:
    yes, no = happening("a", "2023-02-20", "person/x"), happening("b", "2023-02-20", "person/x", Factuality.NEGATED)
    assert relations(yes, no) == {("event/a", "conflictsWith", "event/b"), ("event/b", "conflictsWith", "event/a")}
    elsewhere = happening("b", "2023-02-20", "person/x", Factuality.NEGATED, place="place/hatay")
    assert relations(yes, elsewhere) == set()


def test_roles_differ_between_texts() -> None:
    assert together(
        happening("a", "2023-02-20", "person/x", kind=EventType.MEETING),
        happening("b", "2023-02-20", "person/x", kind=EventType.MEETING, role=Role.PARTICIPANT),
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("person/ada-lovelace", "person/a-lovelace", True),
        ("person/fred-c-harbour", "person/frederick-harbour", True),
        ("person/harbour-in-0123abcd", "person/frederick-harbour", True),
        ("person/ada-harbour", "person/frederick-harbour", False),
        ("organisation/lindow-rovers", "organisation/rovers", True),
        ("organisation/lindow-rovers", "organisation/lindow-council", False),
    ],
)
def test_two_forms_of_a_name_exclude_nothing(one: str, other: str, same: bool) -> None:
    assert may_share([one], [other]) is same


def test_a_place_lies_in_its_country_and_not_in_another() -> None:
    assert contains("place/turkiye", "place/adana")
    assert not contains("place/syria", "place/adana")
    assert abroad("place/syria", "place/adana")
    assert not abroad("place/turkiye", "place/nowhere-known")


def shelled(name: str, twice: bool = False, place: str = "") -> Extraction:
    """An article of a common story, which tells of one shelling or of two."""
    text = f"Shells {name}. " + "The harbour of Lindow lay under smoke while its choir sang in the old market. " * 4
    one = happening(name, "2023-02-20", place=place, kind=EventType.ATTACK, day=None, text=text)
    second = replace(one.events[0], id=f"event/{name}2", trigger=(0, 6), evidence=(0, 9))
    return replace(one, events=(*one.events, second)) if twice else one


def test_which_attack_of_a_story_is_meant_must_be_told() -> None:
    assert together(shelled("a"), shelled("b"))
    assert not together(shelled("a", place="place/adana"), shelled("b", place="place/lindow"))
    assert resolve([shelled("a", twice=True), shelled("b", twice=True)]).events == {}
