"""What the adjective of a country stands for: the country itself, or its people.

Before the organs and the land of the state (`the Elmish government`, `Elmish territory`) it names the country; elsewhere
(`an Elmish singer`, `Elmish firms`, `an Elmishman`) those who are of it. Both lead to the country.
"""

from __future__ import annotations

from spacy.tokens import Doc

from kg.nlp import lexicon

# Words looked at for the noun that an adjective goes with: `the Elmish acting deputy foreign trade minister`.
REACH = 6


def names_country(doc: Doc, last: int) -> bool:
    """Whether the adjective before the token `last` stands for the country: what it goes with is of the state or the land."""
    nouns = lexicon.country_nouns()
    for token in doc[last : last + REACH]:
        if token.pos_ not in ("NOUN", "PROPN", "ADJ", "NUM", "CCONJ") and token.text != "-":
            return False
        if token.lower_ in nouns or token.lemma_.lower() in nouns:
            return True
    return False
