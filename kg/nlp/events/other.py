"""Happenings of a kind that the lexicon has no type for: the main verbs and plain event nouns of headline and lead.

Headline and lead tell the story in brief (the inverted pyramid of news writing), so their verbs carry the main event even
where no class of ours fits it ("The club won the cup"). Further down such verbs are mostly background and comment, but for
those of the class `notable`. Verbs of saying are statements as happenings; where a quotation carries one, the graph has the
quotation alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from spacy.tokens import Span as Words
from spacy.tokens import Token

from kg.nlp.events import grammar
from kg.nlp.events.carriers import carrier
from kg.nlp.events.lexicon import entries, word_classes
from kg.nlp.events.triggers import Names, Trigger, lemma
from kg.nlp.reading import Reading, sentence_of
from kg.vocabulary import EventType

# Sentences of the news text, after the title, whose untyped happenings are told. Measured with 0 to 6 and all: each
# sentence more finds more of what annotators mark as any event and less of what they mark as a typed one; after five,
# next to nothing is gained.
LEAD = 5
# A line with fewer words is a by-line, a kicker or a credit.
SHORTEST = 5
# The word is sure to be a verb or event noun, but nothing says of which kind.
VERB = 0.5
NOUN = 0.4
CLAUSES = frozenset({"ROOT", "conj", "ccomp", "xcomp", "advcl", "relcl", "acl", "pcomp", "parataxis", "csubj", "dep"})


def find(reading: Reading, names: Names, known: Iterable[Trigger]) -> list[Trigger]:
    """The untyped triggers of headline and lead, in order of the text; `known` are those that have a type."""
    taken = {t.token.i for t in known}
    carriers = {
        held[0].i for t in known if (held := carrier(t.token)) is not None and t.token.pos_ in {"NOUN", "PROPN"}
    }
    found = []
    for token in _candidates(reading):
        if token.i in taken or token.i in names.kind or reading.is_noise(token.idx, token.idx + len(token)):
            continue
        if _is_verb(token) and token.i not in carriers:
            if lemma(token) in word_classes()["saying"]:
                found.append(Trigger(token, EventType.STATEMENT, "act", VERB))
                continue
            frame = "transitive" if grammar.is_passive(token) or grammar.patients(token) else "parties"
            found.append(Trigger(token, EventType.OTHER, frame, VERB))
        elif _is_noun(token):
            found.append(Trigger(token, EventType.OTHER, "parties", NOUN))
            held = carrier(token)
            if held is not None:
                carriers.add(held[0].i)
    return [t for t in found if t.token.i not in carriers]


def _candidates(reading: Reading) -> Iterator[Token]:
    """The words of headline and lead, and of the rest those that tell of no background wherever they stand ("a rescue")."""
    end = 0
    for sentence in reach(reading, LEAD):
        yield from sentence
        end = sentence.end
    notable = word_classes()["notable"]
    yield from (t for t in reading.doc[end:] if t.pos_ in {"VERB", "NOUN"} and lemma(t) in notable)


def reach(reading: Reading, count: int) -> Iterator[Words]:
    """The sentences of the headline, and the first `count` of the news text."""
    page, left = reading.page, count
    title = page.title_span or (0, 0)
    start = 0
    while start < len(reading.doc) and left:
        words = sentence_of(reading.doc[start])
        start = words.end
        if title[0] <= words.start_char < title[1]:
            yield words
        elif (
            words.start_char >= title[1]
            and not reading.is_noise(words.start_char, words.end_char)
            and sum(w.is_alpha for w in words) >= SHORTEST
        ):
            left -= 1
            yield words


def _is_verb(token: Token) -> bool:
    if token.pos_ != "VERB" or token.dep_ not in CLAUSES or not token.text[0].isalpha():
        return False
    classes, word = word_classes(), lemma(token)
    if word in classes["stative"]:
        return False
    # "plans to sell", "began selling": the other verb tells what happens. "Decided to sell", "confirmed that": both do.
    return not (
        word in classes["shell"] and any(grammar.is_verbal(t) for t in grammar.children(token, "xcomp", "ccomp"))
    )


def _is_noun(token: Token) -> bool:
    word = lemma(token)
    return (
        token.pos_ == "NOUN"
        and word in word_classes()["happening"]
        and not (token.dep_ in {"compound", "nmod"} and token.i < token.head.i)
        and not _is_mostly_typed(word)
    )


@cache
def _is_mostly_typed(noun: str) -> bool:
    """Whether the noun has a type without a particular word beside it: where it has none, it is meant in another sense ("a raw
    deal")."""
    return any(all(t.negated or not t.words for t in entry.guard) for entry in entries().get(("n", noun), ()))
