"""Authority tables: tab-separated, one entry a line, names of columns in the first line, no quoting; also gzipped.

Columns: `qid` (or `key`), `label`; optional `type`, `aliases` (between bars), `description`, `lat`, `lon`,
`country_qid` (or `country`), `admin`, `kind`, `population`, `geonames`, `sitelinks`, `born`, `died`, `source` (tags
between commas). Others are not read.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from kg.authority.entry import NAMES, Entry, is_key
from kg.errors import InputError

TYPES = ("", "person", "organisation", "place", "group", "event", "other")
_RENAMED = {"qid": "key", "country_qid": "country", "source": "sources"}
_INTEGERS = frozenset(("population", "geonames", "sitelinks"))


class Table:
    """A table as a source of entries. `tag` is the source of rows that name none."""

    def __init__(self, path: Path, tag: str = "") -> None:
        self.path = path
        self.name = path.name
        self.tag = tag
        try:
            found = path.stat()
        except OSError as error:
            raise InputError(f"{path} cannot be read ({error.strerror}): name a table, a dump or an endpoint") from None
        self.state = f"{found.st_size} {found.st_mtime_ns}"
        self._size = max(found.st_size, 1)
        self._read: Callable[[], int] = lambda: 0

    def part(self) -> float | None:
        """The part of the file's bytes that was read."""
        return min(1.0, self._read() / self._size)

    def entries(self, position: Any) -> Iterator[tuple[Any, Entry]]:
        """The rows after line `position`. `InputError` names the file and the line that is at fault."""
        try:
            with self.path.open("rb") as raw:
                self._read = raw.tell
                stream: Any = gzip.GzipFile(fileobj=raw) if self.path.suffix == ".gz" else raw
                header = self._header(stream)
                for number, line in enumerate(stream, 2):
                    if line.strip() and number > (position or 0):
                        yield number, self._entry(header, line, number)
                self._read = lambda: self._size
        except (OSError, EOFError) as error:
            raise InputError(f"{self.path} cannot be read ({error}): is the file whole?") from None
        except UnicodeDecodeError:
            raise InputError(f"{self.path} is not UTF-8 text: write the table as UTF-8") from None

    def _header(self, stream: Any) -> list[str]:
        names = next(stream, b"").decode("utf-8-sig").rstrip("\r\n").split("\t")
        header = [_RENAMED.get(name, name) for name in names]
        if "key" not in header or "label" not in header:
            raise InputError(
                f"{self.path} is not an authority table: its first line must name the columns, among them qid and label"
            )
        return header

    def _entry(self, header: list[str], line: bytes, number: int) -> Entry:
        cells = line.decode().rstrip("\r\n").split("\t")
        if len(cells) > len(header):
            raise InputError(f"{self.path} line {number} has {len(cells)} columns, its first line {len(header)}")
        row: dict[str, Any] = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if name in NAMES}
        key = row.get("key", "")
        if not is_key(key):
            raise InputError(f"{self.path} line {number}: {key!r} is no Wikidata item (Q1218) and no geonames:NUMBER")
        if row.get("type", "") not in TYPES:
            known = ", ".join(TYPES[1:])
            raise InputError(f"{self.path} line {number}: type {row['type']!r} is none of {known}")
        try:
            for name in ("lat", "lon"):
                row[name] = float(row[name]) if row.get(name) else None
            for name in _INTEGERS & row.keys():
                row[name] = int(row[name]) if row[name] else (None if name == "geonames" else 0)
        except ValueError as error:
            raise InputError(f"{self.path} line {number}: {error}") from None
        label = row["label"] = row.get("label", "") or key
        row["aliases"] = tuple(dict.fromkeys(n for n in row.get("aliases", "").split("|") if n and n != label))
        row["sources"] = tuple(sorted(set(filter(None, row.get("sources", self.tag).split(",")))))
        return Entry(**row | {"qid": key if key.startswith("Q") else row.get("qid", "")})
