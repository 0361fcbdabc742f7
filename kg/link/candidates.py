"""What a linker considered for a thing, and what it chose: kept, so that every link and refusal can be looked into."""

from __future__ import annotations

from dataclasses import dataclass

WIKIDATA = "http://www.wikidata.org/entity/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An item considered. `target` is its IRI, `score` 0 to 1, `method` what found it, `ground` what speaks for it or not,
    `index` the SHA-256 of the authority index it is from, if it is from one."""

    target: str
    label: str
    score: float
    method: str
    ground: str = ""
    index: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The outcome for one thing: its candidates, the best first, and the match that was made, if any.

    `question` is a digest of what was known of the thing and of whom was asked: with the same one, there is nothing new to
    decide; it is empty where the answers were incomplete. `property` is `exactMatch` or `closeMatch`. `none` is the score
    of "no item": a candidate has to beat it. `service` is the address that was asked.
    """

    question: str
    none: float
    service: str = ""
    candidates: tuple[Candidate, ...] = ()
    target: str | None = None
    property: str | None = None
