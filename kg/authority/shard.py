"""The folder that a build with `--shard` wrote, as a source of entries: shards of one dump make one index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from kg.authority import names
from kg.authority.build import ENTRIES, SHARD
from kg.authority.entry import Entry, unpack
from kg.authority.index import FORMAT
from kg.errors import InputError


class Shard:
    """One shard's sorted entries."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name
        try:
            meta = orjson.loads((folder / SHARD).read_bytes())
            found = (folder / ENTRIES).stat()
        except (OSError, ValueError):
            raise InputError(
                f"{folder} is no shard: make it with `kg authority build SOURCE --shard i/n -o DIR`"
            ) from None
        if (meta["format"], meta["names"]) != (FORMAT, names.VERSION):
            raise InputError(f"{folder} is a shard of another version: build it again")
        self.number, self.count = meta["shard"]
        self.state = f"{found.st_size} {found.st_mtime_ns}"
        self._total: int = max(meta["entries"], 1)
        self._done = 0

    def part(self) -> float | None:
        """The part of the entries that was read."""
        return self._done / self._total

    def entries(self, position: Any) -> Iterator[tuple[Any, Entry]]:
        """The entries after the number `position`."""
        with (self.folder / ENTRIES).open("rb") as file:
            for number, line in enumerate(file, 1):
                self._done = number
                if number > (position or 0):
                    yield number, unpack(line)
