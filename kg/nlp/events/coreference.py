"""Joins the mentions of one happening within an article.

Two mentions may be one happening if their types agree and nothing that the text says of them excludes it: participants,
places, times and numbers must be compatible, and some ground must speak for it (a repeat of the word, a definite noun,
shared participants).
A mention joins the latest happening before it that fits; the work is linear in mentions times happenings of one type.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from spacy.tokens import Token

from kg.families import family
from kg.nlp.events import grammar
from kg.nlp.events.lexicon import word_classes
from kg.nlp.events.triggers import PERSONS, Trigger, lemma
from kg.nlp.events.victims import Victims, other_victims
from kg.nlp.reading import sentence_of
from kg.records import Argument, Period, Timex
from kg.vocabulary import EntityType, EventType, Factuality, Role

# Types of which a repeated word tells of the same happening unless something excludes it.
REPEATING = frozenset(EventType) - {
    EventType.STATEMENT,
    EventType.DEMAND,
    EventType.REJECTION,
    EventType.TRANSACTION,
    EventType.ACCUSATION,
}
# Of these a story tells many with one word: what was not told before comes without an article, or with an indefinite one.
MANY = frozenset({EventType.ATTACK, EventType.NEGOTIATION})
# Letters that two words of one family share ("bombing", "bombardment").
WORD_FAMILY = 5
# Types whose noun tells of one happening in singular and plural alike ("peace talk", "the talks").
PLURAL = frozenset({EventType.NEGOTIATION, EventType.KILLING, EventType.INJURY, EventType.PROTEST, EventType.ELECTION})
# A shooting is an attack, and a killing where the words say that somebody died of it.
DEADLY = frozenset({EventType.ATTACK, EventType.KILLING})
SUBJECTS = frozenset({"nsubj", "nsubjpass"})
NONE: frozenset[str] = frozenset()
# Words between two sentences up to which "the talks" may take up the talks told before.
NEAR = 60
# Happenings of one type, and mentions of one happening, that are looked at, counted back: this bounds the work on
# book-length texts.
LOOK_BACK = 40
UNREAL = frozenset({Factuality.PLANNED, Factuality.POSSIBLE, Factuality.DEMANDED})
PLURAL_WORDS = frozenset(
    {"people", "men", "women", "children", "they", "them", "their", "victims", "officers", "boys", "girls", "teens"}
)
# Before a noun that takes up what was told; "its attack" may be one not told of before.
TAKING_UP = frozenset({"the", "this", "that", "these", "those"})
# With one of these a noun tells of what was not told before.
FURTHER = frozenset({"new", "another", "second", "third", "further", "fresh", "separate", "other", "more", "latest"})
DEFINITE = TAKING_UP | {"its", "his", "her", "their"}


@dataclass(slots=True)
class Mention:
    """One trigger with all that was read of it."""

    trigger: Trigger
    factuality: Factuality
    args: tuple[Argument, ...]
    timex: Timex | None
    time: Period | None
    attributed_to: str | None
    confidence: float
    # Per role: entities, and these with the head words of parties without a name.
    ids: dict[Role, frozenset[str]]
    parties: dict[Role, frozenset[str]]
    numbers: frozenset[str]
    victims: Victims
    headline: bool = False


@dataclass(slots=True)
class Happening:
    """Mentions of one happening, in order of the text."""

    mentions: list[Mention] = field(default_factory=list)


def group(mentions: Iterable[Mention]) -> list[Happening]:
    """The article's happenings, in order of their first mention."""
    found: list[Happening] = []
    by_type: dict[EventType, list[Happening]] = {}
    by_word: dict[str, list[Happening]] = {}
    for mention in mentions:
        alike = by_type.setdefault(mention.trigger.type, [])
        told = by_word.setdefault(_family(mention.trigger.token), [])
        home = _home(told, mention) or _home(alike, mention)
        if home is None:
            home = Happening()
            found.append(home)
        home.mentions.append(mention)
        for known in (alike, told):
            if not any(h is home for h in known[-LOOK_BACK:]):
                known.append(home)
    return found


def _home(happenings: list[Happening], mention: Mention) -> Happening | None:
    """The latest of the happenings that fits and that the same word tells of, or else the latest that fits."""
    fitting = [h for h in happenings[: -LOOK_BACK - 1 : -1] if _fits(h, mention)]
    alike = (h for h in fitting if any(_same_stem(m.trigger.token, mention.trigger.token) for m in h.mentions))
    return next(alike, fitting[0] if fitting else None)


