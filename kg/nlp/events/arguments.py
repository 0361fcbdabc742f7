"""Who takes part in an event, and where: read off the parse, by the frame of the trigger.

An agent is given only where the wording gives one: a subject, a by-phrase, a possessor or a
people's name before a noun.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from spacy.tokens import Token

from kg.nlp.events import grammar
from kg.nlp.events.lexicon import entries, rows, word_classes, words
from kg.nlp.events.triggers import PERSONS, Names, Trigger, lemma
from kg.nlp.reading import Reading
from kg.records import Argument
from kg.vocabulary import EntityType, EventType, Role

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
# Verbs whose object is the means, and whose at- or on-phrase is hit ("opened fire on", "fired rockets at").
OPENING = frozenset({"open", "fire", "launch", "throw", "hurl", "lob", "drop", "impose"})
NO_PARTY = frozenset({"it", "this", "that", "which", "what", "there", "something", "nothing", "everything", "its"})
# Endings of abstract nouns, which do nothing themselves.
ABSTRACT = ("ity", "ness", "tion", "sion", "ance", "ence", "ism", "ment", "ship", "victory", "plan", "way", "effort")
GOAL_PREPOSITIONS = ("to", "in", "into", "at", "for", "through")
# Types whose noun may have the place before it ("the Kabul bombing"); before others it is a party.
PLACED_BEFORE = frozenset(
    {
        EventType.ATTACK, EventType.KILLING, EventType.INJURY, EventType.DISASTER, EventType.ACCIDENT,
        EventType.OUTBREAK, EventType.PROTEST, EventType.MEETING, EventType.GATHERING, EventType.ELECTION,
        EventType.DISRUPTION, EventType.VOTE, EventType.MILITARY_OPERATION,
    }
)  # fmt: skip


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
        head, relation = noun.head.head, "prep" if noun.head.lower_ == "in" else ""
    found = light_verbs().get((lemma(head), relation)) if grammar.is_verbal(head) else None
    return (head, found) if found else None


def find(reading: Reading, trigger: Trigger, names: Names) -> tuple[Argument, ...]:
    """The event's participants and place: agents, patients, participants, places, each in order of the text."""
    is_noun = trigger.token.pos_ in {"NOUN", "PROPN"}
    pairs = list(_of_noun(trigger, names) if is_noun else _of_verb(trigger, names))
    for token in places(trigger, names):
        # "a bank in Lagos", "a Lagos bank": the name can be looked up.
        inner = [
            t for t in grammar.children(token, "compound", "nmod", "poss") if names.kind.get(t.i) is EntityType.PLACE
        ]
        pairs += [(Role.PLACE, t) for t in (token, *(inner if token.i not in names.kind else ()))]
    pairs += [
        (role, t)
        for role, token in pairs
        if role is not Role.PLACE
        for t in (*grammar.included(token), *(grammar.included(trigger.token) if role is not Role.AGENT else ()))
    ]
    found: dict[tuple[bool, int], Argument] = {}
    for role, token in pairs:
        # What is attacked may be where it happens too, so a place has its own slot.
        key = role is Role.PLACE, token.i
        if token.i == trigger.token.i or key in found or (role is not Role.PLACE and not _can_act(token, role, names)):
            continue
        start, end = names.span[token.i] if role is Role.PLACE and token.i in names.span else grammar.phrase(token)
        title = _name_of(token, names)
        if title is not None and title.i - 1 == token.i:
            # "the separatist group ETA"
            end = max(end, names.span[title.i][1])
        found[key] = Argument(role=role, start=start, end=end, id=entity(reading, token, names))
    order = list(Role)
    return tuple(
        sorted(found.values(), key=lambda a: (order.index(a.role), a.role is Role.PLACE and a.id is None, a.start))
    )


