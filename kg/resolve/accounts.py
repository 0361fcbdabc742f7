"""Accounts of happenings, and how much speaks for two of them telling of one.

Only what both accounts say counts. Time that does not overlap, other places or other people exclude each other; a country or a
region alone says little of a killing, since much happens there every day.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from kg.records import Event, Extraction, Figure, Span
from kg.resolve.kinds import is_coarse
from kg.resolve.words import jaccard, stems
from kg.vocabulary import EntityType, EventType, Factuality, Role

ACTORS = (Role.AGENT, Role.PATIENT, Role.PARTICIPANT)
# Of these many happen in one place on one day, and armies, states and peoples take part in most of them.
FREQUENT = frozenset(
    {
        EventType.ATTACK, EventType.MILITARY_OPERATION, EventType.KILLING, EventType.INJURY, EventType.ABDUCTION,
        EventType.ARREST, EventType.DISPLACEMENT, EventType.DESTRUCTION, EventType.STATEMENT, EventType.ACCUSATION,
        EventType.THREAT, EventType.DEMAND, EventType.REJECTION, EventType.TRANSACTION, EventType.AID_DELIVERY,
    }
)  # fmt: skip
# An account that is less precise than a month says too little about when.
WIDEST = 31
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


@dataclass(frozen=True, slots=True)
class Account:
    """What is compared of an event as one article presents it; `start` and `end` are days (proleptic
    ordinals), `reported` is the article's."""

    article: str
    published: str
    id: str
    type: EventType
    factuality: Factuality
    trigger: Span
    start: int
    end: int
    reported: int
    actors: frozenset[str]
    agents: frozenset[str]
    places: frozenset[str]
    numbers: frozenset[tuple[str, float]]
    words: frozenset[str]

    @property
    def order(self) -> tuple[int, int, str, str, str]:
        """By time, then by the article."""
        return self.start, self.end, self.published, self.article, self.id


def note_accounts(record: Extraction) -> Iterator[Account]:
    """The accounts of one article that can be compared: those with days, and a place or somebody who takes part."""
    figures: defaultdict[str, list[Figure]] = defaultdict(list)
    for figure in record.figures:
        figures[figure.event or ""].append(figure)
    for event in record.happenings:
        days = _days(event, record.date)
        actors = frozenset(a.id for a in event.args if a.role in ACTORS and a.id)
        places = frozenset(a.id for a in event.args if a.role is Role.PLACE and a.id)
        numbers = frozenset(
            (f.measure.value, f.value) for f in figures[event.id] if f.value is not None and f.value > 1
        )
        if days is None or not (actors or places):
            continue
        yield Account(
            article=record.id,
            published=record.date or "9999",
            id=event.id,
            type=event.type,
            factuality=event.factuality,
            trigger=event.trigger,
            start=days[0],
            end=days[1],
            reported=_ordinal(record.date, True) or days[1],
            actors=actors,
            agents=frozenset(a.id for a in event.args if a.role is Role.AGENT and a.id),
            places=places,
            numbers=numbers,
            words=stems(record.text[slice(*event.evidence)]),
        )


def _days(event: Event, published: str | None) -> tuple[int, int] | None:
    """First and last day of an event that is known to the month; a happening that goes on ends with the article."""
    if event.time is None or not event.time.start:
        return None
    start, end = _ordinal(event.time.start, False), _ordinal(event.time.end or published, True)
    return (start, end) if start and end and 0 <= end - start < WIDEST else None


def _ordinal(day: str | None, last: bool) -> int | None:
    """The day number of an ISO date; of a month the first or last day; None for anything else."""
    parts = (day or "")[:10].split("-")
    try:
        if len(parts) == 2:
            year, month = int(parts[0]), int(parts[1])
            return date(year, month, monthrange(year, month)[1] if last else 1).toordinal()
        return date(*map(int, parts)).toordinal() if len(parts) == 3 else None
    except ValueError:
        return None


def grounds(one: Account, other: Account) -> tuple[float, tuple[str, ...]] | None:
    """How much the two accounts have in common, and what; None if they exclude each other."""
    if one.type is not other.type or one.end < other.start or other.end < one.start:
        return None
    if one.places and other.places and not one.places & other.places:
        return None
    if one.actors and other.actors and not one.actors & other.actors:
        return None
    if one.agents and other.agents and not (one.agents & other.actors or other.agents & one.actors):
        return None
    weight, why = 0.0, [f"both {one.type.value}"]
    for value, reason in _common(one, other):
        weight += value
        why.append(reason)
    return weight, tuple(why)


def _common(one: Account, other: Account) -> Iterator[tuple[float, str]]:
    if (one.start, one.end) == (other.start, other.end) and one.start == one.end:
        yield SAME_DAY, f"on {date.fromordinal(one.start)}"
    else:
        first, last = max(one.start, other.start), min(one.end, other.end)
        yield OVERLAP, f"between {date.fromordinal(first)} and {date.fromordinal(last)}"
    places = sorted(one.places & other.places, key=lambda p: (is_coarse(p), p))
    if places:
        yield (COARSE_PLACE if is_coarse(places[0]) else PLACE), f"in {_name(places[0])}"
    for actor in sorted(one.actors & other.actors):
        yield _weight(actor, one.type, actor in one.agents & other.agents), f"with {_name(actor)}"
    recalled = [a for a in (one, other) if a.start == a.end and a.reported - a.end >= LATER]
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
