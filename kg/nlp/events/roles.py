"""Which words the syntax gives the roles of an event: subjects, objects and by-phrases of a verb; possessors, modifiers and
prepositions of a noun, and what carries it."""

from __future__ import annotations

from collections.abc import Iterator

from spacy.tokens import Token

from kg.nlp.events import grammar, parties, places
from kg.nlp.events.carriers import before, carrier, is_time, light_verbs, whole
from kg.nlp.events.lexicon import entries, word_classes
from kg.nlp.events.places import is_place
from kg.nlp.events.triggers import Names, Trigger, lemma
from kg.vocabulary import EntityType, EventType, Role

# Verbs whose object is the means, and whose at- or on-phrase is hit ("opened fire on", "fired rockets at").
OPENING = frozenset({"open", "fire", "launch", "throw", "hurl", "lob", "drop", "impose"})
ANYBODY = frozenset({"@person"})
# Types whose subject is what causes harm.
HARM = frozenset({EventType.KILLING, EventType.INJURY, EventType.DESTRUCTION})
# Types that befall people only.
BODILY = frozenset({EventType.KILLING, EventType.INJURY, EventType.ABDUCTION, EventType.ARREST})


def of_frame(frame: str) -> tuple[Role | None, Role | None]:
    """What the frame's subject and object are, None where it has none."""
    return {
        "transitive": (Role.AGENT, Role.PATIENT),
        "done": (Role.AGENT, Role.PATIENT),
        "undergo": (Role.PATIENT, None),
        "act": (Role.AGENT, Role.PATIENT),
        "parties": (Role.PARTICIPANT, Role.PARTICIPANT),
        "travel": (Role.AGENT, None),
    }.get(frame, (None, None))


def of_verb(trigger: Trigger, names: Names) -> Iterator[tuple[Role, Token]]:
    """The words in the roles of an event that a verb or an adjective tells, wherever the frame has them."""
    verb = trigger.token
    subject, object_ = of_frame(trigger.frame)
    if verb.pos_ == "ADJ":
        # "the wounded man", "he was dead", "it left two soldiers dead"
        left = grammar.patients(verb.head) if lemma(verb.head) in word_classes()["leaving"] else []
        before_it = verb.doc[verb.i - 1] if verb.i and verb.dep_ not in {"amod", "acomp"} else verb
        if before_it.like_num and not is_time(before_it):
            # "Driver arrested as seven dead"
            left = [before_it]
        own = grammar.conjuncts(grammar.children(verb, "nsubj"))
        for token in [verb.head] if verb.dep_ == "amod" else own or left or grammar.surface_subjects(verb.head):
            yield Role.PATIENT, token
        return
    passive = grammar.is_passive(verb)
    if trigger.frame == "undergo" and passive:
        object_, subject = Role.PATIENT, None
    if subject:
        acting = grammar.agents(verb)
        if subject is Role.AGENT:
            acting = _going_on(verb, acting, names) or acting
            acting = _acting(_causing(trigger, acting, names), names)
        for token in acting:
            # "10 dead, 12 injured": a bare number neither kills nor hurts, it counts.
            counted = trigger.type in HARM and token.pos_ == "NUM" and not grammar.patients(verb)
            yield Role.PATIENT if counted else subject, token
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
        and (not grammar.patients(verb) or lemma(verb) in OPENING | word_classes()["driving"])
    ):
        for token in grammar.prepositional(verb, "at", "on", "against", "upon", "into"):
            if verb.i < token.i and not is_place(token, names) and not is_time(token):
                yield Role.PATIENT, token
    if trigger.frame == "parties":
        # "signed a deal with the port", "agreed to a truce with the rebels"
        about = [t for t in (*grammar.patients(verb), *grammar.prepositional(verb, "to", "on")) if _is_event(t)]
        for word in (verb, *about):
            for token in grammar.prepositional(word, "with", "between", "against", "alongside"):
                yield Role.PARTICIPANT, token
    if trigger.type is EventType.ACCIDENT:
        # "collided with a lorry"
        for token in grammar.prepositional(verb, "with", "into"):
            if not is_place(token, names):
                yield Role.PATIENT, token
    if trigger.type is EventType.TRANSACTION:
        # "bought it from a dealer", "sold it to the state"
        for token in grammar.prepositional(verb, "from", "to"):
            if parties.is_party(token, names) and not is_place(token, names):
                yield Role.PARTICIPANT, token
    if trigger.type is EventType.TRIAL:
        # "found him guilty"
        for clause in grammar.children(verb, "ccomp"):
            if clause.pos_ == "ADJ":
                for token in grammar.conjuncts(grammar.children(clause, "nsubj")):
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


