"""Options that several commands share, made from the table of settings."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from kg.settings import BY_NAME

F = TypeVar("F", bound=Callable[..., Any])
TYPES: dict[type, click.ParamType[Any]] = {int: click.INT, float: click.FLOAT, str: click.STRING}
# Below these a setting means nothing.
MINIMUM = {
    "jobs": 1,
    "port": 0,
    "workers": 1,
    "timeout": 0,
    "memory": 1024,
    "max_rows": 0,
    "max_body": 1,
    "queue": 0,
    "max_calls": 1,
}

CHOICES = {
    "default_graph": ["union", "strict"],
    "store_kind": ["oxigraph", "virtuoso", "fuseki", "rdf4j", "newskg"],
    "engine": ["local", "dask"],
    "verify": ["counts", "hashes"],
}


def setting(name: str) -> Callable[[F], F]:
    """The option of a setting; None means that the environment or the default decides."""
    item = BY_NAME[name]
    kind: click.ParamType[Any] = TYPES[item.type]
    if name in MINIMUM:
        kind = click.IntRange(MINIMUM[name]) if item.type is int else click.FloatRange(MINIMUM[name], min_open=True)
    if name in CHOICES:
        kind = click.Choice(CHOICES[name])
    default = f"  [default: {item.default}; {item.env}]" if item.default != "" else f"  [{item.env}]"
    return click.option("--" + name.replace("_", "-"), name, type=kind, default=None, help=item.help + default)


class StoreName(click.ParamType[Path]):
    """A store folder; for the address of a server, the folder that stands for it, with the address in `ctx.meta`."""

    name = "store"

    def convert(self, given: Any, parameter: click.Parameter | None, context: click.Context | None) -> Path:
        """The folder."""
        from kg.remote.server import is_remote
        from kg.remote.work import work_folder

        if not is_remote(str(given)):
            return Path(given)
        if context is not None:
            context.meta[SERVER] = str(given)
        return work_folder(str(given))


# Where the address of a server is kept for the command that sends to it.
SERVER = "newskg.server"


def store_option(function: F) -> F:
    """`--store DIR`, or `--store URL` of a server."""
    return click.option(
        "--store",
        required=True,
        type=StoreName(),
        metavar="DIR|URL",
        help="folder of the store, or address of a SPARQL server",
    )(function)


def output_option(function: F) -> F:
    """`-o FILE`; standard output without it."""
    return click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="file to write  [default: standard output]",
    )(function)


# Seconds between two looks at the clock: a line that changes faster cannot be read.
SHOWN_EVERY = 0.2
# Stages that count something else than articles, of which the first ones do not tell how long the others will take.
STEPS = {"relate": "kinds of relations", "merge": "quads in the files of the store"}


class Progress:
    """One line on a terminal that says how far the work is, how fast, and how long it will take where that is known;
    nothing where stderr is no terminal."""

    def __init__(self, unit: str = "articles") -> None:
        self._unit = unit
        self._shown = False
        self._terminal = sys.stderr.isatty()
        self._stage, self._began, self._last = "", 0.0, 0.0

    def __call__(self, stage: str, count: int, total: int | None = None) -> None:
        """Shows how many units a stage has done, of how many."""
        if not self._terminal:
            return
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._began = stage, now
        elif now - self._last < SHOWN_EVERY and count != total:
            return
        self._shown, self._last = True, now
        click.echo(f"\r\033[K{self.line(count, total, now - self._began)}", err=True, nl=False)

    def line(self, count: int, total: int | None, seconds: float) -> str:
        """What is shown after so many seconds of a stage."""
        whole = f" of {total:,}" if total else ""
        text = f"{self._stage}: {count:,}{whole} {STEPS.get(self._stage, self._unit)}"
        if seconds >= 1 and count and self._stage not in STEPS:
            text += f", {count / seconds:,.1f} a second"
            if total and count < total:
                text += f", {clock(seconds * (total - count) / count)} left"
        return text

    def end(self) -> None:
        """Clears the line."""
        if self._shown:
            click.echo("\r\033[K", err=True, nl=False)


def clock(seconds: float) -> str:
    """A time that is left: `40 s`, `12 min`, `3 h 05 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02} min"
