"""Builds that bring a store up to a change come to the same bytes as one from scratch, whatever the changes were."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kg.update.graphs
from kg.build import Report, publish
from kg.decisions import Decision, Kind, decide, reserved
from kg.export import export
from kg.identities import as_decided
from kg.link.authority import slug
from kg.parallel import Pool, workers
from kg.rdf.article import article_quads
from kg.rdf.decisions import decision_quads, read_decisions
from kg.rdf.entities import entity_quads
from kg.rdf.identity import identity_quads
from kg.rdf.namespaces import ONTOLOGY
from kg.records import Argument, Event, Extraction, Figure, Mention, Period, Position, Quote
from kg.resolve import resolve
from kg.resolve.identity import identify
from kg.resolve.rewriting import apply
from kg.settings import BY_NAME
from kg.state import State
from kg.store import Store, reading
from kg.update.noting import WORTH
from kg.vocabulary import (
    Comparator,
    EntityType,
    EventType,
    Factuality,
    Measure,
    QuoteKind,
    Role,
    Scope,
)

MODEL = BY_NAME["model"].default
BASE = "http://example.org/news/"
PEOPLE = ("Ann Example", "Ann Example", "Example", "Tam Oru", "Oru", "Ilse Oru")
PLACES = ("Lindow", "Harbour Town", "North Lindow")
BODIES = ("Ruritanian Ferry Council (RFC)", "RFC", "Health Ministry", "Harbour Daily", "Central Hospital")
TITLES = ("surgeon", "minister", "mayor")
LIVES = (
    "We will rebuild the wooden bridge beside the old watermill",
    "We will not rebuild the wooden bridge beside the old watermill",
    "The ferries carried engineers across the frozen estuary twice",
)
NAMES = [f"a{number}" for number in range(7)]


def story(name: str, seed: int) -> Extraction:
    """An invented article: the same for the same name and seed."""
    chance = random.Random(f"{name} {seed}")
    day = chance.choice([None, *(f"2031-05-{d:02}" for d in range(1, 5))])
    text, mentions = "", []
    for kind, pool, most in (
        (EntityType.PERSON, PEOPLE, 3),
        (EntityType.PLACE, PLACES, 2),
        (EntityType.ORGANISATION, BODIES, 3),
    ):
        for surface in chance.sample(pool, chance.randint(0, most)):
            start, plain = len(text), surface.partition(" (")[0]
            own = f"{kind.value}/{slug(plain)}"
            if kind is EntityType.PERSON and " " not in plain:
                own += f"-in-{name}"
            item = chance.choice([None, None, f"Q{len(plain)}", "Q7"])
            mentions.append(
                Mention(
                    start=start, end=start + len(plain), type=kind, name=plain, id=own, wikidata=item, confidence=0.9
                )
            )
            text += surface + ". "
    ids = [m.id for m in mentions]
    people = [m for m in mentions if m.type is EntityType.PERSON]
    places = [m.id for m in mentions if m.type is EntityType.PLACE]
    quotes, events, figures = [], [], []
    for words in chance.sample(LIVES, chance.randint(0, 2)):
        start = len(text)
        text += words + ". "
        speaker = chance.choice([None, *(p.id for p in people)])
        quotes.append(Quote(kind=QuoteKind.DIRECT, content=((start, start + len(words)),), speaker=speaker))
    for number in range(chance.randint(0, 2)):
        when = f"2031-05-{chance.randint(1, 3):02}"
        args = [(chance.choice([Role.AGENT, Role.PATIENT]), i) for i in ids[:2]] + [(Role.PLACE, p) for p in places[:1]]
        events.append(
            Event(
                id=f"event/{name}-{seed}-{number}",
                trigger=(number, number + 3),
                type=chance.choice([EventType.VISIT, EventType.MEETING]),
                factuality=chance.choice(
                    [Factuality.ASSERTED, Factuality.ASSERTED, Factuality.PLANNED, Factuality.NEGATED]
                ),
                evidence=(0, len(text)),
                time=Period(start=when, end=when),
                args=tuple(Argument(role=r, start=0, end=3, id=i) for r, i in args),
            )
        )
        figures.append(
            Figure(
                number=(number, number + 2),
                comparator=Comparator.EXACTLY,
                measure=Measure.INJURED,
                evidence=(0, len(text)),
                value=chance.choice([12, 15]),
                scope=chance.choice([Scope.TOTAL, Scope.ONE_OFF]),
                place=places[0] if places else None,
                event=events[-1].id,
                as_of=when,
                attributed_to=chance.choice([None, *ids]),
            )
        )
    story_ = chance.choice(["", *(" ".join(f"{w}{i}" for i in range(60)) for w in ("tide", "lamp"))])
    return Extraction(
        id=name,
        source=f"{name}.txt",
        sha256=f"{seed}",
        text=text + story_ + " ",
        date=day,
        publisher=chance.choice([None, "Harbour Daily", "RFC"]),
        agencies=tuple(chance.sample(["harbour daily", "Coast Wire"], chance.randint(0, 1))),
        url=chance.choice([None, None, "https://news.example/bridge"]),
        sentences=((0, len(text)),) if text else (),
        entities=tuple(mentions),
        events=tuple(events),
        quotes=tuple(quotes),
        figures=tuple(figures),
        positions=tuple(
            Position(
                holder=p.id,
                title=chance.choice(TITLES),
                evidence=(p.start, p.end),
                organisation=chance.choice([None, *places]),
            )
            for p in people[:1]
        ),
    )


def bring_up(
    folder: Path,
    put: list[Extraction],
    drop: list[str] = [],  # noqa: B006
    decisions: list[Decision] = [],  # noqa: B006
    pool: Pool | None = None,
) -> Report:
    report = Report()
    with Store.open(folder, base=BASE, create=True) as store, State(folder) as state:
        if put:
            state.put((r.sha256, r) for r in put)
        if drop:
            state.drop(drop)
        for decision in decisions:
            store.quads.extend(decision_quads(decision, BASE))
        publish(store, state, report, "build", datetime.now(UTC), MODEL, lambda *_: None, pool)
    return report


def dump(store: Path) -> list[str]:
    with reading(store) as (database, _):
        output = io.BytesIO()
        export(database, "nquads", output)
    lines = output.getvalue().decode().splitlines()
    return [line for line in lines if "/graph/provenance> ." not in line and f"<{ONTOLOGY}> ." not in line]


def wanted(records: list[Extraction], store: Path) -> list[str]:
    """What all records together give, by the functions that resolve and map them, without any state."""
    with reading(store) as (database, _):
        decisions = read_decisions(database, BASE)
    outcome = decide(identify(records, reserved(decisions)), decisions)
    shared = [apply(r, outcome.rewriting) for r in records]
    resolution = as_decided(resolve(shared), outcome)
    quads = {*entity_quads(resolution, BASE), *identity_quads(outcome, BASE)}
    for record in shared:
        quads |= {*article_quads(record, resolution, BASE)}
    for decision in decisions:
        quads |= {*decision_quads(decision, BASE)}
    return sorted(ox.serialize([q], format=ox.RdfFormat.N_QUADS).decode().strip() for q in quads)  # type: ignore[union-attr]


STEPS = st.lists(
    st.tuples(
        st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 6)), max_size=4, unique_by=lambda pair: pair[0]),
        st.lists(st.sampled_from(NAMES), max_size=2, unique=True),
    ),
    min_size=1,
    max_size=4,
)


def run(steps: list[tuple[list[tuple[str, int]], list[str]]], folder: Path) -> Iterator[dict[str, Extraction]]:
    """Takes the steps one after the other, each published; gives the records that are there after each."""
    now: dict[str, Extraction] = {}
    for puts, drops in steps:
        gone = [name for name in drops if name in now]
        for name in gone:
            del now[name]
        new = [story(name, seed) for name, seed in puts]
        bring_up(folder, [], gone)
        bring_up(folder, new)
        now |= {record.id: record for record in new}
        yield now


@settings(deadline=None, max_examples=12, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_any_history_gives_the_bytes_of_a_build_from_scratch(
    steps: list[tuple[list[tuple[str, int]], list[str]]],
) -> None:
    with TemporaryDirectory() as folder:
        store, fresh = Path(folder, "s"), Path(folder, "fresh")
        for now in run(steps, store):
            found = dump(store)
            assert sorted(found) == wanted(list(now.values()), store)
        last = bring_up(store, [])
        again = bring_up(fresh, list(now.values())[::-1])
        assert found == dump(fresh)
        assert last.snapshot.partition("-")[2] == again.snapshot.partition("-")[2]


def decision(kind: Kind, subject: str, second: int, **more: object) -> Decision:
    return Decision(kind=kind, subject=subject, author="Reviewer", time=f"2031-06-01T10:00:{second:02}Z", **more)  # type: ignore[arg-type]


DECISIONS = st.lists(
    st.sampled_from(
        [
            decision(Kind.MERGE, "person/ann-example", 1, others=("person/ilse-oru",)),
            decision(Kind.RENAME, "place/lindow", 2, label="Lindow on the Hill"),
            decision(Kind.REJECT, "person/tam-oru", 3, item="http://www.wikidata.org/entity/Q7"),
            decision(Kind.ACCEPT, "organisation/rfc", 4, item="http://www.wikidata.org/entity/Q99"),
            decision(Kind.RENAME, "organisation/harbour-daily", 5, label="The Harbour Daily"),
        ]
    ),
    max_size=3,
    unique_by=lambda d: d.id,
)


@settings(deadline=None, max_examples=6, suppress_health_check=list(HealthCheck))
@given(STEPS, DECISIONS)
def test_decisions_hold_in_any_history(
    steps: list[tuple[list[tuple[str, int]], list[str]]], decisions: list[Decision]
) -> None:
    with TemporaryDirectory() as folder:
        store = Path(folder, "s")
        for now in run(steps, store):
            bring_up(store, [], decisions=decisions[:1])
            decisions = decisions[1:]
            assert sorted(dump(store)) == wanted(list(now.values()), store)


def test_several_processes_give_the_same_bytes(tmp_path: Path) -> None:
    records = [story(f"a{number}", number % 7) for number in range(WORTH + 6)]
    bring_up(tmp_path / "one", records)
    with workers(2) as pool:
        assert pool is not None
        assert pool.submit(len, "started").result() == 7
        bring_up(tmp_path / "several", records[: WORTH - 9], pool=pool)  # few: compared here
        bring_up(tmp_path / "several", records, pool=pool)
    assert dump(tmp_path / "one") == dump(tmp_path / "several")


def test_many_new_articles_are_loaded_as_files_which_are_merged_where_most_are_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [story(f"a{number}", number % 7) for number in range(40)]
    bring_up(tmp_path / "few", records)
    merged: list[int] = []
    optimize = Store.optimize

    def counted(store: Store) -> None:
        merged.append(len(store.quads))
        optimize(store)

    monkeypatch.setattr(Store, "optimize", counted)
    monkeypatch.setattr(kg.update.graphs, "BULK", 5)
    monkeypatch.setattr(kg.update.graphs, "PART", 1000)
    bring_up(tmp_path / "many", records[:30])
    assert len(merged) == 1
    bring_up(tmp_path / "many", records[:2])  # nothing new
    bring_up(tmp_path / "many", records[:38])  # loaded, and few of all that is there
    bring_up(tmp_path / "many", records)  # too few to be loaded
    assert len(merged) == 1
    assert dump(tmp_path / "many") == dump(tmp_path / "few")


def test_an_article_that_concerns_nobody_leaves_the_others_alone(tmp_path: Path) -> None:
    records = [story(name, 1) for name in NAMES]
    bring_up(tmp_path / "s", records)
    stranger = Extraction(id="b", source="b.txt", sha256="0", text="Nothing. ")
    report = bring_up(tmp_path / "s", [stranger])
    assert report.graphs == 2


def test_a_store_whose_comparisons_are_lost_is_brought_up_again(tmp_path: Path) -> None:
    records = [story(name, 2) for name in NAMES]
    bring_up(tmp_path / "s", records)
    before = dump(tmp_path / "s")
    with State(tmp_path / "s") as state:
        state.set("resolved", "an older version")
        state.set("mapping", "an older version")
        state.db.execute("ALTER TABLE keys DROP COLUMN size")  # an older version had other columns
        state.db.execute("INSERT INTO commons VALUES ('gone', 5, '')")
    bring_up(tmp_path / "s", [])
    assert dump(tmp_path / "s") == before
    with State(tmp_path / "s") as state:
        assert state.db.execute("SELECT COUNT(*) FROM commons WHERE article = 'gone'").fetchone() == (0,)
