"""Where, since when, as of when and by whom a figure is given: the nearest that its sentence says, else the article."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacy.tokens import Token

from kg.nlp import timex
from kg.nlp.figures.scope import in_phrase
from kg.nlp.reading import Reading, sentence_of
from kg.nlp.timex.attach import rank
from kg.nlp.timex.values import as_day
from kg.records import Argument, Event, Mention, Timex
from kg.vocabulary import EntityType, EventType, Measure, Role, Scope, TimexType

_SINCE = re.compile(r"\bsince\b[^.;\"“”]{0,25}$", re.I)
_PLACE_LEAD = re.compile(
    r"\b(?:in|at|near|across|inside|throughout|within|around|from|on|to)\s+(?:(?:the|southern|northern|central|eastern|western|war-torn|besieged)\s+)*$",
    re.I,
)
_SOURCE_LEAD = re.compile(
    r"\b(?:according to|citing|quoting|announced by|reported by|released by|published by|provided by|confirmed by|"
    r"said by|figures? (?:from|by)|data from|a count by|a tally by|a statement by)\s+",
    re.I,
)
# Two coordinated names with their modifiers stand no further apart.
_NEAR = 80
# Between two places of one count: "Chile and Peru", "southern Chile and the north of Peru".
_AND = re.compile(r",?\s+(?:and|or|&)\s+(?:the\s+)?(?:[a-z-]+\s+){0,3}(?:of\s+)?")
_REPORTING = frozenset(["say", "report", "announce", "count", "give", "confirm", "state", "estimate", "put", "add"])
_ASSAULTS = frozenset(
    ["attack", "strike", "bomb", "bombard", "shell", "invade", "hit", "storm", "raid", "target", "devastate"]
)
# `timex.attach.rank` of a word in a clause that governs the number's.
_GOVERNING = 2
_ANAPHOR = re.compile(
    r"\W*(?:this|that|the|these|those) (?:figures?|numbers?|tolls?|counts?|data|toll figures?)\b", re.I
)

EVENTS = {
    Measure.KILLED: (
        EventType.KILLING,
        EventType.ATTACK,
        EventType.MILITARY_OPERATION,
        EventType.DISASTER,
        EventType.ACCIDENT,
    ),
    Measure.INJURED: (EventType.INJURY, EventType.ATTACK, EventType.DISASTER, EventType.ACCIDENT),
    Measure.DISPLACED: (EventType.DISPLACEMENT,),
    Measure.ABDUCTED: (EventType.ABDUCTION,),
    Measure.HELD: (EventType.ABDUCTION, EventType.ARREST),
    Measure.RELEASED: (EventType.RELEASE,),
    Measure.ATTENDED: (EventType.PROTEST, EventType.GATHERING, EventType.MEETING),
    Measure.HOMES: (EventType.DESTRUCTION,),
    Measure.VISITS: (EventType.VISIT,),
    Measure.MONEY: (EventType.TRANSACTION, EventType.AID_DELIVERY),
}


def event(reading: Reading, measure: Measure, trigger: Token | None) -> Event | None:
    """The event whose trigger governs the number, else the nearest of a fitting type in the sentence."""
    if trigger is None:
        return None
    start, end = trigger.idx, trigger.idx + len(trigger)
    for one in reading.events:
        if any(s < end and start < e for s, e in (one.trigger, *one.also)):
            return one
    sentence = sentence_of(trigger)
    fitting = [
        (abs(s - start), s, one)
        for one in reading.events
        if one.type in EVENTS.get(measure, ())
        for s, _ in (one.trigger, *one.also)
        if sentence.start_char <= s < sentence.end_char
    ]
    return min(fitting, key=lambda f: f[:2])[2] if fitting else None


def since(reading: Reading, at: Token) -> str | None:
    """The day of the sentence's "since …"."""
    return next((_iso(one.value, None) for one in _begins(reading, at)), None)


def _begins(reading: Reading, at: Token) -> list[Timex]:
    """The sentence's times after "since": they begin a count and do not date it."""
    text, sentence = reading.article.text, sentence_of(at)
    inside = [one for one in reading.timex if sentence.start_char <= one.start < sentence.end_char]
    return [
        one
        for one in inside
        if timex.period(one.value) and _SINCE.search(text, max(sentence.start_char, one.start - 40), one.start)
    ]


def as_of(reading: Reading, trigger: Token | None, number: Token, state: bool, scope: Scope | None) -> str | None:
    """The day (or month) that the count is of: its own clause's time, a governing clause's, else the article's date.

    A total is of the day it is given: "the quakes of 6 February killed 41,000" dates the quakes, not the count.
    """
    if not state:
        token = trigger if trigger is not None and sentence_of(trigger) == sentence_of(number) else number
        without = _begins(reading, number)
        if scope is Scope.TOTAL:
            without += _modifiers(reading, token)
        chosen = timex.when(reading, token.idx, token.idx + len(token), without=without)
        if chosen:
            return _iso(chosen.value, reading.page.date)
        if scope is not Scope.TOTAL and (told := _story_day(reading, token)):
            return told
    return reading.page.date


def _modifiers(reading: Reading, word: Token) -> list[Timex]:
    """The sentence's times that only tell which thing is meant."""
    sentence = sentence_of(word)
    inside = [one for one in reading.timex if sentence.start_char <= one.start < sentence.end_char]
    spans = [(one, reading.doc.char_span(one.start, one.end, alignment_mode="expand")) for one in inside]
    return [one for one, span in spans if span is not None and in_phrase(span.root, word)]


