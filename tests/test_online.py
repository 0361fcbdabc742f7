"""Linking online, against a stand-in on this machine: what is decided, how it is kept, and what every failure leads to."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kg.build import Report as BuildReport
from kg.build import publish
from kg.cli import main
from kg.errors import OnlineError
from kg.export import export
from kg.link.candidates import WIKIDATA
from kg.online.cache import Cache, cache_path, request_key
from kg.online.client import Client, Garbled, Stopped, retry_after
from kg.online.link import Report, link_online, open_questions, preview
from kg.online.reconciliation import Reconciliation
from kg.online.score import Question, choose, kilometres, name_score, score_item, score_suggestion, stems
from kg.online.score import candidate as as_candidate
from kg.online.wikidata import Found, Item, Wikidata
from kg.records import Extraction, Mention, Position
from kg.settings import BY_NAME
from kg.state import State
from kg.store import Store, reading
from kg.validate import validate
from kg.vocabulary import EntityType
from tests.wikidata_standin import Fault, StandIn, claim, item, point, serving

MODEL = BY_NAME["model"].default
BASE = "http://example.org/news/"
CONTACT = "someone@example.org"


# ---------------------------------------------------------------- a world of its own


def world() -> StandIn:
    """Two people of one name, a town twice, an agency, and what surrounds them."""
    standin = StandIn()
    for one in (
        item("Q900001", "Mira Tolland", "Norlandian politician", links=40, P31=["Q5"], P27=["Q900100"], P39=["Q900300"]),
        item("Q900002", "Mira Tolland", "Vesterian painter", links=4, P31=["Q5"], P27=["Q900101"]),
        item("Q900003", "Mira Tolland", "family name", P31=["Q101352"]),
        item("Q900010", "Harbour Relief Agency", "aid organisation in Norland", ("HRA",), links=12, P31=["Q900200"], P17=["Q900100"]),
        item("Q900020", "Lindow", "town in Norland", links=20, P31=["Q900201"], P17=["Q900100"], P625=[point(10.0, 20.0)], P1566=["4711"]),
        item("Q900021", "Lindow", "crater on another world", P31=["Q900201"], P625=[point(10.0, 20.0, "Q111")]),
        item("Q900022", "Lindow", "village in Vesteria", links=2, P31=["Q900201"], P17=["Q900101"], P625=[point(-40.0, 100.0)]),
        item("Q900030", "Lindow Gazette", "weekly paper", P31=["Q11032"], P159=[claim("P159", None, snaktype="somevalue")]),
    ):
        standin.items[one["id"]] = one
    standin.parents = {"Q900200": ("Q43229",), "Q900201": ("Q900202",), "Q900202": ("Q27096213",), "Q11032": (), "Q5": ()}
    return standin


def mention(text: str, name: str, id: str, **more: Any) -> Mention:
    start = text.index(name)
    return Mention(start=start, end=start + len(name), type=EntityType(id.partition("/")[0]), name=name, id=id, **more)


def articles() -> list[Extraction]:
    one = "Norland's minister of harbours, Mira Tolland, a politician of long standing, met the Harbour Relief Agency in Lindow."
    two = "Mira Tolland thanked the Harbour Relief Agency. Nobody knew Odo Varnek of Norland. Tolland left."
    norland = {"wikidata": "Q900100", "lat": 10.5, "lon": 20.5}
    first = (
        mention(one, "Norland", "place/norland", **norland),
        mention(one, "Mira Tolland", "person/mira-tolland"),
        mention(one, "Harbour Relief Agency", "organisation/harbour-relief-agency"),
        mention(one, "Lindow", "place/lindow"),
    )
    second = (
        mention(two, "Mira Tolland", "person/mira-tolland"),
        mention(two, "Harbour Relief Agency", "organisation/harbour-relief-agency"),
        mention(two, "Odo Varnek", "person/odo-varnek"),
        mention(two, "Norland", "place/norland", **norland),
        replace(mention(two, "Tolland left", "person/tolland-in-2"), end=two.index("Tolland left") + 7, name="Tolland"),
    )
    held = (Position(holder="person/mira-tolland", title="minister of harbours", evidence=(0, len(one))),)
    return [
        record("1", one, first, positions=held, publisher="Lindow Gazette"),
        record("2", two, second, sentences=((0, 47), (48, 82), (83, len(two)))),
    ]


def record(id: str, text: str, entities: tuple[Mention, ...], **more: Any) -> Extraction:
    given = {"source": f"{id}.txt", "sha256": hashlib.sha256(text.encode()).hexdigest(), "sentences": ((0, len(text)),)} | more
    return Extraction(id=id, text=text, entities=entities, **given)


def make_store(folder: Path, records: list[Extraction] | None = None) -> Path:
    with Store.open(folder, base=BASE, create=True) as store, State(folder) as state:
        state.put((r.id, r) for r in (articles() if records is None else records))
        rebuild(store, state)
    return folder


def rebuild(store: Store, state: State) -> None:
    publish(store, state, BuildReport(), "build", datetime.now(UTC), MODEL, lambda stage, count: None)


def dump(folder: Path) -> str:
    """The graph of entities, sorted."""
    with reading(folder) as (database, _):
        output = io.BytesIO()
        export(database, "nquads", output, BASE + "graph/entities")
    return output.getvalue().decode()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def standin() -> Iterator[StandIn]:
    with serving(world()) as standin:
        yield standin


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    kept = Cache(tmp_path / "cache" / "online.sqlite")
    yield kept
    kept.close()


class Asking:
    """A client that notes its waits and does not wait."""

    def __init__(self, cache: Cache | None = None, max_calls: int = 1000, timeout: float = 2.0) -> None:
        self.waits: list[float] = []
        self.client = Client(CONTACT, cache, max_calls, timeout=timeout, sleep=self.waits.append)

    def wikidata(self, standin: StandIn) -> Wikidata:
        return Wikidata(self.client, standin.api, standin.sparql)

    def link(self, store: Path, standin: StandIn, **more: Any) -> Report:
        return link_online(store, self.client, **({"api": standin.api, "query_service": standin.sparql, "model": MODEL} | more))


# ---------------------------------------------------------------- what is decided


def test_names_are_linked_and_everything_considered_is_in_the_graph(standin: StandIn, cache: Cache, tmp_path: Path) -> None:
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
    assert "Q900003" not in graph       # a family name is nobody
    assert "owl#sameAs" not in graph
    assert graph.count("exactMatch> <http://www.wikidata.org/") == 4        # with the one of the records
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
    assert graph.count("#score>") == 3        # two namesakes and "no match" are kept


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
    sure = [replace(r, entities=tuple(replace(m, wikidata="Q777") if m.id == "person/mira-tolland" else m for m in r.entities)) for r in articles()]
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
    assert names == [(2, "organisation/harbour-relief-agency"), (2, "person/mira-tolland"), (1, "organisation/lindow-gazette"),
                     (1, "person/odo-varnek"), (1, "place/lindow")]
    assert [o.question.id for o in preview(store, service=standin.api, kind=EntityType.PERSON, limit=1)] == ["person/mira-tolland"]
    assert standin.requests == []


def test_what_was_asked_is_asked_again_only_when_something_is_new(standin: StandIn, cache: Cache, tmp_path: Path) -> None:
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
    assert Asking(cache).link(store, standin).calls == 0        # the same name: the cache knows


def test_a_place_is_found_by_its_geonames_id(standin: StandIn, cache: Cache, tmp_path: Path) -> None:
    text = "It rained in Lindow."
    one = record("x", text, (mention(text, "Lindow", "place/lindow", geonames=4711, lat=10.0, lon=20.0),))
    store = make_store(tmp_path / "s", [one])
    assert Asking(cache).link(store, standin).exact == ["place/lindow"]
    assert "haswbstatement P1566" in dump(store)
    assert standin.of("wbsearchentities") == []


# ---------------------------------------------------------------- scores


def question(label: str, type: EntityType = EntityType.PERSON, **more: Any) -> Question:
    return Question(id=f"{type}/x", type=type, label=label, **more)


PERSON = frozenset({"person"})


def test_evidence_raises_the_score_and_a_wrong_type_ruins_it() -> None:
    asked = question("Mira Tolland", words=stems("the Norlandian politician"), company=frozenset({"Q1"}))
    plain = Item("Q2", "Mira Tolland")
    better = replace(plain, description="Norlandian politician")
    best = replace(better, countries=("Q1",), related=frozenset({"Q1"}))
    scores = [score_item(asked, i, PERSON).score for i in (plain, better, best)]
    assert scores == sorted(scores)
    assert len(set(scores)) == 3
    assert score_item(asked, best, frozenset({"place"})).score < scores[0]
    assert scores[0] > score_item(asked, plain, None).score
    assert all(0 <= s <= 1 for s in scores)


@pytest.mark.parametrize(
    ("label", "aliases", "least", "most"),
    [("Mira Tolland", (), 1.0, 1.0), ("Someone Else", ("Mira Tolland",), 0.9, 0.96), ("MIRA TOLLAND", (), 0.95, 0.99),
     ("Mira Tolland Bridge", (), 0.4, 0.8), ("Odo Varnek", (), 0.0, 0.5), ("", (), 0.0, 0.0)],
)
def test_how_well_a_name_agrees(label: str, aliases: tuple[str, ...], least: float, most: float) -> None:
    assert least <= name_score(question("Mira Tolland", names=("Tolland",)), label, aliases)[0] <= most


def test_a_surname_among_the_names_is_no_evidence() -> None:
    assert name_score(question("Mira Tolland", names=("Tolland",)), "Tolland", ())[0] < 0.7


def test_capitals_count_in_short_names() -> None:
    assert name_score(question("WHO", EntityType.ORGANISATION), "Who", ())[0] < 0.87


def test_no_exact_match_without_evidence_type_and_distance() -> None:
    asked = question("Mira Tolland", words=stems("politician"))
    good = Item("Q2", "Mira Tolland", description="politician", links=100)

    def chosen(*items: Item, types: frozenset[str] | None = PERSON, **more: Any) -> str | None:
        scored = [(i, score_item(more.get("asked", asked), i, types)) for i in items]
        return choose([(as_candidate(i, s, "m"), s) for i, s in scored], "d", "x", more=more.get("crowded", False)).property

    assert chosen(good) == "exactMatch"
    assert chosen(good, types=None) != "exactMatch"
    assert chosen(good, types=frozenset({"place"})) is None
    assert chosen(replace(good, description=""), asked=question("Mira Tolland")) != "exactMatch"
    assert chosen(good, replace(good, id="Q3")) is None
    assert chosen(replace(good, label="Mira Holland")) is None
    assert chosen() is None
    painter = Item("Q3", "Mira Tolland", description="painter of the sea and of fish", links=5)
    assert chosen(good, painter) == "exactMatch"
    assert chosen(good, replace(painter, links=200), asked=replace(asked, company=frozenset({"Q9"}))) != "exactMatch"


def test_a_match_is_not_lost_to_a_service_that_knows_less(standin: StandIn, cache: Cache, tmp_path: Path) -> None:
    store = make_store(tmp_path / "s")
    standin.items["Q900002"]["sitelinks"] = {f"w{n}wiki": {} for n in range(60)}
    assert Asking(cache).link(store, standin, query_service="").close
    before = dump(store)
    standin.space = "https://authority.example/id/"
    Asking(cache).link(store, standin, service=standin.reconcile)
    for line in before.splitlines():
        if "closeMatch" in line:
            assert line in dump(store)


def test_nobody_is_in_the_news_before_birth() -> None:
    asked = question("Mira Tolland", words=stems("politician"), year=2020)
    now = Item("Q1", "Mira Tolland", description="politician", born=1970)
    score = score_item(asked, now, PERSON).score
    assert score_item(asked, replace(now, born=2021), PERSON).score < score / 2
    assert score_item(asked, replace(now, born=1800, died=1850), PERSON).score < score
    assert score_item(asked, replace(now, died=2019), PERSON).score == score


def test_coordinates_speak_for_and_against() -> None:
    place = frozenset({"place"})
    asked = question("Lindow", EntityType.PLACE, lat=10.0, lon=20.0, geonames=1)
    here, there = Item("Q1", "Lindow", lat=10.05, lon=20.0), Item("Q2", "Lindow", lat=50.0, lon=20.0)
    assert score_item(asked, here, place).score > 2 * score_item(asked, there, place).score
    assert score_item(asked, replace(here, geonames=("1",)), place).score >= 0.95
    assert score_item(asked, replace(here, geonames=("2",)), place).score < 0.5
    assert kilometres(0, 0, 0, 1) == pytest.approx(111.2, abs=0.1)
    assert kilometres(0, 0, 0, 180) == pytest.approx(20015, abs=1)


# ---------------------------------------------------------------- Wikidata


def test_redirects_deleted_and_odd_items(standin: StandIn) -> None:
    standin.redirects = {"Q5000": "Q900001"}
    standin.items["Q7"] = item("Q7", "Odd", P31=[claim("P31", "Q5", "deprecated"), claim("P31", "Q6256"), claim("P31", "Q515", "preferred")],
                               P27=[claim("P27", None, snaktype="novalue")], P625=[point(1.0, 2.0)])
    found = Asking().wikidata(standin).items(["Q5000", "Q999999", "Q7", "not an id", "Q900021"])
    assert found["Q5000"] is not None
    assert found["Q5000"].id == "Q900001"
    assert found["Q999999"] is None
    assert found["Q7"] == Item("Q7", "Odd", classes=("Q515",), lat=1.0, lon=2.0)
    assert found["Q900021"] is not None
    assert found["Q900021"].lat is None         # not on Earth
    assert "not an id" not in found


def test_items_are_asked_for_fifty_at_a_time_and_once(standin: StandIn, cache: Cache) -> None:
    ids = [f"Q{n}" for n in range(1, 121)]
    asking = Asking(cache)
    assert set(asking.wikidata(standin).items(ids)) == set(ids)
    assert [len(r.params["ids"].split("|")) for r in standin.of("wbgetentities")] == [50, 50, 20]
    asking.wikidata(standin).items(ids)
    assert asking.client.calls == 3
    assert standin.most_in_flight == 1


def test_every_call_names_us_and_asks_politely(standin: StandIn) -> None:
    wikidata = Asking().wikidata(standin)
    wikidata.search("Lindow")
    wikidata.kinds(["Q900201"])
    first, second = standin.requests
    assert CONTACT in first.headers["User-Agent"]
    assert first.headers["User-Agent"].startswith("newskg/")
    assert first.headers["Accept-Encoding"] == "gzip"
    assert (first.params["maxlag"], first.params["format"]) == ("5", "json")
    assert (second.method, second.headers["Content-Type"]) == ("POST", "application/x-www-form-urlencoded")


def test_classes_by_the_query_service_by_the_table_and_not_at_all(standin: StandIn, cache: Cache) -> None:
    asking = Asking(cache)
    assert asking.wikidata(standin).kinds(["Q900201", "Q900200", "Q5", "Q900999"]) == {
        "Q900201": {"place"}, "Q900200": {"organisation"}, "Q5": {"person"}, "Q900999": frozenset()}
    asking.wikidata(standin).kinds(["Q900201", "Q5"])
    assert asking.client.calls == 1
    offline = Wikidata(asking.client, standin.api, "")
    assert offline.kinds(["Q5", "Q900777"]) == {"Q5": {"person"}, "Q900777": None}


def test_more_namesakes_than_shown_are_noticed(standin: StandIn) -> None:
    for n in range(30):
        standin.items[f"Q{n + 1}"] = item(f"Q{n + 1}", "Odo Varnek", P31=["Q5"])
    found = Asking().wikidata(standin).search("Odo Varnek")
    assert len(found.ids) == 10
    assert found.more
    assert Asking().wikidata(standin).search("Nobody At All") == Found()


@pytest.mark.parametrize("raw", ['{"entities": []}', '{"entities": {"Q900001": {"id": "Q900001", "claims": {"P31": [7]}, "labels": {"en": 3}}}}',
                                 '{"search": "no list"}', '{"search": [1, {"id": 5}, {"id": "Q1\\" } evil"}]}', "{}"])
def test_answers_of_another_shape_do_no_harm(standin: StandIn, raw: str) -> None:
    standin.faults = [Fault("raw", times=100, value=raw)]
    wikidata = Asking().wikidata(standin)
    for ask in (lambda: wikidata.search("x"), lambda: wikidata.items(["Q900001"]), lambda: wikidata.search_statement("P1566", "1"),
                lambda: wikidata.kinds(["Q900201"])):
        try:
            answer: Any = ask()
        except OnlineError:
            continue
        if isinstance(answer, Found):
            assert answer == Found()
        elif answer.get("Q900001"):
            assert answer["Q900001"] == Item("Q900001")


# ---------------------------------------------------------------- failures


@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        (Fault("429", value="7"), [7.0]),
        (Fault("429"), [60.0]),
        (Fault("429", value="0"), [1.0]),
        (Fault("maxlag"), [5.0]),
        (Fault("maxlag", value="9"), [9.0]),
        (Fault("api error", value="ratelimited"), [5.0]),
        (Fault("api error", value="readonly"), [5.0]),
    ],
    ids=str,
)
def test_it_waits_as_long_as_it_is_told(standin: StandIn, fault: Fault, waits: list[float]) -> None:
    standin.faults = [fault]
    asking = Asking()
    assert asking.wikidata(standin).search("Lindow").ids
    assert asking.waits == waits
    assert len(standin.requests) == 2


def test_a_date_in_retry_after_is_obeyed(standin: StandIn) -> None:
    standin.faults = [Fault("429 date", value="20")]
    asking = Asking()
    asking.wikidata(standin).search("Lindow")
    assert 17 <= asking.waits[0] <= 20
    assert retry_after("soon") is None
    assert retry_after("-5") is None
    assert retry_after("inf") is None
    assert retry_after("Thu, 01 Jan 1970 00:00:00 GMT") == 0


@pytest.mark.parametrize("kind", ["html 503", "500", "garbage", "list", "html 200", "short json", "truncated", "truncated gzip", "hang up"])
def test_passing_trouble_is_survived_with_growing_waits(standin: StandIn, kind: str) -> None:
    standin.faults = [Fault(kind)]
    asking = Asking()
    assert asking.wikidata(standin).search("Lindow").ids
    assert len(asking.waits) == 1
    assert 1.0 <= asking.waits[0] <= 1.25


def test_waits_double(standin: StandIn) -> None:
    standin.faults = [Fault("500", times=2)]
    asking = Asking()
    asking.wikidata(standin).search("Lindow")
    assert len(asking.waits) == 2
    assert asking.waits[1] > 1.5 * asking.waits[0]


@pytest.mark.parametrize(
    ("kind", "error", "attempts"),
    [("429", OnlineError, 5), ("maxlag", OnlineError, 5), ("500", Garbled, 3), ("html 503", OnlineError, 3), ("garbage", Garbled, 2),
     ("bomb", Garbled, 2), ("404", OnlineError, 1), ("banned", Stopped, 1), ("hang up", Garbled, 3)],
)
def test_lasting_trouble_is_given_up(standin: StandIn, kind: str, error: type[OnlineError], attempts: int) -> None:
    standin.faults = [Fault(kind, times=100, value="1" if kind == "429" else "")]
    with pytest.raises(error):
        Asking().wikidata(standin).search("Lindow")
    assert len(standin.requests) == attempts


def test_other_errors_of_the_api_are_told_and_not_repeated(standin: StandIn) -> None:
    standin.faults = [Fault("api error", value="badvalue")]
    with pytest.raises(OnlineError, match="badvalue: Something about it"):
        Asking().wikidata(standin).search("Lindow")
    assert len(standin.requests) == 1


def test_an_hour_is_not_waited_for(standin: StandIn) -> None:
    standin.faults = [Fault("429", value="3600")]
    asking = Asking()
    with pytest.raises(Stopped, match="3600 s"):
        asking.wikidata(standin).search("Lindow")
    assert asking.waits == []


@pytest.mark.parametrize(("kind", "value"), [("slow", "1.0"), ("drip", "0.05")])
def test_slow_answers_are_given_up(standin: StandIn, kind: str, value: str) -> None:
    standin.faults = [Fault(kind, times=100, value=value)]
    began = time.monotonic()
    with pytest.raises(OnlineError, match="gave no answer in time"):
        Asking(timeout=0.2).wikidata(standin).search("Lindow")
    assert time.monotonic() - began < 8


def test_compressed_answers_are_read(standin: StandIn) -> None:
    standin.faults = [Fault("gzip")]
    assert Asking().wikidata(standin).search("Lindow").ids


def test_redirects_are_followed_within_the_host_only(standin: StandIn) -> None:
    standin.faults = [Fault("redirect", value=standin.api + "?action=wbsearchentities&search=Lindow")]
    assert Asking().wikidata(standin).search("Lindow").ids
    for elsewhere in ("http://other.example/w/api.php", "http://127.0.0.1:9/", "file:///etc/hostname"):
        standin.faults = [Fault("redirect", value=elsewhere)]
        with pytest.raises(Stopped, match="redirects to another host"):
            Asking().wikidata(standin).search("Lindow")
    standin.faults = [Fault("redirect", times=100, value=standin.api)]
    with pytest.raises(Stopped, match="redirects"):
        Asking().wikidata(standin).search("Lindow")


@pytest.mark.parametrize("address", ["file:///etc/hostname", "ftp://example.org/x", "no address", ""])
def test_only_web_addresses_are_asked(address: str) -> None:
    with pytest.raises(Stopped):
        Asking().client.get(address, {})


def test_a_host_that_is_not_there_ends_the_run(tmp_path: Path, cache: Cache) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/w/api.php"
    store = make_store(tmp_path / "s")
    report = link_online(store, Asking(cache).client, api=address, query_service="", model=MODEL)
    assert "cannot be reached" in report.stopped
    assert (report.calls, report.left) == (3, 5)


@pytest.mark.parametrize("contact", ["", "  ", "me\r\nX-Evil: 1", "mé@example.org"])
def test_nobody_is_asked_without_a_contact(contact: str) -> None:
    with pytest.raises(OnlineError, match="NEWSKG_CONTACT"):
        Client(contact)


def test_a_batch_that_cannot_be_read_is_halved(standin: StandIn) -> None:
    standin.faults = [Fault("short json", times=2)]
    assert set(Asking().wikidata(standin).items([f"Q{n}" for n in range(1, 9)])) == {f"Q{n}" for n in range(1, 9)}
    assert [len(r.params["ids"].split("|")) for r in standin.requests] == [8, 8, 4, 4]


def test_one_thing_that_fails_is_left_for_another_run(standin: StandIn, cache: Cache, tmp_path: Path) -> None:
    standin.faults = [Fault("404", "/w/api.php")]
    store = make_store(tmp_path / "s")
    report = Asking(cache).link(store, standin)
    assert list(report.failed) == ["organisation/harbour-relief-agency"]
    assert (len(report.exact), report.left) == (2, 1)
    assert Asking(cache).link(store, standin).exact == ["organisation/harbour-relief-agency"]


def test_without_the_query_service_nothing_is_exact_that_needs_it(standin: StandIn, cache: Cache, tmp_path: Path) -> None:
    standin.faults = [Fault("500", "/sparql", times=1000)]
    store = make_store(tmp_path / "s")
    report = Asking(cache).link(store, standin)
    assert report.exact == ["person/mira-tolland"]      # a human is one by its own statement
    assert "organisation/harbour-relief-agency" in report.close
    standin.faults = []
    assert "organisation/harbour-relief-agency" in Asking(cache).link(store, standin).exact


# ---------------------------------------------------------------- calls, cache, resuming


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


def test_the_cache_keys_requests_in_any_order_and_forgets_in_time(tmp_path: Path) -> None:
    assert request_key("GET", "u", {"a": "1", "b": "2"}) == request_key("GET", "u", {"b": "2", "a": "1"})
    assert len({request_key("GET", "u", {}), request_key("POST", "u", {}), request_key("GET", "v", {}), request_key("GET", "u", {"a": "1"})}) == 4
    now = [1000.0]
    kept = Cache(tmp_path / "c.sqlite", max_age=60, clock=lambda: now[0])
    kept.put("k", {"a": "é"})
    assert kept.get("k") == {"a": "é"}
    now[0] += 61
    assert kept.get("k") is None
    kept.close()


def test_a_cache_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "c.sqlite").write_bytes(b"this is no database, " * 100)
    with pytest.raises(OnlineError, match="--cache"):
        Cache(tmp_path / "c.sqlite")
    assert cache_path(str(tmp_path)).parent == tmp_path


def test_errors_are_not_kept(standin: StandIn, cache: Cache) -> None:
    standin.faults = [Fault("api error", value="badvalue")]
    asking = Asking(cache)
    with pytest.raises(OnlineError):
        asking.wikidata(standin).search("Lindow")
    assert asking.wikidata(standin).search("Lindow").ids


def command(store: Path, standin: StandIn, cache: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "kg", "link", "--store", str(store), "--online", "--contact", CONTACT, "--wikidata-api", standin.api,
            "--query-service", standin.sparql, "--cache", str(cache), *more]


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


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
    assert not set(first[:-1]) & set(second)        # the last one was under way when the run was killed


# ---------------------------------------------------------------- reconciliation services


def test_a_service_over_wikidata_gives_candidates_that_we_compare(standin: StandIn, cache: Cache, tmp_path: Path) -> None:
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
    assert (report.exact, report.close, len(report.none)) == ([], [], 5)        # a person has to decide
    assert "<https://authority.example/id/Q900010>" in dump(store)
    assert standin.of("wbgetentities") == []
    assert validate(store).conforms


@pytest.mark.parametrize(
    ("raw", "words"),
    [('{"name": "x"}', "identifierSpace"), ('{"versions": ["1.0"], "identifierSpace": "http://x.example/"}', "versions 1.0"),
     ('{"identifierSpace": "javascript:1"}', "identifierSpace"), ("nothing", "gives no manifest")],
)
def test_what_is_no_reconciliation_service_is_named(standin: StandIn, raw: str, words: str) -> None:
    standin.faults = [Fault("raw", times=10, value=raw)]
    with pytest.raises(Stopped, match=words):
        _ = Reconciliation(Asking().client, standin.reconcile).space


def test_a_service_that_answers_badly_is_given_up(standin: StandIn, cache: Cache, tmp_path: Path) -> None:
    store = make_store(tmp_path / "s")
    assert Reconciliation(Asking(cache).client, standin.reconcile).is_wikidata
    standin.faults = [Fault("raw", "/en/api", times=100, value='{"q0": {"result": 5}}')]
    report = Asking(cache).link(store, standin, service=standin.reconcile)
    assert (report.exact, report.left, len(report.failed)) == ([], 5, 5)
    standin.faults = [Fault("429", "/en/api", times=2, value="3")]
    again = Asking(cache)
    assert len(again.link(store, standin, service=standin.reconcile).exact) == 3
    assert again.waits == [3.0, 3.0]


def test_names_of_services_are_plain_text() -> None:
    from kg.online.reconciliation import _suggestions

    hits = [{"id": "x", "name": "A\u0000\ud800 b\n", "score": "high"}, {"id": 7}, "no", {"id": "y", "name": None, "score": 5, "match": "yes"}]
    found = _suggestions({"result": hits})
    assert [(s.id, s.name, s.score, s.match) for s in found] == [("y", "", 5.0, False), ("x", "A ? b", 0.0, False)]
    assert score_suggestion(question("A b"), found[0]).score == 0.0


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


@pytest.mark.parametrize("more", [[], ["--dry-run"], ["--dry-run", "--online", "--contact", CONTACT], ["--service", "http://127.0.0.1:9/api"]])
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


def test_the_command_needs_a_contact(standin: StandIn, tmp_path: Path) -> None:
    store = make_store(tmp_path / "s")
    done = CliRunner().invoke(main, ["link", "--store", str(store), "--online", "--wikidata-api", standin.api])
    assert done.exit_code == 1
    assert "NEWSKG_CONTACT" in done.stderr
    assert standin.requests == []
