"""From two example articles to sorted N-Quads, line for line.

A change of the output is looked at and then accepted: `./run test tests/test_golden.py --update-golden`.
"""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from kg.build import build
from kg.export import export
from kg.rdf.namespaces import ONTOLOGY
from kg.settings import BY_NAME
from kg.store import reading

HERE = Path(__file__).parent
ARTICLES = HERE.parent / "examples" / "articles" / "quake-short-reports.jsonl"
BASE = "http://example.org/"


def test_two_articles_give_these_quads(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    build([str(ARTICLES)], tmp_path / "s", base=BASE, model=BY_NAME["model"].default)
    with reading(tmp_path / "s") as (database, _):
        output = io.BytesIO()
        export(database, "nquads", output)
    apart = (f"<{BASE}graph/provenance>", f"<{ONTOLOGY}>")
    lines = [line for line in output.getvalue().decode().splitlines() if not line.removesuffix(" .").endswith(apart)]
    ids = [json.loads(line)["id"] for line in ARTICLES.read_text(encoding="utf-8").splitlines()]
    for name in (*(f"article/{i}" for i in ids), "graph/entities"):
        golden = HERE / "golden" / (name.replace("/", "-") + ".nq")
        found = [line for line in lines if f"<{BASE}{name}> ." in line or f"<{BASE}{name}/text> ." in line]
        if request.config.getoption("--update-golden"):
            golden.parent.mkdir(exist_ok=True)
            golden.write_text("\n".join(found) + "\n", encoding="utf-8")
        assert found == golden.read_text(encoding="utf-8").splitlines(), f"{golden.name} differs"
