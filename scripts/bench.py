"""Measures a build beside what it is made of, and how it grows: writes the table of docs/performance.md.

    python scripts/bench.py [SOURCE…] [--articles 200] [--sizes 100 1000 10000] [--write]

SOURCE: files or folders with real articles; without any, the examples, again and again with another first line. Speed is
that of the whole build over them, in one process and in two, beside bare `nlp.pipe`. Growth is measured on records made from
theirs by changing names, words, numbers and dates (`bench_records.py`): extraction is linear by its nature, and its time is
taken from the first part. What is compared runs in turns, so that whatever else the machine does hits all of it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "scripts"), str(ROOT)]  # tests/server.py before server.py

from kg.settings import BY_NAME  # noqa: E402

MODEL = BY_NAME["model"].default
BASE = "http://bench.example/"
BEGAN = time.perf_counter()
# Modules are kept compiled, as those of an installed package are: compiling them takes 0.7 s at each start.
ENVIRONMENT = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
# Real articles whose records growth is measured with: with few, each record would stand for many that hardly differ.
ORIGINALS = 1000
STAGES = {
    "keep": "keeping records",
    "compare": "comparing, first pass",
    "resolve": "comparing, second pass",
    "relate": "what is told of the same: events, copies, figures, statements",
    "write": "mapping and loading",
    "publish": "things, the rest of loading, and the snapshot",
    "all": "all of it",
}
START, END = "<!-- bench: begin -->", "<!-- bench: end -->"
# Articles of a build that only starts all that a longer one does: enough for two processes to be used.
FEW = 24
Row = tuple[str, str, str, bool | None]
"""What was measured, the value, the target, and whether it is met; None where there is none."""
BARE = """
import json, sys, time
import spacy
nlp = spacy.load(sys.argv[1])
texts = [json.loads(line)["text"] for line in open(sys.argv[2], encoding="utf-8")]
began, cpu = time.perf_counter(), time.process_time()
tokens = [len(doc) for doc in nlp.pipe(texts, batch_size=32)]
print(json.dumps({"tokens": tokens, "seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}))
"""


@dataclass
class Run:
    """What a command took: seconds, CPU seconds of it and its children, and what it printed."""

    seconds: float
    cpu: float
    out: str


@dataclass
class Stage:
    """What a stage of a build took of this process: CPU seconds, and the peak of its memory in MiB."""

    cpu: float
    memory: int


def say(text: str) -> None:
    """Tells how far the measuring is."""
    print(f"[{time.perf_counter() - BEGAN:6.0f} s] {text}", file=sys.stderr, flush=True)


def run(*command: str | Path, show: bool = False) -> Run:
    """Runs a command to its end. `show`: what it tells on standard error is passed on."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    told = None if show else subprocess.PIPE
    done = subprocess.run(
        list(map(str, command)),
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=told,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 3):
        raise RuntimeError(
            f"{' '.join(map(str, command[:4]))} ends with {done.returncode}: {(done.stderr or '')[-800:]}"
        )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(time.perf_counter() - began, cpu, done.stdout)


def kg(*arguments: str | Path) -> Run:
    """Runs a command of the command line."""
    return run(sys.executable, "-m", "kg", *arguments)


def texts(sources: list[str], count: int, path: Path, *, repeat: bool) -> Path:
    """Articles of the sources as JSON Lines, mixed, so that a hundred are as long as a thousand are on average; if there are too
    few and `repeat`, again with another first line."""
    from kg.read import read
    from kg.records import Article

    found = [a for a in read(sources) if isinstance(a, Article) and a.lang == "en"]
    found.sort(key=lambda a: hashlib.sha256(a.text.encode()).digest())
    if not found:
        raise SystemExit(f"no articles in {sources}: name files or folders with articles")
    with path.open("w", encoding="utf-8") as file:
        for number in range(count if repeat else min(count, len(found))):
            article, again = found[number % len(found)], number // len(found)
            text = f"Version {again}.\n\n{article.text}" if again else article.text
            file.write(json.dumps({"id": f"n{number}", "text": text}, ensure_ascii=False) + "\n")
    return path


def speed(path: Path, folder: Path, rounds: int) -> tuple[dict[str, float], list[Row]]:
    """Tokens a second of bare spaCy, of a build in one process and in two. What starting takes is left out, for it is the same
    for any number of articles: what counts is how much longer all of them take than the first few."""
    few = folder / "few.jsonl"
    few.write_text("".join(line + "\n" for line in path.read_text("utf-8").splitlines()[:FEW]), "utf-8")
    bare, single, double = [], [], []
    for number in range(rounds):
        say(f"speed, round {number + 1} of {rounds}: bare nlp.pipe, one process, two processes")
        bare.append(json.loads(run(sys.executable, "-c", BARE, MODEL, path).out))
        for jobs, times in ((1, single), (2, double)):
            start = kg("build", few, "--store", folder / f"start-{jobs}-{number}", "--base", BASE, "--jobs", str(jobs))
            whole = kg("build", path, "--store", folder / f"s-{jobs}-{number}", "--base", BASE, "--jobs", str(jobs))
            times.append(Run(whole.seconds - start.seconds, whole.cpu - start.cpu, ""))
    tokens, rest = sum(bare[0]["tokens"]), sum(bare[0]["tokens"][FEW:])
    values = {
        "bare": tokens / median(b["seconds"] for b in bare),
        "one": rest / median(s.seconds for s in single),
        "two": rest / median(d.seconds for d in double),
        "bare cpu": tokens / median(b["cpu"] for b in bare),
        "one cpu": rest / median(s.cpu for s in single),
    }
    articles = len(bare[0]["tokens"])
    values["cpu an article"] = median(s.cpu for s in single) / (articles - FEW)
    whole, cpu = values["one"] / values["bare"], values["one cpu"] / values["bare cpu"]
    twice = values["two"] / values["one"]
    return values, [
        (f"bare `nlp.pipe` over {articles} articles", f"{values['bare']:,.0f} tokens/s", "", None),
        ("build, one process", f"{values['one']:,.0f} tokens/s, {whole:.2f} of bare", "0.55", whole >= 0.55),
        ("the same by CPU time", f"{cpu:.2f} of bare", "0.55", cpu >= 0.55),
        ("build, two processes", f"{values['two']:,.0f} tokens/s, {twice:.2f} × one", "1.8 ×", twice >= 1.8),
    ]


def originals(path: Path, folder: Path) -> Path:
    """The records of the articles."""
    target = folder / "records.jsonl"
    kg("extract", path, "-o", target, "--jobs", "2")
    return target


def grown(source: Path, count: int, folder: Path) -> dict[str, Any]:
    """Builds a store of that many records in a process of its own; its stages."""
    say(f"growth: {count:,} records")
    done = run(sys.executable, __file__, "--child", source, str(count), folder, show=True)
    return dict(json.loads(done.out))


def child(source: Path, count: int, folder: Path) -> None:
    """The process that `grown` starts: puts texts into files and records into the state, as a build does, and publishes.
    The model is loaded, and used once, as in a build."""
    from bench_records import records

    from kg.build import Report, article_key, publish
    from kg.extract import extract, pipeline_version
    from kg.memory import search_seldom
    from kg.read import read
    from kg.records import Article, Extraction, from_json
    from kg.state import State
    from kg.store import Store

    search_seldom()  # as the command line does
    with source.open(encoding="utf-8") as lines:
        known = [from_json(Extraction, json.loads(line)) for line in lines]
    inputs = folder / "articles"
    inputs.mkdir(parents=True)
    first = Article(id="first", source="first.txt", sha256="", text=known[0].text)
    list(extract([first], MODEL))
    stages: dict[str, Stage] = {}
    began = [time.process_time()]

    def progress(stage: str, done: int = 1, *_: object) -> None:
        now = time.process_time()
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        before = stages.setdefault(stage, Stage(0.0, 0))
        stages[stage] = Stage(before.cpu + now - began[0], memory)
        began[0] = now
        if stage in ("resolve", "write") and done % 1000 == 0:
            say(f"  {stage} {done:,} of {count:,}")

    version = pipeline_version(MODEL)
    with Store.open(folder / "store", base=BASE, create=True) as store, State(store.folder) as state:
        stream = records(known, count)
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
        cpu = [
            sum(v[0] for v in found[s]["stages"].values()) if name == "all" else found[s]["stages"][name][0]
            for s in sizes
        ]
        slope = exponent(sizes, cpu)
        shown = " / ".join(f"{c:,.1f}" for c in cpu)
        rows.append((f"{STAGES.get(name, name)}: CPU s at {at}", f"{shown}; exponent {slope:.2f}", "1.1", slope <= 1.1))
    memory = [max(v[1] for v in found[s]["stages"].values()) for s in sizes]
    grew = memory[-1] / memory[0]
    rows.append(("peak memory, MiB", f"{' / '.join(map(str, memory))}; {grew:.2f} ×", "1.3 ×", grew <= 1.3))
    quads = " / ".join(f"{found[s]['quads']:,}" for s in sizes)
    return [*rows, ("quads", quads, "", None)]


def load(store: Path, folder: Path, rounds: int) -> list[Row]:
    """The quads of a store into an empty one: as a first build loads them, and by `oxigraph load`."""
    program = Path(sys.executable).with_name("oxigraph")
    data = folder / "all.nq"
    say("load: the quads of a store, exported")
    kg("export", "--store", store, "--format", "nquads", "-o", data)
    quads = sum(1 for _ in data.open("rb"))
    if not program.exists():
        return [("load", "oxigraph is not installed (PyPI: oxigraph): nothing to compare with", "0.7", None)]
    ours, theirs = [], []
    for number in range(rounds):
        say(f"load of {quads:,} quads, round {number + 1} of {rounds}")
        theirs.append(run(program, "load", "-l", folder / f"oxigraph-{number}", "-f", data))
        ours.append(run(sys.executable, __file__, "--load", data, folder / f"ours-{number}"))
    a, b = (quads / median(r.seconds for r in runs) for runs in (ours, theirs))
    c, d = (quads / median(r.cpu for r in runs) for runs in (ours, theirs))
    measured = f"{a:,.0f} and {b:,.0f} quads/s: {a / b:.2f}; by CPU time {c / d:.2f}"
    return [(f"load of {quads:,} quads, beside `oxigraph load`", measured, "0.7", max(a / b, c / d) >= 0.7)]


def load_child(data: Path, folder: Path) -> None:
    """The process that `load` starts."""
    import pyoxigraph as ox

    from kg.update.graphs import PART, Bulk

    folder.mkdir()
    store = ox.Store(str(folder / "live"))
    with data.open("rb") as lines, Bulk(store, folder / "bulk.nq", enough=True) as bulk:
        while part := list(islice(lines, PART // 10)):
            bulk.add(b"".join(part))
        bulk.load()
    store.flush()


def again(source: Path, folder: Path, size: int, an_article: float) -> list[Row]:
    """One article more, and nothing at all, on the largest store. The article is the next one of the stream, with its day."""
    from bench_records import records

    from kg.records import Extraction, from_json

    with source.open(encoding="utf-8") as lines:
        stream = records([from_json(Extraction, json.loads(line)) for line in lines], size + 3)
    place, articles = folder / f"grown-{size}" / "store", folder / f"grown-{size}" / "articles"
    past = time.time() - 3600
    for file in articles.iterdir():
        os.utime(file, (past, past))
    say(f"again: {size:,} files are read")
    kg("build", articles, "--store", place)
    say("again: nothing changed, then one article more, three times each")
    nothing = [kg("build", articles, "--store", place) for _ in range(3)]
    more = []
    for record in islice(stream, size, None):
        file = articles / f"{record.id}.jsonl"
        file.write_text(json.dumps({"id": record.id, "text": record.text, "date": record.date}), "utf-8")
        more.append(kg("build", articles, "--store", place))
        os.utime(file, (past, past))
    whole = size * an_article
    a, b = median(r.seconds for r in nothing), median(r.seconds for r in more)
    c, d = median(r.cpu for r in nothing), median(r.cpu for r in more)
    part = "of the full build by CPU time"
    return [
        (f"full build of {size:,} articles, from the speed above", f"{whole:,.0f} CPU s", "", None),
        (
            f"nothing changed in {size:,} articles",
            f"{a:.1f} s ({c:.1f} CPU), 1/{whole / c:,.0f} {part}",
            "1/100",
            whole / c >= 100,
        ),
        (
            f"one article into {size:,}",
            f"{b:.1f} s ({d:.1f} CPU), 1/{whole / d:,.0f} {part}",
            "3 s, 1/500",
            b <= 3 and whole / d >= 500,
        ),
    ]


def first_answer(store: Path) -> list[Row]:
    """From the start of the server to its first answer."""
    from server import free_port

    times = []
    say("the server's first answer")
    for _ in range(3):
        port = free_port()
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "kg", "serve", "--store", str(store), "--port", str(port)],
            cwd=ROOT,
            env=ENVIRONMENT,
            stderr=subprocess.DEVNULL,
        )
        try:
            while time.perf_counter() - began < 60:
                with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
                    if answer.status == 200:
                        break
                time.sleep(0.02)
            times.append(time.perf_counter() - began)
        finally:
            process.terminate()
            process.wait()
    return [("`kg serve` to its first answer", f"{median(times):.2f} s", "1 s", median(times) <= 1)]


def table(rows: list[Row]) -> Iterator[str]:
    """The rows as Markdown."""
    yield "| what | measured | target | met |"
    yield "|---|---|---|---|"
    for name, value, target, met in rows:
        yield f"| {name} | {value} | {target} | {'' if met is None else 'yes' if met else '**no**'} |"


def write(text: str) -> None:
    """Puts the table into docs/performance.md."""
    path = ROOT / "docs" / "performance.md"
    page = path.read_text("utf-8")
    before, after = page.partition(START)[0], page.partition(END)[2]
    path.write_text(f"{before}{START}\n{text}\n{END}{after}", "utf-8")


def main() -> None:
    """Runs the measurements."""
    if sys.argv[1:2] == ["--child"]:
        child(Path(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
        return
    if sys.argv[1:2] == ["--load"]:
        load_child(Path(sys.argv[2]), Path(sys.argv[3]))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="*", default=[str(ROOT / "examples" / "articles")])
    parser.add_argument("--articles", type=int, default=200, help="real articles that are built")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000, 10000], help="numbers of records")
    parser.add_argument("--rounds", type=int, default=1, help="how often what is compared is run, in turns")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    parser.add_argument("--folder", type=Path, help="where the stores are made  [default: a temporary folder]")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="newskg-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    if options.articles < 2 * FEW:
        parser.error(f"--articles must be {2 * FEW} at least: the first {FEW} only tell what starting takes")
    sizes = sorted(set(options.sizes))
    largest = folder / f"grown-{sizes[-1]}"
    # Loading is the same for any number of quads; the second size has enough of them.
    middle = folder / f"grown-{sizes[min(1, len(sizes) - 1)]}"
    rows: list[Row] = []
    run(sys.executable, "-m", "compileall", "-q", ROOT / "kg")
    try:
        path = texts(options.sources, options.articles, folder / "articles.jsonl", repeat=True)
        many = texts(options.sources, ORIGINALS, folder / "originals.jsonl", repeat=False)
        values: dict[str, float] = {}

        def first() -> list[Row]:
            found, measured = speed(path, folder, options.rounds)
            values.update(found)
            return measured

        for name, part in (
            ("speed", first),
            ("growth", lambda: growth(originals(many, folder), sizes, folder)),
            ("again", lambda: again(folder / "records.jsonl", folder, sizes[-1], values["cpu an article"])),
            ("load", lambda: load(middle / "store", folder, options.rounds)),
            ("first answer", lambda: first_answer(largest / "store")),
        ):
            try:
                found = part()
            except Exception as error:  # the other parts are still worth having
                found = [(name, f"could not be measured: {str(error)[:300]}".replace("\n", " "), "", False)]
            print(*list(table(found))[2:], sep="\n", flush=True)
            rows += found
    finally:
        if not options.folder:
            shutil.rmtree(folder, ignore_errors=True)
    if options.write:
        command = f"`python scripts/bench.py --articles {options.articles} --sizes {' '.join(map(str, sizes))}`"
        head = f"{command}, {os.cpu_count()} processors:\n\n"
        write(head + "\n".join(table(rows)))


if __name__ == "__main__":
    main()
