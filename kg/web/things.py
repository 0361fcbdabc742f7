"""Pages of things: articles, people, organisations, places, groups, events; the thing itself as RDF for a machine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import pyoxigraph as ox
from flask import Blueprint, Response, render_template, request
from markupsafe import Markup

from kg.errors import UnknownName
from kg.query.formats import named, prefers_html
from kg.web import page_queries, respond
from kg.web.assertions import Assertion, add_articles, gather, sections
from kg.web.highlight import Mark, highlight
from kg.web.labels import add_openings, labels, opening
from kg.web.maps import place_map, point_of
from kg.web.site import Row, site
from kg.web.tables import Table
from kg.web.terms import href, short
from kg.web.versions import versions
from kg.web.why import joined, linked

blueprint = Blueprint("things", __name__)
SUFFIXES = ("ttl", "jsonld", "nt", "rdf", "trig", "nq", "html")
FORMS = (
    ("html", "text/html"),
    ("ttl", "text/turtle"),
    ("jsonld", "application/ld+json"),
    ("nt", "application/n-triples"),
    ("rdf", "application/rdf+xml"),
)
# What a path may have unescaped, beside letters and digits (RFC 3986, section 3.3).
_SAFE = "/:@!$&'()*+,;=~-._"
# The graph of an article's text, sentences and mentions has the article's name with this.
TEXT = "/text"
KINDS = ("person", "organisation", "place", "group", "event")
LAYERS = {
    "https://schema.org/Person": "person",
    "https://schema.org/Organization": "organisation",
    "https://schema.org/Place": "place",
    "https://w3id.org/newskg/ontology#Group": "group",
}


@blueprint.route("/article/<path:name>")
def article(name: str) -> Response:
    """An article: its text with what was found in it, or its two graphs as RDF. The graph of its text has its page."""
    name, suffix = split_suffix(name)
    node = iri_node(f"article/{name}")
    if not wants_page(suffix):
        return _reported(node, suffix)
    tag = respond.tag_or_304("page")
    found = site().select(page_queries.ARTICLE, article=node)
    if not found and name.endswith(TEXT):
        return Response(status=303, headers={"Location": quote(f"/article/{name.removesuffix(TEXT)}", safe=_SAFE)})
    if not found:
        raise UnknownName(f"there is no article {name}: see /articles for those there are")
    spans = site().select(page_queries.SPANS, article=node)
    reported = gather(site().select(page_queries.REPORTED, article=node))
    text = found[0]["text"]["value"]
    title = found[0]["headline"]["value"] if "headline" in found[0] else opening(text)
    return html_page(
        tag,
        render_template(
            "article.html",
            about=found[0],
            title=title,
            names=labels(value.value for item in reported for values in item.values.values() for value in values),
            iri=node.value,
            path=f"/article/{name}",
            text=_marked(text, spans, reported),
            sections=sections(reported),
            things=_things(spans),
            versions=versions(node),
        ),
    )


@blueprint.route(f"/<any({', '.join(KINDS)}):kind>/<path:name>")
def thing(kind: str, name: str) -> Response:
    """Anything else that has an IRI of its own: what the articles say about it."""
    name, suffix = split_suffix(name)
    node = iri_node(f"{kind}/{name}")
    if not wants_page(suffix):
        return describe(node, suffix)
    tag = respond.tag_or_304("page")
    about = site().select(page_queries.THING, thing=node)
    if not about and not site().select(page_queries.EXISTS, thing=node):
        raise UnknownName(f"there is nothing at {kind}/{name}: see /queries to look for it")
    properties: dict[str, list[Row]] = defaultdict(list)
    for row in about:
        properties[short(row["property"]["value"])].append(row)
    accounts = gather(site().select(page_queries.ACCOUNTS, node=node)) if kind == "event" else []
    related = gather(site().select(page_queries.ABOUT, thing=node), node.value)
    articles = [ox.NamedNode(iri) for iri in dict.fromkeys(item.article for item in (*accounts, *related))]
    add_articles(
        (*accounts, *related), add_openings(site().select(page_queries.ARTICLES, article=articles)) if articles else ()
    )
    accounts.sort(key=lambda account: account.published)
    return html_page(
        tag,
        render_template(
            "thing.html",
            iri=node.value,
            kind=kind,
            path=f"/{kind}/{name}",
            label=_label(properties, name),
            properties=properties,
            accounts=accounts,
            sections=sections(related),
            why=site().select(page_queries.WHY, thing=node) if kind != "event" else [],
            joined=joined(node) if kind == "event" else [],
            participants=linked(accounts),
            drawing=place_map(_label(properties, name), _points(properties)) if kind == "place" else None,
            mentions=add_openings(site().select(page_queries.MENTIONS, thing=node)),
        ),
    )


def _points(properties: Mapping[str, list[Row]]) -> list[tuple[float, float]]:
    """Where a place lies, as far as the graph knows."""
    rows = properties.get("geo:hasDefaultGeometry", ())
    found = (point_of(row["valueName"]["value"]) for row in rows if "valueName" in row)
    return [point for point in found if point is not None]


def describe(node: ox.NamedNode, suffix: str) -> Response:
    """A concise bounded description of a node, with its evidence, as RDF."""
    if not site().select(page_queries.EXISTS, thing=node):
        raise UnknownName(f"there is nothing at {site().path_of(node.value)}")
    query = page_queries.DESCRIBE.replace("VALUES ?thing {}", f"VALUES ?thing {{ {node} }}")  # node is a checked IRI
    return _rdf({"do": "query", "query": query, "union": True}, suffix)


@blueprint.route("/<any(build, software, graph):kind>/<path:name>")
def plain(kind: str, name: str) -> Response:
    """A build, a program that took part in it, or a named graph: what is known of it as a table, or as RDF; a graph as
    RDF has all that it holds."""
    name, suffix = split_suffix(name)
    node = iri_node(f"{kind}/{name}")
    if not wants_page(suffix):
        return _graph(node, suffix) if kind == "graph" else describe(node, suffix)
    tag = respond.tag_or_304("page")
    size = int(site().select(page_queries.SIZE, graph=node)[0]["n"]["value"])
    rows = site().select(page_queries.PROPERTIES, thing=node)
    if not size and not rows:
        raise UnknownName(f"there is nothing at {kind}/{name}: see /queries/builds for what was built, and with what")
    table = Table(("property", "value"), tuple(rows), len(rows)).named()
    label = next((row["value"]["value"] for row in rows if short(row["property"]["value"]) == "rdfs:label"), name)
    page = render_template("plain.html", kind=kind, label=label, path=f"/{kind}/{name}", size=size, table=table)
    return html_page(tag, page)


def split_suffix(name: str) -> tuple[str, str]:
    """A name and the format that its suffix asks for, if it does."""
    stem, dot, suffix = name.rpartition(".")
    return (stem, suffix) if dot and stem and suffix in SUFFIXES else (name, "")


def iri_node(path: str) -> ox.NamedNode:
    """The node of that path in the base namespace. `UnknownName` if no IRI can be made of it."""
    try:
        return ox.NamedNode(site().base + path)
    except ValueError:
        raise UnknownName(f"there is nothing at {path}") from None


def wants_page(suffix: str) -> bool:
    """Whether a page is asked for, by suffix, parameter or `Accept`."""
    shown = suffix or request.args.get("format", "")
    return shown == "html" or (not shown and prefers_html(request.headers.get("Accept")))


def _reported(node: ox.NamedNode, suffix: str) -> Response:
    """What an article reports with the words that say so: its graph and that of its text, so that every part of it,
    a mention too, is described where its IRI leads."""
    if node.value.endswith(TEXT):
        return _graph(node, suffix)
    if not site().select(page_queries.EXISTS, thing=node):
        raise UnknownName(f"there is no article at {site().path_of(node.value)}: see /articles for those there are")
    graphs = f"{node} {ox.NamedNode(node.value + TEXT)}"  # of a checked IRI
    query = page_queries.GRAPHS.replace("VALUES ?graph {}", f"VALUES ?graph {{ {graphs} }}")
    return _rdf({"do": "query", "query": query, "union": True}, suffix)


def _graph(node: ox.NamedNode, suffix: str) -> Response:
    return _rdf({"do": "graph", "graph": node.value}, suffix)


def _rdf(message: dict[str, Any], suffix: str) -> Response:
    shown = suffix or request.args.get("format") or None
    if shown:
        named(shown, "graph")
    tag = respond.tag_or_304(shown or "")
    response = respond.run({**message, "format": shown, "accept": request.headers.get("Accept"), "max_rows": 0}, tag)
    path = request.path.removesuffix("." + suffix) if suffix else request.path
    response.headers["Link"] = _alternates(path)
    return response


def _alternates(path: str) -> str:
    """A thing's forms, each at an address of its own, as a Link header (RFC 8288)."""
    path = quote(path, safe=_SAFE)
    return ", ".join(f'<{path}.{suffix}>; rel="alternate"; type="{media}"' for suffix, media in FORMS)


