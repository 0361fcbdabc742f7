"""The commands of the review: what is doubtful, and decisions that win over the program."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from kg.cli.builds import send
from kg.cli.options import StoreName
from kg.settings import value
from kg.vocabulary import EntityType

F = TypeVar("F", bound=Callable[..., Any])


_STORE = click.option(
    "--store", type=StoreName(), metavar="DIR|URL", help="folder of the store, or address of a SPARQL server"
)


@click.group(invoke_without_command=True)
@_STORE
@click.pass_context
def review(ctx: click.Context, store: Path | None) -> None:
    """Look at doubtful links and merges, and decide. Decisions win over the program and survive every rebuild.

    Without a command, it lists what is doubtful.

    Example: kg review --store my-store list && kg review --store my-store reject person/ann-example --author "Bob Sample"
    """
    ctx.obj = store
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_, store=None, kind=None, limit=None, format_name="table")


def on_store(function: F) -> F:
    """Gives a command the store, which may be named before or after the command."""

    @_STORE
    @click.pass_obj
    @wraps(function)
    def run(before: Path | None, /, store: Path | None, **given: Any) -> Any:
        if (named := store or before) is None:
            raise click.MissingParameter(param_hint="'--store'", param_type="option")
        return function(named, **given)

    return run  # type: ignore[return-value]


def decides(function: F) -> F:
    """The options of every decision, and the store."""
    function = click.option("--author", required=True, metavar="NAME", help="who decides")(function)
    function = click.option("--note", metavar="TEXT", help="why, for those who read the log")(function)
    return on_store(function)


def take(store: Path, kind: str, subject: str, author: str, note: str | None, **more: Any) -> None:
    """Takes a decision, with the clock's time, and says what was kept."""
    from kg.decisions import Kind
    from kg.review import take as run

    time = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    decision, snapshot = run(
        store, Kind(kind), subject, author=author, note=note, time=time, model=value("model"), **more
    )
    click.echo(f"{decision.id} {describe(decision)}; snapshot {snapshot}", err=True)
    send(click.get_current_context(), store, value("store_kind"), value("verify"))


def describe(decision: Any) -> str:
    """A decision in one line."""
    parts = [decision.kind.value, decision.subject, decision.item or "", *decision.others]
    if decision.articles:
        parts.append("in " + ", ".join(decision.articles))
    if decision.label:
        parts.append(f"as {decision.label!r}")
    return " ".join(filter(None, parts)) + (" (owl:sameAs)" if decision.same_as else "")


@review.command("list")
@click.option("--kind", type=click.Choice(["link", "merge"]), help="only these")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="only the N most mentioned")
@click.option("--format", "format_name", type=click.Choice(["table", "json"]), default="table", help="[default: table]")
@on_store
def list_(store: Path, kind: str | None, limit: int | None, format_name: str) -> None:
    """What is doubtful and not decided, the most mentioned first, with sentences and candidates.

    Example: kg review --store my-store list --kind merge
    """
    from kg.review import doubts

    found = doubts(store, kind, limit)
    if format_name == "json":
        click.echo(json.dumps([asdict(d) for d in found], ensure_ascii=False, indent=1))
        return
    for d in found:
        sure = "" if d.confidence is None else f" ({d.confidence:g})"
        click.echo(
            f"{d.kind}  {d.entity}  {d.label!r}  {d.mentions} mentions" + (f"  with {d.other}" if d.other else "")
        )
        click.echo(f"    why: {d.ground}{sure}" + (f", in {d.article}" if d.article else ""))
        for option in d.candidates:
            score = "" if option.score is None else f"{option.score:.2f} "
            click.echo(f"    item: {score}{option.target} {option.label}".rstrip())
        for sentence in d.evidence:
            click.echo(f"    says: {sentence.text}  <{sentence.mention}>")
    click.echo(f"{len(found)} to review", err=True)


