"""The search index: names to things, the same for every reader, rebuilt with the snapshot."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pyoxigraph as ox
import pytest
from sample import BASE, make_store

from kg import search as module
from kg.prefixes import PREFIXES
from kg.search import fold, search, similarity, suggest
from kg.store import Snapshot, Store, current_snapshot


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_store(tmp_path_factory.mktemp("search") / "store")


@pytest.fixture
def snapshot(folder: Path) -> Snapshot:
    found = current_snapshot(folder)
    assert found is not None
    return found


@pytest.mark.parametrize("text", ["Ilse Varn", "ilse varn", "ILSE  VARN", "Varn, Ilse", "Ilsé Vårn"])
def test_a_name_is_found_however_it_is_written(snapshot: Snapshot, text: str) -> None:
    best = search(snapshot, text)[0]
    assert (best.iri, best.kind, best.label) == (BASE + "person/ilse-varn", "person", "Ilse Varn")
    assert best.score >= 99.0
    assert best.types == (PREFIXES["schema"] + "Person",)
    assert best.weight == 1


@pytest.mark.parametrize("text", ["Ilse Varm", "Ilze Varn", "Varn"])
def test_a_name_that_is_only_like_it_is_found_but_not_sure(snapshot: Snapshot, text: str) -> None:
    best = search(snapshot, text)[0]
    assert best.iri == BASE + "person/ilse-varn"
    assert 50 <= best.score < 99


@pytest.mark.parametrize("text", ["", "  ", "?!", "Zzyzx Quorb", '" OR 1', "a" * 5000, "%%%", "\x00"])
def test_nothing_is_found_where_nothing_is_like_it(snapshot: Snapshot, text: str) -> None:
    assert search(snapshot, text) == []
    assert suggest(snapshot, text) == [] or text == '" OR 1'


def test_kinds_and_limit(snapshot: Snapshot) -> None:
    kinds = {hit.kind for hit in search(snapshot, "Lindow", limit=50)}
    assert {"place", "organisation", "event", "article"} <= kinds
    assert [hit.iri for hit in search(snapshot, "Lindow", ["place"])] == [BASE + "place/lindow"]
    assert len(search(snapshot, "Lindow", limit=2)) == 2
    assert search(snapshot, "Lindow", limit=0) == []
    assert search(snapshot, "Lindow", ["no-such-kind"]) == []


def test_events_and_articles_carry_their_date(snapshot: Snapshot) -> None:
    event = search(snapshot, "meeting in Lindow", ["event"])[0]
    assert (event.date, event.weight) == ("2031-05-03", 2)
    assert PREFIXES["nkg"] + "Meeting" in event.types
    assert search(snapshot, "Flood hits Lindow")[0].date == "2031-05-03"


def test_suggestions_begin_with_the_letters(snapshot: Snapshot) -> None:
    assert [hit.label for hit in suggest(snapshot, "il")] == ["Ilse Varn"]
    assert [hit.label for hit in suggest(snapshot, "var")] == ["Ilse Varn"]
    assert suggest(snapshot, "arn") == []


def test_aliases_count_a_little_less(tmp_path: Path) -> None:
    with Store.open(tmp_path / "s", base=BASE, create=True) as store:
        graph = ox.NamedNode(BASE + "graph/entities")
        for name, prefix, label in (
            ("organisation/un", "prefLabel", "United Nations"),
            ("organisation/un", "altLabel", "UN"),
            ("place/un", "prefLabel", "Un"),
        ):
            node = ox.NamedNode(BASE + name)
            store.quads.add(
                ox.Quad(node, ox.NamedNode(PREFIXES["skos"] + prefix), ox.Literal(label, language="en"), graph)
            )
        snapshot = store.publish("one")
    hits = search(snapshot, "UN")
    assert [(hit.iri, hit.name, hit.score) for hit in hits] == [
        (BASE + "place/un", "Un", 100.0),
        (BASE + "organisation/un", "UN", 99.0),
    ]


def test_an_index_is_made_once_by_many_threads_and_again_for_the_next_snapshot(tmp_path: Path) -> None:
    folder = make_store(tmp_path / "store")
    first = current_snapshot(folder)
    assert first is not None
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(len(search(first, "Lindow")))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert [path.name for path in (folder / "search").iterdir()] == [f"{first.id}.{module.VERSION}.sqlite"]
    before = (folder / "search" / f"{first.id}.{module.VERSION}.sqlite").read_bytes()
    with Store.open(folder) as store:
        node, graph = ox.NamedNode(BASE + "person/new"), ox.NamedNode(BASE + "graph/entities")
        store.quads.add(ox.Quad(node, ox.NamedNode(PREFIXES["skos"] + "prefLabel"), ox.Literal("Noor Ahl"), graph))
        second = store.publish("two")
    assert search(first, "Noor Ahl") == []
    assert [hit.label for hit in search(second, "Noor Ahl")] == ["Noor Ahl"]
    shutil.rmtree(folder / "search")
    search(first, "Lindow")
    assert (folder / "search" / f"{first.id}.{module.VERSION}.sqlite").read_bytes() == before


def test_a_store_that_cannot_be_written_is_searched_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = current_snapshot(make_store(tmp_path / "store"))
    assert snapshot is not None
    monkeypatch.setattr(module.os, "access", lambda *_: False)
    assert search(snapshot, "Tam Oru")[0].score == 100.0
    assert not list((tmp_path / "store" / "search").iterdir())


def test_folding_and_similarity() -> None:
    assert fold("  Al-Ḥasan  O’Neill, Jr. ") == "al hasan oneill jr"
    assert similarity("a", "a") == 100.0
    assert 95 < similarity("ann lee", "lee ann") < 100
    assert similarity("rafah", "paris") < 50
