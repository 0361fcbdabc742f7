"""Who takes part in an event, and where: read off the parse, by the frame of the trigger.

An agent is given only where the wording gives one: a subject, a by-phrase, a possessor or a
people's name before a noun.
"""

from __future__ import annotations

from collections.abc import Iterator

from spacy.tokens import Token

from kg.nlp.events import grammar, headlines, places
from kg.nlp.events.carriers import before, carrier, is_time, light_verbs
from kg.nlp.events.lexicon import entries, word_classes
from kg.nlp.events.places import is_place
from kg.nlp.events.triggers import PERSONS, Names, Trigger, lemma
from kg.nlp.reading import Reading
from kg.records import Argument
from kg.vocabulary import EntityType, EventType, Role

# Verbs whose object is the means, and whose at- or on-phrase is hit ("opened fire on", "fired rockets at").
OPENING = frozenset({"open", "fire", "launch", "throw", "hurl", "lob", "drop", "impose"})
NO_PARTY = frozenset({"it", "this", "that", "which", "what", "there", "something", "nothing", "everything", "its"})
ANYBODY = frozenset({"@person"})
# Types whose subject is what causes harm.
HARM = frozenset({EventType.KILLING, EventType.INJURY, EventType.DESTRUCTION})
# Endings of abstract nouns, which do nothing themselves.
ABSTRACT = ("ity", "ness", "tion", "sion", "ance", "ence", "ism", "ment", "ship", "victory", "plan", "way", "effort")


def find(reading: Reading, trigger: Trigger, names: Names) -> tuple[Argument, ...]:
    """The event's participants and place: agents, patients, participants, places, each in order of the text."""
    is_noun = trigger.token.pos_ in {"NOUN", "PROPN"}
    pairs = list(_of_noun(trigger, names) if is_noun else _of_verb(trigger, names))
    pairs += [(Role.PLACE, t) for t in places.find(trigger, names)]
    pairs += [
        (role, t)
        for role, token in pairs
        if role is not Role.PLACE
        for t in (
            *grammar.included(token),
            *_bodies(token, names),
            *(grammar.included(trigger.token) if role is not Role.AGENT else ()),
        )
    ]
    found: dict[tuple[bool, int], Argument] = {}
    subject, object_ = _roles(trigger.frame)
    if subject is not None and headlines.is_verb(trigger):
        pairs = [(role, token) for role, token in pairs if role is Role.PLACE]
        for role, (start, end), head in headlines.find(trigger, subject, object_ or subject):
            found[False, head.i] = Argument(role=role, start=start, end=end, id=entity(reading, head, names))
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


def _bodies(token: Token, names: Names, depth: int = 0) -> list[Token]:
    """The bodies or states whose members a word names ("envoys of Peru and Chile"), without the one it stands for itself."""
    if depth > 2 or token.i in names.kind or lemma(token) not in word_classes()["member"]:
        return []
    parts = grammar.prepositional(token, "of", "from")
    named = [t for t in parts if t.i in names.kind]
    return named[not depth :] if named else [t for part in parts for t in _bodies(part, names, depth + 1)]


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
    if word in classes["member"] or word in classes["person"]:
        return True
    if word in classes["group"] and any(c.lower_ == "of" for c in token.children):
        # "wounded a number of guards"
        return role is not Role.AGENT or any(_can_act(t, role, names) for t in grammar.prepositional(token, "of"))
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


def _causing(trigger: Trigger, tokens: list[Token], names: Names) -> list[Token]:
    """The words that cause deaths, wounds and damage: no place does, but what happened there does ("the bombing of a market
    that killed 20")."""
    verb = trigger.token
    place = verb.head
    if (
        trigger.type not in HARM
        or verb.dep_ not in {"relcl", "acl"}
        or not is_place(place, names)
        or place not in tokens
    ):
        return tokens
    while place.dep_ == "pobj" and place.head.head.pos_ in {"NOUN", "PROPN"}:
        place = place.head.head
        if ("n", lemma(place)) in entries():
            return [place]
    clause = grammar.clause(verb.head)
    return grammar.agents(clause) if verb.tag_ == "VBG" and grammar.is_verbal(clause) else []


def _responsible(noun: Token) -> list[Token]:
    """Who is said outright to be responsible for it; not who is believed or claims to be."""
    word = noun.head.head
    if noun.dep_ != "pobj" or noun.head.lower_ not in {"for", "behind"}:
        return []
    be = word if noun.head.lower_ == "behind" else word.head
    if noun.head.lower_ == "for" and (word.lower_ != "responsible" or word.dep_ not in {"acomp", "amod"}):
        return []
    if word.dep_ == "amod":
        return [word.head]
    sure = be.lemma_ == "be" and be.dep_ in {"ROOT", "relcl", "conj"} and not grammar.children(be, "neg", "aux")
    return grammar.surface_subjects(be) if sure else []