@review.command()
@click.argument("entity")
@click.argument("item", required=False)
@click.option("--same-as", is_flag=True, help="state the identity as owl:sameAs too")
@decides
def accept(store: Path, entity: str, item: str | None, same_as: bool, author: str, note: str | None) -> None:
    """Accept the link of a thing: its match, or the ITEM named (Q42, geonames:42, or an IRI).

    Example: kg review --store my-store accept person/ann-example Q42 --author "Bob Sample"
    """
    take(store, "accept", entity, author, note, item=item, same_as=same_as)


@review.command()
@click.argument("entity")
@click.argument("item", required=False)
@decides
def reject(store: Path, entity: str, item: str | None, author: str, note: str | None) -> None:
    """Reject the link of a thing to its match or to ITEM; with another thing as ITEM, that the two are one.

    Example: kg review --store my-store reject person/ann-example --author "Bob Sample" --note "another person"
    """
    take(store, "reject", entity, author, note, item=item)


@review.command()
@click.argument("entity")
@click.argument("item")
@click.option("--same-as", is_flag=True, help="state the identity as owl:sameAs too")
@decides
def replace(store: Path, entity: str, item: str, same_as: bool, author: str, note: str | None) -> None:
    """Link a thing to ITEM in place of its match.

    Example: kg review --store my-store replace person/ann-example Q42 --author "Bob Sample"
    """
    take(store, "replace", entity, author, note, item=item, same_as=same_as)


@review.command()
@click.argument("entity")
@click.argument("others", nargs=-1, metavar="[OTHER]...")
@decides
def merge(store: Path, entity: str, others: tuple[str, ...], author: str, note: str | None) -> None:
    """Make OTHER one with ENTITY, which keeps its identifier; without OTHER, confirm what the program merged.

    Example: kg review --store my-store merge person/ann-example person/a-example --author "Bob Sample"
    """
    take(store, "merge", entity, author, note, others=others)


@review.command()
@click.argument("entity")
@click.argument("articles", nargs=-1, required=True, metavar="ARTICLE...")
@click.option("--label", metavar="TEXT", help="label of what is split off")
@decides
def split(
    store: Path, entity: str, articles: tuple[str, ...], label: str | None, author: str, note: str | None
) -> None:
    """Make what the ARTICLEs name a thing of its own.

    Example: kg review --store my-store split person/ann-example 2031-05-02-hospital --author "Bob Sample"
    """
    take(store, "split", entity, author, note, articles=articles, label=label)


@review.command()
@click.argument("entity")
@click.argument("label", required=False)
@click.option("--type", "kind", type=click.Choice([t.value for t in EntityType]), help="the class that it belongs to")
@decides
def rename(store: Path, entity: str, label: str | None, kind: str | None, author: str, note: str | None) -> None:
    """Give a thing another LABEL, or another class.

    Example: kg review --store my-store rename organisation/lindow --type place --author "Bob Sample"
    """
    if (label is None) == (kind is None):
        raise click.UsageError("give either a LABEL or --type")
    if kind:
        take(store, "retype", entity, author, note, type_=EntityType(kind))
    else:
        take(store, "rename", entity, author, note, label=label)


@review.command()
@click.argument("decision", default="")
@decides
def undo(store: Path, decision: str, author: str, note: str | None) -> None:
    """Undo a DECISION (its identifier or the beginning of it); without one, the last that stands.

    Example: kg review --store my-store undo 3f9a --author "Bob Sample"
    """
    take(store, "undo", decision, author, note)


@review.command("log")
@click.option("--format", "format_name", type=click.Choice(["table", "json"]), default="table", help="[default: table]")
@on_store
def log_(store: Path, format_name: str) -> None:
    """All decisions by time, with author, note, and whether they stand.

    Example: kg review --store my-store log --format json
    """
    from kg.cli.looks import table
    from kg.review import log

    found = log(store)
    if format_name == "json":
        rows = [{"id": d.id, **asdict(d), "stands": stands} for d, stands in found]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    cells = [
        [
            d.id,
            d.time,
            d.author,
            "" if d.kind.value == "undo" else "stands" if stands else "undone",
            describe(d),
            d.note or "",
        ]
        for d, stands in found
    ]
    click.echo(table(["id", "time", "author", "state", "decision", "note"], cells))
