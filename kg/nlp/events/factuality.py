"""How the text presents an event: asserted, negated, planned, possible, demanded or hypothetical.

The path from the trigger up to its sentence's root is read from the inside out; every word on it that
`kg/data/factuality.tsv` lists is an operator. The innermost operator decides, and a negation over it denies it (after
the veridicality of FactBank, Saurí & Pustejovsky 2009, with its degrees reduced to six values).
"""

from __future__ import annotations

from functools import cache

from spacy.tokens import Token

from kg.nlp.events import grammar
from kg.nlp.events.carriers import carrier, whole
from kg.nlp.events.lexicon import rows, words
from kg.nlp.events.triggers import Trigger, lemma
from kg.vocabulary import Factuality

TRANSPARENT = "transparent"
POS = {"VERB": "v", "AUX": "v", "NOUN": "n", "PROPN": "n", "ADJ": "a"}
# A path longer than this has left what the operator is said of.
MAX_STEPS = 12
INCLUDING = frozenset({"be", "include", "contain", "involve", "envisage", "provide", "comprise"})


@cache
def operators() -> dict[tuple[str, str, str], str]:
    """Factuality by lemma, part of speech and relation."""
    return {(w, pos, relation): value for cell, pos, relation, value in rows("factuality.tsv") for w in words(cell)}


def combine(inner: Factuality, outer: Factuality) -> Factuality:
    """What an operator makes of an event that already has a factuality."""
    if outer is Factuality.ASSERTED:
        return inner
    if inner is Factuality.ASSERTED:
        return outer
    if outer is Factuality.NEGATED:
        # "did not rule out a truce": neither happened nor excluded.
        return (
            Factuality.POSSIBLE
            if inner is Factuality.NEGATED
            else inner
            if inner is Factuality.DEMANDED
            else Factuality.NEGATED
        )
    if outer is Factuality.HYPOTHETICAL and inner is not Factuality.NEGATED:
        return Factuality.HYPOTHETICAL
    return inner


def find(trigger: Trigger) -> Factuality:
    """The factuality of the event that the trigger tells of."""
    token = trigger.token
    if token.pos_ in {"VERB", "AUX"} and token.dep_ not in {"amod", "compound"}:
        return _of_clause(token, Factuality.ASSERTED, 0)
    if token.pos_ == "ADJ" and token.dep_ in {"acomp", "attr", "oprd"} and grammar.is_verbal(token.head):
        value = operators().get((lemma(token.head), "v", "clause"))
        if value == Factuality.POSSIBLE.value:
            # "feared dead"
            return Factuality.POSSIBLE
        return _of_clause(token.head, Factuality.ASSERTED, 0)
    return _of_noun(token, 0)


def _of_noun(noun: Token, steps: int) -> Factuality:
    """The factuality of a nominal event: its own modifiers, then the word that governs it."""
    table = operators()
    found = Factuality.ASSERTED
    for child in noun.children:
        kind = "d" if child.dep_ == "det" else "a"
        value = table.get((child.lower_, kind, "modifier")) or table.get((lemma(child), kind, "modifier"))
        if value and child.dep_ in {"det", "amod", "nmod", "compound", "neg"}:
            found = combine(found, Factuality(value))
    if steps > MAX_STEPS:
        return found
    top = whole(noun)
    while top.dep_ in {"conj", "compound", "appos"} and top.head.pos_ in {"NOUN", "PROPN"}:
        # "the goals we set: the return of …", "truce proposal": a noun says what the event beside it is.
        value = _of_content(top.head) if top.dep_ != "conj" else None
        if value:
            return combine(found, Factuality(value))
        top = top.head
        if top.dep_ == "pobj" or top.dep_ == "dobj":
            break
    head = top.head
    if top.dep_ == "pobj" and top.head.dep_ in {"prep", "agent", "mark", "dative", "conj"}:
        word, head = top.head.lower_, top.head.head
        if word == "without":
            return combine(found, Factuality.NEGATED)
        value = table.get((lemma(head), POS.get(head.pos_, ""), word))
        return _above(head, value, found, steps)
    if grammar.is_verbal(head):
        if (
            top.dep_ == "nsubj"
            and lemma(head) == "be"
            and grammar.children(noun, "poss")
            and grammar.children(head, "acomp")
        ):
            # "their injuries were not serious": whose they are, they are there.
            return found
        value = table.get((lemma(head), "v", "object"))
        if value == Factuality.ASSERTED.value and top.dep_ in {"dobj", "nsubjpass"}:
            # "refused to end the war": what can be ended is there.
            return found
        if lemma(head) in INCLUDING and top.dep_ in {"dobj", "attr"}:
            of_subject = [_of_content(s) for s in grammar.surface_subjects(head)]
            for value in of_subject:
                if value:
                    return combine(found, Factuality(value))
        held = carrier(noun)
        if held is not None and not (
            top.dep_ == "nsubj" and lemma(held[0]) in {"end", "stop", "fail", "last", "collapse"}
        ):
            return _of_clause(held[0], found, steps + 1)
        if top.dep_ in {"dobj", "nsubjpass"}:
            return _above(head, table.get((lemma(head), "v", "object")), found, steps)
        if lemma(head) == "be" and top.dep_ == "attr":
            return _of_clause(head, found, steps + 1)
    return found


def _of_content(noun: Token) -> str | None:
    """What a noun says of its content: "the goal is a truce", "the proposal includes one"."""
    table = operators()
    return table.get((lemma(noun), "n", "for")) or table.get((lemma(noun), "n", "clause"))