def _one_type(a: Mention, b: Mention) -> bool:
    """Whether the two are of one type, or one word tells of both and its use in one place leaves open which."""
    types = {a.trigger.type, b.trigger.type}
    return len(types) == 1 or (
        (EventType.OTHER in types or types == DEADLY) and _same_stem(a.trigger.token, b.trigger.token)
    )


def retells(a: Mention, b: Mention) -> bool:
    """Whether the words of one may tell the other again: a common stem, or a common party in whatever role."""
    x, y = (frozenset().union(*m.parties.values()) if m.parties else NONE for m in (a, b))
    return bool(x & y) or _same_stem(a.trigger.token, b.trigger.token)


def adds(known: Mention, further: Mention) -> bool:
    """Whether what the further mention says of who and where belongs to what the known one tells too: the two have more in
    common than the word, and name no other parties in any role."""
    if known.headline or further.headline or _linked(known.trigger.token, further.trigger.token):
        return True
    for role in (Role.AGENT, Role.PATIENT, Role.PARTICIPANT, Role.PLACE):
        x, y = known.parties.get(role, NONE), further.parties.get(role, NONE)
        if x and y and (not x & y or (role is Role.PARTICIPANT and len(x) > 1)):
            return False
    token = further.trigger.token
    if token.pos_ in {"NOUN", "PROPN"} and any(c.lower_ in TAKING_UP for c in token.children):
        return True
    # Who attacks once attacks again: an agent in common alone does not make it the same attack.
    x, y = (frozenset().union(*(v for r, v in m.parties.items() if r is not Role.AGENT)) for m in (known, further))
    return bool(x & y) or bool(known.numbers & further.numbers)


def _fits(happening: Happening, mention: Mention) -> bool:
    recent = happening.mentions[-LOOK_BACK:]
    return all(_compatible(m, mention) for m in recent) and any(_ground(m, mention) for m in recent)


def _compatible(a: Mention, b: Mention) -> bool:
    if not _one_type(a, b):
        return False
    if a.factuality is not b.factuality and not {a.factuality, b.factuality} <= UNREAL:
        return False
    retold = a.headline and not b.headline and lemma(a.trigger.token) == lemma(b.trigger.token)
    for role in (Role.AGENT, Role.PATIENT, Role.PLACE):
        x, y = a.ids.get(role, NONE), b.ids.get(role, NONE)
        if x and y and not x & y and not (retold and _may_be_one(x | y)):
            return False
    x, y = a.numbers, b.numbers
    if x and y and not x & y:
        return False
    if other_victims(a.victims, b.victims):
        return False
    if a.time and b.time and not overlap(a.time, b.time):
        return False
    tags = {a.trigger.token.tag_, b.trigger.token.tag_}
    if (
        tags == {"NN", "NNS"}
        and not retold
        and lemma(a.trigger.token) == lemma(b.trigger.token)
        and a.trigger.type not in PLURAL
    ):
        return False
    # Within one sentence two words mostly tell of two things.
    if _linked(a.trigger.token, b.trigger.token):
        return True
    return sentence_of(a.trigger.token).start != sentence_of(b.trigger.token).start or (
        _same_stem(a.trigger.token, b.trigger.token) and not _joined(a, b)
    )


def _may_be_one(parties: frozenset[str]) -> bool:
    """Whether a headline may call by another name what the story names: a body or a place, but no person."""
    return not any(p.startswith(EntityType.PERSON.value) for p in parties)


def _linked(a: Token, b: Token) -> bool:
    """Whether a noun and its verb tell of it together ("a storm struck", "the blast of the bomb that exploded")."""
    noun, verb = (a, b) if grammar.is_verbal(b) else (b, a)
    return grammar.is_verbal(verb) and not grammar.is_verbal(noun) and noun.head.i == verb.i and noun.dep_ in SUBJECTS


def _joined(a: Mention, b: Mention) -> bool:
    """Whether the two are told side by side, as two things ("attacked X and attacked Y")."""
    return b.trigger.token.dep_ == "conj" or a.trigger.token.dep_ == "conj"


