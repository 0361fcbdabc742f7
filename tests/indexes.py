"""An authority index of rows made up for a test, built as users build one."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from kg.authority import Authority
from kg.cli import main


def index_of(folder: Path, rows: str) -> Authority:
    """The index of a table's rows, which is kept in the folder."""
    (folder / "table.tsv").write_text(rows, encoding="utf-8")
    done = CliRunner().invoke(main, ["authority", "build", str(folder / "table.tsv"), "-o", str(folder / "i")])
    assert done.exit_code == 0, done.output
    return Authority.open(folder / "i")
