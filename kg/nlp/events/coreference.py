"""Joins the mentions of one happening within an article.

Two mentions may be one happening if their types agree and nothing that the text says of them excludes it: participants, places,
times and numbers must be compatible, and some ground must speak for it (a repeat of the word, a definite noun, shared participants).
A mention joins the latest happening before it that fits; the work is linear in mentions times happenings of one type.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from spacy.tokens import Token

from kg.nlp.events import grammar
from kg.nlp.events.triggers import Trigger, lemma
from kg.records import Argument, Period, Timex
from kg.vocabulary import EventType, Factuality, Role

# Types that a definite noun of one may take up although the verb before was of the other ("bombed … the operation").
NEAR = {
    frozenset({EventType.ATTACK, EventType.KILLING}): False,
    frozenset({EventType.NEGOTIATION, EventType.MEETING}): True,
}
# Types with few separate happenings in one article: a repeat of the same word is the same happening unless something excludes it.
REPEATING = frozenset(EventType) - {
    EventType.STATEMENT,
    EventType.DEMAND,
    EventType.REJECTION,
    EventType.TRANSACTION,
    EventType.ACCUSATION,
}
WORD_FAMILY = 5
DEFINITE = frozenset({"the", "this", "that", "these", "those", "its", "his", "her", "their"})


@dataclass(slots=True)
class Mention:
    """One trigger with all that was read of it."""

    trigger: Trigger
    factuality: Factuality
    args: tuple[Argument, ...]
    timex: Timex | None
    time: Period | None
    attributed_to: str | None
    confidence: float


@dataclass(slots=True)
class Happening:
    """Mentions of one happening, in order of the text."""

    mentions: list[Mention] = field(default_factory=list)


def group(mentions: Iterable[Mention]) -> list[Happening]:
    """The article's happenings, in order of their first mention."""
    found: list[Happening] = []
    for mention in mentions:
        home = next((h for h in reversed(found) if _fits(h, mention)), None)
        if home is None:
            found.append(home := Happening())
        home.mentions.append(mention)
    return found


def _fits(happening: Happening, mention: Mention) -> bool:
    return all(_compatible(m, mention) for m in happening.mentions) and any(
        _ground(m, mention) for m in happening.mentions
    )


def _compatible(a: Mention, b: Mention) -> bool:
    if a.trigger.type is not b.trigger.type:
        return False
    if (a.factuality is Factuality.ASSERTED) is not (b.factuality is Factuality.ASSERTED):
        return False
    for role in (Role.AGENT, Role.PATIENT, Role.PLACE):
        x, y = _ids(a, role), _ids(b, role)
        if x and y and not x & y:
            return False
    x, y = numbers(a.trigger.token), numbers(b.trigger.token)
    if x and y and not x & y:
        return False
    if a.time and b.time and not overlap(a.time, b.time):
        return False
    return a.trigger.token.sent.start != b.trigger.token.sent.start or (
        _same_stem(a.trigger.token, b.trigger.token) and not _joined(a, b)
    )


def _joined(a: Mention, b: Mention) -> bool:
    """Whether the two are told side by side, as two things ("attacked X and attacked Y")."""
    return b.trigger.token.dep_ == "conj" or a.trigger.token.dep_ == "conj"


def _ground(a: Mention, b: Mention) -> bool:
    shared = any(_ids(a, r) & _ids(b, r) for r in (Role.AGENT, Role.PATIENT, Role.PARTICIPANT))
    token = b.trigger.token
    same = _same_stem(a.trigger.token, token)
    if b.trigger.type not in REPEATING:
        return same and shared
    if token.pos_ in {"NOUN", "PROPN"} and _definite(token):
        return same or shared or b.trigger.type in {EventType.DISASTER, EventType.ACCIDENT, EventType.TRIAL}
    same_number = bool(numbers(a.trigger.token) & numbers(token))
    return (same and (shared or same_number or a.trigger.token.pos_ == token.pos_)) or (shared and same_number)


def _definite(token: Token) -> bool:
    return any(c.lower_ in DEFINITE or c.dep_ == "poss" for c in token.children) and token.tag_ in {"NN", "NNP", "NNS"}


def _same_stem(a: Token, b: Token) -> bool:
    x, y = lemma(a), lemma(b)
    return x == y or (len(x) >= WORD_FAMILY and len(y) >= WORD_FAMILY and x[:WORD_FAMILY] == y[:WORD_FAMILY])


def _ids(mention: Mention, role: Role) -> frozenset[str]:
    return frozenset(a.id for a in mention.args if a.role is role and a.id)


def numbers(token: Token) -> frozenset[str]:
    """The digits and number words that count what the event happened to."""
    near = grammar.patients(token) if grammar.is_verbal(token) else [token, *grammar.prepositional(token, "of")]
    return frozenset(
        c.lower_ for t in near for c in (t, *t.children) if c.like_num and c.ent_type_ not in {"DATE", "TIME"}
    )


def overlap(a: Period, b: Period) -> bool:
    """Whether the periods may share a day; open bounds exclude nothing. Works on ISO dates of any precision."""
    return not (_before(a.end, b.start) or _before(b.end, a.start))


def _before(end: str | None, start: str | None) -> bool:
    return end is not None and start is not None and end[: len(start)] < start[: len(end)]
