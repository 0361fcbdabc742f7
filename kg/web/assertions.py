"""What articles assert, put together for the pages: from rows `article, node, property, value` to one record for each
account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from kg.prefixes import PREFIXES
from kg.web.site import Row
from kg.web.terms import short

SECTIONS = (("event", "Events"), ("statement", "Statements"), ("figure", "Figures"), ("position", "Positions"))
_KINDS = {"Statement": "statement", "UnassertedStatement": "statement", "Figure": "figure", "Position": "position"}
_LABELS = {"event": "rdfs:label", "statement": "schema:text", "figure": "surface", "position": "title"}
_ROLES = {"prov:wasAttributedTo": "source", "sem:hasPlace": "place", "countsEvent": "event"}
# What an account of an event is compared by, and what a page calls it.
_FACTS = (
    ("sem:hasBeginTimeStamp", "Begins"),
    ("sem:hasEndTimeStamp", "Ends"),
    ("sem:hasPlace", "Place"),
    ("agent", "By"),
    ("patient", "To"),
    ("participant", "With"),
    ("rdf:type", "Type"),
    ("eventType", "Type"),
    ("factuality", "Presented as"),
    ("sayingFactuality", "Presented as"),
    ("prov:wasAttributedTo", "According to"),
    ("confidence", "Confidence"),
)
# How a relation reads from its subject, and from its object.
READ = {
    "conflictsWith": ("is in conflict with", "is in conflict with"),
    "updates": ("takes the place of", "was replaced by"),
    "repeats": ("repeats", "is repeated by"),
    "fulfils": ("fulfils", "is fulfilled by"),
    "corefersWith": ("is about the same as", "is about the same as"),
}
_PERSONS = {"statement": "speaker", "position": "holder"}


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a property: the term, its label if it is a thing with one, its words if it is a span of text."""

    type: str
    value: str
    name: str = ""
    words: str = ""

    @property
    def shown(self) -> str:
        """What a page shows of it."""
        return self.name or (short(self.value) if self.type == "uri" else self.value)


@dataclass(slots=True)
class Assertion:
    """One account: what one article asserts of one event, statement, figure or position. Properties by their short
    names."""

    iri: str
    article: str
    values: dict[str, list[Value]] = field(default_factory=lambda: defaultdict(list))
    headline: str = ""
    published: str = ""
    publisher: str = ""
    roles: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """`event`, `statement`, `figure` or `position`; empty for whatever else has evidence."""
        for value in self.values.get("rdf:type", ()):
            if short(value.value) in _KINDS:
                return _KINDS[short(value.value)]
        return "event" if "factuality" in self.values else ""

    def first(self, *names: str) -> Value | None:
        """The first value of the first of these properties that there is."""
        return next((self.values[name][0] for name in names if self.values.get(name)), None)

    @property
    def label(self) -> str:
        """What it says, in short: the label, the statement's words, the figure's words, the title."""
        found = self.first(_LABELS.get(self.kind, "rdfs:label"))
        return found.value if found else short(self.iri)

    @property
    def person(self) -> Value | None:
        """Who says it or holds it."""
        return self.first(_PERSONS.get(self.kind, ""))

    @property
    def direct(self) -> bool:
        """Whether a statement is quoted word for word; else its words are the article's."""
        return any(short(value.value) == "schema:Quotation" for value in self.values.get("rdf:type", ()))

    @property
    def types(self) -> list[str]:
        """Event classes, as words."""
        found = [*self.values.get("rdf:type", ()), *self.values.get("eventType", ())]
        return [
            short(value.value)
            for value in found
            if value.value.startswith(PREFIXES["nkg"]) and short(value.value) != "UnassertedEvent"
        ]

    def facts(self, accounts: Iterable[Assertion]) -> list[tuple[str, list[Value], bool]]:
        """What it says of an event: title, values, and whether another of these accounts says otherwise, or nothing."""
        found = []
        for name, title in _FACTS:
            own = [
                value for value in self.values.get(name, ()) if not value.value.endswith(("#UnassertedEvent", "/Event"))
            ]
            if own:
                said = {value.value for value in own}
                others = ({value.value for value in other.values.get(name, ())} for other in accounts)
                differs = name != "confidence" and not all(said <= other for other in others)
                found.append((title, own, differs))
        return found

    @property
    def evidence(self) -> list[Value]:
        """The spans of text that say it, in the order of the text."""
        return sorted(self.values.get("prov:wasDerivedFrom", ()), key=lambda value: _begin(value.value))

    @property
    def sources(self) -> list[Value]:
        """To whom the article attributes it, beyond the speaker of a statement."""
        person = self.person
        return [
            value
            for value in self.values.get("prov:wasAttributedTo", ())
            if person is None or value.value != person.value
        ]


def _begin(span: str) -> int:
    begin = span.rpartition("=")[2].partition(",")[0]
    return int(begin) if begin.isdigit() else 0


def gather(rows: Iterable[Row], thing: str = "") -> list[Assertion]:
    """The accounts in rows of `article, node, property, value, name, words`, by kind and place in the text; `thing`
    gives the roles."""
    found: dict[tuple[str, str], Assertion] = {}
    for row in rows:
        key = (row["article"]["value"], row["node"]["value"])
        account = found.setdefault(key, Assertion(key[1], key[0]))
        name = short(row["property"]["value"])
        value = Value(row["value"]["type"], row["value"]["value"], _text(row, "name"), _text(row, "words"))
        if value not in account.values[name]:
            account.values[name].append(value)
        if thing and value.value == thing and name != "sem:hasActor" and name not in account.roles:
            account.roles.append(name)
    for account in found.values():
        if "speaker" in account.roles:  # a statement is attributed to its speaker anyway
            account.roles = [name for name in account.roles if name != "prov:wasAttributedTo"]
        account.roles = [_ROLES.get(name, name) for name in account.roles]
    kept = [account for account in found.values() if account.kind and account.evidence]
    return sorted(kept, key=lambda item: (item.article, _begin(item.evidence[0].value), item.iri))


def add_articles(accounts: Iterable[Assertion], rows: Iterable[Row]) -> None:
    """Adds headline, date and outlet of the articles, and nothing else."""
    about = {row["article"]["value"]: row for row in rows}
    for account in accounts:
        row = about.get(account.article, {})
        account.headline, account.published = _text(row, "headline"), _text(row, "published")
        account.publisher = _text(row, "publisherName")


def sections(accounts: list[Assertion]) -> list[tuple[str, str, list[Assertion]]]:
    """The accounts by kind, with the heading of each kind; in order of publication."""
    ordered = sorted(accounts, key=lambda item: item.published)
    return [(kind, title, [account for account in ordered if account.kind == kind]) for kind, title in SECTIONS]


def _text(row: Row, name: str) -> str:
    return row[name]["value"] if name in row else ""
