"""Identity across articles: what is one, what stays two, and why; the same in any order, and near-linear."""

from __future__ import annotations

import random
import string
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.records import Extraction
from kg.resolve.identity import Identities, identify
from kg.resolve.occurrences import generic, spells
from kg.resolve.rewriting import Rewriting, apply
from kg.vocabulary import EntityType
from tests.identity_records import article

MAYOR = "person: Ann Example, mayor @ place: Lindow"
SURGEON = "person: Ann Example, surgeon @ organisation: Harbour Hospital"


def shared(records: list[Extraction], *wanted: tuple[str, str]) -> list[str]:
    """The shared identifiers of (article, name)."""
    members = identify(records).members
    by_place = {place: one for one, places in members.items() for place in places}
    own = {(r.id, m.name): m.id for r in records for m in r.entities}
    return [by_place[a, own[a, name]] for a, name in wanted]


def reasons(records: list[Extraction]) -> list[tuple[str, str, str]]:
    return [(m.method, m.id, m.ground) for m in identify(records).merges]


def test_one_item_is_one_thing_whatever_its_names() -> None:
    records = [
        article("a", "2031-05-01", "organisation: Ruritanian Relief Council = Q1"),
        article("b", "2031-05-02", "organisation: Relief Council = Q1"),
    ]
    one, two = shared(records, ("a", "Ruritanian Relief Council"), ("b", "Relief Council"))
    assert one == two == "organisation/ruritanian-relief-council"
    assert [m for m, *_ in reasons(records)] == ["item"]


def test_a_country_named_first_by_its_adjective_is_one_country() -> None:
    one = article("a", "2031-05-01", "place: Ruritania = Q1")
    two = article("b", "2031-05-02", "place: Ruritania = Q1", "place: Ruritania = Q1")
    adjective = replace(two.entities[0], type=EntityType.GROUP)
    two = replace(two, entities=(adjective, *two.entities[1:]))
    assert len(set(shared([one, two], ("a", "Ruritania"), ("b", "Ruritania")))) == 1


def test_different_items_of_one_name_are_two_things() -> None:
    records = [
        article("a", "2031-05-01", "person: Ann Example = Q1"),
        article("b", "2031-05-02", "person: Ann Example = Q2"),
    ]
    assert shared(records, ("a", "Ann Example"), ("b", "Ann Example")) == [
        "person/ann-example",
        "person/ann-example-q2",
    ]
    (apart,) = identify(records).distinctions
    assert "linked to different items" in apart.ground


def test_one_name_is_one_person_where_nothing_speaks_against_it() -> None:
    records = [
        article("a", "2031-05-01", "person: Ann Example", "place: Lindow"),
        article("b", "2031-06-01", "person: Ann Example"),
    ]
    assert len(set(shared(records, ("a", "Ann Example"), ("b", "Ann Example")))) == 1


def test_different_positions_and_company_make_two_people() -> None:
    records = [
        article("a", "2031-05-01", MAYOR, "place: Lindow"),
        article("b", "2031-05-02", SURGEON, "organisation: Harbour Hospital"),
    ]
    assert shared(records, ("a", "Ann Example"), ("b", "Ann Example")) == [
        "person/ann-example",
        "person/ann-example-surgeon",
    ]
    (apart,) = identify(records).distinctions
    assert apart.ground == "different positions: mayor; surgeon"


def test_the_same_position_in_another_place_is_another_person() -> None:
    other = "person: Ann Example, mayor @ place: Farton"
    records = [article("a", "2031-05-01", MAYOR, "place: Lindow"), article("b", "2031-05-02", other, "place: Farton")]
    assert len(set(shared(records, ("a", "Ann Example"), ("b", "Ann Example")))) == 2


def test_a_new_post_in_the_same_company_is_one_person() -> None:
    company = ["place: Lindow", "organisation: Ferry Union", "person: Bob Sample", "place: Ruritania"]
    records = [
        article("a", "2031-05-01", MAYOR, *company),
        article("b", "2032-05-02", "person: Ann Example, minister @ place: Ruritania", *company),
    ]
    assert len(set(shared(records, ("a", "Ann Example"), ("b", "Ann Example")))) == 1


def test_who_is_meant_among_two_is_told_by_company_or_left_open() -> None:
    records = [
        article("a", "2031-05-01", MAYOR, "place: Lindow"),
        article("b", "2031-05-02", SURGEON, "organisation: Harbour Hospital"),
        article("c", "2031-05-03", "person: Ann Example", "place: Lindow"),
        article("d", "2031-05-04", "person: Ann Example", "place: Farton"),
    ]
    a, b, c, d = shared(records, *((n, "Ann Example") for n in "abcd"))
    assert a == c
    assert len({a, b, d}) == 3
    assert d.startswith("person/ann-example-in-")


