"""Who relays a statement: "as quoted by X", "according to X" around a statement with its own speaker, "told X"."""

from __future__ import annotations

from kg.nlp.quotes import speakers
from kg.nlp.quotes.found import Found
from kg.nlp.reading import Reading


def attach(reading: Reading, reported: list[Found]) -> list[Found]:
    """The statements, each that an adjunct's content merely repeats with its relay."""
    return reported


def entity(reading: Reading, found: Found) -> str | None:
    """The entity that relays the statement."""
    if found.via is None:
        return None
    return speakers.entity(reading, found.via, speakers.words_of(reading, found.via))
