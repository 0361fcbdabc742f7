"""Services asked online, against a stand-in on this machine: their answers, every failure, the cache."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from kg.errors import OnlineError
from kg.online.cache import Cache, cache_path, request_key
from kg.online.client import Client, Garbled, Stopped, retry_after
from kg.online.wikidata import Found, Item, Wikidata
from tests.online_world import CONTACT, Asking
from tests.wikidata_standin import Fault, StandIn, claim, item, point

pytest_plugins = ["tests.online_fixtures"]


# ---------------------------------------------------------------- Wikidata


def test_redirects_deleted_and_odd_items(standin: StandIn) -> None:
    standin.redirects = {"Q5000": "Q900001"}
    standin.items["Q7"] = item(
        "Q7",
        "Odd",
        P31=[claim("P31", "Q5", "deprecated"), claim("P31", "Q6256"), claim("P31", "Q515", "preferred")],
        P27=[claim("P27", None, snaktype="novalue")],
        P625=[point(1.0, 2.0)],
    )
    found = Asking().wikidata(standin).items(["Q5000", "Q999999", "Q7", "not an id", "Q900021"])
    assert found["Q5000"] is not None
    assert found["Q5000"].id == "Q900001"
    assert found["Q999999"] is None
    assert found["Q7"] == Item("Q7", "Odd", classes=("Q515",), lat=1.0, lon=2.0)
    assert found["Q900021"] is not None
    assert found["Q900021"].lat is None  # not on Earth
    assert "not an id" not in found


def test_items_are_asked_for_fifty_at_a_time_and_once(standin: StandIn, cache: Cache) -> None:
    ids = [f"Q{n}" for n in range(1, 121)]
    asking = Asking(cache)
    assert set(asking.wikidata(standin).items(ids)) == set(ids)
    assert [len(r.params["ids"].split("|")) for r in standin.of("wbgetentities")] == [50, 50, 20]
    asking.wikidata(standin).items(ids)
    assert asking.client.calls == 3
    assert standin.most_in_flight == 1


def test_every_call_names_us_and_asks_politely(standin: StandIn) -> None:
    wikidata = Asking().wikidata(standin)
    wikidata.search("Lindow")
    wikidata.kinds(["Q900201"])
    first, second = standin.requests
    assert CONTACT in first.headers["User-Agent"]
    assert first.headers["User-Agent"].startswith("newskg/")
    assert first.headers["Accept-Encoding"] == "gzip"
    assert (first.params["maxlag"], first.params["format"]) == ("5", "json")
    assert (second.method, second.headers["Content-Type"]) == ("POST", "application/x-www-form-urlencoded")


def test_classes_by_the_query_service_by_the_table_and_not_at_all(standin: StandIn, cache: Cache) -> None:
    asking = Asking(cache)
    assert asking.wikidata(standin).kinds(["Q900201", "Q900200", "Q5", "Q900999"]) == {
        "Q900201": {"place"},
        "Q900200": {"organisation"},
        "Q5": {"person"},
        "Q900999": frozenset(),
    }
    asking.wikidata(standin).kinds(["Q900201", "Q5"])
    assert asking.client.calls == 1
    offline = Wikidata(asking.client, standin.api, "")
    assert offline.kinds(["Q5", "Q900777"]) == {"Q5": {"person"}, "Q900777": None}


def test_more_namesakes_than_shown_are_noticed(standin: StandIn) -> None:
    for n in range(30):
        standin.items[f"Q{n + 1}"] = item(f"Q{n + 1}", "Odo Varnek", P31=["Q5"])
    found = Asking().wikidata(standin).search("Odo Varnek")
    assert len(found.ids) == 10
    assert found.more
    assert Asking().wikidata(standin).search("Nobody At All") == Found()


@pytest.mark.parametrize(
    "raw",
    [
        '{"entities": []}',
        '{"entities": {"Q900001": {"id": "Q900001", "claims": {"P31": [7]}, "labels": {"en": 3}}}}',
        '{"search": "no list"}',
        '{"search": [1, {"id": 5}, {"id": "Q1\\" } evil"}]}',
        "{}",
    ],
)
def test_answers_of_another_shape_do_no_harm(standin: StandIn, raw: str) -> None:
    standin.faults = [Fault("raw", times=100, value=raw)]
    wikidata = Asking().wikidata(standin)
    for ask in (
        lambda: wikidata.search("x"),
        lambda: wikidata.items(["Q900001"]),
        lambda: wikidata.search_statement("P1566", "1"),
        lambda: wikidata.kinds(["Q900201"]),
    ):
        try:
            answer: Any = ask()
        except OnlineError:
            continue
        if isinstance(answer, Found):
            assert answer == Found()
        elif answer.get("Q900001"):
            assert answer["Q900001"] == Item("Q900001")


# ---------------------------------------------------------------- failures


@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        (Fault("429", value="7"), [7.0]),
        (Fault("429"), [60.0]),
        (Fault("429", value="0"), [1.0]),
        (Fault("maxlag"), [5.0]),
        (Fault("maxlag", value="9"), [9.0]),
        (Fault("api error", value="ratelimited"), [5.0]),
        (Fault("api error", value="readonly"), [5.0]),
    ],
    ids=str,
)
def test_it_waits_as_long_as_it_is_told(standin: StandIn, fault: Fault, waits: list[float]) -> None:
    standin.faults = [fault]
    asking = Asking()
    assert asking.wikidata(standin).search("Lindow").ids
    assert asking.waits == waits
    assert len(standin.requests) == 2


def test_a_date_in_retry_after_is_obeyed(standin: StandIn) -> None:
    standin.faults = [Fault("429 date", value="20")]
    asking = Asking()
    asking.wikidata(standin).search("Lindow")
    assert 17 <= asking.waits[0] <= 20
    assert retry_after("soon") is None
    assert retry_after("-5") is None
    assert retry_after("inf") is None
    assert retry_after("Thu, 01 Jan 1970 00:00:00 GMT") == 0


@pytest.mark.parametrize(
    "kind", ["html 503", "500", "garbage", "list", "html 200", "short json", "truncated", "truncated gzip", "hang up"]
)
def test_passing_trouble_is_survived_with_growing_waits(standin: StandIn, kind: str) -> None:
    standin.faults = [Fault(kind)]
    asking = Asking()
    assert asking.wikidata(standin).search("Lindow").ids
    assert len(asking.waits) == 1
    assert 1.0 <= asking.waits[0] <= 1.25


def test_waits_double(standin: StandIn) -> None:
    standin.faults = [Fault("500", times=2)]
    asking = Asking()
    asking.wikidata(standin).search("Lindow")
    assert len(asking.waits) == 2
    assert asking.waits[1] > 1.5 * asking.waits[0]


@pytest.mark.parametrize(
    ("kind", "error", "attempts"),
    [
        ("429", OnlineError, 5),
        ("maxlag", OnlineError, 5),
        ("500", Garbled, 3),
        ("html 503", OnlineError, 3),
        ("garbage", Garbled, 2),
        ("bomb", Garbled, 2),
        ("404", OnlineError, 1),
        ("banned", Stopped, 1),
        ("hang up", Garbled, 3),
    ],
)
def test_lasting_trouble_is_given_up(standin: StandIn, kind: str, error: type[OnlineError], attempts: int) -> None:
    standin.faults = [Fault(kind, times=100, value="1" if kind == "429" else "")]
    with pytest.raises(error):
        Asking().wikidata(standin).search("Lindow")
    assert len(standin.requests) == attempts


def test_other_errors_of_the_api_are_told_and_not_repeated(standin: StandIn) -> None:
    standin.faults = [Fault("api error", value="badvalue")]
    with pytest.raises(OnlineError, match="badvalue: Something about it"):
        Asking().wikidata(standin).search("Lindow")
    assert len(standin.requests) == 1


def test_an_hour_is_not_waited_for(standin: StandIn) -> None:
    standin.faults = [Fault("429", value="3600")]
    asking = Asking()
    with pytest.raises(Stopped, match="3600 s"):
        asking.wikidata(standin).search("Lindow")
    assert asking.waits == []


@pytest.mark.parametrize(("kind", "value"), [("slow", "1.0"), ("drip", "0.05")])
def test_slow_answers_are_given_up(standin: StandIn, kind: str, value: str) -> None:
    standin.faults = [Fault(kind, times=100, value=value)]
    began = time.monotonic()
    with pytest.raises(OnlineError, match="gave no answer in time"):
        Asking(timeout=0.2).wikidata(standin).search("Lindow")
    assert time.monotonic() - began < 8


def test_compressed_answers_are_read(standin: StandIn) -> None:
    standin.faults = [Fault("gzip")]
    assert Asking().wikidata(standin).search("Lindow").ids


def test_redirects_are_followed_within_the_host_only(standin: StandIn) -> None:
    standin.faults = [Fault("redirect", value=standin.api + "?action=wbsearchentities&search=Lindow")]
    assert Asking().wikidata(standin).search("Lindow").ids
    for elsewhere in ("http://other.example/w/api.php", "http://127.0.0.1:9/", "file:///etc/hostname"):
        standin.faults = [Fault("redirect", value=elsewhere)]
        with pytest.raises(Stopped, match="redirects to another host"):
            Asking().wikidata(standin).search("Lindow")
    standin.faults = [Fault("redirect", times=100, value=standin.api)]
    with pytest.raises(Stopped, match="redirects"):
        Asking().wikidata(standin).search("Lindow")


@pytest.mark.parametrize("address", ["file:///etc/hostname", "ftp://example.org/x", "no address", ""])
def test_only_web_addresses_are_asked(address: str) -> None:
    with pytest.raises(Stopped):
        Asking().client.get(address, {})


@pytest.mark.parametrize("contact", ["", "  ", "me\r\nX-Evil: 1", "mé@example.org"])
def test_nobody_is_asked_without_a_contact(contact: str) -> None:
    with pytest.raises(OnlineError, match="NEWSKG_CONTACT"):
        Client(contact)


def test_a_batch_that_cannot_be_read_is_halved(standin: StandIn) -> None:
    standin.faults = [Fault("short json", times=2)]
    assert set(Asking().wikidata(standin).items([f"Q{n}" for n in range(1, 9)])) == {f"Q{n}" for n in range(1, 9)}
    assert [len(r.params["ids"].split("|")) for r in standin.requests] == [8, 8, 4, 4]


# ---------------------------------------------------------------- calls, cache, resuming


def test_the_cache_keys_requests_in_any_order_and_forgets_in_time(tmp_path: Path) -> None:
    assert request_key("GET", "u", {"a": "1", "b": "2"}) == request_key("GET", "u", {"b": "2", "a": "1"})
    assert (
        len(
            {
                request_key("GET", "u", {}),
                request_key("POST", "u", {}),
                request_key("GET", "v", {}),
                request_key("GET", "u", {"a": "1"}),
            }
        )
        == 4
    )
    now = [1000.0]
    kept = Cache(tmp_path / "c.sqlite", max_age=60, clock=lambda: now[0])
    kept.put("k", {"a": "é"})
    assert kept.get("k") == {"a": "é"}
    now[0] += 61
    assert kept.get("k") is None
    kept.close()


def test_a_cache_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "c.sqlite").write_bytes(b"this is no database, " * 100)
    with pytest.raises(OnlineError, match="--cache"):
        Cache(tmp_path / "c.sqlite")
    assert cache_path(str(tmp_path)).parent == tmp_path


def test_errors_are_not_kept(standin: StandIn, cache: Cache) -> None:
    standin.faults = [Fault("api error", value="badvalue")]
    asking = Asking(cache)
    with pytest.raises(OnlineError):
        asking.wikidata(standin).search("Lindow")
    assert asking.wikidata(standin).search("Lindow").ids
