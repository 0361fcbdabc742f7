"""SPARQL results written row by row, for answers that are cut at a number of rows; and rows counted in what the engine
writes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any, Protocol
from xml.sax.saxutils import escape, quoteattr

import pyoxigraph as ox


class Sink(Protocol):
    """Where bytes go."""

    def write(self, data: bytes, /) -> int:
        """Takes bytes."""


# What stands once per row in the engine's own output. Exact for XML and TSV, where the sign cannot occur in a value,
# and for JSON
# but for rows without any value; in CSV a line break inside a value counts too. It is for the log.
_MARKS = {"xml": b"<result>", "json": b'"}},{"', "csv": b"\n", "tsv": b"\n", "ntriples": b"\n", "nquads": b"\n"}


class RowCounter:
    """Counts the rows of an answer from its bytes."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._mark = _MARKS.get(name, b"")
        self._tail = b""
        self._count = 0
        self._any = False

    def feed(self, data: bytes) -> None:
        """Takes the next part of the answer."""
        if not self._mark:
            return
        text = self._tail + data
        self._count += text.count(self._mark)
        self._tail = text[len(text) - len(self._mark) + 1 :] if len(self._mark) > 1 else b""
        self._any = self._any or b'"}}' in text

    @property
    def total(self) -> int | None:
        """The number of rows so far; None where the format does not tell."""
        if not self._mark:
            return None
        if self._name == "json":
            return self._count + 1 if self._any else 0
        return max(self._count - 1, 0) if self._name in ("csv", "tsv") else self._count


def term_json(term: Any) -> dict[str, Any]:
    """A term as SPARQL 1.1 Query Results JSON has it."""
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, ox.BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, ox.Triple):
        parts = {"subject": term.subject, "predicate": term.predicate, "object": term.object}
        return {"type": "triple", "value": {name: term_json(part) for name, part in parts.items()}}
    found = {"type": "literal", "value": term.value}
    if term.language:
        found["xml:lang"] = term.language
    elif term.datatype.value != "http://www.w3.org/2001/XMLSchema#string":
        found["datatype"] = term.datatype.value
    return found


def write(
    name: str,
    variables: list[str],
    rows: Iterable[ox.QuerySolution],
    sink: Sink,
    *,
    cut: bool = False,
    safe: bool = False,
) -> None:
    """Writes rows in the format of that short name. A `cut` answer says so inside, where the format has a place for
    it. `safe` CSV is for spreadsheets: cells that one would run as a formula are text, which is not what the
    specification has."""
    if name == "csv":
        _csv(variables, rows, sink, _safe_cell if safe else _cell)
    else:
        {"json": _json, "xml": _xml, "tsv": _tsv}[name](variables, rows, sink, cut)


def _json(variables: list[str], rows: Iterable[ox.QuerySolution], sink: Sink, cut: bool) -> None:
    head = json.dumps({"vars": variables, **({"truncated": True} if cut else {})})
    sink.write(f'{{"head":{head},"results":{{"bindings":['.encode())
    for number, row in enumerate(rows):
        found = {name: term_json(row[index]) for index, name in enumerate(variables) if row[index] is not None}
        sink.write((("," if number else "") + json.dumps(found, ensure_ascii=False, separators=(",", ":"))).encode())
    sink.write(b"]}}")


def _xml(variables: list[str], rows: Iterable[ox.QuerySolution], sink: Sink, cut: bool) -> None:
    head = "".join(f"<variable name={quoteattr(name)}/>" for name in variables)
    link = '<link href="https://w3id.org/newskg/ontology#truncated"/>' if cut else ""
    sink.write(
        f'<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#"><head>{head}{link}</head><results>'.encode()
    )
    for row in rows:
        cells = (
            f"<binding name={quoteattr(name)}>{_term_xml(term_json(row[index]))}</binding>"
            for index, name in enumerate(variables)
            if row[index] is not None
        )
        sink.write(f"<result>{''.join(cells)}</result>".encode())
    sink.write(b"</results></sparql>")


def _term_xml(term: dict[str, Any]) -> str:
    kind, text = term["type"], term["value"]
    if kind == "triple":
        return "<triple>" + "".join(f"<{name}>{_term_xml(part)}</{name}>" for name, part in text.items()) + "</triple>"
    text = escape(text, {"\r": "&#13;"})
    if kind != "literal":
        return f"<{kind}>{text}</{kind}>"
    language = f" xml:lang={quoteattr(term['xml:lang'])}" if "xml:lang" in term else ""
    datatype = f" datatype={quoteattr(term['datatype'])}" if "datatype" in term else ""
    return f"<literal{language}{datatype}>{text}</literal>"


def _csv(variables: list[str], rows: Iterable[ox.QuerySolution], sink: Sink, cell: Callable[[Any], str]) -> None:
    sink.write((",".join(variables) + "\r\n").encode())
    for row in rows:
        sink.write((",".join(cell(row[index]) for index in range(len(variables))) + "\r\n").encode())


def _cell(term: Any) -> str:
    if term is None:
        return ""
    text = str(term) if isinstance(term, ox.BlankNode | ox.Triple) else term.value
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in '",\r\n') else text


# What a cell begins with that a spreadsheet runs (OWASP, CSV Injection); a number may have a sign.
_FORMULA = re.compile(r"\s*[=+\-@\t\r\n|%]|\s*[＝＋－＠]")
_NUMBER = re.compile(r"[+-]?[\d.]+(?:[eE][+-]?\d+)?")


def _safe_cell(term: Any) -> str:
    if isinstance(term, ox.Literal) and _FORMULA.match(term.value) and not _NUMBER.fullmatch(term.value):
        return _cell(ox.Literal("'" + term.value))
    return _cell(term)


def _tsv(variables: list[str], rows: Iterable[ox.QuerySolution], sink: Sink, _cut: bool) -> None:
    sink.write(("\t".join("?" + name for name in variables) + "\n").encode())
    for row in rows:
        cells = ("" if row[index] is None else str(row[index]).replace("\t", "\\t") for index in range(len(variables)))
        sink.write(("\t".join(cells) + "\n").encode())
