"""Measures the server beside `oxigraph serve` and rdflib-endpoint: the same data, one run, ratios, targets.

    python scripts/bench_server.py [--quads 1000000] [--rounds 5] [--oxigraph PROGRAM] [--rdflib-endpoint PROGRAM] [--write]

A server whose program is not found is left out; one that falls over is started again, and what it answered before it fell
counts, for the time until then. Everything is measured in rounds, in each of which the servers take turns, so that whatever
else the machine does hits all of them: the times in the table mean little without what they are divided by. A number is the
median over the rounds, a ratio the median of the rounds' ratios. Nothing is cached: each point query asks for another of
thousands of people, and the server has no cache of results. With --folder, the data are kept and used again.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlencode, urlsplit

import pyoxigraph as ox
from bench_run import find_program, write
from bench_table import Goal, Table

from kg.prefixes import PREFIXES
from kg.store import Store
from server import free_port, running

BASE = "http://bench.example/"
HEAD = "".join(f"PREFIX {name}: <{PREFIXES[name]}> " for name in ("schema", "sem", "nkg", "skos", "rdfs"))
# An article of the generator has this many quads, and about this many articles name a person.
PER_ARTICLE, PER_PERSON = 53, 10
TIMEOUT = 10
CLIENTS, TAIL_CLIENTS = 8, 4
OXIGRAPH, RDFLIB = "oxigraph serve", "rdflib-endpoint"
QUERIES = {
    "join": "SELECT ?e ?name ?place { ?e sem:hasActor ?p ; sem:hasPlace ?w ; sem:hasBeginTimeStamp '2031-01-05' . "
    "?p skos:prefLabel ?name . ?w skos:prefLabel ?place }",
    "count": "SELECT (COUNT(*) AS ?n) { ?s a nkg:Statement ; nkg:speaker <" + BASE + "person/1> }",
    "group": "SELECT ?w (COUNT(?e) AS ?n) { ?e a sem:Event ; sem:hasPlace ?w } GROUP BY ?w ORDER BY DESC(?n) LIMIT 20",
    "10,000 rows": "SELECT ?s ?p ?text { ?s nkg:speaker ?p ; schema:text ?text } LIMIT 10000",
}
POINT = "SELECT ?p ?o {{ <" + BASE + "person/{}> ?p ?o }}"
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def quads(count: int) -> Iterator[ox.Quad]:
    """Articles with events, statements and the people and places they name; the same for the same count."""
    choose = random.Random(1)
    articles = max(count // PER_ARTICLE, 10)
    people, places = max(articles // PER_PERSON, 5), max(articles // 100, 5)

    def iri(name: str) -> ox.NamedNode:
        prefix, colon, local = name.partition(":")
        return ox.NamedNode(PREFIXES[prefix] + local if colon else BASE + name)

    def rows(graph: str, subject: str, *pairs: tuple[str, str | ox.Literal]) -> Iterator[ox.Quad]:
        for predicate, value in pairs:
            yield ox.Quad(iri(subject), iri(predicate), iri(value) if isinstance(value, str) else value, iri(graph))

    for kind, total, type_ in (("person", people, "schema:Person"), ("place", places, "schema:Place")):
        for number in range(total):
            label = ox.Literal(f"{kind} number {number}", language="en")
            yield from rows("graph/entities", f"{kind}/{number}", ("rdf:type", type_), ("skos:prefLabel", label))
    for number in range(articles):
        name = f"article/{number}"
        day = ox.Literal(f"2031-{number % 12 + 1:02}-{number % 28 + 1:02}")
        yield from rows(name, name, ("rdf:type", "schema:NewsArticle"), ("schema:datePublished", day))
        for part in range(3):
            person, place = f"person/{choose.randrange(people)}", f"place/{int(places * choose.random() ** 3)}"
            words = ox.Literal(f"what is said in {number}, part {part}: " + "word " * choose.randrange(5, 25))
            yield from rows(
                name,
                f"event/{number}-{part}",
                ("rdf:type", "sem:Event"),
                ("rdf:type", "nkg:Meeting"),
                ("sem:hasActor", person),
                ("sem:hasActor", f"person/{choose.randrange(people)}"),
                ("sem:hasPlace", place),
                ("sem:hasBeginTimeStamp", day),
                ("rdfs:label", ox.Literal(f"meeting {part}", language="en")),
                ("prov:wasDerivedFrom", f"{name}#char={part * 100},{part * 100 + 90}"),
            )
            yield from rows(
                name,
                f"{name}#statement-{part}",
                ("rdf:type", "nkg:Statement"),
                ("nkg:speaker", person),
                ("schema:text", words),
                ("prov:wasAttributedTo", person),
                ("prov:wasDerivedFrom", f"{name}#char={part * 100},{part * 100 + 90}"),
                ("schema:mentions", place),
            )
            yield from rows(name, name, ("schema:mentions", person), ("schema:mentions", place))


@dataclass(slots=True)
class Target:
    """A server that runs: its name, the address of its endpoint, and how to start it again, if that may be needed."""

    name: str
    endpoint: str
    program: Program | None = None
    falls: int = 0

    def check(self) -> bool:
        """True if the server still runs; else it is started again."""
        if self.program is None or self.program.runs():
            return True
        self.falls += 1
        self.program.start()
        return False


class Client:
    """One connection kept open; the least that can read an HTTP/1.1 answer, so that the client is not what is measured."""

    def __init__(self, target: Target) -> None:
        self._at = urlsplit(target.endpoint)
        self._connect()

    def _connect(self) -> None:
        self._socket = socket.create_connection((self._at.hostname, self._at.port), timeout=120)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb", 1 << 18)

    def ask(self, query: str) -> tuple[int, int]:
        """Status and number of bytes of the answer; status 0 if the connection broke."""
        target = f"{self._at.path}?{urlencode({'query': HEAD + query})}"
        head = f"GET {target} HTTP/1.1\r\nHost: {self._at.netloc}\r\nAccept: application/sparql-results+json\r\n\r\n"
        try:
            self._socket.sendall(head.encode())
            return self._answer()
        except (OSError, ValueError, IndexError):
            with suppress(OSError):  # it may not run any more
                self._connect()
            return 0, 0

    def _answer(self) -> tuple[int, int]:
        status = int(self._file.readline().split()[1])
        headers = {}
        while (line := self._file.readline().strip()) != b"":
            name, _, value = line.partition(b":")
            headers[name.lower()] = value.strip().lower()
        size = 0
        if headers.get(b"transfer-encoding") == b"chunked":
            while length := int(self._file.readline(), 16):
                size += len(self._file.read(length))
                self._file.readline()
            self._file.readline()
        else:
            size = len(self._file.read(int(headers[b"content-length"])))
        if headers.get(b"connection") == b"close":
            self._connect()
        return status, size


def point(choose: random.Random, people: int) -> str:
    """A query for all that is said of one person."""
    return POINT.format(choose.randrange(people))


def latencies(targets: list[Target], make: Callable[[], str], times: int) -> dict[str, list[float]]:
    """Milliseconds of each server, the servers in turns, one connection each. The order is another each time: who comes after a
    server that takes long finds the processor's caches full of that one's data, and pays for it."""
    clients = {target.name: Client(target) for target in targets}
    shuffle = random.Random(3).shuffle
    found: dict[str, list[float]] = {target.name: [] for target in targets}
    warm = max(times // 10, 1)
    for number in range(times + warm):
        query, order = make(), list(targets)
        shuffle(order)
        for target in order:
            begin = time.perf_counter()
            status, _ = clients[target.name].ask(query)
            taken = (time.perf_counter() - begin) * 1000
            if status != 200:
                if target.check():
                    raise SystemExit(f"{target.name} answers {query} with {status}")
                clients[target.name] = Client(target)
            elif number >= warm:
                found[target.name].append(taken)
    return found


@dataclass(frozen=True, slots=True)
class Load:
    """What clients got that asked one after another: milliseconds of each answer, and all clients' answers per second,
    each client's until the last answer it got, since a server that has fallen over is not slow but silent."""

    answers: list[float]
    rate: float


