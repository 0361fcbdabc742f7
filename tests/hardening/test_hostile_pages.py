"""Markup, scripts, `javascript:` addresses and control characters wherever data or a request can put them: shown as text.

A real browser opens the pages, where one is installed, and nothing that was planted has run.
"""

from __future__ import annotations

import csv
import io
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pyoxigraph as ox
import pytest
from browser import Browser, browsing, missing
from sample import BASE, make_store

from kg.prefixes import PREFIXES
from kg.store import Store
from server import running

PLANTED = [
    "<script>window.planted=1</script>",
    '"><img src=x onerror="window.planted=1">',
    "'><svg/onload=window.planted=1>",
    "</textarea></title></style><script>window.planted=1</script>",
    "javascript:window.planted=1",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "\u202e<b>\u0000\u0007\u001b[31m".replace("\0", ""),
    "]]><script>window.planted=1</script><!--",
]
THINGS = {"person/planted": "schema:Person", "place/planted": "schema:Place", "event/planted": "sem:Event"}
FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", '=HYPERLINK("http://x")', "|cmd", "%0A=1", "＝1", "\r=1"]


def plant(folder: Path) -> None:
    """Every literal and label that a page shows, and addresses that a page could link to."""

    def iri(name: str) -> ox.NamedNode:
        prefix, colon, local = name.partition(":")
        return ox.NamedNode(PREFIXES[prefix] + local if colon and prefix in PREFIXES else BASE + name)

    article = iri("article/planted")
    text = "\n\n".join(PLANTED)
    quads = [
        (article, "rdf:type", iri("schema:NewsArticle")),
        (article, "schema:url", ox.NamedNode("javascript:window.planted=1")),
        (article, "schema:datePublished", ox.Literal(PLANTED[0])),
        (article, "schema:publisher", iri("person/planted")),
        *((article, "schema:headline", ox.Literal(words, language="en")) for words in PLANTED),
        *((article, "schema:mentions", iri(thing)) for thing in THINGS),
    ]
    for thing, kind in THINGS.items():
        node = iri(thing)
        quads += [(node, "rdf:type", iri(kind))]
        quads += [(node, name, ox.Literal(words, language="en")) for words in PLANTED for name in
                  ("skos:prefLabel", "skos:altLabel", "rdfs:label", "schema:description")]  # fmt: skip
        quads += [
            (node, name, ox.NamedNode("javascript:window.planted=1"))
            for name in ("skos:exactMatch", "schema:url", "rdfs:seeAlso")
        ]
    with Store.open(folder) as store:
        for subject, predicate, value in quads:
            graph = iri("graph/entities") if subject != article else article
            store.quads.add(ox.Quad(subject, iri(predicate), value, graph))
        context = iri(f"article/planted#char=0,{len(text)}")
        for predicate, value in (
            ("rdf:type", iri("nif:Context")), ("nif:isString", ox.Literal(text)), ("nif:sourceUrl", article),
        ):  # fmt: skip
            store.quads.add(ox.Quad(context, iri(predicate), value, iri("article/planted/text")))
        begin = 0
        for words in PLANTED:
            span = iri(f"article/planted#char={begin},{begin + len(words)}")
            for predicate, value in (
                ("rdf:type", iri("nif:Phrase")), ("nif:anchorOf", ox.Literal(words)), ("nif:beginIndex", ox.Literal(begin)),
                ("nif:endIndex", ox.Literal(begin + len(words))), ("nif:referenceContext", context),
                ("itsrdf:taIdentRef", iri("person/planted")),
            ):  # fmt: skip
                store.quads.add(ox.Quad(span, iri(predicate), value, iri("article/planted/text")))
            begin += len(words) + 2
        for number, words in enumerate(FORMULAS):
            store.quads.add(ox.Quad(iri(f"x/{number}"), iri("x/formula"), ox.Literal(words), iri("x/formulas")))
        store.quads.add(ox.Quad(iri("x/number"), iri("x/formula"), ox.Literal(-5), iri("x/formulas")))
        store.publish("planted")


