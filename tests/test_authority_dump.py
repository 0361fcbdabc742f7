"""Wikidata dumps and SPARQL endpoints as sources of the authority index: read whole, in shards, after a kill, politely."""

from __future__ import annotations

import bz2
import gzip
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pyoxigraph as ox
import pytest

from kg.authority import Authority
from kg.authority.build import build
from kg.authority.classes import Kind, class_table, with_subclasses
from kg.authority.dump import Dump
from kg.authority.endpoint import Endpoint
from kg.authority.shard import Shard
from kg.errors import InputError

HUMAN, CITY, COUNTRY, BUSINESS = "Q5", "Q515", "Q6256", "Q4830453"
DISAMBIGUATION = "Q4167410"


def snak(value: Any, rank: str = "normal", kind: str = "value") -> dict[str, Any]:
    main: dict[str, Any] = {"snaktype": kind, "property": "P0"}
    if kind == "value":
        main["datavalue"] = {"value": value, "type": "x"}
    return {"mainsnak": main, "type": "statement", "rank": rank}


def item(qid: str, label: str, *classes: str, **more: Any) -> dict[str, Any]:
    ref = [snak({"entity-type": "item", "numeric-id": int(c[1:]), "id": c}) for c in classes]
    return {
        "type": "item", "id": qid, "labels": {"en": {"language": "en", "value": label}} if label else [],
        "descriptions": {"en": {"language": "en", "value": f"about {label}"}}, "aliases": [],
        "claims": {"P31": ref}, "sitelinks": {f"x{n}wiki": {} for n in range(more.pop("links", 0))},
    } | more  # fmt: skip


PERSON = item("Q7", "Ada Alton", HUMAN, links=3)
PERSON["labels"]["ar"] = {"language": "ar", "value": "آدا"}
PERSON["aliases"] = {"en": [{"language": "en", "value": "A. Alton"}, {"language": "en", "value": "Ada\tA."}]}
PERSON["claims"] |= {
    "P569": [snak({"time": "+1949-10-21T00:00:00Z", "precision": 11})],
    "P570": [snak({"time": "+2001-05-00T00:00:00Z", "precision": 10})],
    "P27": [snak({"id": "Q900"}, "deprecated"), snak(None, kind="somevalue"), snak({"id": "Q901"})],
}
PLACE = item("Q8", "Alton", "Q99999999", CITY, links=40)
PLACE["claims"] |= {
    "P625": [snak({"latitude": 51.5, "longitude": -1.25, "globe": "http://www.wikidata.org/entity/Q2"})],
    "P17": [snak({"id": "Q902"}), snak({"id": "Q901"}, "preferred")],
    "P1566": [snak("12345")],
}
CRATER = item("Q9", "Alton", CITY)
CRATER["claims"]["P625"] = [snak({"latitude": 1.0, "longitude": 2.0, "globe": "http://www.wikidata.org/entity/Q405"})]
MUL = item("Q12", "", BUSINESS, labels={"mul": {"language": "mul", "value": "Altonia"}})
ITEMS = [
    PERSON, PLACE, CRATER, MUL,
    item("Q10", "Alton", DISAMBIGUATION), item("Q11", "Blue", "Q1075"),
    item("Q13", "Alton (disambiguation)", CITY, DISAMBIGUATION),
    item("Q14", "", CITY, labels={"fr": {"language": "fr", "value": "Altonne"}}),
    *(item(f"Q{n}", f"Town {n}", CITY, links=n % 5) for n in range(100, 160)),
]  # fmt: skip


def write(path: Path, items: list[dict[str, Any]] = ITEMS) -> Path:
    text = "[\n" + ",\n".join(json.dumps(i, ensure_ascii=False, separators=(",", ":")) for i in items) + "\n]\n"
    data = text.encode()
    path.write_bytes({".gz": gzip.compress, ".bz2": bz2.compress}.get(path.suffix, bytes)(data))
    return path


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dump")
    build([Dump(write(folder / "d.json"), ["en", "ar"])], folder / "index")
    return folder / "index"


