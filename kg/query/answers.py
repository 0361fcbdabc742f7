"""Answers of a worker under way: what is known at their beginning, and their bytes as they come."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from kg.errors import DeadlineExceeded
from kg.query.frames import END
from kg.query.process import Child
from kg.store import Snapshot


class Parts(Protocol):
    """The bytes of an answer, part by part."""

    def __iter__(self) -> Iterator[bytes]:
        """The parts."""

    def close(self) -> None:
        """Lets go of the worker, if there still is one."""


@dataclass(slots=True)
class Answer:
    """An answer under way. `head` has kind, format, media_type and perhaps cut; iterate to get the bytes; close it in
    any case."""

    head: dict[str, Any]
    snapshot: Snapshot
    parts: Parts
    end: dict[str, Any] = field(default_factory=dict)

    @property
    def length(self) -> int | None:
        """Number of bytes, where it is known beforehand."""
        return self.head.get("length")

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.parts)

    def close(self) -> None:
        """Gives the worker back; an answer that was not read to its end costs it its life."""
        self.parts.close()

    def read(self) -> bytes:
        """The whole answer."""
        try:
            return b"".join(self.parts)
        finally:
            self.close()


class Owner(Protocol):
    """Who has the worker that makes an answer."""

    def count(self, name: str, number: int = 1) -> None:
        """Counts for `/metrics`."""

    def give_back(self, child: Child) -> None:
        """Makes a worker free for the next request."""

    def replace(self, child: Child) -> None:
        """Ends a worker."""

    def wanted(self) -> bool:
        """True while requests wait for one."""


class Whole:
    """An answer that is complete; its worker is back in the pool."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __iter__(self) -> Iterator[bytes]:
        return iter((self._data,) if self._data else ())

    def close(self) -> None:
        """Nothing is left to do."""


class Stream:
    """An answer that its worker is still making. The deadline counts the time that the worker takes, not the client, which
    may stretch it by `patience` seconds, and by `short` while others wait for a worker."""

    def __init__(
        self, pool: Owner, child: Child, deadline: float, patience: float, short: float, end: dict[str, Any]
    ) -> None:
        self._pool = pool
        self._child: Child | None = child
        self._deadline = deadline
        self._end = end
        self._sent = time.monotonic()
        self._waited, self._short = 0.0, short
        self._slow = threading.Timer(patience, child.terminate)
        self._slow.daemon = True
        self._slow.start()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._child is None:
            raise StopIteration
        waited = time.monotonic() - self._sent
        self._deadline += waited
        self._waited += waited
        try:
            if self._waited > self._short and self._pool.wanted():
                raise DeadlineExceeded("the answer was taken too slowly while others waited: ask for less at once")
            kind, payload = self._child.receive(self._deadline)
        except BaseException as error:
            if isinstance(error, DeadlineExceeded):
                self._pool.count("timeouts")
            self.close()
            raise
        if kind == END:
            self._end.update(json.loads(payload))
            self._slow.cancel()
            child, self._child = self._child, None
            self._pool.give_back(child)
            raise StopIteration
        self._sent = time.monotonic()
        return payload

    def close(self) -> None:
        """Ends the worker if it is not done."""
        self._slow.cancel()
        child, self._child = self._child, None
        if child is not None:
            self._pool.replace(child)
