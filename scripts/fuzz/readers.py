"""Coverage-guided fuzzing of the readers and the cleaner with atheris (libFuzzer for Python); no part of CI.

`pip install atheris` in an environment of its own that also has newskg, then `python scripts/fuzz/readers.py -max_total_time=600`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["kg.read", "kg.clean"]):
    from kg.clean import lay_out
    from kg.read import read
    from kg.records import Article

SUFFIXES = (".txt", ".html", ".jsonl", ".xml", ".warc", ".txt.gz")
FOLDER = Path(tempfile.mkdtemp())


def one_input(data: bytes) -> None:
    """The first byte chooses the format; whatever comes, articles or refusals come of it."""
    if not data:
        return
    path = FOLDER / f"a{SUFFIXES[data[0] % len(SUFFIXES)]}"
    path.write_bytes(data[1:])
    for found in read([str(path)]):
        if isinstance(found, Article):
            found.text.encode()
            for start, end in lay_out(found).noise:
                assert 0 <= start <= end <= len(found.text)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
