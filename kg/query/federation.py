"""SERVICE without sockets in the workers: its pattern is sent out by the server, and its rows stand in its place.

SPARQL 1.1 Federated Query defines SERVICE as the join with what the endpoint answers, which a VALUES block is as well; so
`SERVICE <address> { pattern }` becomes `{ VALUES (…) { … } }` before the query goes to a worker, which fetches nothing.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pyoxigraph as ox

from kg.errors import NotAllowed, OnlineError, QueryError
from kg.query.guarded import Guard
from kg.query.tokens import Token, check_remote, tokenise

# Each is a request to another server.
MAX_SERVICES = 5
# A longer query is not looked through, which takes the server's own time and memory.
MAX_TEXT = 1 << 20
_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE", "INSERT", "DELETE", "WITH")


def with_services(text: str, base: str | None, guard: Guard) -> str:
    """The query (or update) with the rows of its services in it. Raises `NotAllowed`, or `OnlineError` unless SILENT."""
    if "service" not in text.lower():
        return text
    if len(text) > MAX_TEXT:
        raise QueryError(f"a query with SERVICE may have {MAX_TEXT >> 20} MiB here: ask in parts")
    tokens = tokenise(text)
    if not any(token.keyword == "SERVICE" for token in tokens):
        return text
    check_remote(tokens, "SERVICE", guard.allowed)
    first = next((token.start for token in tokens if token.keyword in _FORMS), 0)
    prologue = text[:first]
    if base and not any(token.keyword == "BASE" for token in tokens):
        prologue = f"BASE <{base}>\n{prologue}"
    parts, position, count = [], 0, 0
    for index, token in enumerate(tokens):
        if token.keyword != "SERVICE" or token.start < position:  # what is inside another is the other server's to ask
            continue
        count += 1
        if count > MAX_SERVICES:
            raise NotAllowed(f"a query may have {MAX_SERVICES} SERVICE patterns here: ask in parts")
        silent = tokens[index + 1].keyword == "SILENT"
        address, opening, closing = _pattern(tokens, index + 1 + silent)
        query = f"{prologue}SELECT * WHERE {text[opening.start : closing.end]}"
        parts += [text[position : token.start], _rows(guard, address.text[1:-1], query, silent)]
        position = closing.end
    return "".join(parts) + text[position:]


def _pattern(tokens: list[Token], index: int) -> tuple[Token, Token, Token]:
    """The address of a service, and the braces around its pattern."""
    try:
        address, opening = tokens[index], tokens[index + 1]
        closing = next(
            t for t in tokens[index + 2 :] if t.text == "}" and t.kind == "sign" and t.depth == opening.depth
        )
    except (IndexError, StopIteration):
        raise QueryError("a SERVICE has no pattern in braces: write SERVICE <address> { … }") from None
    if opening.text != "{":
        raise QueryError("a SERVICE has no pattern in braces: write SERVICE <address> { … }")
    return address, opening, closing


def _rows(guard: Guard, address: str, query: str, silent: bool) -> str:
    try:
        names, rows = guard.rows(address, query)
        lines = (" ".join(_term(row.get(name)) for name in names) for row in rows)
        return (
            f"{{ VALUES ({' '.join('?' + name for name in names)}) {{ {' '.join(f'({line})' for line in lines)} }} }}"
        )
    except OnlineError:
        if silent:
            return "{}"  # one solution without bindings, as the specification says
        raise
    except (ValueError, TypeError, KeyError, AttributeError):
        raise OnlineError(
            f"SERVICE <{address}> answers terms that are none of RDF: try the query there first"
        ) from None


def _term(found: dict[str, Any] | None) -> str:
    """A term of SPARQL's JSON results as SPARQL writes it. A blank node gets an IRI: it is one only in its own answer."""
    if found is None:
        return "UNDEF"
    kind, text = found["type"], found["value"]
    if kind == "uri":
        return str(ox.NamedNode(text))
    if kind == "bnode":
        return str(ox.NamedNode("urn:newskg:bnode:" + quote(text, safe="")))
    if found.get("xml:lang"):
        return str(ox.Literal(text, language=found["xml:lang"]))
    if found.get("datatype"):
        return str(ox.Literal(text, datatype=ox.NamedNode(found["datatype"])))
    return str(ox.Literal(text))
