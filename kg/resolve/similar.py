"""Sets that are nearly the same, found without comparing every pair."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from kg.resolve.words import jaccard

# An element that so many sets share is no clue: only the first of them are looked at through it, so the cost stays linear.
COMMONEST = 50
# Thresholds are no exact binary numbers.
ROUNDING = 1e-9


def similar(sets: Sequence[frozenset[str]], threshold: float) -> Iterator[tuple[int, int, float]]:
    """Pairs (later, earlier, Jaccard index) of sets at or above the threshold, by the later's place and then the earlier's.

    Two sets that reach the threshold share one of their rarest elements, |x| - ceil(t |x|) + 1 of them (the prefix filter
    of Bayardo, Ma and Srikant, Scaling up all pairs similarity search, 2007), and enough elements are left after the first
    that they share (the positional filter of Xiao and others, Efficient similarity joins for near duplicate detection,
    2008). Exact but for elements commoner than `COMMONEST`.
    """
    frequency = Counter(element for one in sets for element in one)
    seen: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for later, one in enumerate(sets):
        ordered = sorted(one, key=lambda e: (frequency[e], e))
        prefix = ordered[: len(one) - math.ceil(threshold * len(one)) + 1] if one else []
        met: dict[int, bool] = {}
        for place, element in enumerate(prefix):
            for earlier, other_place in seen[element]:
                if earlier not in met:
                    size = len(sets[earlier])
                    left = min(len(one) - place, size - other_place)
                    met[earlier] = left * (1 + threshold) >= threshold * (len(one) + size) - ROUNDING
        for earlier in sorted(i for i, possible in met.items() if possible):
            share = jaccard(one, sets[earlier])
            if share >= threshold:
                yield later, earlier, share
        for place, element in enumerate(prefix):
            if len(seen[element]) < COMMONEST:
                seen[element].append((later, place))


def groups(sets: Iterable[frozenset[str]]) -> tuple[list[frozenset[str]], list[list[int]]]:
    """The distinct sets in order of their first place, and the places of each."""
    places: dict[frozenset[str], list[int]] = {}
    for i, one in enumerate(sets):
        places.setdefault(one, []).append(i)
    return list(places), list(places.values())
