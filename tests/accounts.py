"""Records with made-up accounts, for the tests of what holds across articles."""

from __future__ import annotations

from kg.records import Argument, Event, Extraction, Figure, Period, Quote
from kg.resolve import resolve
from kg.vocabulary import Comparator, EventType, Factuality, Measure, QuoteKind, Role, Scope


def article(name: str, date: str, text: str = "", **layers: tuple[object, ...]) -> Extraction:
    return Extraction(id=name, source=f"{name}.txt", sha256="0", text=text or "x" * 100, date=date, **layers)  # type: ignore[arg-type]


def figure(
    value: float | None, day: str | None = None, comparator: Comparator = Comparator.EXACTLY, **more: object
) -> Figure:
    given = {"measure": Measure.KILLED, "place": "place/turkiye", "population": "people", "scope": Scope.TOTAL} | more
    return Figure(number=(0, 5), evidence=(0, 50), value=value, comparator=comparator, as_of=day, **given)  # type: ignore[arg-type]


def relations(*records: Extraction) -> set[tuple[str, str, str]]:
    found = resolve(records).relations
    return {(r.subject, r.property, r.object) for rs in found.values() for r in rs}


def said_words(text: str, speaker: str | None = "person/martin-griffiths") -> tuple[str, Quote]:
    return text, Quote(kind=QuoteKind.DIRECT, content=((0, len(text)),), speaker=speaker)


def said(name: str, date: str, text: str, speaker: str | None = "person/martin-griffiths") -> Extraction:
    words, record = said_words(text, speaker)
    return article(name, date, words, quotes=(record,))


def happening(
    name: str,
    date: str,
    who: str = "",
    factuality: Factuality = Factuality.ASSERTED,
    day: str | None = "2023-02-19",
    end: str | None = None,
    place: str = "place/adana",
    kind: EventType = EventType.VISIT,
    role: Role = Role.AGENT,
    text: str = "",
    **layers: tuple[object, ...],
) -> Extraction:
    """An article with one event, `event/NAME`."""
    text = text or f"{name}{name} " * 20  # no words in common with another's
    given = ((role, who), (Role.PLACE, place))
    event = Event(
        id=f"event/{name}",
        trigger=(0, 5),
        type=kind,
        factuality=factuality,
        evidence=(0, len(text)),
        time=Period(start=day, end=end or day) if day else None,
        args=tuple(Argument(role=r, start=0, end=5, id=identifier) for r, identifier in given if identifier),
    )
    return article(name, date, text, events=(event,), **layers)
