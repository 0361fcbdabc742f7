"""Which files are as they were when they were last read, so that they need not be read again.

A file is taken to be unchanged if its size, its time of change and its number in the file system are. One that was changed
within moments of being read is always read again: its time could not tell a second change (git's racy entries).
"""

from __future__ import annotations

import hashlib
import os
import time
from functools import cache
from importlib.metadata import version
from pathlib import Path

from kg.read.files import Input

# Seconds: coarser than the clock of any file system in use.
RACY = 2.0
# What text is found in a page, and its date, is up to these.
LIBRARIES = ("trafilatura", "htmldate", "charset-normalizer", "ftfy", "lxml", "fastwarc")


# What a file looked like, and the keys of the articles that it gave.
Seen = tuple[str, dict[str, str]]


class Memory:
    """The files of earlier runs, by path, each with what it looked like and the articles that it gave.

    `known` has the keys of articles whose records are there; `pipeline` is the version of what makes records.
    """

    def __init__(self, files: dict[str, Seen], known: dict[str, str], pipeline: str) -> None:
        self.fresh: dict[str, Seen] = {}
        """The files of this run that need not be read again, if their articles are kept."""
        self.unchanged = 0
        self.total: int | None = None
        """How many articles the files have, where each has one."""
        self._files, self._known, self._version = files, known, f"{pipeline} {reading_version()}"
        self._now: tuple[str, str] | None = None
        self._articles: dict[str, str] = {}

    def recall(self, one: Input) -> list[str] | None:
        """The identifiers of the articles of a file that is as it was and whose records are there; None: read it."""
        path, stamp = self._look(one)
        found = self._files.get(path)
        if not stamp or found is None or found[0] != stamp or any(self._known.get(i) != k for i, k in found[1].items()):
            return None
        return list(found[1])

    def skip(self, articles: list[str]) -> None:
        """Counts articles that are not read again."""
        self.unchanged += len(articles)

    def begin(self, one: Input) -> None:
        """A file is read now."""
        path, stamp = self._look(one)
        self._now, self._articles = (path, stamp) if stamp else None, {}

    def article(self, identifier: str, key: str) -> None:
        """The file gave an article, whose record has that key."""
        self._articles[identifier] = key

    def spoil(self) -> None:
        """The file gave something that is to be told again the next time."""
        self._now = None

    def end(self) -> None:
        """The file was read to its end."""
        if self._now and self._articles:
            self.fresh[self._now[0]] = self._now[1], self._articles
        self._now = None

    def _look(self, one: Input) -> tuple[str, str]:
        """The path, and what the file looks like; nothing where it cannot be told whether it changed."""
        if not isinstance(one.location, str):
            return "", ""
        try:
            one.location.encode()  # a name that is no UTF-8 cannot be kept: the file is read again
            found = os.stat(one.location)  # noqa: PTH116 - a Path for each of many files takes longer
        except (OSError, UnicodeEncodeError):
            return "", ""
        if time.time() - found.st_mtime < RACY:
            return "", ""
        size = f"{found.st_size}\0{found.st_mtime_ns}\0{found.st_ino}"
        told = f"{self._version}\0{one.id}\0{one.source}\0{one.format}\0{size}"
        return one.location, hashlib.sha256(told.encode()).hexdigest()


@cache
def reading_version() -> str:
    """A digest of the code that reads files."""
    digest = hashlib.sha256(" ".join(version(name) for name in LIBRARIES).encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()