def test_entries_of_a_dump(whole: Path) -> None:
    index = Authority.open(whole)
    assert len(index) == 64
    ada = index.lookup("Ada Alton")[0].entry
    assert (ada.key, ada.qid, ada.type, ada.born, ada.died, ada.country) == (
        "Q7", "Q7", "person", "1949-10-21", "2001-05", "Q901",
    )  # fmt: skip
    assert ada.aliases == ("آدا", "A. Alton", "Ada A.")
    assert ada.description == "about Ada Alton"
    assert index.lookup("آدا")[0].entry == ada
    town, crater = (c.entry for c in index.lookup("Alton"))
    assert (town.kind, town.lat, town.lon, town.country, town.geonames, town.sitelinks) == (
        "city", 51.5, -1.25, "Q901", 12345, 40,
    )  # fmt: skip
    assert crater.lat is None  # not on Earth
    assert index.lookup("Alton")[0].prior > 0.9
    assert index.of_geonames(12345) == town
    assert [c.entry.type for c in index.lookup("Altonia")] == ["organisation"]
    assert all(index.entry(qid) is None for qid in ("Q10", "Q11", "Q13", "Q14"))
    assert index.meta["sources"][0]["licence"] == "CC0-1.0"


def test_odd_items_do_no_harm(whole: Path, tmp_path: Path) -> None:
    def odd(number: int, **claims: Any) -> dict[str, Any]:
        found = item(f"Q{number}", f"Odd {number}", CITY)
        found["claims"] |= claims
        return found

    left_out = [
        odd(501, P625=[snak({"latitude": None, "longitude": 1.0})]),
        odd(502, P569=[snak("1949")]),
        odd(503) | {"labels": {"en": {"language": "en", "value": " "}}},
        odd(504) | {"labels": {"en": {"language": "en"}}},
    ]
    kept = odd(505, P1566=[snak("1" * 30)]) | {"descriptions": [], "aliases": [], "sitelinks": []}
    build([Dump(write(tmp_path / "d.json", [*ITEMS, *left_out, kept]), ["en", "ar"])], tmp_path / "index")
    index = Authority.open(tmp_path / "index")
    assert len(index) == len(Authority.open(whole)) + 1
    entry = index.entry("Q505")
    assert entry is not None
    assert entry.geonames is None


@pytest.mark.parametrize("name", ["d.json.gz", "d.json.bz2"])
def test_compressed_and_in_another_order_it_is_the_same(name: str, whole: Path, tmp_path: Path) -> None:
    build([Dump(write(tmp_path / name, ITEMS[::-1]), ["en", "ar"])], tmp_path / "index", limit=2000)
    assert bytes_of(tmp_path / "index") == bytes_of(whole)


def test_shards_make_the_same_index(whole: Path, tmp_path: Path) -> None:
    dump = write(tmp_path / "d.json.gz")
    for n in (3, 1, 2):
        build([Dump(dump, ["en", "ar"], (n, 3))], tmp_path / f"s{n}", shard=(n, 3))
    build([Shard(tmp_path / f"s{n}") for n in (2, 3, 1)], tmp_path / "index")
    assert bytes_of(tmp_path / "index") == bytes_of(whole)


KILLED = """
import os, signal, sys
from pathlib import Path
from kg.authority.build import build
from kg.authority.dump import Dump

class Fatal(Dump):
    def entries(self, position):
        for count, found in enumerate(super().entries(position)):
            if count == 40:
                os.kill(os.getpid(), signal.SIGKILL)
            yield found

build([Fatal(Path(sys.argv[1]), ["en", "ar"])], Path(sys.argv[2]), limit=3000)
"""


@pytest.mark.parametrize("name", ["d.json", "d.json.gz"])
def test_a_killed_build_goes_on(name: str, whole: Path, tmp_path: Path) -> None:
    dump, folder = write(tmp_path / name), tmp_path / "index"
    killed = subprocess.run([sys.executable, "-c", KILLED, str(dump), str(folder)])
    assert killed.returncode == -signal.SIGKILL
    assert not folder.exists()
    seen = []

    class Counted(Dump):
        def entries(self, position: Any) -> Iterator[Any]:
            for found in super().entries(position):
                seen.append(found[1].key)
                yield found

    build([Counted(dump, ["en", "ar"])], folder, limit=3000)
    assert 0 < len(seen) < 64
    assert "Q7" not in seen
    assert bytes_of(folder) == bytes_of(whole)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("index")] == ["index"]


