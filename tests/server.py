"""The real server on a free port with a scratch store, for tests and scripts."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CODE = "import sys; from kg.web.serve import serve; serve(sys.argv[1], port=int(sys.argv[2]), **eval(sys.argv[3]))"


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running(store: Path, token: str = "", log: Path | None = None, **settings: object) -> Iterator[str]:
    """Runs the server as its own process; gives its address, without a slash at the end."""
    port = free_port()
    environment = {name: text for name, text in os.environ.items() if not name.startswith("NEWSKG_")}
    if token:
        environment["NEWSKG_TOKEN"] = token
    with (log or Path(os.devnull)).open("wb") as messages:
        process = subprocess.Popen(
            [sys.executable, "-c", CODE, str(store), str(port), repr(settings)],
            cwd=ROOT,
            env=environment,
            stderr=messages,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address, process)
            yield address
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            with urllib.request.urlopen(address + "/health", timeout=5):
                return
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
    raise RuntimeError("the server did not answer within 30 s")
