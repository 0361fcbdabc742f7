"""What a person decided on links and identities. Decisions win over the program, and outlive every rebuild.

They are applied by time to the identities that the program found, each to the things as the ones before left them. They
are kept as RDF, see `kg/rdf/decisions.py`.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from enum import StrEnum

from kg.resolve.identity import Distinction, Identities, Merge, Place
from kg.resolve.rewriting import LinkChange, Rewriting
from kg.vocabulary import EntityType


class Kind(StrEnum):
    """What is decided. The counterpart in the ontology is `TERMS` in `kg/rdf/decisions.py`."""

    ACCEPT = "accept"
    REJECT = "reject"
    REPLACE = "replace"
    MERGE = "merge"
    SPLIT = "split"
    RENAME = "rename"
    RETYPE = "retype"
    UNDO = "undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision. `time` is ISO 8601 in UTC, given by the caller; `subject` the thing (of an undo, the decision).

    `item` is the IRI of the item of a link; `others` the things merged into the subject, the thing that it is rejected
    to be one with, or the identifier of what is split off or retyped; `articles` those whose mentions are split off;
    `label` a new name. `same_as`: the link is an identity.
    """

    kind: Kind
    subject: str
    author: str
    time: str
    item: str | None = None
    others: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    label: str | None = None
    note: str | None = None
    same_as: bool = False
    key: str = ""

    @property
    def id(self) -> str:
        """The last part of its IRI: `key`, where it was read under another than the digest of what it says."""
        parts = [repr(getattr(self, f.name)) for f in fields(self) if f.name != "key"]
        return self.key or hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    @property
    def instant(self) -> datetime:
        """The time, as a point of time: the store writes one time in one way, whatever way it was given in."""
        moment = datetime.fromisoformat(self.time)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Identities as decided: what to rewrite in the records, and the reasons.

    `found` are the identifiers of what the program found; `idle` the decisions that concern nothing any more.
    """

    rewriting: Rewriting = field(default_factory=Rewriting)
    merges: tuple[Merge, ...] = ()
    distinctions: tuple[Distinction, ...] = ()
    members: dict[str, list[Place]] = field(default_factory=dict)
    found: frozenset[str] = frozenset()
    idle: frozenset[str] = frozenset()


def ordered(decisions: Iterable[Decision]) -> list[Decision]:
    """Decisions by time."""
    return sorted(decisions, key=lambda d: (d.instant, d.id))


def active(decisions: Iterable[Decision]) -> list[Decision]:
    """The decisions that stand, by time: neither undone nor an undoing. An undoing may be undone itself."""
    undone: set[str] = set()
    standing = []
    for decision in reversed(ordered(decisions)):
        if decision.id in undone:
            continue
        if decision.kind is Kind.UNDO:
            undone.add(decision.subject)
        else:
            standing.append(decision)
    return standing[::-1]


def reserved(decisions: Iterable[Decision]) -> frozenset[str]:
    """Identifiers that decisions gave to what they split off or retyped."""
    return frozenset(i for d in active(decisions) if d.kind in (Kind.SPLIT, Kind.RETYPE) for i in d.others)


def decide(identities: Identities, decisions: Iterable[Decision]) -> Outcome:
    """Applies decisions to what the program found."""
    desk = _Desk(identities)
    for decision in active(decisions):
        desk.apply(decision)
    return desk.outcome(identities)


class _Desk:
    """Identities while decisions are applied."""

    def __init__(self, identities: Identities) -> None:
        self.members = {shared: list(places) for shared, places in identities.members.items()}
        self.moved: dict[str, str] = {}
        self.links: dict[str, LinkChange] = {}
        self.labels: dict[str, str] = {}
        self.idle: set[str] = set()
        self._own: dict[str, list[Place]] | None = None

    def now(self, identifier: str) -> str:
        """The identifier under which a thing goes after the decisions so far."""
        while identifier in self.moved:
            identifier = self.moved[identifier]
        return identifier

    def apply(self, decision: Decision) -> None:
        """Applies one decision; one that concerns nothing any more is noted as idle."""
        subject = self.now(decision.subject)
        if decision.kind is Kind.RENAME and decision.label:
            self.labels[subject] = decision.label  # also of an outlet, which no text names
        elif decision.item:
            self._link(subject, decision.kind, decision.item)
        elif subject not in self.members:
            self.idle.add(decision.id)
        elif decision.kind is Kind.MERGE:
            outcomes = {self._merge(subject, self.now(other)) for other in decision.others}
            if False in outcomes:
                self.idle.add(decision.id)
        elif decision.kind is Kind.SPLIT:
            articles = frozenset(decision.articles)
            places = [p for p in self.members[subject] if p[0] in articles]
            if places and len(places) < len(self.members[subject]):
                self._move(places, subject, decision.others[0])
                if decision.label:
                    self.labels[decision.others[0]] = decision.label
            else:
                self.idle.add(decision.id)
        elif decision.kind is Kind.RETYPE and decision.others[0] != subject:
            self._merge(decision.others[0], subject)

    def _link(self, subject: str, kind: Kind, item: str) -> None:
        before = self.links.get(subject, LinkChange())
        if kind is Kind.REJECT:
            kept = None if before.item == item else before.item
            self.links[subject] = LinkChange(kept, before.rejected | {item})
        else:
            self.links[subject] = LinkChange(item, before.rejected - {item})

    def _merge(self, subject: str, other: str) -> bool:
        """Moves a thing, or what articles themselves call so, into another. Whether there is such a thing."""
        if other == subject:
            return True
        if other in self.members:
            self._move(self.members[other], other, subject)
        else:
            own = [p for p in self._by_own().get(other, ()) if p not in self.members.get(subject, ())]
            for place in own:
                self._move([place], next(i for i, places in self.members.items() if place in places), subject)
            if not own:
                return bool(self._by_own().get(other))
        if other in self.links:
            self.links.setdefault(subject, self.links.pop(other))
        if other in self.labels:
            self.labels.setdefault(subject, self.labels.pop(other))
        self.moved[other] = subject
        return True

    def _by_own(self) -> dict[str, list[Place]]:
        if self._own is None:
            found: defaultdict[str, list[Place]] = defaultdict(list)
            for places in self.members.values():
                for place in places:
                    found[place[1]].append(place)
            self._own = dict(found)
        return self._own

    def _move(self, places: list[Place], origin: str, target: str) -> None:
        gone = set(places)
        left = [p for p in self.members[origin] if p not in gone]
        self.members[target] = sorted({*self.members.get(target, ()), *gone})
        if left:
            self.members[origin] = left
        else:
            del self.members[origin]

    def outcome(self, identities: Identities) -> Outcome:
        """What came of it."""
        ids = {place: shared for shared, places in self.members.items() for place in places if place[1] != shared}
        merges = identities.merges
        distinctions = identities.distinctions
        if self.moved or self.members.keys() != identities.members.keys():
            merges = tuple(sorted(replace(m, id=ids.get((m.article, m.own), m.own)) for m in merges))
            pairs = ((*sorted((self.now(d.id), self.now(d.other))), d.ground) for d in distinctions)
            kept = {Distinction(*pair) for pair in pairs if pair[0] != pair[1] and self.members.keys() >= {*pair[:2]}}
            distinctions = tuple(sorted(kept))
        return Outcome(
            Rewriting(ids, self.links, self.labels),
            merges,
            distinctions,
            self.members,
            frozenset(identities.members),
            frozenset(self.idle),
        )


def kind_of(identifier: str) -> EntityType:
    """The type that an identifier begins with."""
    return EntityType(identifier.partition("/")[0])
