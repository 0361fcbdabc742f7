"""The versions of an article, and what the text of one changed of that before it, sentence by sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import pyoxigraph as ox

from kg.web import page_queries
from kg.web.site import Row, site

# More changes than this are another article; the page says how many there are.
MOST = 40


@dataclass(frozen=True, slots=True)
class Change:
    """Sentences of the earlier version and those that stand in their place now, as (span, text); one side may be empty."""

    before: tuple[tuple[str, str], ...]
    after: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Versions:
    """The other versions, the newest first, `later` and `earlier`; the one just before, and what was changed of it."""

    later: tuple[Row, ...]
    earlier: tuple[Row, ...]
    before: str
    changes: tuple[Change, ...]
    total: int


def versions(article: ox.NamedNode) -> Versions | None:
    """The versions of an article; None if there is only one."""
    rows = site().select(page_queries.VERSIONS, article=article)
    if not rows:
        return None
    later = tuple(row for row in rows if row["when"]["value"] == "later")
    earlier = tuple(row for row in rows if row["when"]["value"] == "earlier")
    before = next((row["other"]["value"] for row in earlier if row["next"]["value"] == "true"), "")
    found: list[Change] = []
    if before:
        sentences = site().select(page_queries.SENTENCES, article=[article, ox.NamedNode(before)])
        found = changes(_of(sentences, before), _of(sentences, article.value))
    return Versions(later, earlier, before, tuple(found[:MOST]), len(found))


def _of(sentences: Sequence[Row], article: str) -> list[tuple[str, str]]:
    rows = (row for row in sentences if row["article"]["value"] == article)
    return [(row["span"]["value"], " ".join(row["text"]["value"].split())) for row in rows]


def changes(before: Sequence[tuple[str, str]], after: Sequence[tuple[str, str]]) -> list[Change]:
    """What differs between two texts, by sentences; a sentence that only moved is taken out and put in again."""
    matcher = SequenceMatcher(None, [text for _, text in before], [text for _, text in after], autojunk=False)
    return [
        Change(tuple(before[start:end]), tuple(after[low:high]))
        for name, start, end, low, high in matcher.get_opcodes()
        if name != "equal"
    ]
