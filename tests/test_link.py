"""The authority and the linker."""

from __future__ import annotations

import csv

import pytest
from indexes import index_of

from kg.authority.places import open_places
from kg.link.authority import COLUMNS, DATA, Authority, Entry, core, fold, slug
from kg.link.geography import Context, supported
from kg.link.linker import Clues, link, located
from kg.link.sources import Sources
from kg.vocabulary import EntityType

PERSON, ORGANISATION, PLACE = EntityType.PERSON, EntityType.ORGANISATION, EntityType.PLACE


def city(qid: str, label: str, admin: str, country: str, population: int) -> Entry:
    """A made-up city."""
    return Entry(qid, PLACE, "city", label, (), admin, 1.0, 2.0, country, population)


TOWNS = Authority(
    [
        city("Q11", "Elmton", "North", "Q1", 500_000),
        city("Q12", "Elmton", "South", "Q2", 450_000),
        city("Q13", "Oakby", "North", "Q1", 2_000_000),
        city("Q14", "Oakby", "South", "Q2", 9_000),
    ]
)

KNOWN, NAMED = Sources(core()), Sources(TOWNS)
EVERYTHING = Sources(core(), open_places())

SOUTH, WEST = (
    Entry(q, PLACE, "region", n, (), "", None, None, "Q2", 0) for q, n in (("Q21", "South"), ("Q22", "West"))
)


def test_slugs() -> None:
    assert slug("António Guterres") == "antonio-guterres"
    assert slug("Recep Tayyip Erdoğan") == "recep-tayyip-erdogan"
    assert slug("U.S. Virgin Islands") == "us-virgin-islands"
    assert slug("محمد") == "محمد"
    assert slug("!!!") == "unnamed"


def test_fold() -> None:
    assert fold("The al-Aqsa Mosque") == fold("Al Aqsa mosque")
    assert fold("U.S.") == fold("US")


def test_identifiers_do_not_collide() -> None:
    ids = [e.id for e in core().entries.values()]
    assert len(ids) == len(set(ids))
    assert TOWNS.entries["place/elmton"].qid == "Q11"
    assert TOWNS.entries["place/elmton-q12"].qid == "Q12"


def test_surname_alone_does_not_link_where_nothing_speaks_for_it() -> None:
    found = link(KNOWN, PERSON, ["Guterres"], Context("a1"))
    assert found.wikidata is None
    assert found.id.startswith("person/guterres-in-")
    assert found.id != link(KNOWN, PERSON, ["Guterres"], Context("a2")).id


def test_full_name_links_with_or_without_accents() -> None:
    for name in ("António Guterres", "Antonio Guterres"):
        assert link(KNOWN, PERSON, [name], Context("a")).id == "person/antonio-guterres"


def test_type_must_agree() -> None:
    assert link(KNOWN, PERSON, ["Paris Paris"], Context("a")).wikidata is None
    assert link(KNOWN, ORGANISATION, ["Paris"], Context("a")).id == "organisation/paris"


def test_acronym_needs_capitals() -> None:
    assert link(KNOWN, ORGANISATION, ["WHO"], Context("a")).name == "World Health Organization"
    assert link(KNOWN, ORGANISATION, ["Who"], Context("a")).wikidata is None
    assert core().find("Md.")
    assert not core().find("M.D.")


def test_larger_namesake_unless_the_company_says_otherwise() -> None:
    assert link(NAMED, PLACE, ["Oakby"], Context("a")).wikidata == "Q13"
    near = Context("a", {"Q2": 2}, {"South": 2})
    assert link(NAMED, PLACE, ["Oakby"], near).wikidata == "Q14"
    assert link(NAMED, PLACE, ["Oakby"], Context("a"), clues=Clues(SOUTH)).wikidata == "Q14"


def test_equal_namesakes_stay_unlinked_and_claim_nothing() -> None:
    found = link(NAMED, PLACE, ["Elmton"], Context("a"))
    assert found.wikidata is None
    assert found.id not in TOWNS.ids


def test_small_city_needs_its_country() -> None:
    small = Authority([city("Q15", "Ashby", "North", "Q1", 20_000)])
    assert link(Sources(small), PLACE, ["Ashby"], Context("a")).wikidata is None
    assert link(Sources(small), PLACE, ["Ashby"], Context("a", {"Q1": 1})).wikidata == "Q15"


def test_region_that_is_not_known_gives_no_link() -> None:
    assert link(NAMED, PLACE, ["Oakby"], Context("a"), clues=Clues(WEST)).wikidata is None


@pytest.mark.parametrize(
    ("name", "qid_of"),
    [("Turkey", "Türkiye"), ("U.S.", "United States"), ("Gaza", "Gaza Strip"), ("UK", "United Kingdom")],
)
def test_usual_variants_of_places(name: str, qid_of: str) -> None:
    assert link(KNOWN, PLACE, [name], Context("a")).name == qid_of


def test_the_table_is_well_formed() -> None:
    path = DATA / "authority_core.tsv"
    assert path.stat().st_size < 600_000
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert tuple(rows[0]) == COLUMNS
    numbers = [int(r["qid"][1:]) for r in rows]
    assert numbers == sorted(set(numbers))
    assert all(r["label"] and r["type"] in ("person", "organisation", "place") for r in rows)


