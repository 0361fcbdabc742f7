"""Pairing quotation marks: which stretches of a text stand between marks.

Straight and curly, double and single marks, '' for a double one, guillemets and low marks; nested quotations;
quotations that run on over paragraphs (each paragraph opens with a mark, only the last one closes: Chicago Manual of
Style 13.32); and the unbalanced pairs of real pages (' … ”). Apostrophes (contractions, possessives, '90s) are no
marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

DOUBLE, SINGLE = "double", "single"
OPENING = {"“": DOUBLE, "„": DOUBLE, "‟": DOUBLE, "«": DOUBLE, "‘": SINGLE, "‚": SINGLE, "‹": SINGLE}
CLOSING = {"”": DOUBLE, "»": DOUBLE, "’": SINGLE, "›": SINGLE}
STRAIGHT = {'"': DOUBLE, "''": DOUBLE, "``": DOUBLE, "'": SINGLE}
MARKS = "".join({*OPENING, *CLOSING, '"', "'", "`"})
_MARK = re.compile(f"[{re.escape(MARKS)}]")
# A mark opens after one of these, or at the start of a block.
BEFORE_OPENING = " \t\n\r\xa0\u200a\u2009([{—–-/:;,…*|" + MARKS
# Words that lose their first letters in print; their apostrophe is no opening mark.
CLIPPED = ("em", "til", "tis", "twas", "cause", "round", "bout", "n")
# A single mark that surely closes (after punctuation), and one that may open.
CLOSER = re.compile(r"(?<=[.,?!…])['’](?=\s|$)")
OPENER = re.compile(r"(?<=\s)['‘](?=\w)")


@dataclass(frozen=True, slots=True)
class Quotation:
    """A stretch between marks: `start:end` with the marks, `inner` without. `continues`: it goes on in the next block.
    A stretch between marks: `start:end` with the marks, `inner` without. `continues`: it goes on in the next block.
    """

    start: int
    end: int
    inner: tuple[int, int]
    continues: bool = False
    single: bool = False


@dataclass(slots=True)
class _Open:
    kind: str
    start: int
    width: int
    mark: str


def pair(text: str, blocks: Iterable[tuple[int, int]]) -> tuple[Quotation, ...]:
    """The outermost quotations in each block (start, end) of the text, in order."""
    blocks = list(blocks)
    found: list[Quotation] = []
    for number, (start, end) in enumerate(blocks):
        follower = text[blocks[number + 1][0] : blocks[number + 1][1]].lstrip()[:2] if number + 1 < len(blocks) else ""
        found.extend(_outermost(_pair_block(text, start, end, follower)))
    return tuple(found)


def _outermost(pairs: list[Quotation]) -> list[Quotation]:
    kept: list[Quotation] = []
    for quotation in sorted(pairs, key=lambda q: (q.start, -q.end)):
        if not kept or quotation.start >= kept[-1].end:
            kept.append(quotation)
    return kept


def _pair_block(text: str, start: int, end: int, follower: str) -> list[Quotation]:
    found: list[Quotation] = []
    stack: list[_Open] = []
    at = start
    while at < end:
        if text[at] not in MARKS:
            following = _MARK.search(text, at, end)
            if following is None:
                break
            at = following.start()
        mark = text[at : at + 2] if text[at : at + 2] in ("''", "``") and at + 2 <= end else text[at]
        before = text[at - 1] if at > start else " "
        after = text[at + len(mark)] if at + len(mark) < end else " "
        kind, opens, closes = _roles(text, at, mark, before, after, end)
        if mark == "“" and any(o.mark == "„" for o in stack):
            opens, closes = False, True
        match = _matching(stack, kind, mark) if closes else None
        if match is not None and not (
            opens and kind == DOUBLE and mark not in CLOSING and before.isspace() and not after.isspace()
        ):
            opened = stack[match]
            del stack[match:]
            found.append(
                Quotation(opened.start, at + len(mark), (opened.start + opened.width, at), single=opened.kind == SINGLE)
            )
        elif opens:
            stack.append(_Open(kind, at, len(mark), mark))
        at += len(mark)
    for opened in stack:
        tail = _tail(text, opened, end, follower)
        if tail is not None:
            found.append(tail)
            break
    return [q for q in found if q.inner[0] < q.inner[1]]


def _roles(text: str, at: int, mark: str, before: str, after: str, end: int) -> tuple[str, bool, bool]:
    """The mark's kind, and whether it may open and close here."""
    kind = OPENING.get(mark) or CLOSING.get(mark) or STRAIGHT.get(mark) or SINGLE
    if kind == SINGLE and before.isalnum() and after.isalnum():
        return kind, False, False
    starts_word = before in BEFORE_OPENING and not after.isspace()
    ends_word = not before.isspace() and not after.isalnum()
    if mark in OPENING:
        return kind, not _clipped(text, at + 1) if kind == SINGLE else True, False
    if kind == SINGLE:
        opens = mark == "'" and starts_word and not _clipped(text, at + 1)
        return kind, opens, ends_word and not _possessive(text, at, before, end)
    if mark in CLOSING:
        return kind, False, True
    inches = before.isdigit() and not after.isalnum() and mark == '"' and text[:at].rfind('"') < text[:at].rfind("\n")
    return kind, not inches and (starts_word or not ends_word), True


def _clipped(text: str, at: int) -> bool:
    """Whether an apostrophe before `at` stands for letters left out ('90s, 'em)."""
    word = text[at : at + 6]
    letters = "".join(c for c in word.split(" ")[0] if c.isalpha()).casefold()
    return (word[:2].isdigit() and word[2:3] == "s") or (letters in CLIPPED and not word[len(letters) :][:1].isalpha())


def _possessive(text: str, at: int, before: str, end: int) -> bool:
    """Whether the mark after a plural ("the workers' demands") is an apostrophe: a clearer closing mark still comes."""
    if before not in "sSxz" or not text[at + 1 : at + 3].strip()[:1].islower():
        return False
    closer, opener = CLOSER.search(text, at + 1, end), OPENER.search(text, at + 1, end)
    return closer is not None and (opener is None or closer.start() < opener.start())


def _matching(stack: list[_Open], kind: str, mark: str) -> int | None:
    """The index of the opening mark that this one closes: of its kind; for a lone double one, also a single (a mixed
    pair).
    """
    for index in range(len(stack) - 1, -1, -1):
        opened = stack[index]
        if opened.kind == kind and (opened.mark != '"' or mark == '"' or mark in "”“"):
            return index
        if opened.kind == DOUBLE and kind == SINGLE:
            return None
    return len(stack) - 1 if kind == DOUBLE and stack else None


def _tail(text: str, opened: _Open, end: int, follower: str) -> Quotation | None:
    """A quotation without its closing mark: it goes on in the next block, or closes with a mark of the other kind, or
    is dropped.
    """
    stop = end
    while stop > opened.start and text[stop - 1].isspace():
        stop -= 1
    inner = (opened.start + opened.width, stop)
    if opened.kind == DOUBLE and follower.startswith((opened.mark, "“", '"')):
        return Quotation(opened.start, stop, inner, continues=True)
    closer = CLOSER.search(text, inner[0], stop)
    if opened.kind == DOUBLE and closer is not None:
        return Quotation(opened.start, closer.end(), (inner[0], closer.end() - 1))
    return None
