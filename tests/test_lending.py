"""Connections lent to the workers: every answer is the one that the long way gives, whatever happens in between."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sample import BASE, make_store

from server import running

TOKEN = "lending"
TIMEOUT = 4
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
LONG = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
PEOPLE = "SELECT ?s { ?s a <https://schema.org/Person> } ORDER BY ?s"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lending") / "log"


@pytest.fixture(scope="module")
def server(log: Path) -> Iterator[tuple[str, int]]:
    with running(make_store(log.parent / "store"), TOKEN, log=log, timeout=TIMEOUT, max_body=1) as address:
        host, _, port = address.removeprefix("http://").partition(":")
        yield host, int(port)


@pytest.fixture
def connection(server: tuple[str, int]) -> Iterator[http.client.HTTPConnection]:
    found = http.client.HTTPConnection(*server, timeout=30)
    yield found
    found.close()


def path(query: str, **more: str) -> str:
    return "/sparql?" + urlencode({"query": query, **more})


def ask(
    connection: http.client.HTTPConnection, where: str, method: str = "GET", body: str = "", **headers: str
) -> tuple[int, http.client.HTTPMessage, bytes]:
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    connection.request(method, where, body.encode() or None, names)
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


def raw(server: tuple[str, int]) -> socket.socket:
    return socket.create_connection(server, timeout=30)


def head(where: str, *lines: str, method: str = "GET") -> bytes:
    return "\r\n".join([f"{method} {where} HTTP/1.1", "Host: x", *lines, "", ""]).encode()


def read_all(found: socket.socket) -> bytes:
    parts = []
    while part := found.recv(1 << 16):
        parts.append(part)
    return b"".join(parts)


def children(parent: int) -> list[int]:
    """Process ids of a process' children."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if int((process / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(process.name))
        except OSError:
            continue
    return sorted(found)


def forks() -> int:
    """Process id of what the workers of this test's server are forked from."""
    for process in children(os.getpid()):
        command = Path(f"/proc/{process}/cmdline").read_bytes()
        if b"kg.web.serve" in command and b"lending" in command:
            return next(it for it in children(process) if b"kg.query.forks" in Path(f"/proc/{it}/cmdline").read_bytes())
    raise AssertionError("the server has no process to fork workers from")


def workers() -> list[int]:
    """Process ids of this test's query workers."""
    return children(forks())


def alive(process: int) -> bool:
    """True if a process has not ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def busy(process: int) -> bool:
    """True if a process computes."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "R"
    except OSError:
        return False


@pytest.mark.parametrize(
    "query", [PEOPLE, "ASK {}", "CONSTRUCT WHERE { ?s a ?o }", LONG + " LIMIT 2500", "SELECT (NOW() AS ?n) {}"]
)
@pytest.mark.parametrize("coding", ["", "gzip", "br"])
def test_the_short_way_answers_as_the_long_one(connection: http.client.HTTPConnection, query: str, coding: str) -> None:
    headers = {"Accept_Encoding": coding} if coding else {}
    short = ask(connection, path(query), **headers)
    long = ask(connection, path(query), **headers, X_Unknown="1")  # a header that no plain request has
    frame = ("Date", "Content-Length", "Transfer-Encoding", "Connection")
    kept = [
        sorted((name.lower(), text) for name, text in answer[1].items() if name not in frame)
        for answer in (short, long)
    ]
    assert short[0] == long[0] == 200
    if "NOW" in query:
        assert "ETag" not in short[1]
    elif not coding:
        assert short[2] == long[2]
    assert kept[0] == kept[1]


def test_one_connection_for_everything(connection: http.client.HTTPConnection) -> None:
    auth = {"Authorization": "Bearer " + TOKEN, "Content_Type": "application/sparql-update"}
    for number in range(3):
        assert b"false" in ask(connection, path(f"ASK {{ <urn:s{number}> ?p ?o }}"))[2]
        status, _, _ = ask(connection, "/update", "POST", f"INSERT DATA {{ <urn:s{number}> <urn:p> 1 }}", **auth)
        assert status == 204
        assert b"true" in ask(connection, path(f"ASK {{ <urn:s{number}> ?p ?o }}"))[2]
        assert ask(connection, "/ontology", Accept="text/turtle")[0] == 200
        status, headers, body = ask(connection, path("SELECT * { ?s"))
        assert (status, headers["Content-Type"]) == (400, "application/json")
        assert "well-formed" in json.loads(body)["error"]
        assert ask(connection, path("ASK {}", format="png"))[0] == 406
        assert ask(connection, path("ASK {}", format="html"))[1]["Content-Type"].startswith("text/html")
        _, headers, _ = ask(connection, path(PEOPLE))
        assert ask(connection, path(PEOPLE), If_None_Match=headers["ETag"])[0] == 304
        form = urlencode({"query": PEOPLE, "format": "csv"})
        found = ask(connection, "/sparql", "POST", form, Content_Type="application/x-www-form-urlencoded")
        assert found[2].startswith(f"s\r\n{BASE}person/ilse-varn\r\n".encode())
        found = ask(connection, "/sparql?format=csv", "POST", PEOPLE, Content_Type="application/sparql-query")
        assert found[2].startswith(f"s\r\n{BASE}person/ilse-varn\r\n".encode())


