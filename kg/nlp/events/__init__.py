"""Layer: events, with type, factuality, participants, place and time; what is told twice is one event."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from kg.nlp.events import (
    arguments,
    casualties,
    coreference,
    factuality,
    grammar,
    other,
    setting,
    times,
    triggers,
    victims,
)
from kg.nlp.events.coreference import Happening, Mention
from kg.nlp.reading import Reading, sentence_of
from kg.nlp.timex import bounds
from kg.records import Argument, Event, Period, Quote, Span, Timex
from kg.vocabulary import EntityType, EventType, Factuality, Role

# Without a participant, a place or a time the reading of a word rests on its lemma alone.
BARE = 0.85
WHO = frozenset({Role.AGENT, Role.PATIENT, Role.PARTICIPANT})


def find(reading: Reading) -> tuple[Event, ...]:
    """The article's events, in order of their first mention. One that is told several times has a record for each mention under
    one identifier: first the one that says most, which lists the others in `also`."""
    names = triggers.Names(reading)
    table = times.anchors(reading)
    quotes = sorted(reading.said, key=lambda q: q.content)
    text = reading.article.text
    lead, filed = _dateline(reading, names)
    title = reading.page.title_span or (0, 0)
    mentions = []
    typed = triggers.find(reading, names)
    for trigger in sorted((*typed, *other.find(reading, names, typed)), key=lambda t: t.token.i):
        args = arguments.find(reading, trigger, names)
        in_lead = filed is not None and sentence_of(trigger.token).start == lead and grammar.is_main(trigger.token)
        if filed and in_lead and not any(a.role is Role.PLACE for a in args):
            args = (*args, filed)
        ids, parties = coreference.parties(args, text)
        timex, begun = times.find(trigger, table)
        time = bounds(reading, timex) if timex else None
        mentions.append(
            Mention(
                trigger=trigger,
                factuality=factuality.find(trigger),
                args=args,
                timex=timex,
                time=Period(start=time.start, end=None) if begun and time and time.start else time,
                attributed_to=_speaker(trigger.span, quotes),
                ids=ids,
                parties=parties,
                numbers=coreference.numbers(trigger.token),
                victims=victims.find(trigger, args),
                headline=title[0] <= trigger.span[0] < title[1],
                confidence=round(trigger.confidence * (1 if args or timex else BARE), 3),
            )
        )
    happenings = coreference.group(setting.settle(reading, casualties.settle(mentions, text), names, filed))
    return tuple(event for happening in happenings for event in _events(reading, happening))


def _dateline(reading: Reading, names: triggers.Names) -> tuple[int, Argument | None]:
    """The first word of the lead sentence and the dateline as place of its events; none if it names another place."""
    span = reading.page.dateline
    if span is None:
        return -1, None
    words = reading.sentence(span[1] - 1)
    if all(w.idx < span[1] or not w.is_alpha for w in words) and words.end < len(reading.doc):
        words = reading.doc[words.end].sent
    if any(w.idx >= span[1] and names.kind.get(w.i) is EntityType.PLACE for w in words):
        return -1, None
    return words.start, Argument(role=Role.PLACE, start=span[0], end=span[1], id=reading.entity_at(*span))


def _speaker(span: Span, quotes: list[Quote]) -> str | None:
    """Who says it: the speaker of the innermost quotation that holds the words."""
    over = [(b - a, q.speaker) for q in quotes for a, b in q.content if a <= span[0] and span[1] <= b and q.speaker]
    return min(over)[1] if over else None


def _events(reading: Reading, happening: Happening) -> Iterator[Event]:
    """The record of the happening, then one for each further mention, under the same identifier, with what its words say."""
    mentions = happening.mentions
    best = max(mentions, key=_clarity)
    first = mentions[0]
    alike = first.factuality is best.factuality and EventType.OTHER not in {first.trigger.type} - {best.trigger.type}
    if alike and first.headline and any(a.role in WHO for a in first.args):
        # The headline tells the story in brief: its words stand for the event.
        best = first
    others = [m for m in mentions if m is not best]
    args = list(_own(best))
    for arg in (a for m in others if coreference.adds(best, m) for a in _own(m)):
        if not any(_same(arg, known) for known in args) and _adds(arg, args):
            args.append(arg)
    dated = next((m for m in (best, *others) if m.time), None)
    if dated is not None and dated.timex is not None and not any(a.role is Role.TIME for a in args):
        args.append(_when(dated.timex))
    identifier = event_id(reading.article.id, best.trigger.type, best.trigger.span[0])
    yield _event(
        reading,
        best,
        identifier,
        also=tuple(m.trigger.span for m in others),
        args=tuple(args),
        time=dated.time if dated else None,
        confidence=max(m.confidence for m in mentions),
    )
    for m in others:
        yield _event(reading, m, identifier, args=_own(m), time=m.time, confidence=m.confidence)


def _event(
    reading: Reading,
    mention: Mention,
    identifier: str,
    *,
    args: tuple[Argument, ...],
    time: Period | None,
    confidence: float,
    also: tuple[Span, ...] = (),
) -> Event:
    start, end = mention.trigger.span
    return Event(
        id=identifier,
        trigger=(start, end),
        type=mention.trigger.type,
        factuality=mention.factuality,
        evidence=reading.evidence(start),
        also=also,
        args=args,
        time=time,
        attributed_to=mention.attributed_to,
        confidence=confidence,
    )


def _own(mention: Mention) -> tuple[Argument, ...]:
    """The mention's arguments, its time expression among them."""
    if mention.timex is None:
        return mention.args
    return (*mention.args, _when(mention.timex))


def _when(timex: Timex) -> Argument:
    return Argument(role=Role.TIME, start=timex.start, end=timex.end)


def event_id(article: str, kind: EventType, offset: int) -> str:
    """The event's identifier: a digest of article, type and offset of its trigger."""
    digest = hashlib.sha256(f"{article}\n{kind.value}\n{offset}".encode()).hexdigest()
    return f"event/{digest[:16]}"


def _clarity(mention: Mention) -> tuple[int, bool, int, float, int]:
    """The mention that says most: asserted, of a class, with most roles filled, surest; the first of equals."""
    roles = len({a.role for a in mention.args}) + (mention.timex is not None)
    classed = mention.trigger.type is not EventType.OTHER
    return (mention.factuality is Factuality.ASSERTED, classed, roles, mention.confidence, -mention.trigger.span[0])


def _same(a: Argument, b: Argument) -> bool:
    if a.role is not b.role and Role.PLACE in {a.role, b.role}:
        return False
    return (a.start, a.end) == (b.start, b.end) or (a.role is b.role and a.id is not None and a.id == b.id)


def _adds(arg: Argument, args: list[Argument]) -> bool:
    """What other mentions add: a role that the clearest one leaves open, or a named party."""
    return arg.role not in {a.role for a in args} or (arg.id is not None and arg.role is Role.PARTICIPANT)
