"""Doubtful links and merges of a store with their evidence, and the taking of decisions on them."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.decisions import Decision, Kind, active, ordered
from kg.errors import QueryError, UnknownName
from kg.link.authority import slug
from kg.prefixes import PREFIXES
from kg.rdf.decisions import decision_quads, read_decisions, same_as_quads
from kg.rdf.namespaces import DCTERMS, GEONAMES, NKG, OWL, RDF, SCHEMA, SKOS
from kg.rdf.terms import Mint
from kg.resolve.identity import DOUBTFUL
from kg.state import State
from kg.store import Store, reading
from kg.vocabulary import EntityType

# Sentences shown for one doubt.
SENTENCES = 3
WIKIDATA = PREFIXES["wd"]
ITEM = re.compile(r"(?:wd:)?(Q[1-9]\d*)|geonames:([1-9]\d*)")


@dataclass(frozen=True, slots=True)
class Option:
    """An item that was considered, or is the match; `score` where one was kept."""

    target: str
    label: str = ""
    score: float | None = None
    ground: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A mention and the sentence around it."""

    mention: str
    text: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """A link or merge to be looked at. `other` is the thing, or the article's own identifier, that is or may be one with it."""

    kind: str
    entity: str
    label: str
    mentions: int
    ground: str
    confidence: float | None = None
    other: str | None = None
    article: str | None = None
    candidates: tuple[Option, ...] = ()
    evidence: tuple[Sentence, ...] = ()


def doubts(folder: str | Path, kind: str | None = None, limit: int | None = None) -> list[Doubt]:
    """The doubtful links and merges of a store's current snapshot that nobody decided on, the most mentioned first."""
    with reading(folder) as (database, snapshot):
        desk = _Reader(database, snapshot.base)
        found = (desk.links() if kind in (None, "link") else []) + (desk.merges() if kind in (None, "merge") else [])
        found.sort(key=lambda d: (-d.mentions, d.kind, d.entity, d.other or "", d.ground))
        return [desk.with_evidence(d) for d in found[:limit]]


