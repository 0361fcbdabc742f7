"""The store folder: made, locked, published, refused when it is not one."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path
from types import SimpleNamespace

import pyoxigraph as ox
import pytest
import rdflib

import kg.store
from kg.errors import StoreError
from kg.store import KEPT_SNAPSHOTS, MARKER, Store, current_snapshot, reading

BASE = "http://example.org/"
QUAD = ox.Quad(ox.NamedNode(BASE + "s"), ox.NamedNode(BASE + "p"), ox.Literal("o"), ox.NamedNode(BASE + "g"))


def test_what_is_published_is_read(tmp_path: Path) -> None:
    with Store.open(tmp_path / "s", base=BASE, create=True) as store:
        store.quads.add(QUAD)
        published = store.publish("one")
    with reading(tmp_path / "s") as (database, snapshot):
        assert list(database) == [QUAD]
        assert snapshot == published


def test_a_snapshot_does_not_change_with_the_live_data(tmp_path: Path) -> None:
    with Store.open(tmp_path / "s", base=BASE, create=True) as store:
        first = store.publish("empty")
        with reading(tmp_path / "s") as (database, _):
            store.quads.add(QUAD)
            assert store.publish("one").id != first.id
            assert len(database) == 0


def test_the_same_content_makes_no_new_snapshot(tmp_path: Path) -> None:
    with Store.open(tmp_path / "s", base=BASE, create=True) as store:
        assert store.publish("one") == store.publish("one")


def test_old_snapshots_are_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kg.store, "KEPT_SECONDS", 0.0)
    with Store.open(tmp_path / "s", base=BASE, create=True) as store:
        for number in range(KEPT_SNAPSHOTS + 4):
            store.publish(str(number))
    assert len(list((tmp_path / "s" / "snapshots").iterdir())) == KEPT_SNAPSHOTS + 1


def test_a_snapshot_that_was_superseded_just_now_is_kept(tmp_path: Path) -> None:
    with Store.open(tmp_path / "s", base=BASE, create=True) as store:
        first = store.publish("first")
        # A snapshot may be old when it is superseded: what counts is since when queries may have moved on.
        os.utime(first.path, (0, 0))
        with reading(tmp_path / "s") as (database, _):
            later = [store.publish(str(number)) for number in range(KEPT_SNAPSHOTS + 4)]
            assert all(snapshot.path.exists() for snapshot in (first, *later))
            assert len(database) == 0
            for snapshot in (first, later[0]):
                superseded = time.time() - kg.store.KEPT_SECONDS - 1
                os.utime(snapshot.path, (superseded, superseded))
            store.publish("last")
    assert [snapshot.path.exists() for snapshot in (first, *later[:3])] == [False, False, True, True]


def test_files_are_merged(tmp_path: Path) -> None:
    with Store.open(tmp_path / "s", base=BASE, create=True) as store:
        quads = [ox.Quad(ox.NamedNode(f"{BASE}{n}"), ox.NamedNode(BASE + "p"), ox.Literal(n)) for n in range(40)]
        for number in range(5):
            store.quads.bulk_extend(quads[number::5])
        store.optimize()
    with Store.open(tmp_path / "s") as store:  # what was merged is gone when it is opened again at the latest
        # One for each of the three orders of the default graph, one for the terms, one for the engine's own version.
        assert len(list((tmp_path / "s" / "live").glob("*.sst"))) == 5
        assert set(store.quads) == set(quads)


def test_files_are_merged_where_the_disk_has_room_and_a_failure_is_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise OSError("No space left on device")

    with Store.open(tmp_path / "s", base=BASE, create=True) as store:
        quads, store.quads = store.quads, SimpleNamespace(optimize=full)  # type: ignore[assignment]
        with pytest.raises(OSError, match="No space"):
            store.optimize()
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10))
        store.optimize()
        store.quads = quads


def test_the_dataset_is_an_rdflib_dataset_over_the_same_data(tmp_path: Path) -> None:
    with Store.open(tmp_path / "s", base=BASE, create=True) as store:
        store.dataset.graph(rdflib.URIRef(BASE + "g")).add(
            (rdflib.URIRef(BASE + "s"), rdflib.URIRef(BASE + "p"), rdflib.Literal("o"))
        )
        assert list(store.quads) == [QUAD]
        assert isinstance(store.dataset, rdflib.Dataset)


def test_one_process_writes_at_a_time(tmp_path: Path) -> None:
    with (
        Store.open(tmp_path / "s", base=BASE, create=True),
        pytest.raises(StoreError, match="written by another process"),
    ):
        Store.open(tmp_path / "s")
    Store.open(tmp_path / "s").close()


def test_a_folder_that_is_no_store_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=f"{tmp_path} is not a newskg store"):
        Store.open(tmp_path)
    with pytest.raises(StoreError, match="is not a newskg store"):
        current_snapshot(tmp_path / "missing")


def test_files_of_others_are_not_touched(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(StoreError, match="is not empty"):
        Store.open(tmp_path, base=BASE, create=True)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_store_of_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / MARKER).write_text(json.dumps({"format": 99, "base": BASE}))
    with pytest.raises(StoreError, match="format 99"):
        Store.open(tmp_path)


def test_a_broken_marker_is_named(tmp_path: Path) -> None:
    (tmp_path / MARKER).write_text("{")
    with pytest.raises(StoreError, match=MARKER):
        Store.open(tmp_path)


def test_another_base_is_refused(tmp_path: Path) -> None:
    Store.open(tmp_path / "s", base=BASE, create=True).close()
    with pytest.raises(StoreError, match=r"has the base http://example\.org/"):
        Store.open(tmp_path / "s", base="http://other.example/")


@pytest.mark.parametrize("base", ["nonsense", "http://example.org", ""])
def test_a_base_must_be_an_iri_to_append_to(tmp_path: Path, base: str) -> None:
    with pytest.raises(StoreError, match="must be an absolute IRI"):
        Store.open(tmp_path / "s", base=base, create=True)


def test_reading_before_anything_was_published(tmp_path: Path) -> None:
    Store.open(tmp_path / "s", base=BASE, create=True).close()
    with pytest.raises(StoreError, match="nothing published yet"), reading(tmp_path / "s"):
        pass
