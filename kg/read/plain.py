"""Plain text and Markdown: the text as it stands, unchanged, so that offsets index the file."""

from __future__ import annotations

from kg.read.decode import decode
from kg.read.ids import digest
from kg.read.language import detect
from kg.records import Article


def article(data: bytes, *, id: str, source: str) -> Article:
    """The article in a text file. `InputError` if it is empty, binary or in no known encoding."""
    text = decode(data)
    return Article(id=id, source=source, sha256=digest(text), text=text, lang=detect(text))
