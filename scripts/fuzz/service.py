"""Coverage-guided fuzzing of the application: pages, reconciliation, saved queries, the protocol, uploads. No part of CI.

As `readers.py`, with the folders `.` and `tests` in PYTHONPATH: `python scripts/fuzz/service.py -max_total_time=600`.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

import atheris

with atheris.instrument_imports(include=["kg.web", "kg.query", "kg.search"]):
    from sample import make_store

    from kg.query.formats import UPLOADS
    from kg.query.pool import Limits, Pool
    from kg.query.saved import load_queries
    from kg.query.writer import Writer
    from kg.web.app import create_app
    from kg.web.site import Site

LIMITS = Limits(workers=1, timeout=20)
FOLDER = make_store(Path(tempfile.mkdtemp()) / "store")
POOL, WRITER = Pool(FOLDER, LIMITS), Writer(FOLDER, LIMITS)
QUERIES = load_queries()
CLIENT = create_app(Site(FOLDER, "http://localhost:8000/", POOL, QUERIES, WRITER, "token", True), 1).test_client()
PATHS = [
    "/reconcile",
    "/reconcile/suggest/entity",
    "/reconcile/suggest/property",
    "/reconcile/preview",
    "/search",
    "/sparql",
    "/data",
    "/review",
    "/why",
    "/articles",
    *(f"/queries/{name}" for name in sorted(QUERIES)),
]
NAMES = [
    "query",
    "queries",
    "extend",
    "prefix",
    "cursor",
    "id",
    "q",
    "kind",
    "format",
    "graph",
    "safe",
    "entity",
    "from",
]
ALLOWED = {200, 201, 204, 301, 302, 303, 304, 308, 400, 401, 403, 404, 405, 406, 413, 415, 501, 503, 504}


def value(given: atheris.FuzzedDataProvider, depth: int = 0) -> object:
    """Some JSON."""
    kind = given.ConsumeIntInRange(0, 6 if depth < 4 else 3)
    if kind < 2:
        return given.ConsumeUnicodeNoSurrogates(20)
    if kind == 2:
        return given.ConsumeInt(4)
    if kind == 3:
        return given.PickValueInList([None, True, False, 0.5, "Lindow", "schema:Person", "person/ilse-varn"])
    if kind == 4:
        return [value(given, depth + 1) for _ in range(given.ConsumeIntInRange(0, 3))]
    keys = ["query", "type", "limit", "properties", "pid", "v", "ids", "id", "type_strict", "q0", "matchQuality"]
    return {given.PickValueInList(keys): value(given, depth + 1) for _ in range(given.ConsumeIntInRange(0, 4))}


def one_input(data: bytes) -> None:
    """Whatever is asked: a documented status, and no failure."""
    given = atheris.FuzzedDataProvider(data)
    path = given.PickValueInList(PATHS)
    headers = {"Accept": given.PickValueInList(["text/html", "*/*", "text/turtle", "application/json", "a;q=x", ""])}
    what = given.ConsumeIntInRange(0, 3)
    if what == 0:
        fields = {given.PickValueInList(["queries", "extend"]): json.dumps(value(given))}
        answer = CLIENT.post("/reconcile", data=fields, headers=headers)
    elif what == 1:
        headers |= {"Authorization": "Bearer token", "Content-Type": given.PickValueInList(sorted(UPLOADS))}
        answer = CLIENT.put("/data?graph=urn:fuzz", data=given.ConsumeBytes(4000), headers=headers)
    elif what == 2:
        headers["Content-Type"] = "application/sparql-query"
        answer = CLIENT.post("/sparql", data=given.ConsumeBytes(4000), headers=headers)
    else:
        if given.ConsumeBool():
            kind = given.PickValueInList(["person", "article", "event", "place"])
            path = f"/{kind}/{quote(given.ConsumeUnicodeNoSurrogates(20), safe='')}"
        fields = {
            given.PickValueInList(NAMES): given.ConsumeUnicodeNoSurrogates(40)
            for _ in range(given.ConsumeIntInRange(0, 3))
        }
        answer = CLIENT.get(path, query_string=fields, headers=headers)
    assert answer.status_code in ALLOWED, (answer.status_code, answer.get_data()[:300])
    answer.close()


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