class _Reader:
    """Reads what is doubtful from a snapshot."""

    def __init__(self, database: ox.Store, base: str) -> None:
        self._database, self._base = database, base
        self._graph = f"GRAPH {Mint(base).graph('entities')}"
        self._decided = {(i, d.kind) for d in active(read_decisions(database, base)) for i in (d.subject, *d.others)}
        rows = self._rows("SELECT ?e (COUNT(?m) AS ?n) WHERE { ?m itsrdf:taIdentRef ?e } GROUP BY ?e")
        self._mentions = {row["e"]: int(row["n"]) for row in rows}

    def links(self) -> list[Doubt]:
        """Close matches, exact ones of which no mention is sure, and things with candidates but without a match."""
        options: defaultdict[str, list[Option]] = defaultdict(list)
        for row in self._rows(
            "SELECT ?e ?t ?s ?l ?g WHERE { ?c a nkg:Candidate ; nkg:source ?e ; nkg:target ?t . "
            "OPTIONAL { ?c nkg:score ?s } OPTIONAL { ?c rdfs:label ?l } OPTIONAL { ?c nkg:ground ?g } }"
        ):
            score = float(row["s"]) if row["s"] else None
            options[row["e"]].append(Option(row["t"], row["l"], score, row["g"]))
        exact = {
            row["e"]: row["i"]
            for row in self._rows(
                f"SELECT ?e ?i WHERE {{ {self._graph} {{ ?e skos:exactMatch ?i }} }} ORDER BY DESC(?i)"
            )
        }
        found = {e: ("candidates, and none of them sure", None) for e in options if e not in exact}
        for row in self._rows(f"SELECT ?e ?i WHERE {{ {self._graph} {{ ?e skos:closeMatch ?i }} }} ORDER BY DESC(?i)"):
            found[row["e"]] = (f"a close match, not an exact one: {row['i']}", None)
            options[row["e"]] = options[row["e"]] or [Option(row["i"])]
        unsure = (
            "SELECT ?e (MAX(?c) AS ?best) WHERE { ?m itsrdf:taIdentRef ?e ; itsrdf:taConfidence ?c . "
            f"FILTER EXISTS {{ {self._graph} {{ ?e skos:exactMatch ?i }} }} }} GROUP BY ?e HAVING(MAX(?c) < {DOUBTFUL})"
        )
        for row in self._rows(unsure):
            found[row["e"]] = ("no mention of it is surely linked", float(row["best"]))  # type: ignore[assignment]
            options[row["e"]] = options[row["e"]] or [Option(exact[row["e"]])]
        return [
            self._doubt(
                "link", e, ground, sure, candidates=tuple(sorted(options[e], key=lambda o: (-(o.score or 0), o.target)))
            )
            for e, (ground, sure) in found.items()
            if not self._is_decided(e, Kind.ACCEPT, Kind.REJECT, Kind.REPLACE)
        ]

    def merges(self) -> list[Doubt]:
        """Merges that are not sure, and things of one name that are kept apart."""
        doubts = []
        for row in self._rows(
            "SELECT ?e ?o ?g ?c ?m ?n WHERE { ?n a nkg:Merge ; nkg:target ?e ; nkg:source ?m ; dcterms:identifier ?o ; "
            f"nkg:ground ?g ; nkg:confidence ?c . FILTER(?c < {DOUBTFUL}) }}"
        ):
            if not self._is_decided(row["e"], Kind.MERGE, Kind.SPLIT):
                article = row["m"].partition("#")[0].removeprefix(self._base + "article/")
                doubts.append(
                    self._doubt("merge", row["e"], row["g"], float(row["c"]), other=row["o"], article=article)
                )
        for row in self._rows(
            "SELECT ?e ?o ?g WHERE { ?n a nkg:Distinction ; nkg:source ?e ; nkg:target ?o ; nkg:ground ?g }"
        ):
            if not (self._is_decided(row["e"], Kind.REJECT) and self._is_decided(row["o"], Kind.REJECT)):
                other = row["o"].removeprefix(self._base)
                doubts.append(self._doubt("merge", row["e"], "kept apart: " + row["g"], None, other=other))
        return doubts

    def with_evidence(self, doubt: Doubt) -> Doubt:
        """The doubt with the first sentences that name the thing, and the other."""
        things = [doubt.entity, *([doubt.other] if doubt.other and doubt.kind == "merge" and not doubt.article else [])]
        if doubt.article:
            where = f'FILTER(STRSTARTS(STR(?m), "{self._base}article/{doubt.article}#"))'
            evidence = self._sentences(doubt.entity, where)[:1] + self._sentences(doubt.entity)
        else:
            evidence = [s for thing in things for s in self._sentences(thing)[: SENTENCES if len(things) == 1 else 2]]
        return Doubt(
            doubt.kind,
            doubt.entity,
            doubt.label,
            doubt.mentions,
            doubt.ground,
            doubt.confidence,
            doubt.other,
            doubt.article,
            doubt.candidates,
            tuple(dict.fromkeys(evidence)),
        )

    def _sentences(self, entity: str, where: str = "") -> list[Sentence]:
        rows = self._rows(
            f"SELECT ?m ?t ?w WHERE {{ ?m itsrdf:taIdentRef <{Mint(self._base).node(entity).value}> ; nif:anchorOf ?w . {where} "
            f"OPTIONAL {{ ?m nif:sentence/nif:anchorOf ?t }} }} ORDER BY ?m LIMIT {SENTENCES}"
        )
        return [Sentence(row["m"], " ".join((row["t"] or row["w"]).split())) for row in rows]

    def _doubt(self, kind: str, entity: str, ground: str, sure: float | None, **more: Any) -> Doubt:
        labels = self._rows(f"SELECT ?l WHERE {{ <{entity}> skos:prefLabel ?l }}")
        label = labels[0]["l"] if labels else ""
        return Doubt(kind, entity.removeprefix(self._base), label, self._mentions.get(entity, 0), ground, sure, **more)

    def _is_decided(self, iri: str, *kinds: Kind) -> bool:
        return any((iri.removeprefix(self._base), kind) in self._decided for kind in kinds)

    def _rows(self, query: str) -> list[dict[str, str]]:
        found: Any = self._database.query(query, prefixes=PREFIXES, use_default_graph_as_union=True)
        names = [v.value for v in found.variables]
        return [{name: row[name].value if row[name] is not None else "" for name in names} for row in found]


def log(folder: str | Path) -> list[tuple[Decision, bool]]:
    """All decisions of a store's current snapshot by time, each with whether it stands."""
    with reading(folder) as (database, snapshot):
        decisions = ordered(read_decisions(database, snapshot.base))
    standing = {d.id for d in active(decisions)}
    return [(d, d.id in standing) for d in decisions]