def test_an_identifier_stays_when_later_articles_come() -> None:
    records = [
        article("a", "2031-05-01", MAYOR, "place: Lindow"),
        article("b", "2031-05-02", SURGEON, "organisation: Harbour Hospital"),
    ]
    before = shared(records, ("a", "Ann Example"), ("b", "Ann Example"))
    records += [
        article("c", "2031-06-01", "person: Ann Example, chess master @ place: Farton", "place: Farton"),
        article("d", "2031-06-02", "person: Ann Example, deputy mayor @ place: Lindow", "place: Lindow"),
    ]
    assert shared(records, ("a", "Ann Example"), ("b", "Ann Example")) == before


def test_a_surname_alone_is_nobody_in_particular() -> None:
    records = [
        article("a", "2031-05-01", "person: Ann Example", "place: Lindow"),
        article("b", "2031-05-01", "person: Example", "place: Lindow"),
    ]
    one, two = shared(records, ("a", "Ann Example"), ("b", "Example"))
    assert (one, two) == ("person/ann-example", "person/example-in-b")


def test_a_surname_joins_by_the_same_position_and_office() -> None:
    records = [article("a", "2031-05-01", MAYOR), article("b", "2031-07-01", "person: Example, mayor @ place: Lindow")]
    one, two = shared(records, ("a", "Ann Example"), ("b", "Example"))
    assert one == two == "person/ann-example"
    assert [(m, g) for m, _, g in reasons(records)] == [
        ("surname", "the same surname and position (mayor, place/lindow) as Ann Example in a")
    ]


COMPANY = ["place: Lindow", "organisation: Ferry Union", "person: Bob Sample"]


@pytest.mark.parametrize(("day", "count"), [("2031-05-04", 1), ("2031-09-04", 2)])
def test_a_surname_joins_by_company_only_near_in_time(day: str, count: int) -> None:
    records = [
        article("a", "2031-05-01", "person: Ann Example", *COMPANY),
        article("b", day, "person: Example", *COMPANY),
    ]
    assert len(set(shared(records, ("a", "Ann Example"), ("b", "Example")))) == count


def test_a_surname_that_fits_two_people_joins_neither() -> None:
    records = [
        article("a", "2031-05-01", "person: Ann Example", *COMPANY),
        article("b", "2031-05-02", "person: Carl Example", *COMPANY),
        article("c", "2031-05-03", "person: Example", *COMPANY),
    ]
    assert len(set(shared(records, ("a", "Ann Example"), ("b", "Carl Example"), ("c", "Example")))) == 3
    assert {d.other for d in identify(records).distinctions} | {d.id for d in identify(records).distinctions} == {
        "person/ann-example",
        "person/carl-example",
        "person/example-in-c",
    }


def declaring(name: str, day: str, expansion: str, acronym: str) -> Extraction:
    record = article(name, day, f"organisation: {expansion}")
    text = f"{expansion} ({acronym}). "
    return Extraction(id=name, source=name, sha256="0" * 64, text=text, date=day, entities=record.entities)


def test_an_acronym_that_an_article_declares_is_its_body_everywhere() -> None:
    records = [
        declaring("a", "2031-05-01", "Ruritanian Ferry Council", "RFC"),
        article("b", "2031-01-01", "organisation: RFC"),
    ]
    one, two = shared(records, ("a", "Ruritanian Ferry Council"), ("b", "RFC"))
    assert one == two == "organisation/ruritanian-ferry-council"
    assert reasons(records)[0][2] == "RFC is declared for Ruritanian Ferry Council in a"


def test_an_acronym_of_two_bodies_or_of_another_type_joins_none() -> None:
    records = [
        declaring("a", "2031-05-01", "Ruritanian Ferry Council", "RFC"),
        declaring("c", "2031-05-01", "Royal Football Club", "RFC"),
        article("b", "2031-01-01", "organisation: RFC", "place: RFC"),
    ]
    assert shared(records, ("b", "RFC")) == ["place/rfc"]
    assert "organisation/rfc" in identify(records).members


def test_initials() -> None:
    assert spells("RFC", "Ruritanian Ferry Council")
    assert spells("ROF", "Rights of Ferrymen")
    assert spells("RF", "Rights of Ferrymen")
    assert not spells("RFC", "Ruritanian Council")


