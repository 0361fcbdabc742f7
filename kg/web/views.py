"""Charts and timelines drawn on the server as SVG: no script needed. Shapes carry titles, rows stay in the table
below."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from datetime import date

from kg.web.drawing import HEIGHT, MARGIN, WIDTH, Dot, Drawing, lead, note, text
from kg.web.maps import draw_map
from kg.web.network import network
from kg.web.site import Row
from kg.web.tables import Table
from kg.web.terms import short

# Half a date's label must find room right of the last point.
RIGHT = 42
# The width of a letter of a label, on average, in SVG units.
LETTER = 7
# Colours and shapes are by class in the style sheet; the last is for all series beyond the others.
SERIES = 8
OTHERS = "all others"
# A few points far from all others would press these together: up to this part of them is left to the table.
FAR = 0.1
# From this ratio of the largest number to the smallest on, small numbers cannot be read off a linear axis.
DECADES = 1000


def draw(view: str, axes: dict[str, str], table: Table) -> Drawing | None:
    """The drawing of a table, or None if the view is a plain table or there is nothing to draw."""
    if view == "chart":
        return _chart(axes.get("x", "date"), axes.get("y", "value"), axes.get("series", ""), table.rows)
    if view == "timeline":
        return _timeline(axes.get("x", "date"), axes.get("label", ""), table.rows)
    if view == "map":
        return draw_map(axes.get("label", ""), table.rows)
    if view == "graph":
        return network(axes.get("x", "oneName"), axes.get("y", "otherName"), axes.get("label", ""), table.rows)
    return None


def day_number(shown: str) -> float | None:
    """Days since year 1 of an xsd:date, gYearMonth, gYear or dateTime; None if it is none."""
    found = re.match(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", shown)
    try:
        return float(date(int(found[1]), int(found[2] or 1), int(found[3] or 1)).toordinal()) if found else None
    except ValueError:
        return None


def _scale(values: Sequence[float], start: float, end: float) -> tuple[float, float]:
    """Factor and offset that map the values' range to the pixels from start to end."""
    low, high = min(values), max(values)
    if high == low:
        low, high = low - 1, high + 1
    factor = (end - start) / (high - low)
    return factor, start - low * factor


def _day_ticks(days: Sequence[float], factor: float, offset: float) -> tuple[tuple[float, str], ...]:
    low, high = min(days), max(days)
    steps = 6 if high > low else 0
    found = {round(low + (high - low) * step / max(steps, 1)) for step in range(steps + 1)}
    return tuple((round(day * factor + offset, 1), date.fromordinal(day).isoformat()) for day in sorted(found))


def _series(names: Sequence[str]) -> tuple[dict[str, int], tuple[tuple[int, str], ...]]:
    """A number for each series, the most frequent first; the rest share the last one. And the legend."""
    ranked = [name for name, _ in sorted(Counter(names).items(), key=lambda item: (-item[1], item[0]))]
    single = ranked if len(ranked) <= SERIES else ranked[: SERIES - 1]
    numbers = {name: min(number, SERIES - 1) for number, name in enumerate(ranked)}
    legend = [(numbers[name], name) for name in single if name]
    return numbers, tuple(legend if single == ranked else [*legend, (SERIES - 1, OTHERS)])


def window(days: Sequence[float]) -> tuple[float, float]:
    """The first and last day to draw: without the few that lie further from the others than these span."""
    counts = sorted(Counter(days).items())
    spare = int(len(days) * FAR)
    while len(counts) > 1:
        span = counts[-1][0] - counts[0][0]
        if counts[0][1] <= spare and counts[1][0] - counts[0][0] > span / 2:
            spare -= counts.pop(0)[1]
        elif counts[-1][1] <= spare and counts[-1][0] - counts[-2][0] > span / 2:
            spare -= counts.pop()[1]
        else:
            break
    return counts[0][0], counts[-1][0]


def _left_out(days: Sequence[str]) -> tuple[str, ...]:
    if not days:
        return ()
    listed = ", ".join(sorted(set(days))[:4])
    return (f"{len(days)} row{'' if len(days) == 1 else 's'} far from the others ({listed}): see the table.",)


