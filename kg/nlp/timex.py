"""Layer: timex."""

from __future__ import annotations

from kg.nlp.reading import Reading
from kg.records import Timex


def find(reading: Reading) -> tuple[Timex, ...]:
    """The article's timex, in order of the text."""
    return ()
