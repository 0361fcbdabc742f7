"""Commands that look at a store: query, export, stats, validate."""

from __future__ import annotations

import csv
import io
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from kg.cli.options import setting, store_option
from kg.errors import InputError, QueryError
from kg.export import FORMATS
from kg.settings import value


@click.command()
@store_option
@click.option("--format", "format_name", required=True, type=click.Choice(FORMATS), help="format of the dump")
@click.option("--graph", metavar="IRI", help="only this named graph")
@click.option("--split", is_flag=True, help="a file for each article, and a manifest with hashes, in the folder -o")
@click.option("--gzip", "packed", is_flag=True, help="pack what is written with gzip")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="file to write, or folder with --split  [default: standard output]",
)
def export(store: Path, format_name: str, graph: str | None, split: bool, packed: bool, output: Path | None) -> None:
    """Dump the store, sorted: the same data gives the same bytes.

    Example: kg export --store my-store --format nquads -o dump.nq
    """
    from kg.export import export as dump
    from kg.export import export_split
    from kg.store import reading

    if split and (output is None or graph):
        raise click.UsageError("--split needs a folder named with -o, and takes no --graph")
    with reading(store) as (database, snapshot):
        if split and output:
            count = export_split(database, format_name, output, snapshot.base, snapshot.id, packed=packed)
            click.echo(f"{count} files and manifest.json in {output}", err=True)
            return

        if output is None or str(output) == "-":
            dump(database, format_name, sys.stdout.buffer, graph, packed=packed)
            sys.stdout.buffer.flush()
            return
        # A device or pipe, as /dev/null, is written to; a file is replaced when the dump is whole.
        device = output.exists() and not output.is_file()
        new = output if device else output.with_name(output.name + ".new")
        try:
            with new.open("wb") as file:
                dump(database, format_name, file, graph, packed=packed)
            if not device:
                new.replace(output)
        except OSError as error:
            raise InputError(f"{output} cannot be written ({error.strerror}): name another file with -o") from None
        finally:
            if not device:
                new.unlink(missing_ok=True)


@click.command()
@store_option
@click.option(
    "--format", "format_name", type=click.Choice(["table", "json", "csv"]), default="table", help="[default: table]"
)
def stats(store: Path, format_name: str) -> None:
    """Count articles, entities, events and links.

    Example: kg stats --store my-store --format json
    """
    from kg.stats import stats as run
    from kg.store import reading

    with reading(store) as (database, snapshot):
        counts = [asdict(count) for count in run(database)]
    if format_name == "json":
        click.echo(
            json.dumps({"snapshot": snapshot.id, "base": snapshot.base, "counts": counts}, ensure_ascii=False, indent=1)
        )
    elif format_name == "csv":
        writer = csv.DictWriter(sys.stdout, ["group", "what", "count"], lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(counts)
    else:
        click.echo(f"snapshot {snapshot.id} of {store}")
        click.echo(table(["group", "what", "count"], [[str(cell) for cell in count.values()] for count in counts]))


@click.command()
@store_option
def validate(store: Path) -> None:
    """Check the store against the SHACL shapes of the ontology; exit code 1 on violations.

    Example: kg validate --store my-store
    """
    from kg.validate import validate as run

    report = run(store)
    click.echo(str(report))
    sys.exit(0 if report.conforms else 1)


@click.command()
@store_option
@click.argument("query", metavar="NAME|FILE|-")
@click.option(
    "--param", "params", multiple=True, metavar="NAME=VALUE", help="parameter of a saved query; may be repeated"
)
@click.option(
    "--format",
    "format_name",
    default="table",
    metavar="FORMAT",
    help="table, json, csv, tsv or xml; for graphs turtle, ntriples, rdfxml, jsonld, trig, nquads  [default: table]",
)
@setting("default_graph")
@setting("timeout")
@setting("memory")
def query(
    store: Path,
    query: str,
    params: tuple[str, ...],
    format_name: str,
    default_graph: str | None,
    timeout: float | None,
    memory: int | None,
) -> None:
    """Run a saved query by its name, a query file, or standard input (-).

    Example: kg query --store my-store figures-in-conflict --param measure=Killed --format csv
    """
    from kg.query.pool import Limits, Pool

    text = _query_text(query, dict(_pair(p) for p in params))
    request: dict[str, Any] = {"do": "query", "query": text, "union": value("default_graph", default_graph) == "union"}
    request |= (
        {"accept": "text/tab-separated-values, text/turtle;q=0.9"}
        if format_name == "table"
        else {"format": format_name}
    )
    pool = Pool(store, Limits(workers=1, timeout=value("timeout", timeout), memory=value("memory", memory)))
    try:
        answer = pool.run(request)
        if format_name == "table" and answer.head["format"] == "tsv":
            rows = [line.split("\t") for line in answer.read().decode().splitlines()]
            click.echo(
                table(
                    [name.removeprefix("?") for name in rows[0]], [[_plain(cell) for cell in row] for row in rows[1:]]
                )
            )
            return
        for part in answer:
            sys.stdout.buffer.write(part)
        sys.stdout.buffer.flush()
    finally:
        pool.close()


def _query_text(query: str, params: dict[str, str]) -> str:
    """The text of a saved query with its parameters, of a file, or of standard input."""
    from kg.query.saved import load_queries

    if query == "-":
        text = sys.stdin.read()
    elif Path(query).is_file():
        try:
            text = Path(query).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{query} cannot be read ({error}): name a SPARQL file in UTF-8") from None
    else:
        saved = load_queries()
        if query not in saved:
            raise QueryError(
                f"{query!r} is neither a file nor a saved query: the saved queries are {', '.join(sorted(saved))}"
            )
        return saved[query].bind(params)
    if params:
        raise QueryError("--param goes with a saved query only: write the values into the query instead")
    return text


def _pair(text: str) -> tuple[str, str]:
    name, mark, given = text.partition("=")
    if not mark:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--param")
    return name, given


def _plain(cell: str) -> str:
    """A term of a TSV result as a person reads it: the value of a literal, an IRI without its brackets."""
    if cell.startswith("<"):
        return cell[1:-1]
    if cell.startswith('"'):
        import pyoxigraph as ox

        try:
            found: Any = ox.parse_query_results(io.BytesIO(f"?v\n{cell}\n".encode()), ox.QueryResultsFormat.TSV)
            return " ".join(str(next(iter(found))[0].value).split())
        except (SyntaxError, ValueError):
            return cell
    return cell


def table(head: list[str], rows: list[list[str]]) -> str:
    """Columns padded to their widest cell; the last one is not padded."""
    widths = [max(len(row[i]) if i < len(row) else 0 for row in [head, *rows]) for i in range(len(head))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip() for row in [head, *rows]
    )
    return "\n".join(lines)
