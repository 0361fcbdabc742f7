"""When a process looks for garbage, and what memory it gives back between the stages of a build.

Modules, tables and the language model are a million objects that stay. Python's search for garbage goes through them after
every 700 new objects, and through all of them again at the end: a fifteenth of the time of extraction, half a second of the
end. A library leaves that as it is; the command line and its worker processes call `search_seldom`.
"""

from __future__ import annotations

import atexit
import ctypes
import gc

# New objects after which Python looks for garbage: some megabytes of them.
YOUNG = 20_000
_seldom = False


def search_seldom() -> None:
    """Looks for garbage seldom in this process, and not when it ends."""
    global _seldom
    _seldom = True
    gc.set_threshold(YOUNG)
    atexit.register(gc.freeze)


def keep() -> None:
    """What is in memory now stays: it is not searched for garbage again until memory is given back."""
    if _seldom and not gc.get_freeze_count():
        gc.freeze()


def give_back() -> None:
    """Gives memory that is no longer used back to the system, where the C library can: glibc keeps what is freed in small
    pieces for itself, 40 MiB of a language model."""
    gc.unfreeze()
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
