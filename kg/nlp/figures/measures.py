"""What a figure counts: the measure, and the word that says so, from the parse around what is counted."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files

from spacy.tokens import Token

from kg.nlp.numbers import PLURALS
from kg.nlp.reading import sentence_of
from kg.vocabulary import Measure

_DATA: dict[str, dict[str, list[str]]] = tomllib.loads(files("kg").joinpath("data/measures.toml").read_text("utf-8"))


def _by(key: str) -> dict[str, Measure]:
    return {word: Measure(name) for name, words in _DATA.items() for word in words.get(key, [])}


def _with(key: str) -> dict[str, tuple[tuple[frozenset[str], Measure], ...]]:
    """Rows "verb: noun, noun" by verb."""
    found: dict[str, tuple[tuple[frozenset[str], Measure], ...]] = {}
    for name, words in _DATA.items():
        for row in words.get(key, []):
            verb, _, nouns = row.partition(":")
            row_of = (frozenset(nouns.replace(",", " ").split()), Measure(name))
            found[verb] = (*found.get(verb, ()), row_of)
    return found


# Verbs of which the object may or may not have died.
HIT = frozenset(_DATA["injured"]["hit"])
# Nouns that count cases, not people: "44 homicides this year" are no 44 people of one story.
CASES = frozenset(_DATA["killed"]["case"])
OBJECT, SUBJECT, NOUN, THING, AFTER, TOLL = (_by(k) for k in ("object", "subject", "noun", "thing", "after", "toll"))
_AMONG = _by("among")
# Verbs that take their measure from a noun under them, by whether their object or their subject is counted.
_OBJECT_WITH, _SUBJECT_WITH = _with("object_with"), _with("subject_with")
# Nouns for the wounding of somebody who may have died of it.
_HIT_NOUNS = frozenset(_DATA["injured"]["hit_noun"])
_FATAL = frozenset(["fatal", "deadly"])
_CONDITIONS = frozenset(_DATA["injured"]["condition"])
_PASSIVE_SUBJECT = ("nsubjpass", "nsubj:pass")
_AS_COMPARATOR = ("around", "about", "over", "above", "under", "below", "near", "to")
# Words that bound a number, and the endings of verbs with what they stand for.
_BOUNDING = frozenset(
    ["at", "least", "about", "around", "some", "nearly", "almost", "over", "more", "than", "up", "to"]
)
_ENDINGS = (("s", ""), ("ed", ""), ("d", ""), ("ing", ""), ("ing", "e"))
# Verbs that give a quantity's size: "the toll rose to", "stands at", "reached".
_SIZE_VERBS = frozenset(
    [
        "rise",
        "climb",
        "reach",
        "top",
        "surpass",
        "exceed",
        "stand",
        "hit",
        "pass",
        "cross",
        "be",
        "increase",
        "jump",
        "fall",
        "grow",
    ]
)


# Nouns for some of what they have after "of": "a total of 50 miners died".
_GROUPS = frozenset(["total", "number", "group", "pair", "handful", "crowd", "party"])
# Verbs that state a size with "at": "put the toll at 20".
_STATING = frozenset(["put", "place", "set", "estimate"])
# Nouns for how many there are.
_AMOUNTS = frozenset(["number", "count", "figure", "total", "tally"])


@dataclass(frozen=True, slots=True)
class Counted:
    """A measure and the word that gives it; `state` where a noun alone says it ("the 12 inmates"), not a happening."""

    measure: Measure
    trigger: Token | None
    state: bool = False


def measure(counted: Token, last: Token) -> Counted:
    """The measure of `counted` (the counted noun, or the number where it has none); `last` is the phrase's end."""
    if counted.pos_ == "NOUN" and counted.lemma_.casefold() in NOUN and (named := _noun(counted, last)):
        return named
    for find in (_of_the, _following, _own_clause, _noun, _governing, _size):
        if found := find(counted, last):
            return found
    if (thing := THING.get(counted.lemma_.casefold())) is not None:
        return Counted(thing, counted, state=True)
    return Counted(Measure.OTHER, None)