def _load(
    target: Target, seed: int, people: int, seconds: float, out: multiprocessing.Queue[tuple[list[float], float]]
) -> None:
    choose, found = random.Random(seed), []
    begun = last = time.perf_counter()
    with suppress(OSError):  # a server that has fallen over answers nothing more
        client = Client(target)
        while (begin := time.perf_counter()) < begun + seconds:
            if client.ask(point(choose, people))[0] == 200:
                last = time.perf_counter()
                found.append((last - begin) * 1000)
            elif target.program is not None:
                Client(target)
    out.put((found, last - begun))


def _slow(target: Target, seconds: float) -> None:
    with suppress(OSError):
        client, end = Client(target), time.perf_counter() + seconds
        while time.perf_counter() < end:
            client.ask(SLOW)


def under_load(target: Target, clients: int, people: int, seconds: float, slow: bool = False) -> Load:
    """What clients in processes of their own get in that time; a server that fell over is started again for the next."""
    out: multiprocessing.Queue[tuple[list[float], float]] = multiprocessing.Queue()
    processes = [
        multiprocessing.Process(target=_load, args=(target, seed, people, seconds, out)) for seed in range(clients)
    ]
    if slow:
        hog = multiprocessing.Process(target=_slow, args=(target, seconds))
        hog.start()
        time.sleep(0.3)
    for process in processes:
        process.start()
    # Past this, something is wrong with the server, not with the measurement.
    found = [out.get(timeout=seconds + 120) for _ in processes]
    for process in processes:
        process.join()
    if slow:
        hog.kill()
        hog.join()
    target.check()
    return Load(
        answers=[value for answers, _ in found for value in answers],
        rate=sum(len(answers) / taken for answers, taken in found if answers),
    )


