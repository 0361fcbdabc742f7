"""A server under a mixed load for as long as is wished: queries that hurt, good ones, pages, writes, requests that are no
requests, readers that are slow, connections that are cut. Between rounds all of it rests, and the server is measured.

As a program: `PYTHONPATH=tests:. python tests/hardening/soak.py SECONDS FOLDER` prints a line of JSON for each round.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import random
import socket
import statistics
import struct
import sys
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox
from sample import make_store
from test_hostile_queries import HURTFUL, POINT

from kg.store import Store
from server import running

WORKERS, DEADLINE, MEMORY, TOKEN = 3, 1.5, 1400, "soak-token"
# Queries that end at the deadline or at the cap on memory, in each of the ways that there are.
HURTING = (
    "order by",
    "cartesian rows",
    "cartesian count",
    "strings that double",
    "group_concat",
    "regular expression",
    "braces",
    "brackets",
    "describe",
    "path of paths",
    "values",
    "construct",
    "ten megabytes",
    "large regular expression",
)
PAGES = (
    "/",
    "/articles",
    "/article/flood-1",
    "/article/flood-2.ttl",
    "/person/ilse-varn",
    "/place/lindow.jsonld",
    "/event/meeting",
    "/search?q=lindow",
    "/queries",
    "/queries/figures-in-conflict?format=csv",
    "/ontology",
    "/.well-known/void",
    "/health",
    "/metrics",
    "/openapi.json",
    "/reconcile?queries=" + urllib.parse.quote('{"a":{"query":"Lindow"}}'),
    "/data?graph=http://localhost:8000/graph/entities",
)
BAD = (
    "/sparql?query=SELECT%20*%20%7B",
    "/sparql?query=ASK%20%7B%7D&format=pdf",
    "/person/nobody",
    "/queries/nothing",
    "/queries/figures-in-conflict?x=%ff",
    "/data",
    "/sparql?query=ASK%7BSERVICE%3Chttp://127.0.0.1:1/%3E%7B%7D%7D",
)
# As many rows as no buffer holds.
LONG = "/sparql?query=" + urllib.parse.quote("SELECT * { ?a <urn:p> ?c . ?d <urn:p> ?f } LIMIT 400000")


@dataclass
class Sample:
    """What the server had at the end of a round, at rest. Sizes are MiB."""

    second: float
    resident: int
    descriptors: int
    threads: int
    processes: int
    worker_resident: int
    worker_descriptors: int
    temporary: int
    snapshots: int
    restarts: int
    alone: float
    """Milliseconds a point query took, at rest and without hurtful queries beside it: the median."""
    beside: float
    """The same with hurtful queries beside it, one after another."""
    crowd: float
    """The same with everything under way."""
    worst: int
    """The most that a process had in memory during the round."""


@dataclass
class Soak:
    """What was asked and what came of it."""

    processes: int = 0
    """How many there are at rest, before the load."""
    samples: list[Sample] = field(default_factory=list)
    statuses: dict[str, Counter[int]] = field(default_factory=dict)

    def requests(self) -> int:
        """How many requests were made."""
        return sum(sum(found.values()) for found in self.statuses.values())


KINDS = frozenset({"hurt", "good", "page", "bad", "write", "slow", "cut"})


class Load:
    """Clients of many kinds that go on until they are stopped, and rest when they are told to."""

    def __init__(self, server: str, outcome: Soak) -> None:
        self.server = server
        self.host, port = server.removeprefix("http://").split(":")
        self.port = int(port)
        self.outcome = outcome
        self.going: frozenset[str] = frozenset()
        self.stop = threading.Event()
        self.crowd: list[float] = []
        self._resting = 0
        self._lock = threading.Lock()
        self._draw = random.Random(7)
        kinds: list[tuple[str, Callable[[], Iterator[int]], float]] = [
            ("hurt", self.hurt, 0.0),
            ("good", self.good, 0.02),
            ("good", self.good, 0.02),
            ("page", self.page, 0.05),
            ("bad", self.bad, 0.1),
            ("write", self.write, 1.0),
            ("slow", self.slow, 0.2),
            ("cut", self.cut, 0.1),
        ]
        self._threads = [threading.Thread(target=self._run, args=kind, daemon=True) for kind in kinds]
        for thread in self._threads:
            thread.start()

    def _run(self, name: str, work: Callable[[], Iterator[int]], pause: float) -> None:
        for status in work():
            with self._lock:
                self.outcome.statuses.setdefault(name, Counter())[status] += 1
            self.stop.wait(pause)
            if name not in self.going:
                with self._lock:
                    self._resting += 1
                while name not in self.going and not self.stop.wait(0.05):
                    pass
                with self._lock:
                    self._resting -= 1
            if self.stop.is_set():
                return

    def let(self, *kinds: str) -> None:
        """Lets clients of these kinds go on, all without any; the others rest after what they are at."""
        self.going = frozenset(kinds) if kinds else KINDS

    def rest(self) -> None:
        """Waits until no client is at work."""
        self.going = frozenset()
        end = time.monotonic() + 60
        while self._resting < len(self._threads) and time.monotonic() < end:
            time.sleep(0.05)

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> int:
        """The status; 0 where the connection was broken off."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (http.client.HTTPException, ConnectionError):
            return 0
        finally:
            connection.close()

    def select(self, query: str) -> int:
        """The status of a query."""
        headers = {"Content-Type": "application/sparql-query", "Accept": "text/csv, text/turtle"}
        return self.ask("POST", "/sparql", query.encode(), headers)

    def point(self) -> float:
        """Milliseconds that a small query takes; nan if it was not answered."""
        begin = time.monotonic()
        status = self.select(POINT)
        return (time.monotonic() - begin) * 1000 if status == 200 else float("nan")

    def hurt(self) -> Iterator[int]:
        """Hurtful queries, one after another."""
        for name in itertools.cycle(HURTING):
            yield self.select(HURTFUL[name][0])

    def good(self) -> Iterator[int]:
        """Small queries, by which the others' wait is measured; each fourth one as GET."""
        for number in itertools.count():
            if number % 4 == 3:
                yield self.ask("GET", "/sparql?query=" + urllib.parse.quote(POINT))
                continue
            taken = self.point()
            if taken == taken:
                self.crowd.append(taken)
            yield 200 if taken == taken else 503

    def page(self) -> Iterator[int]:
        """Pages as a browser and as a program asks for them."""
        for number, path in enumerate(itertools.cycle(PAGES)):
            yield self.ask("GET", path, headers={"Accept": ("text/html", "*/*", "application/json")[number % 3]})

    def bad(self) -> Iterator[int]:
        """Requests that are refused."""
        for path in itertools.cycle(BAD):
            yield self.ask("GET", path)

    def write(self) -> Iterator[int]:
        """Updates and graphs of always the same size, and such as are refused."""
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        for number in itertools.count():
            triples = "".join(f"<urn:w{number}> <urn:p{n}> {n} . " for n in range(200))
            update = f"DROP SILENT GRAPH <urn:w>; INSERT DATA {{ GRAPH <urn:w> {{ {triples} }} }}"
            kind = {"Content-Type": "application/sparql-update"}
            yield self.ask("POST", "/update", update.encode(), bearer | kind)
            yield self.ask("POST", "/update", b"INSERT DATA {", bearer | kind)
            yield self.ask("POST", "/update", update.encode(), kind)
            turtle = {"Content-Type": "text/turtle"}
            yield self.ask("PUT", "/data?graph=urn:x", triples.encode(), bearer | turtle)
            yield self.ask("PUT", "/data?graph=urn:x", b"<urn:a> <urn:b> ", bearer | turtle)

    def slow(self) -> Iterator[int]:
        """Takes a long answer drop by drop for a few seconds, then goes away."""
        for number in itertools.count():
            with suppress(OSError), self._connect() as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                if number % 2:
                    head = f"GET {LONG} HTTP/1.1\r\nHost: x\r\n\r\n"
                else:
                    body = urllib.parse.unquote(LONG.partition("query=")[2])
                    head = (
                        "POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
                        f"Content-Length: {len(body)}\r\n\r\n{body}"
                    )
                connection.sendall(head.encode())
                for _ in range(30):
                    if not connection.recv(64):
                        break
                    time.sleep(0.1)
            yield 0

    def cut(self) -> Iterator[int]:
        """Half a request, or a request whose answer nobody takes; then the connection is reset."""
        requests = (
            b"GET /health HTTP/1.1\r\nHos",
            b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: 99\r\n\r\nASK",
            b"GET " + LONG.encode() + b" HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET /articles HTTP/1.1\r\nHost: x\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\n\r\n" * 50,
        )
        for request in itertools.cycle(requests):
            with suppress(OSError), self._connect() as connection:
                connection.sendall(request)
                time.sleep(self._draw.uniform(0, 0.3))
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            yield 0

    @contextmanager
    def _connect(self) -> Iterator[socket.socket]:
        with socket.create_connection((self.host, self.port), timeout=20) as connection:
            yield connection

    def end(self) -> None:
        """Stops all clients."""
        self.stop.set()
        for thread in self._threads:
            thread.join(60)


