"""Statements with nearly the same words, found without comparing every pair.

Two sets of words that share a part t of all their words share one of their rarest, |x| - ceil(t |x|) + 1 of them: the
prefix filter of Bayardo, Ma and Srikant, Scaling up all pairs similarity search (2007). Which words are rare is taken from
a fixed list, not from the collection, so that one more article changes nothing between others.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from zlib import crc32

from kg.resolve.relations import Relation
from kg.resolve.statements import ALIKE, StatementNote, related
from kg.resolve.words import jaccard, ranks_of_stems

# A word that more statements share is no clue: only the first of them are looked at through it, so the cost stays linear.
COMMONEST = 50
# Thresholds are no exact binary numbers.
ROUNDING = 1e-9
# Bits of a sketch: some eight for each word of a sentence, so that few words fall together.
BITS = 128
MASK = (1 << BITS) - 1


def rare_words(words: frozenset[str], threshold: float = ALIKE) -> list[str]:
    """The words one of which a set shares with every set that is alike: long words that are on no list before the common."""
    ranks = ranks_of_stems()
    ordered = sorted(words, key=lambda w: (-ranks.get(w, len(ranks)), -len(w), w))
    return ordered[: len(words) - math.ceil(threshold * len(words) - ROUNDING) + 1]


def sketch(words: Iterable[str]) -> int:
    """A set of words as a number: how many they are, and a bit for each (Bloom, Space/time trade-offs in hash coding, 1970)."""
    count = bits = 0
    for word in words:
        count += 1
        bits |= 1 << crc32(word.encode()) % BITS
    return count << BITS | bits


def promising(one: int, other: int) -> bool:
    """Whether two sets of words may be alike by their sketches: each bit that only one has is a word, at least, that only it
    has. False only for sets that are not alike."""
    only_one, only_other = (one & ~other & MASK).bit_count(), (other & ~one & MASK).bit_count()
    size = one >> BITS
    return size - only_one >= (ALIKE - ROUNDING) * (size + only_other)


def order(note: StatementNote) -> tuple[str, str, str]:
    """The earliest article first."""
    return note.day, note.article, note.name


def match_statements(notes: Iterable[StatementNote]) -> Iterator[Relation]:
    """Each statement that repeats an earlier one of another article, with the earliest it repeats; conflicts both ways."""
    ordered = sorted(notes, key=order)
    seen: defaultdict[str, list[int]] = defaultdict(list)
    earlier: list[list[int]] = []
    for number, note in enumerate(ordered):
        words = rare_words(note.words)
        earlier.append(sorted({other for word in words for other in seen[word]}))
        for word in words:
            if len(seen[word]) < COMMONEST:
                seen[word].append(number)
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
    """The relations of one statement to earlier ones, by its portions, each with those that share a rare word with it."""
    stated: set[tuple[str, str, str]] = set()  # a statement may meet another with several of its sentences
    for note, numbers in portions:
        others = (get(number) for number in numbers)
        near = [
            (other, share)
            for other in others
            if (share := jaccard(note.words, other.words)) >= ALIKE and order(other) < order(note)
        ]
        near.sort(key=lambda pair: order(pair[0]))
        for relation in related(note, near):
            key = (relation.subject, relation.property, relation.object)
            if key not in stated:
                stated.add(key)
                yield relation
