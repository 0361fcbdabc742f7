"""The store folder: a live Oxigraph database that one process writes, and published snapshots that any number read.

Oxigraph leaves reading beside a live writer undefined, so readers open a snapshot: a hard-linked copy that never changes.
A snapshot's identifier names a version of the data: it goes into ETags, citations and permalinks.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import IO, TYPE_CHECKING

import pyoxigraph as ox

from kg.errors import StoreError

if TYPE_CHECKING:
    import rdflib

# Raised whenever a store written by this version cannot be read by the one before.
FORMAT = 1
MARKER = "newskg-store.json"
# What a process that was killed while it made a store may have left of it.
UNFINISHED = frozenset({"lock", f"{MARKER}.new"})
# Snapshots kept beside the current one, for queries that were under way when it was published; and for how many seconds
# after it was superseded one is kept in any case, however many came since: longer than queries take by default.
KEPT_SNAPSHOTS = 2
KEPT_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A published, unchanging version of a store. `id` is `sequence-digest`; `path` is its Oxigraph database."""

    id: str
    path: Path
    base: str


def read_marker(folder: Path) -> dict[str, str | int]:
    """The marker of a store folder. `StoreError` if the folder is no store or a store of another version."""
    try:
        marker = json.loads((folder / MARKER).read_text(encoding="utf-8"))
        version = marker["format"]
        marker["base"]
    except FileNotFoundError:
        raise StoreError(f"{folder} is not a newskg store: make one with `kg build SOURCE --store {folder}`") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"{folder / MARKER} cannot be read ({error}): restore it, or build into a new folder"
        ) from None
    if version != FORMAT:
        raise StoreError(
            f"{folder} is a store of format {version}, this version reads format {FORMAT}: build into a new folder, "
            "or use the version of newskg that made it"
        )
    return dict(marker)


# What was read last of a folder's marker and name of the current snapshot, and the state of both files then: a server
# asks at every request, and both are only ever replaced as a whole.
_current: dict[str, tuple[tuple[int, ...], Snapshot]] = {}


def current_snapshot(folder: str | Path) -> Snapshot | None:
    """The snapshot to read, without opening anything; None if nothing was published yet. `StoreError` if it is no store."""
    place = str(folder)
    state: tuple[int, ...] = ()
    try:
        marker, current = os.stat(f"{place}/{MARKER}"), os.stat(f"{place}/current")  # noqa: PTH116 a tenth of Path's time
        state = (marker.st_ino, marker.st_mtime_ns, current.st_ino, current.st_mtime_ns)
    except OSError:
        pass  # the reading below says what is wrong
    known = _current.get(place)
    if state and known is not None and known[0] == state:
        return known[1]
    folder = Path(folder)
    base = str(read_marker(folder)["base"])
    try:
        name = (folder / "current").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    found = Snapshot(name, folder / "snapshots" / name, base)
    if state:
        _current[place] = (state, found)
    return found


