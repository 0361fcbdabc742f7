"""What a relative expression is resolved against: the article's date, the last date named, the tense of the clause."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from spacy.tokens import Token

from kg.nlp.reading import Reading, sentence_of
from kg.nlp.timex import lexicon
from kg.nlp.timex.values import as_day

_UNTIL = re.compile(r"\b(?:until|till|by)\s(?:early\s|late\s|mid-)?$", re.I)
_NUMERIC = re.compile(r"(?<![\w/.-])(\d{1,2})[/.](\d{1,2})[/.](?:20\d\d|19\d\d|\d\d)(?![\w/])")


class Tense(Enum):
    """Where the governing verb points from the article's date."""

    PAST = "past"
    FUTURE = "future"
    NONE = "none"


@dataclass(slots=True)
class Context:
    """`anchor` is the article's date (day, month, year, or None); `previous` the last value, with its offset."""

    reading: Reading
    anchor: str | None
    day_first: bool
    previous: str | None = None
    previous_at: int = -1

    def tense(self, start: int) -> Tense:
        """The tense of the clause that holds the character at `start`."""
        span = self.reading.doc.char_span(start, start + 1, alignment_mode="expand")
        if not span:
            return Tense.NONE
        tense, verb = tense_of(span[0]), _verb(span[0])
        open_ = verb is not None and (tense is Tense.NONE or (verb.tag_ == "VB" and tense is Tense.PAST))
        until = open_ and _UNTIL.search(self.reading.article.text, max(0, start - 16), start)
        return Tense.FUTURE if until else tense

    def nearby(self, start: int) -> str | None:
        """The value named before `start` in the same or the preceding sentence, else the article's date."""
        if self.previous and self.previous_at >= self._reach(start):
            return self.previous
        return self.anchor

    def _reach(self, start: int) -> int:
        sentence = self.reading.sentence(start)
        return sentence_of(self.reading.doc[sentence.start - 1]).start_char if sentence.start else sentence.start_char


def context(reading: Reading) -> Context:
    """The context at the start of an article."""
    return Context(reading=reading, anchor=reading.page.date, day_first=_day_first(reading))


def _day_first(reading: Reading) -> bool:
    """Whether 3/4/2024 is 3 April: what the article's unambiguous dates show, else the article's own date, else yes."""
    day = as_day(reading.page.date)
    votes = 0
    for match in _NUMERIC.finditer(reading.article.text):
        one, two = int(match[1]), int(match[2])
        if one > 12 or two > 12:
            votes += 2 if one > 12 else -2
        elif day and one != two:
            votes += (two == day.month) - (one == day.month)
    return votes >= 0


def tense_of(token: Token) -> Tense:
    """The tense of the verb that a time word modifies, with its auxiliaries; an infinitive takes it from its governor.

    NONE where it modifies a noun ("the Oct. 7 attack"), whose time is not that of the clause.
    """
    verb = _verb(token)
    if verb is None:
        return Tense.NONE
    for _ in range(6):  # a chain of infinitives and complements is never longer in real text
        helpers = [c for c in verb.children if c.dep_ in ("aux", "auxpass") or c.tag_ == "MD"]
        if any(c.lower_ in lexicon.FUTURE_MODALS for c in helpers):
            have = any(c.lower_ == "have" for c in helpers)
            return Tense.PAST if have else Tense.FUTURE
        if (
            verb.tag_ == "VBD"
            or any(c.tag_ == "VBD" for c in helpers)
            or any(c.lower_ in ("has", "have", "had") for c in helpers)
        ):
            return Tense.PAST
        if verb.tag_ in ("VBZ", "VBP") and not helpers:
            return Tense.NONE
        infinitive = any(c.tag_ == "TO" for c in helpers)
        if infinitive and verb.head.lemma_.casefold() in lexicon.FUTURE_HEADS and verb.head != verb:
            return Tense.FUTURE
        if (
            verb.dep_ in ("xcomp", "advcl", "acl", "conj", "aux")
            and verb.head != verb
            and verb.head.pos_ in ("VERB", "AUX")
        ):
            verb = verb.head
            continue
        return Tense.NONE
    return Tense.NONE


def _verb(token: Token) -> Token | None:
    """The verb that a time word modifies, through its own phrase ("on Friday", "early Friday morning")."""
    while token.pos_ not in ("VERB", "AUX"):
        own = token.pos_ in ("ADP", "SCONJ", "ADV", "NUM", "ADJ") or token.ent_type_ in ("DATE", "TIME")
        named = token.text.casefold().rstrip(".") in lexicon.CALENDAR_NAMES
        if token.head == token or not (own or named):
            return None
        token = token.head
    return token
