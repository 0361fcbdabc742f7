"""Wounded or killed: whoever dies is not told as injured too, and whoever is shot and lives is injured.

"He was taken to a hospital, where he died" and "found with a gunshot wound … pronounced dead" tell of one death.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from spacy.tokens import Token

from kg.nlp.events import grammar
from kg.nlp.events.coreference import PLURAL_WORDS, Mention
from kg.nlp.events.lexicon import is_doer, word_classes
from kg.nlp.events.triggers import PERSONS, Trigger, lemma
from kg.records import Argument
from kg.vocabulary import EventType, Factuality, Role

# Sentences after the wound in which its death may follow.
AHEAD = 3
# That the shot hurt is understood, not said.
UNDERSTOOD = 0.6
# Readings surer than this are of words that say "wounded" and nothing else; they go only if a name says who it is.
SURE = 0.75
# Verbs whose object is hit by their means, and hurt.
HURTING = frozenset({"shoot", "stab"})
# What those who live do.
SURVIVING = frozenset({"recover", "survive"})
OTHERS = frozenset(
    {"other", "another", "others", "second", "third", "fourth", "two", "three", "four", "both", "several"}
)


def settle(mentions: list[Mention], text: str) -> list[Mention]:
    """The mentions without wounds of people who die of them, and with those of people who are shot and do not."""
    deaths = [m for m in mentions if m.trigger.type is EventType.KILLING and m.factuality is Factuality.ASSERTED]
    kept = [m for m in mentions if not (m.trigger.type is EventType.INJURY and any(_same(m, d, text) for d in deaths))]
    return sorted((*kept, *_understood(kept, deaths, text)), key=lambda m: m.trigger.token.i)


def _patients(mention: Mention) -> list[Argument]:
    return [a for a in mention.args if a.role is Role.PATIENT]


def _one(mention: Mention, text: str) -> bool:
    """Whether one person is meant who may have been told of before: no plural, no other one."""
    words = [w for a in _patients(mention) for w in text[a.start : a.end].casefold().split()]
    return len(_patients(mention)) <= 1 and not any(w in OTHERS or w in PLURAL_WORDS or w.isdigit() for w in words)


def _same(wound: Mention, death: Mention, text: str) -> bool:
    """Whether the death is that of the wounded person."""
    a, b = wound.ids.get(Role.PATIENT), death.ids.get(Role.PATIENT)
    if a and b:
        return bool(a & b)
    if _leads_to(wound.trigger.token, death.trigger.token):
        return True
    if (
        wound.trigger.confidence > SURE
        or not (_one(wound, text) and _one(death, text))
        or wound.numbers
        or death.numbers
    ):
        return False
    x, y = wound.parties.get(Role.PATIENT), death.parties.get(Role.PATIENT)
    if x and y and x & y:
        return True
    first, last = wound.trigger.token, death.trigger.token
    ahead = last.i - first.i
    if ahead < 0:
        # Told as dead before: only a wound that has no owner here, or a definite one, can be the same.
        return not x or _definite(wound, text)
    return _sentences(first, last) <= AHEAD and (not x or not y or _definite(death, text))


def _leads_to(wound: Token, death: Token) -> bool:
    """ "One was taken to a hospital, where she died": the death is told inside the clause of the wound, of a pronoun."""
    subject = next((c for c in death.children if c.dep_ in ("nsubj", "nsubjpass")), None)
    inside = death.dep_ in ("relcl", "advcl") and wound in death.ancestors
    return inside and subject is not None and subject.pos_ == "PRON" and subject.lower_ != "they"


def _definite(mention: Mention, text: str) -> bool:
    words = [text[a.start : a.end].casefold() for a in _patients(mention)]
    return all(w in PERSONS or w.startswith(("the ", "his ", "her ")) for w in words)


def _sentences(first: Token, last: Token) -> int:
    return sum(1 for t in first.doc[first.i + 1 : last.i + 1] if t.is_sent_start)


def _understood(mentions: list[Mention], deaths: list[Mention], text: str) -> Iterator[Mention]:
    """Injuries that a shot or stab implies: somebody is hit, and nothing says that they died."""
    dead = frozenset().union(*(d.ids.get(Role.PATIENT, frozenset()) for d in deaths))
    for mention in mentions:
        token = mention.trigger.token
        ids = mention.ids.get(Role.PATIENT, frozenset())
        if (
            mention.trigger.type is EventType.ATTACK
            and mention.factuality is Factuality.ASSERTED
            and lemma(token) in HURTING
            and any(_is_person(t) for t in grammar.patients(token))
            and (not deaths or (ids and dead and not ids & dead) or _lives(token))
        ):
            trigger = Trigger(token, EventType.INJURY, mention.trigger.frame, UNDERSTOOD * mention.trigger.confidence)
            yield replace(mention, trigger=trigger, confidence=round(UNDERSTOOD * mention.confidence, 3))


def _lives(shot: Token) -> bool:
    """ "His son was also shot", "was shot and is expected to recover": somebody else than the dead."""
    if any(c.lower_ == "also" for c in shot.children):
        return True
    further = [t for c in (shot, *shot.conjuncts) for t in (c, *c.children)]
    return any(lemma(t) in SURVIVING for t in further)


def _is_person(token: Token) -> bool:
    word, classes = lemma(token), word_classes()
    if word in classes["animal"]:
        return False
    named = token.lower_ in PERSONS or word in classes["person"] or word in classes["captive"]
    return named or token.ent_type_ in {"PERSON", "CARDINAL"} or token.like_num or is_doer(word)
