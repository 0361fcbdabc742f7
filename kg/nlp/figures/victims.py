"""People counted by listing them ("two children and a woman were shot" are three), and of those who were hit, who lived
("shot four people, killing one").

A list is read off the words: phrases for people one after the other, each with a number or standing for one person. It is
counted only where every one of them does, and where a measure of people governs the list. The sum is the figure; the
numbers in it are parts.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from itertools import pairwise

from spacy.tokens import Doc, Token

from kg.nlp import lexicon
from kg.nlp.events.lexicon import word_classes
from kg.nlp.figures import measures
from kg.nlp.figures.drafts import Draft
from kg.nlp.numbers import Form, Number
from kg.nlp.reading import Reading, sentence_of
from kg.records import Span
from kg.vocabulary import EntityType, Measure

_DATA: dict[str, list[str]] = tomllib.loads(files("kg").joinpath("data/victims.toml").read_text("utf-8"))
_DETERMINERS, _SEVERAL = frozenset(_DATA["determiners"]), frozenset(_DATA["several"])
_REFLEXIVE, _UNCOUNTED = frozenset(_DATA["reflexive"]), frozenset(_DATA["uncounted"])
PEOPLE = frozenset(
    [
        Measure.KILLED,
        Measure.INJURED,
        Measure.DISPLACED,
        Measure.ABDUCTED,
        Measure.HELD,
        Measure.RELEASED,
        Measure.RETURNED,
    ]
)
_CARE = frozenset(_DATA["care"])
# Words of one phrase for a person: "a 17-year-old high school student".
_LONGEST = 9


@dataclass(frozen=True, slots=True)
class _Member:
    """One phrase of a list: its tokens, the noun that heads it, and how many people it is."""

    start: int
    end: int
    noun: Token
    count: float
    named: bool = False
    bare: bool = False


@cache
def persons() -> frozenset[str]:
    """Nouns for one person."""
    known = {*lexicon.person_nouns(), *word_classes()["person"], *_DATA["persons"]}
    return frozenset(word for word in known if word not in _SEVERAL)


def summed(reading: Reading, drafts: list[Draft]) -> list[Draft]:
    """The drafts with the sums over lists of people, in order of the text."""
    doc = reading.doc
    counted = {d.number.start: d for d in drafts if d.number.value is not None and d.population}
    found: list[Draft] = []
    inner: list[Span] = []
    named = {m.start: m.end for m in reading.entities if m.type is EntityType.PERSON}
    for members in _lists(doc, counted, named):
        start, end = doc[members[0].start].idx, members[-1].noun.idx + len(members[-1].noun)
        if reading.is_noise(start, end):
            continue
        what = _measure(members)
        if what.measure not in PEOPLE:
            continue
        value = int(sum(m.count for m in members))
        if members[0].count * 2 == value and len(members) > 2:
            # "four people, three men and a woman": who they are
            inner.append((doc[members[1].start].idx, end))
            continue
        number = Number(start=start, end=end, form=Form.WORDS, value=value)
        found.append(Draft(number, members[-1].noun, what, "people", "people", summed=True))
    inner += [(f.number.start, f.number.end) for f in found]
    if not inner:
        return drafts
    marked = [replace(d, part=True) if any(_inside(d, span) for span in inner) else d for d in drafts]
    return sorted((*marked, *found), key=lambda d: (d.number.start, -d.number.end))


def _inside(draft: Draft, whole: Span) -> bool:
    return whole[0] <= draft.number.start and draft.number.end <= whole[1]


def _measure(members: list[_Member]) -> measures.Counted:
    """What is counted of the list, by what governs its first phrase or follows its last."""
    last = members[-1].noun
    for one in (members[0].noun, last):
        what = measures.measure(one, last)
        if what.measure is not Measure.OTHER and not what.state:
            return what
    return measures.Counted(Measure.OTHER, None)


def _lists(doc: Doc, counted: dict[int, Draft], named: dict[int, int]) -> Iterator[list[_Member]]:
    """The lists of people in a document: at least two phrases, the last after "and", or bare ones as headlines have
    them ("Teen, two women shot")."""
    at = 0
    while at < len(doc):
        first = _member(doc, at, counted, named)
        if first is None:
            at += 1
            continue
        members, joined, at = [first], False, first.end
        while (step := _separator(doc, at)) is not None:
            following = _member(doc, step[0], counted, named) or _reflexive(doc, step[0])
            if following is None or doc[following.start].is_sent_start:
                if step[1]:  # "two men and officers": the list goes on with somebody uncounted
                    members = []
                break
            members.append(following)
            joined, at = joined or step[1], following.end
            if step[1]:
                break
        # "kills wife, her son, himself": nothing else in English ends an enumeration without "and".
        bare = all(m.bare or doc[m.start].like_num for m in members) or members[-1].noun.lower_ in _REFLEXIVE
        if len(members) > 1 and (joined or bare) and not _describes(members, doc):
            yield members


def _describes(members: list[_Member], doc: Doc) -> bool:
    """ "Lopez, a mother of two, and …": a phrase after a name and a comma may only describe it."""
    return any(one.named and not two.named and doc[one.end].text == "," for one, two in pairwise(members))


def _separator(doc: Doc, at: int) -> tuple[int, bool] | None:
    """Where the next phrase of a list begins, and whether "and" stands before it; an age in commas is skipped."""
    if at + 2 < len(doc) and doc[at].text == "," and doc[at + 1].like_num and doc[at + 2].text in (",", "and"):
        at += 2
    if at + 1 >= len(doc):
        return None
    comma = doc[at].text == ","
    if comma:
        at += 1
    joined = at + 1 < len(doc) and doc[at].lower_ in ("and", "&")
    if joined:
        at += 1
    if at + 1 < len(doc) and doc[at].lower_ == "then" and doc[at + 1].lower_ in _REFLEXIVE:
        at += 1
    return (at, joined) if comma or joined else None


def _reflexive(doc: Doc, at: int) -> _Member | None:
    """The one who did it, last of those it befell: "killed his wife and himself"."""
    ends = at + 1 == len(doc) or doc[at + 1].pos_ not in ("NOUN", "PROPN")
    return _Member(at, at + 1, doc[at], 1, bare=True) if doc[at].lower_ in _REFLEXIVE and ends else None


def _member(doc: Doc, at: int, counted: dict[int, Draft], named: dict[int, int]) -> _Member | None:
    """The phrase for people that begins at a token; `named` are the offsets of the names of persons."""
    token = doc[at]
    draft = counted.get(token.idx)
    start = at
    if token.lower_ in ("his", "her", "their") and at + 1 < len(doc):
        draft = draft or counted.get(doc[at + 1].idx)
        start = at + 1 if draft else at
    if draft is not None:
        noun = _plural(doc, start, draft)
        return _Member(at, noun.i + 1, noun, float(draft.number.value or 0)) if noun is not None else None
    if token.idx in named:
        end = at + 1
        while end < len(doc) and doc[end].idx < named[token.idx]:
            end += 1
        owns = end < len(doc) and doc[end].tag_ == "POS"
        return None if owns else _Member(at, end, doc[end - 1], 1, named=True)
    first = at
    bare = token.lower_ not in _DETERMINERS
    if bare and not (token.pos_ in ("NOUN", "PROPN") and _is_person(token)):
        return None
    if not bare:
        first = at + 1
    for i in range(first, min(first + _LONGEST, len(doc))):
        word = doc[i]
        if (word.is_sent_start and i > at) or word.lower_ in _UNCOUNTED:
            return None
        if word.pos_ in ("NOUN", "PROPN") and word.tag_ in ("NN", "NNP") and _is_person(word):
            further = doc[i + 1] if i + 1 < len(doc) else None
            if further is not None and (further.tag_ == "POS" or _goes_on(word, further)):
                continue
            return _Member(at, i + 1, word, 1, bare=bare)
        if not (word.pos_ in ("ADJ", "NUM", "NOUN", "PROPN", "PUNCT") and word.text not in (",", ".", ";", ":")):
            return None
    return None


def _goes_on(word: Token, further: Token) -> bool:
    return further.pos_ in ("NOUN", "PROPN") and (word.head == further or further.tag_ in ("NNS", "NNPS"))


def _plural(doc: Doc, at: int, draft: Draft) -> Token | None:
    """The noun for people that a number counts."""
    tags = ("NN", "NNP") if draft.number.value == 1 else ("NNS", "NNPS")
    for i in range(draft.token.i + 1, min(draft.token.i + 6, len(doc))):
        word = doc[i]
        if word.is_sent_start or word.pos_ in ("VERB", "AUX") or (word.is_punct and word.text != "-"):
            return None
        if word.tag_ in tags and word.dep_ not in ("compound", "npadvmod"):
            return word if _is_person(word) else None
    return None


def _is_person(token: Token) -> bool:
    return token.lemma_.casefold() in persons()


def survivors(drafts: list[Draft]) -> list[Draft]:
    """Of those who were hit, the ones who lived, where the same sentence says how many of them died: "shot four people,
    killing one", "five people were shot, one fatally"."""
    found: list[Draft] = []
    for first, second in pairwise(drafts):
        hit, dead = (second, first) if _died_of(first, second) else (first, second)
        if hit is first and not (
            was_hit(hit) and dead.what.measure is Measure.KILLED and sentence_of(hit.token) == sentence_of(dead.token)
        ):
            continue
        all_hit, died = hit.number.value, dead.number.value
        if all_hit is None or died is None or not 0 < died < all_hit or not (hit is second or _is_part(hit, dead)):
            continue
        number = Number(start=first.number.start, end=second.number.end, form=Form.WORDS, value=int(all_hit - died))
        found.append(Draft(number, hit.token, hit.what, hit.unit, hit.population, summed=True))
    return found


