"""When an event happened: the time expression that the syntax attaches to it, else the one of its clause."""

from __future__ import annotations

from spacy.tokens import Token

from kg.nlp.events import grammar
from kg.nlp.events.carriers import carrier, whole
from kg.nlp.events.lexicon import entries, word_classes
from kg.nlp.events.triggers import Trigger, lemma
from kg.nlp.reading import Reading
from kg.records import Timex
from kg.vocabulary import EventType, TimexType

# Prepositions of what happened before the clause does, or what it is about ("dug from a landslide", "held over a murder").
BEYOND = frozenset(
    {"for", "from", "over", "about", "after", "before", "since", "against", "on", "into", "regarding", "than"}
)
BEGINNING = frozenset({"begin", "start", "erupt", "commence", "launch", "initiate", "resume"})
# Types that go on for days: when they begin is not when they are over.
LASTING = frozenset(
    {
        EventType.MILITARY_OPERATION, EventType.PROTEST, EventType.NEGOTIATION, EventType.CEASEFIRE, EventType.OUTBREAK,
        EventType.DISPLACEMENT, EventType.DISRUPTION, EventType.TRIAL,
    }
)  # fmt: skip


# Types of what is said, which may be about what happened at another time.
SPEECH = frozenset(
    {EventType.STATEMENT, EventType.DEMAND, EventType.ACCUSATION, EventType.THREAT, EventType.REJECTION, None}
)


def anchors(reading: Reading) -> dict[int, list[tuple[Timex, int]]]:
    """Time expressions by the index of the word that they modify; prepositions are passed through."""
    found: dict[int, list[tuple[Timex, int]]] = {}
    for timex in reading.timex:
        words = reading.doc.char_span(timex.start, timex.end, alignment_mode="expand")
        if (
            timex.type in {TimexType.SET, TimexType.DURATION}
            or words is None
            or not len(words)
            or reading.is_noise(timex.start, timex.end)
        ):
            continue
        node = words.root
        if node.dep_ in {"pobj", "pcomp"}:
            node = node.head
            while node.dep_ == "prep":
                node = node.head
        else:
            node = node.head
        if node.i != words.root.i:
            found.setdefault(node.i, []).append((timex, words.root.i))
    return found


def find(trigger: Trigger, table: dict[int, list[tuple[Timex, int]]]) -> tuple[Timex | None, bool]:
    """The event's time expression, or None; and whether it says only since when it goes on ("the war began on Friday")."""
    token = trigger.token
    chain = [token]
    is_noun = token.pos_ in {"NOUN", "PROPN"}
    held = carrier(token) if is_noun else None
    if held is not None:
        chain.append(held[0])
    node = whole(token) if is_noun else token
    for _ in range(8):
        if node.dep_ in {"relcl", "ccomp", "ROOT", "parataxis"} or (
            node.dep_ == "advcl" and node.tag_ not in {"VBG", "VBN"}
        ):
            break
        if node.head.i == node.i or (node.i != token.i and node.dep_ == "acl" and node.tag_ == "VB"):
            break
        told = node.dep_ == "dobj" and lemma(node.head) in word_classes()["saying"]
        node = node.head
        if is_noun and (told or _is_about(node) or (node.dep_ == "prep" and node.lower_ in BEYOND)):
            break
        chain.append(node)
    # A verb's time may hang on its object or its place ("killed 12 people on Monday", "died in Paris on Monday").
    chain[1:1] = [t for t in token.children if t.dep_ in {"dobj", "nsubjpass", "attr"}] + [
        t for p in grammar.children(token, "prep", "agent") for t in grammar.children(p, "pobj")
    ]
    verb = grammar.clause(token)
    begun = trigger.type in LASTING and token.i != verb.i and lemma(verb) in BEGINNING
    for node in chain:
        options = table.get(node.i)
        if options:
            return min(options, key=lambda o: abs(o[1] - token.i))[0], begun and node.i == verb.i
    for clause in grammar.children(verb, "advcl"):
        # "killed 12 people since it began on Friday", "the war began when they attacked on Friday"
        marks = {t.lower_ for t in grammar.children(clause, "mark", "advmod")}
        if ("since" in marks and lemma(clause) in BEGINNING) or (begun and "when" in marks):
            options = table.get(clause.i)
            if options:
                return options[0][0], True
    return None, False


def _is_about(verb: Token) -> bool:
    """Whether the verb tells of words about a happening, which have a time of their own ("condemned the attack on Monday")."""
    readings = entries().get(("v", lemma(verb)), ()) if grammar.is_verbal(verb) else ()
    return bool(readings) and all(r.type in SPEECH for r in readings)
