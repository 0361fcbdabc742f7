"""Words for offices in a text: the longest office that ends at a word, with the common words that qualify it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from spacy.tokens import Doc, Token

# The longest title in words, and the longest run of words that qualifies one ("deputy national security").
LONGEST = 6
QUALIFIERS = 4


@dataclass(frozen=True, slots=True)
class Title:
    """A title in the text: its tokens (from `first`, `last` inclusive), and how it is written out."""

    first: int
    last: int
    text: str


@cache
def offices() -> dict[str, str]:
    """Lower-cased words of an office: its title written out (empty: as the article has it)."""
    text = resources.files("kg").joinpath("data/offices.tsv").read_text(encoding="utf-8")
    rows = csv.DictReader((line for line in text.splitlines() if not line.startswith("#")), delimiter="\t")
    return {r["word"].casefold(): r["title"] for r in rows}


@cache
def areas() -> frozenset[str]:
    """Words that narrow an office; evaluative ones ("respected") are the article's opinion, not part of a title."""
    return frozenset(resources.files("kg").joinpath("data/office_areas.txt").read_text(encoding="utf-8").split())


def is_area(token: Token) -> bool:
    return token.lower_ in areas()


def ending_at(doc: Doc, last: int) -> Title | None:
    """The longest office whose last word is token `last`, with the words that qualify it."""
    if last < 0 or not _endsoffice(doc[last].text.casefold()):
        return None
    for first in range(max(0, last - LONGEST + 1), last + 1):
        entry = office(doc, first, last)
        if entry is not None:
            return _qualified(doc, first, last, entry)
    return None


@lru_cache(maxsize=4096)
def _endsoffice(word: str) -> bool:
    """Whether an office ends in the word, which most do not: its phrases need not be looked up."""
    return any(name.endswith(word) for name in offices())


def office(doc: Doc, first: int, last: int) -> str | None:
    if last < first:
        return None
    entry = offices().get(doc[first : last + 1].text.casefold())
    return None if entry is None or any(doc[i].is_space for i in range(first, last + 1)) else entry


def _qualified(doc: Doc, first: int, last: int, entry: str) -> Title:
    """The title with the common words before it ("former", "foreign", "deputy"), which are no names."""
    start = first
    while start > 0 and first - start < QUALIFIERS and _qualifies(doc[start - 1]):
        start -= 1
    while start < first and not any(c.isalnum() for c in doc[start].text):
        start += 1
    while start > 1 and is_area(doc[start]) and doc[start - 1].text in ("and", "&", ",") and is_area(doc[start - 2]):
        start -= 2
        while start > 0 and first - start < LONGEST and is_area(doc[start - 1]):
            start -= 1
    written = entry or doc[first : last + 1].text
    return Title(start, last, (doc[start:first].text + " " + written).strip())


def _qualifies(token: Token) -> bool:
    if (
        token.ent_type_ in ("PERSON", "GPE", "NORP", "LOC", "FAC", "DATE", "CARDINAL", "ORDINAL")
        and token.lower_ not in areas()
    ):
        return False
    if token.text == "-":
        return bool(token.i > 0 and not token.nbor(-1).is_space and token.nbor(-1).whitespace_ == "")
    return token.lower_ in areas() or (token.pos_ == "NOUN" and token.dep_ in ("compound", "nmod"))
