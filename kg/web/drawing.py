"""The shapes that a page draws as SVG, and what each says and leads to."""

from __future__ import annotations

from dataclasses import dataclass

from kg.web.site import Row
from kg.web.terms import href, short

WIDTH, HEIGHT, MARGIN = 900, 380, 56


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of a drawing, in SVG units, with what it says and where it leads; on a map `at` its latitude, longitude."""

    x: float
    y: float
    series: int
    title: str
    link: str
    label: str = ""
    size: float = 5
    at: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """A line between two points of a drawing."""

    x1: float
    y1: float
    x2: float
    y2: float
    title: str
    link: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a template needs to draw. `notes` say what a reader of the drawing must know; `land` is an SVG path."""

    kind: str
    dots: tuple[Dot, ...]
    x_ticks: tuple[tuple[float, str], ...] = ()
    y_ticks: tuple[tuple[float, str], ...] = ()
    legend: tuple[tuple[int, str], ...] = ()
    width: int = WIDTH
    height: int = HEIGHT
    edges: tuple[Edge, ...] = ()
    notes: tuple[str, ...] = ()
    land: str = ""
    frame: tuple[int, int, int, int] | None = None

    @property
    def inside(self) -> tuple[int, int, int, int]:
        """What the grid covers: left, top, right, bottom."""
        return self.frame or (MARGIN, 10, self.width - 28, self.height - 50)


def text(row: Row, name: str) -> str:
    """The value of a variable in a row; empty if it is not bound."""
    return row[name]["value"] if name in row else ""


def lead(row: Row) -> str:
    """Where a shape leads: to the sentence, else the event, else the article."""
    return href(text(row, "evidence")) or href(text(row, "event")) or href(text(row, "article"))


def note(row: Row, *names: str) -> str:
    """What a shape says: these variables and the sentence."""
    return " · ".join(short(text(row, name)) for name in (*names, "sentence") if name in row)
