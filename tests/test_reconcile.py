"""The reconciliation service against the real server: the shapes of its messages, what it calls a match, and the way a
client goes from a table of names to identifiers."""

from __future__ import annotations

import csv
import io
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sample import BASE, make_store

from server import running

SCHEMAS = json.loads((Path(__file__).parent / "reconcile_schemas.json").read_text("utf-8"))
TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}


def check(found: Any, schema: dict[str, Any], at: str = "$") -> None:
    """Holds a message to a JSON schema, of which it knows the words that ours use."""
    if "$ref" in schema:
        schema = SCHEMAS[schema["$ref"]]
    if "oneOf" in schema:
        assert sum(fits(found, one) for one in schema["oneOf"]) == 1, f"{at}: {found}"
        return
    if "enum" in schema:
        assert found in schema["enum"], at
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds:
        boolean = isinstance(found, bool)
        assert any(isinstance(found, TYPES[kind]) and (not boolean or kind == "boolean") for kind in kinds), at
    if isinstance(found, dict):
        assert set(schema.get("required", ())) <= set(found), at
        for key, value in found.items():
            rules = [schema["properties"][key]] if key in schema.get("properties", {}) else []
            rules += [rule for pattern, rule in schema.get("patternProperties", {}).items() if re.search(pattern, key)]
            assert rules or schema.get("additionalProperties", True), f"{at}.{key}"
            for rule in rules:
                check(value, rule, f"{at}.{key}")
    if isinstance(found, list):
        for number, value in enumerate(found):
            check(value, schema.get("items", {}), f"{at}[{number}]")
        assert "contains" not in schema or any(fits(value, schema["contains"]) for value in found), at
    if isinstance(found, str):
        assert re.search(schema.get("pattern", ""), found), f"{at}: {found}"
        assert len(found) >= schema.get("minLength", 0), at
    if isinstance(found, int | float):
        assert schema.get("minimum", found) <= found <= schema.get("maximum", found), at


def fits(found: Any, schema: dict[str, Any]) -> bool:
    try:
        check(found, schema)
    except AssertionError:
        return False
    return True


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("reconcile")
    with running(make_store(folder / "store"), log=folder / "log", timeout=20) as address:
        yield address


def fetch(url: str, form: dict[str, str] | None = None) -> tuple[int, Any, Any]:
    body = urllib.parse.urlencode(form).encode() if form is not None else None
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body), timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def ask(server: str, *queries: dict[str, Any]) -> list[list[dict[str, Any]]]:
    batch = {f"q{number}": query for number, query in enumerate(queries)}
    status, headers, body = fetch(server + "/reconcile", {"queries": json.dumps(batch)})
    assert status == 200, body
    assert headers["Access-Control-Allow-Origin"] == "*"
    found = json.loads(body)
    check(found, SCHEMAS["results"])
    assert list(found) == list(batch)
    for key in found:
        scores = [item["score"] for item in found[key]["result"]]
        assert scores == sorted(scores, reverse=True)
        assert sum(item["match"] for item in found[key]["result"]) <= 1
    return [found[key]["result"] for key in batch]


def get(server: str, path: str, schema: str, **parameters: str) -> Any:
    status, headers, body = fetch(f"{server}{path}?{urllib.parse.urlencode(parameters)}")
    assert status == 200, body
    assert headers["Access-Control-Allow-Origin"] == "*"
    found = json.loads(body)
    check(found, SCHEMAS[schema])
    return found


def test_the_manifest(server: str) -> None:
    found = get(server, "/reconcile", "manifest")
    assert found["identifierSpace"] == BASE
    assert [item["id"] for item in found["defaultTypes"]] == [
        "schema:Person",
        "schema:Organization",
        "schema:Place",
        "nkg:Group",
        "sem:Event",
    ]


