"""Measures that reading takes no more memory for many articles than for few: nothing but the reading, no language model.

    python scripts/bench_reading.py [--sizes 1000 100000]

Made-up articles of a few sentences, as a folder of files, as one gzipped file of JSON Lines, and as a WARC. Each is read in a
process of its own, which tells its peak memory and CPU seconds.
"""

from __future__ import annotations

import argparse
import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

SENTENCE = "The council of the {n}th district met on Tuesday to speak of the bridge, the mayor said in a letter. "
# Files in one folder: more make some file systems slow.
IN_FOLDER = 1000


def texts(count: int) -> Iterator[str]:
    """Short texts, all different."""
    for number in range(count):
        yield f"Report {number}\n\n" + SENTENCE.format(n=number) + SENTENCE.format(n=number + 7)


def folder(count: int, place: Path) -> Path:
    """A folder of files."""
    for number, text in enumerate(texts(count)):
        file = place / "files" / f"{number // IN_FOLDER:04}" / f"n{number:07}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return place / "files"


def lines(count: int, place: Path) -> Path:
    """One gzipped file of JSON Lines."""
    path = place / "articles.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as file:
        for number, text in enumerate(texts(count)):
            file.write(json.dumps({"id": f"n{number}", "text": text}) + "\n")
    return path


def warc(count: int, place: Path) -> Path:
    """A WARC file of pages, each record packed by itself."""
    path = place / "pages.warc.gz"
    with path.open("wb") as file:
        for number, text in enumerate(texts(count)):
            title, _, body = text.partition("\n\n")
            page = f"<html lang=en><title>{title}</title><body><article><p>{body}</p></article></body></html>".encode()
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
            record = (
                "WARC/1.0\r\nWARC-Type: response\r\n"
                f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{number:012}>\r\n"
                "WARC-Date: 2031-05-01T00:00:00Z\r\n"
                f"WARC-Target-URI: https://news.example/{number}\r\n"
                "Content-Type: application/http; msgtype=response\r\n"
                f"Content-Length: {len(head) + len(page)}\r\n\r\n"
            ).encode()
            packed = BytesIO()
            with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0, compresslevel=1) as member:
                member.write(record + head + page + b"\r\n\r\n")
            file.write(packed.getvalue())
    return path


def child(path: str) -> None:
    """Reads what is there, as a build does, and tells the cost."""
    from kg.read import read
    from kg.records import Article

    began, found = time.process_time(), 0
    for item in read([path]):
        found += isinstance(item, Article)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"articles": found, "cpu": time.process_time() - began, "memory": memory}))


def main() -> None:
    """Runs the measurements."""
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2])
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 100_000], help="numbers of articles")
    parser.add_argument("--kinds", nargs="+", default=["folder", "lines", "warc"], choices=["folder", "lines", "warc"])
    options = parser.parse_args()
    print("| source | articles | peak memory, MiB | CPU ms an article |\n|---|---|---|---|")
    for kind in options.kinds:
        for size in options.sizes:
            with tempfile.TemporaryDirectory(prefix="newskg-reading-") as place:
                path = {"folder": folder, "lines": lines, "warc": warc}[kind](size, Path(place))
                command = [sys.executable, __file__, "--child", str(path)]
                done = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
            each = 1000 * done["cpu"] / max(done["articles"], 1)
            print(f"| {kind} | {done['articles']:,} | {done['memory']:.0f} | {each:.2f} |", flush=True)


if __name__ == "__main__":
    main()
