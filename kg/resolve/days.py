"""On which days an account puts its happening, and whether its words say so.

Syntax often leaves open which of the events of a sentence a time expression belongs to ("convicted of murder in the shooting of
2021", "found guilty on Thursday of the deaths"), and a headline's time is that of the story below it. What an event has from
words that stand nearer to another is likely, but excludes nothing, so it is not compared.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from kg.records import Event, Extraction, Span
from kg.vocabulary import Role

# An account that is less precise than a month says too little about when.
WIDEST = 31
# Between a word and a time another clause begins ("crossed on Thursday and reached the town"), and what that counts for:
# most of a clause, in characters.
BEGINS = re.compile(r"[,;]|\b(?:and|but|or|as|while|when|after|before|that|who|which)\b")
CLAUSE = 60
# Of an account without a day: any day up to its article's.
FIRST, LAST = 1, date.max.toordinal()


@dataclass(frozen=True, slots=True)
class Days:
    """First and last day (proleptic ordinals); `dated` if they are known to the month. `told`: those that the record has,
    whosever they are."""

    start: int
    end: int
    dated: bool
    told: tuple[int, int]


def days(event: Event, published: str | None, borrowed: frozenset[str]) -> Days:
    """The days on which an account puts its happening; a happening that goes on ends with the article. What is known to the
    year only is on no day, but neither in other years."""
    reported = ordinal(published, last=True) or LAST
    if event.time is None:
        return Days(FIRST, reported, dated=False, told=(FIRST, reported))
    start = ordinal(event.time.start, last=False)
    end = ordinal(event.time.end or published, last=True)
    told = start or FIRST, ordinal(event.time.end, last=True) or reported
    if event.id in borrowed:
        return Days(FIRST, reported, dated=False, told=told)
    if start and end and 0 <= end - start < WIDEST:
        return Days(start, end, dated=True, told=told)
    return Days(*told, dated=False, told=told)


def ordinal(day: str | None, *, last: bool) -> int | None:
    """The day number of an ISO date; of a month the first or last day; None for anything else."""
    parts = (day or "")[:10].split("-")
    try:
        if len(parts) == 2:
            year, month = int(parts[0]), int(parts[1])
            return date(year, month, monthrange(year, month)[1] if last else 1).toordinal()
        return date(*map(int, parts)).toordinal() if len(parts) == 3 else None
    except ValueError:
        return None


def borrowed_times(record: Extraction) -> frozenset[str]:
    """The events none of whose time expressions stands nearest to one of their own words in its sentence."""
    told = sorted({(span, e.id) for e in record.events for span in (e.trigger, *e.also)})
    starts = [span[0] for span, _ in told]
    sentences = [start for start, _ in record.sentences]

    def gap(one: Span, other: Span) -> int:
        first, last = sorted((one, other))
        between = record.text[first[1] : last[0]]
        return len(between) + CLAUSE * len(BEGINS.findall(between))

    def nearest(time: Span) -> set[str]:
        sentence = bisect_right(sentences, time[0])
        first = sentences[sentence - 1] if sentence else 0
        last = sentences[sentence] if sentence < len(sentences) else len(record.text)
        inside = told[bisect_left(starts, first) : bisect_left(starts, last)]
        gaps = [(gap(span, time), name) for span, name in inside]
        least = min((gap for gap, _ in gaps), default=0)
        return {name for gap, name in gaps if gap == least}

    times = {e.id: [(a.start, a.end) for a in e.args if a.role is Role.TIME] for e in record.happenings}
    return frozenset(name for name, spans in times.items() if spans and not any(name in nearest(s) for s in spans))
