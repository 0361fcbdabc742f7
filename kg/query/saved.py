"""Saved queries: `.rq` files with a `#+` header, whose parameters fill declared slots as typed terms.

A parameter `place` belongs to the slot `VALUES ?_place { … }` of the query. A value is checked, made a term,
serialised and put
between the braces; then the query is cut into tokens again, and everything outside the slots must be what it was. Text
of a user is
never spliced into a query. As it stands, a file is plain SPARQL: its slots hold the defaults, `UNDEF` where there is
none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.errors import QueryError, UnknownName
from kg.files import queries_dir
from kg.prefixes import NKG, PREFIXES
from kg.query.header import read_header
from kg.query.tokens import Token, tokenise

XSD = PREFIXES["xsd"]
VIEWS = ("table", "chart", "map", "timeline", "graph")
TYPES = ("iri", "entity", "term", "string", "integer", "decimal", "date", "boolean")
NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# Longer values are no names, dates or numbers, and long ones make long URLs.
MAX_VALUE = 2000


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: its type, its default (empty: any), the values allowed (empty: any of the type), what it is for,
    and for an entity of which kinds it is (`person`, `event`, …; empty: any), so that a form can suggest some."""

    name: str
    type: str
    default: str = ""
    values: tuple[str, ...] = ()
    description: str = ""
    kinds: tuple[str, ...] = ()

    @property
    def variable(self) -> str:
        """The variable of its slot."""
        return "?_" + self.name

    def term(self, text: str, base: str = "") -> str:
        """The value as a SPARQL term. `QueryError` says what the parameter takes."""
        if self.values and text not in self.values:
            raise QueryError(f"parameter {self.name} must be one of {', '.join(self.values)}, not {text!r}")
        if len(text) > MAX_VALUE:
            raise QueryError(f"parameter {self.name} is longer than {MAX_VALUE} characters: shorten it")
        try:
            return str(_term(self.type, text, base))
        except (ValueError, InvalidOperation):
            raise QueryError(f"parameter {self.name} must be {_WANTED[self.type]}, not {text!r}") from None


_WANTED = {
    "iri": "an absolute IRI",
    "entity": "the IRI or path of a thing in the graph, such as person/ada-lovelace",
    "term": "the name of a term of the ontology",
    "string": "text",
    "integer": "a whole number",
    "decimal": "a number",
    "date": "a date such as 2024-03-22",
    "boolean": "true or false",
}


def _term(kind: str, text: str, base: str) -> ox.NamedNode | ox.Literal:
    if kind == "term":
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", text):
            raise ValueError
        return ox.NamedNode(NKG + text)
    if kind in ("iri", "entity"):
        if kind == "entity" and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text):
            text = base + text.lstrip("/")
            if not base:  # the engine resolves it against the base of the store
                ox.NamedNode("http://base.invalid/" + text)
                return _Relative(text)  # type: ignore[return-value]
        return ox.NamedNode(text)
    if kind == "string":
        return ox.Literal(text)
    if kind == "integer":
        return ox.Literal(str(int(text)), datatype=ox.NamedNode(XSD + "integer"))
    if kind == "decimal":
        number = Decimal(text)
        if not number.is_finite():
            raise ValueError
        return ox.Literal(format(number, "f"), datatype=ox.NamedNode(XSD + "decimal"))
    if kind == "date":
        return ox.Literal(date.fromisoformat(text).isoformat(), datatype=ox.NamedNode(XSD + "date"))
    if text not in ("true", "false"):
        raise ValueError
    return ox.Literal(text, datatype=ox.NamedNode(XSD + "boolean"))


class _Relative(str):
    """A relative IRI as SPARQL writes it."""

    def __str__(self) -> str:
        return f"<{super().__str__()}>"


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A saved query: its name, its text with the header, and what the header says."""

    name: str
    text: str
    summary: str
    description: str = ""
    tags: tuple[str, ...] = ()
    view: str = "table"
    axes: tuple[tuple[str, str], ...] = ()
    """For a chart, map or timeline: which variables are drawn (`x`, `y`, `series`, `label`)."""
    parameters: tuple[Parameter, ...] = ()

    @property
    def body(self) -> str:
        """The query without its header."""
        return "".join(line for line in self.text.splitlines(keepends=True) if not line.startswith("#+")).lstrip("\n")

    def bind(self, given: Mapping[str, str | Sequence[str]], base: str = "") -> str:
        """The query with its parameters set; what is not given, or empty, keeps its default. Several values mean any
        of them.

        `QueryError` names the parameter that is unknown or wrong. Relative IRIs in it are relative to `base`, or,
        without one, stay so.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in given:
            if name not in known:
                listed = ", ".join(known) or "none"
                raise QueryError(f"query {self.name} has no parameter {name!r}; its parameters: {listed}")
        filled: dict[str, list[str]] = {}
        for name, value in given.items():
            values = [text for text in ([value] if isinstance(value, str) else value) if text != ""]
            if values:
                filled[known[name].variable] = [known[name].term(text, base) for text in values]
        return _fill(self.body, filled)


