"""The command line: one module a group of commands, on top of the library."""

from __future__ import annotations

import json

import click

from kg import settings


@click.group()
def main() -> None:
    """From news articles to a knowledge graph."""


@main.command()
@click.argument("sources", nargs=-1, required=True)
@click.option("-o", "--output", type=click.File("w", encoding="utf-8"), default="-")
@click.option("--model")
def extract(sources: tuple[str, ...], output, model) -> None:  # type: ignore[no-untyped-def]
    """Extraction records."""
    from kg.nlp import pipeline
    from kg.read import read
    from kg.records import to_json

    for record in pipeline.extract(read(sources), settings.value("model", model)):
        output.write(json.dumps(to_json(record), ensure_ascii=False) + "\n")
