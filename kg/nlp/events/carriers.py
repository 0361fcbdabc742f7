"""Verbs that carry an event noun ("held talks", "carried out an attack"), and what stands before such a noun."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from spacy.tokens import Token

from kg.nlp.events import grammar
from kg.nlp.events.lexicon import rows, word_classes, words
from kg.nlp.events.triggers import lemma


@dataclass(frozen=True, slots=True)
class LightVerb:
    """A verb that carries an event noun: what its subject is to the noun."""

    relation: str
    subject: str


@cache
def light_verbs() -> dict[tuple[str, str], LightVerb]:
    """Light verbs by lemma and relation of the noun."""
    return {
        (lemma, relation): LightVerb(relation, subject)
        for cell, relation, subject in rows("light_verbs.tsv")
        for lemma in words(cell)
    }


def whole(noun: Token) -> Token:
    """The noun that counts this one ("a series of attacks"), or itself."""
    while noun.dep_ == "pobj" and noun.head.lower_ == "of" and lemma(noun.head.head) in word_classes()["several"]:
        noun = noun.head.head
    return noun


def carrier(noun: Token) -> tuple[Token, LightVerb] | None:
    """The light verb that carries the noun, if there is one."""
    noun = whole(noun)
    while noun.dep_ == "conj" and noun.head.pos_ in {"NOUN", "PROPN"}:
        noun = noun.head
    head, relation = noun.head, {"dobj": "obj", "nsubjpass": "obj", "nsubj": "subj", "attr": "subj"}.get(noun.dep_, "")
    if noun.dep_ == "pobj" and noun.head.dep_ == "prep":
        head, relation = noun.head.head, {"in": "prep", "for": "for"}.get(noun.head.lower_, "")
    found = light_verbs().get((lemma(head), relation)) if grammar.is_verbal(head) else None
    return (head, found) if found else None


def before(noun: Token) -> list[Token]:
    own = grammar.children(noun, "compound", "amod", "nmod")
    return grammar.conjuncts([t for child in own for t in (*grammar.children(child, "compound", "nmod"), child)])


def is_time(token: Token) -> bool:
    return token.ent_type_ in {"DATE", "TIME"}
