"""Positions: title, holder, body and the words that say so."""

from dataclasses import replace

import pytest

from kg.nlp import positions
from kg.nlp.offices import areas, offices
from kg.records import Coreference
from kg.vocabulary import EntityType
from tests.test_quotes import read

PERSON, BODY, PLACE = EntityType.PERSON, EntityType.ORGANISATION, EntityType.PLACE
NAMES = (
    ("Maria Lee", PERSON),
    ("Tom Orne", PERSON),
    ("Borland", PLACE),
    ("Road Agency", BODY),
    ("Foreign Ministry", BODY),
)


def held(text: str) -> list[tuple[str, str, str | None, str]]:
    """Holder, title, body and evidence of each position."""
    found = positions.find(read(text, *NAMES))
    return [(p.holder, p.title, p.organisation, text[p.evidence[0] : p.evidence[1]]) for p in found]


@pytest.mark.parametrize(
    ("text", "title", "body", "evidence"),
    [
        # before the name
        (
            "Borland Prime Minister Maria Lee left.",
            "Prime Minister",
            "place/borland",
            "Borland Prime Minister Maria Lee",
        ),
        ("Borland PM Maria Lee left.", "Prime Minister", "place/borland", "Borland PM Maria Lee"),
        (
            "Road Agency spokeswoman Maria Lee left.",
            "spokeswoman",
            "organisation/road-agency",
            "Road Agency spokeswoman Maria Lee",
        ),
        (
            "Borland's intelligence chief Maria Lee left.",
            "intelligence chief",
            "place/borland",
            "Borland's intelligence chief Maria Lee",
        ),
        ("Former President Maria Lee left.", "Former President", None, "Former President Maria Lee"),
        ("Its respected leader, Maria Lee, left.", "leader", None, "leader, Maria Lee"),
        # after the name
        (
            "Maria Lee, the leader of the Road Agency, left.",
            "leader",
            "organisation/road-agency",
            "Maria Lee, the leader of the Road Agency",
        ),
        (
            "Maria Lee, a senior Foreign Ministry official, left.",
            "official",
            "organisation/foreign-ministry",
            "Maria Lee, a senior Foreign Ministry official",
        ),
        (
            "Maria Lee, chief executive of the Road Agency, left.",
            "chief executive",
            "organisation/road-agency",
            "Maria Lee, chief executive of the Road Agency",
        ),
        # fields joined by "and", before the office or after it
        (
            "Infrastructure and Transport Minister Maria Lee left.",
            "Infrastructure and Transport Minister",
            None,
            "Infrastructure and Transport Minister Maria Lee",
        ),
        (
            "The Minister of Trade and Industry, Maria Lee, left.",
            "Minister of Trade and Industry",
            None,
            "Minister of Trade and Industry, Maria Lee",
        ),
        # what the office is for, and a body that words before it describe
        (
            "Maria Lee, director for Borland of the Road Agency, left.",
            "director for Borland",
            "organisation/road-agency",
            "Maria Lee, director for Borland of the Road Agency",
        ),
        (
            "Maria Lee, head of research at the Road Agency, left.",
            "head of research",
            "organisation/road-agency",
            "Maria Lee, head of research at the Road Agency",
        ),
        (
            "Maria Lee, spokesman for Borland's biggest company Road Agency, left.",
            "spokesman",
            "organisation/road-agency",
            "Maria Lee, spokesman for Borland's biggest company Road Agency",
        ),
        (
            "Maria Lee, Borland director of the Road Agency, left.",
            "director",
            "organisation/road-agency",
            "Maria Lee, Borland director of the Road Agency",
        ),
        (
            "Road Agency director for Borland Maria Lee left.",
            "director for Borland",
            "organisation/road-agency",
            "Road Agency director for Borland Maria Lee",
        ),
        # offices of several words
        (
            "Maria Lee, the head of government of Borland, left.",
            "head of government",
            "place/borland",
            "Maria Lee, the head of government of Borland",
        ),
        # copulas and appointments
        (
            "Maria Lee is the director of the Road Agency.",
            "director",
            "organisation/road-agency",
            "Maria Lee is the director of the Road Agency",
        ),
        (
            "Maria Lee was appointed head of the Road Agency.",
            "head",
            "organisation/road-agency",
            "Maria Lee was appointed head of the Road Agency",
        ),
    ],
)
def test_one_position(text: str, title: str, body: str | None, evidence: str) -> None:
    assert held(text) == [("person/maria-lee", title, body, evidence)]


def test_two_offices_of_one_person() -> None:
    text = "Deputy Prime Minister and Finance Minister Maria Lee resigned."
    assert [(h, t) for h, t, _, _ in held(text)] == [
        ("person/maria-lee", "Deputy Prime Minister"),
        ("person/maria-lee", "Finance Minister"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Maria Lee left Borland.",
        "Maria Lee met the director of the Road Agency.",
        "Maria Lee is not the director of the Road Agency.",
        "The director said Maria Lee left.",
    ],
)
def test_no_position(text: str) -> None:
    assert held(text) == []


def test_a_possessor_passes_on_the_body() -> None:
    text = "Borland Prime Minister Maria Lee left. Her defense minister, Tom Orne, stayed."
    reading = read(text, *NAMES)
    her = text.index("Her")
    reading = replace(reading, coreference=(Coreference(start=her, end=her + 3, id="person/maria-lee"),))
    second = positions.find(reading)[1]
    assert (second.holder, second.title, second.organisation) == (
        "person/tom-orne",
        "defense minister",
        "place/borland",
    )


def test_a_description_that_stands_for_a_person() -> None:
    text = "Maria Lee left. The prime minister of Borland was ill."
    reading = read(text, *NAMES)
    start = text.index("The prime")
    found = positions.find(
        replace(reading, coreference=(Coreference(start=start, end=text.index(" was"), id="person/maria-lee"),))
    )
    assert [(p.title, p.organisation) for p in found] == [("prime minister", "place/borland")]


def test_one_record_for_one_position() -> None:
    text = "Borland Prime Minister Maria Lee left. Prime Minister Maria Lee returned."
    assert [p[2] for p in held(text)] == ["place/borland"]


def test_page_furniture_is_skipped() -> None:
    text = "Borland Prime Minister Maria Lee left."
    reading = read(text, *NAMES)
    assert positions.find(replace(reading, page=replace(reading.page, noise=((0, len(text)),)))) == ()


def test_lexicons_are_well_formed() -> None:
    assert offices()["pm"] == "Prime Minister"
    assert offices()["director"] == ""
    assert all(word == word.casefold() for word in areas())
