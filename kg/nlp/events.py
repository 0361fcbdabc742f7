"""Layer: events."""

from __future__ import annotations

from kg.nlp.reading import Reading
from kg.records import Event


def find(reading: Reading) -> tuple[Event, ...]:
    """The article's events, in order of the text."""
    return ()
