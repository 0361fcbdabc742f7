"""The block of `key: value` lines between `---` that Markdown files begin with (Jekyll's front matter)."""

from __future__ import annotations

import re
from dataclasses import replace

from kg.records import Article, Span

_MATTER = re.compile(
    r"---[ \t]*\r?\n((?:[ \t]*[\w-]+[ \t]*:[^\r\n]*\r?\n|[ \t]+[^\r\n]*\r?\n|\r?\n)+?)---[ \t]*(?:\r?\n|$)"
)
_LINE = re.compile(r"^([\w-]+)[ \t]*:[ \t]*(.+?)[ \t]*$", re.MULTILINE)
_NAMES = {"title": "title", "date": "date", "url": "url", "publisher": "publisher", "source": "publisher"}


def read(article: Article) -> tuple[Article, Span | None]:
    """The article with what its front matter states, where its source stated nothing, and its span."""
    match = _MATTER.match(article.text)
    if not match:
        return article, None
    stated: dict[str, str] = {}
    for key, value in _LINE.findall(match[1].replace("\r", "")):
        name = _NAMES.get(key.lower())
        if name and getattr(article, name) is None and (words := value.strip("\"'")):
            stated.setdefault(name, words)
    return replace(article, **stated), (0, len(match[0].rstrip()))
