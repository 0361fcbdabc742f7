"""Commands of the authority index: authority build, show, info."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.looks import table
from kg.errors import InputError

if TYPE_CHECKING:
    from kg.authority.build import Source, Step
    from kg.authority.entry import Entry

_WEB = ("http://", "https://")


@click.group()
def authority() -> None:
    """Index of known people, organisations and places that names are linked to.

    Example: kg authority build people.tsv.gz -o my-authority && kg authority show WHO --index my-authority
    """


@authority.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), metavar="DIR", help="folder to write")
@click.option(
    "--shard", metavar="I/N", help="read only the I-th line of each N of a dump; the folders are then sources"
)
@click.option("--without-source", multiple=True, metavar="TAG", help="leave out what only this source has; repeatable")
@click.option("--langs", default="en", metavar="en,...", help="languages of names, the preferred first  [default: en]")
@click.option(
    "--subclasses", is_flag=True, help="also take items of subclasses (P279) of the classes known: dumps only"
)
@click.option(
    "--class", "classes", multiple=True, metavar="QID", help="ask an endpoint for this class only; repeatable"
)
@click.option("--contact", metavar="TEXT", help="who calls: an address or e-mail, told to endpoints in the User-Agent")
def build(
    sources: tuple[str, ...],
    output: Path,
    shard: str | None,
    without_source: tuple[str, ...],
    langs: str,
    subclasses: bool,
    classes: tuple[str, ...],
    contact: str | None,
) -> None:
    """Build an index from tables (.tsv), Wikidata dumps (.json; both also .gz, dumps .bz2), SPARQL endpoints and shards.

    A build that was stopped goes on when the same command is given again.

    Example: kg authority build latest-all.json.bz2 --langs en,ar -o my-authority
    """
    from kg.authority.build import build as run

    languages = [lang.strip() for lang in langs.split(",") if lang.strip()]
    if not languages:
        raise click.BadParameter("name at least one language, such as en", param_hint="--langs")
    part = _shard(shard)
    progress = Progress()
    found = [_source(text, languages, part, subclasses, classes, contact, progress) for text in sources]
    _check_shards(found, part)
    meta = run(found, output, shard=part, without=without_source, progress=progress)
    progress.end()
    if part:
        click.echo(f"{meta['entries']} entries of shard {part[0]}/{part[1]} in {output}", err=True)
    else:
        click.echo(f"{meta['entries']} entries, {meta['aliases']['names']} names in {output}; {meta['hash']}", err=True)


@authority.command()
@click.argument("name")
@click.option("--index", type=click.Path(path_type=Path), metavar="DIR", help="folder of the index  [default: places]")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", help="[default: table]")
def show(name: str, index: Path | None, form: str) -> None:
    """Show what a name may mean: the candidates of the index, or of the places of GeoNames, with their priors.

    Example: kg authority show "Springfield" --index my-authority
    """
    from dataclasses import asdict

    from kg.authority import Authority
    from kg.authority.places import open_places

    progress = Progress()
    opened = Authority.open(index) if index else open_places(progress)
    progress.end()
    found = opened.lookup(name)
    if form == "json":
        rows = [{"prior": round(c.prior, 4), "kind": c.kind.name.lower(), **asdict(c.entry)} for c in found]
        click.echo(json.dumps({"name": name, "index": opened.hash, "candidates": rows}, ensure_ascii=False, indent=1))
    elif not found:
        click.echo(f"no entry of {opened.folder} has the name {name!r}", err=True)
    else:
        head = ["prior", "name is", "key", "type", "label", "country", "description"]
        cells = [[f"{c.prior:.3f}", c.kind.name.lower(), *_row(c.entry)] for c in found]
        click.echo(table(head, cells))


def _row(entry: Entry) -> list[str]:
    """An entry's columns in the table of candidates."""
    where = entry.admin or entry.country
    return [entry.key, entry.kind or entry.type, entry.label, where, entry.description]


