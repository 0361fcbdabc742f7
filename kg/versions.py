"""Earlier versions of articles: what an article said before its text changed stays, beside what it says now.

An article that changes under its own identifier is a correction of itself. With the setting `versions` its record is kept
under `ID@version-N`, N counting from 1, and the new one says which it revises; resolution then relates the two as it does
two versions at one address. Nothing is kept where only the program changed: the text decides.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace

from kg.records import VERSION_MARK, Extraction
from kg.state import State


def with_versions(
    state: State, records: Iterable[tuple[str, Extraction]], keep: int
) -> Iterator[tuple[str, Extraction]]:
    """The records with their keys, each after the version that it replaces; at most `keep` versions of an article stay."""
    for key, record in records:
        before = state.record(record.id) if keep > 0 else None
        if before is None:
            yield key, record
        elif before.sha256 == record.sha256:
            yield key, replace(record, revises=before.revises)
        else:
            earlier = _version(before)
            yield from _within(state, earlier, keep)
            yield key, replace(record, revises=earlier.id)


def versions_of(state: State, identifier: str) -> list[str]:
    """The identifiers of an article's earlier versions, the latest first."""
    found: list[str] = []
    record = state.record(identifier)
    while record is not None and record.revises and record.revises not in found:
        found.append(record.revises)
        record = state.record(record.revises)
    return found


def _within(state: State, earlier: Extraction, keep: int) -> Iterator[tuple[str, Extraction]]:
    """The version, and of those before it no more than are kept: older ones are dropped and named no more."""
    older = [] if earlier.revises is None else [earlier.revises, *versions_of(state, earlier.revises)]
    if len(older) >= keep:
        state.drop(older[keep - 1 :])
        if keep == 1:
            earlier = replace(earlier, revises=None)
        else:
            last = state.record(older[keep - 2])
            if last is not None:
                yield "", replace(last, revises=None)
    yield "", earlier


def _version(record: Extraction) -> Extraction:
    """A record under the identifier of a version, with events of its own: those of the new text may stand elsewhere."""
    number = int(record.revises.rpartition(VERSION_MARK)[2]) + 1 if record.revises else 1
    identifier = f"{record.id}{VERSION_MARK}{number}"

    def event(old: str) -> str:
        return f"event/{hashlib.sha256(f'{identifier} {old}'.encode()).hexdigest()[:16]}"

    return replace(
        record,
        id=identifier,
        events=tuple(replace(e, id=event(e.id)) for e in record.events),
        figures=tuple(replace(f, event=event(f.event)) if f.event else f for f in record.figures),
    )
