"""First-person words inside quoted speech, which stand for the speaker."""

from __future__ import annotations

import re

from kg.nlp.reading import Reading
from kg.records import Coreference, Quote
from kg.vocabulary import QuoteKind

SINGULAR = re.compile(r"\b(?:I|me|my|mine|myself)\b")
PLURAL = re.compile(r"\b(?:[Ww]e|us|[Oo]ur|ours|ourselves)\b")


# Less sure words are left to the reader.
SURE = 0.9


def sure(reading: Reading) -> tuple[Coreference, ...]:
    """The coreference of the article with the first-person words of its quotes that surely stand for the speaker."""
    known = [c for c in resolve(reading, reading.quotes) if c.confidence >= SURE]
    taken = {(c.start, c.end) for c in reading.coreference}
    own = {(c.start, c.end): c for c in known if (c.start, c.end) not in taken}
    return tuple(sorted((*reading.coreference, *own.values()), key=lambda c: (c.start, c.end)))


def resolve(reading: Reading, quotes: tuple[Quote, ...]) -> tuple[Coreference, ...]:
    """The words "I", "we" and their forms in direct quotes, each with the speaker's entity.

    "We" of a person stands for a body or a people that the quote does not name, so it is half as sure; a body's own
    "we" is sure.
    """
    found = []
    for quote in quotes:
        if quote.kind is not QuoteKind.DIRECT or quote.speaker is None:
            continue
        of_person = quote.speaker.startswith("person/")
        for pattern, confidence in ((SINGULAR, 0.9), (PLURAL, 0.45 if of_person else 0.9)):
            for start, end in quote.content:
                for match in pattern.finditer(reading.article.text, start, end):
                    found.append(
                        Coreference(start=match.start(), end=match.end(), id=quote.speaker, confidence=confidence)
                    )
    return tuple(sorted(found, key=lambda c: (c.start, c.end)))
