"""Memory that is given back between the stages of a build, so that none pays for what the one before needed."""

from __future__ import annotations

import ctypes
import gc


def give_back() -> None:
    """Gives memory that is no longer used back to the system, where the C library can: glibc keeps what is freed in small
    pieces for itself, 40 MiB of a language model."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