def test_a_request_in_pieces_and_two_at_once(server: tuple[str, int]) -> None:
    data = head(path("ASK {}"), "Connection: close")
    with raw(server) as found:
        for place in range(0, len(data), 20):
            found.sendall(data[place : place + 20])
            time.sleep(0.01)
        assert read_all(found).endswith(b'"boolean":true}')
    with raw(server) as found:
        found.sendall(head(path("ASK {}")) + head(path("ASK { <urn:none> ?p ?o }"), "Connection: close"))
        answers = read_all(found)
        assert answers.index(b'"boolean":true}') < answers.index(b'"boolean":false}')


def test_a_client_that_closes_and_one_that_asks_to(server: tuple[str, int]) -> None:
    with raw(server) as found:
        found.sendall(head(path("ASK {}"), "Connection: close"))
        assert b"Connection: close" in read_all(found)
    for _ in range(5):
        with raw(server) as found:
            found.sendall(head(path(LONG + " LIMIT 5000")))
            found.recv(100)  # and away
    with raw(server) as found:
        found.sendall(head(path("ASK {}"), "Connection: close"))
        assert b" 200 OK" in read_all(found)


def test_the_deadline_is_told_and_others_go_on(server: tuple[str, int], log: Path) -> None:
    """A worker at a long query loses the connections beside it within milliseconds, and its own at the deadline."""
    while any(busy(process) for process in workers()):  # with what other tests have left
        time.sleep(0.1)
    quick = [http.client.HTTPConnection(*server, timeout=30) for _ in range(6)]
    for connection in quick:
        assert ask(connection, path("ASK {}"))[0] == 200
    told: list[tuple[int, http.client.HTTPMessage, bytes]] = []
    slow = http.client.HTTPConnection(*server, timeout=30)
    assert ask(slow, path("ASK {}"))[0] == 200
    thread = threading.Thread(target=lambda: told.append(ask(slow, path(SLOW))))
    thread.start()
    begin, taken = time.monotonic(), []
    while time.monotonic() - begin < TIMEOUT * 0.7:
        for connection in quick:
            before = time.monotonic()
            assert ask(connection, path(PEOPLE))[0] == 200
            taken.append(time.monotonic() - before)
    thread.join(30)
    status, headers, body = told[0]
    assert status == 504
    assert "longer" in json.loads(body)["error"]
    assert headers["Content-Type"] == "application/json"
    assert max(taken) < TIMEOUT / 2
    assert ask(slow, path("ASK {}"))[0] == 200  # the same connection
    assert "DeadlineExceeded" in log.read_text()
    for connection in [*quick, slow]:
        connection.close()


def test_workers_that_die_are_not_noticed(server: tuple[str, int]) -> None:
    connections = [http.client.HTTPConnection(*server, timeout=30) for _ in range(4)]
    for _ in range(3):
        for connection in connections:
            assert ask(connection, path("ASK {}"))[0] == 200
        # A worker says that it is done a moment after its answer; one that dies in between takes the connection along.
        time.sleep(0.1)
        for process in workers():
            os.kill(process, signal.SIGKILL)
        for connection in connections:
            assert ask(connection, path(PEOPLE))[0] == 200
    for connection in connections:
        connection.close()


def test_the_process_that_is_forked_may_die_too(server: tuple[str, int]) -> None:
    """Its workers end too, but not in the middle of an answer."""
    old, wrong = set(workers()), []
    assert len(old) >= 2
    ended = threading.Event()

    def client() -> None:
        connection = http.client.HTTPConnection(*server, timeout=30)
        try:
            while not ended.is_set():
                assert ask(connection, path(PEOPLE))[0] == 200
        except Exception as error:
            wrong.append(error)
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(4)]
    for thread in threads:
        thread.start()
    os.kill(forks(), signal.SIGKILL)
    begin = time.monotonic()
    while any(alive(process) for process in old) and time.monotonic() - begin < 10:
        time.sleep(0.1)
    time.sleep(0.3)  # with those that have taken their place
    ended.set()
    for thread in threads:
        thread.join(30)
    assert not wrong
    assert not any(alive(process) for process in old)
    assert len(workers()) >= 2


