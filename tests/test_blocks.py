"""Blocks of accounts, and comparisons brought up to a change: the same as of all at once, also where places are crowded."""

from __future__ import annotations

import random
import sqlite3

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from test_update import NAMES, story

from kg.records import Extraction
from kg.resolve import blocks, matching, resolve
from kg.resolve.accounts import note_accounts
from kg.resolve.relations import Relation
from kg.update import accounts, notes, relations
from kg.update.relations import Relations
from tests.accounts import said

CHANGES = st.lists(
    st.lists(
        st.tuples(st.sampled_from([*NAMES, *(f"b{n}" for n in range(9))]), st.none() | st.integers(0, 20)),
        max_size=5,
        unique_by=lambda pair: pair[0],
    ),
    min_size=1,
    max_size=5,
)


def crowded(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    for name in ("CROWD", "STORIES"):
        monkeypatch.setattr(blocks, name, most)
    for module in (matching, relations):
        monkeypatch.setattr(module, "COMMONEST", most)


def database() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", isolation_level=None)
    for part in (notes, accounts, relations):
        db.executescript(part.SCHEMA)
    return db


@pytest.mark.parametrize("most", [1, 2, 64])
@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(steps=CHANGES)
@example(steps=[[("a3", 1)], [("a0", 8), ("a3", 18)]])  # the same words, of another type
def test_a_change_gives_what_all_records_give(
    most: int, monkeypatch: pytest.MonkeyPatch, steps: list[list[tuple[str, int | None]]]
) -> None:
    crowded(monkeypatch, most)
    found, now = Relations(database()), dict[str, Extraction]()
    for step in steps:
        fresh = not now
        for name, seed in step:
            record = None if seed is None else story(name, seed)
            found.note(name, found.make(record))
            now.pop(name, None)
            if record:
                now[name] = record
        found.settle(lambda _: None, fresh=fresh)
        whole = resolve(now.values())
        relations_: dict[str, tuple[Relation, ...]] = {name: found.of(name) for name in now if found.of(name)}
        assert relations_ == whole.relations
        assert {k: v for name in now for k, v in found.events(name).items()} == whole.events


def test_accounts_find_each_other_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    told = [a for name in NAMES for seed in range(12) for a in note_accounts(story(f"{name}-{seed}", seed))]
    for most in (1, 3, 64):
        crowded(monkeypatch, most)
        files = blocks._Files(told)
        by_day = [blocks.near(account, files.rows) for account in told]
        by_story = [blocks.near_stories(account, files.rows) if account.leads else set() for account in told]
        for near in (by_day, by_story):
            assert all(i in near[j] for i in range(len(told)) for j in near[i])
            assert any(len(found) > 1 for found in near)


def test_what_is_days_apart_is_in_no_block() -> None:
    told = [a for name in NAMES for a in note_accounts(story(name, 1))]
    for block in blocks.event_blocks(told):
        assert len({a.article for a in block}) > 1
        assert max(a.start for a in block if a.dated) - min(a.end for a in block if a.dated) < 31


WORDS = [f"word{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]


@pytest.mark.parametrize("most", [1, 2, 50])
@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_many_statements_are_compared_as_one_by_one(
    most: int, monkeypatch: pytest.MonkeyPatch, chance: random.Random
) -> None:
    crowded(monkeypatch, most)
    models = [chance.sample(WORDS, chance.randint(4, 20)) for _ in range(3)]
    records = []
    for number in range(40):
        own = [w for w in chance.choice(models) if chance.random() < 0.9]
        text = " ".join([*own, *chance.sample(WORDS, chance.randint(0, 3)), *chance.choice([[], ["not"]])])
        records.append(said(f"a{chance.randint(0, 99)}-{number}", f"2023-02-{chance.randint(1, 9):02}", text))
    found = Relations(database())
    for record in records:
        found.note(record.id, found.make(record))
    found.settle(lambda _: None, fresh=True)
    whole = {name: related for name, related in resolve(records).relations.items() if related}
    assert {r.id: found.of(r.id) for r in records if found.of(r.id)} == whole
    assert whole or most == 1
