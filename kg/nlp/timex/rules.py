"""Patterns of time expressions and the value of each, read against a context."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from kg.nlp.numbers import parse
from kg.nlp.timex import lexicon as lex
from kg.nlp.timex.context import Context, Tense
from kg.nlp.timex.values import as_day, shift, valid
from kg.vocabulary import TimexType

Found = tuple[TimexType, str | None] | None
Rule = tuple[re.Pattern[str], Callable[[Context, re.Match[str]], Found]]

# A month further back than this is more likely the coming one: news names near dates without their year.
_MONTHS_BACK = 9
_EDGE = r"(?i:(?:the )?(?:very )?(?:early|late|mid|middle|beginning|start|end|turn)(?: (?:in|of)(?: the)?)?[ -])"
_OF_DAY = rf"(?: (?:(?i:in the|on the|at) )?(?P<part>(?:(?i:early|late) )?{lex.PART}))?"
_WEEKDAY_LEAD = rf"(?:(?:{lex.WEEKDAY}|{lex.SHORT_WEEKDAY}),? (?:(?:the )?))?"


def _date(value: str | None) -> Found:
    return TimexType.DATE, value


def _with_part(value: str | None, part: str | None) -> Found:
    if not part:
        return _date(value)
    code = lex.PARTS[part.casefold().removeprefix("early ").removeprefix("late ")]
    return TimexType.TIME, f"{value}T{code}" if value else None


def _iso(_: Context, m: re.Match[str]) -> Found:
    if not valid(int(m["y"]), int(m["m"]), int(m["d"])):
        return None
    day = f"{m['y']}-{m['m']}-{m['d']}"
    return (TimexType.TIME, f"{day}T{m['t']}") if m["t"] else _date(day)


def _numeric(ctx: Context, m: re.Match[str]) -> Found:
    one, two, year = int(m["a"]), int(m["b"]), int(m["y"])
    year += 2000 if year < 50 else 1900 if year < 100 else 0
    day, month = (one, two) if (ctx.day_first and two <= 12) or one > 12 else (two, one)
    return _date(f"{year:04}-{month:02}-{day:02}") if valid(year, month, day) else None


def _month_day(ctx: Context, m: re.Match[str]) -> Found:
    month, day = lex.month(m["m"]), int(m["d"])
    year = int(m["y"]) if m["y"] else None
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


def _month(ctx: Context, m: re.Match[str]) -> Found:
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
    ahead = month - now or (0 if day is None or len(ctx.anchor) < 10 else (day > int(ctx.anchor[8:10])) - (day < int(ctx.anchor[8:10])))
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
    return year if month == now and day is not None and day - int(ctx.anchor[8:10] or 0) <= 1 else year - 1


def _full_year(ctx: Context, m: re.Match[str]) -> Found:
    if m["last"]:
        last = m["last"] if len(m["last"]) == 4 else m["y"][:2] + m["last"]
        return _date(f"{m['y']}/{last}") if int(last) > int(m["y"]) else None
    tokens = ctx.reading.doc.char_span(m.start("y"), m.end("y"), alignment_mode="expand")
    if not tokens or not _is_year(ctx, m, tokens[0].i):
        return None
    return _date(m["y"])


_YEAR_LEADS = frozenset(
    "in since of by until till from to during before after around circa early late mid through between for the year c. than "
    "spring summer autumn fall winter and or ( , into".split()
)


def _is_year(ctx: Context, m: re.Match[str], i: int) -> bool:
    """Whether four digits are a year, not a count: by the preposition before and the noun after."""
    doc = ctx.reading.doc
    token, after = doc[i], doc[i + 1] if i + 1 < len(doc) else None
    before = doc[i - 1].lower_ if i else ""
    framed = before in ("in", "since", "by", "until") or bool(i) and doc[i - 1].tag_ in ("DT", "PRP$", "POS")
    counted = after is not None and after.tag_ in ("NNS", "NNPS") and not framed
    if counted or before in ("$", "€", "£", "no.", "no", "#", "about", "some", "nearly", "least", "over"):
        return False
    if after is not None and (after.lower_ in ("percent", "per", "%", "people", "hours", "miles", "meters", "metres", "feet", "km")):
        return False
    if after is not None and after.text in ("-", "–") and i + 2 < len(doc) and doc[i + 2].is_alpha:
        return m["edge"] is not None
    return bool(m["edge"]) or token.ent_type_ == "DATE" or before in _YEAR_LEADS and before != ","


def _decade(ctx: Context, m: re.Match[str]) -> Found:
    digits = m["d"]
    if len(digits) == 2:
        digits = ("19" if int(digits) > 20 else "20") + digits
    return _date(digits[:3])


def _century(_: Context, m: re.Match[str]) -> Found:
    number = parse(m["n"])
    return _date(f"{int(number.value) - 1:02}") if number and number.value else None


def _quarter(ctx: Context, m: re.Match[str]) -> Found:
    word = (m["n"] or m["q"]).casefold()
    number = {"first": 1, "second": 2, "third": 3, "fourth": 4}.get(word, 0) or int(re.sub(r"\D", "", word) or 0)
    half = (m["k"] or "quarter").casefold() == "half"
    year = m["y"] or m["y2"] or (ctx.anchor or "")[:4] or None
    return _date(f"{year or 'XXXX'}-{'H' if half else 'Q'}{number}")


def _weekday(ctx: Context, m: re.Match[str]) -> Found:
    number = lex.weekday(m["w"])
    which = (m["which"] or "").casefold().removeprefix("the ").strip()
    if which in ("every", "each"):
        return TimexType.SET, f"XXXX-WXX-{number}"
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


def _weekdays(_: Context, m: re.Match[str]) -> Found:
    return TimexType.SET, f"XXXX-WXX-{lex.weekday(m['w'])}"


def _named_day(ctx: Context, m: re.Match[str]) -> Found:
    count = lex.DAYS[m["n"].casefold()]
    if m["before"]:
        count += -1 if count < 0 else 1
    return _with_part(shift(ctx.anchor, "D", count), m["part"])


def _this_part(ctx: Context, m: re.Match[str]) -> Found:
    code = "NI" if m[0].casefold() in ("tonight", "overnight") else lex.PARTS[m["p"].casefold()]
    day = shift(ctx.anchor, "D", -1 if m[0].casefold().startswith("last") else 0)
    return TimexType.TIME, f"{day}T{code}" if day else None


def _part_of(ctx: Context, m: re.Match[str]) -> Found:
    """ "the early hours of Sunday", "the night of Sept. 13": the day is read by its own rule and takes the part."""
    for pattern, rule in DAYS:
        if (day := pattern.match(ctx.reading.article.text, m.end())) and (found := rule(ctx, day)):
            return found
    return None


def _calendar(ctx: Context, m: re.Match[str]) -> Found:
    """ "last week", "this year", "next month", "that day"."""
    which, unit = m["which"].casefold().removeprefix("the ").strip(), lex.unit(m["u"])
    if which in ("that", "the same", "same"):
        return _date(shift(ctx.nearby(m.start()), unit, 0))
    if which in ("previous", "following", "preceding"):
        return _date(shift(ctx.nearby(m.start()), unit, -1 if which != "following" else 1))
    count = {"last": -1, "past": -1, "this": 0, "current": 0, "next": 1, "coming": 1, "upcoming": 1, "this coming": 1}[which]
    if unit == "DE" and which == "past":
        return TimexType.DURATION, "P1DE"
    return _date(shift(ctx.anchor, unit, count))


def _season(ctx: Context, m: re.Match[str]) -> Found:
    code = lex.SEASONS[m["s"].casefold()]
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


def _distance(ctx: Context, m: re.Match[str]) -> Found:
    """ "two weeks ago", "a day earlier", "nine days later"."""
    count, unit = lex.count(m["n"]), lex.unit(m["u"])
    word = m["where"].casefold()
    sign = 1 if word in ("later", "on", "from now", "hence") else -1
    base = ctx.anchor if word in ("ago", "from now", "back") else ctx.nearby(m.start())
    if count is None:
        return _date("PAST_REF" if word == "ago" else None)
    return _date(shift(base, unit, sign * count))


def _adjacent_day(ctx: Context, m: re.Match[str]) -> Found:
    """ "the day before", "the following day"."""
    back = re.search(r"before|previous|preceding|earlier", m[0], re.I)
    return _date(shift(ctx.nearby(m.start()), "D", -1 if back else 1))


def _vague_period(_: Context, m: re.Match[str]) -> Found:
    ahead = re.search(r"coming|next|upcoming|ahead", m[0], re.I)
    return _date("FUTURE_REF" if ahead else "PAST_REF")


def _duration(ctx: Context, m: re.Match[str]) -> Found:
    words, unit = m["n"], lex.unit(m["u"])
    after = ctx.reading.article.text[m.end() : m.end() + 5].casefold()
    if after.startswith((" old", "-old")) or (unit == "S_" and words.casefold() in ("a", "one", "an")):
        return None
    if words.casefold() in ("a", "an") and not _measures(ctx, m):
        return None
    count = lex.count(words)
    if m["half"] and count is not None:
        count += 0.5
    return TimexType.DURATION, lex.duration(count, unit)


def _measures(ctx: Context, m: re.Match[str]) -> bool:
    """Whether "a week" is a stretch of time: not "a year" in "$5 a year", "once a week", nor "a day of mourning"."""
    text = ctx.reading.article.text
    before, after = text[max(0, m.start() - 14) : m.start()].casefold(), text[m.end() : m.end() + 8].casefold()
    lead = re.search(r"\b(?:for|in|within|after|than|over|about|around|nearly|almost|least|takes?|took|lasted|lasts|half|during)\s$", before)
    return bool(lead) or bool(re.match(r"\s(?:after|before|since|long|and)\b", after))


def _bare(_: Context, m: re.Match[str]) -> Found:
    return TimexType.DURATION, lex.duration(None, lex.unit(m["u"]))


def _hyphened(_: Context, m: re.Match[str]) -> Found:
    words, plural = m["n"].casefold() if m["n"] else "", "s-" in m[0]
    return TimexType.DURATION, lex.duration(lex.count(words) if words else None if plural else 1.0, lex.unit(m["u"]))


def _set(_: Context, m: re.Match[str]) -> Found:
    count = lex.count(m["n"]) if m["n"] else 1.0
    return TimexType.SET, lex.duration(count, lex.unit(m["u"]))


def _set_word(_: Context, m: re.Match[str]) -> Found:
    return TimexType.SET, lex.SETS[m[0].casefold()]


def _holiday(ctx: Context, m: re.Match[str]) -> Found:
    day = lex.HOLIDAYS[m["h"].casefold()]
    year = int(m["y"]) if m["y"] else _year(ctx, m.start(), int(day[:2]), int(day[3:]))
    return _date(f"{year}-{day}" if year is not None else f"XXXX-{day}")


def _clock(ctx: Context, m: re.Match[str]) -> Found:
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
    return TimexType.TIME, f"{day.isoformat()}{clock}" if day else f"XXXX-XX-XX{clock}"


_ZONE = r"(?: (?:\([A-Z\d :+]+\)|GMT|UTC|EST|EDT|ET|PST|PDT|PT|CST|CDT|CT|MST|MDT|BST|CET|CEST|EET|IST|JST|AEST|local time|Eastern|Pacific|Central)\b)?"
_NUM_NTH = rf"(?P<d>{lex.DAY})(?:{lex.NTH})?\b"
_YEAR_TAIL = rf"(?:,? (?:of )?(?P<y>{lex.YEAR}))?"

DAYS: list[Rule] = [
    (re.compile(r"(?<![\d-])(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)(?:[T ](?P<t>\d\d:\d\d(?::\d\d)?)(?:\.\d+)?Z?)?(?![\d-])"), _iso),
    (re.compile(r"(?<![\w/.-])(?P<a>\d{1,2})(?P<s>[/.-])(?P<b>\d{1,2})(?P=s)(?P<y>(?:19|20)\d\d|\d\d)(?![\w/-])(?!\.\d)"), _numeric),
    (re.compile(rf"{_WEEKDAY_LEAD}\b(?P<m>{lex.MONTH})\s(?:the )?{_NUM_NTH}(?!:\d|\.\d|,\d|%)(?:\s?[-–]\s?(?P<d2>{lex.DAY})\b(?!-))?{_YEAR_TAIL}{_OF_DAY}"), _month_day),
    (re.compile(rf"{_WEEKDAY_LEAD}(?:(?i:the) )?(?<![\d.,:$€£/])\b{_NUM_NTH}(?:\s?[-–]\s?(?P<d2>{lex.DAY})(?:{lex.NTH})?\b)?(?: day)?(?: of)?[ -](?P<m>{lex.MONTH})(?:,?[ -](?P<y>{lex.YEAR}))?{_OF_DAY}"), _month_day),
    (re.compile(rf"(?:(?P<which>(?i:(?:the )?(?:last|next|this coming|this|coming|past|previous|following|every|each)) )|(?i:early |late ))?\b(?P<w>{lex.WEEKDAY}){_OF_DAY}"), _weekday),
    (re.compile(rf"(?:(?i:early|late|earlier|later) )?(?P<before>(?i:the day (?:before|after) ))?\b(?P<n>{lex.DAY_WORD}){_OF_DAY}"), _named_day),
]

RULES: list[Rule] = [
    *DAYS,
    (re.compile(rf"(?i:\b(?:the |on the |in the |during the )?(?:early |late )?{lex.PART}) (?:of|on) "), _part_of),
    (re.compile(rf"(?P<edge>{_EDGE})?(?:\b(?P<which>(?i:last|next|this|past|coming)) )?(?:\b[Mm]id-)?\b(?P<m>{lex.MONTH})(?:,? (?:of )?(?P<y>{lex.YEAR}))?(?!\s{lex.DAY}\b)"), _month),
    (re.compile(rf"(?P<edge>{_EDGE})?(?<![\w.,$€£#/-])(?P<y>{lex.YEAR})(?:[-–/](?P<last>(?:19|20)\d\d|\d\d)\b(?![-/]))?"), _full_year),
    (re.compile(rf"(?P<edge>{_EDGE})?(?:(?i:the) )?(?<![\w.,$€£])['’]?(?P<d>(?:1[4-9]|20)\d0|[1-9]0)['’]?s\b"), _decade),
    (re.compile(r"(?i:(?:the )?(?:early |late |mid-)?)\b(?P<n>(?:\d+(?:st|nd|rd|th)|(?i:twenty-first|twentieth|nineteenth|eighteenth|seventeenth|sixteenth|fifteenth))) (?i:century)\b"), _century),
    (re.compile(rf"(?i:the )?\b(?:(?P<n>(?i:first|second|third|fourth)) (?P<k>(?i:quarter|half))(?: of (?:the year|(?:the )?(?:fiscal (?:year )?)?(?P<y>{lex.YEAR})))|(?P<q>Q[1-4])\b(?: (?P<y2>{lex.YEAR}))?)"), _quarter),
    (re.compile(rf"\b(?P<w>{lex.WEEKDAY[:-2]}s)\b"), _weekdays),
    (re.compile(rf"(?i:\b(?:this|last|yesterday|tomorrow|that)) (?:early |late )?(?P<p>{lex.PART})|\b(?i:tonight|overnight)\b"), _this_part),
    (re.compile(rf"(?i:\b(?:earlier|later|early|late|sometime|the (?:end|start|beginning) of|mid) )?\b(?P<which>(?i:last|this coming|this|next|that|the same|(?:the )?(?:current|previous|following|coming|upcoming))) (?P<u>{lex.CALENDAR_UNIT})"), _calendar),
    (re.compile(rf"(?i:\b(?:late |early |mid-)?)(?:\b(?P<which>(?i:last|this|next|the past|the coming)) )?(?P<s>{lex.SEASON})(?: (?:of )?(?P<y>{lex.YEAR}))?"), _season),
    (re.compile(rf"(?i:\b(?:more than|less than|over|about|around|nearly|almost|just|exactly|some|at least) )?\b(?P<n>{lex.COUNT})[ -](?P<u>{lex.UNIT}) (?P<where>(?i:ago|earlier|later|from now|back)\b|before(?=[.,;]|$))"), _distance),
    (re.compile(r"(?i:\bthe day (?:before|after)\b(?=[.,;]|$)|\bthe (?:previous|preceding|following|next) day\b)", re.M), _adjacent_day),
    (re.compile(rf"(?i:\b(?:in |over )?(?:the )?(?:very )?(?:recent|coming|upcoming|next few|days|past few) )(?:{lex.UNIT})(?i:(?: (?:and|or) ){lex.UNIT})?"), _vague_period),
    (re.compile(rf"(?i:\b(?:the )?(?:first|last|past|next|final|previous|coming|another|more than|less than|over|about|around|nearly|almost|at least|up to|some|roughly|approximately|just|under) )*(?i:the )?\b(?P<n>{lex.COUNT})(?: (?:full|long|straight|consecutive|whole|more|additional))?[ ](?P<u>{lex.UNIT})(?P<half> and a half)?"), _duration),
    (re.compile(rf"\b(?:(?P<n>{lex.COUNT})-)(?P<u>(?i:second|minute|hour|day|week|month|year|decade|century))(?:-long|long)?\b(?=[ -])(?!-old| old)"), _hyphened),
    (re.compile(r"\b(?P<n>)(?P<u>(?i:hour|day|week|month|year|decade))s?-?long\b"), _hyphened),
    (re.compile(r"(?:(?i:\b(?:for|after|in|within|over|of|lasted|took|take|taken|spent) ))(?P<u>(?i:minutes|hours|days|weeks|months|years|decades|centuries)\b)"), _bare),
    (re.compile(r"(?i:\b(?:every|each) (?:other )?(?:(?P<n>\d+|two|three|four|five|six|ten) )?(?:single )?)(?P<u>(?i:second|minute|hour|day|week|weekend|month|quarter|year|decade)s?\b)"), _set),
    (re.compile(rf"\b{lex.SET}"), _set_word),
    (re.compile(rf"\b(?P<h>{lex.HOLIDAY})(?:,? (?P<y>{lex.YEAR}))?"), _holiday),
    (re.compile(rf"(?<![\d.,:$])\b(?P<h>\d{{1,2}})(?:[:.]\s?(?P<min>\d\d))?\s?(?P<half>[ap]\.\s?m\.?|[ap]m\b|[AP]\.?M\b\.?){_ZONE}"), _clock),
    (re.compile(rf"(?<![\d.,:$])\b(?P<h>[01]?\d|2[0-4])[:](?P<min>\d\d)(?::\d\d)?(?![\d:]){_ZONE}"), _clock),
    (re.compile(r"(?<![\d.,:$])\b(?P<h>[01]\d|2[0-4])(?P<min>\d\d) (?:GMT|UTC|hours|hrs)\b"), _clock),
    (re.compile(r"(?i:\b(?P<word>noon|midnight)\b)"), _clock),
    (re.compile(r"\b(?P<h>\d{1,2}) o['’]clock\b"), _clock),
]
