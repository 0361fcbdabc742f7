"""`kill -9` of a server that writes and publishes: what it acknowledged is there, what it did not is there whole or not at all.

`NEWSKG_CRASHES=100` kills it so many times.
"""

from __future__ import annotations

import http.client
import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from crash import dump

from kg.store import Store
from server import CODE, ROOT, free_port

KILLS = int(os.environ.get("NEWSKG_CRASHES", "4"))
SEED = int(os.environ.get("NEWSKG_SEED", "7"))
TOKEN, TRIPLES = "killed", 300


def started(store: Path) -> tuple[subprocess.Popen[bytes], int]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", CODE, str(store), str(port), "{'workers': 1}"],
        cwd=ROOT,
        env={**os.environ, "NEWSKG_TOKEN": TOKEN},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert process.poll() is None, "the server does not start on what the kill left"
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return process, port
        time.sleep(0.05)
    raise AssertionError("the server does not answer")


def write(port: int, number: int) -> bool:
    """Replaces one graph, adds another; true if both were acknowledged."""
    triples = "".join(f"<urn:s{number}> <urn:p{item}> {item} . \n" for item in range(TRIPLES))
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("PUT", "/data?graph=urn:replaced", triples, bearer | {"Content-Type": "text/turtle"})
        answer = connection.getresponse()
        answer.read()
        if answer.status not in (200, 201, 204):
            return False
        update = f"INSERT DATA {{ GRAPH <urn:g{number}> {{ {triples} }} }}"
        connection.request("POST", "/update", update, bearer | {"Content-Type": "application/sparql-update"})
        answer = connection.getresponse()
        answer.read()
        return answer.status == 204
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def family(process: subprocess.Popen[bytes]) -> list[int]:
    """All processes of the server's session."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError):
            if int((path / "stat").read_text().rpartition(")")[2].split()[3]) == process.pid:
                found.append(int(path.name))
    return found


def test_a_server_that_is_killed_loses_nothing(tmp_path: Path) -> None:
    store, draw = tmp_path / "store", random.Random(SEED)
    Store.open(store, base="http://example.org/news/", create=True).close()
    acknowledged: set[int] = set()
    number, inside = 0, 0
    for kill in range(KILLS):
        process, port = started(store)
        killed = threading.Event()
        victims = family(process)

        def end(victims: list[int] = victims, killed: threading.Event = killed) -> None:
            killed.set()
            for victim in victims:
                with suppress(ProcessLookupError):
                    os.kill(victim, signal.SIGKILL)

        if kill % 2:  # the server alone; its workers see that it has gone
            victims[:] = [process.pid]
        timer = threading.Timer(draw.uniform(0, 0.5), end)
        end_of_life = time.monotonic() + 60
        while not killed.is_set() and time.monotonic() < end_of_life:
            if write(port, number):
                acknowledged.add(number)
                if not timer.is_alive() and not killed.is_set():  # the first of this life is in: the store is open
                    timer.start()
            else:
                inside += 1
            number += 1
        end()
        process.wait(20)
        deadline = time.monotonic() + 15
        while (left := family(process)) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not left, "processes outlive the server"

        Store.open(store).close()
        lines = dump(store).splitlines()
        counts: dict[bytes, int] = {}
        for line in lines:
            graph = line.split()[-2]
            counts[graph] = counts.get(graph, 0) + 1
        for written in range(number):
            count = counts.get(f"<urn:g{written}>".encode(), 0)
            assert count in (0, TRIPLES)
            assert count == TRIPLES or written not in acknowledged, f"write {written} is lost"
        replaced = {line.split()[0] for line in lines if line.split()[-2] == b"<urn:replaced>"}
        assert len(replaced) <= 1, "a graph has parts of two contents"
        assert counts.get(b"<urn:replaced>", 0) in (0, TRIPLES)
    assert acknowledged
    print({"kills": KILLS, "inside": inside, "writes": number, "acknowledged": len(acknowledged)})


def test_any_of_its_processes_may_be_killed(tmp_path: Path) -> None:
    """As the system does when memory is short: whichever it is, the server goes on, reads and writes."""
    store = tmp_path / "store"
    Store.open(store, base="http://example.org/news/", create=True).close()
    process, port = started(store)
    try:
        assert write(port, 0)
        seen: set[int] = set()
        number = 0
        for _ in range(8):
            others = sorted(set(family(process)) - {process.pid} - seen)
            if not others:
                break
            os.kill(others[0], signal.SIGKILL)
            seen.add(others[0])
            number += 1
            end = time.monotonic() + 40
            while not write(port, number) and time.monotonic() < end:
                number += 1
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request(
                "GET", f"/sparql?query=ASK%20%7B%20GRAPH%20%3Curn%3Ag{number}%3E%20%7B%3Fs%20%3Fp%201%7D%7D"
            )
            answer = connection.getresponse()
            assert (answer.status, b"true" in answer.read()) == (200, True)
            connection.close()
    finally:
        process.terminate()
        process.wait(20)
    assert len(seen) >= 4