def of_noun(trigger: Trigger, names: Names) -> Iterator[tuple[Role, Token]]:
    """The words in the roles of an event that a noun tells, wherever the frame has them."""
    noun, frame = trigger.token, trigger.frame
    subject, object_ = of_frame(frame)
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
    modifiers = [
        t
        for t in before(noun)
        if not places.is_place_before(t, trigger, names) and not (t.dep_ == "compound" and _same_name(t, t.head, names))
    ]
    possessor = Role.PATIENT if frame == "done" and not of else subject
    for token in grammar.children(noun, "poss"):
        if token.ent_type_ not in {"DATE", "TIME"}:
            # No body or country is killed or seized: "the army's killings" are by it.
            by_body = trigger.type in BODILY and names.kind.get(token.i) in {EntityType.ORGANISATION, EntityType.PLACE}
            yield subject if by_body else possessor, token
    for token in modifiers:
        if token.i in names.kind:
            # "the Harbour murder" is that of a person, "the police arrests" are those by a body
            befalls = frame == "done" and names.kind[token.i] is EntityType.PERSON
            yield Role.PATIENT if befalls else subject, token
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
        for token in _suffering(noun):
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
    whole_of = whole(noun)
    if (
        held is None
        and whole_of.dep_ == "dobj"
        and lemma(whole_of.head) in word_classes()["undertaking"]
        and frame not in {"done", "undergo"}
        and not grammar.children(noun, "poss")
    ):
        # "called off a visit", "plan a strike"
        for token in grammar.agents(whole_of.head):
            yield subject, token
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


def _going_on(verb: Token, acting: list[Token], names: Names) -> list[Token]:
    """Who acts by a verb that the parse has go on from a clause whose subject is no party, but the clause above has one ("said
    the number of dead was higher and accused the mayor")."""
    first = verb
    while first.dep_ == "conj" and grammar.is_verbal(first.head):
        first = first.head
    told = first.dep_ in {"ccomp", "relcl", "acl"} and first.i != verb.i and not grammar.is_passive(verb)
    if not told or any(parties.can_act(t, Role.AGENT, names) for t in acting):
        return []
    return [t for t in grammar.agents(grammar.clause(first.head)) if parties.is_party(t, names)]


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
    while verb.dep_ == "conj" and grammar.is_verbal(verb.head):
        verb = verb.head
    place = verb.head
    if (
        trigger.type not in HARM
        or verb.dep_ not in {"relcl", "acl"}
        or place not in tokens
        or not _stands(place, names)
    ):
        return tokens
    while place.dep_ == "pobj" and place.head.head.pos_ in {"NOUN", "PROPN"}:
        place = place.head.head
        if ("n", lemma(place)) in entries():
            return [place]
    clause = grammar.clause(verb.head)
    return grammar.agents(clause) if verb.tag_ == "VBG" and grammar.is_verbal(clause) else []


def _stands(token: Token, names: Names) -> bool:
    """Whether the word is of a place or a building, which harms nobody."""
    word, classes = lemma(token), word_classes()
    moves = word in classes["vehicle"] or word in classes["weapon"]
    return is_place(token, names) or (word in classes["building"] and not moves)


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


def _suffering(noun: Token) -> list[Token]:
    """Those who are named by what befell them ("victims of the attack", "bombing survivors", "he was the target of")."""
    before_it = noun.dep_ in {"compound", "nmod"}
    head = noun.head if before_it else noun.head.head
    if not (before_it or (noun.dep_ == "pobj" and noun.head.lower_ == "of")):
        return []
    if lemma(head) not in word_classes()["sufferer"]:
        return []
    return grammar.surface_subjects(head.head) if head.dep_ == "attr" else [head]


def _is_event(token: Token) -> bool:
    return token.pos_ in {"NOUN", "PROPN"} and ("n", lemma(token)) in entries()


def _is_target(token: Token) -> bool:
    """Whether a noun before one of attack tells what is hit, not by what ("pub bombing", "car bombing")."""
    classes, word = word_classes(), lemma(token)
    return word in classes["building"] and word not in classes["means"]


def _same_name(a: Token, b: Token, names: Names) -> bool:
    return a.i in names.span and names.span[a.i] == names.span.get(b.i)


def _is_people(token: Token, names: Names) -> bool:
    return token.pos_ == "ADJ" and token.i in names.kind
