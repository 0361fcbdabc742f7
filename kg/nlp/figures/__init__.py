"""Layer: figures, one for each number that counts something, with its bounds, measure, place, dates and source.

Bounds stand only where the words give them: "at least 40" has a minimum, "around 40" none, "dozens" a minimum and no
value.
"""

from __future__ import annotations

import re
from dataclasses import replace

from spacy.tokens import Doc, Token

from kg.nlp import numbers
from kg.nlp.figures import context, measures, phrases, places, scope, sources, victims
from kg.nlp.figures.drafts import Draft
from kg.nlp.figures.measures import Counted
from kg.nlp.numbers import Form, Number
from kg.nlp.reading import Reading
from kg.records import Figure
from kg.vocabulary import Comparator, Measure, Scope, TimexType

_LOWER = (Comparator.AT_LEAST, Comparator.MORE_THAN)
_UPPER = (Comparator.AT_MOST, Comparator.LESS_THAN)
# How sure a figure is by what was found: a measure named by its clause, a counted noun, a bare number.
_NAMED, _COUNTED, _BARE = 0.9, 0.75, 0.5
# A sum over the people that a sentence lists is the reader's, not the text's.
_SUMMED = 0.65
# A place that the sentence does not name.
_CARRIED = 0.75
# A number inside another's phrase: "two of five people".
_IN_NUMBER = ("quantmod", "nummod")
_TO = re.compile(r"\s(?:to|or)\s")
# "bringing the toll to 40", "put the figure at 684".
_SIZED = re.compile(r"\b(?:figure|number|count|tally|toll)\s+(?:up\s+)?(?:to|at)\s+(?:\w+\s+){0,2}$", re.I)
_LATER = re.compile(r"\s(?:later|earlier)$")
_INCLUDING = ("including ", "including about ", "including some ", "including at least ", "among them ")


def find(reading: Reading) -> tuple[Figure, ...]:
    """The article's figures, in order of the text."""
    drafts: list[Draft] = []
    found = numbers.find(reading.article.text)
    for last, number, after in zip((None, *found), found, (*found[1:], None), strict=False):
        if reading.is_noise(number.start, number.end) or _in_timex(reading, number):
            continue
        draft = _draft(reading, number, drafts[-1] if drafts else None, after, last)
        if draft and draft.split:
            drafts[-1] = replace(drafts[-1], split=True)
        if draft:
            drafts.append(draft)
    records: list[Figure] = []
    for draft in _settled(_not_the_ill(reading, victims.summed(reading, drafts))):
        records.append(_record(reading, draft, records[-1] if records else None))
    return tuple(records)


def _in_timex(reading: Reading, number: Number) -> bool:
    """Whether the number is part of a time expression. A stretch of time ("six weeks", "two days later", "every five
    years") is a quantity and counts, but not where it only names a kind ("a five-year plan")."""
    text = reading.article.text
    for one in reading.timex:
        if one.start < number.end and number.start < one.end:
            if (one.start, one.end) == (number.start, number.end) and phrases.is_bounded(text, number):
                return False  # "at least 1500" is no year
            stretch = one.type in (TimexType.DURATION, TimexType.SET) or _LATER.search(text, number.end, one.end)
            return not stretch or text[number.end : number.end + 1] == "-"
    return False


def _draft(
    reading: Reading, number: Number, before: Draft | None, after: Number | None, whole_of: Number | None
) -> Draft | None:
    """The number with what it counts; None for one that counts nothing. `before` is the last one that does, `after` the
    number that follows, and `whole_of` the one that stands before, which may count some of this one's."""
    doc, text = reading.doc, reading.article.text
    words = doc.char_span(number.start, number.end, alignment_mode="expand")
    if not words:
        return None
    token = words[-1]
    if number.form in (Form.ORDINAL, Form.ADVERB):
        return _times(reading, number, token)
    if not phrases.is_count(doc, text, number):
        return None
    phrase = phrases.phrase(doc, text, number)
    if phrase.unit is None and after and _TO.fullmatch(text, number.end, after.start):
        phrase = phrases.phrase(doc, text, after)  # "from 4.8 to 4.7 percent" has its unit at the end
    counted = phrase.noun if phrase.noun is not None else words.root
    if phrase.measure:
        what = Counted(phrase.measure, None)
    elif whole_of is not None and phrases.is_share(text, whole_of, number):
        what = measures.own(counted, phrase.last)  # "two of the five died": the verb is said of the two
    else:
        what = measures.measure(counted, phrase.last)
        what = what if what.measure is not Measure.OTHER else measures.led(words[0])
    if phrases.is_both(text, number) and what.measure not in (Measure.KILLED, Measure.INJURED):
        return None
    if token.lower_ == numbers.BOTH:
        alone = token.dep_ in ("nsubj", "nsubjpass", "dobj") and what.measure in (Measure.KILLED, Measure.INJURED)
        return Draft(number, token, what, "people", "people") if alone else None
    if phrase.measure is None and phrase.noun is None and phrase.unit is None:
        if after is not None and phrases.is_share(text, number, after):
            return _share(number, words.root, phrases.phrase(doc, text, after))
        if before and phrases.is_elliptic(text, before.token, number) and before.what.measure in victims.PEOPLE:
            return Draft(number, token, before.what, before.unit, before.population, split=True)
        sized = _SIZED.search(text, max(0, number.start - 40), number.start)
        if sized and what.measure is Measure.OTHER and (size := _size(doc, sized.start(), before)):
            return Draft(number, token, size, before.unit if before else None, before.population if before else None)
        if before and _inherits(reading, before, number, what):
            return Draft(number, token, what, before.unit, before.population)
        if what.measure is Measure.OTHER and not _is_amount(number, words.root):
            return None
    return Draft(number, token, what, phrase.unit, phrase.population)