def _ground(a: Mention, b: Mention) -> bool:
    shared = any(_common(a, b, r) for r in (Role.AGENT, Role.PATIENT, Role.PARTICIPANT))
    first, token = a.trigger.token, b.trigger.token
    if _linked(first, token):
        return True
    if lemma(token) in word_classes()["saying"]:
        # Whoever speaks twice says two things.
        return False
    same = _same_stem(first, token)
    if b.trigger.type not in REPEATING:
        return same and shared
    if {a.trigger.type, b.trigger.type} & MANY and not (a.headline and same):
        return _takes_up(a, b, same) or ((same or shared) and _told_alike(a, b))
    if token.pos_ in {"NOUN", "PROPN"} and _definite(token):
        near = token.sent.start - first.sent.end <= NEAR
        return same or shared or (near and _bare(token)) or b.trigger.type in {EventType.DISASTER, EventType.TRIAL}
    same_number = bool(a.numbers & b.numbers)
    return same or (shared and (same_number or _common(a, b, Role.PATIENT)))


def _takes_up(a: Mention, b: Mention, same: bool) -> bool:
    """Whether a definite noun takes up what was told before it, and says of nothing else that it befell it."""
    token = b.trigger.token
    if token.pos_ not in {"NOUN", "PROPN"} or not any(c.lower_ in TAKING_UP for c in token.children):
        return False
    if b.timex is not None and a.timex is None:
        # "The attack of 3 May" says itself which one it is.
        return False
    x, y = a.parties.get(Role.PATIENT, NONE), b.parties.get(Role.PATIENT, NONE)
    near = token.sent.start - a.trigger.token.sent.end <= NEAR
    return (same or near) and not (x and y and not x & y)


def _told_alike(a: Mention, b: Mention) -> bool:
    """Whether the two have more in common than who did it: whom it befell or concerned, where, or how many."""
    shared = any(_common(a, b, r) for r in (Role.PATIENT, Role.PARTICIPANT, Role.PLACE))
    return (shared or bool(a.numbers & b.numbers)) and not any(c.lower_ in FURTHER for c in b.trigger.token.children)


def _common(a: Mention, b: Mention, role: Role) -> bool:
    return bool(a.parties.get(role, NONE) & b.parties.get(role, NONE))


def _bare(token: Token) -> bool:
    """Whether the noun says nothing but its kind ("the talks"), so that it takes up what was told."""
    return all(c.dep_ in {"det", "punct", "poss", "case"} for c in token.children)


def _definite(token: Token) -> bool:
    return any(c.lower_ in DEFINITE or c.dep_ == "poss" for c in token.children) and token.tag_ in {"NN", "NNP", "NNS"}


def _same_stem(a: Token, b: Token) -> bool:
    x, y = lemma(a), lemma(b)
    return (
        _family(a) == _family(b)
        or x == y
        or (len(x) >= WORD_FAMILY and len(y) >= WORD_FAMILY and x[:WORD_FAMILY] == y[:WORD_FAMILY])
    )


@lru_cache(maxsize=LOOK_BACK * 8)
def _family(token: Token) -> str:
    """The family of the word, as the words beside it tell; kept, since a word is held against many."""
    before = token.nbor(-1).lower_ if token.i else ""
    return family(token.lower_, before, token.nbor().lower_ if token.i + 1 < len(token.doc) else "")


def parties(args: tuple[Argument, ...], text: str) -> tuple[dict[Role, frozenset[str]], dict[Role, frozenset[str]]]:
    """By role the entities, and the entities with the head words of parties without a name."""
    ids: dict[Role, set[str]] = {}
    named: dict[Role, set[str]] = {}
    for arg in args:
        if arg.id:
            ids.setdefault(arg.role, set()).add(arg.id)
        word = arg.id or text[arg.start : arg.end].split()[-1].casefold()
        if word not in PERSONS and word != "people":
            named.setdefault(arg.role, set()).add(word)
    return {r: frozenset(v) for r, v in ids.items()}, {r: frozenset(v) for r, v in named.items()}


def numbers(token: Token) -> frozenset[str]:
    """The digits and number words that count what the event happened to."""
    near = grammar.patients(token) if grammar.is_verbal(token) else [token, *grammar.prepositional(token, "of")]
    return frozenset(
        c.lower_ for t in near for c in (t, *t.children) if c.like_num and c.ent_type_ not in {"DATE", "TIME"}
    )


def overlap(a: Period, b: Period) -> bool:
    """Whether the periods may share a day; open bounds exclude nothing. Works on ISO dates of any precision."""
    return not (_before(a.end, b.start) or _before(b.end, a.start))


def _before(end: str | None, start: str | None) -> bool:
    return end is not None and start is not None and end[: len(start)] < start[: len(end)]
