"""A number that counts, before its context is read."""

from __future__ import annotations

from dataclasses import dataclass

from spacy.tokens import Token

from kg.nlp.figures.measures import Counted
from kg.nlp.numbers import Number


@dataclass(frozen=True, slots=True)
class Draft:
    """A number with what it counts; `token` is its last word. `part` says that a sum over several includes it, `summed`
    that it is such a sum, `split` that the same words go on to count others ("14 in Ohio and nine in Iowa")."""

    number: Number
    token: Token
    what: Counted
    unit: str | None = None
    population: str | None = None
    part: bool = False
    split: bool = False
    summed: bool = False
