"""The identities of a store: what the program finds over all its records, as a person decided on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files

from kg.decisions import Outcome, decide, reserved
from kg.link.candidates import Choice
from kg.rdf.decisions import decisions_digest, read_decisions
from kg.rdf.terms import Mint
from kg.records import Extraction
from kg.resolve import Resolution
from kg.resolve.entities import Entity
from kg.resolve.identity import identify
from kg.resolve.occurrences import GENERIC
from kg.resolve.rewriting import LinkChange, apply, decided_items
from kg.state import State
from kg.store import Store


def identities(store: Store, state: State) -> Outcome:
    """Reads the records and the decisions of a store. `StoreError` names a decision that cannot be read."""
    decisions = read_decisions(store.quads, store.base)
    return decide(identify(state.records(), reserved(decisions)), decisions)


def shared_records(state: State, outcome: Outcome) -> Iterator[Extraction]:
    """All records, by identifier, with the identities that hold across articles."""
    return (apply(record, outcome.rewriting) for record in state.records())


def as_decided(resolution: Resolution, outcome: Outcome) -> Resolution:
    """Labels and links as decided, also of what articles do not name in their text, such as outlets."""
    links, labels = outcome.rewriting.links, outcome.rewriting.labels
    changed = {
        i: decided_entity(resolution.entities[i], links.get(i), labels.get(i))
        for i in sorted(links.keys() | labels.keys())
        if i in resolution.entities
    }
    return replace(resolution, entities={**resolution.entities, **changed}) if changed else resolution


def decided_entity(entity: Entity, change: LinkChange | None, label: str | None) -> Entity:
    """An entity as a person decided on it."""
    if label and label != entity.label:
        names = tuple(sorted({*entity.names, entity.label} - {label}))
        entity = replace(entity, label=label, names=names)
    if change:
        wikidata, geonames = decided_items(entity.wikidata, entity.geonames, change)
        if (wikidata, geonames) != (entity.wikidata, entity.geonames):
            entity = replace(entity, wikidata=wikidata, geonames=geonames)
    return entity


def choices_as_decided(choices: dict[str, Choice], outcome: Outcome) -> dict[str, Choice]:
    """Choices made online without the matches that a person rejected; their candidates stay."""
    links = outcome.rewriting.links
    return {
        entity: replace(choice, target=None, property=None)
        if entity in links and choice.target in links[entity].rejected
        else choice
        for entity, choice in choices.items()
    }


def decisions_changed(store: Store, state: State) -> bool:
    """Whether the graph of decisions is another than at the last build."""
    return state.digest(Mint(store.base).graph("decisions").value) != decisions_digest(store.quads, store.base)


def generic_words() -> bytes:
    """The word lists that identity depends on, for the version of the mapping."""
    return b"\0".join((files("kg") / "data" / name).read_bytes() for name in GENERIC)
