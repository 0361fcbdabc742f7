"""One happening told by several articles: one event, each article's own account of it kept, with the ground.

Near-linear: what has nothing to do with each other is told apart first (`kg.resolve.blocks`); the accounts of a block are
sorted by time and each is held only against the groups that it shares a type, a day and a place, actor or number with, or a
word for what happened and one of the terms that its story is about. An account joins a group only if no member excludes it, so
that no chain of likenesses joins what its ends exclude. Two accounts of one article, which tells them apart, join only if one
word names both and another article links them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from kg.resolve.accounts import ENOUGH, Account, grounds
from kg.resolve.blocks import event_blocks
from kg.resolve.relations import Relation
from kg.vocabulary import Factuality

# What is announced comes first: an account of these may be fulfilled by an asserted one.
AHEAD = (Factuality.PLANNED, Factuality.POSSIBLE, Factuality.DEMANDED)
# An account is held against so many groups under each key, the last ones, and so many members of each.
GROUPS, MEMBERS = 20, 10
# Accounts that last longer are found by their months; a week has seven keys.
SHARP = 7
# A happening and its denial must have more in common than two accounts of one: somebody, beside time and place.
OPPOSED = 6.0
Key = tuple[str, str, str]


@dataclass(slots=True)
class _Group:
    """Accounts of one happening; `why` gives for each but the first whom it joined and on what ground."""

    members: list[Account]
    articles: set[str]
    why: list[tuple[Account, Account, tuple[str, ...]]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The identifier of the event: the least of its accounts'."""
        return min(m.id for m in self.members)


def merge_events(accounts: Iterable[Account]) -> tuple[dict[tuple[str, str], str], list[Relation]]:
    """The shared identifier of each account that has one, and the relations: what corefers, fulfils and conflicts."""
    shared: dict[tuple[str, str], str] = {}
    relations: list[Relation] = []
    for block in event_blocks(list(accounts)):
        found, related = merge_block(block)
        shared |= found
        relations += related
    return shared, sorted(set(relations))


def merge_block(accounts: Iterable[Account]) -> tuple[dict[tuple[str, str], str], list[Relation]]:
    """The same of one block (`kg.resolve.blocks`)."""
    ordered = sorted(accounts, key=lambda a: a.order)
    index, denied, ahead = _Index(), _Index(), _Index()
    for account in ordered:
        if account.factuality is Factuality.ASSERTED:
            index.place(account)
        elif account.factuality is Factuality.NEGATED:
            denied.place(account)
        elif account.factuality in AHEAD:
            ahead.place(account)
    shared: dict[tuple[str, str], str] = {}
    relations: list[Relation] = []
    for group in (*index.groups, *denied.groups, *ahead.groups):
        if len(group.members) > 1:
            shared.update({(m.article, m.id): group.name for m in group.members})
            relations += [_corefers(*why) for why in group.why]
    for account in ordered:
        name = shared.get((account.article, account.id), account.id)
        if account.factuality in AHEAD:
            relations += _fulfilments(account, name, index)
        elif account.factuality is Factuality.NEGATED:
            relations += _denials(account, name, index)
    return shared, sorted(set(relations))


class _Index:
    """The groups by their keys."""

    def __init__(self) -> None:
        self.groups: list[_Group] = []
        self._keys: defaultdict[Key, list[int]] = defaultdict(list)
        # Groups that became part of others: they are empty.
        self._moved: dict[int, int] = {}

    def place(self, account: Account) -> None:
        """Puts an account into the group that most speaks for, or into one of its own; groups that it links become one."""
        found: list[tuple[float, int, Account, tuple[str, ...]]] = []
        for number in self.near(account):
            group = self.groups[number]
            joined = _joins(account, group)
            if joined is not None and joined[0] >= ENOUGH:
                found.append((-joined[0], number, joined[1], joined[2]))
        if not found:
            self.groups.append(_Group([account], {account.article}))
            number = len(self.groups) - 1
        else:
            _, number, member, why = min(found, key=lambda f: f[:2])
            group = self.groups[number]
            for _, other, link, reason in sorted(found, key=lambda f: f[:2]):
                if other != number and _unite(group, self.groups[other]):
                    group.why.append((account, link, reason))
                    self._moved[other] = number
            group.members.append(account)
            group.articles.add(account.article)
            group.why.append((account, member, why))
        for key in _found(account):
            if number not in self._keys[key]:
                self._keys[key].append(number)
                del self._keys[key][:-GROUPS]

    def near(self, account: Account) -> list[int]:
        """The groups that share a type, a time and something else with the account."""
        return sorted({self._now(n) for key in _looks(account) for n in self._keys.get(key, ())})

    def _now(self, number: int) -> int:
        """The group that a group has become part of, or itself."""
        while number in self._moved:
            number = self._moved[number]
        return number

    def best(self, account: Account, enough: float) -> tuple[_Group, Account, tuple[str, ...]] | None:
        """The group of other articles that has most in common with an account that is no part of any."""
        found: list[tuple[float, int, Account, tuple[str, ...]]] = []
        for number in self.near(account):
            joined = _joins(account, self.groups[number])
            if joined is not None and joined[0] >= enough:
                found.append((-joined[0], number, joined[1], joined[2]))
        if not found:
            return None
        _, number, member, why = min(found, key=lambda f: f[:2])
        return self.groups[number], member, why


