"""Layer: positions."""

from __future__ import annotations

from kg.nlp.reading import Reading
from kg.records import Position


def find(reading: Reading) -> tuple[Position, ...]:
    """The article's positions, in order of the text."""
    return ()
