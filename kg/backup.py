"""A store as one file, and a store from such a file.

The file is a tar archive: the marker, the state of the builds, the published snapshot, and last a list of all files with
their digests, so that a part of an archive is never taken for a whole. A backup locks nothing: a snapshot never changes,
and what the builds know is copied by SQLite's own backup, so a server and a build may go on meanwhile.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyoxigraph as ox

from kg.errors import InputError, StoreError
from kg.state import State
from kg.store import MARKER, Snapshot, current_snapshot, read_marker, write_atomically

FORMAT = 1
MANIFEST, STATE = "newskg-backup.json", "state.sqlite"
# How often the snapshot may be replaced while its files are being opened; opening takes milliseconds.
ATTEMPTS = 5
PIECE = 1 << 20
# What an archive may hold; anything else is not ours.
_MEMBER = re.compile(rf"(?:{re.escape(MARKER)}|{re.escape(MANIFEST)}|{re.escape(STATE)}|snapshot/[A-Za-z0-9_.-]+)")
_SNAPSHOT = re.compile(r"\d+-[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class Saved:
    """What a backup holds: the snapshot's identifier, and the number of bytes of its files."""

    snapshot: str
    size: int


def backup(folder: str | Path, file: str | Path) -> Saved:
    """Writes what is published in the store at `folder`, and what its builds know, to `file`; one that is there is replaced.

    Raises `StoreError` if there is nothing published, `InputError` if `file` cannot be written.
    """
    folder, file = Path(folder), Path(file)
    read_marker(folder)
    part, copy = file.with_name(file.name + ".part"), file.with_name(file.name + ".state.part")
    try:
        if folder.resolve() in file.resolve().parents:
            raise InputError(f"{file} is inside the store: name a file elsewhere")
        if file.exists() and not file.is_file():  # a device would be replaced by a file
            raise InputError(f"{file} is no regular file: name another file")
        with _snapshot_files(folder, copy) as (snapshot, files), part.open("wb") as output:
            saved = _write(output, folder, snapshot, files, copy)
            output.flush()
            os.fsync(output.fileno())
        part.replace(file)
    except OSError as error:
        raise InputError(
            f"{file} cannot be written ({error.strerror or error}): make room, or name another file"
        ) from None
    finally:
        for left in (part, copy):
            with suppress(OSError):
                left.unlink(missing_ok=True)
    return saved


@contextmanager
def _snapshot_files(folder: Path, copy: Path) -> Iterator[tuple[Snapshot, dict[str, IO[bytes]]]]:
    """The current snapshot with its files open, so that they outlast a newer one; the state is copied beside."""
    files: dict[str, IO[bytes]] = {}
    try:
        snapshot: Snapshot | None = None
        for attempt in range(1, ATTEMPTS + 1):
            snapshot = current_snapshot(folder)
            if snapshot is None:
                raise StoreError(f"{folder} has nothing published yet: run `kg build SOURCE --store {folder}`")
            try:
                files.update(
                    (path.name, path.open("rb")) for path in sorted(snapshot.path.iterdir()) if path.name != "LOCK"
                )
                _copy_state(folder / STATE, copy)
                if current_snapshot(folder) == snapshot or attempt == ATTEMPTS:
                    break
            except FileNotFoundError:
                if attempt == ATTEMPTS or current_snapshot(folder) == snapshot:
                    raise
            for opened in files.values():
                opened.close()
            files.clear()
        assert snapshot is not None
        yield snapshot, files
    finally:
        for opened in files.values():
            opened.close()


