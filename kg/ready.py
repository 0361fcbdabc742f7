"""Tables ready-made: what is the same at every start is computed once and kept in the cache folder.

As Python keeps modules compiled: a file is named after everything that it was made from, so that it is never out of date, and
where the folder cannot be written all goes on without. Like compiled modules the files are code to whoever can write to the
cache folder, which must be the user's own.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
import pickle
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar, cast

T = TypeVar("T")
# What tables are made from, under the package.
PARTS = ("authority", "data", "link", "nlp", "ready.py", "tables.py", "vocabulary.py")
# Files of a table that are kept: one for each version that is in use side by side.
KEPT = 4


def ready_made(name: str, make: Callable[[], T]) -> T:
    """What `make` gives, from the cache folder if it is there. `make` must depend on the package's files alone."""
    from kg.authority.places import cache_folder

    try:
        folder = cache_folder() / "tables"
        path = folder / f"{name}-{_digest()}.pickle"
        if path.stat().st_uid == os.getuid():
            return cast(T, _load(path))
    except Exception:  # not there, cut short, or not readable: it is made anew
        pass
    made = make()
    with contextlib.suppress(OSError):
        _keep(folder, path, made)
    return made


def _load(path: Path) -> object:
    collecting = gc.isenabled()
    gc.disable()  # nothing of what is read is garbage, and looking for some doubles the time
    try:
        with path.open("rb") as file:
            return pickle.load(file)
    finally:
        if collecting:
            gc.enable()


def _keep(folder: Path, path: Path, made: object) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    data = pickle.dumps(made, protocol=5)
    temporary = folder / f"{path.name}.{os.getpid()}"
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    old = sorted(folder.glob(f"{path.name.rpartition('-')[0]}-*.pickle"), key=lambda p: p.stat().st_mtime)
    for gone in old[:-KEPT]:
        gone.unlink(missing_ok=True)


@cache
def _digest() -> str:
    digest = hashlib.sha256(f"{sys.version_info} {pickle.DEFAULT_PROTOCOL}".encode())
    root = Path(__file__).parent
    for part in PARTS:
        path = root / part
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and file.suffix in {".py", ".tsv", ".txt", ".toml"}:
                digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:32]
