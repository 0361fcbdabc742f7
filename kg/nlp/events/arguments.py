"""Who takes part in an event, and where: read off the parse, by the frame of the trigger.

An agent is given only where the wording gives one: a subject, a by-phrase, a possessor or a
people's name before a noun.
"""

from __future__ import annotations

from spacy.tokens import Token

from kg.nlp.events import grammar, headlines, parties, places, roles
from kg.nlp.events.lexicon import word_classes
from kg.nlp.events.triggers import Names, Trigger, lemma
from kg.nlp.reading import Reading
from kg.records import Argument
from kg.vocabulary import EntityType, Role


def find(reading: Reading, trigger: Trigger, names: Names) -> tuple[Argument, ...]:
    """The event's participants and place: agents, patients, participants, places, each in order of the text."""
    is_noun = trigger.token.pos_ in {"NOUN", "PROPN"}
    pairs = list(roles.of_noun(trigger, names) if is_noun else roles.of_verb(trigger, names))
    pairs += [(Role.PLACE, t) for t in places.find(trigger, names)]
    pairs += [
        (role, t)
        for role, token in pairs
        if role is not Role.PLACE
        for t in (
            *_included(token, names),
            *_bodies(token, names),
            *(_included(trigger.token, names) if role is not Role.AGENT else ()),
        )
    ]
    found: dict[tuple[bool, int], Argument] = {}
    subject, object_ = roles.of_frame(trigger.frame)
    if subject is not None and headlines.is_verb(trigger):
        pairs = [(role, token) for role, token in pairs if role is Role.PLACE]
        for role, (start, end), head in headlines.find(trigger, subject, object_ or subject):
            found[False, head.i] = Argument(role=role, start=start, end=end, id=entity(reading, head, names))
    for role, token in pairs:
        # What is attacked may be where it happens too, so a place has its own slot.
        key = role is Role.PLACE, token.i
        if (
            token.i == trigger.token.i
            or key in found
            or (role is not Role.PLACE and not parties.can_act(token, role, names))
        ):
            continue
        if role is Role.PATIENT and (parties.is_means(token, trigger) or parties.is_no_party(token, trigger, names)):
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


def _included(token: Token, names: Names) -> list[Token]:
    """Whom a phrase names of a group ("officials, including the mayor and two judges"). Persons after a comma are of the list
    even where the parser takes them for afterthoughts to what describes the one before."""
    found = grammar.included(token)
    for preposition in grammar.children(token, "prep"):
        for word in preposition.subtree if preposition.lower_ == "including" else ():
            if names.kind.get(word.i) is EntityType.PERSON and word.dep_ in {"conj", "appos"} and word not in found:
                before = [w.lower_ for w in word.doc[max(word.left_edge.i - 2, 0) : word.left_edge.i]]
                if before[-1:] == [","] or before == [",", "and"]:
                    found.append(word)
    return found


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
