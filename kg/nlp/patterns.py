"""Names that their surroundings give away where the recogniser saw none.

Acronyms in brackets or unexplained, the members of a list of counties or streets, places in capitals before a dash.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from spacy.attrs import ENT_TYPE, POS
from spacy.symbols import PROPN
from spacy.tokens import Doc, Token

from kg.link.sources import sources
from kg.nlp import lexicon
from kg.nlp.names import is_acronym
from kg.nlp.nearby import nearby
from kg.nlp.spans import CALENDAR, Span, offsets_of
from kg.vocabulary import EntityType

# In brackets after a name: its short form.
SHORT = re.compile(r"\s*\(\s*[\"“”‘’']?([A-Z][A-Za-z&]*[A-Z][A-Za-z&]*)[\"“”‘’']?\s*[);,]")
NAME = r"[A-Z][\w’'-]+(?:\s(?!and\b)[A-Z][\w’'-]+){0,2}"
LIST = rf"{NAME}(?:,\s{NAME})*,?\s(?:and|or)\s{NAME}"
# `Elm, Oak and Ash counties`; `the towns of Elm and Oak`.
BEFORE = re.compile(
    rf"\b({LIST})\s(?:counties|rivers|streets|avenues|roads|provinces|districts|regions|islands|mountains|"
    r"governorates|municipalities|villages|prefectures|states|cities|towns|townships|parishes|lakes|suburbs|airports)\b"
)
AFTER = re.compile(
    r"\b(?:counties|provinces|districts|regions|islands|governorates|municipalities|villages|prefectures|states|cities|"
    rf"towns|townships|suburbs|neighbou?rhoods|departments|countries)\s(?:of|like|including|such as)\s({LIST})"
)
# Where a place stands, if it is listed as one.
WHERE = re.compile(r"\b(?:in|near|outside|from|around|at|to)\s([A-Z][a-z][\w-]+(?:\s[A-Z][a-z][\w-]+)?)(?=[\s,.;)])")
# Before a word that is no name of its own, or one that quoted words begin with.
JOINING = frozenset('-@"“')
CAPITALS = re.compile(r"\b[A-Z]{3,6}\b")
# Legal forms of firms.
FIRM = frozenset(("Inc", "Corp", "Co", "Ltd", "PLC"))
# Storms are named like people and places.
STORM = re.compile(r"\b(?:[Cc]yclone|[Hh]urricane|[Tt]yphoon|(?:[Tt]ropical )?[Ss]torm)\s+([A-Z][a-z]{2,})\b")
# A place in capitals before the news, as agencies write it.
DATELINE = re.compile(
    r"(?:^|\n|[.!?]\s+)([A-Z][A-Z’'.-]+(?:\s[A-Z][A-Z’'.-]+){0,2})(?:,\s[A-Z][\w.]+)?(?:\s\([A-Z]{2,9}\))?\s[—–-]{1,2}\s"
)
# The seat of a member of the US Congress or of a state's, after the party: `Sen. Jane Roe, D-Elmton, said`.
SEAT = re.compile(rf"[,(]\s?[DRI]-({NAME})(?=[,.;)\s])")


def storms(text: str) -> set[str]:
    """The names of the storms that the text tells of, alone and with the word before them."""
    return {name for m in STORM.finditer(text) for name in (m[0], m[1])}


def given_away(text: str, doc: Doc, spans: Sequence[Span], headings: Sequence[tuple[int, int]] = ()) -> Iterator[Span]:
    """The names that patterns find. `spans`: those that are known or recognised already; `headings`: lines in headline case."""
    for span in spans:
        if (
            span.type in (EntityType.ORGANISATION, EntityType.PLACE)
            and (m := SHORT.match(text, span.end))
            and (
                m.group(1)[-1].isupper()
                and m.group(1)[0] in letters(text[span.start : span.end])
                and m.group(1) not in lexicon.acronyms()
                and m.group(1) not in lexicon.not_names()
            )
        ):
            yield Span(*m.span(1), span.type, "head")
    for pattern in (BEFORE, AFTER):
        for m in pattern.finditer(text):
            for name in re.finditer(NAME, m.group(1)):
                start = m.start(1) + name.start()
                yield Span(start, start + len(name.group()), EntityType.PLACE, "head")
    for m in DATELINE.finditer(text):
        if len(m.group(1)) > 3 and m.group(1).title() not in lexicon.not_names():
            yield Span(*m.span(1), EntityType.PLACE, "head")
    for m in SEAT.finditer(text):
        yield Span(*m.span(1), EntityType.PLACE, "head")
    yield from persons(text, doc, headings)
    starts = sorted(s.start for s in spans)
    offsets = offsets_of(doc)
    barred = lexicon.not_names(), lexicon.titles()
    for m in WHERE.finditer(text):
        for place in dict.fromkeys((m.group(1), m.group(1).split()[0])):
            i, end = bisect_left(offsets, m.start(1)), m.start(1) + len(place)
            if i >= len(doc) or doc[i].pos_ != "PROPN" or doc[i].ent_type_ or any(place in b for b in barred):
                continue
            if any(e.type == EntityType.PLACE for e in sources().find(place)) and not between(starts, m.start(1), end):
                yield Span(m.start(1), end, EntityType.PLACE, "ner")
                break
    near = nearby(spans, {text[s.start : s.end] for s in spans})
    for start, end in unmarked(doc):
        if not taken(starts, start) and (near.lists(text[start:end]) or near.holds(text[start:end])):
            yield Span(start, end, EntityType.PLACE, "ner")
    for m in CAPITALS.finditer(text):
        i = bisect_left(offsets, m.start())
        if i < len(doc) and not taken(starts, m.start()) and doc[i].text == m.group() and alone(doc, i):
            yield Span(*m.span(), EntityType.ORGANISATION, "ner")


def unmarked(doc: Doc) -> Iterator[tuple[int, int]]:
    """One or two words inside a sentence that may name a place and that the recogniser left out, where no other capitalised
    word stands beside them."""
    for i, last in runs(left_out(doc)):
        if last - i < 3 and i > 0 and last < len(doc) and not doc[i].is_sent_start and len(doc[i]) > 3:
            before, after = doc[i - 1].text, doc[last].text
            if not (before[0].isupper() or before in JOINING) and (after in lexicon.titles() or not after[0].isupper()):
                yield doc[i].idx, doc[last - 1].idx + len(doc[last - 1])


def left_out(doc: Doc) -> Iterator[int]:
    """The words that the recogniser left out, that may be places by their form, and that are none of other names."""
    barred = lexicon.no_place_words()
    for i, (pos, kind) in enumerate(doc.to_array([POS, ENT_TYPE]).tolist()):
        if pos == PROPN and not kind and (word := doc[i].text).istitle() and word not in barred:
            yield i


def runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The stretches of rising numbers without a gap: the first, and the one after the last."""
    first = after = -1
    for number in numbers:
        if number != after:
            if after > first:
                yield first, after
            first = number
        after = number + 1
    if after > first:
        yield first, after


