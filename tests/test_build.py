"""The whole way: the same store whatever the order, the number of processes or the history; and nothing lost by a kill."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.build import Report, build, remove
from kg.errors import NewskgError, UnknownName
from kg.export import export
from kg.parallel import ordered, workers
from kg.settings import BY_NAME
from kg.state import State
from kg.store import reading

MODEL = BY_NAME["model"].default
BASE = "http://example.org/news/"
TEXTS = {
    "a": "ANKARA, Feb. 7, 2023 (Example Wire) -- At least 3,419 people were killed in Türkiye, "
    "the disaster agency AFAD said on Tuesday.",
    "b": "GENEVA, Feb. 7, 2023 (Example Wire) -- Tedros Adhanom Ghebreyesus said the World Health "
    "Organization (WHO) would send teams.",
    "c": "DAMASCUS, Feb. 8, 2023 (Example Wire) -- More than 1,200 people died in Syria, the health ministry said on Wednesday.",
}


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


def run(sources: list[Path], store: Path, jobs: int = 1) -> Report:
    return build([str(s) for s in sources], store, base=BASE, model=MODEL, jobs=jobs)


def dump(store: Path) -> bytes:
    """The data as sorted N-Quads, without the one graph that has a clock."""
    with reading(store) as (database, _):
        output = io.BytesIO()
        export(database, "nquads", output)
    return b"".join(line for line in output.getvalue().splitlines(keepends=True) if b"/graph/provenance>" not in line)


def graphs(store: Path) -> set[str]:
    with reading(store) as (database, _):
        return {g.value for g in database.named_graphs() if isinstance(g, ox.NamedNode)}


def test_order_and_jobs_change_no_byte(articles: Path, tmp_path: Path) -> None:
    files = sorted(articles.iterdir())
    run([articles], tmp_path / "folder")
    run(files[::-1], tmp_path / "reversed")
    run([articles], tmp_path / "parallel", jobs=2)
    for file in files[1:] + files[:1]:
        run([file], tmp_path / "one by one")
    wanted = dump(tmp_path / "folder")
    assert len(wanted) > 10_000
    for name in ("reversed", "parallel", "one by one"):
        assert dump(tmp_path / name) == wanted, name


def test_the_same_again_changes_nothing(articles: Path, tmp_path: Path) -> None:
    first = run([articles], tmp_path / "s")
    with reading(tmp_path / "s") as (database, _):
        before = len(database)
    again = run([articles], tmp_path / "s")
    assert (again.written, again.unchanged, again.graphs, again.snapshot) == ([], 3, 0, first.snapshot)
    with reading(tmp_path / "s") as (database, _):
        assert len(database) == before


def age(folder: Path) -> None:
    """Makes the files an hour old: what was changed a moment ago is always read again."""
    for file in folder.iterdir():
        os.utime(file, (time.time() - 3600, time.time() - 3600))


def test_a_file_whose_name_is_no_text_is_read_each_time(tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    name = os.fsencode(folder) + b"/bridge-\xff.txt"
    with open(name, "w") as file:  # noqa: PTH123 - a Path takes no bytes
        file.write("Ann Example opened the bridge in Lindow on Monday.")
    os.utime(name, (time.time() - 3600, time.time() - 3600))
    for written in (1, 0):
        report = build([str(folder)], tmp_path / "store", base=BASE, model=MODEL)
        assert (len(report.written), report.unchanged) == (written, 1 - written)


def test_what_was_read_is_not_read_again(articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (articles / "lines.jsonl").write_text("\n".join(json.dumps({"id": i, "text": TEXTS["a"]}) for i in "xy"), "utf-8")
    age(articles)
    run([articles], tmp_path / "s")
    before = dump(tmp_path / "s")
    with monkeypatch.context() as patch:
        patch.setattr("kg.read._read", lambda one: pytest.fail(f"{one.source} is read again"))
        again = run([articles], tmp_path / "s")
    assert (again.written, again.unchanged, again.graphs) == ([], 5, 0)
    (articles / "b.txt").write_text(TEXTS["c"], "utf-8")
    assert run([articles], tmp_path / "s").written == ["b"]
    (articles / "b.txt").write_text(TEXTS["b"], "utf-8")
    run([articles], tmp_path / "s")
    assert dump(tmp_path / "s") == before


def test_a_file_is_read_again_when_its_article_came_from_elsewhere(articles: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.txt").write_text(TEXTS["b"], "utf-8")
    age(articles)
    run([articles], tmp_path / "s")
    before = dump(tmp_path / "s")
    assert run([other], tmp_path / "s").written == ["a"]
    assert run([articles], tmp_path / "s").written == ["a"]
    assert dump(tmp_path / "s") == before


def test_a_refused_file_is_told_again(articles: Path, tmp_path: Path) -> None:
    (articles / "empty.txt").write_bytes(b"")
    age(articles)
    assert [r.source for r in run([articles], tmp_path / "s").refused] == ["empty.txt"]
    again = run([articles], tmp_path / "s")
    assert [r.source for r in again.refused] == ["empty.txt"]
    assert again.unchanged == 3


def test_a_changed_article_replaces_its_graphs(articles: Path, tmp_path: Path) -> None:
    run([articles], tmp_path / "s")
    (articles / "a.txt").write_text(TEXTS["a"].replace("3,419", "5,894"), encoding="utf-8")
    report = run([articles], tmp_path / "s")
    assert report.written == ["a"]
    assert report.unchanged == 2
    assert b"5,894" in dump(tmp_path / "s")
    assert b"3,419" not in dump(tmp_path / "s")
    run([articles], tmp_path / "fresh")
    assert dump(tmp_path / "s") == dump(tmp_path / "fresh")


def test_a_removed_article_leaves_only_provenance(articles: Path, tmp_path: Path) -> None:
    run([articles], tmp_path / "s")
    report = remove(["c"], tmp_path / "s", model=MODEL)
    assert report.removed == ["c"]
    (articles / "c.txt").unlink()
    run([articles], tmp_path / "fresh")
    assert dump(tmp_path / "s") == dump(tmp_path / "fresh")
    assert BASE + "article/c" not in graphs(tmp_path / "s")
    remove([BASE + "article/b"], tmp_path / "s", model=MODEL)
    assert not [line for line in dump(tmp_path / "s").splitlines() if b"Ghebreyesus" in line]


def test_removing_a_stranger_removes_nothing(articles: Path, tmp_path: Path) -> None:
    run([articles], tmp_path / "s")
    before = dump(tmp_path / "s")
    with pytest.raises(UnknownName, match="no article 'zzz'"):
        remove(["a", "zzz"], tmp_path / "s", model=MODEL)
    assert dump(tmp_path / "s") == before


def test_a_bad_input_is_named_and_the_others_go_on(articles: Path, tmp_path: Path) -> None:
    (articles / "broken.txt").write_bytes(b"\x00\x01\x02\xff" * 100)
    (articles / "empty.txt").write_bytes(b"")
    told: list[str] = []
    report = build(
        [str(articles), str(tmp_path / "missing.txt")],
        tmp_path / "s",
        base=BASE,
        model=MODEL,
        refused=lambda refusal: told.append(str(refusal)),
    )
    assert sorted(report.written) == ["a", "b", "c"]
    assert len(told) == 3
    for name in ("broken.txt", "empty.txt", "missing.txt"):
        assert any(name in message for message in told), told


def test_no_blank_nodes(articles: Path, tmp_path: Path) -> None:
    run([articles], tmp_path / "s")
    with reading(tmp_path / "s") as (database, _):
        terms = {type(term) for quad in database for term in (quad.subject, quad.object, quad.graph_name)}
    assert ox.BlankNode not in terms
    assert ox.DefaultGraph not in terms


def test_provenance_names_versions_and_articles(articles: Path, tmp_path: Path) -> None:
    run([articles], tmp_path / "s")
    query = """PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX schema: <https://schema.org/>
        SELECT ?article ?software ?version WHERE { GRAPH ?g {
          ?article prov:wasGeneratedBy ?build . ?build a prov:Activity ; prov:startedAtTime ?t ; prov:wasAssociatedWith ?software .
          ?software schema:softwareVersion ?version } }"""
    with reading(tmp_path / "s") as (database, _):
        rows = [(row["article"].value, row["software"].value) for row in database.query(query)]
    assert {article for article, _ in rows} == {BASE + "article/" + name for name in TEXTS}
    assert {software.split("/software/")[1].split("-")[0] for _, software in rows} == {"newskg", "model", "ontology"}


def _kill_while(command: list[str], ready: Callable[[], bool]) -> None:
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 60
    while not ready() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    with suppress(ProcessLookupError):  # it may have come to its end meanwhile
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.parametrize("moment", ["state.sqlite", "live", "current"])
def test_a_killed_build_is_taken_up(articles: Path, tmp_path: Path, moment: str) -> None:
    store = tmp_path / "s"
    command = [sys.executable, "-m", "kg", "build", str(articles), "--store", str(store), "--base", BASE]
    _kill_while(command, lambda: (store / moment).exists())
    run([articles], store)
    run([articles], tmp_path / "fresh")
    assert dump(store) == dump(tmp_path / "fresh")


# A shell sees 130 for both: Python ends itself by the signal where it came while code was made by `exec`, as data classes are.
STOPPED = (130, -signal.SIGINT)


def test_an_interrupted_build_keeps_what_it_read(tmp_path: Path) -> None:
    """Ctrl-C: the process ends in order, with what was extracted kept; the next run goes on from there."""
    articles = tmp_path / "many.jsonl"
    texts = [TEXTS["abc"[i % 3]].replace("3,419", f"{3419 + i:,}") for i in range(150)]
    articles.write_text("\n".join(json.dumps({"id": f"n{i}", "text": t}) for i, t in enumerate(texts)), "utf-8")
    store = tmp_path / "s"
    command = [sys.executable, "-m", "kg", "build", str(articles), "--store", str(store), "--base", BASE, "--jobs", "2"]
    # What a shell runs in the background without job control ignores Ctrl-C, and so does all that it starts.
    command[:0] = ["env", "--default-signal=INT"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)

    def kept() -> int:
        if not (store / "state.sqlite").exists():
            return 0
        with State(store) as state:
            return len(state.keys())

    deadline = time.monotonic() + 120
    while not kept() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all processes of the group
    _, told = process.communicate(timeout=60)
    assert process.returncode in STOPPED, told
    assert "Traceback" not in told
    assert "the same command goes on" in told
    before = kept()
    assert 0 < before < 150
    report = run([articles], store)
    assert len(report.written) == 150 - before
    run([articles], tmp_path / "fresh")
    assert dump(store) == dump(tmp_path / "fresh")


def test_workers_end_with_a_build_that_is_killed(tmp_path: Path) -> None:
    articles = tmp_path / "many.jsonl"
    articles.write_text(
        "\n".join(json.dumps({"id": f"n{i}", "text": TEXTS["a"] + f" No. {i}."}) for i in range(80)), "utf-8"
    )
    command = [sys.executable, "-m", "kg", "build", str(articles), "--store", str(tmp_path / "s"), "--jobs", "2"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)

    def children() -> list[Path]:
        tasks = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        return [Path("/proc") / pid for pid in tasks.read_text().split()] if tasks.exists() else []

    deadline = time.monotonic() + 120
    while len(found := children()) < 3 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)  # two workers, and what tracks their resources
    assert len(found) == 3
    process.kill()
    process.wait()
    while any(child.exists() for child in found) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(child.exists() for child in found)


def test_a_worker_that_is_ended_from_outside_is_said() -> None:
    with pytest.raises(NewskgError, match="fewer --jobs"), workers(2) as pool:
        list(ordered(pool, os._exit, [1]))