def test_a_changed_dump_begins_again(tmp_path: Path) -> None:
    dump, folder = write(tmp_path / "d.json"), tmp_path / "index"
    subprocess.run([sys.executable, "-c", KILLED, str(dump), str(folder)])
    build([Dump(write(dump, ITEMS[:2]), ["en", "ar"])], folder)
    assert len(Authority.open(folder)) == 2


def test_subclasses_are_followed_where_asked(tmp_path: Path) -> None:
    above = {"P279": [snak({"id": CITY})]}
    tree = [item("Q50", "spa town", claims=above), item("Q51", "royal spa", claims={"P279": [snak({"id": "Q50"})]})]
    dump = write(tmp_path / "d.json", [item("Q60", "Bath Alton", "Q51"), item("Q61", "Plain", CITY), *tree])
    build([Dump(dump)], tmp_path / "direct")
    build([Dump(dump, subclasses=True)], tmp_path / "closure")
    assert Authority.open(tmp_path / "direct").entry("Q60") is None
    entry = Authority.open(tmp_path / "closure").entry("Q60")
    assert entry is not None
    assert (entry.type, entry.kind) == ("place", "city")


def test_the_nearest_class_above_decides() -> None:
    classes = {"Q1": Kind("place", ""), "Q2": Kind("organisation", "")}
    found = with_subclasses(classes, {3: [1], 4: [3, 2], 1: [4]})
    assert found["Q3"].type == "place"
    assert found["Q4"].type == "organisation"
    assert found["Q1"].type == "place"  # a cycle changes nothing


def test_the_table_of_classes() -> None:
    found = class_table()
    assert {kind.type for kind in found.values()} == {"person", "organisation", "place", "group", "event", "left-out"}
    assert all(qid[0] == "Q" and qid[1:].isdigit() for qid in found)
    assert found[COUNTRY].kind == "country"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("d.json", b'[\n{"P31","language":"en"\n]\n', "line 2 is no Wikidata item in JSON"),
        ("d.json", b'[\n["P31","language":"en"]\n]\n', "line 2 is no Wikidata item in JSON"),
        ("d.json.gz", gzip.compress(b"[\n" + b"x" * 99)[:-9], "cannot be read to its end"),
        ("d.json.bz2", b"not bzip2 at all", "cannot be read to its end"),
        ("d.json", b"[\n]\n", "gave no entry"),
    ],
)
def test_broken_dumps_are_named(name: str, data: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=said):
        build([Dump(tmp_path / name)], tmp_path / "index")


class Server(ThreadingHTTPServer):
    """A SPARQL endpoint over a few items, that is busy first and cuts answers to large blocks off."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.store = ox.Store()
        self.agents: set[str] = set()
        self.failures: list[tuple[int, dict[str, str], bytes]] = []
        self.largest = 99

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/sparql"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.agents.add(self.headers["User-Agent"])
        if self.server.failures:
            status, headers, body = self.server.failures.pop(0)
        else:
            found: Any = self.server.store.query(form["query"][0])
            body = found.serialize(format=ox.QueryResultsFormat.JSON)
            status, headers = 200, {"Content-Type": "application/sparql-results+json"}
            if "?p ?o" in form["query"][0] and form["query"][0].count("wd:Q") > self.server.largest:
                body = body[: len(body) // 2]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


TURTLE = """
@prefix wd: <http://www.wikidata.org/entity/> . @prefix wdt: <http://www.wikidata.org/prop/direct/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix schema: <http://schema.org/> . @prefix wikibase: <http://wikiba.se/ontology#> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
wd:Q7 wdt:P31 wd:Q5 ; rdfs:label "Ada Alton"@en, "Ada"@fr ; skos:altLabel "A. Alton"@en ; wdt:P27 wd:Q901 ;
  schema:description "minister"@en ; wdt:P569 "1949-10-21T00:00:00Z"^^xsd:dateTime ; wikibase:sitelinks 3 .
wd:Q8 wdt:P31 wd:Q515 ; rdfs:label "Alton"@en ; wdt:P17 wd:Q901 ; wdt:P1566 "12345" ;
  wdt:P625 "Point(-1.25 51.5)"^^geo:wktLiteral .
