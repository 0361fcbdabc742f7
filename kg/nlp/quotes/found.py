"""What the finders hand to each other: an attribution before its speaker is resolved."""

from __future__ import annotations

import re
from dataclasses import dataclass

from spacy.tokens import Token

from kg.nlp.quotes.marks import Quotation
from kg.records import Span
from kg.vocabulary import QuoteKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Content with the cue and the head of the speaker's words.

    `via` is the head of the words that name who relays it, `adjunct` the span of an adjunct that attributes a clause
    and `clause` the head of that clause, `words` the speaker's words where the parse does not give them. `continues`:
    no cue of its own.
    """

    content: tuple[Span, ...]
    cue: Span | None
    cue_token: Token | None
    speaker: Token | None
    weight: float
    direct: bool = False
    via: Token | None = None
    adjunct: Span | None = None
    clause: Token | None = None
    continues: bool = False
    words: Span | None = None


def kind_of(text: str, content: tuple[Span, ...], quotations: tuple[Quotation, ...]) -> QuoteKind:
    """Direct: all word characters stand between marks; mixed: some; indirect: none."""
    inside = outside = 0
    for start, end in content:
        over = [q for q in quotations if q.start < end and start < q.end]
        for word in re.finditer(r"\w+", text[start:end]):
            if any(q.start <= start + word.start() < q.end for q in over):
                inside += 1
            else:
                outside += 1
    if not inside:
        return QuoteKind.INDIRECT
    return QuoteKind.DIRECT if not outside else QuoteKind.MIXED
