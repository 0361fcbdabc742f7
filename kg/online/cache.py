"""Answers of services, kept on disk by request, so that a run goes on where an earlier one ended and nothing is asked twice."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import platformdirs

from kg.errors import OnlineError

# Items change slowly, and a run over a large store may take days: a month keeps both politeness and freshness.
MAX_AGE = 30 * 24 * 3600.0
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS answers(key TEXT PRIMARY KEY, time REAL NOT NULL, body BLOB NOT NULL) WITHOUT ROWID"
)


def cache_path(folder: str = "") -> Path:
    """The cache file in a folder, by default the user's cache folder."""
    return Path(folder or platformdirs.user_cache_dir("newskg", appauthor=False)) / "online.sqlite"


class Cache:
    """JSON answers by key. `OnlineError` if the file cannot be used."""

    def __init__(self, path: Path, *, max_age: float = MAX_AGE, clock: Callable[[], float] = time.time) -> None:
        self.path, self._max_age, self._clock = path, max_age, clock
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute(SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise OnlineError(
                f"the cache {path} cannot be used ({error}): delete it, or name another folder with --cache"
            ) from None

    def get(self, key: str) -> Any:
        """The answer under a key; None if there is none, or none young enough."""
        row = self._db.execute("SELECT time, body FROM answers WHERE key = ?", (key,)).fetchone()
        if row is None or not 0 <= self._clock() - row[0] <= self._max_age:
            return None
        return json.loads(zlib.decompress(row[1]))

    def put(self, key: str, answer: Any) -> None:
        """Keeps an answer at once: a kill does not lose it."""
        body = zlib.compress(json.dumps(answer, separators=(",", ":")).encode(), 1)
        self._db.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", (key, self._clock(), body))

    def close(self) -> None:
        """Closes the file."""
        self._db.close()


def request_key(method: str, url: str, params: Mapping[str, str]) -> str:
    """The key of a request: a digest of its method, address and parameters in any order."""
    return hashlib.sha256(json.dumps([method, url, sorted(params.items())]).encode()).hexdigest()
