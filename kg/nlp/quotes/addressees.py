"""Who is told: the object of a cue that takes one ("told the council that …"), or its "to" ("said to the council")."""

from __future__ import annotations

from spacy.tokens import Token

from kg.nlp.quotes.cues import cue_at
from kg.nlp.quotes.found import Found
from kg.nlp.quotes.speakers import object_of


def addressee(found: Found) -> Token | None:
    """The head of the words that name who is told; None for the relay of the statement."""
    cue = found.cue_token
    if cue is None or cue.pos_ != "VERB":
        return None
    entry = cue_at(cue)
    told: Token | None = None
    if entry is not None and "tell" in entry.frames:
        told = object_of(cue)
    elif entry is not None and "listener" in entry.frames:
        to = next((c for c in cue.children if c.dep_ in ("prep", "dative") and c.lower_ == "to"), None)
        told = next((c for c in to.children if c.dep_ == "pobj"), None) if to is not None else None
    if told is None or told == found.via or told == found.speaker:
        return None
    return None if any(start <= told.idx < end for start, end in found.content) else told
