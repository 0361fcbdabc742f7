"""Dates as news pages write them, to ISO 8601. What cannot be told apart (3/4/2024) gives only its year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_WEEKDAYS = {name: number for number, name in enumerate(["mon", "tue", "wed", "thu", "fri", "sat", "sun"])}
# Pages of the web age and newswire before it; anything else in four digits is no year of publication.
EARLIEST, LATEST = 1800, 2100

MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
WEEKDAY = r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:Mon|Tues?|Wed|Thurs?|Thu|Fri|Sat|Sun)\b\.?)"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:1[89]|20)\d\d"
TIME = (
    r"(?:\(?(?:at\s+)?\d{1,2}\s?[:.h]\s?\d\d(?::\d\d(?:\.\d+)?)?\s*(?:[AaPp]\.?\s?[Mm]\.?)?"
    r"|\(?\d{1,2}\s?[AaPp]\.?\s?[Mm]\b\.?)"
    r"(?:\s*(?:Z|[A-Z]{2,5}|[A-Z][a-z]+ [Tt]ime|(?:GMT|UTC)?\s?[+-]\d\d?:?\d{0,2}))?\)?"
)
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?<![\d/.-])(?P<y>{_YEAR})(?P<s>[-/.])(?P<m>0?[1-9]|1[0-2])(?P=s)(?P<d>{_DAY})(?![\d]|[-/.]\d)",
        rf"\b(?P<b>{MONTH})\s*(?P<d>{_DAY})(?:st|nd|rd|th)?,?\s+(?P<y>{_YEAR})\b",
        rf"(?<![\d/.-])(?P<d>{_DAY})(?:st|nd|rd|th)?[\s-]+(?:of\s+)?(?P<b>{MONTH})[\s,-]+"
        rf"(?P<y>{_YEAR}|\d\d(?=\s*[,(\[)/–—-]|$))(?!\d)",
        rf"\b(?P<b>{MONTH})\s+(?P<d>{_DAY})\s+\d\d:\d\d:\d\d\s+(?:[A-Z]{{3,4}}\s+)?(?P<y>{_YEAR})\b",
        rf"(?<![\d/.-])(?P<p>0?[1-9]|[12]\d|3[01])(?P<s>[-/.])(?P<q>0?[1-9]|[12]\d|3[01])(?P=s)(?P<y>{_YEAR})(?!\d)",
    )
)
_MONTH_YEAR = re.compile(rf"\b(?P<b>{MONTH})\s*,?\s+(?P<y>{_YEAR})\b", re.IGNORECASE)
# In running text a month's name has a capital; "may 5" and "march 3" are verbs. No look-behind: see `without_year`.
_MONTH_DAY = re.compile(
    rf"(?P<b>{MONTH})\s(?P<d>{_DAY})(?:st|nd|rd|th)?(?![\d:%]|,?\s+{_YEAR}|,\d|\s*(?:million|billion|per cent|percent))"
)
_DAY_MONTH = re.compile(rf"(?P<d>{_DAY})(?:st|nd|rd|th)?\s(?:of\s+)?(?P<b>{MONTH})(?!,?\s+(?:{_YEAR}|\d\d\b))")
_YEARS = re.compile(_YEAR)
# Every form has its year within this many characters of its beginning or end.
_AROUND = 32
_WEEKDAY_BEFORE = re.compile(rf"({WEEKDAY}),?\s*\(?$", re.IGNORECASE)
# A date as people write it anywhere in a line: for patterns that need "some date here" (furniture.tsv).
ANY = (
    rf"(?:(?:{_YEAR})[-/.]\d\d?[-/.]\d\d?|{MONTH}\s*\d\d?(?:st|nd|rd|th)?,?\s+{_YEAR}"
    rf"|\d\d?(?:st|nd|rd|th)?[\s-]+(?:of\s+)?{MONTH}[\s,-]+{_YEAR}|\d\d?[-/.]\d\d?[-/.]{_YEAR})"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A date in a text; month and day are None where the words leave them open."""

    start: int
    end: int
    year: int
    month: int | None = None
    day: int | None = None
    weekday: bool = False  # the text names its weekday, as writers do of days near to them
    numeric: bool = False

    @property
    def iso(self) -> str:
        return (
            f"{self.year:04d}" + (f"-{self.month:02d}" if self.month else "") + (f"-{self.day:02d}" if self.day else "")
        )

    @property
    def day_date(self) -> date | None:
        return date(self.year, self.month, self.day) if self.month and self.day else None


