"""Of what a figure is the count: all up to its date, one happening, or a part of another count.

Only a total says something about an earlier total; the counts of two strikes say nothing about each other, and "18 of
them" nothing about any other number.
"""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

from spacy.tokens import Token

from kg.nlp import timex
from kg.nlp.figures.measures import Counted
from kg.nlp.numbers import Number
from kg.nlp.reading import Reading, sentence_of
from kg.nlp.timex.attach import rank
from kg.records import Event
from kg.vocabulary import EventType, Measure, Role, Scope

_DATA = tomllib.loads(files("kg").joinpath("data/scope.toml").read_text("utf-8"))


def _any(key: str) -> str:
    return "|".join(re.escape(words).replace(r"\ ", r"\s+") for words in sorted(_DATA[key], key=lambda w: (-len(w), w)))


_LASTING, _DISASTER, TOLL = (frozenset(_DATA[key]) for key in ("lasting", "disaster", "toll"))
# Words for an illness that spreads.
DISEASE = frozenset(_DATA["causes"]["disease"])
# Verbs whose time is that of the counting, not of what is counted: "spoke last month of 56 deaths".
COUNTING = frozenset(_DATA["counting"])
_TOTAL = re.compile(rf"\b(?:{_any('total')})\b", re.I)
_PART_BEFORE = re.compile(rf"\b(?:{_any('part_before')})\s+$", re.I)
_PART_AFTER = re.compile(rf"\s+(?:{_any('part_after')})\b", re.I)
_REGION = re.compile(rf"\b(?:{_any('region')})\s+(?:the\s+)?$", re.I)
# Of the injured, those beside the dead.
_BESIDE_THE_DEAD = ("other", "others", "more")
_HAVE = frozenset(["has", "have", "'ve", "’ve", "'s", "’s"])
# Sentences that tell what a story is about: the dateline may be taken for one, a caption for another.
_LEAD = 3
# The longest phrase before a number or a place, with room to spare.
_LOOK_BACK = 30
# Happenings that are over when they are counted. What two sides fight for months is a series of them, or a lasting one.
_BRIEF = (
    EventType.ATTACK,
    EventType.ACCIDENT,
    EventType.ARREST,
    EventType.ABDUCTION,
    EventType.RELEASE,
    EventType.PROTEST,
)


def scope(
    reading: Reading, number: Number, token: Token, what: Counted, since: str | None, happening: Event | None
) -> Scope | None:
    """The scope of the figure; None where the words leave it open. `token` is the number's last word."""
    text = reading.article.text
    more = _PART_AFTER.match(text, number.end)
    others = more is not None and what.measure is Measure.INJURED and more[0].split()[0] in _BESIDE_THE_DEAD
    if _PART_BEFORE.search(text, max(0, number.start - _LOOK_BACK), number.start) or (more and not others):
        return Scope.PART  # but "killed 16 and injured 30 others": others than the dead, and all of them
    among = what.trigger.head if what.trigger is not None and what.trigger.dep_ == "pobj" else None
    if among is not None and among.lower_ == "among" and token.i < among.i:
        return Scope.PART  # "two children are among the dead"
    word = what.trigger if what.trigger is not None and sentence_of(what.trigger) == sentence_of(token) else token
    clause = _clause(word)
    if any(c.tag_ == "MD" for c in (*word.children, *clause.children)):
        return None  # "could exceed 20,000" is nobody's count
    if _is_total(reading, token, word, what, since):
        return Scope.TOTAL
    counted = clause != word and clause.lemma_.casefold() in COUNTING
    if not counted and (any(_is_dated(reading, w) for w in (word, *word.conjuncts)) or _is_brief(happening)):
        return Scope.ONE_OFF
    if what.measure in (Measure.KILLED, Measure.INJURED, Measure.DISPLACED) and _tells_of_disaster(reading):
        return Scope.TOTAL
    return None


