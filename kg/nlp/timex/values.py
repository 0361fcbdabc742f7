"""Arithmetic on TIMEX3 values (TimeML annotation guidelines 1.2.1, section 2.3; ISO 8601).

A value is a string: a day `2024-03-22`, week `2024-W12`, weekend `2024-W12-WE`, month `2024-03`, quarter `2024-Q1`,
half `2024-H1`, season `2023-WI`, year `2024`, decade `202`, century `20`, a day with `T…` for a time of day; an
interval is `2023-11-01/2023-11-05` or open, `2023-11/..`. Parts that are not known are `X`.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

from kg.records import Period

_CALENDAR = re.compile(r"(\d{4})-(\d\d)-(\d\d)|(\d{4})-(\d\d)|(\d{4})")
_SEASON_MONTHS = {"SP": 3, "SU": 6, "FA": 9, "WI": 12}
_QUARTER, _HALF = 3, 6


@lru_cache(maxsize=4096)
def period(value: str | None) -> Period | None:
    """First and last day of a value; None where it names no stretch of the calendar (`P2W`, `PAST_REF`, `XXXX-…`)."""
    if not value or value.startswith(("P", "X")):
        return None
    if "/" in value:
        first, _, last = value.partition("/")
        start, end = _days(first), _days(last)
        return Period(start=start[0] if start else None, end=end[1] if end else None) if start or end else None
    days = _days(value)
    return Period(start=days[0], end=days[1]) if days else None


def _days(value: str) -> tuple[str, str] | None:
    value = value.partition("T")[0]
    try:
        return _first_last(value)
    except ValueError:
        return None


def _first_last(value: str) -> tuple[str, str] | None:
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return date.fromisoformat(value).isoformat(), value
    if m := re.fullmatch(r"(\d{4})-(\d\d)", value):
        return _months(int(m[1]), int(m[2]), 1)
    if m := re.fullmatch(r"(\d{4})-W(\d\d)(-WE)?", value):
        first, last = (date.fromisocalendar(int(m[1]), int(m[2]), d) for d in ((6, 7) if m[3] else (1, 7)))
        return first.isoformat(), last.isoformat()
    if m := re.fullmatch(r"(\d{4})-([QH])(\d)", value):
        length = _QUARTER if m[2] == "Q" else _HALF
        return _months(int(m[1]), (int(m[3]) - 1) * length + 1, length)
    if m := re.fullmatch(r"(\d{4})-(SP|SU|FA|WI)", value):
        return _months(int(m[1]), _SEASON_MONTHS[m[2]], _QUARTER)
    if re.fullmatch(r"\d{2,4}", value):
        return f"{value:0<4}-01-01", f"{value:9<4}-12-31"
    return None


def _months(year: int, month: int, count: int) -> tuple[str, str]:
    first = date(year, month, 1)
    year, month = add_months(year, month, count - 1)
    return first.isoformat(), date(year, month, monthrange(year, month)[1]).isoformat()


def add_months(year: int, month: int, count: int) -> tuple[int, int]:
    """Year and month `count` months later (or earlier)."""
    total = year * 12 + month - 1 + count
    return total // 12, total % 12 + 1


def valid(year: int, month: int, day: int) -> bool:
    """Whether the calendar has that day."""
    return 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1] if 1 <= year <= 9999 else False


def as_day(value: str | None) -> date | None:
    """The value's day; None if it is coarser than a day or not known."""
    m = re.match(r"\d{4}-\d\d-\d\d", value or "")
    return date.fromisoformat(m[0]) if m else None


def week(day: date) -> str:
    """ISO week of a day."""
    year, number, _ = day.isocalendar()
    return f"{year}-W{number:02}"


def shift(anchor: str | None, unit: str, count: float) -> str | None:
    """The value `count` units from the anchor, at the unit's granularity, or the anchor's own where that is coarser.

    >>> shift("2024-03-22", "W", -1), shift("2024-01", "D", -1)
    ('2024-W11', '2024-01')
    """
    if not anchor:
        return None
    day, steps = as_day(anchor), int(count)
    if m := re.match(r"(\d{4})-W(\d\d)", anchor):
        first = date.fromisocalendar(int(m[1]), int(m[2]), 1)
        if unit in ("D", "W", "FN", "WE"):
            return week(first + timedelta(weeks=0 if unit == "D" else steps))
        anchor = first.isoformat()
    m = _CALENDAR.match(anchor)
    year = int(anchor[:4]) if m else None
    if year is None:
        return None
    month = int(anchor[5:7]) if re.match(r"\d{4}-\d\d", anchor) else None
    match unit:
        case "Y":
            return f"{year + steps:04}"
        case "DE":
            return f"{(year + 10 * steps) // 10:03}"
        case "CE":
            return f"{(year + 100 * steps) // 100:02}"
        case "M" | "Q" if month:
            y, mo = add_months(year, month, steps * (1 if unit == "M" else _QUARTER))
            return f"{y:04}-{mo:02}" if unit == "M" else f"{y:04}-Q{(mo - 1) // _QUARTER + 1}"
        case "D" if day:
            return (day + timedelta(days=steps)).isoformat()
        case "W" | "FN" | "WE" if day:
            value = week(day + timedelta(weeks=steps * (2 if unit == "FN" else 1)))
            return f"{value}-WE" if unit == "WE" else value
        case "H_" | "M_" | "S_" if day:
            return anchor[:10]
    return anchor[:7] if month else anchor[:4]