def find(text: str) -> list[Found]:
    """All dates of a text that name a year and a day (or a year alone, where day and month cannot be told apart)."""
    found = [one for start, end in _windows(text) for form in _FORMS for one in _matches(form, text, start, end)]
    found.sort(key=lambda one: (one.start, -one.end))
    kept: list[Found] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def months(text: str) -> list[Found]:
    """Month and year without a day ("March 2024")."""
    return [
        Found(match.start(), match.end(), int(match["y"]), month_number(match["b"]))
        for start, end in _windows(text)
        for match in _MONTH_YEAR.finditer(text, start, end)
    ]


def without_year(text: str) -> list[tuple[int, int, int]]:
    """(offset, month, day) of the dates that name no year ("Jan. 25", "25 January")."""
    found = []
    for form in (_MONTH_DAY, _DAY_MONTH):
        for match in form.finditer(text):
            before = text[match.start() - 1 : match.start()] if match.start() else " "
            if not before.isalnum() and before not in "/.,-":
                found.append((match.start(), month_number(match["b"]), int(match["d"])))
    return sorted(found)


def _windows(text: str) -> Iterator[tuple[int, int]]:
    """The parts of a text that may hold a date with a year: the neighbourhoods of years; a short text as a whole."""
    if len(text) <= 4 * _AROUND:
        yield 0, len(text)
        return
    start = end = -1
    for match in _YEARS.finditer(text):
        if match.start() - _AROUND > end:
            if end >= 0:
                yield start, min(end, len(text))
            start = max(0, match.start() - _AROUND)
        end = match.end() + _AROUND
    if end >= 0:
        yield start, min(end, len(text))


def parse(text: str) -> str | None:
    """The ISO form of a string that states a date ("Tue, 12 Mar 2024 10:00 GMT", "2024-03", "20240312"), else None."""
    text = text.strip()
    if match := re.match(r"(\d{4})-?(\d\d)-?(\d\d)(?=\D|$|\d{6}\b)", text):
        day = _make(*map(int, match.groups()))
        return day.isoformat() if day else None
    if found := find(text):
        return found[0].iso
    if found := months(text):
        return found[0].iso
    if re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2]))?", text) and EARLIEST <= int(text[:4]) <= LATEST:
        return text
    return None


def in_url(url: str) -> str | None:
    """The date in an address (/2024/03/22/, /20240322/, 2024-03-22); only year and month if it has no more."""
    path = url.partition("://")[2].partition("?")[0]
    forms = (
        rf"(?<!\d)({_YEAR})[/._-](0[1-9]|1[0-2]|[1-9])[/._-]({_DAY})(?!\d)",
        rf"(?<!\d)({_YEAR})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)",
        rf"/({_YEAR})/({'|'.join(MONTHS)})/({_DAY})(?!\d)",
        rf"/({_YEAR})/(0[1-9]|1[0-2])/",
    )
    for form in forms:
        if match := re.search(form, path, re.IGNORECASE):
            year, month, *day = match.groups()
            number = MONTHS.get(month.lower()) or int(month)
            if not day:
                return f"{year}-{number:02d}"
            if made := _make(int(year), number, int(day[0])):
                return made.isoformat()
    return None


def month_number(name: str) -> int:
    return MONTHS[name[:3].lower()]


def _matches(form: re.Pattern[str], text: str, start: int, end: int) -> Iterator[Found]:
    for match in form.finditer(text, start, end):
        parts = match.groupdict()
        year = int(parts["y"])
        if year < 100:
            year += 1900 if year >= 50 else 2000
        before = _WEEKDAY_BEFORE.search(text, max(0, match.start() - 14), match.start())
        if parts.get("p"):
            month, day = _order(year, int(parts["p"]), int(parts["q"]), before[1] if before else None)
        else:
            month, day = int(parts["m"]) if parts.get("m") else month_number(parts["b"]), int(parts["d"])
        if month is not None and day is not None and _make(year, month, day) is None:
            continue
        yield Found(match.start(), match.end(), year, month, day, before is not None, "b" not in parts)


def _order(year: int, first: int, second: int, weekday: str | None) -> tuple[int | None, int | None]:
    """Day and month of 21/12/2023; (None, None) where both orders are dates and no weekday decides."""
    made = [(m, d) for m, d in ((second, first), (first, second)) if _make(year, m, d)]
    if weekday:
        wanted = _WEEKDAYS[weekday[:3].lower()]
        made = [(m, d) for m, d in made if date(year, m, d).weekday() == wanted] or made
    return made[0] if made and len(set(made)) == 1 else (None, None)


def _make(year: int, month: int, day: int) -> date | None:
    if not EARLIEST <= year <= LATEST:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
