"""What pronouns and descriptions are resolved against: the article's named entities with their place in the parse."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from spacy.tokens import Doc, Token
from spacy.tokens import Span as Words

from kg.nlp import lexicon
from kg.nlp.reading import Reading, sentence_of
from kg.records import Mention
from kg.vocabulary import EntityType

SUBJECT = frozenset(["nsubj", "nsubjpass"])
TITLED = {
    "Mr": "m",
    "Sir": "m",
    "Lord": "m",
    "King": "m",
    "Prince": "m",
    "Sheikh": "m",
    "Pope": "m",
    "Father": "m",
    "Mrs": "f",
    "Ms": "f",
    "Miss": "f",
    "Lady": "f",
    "Queen": "f",
    "Princess": "f",
    "Dame": "f",
    "Madam": "f",
    "Sister": "f",
}
# Sentences an expression reaches back over, besides its own.
REACH = 2
# How sure a resolution is: the only candidate in reach; the subject of the clause; a subject among others; a role
# that the article gave; the subject of the sentence before; the only body or country in reach.
ALONE, SAME_CLAUSE, SUBJECT_FIRST, DESCRIBED, BEFORE, NEAREST = 0.9, 0.85, 0.8, 0.85, 0.75, 0.75


@dataclass(frozen=True, slots=True)
class Named:
    """A mention with its last token, which carries its place in the sentence."""

    mention: Mention
    head: Token
    first: Token

    def fits(self, type_: EntityType) -> bool:
        """Whether the entity is of the type."""
        return self.mention.type == type_


@dataclass(frozen=True, slots=True)
class Scene:
    """An article as this layer sees it. `by_token` has every token of a name; `index` the sentence by its first token."""

    reading: Reading
    doc: Doc
    names: list[Named]
    by_token: dict[int, Named]
    sentences: list[Words]
    index: dict[int, int]
    quotes: list[tuple[int, int]]

    @staticmethod
    def of(reading: Reading) -> Scene:
        """The scene of an article."""
        doc, names = reading.doc, list(_named(reading))
        by_token = {t.i: n for n in names for t in doc[n.first.i : n.head.i + 1]} | {n.head.i: n for n in names}
        sentences = list(doc.sents)
        index = {s.start: k for k, s in enumerate(sentences)}
        return Scene(reading, doc, names, by_token, sentences, index, _quoted(doc.text))

    def silent(self, token: Token) -> bool:
        """Whether the token is in a direct quotation or in page furniture: its words are not the article's."""
        return _within(self.quotes, token.idx) or self.reading.is_noise(token.idx, token.idx + 1)

    def reach(self, token: Token) -> int:
        """The first token that an expression at `token` may point back to."""
        return self.sentences[max(self.index[sentence_of(token).start] - REACH, 0)].start

    def before(self, token: Token) -> Words | None:
        """The sentence before the token's, if no heading or paragraph furniture stands between."""
        here = self.index[sentence_of(token).start]
        return self.sentences[here - 1] if here else None


def subjects(verb: Token) -> list[Token]:
    """The verb's own subjects, in order."""
    return [c for c in verb.children if c.dep_ in SUBJECT]


def clauses(token: Token) -> Iterator[tuple[Token, list[Token]]]:
    """The verbs above a token, each with its subjects, up to three that have one. A verb without shares that of the
    next, or has its object for a subject: `the court told Acme to close its shop`."""
    count = 0
    below: Token | None = None
    for above in token.ancestors:
        if above.pos_ in ("VERB", "AUX"):
            own = subjects(above)
            if below is not None and below.dep_ == "xcomp":
                own = [c for c in above.children if c.dep_ == "dobj" and c.i < below.i] or own
            yield above, own
            count += bool(own)
            below = None if own else above
            if count == 3:
                return


def main_subject(sentence: Words) -> Token | None:
    """The subject of the sentence's main verb."""
    found = subjects(sentence.root)
    return found[0] if found else None


def genders(scene: Scene) -> dict[str, str]:
    """The gender that a title or the given name gives away, by entity."""
    found: dict[str, str] = {}
    people = [n for n in scene.names if n.fits(EntityType.PERSON)]
    for name in people:
        if name.first.i:
            title = scene.doc[name.first.i - 1].text.rstrip(".")
            gender = TITLED.get(title) or lexicon.person_nouns().get(title.casefold(), "")
            if gender:
                found.setdefault(name.mention.id, gender)
    for name in people:
        if known := _given_genders().get(name.mention.name.split()[0]):
            found.setdefault(name.mention.id, known)
    return found


def is_person(token: Token, want: str) -> bool:
    """Whether a common noun may be the person meant: one, not several."""
    noun = token.lemma_.casefold()
    return (
        token.pos_ != "PROPN"
        and token.tag_ != "NNS"
        and noun in lexicon.person_nouns()
        and lexicon.person_nouns()[noun] in ("", want)
    )


def _named(reading: Reading) -> Iterator[Named]:
    for mention in reading.entities:
        words = reading.doc.char_span(mention.start, mention.end, alignment_mode="expand")
        if words is not None:
            yield Named(mention, words.root, words[0])


def _quoted(text: str) -> list[tuple[int, int]]:
    """Spans between quotation marks that close within the paragraph."""
    return [
        m.span()
        for m in re.finditer(
            r"“[^”\n]*(?:”|\n|$)|\"[^\"\n]*\"|‘[^’\n]{20,}’(?!\w)|'(?<!\w')(?!s\b)(?:[^'\n]|(?<=\w)'(?=\w)){12,}'(?!\w)",
            text,
        )
    ]


def _within(spans: list[tuple[int, int]], offset: int) -> bool:
    """Whether the offset lies in one of the sorted spans."""
    i = bisect_right(spans, (offset, len(spans) + 10**9)) - 1
    return i >= 0 and spans[i][0] <= offset < spans[i][1]


@cache
def _given_genders() -> dict[str, str]:
    """Given names that nearly always mean a man (`m`) or a woman (`f`)."""
    return {r["name"]: r["gender"] for r in lexicon.rows("given_gender")}
