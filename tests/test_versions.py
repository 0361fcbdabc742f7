"""An article that changes under its own identifier: its earlier version stays, with its claims, and is revised."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox

from kg.build import build, remove
from kg.query.saved import load_queries
from kg.records import Extraction, Figure
from kg.settings import BY_NAME
from kg.state import State
from kg.store import reading
from kg.versions import versions_of, with_versions
from kg.vocabulary import Comparator, Measure, Scope

MODEL = BY_NAME["model"].default
BASE = "http://example.org/news/"
TEXT = "ANKARA, Feb. 7, 2023 (Example Wire) -- At least 3,419 people were killed in Türkiye since Monday, AFAD said."


def record(sha: str, event: str | None = "event/1") -> Extraction:
    count = Figure(
        number=(0, 1),
        comparator=Comparator.EXACTLY,
        measure=Measure.KILLED,
        evidence=(0, 1),
        value=int(sha),
        scope=Scope.TOTAL,
        place="place/chad",
        event=event,
    )
    return Extraction(id="a", source="a.txt", sha256=sha, text="x", date="2023-02-07", figures=(count,))


def put(state: State, one: Extraction, keep: int) -> None:
    state.put(list(with_versions(state, [("key", one)], keep)))


def test_the_record_of_a_changed_text_stays_under_a_number(tmp_path: Path) -> None:
    with State(tmp_path) as state:
        for sha in ("1", "2", "3"):
            put(state, record(sha), keep=5)
        assert versions_of(state, "a") == ["a@version-2", "a@version-1"]
        first = state.record("a@version-1")
        assert first is not None
        assert (first.sha256, first.figures[0].value) == ("1", 1)
        assert first.figures[0].event not in (None, "event/1")


def test_no_more_versions_stay_than_are_wanted(tmp_path: Path) -> None:
    with State(tmp_path) as state:
        for sha in ("1", "2", "3", "4", "5"):
            put(state, record(sha), keep=2)
        assert versions_of(state, "a") == ["a@version-4", "a@version-3"]
        assert sorted(state.keys()) == ["a", "a@version-3", "a@version-4"]


def test_the_same_text_makes_no_version_and_loses_none(tmp_path: Path) -> None:
    with State(tmp_path) as state:
        for sha in ("1", "2", "2"):
            put(state, record(sha), keep=5)
        assert versions_of(state, "a") == ["a@version-1"]
        put(state, record("3"), keep=0)
        assert versions_of(state, "a") == []


def triples(store: Path) -> set[tuple[str, str, str]]:
    with reading(store) as (database, _):
        return {
            (str(q.subject.value), q.predicate.value.rpartition("#")[2], str(q.object.value))
            for q in database
            if isinstance(q.subject, ox.NamedNode) and isinstance(q.object, (ox.NamedNode, ox.Literal))
        }


def test_a_correction_supersedes_and_keeps_its_claims(tmp_path: Path) -> None:
    article, store = tmp_path / "a.txt", tmp_path / "store"

    def run() -> None:
        build([str(article)], store, base=BASE, model=MODEL, versions=3)

    article.write_text(TEXT, encoding="utf-8")
    run()
    article.write_text(TEXT.replace("At least 3,419", "At least 4,544"), encoding="utf-8")
    run()
    new, old = f"{BASE}article/a", f"{BASE}article/a@version-1"
    found = triples(store)
    assert (new, "wasRevisionOf", old) in found
    values = {(s.partition("#")[0], o) for s, p, o in found if p == "value"}
    assert {(new, "4544"), (old, "3419")} <= values
    assert [(s.partition("#")[0], o.partition("#")[0]) for s, p, o in found if p == "updates"] == [(new, old)]
    assert not [t for t in found if t[1] == "conflictsWith"]
    before = sorted(found)
    run()
    assert sorted(triples(store)) == before
    remove(["a"], store, model=MODEL)
    assert not [t for t in triples(store) if t[0].startswith(old) and t[1] == "value"]


def test_the_saved_query_shows_what_changed(tmp_path: Path) -> None:
    article, store = tmp_path / "a.txt", tmp_path / "store"
    for count in ("3,419", "4,544"):
        article.write_text(TEXT.replace("3,419", count), encoding="utf-8")
        build([str(article)], store, base=BASE, model=MODEL, versions=1)
    queries = load_queries()
    with reading(store) as (database, _):
        [row] = list(database.query(queries["corrections"].text, use_default_graph_as_union=True))
        assert [row[v].value for v in ("earlierWords", "now", "words")] == [
            "At least 3,419",
            "updated",
            "At least 4,544",
        ]
        rows = list(database.query(queries["independent-sources"].text, use_default_graph_as_union=True))
        assert [(r["number"].value, r["texts"].value) for r in rows] == [("4544", "1")]


def test_reprints_are_one_text(tmp_path: Path) -> None:
    story = (
        f"{TEXT} Rescue teams went on searching the ruined houses through a second night of frost and snow. Cranes from "
        "three provinces arrived in the evening, and soldiers handed out blankets at the stadium. Schools stay closed "
        "until the end of the month, the governor told reporters, while engineers look at the bridges over the river."
    )
    for name in ("daily", "herald", "post"):
        (tmp_path / f"{name}.txt").write_text(story, encoding="utf-8")
    build([str(p) for p in sorted(tmp_path.glob("*.txt"))], tmp_path / "store", base=BASE, model=MODEL)
    with reading(tmp_path / "store") as (database, _):
        query = load_queries()["independent-sources"].text
        rows = list(database.query(query, use_default_graph_as_union=True))
    assert {(r["number"].value, r["texts"].value, r["articles"].value) for r in rows} >= {("3419", "1", "3")}
