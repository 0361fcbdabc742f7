"""What a form suggests for a parameter: the things of the kinds it takes, the most mentioned first, without script."""

from __future__ import annotations

import threading

from kg.query.saved import Parameter, SavedQuery
from kg.web import page_queries
from kg.web.site import Row, site

# A page must stay small, and a longer list is no help to choose from: the search page finds the rest.
MOST = 150
# The kinds of things that are mentioned; the others have their own queries.
CLASSES = {
    "person": "https://schema.org/Person",
    "organisation": "https://schema.org/Organization",
    "place": "https://schema.org/Place",
    "group": "https://w3id.org/newskg/ontology#Group",
}
Suggestion = tuple[str, str]
# The suggestions of the snapshot that was asked about last, by kinds.
_known: dict[tuple[str, tuple[str, ...]], list[Suggestion]] = {}
_counting = threading.Lock()


def suggestions(query: SavedQuery) -> dict[str, list[Suggestion]]:
    """For each parameter that takes any thing or class: values with their names."""
    return {item.name: _of(item) for item in query.parameters if item.type in ("entity", "term") and not item.values}


def _of(item: Parameter) -> list[Suggestion]:
    kinds = ("class",) if item.type == "term" else item.kinds or tuple(CLASSES)
    key = site().snapshot_id, kinds
    with _counting:
        if any(snapshot != key[0] for snapshot, _ in _known):
            _known.clear()
        if key not in _known:
            _known[key] = _find(kinds)
        return _known[key]


def _find(kinds: tuple[str, ...]) -> list[Suggestion]:
    rows: list[Row] = []
    for kind, query in (
        ("event", page_queries.EVENT_NAMES),
        ("figure", page_queries.FIGURE_NAMES),
        ("class", page_queries.EVENT_CLASSES),
        ("article", page_queries.REVISIONS),
    ):
        if kind in kinds:
            rows += site().select(query)
    if set(kinds) & set(CLASSES):
        found = site().select(page_queries.MENTIONED)
        wanted = {CLASSES[kind] for kind in kinds if kind in CLASSES}
        rows += [row for row in found if row["type"]["value"] in wanted]
    return [
        (row["thing"]["value"].removeprefix(site().base).rpartition("ontology#")[2], row["name"]["value"])
        for row in rows
    ][:MOST]
