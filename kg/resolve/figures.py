"""Figures that count the same: later totals update earlier ones, equal ones repeat, and those that exclude each other conflict.

Two figures count the same if measure, place and start of the count agree and neither names a population that the other does not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kg.records import Extraction, Figure, part_names
from kg.resolve.relations import Relation
from kg.vocabulary import Comparator, Measure

# What has no unit of people or homes says too little about what it counts to be compared.
UNCOMPARED = {Measure.OTHER, Measure.MONEY, Measure.PERCENT}
OPEN = float("inf")


@dataclass(frozen=True, slots=True)
class FigureNote:
    """What is compared of a figure. `low` and `high` bound it as its words do, rounding included."""

    article: str
    name: str
    day: str
    key: tuple[str, str, str, str]
    low: float
    high: float
    words: str


def note_figures(record: Extraction) -> Iterator[FigureNote]:
    """The comparable figures of one article: those with a place and a day."""
    names = part_names("figure", [f.number for f in record.figures])
    for name, figure in zip(names, record.figures, strict=True):
        day = figure.as_of or record.date
        if figure.measure in UNCOMPARED or not figure.place or not day:
            continue
        low, high = bounds(figure)
        if high > low:
            key = (figure.measure.value, figure.place, figure.since or "", _population(figure.population))
            yield FigureNote(record.id, name, day, key, low, high, record.text[slice(*figure.number)])


def bounds(figure: Figure) -> tuple[float, float]:
    """The half-open interval [low, high) that the words allow. A round number after "about" stands for all that round to it."""
    value = figure.value
    if value is None:
        return float(figure.min or 0), OPEN if figure.max is None else figure.max + 1
    if figure.min is not None or figure.max is not None:
        return float(figure.min or 0), OPEN if figure.max is None else figure.max + 1
    if figure.comparator in (Comparator.ABOUT, Comparator.NEARLY):
        half = _rounding(value) / 2
        return value - half, value + half
    return float(value), value + 1


def _rounding(value: float) -> float:
    """The place that a number seems rounded to: 1,200 to hundreds, 240 to tens."""
    unit = 1
    while value and value % (unit * 10) == 0:
        unit *= 10
    return unit


def _population(words: str | None) -> str:
    """The last word of the population: what is counted, whatever is said about it. People in general are nothing special."""
    head = (words or "").casefold().split()[-1:] or [""]
    return "" if head[0] in {"people", "persons", "person", "individuals", "others"} else head[0]


def compare_figures(notes: Iterable[FigureNote]) -> Iterator[Relation]:
    """Relations within each series, from the later figure to the earlier one; conflicts both ways."""
    series: defaultdict[tuple[str, ...], list[FigureNote]] = defaultdict(list)
    for note in notes:
        series[note.key].append(note)
    for key in sorted(series):
        days: defaultdict[str, list[FigureNote]] = defaultdict(list)
        for note in sorted(series[key], key=lambda n: (n.day, n.article, n.name)):
            days[note.day].append(note)
        yield from _updates(days)
        for same_day in days.values():
            yield from _same_day(same_day)


def _updates(days: dict[str, list[FigureNote]]) -> Iterator[Relation]:
    """A total that grew since the day before it in the series: its first account updates the first account of that day."""
    ordered = sorted(days)
    for earlier, later in zip(ordered, ordered[1:], strict=False):
        old, new = days[earlier][0], days[later][0]
        if new.article == old.article:
            continue
        if new.low > old.low:
            yield _relation(new, "updates", old, f"{new.words} ({later}) after {old.words} ({earlier})")
        elif (new.low, new.high) == (old.low, old.high):
            yield _relation(new, "repeats", old, f"{new.words} on {later} as on {earlier}")


def _same_day(notes: list[FigureNote]) -> Iterator[Relation]:
    """Figures of one day: equal ones repeat the first of them, those that exclude each other conflict."""
    distinct: dict[tuple[float, float], FigureNote] = {}
    for note in notes:
        first = distinct.setdefault((note.low, note.high), note)
        if first is not note and first.article != note.article:
            yield _relation(note, "repeats", first, f"{note.words} on {note.day} in both")
    firsts = list(distinct.values())
    for i, a in enumerate(firsts):
        for b in firsts[i + 1 :]:
            if a.article != b.article and (a.high <= b.low or b.high <= a.low):
                ground = f"{a.words} and {b.words} exclude each other on {a.day}"
                yield _relation(a, "conflictsWith", b, ground)
                yield _relation(b, "conflictsWith", a, ground)


def _relation(subject: FigureNote, property_: str, object_: FigureNote, ground: str) -> Relation:
    return Relation(subject.article, f"{subject.article}#{subject.name}", property_, f"{object_.article}#{object_.name}", ground)