def _is_total(reading: Reading, number: Token, word: Token, what: Counted, since: str | None) -> bool:
    """Whether the words themselves say that all are counted."""
    sentence = sentence_of(number)
    clause = _clause(word)
    stock = what.measure is Measure.HELD and what.state
    if since or stock or _TOTAL.search(sentence.text) or _has_toll(word, clause):
        return True
    if any(_leads(noun, word, clause) for noun in sentence if _is_lasting(noun, _LASTING | _DISASTER)):
        return True
    # Not the past perfect, which reported speech makes of any past.
    perfect = any(c.dep_ == "aux" and c.lower_ in _HAVE for c in (*word.children, *clause.children))
    return perfect and not _is_dated(reading, word)


def _has_toll(word: Token, clause: Token) -> bool:
    """ "the death toll rose to 40": the count itself is the subject or the word that names it."""
    subjects = [c for c in clause.children if c.dep_ in ("nsubj", "nsubjpass")]
    named = [t for s in subjects for t in (s, *s.children)]
    whole = (word.head,) if word.dep_ == "compound" else ()
    return any(
        t.lemma_.casefold() in TOLL for t in (word, *whole, *word.children, *named) if t.pos_ in ("NOUN", "PROPN")
    )


def _is_lasting(noun: Token, lexicon: frozenset[str]) -> bool:
    return noun.pos_ in ("NOUN", "PROPN") and (noun.lemma_.casefold() in lexicon or noun.lower_ in lexicon)


def _leads(noun: Token, word: Token, clause: Token) -> bool:
    """Whether the lasting happening is what the count is of: the subject of its clause (or of the clause that the
    participle belongs to), the noun of its relative clause, or inside its phrase ("dead in the war")."""
    verb = clause.head if clause.dep_ in ("advcl", "conj", "xcomp") else clause
    if noun.dep_ in ("nsubj", "nsubjpass") and noun.head in (clause, verb):
        return True
    if noun in clause.ancestors and clause.dep_ in ("relcl", "acl"):
        return True
    return word.is_ancestor(noun) and rank(word, noun) == 0


def _clause(word: Token) -> Token:
    """The verb that the word depends on, or the word itself where it is one."""
    while word.pos_ not in ("VERB", "AUX") and word.head != word:
        word = word.head
    return word


def _is_dated(reading: Reading, word: Token) -> bool:
    """Whether the clause of the count has a day of its own: "on Monday 40 were arrested"."""
    chosen = timex.when(reading, word.idx, word.idx + len(word))
    span = reading.doc.char_span(chosen.start, chosen.end, alignment_mode="expand") if chosen else None
    return span is not None and rank(word, span.root) <= 1 and not in_phrase(span.root, word)


def in_phrase(time: Token, word: Token) -> bool:
    """Whether a time only tells which thing is meant ("the quakes of 6 February"), so that it dates no count."""
    for above in time.ancestors:
        if above == word or above.pos_ in ("VERB", "AUX"):
            return False
        if above.pos_ in ("NOUN", "PROPN") and above.ent_type_ not in ("DATE", "TIME"):
            return True
    return False


def _is_brief(happening: Event | None) -> bool:
    """Whether what is counted is one happening: of a kind that is soon over, or done by somebody."""
    if happening is None:
        return False
    return happening.type in _BRIEF or any(a.role is Role.AGENT and a.id for a in happening.args)


def _tells_of_disaster(reading: Reading) -> bool:
    """Whether the headline or the first sentences of the story name a disaster."""
    title, seen = reading.page.title_span, 0
    for sentence in reading.doc.sents:
        if reading.is_noise(sentence.start_char, sentence.end_char):
            continue
        if any(_is_lasting(t, _DISASTER) for t in sentence):
            return True
        seen += not (title and sentence.start_char < title[1])
        if seen == _LEAD:
            return False
    return False


def is_narrowed(reading: Reading, place: str, token: Token) -> bool:
    """Whether the number's sentence names only a part of the place: "northwest Syria"."""
    sentence, text = sentence_of(token), reading.article.text
    named = [m for m in reading.entities if m.id == place and sentence.start_char <= m.start < sentence.end_char]
    return any(
        _REGION.search(text, max(sentence.start_char, m.start - _LOOK_BACK), m.start)
        or _REGION.match(text[m.start : m.end].partition(" ")[0] + " ")
        for m in named
    )
