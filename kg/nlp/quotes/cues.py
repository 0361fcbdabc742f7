"""The words that attribute content to somebody, from `kg/data/cues.tsv`.

A frame says where the content of a cue stands:

- `quote`: between quotation marks beside it ("…," he said)
- `that`: a clause, with or without *that*, or an indirect question
- `to`: an infinitive ("vowed to stay"); `ing`: a gerund ("denied taking part")
- `object`: a noun phrase and what follows it ("reiterated his goal of …")
- `thing`: the same, unless it is a person or a body ("dismissed the claim", not "dismissed the minister")
- `size`: an object and its number ("put the toll at 40")
- `as`: an object and its predicate ("called the plan a mistake", "described it as …")
- `for:PREP`: the object of a preposition ("called for talks")
- `tell`: the object is who is addressed, not part of the content ("told reporters that …")
- `listener`: who is addressed may stand after *to* ("explained to the council that …")
- `tell-object`: the object is part of the content ("accused them of …")
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from spacy.strings import get_string_id
from spacy.tokens import Doc, Token

from kg.vocabulary import Attitude


@dataclass(frozen=True, slots=True)
class Cue:
    """One entry of the lexicon; `weight` (0–1) is how surely the word attributes."""

    lemma: str
    pos: str
    kind: Attitude
    frames: frozenset[str]
    weight: float

    @property
    def prepositions(self) -> frozenset[str]:
        """Prepositions whose object is the content."""
        return frozenset(frame[4:] for frame in self.frames if frame.startswith("for:"))


@cache
def lexicon() -> dict[tuple[str, str], Cue]:
    """The cues by lemma ("point out": with its particle) and part of speech."""
    text = resources.files("kg").joinpath("data/cues.tsv").read_text(encoding="utf-8")
    rows = csv.DictReader((line for line in text.splitlines() if not line.startswith("#")), delimiter="\t")
    return {
        (r["lemma"], r["pos"]): Cue(
            r["lemma"], r["pos"], Attitude(r["kind"]), frozenset(r["frame"].split()), float(r["weight"])
        )
        for r in rows
    }


@cache
def _numbers() -> frozenset[int]:
    """The first words of the cues by spaCy's numbers, which are digests of the words."""
    return frozenset(get_string_id(lemma.split(" ")[0]) for lemma, _ in lexicon())


def candidates(doc: Doc) -> Iterator[tuple[Token, Cue]]:
    """The cues of a document, in order."""
    known = _numbers()
    for i, lemma in enumerate(doc.to_array("LEMMA").tolist()):
        if lemma in known and (cue := cue_at(doc[i])) is not None:
            yield doc[i], cue


def cue_at(token: Token) -> Cue | None:
    """The cue that the token heads, by its lemma and particle; None for other words and auxiliaries."""
    if token.dep_ == "prep" and token.tag_ == "VBG":
        return None
    if token.pos_ not in ("VERB", "NOUN", "ADJ", "AUX") or token.dep_ in ("aux", "auxpass", "compound", "amod"):
        return None
    lemma = token.lemma_.casefold()
    words = lexicon()
    if token.pos_ in ("VERB", "AUX"):
        for child in token.children:
            if child.dep_ in ("prt", "acomp", "ccomp") and child.i == token.i + 1:
                phrasal = words.get((f"{lemma} {child.lower_}", "VERB"))
                if phrasal:
                    return phrasal
        return words.get((lemma, "VERB"))
    return words.get((lemma, token.pos_))
