"""When a process looks for garbage."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import gc, weakref
from kg import memory

class Node: pass
def cycle():
    node = Node()
    node.self = node
    return weakref.ref(node)

memory.keep()
print(gc.get_freeze_count() > 0)
memory.search_seldom()
held = cycle()
memory.keep()
print(gc.get_freeze_count() > 0, gc.get_threshold()[0] > 700)
gc.collect()
print(held() is not None)
memory.give_back()
print(held() is None, gc.get_freeze_count())
"""


def test_what_stays_is_not_searched_until_memory_is_given_back() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True", "True", "True", "True", "0"]