def slots(tokens: list[Token]) -> dict[str, tuple[int, int]]:
    """The slots of a query: variable to the numbers of its opening and closing brace among the tokens."""
    found = {}
    for index in range(len(tokens) - 2):
        values, variable, brace = tokens[index : index + 3]
        if values.keyword == "VALUES" and variable.text.startswith("?_") and brace.text == "{":
            close = next(i for i in range(index + 3, len(tokens)) if tokens[i].text == "}" and tokens[i].kind == "sign")
            found[variable.text] = (index + 2, close)
    return found


def _fill(text: str, filled: dict[str, list[str]]) -> str:
    before = tokenise(text)
    places = slots(before)
    parts, position = [], 0
    for variable, (begin, close) in sorted(places.items(), key=lambda item: item[1]):
        if variable in filled:
            parts += [text[position : before[begin].end], " ", " ".join(filled[variable]), " "]
            position = before[close].start
    result = "".join(parts) + text[position:]
    after = tokenise(result)
    if _outside(before, filled) != _outside(after, filled):  # cannot happen while terms serialise as one term
        raise QueryError("a parameter's value would change the query: it is refused")
    return result


def _outside(tokens: list[Token], filled: Mapping[str, object]) -> list[tuple[str, str]]:
    inside = {
        number
        for variable, (begin, close) in slots(tokens).items()
        if variable in filled
        for number in range(begin + 1, close)
    }
    return [(token.kind, token.text) for number, token in enumerate(tokens) if number not in inside]


def parse_query(name: str, text: str) -> SavedQuery:
    """A saved query from its file's text. `QueryError` says what is wrong with its header or its slots."""
    if not NAME.fullmatch(name):
        raise QueryError(f"query name {name!r} must be of small letters, digits and hyphens: rename the file")
    try:
        header = read_header(text)
        query = SavedQuery(
            name,
            text,
            str(header["summary"]),
            str(header.get("description", "")),
            tuple(header.get("tags", ())),
            str(header.get("view", "table")),
            tuple((axis, str(header[axis])) for axis in ("x", "y", "series", "label") if axis in header),
            tuple(_parameter(item) for item in header.get("params", ())),
        )
    except KeyError as error:
        raise QueryError(f"query {name}: the header has no {error}: add it") from None
    except QueryError as error:
        raise QueryError(f"query {name}: {error}") from None
    if query.view not in VIEWS:
        raise QueryError(f"query {name}: view {query.view!r} must be one of {', '.join(VIEWS)}")
    declared = {parameter.variable for parameter in query.parameters}
    found = set(slots(tokenise(query.body)))
    if declared != found:
        odd = ", ".join(sorted(declared ^ found))
        raise QueryError(
            f"query {name}: each parameter needs one slot `VALUES ?_name {{ … }}` and the other way round: see {odd}"
        )
    return query


def _parameter(item: Any) -> Parameter:
    kind = item.get("type", "string")
    if kind not in TYPES:
        raise QueryError(f"parameter type {kind!r} must be one of {', '.join(TYPES)}")
    return Parameter(
        item["name"],
        kind,
        str(item.get("default", "")),
        tuple(item.get("values", ())),
        str(item.get("description", "")),
        tuple(item.get("kinds", ())),
    )


def load_queries(folder: Path | None = None) -> dict[str, SavedQuery]:
    """All saved queries by name. They are read once, so a name is looked up in this dict and never becomes a path."""
    return {
        path.stem: parse_query(path.stem, path.read_text("utf-8"))
        for path in sorted((folder or queries_dir()).glob("*.rq"))
    }


def find(queries: Mapping[str, SavedQuery], name: str) -> SavedQuery:
    """The query of that name. `UnknownName` lists those there are."""
    if name not in queries:
        raise UnknownName(f"there is no saved query {name!r}; there are: {', '.join(sorted(queries))}")
    return queries[name]
