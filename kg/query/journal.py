"""The query log: one line a query, with no query and no address in it."""

from __future__ import annotations

import hashlib
import logging
import time
from functools import lru_cache

_log = logging.getLogger("newskg.query")


def query_hash(text: str) -> str:
    """What names a query in the log."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:12]


def message(name: str, seconds: float, rows: int | None, outcome: str) -> str:
    """Hash of the query, milliseconds, rows, outcome."""
    return f"query {name} {seconds * 1000:.1f} ms {'?' if rows is None else rows} rows {outcome}"


def line(text: str) -> bytes:
    """A message as a line of the log, with the time, as the server's own log writes it."""
    return f"{_stamp(int(time.time()))} {text}\n".encode()


@lru_cache(1)
def _stamp(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(second))


def log(name: str, seconds: float, rows: int | None, outcome: str) -> None:
    """Writes a line to the log of this process."""
    _log.info(message(name, seconds, rows, outcome))
