"""Every saved query on the example articles: number of rows and the first of them.

A change of the output is looked at and then accepted: `./run test tests/test_queries.py --update-golden`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.build import build
from kg.query.saved import load_queries
from kg.settings import BY_NAME
from kg.store import reading
from kg.validate import validate

HERE = Path(__file__).parent
GOLDEN = HERE / "golden" / "queries"
BASE = "http://example.org/"
QUERIES = load_queries()
FIRST = 5
# A clock stands in these: their rows are counted only.
CLOCKED = ("builds", "article-versions")
# These tell of articles that changed.
VERSIONED = ("corrections",)
CORRECTION = ("In Türkiye 1,762 people had died", "In Türkiye 1,672 people had died")
TOPICS = [
    "people",
    "organisations",
    "places",
    "events",
    "statements",
    "figures",
    "conflicts",
    "relays",
    "links",
    "provenance",
    "quality",
    "articles",
]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store with the examples."""
    folder = tmp_path_factory.mktemp("examples") / "store"
    build([str(HERE.parent / "examples" / "articles")], folder, base=BASE, model=BY_NAME["model"].default)
    return folder


@pytest.fixture(scope="session")
def examples(built: Path) -> Iterator[ox.Store]:
    with reading(built) as (database, _):
        yield database


def test_the_examples_conform(built: Path) -> None:
    report = validate(built)
    assert report.conforms, str(report)


@pytest.fixture(scope="session")
def corrected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ox.Store]:
    """A store that keeps earlier versions, and an example that came twice: at first with another number."""
    folder = tmp_path_factory.mktemp("corrected")
    name = "quake-2023-02-06-first-day.txt"
    text = (HERE.parent / "examples" / "articles" / name).read_text(encoding="utf-8")
    for version in (text.replace(*CORRECTION), text):
        (folder / name).write_text(version, encoding="utf-8")
        build([str(folder / name)], folder / "store", base=BASE, model=BY_NAME["model"].default, versions=1)
    with reading(folder / "store") as (database, _):
        yield database


def test_the_queries_cover_what_the_graph_holds() -> None:
    assert len(QUERIES) >= 20
    assert {tag for query in QUERIES.values() for tag in query.tags} >= set(TOPICS)


@pytest.mark.parametrize("name", QUERIES)
def test_query_answers_the_examples(name: str, request: pytest.FixtureRequest) -> None:
    store: ox.Store = request.getfixturevalue("corrected" if name in VERSIONED else "examples")
    found = store.query(QUERIES[name].bind({}, BASE), base_iri=BASE, use_default_graph_as_union=True)
    rows = json.loads(found.serialize(format=ox.QueryResultsFormat.JSON))["results"]["bindings"]
    assert rows, "no row on the examples"
    assert all("evidence" in row and row["sentence"]["value"] for row in rows)
    columns = [variable.value for variable in found.variables]
    kept = [] if name in CLOCKED else rows[:FIRST]
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow([f"rows: {len(rows)}"])
    writer.writerow(columns)
    writer.writerows([row.get(column, {}).get("value", "") for column in columns] for row in kept)
    golden = GOLDEN / f"{name}.csv"
    if request.config.getoption("--update-golden"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(output.getvalue(), encoding="utf-8")
    assert output.getvalue() == golden.read_text(encoding="utf-8"), f"{golden.name} differs"


def test_golden_files_belong_to_queries() -> None:
    assert {path.stem for path in GOLDEN.glob("*.csv")} == set(QUERIES)
