"""Content codings of answers that are made while they are sent: brotli and gzip (RFC 9110, section 12.5.3)."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

import brotli

# Below this, the header of a coding and the work are worth more than what is saved.
MINIMUM = 1000
# Two thirds of the best level's time, a few per cent more bytes: results are repetitive.
GZIP_LEVEL = 4
# About as fast as that level of gzip, a tenth fewer bytes.
BROTLI_QUALITY = 4


class Coder(Protocol):
    """Takes the parts of an answer and gives what can be sent so far."""

    def add(self, data: bytes, flush: bool = False) -> bytes:
        """Takes a part; `flush`: gives all that it has, so that it can be read at the other end."""

    def end(self) -> bytes:
        """The last of it."""


class _Gzip:
    def __init__(self) -> None:
        self._packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)

    def add(self, data: bytes, flush: bool = False) -> bytes:
        return self._packer.compress(data) + (self._packer.flush(zlib.Z_SYNC_FLUSH) if flush else b"")

    def end(self) -> bytes:
        return self._packer.flush()


class _Brotli:
    def __init__(self) -> None:
        self._packer = brotli.Compressor(quality=BROTLI_QUALITY)

    def add(self, data: bytes, flush: bool = False) -> bytes:
        return bytes(self._packer.process(data) + (self._packer.flush() if flush else b""))

    def end(self) -> bytes:
        return bytes(self._packer.finish())


# In the order of the server's preference among what the client likes equally well.
CODERS: dict[str, Callable[[], Coder]] = {"br": _Brotli, "gzip": _Gzip}


@lru_cache(256)
def chosen(header: str) -> str:
    """The coding to use for an Accept-Encoding header; empty if none is accepted, or plain text is liked better."""
    weights: dict[str, float] = {}
    for part in header.lower().split(","):
        name, _, parameter = part.partition(";")
        key, _, text = parameter.partition("=")
        try:
            weights[name.strip()] = float(text) if key.strip() == "q" else 1.0
        except ValueError:
            weights[name.strip()] = 0.0
    found = {name: weights.get(name, weights.get("*", 0.0)) for name in CODERS}
    best = max(found, key=lambda name: found[name])
    return best if found[best] > 0 and found[best] >= weights.get("identity", 0.0) else ""
