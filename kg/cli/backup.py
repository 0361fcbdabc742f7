"""Commands that save a store and bring it back: backup, restore."""

from __future__ import annotations

from pathlib import Path

import click


def _two(names: tuple[Path, ...], store: Path | None, order: str) -> tuple[Path, Path]:
    """The two paths of a command, of which the store may come as `--store`."""
    if len(names) != (2 if store is None else 1):
        raise click.UsageError(f"give {order}, or the store as --store")
    return (names[0], names[1]) if store is None else (store, names[0])


_STORE = click.option("--store", type=click.Path(path_type=Path), metavar="DIR", help="folder of the store")


@click.command()
@click.argument("names", nargs=-1, type=click.Path(path_type=Path), metavar="[STORE] FILE")
@_STORE
def backup(names: tuple[Path, ...], store: Path | None) -> None:
    """Write the store as published, with what its builds know, to one FILE; also while it is served or built.

    Example: kg backup my-store my-store-2031-05-04.tar
    """
    from kg.backup import backup as run

    folder, file = _two(names, store, "STORE FILE")
    saved = run(folder, file)
    click.echo(f"snapshot {saved.snapshot}, {saved.size} bytes, in {file}", err=True)


@click.command()
@click.argument("names", nargs=-1, type=click.Path(path_type=Path), metavar="FILE [STORE]")
@_STORE
def restore(names: tuple[Path, ...], store: Path | None) -> None:
    """Make a store, in a new or empty folder, from a FILE that `kg backup` wrote.

    Example: kg restore my-store-2031-05-04.tar new-store
    """
    from kg.backup import restore as run

    first, second = _two(names, store, "FILE STORE")
    file, folder = (first, second) if store is None else (second, first)
    saved = run(file, folder)
    click.echo(f"snapshot {saved.snapshot} is in {folder}: `kg serve --store {folder}`", err=True)
