"""Whoever dies is not told as injured too; whoever is shot and lives is injured."""

from __future__ import annotations

import pytest

from kg.vocabulary import EventType, Factuality
from tests.event_reading import events, factuality, roles


def kinds(text: str) -> set[str]:
    harm = {EventType.KILLING, EventType.INJURY}
    return {e.type.value for e in events(text) if e.type in harm and e.factuality is Factuality.ASSERTED}


@pytest.mark.parametrize(
    "text",
    [
        "A guard was shot on Friday. He was taken to a hospital, where he died.",
        "Officers found a man with a gunshot wound to the chest. He was pronounced dead at the scene.",
        "A teenager was killed at a bus stop. Police found him suffering from gunshot wounds.",
        "Ann Doe was taken to a hospital in critical condition. Doctors said Ann Doe died on Monday.",
    ],
)
def test_who_dies_is_killed_and_not_injured(text: str) -> None:
    assert kinds(text) == {"Killing"}


@pytest.mark.parametrize(
    "text",
    [
        "A baker was shot in the leg on Friday.",
        "The hunter accidentally shot himself in the foot.",
        "The waiter was wounded in a shooting at a bar.",
    ],
)
def test_who_is_shot_and_lives_is_injured(text: str) -> None:
    assert kinds(text) == {"Injury"}


def test_the_dead_and_the_wounded_are_two() -> None:
    text = "A cook was killed in the fire. Another cook was taken to a hospital with burns."
    assert kinds(text) == {"Killing", "Injury"}
    assert kinds("Two men were stabbed to death. Three others were wounded.") == {"Killing", "Injury"}


def test_shots_at_somebody_hurt_nobody() -> None:
    assert kinds("The robber shot at the guard and fled.") == set()


def test_a_wound_belongs_to_who_is_found_with_it() -> None:
    assert roles("Officers found a clerk with a gunshot wound.", "wound")["patient"] == ["a clerk"]


def test_possessed_wounds_are_there_and_the_feared_dead_are_not() -> None:
    assert factuality("His injuries were not serious.", "injuries") == "asserted"
    assert factuality("Forty miners are feared dead.", "dead") == "possible"


def test_what_is_told_as_a_fact_is_not_demanded() -> None:
    assert factuality("An official told reporters that the envoy was arrested.", "arrested") == "asserted"
    assert factuality("The judge demanded that the envoy be arrested.", "arrested") == "demanded"


def test_somebody_else_who_was_shot_lives() -> None:
    text = "Two hikers were killed. A guard was also shot and is expected to recover."
    assert kinds(text) == {"Killing", "Injury"}


def test_a_death_told_within_the_wound_is_of_the_wounded() -> None:
    assert kinds("Three died at the scene and one was taken to a hospital, where she died.") == {"Killing"}
