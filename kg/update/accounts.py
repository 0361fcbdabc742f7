"""The accounts of a store and the blocks that they form (`kg/resolve/blocks.py`), brought up to a change."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Any

import orjson

from kg.resolve.accounts import Account
from kg.resolve.blocks import (
    ALWAYS,
    Looks,
    Row,
    crowd,
    filings,
    joined,
    later_stories,
    near,
    near_stories,
    one_story,
    order,
)
from kg.update.notes import Notes, Stage
from kg.update.numbers import Numbers

# `since` is the first day of a filing, `until` the last, `ALWAYS` where it is that of a story; `place` is the order in it.
SCHEMA = """
CREATE TABLE IF NOT EXISTS filings(key INTEGER, since INTEGER, place INTEGER, account INTEGER, until INTEGER NOT NULL,
    PRIMARY KEY(key, since, place, account)) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS new_filings(key INTEGER, since INTEGER, place INTEGER, account INTEGER, until INTEGER);
CREATE TABLE IF NOT EXISTS joins(account INTEGER, other INTEGER, PRIMARY KEY(account, other)) WITHOUT ROWID;
"""
# As with keys: what is new is put in as a whole, in order.
FILE = "INSERT OR IGNORE INTO filings SELECT * FROM new_filings ORDER BY 1, 2, 3, 4"
# New accounts by their day, so that those that one is held against are still in memory. One that is filed nowhere, and whose
# article tells no story, meets none.
LEADING = f"SELECT account FROM new_filings WHERE until = {ALWAYS} GROUP BY account ORDER BY MIN(since), account"
FILED = f"SELECT account FROM new_filings WHERE until < {ALWAYS} GROUP BY account ORDER BY MIN(since), account"
# All that an account looks for at once.
LOOK = """
SELECT look.key, since, place, until, account FROM json_each(?) look JOIN filings
ON filings.key = look.value ->> 0 AND since BETWEEN look.value ->> 1 AND look.value ->> 2 ORDER BY 1, 2, 3, 5
"""
OF = "SELECT id FROM notes WHERE article = ? AND stage = ? ORDER BY id"
# What all accounts of an article have in common.
COMMON = ("article", "published", "reported", "story", "naming")
# Accounts kept in memory while others are held against them: of a thousand articles, fifty a day, which have 17,000 accounts,
# 4,400 are read again with these, and 1,900 with 4,096 of them kept, which saves no time and takes 16 MiB more.
NEAR = 512
# Articles of which is kept what they are called by their first account: those of some weeks are looked at again and again.
ARTICLES = 4096


class Accounts(Notes[Account]):
    """The accounts, where they are filed, and which two have enough in common to be of one block."""

    def __init__(self, db: sqlite3.Connection) -> None:
        super().__init__(db, Stage.ACCOUNT, Account, lambda account: (), common=COMMON)
        self._gone: Counter[tuple[int, int]] = Counter()
        self._left = Numbers()

    def _rows_of(self, note: Account) -> tuple[tuple[Any, ...], ...]:
        return tuple((key, since, place, until) for key, since, place, _, until in self._places(0, note))

    def _file(self, identifier: int, rows: Iterable[tuple[Any, ...]]) -> None:
        filed = [(key, since, place, identifier, until) for key, since, place, until in rows]
        self.db.executemany("INSERT INTO new_filings VALUES (?, ?, ?, ?, ?)", filed)

    def _unfile(self, identifier: int, note: Account) -> None:
        rows = self._places(identifier, note)
        query = "DELETE FROM filings WHERE key = ? AND since = ? AND place = ? AND account = ?"
        self.db.executemany(query, [row[:4] for row in rows])
        self._gone.update(row[:2] for row in rows)
        others = self._joined(identifier)
        self._part([(identifier, other) for other in others])
        self._left.update(others)
        self._left.discard(identifier)

    def _places(self, identifier: int, note: Account) -> list[tuple[int, int, int, int, int]]:
        place = order(note)
        return sorted({(self.key(f.key), f.at, place, identifier, f.until) for f in filings(note)})

    def _rows(self, looks: Looks) -> list[list[Row]]:
        found: list[list[Row]] = [[] for _ in looks]
        wanted = orjson.dumps([[self.key(key), first, last] for key, first, last in looks])
        for row in self.db.execute(LOOK, (wanted.decode(),)):
            found[row[0]].append(row[1:])
        return found

    def _joined(self, identifier: int) -> set[int]:
        return {n for (n,) in self.db.execute("SELECT other FROM joins WHERE account = ?", (identifier,))}

    def _join(self, pairs: list[tuple[int, int]]) -> None:
        self.db.executemany("INSERT INTO joins VALUES (?, ?)", [p for a, b in sorted(pairs) for p in ((a, b), (b, a))])

    def _part(self, pairs: list[tuple[int, int]]) -> None:
        rows = [p for a, b in sorted(pairs) for p in ((a, b), (b, a))]
        self.db.executemany("DELETE FROM joins WHERE account = ? AND other = ?", rows)

    def blocks(self, *, fresh: bool) -> Iterator[list[Account]]:
        """The blocks that changed since this was last asked, also those of one account. `fresh`: all accounts are new, so that
        one alone changes nothing, and is left out."""
        self.db.execute(FILE)
        due, left = self.take_changes().added, self._left
        displaced = set[int]() if fresh else {number for number in self._displaced(due) if number not in due}
        due.update(displaced)
        self._gone.clear()
        self._left = Numbers()
        get, article_of = lru_cache(NEAR)(self.get), lru_cache(ARTICLES)(self.article)
        # The accounts of an article come one after the other.
        told = lru_cache(1)(lambda article: self._told(article, get, article_of, fresh=fresh))
        seeds = Numbers(() if fresh else chain(due, left))
        for number in chain(self._by_day(article_of), sorted(displaced)):
            one = get(number)
            by_day, by_word = near(one, self._rows), told(one.article)
            by_story = set[int]().union(*(by_word.get(word, ()) for word in one.named))
            joins = self._joined(number)
            if fresh:  # all are held against all, each pair once, and no two are joined but by this
                found = {n for n in by_story.union(n for n in by_day if n > number) - joins if joined(one, get(n))}
                self._join([(number, other) for other in found])
                seeds.update(found)
                continue
            # Of two that are due, the one that comes first has been held against the other.
            behind = {n for n in by_day | by_story | joins if n < number and n in due}
            known = joins - behind
            found = {n for n in (by_day | by_story) - behind - {number} if joined(one, get(n))}
            self._join([(number, other) for other in found - known])
            self._part([(number, other) for other in known - found])
            seeds.update(known ^ found)
        self.db.execute("DELETE FROM new_filings")
        seen = Numbers()
        for seed in seeds:
            if seed not in seen:
                block = self._block(seed, seen)
                if len(block) > 1 or not fresh:
                    yield [get(number) for number in block]

    def _by_day(self, article_of: Callable[[int], str]) -> Iterator[int]:
        """The new accounts, those of an article together, by the day of the article; then those of articles without a story."""
        done = Numbers()
        for (first,) in self.db.execute(LEADING):
            whole = self._of(article_of(first))
            done.update(whole)
            yield from whole
        for (number,) in self.db.execute(FILED):
            if number not in done:
                yield number

    def _of(self, article: str) -> list[int]:
        return [n for (n,) in self.db.execute(OF, (article, self.stage))]

    def _told(
        self, article: str, get: Callable[[int], Account], article_of: Callable[[int], str], *, fresh: bool
    ) -> dict[str, list[int]]:
        """The accounts of the articles that tell the story of one, by the words for what happened. `fresh`: only of those that do
        not find this article themselves."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        number = self._of(article)[0]
        first = get(number)
        others = later_stories(number, first, self._rows) if fresh else near_stories(first, self._rows)
        words = first.naming.keys()
        for other in map(article_of, others):
            *_, story, naming = self.common(other)
            if other != article and not words.isdisjoint(naming.keys()) and one_story(first.story, story):
                accounts = self._of(other)
                for word in words & naming.keys():
                    found[word] += [accounts[number] for number in naming[word]]
        return found

    def _displaced(self, added: Numbers) -> set[int]:
        """Accounts that may have come among the first of a crowded place, or be among them no more."""
        rows = [row for number in added for row in self._places(number, self.get(number))]
        new = Counter(row[:2] for row in rows)
        count = "SELECT COUNT(*), MAX(until) FROM filings WHERE key = ? AND since = ?"
        some = "SELECT account FROM filings WHERE key = ? AND since = ? ORDER BY place, account LIMIT ? OFFSET ?"
        found: set[int] = set()
        for place in sorted(new.keys() | self._gone.keys()):
            size, until = self.db.execute(count, place).fetchone()
            most = crowd(until)
            if size + self._gone[place] > most:
                first = max(most - self._gone[place], 0)
                for (number,) in self.db.execute(some, (*place, most + new[place] - first, first)):
                    found.update(self._of(self.article(number)) if until == ALWAYS else (number,))
        return found

    def _block(self, seed: int, seen: Numbers) -> list[int]:
        found, waiting = [], [seed]
        seen.add(seed)
        while waiting:
            number = waiting.pop()
            found.append(number)
            for other in sorted(n for n in self._joined(number) if n not in seen):
                seen.add(other)
                waiting.append(other)
        return sorted(found)