def own(counted: Token, last: Token) -> Counted:
    """The measure that the phrase of `counted` itself gives, whatever is said of it: "the five people shot"."""
    following = last.nbor(1).lower_ if last.i + 1 < len(last.doc) else ""
    found = _following(counted, last) if following not in ("were", "was") else None
    return found or _own_clause(counted, last) or Counted(Measure.OTHER, None)


def governed(counted: Token) -> Counted:
    """The measure that the verb over `counted` gives, whatever its own phrase says."""
    return _governing(counted, counted) or Counted(Measure.OTHER, None)


def led(first: Token) -> Counted:
    """The measure that the word before a number gives where it is a form of such a verb, whatever the tagger took it for:
    headlines ("Blast in Acme Kills Six") mislead it."""
    at = first.i - 1
    while at > 0 and first.doc[at].lower_ in _BOUNDING:
        at -= 1
    word = first.doc[at]
    if at < 0 or sentence_of(word) != sentence_of(first):
        return Counted(Measure.OTHER, None)
    for ending, instead in _ENDINGS:
        found = OBJECT.get(word.lower_.removesuffix(ending) + instead) if word.lower_.endswith(ending) else None
        if found in (Measure.KILLED, Measure.INJURED):
            return Counted(found, word)
    return Counted(Measure.OTHER, None)


def _of_the(_: Token, last: Token) -> Counted | None:
    """ "five of the dead", "fifteen of those deaths"."""
    doc, at = last.doc, last.i + 1
    if at + 2 >= len(doc) or doc[at].lower_ != "of" or doc[at + 1].lower_ not in ("the", "those", "these"):
        return None
    noun = doc[at + 2]
    if noun.lemma_.casefold() == "victim":
        return None  # of a shooting, say: hurt or dead
    found = _AMONG.get(noun.lower_) or _AMONG.get(noun.lemma_.casefold()) or NOUN.get(noun.lemma_.casefold())
    return Counted(found, noun) if found in (Measure.KILLED, Measure.INJURED) else None


def _following(counted: Token, last: Token) -> Counted | None:
    """ "20 dead", "more than 100 injured": an adjective or participle right after, not a verb with its own object."""
    doc = counted.doc
    at = last.i + 1
    if doc[at : at + 2].text.casefold() in ("of them", "of whom"):
        at += 2
    while at < len(doc) and (
        doc[at].lower_ in ("others", "more", "people", "were", "was", "left", "reported", "confirmed")
    ):
        at += 1
    if at >= len(doc) or any(t.is_sent_start for t in doc[last.i + 1 : at + 1]):
        return None
    word = doc[at]
    found = AFTER.get(word.lower_)
    if found is None or any(c.dep_ in ("dobj", "nsubj") and c.i > word.i for c in word.children):
        return None
    if found is Measure.INJURED and _is_fatal(word):
        found = Measure.KILLED
    return Counted(found, word)


def _is_fatal(word: Token) -> bool:
    """Whether a verb of harm says that its object died: "shot dead", "shot and killed", "fatally stabbed"."""
    doc, at = word.doc, word.i
    after = [doc[i].lower_ for i in range(at + 1, min(at + 4, len(doc)))]
    if after[:1] in (["dead"], ["fatally"]) or after[:2] in (["and", "killed"], ["to", "death"]):
        return True
    if at and doc[at - 1].lower_ == "fatally":
        return True
    if any(c.lower_ == "dead" and c.nbor(-1).pos_ != "NUM" for c in word.children if c.i > at):
        return True
    return any(c.lower_ == "to" and c.nbor().lower_ == "death" for c in word.children)


