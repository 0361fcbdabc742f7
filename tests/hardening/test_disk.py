"""A disk that is full or read-only: a clear error, nothing lost, and the next run goes on.

A full disk is a limit on the size of files, and, where this process may mount one, a small tmpfs; a read-only one is
mounted so, or is a folder of somebody else's.
"""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from crash import ARTICLES, BASE, CHANGED, build_store, dump, write_articles

from kg.backup import restore
from kg.errors import StoreError
from kg.store import Store
from server import running

CODE = """if True:
    import os, resource, sys
    if int(sys.argv[1]):
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
    if sys.argv[2] != "0":
        os.setgid(int(sys.argv[2])); os.setuid(int(sys.argv[2]))
    from kg.cli import main
    main(sys.argv[3:])
"""
NOBODY = 65534


def kg(*arguments: object, limit: int = 0, user: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", CODE, str(limit), str(user), *map(str, arguments)]
    environment = {**os.environ, "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=environment)


def clear(ended: subprocess.CompletedProcess[str]) -> str:
    """The one line that a person gets."""
    assert ended.returncode == 1, ended.stderr
    assert "Traceback" not in ended.stderr
    [line] = [line for line in ended.stderr.splitlines() if line.startswith("kg: ") and "refused" not in line]
    return line


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("disk")
    write_articles(folder / "articles", ARTICLES)
    build_store(folder / "articles", folder / "store")
    return folder


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of twelve megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this process may not mount a disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def copy(built: Path, target: Path) -> Path:
    subprocess.run(["cp", "-a", str(built / "store"), str(target)], check=True)
    return target


@pytest.mark.parametrize("limit", [1, 30_000])
def test_a_build_out_of_room(built: Path, tmp_path: Path, limit: int) -> None:
    store = copy(built, tmp_path / "store")
    before = dump(store)
    articles = tmp_path / "articles"
    write_articles(articles, CHANGED)
    message = clear(kg("build", articles, "--store", store, limit=limit))
    assert "large" in message or "full" in message or "room" in message or "written" in message, message
    assert dump(store) == before
    build_store(articles, store)
    fresh = build_store(built / "articles", tmp_path / "fresh")
    assert fresh.snapshot
    build_store(articles, tmp_path / "fresh")
    assert dump(store) == dump(tmp_path / "fresh")


def test_a_full_disk(built: Path, disk: Path, tmp_path: Path) -> None:
    store = copy(built, disk / "store")
    before = dump(store)
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"x" * 4096):
            pass
    articles = tmp_path / "articles"
    write_articles(articles, CHANGED)
    clear(kg("build", articles, "--store", store))
    assert dump(store) == before
    clear(kg("backup", store, disk / "saved.tar"))
    assert not list(disk.glob("saved*"))
    filler.unlink()
    assert kg("backup", store, disk / "saved.tar").returncode == 0
    restore(disk / "saved.tar", tmp_path / "restored")
    assert dump(tmp_path / "restored") == before


def test_a_read_only_disk(built: Path, disk: Path, tmp_path: Path) -> None:
    store = copy(built, disk / "store")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    articles = tmp_path / "articles"
    write_articles(articles, CHANGED)
    assert "cannot be written (Read-only file system)" in clear(kg("build", articles, "--store", store))
    assert dump(store) == dump(built / "store")
    assert kg("query", "--store", store, "articles", "--format", "csv").returncode == 0
    clear(kg("build", articles, "--store", disk / "new"))
    clear(kg("backup", built / "store", disk / "saved.tar"))


def test_a_backup_out_of_room_keeps_the_older_one(built: Path, tmp_path: Path) -> None:
    file = tmp_path / "saved.tar"
    assert kg("backup", built / "store", file).returncode == 0
    before = file.read_bytes()
    assert "make room" in clear(kg("backup", built / "store", file, limit=20_000))
    assert [path.name for path in tmp_path.iterdir()] == ["saved.tar"]
    assert file.read_bytes() == before
    assert "make room" in clear(kg("restore", file, tmp_path / "new", limit=20_000))
    assert [path.name for path in tmp_path.iterdir()] == ["saved.tar"]


def fill(disk: Path, left: int) -> Path:
    """Leaves so many bytes of a disk."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"x" * 4096):
            pass
    os.truncate(filler, filler.stat().st_size - left)
    return filler


def test_a_disk_that_fills_up_in_the_middle_of_a_backup(built: Path, disk: Path, tmp_path: Path) -> None:
    file = disk / "saved.tar"
    assert kg("backup", built / "store", file).returncode == 0
    before = file.read_bytes()
    for part in (0.1, 0.5, 0.9):
        filler = fill(disk, int(len(before) * part))
        assert "make room" in clear(kg("backup", built / "store", file))
        assert sorted(path.name for path in disk.iterdir()) == ["filler", "saved.tar"]
        assert file.read_bytes() == before
        filler.unlink()
    fill(disk, len(before) // 2)
    assert "make room" in clear(kg("restore", file, disk / "again"))
    assert not (disk / "again").exists()
    restore(file, tmp_path / "restored")
    assert dump(tmp_path / "restored") == dump(built / "store")


def test_a_server_on_a_full_disk(built: Path, disk: Path) -> None:
    """What is written is refused in the documented form, what was there is still served; with room it goes on."""
    store = copy(built, disk / "store")
    before = dump(store)
    triples = "".join(f"<urn:s> <urn:p> {number} . " for number in range(2_000))

    def put(server: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(server.removeprefix("http://"), timeout=60)
        headers = {"Authorization": "Bearer disk", "Content-Type": "text/turtle"}
        connection.request("PUT", "/data?graph=urn:full", triples, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    with running(store, "disk") as server:
        filler = fill(disk, 20_000)
        for _ in range(3):
            status, body = put(server)
            assert status == 503, body
            assert json.loads(body)["status"] == status
            assert "space" in json.loads(body)["error"], body
        with urllib.request.urlopen(server + "/sparql?query=ASK%7B?s?p?o%7D", timeout=30) as answer:
            assert b"true" in answer.read()
        filler.unlink()
        status, body = put(server)
        assert status in (200, 201, 204), body
    lines = dump(store).splitlines(keepends=True)
    assert sum(b"<urn:full>" in line for line in lines) == 2_000
    assert b"".join(line for line in lines if b"<urn:full>" not in line) == before


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_a_folder_of_somebody_else(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Forked, as Python itself may be out of reach for others."""
    folder = tmp_path_factory.mktemp("else")
    Store.open(folder / "store", base=BASE, create=True).close()
    (folder / "store").chmod(0o555)
    folder.chmod(0o755)

    def work(pipe: object) -> None:
        os.setuid(NOBODY)
        try:
            Store.open(folder / "store")
        except (OSError, StoreError) as error:
            pipe.send(str(error))  # type: ignore[attr-defined]

    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(theirs,))
    process.start()
    process.join(30)
    assert ours.poll(1)
    assert "Permission denied" in ours.recv()
