"""Decisions win over the program, by time, in any order of reading, and survive every rebuild."""

from __future__ import annotations

import random

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.decisions import Decision, Kind, Outcome, active, decide, reserved
from kg.errors import StoreError
from kg.rdf.decisions import TERMS, decision_quads, decisions_digest, read_decisions, same_as_quads
from kg.records import Extraction
from kg.resolve import resolve
from kg.resolve.identity import identify
from kg.resolve.rewriting import apply
from tests.identity_records import BASE, article

RECORDS = [
    article("a", "2031-05-01", "person: Ann Example = Q1", "place: Lindow", "organisation: RFC"),
    article("b", "2031-05-02", "person: Ann Example = Q1", "organisation: Ruritanian Ferries"),
    article("c", "2031-05-03", "person: Example", "organisation: Lindow Town"),
]


def decision(kind: Kind, subject: str, second: int = 0, **more: object) -> Decision:
    return Decision(kind=kind, subject=subject, author="Bob Sample", time=f"2031-06-01T10:00:{second:02}Z", **more)  # type: ignore[arg-type]


def outcome(*decisions: Decision, records: list[Extraction] | None = None) -> Outcome:
    return decide(identify(records or RECORDS, reserved(decisions)), decisions)


def entities(*decisions: Decision) -> dict[str, tuple[str, str | None, tuple[str, ...]]]:
    """Label, item and articles of each thing."""
    found = outcome(*decisions)
    resolved = resolve(apply(r, found.rewriting) for r in RECORDS)
    where = {i: tuple(a for a, _ in places) for i, places in found.members.items()}
    return {i: (e.label, e.wikidata, where[i]) for i, e in resolved.entities.items()}


ANN = "person/ann-example"
WD = "http://www.wikidata.org/entity/"


def test_without_decisions_the_program_stands() -> None:
    assert entities()[ANN] == ("Ann Example", "Q1", ("a", "b"))


def test_links_are_rejected_replaced_and_accepted() -> None:
    reject = decision(Kind.REJECT, ANN, item=WD + "Q1")
    assert entities(reject)[ANN][1] is None
    assert entities(decision(Kind.REPLACE, ANN, item=WD + "Q2"))[ANN][1] == "Q2"
    assert entities(reject, decision(Kind.ACCEPT, ANN, 1, item=WD + "Q3"))[ANN][1] == "Q3"
    assert entities(decision(Kind.REJECT, ANN, item=WD + "Q9"))[ANN][1] == "Q1"


def test_things_are_merged_into_the_one_that_is_named_first() -> None:
    found = entities(
        decision(Kind.MERGE, "organisation/ruritanian-ferries", others=("organisation/rfc", "organisation/lindow-town"))
    )
    assert found["organisation/ruritanian-ferries"][2] == ("a", "b", "c")
    assert "organisation/rfc" not in found


def test_what_an_article_calls_by_a_surname_is_merged_by_its_own_identifier() -> None:
    found = entities(decision(Kind.MERGE, ANN, others=("person/example-in-c",)))
    assert found[ANN][2] == ("a", "b", "c")


def test_a_split_moves_all_that_the_articles_say() -> None:
    split = decision(Kind.SPLIT, ANN, others=("person/ann-example-2",), articles=("b",), label="Ann Example (Ferries)")
    found = entities(split)
    assert (found[ANN][2], found["person/ann-example-2"][2]) == (("a",), ("b",))
    assert found["person/ann-example-2"][0] == "Ann Example (Ferries)"
    moved = apply(RECORDS[1], outcome(split).rewriting)
    assert moved.quotes[0].speaker == "person/ann-example-2"


def test_a_new_label_and_a_new_type() -> None:
    assert entities(decision(Kind.RENAME, ANN, label="Anna Example"))[ANN][0] == "Anna Example"
    found = entities(decision(Kind.RETYPE, "organisation/lindow-town", others=("place/lindow-town",)))
    assert "organisation/lindow-town" not in found
    assert found["place/lindow-town"] == ("Lindow Town", None, ("c",))


def test_decisions_follow_one_another() -> None:
    chain = [
        decision(Kind.SPLIT, ANN, 0, others=("person/ann-example-2",), articles=("b",)),
        decision(Kind.RENAME, "person/ann-example-2", 1, label="Ann Other"),
        decision(Kind.MERGE, "person/ann-example-2", 2, others=("person/example-in-c",)),
        decision(Kind.REJECT, "person/example-in-c", 3, item=WD + "Q1"),  # by the identifier it had before
    ]
    assert entities(*chain)["person/ann-example-2"] == ("Ann Other", None, ("b", "c"))