def _copy_state(state: Path, copy: Path) -> None:
    copy.open("wb").close()  # names what is wrong with the place better than SQLite does
    copy.unlink()
    if not state.exists():  # a store that only a server wrote to
        return
    try:
        with closing(sqlite3.connect(state)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    except sqlite3.Error as error:
        raise StoreError(f"{state} cannot be copied ({error}): make room beside the backup, then try again") from None


def _write(output: IO[bytes], folder: Path, snapshot: Snapshot, files: dict[str, IO[bytes]], copy: Path) -> Saved:
    members: dict[str, dict[str, Any]] = {}
    with tarfile.open(fileobj=output, mode="w", format=tarfile.PAX_FORMAT) as archive:

        def add(name: str, source: IO[bytes]) -> None:
            size = source.seek(0, io.SEEK_END)
            source.seek(0)
            about = tarfile.TarInfo(name)
            about.size = size
            reader = _Hashing(source)
            archive.addfile(about, reader)
            members[name] = {"size": size, "sha256": reader.digest.hexdigest()}

        with (folder / MARKER).open("rb") as marker:
            add(MARKER, marker)
        if copy.exists():
            with copy.open("rb") as state:
                add(STATE, state)
        for name, source in files.items():
            add("snapshot/" + name, source)
        manifest = {"format": FORMAT, "snapshot": snapshot.id, "files": members}
        add(MANIFEST, io.BytesIO(json.dumps(manifest, indent=1).encode()))
    return Saved(snapshot.id, sum(member["size"] for member in members.values()))


class _Hashing:
    """Reads a file and keeps the digest of what was read."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        data = self._source.read(size)
        self.digest.update(data)
        return data


def restore(file: str | Path, folder: str | Path) -> Saved:
    """Makes a store at `folder`, which must be new or empty, from a backup. It appears as a whole or not at all.

    Raises `InputError` if `file` is no whole backup, `StoreError` if the folder cannot be used.
    """
    file, folder = Path(file), Path(folder)
    part = folder.with_name(folder.name + ".part")
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise StoreError(f"{folder} is not empty: name a new folder, and put it in the other's place afterwards")
        if part.exists():
            shutil.rmtree(part)
        (part / "snapshot").mkdir(parents=True)
        manifest = _unpack(file, part)
        saved = Saved(manifest["snapshot"], sum(member["size"] for member in manifest["files"].values()))
        _arrange(part, manifest["snapshot"])
        if folder.exists():
            folder.rmdir()
        part.replace(folder)
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be made ({error.strerror or error}): make room, or name another folder"
        ) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return saved


def _unpack(file: Path, target: Path) -> dict[str, Any]:
    """Writes the files of an archive below `target`; returns its list of them, which they agree with."""
    found: dict[str, dict[str, Any]] = {}
    damaged = InputError(f"{file} is no whole backup: name a file that `kg backup` wrote, or an older one")
    try:
        stream = file.open("rb")
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error.strerror}): name a file that `kg backup` wrote") from None
    with stream:
        try:
            with tarfile.open(fileobj=stream, mode="r:") as archive:
                for member in archive:
                    source = archive.extractfile(member) if member.isreg() else None
                    if source is None or not _MEMBER.fullmatch(member.name) or member.name in found:
                        raise damaged
                    reader = _Hashing(source)
                    with (target / member.name).open("wb") as output:
                        shutil.copyfileobj(reader, output, PIECE)
                    found[member.name] = {"size": member.size, "sha256": reader.digest.hexdigest()}
            manifest = json.loads((target / MANIFEST).read_bytes())
            del found[MANIFEST]
            if manifest["format"] != FORMAT:
                raise InputError(f"{file} is a backup of format {manifest['format']}, this version reads {FORMAT}: "
                                 "restore it with the version of newskg that wrote it")  # fmt: skip
            if manifest["files"] != found or MARKER not in found or not _SNAPSHOT.fullmatch(manifest["snapshot"]):
                raise damaged
        except (tarfile.TarError, EOFError, ValueError, KeyError, TypeError, FileNotFoundError):
            raise damaged from None
    (target / MANIFEST).unlink()
    return dict(manifest)


def _arrange(part: Path, identifier: str) -> None:
    """Puts the files of an unpacked archive where a store has them."""
    read_marker(part)
    snapshot, live = part / "snapshots" / identifier, part / "live"
    snapshot.parent.mkdir()
    (part / "snapshot").rename(snapshot)
    live.mkdir()
    for path in sorted(snapshot.iterdir()):
        # RocksDB never changes an .sst file, so the live data can share it with the snapshot; the others it does.
        if path.suffix == ".sst":
            os.link(path, live / path.name)
        else:
            shutil.copyfile(path, live / path.name)
    try:
        graphs = [graph.value for graph in ox.Store(str(live)).named_graphs() if isinstance(graph, ox.NamedNode)]
    except OSError as error:
        raise InputError(f"the backup's data cannot be opened ({error}): use an older backup") from None
    if (part / STATE).exists():
        _reconcile(part, graphs)
    write_atomically(part / "current", identifier + "\n")


def _reconcile(part: Path, graphs: list[str]) -> None:
    """Where a build was under way, makes the next one write every article's graphs again: what it knew may be ahead of
    the snapshot."""
    base = str(read_marker(part)["base"])
    with State(part) as state:
        if state.behind:
            ours = {*state.digests(), *(graph for graph in graphs if graph.startswith(base + "article/"))}
            state.set_digests(dict.fromkeys(ours, ""))
