"""Known names in a text: the authority's, nationalities and peoples, and what an article adds; longest match."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple

from kg.link.authority import Entry, core
from kg.nlp import lexicon
from kg.ready import ready_made
from kg.vocabulary import EntityType

WORD = re.compile(r"\w+|[^\w\s]")
# A single word must be well known to be taken for a city wherever it stands: Split, Nice and Mobile are words too.
CITY_POPULATION = 300_000
SHORT = 3  # up to this many letters a name in capitals may be a word of a heading set in capitals


class Term(NamedTuple):
    """What a known name stands for. `role`: name, adjective (`Israeli`) or people (`Israelis`); `id` is the identifier of its
    entry in the authority's core table, if it has one."""

    type: EntityType
    name: str
    role: str = "name"
    id: str = ""

    @property
    def entry(self) -> Entry | None:
        """What the core table has of it."""
        return core().entries[self.id] if self.id else None


@dataclass(frozen=True, slots=True)
class Hit:
    """A known name at its place in the text."""

    start: int
    end: int
    term: Term


Trie = dict[str, Any]
END = " "  # no word is white space, so this key marks the end of a name


class Gazetteer:
    """A trie over words."""

    def __init__(self, names: Iterable[tuple[str, Term]]) -> None:
        self.trie: Trie = {}
        for name, term in names:
            self.add(name, term)

    def add(self, name: str, term: Term) -> None:
        """Adds a name as written, and in capitals where it is long enough; the first term of a name stays."""
        forms = {name, name.upper()} if len(name) > SHORT else {name}
        for form in sorted(forms):
            node = self.trie
            for word in WORD.findall(form):
                node = node.setdefault(word, {})
            node.setdefault(END, term)

    def find(self, text: str) -> Iterator[Hit]:
        """The longest names, from left to right, without overlap. A name does not run across a blank line."""
        words = words_in(text)
        i = 0
        while i < len(words):
            node = self.trie.get(words[i][0])
            last, term = i, None
            j = i
            while node is not None:
                if END in node and not inside(text, words[i][1], words[j][2]):
                    last, term = j, node[END]
                j += 1
                if j >= len(words) or "\n\n" in text[words[j - 1][2] : words[j][1]]:
                    break
                node = node.get(words[j][0])
            if term is not None and not shouted(text, words, i, last):
                yield Hit(words[i][1], words[last][2], term)
            i = last + 1

    def whole(self, name: str) -> Term | None:
        """What the name stands for, if it is a known one."""
        node: Trie | None = self.trie
        for word in WORD.findall(name):
            node = node.get(word) if node else None
        return node.get(END) if node else None


@lru_cache(maxsize=2)
def words_in(text: str) -> list[tuple[str, int, int]]:
    """The words and marks of a text with their spans; kept, since several gazetteers go over one article."""
    return [(m.group(), m.start(), m.end()) for m in WORD.finditer(text)]


def inside(text: str, start: int, end: int) -> bool:
    """Whether the span is only part of a word or sum: `US` in `US$5`, `al` in `al-Aqsa`."""
    after = text[end : end + 2]
    return (after[:1] == "$") or (after[:1] == "-" and text[start:end].islower())


def shouted(text: str, words: list[tuple[str, int, int]], first: int, last: int) -> bool:
    """Whether a short name in capitals stands among words in capitals, where it may be any word (`IS`, `WHO`)."""
    start, end = words[first][1], words[last][2]
    if end - start > SHORT or not text[start:end].isupper() or text[start:end] in ("US", "UK", "UN", "EU"):
        return False
    near = [words[k][0] for k in (first - 1, last + 1) if 0 <= k < len(words) and words[k][0].isalpha()]
    return bool(near) and all(len(w) > 1 and w.isupper() for w in near)


def terms() -> Iterator[tuple[str, Term]]:
    """All known names: the places first, then organisations, peoples, persons."""
    authority = core()
    entries = sorted(
        authority.entries.values(), key=lambda e: (e.type != EntityType.PLACE, e.type != EntityType.ORGANISATION, e.id)
    )
    common = lexicon.given_names() | lexicon.surnames() | lexicon.titles() | lexicon.not_names()
    curated = {n for r in lexicon.rows("known_names") for n in (r["label"], *r["aliases"].split("|"))}
    types = {r["label"]: EntityType(r["type"]) for r in lexicon.rows("known_names")}
    nations = {e.label: e for e in entries if e.kind == "country"}
    for row in lexicon.rows("demonyms"):
        kind = EntityType(row["type"])
        entry = nations.get(row["name"]) or next((e for e in authority.find(row["name"]) if e.type == kind), None)
        for role in ("adjectives", "people"):
            for form in filter(None, row[role].split("|")):
                people = role == "people"
                yield (
                    form,
                    Term(
                        EntityType.GROUP if people else kind,
                        form if people else row["name"],
                        "people" if people else "adjective",
                        entry.id if entry else "",
                    ),
                )
    for entry in entries:
        for name in (entry.label, *entry.aliases):
            if name.startswith("the ") or types.get(name, entry.type) != entry.type:
                continue
            single = len(name.split()) == 1
            if entry.type == EntityType.PERSON and single:
                continue
            if (
                entry.kind in ("city", "capital")
                and single
                and name not in curated
                and (entry.population < CITY_POPULATION or (name in common and entry.kind == "city"))
            ):
                continue
            if entry.type == EntityType.ORGANISATION and single and name not in curated and not name.isupper():
                continue
            if entry.kind == "region" and single and name not in curated and name in common:
                continue
            yield name, Term(entry.type, entry.label, "name", entry.id)


class Gazetteers(NamedTuple):
    """The known names: all of them, the adjectives of places, and the places."""

    all: Gazetteer
    adjectives: Gazetteer
    places: Gazetteer


@cache
def gazetteers() -> Gazetteers:
    """The gazetteers of everything known, built once."""
    return ready_made("gazetteers", _gazetteers)


def _gazetteers() -> Gazetteers:
    found = list(terms())
    places = [(name, term) for name, term in found if term.type == EntityType.PLACE]
    adjectives, names = ([p for p in places if p[1].role == role] for role in ("adjective", "name"))
    return Gazetteers(Gazetteer(found), Gazetteer(adjectives), Gazetteer(names))


def known() -> Gazetteer:
    """The gazetteer of everything known."""
    return gazetteers().all
