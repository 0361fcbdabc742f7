"""Reprints of one text, and later versions of it, so that five reprints do not look like five witnesses.

Each text is sketched by the smallest hashes of its runs of words (Broder, On the resemblance and containment of
documents, 1997): the share of common hashes estimates the share of common text, whatever the length of the texts.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b

from kg.records import Extraction, Span
from kg.resolve.relations import Relation, by_version
from kg.resolve.words import words

ALTERNATE, REVISION = "prov:alternateOf", "prov:wasRevisionOf"
# Words in a run; runs of five are rarely chance.
RUN = 5
# Hashes kept of a text. The estimate is then about 0.04 off near a half.
SKETCH = 128
# The smallest hashes find the candidates: two texts that share half of theirs share none of these once in 60,000 times.
KEYS = 16
# A run of words that more texts than this share is an outlet's standing text.
COMMONEST = 50
# Runs that a text must have to be told from another by them: two or three sentences.
FEWEST = 40
# A reprint holds this share of the shorter text's runs, and the two have at least this share of all runs in common: a reprint
# may be cut, but a background paragraph makes none.
CONTAINED, COMMON = 0.75, 0.3
# Two texts at one address are versions of one article if they share this much; else the address was used again.
VERSION = 0.2
_NOTE = re.compile(
    r"\b(?:this (?:story|article|report|version)|story|article) (?:has been |was |is )?"
    r"(?:corrects?|corrected|updates?|updated|amended|revised)\b|\bcorrects? (?:an earlier|the earlier|previous)|\bCorrection:",
    re.I,
)
# The marks of agencies: "CORRECTED-", "UPDATE 2-", "REFILE-" before a headline, "(Corrects …)", "(Adds …)" before the text.
_SLUG = re.compile(
    r"^\W*(?:CORRECTED|CORRECTION|REFILED?|CLARIFICATION|(?:UPDATE|RECAST) ?\d*)(?:\s?[-–—:]|\s+\()"
    r"|^\((?i:corrects|corrected|corrections?|clarifies|refiles|adds|updates|recasts|amends)\b[^()\n]{8,}\)",
    re.M,
)


@dataclass(frozen=True, slots=True)
class CopyNote:
    """What is compared of an article; `publisher` is its outlet, or the one agency that it names where it has none, `size`
    the number of its distinct runs, `revises` the earlier version of it that the store keeps."""

    day: str
    article: str
    url: str | None
    publisher: str | None
    sketch: tuple[int, ...]
    size: int
    corrects: bool
    revises: str | None = None

    @property
    def keys(self) -> list[int | str]:
        """Two articles of which one is a reprint or a version of the other share one of these."""
        keys: list[int | str] = list(self.sketch[:KEYS]) if self.size >= FEWEST else []
        keys += filter(None, (self.url, self.revises))
        return [*keys, self.article]


@dataclass(frozen=True, slots=True)
class Copies:
    """`original` maps a reprint to the earliest article with its text, `version` a later version to the first one."""

    original: dict[str, str] = field(default_factory=dict)
    version: dict[str, str] = field(default_factory=dict)
    relations: tuple[Relation, ...] = ()

    def one_text(self, one: str, other: str) -> bool:
        """Whether two articles are reprints of one text."""
        return self.original.get(one, one) == self.original.get(other, other)

    def one_article(self, one: str, other: str) -> bool:
        """Whether two articles are versions of one."""
        return self.version.get(one, one) == self.version.get(other, other)


def note_copy(record: Extraction) -> CopyNote:
    """The sketch of one article without its page furniture."""
    found = words(" ".join(_kept(record.text, record.noise)))
    runs = {" ".join(found[i : i + RUN]) for i in range(len(found) - RUN + 1)}
    hashes = sorted(int.from_bytes(blake2b(run.encode(), digest_size=8).digest(), "big") for run in runs)
    outlets = {record.publisher} if record.publisher else {*record.agencies}
    return CopyNote(
        day=record.date or "9999",
        article=record.id,
        url=record.url,
        publisher=outlets.pop() if len(outlets) == 1 else None,
        sketch=tuple(hashes[:SKETCH]),
        size=len(runs),
        corrects=bool(_NOTE.search(record.text) or _SLUG.search(record.text)),
        revises=record.revises,
    )


def _kept(text: str, noise: Iterable[Span]) -> Iterator[str]:
    at = 0
    for start, end in noise:
        yield text[at:start]
        at = max(at, end)
    yield text[at:]


def find_copies(notes: Iterable[CopyNote]) -> Copies:
    """The reprints and versions among the articles; the earliest (by date, then identifier) is the one referred to. Of one
    day, those that say that they correct a text come last."""
    seen: defaultdict[int | str, list[CopyNote]] = defaultdict(list)
    original: dict[str, str] = {}
    version: dict[str, str] = {}
    relations: list[Relation] = []
    for note in sorted(notes, key=lambda n: (n.day, n.corrects, by_version(n.article))):
        near = {c.article: c for key in note.keys for c in seen[key]}
        if note.revises in near:
            earlier = near[note.revises]
            version[note.article] = version.get(earlier.article, earlier.article)
            relations.append(
                _relation(note.article, REVISION, earlier.article, "earlier text under the same identifier")
            )
            _enter(note, seen)
            continue
        hashes = frozenset(note.sketch)
        alike = [
            (
                c,
                _resemblance(
                    note, c, hashes.intersection(c.sketch), VERSION if note.url and note.url == c.url else COMMON
                ),
            )
            for c in sorted(near.values(), key=lambda c: (c.day, c.article))
        ]
        versions = [(c, share) for c, share in alike if _is_version(note, c, share)]
        reprints = [(c, share) for c, share in alike if _is_copy(note, c, share)]
        if versions:
            last, share = versions[-1]
            version[note.article] = version.get(last.article, last.article)
            ground = "same address" if note.url == last.url else "says that it corrects or updates an earlier text"
            ground += f"; {share:.0%} of the runs of {RUN} words in common"
            relations.append(_relation(note.article, REVISION, last.article, ground))
        elif reprints:
            first, share = reprints[0]
            original[note.article] = original.get(first.article, first.article)
            ground = f"{share:.0%} of the runs of {RUN} words in common"
            relations.append(_relation(note.article, ALTERNATE, original[note.article], ground))
        _enter(note, seen)
    return Copies(original, version, tuple(relations))


def _enter(note: CopyNote, seen: dict[int | str, list[CopyNote]]) -> None:
    """Lets later articles find this one by its keys."""
    for key in note.keys:
        if len(seen[key]) < COMMONEST:
            seen[key].append(note)


def resemblance(one: CopyNote, other: CopyNote, least: float = 0.0) -> float:
    """An estimate of the share of common runs (Jaccard index) from the smallest hashes of both; 0 if it is less than `least`."""
    return _resemblance(one, other, frozenset(one.sketch).intersection(other.sketch), least)


def _resemblance(one: CopyNote, other: CopyNote, shared: frozenset[int], least: float) -> float:
    """The same by the hashes that are in both sketches."""
    size = min(len(one.sketch) + len(other.sketch) - len(shared), SKETCH)
    if not shared or len(shared) < least * size:
        return 0.0
    common = sorted(shared)

    def place(number: int) -> int:
        """The place of a common hash among those of both."""
        found = common[number]
        return bisect_right(one.sketch, found) + bisect_right(other.sketch, found) - number - 1

    share = bisect_right(range(len(common)), size, key=place) / size
    return share if share >= least else 0.0


def _is_copy(one: CopyNote, other: CopyNote, share: float) -> bool:
    if share < COMMON or min(one.size, other.size) < FEWEST:
        return False
    common = share / (1 + share) * (one.size + other.size)
    return common >= CONTAINED * min(one.size, other.size)


def _is_version(later: CopyNote, earlier: CopyNote, share: float) -> bool:
    """Same address and some of the text; or a note that it corrects one, and a text of the same outlet that shares a good
    part with it: a later version adds what is new and drops what is not."""
    if later.url and later.url == earlier.url:
        return share >= VERSION
    return (
        later.corrects
        and bool(later.publisher)
        and later.publisher == earlier.publisher
        and share >= COMMON
        and min(later.size, earlier.size) >= FEWEST
    )


def _relation(subject: str, property_: str, object_: str, ground: str) -> Relation:
    return Relation(subject, f"article/{subject}", property_, f"article/{object_}", ground)
