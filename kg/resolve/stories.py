"""Which articles tell one story: how much the words and names of their beginnings have in common.

News puts what it is about first (the inverted pyramid), so the beginning is enough. The measure is the cosine of term
weights with the logarithm of their frequency (Manning, Raghavan and Schütze, Introduction to information retrieval, 2008,
section 6.4). How rare a word is comes from a fixed list of common stems, not from the other articles: what two articles have
in common does not change when a third is read.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from kg.records import Extraction
from kg.resolve.words import content, ranks_of_stems

# Characters of an article that tell its story: about the first ten sentences.
BEGINNING = 1500
# A name says more of a story than another word does.
NAME = 2
# Terms that are kept of an article, the weightiest, and of these the ones by which others are looked for.
TERMS, KEYS = 64, 8
# A shorter text has too few words to tell what story it is of.
FEWEST = 8
# The ranks up to about this one are equally common: words of every story.
RANK = 30
# From this cosine on two articles tell one story. On groups of articles of a public corpus, 3 of 76,000 pairs of unrelated
# ones are above it, and three quarters of those of one story.
SAME = 0.3
# From this one on they tell it much alike, and mostly of one day.
NEAR = 0.4


# Pairs of articles whose likeness is kept at hand: the accounts of two are compared one after the other.
CACHED = 256


@dataclass(frozen=True, slots=True, eq=False)
class Story:
    """The terms of an article's beginning, weightiest first, each with its weight; the squares of the weights sum to one. Each is
    itself only, so that what is found of two is looked up without a look at their terms."""

    terms: dict[str, float]

    @property
    def keys(self) -> tuple[str, ...]:
        """The weightiest terms: two articles of one story share one of them."""
        return tuple(self.terms)[:KEYS]


def tell(record: Extraction) -> Story:
    """What one article's beginning is about; without terms if it is too short to say."""
    counts = Counter(w for w in content(record.text[:BEGINNING]) if not w.isdigit())
    if counts.total() < FEWEST:
        return Story({})
    for mention in record.entities:
        if mention.start < BEGINNING:
            counts[mention.id] += NAME
    # The order of the text decides between equals.
    weighed = ((term, (1 + math.log(count)) * _rarity(term)) for term, count in counts.items())
    weights = dict(sorted(weighed, key=lambda w: -w[1])[:TERMS])
    length = math.sqrt(sum(w * w for w in weights.values()))
    return Story({term: weight / length for term, weight in weights.items()})


def _rarity(term: str) -> float:
    """From near 0 for the commonest stem of English to 1 for a name and a word that is on no list (Zipf: the rarer, the more
    it says, by the logarithm of its rank)."""
    ranks = ranks_of_stems()
    rank = ranks.get(term, len(ranks))
    return math.log1p((rank + 1) / RANK) / math.log1p((len(ranks) + 1) / RANK)


@lru_cache(CACHED)
def likeness(one: Story, other: Story) -> float:
    """The cosine of the two, from 0 to 1."""
    a, b = one.terms, other.terms
    return math.fsum([a[term] * b[term] for term in a.keys() & b.keys()])  # its sum is the same in any order
