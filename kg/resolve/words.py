"""Words as they are compared across articles: content words without their endings, and whether a clause is negated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from kg.families import stem

WORD = re.compile(r"\w+(?:[’']\w+)?")
_CONTRACTED = re.compile(r"n[’']t$")
_POSSESSIVE = re.compile(r"[’']s?$|[’'](?:s|re|ve|ll|d|m)$")
# One writer's "north-west" is another's "northwest".
_HYPHEN = re.compile(r"(?<=\w)[-\u2010\u2011](?=\w)")


@cache
def _function_words() -> frozenset[str]:
    return frozenset(files("kg").joinpath("data/function_words.txt").read_text("utf-8").split())


@cache
def _negations(kind: str) -> frozenset[str]:
    rows = files("kg").joinpath("data/negations.tsv").read_text("utf-8").splitlines()[1:]
    return frozenset(word for word, k in (row.split("\t") for row in rows) if k == kind)


def words(text: str) -> tuple[str, ...]:
    """The words of a text, in lower case."""
    return tuple(WORD.findall(_HYPHEN.sub("", text.casefold())))


def content(text: str) -> Iterator[str]:
    """The content words without their endings, in order; words that negate and words of grammar are left out."""
    found = (_POSSESSIVE.sub("", w) for w in words(text) if not is_negation(w))
    return (stem(w) for w in found if w and w not in _function_words())


def stems(text: str) -> frozenset[str]:
    """The content words without their endings, each once."""
    return frozenset(content(text))


@cache
def ranks_of_stems() -> dict[str, int]:
    """The common stems of English by rank, the commonest first."""
    text = files("kg").joinpath("data/common_stems.txt").read_text("utf-8")
    return {stem: rank for rank, stem in enumerate(text.split())}


def is_negation(word: str) -> bool:
    """Whether a word negates its clause: "not", "never", "didn't"."""
    return word in _negations("word") or bool(_CONTRACTED.search(word))


def negates(text: str, cue: str = "") -> bool:
    """Whether what is said is a denial: an odd number of negations, that of the cue ("denied that …") among them."""
    denied = any(stem(w) in {stem(n) for n in _negations("cue")} for w in words(cue))
    return (sum(is_negation(w) for w in words(text)) + denied) % 2 == 1


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Common elements over all elements (Jaccard 1901); 0 for two empty sets."""
    common = len(one & other)
    return common / (len(one) + len(other) - common) if common else 0.0
