"""Agencies and outlets that a text names as its source: in credits, datelines, bylines, or as relaying a statement."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from kg.records import Span
from kg.tables import table

# Words by which a text passes on what an agency has reported. The agency's own name must follow or go before.
_CITED = re.compile(
    r"\b(?:according to|(?:quoted|cited|reported|carried) by|told|telling|citing|quoting"
    r"|interview (?:with|to)|statement to|reports? by)"
    r"(?: the| news agency| state news agency| state-run| [A-Z]\w+ (?:state )?news agency)* $"
)
_CITES = re.compile(
    r"(?: news agency| agency)?(?:'s \w+)? (?:reported|reports|said|says|quoted|quotes|cited|cites|wrote|writes"
    r"|could not|was unable|was not able)\b"
)
_BYLINE = re.compile(r"By\s+[^\W\d_]")
_SHORT = 160


class Agency(NamedTuple):
    name: str
    kind: str


@cache
def _names(credits: bool) -> dict[str, Agency]:
    found = {}
    for row in table("agencies.tsv"):
        aliases = [row["name"], *row["aliases"].split("|"), *(row["credits"].split("|") if credits else [])]
        # A name is an alias unless it is one of the short ones that only credits may use.
        for alias in aliases:
            if alias and (credits or alias not in row["credits"].split("|")):
                found[alias] = Agency(row["name"], row["kind"])
    return found


@cache
def pattern(credits: bool = True) -> str:
    """A regular expression for every name, longest first; with `credits` also short ones that are safe only there."""
    by_letter: dict[str, list[str]] = {}
    for name in sorted(_names(credits), key=lambda name: (-len(name), name)):
        by_letter.setdefault(name[0], []).append(re.escape(name[1:]))
    # One branch a letter: `re` tries the branches one by one.
    return "(?:" + "|".join(f"{re.escape(letter)}(?:{'|'.join(rest)})" for letter, rest in by_letter.items()) + ")"


def _mentions(text: str, credits: bool, start: int = 0, end: int | None = None) -> Iterator[re.Match[str]]:
    """The names in a text. What stands before is looked at here: a look-behind would keep `re` from leaping ahead."""
    for match in _name(credits).finditer(text, start, len(text) if end is None else end):
        before = text[match.start() - 1] if match.start() else " "
        if not before.isalnum() and before not in "-_@#":
            yield match


@cache
def _name(credits: bool) -> re.Pattern[str]:
    return re.compile(rf"{pattern(credits)}(?![\w-])")


def named(text: str) -> Agency | None:
    """The agency or outlet that the whole text is the name of."""
    text = " ".join(text.split())
    known = _names(True)
    if found := known.get(text) or known.get(text.removeprefix("The ").removeprefix("the ")):
        return found
    return _folded().get(text.casefold())


@cache
def _folded() -> dict[str, Agency]:
    return {name.casefold(): agency for name, agency in _names(False).items()}


def credited(text: str, spans: Iterable[Span], bylines: Iterable[Span]) -> tuple[str, ...]:
    """The agencies (not outlets) that the credit spans and bylines name or that the text cites, in its order."""
    found: dict[str, int] = {}
    for start, end in (*spans, *(span for span in bylines if is_byline(text[slice(*span)]))):
        for match in _mentions(text, True, start, end):
            _add(found, _names(True)[match[0]], match.start())
    for match in _mentions(text, False):
        if _CITED.search(text, max(0, match.start() - 80), match.start()) or _CITES.match(text, match.end()):
            _add(found, _names(False)[match[0]], match.start())
    return tuple(sorted(found, key=lambda name: (found[name], name)))


def is_byline(line: str) -> bool:
    """A line that names who wrote the story ("By A. Writer, Associated Press")."""
    return len(line) < _SHORT and bool(_BYLINE.match(line)) and not line.rstrip().endswith((".", "!", "?"))


def _add(found: dict[str, int], agency: Agency, offset: int) -> None:
    if agency.kind != "outlet":
        found[agency.name] = min(found.get(agency.name, offset), offset)
