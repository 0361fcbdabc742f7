"""The table of `bench_server.py`: measurements by rounds, medians, ratios, and the targets."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Goal:
    """What a measurement is compared with: a server, or nothing; the bound, and whether it is the least or the most."""

    other: str
    bound: float
    least: bool = False

    def text(self) -> str:
        """As the table has it."""
        return f"{'≥' if self.least else '≤'} {self.bound:g}{' × ' + self.other if self.other else ''}"

    def met(self, value: float) -> bool:
        """True if a value meets it."""
        return value >= self.bound if self.least else value <= self.bound


class Table:
    """The measurements by rounds, and what is made of them."""

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self._rows: dict[str, tuple[str, tuple[Goal, ...], list[dict[str, float]]]] = {}

    def add(self, label: str, unit: str, goals: tuple[Goal, ...], values: dict[str, float]) -> None:
        """Takes one round's values, by server."""
        self._rows.setdefault(label, (unit, goals, []))[2].append(values)
        print(f"  {label}: " + ", ".join(f"{name} {value:,.2f} {unit}" for name, value in values.items()), flush=True)

    def made(self) -> tuple[str, bool]:
        """The table as Markdown; false if a target is missed."""
        others = self._names[1:]
        head = ["", *self._names, *(f"newskg / {name}" for name in others), "target", ""]
        lines, passed = [head], True
        for label, (unit, goals, rounds) in self._rows.items():
            cells = [self._cell(rounds, name, unit) for name in self._names]
            ratios = {name: self._ratio(rounds, name) for name in others}
            cells += [f"{ratios[name]:.2f}" if ratios[name] is not None else "–" for name in others]
            own = median(values["newskg"] for values in rounds if "newskg" in values)
            checked = [(goal, ratios.get(goal.other) if goal.other else own) for goal in goals]
            met = [goal.met(value) for goal, value in checked if value is not None]
            passed = passed and all(met)
            verdict = "FAIL" if not all(met) else "pass" if len(met) == len(goals) else "not measured"
            lines.append([label, *cells, ", ".join(goal.text() for goal in goals), verdict if goals else ""])
        widths = [max(len(line[place]) for line in lines) for place in range(len(head))]
        lines.insert(1, ["-" * width for width in widths])
        rows = (" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
        return "\n".join(f"| {row} |" for row in rows), passed

    @staticmethod
    def _cell(rounds: list[dict[str, float]], name: str, unit: str) -> str:
        values = [found[name] for found in rounds if name in found]
        return f"{median(values):,.2f} {unit}".strip() if values else "–"

    @staticmethod
    def _ratio(rounds: list[dict[str, float]], name: str) -> float | None:
        ratios = [found["newskg"] / found[name] for found in rounds if found.get(name) and "newskg" in found]
        return median(ratios) if ratios else None
