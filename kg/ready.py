"""Tables ready-made: what is the same at every start is computed once and kept in the cache folder, regular expressions
with the code that they are compiled to.

As Python keeps modules compiled: a file is named after everything that it was made from, so that it is never out of date, and
where the folder cannot be written all goes on without. Like compiled modules the files are code to whoever can write to the
cache folder, which must be the user's own.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import io
import os
import pickle
import re
import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar, cast

T = TypeVar("T")
# What tables are made from, under the package.
PARTS = ("authority", "clean", "data", "link", "nlp", "ready.py", "tables.py", "vocabulary.py")
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
    data = _dumps(made)
    temporary = folder / f"{path.name}.{os.getpid()}"
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    old = sorted(folder.glob(f"{path.name.rpartition('-')[0]}-*.pickle"), key=lambda p: p.stat().st_mtime)
    for gone in old[:-KEPT]:
        gone.unlink(missing_ok=True)


class _Pickler(pickle.Pickler):
    """Regular expressions with their code: compiling those of page furniture alone takes 0.1 s."""

    def reducer_override(self, obj: object) -> Any:
        return _reduced(obj) if isinstance(obj, re.Pattern) else NotImplemented


def _dumps(made: object) -> bytes:
    data = io.BytesIO()
    _Pickler(data, protocol=5).dump(made)
    return data.getvalue()


def _reduced(pattern: re.Pattern[Any]) -> Any:
    """What `re` makes a pattern of. The engine checks the code that it is given; the name of a file changes with the version of
    Python, so that no other reads it. Where `re` is built otherwise, the pattern is compiled anew, as pickle has it."""
    try:
        compiler = import_module("re._compiler")
        parsed = import_module("re._parser").parse(pattern.pattern, pattern.flags & ~re.UNICODE)
        names: list[str | None] = [None] * parsed.state.groups
        for name, number in parsed.state.groupdict.items():
            names[number] = name
        code = [int(c) for c in compiler._code(parsed, pattern.flags & ~re.UNICODE)]
        parts = pattern.pattern, pattern.flags, code, pattern.groups, dict(parsed.state.groupdict), tuple(names)
        if _pattern(*parts) == pattern:
            return _pattern, parts
    except (ImportError, AttributeError, TypeError, ValueError):
        pass
    return re.compile, (pattern.pattern, pattern.flags & ~re.UNICODE)


def _pattern(*parts: Any) -> re.Pattern[str]:
    return cast("re.Pattern[str]", import_module("_sre").compile(*parts))


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
