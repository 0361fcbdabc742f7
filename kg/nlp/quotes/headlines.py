"""Headlines that quote: "We will not withdraw - Smith", "Smith: talks go on"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.nlp.quotes.found import Found
from kg.nlp.quotes.indirect import strip
from kg.nlp.quotes.marks import Quotation
from kg.nlp.reading import Reading
from kg.records import Span
from kg.vocabulary import EntityType

LAST = re.compile(r"\s[-–—|]+\s(?P<who>[^-–—|:]{2,60})$")
FIRST = re.compile(r"^(?P<who>[^:–—]{2,60}):\s")
FIRST_PERSON = re.compile(r"\b(I|we|our|my|us|me)\b", re.IGNORECASE)
LONGEST = 200


def find(reading: Reading, quotations: tuple[Quotation, ...], blocks: list[Span]) -> Iterator[Found]:
    """The statements of the article's headlines."""
    page, text = reading.page, reading.article.text
    lines = {*page.headlines, *([page.title_span] if page.title_span else [])} or set(blocks[:1])
    for begin, end in sorted(lines):
        line = text[begin:end].rstrip().rstrip(".")
        for pattern in (LAST, FIRST):
            match = pattern.search(line)
            if match is None or len(line) > LONGEST:
                continue
            start, stop = (
                (begin, begin + match.start()) if pattern is LAST else (begin + match.end(), begin + len(line))
            )
            who = (begin + match.start("who"), begin + match.end("who"))
            named = _named(reading, who)
            where = pattern is FIRST and named is not None and _is_place(reading, named)
            if where and not FIRST_PERSON.search(text[start:stop]):
                continue  # "Chile: trains stand still": where it is, not who says so
            words = reading.doc.char_span(*who, alignment_mode="expand")
            if named is None or words is None or not _says(reading, (start, stop)):
                continue
            mark = begin + match.end("who") if pattern is FIRST else begin + match.start() + 1
            head = next((t for t in reversed(list(words)) if named[0] <= t.idx < named[1]), None)
            yield Found(
                content=(strip(text, start, stop, quotations),),
                cue=(mark, mark + 1) if pattern is FIRST else None,
                cue_token=None,
                speaker=head,
                weight=0.75,
                direct=bool(FIRST_PERSON.search(text[start:stop])),
                words=who,
            )
            break


def _named(reading: Reading, who: Span) -> Span | None:
    """The last person or organisation in the words, if the words end with it."""
    inside = [
        m
        for m in reading.entities
        if who[0] <= m.start
        and m.end <= who[1]
        and m.type in (EntityType.PERSON, EntityType.ORGANISATION, EntityType.PLACE)
    ]
    last = max(inside, key=lambda m: m.end, default=None)
    return (last.start, last.end) if last is not None and last.end == who[1] and len(inside) <= 2 else None


def _is_place(reading: Reading, named: Span) -> bool:
    return any((m.start, m.end) == named and m.type is EntityType.PLACE for m in reading.entities)


def _says(reading: Reading, content: Span) -> bool:
    words = reading.doc.char_span(*content, alignment_mode="expand")
    return words is not None and any(t.pos_ in ("VERB", "AUX") for t in words)
