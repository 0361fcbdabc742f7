"""Checks the numbers of `kg/data/link_weights.toml` on annotated news, and says which would fit better.

    python scripts/calibrate_links.py BENCHMARKS --authority DIR [--sets newsfair2,msnbc,reuters128,rss500]

BENCHMARKS is the folder with `dev/`; DIR an index that none of the sets had a part in. Only the few numbers of FITTED are
varied; what speaks for a candidate stays as it is. Each set is left out in turn: the numbers are chosen on the others by the
logarithmic score of the best candidate, then tried on the set left out, once as shipped and once as chosen. The last table
tells how sure links were against how often they were right.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import log
from pathlib import Path
from typing import Any

# Numbers with the steps that are tried from the shipped one.
FITTED = {
    "none_person": (-0.3, 0.0, 0.3),
    "none_body": (-0.3, 0.0, 0.3),
    "none_one_word": (-0.3, 0.0, 0.3),
    "none_common": (-0.3, 0.0, 0.3),
    "slope": (-0.3, 0.0, 0.3),
}
# The precision that exact matches are to have, and the thresholds tried.
GOAL, THRESHOLDS = 0.95, tuple(n / 100 for n in range(55, 100, 5))
BINS = (0.0, 0.25, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.99, 1.01)


@dataclass(frozen=True)
class Case:
    """An annotated name: how its cluster is linked, what is right (no item, one, or one of several), whether the index has
    that, and whether the words around take the link from this mention of it (a team under a city's name)."""

    document: str
    again: Callable[[], Any]
    right: frozenset[str]
    known: bool
    place: bool
    muted: bool = False


@dataclass(frozen=True)
class Outcome:
    """The best candidate's score, whether it is right, and whether an exact match is stated."""

    score: float
    right: bool
    exact: bool


def cases(benchmarks: Path, name: str) -> list[Case]:
    """The annotated names of a set that were found with the very same span and had candidates, or should have had."""
    from kg.link.sources import sources
    from kg.nlp import mentions, pipeline
    from kg.read import read
    from kg.records import Article
    from kg.settings import value

    path = benchmarks / "dev" / f"{name}.jsonl"
    gold = {d["id"]: d for d in map(json.loads, path.read_text("utf-8").splitlines())}
    calls: dict[str, Callable[[], Any]] = {}
    linker = mentions.link

    def noted(*args: Any) -> Any:
        found = linker(*args)
        calls[found.id] = lambda: linker(*args)
        return found

    mentions.link = noted
    found: list[Case] = []
    known = sources()
    try:
        for article in (a for a in read([str(path)]) if isinstance(a, Article)):
            calls.clear()
            record = next(iter(pipeline.extract([article], value("model"))))
            spans = {(m.start, m.end): m for m in record.entities}
            items: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
            for entity in gold[article.id]["entities"]:
                if entity.get("mention", "name") == "name" and entity["type"] not in ("date", "quantity", "money"):
                    items[entity["start"], entity["end"]] |= {entity["wikidata"]} if entity.get("wikidata") else set()
            for span, right in sorted(items.items()):
                mention = spans.get(span)
                if mention is None or mention.id not in calls:
                    continue
                extra = known.extra
                has = any(i in known._items or (extra is not None and extra.entry(i)) for i in sorted(right))
                place = mention.type.value == "place"
                muted = place and mention.wikidata is None and calls[mention.id]().wikidata is not None
                found.append(Case(article.id, calls[mention.id], frozenset(right), has, place, muted))
    finally:
        mentions.link = linker
    return found


def outcome(case: Case) -> Outcome | None:
    """How a name is linked with the numbers as they now are; None where it has no candidates."""
    link = case.again()
    if not link.candidates:
        return None
    first = link.candidates[0]
    return Outcome(first.score, first.entry.qid in case.right, link.wikidata is not None and not case.muted)


def loss(found: Iterable[Outcome]) -> float:
    """The mean logarithmic score: small where scores are near the truth."""
    values = [-log(min(max(o.score if o.right else 1 - o.score, 0.001), 1.0)) for o in found]
    return sum(values) / max(1, len(values))


def run(sets: Sequence[Sequence[Case]], numbers: Any) -> list[list[tuple[Case, Outcome | None]]]:
    """All sets with these numbers."""
    from kg.link import linker, things

    for module in (linker, things):
        module.weights = lambda: numbers  # type: ignore[attr-defined]
    return [[(case, outcome(case)) for case in one] for one in sets]


def fitted(sets: Sequence[Sequence[Case]], shipped: Any) -> Any:
    """The numbers that people and bodies of these sets fit best, one after another, twice over."""
    sets = [[case for case in one if not case.place] for one in sets]
    best = shipped
    for _ in range(2):
        for name, steps in FITTED.items():
            base = getattr(best, name)
            tried = {base + step: replace(best, **{name: base + step}) for step in steps}
            best = min(
                tried.values(),
                key=lambda w: (
                    round(sum(loss([o for _, o in one if o]) for one in run(sets, w)), 4),
                    abs(getattr(w, name) - getattr(shipped, name)),
                ),
            )
    return best


def measured(one: Sequence[tuple[Case, Outcome | None]], threshold: float | None = None) -> str:
    """Precision and recall of exact matches on a set; with a threshold, of all candidates from it on."""
    made = [(c, o) for c, o in one if o and (o.exact if threshold is None else o.score >= threshold)]
    right = sum(o.right for _, o in made)
    known = sum(c.known for c, _ in one)
    return f"{100 * right / max(1, len(made)):5.1f} ({len(made):3}) {100 * right / max(1, known):5.1f}"


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmarks", type=Path)
    parser.add_argument("--authority", type=Path, required=True)
    parser.add_argument("--sets", default="newsfair2,msnbc,reuters128,rss500")
    args = parser.parse_args()
    os.environ["NEWSKG_AUTHORITY"] = str(args.authority)
    from kg.link.weights import weights

    shipped = weights()
    names = args.sets.split(",")
    sets = [cases(args.benchmarks, name) for name in names]
    print("set left out   loss as shipped, as chosen on the others | exact matches P (n) R as shipped | as chosen")
    pooled: list[tuple[Case, Outcome | None]] = []
    for i, name in enumerate(names):
        chosen = fitted([s for k, s in enumerate(sets) if k != i], shipped)
        (before,) = run([sets[i]], shipped)
        (after,) = run([sets[i]], chosen)
        pooled += before
        losses = [loss([o for c, o in one if o and not c.place]) for one in (before, after)]
        changed = {n: round(getattr(chosen, n), 2) for n in FITTED if getattr(chosen, n) != getattr(shipped, n)}
        print(f"{name:12} {losses[0]:.3f} {losses[1]:.3f} | {measured(before)} | {measured(after)} | {changed}")
    documents: defaultdict[int, list[Case]] = defaultdict(list)
    order = sorted({c.document for one in sets for c in one})
    for one in sets:
        for case in one:
            documents[order.index(case.document) % 5].append(case)
    for fold in range(5):
        chosen = fitted([documents[k] for k in range(5) if k != fold], shipped)
        before, after = run([documents[fold]], shipped)[0], run([documents[fold]], chosen)[0]
        losses = [loss([o for c, o in one if o and not c.place]) for one in (before, after)]
        print(f"documents {fold}  {losses[0]:.3f} {losses[1]:.3f} | {measured(before)} | {measured(after)}")
    for label, part in (("people and bodies", False), ("places", True)):
        print(f"\n{label}: score of the best candidate, cases, mean score, part that is right")
        for low, high in pairwise(BINS):
            inside = [o for c, o in pooled if o and c.place == part and low <= o.score < high]
            if inside:
                mean, right = (sum(v) / len(inside) for v in ([o.score for o in inside], [o.right for o in inside]))
                print(f"  {low:.2f}-{min(high, 1.0):.2f} {len(inside):4} {mean:.2f} {right:.2f}")
    print("\npeople and bodies, threshold: precision (n) recall")
    for threshold in THRESHOLDS:
        print(f"  {threshold:.2f} {measured([p for p in pooled if not p[0].place], threshold)}")


if __name__ == "__main__":
    main()
