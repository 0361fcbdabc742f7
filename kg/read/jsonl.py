"""JSON Lines: one article a line, with `text` or `html`, and optionally `id title date url publisher lang`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import IO, Any

from kg.errors import InputError
from kg.read import html, ids
from kg.read.language import base, detect
from kg.records import Article, Refusal

# Longer than any article, so that a file that is no JSON Lines at all does not fill the memory as one line.
MAX_LINE = 64 * 1024 * 1024


def articles(stream: IO[bytes], *, stem: str, source: str) -> Iterator[Article | Refusal]:
    """The article of each line; one that has none is refused by its number; blank ones are skipped."""
    number, blank = 0, True
    while line := stream.readline(MAX_LINE):
        number += 1
        if len(line) >= MAX_LINE:  # the rest of it could be of any length
            raise InputError(
                f"is no JSON Lines from line {number} on, which is longer than {MAX_LINE >> 20} MiB: split it"
            )
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line.strip():
            continue
        blank = False
        try:
            yield _article(line, stem, source)
        except InputError as error:
            yield Refusal(source=f"{source}, line {number}", reason=str(error))
    if blank:
        raise InputError("is empty: put one JSON object a line in it, or leave it out")


def _article(line: bytes, stem: str, source: str) -> Article:
    try:
        data = json.loads(line.decode())
    except UnicodeDecodeError as error:
        raise InputError(f"is not UTF-8 at byte {error.start}: JSON Lines must be; convert the file") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"is not JSON ({error}): correct it, one object a line") from None
    if not isinstance(data, dict):
        raise InputError(f'holds {type(data).__name__}, not an object: give {{"text": …}} or {{"html": …}}')
    url = _field(data, "url")
    text, markup = data.get("text"), data.get("html")
    given, lang = _id(data), _field(data, "lang")
    if isinstance(text, str) and text.strip():
        article = Article(id="", source=source, sha256=ids.digest(_clean(text)), text=text, url=url, lang=detect(text))
    elif isinstance(markup, str) and markup.strip():
        article = html.from_markup(_clean(markup), id="", source=source, url=url)
    else:
        raise InputError("has neither text nor html: give one of the two as a string that is not empty")
    return replace(
        article,
        id=given or (ids.from_url(url) if url else ids.from_text(stem, article.text)),
        title=_field(data, "title") or article.title,
        date=_field(data, "date") or article.date,
        publisher=_field(data, "publisher") or article.publisher,
        lang=base(lang) if lang else article.lang,
    )


def _id(data: dict[str, Any]) -> str | None:
    """The given id, kept as it is (a number as its digits)."""
    given = data.get("id")
    if given is None or given == "":
        return None
    if isinstance(given, bool) or not isinstance(given, (str, int)):
        raise InputError("has an id that is neither a string nor a whole number: correct or remove it")
    given = _clean(str(given))
    if not given.strip().strip("."):
        raise InputError(f"has the id {given!r}, which cannot be part of an address: give another")
    return given


def _field(data: dict[str, Any], key: str) -> str | None:
    value = data.get(key)
    if value is None:
        return None
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise InputError(f"has a {key} that is not a string: correct or remove it")
    return _clean(str(value)).strip() or None


def _clean(text: str) -> str:
    """Refuses what no RDF literal can hold: NUL, and halves of surrogate pairs, which JSON escapes can spell."""
    if "\0" in text:
        raise InputError("has a NUL character (\\u0000): remove it")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError("has half a surrogate pair (\\ud800 to \\udfff): write the whole character") from None
    return text
