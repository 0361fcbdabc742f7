"""The records of `kg extract` with one identifier for a happening that several of its articles tell of: the same that a
build of the same articles, without a person's decisions, gives the event.

The records wait in a temporary file until all are there, so that memory holds what is compared of them and no more.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import IO

from kg.decisions import decide
from kg.records import Extraction, from_json, to_json
from kg.resolve.accounts import note_accounts
from kg.resolve.events import merge_events
from kg.resolve.identity import identify
from kg.resolve.rewriting import apply


def join(records: Iterable[Extraction]) -> Iterator[Extraction]:
    """The records in their order, with shared identifiers of events; nothing else of them changes."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        count = 0
        for record in records:
            file.write(json.dumps(to_json(record)) + "\n")
            count += 1
        shared = _shared(file) if count > 1 else {}
        for record in _read(file):
            yield rename(record, shared)


def _shared(file: IO[str]) -> dict[tuple[str, str], str]:
    people = decide(identify(_read(file)), ()).rewriting
    accounts = (account for record in _read(file) for account in note_accounts(apply(record, people)))
    return merge_events(accounts)[0]


def _read(file: IO[str]) -> Iterator[Extraction]:
    file.seek(0)
    return (from_json(Extraction, json.loads(line)) for line in file)


def rename(record: Extraction, shared: dict[tuple[str, str], str]) -> Extraction:
    """The record with the shared identifiers of its events, given by article and own identifier."""
    return replace(
        record,
        events=tuple(replace(e, id=shared.get((record.id, e.id), e.id)) for e in record.events),
        figures=tuple(
            replace(f, event=shared.get((record.id, f.event), f.event)) if f.event else f for f in record.figures
        ),
    )
