"""Outlines of land under the maps: Natural Earth's, as the package world-atlas has them, where the assets are there.

TopoJSON keeps each stretch of coast once, as an arc of differences between whole numbers; a ring is a list of arcs, of
which a negative number means the arc of that complement, backwards (TopoJSON format specification, section 2.1.4).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from pathlib import Path

VENDOR = Path(__file__).parent / "static" / "vendor"
# From this width of the map on, in degrees, the coarse outlines (1:110 million) are fine enough.
COARSE = 90.0
Point = tuple[float, float]
Ring = tuple[Point, ...]
# West, south, east, north, in degrees.
Box = tuple[float, float, float, float]


def outlines(box: Box) -> list[list[Point]]:
    """The rings of land that lie in a box, cut at its borders: longitude and latitude. None without the assets."""
    west, south, east, north = box
    found = []
    for ring, (left, low, right, high) in _rings("110m" if east - west > COARSE else "50m"):
        for turn in (-360.0, 0.0, 360.0):
            if left + turn <= east and right + turn >= west and low <= north and high >= south:
                points = _clipped([(x + turn, y) for x, y in ring], box)
                if len(points) > 2:
                    found.append(points)
    return found


@lru_cache(2)
def _rings(scale: str) -> tuple[tuple[Ring, Box], ...]:
    """All rings of that scale, each with the box that it lies in."""
    path = VENDOR / f"land-{scale}.json"
    if not path.exists():
        return ()
    topology = json.loads(path.read_text(encoding="utf-8"))
    (kx, ky), (dx, dy) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        xs, ys = accumulate(point[0] for point in arc), accumulate(point[1] for point in arc)
        arcs.append([(round(x * kx + dx, 4), round(y * ky + dy, 4)) for x, y in zip(xs, ys, strict=True)])
    found = []
    for geometry in topology["objects"]["land"]["geometries"]:
        for polygon in geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]:
            for numbers in polygon:
                ring: list[Point] = []
                for number in numbers:
                    ring += (arcs[number] if number >= 0 else arcs[~number][::-1])[1 if ring else 0 :]
                ring = _unwrapped(ring)
                xs_, ys_ = [x for x, _ in ring], [y for _, y in ring]
                found.append((tuple(ring), (min(xs_), min(ys_), max(xs_), max(ys_))))
    return tuple(found)


def _unwrapped(ring: Sequence[Point]) -> list[Point]:
    """A ring that goes on past 180° instead of leaping to the other side; one around a pole is closed along the pole."""
    turn, found = 0.0, [ring[0]]
    for (before, _), (x, y) in pairwise(ring):
        turn += -360.0 if x - before > 180 else 360.0 if x - before < -180 else 0.0
        found.append((x + turn, y))
    if turn:
        pole = -90.0 if found[0][1] < 0 else 90.0
        found += [(found[-1][0], pole), (found[0][0], pole)]
    return found


def _clipped(ring: Sequence[Point], box: Box) -> list[Point]:
    """A ring cut at the borders of a box, one border after another (Sutherland and Hodgman, 1974)."""
    west, south, east, north = box
    points = list(ring)
    for axis, limit, sign in ((0, west, 1), (0, east, -1), (1, south, 1), (1, north, -1)):
        kept: list[Point] = []
        for before, here in zip([points[-1], *points[:-1]], points, strict=True) if points else ():
            inside, was_inside = sign * (here[axis] - limit) >= 0, sign * (before[axis] - limit) >= 0
            if inside != was_inside:
                part = (limit - before[axis]) / (here[axis] - before[axis])
                crossing = [before[0] + part * (here[0] - before[0]), before[1] + part * (here[1] - before[1])]
                crossing[axis] = limit
                kept.append((crossing[0], crossing[1]))
            if inside:
                kept.append(here)
        points = kept
    return points
