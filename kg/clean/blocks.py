"""Blocks of a text: headings, paragraphs, captions, one after the other, as its line breaks tell.

Two habits are told apart: one line a paragraph, and lines wrapped at a width, where a paragraph ends at a blank line,
at an indented line, or where the next line's first word would still have fitted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from kg.records import Span

_LINE = re.compile(r"[^\r\n\x0b\x0c\x85\u2028\u2029]+")
_BREAK = re.compile(r"\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
_WRAPPED_AT = 132  # no wrapped text is wider: the widest line printers and terminals had
_NARROWEST = 40  # narrower lines are lists, tables or verse, whose breaks mean something
_FULL = 0.75  # the part of the width that a line of running text has at least
_ENDS = re.compile(r"""[.!?:…]['"”’)\]]*$""")


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of text from its first to its last character that is not white space."""

    start: int
    end: int
    text: str

    @property
    def span(self) -> Span:
        return self.start, self.end

    @property
    def words(self) -> int:
        return len(self.text.split())

    @property
    def is_prose(self) -> bool:
        """Ends as a sentence does and is longer than a headline usually is."""
        return bool(_ENDS.search(self.text)) and self.words >= 8


@dataclass(frozen=True, slots=True)
class _Line:
    start: int  # first character that is not white space
    end: int
    left: int  # beginning of the line, white space included
    blank_before: bool

    @property
    def indent(self) -> int:
        return self.start - self.left

    def reach(self, margin: int) -> int:
        """The column that the line ends at, counted from the margin that most lines begin at."""
        return self.end - self.start + max(0, self.indent - margin)


class _Wrap(NamedTuple):
    width: int
    margin: int


def split(text: str) -> list[Block]:
    """The blocks of a text, in order; white space between them belongs to none."""
    lines = _lines(text)
    wrap = _wrap(text, lines)
    blocks: list[Block] = []
    for number, line in enumerate(lines):
        after = lines[number + 1] if number + 1 < len(lines) else None
        joined = number and wrap and _continues(text, lines[number - 1], line, after, wrap)
        start = blocks.pop().start if joined else line.start
        blocks.append(Block(start, line.end, text[start : line.end]))
    return blocks


def _lines(text: str) -> list[_Line]:
    lines: list[_Line] = []
    after = 0
    for found in _LINE.finditer(text):
        words = found[0].strip()
        if not words:
            continue
        start = found.start() + len(found[0]) - len(found[0].lstrip())
        blank = bool(lines) and len(_BREAK.findall(text, after, start)) > 1
        lines.append(_Line(start, start + len(words), found.start(), blank))
        after = lines[-1].end
    return lines


def _wrap(text: str, lines: list[_Line]) -> _Wrap | None:
    """How lines are wrapped; None if every line break is meant."""
    inner = [line for line, after in pairwise(lines) if not after.blank_before]
    if len(inner) < 2:
        return None
    margin = sorted(line.indent for line in lines)[len(lines) // 2]
    width = max(line.reach(margin) for line in lines)
    if not _NARROWEST <= width <= _WRAPPED_AT:
        return None
    full = [line for line in inner if line.reach(margin) > _FULL * width]
    # Wrapped lines break anywhere in a sentence; lines that are paragraphs end where a sentence does.
    open_ended = sum(not _ENDS.search(text[line.start : line.end]) for line in full)
    return _Wrap(width, margin) if len(full) >= 2 and open_ended >= 0.5 * len(full) else None


def _continues(text: str, line: _Line, after: _Line, then: _Line | None, wrap: _Wrap) -> bool:
    if after.blank_before:
        return False
    # A paragraph's first line may stand further in than those before and after it.
    if after.indent > line.indent + 1 and (then is None or then.blank_before or then.indent < after.indent):
        return False
    reach = line.reach(wrap.margin)
    # Beside a picture lines are narrower: a long line that ends no sentence goes on, wherever it breaks.
    if reach > _FULL * wrap.width and not _ENDS.search(text[line.start : line.end]):
        return True
    first_word = text[after.start : after.end].split(maxsplit=1)[0]
    # Two columns of grace: some writers break before the last words that would just fit.
    return reach + 1 + len(first_word) > wrap.width - 2
