"""The front page and the list of articles."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from kg.query.saved import SavedQuery
from kg.web import page_queries, respond
from kg.web.labels import add_openings
from kg.web.site import Row, site
from kg.web.terms import short

blueprint = Blueprint("start", __name__)


@blueprint.route("/")
def front() -> Response:
    """What is inside, and the ways to it."""
    tag = respond.etag("page")
    unchanged = respond.not_modified(tag)
    if unchanged is not None:
        return unchanged
    counts = {short(row["class"]["value"]): int(row["count"]["value"]) for row in site().select(page_queries.COUNTS)}
    conflicts: list[Row] = []
    query: SavedQuery | None = site().queries.get("figures-in-conflict")
    if query is not None:
        conflicts = site().select(query.body)[:5]
    page = render_template(
        "start.html",
        counts=counts,
        conflicts=conflicts,
        queries=site().queries.values(),
        articles=add_openings(site().select(page_queries.ARTICLES)[:10]),
    )
    return Response(page, mimetype="text/html", headers={"ETag": tag, "Cache-Control": "no-cache"})


@blueprint.route("/articles")
def articles() -> Response:
    """All articles."""
    return Response(
        render_template("articles.html", articles=add_openings(site().select(page_queries.ARTICLES))),
        mimetype="text/html",
    )