def test_an_undone_decision_does_nothing_until_the_undoing_is_undone() -> None:
    rename = decision(Kind.RENAME, ANN, label="Anna Example")
    undo = decision(Kind.UNDO, rename.id, 1)
    again = decision(Kind.UNDO, undo.id, 2)
    assert entities(rename, undo)[ANN][0] == "Ann Example"
    assert active([again, undo, rename]) == [rename]


def test_a_decision_on_what_is_gone_is_idle_and_harms_nothing() -> None:
    gone = decision(Kind.MERGE, "person/nobody-known", others=(ANN,))
    assert outcome(gone).idle == {gone.id}
    assert entities(gone) == entities()


def test_an_identifier_that_was_given_away_is_not_given_again() -> None:
    retype = decision(Kind.RETYPE, "organisation/lindow-town", others=("place/lindow-town",))
    later = [*RECORDS, article("d", "2031-07-01", "place: Lindow Town")]
    members = outcome(retype, records=later).members
    assert [a for a, _ in members["place/lindow-town"]] == ["c"]


CHOICES = st.sampled_from(
    [
        decision(Kind.SPLIT, ANN, 1, others=("person/ann-example-2",), articles=("b",)),
        decision(Kind.MERGE, ANN, 2, others=("person/example-in-c",)),
        decision(Kind.MERGE, "person/ann-example-2", 3, others=(ANN,)),
        decision(Kind.RETYPE, "organisation/rfc", 4, others=("place/rfc",)),
        decision(Kind.MERGE, "organisation/rfc", 5, others=("organisation/lindow-town",)),
        decision(Kind.RENAME, "organisation/rfc", 6, label="Ferries"),
        decision(Kind.REJECT, ANN, 7, item=WD + "Q1"),
    ]
)


@settings(deadline=None, max_examples=80)
@given(st.lists(CHOICES, unique=True), st.randoms(use_true_random=False))
def test_any_decisions_in_any_order_give_one_outcome_and_lose_nothing(
    chosen: list[Decision], chance: random.Random
) -> None:
    wanted = outcome(*chosen)
    places = sorted(place for members in wanted.members.values() for place in members)
    assert places == sorted({(r.id, m.id) for r in RECORDS for m in r.entities})
    shuffled, records = chosen[:], RECORDS[:]
    chance.shuffle(shuffled)
    chance.shuffle(records)
    assert outcome(*shuffled, records=records) == wanted


def test_decisions_as_rdf_and_back() -> None:
    decisions = [
        decision(Kind.ACCEPT, ANN, 0, item=WD + "Q1", same_as=True, note='the "right" one\nsurely'),
        decision(Kind.REJECT, "place/lindow", 1, item="https://sws.geonames.org/5/"),
        decision(Kind.REPLACE, ANN, 2, item=WD + "Q2"),
        decision(Kind.MERGE, ANN, 3, others=("person/example-in-c", "person/müller-é")),
        decision(Kind.SPLIT, ANN, 4, others=("person/ann-example-2",), articles=("2031/a b", "c"), label="Ann Two"),
        decision(Kind.RENAME, ANN, 5, label="Anna Example"),
        decision(Kind.RETYPE, "organisation/x", 6, others=("place/x",)),
    ]
    decisions.append(decision(Kind.UNDO, decisions[0].id, 7))
    assert {d.kind for d in decisions} == set(Kind) == set(TERMS)
    store = ox.Store()
    for one in decisions:
        store.extend(decision_quads(one, BASE))
    assert read_decisions(store, BASE) == decisions
    assert same_as_quads(decisions[:1], BASE)[0].object == ox.NamedNode(WD + "Q1")
    assert same_as_quads(decisions, BASE) == []
    assert decisions_digest(ox.Store(), BASE) is None != decisions_digest(store, BASE)


def test_a_decision_that_cannot_be_read_is_named_never_passed_over() -> None:
    store = ox.Store()
    quads = decision_quads(decision(Kind.RENAME, ANN, label="Anna"), BASE)
    store.extend(q for q in quads if "generatedAtTime" not in q.predicate.value)
    with pytest.raises(StoreError, match=r"decision/\w+ in \S+graph/decisions is no whole decision"):
        read_decisions(store, BASE)