def persons(text: str, doc: Doc, headings: Sequence[tuple[int, int]] = ()) -> Iterator[Span]:
    """Names of persons after a title or with a given name first that the recogniser left out or cut short. In `headings`, lines
    in headline case, any word may follow a title."""
    given, titles = lexicon.given_names(), lexicon.personal_titles()
    barred = lexicon.no_person_words()
    i = 0
    while i < len(doc) - 1:
        titled = i > 0 and doc[i - 1].text.rstrip(".") in titles and not any(a <= doc[i].idx < b for a, b in headings)
        if not named(doc[i], titled) or (not titled and doc[i].text not in given) or (i and doc[i - 1].text == "-"):
            i += 1
            continue
        last = i
        while last + 1 < len(doc) and last - i < 3 and doc[last].whitespace_ == " " and named(doc[last + 1], titled):
            last += 1
        end = doc[last].idx + len(doc[last])
        words = text[doc[i].idx : end].split()
        if (last > i or titled) and not barred & set(words) and (last + 1 == len(doc) or doc[last + 1].text != "-"):
            yield Span(doc[i].idx, end, EntityType.PERSON, "ner")
        i = last + 1


def named(token: Token, titled: bool = False) -> bool:
    """Whether a word that the recogniser left out can be part of a person's name; after a title also one that it took for such
    a part."""
    left_out = token.ent_type_ in ("", "PRODUCT") or (titled and token.ent_type_ == "PERSON")
    return left_out and token.pos_ == "PROPN" and token.text.isalpha() and token.text.istitle()


def letters(name: str) -> set[str]:
    """The first letters of the words of a name."""
    return {w[0].upper() for w in re.findall(r"\w+", name)}


def between(starts: Sequence[int], start: int, end: int) -> bool:
    """Whether a span begins there."""
    i = bisect_left(starts, start)
    return i < len(starts) and starts[i] < end


def taken(starts: Sequence[int], offset: int) -> bool:
    """Whether a span begins there."""
    i = bisect_left(starts, offset)
    return i < len(starts) and starts[i] == offset


def alone(doc: Doc, i: int) -> bool:
    """Whether a token is an acronym of three letters or more among words in lower case."""
    token = doc[i]
    if not is_acronym(token.text):
        return False
    if token.text in lexicon.not_names() or token.text in lexicon.acronyms() or token.pos_ not in ("PROPN", "NOUN"):
        return False
    if i and doc[i - 1].text.rstrip(".") in FIRM:  # its code at the stock exchange
        return False
    near = [doc[k].text for k in (i - 1, i + 1) if 0 <= k < len(doc) and doc[k].is_alpha]
    return bool(near) and all(not w.isupper() for w in near) and token.text not in CALENDAR
