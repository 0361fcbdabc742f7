"""Identities across articles, kept in a store's state and brought up to a change: `kg/resolve/identity.py`, block by block."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain

from kg.decisions import Outcome
from kg.records import Extraction
from kg.resolve.identity import Distinction, Identities, Merge, Place, Thing, assign, block_keys, compare, distinguish
from kg.resolve.occurrences import Occurrence, occurrences
from kg.state import Queue
from kg.update.codec import pack, unpack
from kg.update.notes import Made, Notes, Stage
from kg.update.numbers import Numbers

# `shared` of a place is its identifier as decided; that of a thing is what the program found.
SCHEMA = """
CREATE TABLE IF NOT EXISTS things(
    id INTEGER PRIMARY KEY, claim TEXT NOT NULL, head BLOB NOT NULL, merges BLOB NOT NULL, digest BLOB NOT NULL, shared TEXT);
CREATE INDEX IF NOT EXISTS things_by_claim ON things(claim);
CREATE INDEX IF NOT EXISTS things_by_shared ON things(shared);
CREATE TABLE IF NOT EXISTS places(
    article TEXT, own TEXT, thing INTEGER NOT NULL, shared TEXT, PRIMARY KEY(article, own)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS places_by_thing ON places(thing);
CREATE TABLE IF NOT EXISTS pairs(a INTEGER, b INTEGER, ground TEXT, PRIMARY KEY(a, b, ground)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS pairs_by_b ON pairs(b);
"""
# With the first words of so many claims all are looked at, which is then sooner than one after the other.
MANY = 2000
# What all occurrences of one article have in common: when it was published, and what surrounds them.
COMMON = ("day", "article", "company", "places", "outlets")


@dataclass(frozen=True, slots=True)
class _Merges:
    merges: tuple[Merge, ...]


@dataclass(slots=True)
class Moved:
    """What a change of identities concerns: articles whose things go by other identifiers, and `owners`, things whose reasons
    differ."""

    owners: Queue
    articles: set[str] = field(default_factory=set)


class Things:
    """The things of a store, and where articles name them."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._notes: Notes[Occurrence] = Notes(db, Stage.THING, Occurrence, block_keys, common=COMMON)

    def make(self, record: Extraction | None) -> Made:
        """What is noted of what an article names; None: there is no such article any more."""
        return self._notes.make(occurrences(record) if record else ())

    def note(self, article: str, made: Made) -> None:
        """Keeps what was made of an article."""
        self._notes.replace(article, made)

    def settle(self, reserved: frozenset[str], owners: Queue, *, decided: bool) -> Moved:
        """Brings the things up to the notes. `decided`: what a person decided is still to be applied to the places."""
        changes = self._notes.take_changes()
        moved = Moved(owners)
        gone = {(o.article, o.id) for o in changes.gone}
        stale, fresh, paired = Numbers(), Numbers(), Numbers()
        for place in sorted(gone):
            stale.update(
                t for (t,) in self._db.execute("SELECT thing FROM places WHERE article = ? AND own = ?", place)
            )
        for block in self._notes.components(changes):
            self._compare(block, stale, fresh, paired)
            gone.difference_update((o.article, o.id) for o in block)
        self._db.executemany("DELETE FROM places WHERE article = ? AND own = ?", sorted(gone))
        claims = self._forget(stale, moved)
        self._name(claims, fresh, reserved, moved, decided=decided)
        paired.update(fresh)
        for thing in paired:
            if thing in stale:
                continue
            moved.owners.update(self._around(thing))
            if not decided:
                self._move(thing, moved)
        return moved

    def _compare(self, block: list[Occurrence], stale: Numbers, fresh: Numbers, paired: Numbers) -> None:
        """Finds the things of a block; those that are as before keep their rows."""
        before: set[int] = set()
        for one in block:
            row = self._db.execute(
                "SELECT thing FROM places WHERE article = ? AND own = ?", (one.article, one.id)
            ).fetchone()
            if row:
                before.add(row[0])
        known = {
            digest: thing
            for thing in sorted(before)
            for (digest,) in self._db.execute("SELECT digest FROM things WHERE id = ?", (thing,))
        }
        things, apart = compare(block)
        numbers = []
        for thing in things:
            digest = hashlib.sha256(pack(thing)).digest()
            number = known.get(digest)
            if number is None:
                number = self._insert(thing, digest)
                fresh.add(number)
            else:
                before.discard(number)
                stale.discard(number)
            numbers.append(number)
        kept = {number for number in numbers if number not in fresh}
        pairs = {(numbers[a], numbers[b], ground) for a, b, ground in apart}
        old = {pair for thing in sorted(kept | before) for pair in self._pairs_from(thing)}
        for a, b, ground in sorted(old - pairs):
            self._db.execute("DELETE FROM pairs WHERE a = ? AND b = ? AND ground = ?", (a, b, ground))
        self._db.executemany("INSERT INTO pairs VALUES (?, ?, ?)", sorted(pairs - old))
        paired.update(end for pair in old ^ pairs for end in pair[:2])
        stale.update(before)

    def _insert(self, thing: Thing, digest: bytes) -> int:
        head = replace(thing, places=(), merges=())
        row = (thing.claim, pack(head), pack(_Merges(thing.merges)), digest)
        number = self._db.execute("INSERT INTO things(claim, head, merges, digest) VALUES (?, ?, ?, ?)", row).lastrowid
        assert number is not None
        self._db.executemany(
            "INSERT INTO places(article, own, thing) VALUES (?, ?, ?) "
            "ON CONFLICT(article, own) DO UPDATE SET thing = excluded.thing",
            [(article, own, number) for article, own in thing.places],
        )
        return number

    def _forget(self, stale: Numbers, moved: Moved) -> set[str]:
        """Deletes the things that are no more; gives their claims."""
        claims = set()
        for thing in stale:
            row = self._db.execute("SELECT claim, shared FROM things WHERE id = ?", (thing,)).fetchone()
            claims.add(row[0])
            if row[1]:
                moved.owners.add(row[1])
            moved.owners.update(self._around(thing))
            self._db.execute("DELETE FROM pairs WHERE a = ? OR b = ?", (thing, thing))
            self._db.execute("DELETE FROM things WHERE id = ?", (thing,))
        return claims

    def _name(self, claims: set[str], fresh: Numbers, reserved: frozenset[str], moved: Moved, *, decided: bool) -> None:
        """Gives things their identifiers. All things are looked at that share a claim and its first word with one that
        changed: what one of them is called may leave another the next best name, which begins as its claim does. `fresh` takes
        in those that go by another now."""
        claims = claims | {c for t in fresh for (c,) in self._db.execute("SELECT claim FROM things WHERE id = ?", (t,))}
        several = self._several(claims, whole=decided or bool(reserved))
        several |= {c for c in reserved if self._claimed(c)}
        bearers = {claim: self._heads(claim) for claim in sorted(several)}
        numbers = {(*thing.first, thing.claim): n for found in bearers.values() for thing, n in found}
        named = assign({c: [t for t, _ in found] for c, found in bearers.items()}, self._claimed, reserved)
        wanted = ((numbers[*thing.first, thing.claim], name) for thing, name in named)
        alone = ((number, claim) for claim in sorted(claims - several) for number in self._claiming(claim))
        for number, name in chain(wanted, alone):
            row = self._db.execute("SELECT shared FROM things WHERE id = ?", (number,)).fetchone()
            if row[0] != name:
                if row[0]:
                    moved.owners.add(row[0])
                self._db.execute("UPDATE things SET shared = ? WHERE id = ?", (name, number))
                fresh.add(number)

    def _several(self, claims: set[str], *, whole: bool) -> set[str]:
        """The claims that several things have; without `whole` only those that begin with the first word of some of `claims`."""
        firsts = sorted({claim.partition("-")[0] for claim in claims})
        if whole or len(firsts) > MANY:
            return {c for (c,) in self._db.execute("SELECT claim FROM things GROUP BY claim HAVING COUNT(*) > 1")}
        query = """SELECT claim FROM things WHERE claim = ?1 OR claim >= ?1 || '-' AND claim < ?1 || '.'
            GROUP BY claim HAVING COUNT(*) > 1"""
        return {claim for first in firsts for (claim,) in self._db.execute(query, (first,))}

    def _claimed(self, claim: str) -> bool:
        return self._db.execute("SELECT 1 FROM things WHERE claim = ? LIMIT 1", (claim,)).fetchone() is not None

    def _claiming(self, claim: str) -> list[int]:
        return [number for (number,) in self._db.execute("SELECT id FROM things WHERE claim = ?", (claim,))]

    def _heads(self, claim: str) -> list[tuple[Thing, int]]:
        rows = self._db.execute("SELECT id, head FROM things WHERE claim = ?", (claim,))
        return [(unpack(Thing, head), number) for number, head in rows]

    def _pairs_from(self, thing: int) -> list[tuple[int, int, str]]:
        return list(self._db.execute("SELECT a, b, ground FROM pairs WHERE a = ?", (thing,)))

    def _around(self, thing: int) -> Iterator[str]:
        """What a thing goes by, and what those do that are kept apart from it."""
        query = """SELECT shared FROM things WHERE id = ?
            UNION SELECT t.shared FROM pairs p JOIN things t ON t.id = p.b WHERE p.a = ?
            UNION SELECT t.shared FROM pairs p JOIN things t ON t.id = p.a WHERE p.b = ?"""
        return (shared for (shared,) in self._db.execute(query, (thing, thing, thing)) if shared)

    def _move(self, thing: int, moved: Moved) -> None:
        """Tells the places of a thing what it goes by."""
        (shared,) = self._db.execute("SELECT shared FROM things WHERE id = ?", (thing,)).fetchone()
        rows = self._db.execute("SELECT article, own FROM places WHERE thing = ? AND shared IS NOT ?", (thing, shared))
        self._place(((article, own, shared) for article, own in rows.fetchall()), moved)

    def _place(self, rows: Iterable[tuple[str, str, str]], moved: Moved) -> None:
        for article, own, shared in rows:
            self._db.execute("UPDATE places SET shared = ? WHERE article = ? AND own = ?", (shared, article, own))
            moved.articles.add(article)

    def found(self) -> Identities:
        """All identities, as the program found them: read whole, only where a person decided on some."""
        members: dict[str, list[Place]] = {}
        query = "SELECT t.shared, p.article, p.own FROM things t JOIN places p ON p.thing = t.id ORDER BY 1, 2, 3"
        for shared, article, own in self._db.execute(query):
            members.setdefault(shared, []).append((article, own))
        rows = self._db.execute("SELECT shared, merges FROM things").fetchall()
        merges = {replace(m, id=shared) for shared, blob in rows for m in unpack(_Merges, blob).merges}
        query = (
            "SELECT a.shared, b.shared, p.ground FROM pairs p JOIN things a ON a.id = p.a JOIN things b ON b.id = p.b"
        )
        apart = {d for row in self._db.execute(query) for d in distinguish(*row)}
        return Identities(members, tuple(sorted(merges)), tuple(sorted(apart)))

    def decide(self, outcome: Outcome, moved: Moved) -> None:
        """Tells every place what it goes by as decided."""
        wanted = {place: shared for shared, places in outcome.members.items() for place in places}
        rows = self._db.execute("SELECT article, own, shared FROM places").fetchall()
        self._place(((a, o, wanted[a, o]) for a, o, shared in rows if shared != wanted[a, o]), moved)

    def ids(self, article: str) -> dict[Place, str]:
        """The shared identifiers of what an article names, where they differ from its own."""
        rows = self._db.execute("SELECT own, shared FROM places WHERE article = ? AND own != shared", (article,))
        return {(article, own): shared for own, shared in rows}

    def has(self, shared: str) -> bool:
        """Whether the program found such a thing."""
        return self._db.execute("SELECT 1 FROM things WHERE shared = ? LIMIT 1", (shared,)).fetchone() is not None

    def merges(self, shared: str) -> list[Merge]:
        """Why occurrences are this thing."""
        rows = self._db.execute("SELECT merges FROM things WHERE shared = ?", (shared,))
        return sorted(replace(m, id=shared) for (blob,) in rows for m in unpack(_Merges, blob).merges)

    def distinctions(self, shared: str) -> list[Distinction]:
        """What is kept apart from this thing, of what comes after it in order."""
        query = """SELECT o.shared, p.ground FROM things t JOIN pairs p ON p.a = t.id JOIN things o ON o.id = p.b
                WHERE t.shared = ?
            UNION SELECT o.shared, p.ground FROM things t JOIN pairs p ON p.b = t.id JOIN things o ON o.id = p.a
                WHERE t.shared = ?"""
        rows = self._db.execute(query, (shared, shared))
        found = {d for other, ground in rows for d in distinguish(shared, other, ground)}
        return sorted(d for d in found if d.id == shared)
