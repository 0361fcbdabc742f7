"""Layer: quotes."""

from __future__ import annotations

from kg.nlp.reading import Reading
from kg.records import Quote


def find(reading: Reading) -> tuple[Quote, ...]:
    """The article's quotes, in order of the text."""
    return ()
