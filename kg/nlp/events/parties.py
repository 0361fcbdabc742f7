"""Which words may stand in a role: parties do, events, times, abstractions and the means of an attack do not."""

from __future__ import annotations

from spacy.tokens import Token

from kg.nlp.events import grammar
from kg.nlp.events.carriers import is_time
from kg.nlp.events.lexicon import entries, is_abstract, is_doer, word_classes
from kg.nlp.events.triggers import PERSONS, Names, Trigger, lemma
from kg.vocabulary import EventType, Role

NO_PARTY = frozenset({"it", "this", "that", "which", "what", "there", "something", "nothing", "everything", "its"})
# What a party is called by: a name, or a word for people.
PARTY = frozenset({"@person", "@ent"})


def can_act(token: Token, role: Role, names: Names) -> bool:
    """Whether the word may name a party: no event, no clause, no time; an agent is no abstract noun either."""
    if token.i in names.times:
        return False
    if (
        token.i in names.kind
        or token.lower_ in PERSONS
        or ((token.pos_ == "NUM" or token.like_num) and not is_time(token))
    ):
        return True
    if is_time(token) or token.lower_ in NO_PARTY or token.pos_ not in {"NOUN", "PROPN", "ADJ", "DET", "PRON"}:
        return False
    word = lemma(token)
    classes = word_classes()
    if (
        role is Role.AGENT
        and word in classes["weapon"]
        and not (word in classes["member"] or word in classes["person"])
    ):
        # A bomb kills by somebody's hand; "jets" and "gunmen" stand for whose they are.
        return False
    if word in classes["member"] or word in classes["person"] or (role is Role.PATIENT and word in classes["building"]):
        return True
    if word in classes["group"] and any(c.lower_ == "of" for c in token.children):
        # "wounded a number of guards"
        return role is not Role.AGENT or any(can_act(t, role, names) for t in grammar.prepositional(token, "of"))
    if (("n", word) in entries() and word not in classes["weapon"]) or word in classes["content"]:
        return False
    return role is Role.PATIENT or not is_abstract(word)


def is_no_party(token: Token, trigger: Trigger, names: Names) -> bool:
    """Whether the object is no party although the frame has an object: a thing said, asked for or refused, or what a verb of
    no class has for one and is no thing ("faces an inquiry")."""
    word = lemma(token)
    vague = trigger.type is EventType.OTHER and (word in word_classes()["happening"] or is_abstract(word))
    return (trigger.frame == "act" or vague) and not is_party(token, names)


def is_party(token: Token, names: Names) -> bool:
    """Whether the word names people, a body of them or a bearer of a name."""
    word, classes = lemma(token), word_classes()
    return (
        names.matches(token, PARTY)
        or token.i in names.kind
        or word in classes["member"]
        or word in classes["captive"]
        or word in classes["group"]
        or is_doer(word)
    )


def is_means(token: Token, trigger: Trigger) -> bool:
    """Whether the word is of that by which the attack is made ("planted a bomb", "a shell exploded", "drove a van into")."""
    if trigger.type is not EventType.ATTACK or token.dep_ == "pobj":
        return False
    verb, word, classes = lemma(trigger.token), lemma(token), word_classes()
    if verb in classes["driving"]:
        return word in classes["vehicle"]
    return verb in classes["arming"] and (word in classes["weapon"] or word in classes["fire"])
