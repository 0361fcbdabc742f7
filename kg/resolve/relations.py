"""A relation between two accounts, and the names by which parts of articles are referred to."""

from __future__ import annotations

from dataclasses import dataclass

from kg.records import VERSION_MARK


@dataclass(frozen=True, slots=True, order=True)
class Relation:
    """`subject` and `object` are `event/…`, `article/…`, or a part of an article: `ARTICLE#figure-…`, `ARTICLE#char=…`.

    `article` is the one whose graph states the relation; `property` is a term of ours, or of PROV (`prov:…`).
    """

    article: str
    subject: str
    property: str
    object: str
    ground: str


def by_version(article: str) -> tuple[str, int | float]:
    """Orders articles by identifier, with the earlier versions of one before it."""
    name, mark, number = article.partition(VERSION_MARK)
    return name, int(number) if mark and number.isdigit() else float("inf")