def html_page(tag: str, text: str) -> Response:
    """A page with its ETag and its other forms."""
    response = Response(
        text, mimetype="text/html", headers={"ETag": tag, "Vary": "Accept", "Cache-Control": "no-cache"}
    )
    response.headers["Link"] = _alternates(request.path.removesuffix(".html"))
    return response


def _label(properties: Mapping[str, list[Row]], name: str) -> str:
    for key in ("skos:prefLabel", "rdfs:label"):
        if properties.get(key):
            return properties[key][0]["value"]["value"]
    return name


def _things(spans: list[Row]) -> list[tuple[str, list[tuple[str, str, int]]]]:
    """What the article names, by kind: address, name, number of mentions; most named first."""
    counts: dict[str, int] = defaultdict(int)
    first: dict[str, Row] = {}
    for row in spans:
        if "entity" in row:
            counts[row["entity"]["value"]] += 1
            first.setdefault(row["entity"]["value"], row)
    found: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for iri, row in first.items():
        found[_layer(row)].append((href(iri), row.get("name", {}).get("value", short(iri)), counts[iri]))
    order = ("person", "organisation", "place", "group", "thing")
    return [(kind, sorted(found[kind], key=lambda item: (-item[2], item[1]))) for kind in order if kind in found]


def _layer(row: Row) -> str:
    return LAYERS.get(row.get("type", {}).get("value", ""), "thing")


