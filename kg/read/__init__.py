"""From files to articles: every source that `kg build` and `kg extract` read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from kg.records import Article


def read(sources: Iterable[str]) -> Iterator[Article]:
    """The articles of the sources."""
    for source in sources:
        path = Path(source)
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.suffix == ".jsonl":
                for line in file.open(encoding="utf-8"):
                    data = json.loads(line)
                    yield Article(
                        id=data["id"], source=f"{file.name}", sha256=hashlib.sha256(data["text"].encode()).hexdigest(),
                        text=data["text"], title=data.get("title"), date=data.get("date"), publisher=data.get("publisher"),
                    )
            elif file.suffix == ".txt":
                text = file.read_bytes().decode()
                yield Article(id=file.stem, source=file.name, sha256=hashlib.sha256(text.encode()).hexdigest(), text=text)
