"""The words of time (`kg/data/timex.toml`) as lookup tables and as pieces of regular expressions."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

from kg.nlp import numbers

_DATA: dict[str, dict[str, list[str]]] = tomllib.loads(files("kg").joinpath("data/timex.toml").read_text("utf-8"))


def _table(name: str) -> dict[str, str]:
    """Word (folded, without a full stop) to key."""
    return {word.casefold().rstrip("."): key for key, words in _DATA[name].items() for word in words}


def _words(name: str, case: bool = False) -> str:
    """Alternation of the words, longest first; an abbreviation's full stop is optional; `case` keeps capitals as they are."""
    words = sorted({w for ws in _DATA[name].values() for w in ws}, key=lambda w: (-len(w), w))
    forms = [re.escape(w[:-1]) + r"\b\.?" if w.endswith(".") else re.escape(w) + r"\b" for w in words]
    both = forms if case else [f"(?i:{f})" for f in forms]
    return "(?:" + "|".join(both) + ")"


MONTHS = {word: int(key) for word, key in _table("months").items()}
WEEKDAYS = {word: int(key) for word, key in _table("weekdays").items()}
PARTS = _table("parts")
SEASONS = _table("seasons")
UNITS = _table("units")
SETS = _table("sets")
DAYS = {word: int(key) for word, key in _table("days").items()}
HOLIDAYS = _table("holidays")
FUTURE_HEADS = frozenset(_DATA["future"]["heads"])
FUTURE_MODALS = frozenset(_DATA["future"]["modals"])

# Month and weekday names are capitalised in English, or in capitals throughout ("MARCH 22").
_full = {key: [w for w in ws if not w.endswith(".")] for key, ws in _DATA["months"].items()}
MONTH = "(?:" + _words("months", case=True)[3:-1] + "|" + "|".join(w.upper() for ws in _full.values() for w in ws) + ")"
FULL_MONTH = "(?:" + "|".join(w for ws in _full.values() for w in ws) + r")\b"
WEEKDAY = "(?:" + "|".join(w for ws in _DATA["weekdays"].values() for w in ws if not w.endswith(".")) + r")\b"
SHORT_WEEKDAY = _words("weekdays", case=True)
PART = _words("parts")
SEASON = _words("seasons")
HOLIDAY = _words("holidays")
SET = _words("sets")
DAY_WORD = _words("days")
UNIT = "(?i:(?:" + "|".join(sorted(UNITS, key=lambda w: (-len(w), w))) + r")s?\b)"
CALENDAR_UNIT = r"(?i:(?:week|month|year|weekend|quarter|decade|century|fortnight)\b)"
_count = "|".join(sorted((*numbers.ONES, *numbers.TENS), key=lambda w: (-len(w), w)))
# A count before a unit of time: "10", "two", "twenty-four", "1,000", "a few", "several".
COUNT = (
    rf"(?i:(?:a )?(?:few|couple of|couple)\b|several\b|many\b|some\b|(?:half )?an?\b|one and a half\b|half an?\b"
    rf"|(?:two|three|four|five|six) dozen\b|a (?:dozen|hundred|thousand|million)\b|dozens of\b|(?:{_count})(?:-(?:{_count}))?\b"
    rf"(?: (?:hundred|thousand|million)\b)?|\d[\d,]*(?:\.\d+)?(?: (?:hundred|thousand|million|billion)\b)?)"
)
DAY = r"(?:3[01]|[12]\d|0?[1-9])"
NTH = r"(?:st|nd|rd|th)"
YEAR = r"(?:1[4-9]\d\d|20\d\d)\b(?![.,]?\d|%)"


def unit(word: str) -> str:
    """Designator of a unit word, singular or plural: `weeks` is `W`."""
    word = word.casefold()
    return UNITS[word] if word in UNITS else UNITS[word.removesuffix("s")]


def month(word: str) -> int:
    """Number of a month's name or abbreviation."""
    return MONTHS[word.casefold().rstrip(".")]


def weekday(word: str) -> int:
    """ISO number of a weekday's name, also plural."""
    word = word.casefold().rstrip(".")
    return WEEKDAYS[word] if word in WEEKDAYS else WEEKDAYS[word.removesuffix("s")]


def duration(count: float | None, unit_code: str) -> str:
    """TIMEX3 duration; an unknown count is X.

    >>> duration(2, "W"), duration(None, "H_"), duration(0.5, "H_")
    ('P2W', 'PTXH', 'PT30M')
    """
    if unit_code == "FN":
        unit_code, count = "W", None if count is None else count * 2
    if unit_code == "H_" and count is not None and count != int(count) and count < 2:
        unit_code, count = "M_", count * 60
    text = "X" if count is None else f"{numbers.tidy(count)}"
    clock = unit_code.endswith("_")
    return f"PT{text}{unit_code[0]}" if clock else f"P{text}{unit_code}"


def count(words: str) -> float | None:
    """The number that a COUNT stands for; None where it is vague."""
    words = words.casefold().strip()
    if words in ("a", "an"):
        return 1.0
    if words.startswith("half a"):
        return 0.5
    if words.endswith("and a half"):
        return (numbers.ONES.get(words.split()[0], 1)) + 0.5
    if "couple" in words:
        return 2.0
    number = numbers.parse(words.removesuffix(" of"))
    return None if number is None or number.value is None else float(number.value)
