"""When an article was published: what its source states, its page says, its dateline or its text lets one infer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from kg.clean import dates
from kg.clean.blocks import Block
from kg.clean.dateline import Dateline
from kg.clean.furniture import Piece
from kg.records import Article

# How sure each way is (1 is stated). Not measured, but in this order: stated, nearly stated, inferred.
STATED, UPDATED, ADDRESS, DATELINE, YEAR_INFERRED = 1.0, 0.9, 0.95, 0.95, 0.8
NEAR, APART, MONTH_INFERRED = 0.7, 0.6, 0.4
# A dateline this long before the last date that the text names is of the next year.
_BEFORE_LAST = timedelta(days=60)
_UPDATED = re.compile(r"\b(?:updated|modified)\b", re.IGNORECASE)
_PUBLISHED = re.compile(r"\b(?:published|posted|date|issued|released)\b", re.IGNORECASE)
# A date that a preposition or conjunction leads in is part of what is told.
_IN_SENTENCE = re.compile(
    r"\b(?:in|on|of|since|from|to|and|between|after|before|until|dated|for|about|around|by|the|at|a)\s+$", re.IGNORECASE
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
# Dates after these words may lie ahead of the day of publication.
_AHEAD = re.compile(
    r"\b(?:until|till|by|before|due|through|scheduled|planned|expires?|ends?|no later than|starting|beginning"
    r"|will|to)\b"
    r"[^.\n]{0,30}$",
    re.IGNORECASE,
)


def decide(
    article: Article, blocks: Sequence[Block], pieces: Sequence[Piece], line: Dateline | None
) -> tuple[str | None, float]:
    """The date (ISO 8601, possibly only a month) and how sure it is: 1 where stated, 0 where there is none."""
    text = article.text
    if article.date and (given := dates.parse(article.date)):
        return given, STATED
    if stated := _stated(text, blocks, pieces):
        return stated
    if article.url and (named := dates.in_url(article.url)) and len(named) == len("2024-03-22"):
        return named, ADDRESS
    if line and line.date:
        return line.date.iso, DATELINE
    past = _past(text)
    if line and line.day and (inferred := _with_year(line.day, past)):
        return inferred, YEAR_INFERRED
    return _inferred(text, past)


def _stated(text: str, blocks: Sequence[Block], pieces: Sequence[Piece]) -> tuple[str, float] | None:
    """From date lines: the first that says published, else the first at the head, else one that says updated."""
    lines = [piece for piece in pieces if piece.kind in ("date", "loading")]
    ranked: list[tuple[int, str]] = []
    for piece in lines:
        words = text[piece.start : piece.end]
        found = [one for one in dates.find(words) if one.day]
        if found:
            updated, published = _UPDATED.search(words), _PUBLISHED.search(words)
            if published and not (updated and updated.start() < published.start()):
                rank = 0
            else:
                # At the foot of a page stand corrections and the dates of other stories.
                rank = 2 if updated or piece.start > len(text) / 2 else 1
            ranked.append((rank, found[0].iso))
    if not ranked:
        return None
    rank, iso = min(ranked, key=lambda one: one[0])
    return iso, UPDATED if rank == 2 else STATED


def _past(text: str) -> list[dates.Found]:
    """The dates and months that the text names with their year, without those it looks ahead to."""
    named = dates.find(text)
    months = [one for one in dates.months(text) if not any(full.start <= one.start < full.end for full in named)]
    return [one for one in named + months if one.month and not _AHEAD.search(text, max(0, one.start - 40), one.start)]


def _with_year(day: tuple[int, int], past: Sequence[dates.Found]) -> str | None:
    """The dateline's day in the year of the last date named, or in the next if it would lie long before it."""
    if not past:
        return None
    last = max(_day(one) for one in past)
    for year in (last.year, last.year + 1):
        try:
            candidate = date(year, *day)
        except ValueError:
            continue
        if candidate >= last - _BEFORE_LAST:
            return candidate.isoformat()
    return None


def _inferred(text: str, past: Sequence[dates.Found]) -> tuple[str | None, float]:
    """From the last date in the story, where nothing in the text is later; None rather than a guess from a look back.

    News gives a date its weekday, writes it in figures or sets it apart (a caption, a quoted post) when it is near,
    and leaves out the year of its own year's days: a day without year that comes after the last date with one goes on
    from there.
    """
    named = [one for one in past if one.day]
    if not named:
        return None, 0.0
    last = max(named, key=lambda one: (_day(one), one.weekday, one.numeric, one.start))
    years = (
        int(year[0])
        for year in _YEAR.finditer(text)
        if not _AHEAD.search(text, max(0, year.start() - 40), year.start())
    )
    if max(years, default=0) > last.year or any(_day(one) > _day(last) for one in past):
        return None, 0.0
    if last.weekday or last.numeric:
        return last.iso, NEAR
    if not _IN_SENTENCE.search(text, max(0, last.start - 20), last.start):
        return last.iso, APART
    ahead = [
        (month - (last.month or 1)) % 12
        for offset, month, _ in dates.without_year(text)
        if offset > last.start and not _AHEAD.search(text, max(0, offset - 40), offset)
    ]
    # A day that is more than half a year on is nearer as one of the past.
    months = max((months for months in ahead if months < 6), default=None)
    if months is None:
        return None, 0.0
    year, month = divmod((last.month or 1) - 1 + months, 12)
    return f"{last.year + year}-{month + 1:02d}", MONTH_INFERRED


def _day(one: dates.Found) -> date:
    return date(one.year, one.month or 1, one.day or 1)
