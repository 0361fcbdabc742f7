"""What the words straight around a name say of what it stands for: a team under its city's name, an office before a surname."""

from __future__ import annotations

import re
import tomllib
from functools import cache

from kg.link.authority import DATA
from kg.tables import table

# A sentence about the name, near enough: up to the next full stop before a capital, and no farther than this.
REACH = 300
SCORE = re.compile(r"\b\d{1,3}\s?[-–]\s?\d{1,3}\b")
WORD = re.compile(r"[^\W\d_][\w.-]*")
STOP = re.compile(r"[.!?]\s+(?=[A-Z\"“])|\n")
# `'s`, also where a text has it apart.
POSSESSIVE = re.compile(r"\s?['’]s?(?=\s)")
BEFORE = re.compile(r"([A-Z][A-Za-z]+)\.?\s+$")


# What a place is called before its name, also before others of a list (`the states of Elm, Oak and Ash`), or after it.
LISTED = r"(?:[A-Z][\w.'’-]*(?:\s[A-Z][\w.'’-]*)*(?:,|,?\s+and)\s+)*$"
AREA = re.compile(r"\b(?:states?|provinces?|governorates?|regions?|counties) of " + LISTED)
TOWN = re.compile(r"\b(?:town|city|village|township|borough|suburb|hamlet|port) of $", re.IGNORECASE)
AREA_AFTER = re.compile(r"\s+(?:state|province|governorate|region)\b")


def kind_of_place(text: str, start: int, end: int) -> str:
    """The kind that the words around a place give it: `region`, `town`, or nothing.

    >>> kind_of_place("the town of Elmton", 12, 18)
    'town'
    """
    before = text[max(0, start - 100) : start]
    if AREA.search(before) or AREA_AFTER.match(text, end):
        return "region"
    return "town" if TOWN.search(before) else ""


@cache
def _sports() -> dict[str, frozenset[str]]:
    return {k: frozenset(v) for k, v in tomllib.loads((DATA / "sports.toml").read_text("utf-8")).items()}


@cache
def _titles() -> frozenset[str]:
    return frozenset(r["title"] for r in table("titles.tsv") if r["person"])


def is_team(text: str, start: int, end: int) -> bool:
    """Whether the place named at these offsets is a team here: whom it has, what it does or who meets it, in words of sports.

    >>> is_team("Oakby beat Elmton 3-1 on Monday.", 0, 5)
    True
    """
    sports = _sports()
    after = text[end : end + REACH]
    owner = POSSESSIVE.match(after)
    follows = WORD.match(after[owner.end() if owner else 0 :].lstrip())
    precedes = WORD.findall(text[max(0, start - 40) : start].casefold())
    word = follows.group().casefold() if follows else ""
    role = word in sports["roles"] and after[:1] in (" ", "'", "’")
    deed = word in sports["deeds"] and after[:1] == " " and not owner
    met = bool(precedes) and precedes[-1] in sports["against"] and text[start - 1 : start] == " "
    if not (role or deed or met):
        return False
    heard = _sentence(text, start, end)
    own = {word} if role else set()
    said = {w.casefold() for w in WORD.findall(heard)} - own
    return bool(said & sports["talk"]) or SCORE.search(heard) is not None or (role and word not in LOOSE)


# Roles outside sports too, so that the sentence has to speak of sports.
LOOSE = frozenset(
    ("manager", "assistant", "head", "star", "stars", "fans", "guard", "forward", "captain", "receiver", "catcher")
)


def _sentence(text: str, start: int, end: int) -> str:
    """The sentence around a name, without it."""
    before, after = text[max(0, start - REACH) : start], text[end : end + REACH]
    begins = [m.end() for m in STOP.finditer(before)]
    ends = STOP.search(after)
    return before[begins[-1] if begins else 0 :] + " " + after[: ends.start() if ends else REACH]


def title_before(text: str, start: int) -> str:
    """The personal title or office straight before a name (`President`), or nothing."""
    m = BEFORE.search(text[max(0, start - 30) : start])
    return m.group(1) if m and m.group(1) in _titles() else ""
