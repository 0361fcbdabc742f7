"""Scores `kg extract` on the news benchmarks: one table, all sets named.

    python scripts/score_dev.py BENCHMARKS [--only lgl,re3d] [--limit 40] [--keep DIR]

BENCHMARKS is the folder with `dev/`, `adapt.py` and `score.py`. `--limit N` takes every k-th document so that about N remain.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    """Extract, adapt, score."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmarks", type=Path)
    parser.add_argument("--only", default="", help="names of sets, separated by commas")
    parser.add_argument("--limit", type=int, default=0, help="about this many documents of each set")
    parser.add_argument("--keep", type=Path, help="folder for gold, records and predictions")
    args = parser.parse_args()
    folder = args.keep or Path(tempfile.mkdtemp())
    names = [n for n in args.only.split(",") if n] or [
        p.stem for p in sorted((args.benchmarks / "dev").glob("*.jsonl"))
    ]
    for part in ("dev", "records", "pred"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for name in names:
        lines = (args.benchmarks / "dev" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        if "html_gz_b64" in json.loads(lines[0]):
            continue
        step = max(1, len(lines) // args.limit) if args.limit else 1
        gold, records, pred = (folder / part / f"{name}.jsonl" for part in ("dev", "records", "pred"))
        gold.write_text("\n".join(lines[::step]) + "\n", encoding="utf-8")
        began = time.monotonic()
        subprocess.run([sys.executable, "-m", "kg", "extract", gold, "-o", records], check=True)
        print(f"{name}: {len(lines[::step])} documents, {time.monotonic() - began:.0f} s", file=sys.stderr)
        subprocess.run([sys.executable, args.benchmarks / "adapt.py", records, pred], check=True)
        subprocess.run([sys.executable, args.benchmarks / "score.py", gold, pred], check=True)


if __name__ == "__main__":
    main()