def test_a_long_query_gives_way(server: tuple[str, int]) -> None:
    """A worker at a long query is put behind everything else, another takes its place, and it ends with that query."""
    quick, slow = (http.client.HTTPConnection(*server, timeout=30) for _ in range(2))
    before = workers()
    thread = threading.Thread(target=lambda: ask(slow, path(SLOW)))
    thread.start()
    begin = time.monotonic()
    while time.monotonic() - begin < TIMEOUT / 2:
        assert ask(quick, path("ASK {}"))[0] == 200
        time.sleep(0.01)
    behind = [process for process in workers() if os.sched_getscheduler(process) == os.SCHED_IDLE]
    assert len(behind) == 1
    assert len(workers()) == len(before) + 1
    thread.join(30)
    begin = time.monotonic()
    while len(workers()) > len(before) and time.monotonic() - begin < 10:
        time.sleep(0.1)  # one that everything else goes before takes its time to end where the machine is full
    assert len(workers()) == len(before)
    assert ask(slow, path("ASK {}"))[0] == 200
    for found in (quick, slow):
        found.close()


def test_unread_answers_hold_no_worker(server: tuple[str, int]) -> None:
    """Short answers that their client does not take wait in the server; the workers go on."""
    times, where = 40, path(LONG + " LIMIT 400")
    connection = http.client.HTTPConnection(*server, timeout=TIMEOUT)
    whole = ask(connection, where)
    size = int(whole[1]["Content-Length"])
    lazy = [raw(server), raw(server)]
    for _ in range(times):  # more than the system's buffers take
        for found in lazy:
            found.sendall(head(where))
        assert ask(connection, path("ASK {}"))[0] == 200
    for found in lazy:
        found.sendall(head(path("ASK {}"), "Connection: close"))
        answers = read_all(found).split(b"HTTP/1.1 200 OK\r\n")[1:]
        assert len(answers) == times + 1
        assert {answer.partition(b"\r\n\r\n")[2] for answer in answers[:-1]} == {whole[2]}
        assert answers[-1].endswith(b'"boolean":true}')
        assert len(whole[2]) == size
        found.close()
    connection.close()


def test_many_clients_of_all_kinds(server: tuple[str, int]) -> None:
    wrong: list[object] = []

    def client(number: int) -> None:
        connection = http.client.HTTPConnection(*server, timeout=60)
        try:
            for turn in range(15):
                value = number * 1000 + turn
                where = ["/queries/articles.csv", "/", "/health", "/data?default"][turn % 4]
                if turn % 5 == 4 and ask(connection, where)[0] != 200:
                    wrong.append(where)
                _, _, body = ask(connection, path(f"SELECT ({value} AS ?v) {{}}", format="csv"))
                if body != f"v\r\n{value}\r\n".encode():
                    wrong.append((value, body))
        except Exception as error:
            wrong.append(error)
        connection.close()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not wrong


def test_every_query_is_in_the_log_and_in_the_metrics(connection: http.client.HTTPConnection, log: Path) -> None:
    def counted() -> int:
        lines = ask(connection, "/metrics")[2].decode().splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("newskg_query_seconds_count")))

    def settled() -> int:  # a worker counts, and writes its line, a moment after its answer
        found, again = -1, counted()
        while found != again:
            time.sleep(0.2)
            found, again = again, counted()
        return found

    before, length = settled(), len(log.read_text())
    ask(connection, path(PEOPLE))
    ask(connection, path(PEOPLE), X_Unknown="1")
    ask(connection, path("SELECT * {"))
    assert settled() == before + 3
    lines = [line.split() for line in log.read_text()[length:].splitlines() if " query " in line]
    assert [line[-3:] for line in lines] == [["2", "rows", "ok"], ["2", "rows", "ok"], ["?", "rows", "QueryError"]]
    assert lines[0][2] == lines[1][2] != lines[2][2]


def test_workers_hold_no_listening_socket(server: tuple[str, int]) -> None:
    for process in workers():
        names = [str(link.readlink()) for link in Path(f"/proc/{process}/fd").iterdir()]
        assert sum(name.startswith("socket:") for name in names) <= 3, names  # the parent's, and leases just ended
