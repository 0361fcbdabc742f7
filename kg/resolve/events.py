"""One happening told by several articles: one event, each article's own account of it kept.

Blocked by type, day and place, so the cost stays near-linear; within a block two accounts are one only if they share an actor.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from kg.records import Event
from kg.resolve.relations import Relation
from kg.vocabulary import Factuality, Role

Account = tuple[str, str, Event]        # article, its date, the event
ACTORS = (Role.AGENT, Role.PATIENT, Role.PARTICIPANT)
# What is announced comes first: an account of these may be fulfilled by an asserted one.
AHEAD = (Factuality.PLANNED, Factuality.POSSIBLE, Factuality.DEMANDED)


def merge_events(accounts: Iterable[Account]) -> tuple[dict[tuple[str, str], str], list[Relation]]:
    """The shared identifier of each account that has one, and what fulfils what was announced."""
    blocks: defaultdict[tuple[str, str, str], list[Account]] = defaultdict(list)
    for account in accounts:
        for key in _key(account[2]):
            blocks[key].append(account)
    shared: dict[tuple[str, str], str] = {}
    relations: list[Relation] = []
    for key in sorted(blocks):
        block = sorted(blocks[key], key=lambda a: (a[1], a[0], a[2].id))
        asserted = [a for a in block if a[2].factuality is Factuality.ASSERTED]
        for group in _groups(asserted):
            if len({article for article, _, _ in group}) > 1:
                name = min(event.id for _, _, event in group)
                shared.update({(article, event.id): name for article, _, event in group})
        relations += _fulfilments(block, asserted, shared)
    return shared, relations


def _key(event: Event) -> Iterator[tuple[str, str, str]]:
    """Type, day and place; an account without any of them is never merged."""
    place = next((a.id for a in event.args if a.role is Role.PLACE and a.id), None)
    if place and event.time and event.time.start and len(event.time.start) == 10:      # a day, not a month
        yield event.type.value, event.time.start, place


def actors(event: Event) -> set[str]:
    """Whoever takes part, in whatever role: texts differ in the roles they give."""
    return {a.id for a in event.args if a.role in ACTORS and a.id}


def _groups(accounts: list[Account]) -> Iterator[list[Account]]:
    """Accounts that share an actor, directly or through others."""
    by_actor: dict[str, int] = {}
    parent = list(range(len(accounts)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, (_, _, event) in enumerate(accounts):
        for actor in sorted(actors(event)):
            parent[root(i)] = root(by_actor.setdefault(actor, i))
    groups: defaultdict[int, list[Account]] = defaultdict(list)
    for i, account in enumerate(accounts):
        groups[root(i)].append(account)
    yield from groups.values()


def _fulfilments(block: list[Account], asserted: list[Account], shared: dict[tuple[str, str], str]) -> Iterator[Relation]:
    for article, day, event in block:
        if event.factuality not in AHEAD:
            continue
        for later, later_day, done in asserted:
            if later != article and later_day >= day and actors(event) & actors(done):
                subject = shared.get((later, done.id), done.id)
                ground = "same type, day, place and actor; asserted by the later article"
                yield Relation(later, subject, "fulfils", event.id, ground)
                break
