"""A small world for the tests of online linking: a stand-in with invented items, and a store that names some of them."""

from __future__ import annotations

import hashlib
import io
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kg.build import Report as BuildReport
from kg.build import publish
from kg.export import export
from kg.online.cache import Cache
from kg.online.client import Client
from kg.online.link import Report, link_online
from kg.online.wikidata import Wikidata
from kg.records import Extraction, Mention, Position
from kg.settings import BY_NAME
from kg.state import State
from kg.store import Store, reading
from kg.vocabulary import EntityType
from tests.wikidata_standin import StandIn, claim, item, point

MODEL = BY_NAME["model"].default
BASE = "http://example.org/news/"
CONTACT = "someone@example.org"


def world() -> StandIn:
    """Two people of one name, a town twice, an agency, and what surrounds them."""
    standin = StandIn()
    for one in (
        item(
            "Q900001", "Mira Tolland", "Norlandian politician", links=40, P31=["Q5"], P27=["Q900100"], P39=["Q900300"]
        ),
        item("Q900002", "Mira Tolland", "Vesterian painter", links=4, P31=["Q5"], P27=["Q900101"]),
        item("Q900003", "Mira Tolland", "family name", P31=["Q101352"]),
        item(
            "Q900010",
            "Harbour Relief Agency",
            "aid organisation in Norland",
            ("HRA",),
            links=12,
            P31=["Q900200"],
            P17=["Q900100"],
        ),
        item(
            "Q900020",
            "Lindow",
            "town in Norland",
            links=20,
            P31=["Q900201"],
            P17=["Q900100"],
            P625=[point(10.0, 20.0)],
            P1566=["4711"],
        ),
        item("Q900021", "Lindow", "crater on another world", P31=["Q900201"], P625=[point(10.0, 20.0, "Q111")]),
        item(
            "Q900022",
            "Lindow",
            "village in Vesteria",
            links=2,
            P31=["Q900201"],
            P17=["Q900101"],
            P625=[point(-40.0, 100.0)],
        ),
        item(
            "Q900030",
            "Lindow Gazette",
            "weekly paper",
            P31=["Q11032"],
            P159=[claim("P159", None, snaktype="somevalue")],
        ),
    ):
        standin.items[one["id"]] = one
    standin.parents = {
        "Q900200": ("Q43229",),
        "Q900201": ("Q900202",),
        "Q900202": ("Q27096213",),
        "Q11032": (),
        "Q5": (),
    }
    return standin


def mention(text: str, name: str, id: str, **more: Any) -> Mention:
    start = text.index(name)
    return Mention(start=start, end=start + len(name), type=EntityType(id.partition("/")[0]), name=name, id=id, **more)


def articles() -> list[Extraction]:
    one = "Norland's minister of harbours, Mira Tolland, a politician of long standing, met the Harbour Relief Agency in Lindow."
    two = "Mira Tolland thanked the Harbour Relief Agency. Nobody knew Odo Varnek of Norland. Tolland left."
    norland = {"wikidata": "Q900100", "lat": 10.5, "lon": 20.5}
    first = (
        mention(one, "Norland", "place/norland", **norland),
        mention(one, "Mira Tolland", "person/mira-tolland"),
        mention(one, "Harbour Relief Agency", "organisation/harbour-relief-agency"),
        mention(one, "Lindow", "place/lindow"),
    )
    second = (
        mention(two, "Mira Tolland", "person/mira-tolland"),
        mention(two, "Harbour Relief Agency", "organisation/harbour-relief-agency"),
        mention(two, "Odo Varnek", "person/odo-varnek"),
        mention(two, "Norland", "place/norland", **norland),
        replace(mention(two, "Tolland left", "person/tolland-in-2"), end=two.index("Tolland left") + 7, name="Tolland"),
    )
    held = (Position(holder="person/mira-tolland", title="minister of harbours", evidence=(0, len(one))),)
    return [
        record("1", one, first, positions=held, publisher="Lindow Gazette"),
        record("2", two, second, sentences=((0, 47), (48, 82), (83, len(two)))),
    ]


def record(id: str, text: str, entities: tuple[Mention, ...], **more: Any) -> Extraction:
    given = {
        "source": f"{id}.txt",
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "sentences": ((0, len(text)),),
    } | more
    return Extraction(id=id, text=text, entities=entities, **given)


def make_store(folder: Path, records: list[Extraction] | None = None) -> Path:
    with Store.open(folder, base=BASE, create=True) as store, State(folder) as state:
        state.put((r.id, r) for r in (articles() if records is None else records))
        rebuild(store, state)
    return folder


def rebuild(store: Store, state: State) -> None:
    publish(store, state, BuildReport(), "build", datetime.now(UTC), MODEL, lambda *_: None)


def dump(folder: Path) -> str:
    """The graph of entities, sorted."""
    with reading(folder) as (database, _):
        output = io.BytesIO()
        export(database, "nquads", output, BASE + "graph/entities")
    return output.getvalue().decode()


class Asking:
    """A client that notes its waits and does not wait."""

    def __init__(self, cache: Cache | None = None, max_calls: int = 1000, timeout: float = 2.0) -> None:
        self.waits: list[float] = []
        self.client = Client(CONTACT, cache, max_calls, timeout=timeout, sleep=self.waits.append)

    def wikidata(self, standin: StandIn) -> Wikidata:
        return Wikidata(self.client, standin.api, standin.sparql)

    def link(self, store: Path, standin: StandIn, **more: Any) -> Report:
        return link_online(
            store, self.client, **({"api": standin.api, "query_service": standin.sparql, "model": MODEL} | more)
        )


def command(store: Path, standin: StandIn, cache: Path, *more: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "kg",
        "link",
        "--store",
        str(store),
        "--online",
        "--contact",
        CONTACT,
        "--wikidata-api",
        standin.api,
        "--query-service",
        standin.sparql,
        "--cache",
        str(cache),
        *more,
    ]


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)
