"""A Wikidata JSON dump (`.json`, `.json.gz`, `.json.bz2`) as a source of entries: streamed, one item a line.

Lines are filtered as bytes before JSON is read: most items are of no class in the table or have no label in a wanted
language. A position is a number of decompressed bytes, so that a build goes on where it was killed; a compressed dump
is then decompressed up to there, which takes a small part of the time that reading it takes.
"""

from __future__ import annotations

import bz2
import gzip
import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from kg.authority.build import Progress, Step
from kg.authority.classes import LEFT_OUT, class_table, with_subclasses
from kg.authority.entry import Entry
from kg.authority.item import MULTILINGUAL, entry_of, values
from kg.errors import InputError

SUFFIXES = (".json", ".json.gz", ".json.bz2")
TAG = "wikidata"
# The class of the first P31 statement, in the order of keys that dumps have. Where a line is written otherwise it does
# not match, and the line is read as JSON.
_FIRST_CLASS = re.compile(rb'"P31":\[\{"mainsnak":\{[^{}]*"datavalue":\{"value":\{[^{}]*"id":"(Q[0-9]+)"')


class Dump:
    """A dump, or of `shard=(i, n)` its i-th line of each n."""

    def __init__(
        self,
        path: Path,
        languages: Sequence[str] = ("en",),
        shard: tuple[int, int] = (1, 1),
        subclasses: bool = False,
        progress: Progress = lambda step: None,
    ) -> None:
        self.path = path
        self.name = path.name
        self.languages = tuple(languages)
        self.shard = shard
        self.subclasses = subclasses
        self._progress = progress
        try:
            self._size = max(path.stat().st_size, 1)
            changed = path.stat().st_mtime_ns
        except OSError as error:
            raise InputError(f"{path} cannot be read ({error.strerror}): name a Wikidata dump") from None
        self.state = f"{self._size} {changed} {','.join(languages)} {shard} {subclasses}"
        self._tell: Callable[[], int] = lambda: 0

    def part(self) -> float | None:
        """The part of the file's (compressed) bytes that was read."""
        return min(1.0, self._tell() / self._size)

    def entries(self, position: Any) -> Iterator[tuple[Any, Entry]]:
        """The entries of items of a known class, from line and byte `position` on. `InputError` on a broken dump."""
        classes = class_table()
        left_out = frozenset(qid.encode() for qid, kind in classes.items() if kind.type == LEFT_OUT)
        if self.subclasses:
            classes = with_subclasses(classes, self._parents())
        wanted = [f'"language":"{language}"'.encode() for language in (*self.languages, MULTILINGUAL)]
        for at, line in self._lines(position):
            if b'"P31"' not in line or not any(language in line for language in wanted):
                continue
            first = _FIRST_CLASS.search(line)
            if first and first[1] in left_out:
                continue
            try:
                entry = entry_of(self._item(line, at), classes, self.languages, TAG)
            except (AttributeError, KeyError, TypeError, ValueError):
                continue  # of another shape than Wikibase's: one odd item among millions does not end a long build
            if entry is not None:
                yield at, entry

    def _item(self, line: bytes, at: Any) -> dict[str, Any]:
        try:
            item = orjson.loads(line)
            if isinstance(item, dict) and isinstance(item.get("id"), str):
                return item
        except orjson.JSONDecodeError:
            pass
        raise InputError(
            f"{self.path} line {at[0]} is no Wikidata item in JSON: is this a dump of entities, one a line?"
        )

    def _lines(self, position: Any) -> Iterator[tuple[list[int], bytes]]:
        """The lines of items of this shard after `position`, each with the position after it."""
        number, offset = position or (0, 0)
        index, count = self.shard
        openers: dict[str, Callable[[Any], Any]] = {".gz": gzip.open, ".bz2": bz2.open}
        try:
            with self.path.open("rb") as raw:
                self._tell = raw.tell
                stream = openers.get(self.path.suffix, lambda file: file)(raw)
                stream.seek(offset)
                for line in stream:
                    number += 1
                    offset += len(line)
                    if number % count == index % count:
                        line = line.rstrip(b",\r\n ")
                        if len(line) > 2:  # the first and last lines are the brackets of the list
                            yield [number, offset], line
                self._tell = lambda: self._size
        except (OSError, EOFError) as error:
            raise InputError(f"{self.path} cannot be read to its end ({error}): is the file whole?") from None

    def _parents(self) -> dict[int, array[int]]:
        """The direct superclasses (P279) of every class, from a first pass over the whole dump."""
        found: dict[int, array[int]] = {}
        whole = Dump(self.path)
        for count, (at, line) in enumerate(whole._lines(None)):
            if count % 20_000 == 0:
                self._progress(Step(f"reading classes of {self.name}", len(found), whole.part()))
            if b'"P279"' in line:
                item = self._item(line, at)
                above = [int(v["id"][1:]) for v in values(item.get("claims") or {}, "P279") if "id" in v]
                if above and item["id"].startswith("Q"):
                    found[int(item["id"][1:])] = array("q", above)
        return found
