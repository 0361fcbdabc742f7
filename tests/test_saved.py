"""Saved queries: header, slots, typed parameters that cannot change the query, and every query of the package."""

from __future__ import annotations

import json
from pathlib import Path

import pyoxigraph as ox
import pytest
from sample import BASE, quads

from kg.errors import QueryError, UnknownName
from kg.query.header import read_header
from kg.query.saved import find, load_queries, parse_query, slots
from kg.query.tokens import tokenise

QUERIES = load_queries()
TEXT = """#+ summary: A test
#+ tags: [a, b]
#+ view: chart
#+ x: date
#+ description: >
#+   first line
#+   second line: with a colon
#+ params:
#+   - name: who
#+     type: entity
#+   - name: word
#+     type: string
#+     default: x
#+   - name: size
#+     type: integer
#+     values: [1, 2]
SELECT * WHERE {
  VALUES ?_who { UNDEF }   # VALUES ?_other { in a comment }
  VALUES ?_word { "x" }
  VALUES ?_size { UNDEF }
  ?s ?p ?o FILTER(?o = ?_word || ?o = ?_size || ?s = ?_who)
}
"""


@pytest.fixture(scope="module")
def store() -> ox.Store:
    found = ox.Store()
    found.extend(quads())
    return found


def test_header() -> None:
    header = read_header(TEXT)
    assert header["summary"] == "A test"
    assert header["tags"] == ["a", "b"]
    assert header["description"] == "first line second line: with a colon"
    assert header["params"][2] == {"name": "size", "type": "integer", "values": ["1", "2"]}


@pytest.mark.parametrize("line", ["#+ summary", "#+ a: b\n#+    c: d", "#+ summary: x\n#+ nonsense here"])
def test_header_errors_name_the_line(line: str) -> None:
    with pytest.raises(QueryError, match="query test"):
        parse_query("test", line + "\nSELECT * {}")


def test_defaults_are_what_the_text_has() -> None:
    query = parse_query("test", TEXT)
    assert query.bind({}) == query.body
    assert query.bind({"word": "", "who": []}) == query.body


def test_values_become_terms() -> None:
    text = parse_query("test", TEXT).bind({"who": ["person/a", "http://x.example/b"], "size": "2", "word": "y"}, BASE)
    assert f"VALUES ?_who {{ <{BASE}person/a> <http://x.example/b> }}" in text
    assert 'VALUES ?_size { "2"^^<http://www.w3.org/2001/XMLSchema#integer> }' in text
    assert 'VALUES ?_word { "y" }' in text


HOSTILE = [
    '"',
    "\\",
    '\\"',
    "}",
    "{",
    "\n",
    "\r\n",
    "\\u0022 } #",
    "'",
    "'''",
    '"""',
    ">",
    "# }",
    "} UNION { ?s ?p ?o",
    "\x00",
    "🌊",
    "@en",
    "^^",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_strings_stay_strings(value: str) -> None:
    query = parse_query("test", TEXT)
    text = query.bind({"word": value})
    before, after = tokenise(query.body), tokenise(text)
    assert [token.kind for token in before] == [token.kind for token in after]
    found = list(
        ox.Store().query(
            f"SELECT ?w {{ {text[text.index('VALUES ?_word') :].splitlines()[0].replace('?_word', '?w')} }}"
        )
    )
    assert found[0]["w"].value == value


@pytest.mark.parametrize(
    "value", ["a> . } #", "person/<x>", 'person/"', "person/a b", "person/{x}", "javascript:\n", "\\u003e"]
)
def test_hostile_iris_are_refused(value: str) -> None:
    with pytest.raises(QueryError, match="parameter who"):
        parse_query("test", TEXT).bind({"who": value})
    with pytest.raises(QueryError, match="parameter who"):
        parse_query("test", TEXT).bind({"who": value}, BASE)


@pytest.mark.parametrize(("name", "value"), [("size", "3"), ("size", "x"), ("nobody", "x"), ("word", "x" * 5000)])
def test_wrong_values_are_named(name: str, value: str) -> None:
    with pytest.raises(QueryError, match=name):
        parse_query("test", TEXT).bind({name: value})


def test_dates_and_numbers_are_checked() -> None:
    query = QUERIES["figures-by-source"]
    with pytest.raises(QueryError, match="date"):
        query.bind({"from": "3 May"})
    with pytest.raises(QueryError, match="one of"):
        query.bind({"measure": "Loved"})
    assert "nkg" in query.bind({"from": "2031-01-01"})


def test_a_parameter_without_a_slot_is_an_error() -> None:
    with pytest.raises(QueryError, match="_gone"):
        parse_query("test", "#+ summary: x\n#+ params:\n#+   - name: gone\nSELECT * {}")
    with pytest.raises(QueryError, match="_spare"):
        parse_query("test", "#+ summary: x\nSELECT * { VALUES ?_spare { UNDEF } }")


def test_names_are_looked_up_never_joined(tmp_path: Path) -> None:
    for name in ("../secret", "/etc/passwd", "who-said-what.rq", "", "WHO"):
        with pytest.raises(UnknownName):
            find(QUERIES, name)
    (tmp_path / "Bad Name.rq").write_text("#+ summary: x\nSELECT * {}")
    with pytest.raises(QueryError, match="small letters"):
        load_queries(tmp_path)


@pytest.mark.parametrize("name", QUERIES)
def test_every_query_answers_the_sample(name: str, store: ox.Store) -> None:
    query = QUERIES[name]
    assert query.summary
    assert query.description
    assert query.tags
    for parameter in query.parameters:
        assert parameter.description, parameter.name
        begin, end = slots(tokenise(query.body))[parameter.variable]
        default = [token.text for token in tokenise(query.body)[begin + 1 : end]]
        assert default == (["nkg:" + parameter.default] if parameter.default else ["UNDEF"])
    found = store.query(query.bind({}, BASE), base_iri=BASE, use_default_graph_as_union=True)
    rows = json.loads(found.serialize(format=ox.QueryResultsFormat.JSON))["results"]["bindings"]
    assert rows, "no row on the sample"
    for row in rows:
        assert "#char=" in row["evidence"]["value"]
        assert row["sentence"]["value"]
        article = row["evidence"]["value"].partition("#")[0]
        assert row["evidence"]["value"].startswith(BASE + "article/")
        assert row.get("article", {"value": article})["value"] == article
    plain = [name for name, _ in query.axes]
    assert all(dict(query.axes)[axis] in rows[0] for axis in plain)


def test_parameters_restrict(store: ox.Store) -> None:
    def count(name: str, **given: str) -> int:
        return len(list(store.query(QUERIES[name].bind(given, BASE), base_iri=BASE, use_default_graph_as_union=True)))

    assert count("figures-by-source") == 2
    assert count("figures-by-source", measure="Injured") == 0
    assert count("figures-by-source", to="2031-05-03") == 1
    assert count("figures-by-source", place="place/lindow") == 2
    assert count("figures-by-source", place="place/nowhere") == 0
    assert count("who-said-what", text="BRIDGE") == 2
    assert count("who-said-what", speaker="person/tam-oru") == 0
    assert count("planned-and-demanded", factuality="Demanded") == 1
    assert count("planned-and-demanded", factuality="Planned") == 0
    assert count("event-evidence", event="event/meeting") == 2
    assert count("link-coverage", linked="true") == 1
