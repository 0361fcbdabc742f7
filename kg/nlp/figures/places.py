"""Where what a figure counts is: the place of its own clause, of its event, or the one that its story goes on at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from spacy.tokens import Span as Words
from spacy.tokens import Token

from kg.nlp import numbers
from kg.nlp.figures.scope import TOLL
from kg.nlp.reading import Reading, sentence_of
from kg.nlp.timex.attach import rank
from kg.records import Argument, Event, Figure, Mention
from kg.vocabulary import EntityType, EventType, Measure, Role, Scope, TimexType

_PLACE_LEAD = re.compile(
    r"\b(?:in|at|near|across|inside|throughout|within|around|from|on|to)\s+(?:(?:the|southern|northern|central|eastern|western|war-torn|besieged)\s+)*$",
    re.I,
)
_OWN_PLACE = re.compile(
    r"\b(?:in|at|near|across|inside)\s+(?:the\s+)?(?!all\b|total\b|addition\b|an?\b|the\b|\d)[a-z]+\s+and\b"
)
# Between a place and one inside it that it owns.
_OWNED = re.compile(r"['’]s?\s+(?:(?!and\b)[a-z-]+\s+){0,4}")
_WITHIN = re.compile(r",?\s+(?:in\s+)?")
# Two coordinated names with their modifiers stand no further apart.
_NEAR = 80
# Between two places of one count: "Chile and Peru", "southern Chile and the north of Peru".
_AND = re.compile(r",?\s+(?:and|or|&)\s+(?:the\s+)?(?:[a-z-]+\s+){0,3}(?:of\s+)?")
_REPORTING = frozenset(["say", "report", "announce", "count", "give", "confirm", "state", "estimate", "put", "add"])
_ASSAULTS = frozenset(
    ["attack", "strike", "bomb", "bombard", "shell", "invade", "hit", "storm", "raid", "target", "devastate"]
)
# Nouns for such: "the attack on …".
_ASSAULT_NOUNS = frozenset(["attack", "assault", "strike", "airstrike", "raid", "bombardment", "shelling", "invasion"])
# "the bombardment of Acme has killed 40", also with the party between that a loose headline leaves there.
_ASSAULT_ON = re.compile(
    rf"\b(?:{'|'.join(sorted(_ASSAULT_NOUNS))})s?(?:\s+\w+)?\s+(?:of|on|against)\s+(?:the\s+)?$", re.I
)
# What is there: "Peruvian territory" is in Peru, "the Peruvian embassy" need not be.
_GROUND = frozenset(
    ["territory", "soil", "land", "ground", "city", "town", "village", "border", "coast", "side", "community"]
)
# `timex.attach.rank` of a word in a clause that governs the number's.
_GOVERNING = 2
# Counts of people to whom a sentence without a place does what the one before it told of.
_STORY = frozenset([Measure.KILLED, Measure.INJURED, Measure.ABDUCTED, Measure.DISPLACED, Measure.HELD])


def place(reading: Reading, trigger: Token | None, number: Token, happening: Event | None) -> str | None:
    """The place of the count: the one named in its own clause, else in a governing one, else its event's, else the
    nearest that the sentence names after a preposition. None where it is of several: "in Chile and Peru"."""
    sentence, text = sentence_of(number), reading.article.text
    anchor = trigger if trigger is not None and sentence.start <= trigger.i < sentence.end else number
    inside = [m for m in reading.entities if sentence.start_char <= m.start < sentence.end_char]
    named = [m for m in inside if m.type is EntityType.PLACE]
    there = _event_place(reading, happening) if happening else None
    best: tuple[bool, int, int, str] | None = None
    chosen: Mention | None = None
    for one in named:
        words = reading.doc.char_span(one.start, one.end, alignment_mode="expand")
        look = max(sentence.start_char, one.start - 40)
        led = _PLACE_LEAD.search(text, look, one.start) or _ASSAULT_ON.search(text, look, one.start)
        if not words or words.root.pos_ == "ADJ" or not (led or _is_target(words.root) or _is_of(words.root, anchor)):
            continue
        if _is_of_speaker(words.root) or _is_of_another(text, number.idx + len(number), one.start):
            continue
        # "nine in Ohio" has a place of its own.
        own = number.is_ancestor(words.root) and one.start > number.idx
        near = abs(one.start - number.idx)
        near = near if own else min(near, abs(one.start - anchor.idx))
        key = (not own, rank(anchor, words.root), near, one.id)
        if best is None or key < best:
            best, chosen = key, one
    if best is None and (country := _of_toll(reading, inside, anchor)) is not None:
        return country
    if chosen is not None and best is not None and (part := _part_of(text, chosen, named)) is not None:
        best, chosen = (*best[:-1], part.id), part
    here = happening is not None and any(
        a.id == there and sentence.start_char <= a.start < sentence.end_char for a in happening.args
    )
    if best is None or chosen is None or (best[0] and best[1] > _GOVERNING and there and here):
        return there
    return None if any(_AND.fullmatch(between) for between in _beside(text, chosen, named)) else best[-1]


def _of_toll(reading: Reading, inside: list[Mention], anchor: Token) -> str | None:
    """ "the Philippine death toll": the country whose adjective says whose toll it is."""
    for one in inside:
        words = reading.doc.char_span(one.start, one.end, alignment_mode="expand")
        if words is None or not one.id.startswith(f"{EntityType.PLACE}/"):
            continue
        toll = words.root.head
        if (
            toll.lemma_.casefold() in TOLL
            and words.root.dep_ in ("amod", "compound")
            and rank(anchor, toll) < _GOVERNING
        ):
            return one.id
    return None


def _part_of(text: str, whole: Mention, named: list[Mention]) -> Mention | None:
    """The place inside the one that owns it: "in Peru's Ancash region", "in Turkey's southern city of Adana"."""
    return next((m for m in named if m.start > whole.end and _OWNED.fullmatch(text, whole.end, m.start)), None)


def _is_of_another(text: str, number: int, place: int) -> bool:
    """ "170 in the province and 20 more in Peru": the place belongs to a number after the first, which has its own."""
    own = _OWN_PLACE.search(text, number, max(number, place))
    return own is not None and bool(numbers.find(text[own.end() : place]))


def _event_place(reading: Reading, happening: Event) -> str | None:
    """The place of an event that has one only, or one with what it is in ("Lima, Peru")."""
    given = {a.id: a for a in happening.args if a.role is Role.PLACE and a.id}
    if happening.type is EventType.OTHER:
        return None  # "the toll passes 40 as the minister visits Acme"
    ordered = sorted(given.values(), key=lambda a: a.start)
    text = reading.article.text
    if not ordered or any(_WITHIN.fullmatch(text, a.end, b.start) is None for a, b in pairwise(ordered)):
        return None
    argument, identifier = ordered[0], ordered[0].id
    if len(ordered) > 1:
        return identifier
    beside = _beside(reading.article.text, argument, [m for m in reading.entities if m.type is EntityType.PLACE])
    return None if any(_AND.fullmatch(between) for between in beside) else identifier


def _beside(text: str, one: Mention | Argument, named: list[Mention]) -> Iterator[str]:
    """The words between a place and each other place close by that has no number of its own ("and nine in Ohio")."""
    for other in named:
        if other.id != one.id and abs(other.start - one.start) < _NEAR:
            between = text[min(one.end, other.end) : max(one.start, other.start)]
            if not numbers.find(between):
                yield between


def _is_of_speaker(place: Token) -> bool:
    """ "The health ministry in Acme reported …": the place tells which ministry, not where what it counts is."""
    noun = place.head.head if place.dep_ == "pobj" else place
    return (
        noun.dep_ == "nsubj"
        and noun.pos_ in ("NOUN", "PROPN")
        and noun != place
        and noun.head.lemma_.casefold() in _REPORTING
    )


def _is_of(place: Token, trigger: Token) -> bool:
    """ "the Gaza death toll", "Gaza's dead": the place modifies the noun that names the count."""
    return (
        place.dep_ in ("compound", "nmod", "poss")
        and place.head in (trigger, trigger.head)
        and place.head.pos_ == "NOUN"
    )


def _is_target(token: Token) -> bool:
    """ "attacked southern Israel": the place is the object of an assault."""
    return token.dep_ == "dobj" and token.head.lemma_.casefold() in _ASSAULTS


def carried(
    reading: Reading, number: Token, trigger: Token | None, measure: Measure, before: Figure | None
) -> str | None:
    """The place that a sentence without one takes over from the sentence before it: that of a count of people there, or
    the target of the assault that it tells of. Only where the count goes on with that story in the past tense."""
    sentence = sentence_of(number)
    if measure not in _STORY or sentence.start == 0 or _names_place(reading, sentence):
        return None
    last = sentence_of(reading.doc[sentence.start - 1])
    between = reading.article.text[last.end_char - 1 : sentence.start_char]
    told = trigger if trigger is not None else number
    past = any(t.tag_ in ("VBD", "VBN") for t in (told, *told.children, *told.ancestors))
    if "\n" in between.strip(" ") or not past or _is_of_another_year(reading, sentence):
        return None
    if before is not None and before.place and last.start_char <= before.number[0] < last.end_char:
        return before.place if before.measure in _STORY else None
    return _target(reading, last)


def _is_of_another_year(reading: Reading, sentence: Words) -> bool:
    """Whether the sentence names a time of another year than the article's."""
    year = (reading.page.date or "")[:4]
    inside = (t for t in reading.timex if sentence.start_char <= t.start < sentence.end_char)
    return any(t.type is TimexType.DATE and t.value and not t.value.startswith(year) for t in inside)


