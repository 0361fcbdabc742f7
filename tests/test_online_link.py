"""Linking online, against a stand-in on this machine: what is decided, how it is kept, and where a run goes on."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.link.candidates import WIKIDATA
from kg.online.cache import Cache
from kg.online.client import Stopped
from kg.online.link import link_online, open_questions, preview
from kg.online.reconciliation import Reconciliation
from kg.state import State
from kg.store import Store
from kg.validate import validate
from kg.vocabulary import EntityType
from tests.online_world import (
    BASE,
    CONTACT,
    MODEL,
    Asking,
    articles,
    command,
    dump,
    make_store,
    mention,
    rebuild,
    record,
    until,
)
from tests.wikidata_standin import Fault, StandIn

pytest_plugins = ["tests.online_fixtures"]


# ---------------------------------------------------------------- what is decided


def test_names_are_linked_and_everything_considered_is_in_the_graph(
    standin: StandIn, cache: Cache, tmp_path: Path
) -> None:
    store = make_store(tmp_path / "s")
    report = Asking(cache).link(store, standin)
    assert report.exact == ["organisation/harbour-relief-agency", "person/mira-tolland", "place/lindow"]
    assert (report.close, report.none) == ([], ["organisation/lindow-gazette", "person/odo-varnek"])
    assert (report.left, report.failed, report.stopped) == (0, {}, "")
    graph = dump(store)
    entity = f"<{BASE}person/mira-tolland>"
    node = f"<{BASE}person/mira-tolland#candidate-Q900001>"
    for line in (
        f"{entity} <http://www.w3.org/2004/02/skos/core#exactMatch> <{WIKIDATA}Q900001>",
        f"{node} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/newskg/ontology#Candidate>",
        f"{node} <https://w3id.org/newskg/ontology#source> {entity}",
        f"{node} <https://w3id.org/newskg/ontology#target> <{WIKIDATA}Q900001>",
        f'{node} <https://w3id.org/newskg/ontology#method> "wbsearchentities"',
        f"{node} <https://w3id.org/newskg/ontology#linkProperty> <http://www.w3.org/2004/02/skos/core#exactMatch>",
        f"<{BASE}person/mira-tolland#candidate-Q900002> <https://w3id.org/newskg/ontology#target> <{WIKIDATA}Q900002>",
        f"<{BASE}person/mira-tolland#candidate-none> <https://w3id.org/newskg/ontology#target> <https://w3id.org/newskg/ontology#NoMatch>",
    ):
        assert line in graph, line
    assert "Q900003" not in graph  # a family name is nobody
    assert "owl#sameAs" not in graph
    assert graph.count("exactMatch> <http://www.wikidata.org/") == 4  # with the one of the records
    assert validate(store).conforms


def test_of_two_namesakes_without_context_none_is_chosen(standin: StandIn, cache: Cache, tmp_path: Path) -> None:
    text = "Mira Tolland was there."
    one = record("x", text, (mention(text, "Mira Tolland", "person/mira-tolland"),))
    standin.items["Q900001"]["sitelinks"] = []
    store = make_store(tmp_path / "s", [one])
    assert Asking(cache).link(store, standin).none == ["person/mira-tolland"]
    graph = dump(store)
    assert "exactMatch" not in graph
    assert "closeMatch" not in graph
    assert graph.count("#score>") == 3  # two namesakes and "no match" are kept


def test_choices_survive_rebuilds_and_vanish_with_the_entity(standin: StandIn, cache: Cache, tmp_path: Path) -> None:
    store = make_store(tmp_path / "s")
    Asking(cache).link(store, standin)
    before = dump(store)
    again = [replace(articles()[0], title="Another title"), articles()[1]]
    with Store.open(store) as opened, State(store) as state:
        state.put((r.id + "'", r) for r in again)
        rebuild(opened, state)
    assert dump(store) == before
    with Store.open(store) as opened, State(store) as state:
        state.drop(["2"])
        rebuild(opened, state)
        assert "person/odo-varnek" not in state.links()
        assert "person/mira-tolland" in state.links()
        state.drop(["1"])
        rebuild(opened, state)
        assert state.links() == {}
    assert "Candidate" not in dump(store)


def test_the_graph_depends_on_records_and_choices_alone(standin: StandIn, tmp_path: Path) -> None:
    dumps = []
    for name in ("a", "b"):
        kept = Cache(tmp_path / name / "cache.sqlite")
        store = make_store(tmp_path / f"store-{name}", articles() if name == "a" else articles()[::-1])
        Asking(kept).link(store, standin)
        kept.close()
        dumps.append(dump(store))
    assert dumps[0] == dumps[1]


def test_a_link_of_the_records_is_never_overridden(standin: StandIn, cache: Cache, tmp_path: Path) -> None:
    store = make_store(tmp_path / "s")
    Asking(cache).link(store, standin)
    sure = [
        replace(
            r, entities=tuple(replace(m, wikidata="Q777") if m.id == "person/mira-tolland" else m for m in r.entities)
        )
        for r in articles()
    ]
    with Store.open(store) as opened, State(store) as state:
        state.put((r.id + "'", r) for r in sure)
        rebuild(opened, state)
        assert "person/mira-tolland" not in {o.question.id for o in open_questions(opened, state, service=standin.api)}
    graph = dump(store)
    assert f"<{BASE}person/mira-tolland> <http://www.w3.org/2004/02/skos/core#exactMatch> <{WIKIDATA}Q777>" in graph
    assert "Q900001" not in graph


def test_the_most_mentioned_come_first_and_bare_surnames_never(standin: StandIn, tmp_path: Path) -> None:
    store = make_store(tmp_path / "s")
    names = [(o.mentions, o.question.id) for o in preview(store, service=standin.api)]
    assert names == [
        (2, "organisation/harbour-relief-agency"),
        (2, "person/mira-tolland"),
        (1, "organisation/lindow-gazette"),
        (1, "person/odo-varnek"),
        (1, "place/lindow"),
    ]
    assert [o.question.id for o in preview(store, service=standin.api, kind=EntityType.PERSON, limit=1)] == [
        "person/mira-tolland"
    ]
    assert standin.requests == []


def test_what_was_asked_is_asked_again_only_when_something_is_new(
    standin: StandIn, cache: Cache, tmp_path: Path
) -> None:
    store = make_store(tmp_path / "s")
    Asking(cache).link(store, standin)
    assert preview(store, service=standin.api) == []
    assert Asking(cache).link(store, standin).calls == 0
    text = "Odo Varnek, the diver, came back."
    more = record("3", text, (mention(text, "Odo Varnek", "person/odo-varnek"),))
    with Store.open(store) as opened, State(store) as state:
        state.put([("3", more)])
        rebuild(opened, state)
    assert [o.question.id for o in preview(store, service=standin.api)] == ["person/odo-varnek"]
    assert Asking(cache).link(store, standin).calls == 0  # the same name: the cache knows


def test_a_place_is_found_by_its_geonames_id(standin: StandIn, cache: Cache, tmp_path: Path) -> None:
    text = "It rained in Lindow."
    one = record("x", text, (mention(text, "Lindow", "place/lindow", geonames=4711, lat=10.0, lon=20.0),))
    store = make_store(tmp_path / "s", [one])
    assert Asking(cache).link(store, standin).exact == ["place/lindow"]
    assert "haswbstatement P1566" in dump(store)
    assert standin.of("wbsearchentities") == []


# ---------------------------------------------------------------- runs that end early


def test_a_host_that_is_not_there_ends_the_run(tmp_path: Path, cache: Cache) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/w/api.php"
    store = make_store(tmp_path / "s")
    report = link_online(store, Asking(cache).client, api=address, query_service="", model=MODEL)
    assert "cannot be reached" in report.stopped
    assert (report.calls, report.left) == (3, 5)


def test_one_thing_that_fails_is_left_for_another_run(standin: StandIn, cache: Cache, tmp_path: Path) -> None:
    standin.faults = [Fault("404", "/w/api.php")]
    store = make_store(tmp_path / "s")
    report = Asking(cache).link(store, standin)
    assert list(report.failed) == ["organisation/harbour-relief-agency"]
    assert (len(report.exact), report.left) == (2, 1)
    assert Asking(cache).link(store, standin).exact == ["organisation/harbour-relief-agency"]


def test_without_the_query_service_nothing_is_exact_that_needs_it(
    standin: StandIn, cache: Cache, tmp_path: Path
) -> None:
    standin.faults = [Fault("500", "/sparql", times=1000)]
    store = make_store(tmp_path / "s")
    report = Asking(cache).link(store, standin)
    assert report.exact == ["person/mira-tolland"]  # a human is one by its own statement
    assert "organisation/harbour-relief-agency" in report.close
    standin.faults = []
    assert "organisation/harbour-relief-agency" in Asking(cache).link(store, standin).exact


def test_the_cap_on_calls_ends_a_run_that_goes_on_from_there(standin: StandIn, cache: Cache, tmp_path: Path) -> None:
    store = make_store(tmp_path / "s")
    decided: set[str] = set()
    for _ in range(10):
        report = Asking(cache, max_calls=3).link(store, standin)
        assert report.calls <= 3
        decided |= {*report.exact, *report.close, *report.none}
        if not report.stopped:
            break
        assert "max_calls" in report.stopped
    assert len(decided) == 5
    asked = [(r.path, tuple(sorted(r.params.items()))) for r in standin.requests]
    assert len(asked) == len(set(asked))
    other = make_store(tmp_path / "other")
    Asking(cache).link(other, standin)
    assert dump(store) == dump(other)


def test_a_killed_run_goes_on_without_asking_twice(standin: StandIn, tmp_path: Path) -> None:
    store = make_store(tmp_path / "s")
    standin.delay = 0.4
    process = subprocess.Popen(command(store, standin, tmp_path / "c"), stderr=subprocess.DEVNULL)
    until(lambda: len(standin.requests) == 3)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    standin.delay = 0.0
    before = len(standin.requests)
    done = subprocess.run(command(store, standin, tmp_path / "c"), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "3 exact matches, 0 close matches, 2 without a match; 0 left" in done.stderr
    first = [r.params.get("search") for r in standin.requests[:before]]
    second = [r.params.get("search") for r in standin.requests[before:] if r.params.get("search")]
    assert not set(first[:-1]) & set(second)  # the last one was under way when the run was killed


# ---------------------------------------------------------------- reconciliation services


def test_a_service_over_wikidata_gives_candidates_that_we_compare(
    standin: StandIn, cache: Cache, tmp_path: Path
) -> None:
    store = make_store(tmp_path / "s")
    report = Asking(cache).link(store, standin, service=standin.reconcile)
    assert report.exact == ["organisation/harbour-relief-agency", "person/mira-tolland", "place/lindow"]
    assert f'"reconciliation {standin.reconcile}"' in dump(store)
    assert standin.of("wbsearchentities") == []
    queries = json.loads(standin.of("/en/api")[1].params["queries"])
    assert queries["q1"] == {"query": "Mira Tolland", "limit": 10, "type": "Q5", "type_strict": "should"}


def test_a_service_over_another_authority(standin: StandIn, cache: Cache, tmp_path: Path) -> None:
    standin.space = "https://authority.example/id/"
    store = make_store(tmp_path / "s")
    report = Asking(cache).link(store, standin, service=standin.reconcile)
    assert (report.exact, report.close, len(report.none)) == ([], [], 5)  # a person has to decide
    assert "<https://authority.example/id/Q900010>" in dump(store)
    assert standin.of("wbgetentities") == []
    assert validate(store).conforms


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ('{"name": "x"}', "identifierSpace"),
        ('{"versions": ["1.0"], "identifierSpace": "http://x.example/"}', "versions 1.0"),
        ('{"identifierSpace": "javascript:1"}', "identifierSpace"),
        ("nothing", "gives no manifest"),
    ],
)
def test_what_is_no_reconciliation_service_is_named(standin: StandIn, raw: str, words: str) -> None:
    standin.faults = [Fault("raw", times=10, value=raw)]
    with pytest.raises(Stopped, match=words):
        _ = Reconciliation(Asking().client, standin.reconcile).space


def test_a_service_that_answers_badly_is_given_up(standin: StandIn, cache: Cache, tmp_path: Path) -> None:
    store = make_store(tmp_path / "s")
    assert Reconciliation(Asking(cache).client, standin.reconcile).is_wikidata
    standin.faults = [Fault("raw", "/en/api", param="queries", times=100, value='{"q0": {"result": 5}}')]
    report = Asking(cache).link(store, standin, service=standin.reconcile)
    assert (report.exact, report.left, len(report.failed)) == ([], 5, 5)
    standin.faults = [Fault("429", "/en/api", times=2, value="3")]
    again = Asking(cache)
    assert len(again.link(store, standin, service=standin.reconcile).exact) == 3
    assert again.waits == [3.0, 3.0]


# ---------------------------------------------------------------- the command


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    opened: list[Any] = []

    def refuse(*arguments: Any, **more: Any) -> Any:
        opened.append(arguments)
        raise AssertionError("a socket was opened")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    return opened


@pytest.mark.parametrize(
    "more",
    [[], ["--dry-run"], ["--dry-run", "--online", "--contact", CONTACT], ["--service", "http://127.0.0.1:9/api"]],
)
def test_nothing_is_asked_without_online(no_network: list[Any], tmp_path: Path, more: list[str]) -> None:
    store = make_store(tmp_path / "s")
    before = dump(store)
    done = CliRunner().invoke(main, ["link", "--store", str(store), *more], env={"NEWSKG_CONTACT": CONTACT})
    if "--dry-run" in more:
        assert done.exit_code == 0
        assert "2\tperson/mira-tolland\tMira Tolland" in done.stdout
    else:
        assert done.exit_code == 2
        assert "only with --online" in done.stderr
    assert no_network == []
    assert dump(store) == before


def run(store: Path, standin: StandIn, cache: Path, *more: str) -> Any:
    return CliRunner().invoke(main, command(store, standin, cache, *more)[3:])


def test_the_command_says_what_it_did(standin: StandIn, tmp_path: Path) -> None:
    store = make_store(tmp_path / "s")
    done = run(store, standin, tmp_path / "c", "--limit", "1", "--type", "person")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "1 exact matches, 0 close matches, 0 without a match; 0 left; 3 calls; snapshot 2-" in done.stderr
    done = run(store, standin, tmp_path / "c", "--max-calls", "2")
    assert done.exit_code in (1, 3)
    assert "max_calls" in done.stderr
    done = run(store, standin, tmp_path / "c")
    assert done.exit_code == 0


def test_a_run_that_decides_nothing_has_failed(standin: StandIn, tmp_path: Path) -> None:
    store = make_store(tmp_path / "s")
    standin.faults = [Fault("raw", times=100, value="no JSON")]
    assert run(store, standin, tmp_path / "c", "--limit", "1").exit_code == 1


def test_the_command_needs_a_contact(standin: StandIn, tmp_path: Path) -> None:
    store = make_store(tmp_path / "s")
    done = CliRunner().invoke(main, ["link", "--store", str(store), "--online", "--wikidata-api", standin.api])
    assert done.exit_code == 1
    assert "NEWSKG_CONTACT" in done.stderr
    assert standin.requests == []
