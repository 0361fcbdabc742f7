"""Writing through the server: one write worker, one write at a time, each visible to the next query."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

from kg.errors import Busy, DeadlineExceeded, ResourceExceeded, TooComplex, WorkerDied
from kg.query.federation import with_services
from kg.query.guarded import Guard
from kg.query.pool import Limits
from kg.query.process import Child


class Writer:
    """Sends writes to the write worker. Thread-safe."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._limits = limits
        self._arguments = ["--folder", str(folder), "--memory", str(limits.memory)]
        self._lock = threading.Lock()
        self._child = self._start()
        self._child.wait_ready()

    def _start(self) -> Child:
        return Child("kg.query.write_worker", self._arguments)

    def run(self, request: dict[str, Any], body: bytes = b"") -> dict[str, Any]:
        """Applies a write: `do` is update, put, post or delete. The answer names the snapshot that has it.

        Raises `Busy` if other writes take too long, `DeadlineExceeded`, `ResourceExceeded`, or what the worker reports.
        """
        if self._limits.service and request["do"] == "update":
            guard = Guard(tuple(self._limits.service.split()), time.monotonic() + self._limits.timeout)
            request = {**request, "update": with_services(request["update"], request.get("base"), guard)}
        if not self._lock.acquire(timeout=self._limits.timeout):
            raise Busy("another write is under way: try again shortly")
        try:
            self._child.wait_ready()
            self._child.send(request, body)
            _, payload = self._child.receive(time.monotonic() + self._limits.timeout)
        except (DeadlineExceeded, ResourceExceeded, TooComplex, WorkerDied):
            self._child.kill()
            self._child = self._start()
            raise
        finally:
            self._lock.release()
        found: dict[str, Any] = json.loads(payload)
        return found

    def close(self) -> None:
        """Ends the write worker after the write that is under way."""
        with self._lock:
            self._child.kill()
