"""How each stage of a build grows, on records made from extracted ones: a part of `bench.py`.

    python scripts/bench_growth.py RECORDS COUNT FOLDER [FIRST]

builds a store of so many records, from the one with that number on, in this process and prints what its stages took.
"""

from __future__ import annotations

import json
import math
import resource
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate, islice
from pathlib import Path
from statistics import median
from typing import Any

from bench_run import BASE, MODEL, Row, run, say

from kg.records import Extraction, from_json

STAGES = {
    "keep": "keeping records",
    "compare": "comparing, first pass",
    "resolve": "comparing, second pass",
    "relate": "what is told of the same: events, copies, figures, statements",
    "write": "mapping and loading",
    "publish": "things, the rest of loading, merging files, and the snapshot",
    "all": "all of it",
}


@dataclass
class Stage:
    """What a stage of a build took of this process: CPU seconds, and the peak of its memory in MiB."""

    cpu: float
    memory: int


class Originals(Sequence[Extraction]):
    """The records of a file, each read when it is asked for: what measuring takes itself is no memory of a build."""

    def __init__(self, source: Path) -> None:
        self._source = source
        with source.open("rb") as lines:
            self._starts = [0, *accumulate(map(len, lines))][:-1]

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, number: Any) -> Any:
        with self._source.open("rb") as file:
            file.seek(self._starts[number])
            return from_json(Extraction, json.loads(file.readline()))


def grown(source: Path, count: int, folder: Path) -> dict[str, Any]:
    """Builds a store of that many records in a process of its own, a small one several times, each of other records, since short
    runs vary by half and one hundred has a tenth more to tell than the next; the quads and stages in the middle of the runs."""
    runs = []
    for number in range(5 if count <= 100 else 3 if count <= 1000 else 1):
        say(f"growth: {count:,} records, run {number + 1}")
        shutil.rmtree(folder, ignore_errors=True)
        program = (sys.executable, __file__, source, str(count), folder, str(number * count))
        runs.append(json.loads(run(*program, show=True).out))
    stages = {name: [median(r["stages"][name][i] for r in runs) for i in (0, 1)] for name in runs[0]["stages"]}
    return {"quads": median(r["quads"] for r in runs), "stages": stages}


def child(source: Path, count: int, folder: Path, start: int = 0) -> None:
    """The process that `grown` starts: puts texts into files and records into the state, as a build does, and publishes.
    The model is loaded, and used once, as in a build."""
    from bench_records import records

    from kg.build import Report, article_key, publish
    from kg.extract import extract, pipeline_version
    from kg.memory import search_seldom
    from kg.read import read
    from kg.records import Article
    from kg.state import State
    from kg.store import Store

    search_seldom()  # as the command line does
    known = Originals(source)
    inputs = folder / "articles"
    inputs.mkdir(parents=True)
    article = Article(id="first", source="first.txt", sha256="", text=known[0].text)
    list(extract([article], MODEL))
    stages: dict[str, Stage] = {}
    began = [time.process_time()]

    def progress(stage: str, done: int = 1, *_: object) -> None:
        if stage == "merge":  # told when it begins: it counts as the next
            return
        now = time.process_time()
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        before = stages.setdefault(stage, Stage(0.0, 0))
        stages[stage] = Stage(before.cpu + now - began[0], memory)
        began[0] = now
        if stage in ("resolve", "write") and done % 1000 == 0:
            say(f"  {stage} {done:,} of {count:,}")

    version = pipeline_version(MODEL)
    with Store.open(folder / "store", base=BASE, create=True) as store, State(store.folder) as state:
        stream = records(known, count, start)
        while batch := list(islice(stream, 32)):
            keyed = []
            for record in batch:
                file = inputs / f"{record.id}.txt"
                file.write_text(record.text, "utf-8", newline="")
                article = next(a for a in read([str(file)]) if isinstance(a, Article))
                keyed.append((article_key(article, version), record))
            began[0] = time.process_time()
            state.put(keyed)
            progress("keep")
        began[0] = time.process_time()
        publish(store, state, Report(), "build", datetime.now(UTC), MODEL, progress)
        progress("publish")
        size = sum(1 for _ in store.quads.quads_for_pattern(None, None, None, None))
    print(json.dumps({"quads": size, "stages": {name: [s.cpu, s.memory] for name, s in stages.items()}}))


def exponent(sizes: list[int], values: list[float]) -> float:
    """The slope of a line through the logarithms, by least squares."""
    xs, ys = [math.log(s) for s in sizes], [math.log(max(v, 1e-3)) for v in values]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum((a - x) ** 2 for a in xs)


def growth(source: Path, sizes: list[int], folder: Path) -> list[Row]:
    """How each stage grows."""
    found = {size: grown(source, size, folder / f"grown-{size}") for size in sizes}
    rows: list[Row] = []
    names = [name for name in found[sizes[-1]]["stages"] if all(name in found[s]["stages"] for s in sizes)]
    at = " / ".join(f"{s:,}" for s in sizes)
    for name in [*names, "all"]:
        parts = names if name == "all" else [name]
        cpu = [sum(found[s]["stages"][part][0] for part in parts) for s in sizes]
        slope = exponent(sizes, cpu)
        shown = " / ".join(f"{c:,.1f}" for c in cpu)
        rows.append((f"{STAGES.get(name, name)}: CPU s at {at}", f"{shown}; exponent {slope:.2f}", "1.1", slope <= 1.1))
    memory = [max(v[1] for v in found[s]["stages"].values()) for s in sizes]
    grew = memory[-1] / memory[0]
    rows.append(("peak memory, MiB", f"{' / '.join(map(str, memory))}; {grew:.2f} ×", "1.3 ×", grew <= 1.3))
    quads = " / ".join(f"{found[s]['quads']:,}" for s in sizes)
    return [*rows, ("quads", quads, "", None)]


if __name__ == "__main__":
    child(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), *map(int, sys.argv[4:]))
