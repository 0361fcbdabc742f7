"""The page of one statement, figure or position: its sentence, what it rests on, what it repeats, updates or contradicts,
and why; a figure with its series as a chart."""

from __future__ import annotations

import json

import pyoxigraph as ox
from flask import Blueprint, Response, render_template, request

from kg.errors import UnknownName
from kg.web import page_queries, respond
from kg.web.assertions import READ, Assertion, add_articles, gather
from kg.web.drawing import Drawing
from kg.web.labels import add_openings, labels
from kg.web.site import Row, site
from kg.web.tables import Table, result_table
from kg.web.terms import short
from kg.web.things import describe, html_page, iri_node, split_suffix, wants_page
from kg.web.views import draw
from kg.web.why import linked

blueprint = Blueprint("assertion_pages", __name__)
SERIES = "figure-series"


@blueprint.route("/assertion/<path:name>/<part>")
def assertion(name: str, part: str) -> Response:
    """One part of an article, by the identifier of the article and the fragment of its IRI."""
    part, suffix = split_suffix(part)
    node = iri_node(f"article/{name}#{part}")
    if not wants_page(suffix):
        return describe(node, suffix)
    tag = respond.tag_or_304("page")
    found = gather(site().select(page_queries.ACCOUNTS, node=node))
    if not found:
        raise UnknownName(f"article {name} has no statement, figure or position {part}: see /article/{name}")
    account = found[0]
    article = ox.NamedNode(account.article)
    related = site().select(page_queries.RELATED, thing=node)
    others = _others(related)
    articles = [article, *(ox.NamedNode(iri) for iri in dict.fromkeys(item.article for item in others.values()))]
    add_articles([account, *others.values()], add_openings(site().select(page_queries.ARTICLES, article=articles)))
    drawing, table = _series(node) if account.kind == "figure" else (None, None)
    return html_page(
        tag,
        render_template(
            "assertion.html",
            a=account,
            path=request.path.removesuffix("." + suffix) if suffix else request.path,
            part=part,
            names=labels([account.article, *(value.value for values in account.values.values() for value in values)]),
            related=_read(related, others),
            things=linked([account]),
            drawing=drawing,
            table=table,
        ),
    )


def _others(related: list[Row]) -> dict[str, Assertion]:
    """The accounts at the other ends of relations, by IRI."""
    iris = list(dict.fromkeys(row["other"]["value"] for row in related))
    if not iris:
        return {}
    rows = site().select(page_queries.ACCOUNTS, node=[ox.NamedNode(iri) for iri in iris])
    found: dict[str, Assertion] = {}
    for item in gather(rows):
        found.setdefault(item.iri, item)
    return found


def _read(related: list[Row], others: dict[str, Assertion]) -> list[tuple[str, str, Assertion]]:
    """How this is related to others, the ground of it, and the other account; conflicts first."""
    found = []
    for row in related:
        name, other = short(row["link"]["value"]), others.get(row["other"]["value"])
        if other is not None and name in READ:
            said = READ[name]["backward" in row]
            found.append((said, row["ground"]["value"] if "ground" in row else "", other))
    found = list({(said, other.iri): (said, ground, other) for said, ground, other in reversed(found)}.values())
    order = [pair[0] for pair in READ.values()]
    return sorted(found, key=lambda item: (order.index(item[0]) if item[0] in order else len(order), item[2].iri))


def _series(node: ox.NamedNode) -> tuple[Drawing | None, Table | None]:
    """The series that a figure belongs to, as a chart and a table; nothing if it stands alone."""
    query = site().queries.get(SERIES)
    if query is None:
        return None, None
    text = query.bind({"figure": node.value}, site().base)
    answer = site().pool.run({"do": "query", "query": text, "format": "json", "union": True, "base": site().base})
    table = result_table(json.loads(answer.read())).named()
    if table.total < 2:
        return None, None
    return draw(query.view, dict(query.axes), table), table
