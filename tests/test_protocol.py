"""The SPARQL protocol against the real server, with SPARQLWrapper as the client and plain HTTP where headers matter."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import rdflib
from sample import BASE, make_store
from SPARQLWrapper import CSV, GET, JSON, JSONLD, N3, POST, POSTDIRECTLY, RDFXML, TSV, TURTLE, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import EndPointInternalError, QueryBadFormed

from kg.errors import InputError, StoreError
from kg.query.formats import FORMATS, named, negotiate, prefers_html
from kg.web.serve import listen, serve
from server import ROOT, free_port, running

TOKEN = "protocol"
PEOPLE = """PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?s ?name { ?s a <https://schema.org/Person> ; skos:prefLabel ?name } ORDER BY ?s"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("protocol")
    with running(make_store(folder / "store"), TOKEN, log=folder / "log", timeout=20) as address:
        yield address


def client(server: str, query: str, form: str = JSON, method: str = GET) -> SPARQLWrapper:
    found = SPARQLWrapper(server + "/sparql", updateEndpoint=server + "/update")
    found.setQuery(query)
    found.setReturnFormat(form)
    found.setMethod(method)
    return found


def get(url: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(
        url, body, {name.replace("_", "-"): text for name, text in headers.items()}, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, {name.lower(): text for name, text in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, {name.lower(): text for name, text in error.headers.items()}, error.read()


def ask(server: str, query: str, **parameters: str | list[str]) -> tuple[int, dict[str, str], bytes]:
    return get(server + "/sparql?" + urllib.parse.urlencode({"query": query, **parameters}, doseq=True))


@pytest.mark.parametrize("way", ["get", "form", "direct"])
def test_sparqlwrapper_select(server: str, way: str) -> None:
    wrapper = client(server, PEOPLE, JSON, GET if way == "get" else POST)
    if way == "direct":
        wrapper.setRequestMethod(POSTDIRECTLY)
    rows = wrapper.queryAndConvert()["results"]["bindings"]
    assert [row["name"]["value"] for row in rows] == ["Ilse Varn", "Tam Oru"]
    assert rows[0]["name"]["xml:lang"] == "en"


def test_sparqlwrapper_formats(server: str) -> None:
    assert client(server, PEOPLE, CSV).queryAndConvert().startswith(b"s,name\r\n")
    assert client(server, PEOPLE, TSV).queryAndConvert().startswith(b"?s\t?name\n")
    assert len(client(server, PEOPLE, XML).queryAndConvert().getElementsByTagName("result")) == 2
    assert client(server, "ASK { ?s ?p ?o }", JSON).queryAndConvert()["boolean"] is True


@pytest.mark.parametrize("form", [TURTLE, N3, RDFXML, JSONLD])
def test_sparqlwrapper_graphs(server: str, form: str) -> None:
    query = f"DESCRIBE <{BASE}place/lindow>"
    found = client(server, query, form).queryAndConvert()
    graph = found if isinstance(found, rdflib.Graph) else rdflib.Graph().parse(data=found, format="turtle")
    assert (rdflib.URIRef(BASE + "place/lindow"), rdflib.RDF.type, rdflib.URIRef("https://schema.org/Place")) in graph


def test_sparqlwrapper_errors(server: str) -> None:
    with pytest.raises(QueryBadFormed, match="well-formed"):
        client(server, "SELECT * { ?s ?p").query()
    with pytest.raises((EndPointInternalError, urllib.error.HTTPError)):
        client(server, "SELECT (<urn:f>(1) AS ?x) {}").query()


def test_sparqlwrapper_update_is_seen_by_the_next_query(server: str) -> None:
    wrapper = client(server, "INSERT DATA { GRAPH <urn:w> { <urn:w> <urn:p> 1 } }", JSON, POST)
    wrapper.addCustomHttpHeader("Authorization", "Bearer " + TOKEN)
    before = ask(server, "ASK { <urn:w> ?p ?o }", format="json")
    wrapper.query()
    after = ask(server, "ASK { <urn:w> ?p ?o }", format="json")
    assert b"false" in before[2]
    assert b"true" in after[2]
    assert before[1]["etag"] != after[1]["etag"]


def test_default_graph_is_the_union_unless_the_request_says_otherwise(server: str) -> None:
    everything = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    union = int(json.loads(ask(server, everything, format="json")[2])["results"]["bindings"][0]["n"]["value"])
    entities = BASE + "graph/entities"
    for answer in (
        ask(server, everything, format="json", **{"default-graph-uri": entities}),
        ask(server, f"SELECT (COUNT(*) AS ?n) FROM <{entities}> {{ ?s ?p ?o }}", format="json"),
    ):
        alone = int(json.loads(answer[2])["results"]["bindings"][0]["n"]["value"])
        assert 0 < alone < union
    absent = ask(server, "ASK { ?s ?p ?o }", format="json", **{"default-graph-uri": "urn:none"})
    assert b"false" in absent[2]
    several = ask(
        server,
        "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }",
        format="csv",
        **{"named-graph-uri": [entities, "urn:none"]},
    )
    assert several[2].split() == [b"g", entities.encode()]
    assert ask(server, "ASK {}", **{"default-graph-uri": "not an iri"})[0] == 400


def test_etag_and_not_modified(server: str) -> None:
    url = server + "/sparql?" + urllib.parse.urlencode({"query": PEOPLE})
    status, headers, _ = get(url, Accept="text/csv")
    assert status == 200
    assert headers["vary"] == "Accept, Accept-Encoding"
    assert get(url, Accept="text/csv", If_None_Match=headers["etag"])[0] == 304
    assert get(url, Accept="application/json", If_None_Match=headers["etag"])[0] == 200
    assert "etag" not in ask(server, "SELECT (NOW() AS ?now) {}")[1]


def test_head_and_cors(server: str) -> None:
    url = server + "/sparql?" + urllib.parse.urlencode({"query": PEOPLE, "format": "json"})
    status, headers, body = get(url, "HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) == len(get(url)[2])
    assert headers["access-control-allow-origin"] == "*"
    status, headers, _ = get(
        server + "/sparql", "OPTIONS", Origin="http://x.example", Access_Control_Request_Method="POST"
    )
    assert status == 204
    assert "authorization" in headers["access-control-allow-headers"].lower()
    for _ in range(6):  # a HEAD of a long answer must not keep its worker
        assert (
            get(server + "/sparql?" + urllib.parse.urlencode({"query": "SELECT * { ?a ?b ?c . ?d ?e ?f }"}), "HEAD")[0]
            == 200
        )


def test_errors_have_one_shape(server: str) -> None:
    for status, path in (
        (400, "/sparql?query=SELEC"),
        (404, "/nothing"),
        (404, "/queries/nothing"),
        (406, "/sparql?query=ASK%7B%7D&format=png"),
        (400, "/sparql?query=ASK%7B%7D&query=ASK%7B%7D"),
        (404, "/data?graph=urn:none"),
        (400, "/data?graph=urn:a&default"),
    ):
        found, headers, body = get(server + path)
        assert found == status, body
        assert headers["content-type"] == "application/json"
        answer = json.loads(body)
        assert answer == {"ok": False, "error": answer["error"], "errors": [answer["error"]], "status": status}
        assert len(answer["error"]) > 10
        found, headers, body = get(server + path, Accept="text/html")
        assert headers["content-type"].startswith("text/html")
        assert found == status


def test_methods_and_media_types(server: str) -> None:
    assert get(server + "/sparql", "DELETE")[0] == 405
    status, headers, body = get(server + "/update")
    assert status == 405
    assert "POST" in headers["allow"]
    assert "use OPTIONS, POST" in json.loads(body)["error"]
    assert "/openapi.json" in json.loads(get(server + "/nothing")[2])["error"]
    assert get(server + "/sparql", "POST", b"ASK {}", Content_Type="text/plain")[0] == 415
    assert get(server + "/sparql", "POST", "ASK {}".encode("utf-16"), Content_Type="application/sparql-query")[0] == 400
    assert get(server + "/sparql?query=ASK%7B%7D", Accept="image/png")[0] == 406


def test_graph_store(server: str) -> None:
    url, auth = server + "/data?graph=urn:gsp", {"Authorization": "Bearer " + TOKEN, "Content_Type": "text/turtle"}
    assert get(url, "PUT", b"<urn:a> <urn:b> <urn:c> .", **auth)[0] == 201
    assert get(url, "POST", b"<urn:a> <urn:b> <urn:d> .", **auth)[0] == 204
    assert get(url, Accept="application/n-triples")[2].count(b"\n") == 2
    assert get(url, "PUT", b"<urn:a> <", **auth)[0] == 400
    assert get(url, "PUT", b"<urn:a> <urn:b> <urn:c> .", **{**auth, "Content_Type": "text/plain"})[0] == 415
    assert get(url, "PUT", b"<urn:a> <urn:b> <urn:e> .", **auth)[0] == 204
    assert get(url, Accept="application/n-triples")[2] == b"<urn:a> <urn:b> <urn:e> .\n"
    assert get(url, "DELETE", **auth)[0] == 204
    assert get(url)[0] == 404
    assert get(server + "/data", Accept="application/n-quads")[2].count(b"\n") > 100


def test_descriptions(server: str) -> None:
    for path in ("/sparql", "/ontology", "/.well-known/void", "/.well-known/sparql-examples"):
        for media, form in (
            ("text/turtle", "turtle"),
            ("application/rdf+xml", "xml"),
            ("application/ld+json", "json-ld"),
        ):
            status, headers, body = get(server + path, Accept=media)
            assert status == 200, body
            assert headers["content-type"] == media
            graph = rdflib.Graph().parse(data=body, format=form, publicID=server + path)
            assert len(graph) > 5
            assert not any(isinstance(term, rdflib.BNode) for triple in graph for term in triple if path != "/ontology")
    graph = rdflib.Graph().parse(data=get(server + "/.well-known/void")[2], format="turtle")
    sd = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
    void = rdflib.Namespace("http://rdfs.org/ns/void#")
    assert any(graph.triples((None, void.classPartition, None)))
    graph = rdflib.Graph().parse(data=get(server + "/sparql", Accept="text/turtle")[2], format="turtle")
    assert (None, sd.feature, sd.UnionDefaultGraph) in graph
    graph = rdflib.Graph().parse(data=get(server + "/.well-known/sparql-examples")[2], format="turtle")
    examples = list(graph.objects(None, rdflib.URIRef("http://www.w3.org/ns/shacl#select")))
    assert len(examples) >= 12


def test_health_and_metrics(server: str) -> None:
    health = json.loads(get(server + "/health")[2])
    assert health["ok"] is True
    assert health["systemCallFilter"] is True
    assert b"newskg_queries_total" in get(server + "/metrics")[2]


def test_restarting_is_quick_and_an_empty_store_is_made(tmp_path: Path) -> None:
    begin = time.monotonic()
    with running(tmp_path / "new") as address:
        assert time.monotonic() - begin < 10  # about 1 s on an idle machine
        assert b"false" in ask(address, "ASK { ?s ?p ?o }", format="json")[2]
        assert get(address + "/")[0] == 200


def test_the_script_takes_the_options_of_the_command() -> None:
    found = subprocess.run([sys.executable, ROOT / "server.py", "--help"], capture_output=True, text=True, timeout=60)
    assert found.returncode == 0
    assert "--default-graph" in found.stdout


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"port {port} .* in use"):
            listen("127.0.0.1", port)
    with pytest.raises(InputError, match="port"):
        listen("127.0.0.1", 99999)


def test_what_is_no_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="not empty"):
        serve(tmp_path, port=free_port())
    with pytest.raises(InputError, match="union or strict"):
        serve(tmp_path / "new", port=free_port(), default_graph="all")


def test_overload_says_when_to_come_back(tmp_path: Path) -> None:
    slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    import threading

    with running(make_store(tmp_path / "store"), workers=1, queue=0, timeout=2) as address:
        thread = threading.Thread(target=ask, args=(address, slow))
        thread.start()
        time.sleep(0.5)
        status, headers, _ = ask(address, "ASK {}")
        assert status == 503
        assert int(headers["retry-after"]) > 0
        thread.join()
        assert ask(address, "ASK {}")[0] == 200


def test_a_capped_answer_says_so(tmp_path: Path) -> None:
    with running(make_store(tmp_path / "store"), max_rows=5) as address:
        _, headers, body = ask(address, "SELECT * { ?s ?p ?o }", format="json")
        assert headers["x-newskg-truncated"] == "rows=5"
        assert json.loads(body)["head"]["truncated"] is True
        assert len(json.loads(body)["results"]["bindings"]) == 5
        assert "x-newskg-truncated" not in ask(address, "SELECT * { ?s ?p ?o } LIMIT 5", format="json")[1]
        _, headers, body = ask(address, "CONSTRUCT WHERE { ?s ?p ?o }", format="ntriples")
        assert headers["x-newskg-truncated"] == "rows=5"
        first, *triples = body.decode().splitlines()
        assert first.startswith("# truncated")
        assert len(triples) == 5


def test_the_log_has_no_query_and_no_address(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with running(make_store(tmp_path / "store"), log=log) as address:
        ask(address, "SELECT ?secret { ?secret a <https://schema.org/Person> }")
    lines = [line for line in log.read_text().splitlines() if " query " in line]
    assert lines[-1].endswith("2 rows ok")
    assert "secret" not in log.read_text()
    assert "Traceback" not in log.read_text()


@pytest.mark.parametrize(
    ("accept", "kind", "name"),
    [
        (None, "bindings", "json"),
        ("*/*", "graph", "turtle"),
        ("text/*", "bindings", "csv"),
        ("text/csv, */*", "bindings", "csv"),
        ("application/json", "bindings", "json"),
        ("application/xml;q=0.9, text/html", "bindings", "xml"),
        ("text/turtle;q=0.1, */*", "dataset", "trig"),
        ("application/sparql-results+json;q=0, */*", "bindings", "xml"),
        ("text/csv;q=oops", "boolean", "csv"),
    ],
)
def test_negotiation(accept: str | None, kind: str, name: str) -> None:
    assert negotiate(accept, kind)[0].name == name  # type: ignore[arg-type]


def test_format_names() -> None:
    for item in FORMATS:
        for kind in item.kinds:
            assert named(item.name, kind) is item
            assert named(item.media_type, kind) is item
    assert named("json", "graph").name == "jsonld"
    assert prefers_html("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
    assert not prefers_html("text/turtle, text/html;q=0.5")
    assert not prefers_html("*/*")


logging.getLogger("SPARQLWrapper").setLevel(logging.ERROR)
