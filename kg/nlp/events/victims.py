"""How many were killed or hurt, as the words tell: one, several, an exact count, or a part of those told of before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from spacy.tokens import Token

from kg.nlp.events.lexicon import word_classes
from kg.nlp.events.triggers import Trigger, lemma
from kg.records import Argument
from kg.vocabulary import EventType, Role

COUNTED = frozenset({EventType.KILLING, EventType.INJURY})
ONE = frozenset({"he", "she", "him", "her", "his", "himself", "herself"})
SEVERAL = frozenset({"they", "them", "their", "those", "both", "several", "many", "dozens", "hundreds", "thousands"})
# Words that count as digits do; greater counts are written in digits.
WORDS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
NOT_A_COUNT = frozenset({"DATE", "TIME", "ORDINAL", "PERCENT"})


@dataclass(frozen=True, slots=True)
class Victims:
    """`one` and `several` are both false where the words leave it open; `new` if they bring in somebody not told of."""

    one: bool = False
    several: bool = False
    new: bool = False
    counts: frozenset[str] = frozenset()


def find(trigger: Trigger, args: tuple[Argument, ...]) -> Victims:
    """Whom a death or an injury befalls; nothing for other types."""
    if trigger.type not in COUNTED:
        return Victims()
    token = trigger.token
    spans = ((a.role, token.doc.char_span(a.start, a.end, alignment_mode="expand")) for a in args)
    # A bare number neither kills nor hurts: it counts ("more than 100 injured").
    heads = [
        s.root
        for role, s in spans
        if s is not None and len(s) and (role is Role.PATIENT or (role is Role.AGENT and s.root.like_num))
    ]
    people = heads or [token]
    counts = {c for t in people for c in _counts(t)}
    one = len(heads) == 1 and _is_one(heads[0])
    return Victims(
        one=one or counts == {"1"},
        several=len(heads) > 1 or any(_are_several(t) for t in heads) or bool(counts - {"1"}),
        new=one and any(c.lower_ in {"a", "an", "another"} for c in heads[0].children),
        counts=frozenset(counts) if len(people) == 1 else frozenset(),
    )


def other_victims(one: Victims, other: Victims) -> bool:
    """Whether the two are not the same people: other counts, or one person and several; of two single persons, the later
    one is another if the words bring them in anew."""
    if one.counts and other.counts and not one.counts & other.counts:
        return True
    return (one.one and other.several) or (one.several and other.one) or (one.one and other.new)


def _counts(token: Token) -> Iterator[str]:
    """The counts of a noun, or the number that stands for it; that of a part ("two of the dead") is told from those of the
    whole."""
    for word in (token, *token.children):
        if word.like_num and word.ent_type_ not in NOT_A_COUNT and (word.i == token.i or word.dep_ == "nummod"):
            yield _digits(word)
    if token.dep_ == "pobj" and token.head.lower_ == "of" and token.head.head.like_num:
        yield f"{_digits(token.head.head)} of these"


def _digits(number: Token) -> str:
    word = number.lower_.replace(",", "")
    return str(WORDS.index(word)) if word in WORDS else word


def _is_one(token: Token) -> bool:
    if token.lower_ in ONE:
        return True
    if token.tag_ not in {"NN", "NNP"} or any(c.dep_ == "conj" for c in token.children):
        return False
    if token.ent_type_ == "NORP" and any(c.dep_ == "det" for c in token.children):
        return True
    word, classes = lemma(token), word_classes()
    return token.ent_type_ == "PERSON" or (word in classes["person"] and word not in classes["crowd"])


def _are_several(token: Token) -> bool:
    return token.lower_ in SEVERAL or token.tag_ in {"NNS", "NNPS"} or any(c.dep_ == "conj" for c in token.children)
