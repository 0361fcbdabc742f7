"""Who is with whom: rows as a graph of names, laid out on the server.

The layout is that of Fruchterman and Reingold (1991), "Graph drawing by force-directed placement", from a fixed start,
so that the same rows give the same picture.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from kg.web.drawing import WIDTH, Dot, Drawing, Edge, lead, note, text
from kg.web.site import Row

# More names than these cannot be told apart in one picture.
MOST = 60
ROUNDS = 150
# Names need room: edges pull less than the paper has it, and all is drawn to the middle, so that parts stay together.
LOOSE, GRAVITY = 0.25, 0.9
# Pixels of height for each name, between the bounds of what a screen shows.
LINE, LOW, TALL = 45, 200, 560
Point = tuple[float, float]


def network(one: str, other: str, label: str, rows: Sequence[Row]) -> Drawing | None:
    """The graph whose nodes are the names in two variables; each edge leads to the first sentence that has both."""
    pairs: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        first, second = sorted((text(row, one), text(row, other)))
        if first and first != second:
            pairs[first, second].append(row)
    if not pairs:
        return None
    degrees: dict[str, int] = defaultdict(int)
    for pair, found in pairs.items():
        for name in pair:
            degrees[name] += len(found)
    kept = sorted(degrees, key=lambda name: (-degrees[name], name))[:MOST]
    shown = {pair: found for pair, found in pairs.items() if pair[0] in kept and pair[1] in kept}
    height = min(max(LINE * len(kept), LOW), TALL)
    places = _layout(kept, shown, height)
    edges = tuple(
        Edge(
            places[a][0],
            places[a][1],
            places[b][0],
            places[b][1],
            f"{a} – {b}: {len(found)}\n" + "\n".join(note(row, "date", label) for row in found[:3]),
            lead(found[0]),
            min(len(found), 6),
        )
        for (a, b), found in sorted(shown.items())
    )
    dots = tuple(
        Dot(
            places[name][0],
            places[name][1],
            0,
            f"{name}: {degrees[name]}",
            "",
            name,
            4 + min(math.sqrt(degrees[name]), 6),
        )
        for name in kept
    )
    notes: tuple[str, ...] = ("A line leads to the first sentence that names both; all are in the table.",)
    if len(degrees) > MOST:
        notes = (*notes, f"The {MOST} names with the most rows of {len(degrees)} are drawn.")
    return Drawing("graph", dots, edges=edges, width=WIDTH, height=height, notes=notes)


def _layout(names: Sequence[str], pairs: Mapping[tuple[str, str], Sequence[Row]], height: int) -> dict[str, Point]:
    """Points for names: all push each other away, those of a pair pull each other near."""
    count = len(names)
    at = {name: (math.cos(2 * math.pi * i / count), math.sin(2 * math.pi * i / count)) for i, name in enumerate(names)}
    near = 1.6 / math.sqrt(count)
    for turn in range(ROUNDS):
        move = {name: [-at[name][0] * GRAVITY, -at[name][1] * GRAVITY] for name in names}
        for i, a in enumerate(names):
            for b in names[i + 1 :]:
                dx, dy = at[a][0] - at[b][0], at[a][1] - at[b][1]
                far = math.hypot(dx, dy) or 0.01
                push = near * near / far / far
                for name, sign in ((a, 1), (b, -1)):
                    move[name][0] += sign * dx * push
                    move[name][1] += sign * dy * push
        for a, b in pairs:
            dx, dy = at[a][0] - at[b][0], at[a][1] - at[b][1]
            pull = math.hypot(dx, dy) / near * LOOSE
            for name, sign in ((a, -1), (b, 1)):
                move[name][0] += sign * dx * pull
                move[name][1] += sign * dy * pull
        heat = 0.12 * (1 - turn / ROUNDS) + 0.002
        for name in names:
            dx, dy = move[name]
            size = math.hypot(dx, dy) or 1.0
            step = min(size, heat) / size
            at[name] = (at[name][0] + dx * step, at[name][1] + dy * step)
    xs, ys = [point[0] for point in at.values()], [point[1] for point in at.values()]
    wide, tall = (max(xs) - min(xs)) or 1.0, (max(ys) - min(ys)) or 1.0
    # Names stand above their points, half of each on either side.
    return {
        name: (
            round(100 + (x - min(xs)) / wide * (WIDTH - 200), 1),
            round(35 + (y - min(ys)) / tall * (height - 60), 1),
        )
        for name, (x, y) in at.items()
    }
