"""Measures a build beside what it is made of, and how it grows: writes the table of docs/performance.md.

    python scripts/bench.py [SOURCE…] [--articles 200] [--sizes 100 1000 10000] [--rounds 1] [--write]

SOURCE: files or folders with real articles; without any, the examples, again and again with another first line. Speed is
that of the whole build over them, in one process and in two, beside bare `nlp.pipe`. Growth is measured on records made from
theirs by changing names, words, numbers and dates (`bench_records.py`): extraction is linear by its nature, and its time is
taken from the first part. What is compared runs in turns, so that whatever else the machine does hits all of it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from statistics import median

from bench_growth import growth
from bench_run import BASE, ENVIRONMENT, MODEL, ROOT, Row, Run, find_program, kg, run, say, write

# Real articles whose records growth is measured with, at most: with few, each record would stand for many that hardly differ.
ORIGINALS = 3000
# Steps of this length around a circle divide it evenly after any number of them (Steinhaus, the three-gap theorem).
GOLDEN = (5**0.5 - 1) / 2
# Articles of a build that only starts all that a longer one does: enough for two processes to be used.
FEW = 24
# Articles that are put in after all others, one by one: one has twenty times as much to tell as another.
MORE = 9
BARE = """
import json, sys, time
import spacy
nlp = spacy.load(sys.argv[1])
texts = [json.loads(line)["text"] for line in open(sys.argv[2], encoding="utf-8")]
began, cpu = time.perf_counter(), time.process_time()
tokens = [len(doc) for doc in nlp.pipe(texts, batch_size=32)]
print(json.dumps({"tokens": tokens, "seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}))
"""


def texts(sources: list[str], count: int, path: Path, *, repeat: bool) -> Path:
    """Articles of the sources as JSON Lines, mixed, so that a hundred are as long as a thousand are on average; if there are too
    few and `repeat`, again with another first line."""
    from kg.read import read
    from kg.records import Article

    alone = path.with_suffix(".txt")

    def readable(article: Article) -> bool:
        """Whether the text is an article as a file of its own too: growth is measured on such files."""
        alone.write_text(article.text, "utf-8", newline="")
        return any(isinstance(a, Article) for a in read([str(alone)]))

    found = [a for a in read(sources) if isinstance(a, Article) and a.lang == "en" and readable(a)]
    found.sort(key=lambda a: (len(a.text), a.text))
    found = [found[i] for i in sorted(range(len(found)), key=lambda i: i * GOLDEN % 1)]
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
    }
    articles = len(bare[0]["tokens"])
    # Tokens of an article: of all of them, which bare spaCy had, and of those that count for a build.
    long = rest / (articles - FEW)
    lengths = {"bare": tokens / articles, "one": long, "two": long}
    values["cpu an article"] = median(s.cpu for s in single) / (articles - FEW)
    # Each round's own ratio: what the machine gives changes from one to the next.
    whole = median(b["seconds"] / tokens / (s.seconds / rest) for b, s in zip(bare, single, strict=True))
    cpu = median(b["cpu"] / tokens / (s.cpu / rest) for b, s in zip(bare, single, strict=True))
    twice = median(s.seconds / d.seconds for s, d in zip(single, double, strict=True))
    ratios = ", ".join(f"{s.seconds / d.seconds:.2f}" for s, d in zip(single, double, strict=True))
    say(f"two processes against one, by round: {ratios}")
    speeds = {
        name: f"{values[name]:,.0f} tokens/s, {values[name] / per:.1f} articles/s" for name, per in lengths.items()
    }
    return values, [
        (f"bare `nlp.pipe` over {articles} articles", speeds["bare"], "", None),
        ("build, one process", f"{speeds['one']}, {whole:.2f} of bare", "0.55", whole >= 0.55),
        ("the same by CPU time", f"{cpu:.2f} of bare", "0.55", cpu >= 0.55),
        ("build, two processes", f"{speeds['two']}, {twice:.2f} × one", "1.8 ×", twice >= 1.8),
    ]


def originals(path: Path, folder: Path) -> Path:
    """The records of the articles."""
    target = folder / "records.jsonl"
    kg("extract", path, "-o", target, "--jobs", "2")
    return target


def load(store: Path, folder: Path, rounds: int) -> list[Row]:
    """The quads of a store into an empty one: as a first build loads them, and by `oxigraph load`."""
    oxigraph = find_program("oxigraph")
    data = folder / "all.nq"
    say("load: the quads of a store, exported")
    kg("export", "--store", store, "--format", "nquads", "-o", data)
    quads = sum(1 for _ in data.open("rb"))
    if not oxigraph:
        return [("load", "oxigraph is not installed (PyPI: oxigraph): nothing to compare with", "0.7", None)]
    ours, theirs = [], []
    for number in range(rounds):
        say(f"load of {quads:,} quads, round {number + 1} of {rounds}")
        theirs.append(run(oxigraph, "load", "-l", folder / f"oxigraph-{number}", "-f", data))
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
    store.optimize()
    store.flush()


def again(source: Path, folder: Path, size: int, an_article: float) -> list[Row]:
    """One article more, and nothing at all, on the largest store. The articles are the next ones of the stream, with their days."""
    from bench_records import records

    from kg.records import Extraction, from_json

    with source.open(encoding="utf-8") as lines:
        stream = records([from_json(Extraction, json.loads(line)) for line in lines], MORE, size)
    place, articles = folder / f"grown-{size}" / "store", folder / f"grown-{size}" / "articles"
    past = time.time() - 3600
    for file in articles.iterdir():
        os.utime(file, (past, past))
    say(f"again: {size:,} files are read")
    kg("build", articles, "--store", place)
    say(f"again: nothing changed, three times, then one article more, {MORE} times")
    nothing = [kg("build", articles, "--store", place) for _ in range(3)]
    more, given = [], []
    for record in stream:
        given.append(record.text)
        file = articles / f"{record.id}.jsonl"
        file.write_text(json.dumps({"id": record.id, "text": record.text, "date": record.date}), "utf-8")
        more.append(kg("build", articles, "--store", place))
        os.utime(file, (past, past))
    seconds = ", ".join(
        f"{r.seconds:.1f} ({r.cpu:.1f} CPU, {len(text):,} characters)" for r, text in zip(more, given, strict=True)
    )
    say(f"one article more, seconds: {seconds}")
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


def main() -> None:
    """Runs the measurements."""
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
        given = f"--articles {options.articles} --sizes {' '.join(map(str, sizes))} --rounds {options.rounds}"
        command = f"`python scripts/bench.py {given}`"
        head = f"{command}, {os.cpu_count()} processors:\n\n"
        write("bench", head + "\n".join(table(rows)))


if __name__ == "__main__":
    main()
