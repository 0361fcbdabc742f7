"""What machines read beside the protocol: compressed answers, the short way, descriptions, sitemap, statistics."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import urllib.parse
import zlib
from collections.abc import Iterator
from xml.etree import ElementTree

import brotli
import pyoxigraph as ox
import pytest
import rdflib
from sample import BASE, make_store

from kg.prefixes import PREFIXES
from kg.query.encodings import chosen
from kg.store import Store
from server import running

LONG = "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o"
SCHEMA, PROV, NIF = (rdflib.Namespace(PREFIXES[name]) for name in ("schema", "prov", "nif"))
VOID = rdflib.Namespace(PREFIXES["void"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("machines")
    store = make_store(folder / "store")
    with Store.open(store) as opened:
        place, same = ox.NamedNode(BASE + "place/lindow"), ox.NamedNode(PREFIXES["skos"] + "exactMatch")
        target, graph = ox.NamedNode("https://sws.geonames.org/77/"), ox.NamedNode(BASE + "graph/entities")
        opened.quads.add(ox.Quad(place, same, target, graph))
        build, used = ox.NamedNode(BASE + "build/1"), ox.NamedNode(PREFIXES["prov"] + "wasAssociatedWith")
        program, label = ox.NamedNode(BASE + "software/newskg-1.0"), ox.NamedNode(PREFIXES["rdfs"] + "label")
        history = ox.NamedNode(BASE + "graph/provenance")
        opened.quads.add(ox.Quad(build, used, program, history))
        opened.quads.add(ox.Quad(program, label, ox.Literal("newskg 1.0"), history))
        opened.publish("with a link")
    with running(store, log=folder / "log", timeout=20) as address:
        yield address


def send(
    server: str, path: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPConnection(server.removeprefix("http://"), timeout=30)
    connection.request(method, path, body, {name.replace("_", "-"): text for name, text in headers.items()})
    answer = connection.getresponse()
    found = answer.status, answer.headers, answer.read()
    connection.close()
    return found


def sparql(query: str, **parameters: str) -> str:
    return "/sparql?" + urllib.parse.urlencode({"query": query, **parameters})


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("gzip", "gzip"),
        ("gzip, deflate, br", "br"),
        ("br;q=0.5, gzip", "gzip"),
        ("br;q=0.1, *;q=1", "gzip"),
        ("*", "br"),
        ("GZIP;q=0.5", "gzip"),
        ("gzip;q=0.5, identity", ""),
        ("", ""),
        ("identity", ""),
        ("gzip;q=0", ""),
        ("*;q=0", ""),
        ("gzip;q=x", ""),
        ("deflate", ""),
    ],
)
def test_accept_encoding(header: str, expected: str) -> None:
    assert chosen(header) == expected


@pytest.mark.parametrize(
    "path",
    [
        sparql(LONG, format="json"),
        sparql(LONG, format="csv"),
        sparql("CONSTRUCT WHERE { ?s ?p ?o }", format="turtle"),
        "/data",
        "/ontology?format=turtle",
        "/article/flood-1.html",
        "/static/newskg.css",
    ],
)
def test_long_text_is_compressed_where_the_client_accepts_it(server: str, path: str) -> None:
    plain, packed = send(server, path), send(server, path, Accept_Encoding="gzip")
    smaller = send(server, path, Accept_Encoding="gzip, br")
    assert "Content-Encoding" not in plain[1]
    assert packed[1]["Content-Encoding"] == "gzip"
    assert smaller[1]["Content-Encoding"] == "br"
    assert gzip.decompress(packed[2]) == brotli.decompress(smaller[2]) == plain[2]
    assert max(len(packed[2]), len(smaller[2])) < len(plain[2])
    for _, headers, _ in (plain, packed, smaller):
        assert "Accept-Encoding" in headers["Vary"]
    assert packed[1].get("ETag", "W/").startswith("W/")
    if "ETag" in packed[1]:
        again = send(server, path, Accept_Encoding="gzip", If_None_Match=packed[1]["ETag"])
        assert (again[0], again[2]) == (304, b"")
        assert "Accept-Encoding" in again[1]["Vary"]


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
@pytest.mark.parametrize("path", [sparql(LONG, format="json"), sparql("ASK {}"), "/data?default", "/ontology", "/"])
def test_head_is_get_without_the_body(server: str, path: str, encoding: str) -> None:
    head = send(server, path, "HEAD", Accept_Encoding=encoding)
    get = send(server, path, Accept_Encoding=encoding)
    assert head[2] == b""
    changing = {"date", "transfer-encoding"}
    kept = [
        {name.lower(): text for name, text in found[1].items() if name.lower() not in changing} for found in (head, get)
    ]
    assert head[0] == get[0]
    assert kept[0] == kept[1]


def test_short_answers_and_pictures_are_sent_as_they_are(server: str) -> None:
    found = send(server, sparql("ASK {}", format="json"), Accept_Encoding="gzip")
    assert "Content-Encoding" not in found[1]
    assert json.loads(found[2])["boolean"] is True


def test_a_compressed_answer_starts_before_it_is_done(server: str) -> None:
    query = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"  # many millions of rows
    connection = http.client.HTTPConnection(server.removeprefix("http://"), timeout=30)
    connection.request("GET", sparql(query, format="tsv"), headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    assert answer.headers["Content-Encoding"] == "gzip"
    assert zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(answer.read(4096)).startswith(b"?a\t?b\t")
    connection.close()


@pytest.mark.parametrize(
    ("query", "parameters"),
    [
        (LONG, {}),
        ("ASK {}", {"format": "xml"}),
        ("SELECT (YEAR(NOW()) AS ?t) {}", {}),
        ("DESCRIBE <person/ilse-varn>", {}),
        ("DESCRIBE <person/ilse-varn>", {"format": "jsonld"}),
        ("SELECT * { ?s ?p", {}),
        ("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", {}),
        ("SELECT * {}", {"format": "turtle"}),
        ("", {}),
    ],
)
@pytest.mark.parametrize("accept", ["*/*", "text/csv", "text/turtle;q=0.5, text/csv;q=0.1", "image/png", "text/html"])
def test_the_short_way_answers_as_the_long_one(
    server: str, query: str, parameters: dict[str, str], accept: str
) -> None:
    """A second, empty parameter makes a request take the long way."""
    short = send(server, sparql(query, **parameters), Accept=accept)
    long = send(server, sparql(query, **parameters) + "&x=", Accept=accept)
    form = urllib.parse.urlencode({"query": query, **parameters}).encode()
    media = "application/x-www-form-urlencoded"
    posted = send(server, "/sparql", "POST", form, Accept=accept, Content_Type=media)
    posted_long = send(server, "/sparql", "POST", form + b"&x=", Accept=accept, Content_Type=media)
    for one, other in ((short, long), (posted, posted_long)):
        assert one[0] == other[0]
        strip = (lambda text: re.sub(rb"&amp;x=|&x=", b"", text)) if b"<html" in one[2] else bytes
        assert strip(one[2]) == strip(other[2])
        ignored = {"date", "content-length"} if b"<html" in one[2] else {"date"}
        assert sorted((n.lower(), t) for n, t in one[1].items() if n.lower() not in ignored) == sorted(
            (n.lower(), t) for n, t in other[1].items() if n.lower() not in ignored
        )


def test_a_thing_is_described_with_its_evidence(server: str) -> None:
    graph = rdflib.Graph().parse(data=send(server, "/person/ilse-varn.ttl")[2], format="turtle")
    person = rdflib.URIRef(BASE + "person/ilse-varn")
    assert (person, rdflib.RDF.type, SCHEMA.Person) in graph
    spans = set(graph.objects(None, PROV.wasDerivedFrom))
    assert len(spans) >= 3
    for span in spans:
        assert graph.value(span, NIF.anchorOf), span


@pytest.mark.parametrize("path", ["/person/ilse-varn", "/article/flood-1", "/event/meeting", "/place/lindow"])
@pytest.mark.parametrize("accept", ["text/html", "text/turtle"])
def test_links_lead_to_every_form_of_a_thing(server: str, path: str, accept: str) -> None:
    _, headers, _ = send(server, path, Accept=accept)
    links = dict(re.findall(r'<([^>]+)>; rel="alternate"; type="([^"]+)"', headers["Link"]))
    assert len(links) == 5
    for target, media in links.items():
        status, found, _ = send(server, target)
        assert (status, found.get_content_type()) == (200, media)


def test_every_iri_of_the_graph_leads_to_its_description(server: str) -> None:
    quads = list(ox.parse(send(server, "/data", Accept="application/n-quads")[2], ox.RdfFormat.N_QUADS))
    terms = {term for quad in quads for term in (quad.subject, quad.object, quad.graph_name)}
    ours = {term.value for term in terms if isinstance(term, ox.NamedNode) and term.value.startswith(BASE)}
    subjects = {quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode)}
    documents: dict[str, set[str]] = {}
    for iri in ours:
        documents.setdefault(iri.partition("#")[0], set()).add(iri)
    assert {BASE + name for name in ("build/1", "software/newskg-1.0", "article/flood-1/text")} <= documents.keys()
    for document, iris in documents.items():
        path = "/" + document.removeprefix(BASE)
        status, _, body = send(server, path, Accept="text/turtle")
        assert status == 200, path
        described = {triple.subject for triple in ox.parse(body, ox.RdfFormat.TURTLE)}
        assert {ox.NamedNode(iri) for iri in iris & subjects} <= described, path
        status, headers, _ = send(server, path, Accept="text/html")
        if path.endswith("/text"):
            assert (status, headers["Location"]) == (303, path.removesuffix("/text"))
        else:
            assert (status, headers.get_content_type()) == (200, "text/html"), path
    for path in ("/article/none", "/article/none/text", "/build/none", "/graph/none"):
        assert send(server, path, Accept="text/turtle")[0] == 404, path
    assert send(server, "/build/none", Accept="text/html")[0] == 404


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/sparql", "text/turtle"),
        ("/ontology", "text/turtle"),
        ("/ontology", "text/html"),
        ("/.well-known/void", "*/*"),
        ("/.well-known/sparql-examples", "application/ld+json"),
        ("/queries", "text/html"),
        ("/queries", "application/json"),
        ("/queries/people", "text/html"),
        ("/articles", "text/html"),
        ("/search?q=varn", "text/html"),
    ],
)
def test_what_is_asked_for_again_is_not_sent_again(server: str, path: str, accept: str) -> None:
    status, headers, body = send(server, path, Accept=accept)
    assert status == 200
    assert body
    again = send(server, path, Accept=accept, If_None_Match=headers["ETag"])
    assert (again[0], again[1]["ETag"], again[2]) == (304, headers["ETag"], b"")


def test_editors_find_examples_and_prefixes_in_the_service_description(server: str) -> None:
    # What the SIB editor asks of an endpoint's description where the data have none.
    graph = rdflib.Graph().parse(data=send(server, "/sparql", Accept="text/turtle")[2], format="turtle")
    prefixes = graph.query("PREFIX sh: <http://www.w3.org/ns/shacl#> SELECT * { [] sh:namespace ?n ; sh:prefix ?p }")
    assert len(list(prefixes)) == len(PREFIXES)
    examples = graph.query(
        """PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        SELECT ?sq { ?sq a sh:SPARQLExecutable ; rdfs:comment ?comment ; sh:select|sh:ask|sh:construct ?query }"""
    )
    assert len(list(examples)) >= 20


def test_statistics_have_linksets_with_counts(server: str) -> None:
    graph = rdflib.Graph().parse(data=send(server, "/.well-known/void")[2], format="turtle")
    found = {
        str(graph.value(node, VOID.objectsTarget)): int(str(graph.value(node, VOID.triples)))
        for node in graph.subjects(rdflib.RDF.type, VOID.Linkset)
    }
    assert found == {"http://www.wikidata.org/": 1, "https://sws.geonames.org/": 1}


def test_every_published_example_runs_as_it_stands(server: str) -> None:
    shacl = rdflib.Namespace(PREFIXES["sh"])
    graph = rdflib.Graph().parse(data=send(server, "/.well-known/sparql-examples")[2], format="turtle")
    declared = {
        str(graph.value(node, shacl.prefix)): str(graph.value(node, shacl.namespace))
        for node in graph.objects(None, shacl.declare)
    }
    assert declared == PREFIXES
    head = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in declared.items())
    examples = list(graph.subject_objects(shacl.select))
    assert len(examples) >= 15
    for node, text in examples:
        assert graph.value(node, rdflib.RDFS.comment), node
        status, _, body = send(server, sparql(head + str(text), format="json"))
        assert status == 200, (node, body)


def test_the_sitemap_names_pages_that_there_are(server: str) -> None:
    status, headers, body = send(server, "/robots.txt")
    assert status == 200
    assert f"Sitemap: {server}/sitemap.xml".encode() in body
    assert b"Disallow: /sparql" in body
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    files = [
        node.text or "" for node in ElementTree.fromstring(send(server, "/sitemap.xml")[2]).iterfind(".//s:loc", space)
    ]
    assert files == [f"{server}/sitemap-1.xml"]
    status, headers, body = send(server, "/sitemap-1.xml")
    assert headers.get_content_type() == "application/xml"
    pages = [node.text or "" for node in ElementTree.fromstring(body).iterfind(".//s:loc", space)]
    assert f"{server}/article/flood-1" in pages
    assert len(pages) == len(set(pages)) == 11
    for page in pages:
        assert send(server, page.removeprefix(server), Accept="text/html")[0] == 200
    assert send(server, "/sitemap-1.xml", If_None_Match=headers["ETag"])[0] == 304
    for path in ("/sitemap-0.xml", "/sitemap-2.xml", "/sitemap-99999999999999.xml", "/sitemap-x.xml"):
        assert send(server, path)[0] == 404