def test_towns_of_geonames_have_identifiers_of_their_own() -> None:
    towns = [e for e in EVERYTHING.find("Springfield") if e.kind == "city"]
    ids = [EVERYTHING.identified(e).id for e in towns]
    assert len(towns) > 10
    assert len(ids) == len(set(ids))
    assert "place/springfield-vermont-us" in ids


def test_town_by_the_region_beside_it_and_by_the_region_of_the_article() -> None:
    vermont = EVERYTHING.regions("Vermont")[0]
    found = link(EVERYTHING, PLACE, ["Springfield"], Context("a"), clues=Clues(vermont))
    assert (found.id, found.match) == ("place/springfield-vermont-us", "exactMatch")
    assert found.entry is not None
    assert found.entry.geonames
    assert link(EVERYTHING, PLACE, ["Springfield"], Context("a")).entry is None
    near = Context("a", {vermont.country: 3}, {"Vermont": 3})
    assert link(EVERYTHING, PLACE, ["Springfield"], near).id == "place/springfield-vermont-us"


def test_company_of_towns_without_their_region() -> None:
    def candidates(name: str) -> list[Entry]:
        return [e for e in EVERYTHING.find(name) if e.type == PLACE]

    names = ("Massena", "Ogdensburg", "Gouverneur", "Potsdam", "Canton")
    context = Context("a", support=supported([candidates(n) for n in names]))
    assert link(EVERYTHING, PLACE, ["Canton"], context).id == "place/canton-new-york-us"


def test_a_town_called_like_a_country_needs_its_own_company() -> None:
    ohio = EVERYTHING.regions("Ohio")[0]
    assert link(EVERYTHING, PLACE, ["Lebanon"], Context("a", {ohio.country: 3})).name == "Lebanon"
    near = Context("a", {ohio.country: 4}, {"Ohio": 4}, {(39.36, -84.31): 2})
    found = link(EVERYTHING, PLACE, ["Lebanon"], near)
    assert found.id == "place/lebanon-ohio-us"
    assert (
        link(EVERYTHING, PLACE, ["Lebanon"], Context("a", {"Q822": 5, ohio.country: 4}, {"Ohio": 4})).wikidata == "Q822"
    )


def test_county_by_its_state() -> None:
    iowa = EVERYTHING.regions("Iowa")[0]
    found = link(EVERYTHING, PLACE, ["Polk County"], Context("a"), clues=Clues(iowa))
    assert found.id == "place/polk-county-iowa-us"
    assert found.entry is not None
    assert found.entry.lat == pytest.approx(41.7, abs=0.5)


def test_place_within_the_name_of_a_body() -> None:
    context = Context("a", {"Q30": 2})
    within = located(EVERYTHING, ORGANISATION, "Chattanooga Fire Department", context)
    assert within is not None
    assert within.label == "Chattanooga"
    assert located(EVERYTHING, ORGANISATION, "France Telecom Board", context) is None


def test_scores_of_candidates_and_of_none_are_shares() -> None:
    found = link(EVERYTHING, PLACE, ["Springfield"], Context("a"))
    assert found.candidates
    assert sum(c.score for c in found.candidates) + found.none <= 1.01
    assert [c.score for c in found.candidates] == sorted((c.score for c in found.candidates), reverse=True)


ROWS = """\
qid\ttype\tlabel\taliases\tdescription\tlat\tlon\tcountry_qid\tsource
Q900001\tperson\tMira Tolland\t\tpolitician, minister of fisheries\t\t\tQ20\tmade-up
Q900002\tperson\tMira Tolland\t\tpainter\t\t\tQ17\tmade-up
Q900003\tperson\tJon Vesterby\t\tchess player and author\t\t\t\tmade-up
Q900004\torganisation\tZephyr\t\tbakery\t\t\t\tmade-up
"""


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    return Sources(core(), None, index_of(tmp_path_factory.mktemp("authority"), ROWS))


def test_namesakes_of_an_index_are_told_apart_by_description_and_country(indexed: Sources) -> None:
    context = Context("a", {"Q20": 2}, words=frozenset(("minister", "fisheries", "quota")))
    found = link(indexed, PERSON, ["Mira Tolland"], context)
    assert (found.wikidata, found.match) == ("Q900001", "exactMatch")
    open_ = link(indexed, PERSON, ["Mira Tolland"], Context("a"))
    assert open_.wikidata is None
    assert {c.entry.qid for c in open_.candidates} == {"Q900001", "Q900002"}
    assert open_.id not in (found.id, indexed.identified(found.candidates[1].entry).id)


def test_one_word_of_an_organisation_is_not_enough(indexed: Sources) -> None:
    found = link(indexed, ORGANISATION, ["Zephyr"], Context("a"))
    assert found.wikidata is None
    assert found.candidates[0].entry.qid == "Q900004"


def test_middle_initial_is_left_out(indexed: Sources) -> None:
    found = link(indexed, PERSON, ["Jon R. Vesterby"], Context("a", words=frozenset(("chess", "player"))))
    assert (found.wikidata, found.method) == ("Q900003", "without initial")


def test_an_item_without_a_position_is_the_one_large_town_of_its_name() -> None:
    found = link(EVERYTHING, PLACE, ["Rafah"], Context("a"))
    assert (found.id, found.wikidata) == ("place/rafah", "Q172343")
    assert found.entry is not None
    assert found.entry.geonames == 281102
    assert found.entry.lat == pytest.approx(31.3, abs=0.1)
