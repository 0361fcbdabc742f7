"""The command that links what is left open by asking services on the network."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kg.cli.builds import send
from kg.cli.options import Progress, setting, store_option
from kg.settings import value
from kg.vocabulary import EntityType

FAILED = 3


@click.command()
@store_option
@click.option("--online", is_flag=True, help="ask services on the network; nothing is asked without it")
@click.option(
    "--service",
    metavar="URL",
    default="",
    help="reconciliation service to ask for candidates instead of Wikidata's search",
)
@click.option("--limit", type=click.IntRange(1), metavar="N", help="ask about the N most mentioned things only")
@click.option("--type", "kind", type=click.Choice([t.value for t in EntityType]), help="ask about this type only")
@click.option("--dry-run", is_flag=True, help="print what would be asked about, and ask nobody")
@setting("contact")
@setting("wikidata_api")
@setting("query_service")
@setting("max_calls")
@setting("cache")
def link(
    store: Path,
    online: bool,
    service: str,
    limit: int | None,
    kind: str | None,
    dry_run: bool,
    contact: str | None,
    wikidata_api: str | None,
    query_service: str | None,
    max_calls: int | None,
    cache: str | None,
) -> None:
    """Link what the store leaves open, the most mentioned first, to Wikidata or by a reconciliation service.

    Example: kg link --store my-store --online --contact me@example.org --limit 100
    """
    entity_type = EntityType(kind) if kind else None
    api = value("wikidata_api", wikidata_api)
    if dry_run:
        from kg.online.link import preview

        for one in preview(store, service=service or api, kind=entity_type, limit=limit):
            click.echo(f"{one.mentions}\t{one.question.id}\t{one.question.label}")
        return
    if not online:
        raise click.UsageError(
            "nothing was asked: this command sends names to services on the network, and does so only with --online "
            "(--dry-run prints what it would ask about)"
        )
    from kg.online.cache import Cache, cache_path
    from kg.online.client import Client
    from kg.online.link import link_online

    progress = Progress("names")

    def tell(message: str) -> None:
        progress.end()
        click.echo(f"kg: {message}", err=True)

    client = Client(
        value("contact", contact), Cache(cache_path(value("cache", cache))), value("max_calls", max_calls), told=tell
    )
    report = link_online(
        store,
        client,
        api=api,
        query_service=value("query_service", query_service),
        service=service,
        kind=entity_type,
        limit=limit,
        model=value("model"),
        progress=progress,
    )
    progress.end()
    for identifier, reason in report.failed.items():
        click.echo(f"kg: {identifier} was not decided: {reason}", err=True)
    if report.stopped:
        click.echo(f"kg: stopped: {report.stopped}", err=True)
    click.echo(
        f"{len(report.exact)} exact matches, {len(report.close)} close matches, {len(report.none)} without a match; "
        f"{report.left} left; {report.calls} calls; snapshot {report.snapshot or 'unchanged'}",
        err=True,
    )
    send(click.get_current_context(), store, value("store_kind"), value("verify"))
    decided = report.exact or report.close or report.none
    sys.exit(0 if not report.left and not report.stopped else FAILED if decided else 1)
