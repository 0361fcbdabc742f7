"""A store that the first version made, in the hands of this one: read, served, built on, backed up.

`scripts/make_old_store.py` made the file; it stays as it is.
"""

from __future__ import annotations

import json
import tarfile
import urllib.request
from pathlib import Path

import pytest
from crash import MODEL, dump

from kg.backup import backup, restore
from kg.build import build
from server import running

OLD = Path(__file__).parent.parent / "data" / "store-1.tar.gz"
BASE = "http://example.org/news/"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    with tarfile.open(OLD) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path


def test_it_is_read_and_served(old: Path) -> None:
    assert b"Lindow" in dump(old / "store") or b"LINDOW" in dump(old / "store")
    with running(old / "store", "token") as server:
        with urllib.request.urlopen(server + "/queries/articles.json", timeout=30) as answer:
            assert len(json.load(answer)["results"]["bindings"]) == 2
        for path in ("/", "/article/bridge", "/queries", "/health"):
            with urllib.request.urlopen(server + path, timeout=30) as answer:
                assert answer.status == 200
        update = urllib.request.Request(
            server + "/update",
            b"INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:p> 1 } }",
            {"Content-Type": "application/sparql-update", "Authorization": "Bearer token"},
        )
        with urllib.request.urlopen(update, timeout=30) as answer:
            assert answer.status == 204
    assert b"<urn:g>" in dump(old / "store")


def test_a_build_brings_it_up_to_date(old: Path) -> None:
    """What comes of it is what this version makes of the same articles, byte for byte."""
    articles = old / "articles"
    build([str(articles)], old / "store", base=None, model=MODEL)
    build([str(articles)], old / "fresh", base=BASE, model=MODEL)
    assert dump(old / "store") == dump(old / "fresh")
    again = build([str(articles)], old / "store", base=None, model=MODEL)
    assert (again.written, again.graphs) == ([], 0)


def test_backup_before_an_upgrade(old: Path) -> None:
    backup(old / "store", old / "saved.tar")
    restore(old / "saved.tar", old / "again")
    assert dump(old / "again") == dump(old / "store")
