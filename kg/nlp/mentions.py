"""Layer: names of people, organisations, places and groups, each with the entity it stands for."""

from __future__ import annotations

import re

from kg.nlp.reading import Reading
from kg.records import Mention
from kg.vocabulary import EntityType

LABELS = {
    "PERSON": EntityType.PERSON,
    "ORG": EntityType.ORGANISATION,
    "GPE": EntityType.PLACE,
    "LOC": EntityType.PLACE,
    "FAC": EntityType.PLACE,
    "NORP": EntityType.GROUP,
}


def find(reading: Reading) -> tuple[Mention, ...]:
    """The article's names, in order of the text."""
    found = []
    for span in reading.doc.ents:
        if span.label_ in LABELS and not reading.is_noise(span.start_char, span.end_char):
            kind = LABELS[span.label_]
            slug = re.sub(r"\W+", "-", span.text.casefold()).strip("-")
            found.append(
                Mention(start=span.start_char, end=span.end_char, type=kind, name=span.text, id=f"{kind}/{slug}", confidence=0.5)
            )
    return tuple(found)
