"""Deaths and injuries of other people are other happenings, and what is said of one is not told of the other."""

from __future__ import annotations

import pytest

from kg.vocabulary import EventType, Role
from tests.event_reading import events


def identifiers(text: str, kind: EventType = EventType.KILLING) -> list[str]:
    """Of the mentions of deaths (or what `kind` says), in order of the text."""
    return [e.id for e in sorted(events(text), key=lambda e: e.trigger) if e.type is kind]


@pytest.mark.parametrize(
    "text",
    [
        "A nurse was killed in the raid on the clinic. Four bakers were killed by the police at a bus stop.",
        "In Chad, more than 900 people have died. The girl died after the rescue.",
        "Three sons of the farmer had died. A sailor later died.",
        "All nine miners died. Twelve of the villagers died.",
        "The driver was killed on the bridge. A student was killed near the market.",
    ],
)
def test_other_victims_are_other_deaths(text: str) -> None:
    first, second = identifiers(text)
    assert first != second


@pytest.mark.parametrize(
    "text",
    [
        "A nurse was killed in the raid on the clinic. The nurse was killed on her way home.",
        "Four bakers were killed on Monday. The four bakers were killed at a bus stop.",
        "Twelve people died in the fire. The 12 people died in a shop.",
    ],
)
def test_the_same_victims_are_one_death(text: str) -> None:
    first, second = identifiers(text)
    assert first == second


def test_a_part_of_the_dead_is_not_the_count_of_others() -> None:
    first, second = identifiers("The minister spoke of three dead. Three of the dead had gone back into their flats.")
    assert first != second


def test_a_named_person_is_not_those_whom_others_count() -> None:
    text = "Ada Harbour was injured on Friday. More than 40 people were injured, the hospital said."
    first, second = identifiers(text, EventType.INJURY)
    assert first != second


def test_a_mention_with_other_parties_adds_none() -> None:
    text = "People stood in the street after a Kenyan attack in Kismayo on Friday. We are attacking Ethiopia with fire."
    first = min((e for e in events(text) if e.type is EventType.ATTACK), key=lambda e: e.trigger)
    assert "Ethiopia" not in {text[a.start : a.end] for a in first.args if a.role is Role.PATIENT}


def test_who_did_one_thing_is_not_told_of_another() -> None:
    text = "A new attack on a mosque in Kismayo killed two on Friday. The rebels took hostages in their attack."
    first = min((e for e in events(text) if text[slice(*e.trigger)] == "attack"), key=lambda e: e.trigger)
    assert [a for a in first.args if a.role is Role.AGENT] == []


@pytest.mark.parametrize(
    "who", ["The Norwegian prime minister", "Norway's Foreign Minister", "The Norway envoy", "Norwegian diplomats"]
)
def test_a_person_described_by_a_country_is_not_the_country(who: str) -> None:
    text = f"{who} met the mayor in Lagos on Friday."
    [met] = [e for e in events(text) if text[slice(*e.trigger)] == "met"]
    assert {a.id for a in met.args if a.role is not Role.PLACE} <= {None}


def test_a_body_described_by_a_country_still_stands_for_it() -> None:
    text = "Norwegian troops attacked the port on Friday."
    [attack] = [e for e in events(text) if e.type is EventType.ATTACK]
    assert [a.id for a in attack.args if a.role is Role.AGENT] == ["place/norway"]
