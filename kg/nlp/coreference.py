"""Layer: coreference."""

from __future__ import annotations

from kg.nlp.reading import Reading
from kg.records import Coreference


def find(reading: Reading) -> tuple[Coreference, ...]:
    """The article's coreference, in order of the text."""
    return ()
