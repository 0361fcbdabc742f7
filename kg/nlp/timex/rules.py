"""The value of each kind of time expression, read against a context; patterns are in `kg/data/timex_rules.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from kg.nlp.numbers import parse
from kg.nlp.timex import lexicon as lex
from kg.nlp.timex.context import Context, Tense
from kg.nlp.timex.values import as_day, shift, valid
from kg.ready import ready_made
from kg.vocabulary import TimexType


class Found(NamedTuple):
    """Type and value, and where the expression ends if its pattern does not tell."""

    type: TimexType
    value: str | None
    end: int | None = None


class Rule(NamedTuple):
    """A pattern, what it must hold, and the function that reads what it matched; `day` if it names one day."""

    pattern: re.Pattern[str]
    near: str
    read: Callable[[Context, re.Match[str]], Found | None]
    day: bool


# A month further back than this is more likely the coming one: news names near dates without their year.
_MONTHS_BACK = 9
_SATURDAY = 6
_SEASON_LEAD = re.compile(r"\b(?:in|during|since|by|over) (?:the )?(?:early |late |mid-)?$", re.I)
# The longest expression has about sixty characters on one side of its key word.
_REACH = 60


def _date(value: str | None) -> Found:
    return Found(TimexType.DATE, value)


def _with_part(value: str | None, part: str | None) -> Found:
    if not part:
        return _date(value)
    code = lex.part(part)
    return Found(TimexType.TIME, f"{value}T{code}" if value else None)


def _iso(_: Context, m: re.Match[str]) -> Found | None:
    if not valid(int(m["y"]), int(m["m"]), int(m["d"])):
        return None
    day = f"{m['y']}-{m['m']}-{m['d']}"
    return Found(TimexType.TIME, f"{day}T{m['t']}") if m["t"] else _date(day)


def _numeric(ctx: Context, m: re.Match[str]) -> Found | None:
    one, two, year = int(m["a"]), int(m["b"]), int(m["y"])
    year += 2000 if year < 50 else 1900 if year < 100 else 0
    day, month = (one, two) if (ctx.day_first and two <= 12) or one > 12 else (two, one)
    return _date(f"{year:04}-{month:02}-{day:02}") if valid(year, month, day) else None


def _month_day(ctx: Context, m: re.Match[str]) -> Found | None:
    month, day = lex.month(m["m"]), int(m["d"])
    year = int(m["y"]) if m["y"] else _told_year(ctx, m.groupdict().get("of"))
    last = int(m["d2"]) if m.groupdict().get("d2") else None
    values = []
    for number in (day, last):
        if number is None:
            continue
        of = year if year is not None else _year(ctx, m.start("m"), month, number)
        if of is None:
            values.append(f"XXXX-{month:02}-{number:02}")
        elif valid(of, month, number):
            values.append(f"{of:04}-{month:02}-{number:02}")
        else:
            return None
    return _with_part("/".join(values), m.groupdict().get("part"))


def _told_year(ctx: Context, which: str | None) -> int | None:
    """The year of "last year", "this year", "next year" after a day."""
    if not which or not ctx.anchor:
        return None
    return int(ctx.anchor[:4]) + {"last": -1, "this": 0, "next": 1}[which.casefold()]


def _month(ctx: Context, m: re.Match[str]) -> Found | None:
    month = lex.month(m["m"])
    if m["y"]:
        return _date(f"{m['y']}-{month:02}")
    which = (m["which"] or "").casefold()
    year = _year(ctx, m.start("m"), month, None, which)
    return _date(f"{year:04}-{month:02}" if year is not None else f"XXXX-{month:02}")


def _year(ctx: Context, start: int, month: int, day: int | None, which: str = "") -> int | None:
    """The year of a month or day that is named without one: the nearest in the direction of the tense."""
    if not ctx.anchor:
        return None
    year = int(ctx.anchor[:4])
    if len(ctx.anchor) < 7:
        return year
    now = int(ctx.anchor[5:7])
    today = int(ctx.anchor[8:10]) if len(ctx.anchor) >= 10 else None
    ahead = month - now or (0 if day is None or today is None else (day > today) - (day < today))
    if which in ("last", "past"):
        return year if ahead < 0 and month != now else year - 1
    if which in ("next", "coming"):
        return year if ahead > 0 and month != now else year + 1
    if which == "this":
        return year
    tense = ctx.tense(start)
    if tense is Tense.FUTURE:
        return year + 1 if ahead < 0 and month != now else year
    if ahead <= 0:
        return year
    if tense is Tense.NONE and ahead < 12 - _MONTHS_BACK:
        return year
    # An evening edition, or a clock west of the event: tomorrow's date in the past tense is this year's.
    return year if month == now and day is not None and today is not None and day - today <= 1 else year - 1


def _full_year(ctx: Context, m: re.Match[str]) -> Found | None:
    if m["last"]:
        last = m["last"] if len(m["last"]) == 4 else m["y"][:2] + m["last"]
        return _date(f"{m['y']}/{last}") if int(last) > int(m["y"]) else None
    tokens = ctx.reading.doc.char_span(m.start("y"), m.end("y"), alignment_mode="expand")
    if not tokens or not _is_year(ctx, m, tokens[0].i):
        return None
    return _date(m["y"])


def _is_year(ctx: Context, m: re.Match[str], i: int) -> bool:
    """Whether four digits are a year, not a count: by the preposition before and the noun after."""
    doc = ctx.reading.doc
    token, after = doc[i], doc[i + 1] if i + 1 < len(doc) else None
    before = doc[i - 1].lower_ if i else ""
    framed = before in ("in", "since", "by", "until") or (bool(i) and doc[i - 1].tag_ in ("DT", "PRP$", "POS"))
    counted = after is not None and after.tag_ in ("NNS", "NNPS") and not framed
    if counted or before in lex.NOT_A_YEAR_BEFORE:
        return False
    if after is not None and (after.lower_ in lex.NOT_A_YEAR_AFTER):
        return False
    if after is not None and after.text in ("-", "–") and i + 2 < len(doc) and doc[i + 2].is_alpha:
        return m["edge"] is not None
    return bool(m["edge"]) or token.ent_type_ == "DATE" or before in lex.YEAR_LEADS


def _decade(ctx: Context, m: re.Match[str]) -> Found | None:
    digits = m["d"]
    if len(digits) == 2 and not re.match(r"the |['’]", m[0].casefold()):
        return None  # "in her 40s" is an age
    if len(digits) == 2:
        digits = ("19" if int(digits) > 20 else "20") + digits
    return _date(digits[:3])


def _century(_: Context, m: re.Match[str]) -> Found | None:
    number = parse(m["n"])
    return _date(f"{int(number.value) - 1:02}") if number and number.value else None


def _quarter(ctx: Context, m: re.Match[str]) -> Found | None:
    word = (m["n"] or m["q"]).casefold()
    number = {"first": 1, "second": 2, "third": 3, "fourth": 4}.get(word, 0) or int(re.sub(r"\D", "", word) or 0)
    half = (m["k"] or "quarter").casefold() == "half"
    year = m["y"] or m["y2"] or (ctx.anchor or "")[:4] or None
    return _date(f"{year or 'XXXX'}-{'H' if half else 'Q'}{number}")


def _weekday(ctx: Context, m: re.Match[str]) -> Found | None:
    number = lex.weekday(m["w"])
    which = (m["which"] or "").casefold().removeprefix("the ").strip()
    if which in ("every", "each"):
        return Found(TimexType.SET, f"XXXX-WXX-{number}")
    today = as_day(ctx.anchor)
    if today is None:
        return _with_part(f"XXXX-WXX-{number}", m["part"]) if not ctx.anchor else _with_part(ctx.anchor, m["part"])
    back = (today.isoweekday() - number) % 7
    if which in ("last", "past", "previous"):
        day = today - timedelta(days=back or 7)
    elif which in ("next", "following"):
        day = today + timedelta(days=-back % 7 or 7)
    elif which in ("this", "coming", "this coming") and ctx.tense(m.start("w")) is not Tense.PAST:
        day = today + timedelta(days=-back % 7)
    else:
        ahead = ctx.tense(m.start("w")) is Tense.FUTURE
        day = today + timedelta(days=-back % 7) if ahead else today - timedelta(days=back)
    return _with_part(day.isoformat(), m["part"])


def _weekdays(_: Context, m: re.Match[str]) -> Found | None:
    return Found(TimexType.SET, f"XXXX-WXX-{lex.weekday(m['w'])}")


def _named_day(ctx: Context, m: re.Match[str]) -> Found | None:
    count = lex.DAYS[m["n"].casefold()]
    if m["before"]:
        count += -1 if count < 0 else 1
    return _with_part(shift(ctx.anchor, "D", count), m["part"])


def _this_part(ctx: Context, m: re.Match[str]) -> Found | None:
    code = "NI" if m[0].casefold() in ("tonight", "overnight") else lex.part(m["p"])
    day = shift(ctx.anchor, "D", -1 if m[0].casefold().startswith("last") else 0)
    return Found(TimexType.TIME, f"{day}T{code}" if day else None)


def _part_of(ctx: Context, m: re.Match[str]) -> Found | None:
    """ "the early hours of Sunday", "the night of Sept. 13": the day is read by its own rule and takes the part."""
    for rule in rules():
        day = rule.pattern.match(ctx.reading.article.text, m.end()) if rule.day else None
        found = rule.read(ctx, day) if day else None
        if day and found and found.type is TimexType.DATE:
            return _with_part(found.value, m["p"])._replace(end=day.end())
    return None


def _calendar(ctx: Context, m: re.Match[str]) -> Found | None:
    """ "last week", "this year", "next month", "that day"."""
    which, unit = m["which"].casefold().removeprefix("the ").strip(), lex.unit(m["u"])
    if which in ("that", "the same", "same"):
        return _date(shift(ctx.nearby(m.start()), unit, 0))
    if which in ("previous", "following", "preceding"):
        return _date(shift(ctx.nearby(m.start()), unit, -1 if which != "following" else 1))
    count = {"last": -1, "past": -1, "this": 0, "current": 0, "next": 1, "coming": 1, "upcoming": 1, "this coming": 1}[
        which
    ]
    if unit == "DE" and which == "past":
        return Found(TimexType.DURATION, "P1DE")
    return _date(shift(ctx.anchor, unit, count))


def _weekend(ctx: Context, m: re.Match[str]) -> Found | None:
    """ "over the weekend": the one before a working day, or the one to come if the tense says so."""
    today = as_day(ctx.anchor)
    before = today is not None and today.isoweekday() < _SATURDAY and ctx.tense(m.start()) is not Tense.FUTURE
    return _date(shift(ctx.anchor, "WE", -1 if before else 0)) if today else None


def _season(ctx: Context, m: re.Match[str]) -> Found | None:
    code = lex.SEASONS[m["s"].casefold()]
    lead = _SEASON_LEAD.search(ctx.reading.article.text, max(0, m.start("s") - 12), m.start("s"))
    if not (m["y"] or m["which"] or lead):
        return None  # "fall" the verb, "spring" of water
    if m["y"]:
        return _date(f"{m['y']}-{code}")
    if not ctx.anchor:
        return _date(f"XXXX-{code}")
    which, month = (m["which"] or "").casefold().removeprefix("the "), {"SP": 3, "SU": 6, "FA": 9, "WI": 12}[code]
    year = int(ctx.anchor[:4])
    now = int(ctx.anchor[5:7]) if len(ctx.anchor) >= 7 else 12
    if which in ("last", "past") and now < month + 3:
        year -= 1
    elif which in ("next", "coming") and now >= month:
        year += 1
    elif which == "this" and code == "WI" and now < 3:
        year -= 1
    return _date(f"{year}-{code}")


def _distance(ctx: Context, m: re.Match[str]) -> Found | None:
    """ "two weeks ago", "a day earlier", "nine days later"."""
    count, unit = lex.count(m["n"]), lex.unit(m["u"])
    word = m["where"].casefold()
    sign = 1 if word in ("later", "on", "from now", "hence") else -1
    base = ctx.anchor if word in ("ago", "from now", "back") else ctx.nearby(m.start())
    if count is None:
        return _date("PAST_REF" if word == "ago" else None)
    return _date(shift(base, unit, sign * count))


def _adjacent_day(ctx: Context, m: re.Match[str]) -> Found | None:
    """ "the day before", "the following day"."""
    back = re.search(r"before|previous|preceding|earlier", m[0], re.I)
    return _date(shift(ctx.nearby(m.start()), "D", -1 if back else 1))


def _vague_period(_: Context, m: re.Match[str]) -> Found | None:
    ahead = re.search(r"coming|next|upcoming|ahead", m[0], re.I)
    return _date("FUTURE_REF" if ahead else "PAST_REF")


def _duration(ctx: Context, m: re.Match[str]) -> Found | None:
    words, unit = m["n"], lex.unit(m["u"])
    after = ctx.reading.article.text[m.end() : m.end() + 5].casefold()
    if after.startswith((" old", "-old")) or (unit == "S_" and words.casefold() in ("a", "one", "an")):
        return None
    if words.casefold() in ("a", "an") and not _measures(ctx, m):
        return None
    count = lex.count(words)
    if m["half"] and count is not None:
        count += 0.5
    return Found(TimexType.DURATION, lex.duration(count, unit))


def _measures(ctx: Context, m: re.Match[str]) -> bool:
    """Whether "a week" is a stretch of time: not "a year" in "$5 a year", "once a week", nor "a day of mourning"."""
    text = ctx.reading.article.text
    before, after = text[max(0, m.start() - 14) : m.start()].casefold(), text[m.end() : m.end() + 8].casefold()
    lead = re.search(
        r"\b(?:for|in|within|after|than|over|about|around|nearly|almost|least|takes?|took|lasted|lasts|half|during)\s$",
        before,
    )
    return bool(lead) or bool(re.match(r"\s(?:after|before|since|long|and)\b", after))


def _bare(_: Context, m: re.Match[str]) -> Found | None:
    return Found(TimexType.DURATION, lex.duration(None, lex.unit(m["u"])))


def _hyphened(_: Context, m: re.Match[str]) -> Found | None:
    words, plural = m["n"].casefold() if m["n"] else "", "s-" in m[0]
    return Found(
        TimexType.DURATION, lex.duration(lex.count(words) if words else None if plural else 1.0, lex.unit(m["u"]))
    )


def _set(_: Context, m: re.Match[str]) -> Found | None:
    count = lex.count(m["n"]) if m["n"] else 1.0
    return Found(TimexType.SET, lex.duration(count, lex.unit(m["u"])))


def _set_word(ctx: Context, m: re.Match[str]) -> Found | None:
    if m[0][0].isupper() and ctx.reading.sentence(m.start()).start_char != m.start():
        return None  # "the Daily Telegraph"
    return Found(TimexType.SET, lex.SETS[m[0].casefold()])


def _holiday(ctx: Context, m: re.Match[str]) -> Found | None:
    day = lex.HOLIDAYS[m["h"].casefold()]
    year = int(m["y"]) if m["y"] else _year(ctx, m.start(), int(day[:2]), int(day[3:]))
    return _date(f"{year}-{day}" if year is not None else f"XXXX-{day}")


def _clock(ctx: Context, m: re.Match[str]) -> Found | None:
    names = m.groupdict()
    word = (names.get("word") or "").casefold()
    if word:
        hour, minute = (12, 0) if word == "noon" else (24, 0)
    else:
        hour, minute = int(m["h"]), int(names.get("min") or 0)
        half = (names.get("half") or "").casefold()
        if half.startswith("p") and hour < 12:
            hour += 12
        elif half.startswith("a") and hour == 12:
            hour = 0
    if hour > 24 or minute > 59:
        return None
    day = as_day(ctx.anchor)
    clock = f"T{hour:02}:{minute:02}"
    return Found(TimexType.TIME, f"{day.isoformat()}{clock}" if day else f"XXXX-XX-XX{clock}")


_READERS: dict[str, Callable[[Context, re.Match[str]], Found | None]] = {
    "adjacent_day": _adjacent_day,
    "bare": _bare,
    "calendar": _calendar,
    "century": _century,
    "clock": _clock,
    "decade": _decade,
    "distance": _distance,
    "duration": _duration,
    "full_year": _full_year,
    "holiday": _holiday,
    "hyphened": _hyphened,
    "iso": _iso,
    "month": _month,
    "month_day": _month_day,
    "named_day": _named_day,
    "numeric": _numeric,
    "part_of": _part_of,
    "quarter": _quarter,
    "season": _season,
    "set": _set,
    "set_word": _set_word,
    "this_part": _this_part,
    "vague_period": _vague_period,
    "weekday": _weekday,
    "weekend": _weekend,
    "weekdays": _weekdays,
}


@cache
def rules() -> tuple[Rule, ...]:
    """The rules of the data file, in its order."""
    return tuple(
        Rule(p, r["near"], _READERS[r["read"]], r.get("day", False)) for p, r in ready_made("timex", _compiled)
    )


def _compiled() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    data = tomllib.loads(files("kg").joinpath("data/timex_rules.toml").read_text("utf-8"))
    return [(re.compile(lex.expand(r["pattern"]), re.M), r) for r in data["rule"]]


def matches(text: str) -> list[tuple[re.Match[str], Rule]]:
    """What the rules match, the first first, of those the longest. A rule is tried around its key words only: most of a
    text holds none, and the patterns begin with optional words, which makes them slow elsewhere."""
    windows: dict[str, list[tuple[int, int]]] = {}
    found = []
    lower = "".join(c if len(low := c.lower()) > 1 else low for c in text) if "\u0130" in text else text.lower()
    for rule in rules():
        if rule.near not in windows:
            anchor, folded = lex.anchor(rule.near)
            windows[rule.near] = _windows(text, lower if folded else text, anchor)
        found += [(m, rule) for start, end in windows[rule.near] for m in rule.pattern.finditer(text, start, end)]
    return sorted(found, key=lambda pair: (pair[0].start(), -pair[0].end()))


def _windows(text: str, form: str, anchor: re.Pattern[str]) -> list[tuple[int, int]]:
    """The stretches around an anchor's occurrences in a form of the text, from blank to blank, disjoint."""
    windows: list[tuple[int, int]] = []
    for match in anchor.finditer(form):
        if windows and match.end() + _REACH <= windows[-1][1]:
            continue
        start = max(0, text.rfind(" ", 0, max(0, match.start() - _REACH)) + 1)
        end = text.find(" ", match.end() + _REACH)
        end = len(text) if end < 0 else end
        if windows and start <= windows[-1][1]:
            windows[-1] = (windows[-1][0], end)
        else:
            windows.append((start, end))
    return windows
