"""Which accounts may be of one happening: blocks that have nothing to do with each other.

An account is filed under what it says happened with whom or where, from which day on, and looks where others that it could
agree with are filed. And an article is filed under the terms of its story by its day: of two that tell one story within days,
those accounts are held against each other that have a word for what happened in common. Those that are so found are weighed;
what `grounds` joins strongly enough is one block, with all that is so joined to any of it. So a block is as large as a happening
is much told, not as the news of a place or of a story goes on: near-linear, as blocking by overlapping time windows is.
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
from kg.resolve.stories import SAME, Story, likeness

# Of so many accounts in one place of the files all are compared. Of more, those that come first (in an order without meaning)
# are compared with all, so that the cost stays linear; what has much in common is mostly filed in several places together.
CROWD = 64
# The same for articles under a term on one day, or without a day: to see whether two tell one story takes a tenth of the time.
STORIES = 128
# The day of articles without one, and after all days.
NEVER, ALWAYS = -1, 1 << 31
Key = tuple[str, ...]
# What is filed under a key from one day to another: first day, order, last day, number; sorted.
Row = tuple[int, int, int, int]
# Keys, each with a first and a last day.
Looks = list[tuple[Key, int, int]]
Rows = Callable[[Looks], Iterable[list[Row]]]


@dataclass(frozen=True, slots=True)
class Filing:
    """A place of the files: `at` is the first day; `until` is the last one, `ALWAYS` for a story."""

    key: Key
    at: int
    until: int


def crowd(until: int) -> int:
    """How many are compared with all, of more that are filed in one place until then."""
    return STORIES if until == ALWAYS else CROWD


# Where to look: where the account itself is filed in that respect, the key, and from when to when.
Look = tuple[Filing, Key, int, int]


def filings(account: Account) -> Iterator[Filing]:
    """Where an account is filed, and with the first of an article its story."""
    if account.leads:
        for term in account.story.keys:
            yield Filing((term,), _day(account), ALWAYS)
    if account.dated:
        for trait in _traits(account):
            yield Filing(_timed(account, trait, _sharp(account)), account.start, account.end)


def near(account: Account, rows: Rows) -> set[int]:
    """The numbers of the accounts that have a day and a place, an actor or a number in common with one, itself among them."""
    return {number for *_, number in _found(account, list(_looks(account)), rows)} if account.dated else set()


def near_stories(first: Account, rows: Rows) -> set[int]:
    """The numbers of the first accounts of articles that have a term of their story in common with the article of one which is
    the first of it, and are of days near to its, or of none. Itself is among them."""
    return {number for *_, number in _found(first, list(_story_looks(first, WINDOW)), rows)}


def later_stories(number: int, first: Account, rows: Rows) -> set[int]:
    """The same without those of earlier days, and of its own day those of greater numbers: of two articles one finds the other."""
    day, found = _day(first), _found(first, list(_story_looks(first, 0)), rows)
    return {n for at, _, _, n in found if (at, n) > (day, number) or (at == NEVER and day != NEVER)}


def one_story(one: Story, other: Story) -> bool:
    """Whether two articles tell so much of one story that a word may say that they tell of one happening."""
    return likeness(one, other) >= SAME


def order(account: Account) -> int:
    """A number without meaning, by which accounts in one place are ordered."""
    name = f"{account.article}\0{account.id}\0{account.trigger[0]}"
    return int.from_bytes(blake2b(name.encode(), digest_size=7).digest(), "big")


def joined(one: Account, other: Account) -> bool:
    """Whether two accounts have enough in common to be of one block."""
    if one.article == other.article:
        return False
    first, second = sorted((one, other), key=lambda a: a.order)
    found = grounds(second, first)
    return found is not None and found[0] >= ENOUGH


def event_blocks(accounts: list[Account]) -> list[list[Account]]:
    """The blocks of more than one account, each in the order given. All accounts of an article are among them or none."""
    files, articles = _Files(accounts), defaultdict[str, list[int]](list)
    for number, account in enumerate(accounts):
        articles[account.article].append(number)
    told: defaultdict[str, list[int]] = defaultdict(list)
    for account in accounts:
        if account.leads:
            others = (accounts[n] for n in near_stories(account, files.rows))
            told[account.article] = [
                n for o in others if one_story(account.story, o.story) for n in articles[o.article]
            ]
    root = list(range(len(accounts)))
    for number, account in enumerate(accounts):
        found = near(account, files.rows)
        found.update(n for n in told[account.article] if account.named & accounts[n].named)
        for other in sorted(found):
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


def _looks(account: Account) -> Iterator[Look]:
    """Where an account looks. It finds an account exactly if it is found by it."""
    for trait in _traits(account):
        home = Filing(_timed(account, trait, _sharp(account)), account.start, account.end)
        for sharp, longest in ((True, SHARP), (False, WIDEST)):
            yield home, _timed(account, trait, sharp), account.start - longest, account.end


def _story_looks(first: Account, before: int) -> Iterator[Look]:
    """Where an article looks for others that tell its story, of so many days before it and of a week after it."""
    day = _day(first)
    for term in first.story.keys:
        home = Filing((term,), day, ALWAYS)
        if day == NEVER:
            yield home, home.key, NEVER, (ALWAYS if before else NEVER)
        else:
            yield home, home.key, NEVER, NEVER
            yield home, home.key, day - before, day + WINDOW


def _found(account: Account, places: list[Look], rows: Rows) -> set[Row]:
    found: set[Row] = set()
    own = order(account)
    for (home, *_), filed in zip(places, rows([(key, first, last) for _, key, first, last in places]), strict=True):
        most = crowd(home.until)
        if len(filed) <= most:
            found.update(row for row in filed if row[2] >= account.start)
            continue
        (at_home,) = rows([(home.key, home.at, home.at)])
        listed = own in (place for _, place, _, _ in at_home[:most])
        for _, place in groupby(filed, key=itemgetter(0)):
            there = list(place)
            found.update(row for row in (there if listed else there[:most]) if row[2] >= account.start)
    return found


def _day(account: Account) -> int:
    return NEVER if account.reported is None else account.reported


def _timed(account: Account, trait: str, sharp: bool) -> Key:
    return account.type.value, trait, "days" if sharp else "weeks"


def _sharp(account: Account) -> bool:
    return account.end - account.start < SHARP


def _traits(account: Account) -> list[str]:
    return sorted({*account.places, *account.actors, *(f"{m}={v}" for m, v in account.numbers)})
