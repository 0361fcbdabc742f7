"""What articles say of the same, kept in a store's state and brought up to a change: shared events, reprints, figures,
statements, and the relations between them."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import groupby, product
from typing import Any

from kg.records import Extraction
from kg.resolve.accounts import Account, note_accounts
from kg.resolve.copies import Copies, CopyNote, find_copies, note_copy
from kg.resolve.events import account_names, merge_block
from kg.resolve.figures import FigureNote, compare_figures, note_figures
from kg.resolve.matching import COMMONEST, ROUNDING, SIZES, emit, fewest_pairs, order, rare_pairs
from kg.resolve.relations import Relation
from kg.resolve.statements import ALIKE, StatementNote, note_statements
from kg.resolve.words import jaccard
from kg.update.accounts import Accounts
from kg.update.codec import pack, unpack
from kg.update.notes import Changes, Made, Notes, Stage

SCHEMA = """
CREATE TABLE IF NOT EXISTS same_events(article TEXT, event TEXT, shared TEXT NOT NULL, PRIMARY KEY(article, event)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS same_events_by_shared ON same_events(shared);
CREATE TABLE IF NOT EXISTS copies(article TEXT PRIMARY KEY, original TEXT, version TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS relations(stage INTEGER, emitter TEXT, article TEXT NOT NULL, relation BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS relations_by_emitter ON relations(stage, emitter);
CREATE INDEX IF NOT EXISTS relations_by_article ON relations(article);
"""
# Events, copies, figures, statements.
PARTS = 4
# Statements kept in memory while others are held against them: of 10,000 articles, which have 121,000, 181,000 are read with 2,048
# of them kept, 144,000 with these and 127,000 with twice as many (19 MiB more).
NEAR = 8192


def _copy_keys(note: CopyNote) -> Iterator[object]:
    yield from note.keys


def _series(note: FigureNote) -> tuple[object, ...]:
    """What figures must share to be compared at all: for counts the event of the article, whose shared one is looked up."""
    if note.is_placed_total:
        return "total", note.measure, note.place
    return "count", note.article, note.event


def _rank(note: StatementNote) -> str:
    return "\x01".join(order(note))  # sorts as the parts do: no text has a lower character


class Relations:
    """The comparisons between the articles of a store."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._accounts = Accounts(db)
        self._copies: Notes[CopyNote] = Notes(db, Stage.COPY, CopyNote, _copy_keys)
        self._figures: Notes[FigureNote] = Notes(db, Stage.FIGURE, FigureNote, lambda note: (_series(note),))
        self._statements: Notes[StatementNote] = Notes(
            db, Stage.STATEMENT, StatementNote, lambda note: rare_pairs(note.words), _rank, lambda note: len(note.words)
        )

    def make(self, record: Extraction | None) -> tuple[Made, ...]:
        """What is noted of what an article tells, with shared identifiers; None: there is no such article any more."""
        return (
            self._accounts.make(note_accounts(record) if record else ()),
            self._copies.make((note_copy(record),) if record else ()),
            self._figures.make(note_figures(record) if record else ()),
            self._statements.make(note_statements(record) if record else ()),
        )

    def note(self, article: str, made: tuple[Made, ...]) -> None:
        """Keeps what was made of an article."""
        stages: tuple[Notes[Any], ...] = (self._accounts, self._copies, self._figures, self._statements)
        for notes, one in zip(stages, made, strict=True):
            notes.replace(article, one)

    def settle(self, progress: Callable[[int], None], *, fresh: bool) -> set[str]:
        """Brings the comparisons up to the notes. The articles of which something else is known now. `fresh`: there were no
        notes before, so that nothing but what changed can be concerned. `progress` is told how many of the `PARTS` are done."""
        changed: set[str] = set()
        progress(0)
        events = self._settle_events(changed, fresh)
        progress(1)
        reprinted = self._settle_copies(changed)
        progress(2)
        self._settle_figures(events, reprinted, changed)
        progress(3)
        self._settle_statements(changed, fresh)
        progress(PARTS)
        return changed

    def events(self, article: str) -> dict[tuple[str, str], str]:
        """The shared identifiers of the events of an article, where they have one."""
        rows = self._db.execute("SELECT event, shared FROM same_events WHERE article = ?", (article,))
        return {(article, event): shared for event, shared in rows}

    def of(self, article: str) -> tuple[Relation, ...]:
        """The relations that begin in an article."""
        rows = self._db.execute("SELECT relation FROM relations WHERE article = ?", (article,))
        return tuple(sorted(unpack(Relation, blob) for (blob,) in rows))

    def _keep(self, stage: Stage, emitters: set[str], found: Iterable[tuple[str, Relation]], changed: set[str]) -> None:
        """Makes these the relations that come from the emitters; notes the articles where that changes something."""
        wanted = {(emitter, relation.article, pack(relation)) for emitter, relation in found}
        old: set[tuple[str, str, bytes]] = set()
        for emitter in emitters:
            query = "SELECT emitter, article, relation FROM relations WHERE stage = ? AND emitter = ?"
            old.update(self._db.execute(query, (stage, emitter)))
        gone, new = sorted(old - wanted), sorted(wanted - old)
        self._db.executemany(
            "DELETE FROM relations WHERE stage = ? AND emitter = ? AND article = ? AND relation = ?",
            [(stage, *row) for row in gone],
        )
        self._db.executemany("INSERT INTO relations VALUES (?, ?, ?, ?)", [(stage, *row) for row in new])
        changed.update(article for _, article, _ in (*gone, *new))

    def _settle_events(self, changed: set[str], fresh: bool) -> dict[tuple[str, str], tuple[str | None, str | None]]:
        """The accounts that figures count and whose shared event is another now, with what it was and is."""
        moved: dict[tuple[str, str], tuple[str | None, str | None]] = {}
        gone = {(a.article, a.id): a for a in self._accounts.changes.gone}
        uncounted = {(note.article, note.event) for note in self._figures.changes.gone}

        def share(account: Account, shared: str | None) -> None:
            key = (account.article, account.id)
            pair = self._share(key, shared)
            if pair:
                changed.add(account.article)
                if key in uncounted or self._figures.under(self._figures.key(("count", *key)), 1):
                    moved[key] = pair

        kept: set[str] = set()  # the words of an account that is gone may be those of a new one, of another type
        for block in self._accounts.blocks(fresh=fresh):
            shared, relations = merge_block(block)
            emitters = {name for account in block for name in account_names(account)}
            kept |= emitters
            self._keep(Stage.ACCOUNT, emitters, ((r.subject, r) for r in relations), changed)
            for account in block:
                gone.pop((account.article, account.id), None)
                share(account, shared.get((account.article, account.id)))
        for account in gone.values():
            self._keep(Stage.ACCOUNT, set(account_names(account)) - kept, (), changed)
            share(account, None)
        return moved

    def _share(self, key: tuple[str, str], shared: str | None) -> tuple[str | None, str | None] | None:
        """Keeps the shared event of an account; what it was and is, if that differs."""
        before = self._shared(key)
        if before == shared:
            return None
        if shared is None:
            self._db.execute("DELETE FROM same_events WHERE article = ? AND event = ?", key)
        else:
            self._db.execute("INSERT OR REPLACE INTO same_events VALUES (?, ?, ?)", (*key, shared))
        return before, shared

    def _shared(self, key: tuple[str, str | None]) -> str | None:
        row = self._db.execute("SELECT shared FROM same_events WHERE article = ? AND event = ?", key).fetchone()
        return row[0] if row else None

    def _settle_copies(self, changed: set[str]) -> set[str]:
        """The articles that are reprints or versions of others than before."""
        changes = self._copies.take_changes()
        gone = {note.article for note in changes.gone}
        moved: set[str] = set()
        for block in self._copies.components(changes):
            articles = {note.article for note in block}
            found = find_copies(block)
            self._keep(
                Stage.COPY, {f"article/{a}" for a in articles}, ((r.subject, r) for r in found.relations), changed
            )
            for article in articles:
                self._copy(article, found.original.get(article), found.version.get(article), moved)
            gone -= articles
        for article in sorted(gone):
            self._keep(Stage.COPY, {f"article/{article}"}, (), changed)
            self._copy(article, None, None, moved)
        return moved

    def _copy(self, article: str, original: str | None, version: str | None, moved: set[str]) -> None:
        row = self._db.execute("SELECT original, version FROM copies WHERE article = ?", (article,)).fetchone()
        if (row or (None, None)) == (original, version):
            return
        moved.add(article)
        self._db.execute("DELETE FROM copies WHERE article = ?", (article,))
        if original or version:
            self._db.execute("INSERT INTO copies VALUES (?, ?, ?)", (article, original, version))

    def _settle_figures(
        self,
        events: dict[tuple[str, str], tuple[str | None, str | None]],
        reprinted: set[str],
        changed: set[str],
    ) -> None:
        changes = self._figures.take_changes()
        touched = list(changes.gone)
        touched += [self._figures.get(number) for number in changes.added]
        touched += [note for article in sorted(reprinted) for note in self._figures.of(article)]
        totals, counts, alone = set(), {s for pair in events.values() for s in pair if s}, set()
        own = {key for key, (_, shared) in events.items() if shared is None}  # events that no other article tells of
        for note in touched:
            alone.add(f"{note.article}#{note.name}")
            if note.is_placed_total:
                totals.add(_series(note))
            elif shared := self._shared((note.article, note.event)):
                counts.add(shared)
            elif note.event:
                own.add((note.article, note.event))
        for article, event in events:
            alone.update(f"{n.article}#{n.name}" for n in self._figures.with_key(("count", article, event)))
        found: list[tuple[str, Relation]] = []
        for series in sorted(totals, key=repr):
            found += self._compared(self._figures.with_key(series), {}, alone)
        for shared in sorted(counts):
            rows = self._db.execute("SELECT article, event FROM same_events WHERE shared = ?", (shared,)).fetchall()
            notes = [note for row in rows for note in self._figures.with_key(("count", *row))]
            found += self._compared(notes, dict.fromkeys(rows, shared), alone)
        for key in sorted(own):
            found += self._compared(self._figures.with_key(("count", *key)), {}, alone)
        self._keep(Stage.FIGURE, alone, found, changed)

    def _compared(
        self, notes: list[FigureNote], events: dict[tuple[str, str], str], emitters: set[str]
    ) -> list[tuple[str, Relation]]:
        emitters.update(f"{note.article}#{note.name}" for note in notes)
        original, version = {}, {}
        for article in sorted({note.article for note in notes}):
            row = self._db.execute("SELECT original, version FROM copies WHERE article = ?", (article,)).fetchone()
            if row and row[0]:
                original[article] = row[0]
            if row and row[1]:
                version[article] = row[1]
        return [(r.subject, r) for r in compare_figures(notes, events, Copies(original, version))]

    def _settle_statements(self, changed: set[str], fresh: bool) -> None:
        changes = self._statements.take_changes()
        get = lru_cache(NEAR)(self._statements.get)
        if fresh:
            fewest = ((size, other, fewest_pairs(size, other)) for size, other in product(range(SIZES), repeat=2))
            found = (
                (get(number), near)
                for number, near in self._statements.all_under_any(COMMONEST, ALIKE - ROUNDING, fewest)
            )
            for article, portions in groupby(found, key=lambda portion: portion[0].article):
                self._relate(article, portions, set(), get, changed)
            return
        concerned: defaultdict[str, set[str]] = defaultdict(set)
        for note in changes.gone:
            concerned[note.article].add(note.name)
        for article, name in self._later(changes, get):
            concerned[article].add(name)
        for number in changes.added:
            note = get(number)
            concerned[note.article].add(note.name)
        for article, names in sorted(concerned.items()):
            portions = ((note, self._near(note)) for note in self._statements.of(article) if note.name in names)
            self._relate(article, portions, names, get, changed)

    def _relate(
        self,
        article: str,
        portions: Iterable[tuple[StatementNote, list[int]]],
        names: set[str],
        get: Callable[[int], StatementNote],
        changed: set[str],
    ) -> None:
        """Keeps the relations of statements of an article, whose portions come with what is near to them; `names` are those
        of which there may be relations already."""
        whole: dict[str, list[tuple[StatementNote, list[int]]]] = {f"{article}#{name}": [] for name in sorted(names)}
        before = set(whole)
        for portion in portions:
            whole.setdefault(f"{article}#{portion[0].name}", []).append(portion)
        found = [(emitter, relation) for emitter, parts in whole.items() for relation in emit(parts, get)]
        self._keep(Stage.STATEMENT, before, found, changed)

    def _later(self, changes: Changes[StatementNote], get: Callable[[int], StatementNote]) -> Iterator[tuple[str, str]]:
        """The statements that a change may concern: those that come after one that is new, gone, or no longer (or only now)
        near enough to the front of a common pair to be found by it, and that are alike."""
        moved: defaultdict[int, list[StatementNote]] = defaultdict(list)
        for note in (*(get(number) for number in changes.added), *changes.gone):
            for key in self._statements.keys(note):
                moved[key].append(note)
        for key, notes in sorted(moved.items()):
            if len(self._statements.under(key, COMMONEST, before=min(map(_rank, notes)))) == COMMONEST:
                continue
            numbers = self._statements.under(key)
            edge = numbers[max(COMMONEST - len(notes), 0) : COMMONEST + len(notes)]
            if len(numbers) + len(notes) > COMMONEST:
                notes = [*notes, *map(get, edge)]
            first = min(map(order, notes))
            for number in numbers:
                note = get(number)
                if order(note) > first and any(
                    order(other) < order(note) and jaccard(note.words, other.words) >= ALIKE for other in notes
                ):
                    yield note.article, note.name

    def _near(self, note: StatementNote) -> list[int]:
        """Earlier statements that share a rare pair of words with one."""
        return sorted(self._statements.under_any(self._statements.keys(note), COMMONEST, _rank(note)))
