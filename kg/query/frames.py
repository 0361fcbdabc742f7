"""The frames that a worker process and its parent exchange over pipes: one byte of kind, four bytes of length, the
payload."""

from __future__ import annotations

import json
import os
import struct
from typing import Any

HEAD = struct.Struct(">cI")

READY = b"R"  # the worker accepts requests
REQUEST = b"Q"  # JSON: what to do; followed by BODY if it says so
BODY = b"B"  # bytes that belong to a request
ANSWER = b"A"  # JSON: what kind of answer follows
DATA = b"D"  # a part of the answer
END = b"Z"  # JSON: the answer is complete
ERROR = b"E"  # JSON: the name of an exception of kg.errors and its message

# Beside the pipes, over a socket: a lease, its number and its generation, with the connection's descriptor …
LEASE = struct.Struct("<QQ")
# … and back, as JSON: the worker lets go of a lease, and why; `rest` says how many bytes of an answer follow.
RELEASE = b"L"


def frame(kind: bytes, payload: bytes) -> bytes:
    """One frame as bytes."""
    return HEAD.pack(kind, len(payload)) + payload


def json_frame(kind: bytes, message: dict[str, Any]) -> bytes:
    """One frame with a JSON object."""
    return frame(kind, json.dumps(message, ensure_ascii=False).encode())


def write_all(descriptor: int, data: bytes) -> None:
    """Writes all bytes to a pipe. `BrokenPipeError` if nobody reads it."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def read_exactly(descriptor: int, count: int) -> bytes:
    """Reads that many bytes from a pipe, blocking. `EOFError` if the other end was closed."""
    parts = []
    while count:
        part = os.read(descriptor, min(count, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def read_frame(descriptor: int) -> tuple[bytes, bytes]:
    """Reads one frame, blocking: its kind and its payload. `EOFError` if the other end was closed."""
    kind, length = HEAD.unpack(read_exactly(descriptor, HEAD.size))
    return kind, read_exactly(descriptor, length)