class Store:
    """A store folder opened for writing; one process at a time. Use `Store.open` and a `with` block."""

    def __init__(self, folder: Path, base: str, lock: IO[str]) -> None:
        self.folder = folder
        self.base = base
        self._lock = lock
        self.quads: ox.Store = _open_database(folder / "live")
        """The live Oxigraph database."""

    @classmethod
    def open(cls, folder: str | Path, *, base: str | None = None, create: bool = False) -> Store:
        """Opens a store, or makes one where `create` allows it. `base` must agree with the store's if given.

        Raises `StoreError` if the folder is not a store, of another version or base, or open in another process.
        """
        folder = Path(folder)
        new = create and not (folder / MARKER).exists()
        if new:
            _make_room(folder, base)
        else:
            read_marker(folder)  # what is no store gets no lock
        lock = _take_lock(folder)
        try:
            if new and not (folder / MARKER).exists():
                _mark(folder, str(base))
            marker = read_marker(folder)
            if base is not None and base != marker["base"]:
                raise StoreError(
                    f"{folder} has the base {marker['base']}, not {base}: leave --base out, or use a new folder"
                )
            return cls(folder, str(marker["base"]), lock)
        except BaseException:
            lock.close()
            raise

    @property
    def dataset(self) -> rdflib.Dataset:
        """The live data as an rdflib `Dataset` over oxrdflib; what is written to it is in the store."""
        import rdflib  # here, because the server and its workers open stores and never need it
        from oxrdflib import OxigraphStore

        return rdflib.Dataset(store=OxigraphStore(store=self.quads), default_union=True)

    def optimize(self) -> None:
        """Has the engine merge its files, as far as the disk has room for them twice: they take a quarter less, single quads are
        read faster, and no merging is left that each of the next builds would begin and be too short to end.

        Ctrl-C ends the waiting; the engine ends the file that it is writing.
        """
        live = self.folder / "live"
        size = 0
        for file in live.iterdir():
            with suppress(FileNotFoundError):  # the engine may be merging some already
                size += file.stat().st_size
        if shutil.disk_usage(live).free < size:
            return
        failed: list[Exception] = []

        def merge(quads: ox.Store) -> None:
            try:
                quads.optimize()
            except Exception as error:  # raised again below, where it is heard
                failed.append(error)

        # Beside, since a thread that is in the engine hears no signal; nothing waits for it when the process ends.
        merging = Thread(target=merge, args=(self.quads,), daemon=True)
        merging.start()
        merging.join()
        for error in failed:
            raise error

    def publish(self, digest: str) -> Snapshot:
        """Makes the live data the current snapshot. `digest` names its content: the same as the current one's makes none."""
        short = hashlib.sha256(digest.encode()).hexdigest()[:12]
        before = current_snapshot(self.folder)
        if before is not None and before.id.endswith("-" + short) and before.path.exists():
            return before
        number = int(before.id.split("-")[0]) + 1 if before else 1
        name = f"{number}-{short}"
        target = self.folder / "snapshots" / name
        shutil.rmtree(target, ignore_errors=True)  # what a killed build left
        target.parent.mkdir(exist_ok=True)
        self.quads.flush()
        self.quads.backup(target)
        write_atomically(self.folder / "current", name + "\n")
        if before is not None:
            with suppress(OSError):  # its folder's time says since when it is superseded
                os.utime(before.path)
        self._drop_old_snapshots(number)
        return Snapshot(name, target, self.base)

    def _drop_old_snapshots(self, number: int) -> None:
        limit = time.time() - KEPT_SECONDS
        for path in (self.folder / "snapshots").iterdir():
            with suppress(ValueError, OSError):
                if int(path.name.split("-")[0]) < number - KEPT_SNAPSHOTS and path.stat().st_mtime <= limit:
                    shutil.rmtree(path, ignore_errors=True)

    def close(self) -> None:
        """Ends writing and lets other processes open the store, also where the disk does not take what is left."""
        try:
            self.quads.flush()
        finally:
            del self.quads
            self._lock.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def reading(folder: str | Path) -> Iterator[tuple[ox.Store, Snapshot]]:
    """The current snapshot, opened read-only. `StoreError` if nothing was published yet."""
    snapshot = current_snapshot(folder)
    if snapshot is None:
        raise StoreError(f"{folder} has nothing published yet: run `kg build SOURCE --store {folder}`")
    try:
        database = ox.Store.read_only(str(snapshot.path))
    except OSError as error:
        raise StoreError(f"{snapshot.path} cannot be opened ({error}): run `kg build` again") from None
    yield database, snapshot


def write_atomically(path: Path, text: str) -> None:
    """Writes a file so that a reader sees the old content or the new one, never a part, also after a power cut."""
    temporary = path.with_name(path.name + ".new")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _make_room(folder: Path, base: str | None) -> None:
    """The folder of a new store. What was killed while it made one left no more than a lock and half a marker."""
    if base is None:
        raise StoreError(f"{folder} is not a newskg store: make one with `kg build SOURCE --store {folder}`")
    if not base.endswith(("/", "#")) or ":" not in base:
        raise StoreError(f"base {base!r} must be an absolute IRI that ends with / or #")
    try:
        if folder.exists() and any(path.name not in UNFINISHED for path in folder.iterdir()):
            raise StoreError(f"{folder} is not empty and not a newskg store: name a new or empty folder")
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from None


def _mark(folder: Path, base: str) -> None:
    try:
        write_atomically(folder / MARKER, json.dumps({"format": FORMAT, "base": base}) + "\n")
    except OSError as error:
        raise _unwritable(folder, error) from None


def _unwritable(folder: Path, error: OSError) -> StoreError:
    return StoreError(f"{folder} cannot be made ({error.strerror}): name a folder that can be written")


def _take_lock(folder: Path) -> IO[str]:
    try:
        lock = (folder / "lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise StoreError(f"{folder} cannot be written ({error.strerror}): check its permissions") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        holder = lock.read().strip() or "unknown"
        lock.close()
        raise StoreError(f"{folder} is being written by another process (pid {holder}): wait for it to end") from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _open_database(path: Path) -> ox.Store:
    try:
        return ox.Store(str(path))
    except OSError as error:
        raise StoreError(
            f"{path} cannot be opened ({error}): restore it from a copy, or build into a new folder"
        ) from None
