"""On which days an account puts its happening: only what its own words say excludes other days."""

from dataclasses import replace

import pytest

from kg.records import Argument, Event, Extraction, Period, Span
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