def entity(reading: Reading, token: Token, names: Names) -> str | None:
    """The entity that the word stands for, or the body whose members it names ("leaders of the party")."""
    own = reading.entity_at(token.idx, token.idx + len(token))
    if own is not None:
        return own
    name = _name_of(token, names)
    if name is not None:
        return reading.entity_at(name.idx, name.idx + len(name))
    before = [t for t in grammar.children(token, "compound", "amod", "nmod", "poss") if t.i in names.kind]
    if lemma(token) in word_classes()["member"]:
        of = [t for t in grammar.prepositional(token, "of", "from") if t.i in names.kind]
        for part in (*before, *of):
            if names.kind[part.i] is EntityType.PLACE and _is_human(token):
                # "Norway's finance minister" is no country.
                return None
            return reading.entity_at(part.idx, part.idx + len(part))
    return None


def _is_human(token: Token) -> bool:
    """Whether the noun is of one or more people, no body of them."""
    word, classes = lemma(token), word_classes()
    return word in classes["person"] and word not in classes["crowd"]


def _name_of(token: Token, names: Names) -> Token | None:
    """The name that stands beside a description of its bearer ("the group ETA", "the mayor, Ada Harbour"): its first word."""
    if token.i in names.kind or token.tag_ == "NNS":
        return None
    beside = [t for t in grammar.children(token, "appos") if names.kind.get(t.i) not in {None, EntityType.PLACE}]
    named = beside[0].i if beside else -1
    while named > 0 and names.span.get(named - 1) == names.span.get(named):
        named -= 1
    return token.doc[named] if beside else None


def _can_act(token: Token, role: Role, names: Names) -> bool:
    """Whether the word may name a party: no event, no clause, no time; an agent is no abstract noun either."""
    if token.i in names.kind or token.lower_ in PERSONS or (token.pos_ == "NUM" and not _is_time(token)):
        return True
    if _is_time(token) or token.lower_ in NO_PARTY or token.pos_ not in {"NOUN", "PROPN", "ADJ", "DET", "PRON"}:
        return False
    word = lemma(token)
    classes = word_classes()
    if word in classes["member"] or word in classes["person"]:
        return True
    if (("n", word) in entries() and word not in classes["weapon"]) or word in classes["content"]:
        return False
    return role is Role.PATIENT or not word.endswith(ABSTRACT)


def _acting(tokens: list[Token], names: Names) -> list[Token]:
    """The words that act; for an event noun ("Iran's attack killed …") who its own words say did it."""
    found: list[Token] = []
    for token in tokens:
        if token.pos_ == "NOUN" and token.i not in names.kind and ("n", lemma(token)) in entries():
            owners = [t for t in grammar.children(token, "poss") if t.i in names.kind]
            owners += [t for t in grammar.children(token, "amod", "compound") if _is_people(t, names)]
            found += owners or [t for t in grammar.prepositional(token, "by") if t.i in names.kind]
        else:
            found.append(token)
    return found


def _is_people(token: Token, names: Names) -> bool:
    return token.pos_ == "ADJ" and token.i in names.kind


def _roles(frame: str) -> tuple[Role | None, Role | None]:
    """What subject and object are."""
    return {
        "transitive": (Role.AGENT, Role.PATIENT),
        "done": (Role.AGENT, Role.PATIENT),
        "undergo": (Role.PATIENT, None),
        "act": (Role.AGENT, Role.PATIENT),
        "parties": (Role.PARTICIPANT, Role.PARTICIPANT),
        "travel": (Role.AGENT, None),
    }.get(frame, (None, None))


