"""Which accounts may be of one happening: blocks that have nothing to do with each other.

Every account is filed under what it says (what happened with whom or where, from which day on; or the word for it and a term
of its story, in which week), and looks where others that it could agree with are filed. Those that it finds are weighed; what
`grounds` joins strongly enough is one block, with all that is so joined to any of it. So a block is as large as a happening is
much told, not as the news of a place or of a story goes on: near-linear, as blocking by overlapping time windows is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter

from kg.resolve.accounts import ENOUGH, SHARP, WINDOW, Account, grounds
from kg.resolve.days import WIDEST

# Of so many accounts in one place of the files all are compared. Of more, those that come first (in an order without meaning)
# are compared with all, so that the cost stays linear; what has much in common is mostly filed in several places together.
CROWD = 64
# The week of accounts without any day, and after all days and weeks.
NEVER, ALWAYS = -1, 1 << 31
Key = tuple[str, ...]
# What is filed under a key from one day (or week) to another: day, order, last day, number; sorted.
Row = tuple[int, int, int, int]
# Keys, each with a first and a last day or week.
Looks = list[tuple[Key, int, int]]
Rows = Callable[[Looks], Iterable[list[Row]]]


@dataclass(frozen=True, slots=True)
class Filing:
    """A place of the files: `at` is the first day, or a week; `until` is the last day, where it matters."""

    key: Key
    at: int
    until: int


def filings(account: Account) -> Iterator[Filing]:
    """Where an account is filed."""
    for key in _told(account):
        yield Filing(key, _week(account), ALWAYS)
    if account.dated:
        for trait in _traits(account):
            yield Filing(_timed(account, trait, _sharp(account)), account.start, account.end)


def looks(account: Account) -> Iterator[tuple[Filing, Key, int, int]]:
    """Where an account looks, and from when to when, each with where it is filed itself in that respect. It finds an account
    exactly if it is found by it."""
    week = _week(account)
    for key in _told(account):
        home = Filing(key, week, ALWAYS)
        if week == NEVER:
            yield home, key, NEVER, ALWAYS
        else:
            yield home, key, NEVER, NEVER
            yield home, key, week - 1, week + 1
    if account.dated:
        for trait in _traits(account):
            home = Filing(_timed(account, trait, _sharp(account)), account.start, account.end)
            for sharp, longest in ((True, SHARP), (False, WIDEST)):
                yield home, _timed(account, trait, sharp), account.start - longest, account.end


def order(account: Account) -> int:
    """A number without meaning, by which accounts in one place are ordered."""
    name = f"{account.article}\0{account.id}\0{account.trigger[0]}"
    return int.from_bytes(blake2b(name.encode(), digest_size=7).digest(), "big")


def near(account: Account, rows: Rows) -> set[int]:
    """The numbers of the accounts that one is to be held against, itself perhaps among them."""
    found: set[int] = set()
    own = order(account)
    places = list(looks(account))
    for (home, *_), filed in zip(places, rows([(key, first, last) for _, key, first, last in places]), strict=True):
        if len(filed) <= CROWD:
            found.update(number for _, _, until, number in filed if until >= account.start)
            continue
        (at_home,) = rows([(home.key, home.at, home.at)])
        listed = own in (place for _, place, _, _ in at_home[:CROWD])
        for _, place in groupby(filed, key=itemgetter(0)):
            there = list(place)
            found.update(
                number for _, _, until, number in (there if listed else there[:CROWD]) if until >= account.start
            )
    return found


def joined(one: Account, other: Account) -> bool:
    """Whether two accounts have enough in common to be of one block."""
    if one.article == other.article:
        return False
    first, second = sorted((one, other), key=lambda a: a.order)
    found = grounds(second, first)
    return found is not None and found[0] >= ENOUGH


def event_blocks(accounts: list[Account]) -> list[list[Account]]:
    """The blocks of more than one account, each in the order given."""
    files = _Files(accounts)
    root = list(range(len(accounts)))
    for number, account in enumerate(accounts):
        for other in sorted(near(account, files.rows)):
            if other < number and joined(account, accounts[other]):
                root[_root(root, number)] = _root(root, other)
    blocks: defaultdict[int, list[Account]] = defaultdict(list)
    for number, account in enumerate(accounts):
        blocks[_root(root, number)].append(account)
    return [block for block in blocks.values() if len(block) > 1]


class _Files:
    """All accounts, filed in memory."""

    def __init__(self, accounts: list[Account]) -> None:
        self._rows: defaultdict[Key, list[Row]] = defaultdict(list)
        for number, account in enumerate(accounts):
            rank = order(account)
            for filing in filings(account):
                self._rows[filing.key].append((filing.at, rank, filing.until, number))
        for rows in self._rows.values():
            rows.sort()

    def rows(self, looks: Looks) -> Iterator[list[Row]]:
        """What is filed there."""
        for key, first, last in looks:
            rows = self._rows.get(key, [])
            yield rows[bisect_left(rows, (first,)) : bisect_left(rows, (last + 1,))]


def _root(root: list[int], number: int) -> int:
    while root[number] != number:
        root[number] = root[root[number]]
        number = root[number]
    return number


def _week(account: Account) -> int:
    return NEVER if account.reported is None else account.reported // WINDOW


def _told(account: Account) -> Iterator[Key]:
    """The words for what happened, in a story about something."""
    return ((word, term) for word in sorted(account.named) for term in account.story.keys)


def _timed(account: Account, trait: str, sharp: bool) -> Key:
    return account.type.value, trait, "days" if sharp else "weeks"


def _sharp(account: Account) -> bool:
    return account.end - account.start < SHARP


def _traits(account: Account) -> list[str]:
    return sorted({*account.places, *account.actors, *(f"{m}={v}" for m, v in account.numbers)})
