"""The headline: which words it is, where it stands, where the page repeats it; and the headings inside the story."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from kg.clean import agencies, dateline
from kg.clean.blocks import Block
from kg.clean.furniture import Piece
from kg.records import Span

# Newspapers' longest headlines have some 30 words; longer first blocks are summaries.
_MAX_WORDS, _MAX_LENGTH = 32, 220
# Headings inside a story are short; longer lines without a full stop are captions.
_HEADING_WORDS, _HEADING_LENGTH = 12, 100
# A headline of fewer words may well begin a sentence of the story too.
_REPEATABLE = 4
_LOOK_AHEAD = 10
# Names of papers and sites have up to three words ("South China Morning Post" and its like are in the table).
_MASTHEAD = 3
_BESIDE_NAMES = frozenset({"navigation", "languages", "loading", "account", "cookies", "search"})
_NAMING = frozenset({"copyright", "source", "matter"})
_MARKDOWN = re.compile(r"#{1,6}\s+")
_SUFFIX = re.compile(r"\s*(?:\s[-–—|:·»/]+\s|\|)\s*|(?<=[\w.!?'’\"”)])-(?=[^\W\d_])")
_OPEN = re.compile(r"[.,;:]\s*['\"”’)]*$")
_ABBREVIATED = re.compile(r"\b(?:[A-Z]\.){2,}$|\b(?:Inc|Corp|Co|Ltd|Jr|Sr|No|St)\.$|\.{3}$")
_QUOTES = str.maketrans("‘’‚“”„–—", "'''\"\"\"--")


@dataclass(frozen=True, slots=True)
class Headline:
    """The headline, its span if it stands in the text, the publisher that stands with it, and what only repeats it."""

    title: str | None = None
    span: Span | None = None
    publisher: str | None = None
    repeats: tuple[Span, ...] = ()
    headings: tuple[Span, ...] = field(default=())


def read(given: str | None, text: str, blocks: Sequence[Block], pieces: Sequence[Piece]) -> Headline:
    """The headline of a text, whose `blocks` have no furniture: the given title, else a first block that reads so."""
    head = [_without_marks(block) for block in blocks[:_LOOK_AHEAD]]
    title, publisher = _without_publisher(given) if given else (None, None)
    repeats: list[Span] = []
    if title is None:
        candidates = _candidates(head, blocks)
        if not candidates:
            return Headline(headings=_headings(blocks, None))
        masthead = _masthead(text, candidates, pieces)
        first = candidates[1 if masthead else 0]
        title, publisher = _without_publisher(first.text)
        if not publisher:
            title, publisher = _shorter(first.text, [block for block in head if block.start > first.start])
        if masthead:
            publisher = publisher or _name(masthead.text)
            repeats.append(masthead.span)
    span: Span | None = None
    others: list[Span] = []
    for block in head:
        length = _begins_with(block.text, title)
        if not length:
            continue
        rest = block.text[length:].strip()
        here = (block.start, block.start + length)
        name = _publisher(block.text, length)
        publisher = publisher or name
        if span is None and not rest:
            span = here
        elif not rest or name:
            others.append(block.span)
        elif len(title.split()) >= _REPEATABLE:
            others.append(here)
    if span is None and others:
        # It stands only where a site's name or the story goes on after it: there it is the headline all the same.
        start = others.pop(0)[0]
        block = next(block for block in head if block.start == start)
        span = start, start + _begins_with(block.text, title)
        if _publisher(block.text, span[1] - start):
            others.append((span[1], block.end))
    return Headline(title, span, publisher, tuple(repeats + others), _headings(blocks, span))


def _candidates(head: Sequence[Block], blocks: Sequence[Block]) -> list[Block]:
    """The blocks before the story that read like a headline; none if the text begins with the story."""
    found = []
    for number, block in enumerate(head):
        if agencies.is_byline(block.text):
            continue
        if not _reads_like_one(block, blocks[number + 1 :], least=1):
            break
        found.append(block)
    return found if len(found) > 1 or any(block.words > 1 for block in found) else []


def _masthead(text: str, candidates: Sequence[Block], pieces: Sequence[Piece]) -> Block | None:
    """The site's name above the headline: few words that the copyright line has too, or that navigation follows."""
    if len(candidates) < 2:
        return None
    name = _name(candidates[0].text)
    if len(name.split()) > _MASTHEAD and agencies.named(name) is None:
        return None
    next_start = candidates[1].start
    followed = any(candidates[0].end <= piece.start < next_start and piece.kind in _BESIDE_NAMES for piece in pieces)
    owned = any(
        piece.kind in _NAMING and name.casefold() in text[piece.start : piece.end].casefold() for piece in pieces
    )
    return candidates[0] if followed or owned or agencies.named(name) else None


