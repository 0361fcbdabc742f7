"""Which coarse type a Wikidata item has, by the classes it is an instance of: `kg/data/wikidata_classes.tsv`."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg.tables import table

LEFT_OUT = "left-out"


@dataclass(frozen=True, slots=True)
class Kind:
    """A coarse type, and for a place what kind of place."""

    type: str
    kind: str


def class_table() -> dict[str, Kind]:
    """The classes of the table."""
    return {row["qid"]: Kind(row["type"], row["kind"]) for row in table("wikidata_classes.tsv")}


def with_subclasses(classes: Mapping[str, Kind], parents: Mapping[int, Iterable[int]]) -> dict[str, Kind]:
    """The classes and all classes below them (P279), each with the type of the nearest one above.

    `parents` are the direct superclasses by item number. Where two are equally near, the one earlier in the table wins.
    """
    children: dict[int, list[int]] = defaultdict(list)
    for child in sorted(parents):
        for parent in parents[child]:
            children[parent].append(child)
    found = {int(qid[1:]): kind for qid, kind in classes.items()}
    queue = deque(found)
    while queue:
        parent = queue.popleft()
        for child in children.get(parent, ()):
            if child not in found:
                found[child] = found[parent]
                queue.append(child)
    return {f"Q{number}": kind for number, kind in found.items()}


def kind_of(instance_of: Iterable[str], classes: Mapping[str, Kind]) -> Kind | None:
    """The kind of an item by its classes, the first known one; None where none is known or one is left out."""
    known = [classes[qid] for qid in instance_of if qid in classes]
    if not known or any(kind.type == LEFT_OUT for kind in known):
        return None
    return known[0]