def _own_clause(counted: Token, _: Token) -> Counted | None:
    """ "people killed in the raid", "hostages held since May", "Muslims participating in prayers"."""
    for child in counted.children:
        if child.dep_ in ("acl", "relcl", "amod") and child.i > counted.i:
            if any(t.lower_ == "including" for t in counted.doc[counted.i + 1 : child.i]):
                continue  # "two, including the woman killed"
            active = any(c.dep_ == "nsubj" and c.tag_ in ("WP", "WDT") for c in child.children) and _bare(child)
            if active and any(c.dep_ == "dobj" for v in (child, *child.conjuncts) for c in v.children):
                continue  # "one of the people who shot and killed him"
            if child.tag_ == "VBN" and (found := OBJECT.get(child.lemma_.casefold())) is not None:
                return Counted(Measure.KILLED if found is Measure.INJURED and _is_fatal(child) else found, child)
            subject = any(c.dep_ in ("nsubj", "nsubjpass") and c.tag_ in ("WP", "WDT") for c in child.children)
            if child.dep_ == "relcl" and subject and (hit := _verb(child, "nsubj", counted)):
                return hit
            if child.tag_ == "VBG" and (found := SUBJECT.get(child.lemma_.casefold())) is not None:
                return Counted(found, child)
    return None


def _noun(counted: Token, _: Token) -> Counted | None:
    """ "20 deaths", "the death of 20 people", "the release of 20 hostages"."""
    lemma = counted.lemma_.casefold()
    if lemma in NOUN and lemma not in CASES and counted.pos_ == "NOUN":
        return Counted(NOUN[lemma], counted)
    head = _lead(counted)
    if head.dep_ == "pobj" and head.head.lower_ == "of" and head.head.head.lower_ in PLURALS:
        head = head.head.head  # "the release of hundreds of prisoners"
    if head.dep_ == "pobj" and head.head.lower_ in ("of", "for") and head.head.head.pos_ in ("NOUN", "PROPN"):
        noun = head.head.head
        if (found := NOUN.get(noun.lemma_.casefold())) is not None:
            return Counted(found, noun)
        if noun.lemma_.casefold() in _HIT_NOUNS:
            fatal = any(c.lower_ in _FATAL for c in noun.children)
            return Counted(Measure.KILLED if fatal else Measure.INJURED, noun)
    return None


def _lead(token: Token) -> Token:
    """The first of coordinated words: what governs it governs all."""
    while (
        token.dep_ in ("conj", "appos") and token.head != token and token.head.pos_ in ("NOUN", "PROPN", "NUM", "PRON")
    ):
        token = token.head
    return token


def _governing(counted: Token, _: Token) -> Counted | None:
    """The verb that has what is counted as its subject or object."""
    head = _lead(counted)
    verb = head.head
    if head.dep_ == "pobj" and verb.lower_ in _AS_COMPARATOR:
        # "kidnapping around 240": the preposition only bounds the number.
        outer = verb.head
        if outer.pos_ in ("NOUN", "PROPN") and (found := NOUN.get(outer.lemma_.casefold())) is not None:
            return Counted(found, outer)
        if outer.pos_ in ("VERB", "AUX"):
            return _verb(outer, "dobj", counted)
    if head.dep_ in ("nmod", "nummod", "quantmod", "pobj") and verb.pos_ in ("ADP", "NUM") and verb.head != verb:
        # "tens of thousands of people were …": the phrase hangs on its own number.
        outer = verb if verb.pos_ == "NUM" else verb.head
        if outer.pos_ == "NUM" or outer.lower_ in PLURALS or outer.lemma_.casefold() in _GROUPS:
            head = _lead(outer)
            verb = head.head
    if verb.pos_ not in ("VERB", "AUX"):
        return None
    return _verb(verb, head.dep_, counted)


def _is_captive(counted: Token) -> bool:
    """Whether what is held is people who can be captive: named as such, by their people, or not named at all."""
    thing = THING.get(counted.lemma_.casefold())
    return (
        thing is Measure.HELD
        or counted.pos_ in ("NUM", "PROPN")
        or counted.lower_ in PLURALS
        or counted.lower_ == "people"
    )


