"""Sorting more lines than memory holds: sorted runs on disk, merged as a stream."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

# Bytes of lines held before a run is written: some hundred thousand entries.
LIMIT = 64 * 1024 * 1024


class Runs:
    """Lines (bytes without a line break) that come out sorted and without doubles, whatever order they went in."""

    def __init__(self, folder: Path, name: str, limit: int = LIMIT) -> None:
        self.folder = folder
        self.name = name
        self.limit = limit
        self.paths: list[Path] = []
        self._lines: list[bytes] = []
        self._size = 0

    def add(self, line: bytes) -> bool:
        """Takes a line; True when enough are held that `spill` should be called."""
        self._lines.append(line)
        self._size += len(line) + 50  # a bytes object's own size
        return self._size >= self.limit

    def spill(self) -> None:
        """Writes what is held as one sorted run; the file has its name only when it is whole."""
        if not self._lines:
            return
        path = self.folder / f"{self.name}-{len(self.paths):06d}"
        new = path.with_suffix(".new")
        with new.open("wb") as file:
            file.writelines(line + b"\n" for line in sorted(set(self._lines)))
        new.replace(path)
        self.paths.append(path)
        self._lines, self._size = [], 0

    def __iter__(self) -> Iterator[bytes]:
        """All lines, sorted, each once."""
        self.spill()
        last = None
        with ExitStack() as stack:
            files = [stack.enter_context(path.open("rb", buffering=1 << 18)) for path in self.paths]
            for line in heapq.merge(*files):
                if line != last:
                    yield line[:-1]
                    last = line

    def remove(self) -> None:
        """Deletes the runs."""
        for path in self.paths:
            path.unlink(missing_ok=True)
