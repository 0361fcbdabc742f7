"""The same words in several articles repeat the earliest, also where a translation varied them; a statement and its
negation, on one kind of event and within days, conflict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from kg.records import Extraction, Quote, Span, part_names
from kg.resolve.relations import Relation, by_version
from kg.resolve.words import negates, stems
from kg.vocabulary import EventType, Factuality

# Statements with fewer content words ("we will see") recur by chance.
FEWEST = 4
# Share of common content words (Jaccard) from which two statements are the same words: two translations of one sentence
# reach about 0.7. Above `SURE` it hardly matters that they are given to different speakers.
ALIKE, SURE = 0.6, 0.9
# Two statements that are to negate each other say the same but for the negation, within so many days.
OPPOSED, DAYS = 0.7, 7


@dataclass(frozen=True, slots=True)
class StatementNote:
    """What is compared of a statement: `words` are its content words, `types` those of the events that it tells of."""

    day: str
    article: str
    name: str
    speaker: str | None
    words: frozenset[str]
    negated: bool
    types: frozenset[EventType]


def note_statements(record: Extraction) -> Iterator[StatementNote]:
    """The statements of one article that are long enough to be recognised."""
    names = part_names("statement", [q.content[0] for q in record.quotes])
    for name, quote in zip(names, record.quotes, strict=True):
        if quote.factuality is not Factuality.ASSERTED:
            continue
        cue = record.text[slice(*quote.cue)] if quote.cue else ""
        for spans in _portions(quote, record.sentences):
            text = " ".join(record.text[a:b] for a, b in spans)
            found = stems(text)
            if len(found) >= FEWEST:
                types = frozenset(e.type for e in record.events if any(a <= e.trigger[0] < b for a, b in spans))
                yield StatementNote(
                    record.date or "9999", record.id, name, quote.speaker, found, negates(text, cue), types
                )


def _portions(quote: Quote, sentences: tuple[Span, ...]) -> Iterator[tuple[Span, ...]]:
    """The whole statement, and each sentence of one that has several: another article may quote only a part."""
    yield quote.content
    cuts = [(max(a, c), min(b, d)) for a, b in quote.content for c, d in sentences if a < d and c < b]
    if len(cuts) > 1:
        yield from ((cut,) for cut in cuts)


def related(note: StatementNote, near: list[tuple[StatementNote, float]]) -> Iterator[Relation]:
    """What one statement repeats, and what it negates, of earlier ones that are alike, in their order, each with the share."""
    repeated = False
    for other, share in near:
        if (other.day, other.article, other.name) >= (note.day, note.article, note.name):
            break
        if not repeated and _repeats(note, other, share):
            yield _relation(note, "repeats", other, f"{share:.0%} of the content words in common")
            repeated = True
        if _negates(note, other, share):
            ground = f"one negates what the other says; {share:.0%} of the content words in common"
            yield _relation(note, "conflictsWith", other, ground)
            yield _relation(other, "conflictsWith", note, ground)


def _repeats(note: StatementNote, other: StatementNote, share: float) -> bool:
    named = note.speaker and other.speaker and note.speaker != other.speaker
    if by_version(note.article)[0] == by_version(other.article)[0]:
        return False  # also between versions of one article
    return note.article != other.article and note.negated == other.negated and (share > SURE or not named)


def _negates(note: StatementNote, other: StatementNote, share: float) -> bool:
    """Whether two speakers (or two articles that name none) say the opposite about one kind of event."""
    if note.negated == other.negated or share < OPPOSED or not note.types & other.types:
        return False
    same = note.speaker == other.speaker and (note.speaker is not None or note.article == other.article)
    return not same and _days_apart(note.day, other.day) <= DAYS


def _days_apart(one: str, other: str) -> int:
    """Days between two dates; a large number where one is not known to the day."""
    try:
        return abs((date.fromisoformat(one) - date.fromisoformat(other)).days)
    except ValueError:
        return 0 if one == other else DAYS + 1


def _relation(subject: StatementNote, property_: str, object_: StatementNote, ground: str) -> Relation:
    return Relation(
        subject.article, f"{subject.article}#{subject.name}", property_, f"{object_.article}#{object_.name}", ground
    )
