"""On which days an account puts its happening: only what its own words say excludes other days."""

from dataclasses import replace

import pytest

from kg.records import Argument, Event, Extraction, Period, Span
from kg.resolve.accounts import grounds, note_accounts
from kg.resolve.days import borrowed_times, days
from kg.vocabulary import EventType, Factuality, Role
from tests.accounts import article

TEXT = "A baker was convicted on Monday of burning the mill of Lindow in 2021. The mill was closed."


def span(word: str) -> Span:
    return TEXT.index(word), TEXT.index(word) + len(word)


def event(word: str, time: str, day: str, kind: EventType = EventType.OTHER) -> Event:
    start, end = span(time)
    return Event(
        id=f"event/{word}",
        trigger=span(word),
        type=kind,
        factuality=Factuality.ASSERTED,
        evidence=(0, TEXT.index(".") + 1),
        args=(Argument(role=Role.TIME, start=start, end=end),),
        time=Period(start=day, end=day),
    )


def told(*events: Event) -> Extraction:
    record = article("a", "2031-05-06", TEXT, events=events)
    return replace(record, sentences=((0, 70), (71, len(TEXT))))


def test_a_time_belongs_to_the_nearest_event_of_its_sentence() -> None:
    record = told(
        event("convicted", "2021", "2021"), event("burning", "2021", "2021"), event("closed", "Monday", "2031-05-05")
    )
    assert borrowed_times(record) == {"event/convicted", "event/closed"}


@pytest.mark.parametrize("borrowed", [False, True])
def test_a_borrowed_time_excludes_nothing(borrowed: bool) -> None:
    found = days(
        event("convicted", "Monday", "2031-05-05"), "2031-05-06", frozenset({"event/convicted"} if borrowed else ())
    )
    assert found.dated is not borrowed
    assert (found.start == found.end) is not borrowed


@pytest.mark.parametrize("joint", [",", " and then"])
def test_a_clause_begins_between_a_time_and_the_next_event(joint: str) -> None:
    text = f"A storm struck the long coast of Lindow on Monday{joint} killing four. It was the worst."

    def at(word: str) -> Span:
        return text.index(word), text.index(word) + len(word)

    start, end = at("Monday")
    storm = replace(
        event("Monday", "Monday", "2031-05-05"),
        trigger=at("struck"),
        args=(Argument(role=Role.TIME, start=start, end=end),),
    )
    death = replace(storm, id="event/killing", trigger=at("killing"), type=EventType.KILLING, args=(), time=None)
    point = text.index(".") + 1
    record = replace(
        article("a", "2031-05-06", text, events=(storm, death)), sentences=((0, point), (point + 1, len(text)))
    )
    assert borrowed_times(record) == frozenset()


def test_what_an_article_puts_on_two_days_is_not_one_happening() -> None:
    """However another article tells of it."""
    one, other = (
        event("convicted", "Monday", "2031-05-05", EventType.DISASTER),
        replace(event("closed", "2021", "2021-01-01", EventType.DISASTER), evidence=(71, len(TEXT))),
    )
    first, second = (replace(account, named=frozenset({"fire"})) for account in note_accounts(told(one, other)))
    assert grounds(first, second) is None
    assert grounds(first, replace(second, told=first.told, start=first.start, end=first.end)) is not None
