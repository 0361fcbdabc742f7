"""The versions of an article on its page: what there are, and what one changed of that before it."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from kg.prefixes import PREFIXES
from kg.store import Store
from kg.web.versions import changes
from server import running

BASE = "http://versions.example/"
BEFORE = ("The bridge is closed.", "Two lorries were stuck.", "Nobody was hurt.")
AFTER = ("The bridge is closed.", "Three lorries were stuck.", "It opens on Friday.", "Nobody was hurt.")


def quads(name: str, sentences: tuple[str, ...], revises: str = "") -> Iterator[ox.Quad]:
    def iri(text: str) -> ox.NamedNode:
        prefix, colon, local = text.partition(":")
        return ox.NamedNode(PREFIXES[prefix] + local if colon else BASE + text)

    article, text = f"article/{name}", " ".join(sentences)
    rows = [
        (article, "rdf:type", iri("schema:NewsArticle")),
        (article, "dcterms:source", ox.Literal(name)),
        (article, "nkg:sha256", ox.Literal(name * 3)),
        (article, "schema:headline", ox.Literal("A bridge")),
        (f"{article}#char=0,{len(text)}", "rdf:type", iri("nif:Context")),
        (f"{article}#char=0,{len(text)}", "nif:isString", ox.Literal(text)),
        (f"{article}#char=0,{len(text)}", "nif:sourceUrl", iri(article)),
    ]
    if revises:
        rows.append((article, "prov:wasRevisionOf", iri(f"article/{revises}")))
    begin = 0
    for sentence in sentences:
        span = f"{article}#char={begin},{begin + len(sentence)}"
        rows += [
            (span, "rdf:type", iri("nif:Sentence")),
            (span, "nif:anchorOf", ox.Literal(sentence)),
            (span, "nif:beginIndex", ox.Literal(begin)),
            (span, "nif:endIndex", ox.Literal(begin + len(sentence))),
            (span, "nif:referenceContext", iri(f"{article}#char=0,{len(text)}")),
        ]
        begin += len(sentence) + 1
    for subject, predicate, value in rows:
        yield ox.Quad(ox.NamedNode(BASE + subject), iri(predicate), value, ox.NamedNode(BASE + article))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("versions") / "store"
    with Store.open(folder, base=BASE, create=True) as store:
        for name, sentences, revises in (("one", BEFORE[:1], ""), ("two", BEFORE, "one"), ("three", AFTER, "two")):
            store.quads.extend(quads(name, sentences, revises))
        store.publish("versions")
    with running(folder) as address:
        yield address


def page(address: str) -> str:
    with urllib.request.urlopen(urllib.request.Request(address, headers={"Accept": "text/html"}), timeout=30) as answer:
        return str(answer.read().decode())


def test_changes_by_sentences() -> None:
    def spans(texts: tuple[str, ...]) -> list[tuple[str, str]]:
        return [(str(number), text) for number, text in enumerate(texts)]

    found = changes(spans(BEFORE), spans(AFTER))
    assert [([text for _, text in change.before], [text for _, text in change.after]) for change in found] == [
        (["Two lorries were stuck."], ["Three lorries were stuck.", "It opens on Friday."])
    ]
    assert not changes(spans(AFTER), spans(AFTER))


def test_the_page_shows_versions_and_changes(server: str) -> None:
    newest = page(server + "/article/three")
    section = newest[newest.index('id="versions"') :]
    assert section.index("/article/two") < section.index("What changed")
    assert 'href="/article/one"' in section
    assert "<del>Two lorries were stuck.</del>" in section
    assert '<a href="/article/three#char=22,47"><ins>Three lorries were stuck.</ins></a>' in section
    assert "Nobody was hurt." not in section[section.index("What changed") :]
    middle = page(server + "/article/two")
    assert "A later version takes the place of this one" in middle
    assert "nothing stood here" in middle
    assert 'id="versions"' not in page(server + "/article/one")
