"""Page furniture: the spans of a text that are not news, by the patterns of `kg/data/furniture.tsv`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from kg.clean import agencies, dates
from kg.clean.blocks import Block
from kg.ready import ready_made
from kg.records import Span
from kg.tables import table

# Longer blocks are never furniture as a whole: links have the length of a headline, legal lines some 300 characters.
_SHORT, _LONGEST = 180, 400
# Credits at the end of a block are looked for in its last characters only.
_TAIL = 100
# How many blocks at either end of a page hold its navigation.
_EDGE = 8


class Piece(NamedTuple):
    """A span of furniture and its kind (the first column of the table)."""

    start: int
    end: int
    kind: str


class _Rules(NamedTuple):
    short: re.Pattern[str]
    long: re.Pattern[str]
    edge: re.Pattern[str]
    start: re.Pattern[str]
    end: re.Pattern[str]
    brackets: re.Pattern[str]
    anywhere: re.Pattern[str]
    kinds: dict[str, str]


def find(text: str, blocks: Sequence[Block]) -> list[Piece]:
    """The furniture of a text, sorted and disjoint."""
    rules = _rules()
    found: list[Piece] = []

    def keep(match: re.Match[str]) -> None:
        start, end = match.span()
        words = match[0]
        start, end = start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip())
        found.append(Piece(start, end, rules.kinds[match.lastgroup or ""]))

    for number, block in enumerate(blocks):
        edge = number < _EDGE or number >= len(blocks) - _EDGE
        if match := _whole_block(rules, text, block, edge):
            keep(match)
            continue
        if match := rules.start.match(text, block.start, block.end):
            keep(match)
        tail = max(block.start + 1, block.end - _TAIL)
        if (match := rules.end.search(text, tail, block.end)) and not _is_expansion(text, match):
            keep(match)
    for match in rules.brackets.finditer(text):
        keep(match)
    for match in rules.anywhere.finditer(text):
        keep(match)
    return _disjoint(found)


def _whole_block(rules: _Rules, text: str, block: Block, edge: bool) -> re.Match[str] | None:
    """The rule by which the whole block is furniture. Three patterns, not one for each place of a block: they are long."""
    span, length = block.span, block.end - block.start
    if length > _LONGEST:
        return None
    if length > _SHORT:
        return rules.long.fullmatch(text, *span)
    found = rules.short.fullmatch(text, *span) or rules.long.fullmatch(text, *span)
    return found or (rules.edge.fullmatch(text, *span) if edge else None)


def merge(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Sorted spans, those that touch or overlap made one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        elif start < end:
            merged.append((start, end))
    return tuple(merged)


def _disjoint(pieces: list[Piece]) -> list[Piece]:
    kept: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: (piece.start, -piece.end, piece.kind)):
        if piece.start >= piece.end:
            continue
        if kept and piece.start < kept[-1].end:
            if piece.end > kept[-1].end:
                kept[-1] = kept[-1]._replace(end=piece.end)
            continue
        kept.append(piece)
    return kept


def _is_expansion(text: str, match: re.Match[str]) -> bool:
    """`the Associated Press (AP)` and `the Port Authority (PA)` explain a name and credit nobody."""
    if not match[0].startswith("("):
        return False
    short = match[0].strip("(). ")
    words = re.findall(r"[^\W\d_]+", text[max(0, match.start() - 80) : match.start()])
    initials = "".join(word[0] for word in words if word[0].isupper())
    agency = agencies.named(short)
    return initials.endswith(short.upper()) or (agency is not None and " ".join(words).endswith(agency.name))


@cache
def _rules() -> _Rules:
    return ready_made("furniture", _compiled)


def _compiled() -> _Rules:
    """The table as one alternation for each scope; each row is a named group, whose name leads to its kind."""
    parts: dict[str, list[str]] = defaultdict(list)
    kinds: dict[str, str] = {}
    for number, row in enumerate(table("furniture.tsv")):
        name = f"r{number}"
        kinds[name] = row["kind"]
        rule = row["pattern"]
        for slot, value in (
            ("{date}", dates.ANY),
            ("{time}", dates.TIME),
            ("{weekday}", dates.WEEKDAY),
            ("{agency}", agencies.pattern()),
        ):
            rule = rule.replace(slot, value)
        if row["scope"] == "end":
            rule = rf"(?:{rule})\s*$"
        scope = "edge" if row["scope"] == "block" and row["where"] == "edge" else row["scope"]
        parts[scope].append(f"(?P<{name}>{rule})")
    return _Rules(
        short=_whole(parts["block"]),
        long=_whole(parts["long"]),
        edge=_whole(parts["edge"]),
        start=_either(parts["start"]),
        end=_either(parts["end"]),
        # The bracket stands before the alternation so that the search can leap from one to the next.
        brackets=re.compile(rf"\((?:{'|'.join(parts['brackets'])})\)", re.IGNORECASE),
        anywhere=_either(parts["anywhere"]),
        kinds=kinds,
    )


def _either(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


def _whole(patterns: list[str]) -> re.Pattern[str]:
    """Matches a whole block; Markdown's marks of emphasis and quotation may stand around it."""
    return re.compile(rf"[*_>\s]{{0,4}}(?:{'|'.join(patterns)})[*_\s]{{0,3}}", re.IGNORECASE)
