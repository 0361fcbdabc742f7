"""What is noted of articles, made from their records by any process: a task holds all that it depends on."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from functools import cache

from kg.resolve.rewriting import Rewriting, apply
from kg.state import read_record
from kg.update.entities import Entities, MadeEntities
from kg.update.notes import Made
from kg.update.relations import Relations
from kg.update.things import Things

# Articles that a worker takes at once, and fewer than which are not worth handing over.
CHUNK, WORTH = 8, 64


@dataclass(frozen=True, slots=True)
class Shared:
    """A record as it is kept, if there is one, and what holds of it across articles."""

    record: bytes | None
    rewriting: Rewriting


def made_things(record: bytes | None) -> Made:
    """What an article names."""
    return _makers()[0].make(read_record(record) if record else None)


def made_others(shared: Shared) -> tuple[MadeEntities, tuple[Made, ...]]:
    """What an article says of things, and what it tells."""
    _, entities, relations = _makers()
    record = apply(read_record(shared.record), shared.rewriting) if shared.record else None
    return entities.make(record), relations.make(record)


@cache
def _makers() -> tuple[Things, Entities, Relations]:
    nothing = sqlite3.connect(":memory:", check_same_thread=False)  # making notes looks at none that are kept
    return Things(nothing), Entities(nothing), Relations(nothing)