def _step(top: float) -> float:
    """The distance of ticks from 0 to a number, round (1, 2, 2.5 or 5 times a power of ten), so that there are four to
    eight of them; 0 if nothing is above 0."""
    if top <= 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(top / 4))
    return next(factor * power for factor in (10, 5, 2.5, 2, 1) if factor * power <= top / 4)


def _chart(x: str, y: str, series: str, rows: Sequence[Row]) -> Drawing | None:
    points = []
    undated = 0
    for row in rows:
        day = day_number(text(row, x))
        try:
            number = float(text(row, y))
        except ValueError:
            continue
        undated += day is None
        if day is not None:
            points.append((day, number, short(text(row, series)), row))
    if not points:
        return None
    first, last = window([point[0] for point in points])
    far = [text(point[3], x) for point in points if not first <= point[0] <= last]
    points = [point for point in points if first <= point[0] <= last]
    points.sort(key=lambda point: (point[2], point[0], point[1]))
    x_factor, x_offset = _scale([first, last], MARGIN, WIDTH - RIGHT)
    top, least = max(point[1] for point in points), min(point[1] for point in points)
    logarithmic = least >= 1 and top / least >= DECADES
    if logarithmic:
        marks = [10.0**power for power in range(int(math.log10(least)), math.ceil(math.log10(top)) + 1)]
    else:
        step = _step(top)
        marks = [step * part for part in range(math.ceil(top / step) + 1)] if step else [0.0]

    def height_of(number: float) -> float:
        return math.log10(number) if logarithmic else number

    heights = [height_of(number) for number in (*marks, *(point[1] for point in points))]
    y_factor, y_offset = _scale(heights, HEIGHT - MARGIN, MARGIN / 2)
    numbers, legend = _series([point[2] for point in points])
    dots = tuple(
        Dot(
            round(day * x_factor + x_offset, 1),
            round(height_of(number) * y_factor + y_offset, 1),
            numbers[name],
            f"{text(row, x)} · {number:,.10g} · {note(row, series)}",
            lead(row),
        )
        for day, number, name, row in points
    )
    y_ticks = tuple((round(height_of(mark) * y_factor + y_offset, 1), f"{mark:,.10g}") for mark in marks)
    notes = _left_out(far)
    if logarithmic:
        notes = ("The vertical axis is logarithmic.", *notes)
    if undated:
        notes = (*notes, f"{undated} row{'' if undated == 1 else 's'} without a date: see the table.")
    ticks = _day_ticks([first, last], x_factor, x_offset)
    return Drawing("chart", dots, ticks, y_ticks, legend, notes=notes)


def _timeline(x: str, label: str, rows: Sequence[Row]) -> Drawing | None:
    points = [(day, text(row, label), row) for row in rows if (day := day_number(text(row, x))) is not None]
    if not points:
        return None
    first, last = window([point[0] for point in points])
    far = [text(point[2], x) for point in points if not first <= point[0] <= last]
    points = [point for point in points if first <= point[0] <= last]
    lanes, _ = _series(sorted(point[1] for point in points))
    names = list(dict.fromkeys(sorted(point[1] for point in points)))
    height = MARGIN + 22 * len(names) + 20
    left = min(20 + LETTER * max(len(name) for name in names), WIDTH // 3)
    factor, offset = _scale([first, last], left + 10, WIDTH - RIGHT)
    dots = tuple(
        Dot(
            round(day * factor + offset, 1),
            20 + 22 * names.index(name),
            lanes[name],
            f"{text(row, x)} · {name} · {note(row)}",
            lead(row),
        )
        for day, name, row in points
    )
    ticks = tuple((float(20 + 22 * number), name) for number, name in enumerate(names))
    days = _day_ticks([first, last], factor, offset)
    frame = (left, 10, WIDTH - 28, height - 50)
    return Drawing("timeline", dots, days, ticks, (), WIDTH, height, notes=_left_out(far), frame=frame)
