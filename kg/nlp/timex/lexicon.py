"""The words of time (`kg/data/timex.toml`) as lookup tables and as pieces of regular expressions."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

from kg.nlp import numbers

_DATA: dict[str, dict[str, list[str]]] = tomllib.loads(files("kg").joinpath("data/timex.toml").read_text("utf-8"))


def _table(name: str) -> dict[str, str]:
    """Word (folded, without a full stop) to key."""
    return {word.casefold().rstrip("."): key for key, words in _DATA[name].items() for word in words}


def _words(name: str, case: bool = False) -> str:
    """Alternation of the words, longest first; an abbreviation's full stop is optional; `case` keeps capitals."""
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
CALENDAR_NAMES = frozenset((*MONTHS, *WEEKDAYS, *PARTS, *DAYS, *SEASONS))
FUTURE_HEADS = frozenset(_DATA["future"]["heads"])
FUTURE_MODALS = frozenset(_DATA["future"]["modals"])

YEAR_LEADS = frozenset(_DATA["year"]["leads"])
NOT_A_YEAR_AFTER = frozenset(_DATA["year"]["not_after"])
NOT_A_YEAR_BEFORE = frozenset(_DATA["year"]["not_before"])


def _pieces() -> dict[str, str]:
    """What the `<NAME>`s of the rules stand for: alternations of the word lists, then the data file's own pieces."""
    full = [w for ws in _DATA["months"].values() for w in ws if not w.endswith(".")]
    days = [w for ws in _DATA["weekdays"].values() for w in ws if not w.endswith(".")]
    counts = "|".join(sorted((*numbers.ONES, *numbers.TENS), key=lambda w: (-len(w), w)))
    pieces = {
        # Names of months and weekdays are capitalised, or in capitals throughout ("MARCH 22").
        "MONTH": _words("months", case=True)[:-1] + "|" + "|".join(w.upper() for w in full) + ")",
        "WEEKDAY": "(?:" + "|".join(days) + r")\b",
        "WEEKDAYS": "(?:" + "|".join(days) + r")s\b",
        "SHORT_WEEKDAY": _words("weekdays", case=True),
        "PART": _words("parts"),
        "SEASON": _words("seasons"),
        "HOLIDAY": _words("holidays"),
        "SET": _words("sets"),
        "DAY_WORD": _words("days"),
        "UNIT": "(?i:(?:" + "|".join(sorted(UNITS, key=lambda w: (-len(w), w))) + r")s?\b)",
        "ONE_TO_NINETY": f"(?:{counts})",
    }
    return {**pieces, **tomllib.loads(files("kg").joinpath("data/timex_rules.toml").read_text("utf-8"))["piece"]}


def expand(pattern: str) -> str:
    """A rule's pattern as a regular expression; line breaks with the blanks after them are left out."""
    pattern = re.sub(r"\n\s*", "", pattern)
    while "<" in (rest := _NAME.sub(lambda m: _PIECES[m[1]], pattern)) and rest != pattern:
        pattern = rest
    return re.sub(r"\n\s*", "", rest)


@cache
def anchor(name: str) -> tuple[re.Pattern[str], bool]:
    """The piece of that name as a pattern of its own, and whether it is for the text in lower case: looking for many words in
    whatever case takes `re` twenty times as long as looking for them in one."""
    pattern = expand(f"<{name}>")
    if "(?i:" not in pattern:
        return re.compile(pattern), False
    return re.compile(_LETTER.sub(lambda m: m[0].lower(), pattern.replace("(?i:", "(?:"))), True


_NAME = re.compile(r"(?<!\(\?P)<([A-Z_]+)>")
# A capital that is a letter of the text, not the name of a class of characters.
_LETTER = re.compile(r"(?<!\\)[A-Z]")
_PIECES = _pieces()


def unit(word: str) -> str:
    """Designator of a unit word, singular or plural: `weeks` is `W`."""
    word = word.casefold()
    return UNITS[word] if word in UNITS else UNITS[word.removesuffix("s")]


def part(words: str) -> str:
    """TIMEX3 code of a part of the day: `early morning` is `MO`."""
    words = words.casefold()
    return PARTS[words] if words in PARTS else PARTS[words.removeprefix("early ").removeprefix("late ")]


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
