"""Commands that read articles: build, extract, remove."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click

from kg.cli.options import SERVER, Progress, output_option, setting, store_option
from kg.errors import InputError
from kg.records import Article, Refusal, to_json
from kg.settings import BY_NAME, value

REFUSED = 3


def tell(refusal: Refusal) -> None:
    """Names a refused input on stderr."""
    click.echo(f"kg: refused {refusal}", err=True)


def link_with(authority: str | None) -> None:
    """Makes the option `--authority` known to this process and its workers, by the environment variable of the setting."""
    if authority is not None:
        os.environ[BY_NAME["authority"].env] = authority


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@store_option
@setting("base")
@setting("authority")
@setting("jobs")
@setting("model")
@setting("versions")
@setting("work")
@setting("store_kind")
@setting("verify")
@setting("engine")
@setting("scheduler")
@click.pass_context
def build(
    context: click.Context,
    /,
    sources: tuple[str, ...],
    store: Path,
    authority: str | None,
    work: str | None,
    **given: Any,
) -> None:
    """Read articles (files, folders, globs, - for standard input) into the store; again on the same store, only what changed.
    An article that the sources no longer have stays: `kg remove` takes it out.

    With the address of a SPARQL server for a store, the graphs are made in a folder of this machine and sent there. With the
    engine dask, workers of a cluster read and extract.

    Example: kg build articles/ --store my-store --jobs 2
    """
    from kg.build import build as run

    link_with(authority)
    if work:
        store = Path(work)
    progress = Progress()
    chosen = {name: value(name, given[name]) for name in given}
    with cluster(chosen["engine"], chosen["scheduler"], chosen["jobs"]) as workers:
        report = run(
            sources,
            store,
            base=given["base"],
            default_base=value("base"),
            model=chosen["model"],
            jobs=chosen["jobs"],
            progress=progress,
            refused=tell,
            versions=chosen["versions"],
            cluster=workers,
        )
    progress.end()
    click.echo(
        f"{len(report.written)} articles read, {report.unchanged} unchanged, {len(report.refused)} refused; "
        f"{report.graphs} graphs written; snapshot {report.snapshot}",
        err=True,
    )
    send(context, store, chosen["store_kind"], chosen["verify"])
    if not report.written and not report.unchanged:
        raise InputError(
            "no article was read: name files or folders with .txt .md .html .jsonl .xml or .warc, or their .gz"
        )
    sys.exit(REFUSED if report.refused else 0)


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@output_option
@setting("authority")
@setting("jobs")
@setting("model")
def extract(
    sources: tuple[str, ...], output: Path | None, authority: str | None, jobs: int | None, model: str | None
) -> None:
    """Write the extraction records alone, one JSON object for each article and line.

    What several of the articles tell of has one identifier in all of them, as in a build. The records are written when all
    articles are read. An article in another language than English has a record without annotations.

    Example: kg extract articles/ -o records.jsonl
    """
    from kg.extract import extract as run
    from kg.extract import unread
    from kg.joined import join
    from kg.read import read
    from kg.read.language import LANGUAGE

    link_with(authority)
    refused: list[Refusal] = []

    def articles() -> Any:
        for item in read(sources):
            if isinstance(item, Article):
                yield item
            else:
                refused.append(item)
                tell(item)

    progress, count = Progress(), 0

    def records() -> Any:
        for number, record in enumerate(run(articles(), value("model", model), value("jobs", jobs)), 1):
            progress("extract", number)
            if record.lang == LANGUAGE:
                yield record
                continue
            click.echo(
                f"kg: {record.source}: {record.id} is in the language {record.lang!r}: its record has no annotations, since "
                "only English is read",
                err=True,
            )
            yield unread(record)

    with open_output(output) as file:
        for record in join(records()):
            count += 1
            file.write(json.dumps(to_json(record), ensure_ascii=False) + "\n")
    progress.end()
    if not count:
        raise InputError(
            "no article was read: name files or folders with .txt .md .html .jsonl .xml or .warc, or their .gz"
        )
    sys.exit(REFUSED if refused else 0)


@click.command()
@click.argument("articles", nargs=-1, required=True, metavar="ARTICLE...")
@store_option
@click.pass_context
def remove(context: click.Context, articles: tuple[str, ...], store: Path) -> None:
    """Take articles (identifiers or IRIs) out of the store, and what only they supported.

    Example: kg remove --store my-store 2023-02-06-earthquake
    """
    from kg.build import remove as run

    report = run(articles, store, model=BY_NAME["model"].default)
    click.echo(
        f"{len(report.removed)} articles removed; {report.graphs} graphs written; snapshot {report.snapshot}", err=True
    )
    send(context, store, value("store_kind"), value("verify"))


@contextmanager
def cluster(engine: str, scheduler: str, jobs: int) -> Iterator[Any]:
    """The cluster of the engine dask; None for the engine local."""
    if engine == "local":
        yield None
        return
    from kg.cluster import connected

    with connected(scheduler, jobs) as workers:
        yield workers


def send(context: click.Context, store: Path, kind: str, verify: str) -> None:
    """Brings the graphs of the folder into the server that `--store` named, if it named one."""
    url = context.meta.get(SERVER)
    if not url:
        return
    from kg.remote import Remote, mirror

    progress = Progress("graphs")
    done = mirror(store, Remote(url, kind), hashes=verify == "hashes", progress=progress)
    progress.end()
    click.echo(f"{url}: {done.sent} graphs sent, {done.removed} removed, {done.unchanged} were there", err=True)


def open_output(path: Path | None) -> IO[str]:
    """The file to write as UTF-8, or standard output. `InputError` if it cannot be written."""
    if path is None or str(path) == "-":
        return open(sys.stdout.fileno(), "w", encoding="utf-8", newline="\n", closefd=False)
    try:
        return path.open("w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}): name another file with -o") from None