def paths() -> list[str]:
    found = ["/", "/articles", "/article/planted", *("/" + thing for thing in THINGS), "/queries", "/ontology"]
    for words in PLANTED:
        quoted = urllib.parse.quote(words, safe="")
        literal = ox.Literal(words)
        select = urllib.parse.quote(f"SELECT ({literal} AS ?x) (<javascript:window.planted=1> AS ?y) {{}}", safe="")
        found += [
            f"/search?q={quoted}&kind={quoted}", f"/queries/{quoted}", f"/queries/who-said-what?text={quoted}&{quoted}=1",
            f"/queries/who-said-what?snapshot={quoted}", f"/sparql?format=html&query={quoted}",
            f"/sparql?format=html&query={select}", f"/person/{quoted}", f"/article/{quoted}", f"/nothing/{quoted}",
            f"/reconcile/preview?id={quoted}", f"/review?x={quoted}", f"/data/{quoted}?format={quoted}",
        ]  # fmt: skip
    return found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = make_store(tmp_path_factory.mktemp("pages") / "store")
    plant(folder)
    with running(folder, "pages", timeout=15) as address:
        yield address


def get(url: str, accept: str = "text/html") -> tuple[int, dict[str, str], str]:
    try:
        answer = urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": accept}), timeout=30)
    except urllib.error.HTTPError as error:
        answer = error  # type: ignore[assignment]
    with answer:
        return answer.status, {name.lower(): text for name, text in answer.headers.items()}, answer.read().decode()


def tags(body: str) -> list[tuple[str, list[tuple[str, str | None]]]]:
    """Every tag of a page with its attributes, as a parser sees them."""
    found: list[tuple[str, list[tuple[str, str | None]]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, attrs))

    Reader().feed(body)
    return found


def test_markup_is_text_everywhere(server: str) -> None:
    """No page holds a tag, an attribute or an address that the data brought; each has all headers."""
    for path in paths():
        status, headers, body = get(server + path)
        assert status < 500, (path, body[:500])
        if not headers["content-type"].startswith("text/html"):
            continue
        for words in PLANTED[:4]:
            assert words not in body, (path, words)
        for tag, attributes in tags(body):
            assert not [name for name, _ in attributes if name.startswith("on") or name == "style"], (
                path,
                tag,
                attributes,
            )
            for name, value in attributes:
                if name in ("href", "src", "action", "formaction", "data"):
                    assert re.match(r"https?:|/(?!/)|#|\?|data:image/", value or ""), (path, name, value)
            assert tag != "script" or str(dict(attributes).get("src")).startswith("/static/"), path
        assert "49" not in re.findall(r"\{\{7\*7\}\}|\$\{7\*7\}|\b49\b", body), path
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "script-src 'self'" in policy or "script-src" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers.get("x-frame-options") == "DENY" or "/reconcile/preview" in path


@pytest.mark.skipif(bool(missing()), reason=missing() or "browser found")
def test_nothing_runs_in_a_browser(server: str, tmp_path: Path) -> None:
    with browsing(tmp_path) as browser:
        chosen = [path for path in paths() if "/review" not in path]
        for path in (*chosen[:8], *chosen[8::7]):
            browser.open(server + path)
            look(browser, path)
        browser.open(server + "/search")
        browser.type("main input[type=search]", PLANTED[1])
        browser.click("main form.search button")
        look(browser, "the form of the search")


def look(browser: Browser, path: str) -> None:
    assert browser.run("return window.planted === undefined"), path
    assert browser.run("return document.querySelectorAll('[onerror], [onload]').length") == 0, path
    wanted = "return [...document.links].filter(a => !/^https?:$/.test(a.protocol)).map(a => a.href)"
    assert browser.run(wanted) == [], path
    blocked = [message for message in browser.errors() if "Content Security Policy" in message]
    assert not blocked, (path, blocked)  # the policy is the second line: nothing even tried


def test_csv_for_spreadsheets(server: str) -> None:
    query = urllib.parse.quote(f"SELECT ?v {{ ?s <{BASE}x/formula> ?v }} ORDER BY ?s")
    _, headers, exact = get(f"{server}/sparql?query={query}&format=csv", "text/csv")
    values = [row[0] for row in csv.reader(io.StringIO(exact, newline=""))][1:]
    assert set(FORMULAS) <= set(values)
    _, other, safe = get(f"{server}/sparql?query={query}&format=csv&safe=1", "text/csv")
    guarded = [row[0] for row in csv.reader(io.StringIO(safe, newline=""))][1:]
    assert sorted(guarded) == sorted([*("'" + words for words in FORMULAS), "-5"])
    assert headers["etag"] != other["etag"]
    assert get(f"{server}/queries/articles.csv?safe=1", "text/csv")[2].startswith(
        get(f"{server}/queries/articles.csv")[2][:10]
    )
