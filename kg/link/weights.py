"""The numbers that links of people and bodies are decided by: `kg/data/link_weights.toml` says what each is."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from kg.link.authority import DATA


@dataclass(frozen=True, slots=True)
class Weights:
    """One field a number of the file, its table's name before it where that is `none`."""

    core: float
    known: float
    word: float
    words: float
    country: float
    alias_person: float
    alias_body: float
    initials: float
    unlike: float
    of_place: float
    foreign: float
    team: float
    sport: float
    alike: float
    unborn: float
    gone: float
    none_person: float
    none_body: float
    none_one_word: float
    none_common: float
    none_bare: float
    none_surname: float
    none_office: float
    slope: float
    exact: float
    close: float
    sources: Mapping[str, int]


@cache
def weights() -> Weights:
    """The numbers as they ship."""
    data = tomllib.loads((DATA / "link_weights.toml").read_text("utf-8"))
    none = {f"none_{name}": value for name, value in data["none"].items()}
    return Weights(**data["evidence"], **none, **data["decide"], sources=data["sources"])