@authority.command()
@click.argument("index", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", help="[default: table]")
def info(index: Path, form: str) -> None:
    """Tell what an index holds and from which sources, with their licences.

    Example: kg authority info my-authority
    """
    from kg.authority import Authority

    meta = Authority.open(index).meta
    if form == "json":
        click.echo(json.dumps(meta, ensure_ascii=False, indent=1))
        return
    click.echo(
        f"{meta['entries']} entries, {meta['aliases']['names']} names ({meta['aliases']['ambiguous']} ambiguous)"
    )
    click.echo(f"hash {meta['hash']}")
    click.echo(table(["type", "entries"], [[kind or "(none)", str(count)] for kind, count in meta["types"].items()]))
    click.echo(table(["source", "entries", "licence", "date"], [
        [source["tag"], str(source["entries"]), source["licence"], source["date"]] for source in meta["sources"]
    ]))  # fmt: skip


def _shard(text: str | None) -> tuple[int, int] | None:
    """`2/4` as numbers."""
    if text is None:
        return None
    index, _, count = text.partition("/")
    if not (index.isdecimal() and count.isdecimal() and 1 <= int(index) <= int(count)):
        raise click.BadParameter(f"{text!r} is not I/N with I from 1 to N, such as 2/4", param_hint="--shard")
    return int(index), int(count)


def _source(
    text: str,
    languages: list[str],
    shard: tuple[int, int] | None,
    subclasses: bool,
    classes: tuple[str, ...],
    contact: str | None,
    progress: Progress,
) -> Source:
    """The source that an argument names, by its form."""
    from kg.authority.dump import SUFFIXES, Dump

    path = Path(text)
    if text.endswith(SUFFIXES) and not text.startswith(_WEB):
        return Dump(path, languages, shard or (1, 1), subclasses, progress)
    if shard:
        raise click.BadParameter(f"--shard is for Wikidata dumps (.json, .json.gz, .json.bz2), not {text}")
    if text.startswith(_WEB):
        from kg.authority.endpoint import AGENT, Endpoint

        return Endpoint(text, languages, classes, f"{AGENT} {contact}" if contact else AGENT)
    if path.is_dir():
        from kg.authority.shard import Shard

        return Shard(path)
    if text.endswith((".tsv", ".tsv.gz")):
        from kg.authority.tsv import Table

        return Table(path)
    raise InputError(
        f"{text} is no authority source: name a table (.tsv, .tsv.gz), a Wikidata dump (.json, .json.gz, .json.bz2), "
        "the folder of a shard, or the address of a SPARQL endpoint"
    )


def _check_shards(sources: list[Any], shard: tuple[int, int] | None) -> None:
    """`InputError` if shards of one whole are missing."""
    from kg.authority.shard import Shard

    shards = [source for source in sources if isinstance(source, Shard)]
    for count in {one.count for one in shards}:
        missing = set(range(1, count + 1)) - {one.number for one in shards if one.count == count}
        if missing:
            raise InputError(
                f"shards {', '.join(f'{n}/{count}' for n in sorted(missing))} are missing: name them as well"
            )


class Progress:
    """One line on a terminal: the stage, entries, the part done and the time it will still take."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._stage = ""
        self._begun = (0.0, 0.0)
        self._shown = False

    def __call__(self, step: Step) -> None:
        """Shows a step."""
        if not self._terminal:
            return
        now = time.monotonic()
        if step.stage != self._stage:
            self._stage, self._begun = step.stage, (now, step.part or 0.0)
        text = f"{step.stage}: {step.count} entries"
        if step.part is not None:
            text += f", {step.part:.1%}"
            since, part = self._begun
            if step.part > part and now - since > 2:  # before that an estimate says nothing
                text += f", about {_duration((1 - step.part) * (now - since) / (step.part - part))} left"
        self._shown = True
        click.echo(f"\r\033[K{text}", err=True, nl=False)

    def end(self) -> None:
        """Clears the line."""
        if self._shown:
            click.echo("\r\033[K", err=True, nl=False)


def _duration(seconds: float) -> str:
    """Seconds in the two largest units."""
    minutes, hours = int(seconds // 60), int(seconds // 3600)
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min {int(seconds) % 60} s"