def _share(number: Number, root: Token, whole: phrases.Phrase) -> Draft | None:
    """A number of some of those that the next one counts: "two of the five people", "280 million of the 1.5 billion"."""
    what = measures.governed(whole.noun if whole.noun is not None and root.dep_ in _IN_NUMBER else root)
    if what.measure not in victims.PEOPLE:
        if number.form is not Form.DIGITS:
            return None
        what = Counted(whole.measure or Measure.OTHER, None)
    return Draft(number, root, what, whole.unit, whole.population, part=True)


def _size(doc: Doc, at: int, before: Draft | None) -> Counted | None:
    """What a word for a count counts ("toll"), or what was counted before it ("figure")."""
    words = doc.char_span(at, at + 1, alignment_mode="expand")
    measure = measures.TOLL.get(words[0].lemma_.casefold()) if words else None
    return Counted(measure, words[0]) if words and measure else before.what if before else None


def _is_amount(number: Number, root: Token) -> bool:
    """Whether a number that stands alone, in digits, fills a place where an amount does: not "the 787", a name."""
    if root.i and root.nbor(-1).pos_ == "DET" and root.nbor(-1).lower_ != "a":
        return False
    return number.form in (Form.DIGITS, Form.RANGE) and root.dep_ in ("pobj", "dobj", "attr", "nsubj", "conj", "appos")


def _inherits(reading: Reading, before: Draft, number: Number, what: Counted) -> bool:
    """Whether a number without a noun counts what the one before it in the sentence did: "killed 1,200 people and
    kidnapped 240", "6 million homes, including 1.5 million in the capital"."""
    if reading.sentence(before.number.start) != reading.sentence(number.start):
        return False
    if reading.article.text[max(0, number.start - 24) : number.start].casefold().endswith(_INCLUDING):
        return True
    person = before.what.measure not in (Measure.MONEY, Measure.PERCENT)
    same = what.measure is before.what.measure and number.form is Form.DIGITS
    return person and (what.measure in victims.PEOPLE or same)


def _times(reading: Reading, number: Number, token: Token) -> Draft | None:
    """ "his eighth visit", "sent envoys twice"."""
    doc = reading.doc
    after = doc[token.i + 1] if token.i + 1 < len(doc) else None
    if number.form is Form.ORDINAL:
        noun = next((t for t in (after, token.head) if t is not None and t.i > token.i), None)
        if noun is None or measures.THING.get(noun.lemma_.casefold()) is not Measure.VISITS:
            return None
        return Draft(number, token, Counted(Measure.VISITS, noun), "visits")
    if after is not None and (after.lower_ in ("as", "the", "that", "its", "their", "his", "her") or after.text == "-"):
        return None
    verb = token.head
    visits = any(
        t.lemma_.casefold() in ("visit", "travel", "go", "fly", "send", "trip") for t in (verb, *verb.children)
    )
    return Draft(number, token, Counted(Measure.VISITS if visits else Measure.OTHER, verb), "times")


def _not_the_ill(reading: Reading, drafts: list[Draft]) -> list[Draft]:
    """Patients are no injured where the article tells of a disease."""
    patients = [d for d in drafts if d.what.measure is Measure.INJURED and victims.is_patient(d)]
    if not patients or not any(t.lower_ in scope.DISEASE for t in reading.doc):
        return drafts
    return [replace(d, what=replace(d.what, measure=Measure.OTHER)) if d in patients else d for d in drafts]


def _settled(drafts: list[Draft]) -> list[Draft]:
    """ "Four people were shot, one of them fatally": in an article that tells of deaths, the number of those who were
    hit counts neither the killed nor the injured, but those "others" who were hit lived."""
    if not any(d.what.measure is Measure.KILLED for d in drafts):
        return drafts
    lived = victims.survivors(drafts)
    with_dead = victims.with_dead(drafts)
    kept = [
        replace(d, what=replace(d.what, measure=Measure.OTHER))
        if d in with_dead or (victims.was_hit(d) and not victims.lived(d, drafts))
        else d
        for d in drafts
    ]
    return sorted((*kept, *lived), key=lambda d: (d.number.start, d.number.end))


def _record(reading: Reading, draft: Draft, before: Figure | None) -> Figure:
    number, what, token = draft.number, draft.what, draft.token
    comparator, surface = phrases.comparator(reading.article.text, number)
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
    since = context.since(reading, token)
    kind = scope.scope(reading, number, token, what, since, happening)
    place = places.place(reading, what.trigger, token, happening)
    if draft.part or (draft.split and kind is not Scope.TOTAL):
        kind = Scope.PART
    if kind is Scope.TOTAL and place and scope.is_narrowed(reading, place, token):
        kind = Scope.PART
    source, relays = sources.source(reading, token)
    day = context.as_of(reading, what.trigger, token, what.state, kind)
    sure = (
        _SUMMED if draft.summed else _NAMED if what.measure is not Measure.OTHER else _COUNTED if draft.unit else _BARE
    )
    if place is None and what.measure is not Measure.OTHER:
        place = places.carried(reading, token, what.trigger, what.measure, before)
        place = place or places.of_source(reading, token, kind)
        if place is None and day is not None and day == reading.page.date:
            place = places.of_story(reading, token, what.measure, kind)
        if place:
            sure = round(sure * _CARRIED, 2)
    return Figure(
        number=(number.start, number.end),
        surface=surface,
        scope=kind,
        value=value,
        min=low,
        max=high,
        comparator=comparator,
        measure=what.measure,
        unit=draft.unit,
        population=draft.population,
        place=place,
        since=since,
        as_of=day,
        attributed_to=source,
        relayed_by=relays,
        event=happening.id if happening else None,
        evidence=reading.evidence(number.start),
        confidence=sure,
    )
