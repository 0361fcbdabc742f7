"""The dateline at the head of a story: `JERUSALEM, March 22 (Xinhua) --`, `GAZA –`, `(CNN) —` (AP Stylebook)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files

from kg.clean import agencies, dates
from kg.clean.agencies import Agency
from kg.records import Span

# Longer heads are sentences with a dash in them.
_LONGEST = 100
_NAME = r"[^\W\d_][\w.'’]*(?:[ -][^\W\d_][\w.'’]*){0,4}"
_DATE = rf"(?:{dates.WEEKDAY},?\s+)?(?:{dates.MONTH}\s\d{{1,2}}|\d{{1,2}}\s{dates.MONTH})(?:,?\s+(?:\d{{4}}|\d\d))?"
_HEAD = re.compile(
    rf"(?P<place>{_NAME})(?P<others>(?:/{_NAME})*)(?P<region>(?:,\s+{_NAME}?){{0,2}}?)(?:,?\s+(?P<date>{_DATE}),?)?"
    r"(?:\s*[(\[/](?P<agency>[^()\[\]/]{2,40}(?:/[^()\[\]/]{2,40})?)[)\]/])?"
)
_SEPARATOR = re.compile(r"[*_]*\s*(?:--+|[–—―])\s*|\s+-\s+|(?<=[)\]/])[*_]*\s*[-:]?\s*|:\s+")
_AGENCY_ONLY = re.compile(r"\((?P<agency>[^()]{2,40})\)\s*(?:--+|[-–—:])?\s*")
# After a caption, a by-line or a headline on the same line a dateline is told by its capitals, and a dash or an agency.
_INSIDE = re.compile(
    r"(?<=[\s.)\]\"”’])(?<!\b[Bb][Yy] )(?<![A-Z] )(?P<place>[A-Z][A-Z.'’]+(?:[ -][A-Z][A-Z.'’]+){0,3})"
    rf"(?:,\s+[A-Z][\w.]*(?:\s[A-Z][\w.]*)?){{0,2}}(?:,?\s+{_DATE},?)?"
    r"(?:\s*\([^()]{2,40}\)\s*(?:--+|[-–—―])|\s*(?:--+|[–—―]))\s"
)
_WORDS: dict[str, str] = tomllib.loads((files("kg") / "data" / "datelines.toml").read_text("utf-8"))
_NOT_PLACES, _PARTICLES = (frozenset(_WORDS[name].split()) for name in ("not_places", "particles"))


@dataclass(frozen=True, slots=True)
class Dateline:
    """`place` is the span of the place alone; `end` is where the story itself begins."""

    start: int
    end: int
    place: Span | None = None
    agency: Agency | None = None
    date: dates.Found | None = None  # if it names a year
    day: tuple[int, int] | None = None  # month and day, if it does not


def read(text: str, start: int, end: int) -> Dateline | None:
    """The dateline that a block begins with, if it does."""
    while start < end and text[start] in "*_> ":  # Markdown's emphasis
        start += 1
    head = text[start : min(end, start + _LONGEST)]
    if match := _AGENCY_ONLY.match(head):
        agency = agencies.named(match["agency"])
        return Dateline(start, start + match.end(), agency=agency) if agency else None
    for separator in _SEPARATOR.finditer(head):
        match = _HEAD.fullmatch(head, 0, separator.start())
        if match and (found := _judge(head, match, separator[0], start, start + separator.end())):
            return found
    return None


def inside(text: str, start: int, end: int) -> Dateline | None:
    """The first dateline that stands in a block after other words, if one does."""
    for match in _INSIDE.finditer(text, start, end):
        if found := read(text, match.start(), end):
            return found
    return None


def _judge(head: str, match: re.Match[str], separator: str, start: int, end: int) -> Dateline | None:
    place, words = match["place"], match["date"]
    agency = agencies.named(match["agency"]) if match["agency"] else None
    if match["agency"] and "/" in match["agency"] and agency is None:
        agency = agencies.named(match["agency"].partition("/")[0])
    colon = not separator.strip(" -–—―*_") and ":" in separator
    capitals = (
        place.isupper() and sum(map(str.isalpha, place)) > 3 and not _NOT_PLACES & set(place.replace("-", " ").split())
    )
    # A place in small letters is one only with an agency or a day before the dash: `Police – who …` is none.
    if not (agency or (words and not colon) or (capitals and (separator.strip() or match["agency"]))):
        return None
    if agency is None and match["agency"] and not capitals and not words:
        return None
    small = [word for word in place.split() if not word[0].isupper() and word not in _PARTICLES]
    if (small or place.startswith("By ")) and agencies.named(place) is None:
        return None
    found = dates.find(words + " ") or dates.find(words + ",") if words else []
    yearless = dates.without_year(words) if words and not found else []
    by_name = agencies.named(place)
    begin = start + match.start("place")
    return Dateline(
        start, end,
        place=None if by_name else (begin, begin + len(place)),
        agency=agency or by_name,
        date=found[0] if found else None,
        day=yearless[0][1:] if yearless else None,
    )  # fmt: skip
