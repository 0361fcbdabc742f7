"""Across articles: no order shows in what is resolved; labels and outlets."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from kg.rdf.entities import entity_triples
from kg.rdf.terms import Mint
from kg.records import EntityLink, Extraction, LinkCandidate, Mention
from kg.resolve import resolve
from kg.vocabulary import EntityType, Factuality, Scope
from tests.accounts import figure, happening, said_words

LIVES = st.sampled_from(
    ["We will rebuild the bridge beside the old mill", "We will not rebuild the bridge beside the old mill"]
)


@st.composite
def stories(draw: st.DrawFn) -> list[Extraction]:
    """A few articles that agree, repeat, update and contradict each other."""
    records: list[Extraction] = []
    for i in range(draw(st.integers(2, 7))):
        date = f"2023-02-{draw(st.integers(1, 9)):02}"
        size = draw(st.sampled_from([10, 10, 250, 4000]))
        shown = figure(size, scope=draw(st.sampled_from([Scope.TOTAL, Scope.ONE_OFF])), event=f"event/a{i}")
        who = draw(st.sampled_from(["person/x", "person/y"]))
        factuality = draw(st.sampled_from([Factuality.ASSERTED, Factuality.PLANNED, Factuality.NEGATED]))
        text, quote = said_words(draw(LIVES), who)
        day = draw(st.sampled_from(["2023-02-05", "2023-02-06", "2023-02"]))
        records.append(happening(f"a{i}", date, who, factuality, day, text=text, figures=(shown,), quotes=(quote,)))
    return records


@settings(deadline=None)  # the first example reads the tables
@given(stories(), st.randoms(use_true_random=False))
def test_the_order_of_records_changes_nothing(records: list[Extraction], chance: random.Random) -> None:
    wanted = resolve(records)
    chance.shuffle(records)
    assert resolve(records) == wanted


@settings(deadline=None)
@given(stories())
def test_what_is_related_is_there(records: list[Extraction]) -> None:
    found = resolve(records)
    events = {e.id for r in records for e in r.events}
    for article_, listed in found.relations.items():
        for relation in listed:
            assert relation.article == article_
            assert relation.subject != relation.object
            assert relation.ground
            for end in (relation.subject, relation.object):
                assert "#" in end or end in events


def test_labels_are_the_commonest_names_and_outlets_are_entities() -> None:
    text = "Ann Example met Example in Adana"
    names = (
        Mention(start=0, end=11, type=EntityType.PERSON, name="Ann Example", id="person/ann-example"),
        Mention(start=16, end=23, type=EntityType.PERSON, name="Ann Example", id="person/ann-example"),
    )
    record = Extraction(id="a", source="a", sha256="0", text=text, entities=names, publisher="Harbour Daily")
    found = resolve([record])
    assert found.entities["person/ann-example"].label == "Ann Example"
    assert found.entities["person/ann-example"].names == ("Example",)
    assert found.outlets == {"Harbour Daily": "organisation/harbour-daily"}
    assert found.entities["organisation/harbour-daily"].label == "Harbour Daily"


def test_where_a_place_lies_goes_into_the_graph() -> None:
    town = Mention(
        start=0,
        end=6,
        type=EntityType.PLACE,
        name="Elmton",
        id="place/elmton",
        country="Q30",
        region="Ohio",
        lat=1.0,
        lon=2.0,
    )
    record = Extraction(id="a", source="a.txt", sha256="", text="Elmton", entities=(town,))
    entity = resolve([record]).entities["place/elmton"]
    told = {str(p.value).rpartition("#")[2]: o.value for _, p, o in entity_triples(entity, Mint("http://example.org/"))}
    assert told["country"] == "http://www.wikidata.org/entity/Q30"
    assert told["region"] == "Ohio"


def test_a_country_named_only_by_words_for_its_people_keeps_its_item() -> None:
    people = Mention(start=0, end=8, type=EntityType.GROUP, name="Elmland", id="place/elmland")
    decided = EntityLink(
        id="place/elmland",
        property="exactMatch",
        candidates=(LinkCandidate(label="Elmland", score=0.95, wikidata="Q900001"),),
    )
    record = Extraction(id="a", source="a.txt", sha256="", text="Elmlandic", entities=(people,), links=(decided,))
    assert resolve([record]).entities["place/elmland"].wikidata == "Q900001"
