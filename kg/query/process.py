"""A worker process seen from its parent: start it, send a request, read frames until a deadline, let others go first, end
it."""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import Any

from kg import errors
from kg.query.entry import from_report
from kg.query.forks import Forked, Forks
from kg.query.frames import BODY, ERROR, HEAD, READY, REQUEST, frame, json_frame, write_all
from kg.query.status import BUSY, Status

# A larger pipe than the default 64 KiB, so that a worker need not wait for the parent at every frame.
PIPE_BYTES = 1 << 20
# Starting takes about 0.1 s; this much only on a machine that is overloaded or broken.
START_SECONDS = 20.0
TOO_LONG = "the query took longer than it may: make it more selective, or add a LIMIT"
# What a worker does not need to know.
SECRETS = ("NEWSKG_TOKEN", "NEWSKG_TOKEN_FILE")


def environment() -> dict[str, str]:
    """What a worker process has of the environment."""
    found = {name: text for name, text in os.environ.items() if name not in SECRETS}
    # Each of glibc's arenas reserves 64 MiB of address space, of which a worker has little.
    found["MALLOC_ARENA_MAX"] = "2"
    # The engine frees and takes thousands of small pieces for a query. With glibc's seven kept of each size it spends a third
    # of a short query's time in the allocator; this many are at most 33 MiB.
    kept = found.get("GLIBC_TUNABLES")
    found["GLIBC_TUNABLES"] = (kept + ":" if kept else "") + "glibc.malloc.tcache_count=1000"
    return found


class Child:
    """A worker process. `module` is run with `python -m`; `arguments` are its command line. With `forks` it is a fork
    instead, with the settings `direct` of `kg.query.direct`, and can be lent connections."""

    def __init__(
        self,
        module: str,
        arguments: list[str],
        forks: Forks | None = None,
        direct: dict[str, Any] | None = None,
    ) -> None:
        self.status: Status | None = None
        self.control: socket.socket | None = None
        self.demoted = False
        """True once others go first."""
        self._closing = threading.Lock()
        their_input, self._input = os.pipe()
        self._output, their_output = os.pipe()
        self._process: subprocess.Popen[bytes] | Forked
        if forks is not None:
            self.status = Status.create()
            self.control, theirs = socket.socketpair()
            self.control.setblocking(False)
            settings = {"memory": int(arguments[-1]), "direct": direct}
            self._process = forks.start(settings, their_input, their_output, self.status.descriptor, theirs.fileno())
            theirs.close()
        else:
            # Popen without preexec_fn does nothing between fork and exec that a threaded parent could deadlock.
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                stdin=their_input,
                stdout=their_output,
                stderr=subprocess.DEVNULL,
                env=environment(),
            )
        os.close(their_input)
        os.close(their_output)
        for descriptor in (self._input, self._output):
            with suppress(OSError, AttributeError):
                fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self._poll = select.poll()
        self._poll.register(self._output, select.POLLIN)
        self._buffer = bytearray()
        self.about: dict[str, Any] = {}
        """What the worker said of itself when it was ready."""

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def wait_ready(self) -> None:
        """Waits until the worker accepts requests. `WorkerDied` if it cannot start."""
        if self.about:
            return
        kind, payload = self.receive(time.monotonic() + START_SECONDS)
        if kind != READY:
            raise errors.WorkerDied(f"a query worker cannot start: {payload.decode(errors='replace')}")
        self.about = json.loads(payload)

    @property
    def ready(self) -> bool:
        """True if the worker accepts requests; does not wait for it."""
        if not self.about and self._poll.poll(0):
            with suppress(errors.NewskgError):
                self.wait_ready()
        return bool(self.about)

    def send(self, message: dict[str, Any], body: bytes | None = None) -> None:
        """Sends a request. `WorkerDied` if the worker is gone."""
        data = json_frame(REQUEST, message)
        if body is not None:
            data += frame(BODY, body)
        try:
            write_all(self._input, data)
        except (BrokenPipeError, OSError):
            raise errors.WorkerDied("a query worker has ended: send the request again") from None

    def waits(self, seconds: float) -> bool:
        """Waits for so long at most; true if there is still nothing to receive."""
        return not self._buffer and not self._poll.poll(seconds * 1000)

    def receive(self, deadline: float) -> tuple[bytes, bytes]:
        """The next frame. `DeadlineExceeded` past the deadline (of `time.monotonic`), `WorkerDied` or
        `ResourceExceeded` if the worker has ended, and whatever error of `kg.errors` the worker reports."""
        while True:
            if len(self._buffer) >= HEAD.size:
                kind, length = HEAD.unpack_from(self._buffer)
                end = HEAD.size + length
                if len(self._buffer) >= end:
                    payload = bytes(self._buffer[HEAD.size : end])
                    del self._buffer[:end]
                    if kind == ERROR:
                        raise from_report(json.loads(payload))
                    return kind, payload
            remaining = deadline - time.monotonic()
            if remaining <= 0 or not self._poll.poll(remaining * 1000):
                raise errors.DeadlineExceeded(TOO_LONG)
            part = os.read(self._output, PIPE_BYTES)
            if not part:
                raise self.ended()
            self._buffer += part

    def ended(self) -> errors.NewskgError:
        """Why the worker has ended, as an error."""
        status = self._process.wait()
        if status == -signal.SIGSEGV:  # how the end of the stack ends a program: parsing recurses with the nesting
            return errors.TooComplex(
                "the request is nested too deeply for the engine, or is too long a chain of operators: write it flatter, "
                "as with IN or VALUES in place of many || or UNION"
            )
        if status == -signal.SIGABRT:  # how an allocation that fails ends a Rust program
            return errors.ResourceExceeded("the query needed more memory than it may use: make it more selective")
        return errors.WorkerDied("the query worker was ended: send the request again")

    @property
    def idle(self) -> bool:
        """True if nothing that was sent is left unread."""
        return not self._buffer and not self._poll.poll(0)

    @property
    def busy(self) -> bool:
        """True while it answers a request on a connection on loan."""
        return self.status is not None and bool(self.status.words[BUSY])

    def terminate(self) -> None:
        """Ends the worker without waiting for it; whoever reads from it sees the end."""
        self._process.kill()

    def kill(self) -> None:
        """Ends the worker at once. One that is a fork may still be ending: what it does has no effect any more once its
        end of `control` is closed."""
        self._process.kill()
        if isinstance(self._process, subprocess.Popen):
            self._process.wait()
        else:
            self._process.close()
        with self._closing:
            for descriptor in (self._input, self._output):
                if descriptor >= 0:
                    os.close(descriptor)
            self._input = self._output = -1

    def demote(self) -> None:
        """Lets everything else go first, for as long as the worker lives: who may only do what everybody may cannot take
        that back."""
        self.demoted = True
        with suppress(OSError):  # it has just ended
            os.sched_setscheduler(self.pid, os.SCHED_IDLE, os.sched_param(0))

    @property
    def seconds(self) -> float:
        """How long it has computed, all in all, in seconds of a core."""
        try:
            return time.clock_gettime(~self.pid << 3 | 2)  # as clock_getcpuclockid(3) makes it
        except OSError:
            return 0.0

    def forget(self) -> None:
        """Lets go of what was shared with a worker that has ended."""
        if self.control is not None:
            self.control.close()
        if self.status is not None:
            self.status.close()
            self.status = None
