"""The command that serves a store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kg.cli.options import setting, store_option


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
@setting("token_file")
@setting("service")
def serve(store: Path, **settings: Any) -> None:
    """Serve the store: pages, saved queries and a SPARQL endpoint; makes an empty store if there is none.

    Example: kg serve --store my-store --port 8000
    """
    from kg.web.serve import serve as run

    run(store, **settings)