def _name(text: str) -> str:
    return re.split(r"\s*\|\s*|\s[-–—·»]\s", text)[0].strip(" *_|")


def _headings(blocks: Sequence[Block], title: Span | None) -> tuple[Span, ...]:
    """Short lines without a full stop that a longer paragraph follows."""
    found = []
    for block, after in pairwise(blocks):
        line = _without_marks(block)
        marked = line.start > block.start
        short = line.words <= _HEADING_WORDS and len(line.text) <= _HEADING_LENGTH
        if not short or (title and line.start <= title[0] < line.end) or _is_open(line.text) or not after.is_prose:
            continue
        if (marked or after.words > 2 * line.words) and _is_headlike(line) and line.words > 1:
            found.append(line.span)
    return tuple(found)


def _reads_like_one(block: Block, after: Sequence[Block], least: int = 2) -> bool:
    return (
        least <= block.words <= _MAX_WORDS
        and len(block.text) <= _MAX_LENGTH
        and not _is_open(block.text)
        and _is_headlike(block)
        and any(later.is_prose for later in after[:_LOOK_AHEAD])
    )


def _is_headlike(block: Block) -> bool:
    """Begins as a heading does, and is neither a byline nor the head of a story."""
    first = next((char for char in block.text if char.isalnum()), "")
    return bool(first) and not first.islower() and not agencies.is_byline(block.text) and _no_dateline(block)


def _no_dateline(block: Block) -> bool:
    found = dateline.read(block.text, 0, len(block.text))
    return found is None or not (found.agency or found.date or found.day)


def _is_open(text: str) -> bool:
    return bool(_OPEN.search(text)) and not _ABBREVIATED.search(text)


def _without_marks(block: Block) -> Block:
    match = _MARKDOWN.match(block.text)
    return Block(block.start + match.end(), block.end, block.text[match.end() :]) if match else block


def _without_publisher(title: str) -> tuple[str, str | None]:
    """`Headline - Agency` as headline and publisher, if the table knows the publisher."""
    title = " ".join(title.split())
    for match in reversed(list(_SUFFIX.finditer(title))):
        agency = agencies.named(title[match.end() :])
        if agency and len(title[: match.start()].split()) > 1:
            return title[: match.start()].rstrip(), agency.name
    return title, None


def _shorter(first: str, later: Iterable[Block]) -> tuple[str, str | None]:
    """A page title whose beginning stands alone in a later block: that is the headline, the rest the site's name."""
    for block in later:
        length = _begins_with(first, block.text) if block.words >= _REPEATABLE else 0
        if length and (name := _publisher(first, length)):
            return block.text, name
    return first, None


def _publisher(text: str, length: int) -> str | None:
    """The site's name that goes on after a headline in a page title."""
    match = _SUFFIX.match(text, length)
    name = text[match.end() :].strip() if match else ""
    if not name or len(name) > 40 or len(name.split()) > 5 or _is_open(name) or not name[0].isupper():
        return None
    agency = agencies.named(name)
    return agency.name if agency else name


def _begins_with(text: str, title: str) -> int:
    """How many characters of the text are the title, whatever its quotes, case and white space; 0: it is not."""
    plain = title.translate(_QUOTES).casefold().split()
    position = 0
    for word in plain:
        while position < len(text) and text[position].isspace():
            position += 1
        piece = text[position : position + len(word)]
        if piece.translate(_QUOTES).casefold() != word:
            return 0
        position += len(word)
    inside = position < len(text) and text[position].isalnum()
    return 0 if inside or not plain else position
