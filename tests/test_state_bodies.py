"""Bodies that every country has: one for each place, by whatever words the place is given."""

import time

import pytest
from spacy.tokens import Doc
from spacy.vocab import Vocab

from kg import settings
from kg.nlp import pipeline
from kg.nlp.reading import Reading
from kg.nlp.state_bodies import kind_of, told_apart
from kg.records import Article, Extraction, Mention, Page
from kg.vocabulary import EntityType


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


def test_the_work_grows_with_the_text() -> None:
    """Ten times the text takes about ten times as long, not a hundred times."""
    sentence = "The health ministry in Kenya spoke. "

    def seconds(times: int) -> float:
        at = sentence.index("Kenya")
        kenya = [
            Mention(start=n + at, end=n + at + 5, type=EntityType.PLACE, name="Kenya", id="place/kenya")
            for n in range(0, times * len(sentence), len(sentence))
        ]
        article = Article(id="a", source="a.txt", sha256="0", text=sentence * times)
        reading = Reading(article=article, page=Page(), doc=Doc(Vocab()))
        began = time.process_time()
        mentions, _ = told_apart(reading, kenya, [])
        assert len(mentions) == 2 * times
        return time.process_time() - began

    assert seconds(5000) < 40 * seconds(500)


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