def _of_verb(trigger: Trigger, names: Names) -> Iterator[tuple[Role, Token]]:
    verb = trigger.token
    subject, object_ = _roles(trigger.frame)
    if verb.pos_ == "ADJ":
        # "the wounded man", "he was dead", "it left two soldiers dead"
        left = grammar.patients(verb.head) if lemma(verb.head) in word_classes()["leaving"] else []
        for token in [verb.head] if verb.dep_ == "amod" else left or grammar.surface_subjects(verb.head):
            yield Role.PATIENT, token
        return
    passive = grammar.is_passive(verb)
    if trigger.frame == "undergo" and passive:
        object_, subject = Role.PATIENT, None
    if subject:
        for token in _acting(grammar.agents(verb), names) if subject is Role.AGENT else grammar.agents(verb):
            yield subject, token
    if object_:
        for token in grammar.patients(verb):
            yield object_, token
    if trigger.frame == "travel":
        for token in grammar.patients(verb):
            if not is_place(token, names):
                yield Role.PATIENT, token
    if (
        trigger.frame in {"transitive", "act"}
        and not passive
        and (not grammar.patients(verb) or lemma(verb) in OPENING)
    ):
        for token in grammar.prepositional(verb, "at", "on", "against", "upon", "into"):
            if verb.i < token.i and not is_place(token, names) and not _is_time(token):
                yield Role.PATIENT, token
    if trigger.frame == "parties":
        for token in grammar.prepositional(verb, "with", "between", "against", "alongside"):
            yield Role.PARTICIPANT, token
    if trigger.type in {EventType.STATEMENT, EventType.DEMAND, EventType.TRIAL, EventType.RELEASE}:
        for token in grammar.prepositional(verb, "by"):
            if passive:
                yield Role.AGENT, token


def _of_noun(trigger: Trigger, names: Names) -> Iterator[tuple[Role, Token]]:
    noun, frame = trigger.token, trigger.frame
    subject, object_ = _roles(frame)
    if subject is None:
        return
    of = grammar.prepositional(noun, "of")
    before = [t for t in _before(noun) if not _is_place_before(t, trigger, names)]
    possessor = Role.PATIENT if frame == "done" and not of else subject
    for token in grammar.children(noun, "poss"):
        if token.ent_type_ not in {"DATE", "TIME"}:
            yield possessor, token
    for token in before:
        if token.i in names.kind:
            yield Role.AGENT if frame == "done" else subject, token
        elif frame in {"done", "undergo"} and lemma(token) in word_classes()["captive"]:
            yield Role.PATIENT, token
        elif trigger.type is EventType.ATTACK and lemma(token) in word_classes()["building"]:
            # "the pub bombings"
            yield Role.PATIENT, token
    if trigger.type is EventType.ATTACK and noun.dep_ == "nsubj" and lemma(noun.head) in word_classes()["hitting"]:
        # "the blast hit a bakery"
        for token in grammar.patients(noun.head):
            yield Role.PATIENT, token
    for token in of:
        yield object_ if frame in {"transitive", "done"} and object_ else subject, token
    if frame == "parties":
        preps: tuple[str, ...] = ("between", "with", "among", "against", "by")
        for token in grammar.prepositional(noun, *preps):
            yield Role.PARTICIPANT, token
    else:
        for token in grammar.prepositional(noun, "by", "from"):
            if noun.i < token.i and token.ent_type_ not in {"DATE", "TIME"}:
                yield Role.AGENT if frame != "undergo" else Role.PATIENT, token
        if frame in {"transitive", "act"}:
            for token in grammar.prepositional(noun, "on", "against", "at"):
                if not _is_time(token):
                    yield Role.PATIENT, token
    if frame == "undergo" and noun.dep_ == "pobj" and noun.head.lower_ in {"with", "from"}:
        # "found her with a wound", "a man suffering from burns", "a boy with burns"
        owner = noun.head.head
        for token in (
            (grammar.patients(owner) or grammar.surface_subjects(owner)) if grammar.is_verbal(owner) else [owner]
        ):
            yield Role.PATIENT, token
    held = carrier(noun)
    if held is not None and held[1].subject != "none":
        verb, light = held
        role = {"agent": subject, "patient": object_ or Role.PATIENT, "party": subject}[light.subject]
        if light.subject == "patient" and frame == "parties":
            role = Role.PARTICIPANT
        for token in grammar.agents(verb) if light.subject != "patient" else grammar.surface_subjects(verb):
            yield role, token
        for token in (
            grammar.prepositional(verb, "with") if frame == "parties" else grammar.prepositional(verb, "against", "on")
        ):
            if not _is_time(token):
                yield Role.PARTICIPANT if frame == "parties" else Role.PATIENT, token


