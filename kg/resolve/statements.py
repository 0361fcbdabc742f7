"""The same words in several articles: later statements repeat the earliest, also where a translation varied them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kg.records import Extraction, part_names
from kg.resolve.relations import Relation

WORD = re.compile(r"\w+")
# Shorter statements ("we will see") recur by chance.
FEWEST_WORDS = 5
# Two statements that share this many words in a row are looked at together; five in a row are rarely chance.
SHINGLE = 5
# Share of common words (Jaccard) from which two statements are the same words; two translations of one sentence reach about 0.7.
ALIKE = 0.6
# A run of words that more statements than this share is a phrase of the news, not a quotation.
COMMONEST = 50


@dataclass(frozen=True, slots=True)
class StatementNote:
    """What is compared of a statement."""

    day: str
    article: str
    name: str
    speaker: str | None
    words: tuple[str, ...]


def note_statements(record: Extraction) -> Iterator[StatementNote]:
    """The statements of one article that are long enough to be recognised."""
    names = part_names("statement", [q.content[0] for q in record.quotes])
    for name, quote in zip(names, record.quotes, strict=True):
        words = tuple(w for a, b in quote.content for w in WORD.findall(record.text[a:b].casefold()))
        if len(words) >= FEWEST_WORDS:
            yield StatementNote(record.date or "9999", record.id, name, quote.speaker, words)


def match_statements(notes: Iterable[StatementNote]) -> Iterator[Relation]:
    """Each statement that repeats an earlier one of another article, with the earliest it repeats."""
    seen: defaultdict[tuple[str, ...], list[StatementNote]] = defaultdict(list)
    for note in sorted(notes, key=lambda n: (n.day, n.article, n.name)):
        runs = [note.words[i : i + SHINGLE] for i in range(len(note.words) - SHINGLE + 1)]
        candidates = {(c.day, c.article, c.name): c for run in runs for c in seen[run] if c.article != note.article}
        for _, earlier in sorted(candidates.items()):
            share = likeness(note.words, earlier.words)
            if share >= ALIKE and (note.speaker == earlier.speaker or share > 0.9 or not note.speaker or not earlier.speaker):
                ground = f"{share:.0%} of the words in common"
                yield Relation(note.article, f"{note.article}#{note.name}", "repeats", f"{earlier.article}#{earlier.name}", ground)
                break
        for run in runs:
            if len(seen[run]) < COMMONEST:
                seen[run].append(note)


def likeness(a: tuple[str, ...], b: tuple[str, ...]) -> float:
    """Jaccard index of the two sets of words."""
    one, two = set(a), set(b)
    return len(one & two) / len(one | two)
