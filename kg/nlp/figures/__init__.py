"""Layer: figures, one for each number that counts something, with its bounds, measure, place, dates and source.

Bounds stand only where the words give them: "at least 40" has a minimum, "around 40" none, "dozens" a minimum and no value.
"""

from __future__ import annotations

from spacy.tokens import Token

from kg.nlp import numbers
from kg.nlp.figures import context, measures, phrases
from kg.nlp.numbers import Form, Number
from kg.nlp.reading import Reading
from kg.records import Figure
from kg.vocabulary import Comparator, Measure, TimexType

_LOWER = (Comparator.AT_LEAST, Comparator.MORE_THAN)
_UPPER = (Comparator.AT_MOST, Comparator.LESS_THAN)
_PEOPLE = (Measure.KILLED, Measure.INJURED, Measure.DISPLACED, Measure.ABDUCTED, Measure.HELD, Measure.RELEASED)
# How sure a figure is by what was found: a measure named by its clause, a counted noun, a bare number.
_NAMED, _COUNTED, _BARE = 0.9, 0.75, 0.5


def find(reading: Reading) -> tuple[Figure, ...]:
    """The article's figures, in order of the text."""
    found: list[Figure] = []
    for number in numbers.find(reading.article.text):
        if reading.is_noise(number.start, number.end) or _in_timex(reading, number):
            continue
        figure = _figure(reading, number, found[-1] if found else None)
        if figure:
            found.append(figure)
    return tuple(found)


def _in_timex(reading: Reading, number: Number) -> bool:
    """Whether the number is part of a time expression; a duration is a quantity of time, so it counts."""
    return any(
        t.start < number.end and number.start < t.end and t.type is not TimexType.DURATION for t in reading.timex
    )


def _figure(reading: Reading, number: Number, before: Figure | None) -> Figure | None:
    doc = reading.doc
    words = doc.char_span(number.start, number.end, alignment_mode="expand")
    if not words:
        return None
    token = words[-1]
    if number.form in (Form.ORDINAL, Form.ADVERB):
        return _times(reading, number, token)
    if not phrases.is_count(doc, number):
        return None
    phrase = phrases.phrase(doc, number)
    counted = phrase.noun if phrase.noun is not None else words.root
    what = measures.Counted(phrase.measure, None) if phrase.measure else measures.measure(counted, phrase.last)
    if not _is_figure(number, phrase, what, words.root):
        return None
    population, unit = phrase.population, phrase.unit
    if phrase.measure is None and phrase.noun is None and unit is None and before and _inherits(reading, before, number, what):
        population, unit = before.population, before.unit
    return _record(reading, number, what, token, unit=unit, population=population)


def _is_figure(number: Number, phrase: phrases.Phrase, what: measures.Counted, root: Token) -> bool:
    """A number alone is a figure only where its clause says what it counts, or where it is written in digits as an amount."""
    if phrase.measure or phrase.noun is not None or phrase.unit or what.measure is not Measure.OTHER:
        return True
    return number.form in (Form.DIGITS, Form.RANGE) and root.dep_ in ("pobj", "dobj", "attr", "nsubj", "conj", "appos")


def _inherits(reading: Reading, before: Figure, number: Number, what: measures.Counted) -> bool:
    """ "killed 1,200 people and kidnapped 240": a number without a noun counts what the one before it in the sentence did."""
    same = reading.sentence(before.number[0]) == reading.sentence(number.start)
    return same and before.measure not in (Measure.MONEY, Measure.PERCENT) and (what.measure in _PEOPLE or what.measure is before.measure)


def _times(reading: Reading, number: Number, token: Token) -> Figure | None:
    """ "his eighth visit", "sent envoys twice"."""
    doc = reading.doc
    if number.form is Form.ORDINAL:
        after = doc[token.i + 1] if token.i + 1 < len(doc) else None
        noun = next((t for t in (after, token.head) if t is not None and t.i > token.i), None)
        if noun is None or measures.THING.get(noun.lemma_.casefold()) is not Measure.VISITS:
            return None
        return _record(reading, number, measures.Counted(Measure.VISITS, noun), token, unit="visits", population=None)
    after = doc[token.i + 1] if token.i + 1 < len(doc) else None
    if after is not None and (after.lower_ in ("as", "the", "that", "its", "their", "his", "her") or after.text == "-"):
        return None
    verb = token.head
    visits = any(t.lemma_.casefold() in ("visit", "travel", "go", "fly", "send", "trip") for t in (verb, *verb.children))
    measure = Measure.VISITS if visits else Measure.OTHER
    return _record(reading, number, measures.Counted(measure, verb), token, unit="times", population=None)


def _record(
    reading: Reading, number: Number, what: measures.Counted, token: Token, *, unit: str | None, population: str | None
) -> Figure:
    comparator = phrases.comparator(reading.article.text, number)
    value, low, high = number.value, number.min, number.max
    if number.form is Form.FRACTION and value is not None:
        value = numbers.tidy(round(value * 100, 4))
    if value is not None and comparator in _LOWER:
        low = value
    elif value is not None and comparator in _UPPER:
        high = value
    elif number.form is Form.VAGUE and comparator is Comparator.EXACTLY:
        comparator = Comparator.AT_LEAST
    happening = context.event(reading, what.measure, what.trigger)
    sure = _NAMED if what.trigger is not None or what.measure is not Measure.OTHER else _COUNTED if unit else _BARE
    return Figure(
        number=(number.start, number.end),
        value=value,
        min=low,
        max=high,
        comparator=comparator,
        measure=what.measure,
        unit=unit,
        population=population,
        place=context.place(reading, what.trigger, token, happening),
        since=context.since(reading, token),
        as_of=context.as_of(reading, what.trigger, token, what.state),
        attributed_to=context.source(reading, token),
        event=happening.id if happening else None,
        evidence=reading.evidence(number.start),
        confidence=sure,
    )
