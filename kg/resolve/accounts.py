"""Accounts of happenings, and how much speaks for two of them telling of one.

Only what both accounts say counts. Time that does not overlap, other places or other people exclude each other; a country or a
region alone says little of a killing, since much happens there every day.

Two articles that tell one story in one week and name what happened with the same word mean one happening, also where they give no
day, and where one says the town and the other the hospital; but not if they name other people, far places or other days.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from kg.families import family
from kg.link.geography import distance
from kg.records import Event, Extraction, Figure, Span
from kg.resolve.days import borrowed_times, days, ordinal
from kg.resolve.kinds import is_coarse
from kg.resolve.parties import abroad, contains, may_share, other_persons, share_person
from kg.resolve.stories import NEAR, SAME, Story, likeness, tell
from kg.resolve.words import jaccard, stems, words
from kg.vocabulary import EntityType, EventType, Factuality, Role, Scope

ACTORS = (Role.AGENT, Role.PATIENT, Role.PARTICIPANT)
# Of these many happen in one place on one day, and armies, states and peoples take part in most of them.
FREQUENT = frozenset(
    {
        EventType.ATTACK, EventType.MILITARY_OPERATION, EventType.KILLING, EventType.INJURY, EventType.ABDUCTION,
        EventType.ARREST, EventType.DISPLACEMENT, EventType.DESTRUCTION, EventType.STATEMENT, EventType.ACCUSATION,
        EventType.THREAT, EventType.DEMAND, EventType.REJECTION, EventType.TRANSACTION, EventType.AID_DELIVERY,
    }
)  # fmt: skip
# Of these a story tells many, of one person here and of thousands there, with one word.
CASUALTIES = frozenset({EventType.KILLING, EventType.INJURY})
# A shooting is an attack, and a killing where the words say that somebody died of it.
DEADLY = frozenset({EventType.ATTACK, EventType.KILLING})
# Of these a story of a war or a disaster tells many with one word, which by itself does not say which.
MANY = frozenset(
    {
        EventType.ATTACK, EventType.MILITARY_OPERATION, EventType.ABDUCTION, EventType.ARREST, EventType.DISPLACEMENT,
        EventType.DESTRUCTION, EventType.AID_DELIVERY, EventType.NEGOTIATION, EventType.RELEASE, EventType.VISIT,
    }
)  # fmt: skip
# Characters beside a word in which its neighbours are looked for.
BESIDE = 24
# Words that tell nothing of whom they mean.
ANYBODY = stems(
    "people persons others those them victims dead men women children civilians soldiers more than at least"
)
# Counts up to this one coincide by chance.
SMALL = 12
# Two accounts of one happening count so many times as many as the other at most.
APART = 2
# The weight of each common trait; `ENOUGH` takes a day, a place and a person, or their like, never time and place alone.
SAME_DAY, OVERLAP = 2.0, 1.0
PLACE, COARSE_PLACE = 2.0, 1.0
PERSON, BODY, WEAK_AGENT, WEAK = 2.0, 1.5, 0.75, 0.5
NUMBER = 2.0
# Of what happened on a day, only what is known by that day is recalled with it so many days later.
RECALLED, LATER = 2.5, 7
WORDING, CLOSE_WORDING = 1.0, 2.0
ENOUGH = 5.0
# Shares of common content words between the sentences: hardly chance, and nearly the same sentence.
LIKE, CLOSE = 0.25, 0.5
# One word for what happened and a story told much alike are enough where nothing speaks against it; a story that is only the
# same takes one more trait.
STORY, CLOSE_STORY, WORD = 2.5, 3.0, 2.0
# A word that each of the two articles has for one happening only.
LONE = 2.5
# A story is told for so many days; what is told of it later is mostly another step of it.
WINDOW = 7
# An account that may be of any of so many days names none.
SHARP = 7
# A verb of no class is a common word: its sentences must have something else in common.
FAINT = 0.05
# What is said or demanded often recurs in a story, by one speaker: only similar wording tells one speech from another.
SPEECH = frozenset({EventType.STATEMENT, EventType.DEMAND})
# The magnitude of a quake, which first reports correct by up to so much.
MAGNITUDE = re.compile(r"(\d\.\s?\d)[\s-]magnitude|magnitude[\s-](?:of\s)?(\d\.\s?\d)", re.IGNORECASE)
CORRECTED = 0.25
# Places that are farther apart (km) are not one place described in two ways.
FAR = 150
# Of the dead and injured farther apart than this, in one town and in the next, each are others.
TOWN = 25


@dataclass(frozen=True, slots=True)
class Account:
    """What is compared of an event as one article presents it; `start` and `end` are days (proleptic ordinals), or any up to
    the article's if it is not `dated`; `reported` is the article's. `named` are the words for it, without their endings, and
    `only` those that the article has for no other happening.
    The first of an article `leads`: with it the story of the article is filed (`kg.resolve.blocks`). `naming` has the article's
    words for what happened, each with the accounts that it names, by their number in the order of the article.
    `totals` has True if one of its counts is of everything so far, and False if one is of this happening alone;
    `victims` are the words for those whom it befell, `magnitudes` those of quakes that its sentence names."""

    article: str
    published: str
    id: str
    type: EventType
    factuality: Factuality
    trigger: Span
    evidence: Span
    dated: bool
    start: int
    end: int
    told: tuple[int, int]
    reported: int | None
    actors: frozenset[str]
    agents: frozenset[str]
    places: frozenset[str]
    numbers: frozenset[tuple[str, float]]
    totals: frozenset[bool]
    victims: frozenset[str]
    magnitudes: frozenset[float]
    words: frozenset[str]
    named: frozenset[str]
    only: frozenset[str]
    points: tuple[tuple[float, float], ...]
    story: Story
    naming: dict[str, list[int]]
    leads: bool

    @property
    def order(self) -> tuple[int, int, str, str, int]:
        """By time (of those without a day that of the article), then by the article and the place in it: of two that one
        word names, the first is what both articles are about."""
        return self.start if self.dated else self.end, self.end, self.published, self.article, self.trigger[0]


def note_accounts(record: Extraction) -> Iterator[Account]:
    """The accounts of one article."""
    story = tell(record)
    points = {m.id: (m.lat, m.lon) for m in record.entities if m.lat is not None and m.lon is not None}
    reported = ordinal(record.date, last=True)
    borrowed = borrowed_times(record)
    figures: defaultdict[str, list[Figure]] = defaultdict(list)
    for figure in record.figures:
        figures[figure.event or ""].append(figure)
    named = [_named(record, e) for e in record.happenings]
    naming: defaultdict[str, list[int]] = defaultdict(list)
    for number, names in enumerate(named):
        for word in sorted(names):
            naming[word].append(number)
    for number, event in enumerate(record.happenings):
        when = days(event, record.date, borrowed)
        actors = frozenset(a.id for a in event.args if a.role in ACTORS and a.id)
        places = frozenset(a.id for a in event.args if a.role is Role.PLACE and a.id)
        numbers = frozenset(
            (f.measure.value, f.value) for f in figures[event.id] if f.value is not None and f.value > 1
        )
        yield Account(
            article=record.id,
            published=record.date or "9999",
            id=event.id,
            type=event.type,
            factuality=event.factuality,
            trigger=event.trigger,
            evidence=event.evidence,
            dated=when.dated,
            start=when.start,
            end=when.end,
            told=when.told,
            reported=reported,
            actors=actors,
            agents=frozenset(a.id for a in event.args if a.role is Role.AGENT and a.id),
            places=places,
            numbers=numbers,
            totals=frozenset(f.scope is Scope.TOTAL for f in figures[event.id] if f.scope is not None),
            victims=frozenset(
                w
                for a in event.args
                if a.role is Role.PATIENT
                for w in stems(record.text[a.start : a.end])
                if w not in ANYBODY and not w.isdigit()
            ),
            magnitudes=_magnitudes(record.text[slice(*event.evidence)])
            if event.type is EventType.DISASTER
            else frozenset(),
            words=stems(record.text[slice(*event.evidence)]),
            named=named[number],
            only=frozenset(word for word in named[number] if len(naming[word]) == 1),
            points=tuple(points[p] for p in sorted(places) if p in points and not is_coarse(p)),
            story=story,
            naming=dict(naming),
            leads=number == 0,
        )


def _named(record: Extraction, event: Event) -> frozenset[str]:
    """The words for a happening."""
    return frozenset(name for span in (event.trigger, *event.also) for name in _families(record.text, span))


def _families(text: str, span: Span) -> Iterator[str]:
    """The families of the words in the span, as the words beside them tell."""
    start, end = span
    before, after = words(text[max(start - BESIDE, 0) : start])[-1:], words(text[end : end + BESIDE])[:1]
    near = (*(before or ("",)), *text[start:end].casefold().split(), *(after or ("",)))
    return (family(word, near[n], near[n + 2]) for n, word in enumerate(near[1:-1]))


def _magnitudes(sentence: str) -> frozenset[float]:
    found = (m[1] or m[2] for m in MAGNITUDE.finditer(sentence))
    return frozenset(float("".join(digits.split())) for digits in found)


def grounds(one: Account, other: Account) -> tuple[float, tuple[str, ...]] | None:
    """How much the two accounts have in common, and what; None if they exclude each other."""
    types = sorted({one.type, other.type} - {EventType.OTHER}) or [EventType.OTHER]
    if (len(types) > 1 and not (set(types) == DEADLY and one.named & other.named)) or not _may_overlap(one, other):
        return None
    if one.article == other.article and not _retold(one, other):
        return None
    if one.type in CASUALTIES and other.type in CASUALTIES and _other_casualties(one, other):
        return None
    if _other_quakes(one, other):
        return None
    told = _story(one, other)
    if told is None and not (one.type is other.type and _comparable(one) and _comparable(other)):
        return 0.0, ()
    if _far_apart(one, other) if told else _other_parties(one, other):
        return None
    # Of no class is also a word whose use in this place does not tell of which.
    names = " or ".join(t.value for t in types)
    weight, why = 0.0, [f"both {names}" if one.type is other.type or len(types) > 1 else f"{names}, once of no class"]
    for value, reason in (*(told or ()), *_common(one, other)):
        weight += value
        why.append(reason)
    return weight, tuple(why)


def _may_overlap(one: Account, other: Account) -> bool:
    return one.start <= other.end and other.start <= one.end


def _retold(one: Account, other: Account) -> bool:
    """Whether two accounts of one article, which tells them apart, may still be of one happening, if another article's links
    them: one word names both, in different sentences, and the article does not put them on different days."""
    apart = one.told[0] > other.told[1] or other.told[0] > one.told[1]
    return bool(one.named & other.named) and one.evidence != other.evidence and not apart


def _comparable(account: Account) -> bool:
    """Whether an account says enough by itself: a day, and a place or somebody who takes part."""
    return account.dated and bool(account.places or account.actors)


def _other_parties(one: Account, other: Account) -> bool:
    """Whether the two name other places or other people."""
    if one.places and other.places and not one.places & other.places:
        return True
    if one.actors and other.actors and not may_share(one.actors, other.actors):
        return True
    return bool(one.agents and other.agents) and not (
        may_share(one.agents, other.actors) or may_share(other.agents, one.actors)
    )


def _other_quakes(one: Account, other: Account) -> bool:
    """Whether both say how strong the quake was, and no correction makes the two one."""
    pairs = [(a, b) for a in one.magnitudes for b in other.magnitudes]
    return bool(pairs) and all(abs(a - b) > CORRECTED for a, b in pairs)


def _other_casualties(one: Account, other: Account) -> bool:
    """Whether the two tell of other dead or injured: elsewhere, far more or fewer of them, or all so far and those of one
    happening."""
    if _elsewhere(one, other):
        return True
    if one.totals and other.totals and not one.totals & other.totals:
        return True
    return _other_counts(one, other) and (True in one.totals | other.totals or not _like_counts(one, other))


def _other_counts(one: Account, other: Account) -> bool:
    """Whether the two count the same, and no count of it is in both."""
    measures = {m for m, _ in one.numbers} & {m for m, _ in other.numbers}
    return any(not _values(one, m) & _values(other, m) for m in measures)


def _like_counts(one: Account, other: Account) -> bool:
    measures = {m for m, _ in one.numbers} & {m for m, _ in other.numbers}
    pairs = ((a, b) for m in measures for a in _values(one, m) for b in _values(other, m))
    return any(max(a, b) <= APART * min(a, b) for a, b in pairs)


def _values(account: Account, measure: str) -> set[float]:
    return {v for m, v in account.numbers if m == measure}


def _near(one: Account, other: Account) -> bool:
    """Whether a place of one may be that of the other, described in another way."""
    return any(distance(a, b) <= FAR for a in one.points for b in other.points)


def _same_casualties(one: Account, other: Account) -> bool:
    """Whether more than a word says that the two tell of the same dead or injured: who they are, a count that is no chance,
    two of their place, their day, their count and the word for them, or stories told much alike, one of which says whom it
    befell or when."""
    if share_person(one.actors, other.actors) or any(v > SMALL for _, v in one.numbers & other.numbers):
        return True
    apart = _other_places(one, other)
    said = any(x.victims or x.actors or x.dated for x in (one, other))
    if said and not apart and likeness(one.story, other.story) >= NEAR:
        return True
    place = bool(one.places & other.places) or _near(one, other)
    who = bool(one.victims & other.victims)
    return place + _of_day(one, other) + bool(one.numbers & other.numbers) + who - apart > 1


def _pinned(one: Account, other: Account, lone: bool) -> bool:
    """Whether more than a word says that the two tell of one attack, arrest or the like: a person, a count, or two of their
    place, their day, whom it befell, their wording, and that neither article has the word for anything else; one of the last
    is enough in stories told much alike."""
    if one.numbers & other.numbers or share_person(one.actors, other.actors):
        return True
    place = any(not is_coarse(p) for p in one.places & other.places) or _near(one, other)
    who = bool(one.victims & other.victims)
    close = (who or lone) and likeness(one.story, other.story) >= NEAR
    return lone + place + _of_day(one, other) + who + close + (jaccard(one.words, other.words) >= LIKE) > 1


def _of_day(one: Account, other: Account) -> bool:
    """Whether both say when, to some days."""
    return one.dated and other.dated and max(one.end - one.start, other.end - other.start) < SHARP


def _elsewhere(one: Account, other: Account) -> bool:
    """Whether both name places, and those of one are known not to be those of the other."""
    if not one.places or not other.places or one.places & other.places:
        return False
    if one.points and other.points:
        return not any(distance(a, b) <= TOWN for a in one.points for b in other.points)
    return all(abroad(a, b) for a in one.places for b in other.places)


def _other_places(one: Account, other: Account) -> bool:
    """Whether both name places, and nothing says that one may be the other or lie in it."""
    if not one.places or not other.places or one.places & other.places or _near(one, other):
        return False
    return not any(contains(a, b) or contains(b, a) for a in one.places for b in other.places)


def _far_apart(one: Account, other: Account) -> bool:
    """Whether the two name other persons, or places that are far apart; a body and its town may both be right."""
    if other_persons(one.actors, other.actors):
        return True
    if share_person(one.actors, other.actors):
        # Whoever does it does it once: one of the two places is another's.
        return False
    near = bool(one.places & other.places) or _near(one, other)
    return bool(one.points and other.points) and not near


def _story(one: Account, other: Account) -> tuple[tuple[float, str], tuple[float, str]] | None:
    """That the two name what happened with one word, in one story; None if they do not."""
    common = sorted(one.named & other.named)
    if not common or (one.reported and other.reported and abs(one.reported - other.reported) > WINDOW):
        return None
    if _other_counts(one, other):
        return None
    types = {one.type, other.type}
    lone = bool(one.only & other.only) and not _other_places(one, other)
    if types <= CASUALTIES and not _same_casualties(one, other):
        return None
    if types & MANY and types <= MANY | DEADLY and not _pinned(one, other, lone):
        return None
    share = jaccard(one.words, other.words)
    if SPEECH & {one.type, other.type} and (share < LIKE or not one.actors & other.actors):
        return None
    if EventType.OTHER in (one.type, other.type) and _faint(one, other):
        return None
    alike = likeness(one.story, other.story)
    if alike < SAME:
        return None
    weight = CLOSE_STORY if alike >= NEAR else STORY
    told = f"as {common[0]!r}" + (", of nothing else in either" if lone else "")
    return (weight, f"in one story ({alike:.2f})"), (LONE if lone else WORD, told)


def _faint(one: Account, other: Account) -> bool:
    """Whether the sentences have next to nothing in common beside the words that name what happened."""
    common = one.words & other.words
    return (
        not _beside(common, one) & _beside(common, other)
        or jaccard(*(_beside(x.words, x) for x in (one, other))) < FAINT
    )


def _beside(found: frozenset[str], account: Account) -> frozenset[str]:
    """Those of the words that do not name what happened."""
    return frozenset(w for w in found if family(w) not in account.named)


def _common(one: Account, other: Account) -> Iterator[tuple[float, str]]:
    if not (one.dated and other.dated):
        pass
    elif (one.start, one.end) == (other.start, other.end) and one.start == one.end:
        yield SAME_DAY, f"on {date.fromordinal(one.start)}"
    else:
        first, last = max(one.start, other.start), min(one.end, other.end)
        yield OVERLAP, f"between {date.fromordinal(first)} and {date.fromordinal(last)}"
    places = sorted(one.places & other.places, key=lambda p: (is_coarse(p), p))
    if places:
        yield (COARSE_PLACE if is_coarse(places[0]) else PLACE), f"in {_name(places[0])}"
    for actor in sorted(one.actors & other.actors):
        yield _weight(actor, one.type, actor in one.agents & other.agents), f"with {_name(actor)}"
    recalled = [a for a in (one, other) if a.reported and a.start == a.end and a.reported - a.end >= LATER]
    if len(recalled) > (one.type in FREQUENT):
        yield RECALLED, "known by its day: recalled with it a week later or more"
    for measure, value in sorted(one.numbers & other.numbers):
        yield NUMBER, f"{value:,g} {measure} in both"
    share = jaccard(one.words, other.words)
    if share >= LIKE:
        yield (CLOSE_WORDING if share >= CLOSE else WORDING), f"{share:.0%} of the content words in common"


def _weight(actor: str, type_: EventType, agent: bool) -> float:
    """A person does one thing of a kind a day; a body is weak where such things are frequent, a country always."""
    if actor.startswith(EntityType.PERSON.value):
        return PERSON
    if type_ not in FREQUENT:
        return BODY
    return WEAK_AGENT if agent and actor.startswith(EntityType.ORGANISATION.value) else WEAK


def _name(identifier: str) -> str:
    return identifier.partition("/")[2].replace("-", " ")
