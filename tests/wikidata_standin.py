"""A stand-in for Wikidata on this machine: Action API, query service and a reconciliation service over a few invented items.

It behaves as the public services are documented to, failures included. `faults` are taken one by one, each by the next request
whose path it is for; `requests` are all that came in.
"""

from __future__ import annotations

import gzip
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

ENTITY = "http://www.wikidata.org/entity/"


@dataclass
class Fault:
    """What goes wrong: `kind` as the handler knows it, with which `path` (a part of it) and parameter, how often."""

    kind: str
    path: str = ""
    times: int = 1
    value: str = ""
    param: str = ""


@dataclass
class Asked:
    """A request that came in."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    at: float


def claim(property: str, value: Any, rank: str = "normal", snaktype: str = "value") -> dict[str, Any]:
    """A statement as wbgetentities gives it."""
    snak: dict[str, Any] = {"snaktype": snaktype, "property": property}
    if snaktype == "value":
        if isinstance(value, str) and re.fullmatch(r"Q\d+", value):
            value = {"entity-type": "item", "numeric-id": int(value[1:]), "id": value}
        snak["datavalue"] = {"value": value, "type": "wikibase-entityid" if isinstance(value, dict) else "string"}
    return {"mainsnak": snak, "type": "statement", "rank": rank}


def point(lat: float, lon: float, globe: str = "Q2") -> dict[str, Any]:
    """A coordinate value."""
    return {"latitude": lat, "longitude": lon, "altitude": None, "precision": 0.001, "globe": ENTITY + globe}


def item(
    id: str, label: str, description: str = "", aliases: tuple[str, ...] = (), links: int = 0, **claims: list[Any]
) -> dict[str, Any]:
    """An item as wbgetentities gives it; empty maps come as lists, as formatversion 1 has them."""
    statements = {
        p: [v if isinstance(v, dict) and "mainsnak" in v else claim(p, v) for v in values]
        for p, values in claims.items()
    }
    return {
        "id": id,
        "type": "item",
        "labels": {"en": {"language": "en", "value": label}},
        "descriptions": {"en": {"language": "en", "value": description}} if description else [],
        "aliases": {"en": [{"language": "en", "value": a} for a in aliases]} if aliases else [],
        "claims": statements or [],
        "sitelinks": {f"w{n}wiki": {"site": f"w{n}wiki", "title": label} for n in range(links)} or [],
    }


@dataclass
class StandIn:
    """The services: `items` by id, `redirects`, `parents` of classes, `faults` to come, `requests` that came."""

    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    parents: dict[str, tuple[str, ...]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    requests: list[Asked] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0
    delay: float = 0.0
    space: str = ENTITY
    address: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def api(self) -> str:
        return self.address + "/w/api.php"

    @property
    def sparql(self) -> str:
        return self.address + "/sparql"

    @property
    def reconcile(self) -> str:
        return self.address + "/en/api"

    def of(self, what: str) -> list[Asked]:
        """The requests with this action, or to this path."""
        return [r for r in self.requests if what in (r.path, r.params.get("action"))]

    def fault(self, path: str, params: dict[str, str]) -> Fault | None:
        with self.lock:
            for fault in self.faults:
                if fault.path in path and (not fault.param or fault.param in params):
                    fault.times -= 1
                    if fault.times <= 0:
                        self.faults.remove(fault)
                    return fault
        return None

    def answer(self, path: str, params: dict[str, str]) -> Any:
        if path == "/w/api.php":
            return self.action(params)
        if path == "/sparql":
            return self.query(params["query"])
        if path == "/en/api":
            return self.reconciled(params)
        return None

    def action(self, params: dict[str, str]) -> Any:
        if params.get("action") == "wbsearchentities":
            return self.searched(params["search"], int(params.get("limit", "7")))
        if params.get("action") == "wbgetentities":
            ids = params["ids"].split("|")
            if len(ids) > 50:
                return error("toomanyvalues", 'Too many values supplied for parameter "ids".')
            if bad := [i for i in ids if not re.fullmatch(r"Q\d+", i)]:
                return error("no-such-entity", f'Could not find an entity with the ID "{bad[0]}".')
            return {"entities": {i: self.entity(i) for i in ids}, "success": 1}
        if params.get("list") == "search":
            wanted = re.fullmatch(r"haswbstatement:(P\d+)=(\S+)", params["srsearch"])
            assert wanted is not None
            hits = [i for i, data in self.items.items() if wanted[2] in values(data, wanted[1])]
            return {"query": {"search": [{"ns": 0, "title": i} for i in hits]}}
        return error("badvalue", f'Unrecognized value for parameter "action": {params.get("action")}.')

    def searched(self, text: str, limit: int) -> Any:
        found = []
        for i, data in self.items.items():
            label = data["labels"]["en"]["value"]
            names = [label, *(a["value"] for a in (data["aliases"] or {"en": []})["en"])]
            hit = next((n for n in names if n.casefold().startswith(text.casefold())), None)
            if hit is not None:
                match = {"type": "label" if hit == label else "alias", "language": "en", "text": hit}
                found.append(
                    {
                        "id": i,
                        "title": i,
                        "concepturi": ENTITY + i,
                        "label": label,
                        "match": match,
                        "display": {"label": {"value": label, "language": "en"}},
                    }
                )
        more = {"search-continue": limit} if len(found) > limit else {}
        return {"searchinfo": {"search": text}, "search": found[:limit], "success": 1} | more

    def entity(self, i: str) -> Any:
        target = self.redirects.get(i, i)
        if target not in self.items:
            return {"id": i, "missing": ""}
        redirect = {"redirects": {"from": i, "to": target}} if target != i else {}
        return self.items[target] | redirect

    def query(self, text: str) -> Any:
        classes, roots = (re.findall(r"wd:(Q\d+)", part) for part in re.findall(r"VALUES \?\w+ \{([^}]*)\}", text))
        rows = [{"class": uri(c), "root": uri(r)} for c in classes for r in roots if r in self.above(c)]
        return {"head": {"vars": ["class", "root"]}, "results": {"bindings": rows}}

    def above(self, c: str) -> set[str]:
        return {c}.union(*(self.above(p) for p in self.parents.get(c, ())))

    def reconciled(self, params: dict[str, str]) -> Any:
        if "queries" not in params:
            return {
                "versions": ["0.1", "0.2"],
                "name": "Stand-in",
                "identifierSpace": self.space,
                "schemaSpace": self.space,
            }
        answer = {}
        for key, query in json.loads(params["queries"]).items():
            hits = self.searched(query["query"], query.get("limit", 25))["search"]
            result = [
                {
                    "id": h["id"],
                    "name": h["label"],
                    "score": 100 if h["label"] == query["query"] else 60,
                    "match": len(hits) == 1 and h["label"] == query["query"],
                    "type": [],
                }
                for h in hits
            ]
            answer[key] = {"result": result}
        return answer


def values(data: dict[str, Any], property: str) -> list[Any]:
    return [s["mainsnak"].get("datavalue", {}).get("value") for s in (data["claims"] or {}).get(property, [])]


def uri(i: str) -> dict[str, str]:
    return {"type": "uri", "value": ENTITY + i}


def error(code: str, info: str, **more: Any) -> dict[str, Any]:
    return {"error": {"code": code, "info": info, "*": "See the documentation."} | more, "servedby": "standin"}


class Handler(BaseHTTPRequestHandler):
    """Serves a stand-in, with its faults."""

    protocol_version = "HTTP/1.1"
    standin: StandIn

    def do_GET(self) -> None:
        self.handle_one({k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.handle_one({k: v[0] for k, v in parse_qs(urlsplit(self.path).query + "&" + body).items()})

    def handle_one(self, params: dict[str, str]) -> None:
        s, path = self.standin, urlsplit(self.path).path
        with s.lock:
            s.requests.append(Asked(self.command, path, params, dict(self.headers.items()), time.monotonic()))
            s.in_flight += 1
            s.most_in_flight = max(s.most_in_flight, s.in_flight)
        try:
            time.sleep(s.delay)
            if "(" not in self.headers.get("User-Agent", ""):
                self.send(403, b"Please set a user-agent and respect our robot policy.", "text/plain")
            elif fault := s.fault(path, params):
                self.fail(fault, path, params)
            else:
                answer = s.answer(path, params)
                self.send(404 if answer is None else 200, json.dumps(answer).encode())
        except (BrokenPipeError, ConnectionResetError):
            pass
        finally:
            with s.lock:
                s.in_flight -= 1

    def fail(self, fault: Fault, path: str, params: dict[str, str]) -> None:
        kind, value = fault.kind, fault.value
        body = json.dumps(self.standin.answer(path, params)).encode()
        html = b"<!DOCTYPE html><title>Error</title><p>Our servers are currently under maintenance.</p>"
        if kind == "429":
            wait = {"Retry-After": value} if value else {}
            self.send(429, b"Too Many Requests - Please retry in a moment.", "text/plain", wait)
        elif kind == "429 date":
            self.send(
                429,
                b"Too Many Requests",
                "text/plain",
                {"Retry-After": formatdate(time.time() + float(value), usegmt=True)},
            )
        elif kind == "maxlag":
            lag = error("maxlag", "Waiting for db0: 6.2 seconds lagged", host="db0", lag=6.2)
            self.send(200, json.dumps(lag).encode(), more={"Retry-After": value or "5", "X-Database-Lag": "6"})
        elif kind == "api error":
            self.send(
                200, json.dumps(error(value, "Something about it.")).encode(), more={"MediaWiki-API-Error": value}
            )
        elif kind == "html 503":
            self.send(503, html, "text/html; charset=utf-8")
        elif kind == "html 200":
            self.send(200, html, "text/html; charset=utf-8")
        elif kind == "500":
            self.send(500, b"java.util.concurrent.TimeoutException\n\tat com.example.Query.run", "text/plain")
        elif kind == "banned":
            self.send(
                403,
                b"You have been banned until tomorrow, please respect throttling and retry-after headers.",
                "text/plain",
            )
        elif kind == "404":
            self.send(404, b"{}")
        elif kind == "garbage":
            self.send(200, b"\x00\xff\xfe not json at all")
        elif kind == "list":
            self.send(200, b"[1, 2, 3]")
        elif kind == "raw":
            self.send(200, value.encode())
        elif kind == "short json":  # whole by its length, and yet not whole
            self.send(200, body[: len(body) // 2])
        elif kind == "truncated":  # breaks off before the announced length
            self.send(200, body[: len(body) // 2], length=len(body))
            self.close_connection = True
        elif kind == "truncated gzip":
            packed = gzip.compress(body)
            self.send(200, packed[: len(packed) // 2], more={"Content-Encoding": "gzip"})
        elif kind == "gzip":
            self.send(200, gzip.compress(body), more={"Content-Encoding": "gzip"})
        elif kind == "bomb":
            self.send(200, gzip.compress(b'{"a":"' + b" " * (80 * 2**20) + b'"}', 1), more={"Content-Encoding": "gzip"})
        elif kind == "slow":
            time.sleep(float(value))
            self.send(200, body)
        elif kind == "drip":  # a byte now and then, for ever
            self.send(200, b"", length=100_000)
            for _ in range(200):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(float(value))
        elif kind == "hang up":
            self.close_connection = True
        elif kind == "redirect":
            self.send(302, b"", "text/plain", {"Location": value})
        else:
            raise AssertionError(kind)

    def send(
        self,
        status: int,
        body: bytes,
        media_type: str = "application/json; charset=utf-8",
        more: dict[str, str] | None = None,
        length: int | None = None,
    ) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": media_type,
            "Content-Length": str(len(body) if length is None else length),
            **(more or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@contextmanager
def serving(standin: StandIn) -> Iterator[StandIn]:
    """Serves the stand-in on a free port of this machine."""
    handler = type("OneHandler", (Handler,), {"standin": standin})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    standin.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield standin
    finally:
        server.shutdown()
        server.server_close()
