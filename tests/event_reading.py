"""Reads a sentence through the layers that events build on, for the tests of events."""

from __future__ import annotations

from functools import cache

from spacy.language import Language

from kg.nlp.pipeline import load, read
from kg.nlp.reading import Reading
from kg.records import Article, Event, Page, Span
from kg.settings import value


@cache
def model() -> Language:
    """The default model."""
    return load(value("model"))


def events(text: str, noise: tuple[Span, ...] = (), dateline: Span | None = None) -> tuple[Event, ...]:
    """The events of a text of a Friday in May 2031."""
    article = Article(id="a", source="a.txt", sha256="", text=text)
    return read(
        Reading(article=article, page=Page(date="2031-05-09", noise=noise, dateline=dateline), doc=model()(text))
    ).events


def types(text: str) -> dict[str, str]:
    """Event types by trigger word, further triggers included; the first of two that one word tells of."""
    found: dict[str, str] = {}
    for event in events(text):
        for span in (event.trigger, *event.also):
            found.setdefault(text[slice(*span)], event.type.value)
    return found


def factuality(text: str, trigger: str) -> str:
    """The factuality of the event with this trigger."""
    return next(e.factuality.value for e in events(text) for s in (e.trigger, *e.also) if text[slice(*s)] == trigger)


def roles(text: str, trigger: str) -> dict[str, list[str]]:
    """The words of the arguments by role, of the event with this trigger."""
    found: dict[str, list[str]] = {}
    event = next(e for e in events(text) for s in (e.trigger, *e.also) if text[slice(*s)] == trigger)
    for arg in event.args:
        found.setdefault(arg.role.value, []).append(text[arg.start : arg.end])
    return found