def _story_day(reading: Reading, trigger: Token) -> str | None:
    """The day of the sentence before, for a verb in the simple past that goes on with its story: "On May 3 the dam
    broke. The water killed 40." Where the sentence speaks of a stretch of time ("in the first days"), its month."""
    sentence, text = sentence_of(trigger), reading.article.text
    if trigger.tag_ != "VBD" and not any(c.tag_ == "VBD" for c in (*trigger.children, *trigger.ancestors)):
        return None
    if sentence.start == 0 or any(c.lower_ in ("has", "have") for c in trigger.children):
        return None
    before = sentence_of(reading.doc[sentence.start - 1])
    if "\n" in text[before.start_char : sentence.start_char].strip():
        return None
    begins = _begins(reading, before[0])
    inside = [t for t in reading.timex if before.start_char <= t.start < before.end_char and t not in begins]
    days = [t for t in inside if as_day(t.value)]
    own = [t for t in reading.timex if sentence.start_char <= t.start < sentence.end_char]
    if not days or any(t.type is not TimexType.DURATION for t in own):
        return None
    day = str(as_day(days[-1].value))
    return day[:7] if own else day


def _iso(value: str | None, latest: str | None) -> str | None:
    """A day, month or year as ISO 8601; a week, season or other stretch by its last day, no later than `latest`."""
    plain = re.match(r"\d{4}(?:-\d\d(?:-\d\d)?)?(?=T|$)", value or "")
    if plain:
        return plain[0]
    days = timex.period(value)
    if days is None or days.end is None:
        return days.start if days else None
    return min(days.end, latest) if latest and len(latest) == 10 and days.start and days.start <= latest else days.end


def place(reading: Reading, trigger: Token | None, number: Token, happening: Event | None) -> str | None:
    """The place of the count: the one named in its own clause, else in a governing one, else its event's, else the
    nearest that the sentence names after a preposition. None where it is of several: "in Chile and Peru"."""
    sentence, text = sentence_of(number), reading.article.text
    anchor = trigger if trigger is not None and sentence.start <= trigger.i < sentence.end else number
    named = [
        m for m in reading.entities if m.type is EntityType.PLACE and sentence.start_char <= m.start < sentence.end_char
    ]
    there = _event_place(reading, happening) if happening else None
    best: tuple[int, int, str] | None = None
    chosen: Mention | None = None
    for one in named:
        words = reading.doc.char_span(one.start, one.end, alignment_mode="expand")
        led = _PLACE_LEAD.search(text, max(sentence.start_char, one.start - 40), one.start)
        if not words or words.root.pos_ == "ADJ" or not (led or _is_target(words.root) or _is_of(words.root, anchor)):
            continue
        if _is_of_speaker(words.root):
            continue
        key = (rank(anchor, words.root), min(abs(one.start - number.idx), abs(one.start - anchor.idx)), one.id)
        if best is None or key < best:
            best, chosen = key, one
    if best is None or chosen is None or (best[0] > _GOVERNING and there):
        return there
    return None if any(_AND.fullmatch(between) for between in _beside(text, chosen, named)) else best[2]


def _event_place(reading: Reading, happening: Event) -> str | None:
    """The place of an event that has one only."""
    given = {a.id: a for a in happening.args if a.role is Role.PLACE and a.id}
    if len(given) != 1:
        return None
    [(identifier, argument)] = given.items()
    beside = _beside(reading.article.text, argument, [m for m in reading.entities if m.type is EntityType.PLACE])
    return None if any(_AND.fullmatch(between) for between in beside) else identifier


def _beside(text: str, one: Mention | Argument, named: list[Mention]) -> Iterator[str]:
    """The words between a place and each other place close by."""
    for other in named:
        if other.id != one.id and abs(other.start - one.start) < _NEAR:
            yield text[min(one.end, other.end) : max(one.start, other.start)]


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


def source(reading: Reading, number: Token) -> str | None:
    """Whose number it is: the speaker of the innermost statement around it, a source named in its sentence, or in the
    next ("This figure was announced by …")."""
    at = number.idx
    around = [(sum(e - s for s, e in q.content), q) for q in reading.quotes if any(s <= at < e for s, e in q.content)]
    for _, quote in sorted(around, key=lambda pair: (pair[0], pair[1].content)):
        if quote.speaker or quote.source:
            return quote.speaker  # a source that stands for no known entity is nobody else's
    sentence = sentence_of(number)
    if found := _named_source(reading, sentence.start_char, sentence.end_char):
        return found
    doc, after = reading.doc, sentence.end
    if after < len(doc):
        following = sentence_of(doc[after])
        if _ANAPHOR.match(following.text):
            return _named_source(reading, following.start_char, following.end_char)
    return None


def _named_source(reading: Reading, start: int, end: int) -> str | None:
    """The entity after "according to", "announced by" and their like."""
    text = reading.article.text
    for match in _SOURCE_LEAD.finditer(text, start, end):
        span = reading.doc.char_span(match.end(), match.end() + 1, alignment_mode="expand")
        if not span:
            continue
        token = span[0]
        while (
            token.head.i > token.i
            and token.head.idx < end
            and token.pos_ in ("DET", "ADJ", "PROPN", "NOUN", "NUM", "PART")
        ):
            token = token.head
        # The head names the source: "the Hamas-run health ministry" is a ministry.
        if found := reading.entity_at(token.idx, token.idx + len(token)):
            return found
    return None
