"""Figures that count the same: later totals update earlier ones, equal ones repeat, those that exclude each other conflict.

Totals count the same if measure, place and population agree, nothing tells their beginnings or causes apart, and their days lie
within a year. The toll of part of a place ("in northern Peru") is one of the place that contradicts no toll of the whole.
Counts of one happening are compared only where the two accounts are of one event. Other parts are never compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from kg.records import Extraction, Figure, part_names
from kg.resolve.copies import Copies
from kg.resolve.counted import counted_event
from kg.resolve.kinds import cause, is_coarse, population, region
from kg.resolve.relations import Relation, by_version
from kg.vocabulary import Comparator, Measure, Scope

# What has no unit of people or homes says too little about what it counts to be compared.
UNCOMPARED = {Measure.OTHER, Measure.MONEY, Measure.PERCENT}
OPEN = float("inf")
# A figure is held against so many before it in its series: enough for what one day brings, and the cost stays linear.
WINDOW = 40
# Totals further apart than a year are hardly of one count.
YEAR = 366
DAY = len("2023-02-06")


@dataclass(frozen=True, slots=True)
class FigureNote:
    """What is compared of a figure. `part` is the part of the place that it counts ("northern"). `low` and `high` bound it
    as its words do, rounding included; `size` is its value, or its minimum where it has none."""

    article: str
    name: str
    published: str
    day: str
    measure: str
    place: str
    part: str
    population: str
    since: str
    cause: str
    scope: Scope | None
    event: str | None
    source: str | None
    low: float
    high: float
    size: float
    words: str

    @property
    def is_placed_total(self) -> bool:
        """Whether the figure belongs to the totals of a place; else it is compared with those of its event."""
        return self.scope is Scope.TOTAL and bool(self.place)

    @property
    def size_of_day(self) -> tuple[str, float, float]:
        """What the number says; of a total also for which day."""
        return self.day if self.scope is Scope.TOTAL else "", self.low, self.high

    @property
    def order(self) -> tuple[str, str, tuple[str, float], str]:
        """By the day that is counted, then by the day of the article."""
        return self.day, self.published, by_version(self.article), self.name


# What each article of a series says, by article.
Given = defaultdict[str, set[tuple[str, float, float]]]


def note_figures(record: Extraction) -> Iterator[FigureNote]:
    """The comparable figures of one article, without those that only say another of it again, as a headline does: of equal
    ones the first with a source."""
    notes = list(_notes(record))
    kept: dict[tuple[object, ...], FigureNote] = {}
    for note in sorted(notes, key=lambda n: n.source is None):
        key = (note.measure, note.place, note.population, note.scope, note.day, note.since, note.low, note.high)
        same = (*key, None if note.is_placed_total else note.event)
        if note.source is None and same in kept:
            continue
        if (*same, note.source) not in kept:
            kept[(*same, note.source)] = kept[same] = note
    chosen = {id(note) for note in kept.values()}
    yield from (note for note in notes if id(note) in chosen)


def _notes(record: Extraction) -> Iterator[FigureNote]:
    names = part_names("figure", [f.number for f in record.figures])
    why = cause(record) if record.figures else ""
    for name, figure in zip(names, record.figures, strict=True):
        day = figure.as_of or record.date
        event = counted_event(record, figure)
        part = region(record, figure)
        scope = Scope.TOTAL if part else figure.scope
        series = (figure.place if scope is Scope.TOTAL else None) or event
        if figure.measure in UNCOMPARED or scope is Scope.PART or not day or not series:
            continue
        low, high = bounds(figure)
        size = figure.value if figure.value is not None else figure.min
        if high > low and size is not None:
            place = figure.place or ""
            yield FigureNote(
                article=record.id,
                name=name,
                published=record.date or "9999",
                day=day,
                measure=figure.measure.value,
                place=place,
                part=part,
                population=population(figure.population, place),
                since=figure.since or "",
                cause=why,
                scope=scope,
                event=event,
                source=figure.attributed_to,
                low=low,
                high=high,
                size=size,
                words=" ".join(record.text[slice(*(figure.surface or figure.number))].split()),
            )


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


def compare_figures(
    notes: Iterable[FigureNote], events: Mapping[tuple[str, str], str], copies: Copies
) -> Iterator[Relation]:
    """Relations from the later figure to the earlier one; conflicts both ways. `events` are the shared identifiers."""
    totals: defaultdict[tuple[str, ...], list[FigureNote]] = defaultdict(list)
    tolls: defaultdict[tuple[str, ...], list[FigureNote]] = defaultdict(
        list
    )  # totals of one happening, without a place
    counts: defaultdict[tuple[str, ...], list[FigureNote]] = defaultdict(list)
    for note in notes:
        if note.is_placed_total:
            totals[note.measure, note.place, note.population].append(note)
        elif note.event:
            series = tolls if note.scope is Scope.TOTAL else counts
            series[note.measure, events.get((note.article, note.event), note.event), note.population].append(note)
    for series, related in ((totals, _total), (tolls, _total), (counts, _side_by_side)):
        for key in sorted(series):
            yield from _compared(series[key], related, copies)


def _compared(
    notes: list[FigureNote],
    related: Callable[[FigureNote, list[FigureNote], Given, Copies], Iterator[Relation]],
    copies: Copies,
) -> Iterator[Relation]:
    # A correction of the same day comes after what it corrects, whatever the two articles are called.
    ordered = sorted(notes, key=lambda n: (n.order[:2], n.article in copies.version, n.order[2:]))
    given: Given = defaultdict(set)
    for note in ordered:
        given[note.article].add(note.size_of_day)
    for i, note in enumerate(ordered):
        before = [n for n in ordered[max(0, i - WINDOW) : i] if _comparable(note, n)]
        yield from related(note, [n for n in before if n.article != note.article], given, copies)
        yield from _within(note, [n for n in before if n.article == note.article])


def _within(note: FigureNote, before: list[FigureNote]) -> Iterator[Relation]:
    """Where one article gives figures of two sources that exclude each other. What one source says twice in an article is
    its story, not a disagreement."""
    for other in before:
        sources = note.source and other.source and note.source != other.source
        apart = other.high <= note.low or note.high <= other.low
        if (
            sources
            and apart
            and (note.place, note.part) == (other.place, other.part)
            and (note.scope is not Scope.TOTAL or note.day == other.day)
        ):
            ground = f"{note.words} and {other.words} exclude each other, by two sources of one article; {_basis(note)}"
            yield _relation(note, "conflictsWith", other, ground)
            yield _relation(other, "conflictsWith", note, ground)


def _comparable(one: FigureNote, other: FigureNote) -> bool:
    """Whether nothing tells the two apart: another beginning, another kind of cause, a year between them."""
    if one.since and other.since and one.since != other.since:
        return False
    if one.part and other.part and one.part != other.part:
        return False
    if one.scope is not Scope.TOTAL:
        # A town and its country may both say where it was; of two towns or two countries each has its own count.
        return not (
            one.place and other.place and one.place != other.place and is_coarse(one.place) == is_coarse(other.place)
        )
    if one.cause and other.cause and one.cause != other.cause:
        return False
    if one.day == other.day:
        return True
    if len(one.day) != DAY or len(other.day) != DAY:
        return False
    return (date.fromisoformat(one.day) - date.fromisoformat(other.day)).days <= YEAR


def _total(note: FigureNote, before: list[FigureNote], given: Given, copies: Copies) -> Iterator[Relation]:
    """What a total repeats or contradicts on its day, and else what it updates: the last total of its own source, or the
    last of anybody."""
    same_day = [n for n in before if n.day == note.day]
    yield from _side_by_side(note, same_day, given, copies)
    earlier = [n for n in before if n.day < note.day]
    own = [n for n in earlier if n.source and n.source == note.source]
    pool = own or earlier
    if not pool:
        return
    last = next(n for n in pool if n.day == pool[-1].day)
    days = f"({note.day}) after {last.words} ({last.day})"
    if note.size > last.size and note.high > last.low:
        yield _relation(note, "updates", last, f"{note.words} {days}; {_basis(note)}")
    elif (note.low, note.high) == (last.low, last.high):
        yield _relation(note, "repeats", last, f"{note.words} on {note.day} as on {last.day}; {_basis(note)}")
    elif own and note.high <= last.low and note.part == last.part:
        yield _relation(note, "updates", last, f"lowered by the same source: {note.words} {days}; {_basis(note)}")


def _side_by_side(note: FigureNote, others: list[FigureNote], given: Given, copies: Copies) -> Iterator[Relation]:
    """Figures that should agree: an equal one is repeated, the first of them; those that exclude this one conflict, but a
    later version of an article corrects its own, and an article that gives both numbers contradicts neither: it tells of
    a change, of parts or of two sources."""
    equal = [n for n in others if (n.low, n.high) == (note.low, note.high)]
    if equal:
        how = "; a reprint of the same text" if copies.one_text(note.article, equal[0].article) else ""
        how = "; an earlier version of the article" if copies.one_article(note.article, equal[0].article) else how
        yield _relation(note, "repeats", equal[0], f"{note.words} in both; {_basis(note)}{how}")
    versions = [n for n in others if copies.one_article(note.article, n.article)]
    if versions and not any((n.low, n.high) == (note.low, note.high) for n in versions):
        ground = f"{note.words} in a later version of the article, {versions[-1].words} before; {_basis(note)}"
        yield _relation(note, "updates", versions[-1], ground)
    seen: set[tuple[float, float]] = set()
    for other in others:
        apart = other.high <= note.low or note.high <= other.low
        if other.size_of_day in given[note.article] or note.size_of_day in given[other.article]:
            continue
        if apart and note.part == other.part and other not in versions and (other.low, other.high) not in seen:
            seen.add((other.low, other.high))
            ground = f"{note.words} and {other.words} exclude each other; {_basis(note)}"
            yield _relation(note, "conflictsWith", other, ground)
            yield _relation(other, "conflictsWith", note, ground)


def _basis(note: FigureNote) -> str:
    """Why figures of a series are compared."""
    whom = f", {note.population}" if note.population else ""
    if note.scope is Scope.TOTAL and not note.place:
        return f"totals of one event, {note.measure}{whom}"
    if note.scope is Scope.TOTAL:
        return f"totals, {note.measure} in {note.place.partition('/')[2].replace('-', ' ')}{whom}"
    return f"counts of one event, {note.measure}{whom}"


def _relation(subject: FigureNote, property_: str, object_: FigureNote, ground: str) -> Relation:
    return Relation(
        subject.article, f"{subject.article}#{subject.name}", property_, f"{object_.article}#{object_.name}", ground
    )
