"""Forms of firms and clubs beside their names (`kg/data/legal_forms.toml`)."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import NamedTuple

from kg.link.authority import DATA


class LegalForms(NamedTuple):
    """What ends a company's name in the news; what tables add to a name, and to a club's; folded words that tell nothing after
    a name and before it."""

    endings: tuple[str, ...]
    added: tuple[str, ...]
    added_to_clubs: tuple[str, ...]
    after: frozenset[str]
    before: frozenset[str]


@cache
def legal_forms() -> LegalForms:
    """The lists of the data file."""
    data = tomllib.loads((DATA / "legal_forms.toml").read_text("utf-8"))
    clubs = frozenset(data["left_out_of_clubs"])
    return LegalForms(
        tuple(data["endings"]),
        tuple(data["added"]),
        tuple(data["added_to_clubs"]),
        clubs | frozenset(data["left_out"]),
        clubs,
    )