def _verb(verb: Token, role: str, counted: Token) -> Counted | None:
    """The measure that a verb gives to its subject or object."""
    lemma = verb.lemma_.casefold()
    passive = role in _PASSIVE_SUBJECT or any(c.dep_ == "auxpass" for c in verb.children)
    if (
        role in ("dobj", "obj", *_PASSIVE_SUBJECT, "oprd")
        or (passive and role == "nsubj")
        or (role == "nsubj" and verb.tag_ == "VBN" and _bare(verb))
    ):
        if (found := _under(verb, _OBJECT_WITH, counted)) is not None:
            return Counted(found, verb)
        found = OBJECT.get(lemma)
        if lemma == "hold" and role == "dobj" and not _is_captive(counted):
            return None  # "the hall holds 250 guests"
        if found is Measure.INJURED and _is_fatal(verb):
            found = Measure.KILLED
        if found:
            return Counted(found, verb)
    if role in ("nsubj", *_PASSIVE_SUBJECT):
        if (found := _under(verb, _SUBJECT_WITH, counted)) is not None:
            return Counted(found, verb)
        if _in_condition(verb):
            return Counted(Measure.INJURED, verb)
        if (found := SUBJECT.get(lemma)) is not None:
            return Counted(found, verb)
        if lemma == "be" and (part := _among(verb)) is not None:
            return part
        for child in verb.children:
            if (
                child.dep_ in ("acomp", "attr", "oprd", "xcomp", "conj")
                and not any(c.dep_ == "dobj" for c in child.children)
                and (found := AFTER.get(child.lower_)) is not None
            ):
                return Counted(found, child)
    return None


def _under(verb: Token, table: dict[str, tuple[tuple[frozenset[str], Measure], ...]], counted: Token) -> Measure | None:
    """The measure that a noun under the verb gives, other than what is counted: its object, or that of a preposition."""
    rows = table.get(verb.lemma_.casefold())
    if not rows:
        return None
    under = [c for c in verb.children if c.i > verb.i and c.dep_ in ("dobj", "prep", "oprd", "attr", "xcomp", "advmod")]
    lemmas = {t.lemma_.casefold() for c in under for t in (c, *c.children) if t != counted}
    return next((measure for nouns, measure in rows if nouns & lemmas), None)


def _among(verb: Token) -> Counted | None:
    """ "Two children are among the dead"."""
    for child in verb.children:
        for noun in child.children if child.dep_ == "prep" and child.lower_ == "among" else ():
            if (measure := _AMONG.get(noun.lemma_.casefold()) or _AMONG.get(noun.lower_)) is not None:
                return Counted(measure, noun)
    return None


def _in_condition(verb: Token) -> bool:
    """ "Three are in critical condition": as hospitals tell how their patients are."""
    ins = (c for c in verb.children if c.dep_ == "prep" and c.lower_ == "in")
    nouns = (c for i in ins for c in i.children if c.dep_ == "pobj" and c.lemma_.casefold() == "condition")
    return any(c.lower_ in _CONDITIONS for noun in nouns for c in noun.children)


def _bare(verb: Token) -> bool:
    """Whether a participle stands without an auxiliary: "dozens wounded in the raid"."""
    return not any(c.dep_ in ("aux", "auxpass") for c in verb.children)


def _size(counted: Token, _: Token) -> Counted | None:
    """ "the death toll … topped 32,000", "the number of injured rose to 50": the subject of a verb of size; or the object
    of one that states it: "put the number of dead at 20"."""
    head = _lead(counted)
    verb = head.head.head if head.head.pos_ == "ADP" else head.head
    subject = head.dep_ in ("nsubj", "nsubjpass")  # then the verb says nothing of its size
    stated = verb.lemma_.casefold() in _STATING and head.dep_ == "pobj" and head.head.lower_ == "at"
    if subject or verb.pos_ not in ("VERB", "AUX") or not (stated or verb.lemma_.casefold() in _SIZE_VERBS):
        return None
    for child in verb.children:
        if child.dep_ not in (("dobj", "nsubjpass") if stated else ("nsubj", "nsubjpass", "csubj")):
            continue
        for token in child.subtree:
            lemma = token.lemma_.casefold()
            found = TOLL.get(lemma) or TOLL.get(token.lower_)
            if found is None and token.tag_ == "VBN":
                found = OBJECT.get(lemma)
                if found is None and child.lemma_.casefold() in _AMOUNTS:
                    found = SUBJECT.get(lemma)  # "the number of people known to have died"
            if found is not None:
                return Counted(found, token)
    return None
