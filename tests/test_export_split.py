"""Dumps in files: one for each article, packed, with a manifest that lets everyone check them."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from pathlib import Path

import pyoxigraph as ox
import pytest

import kg.export
from kg.errors import InputError
from kg.export import MANIFEST, export, export_split
from kg.store import reading
from tests.sample import BASE, make_store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_store(tmp_path_factory.mktemp("split") / "s")


def whole(store: Path, **options: bool) -> bytes:
    with reading(store) as (database, _):
        output = io.BytesIO()
        export(database, "nquads", output, **options)
    return output.getvalue()


def split(store: Path, folder: Path, *, packed: bool = False) -> dict[str, bytes]:
    with reading(store) as (database, snapshot):
        export_split(database, "nquads", folder, snapshot.base, snapshot.id, packed=packed)
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_the_files_hold_the_whole_dump(store: Path, tmp_path: Path) -> None:
    files = split(store, tmp_path / "out")
    manifest = json.loads(files.pop(MANIFEST))
    assert {"articles/flood-1.nq", "articles/flood-2.nq", "graphs/entities.nq"} <= files.keys()
    assert {line for data in files.values() for line in data.splitlines()} == set(whole(store).splitlines())
    assert [entry["path"] for entry in manifest["files"]] == sorted(files)
    for entry in manifest["files"]:
        data = files[entry["path"]]
        assert (entry["bytes"], entry["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    both = next(e["graphs"] for e in manifest["files"] if e["path"] == "articles/flood-1.nq")
    assert both == [BASE + "article/flood-1", BASE + "article/flood-1/text"]


def test_packed_files_are_the_same_bytes_each_time(store: Path, tmp_path: Path) -> None:
    plain, one, two = (split(store, tmp_path / n, packed=n != "plain") for n in ("plain", "one", "two"))
    assert one == two
    for name, data in plain.items():
        if name != MANIFEST:
            assert gzip.decompress(one[name + ".gz"]) == data
    assert gzip.decompress(whole(store, packed=True)) == whole(store)


def test_a_folder_with_something_in_it_is_left_alone(store: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="is not empty"):
        split(store, tmp_path)


def test_names_that_no_file_can_have_are_spelt_out(tmp_path: Path) -> None:
    database = ox.Store()
    for name in ("x" * 300, "a%2Fb", "été"):
        graph = ox.NamedNode(f"{BASE}article/{name}")
        database.add(ox.Quad(graph, graph, graph, graph))
    assert export_split(database, "ntriples", tmp_path / "out", BASE, "1-x") == 3
    assert len(list((tmp_path / "out" / "articles").iterdir())) == 3


def test_more_lines_than_are_sorted_at_once(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = whole(store)
    monkeypatch.setattr(kg.export, "PART", 7)
    assert whole(store) == wanted
