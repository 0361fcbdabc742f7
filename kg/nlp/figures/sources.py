"""Whose number a figure is: the nearest source that its sentence names, and those from whom the article has it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacy.tokens import Token

from kg.nlp.figures.scope import COUNTING, TOLL
from kg.nlp.quotes.speakers import entity, words_of
from kg.nlp.reading import Reading, sentence_of
from kg.records import Quote

_SOURCE_LEAD = re.compile(
    r"\b(?:according to|citing|quoting|announced by|reported by|released by|published by|provided by|confirmed by|"
    r"said by|figures? (?:from|by)|data from|a count by|a tally by|a statement by)\s+",
    re.I,
)
# Of these, those that name who gave the number to the one named before.
_CITING = ("citing", "quoting")
_ANAPHOR = re.compile(
    r"\W*(?:this|that|the|these|those) (?:figures?|numbers?|tolls?|counts?|data|toll figures?)\b", re.I
)


def source(reading: Reading, number: Token) -> tuple[str | None, tuple[str, ...]]:
    """Whose number it is, and who relays it, the nearest to the source first. The source is the speaker of the innermost
    statement around the number, else one named in its sentence ("according to …"), the subject of a verb of counting
    ("the charity counted …"), or one named in the next sentence ("This figure was announced by …")."""
    stating = _stating(number)
    if stating is not None:
        return entity(reading, stating, words_of(reading, stating)), ()
    at = number.idx
    around = [(sum(e - s for s, e in q.content), q) for q in reading.said if any(s <= at < e for s, e in q.content)]
    quotes = [q for _, q in sorted(around, key=lambda pair: (pair[0], pair[1].content))]
    for i, quote in enumerate(quotes):
        if quote.speaker or quote.source:
            # A source that stands for no known entity is nobody else's.
            return quote.speaker, _chain(quotes[i:], quote.speaker)
    sentence = sentence_of(number)
    named = list(_named(reading, sentence.start_char, sentence.end_char))
    if not named and (counted := _counting(reading, number)):
        return counted, ()
    doc, after = reading.doc, sentence.end
    if not named and after < len(doc):
        following = sentence_of(doc[after])
        if _ANAPHOR.match(following.text):
            named = list(_named(reading, following.start_char, following.end_char))
    if not named:
        return None, ()
    cited = next((identifier for lead, identifier in named if lead in _CITING), None)
    if cited is None:
        return named[0][1], ()
    return cited, tuple(dict.fromkeys(i for lead, i in named if lead not in _CITING and i != cited))


def _chain(quotes: list[Quote], source: str | None) -> tuple[str, ...]:
    """Who relays the words of the first of these statements, each of which holds the one before."""
    first, *outer = quotes
    parties = [first.relayed_by, *(p for q in outer for p in (q.speaker, q.relayed_by))]
    return tuple(dict.fromkeys(p for p in parties if p and p != source))


def _stating(number: Token) -> Token | None:
    """Who "puts the figure at" the number, whoever else the sentence names for another."""
    for verb in number.ancestors:
        if verb.lemma_.casefold() in ("put", "place", "raise", "set", "lower") and verb.i < number.i:
            sized = any(c.dep_ == "dobj" and c.lemma_.casefold() in TOLL for c in verb.children)
            return next((c for c in verb.children if c.dep_ == "nsubj"), None) if sized else None
    return None


def _counting(reading: Reading, number: Token) -> str | None:
    """The subject of a verb of counting that governs the number: "the charity counted 40 dead"."""
    sentence = sentence_of(number)
    for verb in number.ancestors:
        if verb.pos_ == "VERB" and verb.i < number.i and verb.lemma_.casefold() in COUNTING:
            subject = next((c for c in verb.children if c.dep_ == "nsubj" and c.i >= sentence.start), None)
            if subject is not None:
                return entity(reading, subject, words_of(reading, subject))
        if verb.pos_ == "VERB" and any(c.dep_ == "nsubj" for c in verb.children):
            return None
    return None


def _named(reading: Reading, start: int, end: int) -> Iterator[tuple[str, str]]:
    """The entities after "according to", "announced by" and their like, each with these words."""
    text = reading.article.text
    for match in _SOURCE_LEAD.finditer(text, start, end):
        span = reading.doc.char_span(match.end(), match.end() + 1, alignment_mode="expand")
        if not span:
            continue
        token = span[0]
        while (
            token.head.i > token.i
            and token.head.idx < end
            and token.pos_ in ("DET", "ADJ", "PROPN", "NOUN", "NUM", "PART")
        ):
            token = token.head
        # The head names the source: "the Hamas-run health ministry" is a ministry.
        if found := reading.entity_at(token.idx, token.idx + len(token)):
            yield match[0].strip().casefold(), found
