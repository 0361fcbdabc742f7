"""From an article to its page layout: furniture, headline, date, dateline, publisher and agencies.

Nothing is taken out of the text: what is not news is named by its span, so that offsets keep indexing the text as read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kg.clean import agencies, dateline, furniture, headline, published
from kg.clean.blocks import Block, split
from kg.clean.dateline import Dateline
from kg.clean.furniture import Piece
from kg.records import Article, Page, Span

# A story begins within this many blocks after headline, byline and captions.
_STORY_WITHIN = 6
_SOURCE = re.compile(r"sources?\s*:\s*(.+)", re.IGNORECASE)
_CREDITS = frozenset({"credit", "source", "editor", "copyright"})


def lay_out(article: Article) -> Page:
    """The layout of an article's text: see `Page` for what each part means. Never fails; what is not there is None or empty."""
    text = article.text
    blocks = split(text)
    pieces = furniture.find(text, blocks)
    news = _without(blocks, pieces)
    head = headline.read(article.title, news)
    line = _dateline(text, [block for block in news if block.start not in {head.span and head.span[0]}])
    noise = furniture.merge([(piece.start, piece.end) for piece in pieces] + list(head.repeats))
    date, confidence = published.decide(article, blocks, pieces, line)
    credits = [(piece.start, piece.end) for piece in pieces if piece.kind in _CREDITS]
    if line:
        credits.append((line.start, line.end))
    return Page(
        title=head.title,
        title_span=head.span,
        date=date,
        date_confidence=confidence,
        dateline=line.place if line else None,
        publisher=article.publisher or head.publisher or _source(text, pieces),
        agencies=agencies.credited(text, credits, [block.span for block in news]),
        noise=noise,
        headlines=head.headings,
        breaks=_breaks(text, blocks, noise, head.span, line),
    )


def _without(blocks: Sequence[Block], pieces: Sequence[Piece]) -> list[Block]:
    """What is left of the blocks when the furniture at their ends is taken off."""
    left = []
    at = 0
    for block in blocks:
        start, end = block.span
        while at < len(pieces) and pieces[at].end <= start:
            at += 1
        for piece in pieces[at:]:
            if piece.start >= end:
                break
            if piece.start <= start:
                start = max(start, piece.end)
            elif piece.end >= end:
                end = piece.start
        words = block.text[start - block.start : max(start, end) - block.start]
        if words.strip():
            start += len(words) - len(words.lstrip())
            words = words.strip()
            left.append(Block(start, start + len(words), words))
    return left


def _dateline(text: str, news: Sequence[Block]) -> Dateline | None:
    for block in news[:_STORY_WITHIN]:
        # A headline may begin like a dateline ("GAZA – What we know"): only paragraphs have one.
        if block.is_prose and (found := dateline.read(text, block.start, block.end)):
            return found
    return None


def _source(text: str, pieces: Sequence[Piece]) -> str | None:
    """The publisher that a source line names."""
    for piece in pieces:
        if piece.kind == "source" and (match := _SOURCE.match(text[piece.start : piece.end])):
            agency = agencies.named(match[1])
            return agency.name if agency else match[1].strip()
    return None


def _breaks(
    text: str, blocks: Sequence[Block], noise: Sequence[Span], title: Span | None, line: Dateline | None
) -> tuple[int, ...]:
    """Where a new block begins, furniture begins or ends, the headline ends, and the story begins after its dateline."""
    found = {block.start for block in blocks}
    ends = {block.end for block in blocks}
    for start, end in noise:
        after = _next_word(text, end)
        # Furniture inside a sentence ("the minister (photo: …) said") does not end it.
        if start in found or end in ends or after in found or _begins_sentence(text, after):
            found |= {start, after}
    if title:
        found |= {title[0], _next_word(text, title[1])}
    if line:
        found.add(_next_word(text, line.end))
    return tuple(sorted(offset for offset in found if offset < len(text)))


def _next_word(text: str, offset: int) -> int:
    while offset < len(text) and (text[offset].isspace() or text[offset] in ".|·"):
        offset += 1
    return offset


def _begins_sentence(text: str, offset: int) -> bool:
    return offset < len(text) and (text[offset].isupper() or text[offset] in "“\"'‘")
