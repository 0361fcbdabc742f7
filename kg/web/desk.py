"""What is doubtful, and the taking of decisions, through `kg review` in a process of its own: what the page decides is
written by the same code as on the command line, and the server imports none of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from kg.errors import Busy, DeadlineExceeded, NewskgError, QueryError

# A large store takes a minute to look through; a decision rewrites what it changes.
LOOK_SECONDS, DECIDE_SECONDS = 120.0, 600.0
# A decision waits for so long for a build, or a write through the server, to let go of the store.
PATIENCE = 600.0
WRITING = "is being written by another process"

# The most mentioned are decided first; as they are, others take their places.
MOST = 500

# The doubts of the snapshot that was asked about last.
_known: dict[str, list[dict[str, Any]]] = {}
_looking = threading.Lock()


def doubts(folder: Path, snapshot: str) -> list[dict[str, Any]]:
    """The doubtful links and merges of a snapshot that nobody decided on, as `kg review list --format json` has them: the
    most mentioned."""
    with _looking:
        if snapshot not in _known:
            found = json.loads(_run(folder, LOOK_SECONDS, "list", "--format", "json", "--limit", str(MOST)))
            _known.clear()
            _known[snapshot] = found
        return _known[snapshot]


def log(folder: Path) -> list[dict[str, Any]]:
    """All decisions, the newest first."""
    found: list[dict[str, Any]] = json.loads(_run(folder, LOOK_SECONDS, "log", "--format", "json"))
    return found[::-1]


def decide(folder: Path, kind: str, author: str, note: str, options: list[str], arguments: list[str]) -> None:
    """Takes a decision. `QueryError` says what `kg review` refuses, `Busy` that the store stays being written."""
    given = [f"--author={author}", *([f"--note={note}"] if note else []), *options, "--", *arguments]
    end = time.monotonic() + PATIENCE
    while True:
        try:
            _run(folder, DECIDE_SECONDS, kind, *given)
            return
        except QueryError as error:
            if WRITING not in str(error):
                raise
            if time.monotonic() > end:
                raise Busy(str(error)) from None
            time.sleep(0.5)


def _run(folder: Path, seconds: float, *arguments: str) -> str:
    """Runs `kg review` and gives what it writes to standard output."""
    environment = {name: text for name, text in os.environ.items() if name != "NEWSKG_TOKEN"}
    command = [sys.executable, "-m", "kg", "review", "--store", str(folder), *arguments]
    try:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise DeadlineExceeded(f"the review took longer than {seconds:g} s: use `kg review` on the machine") from None
    if done.returncode:
        lines = [line for line in done.stderr.decode(errors="replace").splitlines() if line.strip()]
        message = lines[-1] if lines else f"it ended with {done.returncode}"
        for start in ("kg: ", "Error: "):
            if message.startswith(start):
                raise QueryError(message.removeprefix(start))
        raise NewskgError(f"the review failed unexpectedly: {message}")
    return done.stdout.decode()
