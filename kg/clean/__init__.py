"""From an article to its page layout: furniture, headline, date, dateline, publisher and agencies.

Nothing is taken out of the text: what is not news is named by its span, so that offsets keep indexing the text as read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kg.clean import agencies, dateline, frontmatter, furniture, headline, published
from kg.clean.blocks import Block, split
from kg.clean.dateline import Dateline
from kg.clean.furniture import Piece
from kg.records import Article, Page, Span

# A story begins within this many blocks after headline, byline and captions.
_STORY_WITHIN = 6
# … and within this many characters, where these stand on the line of its first paragraph.
_LINE_WITHIN = 700
_SOURCE = re.compile(r"sources?\s*:\s*(.+)", re.IGNORECASE)
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright)[\s:©]*(?:\d{4}(?:\s?[-–]\s?\d{4})?)?[\s,]*(?:by\s+)?((?-i:[A-Z])[^\d.,|·\n]{2,40}?)"
    r"(?=\s*(?:\d{4}|[.,|·]|all rights|$))"
    r"|all rights reserved[\s,.:|-]*((?-i:[A-Z])[^\d.,|·\n]{2,40}?)(?=\s*(?:\d{4}|[.,|·]|$))",
    re.IGNORECASE,
)
_CREDITS = frozenset({"credit", "source", "editor", "copyright"})


def lay_out(article: Article) -> Page:
    """The layout of an article's text: see `Page` for its parts. Never fails; what is not there is None or empty."""
    text = article.text
    article, matter = frontmatter.read(article)
    blocks = split(text)
    pieces = furniture.find(text, blocks)
    if matter:
        pieces = [Piece(*matter, "matter"), *(piece for piece in pieces if piece.start >= matter[1])]
    news = _without(blocks, pieces)
    head = headline.read(article.title, text, news, pieces)
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
        publisher=article.publisher or _publisher(text, pieces, head.publisher),
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
        for number in range(at, len(pieces)):  # no slice: a page may have thousands
            piece = pieces[number]
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
    # Pages run a caption, a by-line or the headline and the first paragraph together.
    for block in news[:_STORY_WITHIN]:
        last = min(block.end, news[0].start + _LINE_WITHIN)
        if block.is_prose and (found := dateline.inside(text, block.start, last)):
            return found
    return None


def _publisher(text: str, pieces: Sequence[Piece], named: str | None) -> str | None:
    """The publisher that a source line names, else the one beside the headline, else the copyright line's.

    A masthead in capitals is spelt as the copyright line spells it.
    """
    found: dict[str, str] = {}
    for piece in pieces:
        words = text[piece.start : piece.end]
        match = _SOURCE.match(words) if piece.kind == "source" else _COPYRIGHT.search(words)
        if match and piece.kind in ("source", "copyright"):
            name = (match[1] or match[2]).strip(" *_") if piece.kind == "copyright" else match[1].strip()
            agency = agencies.named(name)
            found.setdefault(piece.kind, agency.name if agency else name)
    owner = found.get("copyright")
    if named and owner and owner.casefold() == named.casefold():
        named = owner
    return found.get("source") or named or owner


def _breaks(
    text: str, blocks: Sequence[Block], noise: Sequence[Span], title: Span | None, line: Dateline | None
) -> tuple[int, ...]:
    """Where a new block begins, furniture begins or ends, the headline ends, the story begins after its dateline."""
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
        if text[: line.start].endswith((" ", "\n")):
            found.add(line.start)
    return tuple(sorted(offset for offset in found if offset < len(text)))


def _next_word(text: str, offset: int) -> int:
    while offset < len(text) and (text[offset].isspace() or text[offset] in ".|·"):
        offset += 1
    return offset


def _begins_sentence(text: str, offset: int) -> bool:
    return offset < len(text) and (text[offset].isupper() or text[offset] in "“\"'‘")
