"""Of which event, since when and as of when a figure is given: the nearest that its sentence says, else the article."""

from __future__ import annotations

import re

from spacy.tokens import Token

from kg.nlp import timex
from kg.nlp.figures.scope import in_phrase
from kg.nlp.reading import Reading, sentence_of
from kg.nlp.timex.values import as_day
from kg.records import Event, Timex
from kg.vocabulary import EventType, Measure, Scope, TimexType

_SINCE = re.compile(r"\bsince\b[^.;\"“”]{0,25}$", re.I)
# What comes after is what a number is compared with.
_THAN = re.compile(r"\b(?:(?:up|down|compared|rising|falling) (?:from|with|to)|versus)\b[^.;]{0,60}$", re.I)
_WHEN = re.compile(r",?\s+when\b", re.I)
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
    # The mention here, not another of the same event: its place and day are told elsewhere, and may be of another count.
    for one in reading.events:
        if one.trigger[0] < end and start < one.trigger[1]:
            return one
    for one in reading.events:
        if any(s < end and start < e for s, e in one.also):
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
        # "the worst crash since 2004, when seven died": the year is that of the seven.
        if not (_WHEN.match(text, one.end) and one.end < at.idx)
        and timex.period(one.value)
        and _SINCE.search(text, max(sentence.start_char, one.start - 40), one.start)
    ]


def as_of(reading: Reading, trigger: Token | None, number: Token, state: bool, scope: Scope | None) -> str | None:
    """The day (or month) that the count is of: its own clause's time, a governing clause's, else the article's date.

    A total is of the day it is given: "the quakes of 6 February killed 41,000" dates the quakes, not the count.
    """
    if not state:
        token = trigger if trigger is not None and sentence_of(trigger) == sentence_of(number) else number
        without = [*_begins(reading, number), *_compared(reading, number)]
        if scope is Scope.TOTAL:
            without += _modifiers(reading, token)
        # "46 were killed and 100 wounded on Monday": the day at the end is that of both.
        for word in (token, *(t for t in token.conjuncts if t.i > token.i and t.pos_ == token.pos_)):
            if chosen := timex.when(reading, word.idx, word.idx + len(word), without=without):
                return _iso(chosen.value, reading.page.date)
        if scope is not Scope.TOTAL and (told := _day_of_when(reading, token) or _story_day(reading, token)):
            return told
    return reading.page.date


def _compared(reading: Reading, number: Token) -> list[Timex]:
    """The sentence's times of what a number is compared with: "51 percent, down from 57 percent four years ago"."""
    text, sentence = reading.article.text, sentence_of(number)
    inside = (one for one in reading.timex if number.idx < one.start < sentence.end_char)
    return [one for one in inside if _THAN.search(text, number.idx + len(number), one.start)]


def _day_of_when(reading: Reading, word: Token) -> str | None:
    """The day of the happening by which the count came about: "18 died when a bus overturned on Monday"."""
    for clause in word.children:
        if clause.dep_ == "advcl" and any(c.lower_ == "when" for c in clause.children):
            # A parser may take the verb for a participle of its own subject: "a bus overturned".
            verb = (
                clause
                if clause.pos_ in ("VERB", "AUX")
                else next((c for c in clause.rights if c.dep_ == "acl"), clause)
            )
            chosen = timex.when(reading, verb.idx, verb.idx + len(verb))
            return _iso(chosen.value, reading.page.date) if chosen else None
    return None


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
