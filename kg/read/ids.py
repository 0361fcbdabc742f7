"""Identifiers of articles: readable, the same on every machine, safe as one segment of an IRI once encoded."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from urllib.parse import unquote, urlsplit

# Long enough to recognise the story by, short enough to read in a table.
MAX_SLUG = 80
_NOT_IN_SLUG = re.compile(r"[^\w.~]+")
_PAGE_SUFFIX = re.compile(r"\.(?:x?html?|php|aspx?|jsp|cms|stm)$", re.IGNORECASE)


def digest(text: str) -> str:
    """The SHA-256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def from_path(path: str) -> str:
    """`2024/03/a` is `2024--03--a`. Dots alone would be resolved away in an IRI: they get an underscore before them."""
    name = unicodedata.normalize("NFC", path.replace("/", "--"))
    return "_" + name if not name.strip(".") else name


def from_url(url: str) -> str:
    """Host and path, readable, then eight digits of the address's hash, which keep two addresses apart."""
    parts = urlsplit(url)
    path = _PAGE_SUFFIX.sub("", unquote(parts.path).strip("/"))
    return slug("--".join([parts.netloc.removeprefix("www."), *path.split("/")]), url)


def from_text(stem: str, text: str) -> str:
    """The id of an article that has neither id nor address: its file's, and twelve digits of its text's hash."""
    return f"{stem}-{digest(text)[:12]}"


def slug(readable: str, whole: str) -> str:
    """A readable part, cut to `MAX_SLUG`, and eight digits of the hash of the whole."""
    words = "--".join(_NOT_IN_SLUG.sub("-", part).strip("-") for part in readable.split("--"))
    return f"{unicodedata.normalize('NFC', words)[:MAX_SLUG].strip('-.')}-{digest(whole)[:8]}".lstrip("-")