class Program:
    """A program that is a server on a port; can be started again."""

    def __init__(self, command: list[str], port: int, patience: float) -> None:
        self._command, self._port, self._patience = command, port, patience
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Starts it and waits until it listens."""
        self.close()
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + self._patience
        while self._process.poll() is None and time.monotonic() < end:
            if self._listens():
                return
            time.sleep(0.2)
        raise SystemExit(f"{self._command[0]} did not start")

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self._port), timeout=5).close()
        except OSError:
            return False
        return True

    def runs(self) -> bool:
        """True if it has not ended and takes connections."""
        return self._process is not None and self._process.poll() is None and self._listens()

    def close(self) -> None:
        """Ends it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def load(folder: Path, count: int, oxigraph: str | None) -> None:
    """Generates the data and loads them, unless they are there from before."""
    done, data = folder / f"done-{count}-{bool(oxigraph)}", folder / "data.nq"
    if done.exists():
        return
    ox.serialize(quads(count), data, format=ox.RdfFormat.N_QUADS)
    with Store.open(folder / "store", base=BASE, create=True) as store:
        store.quads.bulk_load(path=data, format=ox.RdfFormat.N_QUADS)
        store.quads.optimize()
        print(f"{len(store.quads):,} quads")
        store.publish("bench")
    if oxigraph:
        place = str(folder / "oxigraph")
        subprocess.run([oxigraph, "load", "-l", place, "-f", str(data)], check=True, capture_output=True)
        subprocess.run([oxigraph, "optimize", "-l", place], check=True, capture_output=True)
    done.touch()


def start(stack: ExitStack, folder: Path, options: argparse.Namespace) -> list[Target]:
    """Starts the servers that there are."""
    oxigraph, data = find_program(options.oxigraph), folder / "data.nq"
    load(folder, options.quads, oxigraph)
    begin = time.perf_counter()
    ours = stack.enter_context(running(folder / "store", timeout=TIMEOUT, log=folder / "log"))
    print(f"newskg answers {time.perf_counter() - begin:.2f} s after its start")
    targets = [Target("newskg", ours + "/sparql")]
    if oxigraph:
        place, port = str(folder / "oxigraph"), free_port()
        command = [oxigraph, "serve-read-only", "-l", place, "-b", f"127.0.0.1:{port}", "--union-default-graph"]
        program = stack.enter_context(closing(Program([*command, "--timeout-s", str(TIMEOUT)], port, 60)))
        targets.append(Target(OXIGRAPH, f"http://127.0.0.1:{port}/query", program))
    else:
        print("oxigraph is left out: install it (PyPI: oxigraph), or say where it is with --oxigraph")
    endpoint = find_program(options.rdflib_endpoint)
    if endpoint:
        port = free_port()
        command = [endpoint, "serve", "--host", "127.0.0.1", "--port", str(port), "--store", "Oxigraph", str(data)]
        program = stack.enter_context(closing(Program(command, port, 900)))
        targets.append(Target(RDFLIB, f"http://127.0.0.1:{port}/", program))
    else:
        print("rdflib-endpoint is left out: install it (PyPI), or say where it is with --rdflib-endpoint")
    return targets


