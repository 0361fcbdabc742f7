"""What a layer sees: the article, its layout, the parsed document, and the layers before it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from spacy.tokens import Doc, Token
from spacy.tokens import Span as Words

from kg.records import (
    Article,
    Coreference,
    EntityLink,
    Event,
    Figure,
    Mention,
    Page,
    Position,
    Quote,
    Span,
    Timex,
)
from kg.vocabulary import Factuality


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One article on its way through the layers. A layer is a function `find(reading)` that returns its records;
    the pipeline hands them on with `dataclasses.replace`. Layers run in the order of the fields."""

    article: Article
    page: Page
    doc: Doc
    timex: tuple[Timex, ...] = ()
    entities: tuple[Mention, ...] = ()  # none overlapping
    inner: tuple[Mention, ...] = ()  # places inside the names of organisations: in the record, not for the layers
    links: tuple[EntityLink, ...] = ()
    coreference: tuple[Coreference, ...] = ()
    positions: tuple[Position, ...] = ()
    quotes: tuple[Quote, ...] = ()
    events: tuple[Event, ...] = ()
    figures: tuple[Figure, ...] = ()
    # What `entity_at` looks in, made at its first call: a mention, and the last end of it and all before.
    _known: list[tuple[Mention | Coreference, int]] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def said(self) -> tuple[Quote, ...]:
        """The statements that the article says were made."""
        return tuple(q for q in self.quotes if q.factuality is Factuality.ASSERTED)

    def is_noise(self, start: int, end: int) -> bool:
        """Whether the span touches page furniture."""
        if not self.page.noise:
            return False
        i = bisect_right(self.page.noise, (start, end)) - 1
        return any(a < end and start < b for a, b in self.page.noise[max(i, 0) : i + 2])

    def sentence(self, start: int) -> Words:
        """The sentence that holds the character at `start`."""
        token = self.doc.char_span(start, start + 1, alignment_mode="expand")
        assert token is not None
        # A blank between two tokens belongs to none: the span is empty and stands before the second.
        return sentence_of(self.doc[min(token.start, len(self.doc) - 1)])

    def evidence(self, start: int) -> Span:
        """The characters of the sentence at `start`, without the white space around it."""
        return trim(self.article.text, self.sentence(start).start_char, self.sentence(start).end_char)

    def entity_at(self, start: int, end: int) -> str | None:
        """The entity that the words stand for: a name, pronoun or description overlapping the span, the longest first."""
        if not self._known:
            self._known.extend(_index((*self.entities, *self.coreference)))
        over = []
        i = bisect_left(self._known, end, key=lambda k: k[0].start) - 1
        while i >= 0 and self._known[i][1] > start:
            if start < self._known[i][0].end:
                over.append(self._known[i][0])
            i -= 1
        best = max(reversed(over), key=lambda m: (min(m.end, end) - max(m.start, start), -m.start), default=None)
        return best.id if best else None


def _index(known: Iterable[Mention | Coreference]) -> Iterable[tuple[Mention | Coreference, int]]:
    last = 0
    for mention in sorted(known, key=lambda m: m.start):
        last = max(last, mention.end)
        yield mention, last


def sentence_of(token: Token) -> Words:
    """The token's sentence. spaCy's own `Token.sent` goes through the whole document at each call."""
    starts, sentences = _sentences(token.doc)
    return sentences[bisect_right(starts, token.i) - 1]


@lru_cache(maxsize=2)
def _sentences(doc: Doc) -> tuple[list[int], list[Words]]:
    """The first token of each sentence, and the sentences; kept, since every layer asks for them time and again."""
    starts = [token.i for token in doc if token.is_sent_start or token.i == 0]
    return starts, [doc[start:end] for start, end in pairwise((*starts, len(doc)))]


def trim(text: str, start: int, end: int) -> Span:
    """The span without white space at its ends."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