def with_dead(drafts: list[Draft]) -> list[Draft]:
    """The counts of hurt people of whom the words right before say that some died: "one of four women wounded died"."""
    return [hit for some, hit in pairwise(drafts) if _died_of(some, hit)]


def _died_of(some: Draft, hit: Draft) -> bool:
    killed = some.part and some.what.measure is Measure.KILLED and hit.what.measure is Measure.INJURED
    return killed and some.token.i + 1 < len(some.token.doc) and some.token.nbor(1).lower_ in ("of", "out")


def _is_part(hit: Draft, dead: Draft) -> bool:
    """Whether those who died are told as some of those who were hit: no people of their own, and no clause that says
    otherwise."""
    doc, at = dead.token.doc, dead.token.i
    after = doc[at + 1 : at + 3].text.casefold()
    if after.startswith(("fatally", "of them", "of whom")) or doc[at - 1 : at].text.casefold() == "including":
        return True
    own = dead.population is not None and dead.population != hit.population
    return not own and dead.what.trigger is not None and dead.what.trigger.i < dead.token.i


def lived(hit: Draft, drafts: list[Draft]) -> bool:
    """Whether those who were hit are others than the dead, and nothing in the sentence says that some of them died."""
    doc, at = hit.token.doc, hit.token.i + 1
    if doc[at : at + 1].text.casefold() not in ("other", "others", "more"):
        return False
    after = [d for d in drafts if d.what.measure is Measure.KILLED and d.token.i > hit.token.i]
    return not any(sentence_of(d.token) == sentence_of(hit.token) for d in after)


def is_patient(draft: Draft) -> bool:
    """Whether what is said of them is that they are in care, not that they were hurt."""
    trigger = draft.what.trigger
    return trigger is not None and trigger.lemma_.casefold() in _CARE


def was_hit(draft: Draft) -> bool:
    """Whether those counted may or may not have lived."""
    trigger = draft.what.trigger
    return draft.what.measure is Measure.INJURED and trigger is not None and trigger.lemma_.casefold() in measures.HIT
