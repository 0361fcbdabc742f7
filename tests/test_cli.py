"""The commands as a user types them: what they print, where, and the exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kg.cli import main
from kg.cli.options import Progress, clock

TEXT = (
    "ANKARA, Feb. 7, 2023 (Example Wire) -- At least 3,419 people were killed in Türkiye, "
    "the disaster agency AFAD said on Tuesday."
)


def kg(*arguments: str | Path, stdin: str | None = None, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kg", *map(str, arguments)], input=stdin, capture_output=True, text=True, cwd=cwd
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    (folder / "a.txt").write_text(TEXT, encoding="utf-8")
    done = kg("build", folder / "a.txt", "--store", folder / "store", "--base", "http://example.org/")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "1 articles read" in done.stderr
    return folder / "store"


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_has_help_with_an_example(command: str) -> None:
    done = kg(command, "--help")
    assert done.returncode == 0
    assert f"Example: kg {command}" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    "arguments",
    [
        ["frobnicate"],
        ["build"],
        ["build", "x.txt"],
        ["export", "--store", "s"],
        ["export", "--store", "s", "--format", "word"],
        ["build", "x.txt", "--store", "s", "--jobs", "0"],
        ["serve", "--store", "s", "--port", "many"],
        ["query", "--store", "s"],
    ],
)
def test_wrong_usage_exits_with_2(arguments: list[str], tmp_path: Path) -> None:
    done = kg(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert "Usage:" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    "command", [["export", "--format", "nquads"], ["stats"], ["validate"], ["remove", "a"], ["query", "-"]]
)
def test_a_store_that_is_not_there_is_named(command: list[str], tmp_path: Path) -> None:
    done = kg(command[0], "--store", tmp_path / "nowhere", *command[1:], stdin="ASK {}")
    assert done.returncode == 1
    assert "nowhere is not a newskg store: make one with" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_address_of_a_server_without_a_folder_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSKG_WORK", str(tmp_path / "none"))
    done = kg("stats", "--store", "http://127.0.0.1:9/")
    assert done.returncode == 1
    assert "NEWSKG_WORK" in done.stderr
    assert "kg build SOURCE --store http://127.0.0.1:9/" in done.stderr


def test_refused_inputs_exit_with_3(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "empty.txt").write_text("")
    done = kg("extract", tmp_path)
    assert done.returncode == 3
    assert "refused empty.txt" in done.stderr
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["good"]


def test_nothing_to_read_exits_with_1(tmp_path: Path) -> None:
    done = kg("build", tmp_path / "missing.txt", "--store", tmp_path / "s")
    assert done.returncode == 1
    assert "missing.txt" in done.stderr


def test_records_come_from_standard_input(tmp_path: Path) -> None:
    done = kg("extract", "-", stdin=TEXT)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["text"] == TEXT


def test_another_language_is_set_aside_with_a_note(tmp_path: Path) -> None:
    text = (
        "Der Minister sagte am Montag, dass die Gespräche in Wien weitergehen und dass noch kein Datum dafür feststeht."
    )
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    done = kg("extract", tmp_path / "a.txt")
    record = json.loads(done.stdout)
    assert done.returncode == 0
    assert (record["lang"], record["text"], record["entities"], record["timex"]) == ("de", text, [], [])
    assert "a.txt" in done.stderr
    assert "in the language 'de'" in done.stderr


def test_export_is_sorted_and_repeatable(store: Path, tmp_path: Path) -> None:
    once = kg("export", "--store", store, "--format", "nquads")
    kg("export", "--store", store, "--format", "nquads", "-o", tmp_path / "x.nq")
    assert once.stdout == (tmp_path / "x.nq").read_text(encoding="utf-8")
    graph = "http://example.org/article/a"
    lines = kg("export", "--store", store, "--format", "nquads", "--graph", graph).stdout.splitlines()
    assert lines == sorted(lines)
    assert all(f"<{graph}>" in line for line in lines)


def test_a_pipe_is_written_to_and_never_replaced(store: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with (tmp_path / "copy").open("wb") as copy, subprocess.Popen(["cat", str(pipe)], stdout=copy) as reader:
        done = kg("export", "--store", store, "--format", "nquads", "-o", pipe)
        reader.terminate() if done.returncode else reader.wait(timeout=60)
    assert (tmp_path / "copy").read_text(encoding="utf-8") == kg(
        "export", "--store", store, "--format", "nquads"
    ).stdout
    assert pipe.is_fifo()
    assert "no regular file" in kg("backup", store, pipe).stderr
    assert pipe.is_fifo()


@pytest.mark.parametrize("name", ["turtle", "trig", "nquads", "ntriples", "jsonld", "rdfxml"])
def test_every_format_parses(store: Path, name: str) -> None:
    import pyoxigraph as ox

    formats = {
        "turtle": ox.RdfFormat.TURTLE,
        "trig": ox.RdfFormat.TRIG,
        "nquads": ox.RdfFormat.N_QUADS,
        "ntriples": ox.RdfFormat.N_TRIPLES,
        "jsonld": ox.RdfFormat.JSON_LD,
        "rdfxml": ox.RdfFormat.RDF_XML,
    }
    done = kg("export", "--store", store, "--format", name, "--graph", "http://example.org/article/a")
    assert done.returncode == 0, done.stderr
    assert len(list(ox.parse(done.stdout.encode(), formats[name]))) > 5


def test_an_unknown_graph_is_named(store: Path) -> None:
    done = kg("export", "--store", store, "--format", "turtle", "--graph", "http://nobody.example/")
    assert done.returncode == 1
    assert "http://nobody.example/" in done.stderr


def test_a_query_from_standard_input(store: Path) -> None:
    query = "SELECT ?h WHERE { ?a <https://schema.org/inLanguage> ?h }"
    assert kg("query", "--store", store, "-", stdin=query).stdout.split() == ["h", "en"]
    assert (
        json.loads(kg("query", "--store", store, "-", "--format", "json", stdin=query).stdout)["results"]["bindings"][
            0
        ]["h"]["value"]
        == "en"
    )
    assert kg("query", "--store", store, "-", "--format", "csv", stdin=query).stdout.split() == ["h", "en"]


@pytest.mark.parametrize(
    ("query", "words"), [("SELECT WHERE", "not well-formed"), ("ASK { SERVICE <http://127.0.0.1:9/> {} }", "SERVICE")]
)
def test_a_bad_query_is_refused(store: Path, query: str, words: str) -> None:
    done = kg("query", "--store", store, "-", stdin=query)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_saved_query_names_those_there_are(store: Path) -> None:
    done = kg("query", "--store", store, "no-such-query")
    assert done.returncode == 1
    assert "no-such-query" in done.stderr


def test_stats_count_articles(store: Path) -> None:
    counts = json.loads(kg("stats", "--store", store, "--format", "json").stdout)["counts"]
    assert {"group": "class", "what": "schema:NewsArticle", "count": 1} in counts
    assert "schema:NewsArticle" in kg("stats", "--store", store).stdout


def test_the_store_of_a_build_validates(store: Path) -> None:
    done = kg("validate", "--store", store)
    assert done.returncode == 0, done.stdout


def test_another_base_is_refused(store: Path, tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text(TEXT, encoding="utf-8")
    done = kg("build", tmp_path / "b.txt", "--store", store, "--base", "http://other.example/")
    assert done.returncode == 1
    assert "has the base http://example.org/" in done.stderr


def test_progress_says_how_fast_and_how_long() -> None:
    progress = Progress()
    progress._stage = "extract"
    assert progress.line(30, None, 0.5) == "extract: 30 articles"
    assert progress.line(30, None, 10) == "extract: 30 articles, 3.0 a second"
    assert progress.line(30, 60, 10) == "extract: 30 of 60 articles, 3.0 a second, 10 s left"
    assert [clock(s) for s in (3, 600, 11_100)] == ["3 s", "10 min", "3 h 05 min"]


def test_progress_tells_no_rate_of_steps_that_differ() -> None:
    progress = Progress()
    progress._stage = "relate"
    assert progress.line(1, 4, 90) == "relate: 1 of 4 kinds of relations"
    progress._stage = "merge"
    assert progress.line(120_000, None, 90) == "merge: 120,000 quads in the files of the store"