def _above(head: Token, value: str | None, found: Factuality, steps: int) -> Factuality:
    """Applies an operator word; a negated operator is read once more ("did not rule out")."""
    if value is None:
        return found
    if value == TRANSPARENT:
        return _of_clause(head, found, steps + 1) if grammar.is_verbal(head) else found
    result = combine(found, Factuality(value))
    if grammar.is_verbal(head) and _negated(head):
        result = combine(result, Factuality.NEGATED)
    return result


def _negated(verb: Token) -> bool:
    return any(c.dep_ == "neg" or c.lower_ in {"not", "n't", "never"} for c in verb.children)


def of_verb(verb: Token) -> Factuality:
    """What the verb's own auxiliaries, adverbs and negation say."""
    table = operators()
    found = Factuality.ASSERTED
    perfect = any(c.dep_ == "aux" and c.lemma_ == "have" for c in verb.children)
    for child in verb.children:
        value = None
        if child.dep_ == "aux":
            value = table.get((child.lower_, "d", "aux"))
            if child.lower_ in {"would", "could", "should", "might"} and perfect and child.lower_ != "might":
                value = Factuality.HYPOTHETICAL.value
        elif child.dep_ == "advmod":
            value = table.get((child.lower_, "d", "advmod"))
        if value:
            found = combine(found, Factuality(value))
    if any(
        c.dep_ == "neg" or (c.dep_ in {"advmod", "preconj", "det"} and ("neg" in _neg_words(c))) for c in verb.children
    ):
        modal = any(c.dep_ == "aux" and c.lower_ in {"may", "might"} for c in verb.children)
        found = Factuality.POSSIBLE if modal else Factuality.NEGATED
    subject = grammar.children(verb, "nsubj", "nsubjpass")
    if any(c.lower_ in {"no", "neither"} for s in subject for c in s.children if c.dep_ == "det") or any(
        s.lower_ in {"none", "nobody"} or (s.lower_ == "one" and s.i and s.nbor(-1).lower_ == "no") for s in subject
    ):
        found = Factuality.NEGATED
    return found


def _indicative(verb: Token) -> bool:
    return any(t.tag_ in {"VBD", "VBZ", "VBP"} for t in (verb, *grammar.children(verb, "aux", "auxpass")))


def _neg_words(token: Token) -> str:
    return "neg" if (token.lower_, "d", "neg") in operators() else ""


def _of_clause(verb: Token, found: Factuality, steps: int) -> Factuality:
    """The factuality of a clause: its verb's own operators, then the word that the clause depends on."""
    table = operators()
    found = combine(found, of_verb(verb))
    if steps > MAX_STEPS or verb.head.i == verb.i:
        return found
    for child in grammar.children(verb, "mark", "advmod"):
        value = table.get((child.lower_, "m", "mark"))
        if value:
            return combine(found, Factuality(value))
    head, relation = verb.head, verb.dep_
    if relation == "conj" and (outer := grammar.above(verb)) is not None:
        return _of_clause(outer, found, steps + 1)
    if relation == "conj" and grammar.is_verbal(head):
        if grammar.children(verb, "nsubj", "nsubjpass") and not grammar.children(head, "mark"):
            return found
        # "did not come and has not signed": a verb with auxiliaries of its own shares none.
        own = grammar.children(verb, "aux", "auxpass")
        shares = not any(c.dep_ == "aux" or c.tag_ in {"VBD", "VBZ", "VBP"} for c in own)
        return _of_clause(head, found, steps + 1) if shares else found
    infinitive = any(c.dep_ == "aux" and c.lower_ == "to" for c in verb.children)
    if relation in {"xcomp", "ccomp", "csubj", "acl", "oprd", "attr"}:
        kind = POS.get(head.pos_, "")
        value = table.get((lemma(head), kind, "clause"))
        if lemma(head) == "be" and not infinitive:
            value = None
        if relation == "acl" and not infinitive and value != Factuality.POSSIBLE.value:
            value = None
        if relation == "ccomp" and value == Factuality.DEMANDED.value and _indicative(verb):
            # "told them that he was shot": what is demanded stands in the base form.
            value = None
        if relation == "acl" and infinitive and value is None:
            # "the plane to carry them": nothing says that it did.
            return combine(found, Factuality.PLANNED)
        if value == TRANSPARENT:
            return _of_clause(head, found, steps + 1)
        if value is None:
            if relation == "xcomp" and infinitive and head.pos_ == "ADJ":
                return combine(found, Factuality.POSSIBLE)
            return found
        result = combine(found, Factuality(value))
        if grammar.is_verbal(head):
            if _negated(head):
                result = combine(result, Factuality.NEGATED)
            elif relation == "xcomp" and value == Factuality.NEGATED.value:
                result = _hypothetical(head, result, steps)
        return result
    if relation == "advcl" and grammar.is_verbal(head):
        if infinitive:
            return combine(found, Factuality.PLANNED)
        if verb.tag_ in {"VBG", "VBN"} and not grammar.children(verb, "mark"):
            # "did not visit X, ruling out talks": the denial does not reach the participle, a modal does.
            above = _of_clause(head, found, steps + 1)
            return found if above is Factuality.NEGATED else above
        return found
    if relation == "pcomp":
        word, governor = head.lower_, head.head
        if word == "without":
            return combine(found, Factuality.NEGATED)
        return _above(governor, table.get((lemma(governor), POS.get(governor.pos_, ""), word)), found, steps)
    return found


def _hypothetical(head: Token, found: Factuality, steps: int) -> Factuality:
    marks = {c.lower_ for c in grammar.children(head, "mark")}
    return Factuality.HYPOTHETICAL if marks & {"if", "unless"} else found