def _marked(text: str, spans: list[Row], reported: list[Assertion]) -> Markup:
    places = {row["span"]["value"]: (int(row["begin"]["value"]), int(row["end"]["value"])) for row in spans}
    sentences = [places[row["span"]["value"]] for row in spans if row["sentence"]["value"] == "true"]
    marks = [
        Mark(
            *places[row["span"]["value"]],
            _layer(row),
            href(row["entity"]["value"]),
            row.get("name", {}).get("value", ""),
        )
        for row in spans
        if "entity" in row
    ]
    furniture = sorted({places[row["span"]["value"]] for row in spans if row["furniture"]["value"] == "true"})
    marks += [Mark(*span, "furniture", "", "not news text") for span in furniture]
    for account in reported:
        if account.kind == "event":
            note = ", ".join([*account.types, account.values["factuality"][0].shown.lower()])
            marks += [
                Mark(*places[span.value], "event", href(account.iri), note)
                for span in account.values["trigger"]
                if span.value in places
            ]
        elif account.kind != "position":
            begin, end = places.get(account.evidence[0].value, (0, 0))
            for part in filter(None, account.label.split(" … ")):
                start = text.find(part, begin, end)
                if start >= 0:
                    marks.append(Mark(start, start + len(part), account.kind, "", account.kind))
    return highlight(text, sentences, marks, places.values())
