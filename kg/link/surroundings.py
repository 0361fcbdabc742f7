"""What the words straight around a name say of what it stands for: a team under its city's name, an office before a surname."""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache

from kg.link.authority import DATA
from kg.tables import table

# A sentence about the name, near enough: up to the next full stop before a capital, and no farther than this.
REACH = 300
# So many different words of sports make a report of them, or fewer with two scores: 31 of 1,196 annotated articles have them, and
# two of these tell of other things.
TELLING, FEWEST = 6, 3
SCORE = re.compile(r"\b\d{1,3}\s?[-–]\s?\d{1,3}\b")
WORD = re.compile(r"[^\W\d_][\w.-]*")
STOP = re.compile(r"[.!?]\s+(?=[A-Z\"“])|\n")
# `'s`, also where a text has it apart.
POSSESSIVE = re.compile(r"\s?['’]s?(?=\s)")
BEFORE = re.compile(r"([A-Z][A-Za-z]+)\.?\s+$")
# Other names of a list, before one of it: `the states of Elm, Oak and Ash`.
LISTED = r"(?:[A-Z][\w.'’-]*(?:\s[A-Z][\w.'’-]*)*(?:,|,?\s+and)\s+)*$"
# `St. Elm's Medical Center`: a saint in the name of a hospital, school or church.
SAINT, OWNS = re.compile(r"(?:St\.?|Saint)\s"), re.compile(r"\s?['’]s?\s+[A-Z]")
# An acronym in brackets, and how many words before it may be what it stands for.
BRACKET, WORDS = re.compile(r"[A-Z]{2,6}s?$"), 3


@cache
def _kinds() -> dict[str, re.Pattern[str]]:
    """What is looked for before and after a place's name, by the kind that it tells."""
    words = {
        kind: "|".join(map(re.escape, sorted(found, key=lambda w: (-len(w), w))))
        for kind, found in tomllib.loads((DATA / "place_kinds.toml").read_text("utf-8")).items()
    }
    return {
        "area before": re.compile(rf"\b(?:{words['area_before']}) of {LISTED}"),
        "area after": re.compile(rf"\s+(?:{words['area_after']})\b"),
        "town before": re.compile(rf"\b(?:{words['town_before']}) of $", re.IGNORECASE),
        "statewide": re.compile(
            rf"(?:\s?['’]s|['’])?\s+(?:state\s+)?(?:(?:{words['deputy']})\s)?(?:{words['statewide']})(?!\w)"
        ),
        "member before": re.compile(rf"\b(?:{words['member']})\.? (?:[A-Z][\w.'’-]*\s){{1,4}}of $"),
    }


def kind_of_place(text: str, start: int, end: int) -> str:
    """The kind that the words around a place give it: `region`, `state` (of a federation), `town`, or nothing.

    >>> kind_of_place("the town of Elmton", 12, 18)
    'town'
    """
    before = text[max(0, start - 100) : start]
    kinds = _kinds()
    if (
        kinds["area before"].search(before)
        or kinds["member before"].search(before)
        or kinds["area after"].match(text, end)
    ):
        return "region"
    if kinds["statewide"].match(text, end):
        return "state"
    return "town" if kinds["town before"].search(before) else ""


def is_saint(text: str, start: int, end: int) -> bool:
    """Whether the place named at these offsets is a saint in the name of something else: `St. Elm 's Medical Center`."""
    return SAINT.match(text, start) is not None and OWNS.match(text, end) is not None


def meaning(text: str, start: int, end: int) -> str:
    """The words before an acronym in brackets that it stands for, if their initials say so; else nothing.

    >>> meaning("a total view of elms (TVE)", 22, 25)
    'total view of elms'
    """
    letters = text[start:end]
    if not BRACKET.match(letters) or text[start - 1 : start] != "(" or text[end : end + 1] not in (")", ",", ";"):
        return ""
    letters = letters.rstrip("s").casefold()
    words = list(re.finditer(r"[^\W_]+(?:[’'-][^\W_]+)*", text[max(0, start - REACH) : start - 1]))[
        -len(letters) - WORDS :
    ]
    offset = max(0, start - REACH)
    for i in range(len(words)):
        part = [m.group().casefold() for m in words[i:]]
        if (
            letters in ("".join(w[0] for w in part), "".join(w[0] for w in part if w not in MINOR))
            and part[0] not in MINOR
        ):
            return text[offset + words[i].start() : start - 1].strip()
    return ""


# Words that acronyms leave out.
MINOR = frozenset(("of", "the", "and", "for", "in", "on", "at", "to", "a"))


@cache
def _sports() -> dict[str, frozenset[str]]:
    data = tomllib.loads((DATA / "sports.toml").read_text("utf-8"))
    words = {w for words in data.pop("sports").values() for w in words if w.islower()}
    return {k: frozenset(v) | (words if k == "talk" else set()) for k, v in data.items()}


def nicknames() -> frozenset[str]:
    """Teams' own names that are nothing else's: `Yankees`."""
    return _sports()["teams"]


def beside_nicknames() -> list[str]:
    """Words before a team's own name: `White Sox`."""
    return sorted(_sports()["beside"])


@cache
def _done(report: bool) -> tuple[frozenset[str], frozenset[str]]:
    """What a team does, and what is done to it; in a report of sports also in words of other news."""
    deeds, against = _sports()["deeds"], _sports()["against"]
    return (deeds | _sports()["report_deeds"], against | _sports()["report_against"]) if report else (deeds, against)


@cache
def titles() -> frozenset[str]:
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
    report = is_report(text)
    deeds, against = _done(report)
    role = word in sports["roles"] and after[:1] in (" ", "'", "’")
    deed = word in deeds and after[:1] == " " and not owner
    met = text[start - 1 : start] == " " and any(" ".join(precedes[-n:]) in against for n in (1, 2, 3))
    if not (role or deed or met):
        return False
    if report:
        return True
    heard = sentence(text, start, end)
    own = {word} if role else set()
    said = {w.casefold().rstrip(".") for w in WORD.findall(heard)} - own
    names = {w.rstrip(".") for w in WORD.findall(heard)}
    return (
        bool(said & sports["talk"] or names & sports["teams"])
        or SCORE.search(heard) is not None
        or (role and word not in sports["loose"])
    )


@lru_cache(maxsize=4)
def is_report(text: str) -> bool:
    """Whether an article is a report of sports, by how many different words of them it has and by scores.

    >>> is_report("Oakby beat Elmton 3-1 and Merrow 2-0 to win the cup. The striker was named captain of the team.")
    True
    """
    sports = _sports()
    words = {w.rstrip(".") for w in WORD.findall(text)}
    said = len({w.casefold() for w in words} & sports["talk"]) + len(words & sports["teams"])
    return said >= TELLING or (said >= FEWEST and len(SCORE.findall(text)) > 1)


def sentence(text: str, start: int, end: int) -> str:
    """The sentence around a name, without it."""
    before, after = text[max(0, start - REACH) : start], text[end : end + REACH]
    begins = [m.end() for m in STOP.finditer(before)]
    ends = STOP.search(after)
    return before[begins[-1] if begins else 0 :] + " " + after[: ends.start() if ends else REACH]


def title_before(text: str, start: int) -> str:
    """The personal title or office straight before a name (`President`), or nothing."""
    m = BEFORE.search(text[max(0, start - 30) : start])
    return m.group(1) if m and m.group(1) in titles() else ""
