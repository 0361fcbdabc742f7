"""Which happening a figure counts, and what follows for counts of one happening in several articles."""

from __future__ import annotations

import pytest

from kg.records import Argument, Event, Extraction, Figure, Period
from kg.resolve.counted import counted_event
from kg.vocabulary import Comparator, EntityType, EventType, Factuality, Measure, Role, Scope
from tests.accounts import article, relations

DAY = "2024-05-06"
PLACE = "place/lima-pe"


def crash(name: str, text: str, *numbers: str, day: str = DAY, place: str | None = PLACE) -> Extraction:
    """An article of one sentence with a crash, its deaths and its counts."""

    def event(word: str, kind: EventType, role: Role, filler: str) -> Event:
        at = text.index(word)
        given = (Argument(role=role, start=0, end=3, id=filler), Argument(role=Role.PLACE, start=0, end=3, id=PLACE))
        return Event(
            id=f"event/{name}-{word}",
            trigger=(at, at + len(word)),
            type=kind,
            factuality=Factuality.ASSERTED,
            evidence=(0, len(text)),
            time=Period(start=DAY, end=DAY),
            args=given if kind is EventType.ACCIDENT else (),
        )

    deaths = next(w for w in ("killed", "died") if w in text)
    figures = []
    for number in numbers:
        at = text.index(number)
        figures.append(
            Figure(
                number=(at, at + len(number)),
                value=int(number),
                comparator=Comparator.EXACTLY,
                measure=Measure.KILLED,
                population="people",
                scope=Scope.ONE_OFF,
                place=place,
                as_of=DAY,
                event=f"event/{name}-{deaths}",
                evidence=(0, len(text)),
            )
        )
    events = (
        event("crash", EventType.ACCIDENT, Role.PARTICIPANT, f"{EntityType.PERSON}/ana-ruiz"),
        event(deaths, EventType.KILLING, Role.PATIENT, ""),
    )
    return article(name, day, text, events=events, figures=tuple(figures))


@pytest.mark.parametrize(
    ("text", "tied"),
    [
        ("The crash of a bus killed 12 people.", True),
        ("On Monday 12 people died in the crash of a bus.", True),
        ("12 people were killed when the crash blocked the road.", True),
        ("The crash killed more than 12 people.", True),
        ("On Monday 12 people died as the crash of a bus blocked the road.", True),
        ("Police killed 12 people a week after the crash.", False),
        ("After the crash, as police came, a storm killed 12 people.", False),
        ("The crash came to nothing; a storm killed 12 people.", False),
    ],
)
def test_the_happening_that_the_sentence_ties_to_its_count(text: str, tied: bool) -> None:
    record = crash("a", text, "12")
    [figure] = record.figures
    assert (counted_event(record, figure) == "event/a-crash") is tied


def test_counts_of_one_crash_conflict_though_the_deaths_are_two_accounts() -> None:
    one = crash("a", "The crash of a bus killed 12 people.", "12")
    other = crash("b", "On Monday 14 people died in the crash near the town.", "14")
    found = {r for r in relations(one, other) if "figure" in r[0]}
    assert found == {
        ("a#figure-26", "conflictsWith", "b#figure-10"),
        ("b#figure-10", "conflictsWith", "a#figure-26"),
    }


def test_who_gives_both_counts_contradicts_neither() -> None:
    one = crash("a", "The crash of a bus killed 12 people, then 14 people.", "12", "14")
    other = crash("b", "On Monday 14 people died in the crash near the town.", "14")
    found = {r for r in relations(one, other) if "figure" in r[0]}
    assert {p for _, p, _ in found} == {"repeats"}


def test_two_towns_have_each_their_own_count() -> None:
    one = crash("a", "The crash of a bus killed 12 people.", "12")
    other = crash("b", "On Monday 14 people died in the crash near the town.", "14", place="place/callao-pe")
    assert not [r for r in relations(one, other) if "figure" in r[0]]
