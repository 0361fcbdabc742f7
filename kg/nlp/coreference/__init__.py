"""Layer: pronouns and definite descriptions that stand for a named entity.

Rules after the classic salience approaches (Hobbs 1978; Lappin and Leass 1994), kept to what is nearly always right:
one candidate in reach, or the subject of the same clause; silence elsewhere. First and second persons are left to the
quotations.
"""

from __future__ import annotations

from kg.nlp.coreference.descriptions import descriptions
from kg.nlp.coreference.names import Scene
from kg.nlp.coreference.pronouns import pronouns
from kg.nlp.reading import Reading
from kg.records import Coreference


def find(reading: Reading) -> tuple[Coreference, ...]:
    """The article's resolved pronouns and descriptions, in order of the text."""
    scene = Scene.of(reading)
    if not scene.names:
        return ()
    resolved = pronouns(scene)
    found = [
        *(
            Coreference(start=scene.doc[i].idx, end=scene.doc[i].idx + len(scene.doc[i]), id=who, confidence=sure)
            for i, (who, sure) in resolved.items()
        ),
        *descriptions(scene, resolved),
    ]
    return tuple(sorted({(c.start, c.end): c for c in found}.values(), key=lambda c: (c.start, c.end)))
