"""The front page, the search page and the list of articles."""

from __future__ import annotations

import pyoxigraph as ox
from flask import Blueprint, Response, render_template, request

from kg import search
from kg.store import current_snapshot
from kg.web import page_queries, respond
from kg.web.labels import add_openings, labels, snapshot_date
from kg.web.queries import topics
from kg.web.site import Row, site
from kg.web.terms import short

blueprint = Blueprint("start", __name__)
NEWEST = 5
FOUND = 100


@blueprint.route("/")
def front() -> Response:
    """What is inside, and the ways to it."""
    tag = respond.tag_or_304("page")
    select = site().select
    counts = {short(row["class"]["value"]): int(row["count"]["value"]) for row in select(page_queries.COUNTS)}
    linked = {short(row["class"]["value"]): int(row["linked"]["value"]) for row in select(page_queries.COVERAGE)}
    page = render_template(
        "start.html",
        counts=counts,
        linked=linked,
        outlets=select(page_queries.OUTLETS),
        period=(select(page_queries.PERIOD) or [{}])[0],
        built=snapshot_date(),
        conflicts=_conflicts(),
        topics=topics(site().queries),
        articles=add_openings(select(page_queries.ARTICLES)[:10]),
    )
    return respond.tagged(Response(page, mimetype="text/html", headers={"Vary": "Accept"}), tag)


def _conflicts() -> list[Row]:
    """The conflicts of figures whose later article is the newest."""
    query = site().queries.get("figures-in-conflict")
    rows = site().select(query.body) if query is not None else []

    def newest(row: Row) -> str:
        return max((row[name]["value"] for name in ("published", "otherPublished") if name in row), default="")

    return sorted(rows, key=newest, reverse=True)[:NEWEST]


@blueprint.route("/search")
def search_page() -> Response:
    """Names and headlines that are like the words asked for."""
    tag = respond.tag_or_304("page")
    asked = request.args.get("q", "").strip()[:200]
    kind = request.args.get("kind", "")
    kinds = (kind,) if kind in search.KINDS else ()
    snapshot = current_snapshot(site().folder)
    hits = search.search(snapshot, asked, kinds, FOUND) if snapshot and asked else []
    names = labels(hit.iri for hit in hits if hit.kind == "article")
    told = _told([hit.iri for hit in hits if hit.kind == "event"])
    page = render_template("search.html", asked=asked, kind=kind, kinds=search.KINDS, hits=hits, names=names, told=told)
    return respond.tagged(Response(page, mimetype="text/html", headers={"Vary": "Accept"}), tag)


def _told(events: list[str]) -> dict[str, Row]:
    """A sentence that tells each event: many events have the same label."""
    if not events:
        return {}
    rows = site().select(page_queries.TOLD, thing=[ox.NamedNode(iri) for iri in events])
    return {row["thing"]["value"]: row for row in reversed(rows)}


@blueprint.route("/articles")
def articles() -> Response:
    """All articles."""
    tag = respond.tag_or_304("page")
    page = render_template("articles.html", articles=add_openings(site().select(page_queries.ARTICLES)))
    return respond.tagged(Response(page, mimetype="text/html", headers={"Vary": "Accept"}), tag)