def main() -> None:
    """Runs the measurements; ends with 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quads", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement under load")
    parser.add_argument("--times", type=int, default=300, help="point queries and counts in a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="measurements whose names contain this")
    parser.add_argument("--folder", help="keep the data here")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    parser.add_argument("--oxigraph", default="oxigraph")
    parser.add_argument("--rdflib-endpoint", default="rdflib-endpoint")
    options = parser.parse_args()
    people = max(max(options.quads // PER_ARTICLE, 10) // PER_PERSON, 5)
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        folder = Path(options.folder or scratch)
        folder.mkdir(parents=True, exist_ok=True)
        targets = start(stack, folder, options)
        table = Table([target.name for target in targets])
        choose = random.Random(2)
        for number in range(options.rounds):
            print(f"round {number + 1} of {options.rounds}", flush=True)
            measure(table, targets, options, people, choose, first=number == 0)
        text, passed = table.made()
        text += "".join(
            f"\n\n{target.name} fell over and was started again {target.falls} times."
            for target in targets
            if target.falls
        )
        print(f"\n{text}")
        if options.write:
            command = f"`python scripts/bench_server.py --quads {options.quads} --rounds {options.rounds}`"
            narrow = re.sub(r" {2,}", " ", re.sub(r"-{4,}", "---", text))  # the page is read as source too
            write("server", f"{command}, {os.cpu_count()} processors:\n\n{narrow}")
    sys.exit(0 if passed else 1)


def measure(
    table: Table, targets: list[Target], options: argparse.Namespace, people: int, choose: random.Random, *, first: bool
) -> None:
    """One round of all measurements. What takes rdflib-endpoint minutes, and has no target, it is asked in the first only."""
    short, long = options.times, max(options.times // 100, 1)
    for kind in ("point", *QUERIES):
        label = kind + ", median"
        if options.only in label:
            one = QUERIES.get(kind)
            times = short if kind in ("point", "count") else long
            asked = [target for target in targets if first or not one or target.name != RDFLIB]
            found = latencies(asked, lambda one=one: one or point(choose, people), times)  # type: ignore[misc]
            goals: tuple[Goal, ...] = (Goal(OXIGRAPH, 1.25),) if one else (Goal("", 1.0),)
            table.add(label, "ms", goals, {name: median(values) for name, values in found.items() if values})
    for clients in (1, CLIENTS):
        label = f"point, {clients} client{'s' * (clients > 1)}"
        goals = (Goal(OXIGRAPH, 0.6, True), Goal(RDFLIB, 5, True)) if clients > 1 else ()
        if options.only in label:
            found = {target.name: under_load(target, clients, people, options.seconds) for target in targets}
            table.add(label, "/s", goals, {name: load.rate for name, load in found.items() if load.answers})
    for slow in (False, True):
        label = f"p99 / median, {TAIL_CLIENTS} clients" + " beside a query that times out" * slow
        if options.only in label:
            seconds = options.seconds + TIMEOUT * slow
            asked = [target for target in targets if target.name != RDFLIB]  # it has no deadline
            found = {target.name: under_load(target, TAIL_CLIENTS, people, seconds, slow) for target in asked}
            tails = {
                name: quantiles(load.answers, n=100)[98] / median(load.answers)
                for name, load in found.items()
                if len(load.answers) > 100
            }
            table.add(label, "", (Goal("", 5.0),) if slow else (), tails)


if __name__ == "__main__":
    main()
