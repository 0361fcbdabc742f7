"""A relation between two accounts, and the names by which parts of articles are referred to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Relation:
    """`subject` and `object` are `ARTICLE#figure-…` or `event/…`; `article` is the one whose graph states the relation."""

    article: str
    subject: str
    property: str
    object: str
    ground: str
