"""What the benchmark is made of: commands that are run and what they took."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "scripts"), str(ROOT)]  # tests/server.py before server.py

from kg.settings import BY_NAME  # noqa: E402

MODEL = BY_NAME["model"].default
BASE = "http://bench.example/"
BEGAN = time.perf_counter()
# Modules are kept compiled, as those of an installed package are: compiling them takes 0.7 s at each start.
ENVIRONMENT = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
Row = tuple[str, str, str, bool | None]
"""What was measured, the value, the target, and whether it is met; None where there is none."""


@dataclass
class Run:
    """What a command took: seconds, CPU seconds of it and its children, and what it printed."""

    seconds: float
    cpu: float
    out: str


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


def find_program(name: str) -> str | None:
    """Where a program is: as the shell finds it, else beside the Python that runs; None if it is nowhere."""
    return shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))


def write(name: str, text: str) -> None:
    """Puts a table into docs/performance.md, between the marks of that name."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    path = ROOT / "docs" / "performance.md"
    before, rest = path.read_text("utf-8").split(begin)
    after = rest.split(end)[1]
    path.write_text(f"{before}{begin}\n{text}\n{end}{after}", "utf-8")