def take(
    folder: str | Path,
    kind: Kind,
    subject: str,
    *,
    author: str,
    time: str,
    model: str,
    item: str | None = None,
    others: tuple[str, ...] = (),
    articles: tuple[str, ...] = (),
    label: str | None = None,
    type_: EntityType | None = None,
    note: str | None = None,
    same_as: bool = False,
) -> tuple[Decision, str]:
    """Takes a decision and brings the store up to it. Gives the decision and the snapshot that shows it.

    Things and articles are named by identifier or IRI, items by IRI, `Q42` or `geonames:42`. `UnknownName` names what the
    store does not have, `QueryError` what does not fit together; nothing is kept then.
    """
    from kg.build import Report, publish

    if not author.strip():
        raise QueryError("a decision needs an author: name one with --author")
    try:
        datetime.fromisoformat(time)
    except ValueError:
        raise QueryError(f"{time!r} is no time: give it as 2031-05-01T10:00:00Z") from None
    with Store.open(folder) as store, State(store.folder) as state:
        desk = _Checker(store)
        decision = desk.check(
            Decision(
                kind=kind,
                subject=subject,
                author=author.strip(),
                time=time,
                item=item,
                others=others,
                articles=articles,
                label=label,
                note=note,
                same_as=same_as,
            ),
            type_,
        )
        _write(store, decision)
        report = Report()
        publish(store, state, report, "review", datetime.now(UTC), model, lambda *_: None)
    return decision, report.snapshot


def _write(store: Store, decision: Decision) -> None:
    """Adds a decision to its graph, and brings the identities that decisions state up to it."""
    graph = Mint(store.base).graph("decisions")
    store.quads.extend(decision_quads(decision, store.base))
    stated = set(same_as_quads(read_decisions(store.quads, store.base), store.base))
    for quad in list(store.quads.quads_for_pattern(None, OWL.sameAs, None, graph)):
        if quad not in stated:
            store.quads.remove(quad)
    store.quads.extend(stated)


