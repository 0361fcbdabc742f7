"""The review as a person does it: doubts with their sentences, decisions that hold through rebuilds, errors that say what to do."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg.cli import main
from kg.decisions import Kind
from kg.errors import QueryError, UnknownName
from kg.export import export
from kg.prefixes import PREFIXES
from kg.review import doubts, log, take
from kg.store import reading
from kg.validate import validate
from tests.identity_records import BASE, MODEL, article, put

COMPANY = ("place: Lindow", "organisation: Ferry Union", "person: Bob Sample")
RECORDS = [
    article("a", "2031-05-01", "person: Ann Example = Q1", *COMPANY),
    article("b", "2031-05-03", "person: Example", *COMPANY),
    article("c", "2031-05-04", "person: Cleo Trial, mayor @ place: Lindow", "place: Farton"),
    article(
        "d",
        "2031-05-05",
        "person: Cleo Trial, surgeon @ organisation: Harbour Hospital",
        "place: Gondal",
        publisher="Harbour Daily",
    ),
]
TIME = "2031-06-01T10:00:00.000Z"
ANN = "person/ann-example"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    put(tmp_path / "s", *RECORDS)
    return tmp_path / "s"


def decided(store: Path, kind: str, subject: str, second: int = 0, **more: object) -> str:
    time = f"2031-06-01T10:00:{second:02}.000Z"
    return take(store, Kind(kind), subject, author="Bob Sample", time=time, model=MODEL, **more)[0].id  # type: ignore[arg-type]


def ask(store: Path, query: str) -> list[tuple[str, ...]]:
    with reading(store) as (database, _):
        rows = database.query(query, prefixes=PREFIXES, use_default_graph_as_union=True, base_iri=BASE)
        return sorted(tuple(term.value for term in row) for row in rows)


def dump(store: Path, skip: bytes = b"/graph/provenance>") -> bytes:
    with reading(store) as (database, _):
        output = io.BytesIO()
        export(database, "nquads", output)
    return b"".join(line for line in output.getvalue().splitlines(keepends=True) if skip not in line)


def kg(store: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["review", "--store", str(store), *arguments])


def test_doubts_come_with_their_sentences(store: Path) -> None:
    found = {(d.entity, d.other): d for d in doubts(store, "merge")}
    surname = found[ANN, "person/example-in-b"]
    assert (surname.article, surname.confidence) == ("b", 0.7)
    assert "the same surname and company as Ann Example in a" in surname.ground
    assert [s.text for s in surname.evidence] == ["Example.", "Ann Example."]
    apart = found["person/cleo-trial", "person/cleo-trial-surgeon"]
    assert apart.ground == "kept apart: different positions: mayor; surgeon"
    assert len(apart.evidence) == 2


def test_why_one_thing_is_one_can_be_asked(store: Path) -> None:
    query = """SELECT ?words ?ground WHERE { GRAPH <graph/entities> { ?n a nkg:Merge ; nkg:target <person/ann-example> ;
        nkg:source ?mention ; nkg:ground ?ground } ?mention nif:anchorOf ?words }"""
    ((words, ground),) = ask(store, query)
    assert words == "Example"
    assert ground.startswith("the same surname and company as Ann Example in a")


def test_a_store_with_merges_and_decisions_validates(store: Path) -> None:
    decided(store, "split", ANN, articles=("b",), label="Another Example")
    decided(store, "accept", ANN, 1, same_as=True)
    report = validate(store)
    assert report.conforms, str(report)


def test_a_decision_shows_at_once_and_survives_rebuilds(store: Path) -> None:
    decided(store, "split", ANN, articles=("b",), label="Another Example")
    decided(store, "reject", ANN, 1)
    decided(store, "merge", "person/cleo-trial", 2, others=("person/cleo-trial-surgeon",))
    decided(store, "rename", "organisation/harbour-daily", 3, label="The Harbour Daily")
    decided(store, "rename", "organisation/ferry-union", 4, label="Union of Ferries")

    def check() -> None:
        assert ask(store, "SELECT ?s ?l WHERE { ?s a schema:Person ; skos:prefLabel ?l }") == [
            (BASE + "person/ann-example", "Ann Example"),
            (BASE + "person/ann-example-another-example", "Another Example"),
            (BASE + "person/bob-sample", "Bob Sample"),
            (BASE + "person/cleo-trial", "Cleo Trial"),
        ]
        assert ask(store, "SELECT ?i WHERE { <person/ann-example> skos:exactMatch ?i }") == []
        speakers = ask(store, "SELECT ?a WHERE { GRAPH ?a { ?s nkg:speaker <person/ann-example-another-example> } }")
        assert speakers == [(BASE + "article/b",)]
        assert len(ask(store, "SELECT ?p WHERE { ?p nkg:holder <person/cleo-trial> }")) == 2
        labels = {
            label for _, label in ask(store, "SELECT ?o ?l WHERE { ?o a schema:Organization ; skos:prefLabel ?l }")
        }
        assert {"The Harbour Daily", "Union of Ferries"} <= labels

    check()
    before = dump(store)
    assert put(store).graphs == 0
    put(store, article("e", "2031-07-01", "person: Ann Example", "place: Lindow"))
    check()
    with reading(store) as (database, _):
        decisions = [str(q) for q in database if "graph/decisions" in str(q.graph_name)]
    assert all(line.encode() in before for line in decisions)


def test_the_same_records_and_decisions_give_the_same_bytes(store: Path, tmp_path: Path) -> None:
    decided(store, "split", ANN, articles=("b",))
    decided(store, "accept", ANN, 1, same_as=True)
    other, records = tmp_path / "other", RECORDS[:]
    random.Random(3).shuffle(records)
    for record in records:
        put(other, record)
    decided(other, "split", ANN, articles=("b",))
    decided(other, "accept", ANN, 1, same_as=True)
    assert dump(other) == dump(store)


def test_an_undo_brings_back_what_was(store: Path) -> None:
    before = dump(store)
    first = decided(store, "merge", ANN, others=("person/bob-sample",))
    decided(store, "accept", ANN, 1, same_as=True)
    assert ask(store, "SELECT ?i WHERE { GRAPH <graph/decisions> { <person/ann-example> owl:sameAs ?i } }")
    decided(store, "undo", "", 2)
    decided(store, "undo", first[:6], 3)
    assert not ask(store, "SELECT ?s ?o WHERE { ?s owl:sameAs ?o }")
    assert (
        b"".join(line for line in dump(store).splitlines(keepends=True) if b"/graph/decisions>" not in line) == before
    )
    assert [(d.kind.value, stands) for d, stands in log(store)] == [
        ("merge", False),
        ("accept", False),
        ("undo", False),
        ("undo", False),
    ]
    with pytest.raises(UnknownName, match="was undone already"):
        decided(store, "undo", first, 4)
    with pytest.raises(UnknownName, match="no decision that stands"):
        decided(store, "undo", "", 5)


def test_same_as_is_stated_only_by_a_decision(store: Path) -> None:
    decided(store, "accept", ANN)
    assert ask(store, "SELECT ?s ?o WHERE { ?s owl:sameAs ?o }") == []
    decided(store, "replace", ANN, 1, item="Q42", same_as=True)
    assert ask(store, "SELECT ?g ?i WHERE { GRAPH ?g { <person/ann-example> owl:sameAs ?i } }") == [
        (BASE + "graph/decisions", "http://www.wikidata.org/entity/Q42")
    ]
    assert ask(store, "SELECT ?i WHERE { <person/ann-example> skos:exactMatch ?i }") == [
        ("http://www.wikidata.org/entity/Q42",)
    ]


def test_what_was_decided_is_listed_no_more(store: Path) -> None:
    assert {d.entity for d in doubts(store)} == {ANN, "person/cleo-trial"}
    decided(store, "merge", ANN)
    decided(store, "reject", "person/cleo-trial", 1, item="person/cleo-trial-surgeon")
    assert doubts(store) == []
    assert log(store)[0][0].others == ("person/example-in-b",)


def test_a_doubtful_link_is_listed_with_candidates(store: Path) -> None:
    from kg.link.candidates import Candidate, Choice
    from kg.state import State

    item = "http://www.wikidata.org/entity/Q7"
    fitting = Candidate(target=item, label="Lindow", score=0.8, method="search", ground="same name")
    with State(store) as state:
        state.put_links(
            {"place/lindow": Choice(question="q", none=0.5, candidates=(fitting,), target=item, property="closeMatch")}
        )
    put(store)
    (doubt,) = doubts(store, "link")
    assert (doubt.entity, doubt.candidates[0].target, doubt.candidates[0].score) == ("place/lindow", item, 0.8)
    decided(store, "reject", "place/lindow")
    assert ask(store, "SELECT ?i WHERE { <place/lindow> skos:closeMatch ?i }") == []
    decided(store, "accept", "place/lindow", 1, item="Q7")
    assert ask(store, "SELECT ?i WHERE { <place/lindow> skos:exactMatch ?i }") == [(item,)]
    assert doubts(store, "link") == []


@pytest.mark.parametrize(
    ("kind", "subject", "more", "error", "words"),
    [
        ("accept", "person/nobody", {}, UnknownName, "no person, organisation, place or group 'person/nobody'"),
        ("accept", "person/bob-sample", {}, QueryError, "has no match: name the item"),
        ("accept", ANN, {"item": "Q0x"}, QueryError, "'Q0x' is neither an item"),
        ("replace", ANN, {}, QueryError, "is missing"),
        ("merge", ANN, {"others": ("person/nobody",)}, UnknownName, "person/nobody"),
        ("merge", "person/cleo-trial", {}, QueryError, "nothing was merged into"),
        ("split", ANN, {"articles": ("z",)}, UnknownName, "no article 'z' names person/ann-example"),
        ("split", ANN, {"articles": ("a", "b")}, QueryError, "all articles that name"),
        ("rename", ANN, {"label": " "}, QueryError, "label"),
        ("undo", "feed", {}, UnknownName, "fits 0 decisions"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(
    store: Path, kind: str, subject: str, more: dict[str, object], error: type[Exception], words: str
) -> None:
    before = dump(store)
    with pytest.raises(error, match=words):
        decided(store, kind, subject, **more)
    assert dump(store) == before


def test_the_commands(store: Path) -> None:
    listed = json.loads(kg(store, "list", "--format", "json", "--kind", "merge").stdout)
    assert {d["entity"] for d in listed} == {ANN, "person/cleo-trial"}
    table = kg(store, "list").stdout
    assert "says: Example." in table
    for arguments in (["--store", str(store)], ["list", "--store", str(store)]):
        assert CliRunner().invoke(main, ["review", *arguments]).stdout == table
    done = kg(store, "split", ANN, "b", "--author", "Bob Sample", "--note", "another family")
    assert done.exit_code == 0
    assert done.stdout == ""
    assert "split person/ann-example person/ann-example-" in done.stderr
    assert kg(store, "rename", "organisation/ferry-union", "--type", "group", "--author", "Bob Sample").exit_code == 0
    assert ask(store, "SELECT ?t WHERE { <group/ferry-union> a ?t }") == [("https://w3id.org/newskg/ontology#Group",)]
    rows = json.loads(kg(store, "log", "--format", "json").stdout)
    assert [(r["kind"], r["author"], r["note"], r["stands"]) for r in rows] == [
        ("split", "Bob Sample", "another family", True),
        ("retype", "Bob Sample", None, True),
    ]
    assert kg(store, "undo", "--author", "Carl Trial").exit_code == 0
    assert "undone" in kg(store, "log").stdout


def test_wrong_usage_and_errors(store: Path, tmp_path: Path) -> None:
    assert kg(store, "accept", ANN).exit_code == 2  # no author
    assert kg(store, "rename", ANN, "--author", "Bob Sample").exit_code == 2
    failed = kg(store, "accept", "person/nobody", "--author", "Bob Sample")
    assert failed.exit_code == 1
    assert "person/nobody" in failed.stderr
    unnamed = CliRunner().invoke(main, ["review", "list"])
    assert unnamed.exit_code == 2
    assert "Missing option '--store'" in unnamed.stderr
    nowhere = kg(tmp_path / "nowhere", "list")
    assert nowhere.exit_code == 1
    assert "is not a newskg store" in nowhere.stderr


@pytest.mark.parametrize("command", ["list", "accept", "reject", "replace", "merge", "split", "rename", "undo", "log"])
def test_every_command_has_help_with_an_example(command: str) -> None:
    shown = CliRunner().invoke(main, ["review", command, "--help"])
    assert shown.exit_code == 0
    assert f"Example: kg review --store my-store {command}" in " ".join(shown.stdout.split())


def test_decisions_follow_their_time_however_it_is_written(store: Path) -> None:
    for label, time in (
        ("Third", "2031-06-01T10:00:00.500Z"),
        ("First", "2031-06-01T11:59:00+02:00"),
        ("Second", "2031-06-01T10:00:00.000Z"),
    ):
        take(store, Kind.RENAME, ANN, author="Bob Sample", time=time, model=MODEL, label=label)
    assert [d.label for d, _ in log(store)] == ["First", "Second", "Third"]
    assert ask(store, "SELECT ?l WHERE { <person/ann-example> skos:prefLabel ?l }") == [("Third",)]


def test_a_decision_written_by_an_update_counts_at_the_next_build(store: Path) -> None:
    from kg.decisions import Decision
    from kg.rdf.decisions import decision_quads
    from kg.store import Store

    decision = Decision(kind=Kind.RENAME, subject=ANN, author="Bob Sample", time=TIME, label="Anna Example")
    with Store.open(store) as opened:
        opened.quads.extend(decision_quads(decision, BASE))
    assert put(store).graphs
    assert ("Anna Example",) in ask(store, "SELECT ?l WHERE { <person/ann-example> skos:prefLabel ?l }")


def test_a_decision_that_lacks_its_author_is_a_violation(store: Path) -> None:
    from kg.store import Store

    decided(store, "rename", ANN, label="Anna Example")
    assert validate(store).conforms
    with Store.open(store) as opened:
        opened.quads.update(
            f"DELETE WHERE {{ GRAPH <{BASE}graph/decisions> {{ ?d <http://www.w3.org/ns/prov#wasAttributedTo> ?a }} }}"
        )
        opened.publish("edited")
    assert "names its author" in str(validate(store))
