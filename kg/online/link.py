"""Linking what is left open by asking services on the network: takes the questions, asks, decides, keeps, publishes.

Choices are kept in the store's state as they are made, and answers in the cache, so that a run that was ended, by a cap,
a service or a kill, goes on where it was. The graph depends on the records and these choices alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from kg.build import Report as BuildReport
from kg.build import publish
from kg.errors import OnlineError
from kg.identities import as_decided, choices_as_decided, identities, shared_records
from kg.link.candidates import Candidate, Choice
from kg.online.client import Client, Stopped
from kg.online.questions import digest, mention_counts, open_entities, questions
from kg.online.reconciliation import Reconciliation
from kg.online.score import Question, Scored, candidate, choose, score_item, score_suggestion
from kg.online.wikidata import ITEM, Found, Item, Wikidata, batches
from kg.resolve import resolve
from kg.state import State
from kg.store import Store
from kg.vocabulary import EntityType

# Things decided before their choices are kept: their candidates fill one or a few calls for items.
BATCH = 20
# Other names that are tried where the label finds nothing.
MORE_NAMES = 2
# Things in a row that cannot be asked about before the service is taken to be out of order.
FAILURES = 3
Pairs = list[tuple[Candidate, Scored]]
Progress = Callable[[str, int], None]


@dataclass
class Report:
    """What a run did: things by the match they got, what failed and why, calls made, what is left, and what ended it."""

    exact: list[str] = field(default_factory=list)
    close: list[str] = field(default_factory=list)
    none: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    calls: int = 0
    left: int = 0
    stopped: str = ""
    graphs: int = 0
    snapshot: str = ""


@dataclass(frozen=True, slots=True)
class Open:
    """A thing to ask about."""

    question: Question
    digest: str
    mentions: int


def open_questions(
    store: Store, state: State, *, service: str, kind: EntityType | None = None, limit: int | None = None
) -> list[Open]:
    """What is to be asked, the most mentioned first: what is unlinked or unsure, unless nothing is new since it was asked."""
    outcome = identities(store, state)
    resolution = as_decided(resolve(shared_records(state, outcome)), outcome)
    links = choices_as_decided(state.links(), outcome)
    counts = mention_counts(shared_records(state, outcome), resolution)
    entities = open_entities(resolution, counts, links, kind)
    found = []
    for question in questions(shared_records(state, outcome), entities):
        key = digest(question, service)
        if question.id not in links or links[question.id].question != key:
            found.append(Open(question, key, counts[question.id]))
    return found if limit is None else found[:limit]


def preview(
    folder: str | Path, *, service: str, kind: EntityType | None = None, limit: int | None = None
) -> list[Open]:
    """What a run would ask about. Asks nobody and changes nothing."""
    with Store.open(folder) as store, State(store.folder) as state:
        return open_questions(store, state, service=service, kind=kind, limit=limit)


def link_online(
    folder: str | Path,
    client: Client,
    *,
    api: str,
    query_service: str,
    service: str = "",
    kind: EntityType | None = None,
    limit: int | None = None,
    model: str,
    progress: Progress = lambda *_: None,
) -> Report:
    """Asks about what the store at `folder` leaves open, keeps what is decided, and publishes it.

    `api` and `query_service` are Wikidata's, or another Wikibase's over the same items; `service` is a reconciliation service that
    is asked for candidates instead. The store is locked for writing meanwhile. What stops a run stands in the report: all that was
    decided before is kept.
    """
    began, report = datetime.now(UTC), Report()
    with Store.open(folder) as store, State(store.folder) as state:
        asked = open_questions(store, state, service=service or api, kind=kind, limit=limit)
        linker = Linker(Wikidata(client, api, query_service), Reconciliation(client, service) if service else None)
        done = 0
        try:
            # Where few calls are allowed, smaller batches: what was searched for is to be decided in the same run.
            for batch in batches(asked, min(BATCH, max(1, client.max_calls // 3))):
                state.put_links(keep_matches(state.links(), linker.decide(batch, report)))
                done += len(batch)
                progress("link", done)
        except Stopped as error:
            report.stopped = str(error)
        finally:
            report.calls = client.calls
        report.left = len(asked) - len(report.exact) - len(report.close) - len(report.none)
        if done or state.behind:
            built = BuildReport()
            publish(store, state, built, "link", began, model, lambda *_: None)
            report.graphs, report.snapshot = built.graphs, built.snapshot
    return report


def keep_matches(old: Mapping[str, Choice], new: Mapping[str, Choice]) -> dict[str, Choice]:
    """The new choices, save where a service found nothing for what another one had found a match for."""
    kept = {}
    for identifier, choice in new.items():
        before = old.get(identifier)
        if before and before.property and not choice.property and before.service != choice.service:
            choice = replace(before, question=choice.question)
        kept[identifier] = choice
    return kept


class Linker:
    """Asks and decides, a batch of things at a time."""

    def __init__(self, wikidata: Wikidata, reconciliation: Reconciliation | None) -> None:
        self._wikidata, self._reconciliation = wikidata, reconciliation
        self._service = reconciliation.url if reconciliation else wikidata.api
        self._failed = 0

    def decide(self, batch: list[Open], report: Report) -> dict[str, Choice]:
        """The choices for a batch. What fails is noted and left for another run; `Stopped` where nothing more can be asked."""
        try:
            if self._reconciliation and not self._reconciliation.is_wikidata:
                choices = self._by_service(batch, self._reconciliation)
            else:
                choices = self._by_items(batch, report)
        except Stopped:
            raise
        except OnlineError as error:
            report.failed |= {one.question.id: str(error) for one in batch}
            self._count(error)
            return {}
        for identifier, choice in choices.items():
            {"exactMatch": report.exact, "closeMatch": report.close}.get(choice.property or "", report.none).append(
                identifier
            )
        return choices

    def _by_items(self, batch: list[Open], report: Report) -> dict[str, Choice]:
        """Choices among items of Wikidata, compared by what Wikidata knows of them."""
        found: dict[str, tuple[Found, str]] = {}
        if self._reconciliation:
            method = f"reconciliation {self._reconciliation.url}"
            lists = self._reconciliation.candidates((o.question.label, o.question.type) for o in batch)
            for one, suggestions in zip(batch, lists, strict=True):
                found[one.question.id] = Found(tuple(s.id for s in suggestions if ITEM.fullmatch(s.id))), method
        else:
            for one in batch:
                try:
                    found[one.question.id] = self._search(one.question)
                    self._failed = 0
                except Stopped:
                    raise
                except OnlineError as error:
                    report.failed[one.question.id] = str(error)
                    self._count(error)
        items = self._wikidata.items(i for hits, _ in found.values() for i in hits.ids)
        types = self._types(items.values())
        choices = {}
        for one in batch:
            if one.question.id not in found:
                continue
            hits, method = found[one.question.id]
            if any(i not in items for i in hits.ids):
                report.failed[one.question.id] = "some of its candidates could not be read: run the same command again"
                continue
            # What was decided without knowing the classes is asked about again by the next run.
            incomplete = self._wikidata.classes_unknown and any(
                types[item.id] is None for item in map(items.get, hits.ids) if item
            )
            scored = self._scored(one.question, hits, items, types, method)
            choices[one.question.id] = choose(scored, "" if incomplete else one.digest, self._service, more=hits.more)
        return choices

    def _count(self, error: OnlineError) -> None:
        """Counts failures in a row; `Stopped` after too many."""
        self._failed += 1
        if self._failed >= FAILURES:
            raise Stopped(str(error))

    def _search(self, question: Question) -> tuple[Found, str]:
        """The candidates of a thing and what found them: by its identifier in GeoNames, else by its names."""
        if question.geonames is not None:
            try:
                hits = self._wikidata.search_statement("P1566", str(question.geonames))
            except Stopped:
                raise
            except OnlineError:  # another Wikibase may have no such search
                hits = Found()
            if hits.ids:
                return hits, "haswbstatement P1566"
        several = sorted((n for n in question.names if len(n.split()) > 1), key=lambda n: (-len(n), n))
        hits = Found()
        for name in (question.label, *several[:MORE_NAMES]):
            hits = self._wikidata.search(name)
            if hits.ids:
                break
        return hits, "wbsearchentities"

    def _types(self, items: Iterable[Item | None]) -> dict[str, frozenset[str] | None]:
        """Our types by item; None where not known."""
        known = [item for item in items if item]
        kinds = self._wikidata.kinds([c for item in known for c in item.classes])
        found: dict[str, frozenset[str] | None] = {}
        for item in known:
            each = [kinds[c] for c in item.classes]
            some = frozenset(t for types in each if types for t in types)
            found[item.id] = some if some or (each and None not in each) else None
        return found

    def _scored(
        self,
        question: Question,
        hits: Found,
        items: dict[str, Item | None],
        types: dict[str, frozenset[str] | None],
        method: str,
    ) -> Pairs:
        pairs: dict[str, tuple[Candidate, Scored]] = {}
        for i in hits.ids:
            item = items[i]  # a redirect gives its target: two hits may be one item
            if item is None or "none" in (types[item.id] or ()):
                continue
            scored = score_item(question, item, types[item.id])
            pairs[item.id] = candidate(item, scored, method), scored
        return list(pairs.values())

    def _by_service(self, batch: list[Open], service: Reconciliation) -> dict[str, Choice]:
        """Candidates among things of another authority: only the service knows more of them, so a person has to decide."""
        choices = {}
        names = ((o.question.label, o.question.type) for o in batch)
        for one, suggestions in zip(batch, service.candidates(names), strict=True):
            pairs: dict[str, tuple[Candidate, Scored]] = {}
            for suggestion in suggestions:
                scored, target = score_suggestion(one.question, suggestion), service.iri(suggestion.id)
                this = Candidate(
                    target=target,
                    label=suggestion.name,
                    score=scored.score,
                    method=f"reconciliation {service.url}",
                    ground=scored.ground,
                )
                pairs.setdefault(target, (this, scored))
            choices[one.question.id] = choose(pairs.values(), one.digest, self._service, state=False)
        return choices