class _Checker:
    """Completes a decision from the live store, and refuses what does not fit."""

    def __init__(self, store: Store) -> None:
        self._quads, self._base, self._mint = store.quads, store.base, Mint(store.base)
        self._entities = self._mint.graph("entities")
        self._folder = store.folder

    def check(self, decision: Decision, type_: EntityType | None) -> Decision:
        """The decision as it is to be kept."""
        given = {name: getattr(decision, name) for name in ("kind", "author", "time", "note")}
        if decision.kind is Kind.UNDO:
            return Decision(**given, subject=self._standing(decision.subject))
        subject = self.thing(decision.subject)
        if decision.kind is Kind.MERGE:
            others = tuple(sorted({self.thing(o, merged=True) for o in decision.others} - {subject})) or self._merged(
                subject
            )
            return Decision(**given, subject=subject, others=others)
        if decision.kind is Kind.SPLIT:
            articles = self._articles(subject, decision.articles)
            return Decision(
                **given,
                subject=subject,
                articles=articles,
                label=decision.label,
                others=(self._free(f"{subject}-{slug(decision.label)}" if decision.label else subject, articles),),
            )
        if decision.kind is Kind.RETYPE and type_ is not None:
            if subject.startswith(type_.value + "/"):
                raise QueryError(f"{subject} is a {type_.value} already")
            new = self._free(f"{type_.value}/{subject.partition('/')[2]}", ())
            return Decision(**given, subject=subject, others=(new,))
        if decision.kind is Kind.RENAME:
            if not (decision.label or "").strip():
                raise QueryError(f"a new label for {subject} is missing")
            return Decision(**given, subject=subject, label=" ".join((decision.label or "").split()))
        if decision.kind is Kind.REJECT and decision.item and self._is_thing(decision.item):
            return Decision(**given, subject=subject, others=(self.thing(decision.item),))
        item = self._item(subject, decision)
        return Decision(**given, subject=subject, item=item, same_as=decision.same_as)

    def thing(self, name: str, merged: bool = False) -> str:
        """The identifier of a thing of the store; with `merged`, also one that only an article's own words have."""
        identifier = name.removeprefix(self._base)
        if self._is_thing(identifier):
            return identifier
        pattern = self._quads.quads_for_pattern(None, DCTERMS.identifier, ox.Literal(identifier), self._entities)
        if merged and next(pattern, None):
            return identifier
        raise UnknownName(
            f"{self._folder} has no person, organisation, place or group {identifier!r}: "
            f"`kg review --store {self._folder} list` names them; nothing was decided"
        )

    def _is_thing(self, identifier: str) -> bool:
        kind, _, name = identifier.removeprefix(self._base).partition("/")
        if kind not in set(EntityType) or not name:
            return False
        node = self._mint.node(identifier.removeprefix(self._base))
        return next(self._quads.quads_for_pattern(node, RDF.type, None, self._entities), None) is not None

    def _merged(self, subject: str) -> tuple[str, ...]:
        """What the program merged into a thing, by the identifiers that the articles have for it."""
        nodes = self._quads.quads_for_pattern(None, NKG.target, self._mint.node(subject), self._entities)
        names = {
            str(q.object.value)  # type: ignore[union-attr]
            for node in nodes
            for q in self._quads.quads_for_pattern(node.subject, DCTERMS.identifier, None, self._entities)
        }
        if not names:
            raise QueryError(f"nothing was merged into {subject}: name what is to be merged with it")
        return tuple(sorted(names))

    def _articles(self, subject: str, names: tuple[str, ...]) -> tuple[str, ...]:
        found = []
        for name in dict.fromkeys(names):
            identifier = name.removeprefix(self._base).removeprefix("article/")
            node = self._mint.article(identifier)
            if next(self._quads.quads_for_pattern(node, SCHEMA.mentions, self._mint.node(subject), node), None) is None:
                raise UnknownName(f"no article {identifier!r} names {subject}: nothing was decided")
            found.append(identifier)
        everywhere = {
            q.subject for q in self._quads.quads_for_pattern(None, SCHEMA.mentions, self._mint.node(subject), None)
        }
        if len(everywhere) == len(found):
            raise QueryError(
                f"all articles that name {subject} are given: leave out those in which it stays what it is"
            )
        return tuple(sorted(found))

    def _free(self, wanted: str, articles: tuple[str, ...]) -> str:
        """An identifier that no thing has."""
        digest = hashlib.sha256("\n".join((wanted, *articles)).encode()).hexdigest()
        names = [wanted, *(f"{wanted}-{digest[:n]}" for n in (8, 16, 32, 64))]
        return next(n for n in names if not self._is_thing(n))

    def _item(self, subject: str, decision: Decision) -> str:
        if decision.item:
            short = ITEM.fullmatch(decision.item)
            if short:
                return WIKIDATA + short[1] if short[1] else f"{GEONAMES}{short[2]}/"
            if re.fullmatch(rf"{re.escape(WIKIDATA)}Q[1-9]\d*|{re.escape(GEONAMES)}[1-9]\d*/", decision.item):
                return decision.item
            raise QueryError(
                f"{decision.item!r} is neither an item (Q42, geonames:42, or their IRI) nor a thing of the store"
            )
        if decision.kind is Kind.REPLACE:
            raise QueryError(f"the item that {subject} is to be linked to is missing")
        node = self._mint.node(subject)
        for property_ in (SKOS.exactMatch, SKOS.closeMatch):
            found = [str(q.object.value) for q in self._quads.quads_for_pattern(node, property_, None, self._entities)]  # type: ignore
            if found:
                return min(found, key=lambda i: (not i.startswith(WIKIDATA), i))
        raise QueryError(f"{subject} has no match: name the item")

    def _standing(self, name: str) -> str:
        """The decision of which `name` is the beginning of the identifier; the last one without a name."""
        decisions = ordered(read_decisions(self._quads, self._base))
        undone = {d.subject for d in decisions if d.kind is Kind.UNDO}
        standing = {d.id for d in active(decisions)} | {
            d.id for d in decisions if d.kind is Kind.UNDO and d.id not in undone
        }
        identifier = name.removeprefix(self._base).removeprefix("decision/")
        if not identifier:
            open_ = active(decisions)
            if not open_:
                raise UnknownName(f"{self._folder} has no decision that stands: nothing was undone")
            return open_[-1].id
        fitting = [d.id for d in decisions if d.id.startswith(identifier)]
        if len(fitting) != 1 or fitting[0] not in standing:
            problem = "was undone already" if len(fitting) == 1 else f"fits {len(fitting)} decisions"
            raise UnknownName(
                f"{identifier!r} {problem}: `kg review --store {self._folder} log` lists them; nothing was undone"
            )
        return fitting[0]
