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
NEAR, MONTH_INFERRED, LAST_NAMED = 0.7, 0.4, 0.3
# A dateline this long before the last date that the text names is of the next year.
_BEFORE_LAST = timedelta(days=60)
_UPDATED = re.compile(r"\b(?:updated|modified)\b", re.IGNORECASE)
_PUBLISHED = re.compile(r"\b(?:published|posted|date|issued|released)\b", re.IGNORECASE)
# Dates after these words may lie ahead of the day of publication.
_AHEAD = re.compile(
    r"\b(?:until|till|by|before|due|through|scheduled|planned|expires?|ends?|no later than|starting|beginning|will|to)\b"
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
    """From date lines: the first that says published, else the first without a word, else the first that says updated."""
    lines = [text[piece.start : piece.end] for piece in pieces if piece.kind in ("date", "loading")]
    ranked: list[tuple[int, str]] = []
    for words in lines:
        found = [one for one in dates.find(words) if one.day]
        if found:
            updated, published = _UPDATED.search(words), _PUBLISHED.search(words)
            rank = 0 if published and not (updated and updated.start() < published.start()) else 2 if updated else 1
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
    """From the dates in the story: the last that it names with its year, and the days without year that come after it.

    News gives a date its weekday, or writes it in figures, when it is near, and leaves out the year of its own year's days.
    """
    if not past:
        return None, 0.0
    last = max(past, key=lambda one: (_day(one), one.day is not None, one.weekday, one.numeric))
    if last.day and (last.weekday or last.numeric):
        return last.iso, NEAR
    # How many months after the last full date each day without year is, if it is after it at all: nearer that way round.
    ahead = [(month - (last.month or 1)) % 12 for offset, month, _ in dates.without_year(text) if offset > last.start]
    months = max((months for months in ahead if months < 6), default=0)
    year, month = divmod((last.month or 1) - 1 + months, 12)
    return f"{last.year + year}-{month + 1:02d}", MONTH_INFERRED if months else LAST_NAMED


def _day(one: dates.Found) -> date:
    return date(one.year, one.month or 1, one.day or 1)
