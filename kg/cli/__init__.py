"""The command line: one module for each group of commands, on top of the library.

Data goes to stdout, messages to stderr. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but some inputs were refused.
"""

from __future__ import annotations

import sqlite3
import sys

import click

from kg import __version__
from kg.cli.authority import authority
from kg.cli.backup import backup, restore
from kg.cli.builds import build, extract, remove
from kg.cli.linking import link
from kg.cli.looks import export, query, stats, validate
from kg.cli.options import SERVER
from kg.cli.reviewing import review
from kg.cli.serving import serve
from kg.errors import NewskgError
from kg.memory import search_seldom


class Group(click.Group):
    """Turns every `NewskgError` into one line on stderr and exit code 1."""

    def invoke(self, ctx: click.Context) -> object:
        """Runs the command."""
        try:
            return super().invoke(ctx)
        except NewskgError as error:
            click.echo(f"kg: {error}", err=True)
            if url := ctx.meta.get(SERVER):
                explain(url)
            sys.exit(1)
        except BrokenPipeError:  # the reader of our output has gone, as `head` does
            sys.stderr.close()
            sys.exit(1)
        except (OSError, sqlite3.Error) as error:
            named = getattr(error, "filename", None)
            what = getattr(error, "strerror", None) or error
            click.echo(
                f"kg: {f'{named}: ' if named else ''}{what}: nothing that was done is lost; see that the disk has room and "
                "may be written, then run the same command again",
                err=True,
            )
            sys.exit(1)
        except KeyboardInterrupt:
            click.echo("kg: stopped; what was done is kept, the same command goes on from there", err=True)
            sys.exit(130)


def explain(url: str) -> None:
    """Says what the address of a server stands for, where that is not there."""
    from kg.remote.work import work_folder

    if not work_folder(url).exists():
        click.echo(
            f"kg: {url} stands for a folder of this machine, which `kg build SOURCE --store {url}` makes; if --work gave it "
            "another place, name that in NEWSKG_WORK",
            err=True,
        )


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kg")
def main() -> None:
    """From news articles to a knowledge graph in which every row leads to its sentence.

    Example: kg build articles/ --store my-store && kg serve --store my-store
    """
    search_seldom()


for command in (
    build,
    extract,
    export,
    query,
    serve,
    validate,
    remove,
    stats,
    link,
    authority,
    review,
    backup,
    restore,
):
    main.add_command(command)
