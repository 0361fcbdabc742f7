"""Layer: time expressions, each with its TIMEX3 type and value.

The values follow the TimeML annotation guidelines 1.2.1; relative expressions are read against the article's date and
the tense of their clause. `period` gives the calendar bounds of a value, `when` the expression that dates a position.
"""

from __future__ import annotations

import re

from kg.nlp.reading import Reading
from kg.nlp.timex.attach import bounds, when
from kg.nlp.timex.context import Context, context
from kg.nlp.timex.lexicon import MONTHS
from kg.nlp.timex.rules import matches, rules
from kg.nlp.timex.values import as_day, period
from kg.records import Timex
from kg.vocabulary import TimexType

__all__ = ["bounds", "find", "period", "when"]

# What may stand between a day and a time of day that make one expression: "Friday at about 3 p.m."
_SEAM = re.compile(r",? (?:on |at )?(?:about |around |just after |shortly after |approximately )?")
_LEAD = re.compile(r"\s*(?:(?:in|on|over|for|after|within|of|lasted|took|take|taken|spent|during)\s+)?", re.I)
_AMBIGUOUS = re.compile(r"(?:May|March|August)$")
# Characters after the place in which a dateline gives its day, and days that a page may lag behind it.
_DATELINE, _DATELINE_LAG = 20, 2
_EXPLICIT = re.compile(r"\d{4}-\d\d-\d\d")


def find(reading: Reading) -> tuple[Timex, ...]:
    """The article's time expressions, in order of the text, disjoint."""
    text, ctx = reading.article.text, context(reading)
    ctx.anchor = _dateline_day(ctx) or ctx.anchor
    found: list[Timex] = []
    for match, rule in matches(text):
        if (found and match.start() < found[-1].end) or not match[0].strip():
            continue
        result = rule.read(ctx, match)
        if result is None:
            continue
        start, end = _trim(text, match.start(), result.end or match.end())
        timex = Timex(start=start, end=end, type=result.type, value=result.value)
        if _is_name(reading, timex) or (reading.is_noise(start, end) and not _EXPLICIT.match(result.value or "")):
            continue
        found.append(timex)
        _remember(ctx, timex)
    return tuple(_merge(text, found))


def _dateline_day(ctx: Context) -> str | None:
    """The day in the dateline ("LIMA, March 22 (Agency) --"), which "today" means; a page may be dated later."""
    place, published = ctx.reading.page.dateline, as_day(ctx.anchor)
    if place is None or published is None:
        return None
    for rule in rules():
        match = rule.pattern.search(ctx.reading.article.text, place[1], place[1] + _DATELINE) if rule.day else None
        found = rule.read(ctx, match) if match else None
        day = as_day(found.value) if found else None
        if day and 0 <= (published - day).days <= _DATELINE_LAG:
            return day.isoformat()
    return None


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Without prepositions and blanks at the ends, which are not part of a TIMEX3 extent."""
    lead = _LEAD.match(text[start:end])
    start += lead.end() if lead else 0
    while end > start and (text[end - 1].isspace() or text[end - 1] in ",-–"):
        end -= 1
    return start, end


def _is_name(reading: Reading, timex: Timex) -> bool:
    """Whether a bare month or season is something else: "May" the person, "march" the walk."""
    text = reading.article.text[timex.start : timex.end]
    tokens = reading.doc.char_span(timex.start, timex.end, alignment_mode="expand")
    if tokens is None:
        return False
    if text.casefold() in MONTHS:
        if tokens[0].ent_type_ in ("PERSON", "ORG", "GPE", "FAC", "EVENT", "WORK_OF_ART"):
            return True
        if tokens.start and (before := tokens[0].nbor(-1)).pos_ == "PROPN" and before.head == tokens[0]:
            return True
        return bool(_AMBIGUOUS.match(text)) and tokens[0].ent_type_ != "DATE" and tokens[0].pos_ != "PROPN"
    return False


def _remember(ctx: Context, timex: Timex) -> None:
    if timex.type in (TimexType.DATE, TimexType.TIME) and timex.value and period(timex.value):
        ctx.previous, ctx.previous_at = timex.value.partition("/")[0].partition("T")[0], timex.start


def _merge(text: str, found: list[Timex]) -> list[Timex]:
    """Joins a time of day with the day beside it: "10:24 a.m. Friday", "Friday at 3 p.m."."""
    merged: list[Timex] = []
    for timex in found:
        last = merged[-1] if merged else None
        if last and _SEAM.fullmatch(text, last.end, timex.start):
            clock, day = (last, timex) if "T" in (last.value or "") else (timex, last)
            has_clock = clock.type is TimexType.TIME and re.search(r"T\d", clock.value or "")
            if has_clock and as_day(day.value) and not re.search(r"T\d", day.value or ""):
                value = (day.value or "")[:10] + (clock.value or "")[(clock.value or "").index("T") :]
                merged[-1] = Timex(start=last.start, end=timex.end, type=TimexType.TIME, value=value)
                continue
        merged.append(timex)
    return merged
