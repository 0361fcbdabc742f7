"""Bodies that every country has: one for each place, by whatever words the place is given."""

import pytest

from kg import settings
from kg.nlp import pipeline
from kg.nlp.state_bodies import kind_of
from kg.records import Article, Extraction


def record(text: str) -> Extraction:
    article = Article(id="a", source="a.txt", sha256="0", text=text, date="2024-03-01")
    return next(iter(pipeline.extract([article], settings.value("model"))))


def bodies(text: str) -> list[tuple[str, str]]:
    """Words and identifier of each organisation."""
    found = record(text).entities
    return [(text[m.start : m.end], m.id) for m in found if m.type.value == "organisation"]


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("Kenya's Foreign Ministry spoke.", "organisation/foreign-ministry-kenya"),
        ("The Kenyan Ministry of Foreign Affairs spoke.", "organisation/foreign-ministry-kenya"),
        ("The Ministry of Foreign Affairs of Kenya spoke.", "organisation/foreign-ministry-kenya"),
        ("The foreign ministry in Kenya spoke.", "organisation/foreign-ministry-kenya"),
        ("The Kenyan foreign ministry spoke.", "organisation/foreign-ministry-kenya"),
        ("The Kenyan ministry of foreign affairs spoke.", "organisation/foreign-ministry-kenya"),
    ],
)
def test_a_ministry_is_one_by_whatever_words(text: str, identifier: str) -> None:
    assert [i for _, i in bodies(text)] == [identifier]


def test_ministries_of_two_countries_are_two() -> None:
    text = "Kenya's Foreign Ministry agreed. Uganda's Foreign Ministry refused."
    assert bodies(text) == [
        ("Foreign Ministry", "organisation/foreign-ministry-kenya"),
        ("Foreign Ministry", "organisation/foreign-ministry-uganda"),
    ]


def test_without_a_place_the_one_of_the_article_is_meant() -> None:
    one = "Kenya's Health Ministry agreed. The Health Ministry spoke."
    assert {i for _, i in bodies(one)} == {"organisation/health-ministry-kenya"}
    two = "Kenya's Health Ministry met Uganda's Health Ministry. The Health Ministry spoke."
    assert bodies(two)[-1] == ("Health Ministry", "organisation/health-ministry")
    assert bodies("The health ministry spoke.") == []


def test_it_is_the_source_of_its_figures() -> None:
    figures = record("The health ministry in Kenya said that at least 40 people had been killed.").figures
    assert [f.attributed_to for f in figures] == ["organisation/health-ministry-kenya"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Ministry of Defense", "Defence Ministry"),
        ("the Supreme Court", "Supreme Court"),
        ("ministry of foreign affairs", "Foreign Ministry"),
        ("Orchid Board", None),
        ("Christian ministry", None),
    ],
)
def test_kinds(name: str, kind: str | None) -> None:
    assert kind_of(name) == kind
