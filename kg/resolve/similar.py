"""Sets that are nearly the same, found without comparing every pair."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

# An element that so many sets share is no clue: only the first of them are looked at through it, so the cost stays linear.
COMMONEST = 50


def similar(sets: Sequence[frozenset[str]], threshold: float) -> Iterator[tuple[int, int, float]]:
    """Pairs (later, earlier, Jaccard index) of sets at or above the threshold, by the later's place and then the earlier's.

    Two sets that reach the threshold share one of their rarest elements, |x| - ceil(t |x|) + 1 of them: the prefix
    filter of Bayardo, Ma and Srikant, Scaling up all pairs similarity search, 2007. Exact but for elements commoner
    than `COMMONEST`.
    """
    frequency = Counter(element for one in sets for element in one)
    seen: defaultdict[str, list[int]] = defaultdict(list)
    for later, one in enumerate(sets):
        ordered = sorted(one, key=lambda e: (frequency[e], e))
        prefix = ordered[: len(one) - math.ceil(threshold * len(one)) + 1] if one else []
        for earlier in sorted({i for element in prefix for i in seen[element]}):
            share = _share(one, sets[earlier], threshold)
            if share >= threshold:
                yield later, earlier, share
        for element in prefix:
            if len(seen[element]) < COMMONEST:
                seen[element].append(later)


def _share(one: frozenset[str], other: frozenset[str], threshold: float) -> float:
    if min(len(one), len(other)) < threshold * max(len(one), len(other)):
        return 0.0
    common = len(one & other)
    return common / (len(one) + len(other) - common)


def groups(sets: Iterable[frozenset[str]]) -> tuple[list[frozenset[str]], list[list[int]]]:
    """The distinct sets in order of their first place, and the places of each."""
    places: dict[frozenset[str], list[int]] = {}
    for i, one in enumerate(sets):
        places.setdefault(one, []).append(i)
    return list(places), list(places.values())