def _traits(account: Account) -> list[str]:
    return sorted({*account.places, *account.actors, *(f"{m}={v}" for m, v in account.numbers)})


def _looks(account: Account) -> Iterator[Key]:
    """Where an account looks for others: a short one by its days, and among the long ones of its months; a long one among
    all of its months."""
    yield from _told(account)
    if not account.dated:
        return
    sharp = account.end - account.start < SHARP
    for trait in _traits(account):
        if sharp:
            yield from ((account.type.value, f"day {day}", trait) for day in range(account.start, account.end + 1))
        kind = "long" if sharp else "any"
        yield from ((account.type.value, f"{kind} {month}", trait) for month in _months(account))


def _found(account: Account) -> Iterator[Key]:
    """Where others find an account."""
    yield from _told(account)
    if not account.dated:
        return
    sharp = account.end - account.start < SHARP
    for trait in _traits(account):
        if sharp:
            yield from ((account.type.value, f"day {day}", trait) for day in range(account.start, account.end + 1))
        for month in _months(account):
            yield account.type.value, f"any {month}", trait
            if not sharp:
                yield account.type.value, f"long {month}", trait


def _told(account: Account) -> Iterator[Key]:
    """The words for what happened, in a story about something."""
    return (("any", f"as {word}", term) for word in sorted(account.named) for term in account.story.keys)


def _months(account: Account) -> range:
    """Spans of about a month that the account touches; only that two overlapping accounts share one matters."""
    return range(account.start // 31, account.end // 31 + 1)


def _joins(account: Account, group: _Group) -> tuple[float, Account, tuple[str, ...]] | None:
    """The member with most in common with the account; None if any member excludes it."""
    best: tuple[float, Account, tuple[str, ...]] | None = None
    for member in group.members[:MEMBERS]:
        found = grounds(account, member)
        if found is None:
            return None
        if best is None or found[0] > best[0]:
            best = (found[0], member, found[1])
    return best


def _unite(group: _Group, other: _Group) -> bool:
    """Makes two groups one if nothing that their accounts say excludes it; whether it did."""
    if any(grounds(a, b) is None for a in group.members[:MEMBERS] for b in other.members[:MEMBERS]):
        return False
    group.members += other.members
    group.articles |= other.articles
    group.why += other.why
    other.members, other.why = [], []
    return True


def account_names(account: Account) -> tuple[str, str]:
    """How relations refer to an account: the event, and the words."""
    return account.id, _words(account)


def _corefers(account: Account, member: Account, why: tuple[str, ...]) -> Relation:
    """That the words of two articles name one happening: the two share one event, so the words are what is related."""
    return Relation(account.article, _words(account), "corefersWith", _words(member), "; ".join(why))


def _words(account: Account) -> str:
    return f"{account.article}#char={account.trigger[0]},{account.trigger[1]}"


def _fulfilments(planned: Account, name: str, index: _Index) -> Iterator[Relation]:
    """The asserted event of a later article that the plan foresaw."""
    found = index.best(planned, ENOUGH)
    if found is None:
        return
    group, _, why = found
    if planned.reported is None:
        return
    # What happened before it was planned, or on a day that nobody tells, fulfils nothing.
    later = [
        m
        for m in group.members
        if m.article != planned.article and m.published >= planned.published and m.dated and m.end >= planned.reported
    ]
    if later:
        done = min(later, key=lambda m: (m.published, m.article, m.id))
        ground = "; ".join((*why, f"{planned.factuality.value} first, asserted by the later article"))
        yield Relation(done.article, group.name, "fulfils", name, ground)


def _denials(denied: Account, name: str, index: _Index) -> Iterator[Relation]:
    """That one article asserts what another negates."""
    found = index.best(denied, OPPOSED)
    if found is None:
        return
    group, member, why = found
    if denied.article not in group.articles:
        ground = "; ".join((*why, "asserted by one article, negated by the other"))
        yield Relation(denied.article, name, "conflictsWith", group.name, ground)
        yield Relation(member.article, group.name, "conflictsWith", name, ground)
