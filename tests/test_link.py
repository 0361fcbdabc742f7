"""The authority and the linker."""

from __future__ import annotations

import csv

import pytest

from kg.link.authority import COLUMNS, DATA, Authority, Entry, core, fold, slug
from kg.link.geography import Context
from kg.link.linker import link
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


def test_surname_alone_never_links() -> None:
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
    assert link(NAMED, PLACE, ["Oakby"], Context("a"), beside=SOUTH).wikidata == "Q14"


def test_equal_namesakes_stay_unlinked_and_claim_nothing() -> None:
    found = link(NAMED, PLACE, ["Elmton"], Context("a"))
    assert found.wikidata is None
    assert found.id not in TOWNS.ids


def test_small_city_needs_its_country() -> None:
    small = Authority([city("Q15", "Ashby", "North", "Q1", 20_000)])
    assert link(Sources(small), PLACE, ["Ashby"], Context("a")).wikidata is None
    assert link(Sources(small), PLACE, ["Ashby"], Context("a", {"Q1": 1})).wikidata == "Q15"


def test_region_that_is_not_known_gives_no_link() -> None:
    assert link(NAMED, PLACE, ["Oakby"], Context("a"), beside=WEST).wikidata is None


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