def test_a_generic_body_is_one_only_within_its_places() -> None:
    assert generic("Health Ministry")
    assert not generic("Ruritanian Health Ministry")
    records = [
        article("a", "2031-05-01", "organisation: Health Ministry", "place: Ruritania"),
        article("b", "2031-05-02", "organisation: Health Ministry", "place: Ruritania"),
        article("c", "2031-05-03", "organisation: Health Ministry", "place: Gondal"),
    ]
    a, b, c = shared(records, *((n, "Health Ministry") for n in "abc"))
    assert a == b != c


def test_places_of_one_name_far_apart_are_two() -> None:
    records = [
        article(n, "2031-05-01", f"place: Lindow = @{point}")
        for n, point in (("a", "10 10"), ("b", "10.1 10"), ("c", "40 10"))
    ]
    a, b, c = shared(records, *((n, "Lindow") for n in "abc"))
    assert a == b != c


def test_a_place_that_the_linker_left_open_joins_its_namesake_by_company_only() -> None:
    records = [
        article("a", "2031-05-01", "place: Lindow = Q1", "place: Gondal = Q2"),
        article("b", "2031-05-02", "place: Lindow", "place: Gondal = Q2"),
        article("c", "2031-05-03", "place: Lindow"),
    ]
    a, b, c = shared(records, *((n, "Lindow") for n in "abc"))
    assert a == b != c


def test_everything_follows_the_identity() -> None:
    records = [article("a", "2031-05-01", MAYOR), article("b", "2031-07-01", "person: Example, mayor @ place: Lindow")]
    found = identify(records)
    ids = {place: one for one, places in found.members.items() for place in places}
    moved = apply(records[1], Rewriting(ids))
    assert moved.entities[0].id == moved.positions[0].holder == moved.quotes[0].speaker == "person/ann-example"
    assert apply(records[0], Rewriting()) is records[0]


NAMES = [
    "person: Ann Example",
    "person: Example",
    MAYOR,
    SURGEON,
    "person: Ann Example = Q1",
    "person: Ann Example = Q2",
    "person: Example, mayor @ place: Lindow",
    "place: Lindow",
    "place: Farton",
    "organisation: RFC",
    "organisation: Health Ministry",
    "organisation: Ferry Union",
    "person: Bob Sample",
    "group: Ruritanians",
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["2031-05-01", "2031-05-03", "2031-08", None]), st.lists(st.sampled_from(NAMES), max_size=7)
        ),
        max_size=9,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_changes_nothing_and_nothing_is_lost(
    drawn: list[tuple[str | None, list[str]]], chance: random.Random
) -> None:
    records = [article(f"a{i}", day, *dict.fromkeys(things)) for i, (day, things) in enumerate(drawn)]
    wanted = identify(records)
    places = [place for members in wanted.members.values() for place in members]
    assert sorted(places) == sorted({(r.id, m.id) for r in records for m in r.entities})
    chance.shuffle(records)
    assert identify(records) == wanted


def synthetic(count: int) -> list[Extraction]:
    """Articles over a year, whose number of people grows with them, with some names and surnames that recur."""
    chance = random.Random(7)
    surnames = ["".join(chance.choices(string.ascii_lowercase, k=6)).title() for _ in range(max(20, count // 4))]
    places = [f"place: {''.join(chance.choices(string.ascii_lowercase, k=5)).title()}" for _ in range(200)]
    titles = ["mayor", "minister", "surgeon", "spokesman"]
    records = []
    for i in range(count):
        things = dict.fromkeys(chance.choices(places, k=5))
        for _ in range(6):
            surname = chance.choice(surnames)
            full = f"person: {chance.choice(('Ann', 'Bob', 'Cleo'))} {surname}"
            title = f", {chance.choice(titles)} @ {chance.choice(places)}" if chance.random() < 0.3 else ""
            things[chance.choice((full, full, f"person: {surname}")) + title] = None
        things[f"organisation: Body {chance.randrange(count // 3 + 1)} Union"] = None
        things["organisation: Health Ministry"] = None
        records.append(article(f"s{i}", f"2031-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}", *things))
    return records


def test_the_cost_is_near_linear() -> None:
    import time

    def cost(count: int) -> float:
        records = synthetic(count)
        began = time.process_time()
        found: Identities = identify(records)
        assert found.members
        return time.process_time() - began

    cost(50)
    assert cost(1600) < 4 * 2.5 * max(cost(400), 0.02)
