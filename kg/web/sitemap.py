"""What crawlers read: robots.txt, and a sitemap of the things' pages (sitemaps.org protocol 0.9)."""

from __future__ import annotations

from urllib.parse import quote
from xml.sax.saxutils import escape

from flask import Blueprint, Response, request

from kg.errors import UnknownName
from kg.prefixes import PREFIXES
from kg.web import respond
from kg.web.site import site

blueprint = Blueprint("sitemap", __name__)
# The protocol's own limit for one file.
FILE = 50_000
# Answers there are made anew for each request, without end.
CLOSED = ("/sparql", "/update", "/data", "/reconcile", "/review")
_SCHEMA = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_PREFIXES = "".join(f"PREFIX {name}: <{PREFIXES[name]}>\n" for name in ("schema", "sem", "nkg"))
_THINGS = (
    _PREFIXES
    + """SELECT {what} WHERE {{ VALUES ?class {{ schema:NewsArticle schema:Person schema:Organization schema:Place
nkg:Group sem:Event nkg:UnassertedEvent }} ?thing a ?class FILTER(STRSTARTS(STR(?thing), "{base}")) }} {order}"""
)


@blueprint.route("/robots.txt")
def robots() -> Response:
    """Everything may be read but the answers to queries."""
    closed = "".join(f"Disallow: {path}\n" for path in CLOSED)
    text = f"User-agent: *\n{closed}\nSitemap: {request.host_url}sitemap.xml\n"
    return Response(text, mimetype="text/plain")


@blueprint.route("/sitemap.xml")
def index() -> Response:
    """The files of the sitemap."""
    known = respond.tag_or_304("sitemap")
    query = _THINGS.format(what="(COUNT(DISTINCT ?thing) AS ?n)", base=site().base, order="")
    files = range(1, max(-(-int(site().select(query)[0]["n"]["value"]) // FILE), 1) + 1)
    found = "".join(f"<sitemap><loc>{escape(request.host_url)}sitemap-{n}.xml</loc></sitemap>\n" for n in files)
    return _xml(f"<sitemapindex {_SCHEMA}>\n{found}</sitemapindex>\n", known)


@blueprint.route("/sitemap-<int:number>.xml")
def file(number: int) -> Response:
    """The addresses of up to 50,000 things, in the order of their IRIs."""
    known = respond.tag_or_304(f"sitemap {number}")
    # A generous bound: beyond it the number is no file of ours, and the engine no place to find that out.
    order = f"ORDER BY ?thing LIMIT {FILE} OFFSET {(min(number, 10_000) - 1) * FILE}" if number else "LIMIT 0"
    rows = site().select(_THINGS.format(what="DISTINCT ?thing", base=site().base, order=order))
    if not rows and number != 1:
        raise UnknownName(f"there is no sitemap {number}: /sitemap.xml names those there are")
    paths = (quote(site().path_of(row["thing"]["value"]), safe="/:@!$&'()*+,;=~-._%") for row in rows)
    found = "".join(f"<url><loc>{escape(request.host_url.rstrip('/') + path)}</loc></url>\n" for path in paths)
    return _xml(f"<urlset {_SCHEMA}>\n{found}</urlset>\n", known)


def _xml(text: str, known: str) -> Response:
    headers = {"ETag": known, "Cache-Control": "no-cache"}
    return Response('<?xml version="1.0" encoding="UTF-8"?>\n' + text, mimetype="application/xml", headers=headers)