def _names_place(reading: Reading, sentence: Words) -> bool:
    return any(
        m.type is EntityType.PLACE and sentence.start_char <= m.start < sentence.end_char for m in reading.entities
    )


def _target(reading: Reading, sentence: Words) -> str | None:
    """The one place that a sentence says was attacked."""
    found = set()
    for one in reading.entities:
        if one.type is not EntityType.PLACE or not sentence.start_char <= one.start < sentence.end_char:
            continue
        words = reading.doc.char_span(one.start, one.end, alignment_mode="expand")
        if words is None:
            continue
        root = words.root
        if root.dep_ in ("amod", "compound", "nmod", "poss") and root.head.lemma_.casefold() in _GROUND:
            root = root.head
        on = root.dep_ == "pobj" and root.head.lower_ in ("on", "against")
        if _is_target(root) or (on and root.head.head.lemma_.casefold() in _ASSAULT_NOUNS):
            found.add(one.id)
    return found.pop() if len(found) == 1 else None


def of_source(reading: Reading, number: Token, kind: Scope | None) -> str | None:
    """The place of the body that gives a total without a place: "the health ministry in Acme said the toll rose"."""
    sentence = sentence_of(number)
    if kind is not Scope.TOTAL:
        return None
    found = set()
    for one in reading.entities:
        if one.type is EntityType.PLACE and sentence.start_char <= one.start < sentence.end_char:
            words = reading.doc.char_span(one.start, one.end, alignment_mode="expand")
            if words is None:
                continue
            if not _is_of_speaker(words.root):
                return None
            found.add(one.id)
    return found.pop() if len(found) == 1 else None


def of_story(reading: Reading, number: Token, measure: Measure, kind: Scope | None) -> str | None:
    """The place of a total whose sentence names none: the only one in the headline, "Peru flood toll climbs to 31". Not of
    what the sentence tells of another year."""
    title, sentence = reading.page.title_span, sentence_of(number)
    if kind is not Scope.TOTAL or measure not in _STORY or title is None or _names_place(reading, sentence):
        return None
    if _is_of_another_year(reading, sentence):
        return None
    named = {
        m.id for m in reading.entities if title[0] <= m.start < title[1] and m.id.startswith(f"{EntityType.PLACE}/")
    }
    return named.pop() if len(named) == 1 else None