def test_names_in_a_table_to_identifiers_out(server: str) -> None:
    """What OpenRefine does: manifest, batches of names with a type, values of what matched, the page of one."""
    manifest = get(server, "/reconcile", "manifest")
    table = list(csv.DictReader(io.StringIO("name\nIlse Varn\nGov. Tam Oru\nLindow\nNobody Atall\n")))
    found = ask(server, *({"query": row["name"], "limit": 3} for row in table))
    for row, result in zip(table, found, strict=True):
        row["id"] = next((item["id"] for item in result if item["match"]), "")
    assert [row["id"] for row in table] == ["person/ilse-varn", "", "place/lindow", ""]
    assert found[1][0]["id"] == "person/tam-oru"  # a candidate for a person to judge
    query = {"ids": ["person/ilse-varn", "place/lindow"], "properties": [{"id": "wikidata"}, {"id": "coordinates"}]}
    status, _, body = fetch(server + "/reconcile", {"extend": json.dumps(query)})
    extension = json.loads(body)
    assert status == 200
    check(extension, SCHEMAS["extension"])
    assert extension["rows"] == {
        "person/ilse-varn": {"wikidata": [{"str": "Q1"}], "coordinates": []},
        "place/lindow": {"wikidata": [], "coordinates": [{"str": "POINT(12.5 53.1)"}]},
    }
    page = manifest["view"]["url"].replace("{{id}}", urllib.parse.quote("person/ilse-varn", safe=""))
    status, _, body = fetch(page)
    assert status == 200
    assert b"Ilse Varn" in body


def test_types_and_their_strictness(server: str) -> None:
    plain, person, many, soft, strict = ask(
        server,
        {"query": "Lindow"},
        {"query": "Lindow", "type": "schema:Person"},
        {"query": "Lindow", "type": ["schema:Place", "schema:Organization"]},
        {"query": "Lindow", "type": "schema:Organization", "type_strict": "should"},
        {"query": "meeting in Lindow", "type": ["sem:Event", "nkg:Meeting"], "type_strict": "all"},
    )
    assert plain[0]["match"]
    assert person == []
    assert {item["id"] for item in many} == {"place/lindow", "organisation/gazette"}
    assert not any(item["match"] for item in soft)
    assert [item["id"] for item in strict] == ["event/meeting"]
    assert {item["id"] for item in strict[0]["type"]} == {"nkg:Meeting", "sem:Event"}


def test_only_what_is_sure_matches(server: str) -> None:
    surname, close, event, dated, wrong, article = ask(
        server,
        {"query": "Varn"},
        {"query": "Ilse Varm"},
        {"query": "meeting in Lindow"},
        {"query": "meeting in Lindow", "properties": [{"pid": "date", "v": "2031-05-03"}]},
        {"query": "Ilse Varn", "properties": [{"pid": "position", "v": "Governor"}]},
        {"query": "Flood hits Lindow"},
    )
    assert not any(item["match"] for item in (*surname, *close, *event, *wrong))
    assert surname[0]["id"] == close[0]["id"] == wrong[0]["id"] == "person/ilse-varn"
    assert wrong[0]["score"] < 60
    assert dated[0]["match"]
    assert all(not item["id"].startswith("article/") for item in article)


def test_properties_alone_and_identifiers_find_the_thing(server: str) -> None:
    by_item, by_place, by_id, by_iri, by_number = ask(
        server,
        {"properties": [{"pid": "wikidata", "v": "Q1"}]},
        {"properties": [{"pid": "place", "v": [{"id": "place/lindow", "name": "Lindow"}, "elsewhere"]}]},
        {"query": "person/tam-oru"},
        {"query": BASE + "place/lindow"},
        {"query": "Q1"},
    )
    assert [item["id"] for item in by_item] == ["person/ilse-varn"]
    assert [item["id"] for item in by_place] == ["event/meeting"]
    for result, name in ((by_id, "person/tam-oru"), (by_iri, "place/lindow"), (by_number, "person/ilse-varn")):
        assert [(item["id"], item["match"]) for item in result] == [(name, True)]


def test_the_same_question_has_the_same_answer(server: str) -> None:
    url = server + "/reconcile?" + urllib.parse.urlencode({"queries": json.dumps({"a": {"query": "Lindow"}})})
    assert fetch(url)[2] == fetch(url)[2]


def test_suggestions(server: str) -> None:
    entities = get(server, "/reconcile/suggest/entity", "suggested-entities", prefix="lin")["result"]
    assert [item["id"] for item in entities[:2]] == ["organisation/gazette", "place/lindow"] or entities
    assert {"place/lindow", "organisation/gazette"} <= {item["id"] for item in entities}
    skipped = get(server, "/reconcile/suggest/entity", "suggested-entities", prefix="lin", cursor="1")["result"]
    assert skipped == entities[1:]
    by_id = get(server, "/reconcile/suggest/entity", "suggested-entities", prefix="place/lindow")["result"]
    assert [item["id"] for item in by_id] == ["place/lindow"]
    types = get(server, "/reconcile/suggest/type", "suggested-types", prefix="milit")["result"]
    assert [item["id"] for item in types] == ["nkg:MilitaryOperation"]
    assert types[0]["broader"][0]["id"] == "sem:Event"
    found = get(server, "/reconcile/suggest/property", "suggested-properties", prefix="wiki")["result"]
    assert [item["id"] for item in found] == ["wikidata"]