def _is_target(token: Token) -> bool:
    """Whether a noun before one of attack tells what is hit, not by what ("pub bombing", "car bombing")."""
    classes, word = word_classes(), lemma(token)
    return word in classes["building"] and word not in classes["means"]


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
        before_it = verb.doc[verb.i - 1] if verb.i and verb.dep_ not in {"amod", "acomp"} else verb
        if before_it.like_num and not is_time(before_it):
            # "Driver arrested as seven dead"
            left = [before_it]
        for token in [verb.head] if verb.dep_ == "amod" else left or grammar.surface_subjects(verb.head):
            yield Role.PATIENT, token
        return
    passive = grammar.is_passive(verb)
    if trigger.frame == "undergo" and passive:
        object_, subject = Role.PATIENT, None
    if subject:
        acting = grammar.agents(verb)
        if subject is Role.AGENT:
            acting = _acting(_causing(trigger, acting, names), names)
        for token in acting:
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
            if verb.i < token.i and not is_place(token, names) and not is_time(token):
                yield Role.PATIENT, token
    if trigger.frame == "parties":
        for token in grammar.prepositional(verb, "with", "between", "against", "alongside"):
            yield Role.PARTICIPANT, token
    if trigger.type is EventType.ACCIDENT:
        # "collided with a lorry"
        for token in grammar.prepositional(verb, "with", "into"):
            if not is_place(token, names):
                yield Role.PATIENT, token
    if trigger.type is EventType.DEMAND:
        # "asked the police to leave"
        for clause in grammar.children(verb, "ccomp"):
            if any(c.lower_ == "to" for c in grammar.children(clause, "aux")):
                for token in grammar.surface_subjects(clause):
                    yield Role.PATIENT, token
    if trigger.type in {EventType.STATEMENT, EventType.DEMAND, EventType.TRIAL, EventType.RELEASE}:
        for token in grammar.prepositional(verb, "by"):
            if passive:
                yield Role.AGENT, token


def _of_noun(trigger: Trigger, names: Names) -> Iterator[tuple[Role, Token]]:
    noun, frame = trigger.token, trigger.frame
    subject, object_ = _roles(frame)
    if trigger.type is EventType.ATTACK and noun.dep_ == "nsubj" and lemma(noun.head) in word_classes()["hitting"]:
        # "the blast hit a bakery"
        for token in grammar.patients(noun.head):
            yield Role.PATIENT, token
    if subject is None:
        counted = noun.doc[noun.i - 1] if noun.i else noun
        if trigger.type in HARM and counted.like_num and not is_time(counted):
            # "2 Dead, 3 Injured in Lima Fire"
            yield Role.PATIENT, counted
        return
    of = grammar.prepositional(noun, "of")
    modifiers = [t for t in before(noun) if not places.is_place_before(t, trigger, names)]
    possessor = Role.PATIENT if frame == "done" and not of else subject
    for token in grammar.children(noun, "poss"):
        if token.ent_type_ not in {"DATE", "TIME"}:
            yield possessor, token
    for token in modifiers:
        if token.i in names.kind:
            yield Role.AGENT if frame == "done" else subject, token
        elif frame in {"done", "undergo"} and lemma(token) in word_classes()["captive"]:
            yield Role.PATIENT, token
        elif trigger.type is EventType.ATTACK and _is_target(token):
            # "the pub bombings"
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
                if not is_time(token):
                    yield Role.PATIENT, token
        if trigger.type in {EventType.DESTRUCTION, EventType.INJURY}:
            # "damage to houses", "injuries to two people", but "a wound to the head"
            for token in grammar.prepositional(noun, "to"):
                if trigger.type is EventType.DESTRUCTION or names.matches(token, ANYBODY):
                    yield Role.PATIENT, token
    if frame == "undergo" and noun.dep_ == "pobj" and noun.head.lower_ in {"with", "from"}:
        # "found her with a wound", "a man suffering from burns", "a boy with burns"
        owner = noun.head.head
        for token in (
            (grammar.patients(owner) or grammar.surface_subjects(owner)) if grammar.is_verbal(owner) else [owner]
        ):
            yield Role.PATIENT, token
    attempt = noun.head
    if noun.dep_ == "compound" and frame in {"transitive", "done"} and lemma(attempt) in word_classes()["try"]:
        # "their assassination attempt on the king"
        for token in grammar.children(attempt, "poss"):
            yield Role.AGENT, token
        for token in grammar.prepositional(attempt, "on", "against"):
            if not is_time(token):
                yield Role.PATIENT, token
    for token in _responsible(noun):
        yield subject, token
    for clause in grammar.children(noun, "acl"):
        # "an attack carried out by rebels"
        light = light_verbs().get((lemma(clause), "obj"))
        if light is not None and light.subject == "agent" and grammar.is_passive(clause):
            for token in grammar.agents(clause):
                yield subject, token
    held = carrier(noun)
    if held is not None and noun.dep_ == "dobj" and held[1].subject == "agent":
        # "were given a warning", "dealt them a blow"
        verb = held[0]
        given = grammar.surface_subjects(verb) if grammar.is_passive(verb) else grammar.children(verb, "dative")
        for token in given:
            if token.lower_ != "to":
                yield object_ or Role.PATIENT, token
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
            if not is_time(token):
                yield Role.PARTICIPANT if frame == "parties" else Role.PATIENT, token
