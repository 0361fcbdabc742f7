"""The command that serves a store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kg.cli.options import SERVER, setting, store_option


@click.command()
@store_option
@setting("host")
@setting("port")
@setting("base")
@setting("default_graph")
@setting("workers")
@setting("timeout")
@setting("memory")
@setting("max_rows")
@setting("max_body")
@setting("queue")
@setting("proxies")
@setting("token_file")
@setting("service")
@setting("store_kind")
@setting("work")
@click.pass_context
def serve(context: click.Context, /, store: Path, work: str | None, **settings: Any) -> None:
    """Serve the store: pages, saved queries and a SPARQL endpoint; makes an empty store if there is none.

    With the address of a SPARQL server for a store, queries and pages are answered from there.

    Example: kg serve --store my-store --port 8000
    """
    from kg.web.serve import serve as run

    run(Path(work) if work else store, server=context.meta.get(SERVER, ""), **settings)
