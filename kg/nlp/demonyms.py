"""What the adjective of a country stands for: the country itself, its people, or its language.

Before the organs and the land of the state (`the Elmish government`, `Elmish territory`) it names the country; elsewhere
(`an Elmish singer`, `Elmish firms`, `an Elmishman`) those who are of it. Both lead to the country.
"""

from __future__ import annotations

from spacy.tokens import Doc

from kg.nlp import lexicon
from kg.nlp.spans import Span
from kg.vocabulary import EntityType

# Words before the name of a language.
LANGUAGE = frozenset(("in", "speak", "speaks", "spoke", "spoken", "speaking", "into", "from"))
# Words looked at for the noun that an adjective goes with: `the Elmish acting deputy foreign trade minister`.
REACH = 6


def is_language(doc: Doc, span: Span) -> bool:
    """Whether the adjective of a country names its language (`in French,`), which is no entity of ours."""
    if span.term is None or span.term.role != "adjective" or span.type == EntityType.GROUP:
        return False
    words = doc.char_span(span.start, span.end, alignment_mode="expand")
    if words is None or not words.start:
        return False
    after = doc[words.end] if words.end < len(doc) else None
    before = doc[words.start - 1].lower_
    return before in LANGUAGE and (after is None or after.is_punct or after.tag_ in ("IN", "CC", "RB"))


def is_nationality(doc: Doc, span: Span) -> bool:
    """Whether the adjective of a country stands for its people here: they bear the identity of the country."""
    if (
        span.type != EntityType.PLACE
        or span.source not in ("known", "part")
        or span.term is None
        or span.term.role != "adjective"
    ):
        return False
    words = doc.char_span(span.start, span.end, alignment_mode="expand")
    return words is not None and not names_country(doc, words.end)


def names_country(doc: Doc, last: int) -> bool:
    """Whether the adjective before the token `last` stands for the country: what it goes with is of the state or the land."""
    nouns = lexicon.country_nouns()
    for token in doc[last : last + REACH]:
        if token.pos_ not in ("NOUN", "PROPN", "ADJ", "NUM", "CCONJ") and token.text != "-":
            return False
        if token.lower_ in nouns or token.lemma_.lower() in nouns:
            return True
    return False
