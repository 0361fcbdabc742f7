"""Where an event happened: the nearest place that the syntax attaches to its words or its clause."""

from __future__ import annotations

from spacy.tokens import Token

from kg.nlp.events import grammar
from kg.nlp.events.carriers import before, carrier, whole
from kg.nlp.events.lexicon import entries, word_classes
from kg.nlp.events.triggers import Names, Trigger, lemma
from kg.vocabulary import EntityType, EventType

PLACE_PREPOSITIONS = (
    "in",
    "at",
    "near",
    "outside",
    "inside",
    "across",
    "around",
    "off",
    "on",
    "along",
    "throughout",
    "within",
    "over",
    "from",
)
# Prepositions that name a place only before the name of one ("over Gaza", but "over prices").
WITH_NAME_ONLY = frozenset({"over", "from", "on", "around", "within"})
# Prepositions that tell where of any thing ("near the gate").
BESIDE = frozenset({"near", "outside", "inside"})
FROM = frozenset({"from"})
PARTS = frozenset(
    {"part", "heart", "edge", "end", "middle", "side", "section", "corner", "rest", "vicinity", "direction"}
)
# What a country's adjective stands before for the country ("Syrian soil").
LAND = frozenset({"territory", "soil", "airspace", "land"})
GOAL_PREPOSITIONS = ("to", "in", "into", "at", "for", "through")
# Types whose noun may have the place before it ("the Kabul bombing"); before others it is a party.
PLACED_BEFORE = frozenset(
    {
        EventType.ATTACK, EventType.KILLING, EventType.INJURY, EventType.DISASTER, EventType.ACCIDENT,
        EventType.OUTBREAK, EventType.PROTEST, EventType.MEETING, EventType.GATHERING, EventType.ELECTION,
        EventType.DISRUPTION, EventType.VOTE, EventType.MILITARY_OPERATION,
    }
)  # fmt: skip


# Types of what states do.
BY_STATES = frozenset({EventType.ATTACK, EventType.KILLING, EventType.MILITARY_OPERATION})


def is_place(token: Token, names: Names) -> bool:
    """Whether the word names a place or a building or area."""
    if token.i in names.kind:
        kind = names.kind[token.i]
        return kind is EntityType.PLACE or (kind is EntityType.ORGANISATION and lemma(token) in word_classes()["site"])
    return token.ent_type_ in {"GPE", "LOC", "FAC"} or lemma(token) in word_classes()["site"]


def find(trigger: Trigger, names: Names) -> list[Token]:
    """Where it happened: the nearest place that a preposition attaches to trigger, carrier, object or clause, with the
    name inside it that can be looked up ("a Lagos bank")."""
    found = []
    for token in _find(trigger, names):
        found.append(token)
        if token.i not in names.kind:
            inner = grammar.children(token, "compound", "nmod", "poss")
            inner += grammar.children(token, "amod") if _is_land(token, names) else []
            found += [t for t in inner if names.kind.get(t.i) is EntityType.PLACE]
    return found


def _is_land(token: Token, names: Names) -> bool:
    return lemma(token) in LAND and any(t.i in names.kind for t in grammar.children(token, "amod"))


