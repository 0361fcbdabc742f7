"""Layer: figures."""

from __future__ import annotations

from kg.nlp.reading import Reading
from kg.records import Figure


def find(reading: Reading) -> tuple[Figure, ...]:
    """The article's figures, in order of the text."""
    return ()