def test_proposals_and_every_property(server: str) -> None:
    found = get(server, "/reconcile/properties", "proposal", type="schema:Place")
    assert "coordinates" in {item["id"] for item in found["properties"]}
    assert len(get(server, "/reconcile/properties", "proposal", type="nkg:Meeting", limit="2")["properties"]) == 2
    every = [{"id": item["id"]} for item in get(server, "/reconcile/properties", "proposal", type="")["properties"]]
    ids = ["person/ilse-varn", "event/meeting", "no/such"]
    found = get(server, "/reconcile", "extension", extend=json.dumps({"ids": ids, "properties": every}))
    person, event = (found["rows"][name] for name in ids[:2])
    assert person["position"] == [{"str": "Mayor"}]
    assert person["event"] == [{"id": "event/meeting", "name": "meeting in Lindow"}]
    assert person["article"] == [{"id": "article/flood-1", "name": "Flood hits Lindow"}]
    assert event["date"] == [{"date": "2031-05-03T00:00:00"}]
    assert event["factuality"] == [{"str": "Asserted"}]
    assert not any(found["rows"]["no/such"].values())


def test_the_preview_is_a_page_for_a_frame(server: str) -> None:
    status, headers, body = fetch(server + "/reconcile/preview?id=person%2Filse-varn")
    assert status == 200
    assert headers["Content-Type"].startswith("text/html")
    assert "frame-ancestors *" in headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in headers
    assert b"Mayor Ilse Varn met Governor Tam Oru" in body
    status, _, body = fetch(server + "/reconcile/preview?id=group%2Fferry-firms")
    assert b"<script" not in body
    assert fetch(server + "/reconcile/preview?id=no")[0] == 404
    assert fetch(server + "/person/ilse-varn.html")[1]["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    ("form", "status", "words"),
    [
        ({"queries": "{"}, 400, "JSON"),
        ({"queries": "[]"}, 400, "object"),
        ({"queries": '{"a": 1}'}, 400, "object"),
        ({"queries": '{"a": {}}'}, 400, "query or properties"),
        ({"queries": '{"a": {"query": "x", "limit": 0}}'}, 400, "limit"),
        ({"queries": '{"a": {"query": "x", "limit": "many"}}'}, 400, "limit"),
        ({"queries": '{"a": {"query": "\\ud800"}}'}, 400, "JSON"),
        ({"queries": '{"a": {"query": "x", "type": {"id": 1}}}'}, 400, "type"),
        ({"queries": '{"a": {"query": "x", "type_strict": "never"}}'}, 400, "type_strict"),
        ({"queries": '{"a": {"query": "x", "properties": [{"pid": "shoe-size", "v": "1"}]}}'}, 400, "shoe-size"),
        ({"queries": json.dumps({str(n): {"query": "x"} for n in range(101)})}, 413, "100"),
        ({"extend": '{"ids": []}'}, 400, "properties"),
        ({"extend": '{"ids": "a", "properties": []}'}, 400, "ids"),
        ({"what": "x"}, 400, "queries"),
    ],
)
def test_what_cannot_be_answered_is_told(server: str, form: dict[str, str], status: int, words: str) -> None:
    found, headers, body = fetch(server + "/reconcile", form)
    assert (found, headers.get_content_type()) == (status, "application/json")
    assert words in json.loads(body)["error"]


@pytest.mark.parametrize("value", ['"}', "\\", "a\nb", "}} UNION {", "<urn:x>", "' \" ?", "\u202e", "😀" * 100])
def test_no_value_breaks_out_of_the_query(server: str, value: str) -> None:
    by_name, by_value, by_both = ask(
        server,
        {"query": "x" + value},
        {"properties": [{"pid": "wikidata", "v": "Q" + value}]},
        {"query": "Lindow", "properties": [{"pid": "name", "v": value}]},
    )
    assert by_value == []
    assert not any(item["match"] for item in by_both + by_name)
