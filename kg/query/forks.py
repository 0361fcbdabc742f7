"""Query workers as forks of a process that has everything loaded: `python -m kg.query.forks`.

To start a worker as a program takes a fifth of a second of a core, which requests are waiting for when the last one has
just been ended. A fork takes milliseconds. The process that is forked has one thread and no connection, so nothing is
copied in the middle of anything; each worker contains itself after the fork (`kg.query.containment`).
"""

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
from contextlib import suppress
from typing import Any

# A message is the settings of one worker.
MESSAGE_BYTES = 1 << 16
# What a worker gets, by the descriptors that it has them at: the connection to its parent's `Forked` is not among them.
STDIN, STDOUT, STATUS, LEASES, LOG = 0, 1, 3, 4, 5
PLACES = (STDIN, STDOUT, STATUS, LEASES, LOG)
# Out of the way of the places above.
BEYOND = 64


class Forked:
    """A forked worker, as `subprocess.Popen` has a program: its process id, its end, what it ended with. Thread-safe."""

    def __init__(self, told: socket.socket) -> None:
        self._told = told
        self._lock = threading.Lock()
        self._handle: int | None = None
        self._pid = 0
        self._closed = False

    @property
    def pid(self) -> int:
        """Its process id, once it exists; -1 if it never will."""
        with self._lock:
            if self._pid == 0 and not self._closed:
                data, descriptors, _, _ = socket.recv_fds(self._told, 8, 1)
                self._pid = int.from_bytes(data, "little") if descriptors else -1
                self._handle = descriptors[0] if descriptors else None
            return self._pid or -1

    def kill(self) -> None:
        """Ends it, if it still runs."""
        if self.pid > 0:
            with self._lock, suppress(ProcessLookupError):
                if self._handle is not None:
                    signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def wait(self) -> int:
        """Waits for its end: what it ended with, as `Popen.wait`."""
        if self.pid < 0 or self._closed:
            return -signal.SIGKILL
        data = self._told.recv(8)  # nothing, if the process that it was forked from has gone before it
        return int.from_bytes(data, "little", signed=True) if data else -signal.SIGKILL

    def close(self) -> None:
        """Lets go of it, whether or not it has ended: who forked it waits for its end."""
        with self._lock:
            self._closed = True
            self._told.close()
            if self._handle is not None:
                os.close(self._handle)
                self._handle = None


class Forks:
    """The process that workers are forked from, seen from its parent; started anew if it has ended. Thread-safe."""

    def __init__(self, environment: dict[str, str], log: int) -> None:
        self._environment, self._log = environment, log
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._start()

    def _start(self) -> None:
        self._stop()
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # Popen without preexec_fn does nothing between fork and exec that a threaded parent could deadlock.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kg.query.forks", str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self._environment,
            pass_fds=(theirs.fileno(),),
        )
        theirs.close()

    def start(self, settings: dict[str, Any], stdin: int, stdout: int, status: int, leases: int) -> Forked:
        """Starts a worker with these settings of `kg.query.worker.run` and these descriptors; does not wait for it."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        message = json.dumps(settings).encode()
        descriptors = [stdin, stdout, status, leases, self._log, theirs.fileno()]
        try:
            with self._lock:
                try:
                    socket.send_fds(self._socket, [message], descriptors)
                except OSError:
                    self._start()
                    socket.send_fds(self._socket, [message], descriptors)
        finally:
            theirs.close()
        return Forked(ours)

    def _stop(self) -> None:
        if self._process is not None:
            self._socket.close()
            self._process.kill()
            self._process.wait()

    def close(self) -> None:
        """Ends the process; workers that still run end within two seconds."""
        with self._lock:
            self._stop()


def main() -> None:
    """Forks workers until the parent closes its end."""
    from kg.query import direct, worker  # noqa: F401  what the forks need is loaded before them

    control = socket.socket(fileno=int(sys.argv[1]))
    workers: dict[int, tuple[int, socket.socket]] = {}
    waiting = select.poll()
    waiting.register(control, select.POLLIN)
    while True:
        for descriptor, _ in waiting.poll():
            if descriptor in workers:
                waiting.unregister(descriptor)
                os.close(descriptor)
                process, told = workers.pop(descriptor)
                status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
                with suppress(OSError), told:
                    told.send(status.to_bytes(8, "little", signed=True))
                continue
            data, descriptors, _, _ = socket.recv_fds(control, MESSAGE_BYTES, len(PLACES) + 1)
            if not data:
                return
            process = os.fork()
            if process == 0:
                _run(json.loads(data), descriptors[:-1])
            told = socket.socket(fileno=descriptors.pop())
            for item in descriptors:
                os.close(item)
            handle = os.pidfd_open(process)
            with suppress(OSError):
                socket.send_fds(told, [process.to_bytes(8, "little")], [handle])
            workers[handle] = (process, told)
            waiting.register(handle, select.POLLIN)


def _run(settings: dict[str, Any], descriptors: list[int]) -> None:
    """Turns the fork into a worker, with nothing of its parent but what it was given; does not return."""
    from kg.query.worker import run

    status = 1
    try:
        moved = [fcntl.fcntl(item, fcntl.F_DUPFD, BEYOND) for item in descriptors]
        for place, item in zip(PLACES, moved, strict=True):
            os.dup2(item, place)
        os.closerange(max(PLACES) + 1, os.sysconf("SC_OPEN_MAX"))
        run(settings["memory"], {**settings["direct"], "status": STATUS, "leases": LEASES, "log": LOG})
        status = 0
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
