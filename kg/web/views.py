"""Charts, maps and timelines drawn on the server as SVG: no script needed. Shapes carry titles, rows stay in the table
below."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from kg.web.site import Row
from kg.web.tables import Table
from kg.web.terms import href, short

WIDTH, HEIGHT, MARGIN = 900, 380, 56
# Colours are by class in the style sheet; after this many series they repeat.
SERIES = 8


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of a drawing, in SVG units, with what it says and where it leads."""

    x: float
    y: float
    series: int
    title: str
    link: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a template needs to draw."""

    kind: str
    dots: tuple[Dot, ...]
    x_ticks: tuple[tuple[float, str], ...] = ()
    y_ticks: tuple[tuple[float, str], ...] = ()
    legend: tuple[tuple[int, str], ...] = ()
    width: int = WIDTH
    height: int = HEIGHT


def draw(view: str, axes: dict[str, str], table: Table) -> Drawing | None:
    """The drawing of a table, or None if the view is a plain table or there is nothing to draw."""
    if view == "chart":
        return _chart(axes.get("x", "date"), axes.get("y", "value"), axes.get("series", ""), table.rows)
    if view == "timeline":
        return _timeline(axes.get("x", "date"), axes.get("label", ""), table.rows)
    if view == "map":
        return _map(axes.get("label", ""), table.rows)
    return None


def day_number(text: str) -> float | None:
    """Days since year 1 of an xsd:date, gYearMonth, gYear or dateTime; None if it is none."""
    found = re.match(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", text)
    try:
        return float(date(int(found[1]), int(found[2] or 1), int(found[3] or 1)).toordinal()) if found else None
    except ValueError:
        return None


def _text(row: Row, name: str) -> str:
    return row[name]["value"] if name in row else ""


def _lead(row: Row) -> str:
    return href(_text(row, "evidence")) or href(_text(row, "event")) or href(_text(row, "article"))


def _note(row: Row, *names: str) -> str:
    return " · ".join(short(_text(row, name)) for name in (*names, "sentence") if name in row)


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
    numbers = {name: number % SERIES for number, name in enumerate(dict.fromkeys(names))}
    return numbers, tuple((number, name) for name, number in numbers.items() if name)[:SERIES]


def _chart(x: str, y: str, series: str, rows: Sequence[Row]) -> Drawing | None:
    points = []
    for row in rows:
        day = day_number(_text(row, x))
        try:
            number = float(_text(row, y))
        except ValueError:
            continue
        if day is not None:
            points.append((day, number, short(_text(row, series)), row))
    if not points:
        return None
    points.sort(key=lambda point: (point[2], point[0], point[1]))
    x_factor, x_offset = _scale([point[0] for point in points], MARGIN, WIDTH - MARGIN / 2)
    y_factor, y_offset = _scale([0.0, *(point[1] for point in points)], HEIGHT - MARGIN, MARGIN / 2)
    numbers, legend = _series([point[2] for point in points])
    dots: list[Dot] = []
    for day, number, name, row in points:
        dot = Dot(
            round(day * x_factor + x_offset, 1),
            round(number * y_factor + y_offset, 1),
            numbers[name],
            f"{_text(row, x)} · {number:,.10g} · {_note(row, series)}",
            _lead(row),
        )
        dots.append(dot)
    top = max(point[1] for point in points)
    y_ticks = tuple(
        (
            round(top * part / 4 * y_factor + y_offset, 1),
            f"{top * part / 4:,.4g}" if top < 10 else f"{top * part / 4:,.0f}",
        )
        for part in range(5)
    )
    return Drawing(
        "chart",
        tuple(dots),
        _day_ticks([p[0] for p in points], x_factor, x_offset),
        y_ticks,
        legend,
    )


def _timeline(x: str, label: str, rows: Sequence[Row]) -> Drawing | None:
    points = [(day, _text(row, label), row) for row in rows if (day := day_number(_text(row, x))) is not None]
    if not points:
        return None
    lanes, _ = _series(sorted(point[1] for point in points))
    names = list(dict.fromkeys(sorted(point[1] for point in points)))
    height = MARGIN + 22 * len(names) + 20
    factor, offset = _scale([point[0] for point in points], MARGIN * 2.6, WIDTH - MARGIN / 2)
    dots = tuple(
        Dot(
            round(day * factor + offset, 1),
            20 + 22 * names.index(name),
            lanes[name],
            f"{_text(row, x)} · {name} · {_note(row)}",
            _lead(row),
        )
        for day, name, row in points
    )
    ticks = tuple((float(20 + 22 * number), name) for number, name in enumerate(names))
    return Drawing("timeline", dots, _day_ticks([p[0] for p in points], factor, offset), ticks, (), WIDTH, height)


def _map(label: str, rows: Sequence[Row]) -> Drawing | None:
    """Places by longitude and latitude (equirectangular), with a grid of degrees."""
    points = []
    for row in rows:
        found = re.match(r"POINT\s*\(\s*(-?[\d.]+)\s+(-?[\d.]+)\s*\)", _text(row, "point"), re.IGNORECASE)
        if found:
            points.append((float(found[1]), float(found[2]), row))
    if not points:
        return None
    west, east = _span([point[0] for point in points])
    south, north = _span([point[1] for point in points])
    factor = min((WIDTH - 2 * MARGIN) / (east - west), 520 / (north - south))
    height = int((north - south) * factor + 2 * MARGIN)
    counts: dict[tuple[float, float], list[Row]] = {}
    for lon, lat, row in points:
        counts.setdefault((lon, lat), []).append(row)
    dots = tuple(
        Dot(
            round(MARGIN + (lon - west) * factor, 1),
            round(height - MARGIN - (lat - south) * factor, 1),
            0,
            " \n".join(_note(row, "date", "what", "placeName", "name") for row in found[:5])
            + (f" \n… {len(found)} rows" if len(found) > 5 else ""),
            _lead(found[0]),
            _text(found[0], "placeName") or short(_text(found[0], label)),
        )
        for (lon, lat), found in counts.items()
    )
    dots = _thin_labels(dots)
    step = next((s for s in (0.5, 1, 2, 5, 10, 20, 30, 60) if (east - west) / s <= 8), 60)
    x_ticks = tuple((round(MARGIN + (lon - west) * factor, 1), f"{lon:g}°") for lon in _grid(west, east, step))
    y_ticks = tuple(
        (round(height - MARGIN - (lat - south) * factor, 1), f"{lat:g}°") for lat in _grid(south, north, step)
    )
    return Drawing("map", dots, x_ticks, y_ticks, (), WIDTH, height)


def _thin_labels(dots: tuple[Dot, ...]) -> tuple[Dot, ...]:
    """The dots without the labels that would lie over an earlier one; titles and links stay."""
    taken: list[tuple[float, float, float]] = []
    kept = []
    for dot in dots:
        # About 6.5 units a letter at the style sheet's 11 px.
        end = dot.x + 8 + 6.5 * len(dot.label)
        free = all(abs(dot.y - y) > 12 or dot.x > right or end < left for left, right, y in taken)
        if free:
            taken.append((dot.x, end, dot.y))
        kept.append(dot if free else replace(dot, label=""))
    return tuple(kept)


def _span(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    pad = max((high - low) * 0.06, 0.5)
    return low - pad, high + pad


def _grid(low: float, high: float, step: float) -> list[float]:
    first = int(low // step) + 1
    return [number * step for number in range(first, int(high // step) + 1)]
