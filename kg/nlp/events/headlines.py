"""Who takes part in what a headline in title case tells ("Court Convicts Friend of Mayor"): the parser takes its words for one
long name, so they are read by their order: who acts stands before the verb, what it is done to after it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from spacy.tokens import Token

from kg.nlp.events.lexicon import entries
from kg.nlp.events.triggers import Trigger, inflected
from kg.nlp.reading import sentence_of
from kg.records import Span
from kg.vocabulary import Role

# Words that a name or description may have inside, besides nouns.
INSIDE = frozenset({"of", "the", "a", "an", "'s", "’s", "-"})
# Prepositions, which titles may write with a capital.
STOPS = frozenset(
    {"in", "over", "for", "after", "on", "at", "with", "from", "to", "as", "by", "near", "amid", "against"}
)
WORDS = frozenset({"NOUN", "PROPN", "ADJ", "NUM"})


def is_verb(trigger: Trigger) -> bool:
    """Whether the event word is a verb that was tagged as a name."""
    token = trigger.token
    return token.pos_ == "PROPN" and token.lower_ in inflected() and ("n", token.lemma_.lower()) not in entries()


def find(trigger: Trigger, subject: Role, object_: Role) -> Iterator[tuple[Role, Span, Token]]:
    """The words before and after the verb, with their head. Before a participle without words after it stands whom it
    befalls ("Man Charged")."""
    token = trigger.token
    left, right = _run(token, -1), _run(token, 1)
    passive = not right and token.lower_.endswith("ed")
    if left:
        yield object_ if passive else subject, _span(left), _head(left)
    if right:
        yield object_, _span(right), _head(right)


def _run(token: Token, step: int) -> list[Token]:
    """The words of the noun phrase on one side of the verb."""
    sentence = sentence_of(token)
    found: list[Token] = []
    i = token.i + step
    while sentence.start <= i < sentence.end:
        word = token.doc[i]
        if not (word.pos_ in WORDS or (word.lower_ in INSIDE and found)):
            break
        if word.lower_ in STOPS or word.lower_ in inflected():
            break
        found.append(word)
        i += step
    found = found[::step]
    while found and found[0].lower_ in INSIDE - {"the", "a", "an"}:
        found = found[1:]
    while found and found[-1].lower_ in INSIDE:
        found = found[:-1]
    return found


def _span(words: list[Token]) -> Span:
    return words[0].idx, words[-1].idx + len(words[-1])


def _head(words: list[Token]) -> Token:
    return next((a for a, b in pairwise(words) if b.lower_ == "of"), words[-1])
