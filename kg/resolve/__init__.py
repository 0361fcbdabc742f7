"""Across articles: one node for each thing, and how accounts repeat, update and contradict each other.

A pure function of the set of records: the order in which they come changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from kg.records import Extraction
from kg.resolve.accounts import Account, note_accounts
from kg.resolve.copies import CopyNote, find_copies, note_copy
from kg.resolve.entities import Entity, EntityTable
from kg.resolve.events import merge_events
from kg.resolve.figures import FigureNote, compare_figures, note_figures
from kg.resolve.matching import match_statements
from kg.resolve.relations import Relation
from kg.resolve.statements import StatementNote, note_statements


@dataclass(frozen=True, slots=True)
class Resolution:
    """What is known across articles. `events` maps (article, event id) to the shared event id where it differs;
    `outlets` maps the name of a publisher or agency to its entity; `relations` are listed by the article they begin in."""

    entities: dict[str, Entity] = field(default_factory=dict)
    outlets: dict[str, str] = field(default_factory=dict)
    events: dict[tuple[str, str], str] = field(default_factory=dict)
    relations: dict[str, tuple[Relation, ...]] = field(default_factory=dict)


def resolve(records: Iterable[Extraction]) -> Resolution:
    """Resolves a set of records; keeps only what is compared, so the records may be streamed."""
    table = EntityTable()
    figures: list[FigureNote] = []
    statements: list[StatementNote] = []
    accounts: list[Account] = []
    texts: list[CopyNote] = []
    for record in records:
        table.add(record)
        figures += note_figures(record)
        statements += note_statements(record)
        accounts += note_accounts(record)
        texts.append(note_copy(record))
    events, happened = merge_events(accounts)
    copies = find_copies(texts)
    by_article: defaultdict[str, list[Relation]] = defaultdict(list)
    counted = compare_figures(figures, events, copies)
    for relation in (*counted, *match_statements(statements), *happened, *copies.relations):
        by_article[relation.article].append(relation)
    return Resolution(
        entities=table.entities(),
        outlets=table.outlets(),
        events=events,
        relations={article: tuple(sorted(found)) for article, found in by_article.items()},
    )
