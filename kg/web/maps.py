"""Maps drawn on the server: places by longitude and latitude over the outlines of land, with a grid of degrees.

The projection is equirectangular, with the parallel through the middle of the map drawn to scale.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

from kg.web.drawing import WIDTH, Dot, Drawing, lead, note, text
from kg.web.land import Box, outlines
from kg.web.site import Row
from kg.web.terms import short

HEIGHT = 460
LEFT, TOP, EDGE, BOTTOM = 42, 10, 12, 30
# A map shows at least so many degrees from west to east: less has no coast or neighbour to know the place by.
LEAST = 14.0
# Points of an outline nearer than this, in SVG units, cannot be told apart.
NEAR = 0.8
_WKT = re.compile(r"POINT\s*\(\s*(-?[\d.]+)\s+(-?[\d.]+)\s*\)", re.IGNORECASE)


def point_of(wkt: str) -> tuple[float, float] | None:
    """Longitude and latitude of a WKT point; None if it is none."""
    found = _WKT.match(wkt)
    return (float(found[1]), float(found[2])) if found else None


def place_map(name: str, points: Sequence[tuple[float, float]]) -> Drawing | None:
    """The map of one place; None if it has no point."""
    return draw_map("", [{"point": _literal(f"POINT({x} {y})"), "placeName": _literal(name)} for x, y in points])


def _literal(value: str) -> dict[str, str]:
    return {"type": "literal", "value": value}


def draw_map(label: str, rows: Sequence[Row]) -> Drawing | None:
    """A map of the rows that have a `point`; a dot for each point, which leads to the sentence of its first row."""
    counts: dict[tuple[float, float], list[Row]] = {}
    for row in rows:
        point = point_of(text(row, "point"))
        if point is not None:
            counts.setdefault(point, []).append(row)
    if not counts:
        return None
    west, south, east, north = box = _box(list(counts))
    x_factor, y_factor = (WIDTH - LEFT - EDGE) / (east - west), (HEIGHT - TOP - BOTTOM) / (north - south)

    def x_of(lon: float) -> float:
        return round(LEFT + (lon - west) * x_factor, 1)

    def y_of(lat: float) -> float:
        return round(HEIGHT - BOTTOM - (lat - south) * y_factor, 1)

    dots = tuple(
        Dot(
            x_of(lon),
            y_of(lat),
            0,
            " \n".join(note(row, "date", "what", "placeName", "name") for row in found[:5])
            + (f" \n… {len(found)} rows" if len(found) > 5 else ""),
            lead(found[0]),
            text(found[0], "placeName") or short(text(found[0], label)),
            size=4 + min(2 * math.log10(len(found)), 5),
            at=f"{lat},{lon}",
        )
        for (lon, lat), found in counts.items()
    )
    step = next((s for s in (0.5, 1, 2, 5, 10, 20, 30) if (east - west) / s <= 8), 60)
    x_ticks = tuple((x_of(lon), _degrees(lon, "W", "E")) for lon in _grid(west, east, step))
    y_ticks = tuple((y_of(lat), _degrees(lat, "S", "N")) for lat in _grid(south, north, step))
    land = "".join(_path([(x_of(lon), y_of(lat)) for lon, lat in ring]) for ring in outlines(box))
    notes = ("Land: Natural Earth.",) if land else ()
    frame = (LEFT, TOP, WIDTH - EDGE, HEIGHT - BOTTOM)
    return Drawing("map", _thin_labels(dots), x_ticks, y_ticks, (), WIDTH, HEIGHT, notes=notes, land=land, frame=frame)


def _box(points: Sequence[tuple[float, float]]) -> Box:
    """What a map of these points shows: all of them with a border, in the shape of the paper."""
    lons, lats = [lon for lon, _ in points], [lat for _, lat in points]
    middle_x, middle_y = (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2
    shape = (WIDTH - LEFT - EDGE) / (HEIGHT - TOP - BOTTOM) / max(math.cos(math.radians(middle_y)), 0.2)
    wide = max((max(lons) - min(lons)) * 1.15, (max(lats) - min(lats)) * 1.15 * shape, LEAST)
    tall = wide / shape
    if wide >= 360:
        wide, middle_x = 360.0, 0.0
    if tall >= 180:
        tall, middle_y = 180.0, 0.0
    middle_x = min(max(middle_x, wide / 2 - 180), 180 - wide / 2)
    middle_y = min(max(middle_y, tall / 2 - 90), 90 - tall / 2)
    return middle_x - wide / 2, middle_y - tall / 2, middle_x + wide / 2, middle_y + tall / 2


def _path(points: Sequence[tuple[float, float]]) -> str:
    """A closed SVG path through points, without those too near to the one before; empty if too few are left."""
    kept: list[tuple[float, float]] = []
    for point in points:
        if not kept or abs(point[0] - kept[-1][0]) + abs(point[1] - kept[-1][1]) >= NEAR:
            kept.append(point)
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in kept) + "Z" if len(kept) > 2 else ""


def _thin_labels(dots: tuple[Dot, ...]) -> tuple[Dot, ...]:
    """The dots without the labels that would lie over an earlier one; titles and links stay."""
    taken: list[tuple[float, float, float]] = []
    kept = []
    for dot in dots:
        # About 6.5 units a letter at the style sheet's 11 px.
        end = dot.x + 8 + 6.5 * len(dot.label)
        free = all(abs(dot.y - y) > 12 or dot.x > right or end < left for left, right, y in taken) and not any(
            abs(dot.y - other.y) < 10 and dot.x < other.x < end + 5 for other in dots
        )
        if free:
            taken.append((dot.x, end, dot.y))
        kept.append(dot if free else replace(dot, label=""))
    return tuple(kept)


def _degrees(number: float, negative: str, positive: str) -> str:
    return f"{abs(number):g}°" + (negative if number < 0 else positive if number > 0 else "")


def _grid(low: float, high: float, step: float) -> list[float]:
    first = math.ceil(low / step)
    return [number * step for number in range(first, int(high // step) + 1)]
