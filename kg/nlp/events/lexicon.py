"""The trigger words of events: rows of `kg/data/events.tsv`, and the word classes that their guards name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from kg.errors import NewskgError
from kg.vocabulary import EventType

FRAMES = frozenset({"transitive", "done", "undergo", "act", "parties", "travel", "hazard", "none"})


@dataclass(frozen=True, slots=True)
class Test:
    """One condition of a guard: `name`, the words it wants (none: that there is one), and whether it must fail."""

    name: str
    words: frozenset[str]
    negated: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A reading of a trigger word. `type` is None where the word in this use is no event. `frame` says what its
    arguments are:

    - transitive: subject acts on object; "Israel's bombing of X by Y": possessor and by-phrase act, of-phrase undergoes
    - done: as transitive, but a possessor undergoes ("his arrest")
    - undergo: subject, possessor and of-phrase undergo ("died", "the death of")
    - act: subject acts, the object is no party unless it names one
    - parties: subject, object, with-, between- and of-phrases take part
    - travel: subject acts, object and to-phrase are the place
    - hazard: nobody acts, object and of-phrase are the place
    - none: no participants
    """

    type: EventType | None
    frame: str
    guard: tuple[Test, ...]
    confidence: float


def rows(name: str) -> list[list[str]]:
    """The rows of a data file: tab-separated cells, without comments and empty lines."""
    text = (files("kg") / "data" / name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line.strip() and not line.startswith("#")]


def words(cell: str) -> list[str]:
    """The words of a cell that are separated by commas."""
    return [word.strip() for word in cell.split(",") if word.strip()]


@cache
def word_classes() -> dict[str, frozenset[str]]:
    """Lemmas by the name of their class."""
    return {name: frozenset(words(cell)) for name, cell in rows("word_classes.tsv")}


@cache
def cut_short() -> dict[str, str]:
    """What the model's lemmatiser makes of some verbs ("fined": fin), with their lemmas."""
    return {row[0]: row[1] for row in rows("verb_lemmas.tsv")}


def is_doer(word: str) -> bool:
    """Whether the noun's ending makes it one for people by what they do or how old they are."""
    return word.endswith(_endings("doer_endings"))


def is_abstract(word: str) -> bool:
    """Whether the noun, or its ending, is one of what does nothing itself."""
    return word in word_classes()["abstract"] or word.endswith(_endings("abstract_endings"))


@cache
def _endings(name: str) -> tuple[str, ...]:
    return tuple(sorted(word_classes()[name]))


@cache
def entries() -> dict[tuple[str, str], tuple[Entry, ...]]:
    """Readings by part of speech (v, n, a) and lemma, in the order of the file."""
    found: dict[tuple[str, str], list[Entry]] = {}
    for row in rows("events.tsv"):
        try:
            lemmas, pos, kind, frame, guard, confidence = row
            entry = Entry(
                type=None if kind == "-" else EventType(kind),
                frame=frame or "none",
                guard=tuple(_test(atom) for atom in guard.split()),
                confidence=float(confidence),
            )
        except ValueError as error:
            raise NewskgError(f"events.tsv: bad row {row!r} ({error}): give six cells as its head says") from None
        if entry.frame not in FRAMES:
            raise NewskgError(f"events.tsv: unknown frame {frame!r} in {row!r}: use one of {', '.join(sorted(FRAMES))}")
        for lemma in words(lemmas):
            found.setdefault((pos, lemma), []).append(entry)
    return {key: tuple(value) for key, value in found.items()}


def _test(atom: str) -> Test:
    name, _, cell = atom.partition("=")
    listed: set[str] = set()
    for word in words(cell):
        listed |= word_classes().get(word[1:], frozenset()) | {word} if word.startswith("@") else {word}
    return Test(name=name.removesuffix("!"), words=frozenset(listed), negated=name.endswith("!"))
