"""Tab-separated data files in `kg/data/`: a header line, `#` comments, one row a line."""

from __future__ import annotations

from importlib.resources import files


def table(name: str) -> list[dict[str, str]]:
    """The rows of a table by column name, in the file's order; a row's missing last columns are empty."""
    lines = [
        line
        for line in (files("kg") / "data" / name).read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    header = lines[0].split("\t")
    return [dict(zip(header, line.split("\t") + [""] * len(header), strict=False)) for line in lines[1:]]
