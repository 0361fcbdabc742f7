"""Where, since when, as of when and by whom a figure is given: the nearest that the sentence says, else what the article says."""

from __future__ import annotations

import re

from spacy.tokens import Token

from kg.nlp import timex
from kg.nlp.reading import Reading
from kg.records import Event
from kg.vocabulary import EntityType, EventType, Measure, Role

_SINCE = re.compile(r"\bsince\b[^.;\"“”]{0,25}$", re.I)
_PLACE_LEAD = re.compile(
    r"\b(?:in|at|near|across|inside|throughout|within|around|from|on|of|to)\s+(?:(?:the|southern|northern|central|eastern|western|war-torn|besieged)\s+)*$",
    re.I,
)
_SOURCE_LEAD = re.compile(
    r"\b(?:according to|citing|quoting|announced by|reported by|released by|published by|provided by|confirmed by|"
    r"said by|figures? (?:from|by)|data from|a count by|a tally by|a statement by)\s+",
    re.I,
)
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
    sentence = trigger.sent
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
    text, sentence = reading.article.text, at.sent
    for one in reading.timex:
        inside = sentence.start_char <= one.start < sentence.end_char
        if (
            inside
            and _SINCE.search(text, max(sentence.start_char, one.start - 40), one.start)
            and timex.period(one.value)
        ):
            return _iso(one.value, None)
    return None


def as_of(reading: Reading, trigger: Token | None, number: Token, state: bool) -> str | None:
    """The day (or month) that the count is of: its own clause's time, a governing clause's, else the article's date."""
    if not state:
        token = trigger if trigger is not None and trigger.sent == number.sent else number
        chosen = timex.when(reading, token.idx, token.idx + len(token))
        text = reading.article.text
        if chosen and not _SINCE.search(text, max(0, chosen.start - 40), chosen.start):
            return _iso(chosen.value, reading.page.date)
    return reading.page.date


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
    """The place of the count: its event's, else the nearest place named after a preposition in the sentence."""
    if happening:
        for argument in happening.args:
            if argument.role is Role.PLACE and argument.id:
                return argument.id
    sentence, text = number.sent, reading.article.text
    anchor = trigger if trigger is not None and trigger.sent == sentence else number
    best: tuple[int, int, str] | None = None
    for one in reading.entities:
        if one.type is not EntityType.PLACE or not sentence.start_char <= one.start < sentence.end_char:
            continue
        if not _PLACE_LEAD.search(text, max(sentence.start_char, one.start - 40), one.start):
            continue
        key = (min(abs(one.start - number.idx), abs(one.start - anchor.idx)), one.start, one.id)
        if best is None or key < best:
            best = key
    return best[2] if best else None


def source(reading: Reading, number: Token) -> str | None:
    """Whose number it is: the speaker of the innermost statement around it, a source named in its sentence, or in the next
    ("This figure was announced by …")."""
    at = number.idx
    around = [(sum(e - s for s, e in q.content), q) for q in reading.quotes if any(s <= at < e for s, e in q.content)]
    for _, quote in sorted(around, key=lambda pair: (pair[0], pair[1].content)):
        if quote.speaker or quote.source:
            return quote.speaker or (reading.entity_at(*quote.source) if quote.source else None)
    if found := _named_source(reading, number.sent.start_char, number.sent.end_char):
        return found
    doc, after = reading.doc, number.sent.end
    if after < len(doc):
        following = doc[after].sent
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
        if found := reading.entity_at(match.end(), token.idx + len(token)):
            return found
    return None
