"""Which time expression dates a word: the nearest by syntax in its clause, then in its sentence."""

from __future__ import annotations

import re
from collections.abc import Collection

from spacy.tokens import Token

from kg.nlp.reading import Reading, sentence_of
from kg.nlp.timex.values import period
from kg.records import Period, Timex
from kg.vocabulary import TimexType

_CLAUSES = ("ROOT", "relcl", "advcl", "ccomp", "acl", "csubj", "parataxis", "conj", "xcomp", "pcomp")
_SINCE = re.compile(r"\b(?:since|from)(?: the)?\s+$", re.I)
_UNTIL = re.compile(r"\b(?:until|till|by)(?: the)?\s+$", re.I)


def when(reading: Reading, start: int, end: int, without: Collection[Timex] = ()) -> Timex | None:
    """The DATE or TIME that governs the words at [start, end); None where the sentence has none but `without`.

    First one inside the words' own phrase ("the attack on Friday"), then one in the same clause, then one of a clause
    that governs it; among equals the nearest in the text.
    """
    doc = reading.doc
    words = doc.char_span(start, end, alignment_mode="expand")
    if words is None:
        return None
    target, sentence = words.root, sentence_of(words.root)
    best: tuple[int, int, int] | None = None
    chosen: Timex | None = None
    for timex in reading.timex:
        if timex in without or timex.type not in (TimexType.DATE, TimexType.TIME) or period(timex.value) is None:
            continue
        if not sentence.start_char <= timex.start < sentence.end_char:
            continue
        span = doc.char_span(timex.start, timex.end, alignment_mode="expand")
        if span is None:
            continue
        level = rank(target, span.root)
        key = (level, abs(span.root.i - target.i), span.root.i)
        if level < 3 and (best is None or key < best):
            best, chosen = key, timex
    return chosen


def rank(target: Token, time: Token) -> int:
    """How closely `time` (or a place) belongs to `target`: 0 inside the target's phrase, 1 in its clause, 2 in a clause
    that governs it, 3 elsewhere."""
    if target == time or target.is_ancestor(time):
        between = [t for t in time.ancestors if target.is_ancestor(t)]
        return 0 if not any(_is_clause(t) for t in between) else 3
    clause = _clause(target)
    if _clause(time) == clause:
        return 1
    while clause.head != clause:
        clause = _clause(clause.head)
        if _clause(time) == clause:
            return 2
    return 3


def _is_clause(token: Token) -> bool:
    return token.pos_ in ("VERB", "AUX") and token.dep_ in _CLAUSES


def _clause(token: Token) -> Token:
    """The verb (or root) that heads a token's clause."""
    while token.head != token and not _is_clause(token):
        token = token.head
    return token


def bounds(reading: Reading, timex: Timex) -> Period | None:
    """The days of an expression with its preposition: "since October 7" has no end, "until May" no start."""
    days = period(timex.value)
    if days is None:
        return None
    before = reading.article.text[max(0, timex.start - 16) : timex.start]
    if _SINCE.search(before) and before.casefold().rstrip().endswith(("since", "since the")):
        return Period(start=days.start, end=None)
    if _UNTIL.search(before):
        return Period(start=None, end=days.end)
    return days