def _find(trigger: Trigger, names: Names) -> list[Token]:
    token, is_noun = trigger.token, trigger.token.pos_ in {"NOUN", "PROPN"}
    if trigger.frame == "travel":
        goals = [] if is_noun else grammar.patients(token)
        goals += grammar.prepositional(token, *GOAL_PREPOSITIONS)
        goals += [t for t in before(token) if names.kind.get(t.i) is EntityType.PLACE] if is_noun else []
        found = [t for t in goals if is_place(t, names)]
        if found:
            return found
    if trigger.frame == "hazard":
        hit = grammar.prepositional(token, "of") if is_noun else grammar.patients(token)
        if is_noun and token.dep_ == "nsubj" and grammar.is_verbal(token.head):
            hit = hit + grammar.patients(token.head)
        found = [t for t in hit if is_place(t, names)]
        if found:
            return found
    anchors = [token, whole(token)] if is_noun else [token]
    held = carrier(token) if is_noun else None
    if held is not None:
        anchors.append(held[0])
    if not is_noun:
        anchors += grammar.children(token, "dobj", "nsubjpass", "dative")
        anchors += [
            t for p in grammar.prepositional(token, "in", "during", "at") for t in [p] if ("n", lemma(p)) in entries()
        ]
    else:
        anchors += grammar.prepositional(token, "on", "against", "of")
    if not is_noun:
        # "was attacked by gunmen near the mill", "met officials in Oslo"
        anchors += [t for child in grammar.children(token, "agent") for t in grammar.children(child, "pobj")]
        anchors += grammar.prepositional(token, "with") if trigger.frame == "parties" else []
    # Whence an attack comes is not where it happens.
    but = FROM if trigger.type is EventType.ATTACK else frozenset()
    for anchor in anchors:
        found = _near(anchor, names, but)
        if found:
            return found
    if trigger.type in {EventType.ACCIDENT, EventType.ATTACK} and not is_noun:
        # "crashed into a house", "ripped through a market"
        hit = [t for t in grammar.prepositional(token, "into", "onto", "through") if is_place(t, names)]
        found = [t for place in hit for t in (place, *_named(place, names))]
        if found:
            return found
    if is_noun:
        found = [t for t in before(token) if is_place_before(t, trigger, names)]
        if found:
            return found
    if trigger.type in {EventType.ATTACK, EventType.MILITARY_OPERATION}:
        hit = grammar.prepositional(token, "of", "on", "against") if is_noun else grammar.patients(token)
        found = [t for t in hit if names.kind.get(t.i) is EntityType.PLACE or _is_land(t, names)]
        if found:
            return found[:1]
    for clause in grammar.children(token, "advcl"):
        # "exploded, wounding 13 people in Lyon"
        if clause.tag_ == "VBG":
            found = _near(clause, names, but) or [p for o in grammar.patients(clause) for p in _near(o, names, but)]
            if found:
                return found
    head = grammar.clause(token)
    for _ in range(3):
        # "…, killing 12 people": the participle happens where its clause does.
        if head.i != token.i:
            objects = grammar.children(head, "dobj")
            named = [o for o in objects if names.kind.get(o.i) is EntityType.PLACE]
            found = _near(head, names, but) or named or [p for o in objects for p in _near(o, names, but)]
            if found:
                return found[:1]
        if head.dep_ not in {"advcl", "conj", "xcomp"} or head.tag_ not in {"VBG", "VB"}:
            break
        head = head.head
    return []


def _near(anchor: Token, names: Names, but: frozenset[str] = frozenset()) -> list[Token]:
    found = []
    for prep in grammar.children(anchor, "prep"):
        if prep.lower_ not in PLACE_PREPOSITIONS or prep.lower_ in but:
            continue
        for token in (t for p in (prep, *grammar.children(prep, "prep")) for t in grammar.children(p, "pobj")):
            named = names.kind.get(token.i) is EntityType.PLACE
            along = prep.lower_ == "on" and grammar.is_verbal(anchor) and lemma(token) in word_classes()["way"]
            beside = prep.lower_ in BESIDE and _is_thing(token, names)
            if named or along or beside or (prep.lower_ not in WITH_NAME_ONLY and is_place(token, names)):
                found += [token, *_named(token, names)]
            elif lemma(token) in PARTS:
                # "in the west of Lima"
                found += [t for t in grammar.prepositional(token, "of") if names.kind.get(t.i) is EntityType.PLACE]
            elif not named and ("n", lemma(token)) in entries():
                found += [t for t in grammar.prepositional(token, "in", "at", "near") if is_place(t, names)]
    return found


def _named(place: Token, names: Names) -> list[Token]:
    """The name by which a place without one can be looked up ("in a village near Kunduz")."""
    if place.i in names.kind:
        return []
    inside = grammar.prepositional(place, "in", "near", "of", "at")
    return [t for t in inside if names.kind.get(t.i) is EntityType.PLACE]


def _is_thing(token: Token, names: Names) -> bool:
    """Whether the word names a thing: no event, nobody, no time, no number."""
    word, classes = lemma(token), word_classes()
    return token.pos_ == "NOUN" and not (
        ("n", word) in entries()
        or token.i in names.times
        or any(word in classes[name] for name in ("person", "member", "content", "weapon", "happening"))
    )


def is_place_before(token: Token, trigger: Trigger, names: Names) -> bool:
    """Whether a name before the event noun tells where ("the Kabul bombing"). A state strikes elsewhere if the words say whom
    or with what ("the U.S. killing of two sailors", "a Peru drone strike")."""
    kind = names.kind.get(token.i)
    if token.i in names.states and trigger.type in BY_STATES:
        modifiers = {lemma(t) for t in grammar.children(trigger.token, "compound", "amod", "nmod")}
        if modifiers & word_classes()["striking"] or grammar.prepositional(trigger.token, "of", "on", "against"):
            return False
    return (
        kind is EntityType.PLACE
        and trigger.type in PLACED_BEFORE
        and trigger.frame != "parties"
        and token.pos_ != "ADJ"
    )
