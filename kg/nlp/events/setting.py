"""Where and when of a headline's events: a headline seldom says, the story that it sums up does.

What the story tells of the same happening comes first: an event that has a participant or the word in common with the
headline's. Without one it is the main event of the lead; and last, as an argument alone, a place or a day that the story's
beginning names, since what it belongs to is then a guess.
"""

from __future__ import annotations

import re
from dataclasses import replace

from kg.nlp.events import grammar, other
from kg.nlp.events.coreference import Mention, retells
from kg.nlp.events.places import PLACE_PREPOSITIONS
from kg.nlp.events.triggers import Names
from kg.nlp.reading import Reading
from kg.records import Argument, Span, Timex
from kg.vocabulary import EntityType, Role, TimexType

# Sentences in which a story has said where and when: news puts both near its beginning.
BEGINNING = 16
# Sentences whose events are the headline's even if they share no word with it.
LEAD = 3
# A day or a time of day as TIMEX3 values have it; months and years date no happening of the news.
DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{4}-W\d{2}-\d|\d{4}-\d{2}-\d{2}T.*")


def settle(reading: Reading, mentions: list[Mention], names: Names, filed: Argument | None) -> list[Mention]:
    """The mentions, those of the headline with where and when the story says; `filed` is the dateline's place."""
    title = reading.page.title_span
    if title is None or not any(_within(m.trigger.span, title) for m in mentions):
        return mentions
    spans = [(w.start_char, w.end_char) for w in other.reach(reading, BEGINNING) if w.start_char >= title[1]]
    story = [m for m in mentions if any(_within(m.trigger.span, s) for s in spans)]
    lead = [m for m in story if any(_within(m.trigger.span, s) for s in spans[:LEAD])]
    beside = [m for m in mentions if _within(m.trigger.span, title)]
    place = filed or _place(reading, spans)
    day = _day(reading, spans)
    return [_set(m, beside, story, lead, place, day) if _within(m.trigger.span, title) else m for m in mentions]


def _within(span: Span, outer: Span) -> bool:
    return outer[0] <= span[0] < outer[1]


def _set(
    mention: Mention,
    beside: list[Mention],
    story: list[Mention],
    lead: list[Mention],
    place: Argument | None,
    day: Timex | None,
) -> Mention:
    """The mention with the place and time that the headline gives another event, else what the story tells of it."""
    told = [m for m in [*(m for m in story if retells(mention, m)), *lead] if not _counts_others(mention, m)]
    if not any(a.role is Role.PLACE for a in mention.args):
        # Where somebody goes is not where the rest happens: "Toll passes 90 as the premier visits Lindow".
        there = [m for m in beside if m.trigger.frame != "travel"]
        places = [[a for a in m.args if a.role is Role.PLACE and a.id] for m in there]
        places += [[a for a in m.args if a.role is Role.PLACE] for m in told]
        # Where the story was filed is where what it mainly tells happened, not what that was after.
        guessed = [place] if place and grammar.is_main(mention.trigger.token) else []
        found = next(filter(None, places), guessed)
        mention = replace(mention, args=(*mention.args, *found))
    if mention.timex is None:
        told = beside + told
        timed = next((m for m in told if m.timex is not None and _is_day(m.timex)), None)
        if timed is None and day is None:
            timed = next((m for m in told if m.timex is not None), None)
        if timed is not None:
            mention = replace(mention, timex=timed.timex, time=timed.time)
        elif day is not None:
            mention = replace(mention, timex=day)
    return mention


def _counts_others(one: Mention, other: Mention) -> bool:
    """Whether the two count differently: a toll of all is not that of the one place which the story gives next."""
    return bool(one.numbers and other.numbers) and not one.numbers & other.numbers


def _place(reading: Reading, spans: list[Span]) -> Argument | None:
    """The first place that the sentences name after a preposition of place."""
    for mention in reading.entities:
        if mention.type is EntityType.PLACE and any(_within((mention.start, mention.end), s) for s in spans):
            words = reading.doc.char_span(mention.start, mention.end, alignment_mode="expand")
            root = words.root if words is not None and len(words) else None
            if root is not None and root.dep_ == "pobj" and root.head.lower_ in PLACE_PREPOSITIONS:
                return Argument(role=Role.PLACE, start=mention.start, end=mention.end, id=mention.id)
    return None


def _day(reading: Reading, spans: list[Span]) -> Timex | None:
    """The first day or time of day that the sentences name."""
    return next(
        (t for t in reading.timex if _is_day(t) and any(_within((t.start, t.end), s) for s in spans)),
        None,
    )


def _is_day(timex: Timex) -> bool:
    return timex.type in {TimexType.DATE, TimexType.TIME} and bool(timex.value and DAY.fullmatch(timex.value))