def family(server: str) -> tuple[Path, list[Path]]:
    """The server's process and all that come of it, as folders in /proc."""
    port = f"{urllib.parse.urlsplit(server).port}".encode()
    main, parents = None, {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents[process] = (process / "stat").read_text().rpartition(")")[2].split()[1]
            if port in (process / "cmdline").read_bytes().split(b"\0"):
                main = process
    assert main is not None
    names, found = {main.name}, []
    while new := [process for process, parent in parents.items() if parent in names and process.name not in names]:
        names |= {process.name for process in new}
        found += new
    return main, found


def of_status(process: Path, name: str) -> int:
    """A number of /proc/PID/status; 0 if the process is gone."""
    try:
        return int((process / "status").read_text().partition(name + ":")[2].split()[0])
    except (OSError, IndexError):
        return 0


def descriptors(process: Path) -> int:
    """How many files, pipes and sockets a process has open."""
    try:
        return len(list((process / "fd").iterdir()))
    except OSError:
        return 0


def restarts(load: Load) -> int:
    """How many workers were replaced, as the server says."""
    connection = http.client.HTTPConnection(load.host, load.port, timeout=60)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    return next(int(float(line.split()[1])) for line in text.splitlines() if line.startswith("newskg_restarts"))


def soak(seconds: float, folder: Path, told: Callable[[Sample], None] = lambda sample: None) -> Soak:
    """Loads a server of its own for so many seconds, in rounds of a minute or a tenth of the time."""
    store, temporary = make_store(folder / "store"), folder / "temporary"
    temporary.mkdir()
    with Store.open(store) as opened:
        node = ox.NamedNode
        opened.quads.bulk_extend(
            ox.Quad(node(f"urn:s{n}"), node("urn:p"), node(f"urn:s{(n * 7 + k) % 2000}"), node("urn:chain"))
            for n in range(2000)
            for k in range(3)
        )
        opened.publish("chain")
    outcome, begin, length = Soak(), time.monotonic(), min(60.0, seconds / 10)
    before = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(temporary)
    limits = {"workers": WORKERS, "queue": 60, "timeout": DEADLINE, "memory": MEMORY, "max_body": 2}
    try:
        with running(store, TOKEN, log=folder / "server.log", **limits) as server:
            load = Load(server, outcome)
            time.sleep(3)  # the worker that stands ready starts last
            outcome.processes = 1 + len(family(server)[1])
            while time.monotonic() < begin + seconds:
                load.crowd.clear()
                load.let()
                end, worst = time.monotonic() + length, 0
                while time.monotonic() < end:
                    main, children = family(server)
                    worst = max(worst, *(of_status(process, "VmRSS") >> 10 for process in (main, *children)))
                    time.sleep(min(0.5, length / 5))
                load.rest()
                outcome.samples.append(measure(load, temporary, store, begin, worst))
                told(outcome.samples[-1])
            load.end()
    finally:
        os.environ.pop("TMPDIR")
        if before is not None:
            os.environ["TMPDIR"] = before
    return outcome


def measure(load: Load, temporary: Path, store: Path, begin: float, worst: int) -> Sample:
    """Waits for the workers that are starting and the connections that are ending, then measures."""
    alone = statistics.median(load.point() for _ in range(30))
    load.let("hurt")
    beside, end = [], time.monotonic() + 2 * DEADLINE
    while time.monotonic() < end:
        beside.append(load.point())
    load.rest()
    end = time.monotonic() + 15
    main, children = family(load.server)
    while 1 + len(children) != load.outcome.processes and time.monotonic() < end:  # a worker may be starting
        time.sleep(0.1)
        main, children = family(load.server)
    time.sleep(1.5)  # connections on loan come back after a second
    return Sample(
        second=round(time.monotonic() - begin, 1),
        resident=of_status(main, "VmRSS") >> 10,
        descriptors=descriptors(main),
        threads=of_status(main, "Threads"),
        processes=1 + len(children),
        worker_resident=max(of_status(child, "VmRSS") >> 10 for child in children),
        worker_descriptors=max(descriptors(child) for child in children),
        temporary=sum(1 for _ in temporary.rglob("*")),
        snapshots=sum(1 for path in (store / "snapshots").iterdir()) if (store / "snapshots").exists() else 0,
        restarts=restarts(load),
        alone=round(alone, 2),
        beside=round(statistics.median(beside), 2),
        crowd=round(statistics.median(load.crowd), 2) if load.crowd else float("nan"),
        worst=worst,
    )


def main(seconds: str, folder: str) -> None:
    """Prints each round, then what the requests came to."""
    outcome = soak(float(seconds), Path(folder), lambda sample: print(json.dumps(vars(sample)), flush=True))
    print(json.dumps({name: dict(found) for name, found in outcome.statuses.items()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
