"""Statements with nearly the same words, found without comparing every pair.

Two sets of words that share a part t of all their words share two of their rarest, |x| - ceil(t |x|) + 2 of them: the prefix
filter of Bayardo, Ma and Srikant, Scaling up all pairs similarity search (2007), with the longer prefixes of Wang, Li and Feng,
Can we beat the prefix filtering? (2012). A statement shares a pair with three or four others among 12,000, a word with some sixty.
Which words are rare is taken from a fixed list, not from the collection, so that one more article changes nothing between
others.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations

from kg.resolve.relations import Relation
from kg.resolve.statements import ALIKE, StatementNote, related
from kg.resolve.words import jaccard, ranks_of_stems

# A pair that more statements share is no clue: only the first of them are looked at through it, so the cost stays linear.
COMMONEST = 50
# Of a long statement the rarest words are enough: of 12,000 statements, of which 636 pairs of two articles are alike, 1 is
# missed with seven words, none with ten and 6 with six; they have 11 pairs each, 14 and 10.
PAIRED = 7
# Larger sets share no more than one pair for sure, as `PAIRED` has it.
SIZES = 32
# Thresholds are no exact binary numbers.
ROUNDING = 1e-9


def rare_pairs(words: frozenset[str], threshold: float = ALIKE) -> list[tuple[str, str]]:
    """Pairs of words one of which a set shares with every set that is alike, of long words that are on no list before the
    common. Of more than `PAIRED` words only these, so that of long sets hardly one is missed."""
    ranks = ranks_of_stems()
    ordered = sorted(words, key=lambda w: (-ranks.get(w, len(ranks)), -len(w), w))
    rare = ordered[: _paired(len(words), threshold)]
    return list(combinations(sorted(rare), 2))


def fewest_pairs(size: int, other: int, threshold: float = ALIKE) -> int:
    """How many rare pairs two sets of so many words share at least if they are alike. Of what two sets have in common, only the
    words that are not among the rare of one are not among those of both, since the rare ones come first in all sets."""
    most = max(size, other)
    common = math.ceil(threshold / (1 + threshold) * (size + other) - ROUNDING)
    return max(math.comb(max(common - most + _paired(most, threshold), 0), 2), 1)


def _paired(size: int, threshold: float) -> int:
    """How many of the words of a set are paired."""
    return min(size - math.ceil(threshold * size - ROUNDING) + 2, size, PAIRED)


def order(note: StatementNote) -> tuple[str, str, str]:
    """The earliest article first."""
    return note.day, note.article, note.name


def match_statements(notes: Iterable[StatementNote]) -> Iterator[Relation]:
    """Each statement that repeats an earlier one of another article, with the earliest it repeats; conflicts both ways."""
    ordered = sorted(notes, key=order)
    seen: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    earlier: list[list[int]] = []
    for number, note in enumerate(ordered):
        pairs = rare_pairs(note.words)
        earlier.append(sorted({other for pair in pairs for other in seen[pair]}))
        for pair in pairs:
            if len(seen[pair]) < COMMONEST:
                seen[pair].append(number)
    start = 0
    while start < len(ordered):
        end = start
        while end < len(ordered) and order(ordered[end]) == order(ordered[start]):
            end += 1
        yield from emit([(ordered[n], earlier[n]) for n in range(start, end)], ordered.__getitem__)
        start = end


def emit(
    portions: Iterable[tuple[StatementNote, Iterable[int]]], get: Callable[[int], StatementNote]
) -> Iterator[Relation]:
    """The relations of one statement to earlier ones, by its portions, each with those that share a rare pair with it."""
    stated: set[tuple[str, str, str]] = set()  # a statement may meet another with several of its sentences
    for note, numbers in portions:
        words, own = note.words, order(note)
        near = [
            (other, share)
            for other in map(get, numbers)
            if (share := jaccard(words, other.words)) >= ALIKE and order(other) < own
        ]
        near.sort(key=lambda pair: order(pair[0]))
        for relation in related(note, near):
            key = (relation.subject, relation.property, relation.object)
            if key not in stated:
                stated.add(key)
                yield relation