def _before(noun: Token) -> list[Token]:
    own = grammar.children(noun, "compound", "amod", "nmod")
    return grammar.conjuncts([t for child in own for t in (*grammar.children(child, "compound", "nmod"), child)])


def _is_place_before(token: Token, trigger: Trigger, names: Names) -> bool:
    kind = names.kind.get(token.i)
    return (
        kind is EntityType.PLACE
        and trigger.type in PLACED_BEFORE
        and trigger.frame != "parties"
        and token.pos_ != "ADJ"
    )


def _is_time(token: Token) -> bool:
    return token.ent_type_ in {"DATE", "TIME"}


def is_place(token: Token, names: Names) -> bool:
    """Whether the word names a place or a building or area."""
    if token.i in names.kind:
        kind = names.kind[token.i]
        return kind is EntityType.PLACE or (kind is EntityType.ORGANISATION and lemma(token) in word_classes()["site"])
    return token.ent_type_ in {"GPE", "LOC", "FAC"} or lemma(token) in word_classes()["site"]


def places(trigger: Trigger, names: Names) -> list[Token]:
    """Where it happened: the nearest place that a preposition attaches to trigger, carrier, object or clause."""
    token, is_noun = trigger.token, trigger.token.pos_ in {"NOUN", "PROPN"}
    if trigger.frame == "travel":
        goals = [] if is_noun else grammar.patients(token)
        goals += grammar.prepositional(token, *GOAL_PREPOSITIONS)
        goals += [t for t in _before(token) if names.kind.get(t.i) is EntityType.PLACE] if is_noun else []
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
    for anchor in anchors:
        found = _near(anchor, names)
        if found:
            return found
    if is_noun:
        found = [t for t in _before(token) if _is_place_before(t, trigger, names)]
        if found:
            return found
    if trigger.type in {EventType.ATTACK, EventType.MILITARY_OPERATION}:
        hit = grammar.prepositional(token, "of", "on", "against") if is_noun else grammar.patients(token)
        found = [t for t in hit if names.kind.get(t.i) is EntityType.PLACE]
        if found:
            return found[:1]
    head = grammar.clause(token)
    for _ in range(3):
        # "…, killing 12 people": the participle happens where its clause does.
        if head.i != token.i:
            objects = grammar.children(head, "dobj")
            named = [o for o in objects if names.kind.get(o.i) is EntityType.PLACE]
            found = _near(head, names) or named or [p for o in objects for p in _near(o, names)]
            if found:
                return found[:1]
        if head.dep_ not in {"advcl", "conj", "xcomp"} or head.tag_ not in {"VBG", "VB"}:
            break
        head = head.head
    return []


def _near(anchor: Token, names: Names) -> list[Token]:
    found = []
    for prep in grammar.children(anchor, "prep"):
        if prep.lower_ not in PLACE_PREPOSITIONS:
            continue
        for token in (t for p in (prep, *grammar.children(prep, "prep")) for t in grammar.children(p, "pobj")):
            named = names.kind.get(token.i) is EntityType.PLACE
            if named or (prep.lower_ not in WITH_NAME_ONLY and is_place(token, names)):
                # "in a village near Kunduz": the name is what can be looked up, so it goes first.
                inner = (
                    []
                    if named
                    else [
                        t
                        for t in grammar.prepositional(token, "in", "near", "of", "at")
                        if names.kind.get(t.i) is EntityType.PLACE
                    ]
                )
                found += [token, *inner]
            elif not named and ("n", lemma(token)) in entries():
                found += [t for t in grammar.prepositional(token, "in", "at", "near") if is_place(t, names)]
    return found