wd:Q9 wdt:P31 wd:Q1075 ; rdfs:label "Blue"@en .
wd:Q10 wdt:P31 wd:Q515, wd:Q4167410 ; rdfs:label "Alton (disambiguation)"@en .
"""


@pytest.fixture
def endpoint() -> Iterator[Server]:
    server = Server()
    server.store.load(TURTLE.encode(), format=ox.RdfFormat.TURTLE)
    towns = "\n".join(f'wd:Q{n} wdt:P31 wd:Q515 ; rdfs:label "Town {n}"@en .' for n in range(100, 125))
    server.store.load((TURTLE[: TURTLE.index("wd:Q7 ")] + towns).encode(), format=ox.RdfFormat.TURTLE)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_an_endpoint_is_read_page_by_page(endpoint: Server, tmp_path: Path) -> None:
    waits: list[float] = []
    endpoint.failures = [(429, {"Retry-After": "7"}, b"wait"), (503, {}, b"busy")]
    endpoint.largest = 3
    build([Endpoint(endpoint.address, page=8, sleep=waits.append)], tmp_path / "index")
    index = Authority.open(tmp_path / "index")
    assert len(index) == 27
    ada = index.lookup("A. Alton")[0].entry
    assert (ada.key, ada.type, ada.born, ada.country, ada.sitelinks) == ("Q7", "person", "1949-10-21", "Q901", 3)
    town = index.lookup("Alton")[0].entry
    assert (town.lat, town.lon, town.geonames, town.kind) == (51.5, -1.25, 12345, "city")
    assert "Ada" not in index
    assert waits[0] == 7
    assert all(agent.startswith("newskg/") for agent in endpoint.agents)


def test_an_endpoint_that_refuses_is_named(endpoint: Server, tmp_path: Path) -> None:
    endpoint.failures = [(403, {}, b"banned")]
    with pytest.raises(InputError, match=r"did not answer \(403"):
        build([Endpoint(endpoint.address)], tmp_path / "index")
    endpoint.failures = [(200, {"Content-Type": "application/sparql-results+json"}, b"<html>")] * 5
    with pytest.raises(InputError, match="did not answer"):
        build([Endpoint(endpoint.address, sleep=lambda s: None)], tmp_path / "index")


def kg(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kg", "authority", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


def test_the_commands(tmp_path: Path) -> None:
    dump = write(tmp_path / "d.json.bz2")
    for n in (1, 2):
        done = kg("build", dump, "--shard", f"{n}/2", "-o", tmp_path / f"s{n}")
        assert done.returncode == 0, done.stderr
    missing = kg("build", tmp_path / "s1", "-o", tmp_path / "index")
    assert (missing.returncode, "shards 2/2 are missing" in missing.stderr) == (1, True)
    done = kg("build", tmp_path / "s1", tmp_path / "s2", "-o", tmp_path / "index")
    assert done.returncode == 0, done.stderr
    assert "64 entries" in done.stderr
    assert done.stdout == ""
    shown = json.loads(kg("show", "Alton", "--index", tmp_path / "index", "--format", "json").stdout)
    assert [c["key"] for c in shown["candidates"]] == ["Q8", "Q9"]
    assert "Q8" in kg("show", "Alton", "--index", tmp_path / "index").stdout
    assert "CC0-1.0" in kg("info", tmp_path / "index").stdout
    assert json.loads(kg("info", tmp_path / "index", "--format", "json").stdout)["hash"] == shown["index"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["build", "letter.docx", "-o", "x"], 1, "letter.docx is no authority source"),
        (["build", "none.tsv", "-o", "x"], 1, "none.tsv cannot be read"),
        (["build", "none.json.gz", "-o", "x", "--shard", "3/2"], 2, "'3/2' is not I/N"),
        (["build", "none.tsv", "-o", "x", "--shard", "1/2"], 2, "--shard is for Wikidata dumps"),
        (["build", "-o", "x"], 2, "Usage:"),
        (["info", "nowhere"], 1, "nowhere is not an authority index"),
        (["show", "x", "--index", "nowhere"], 1, "nowhere is not an authority index"),
    ],
)
def test_wrong_usage_is_told(arguments: list[str], code: int, said: str, tmp_path: Path) -> None:
    done = kg(*arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["build", "show", "info"])
def test_help_has_an_example(command: str) -> None:
    assert f"Example: kg authority {command}" in " ".join(kg(command, "--help").stdout.split())
