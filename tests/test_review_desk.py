"""The review desk: behind the token, decisions as `kg review` writes them, under a name, and only from its own forms."""

from __future__ import annotations

import html
import http.cookiejar
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from kg.review import log
from kg.web.pending import Task
from kg.web.security import MOST_ATTEMPTS
from server import running
from tests.identity_records import article, put

TOKEN = "a token of the tests"
COMPANY = ("place: Lindow", "organisation: Ferry Union", "person: Bob Sample")
RECORDS = [
    article("a", "2031-05-01", "person: Ann Example = Q1", *COMPANY),
    article("b", "2031-05-03", "person: Example", *COMPANY),
    article("c", "2031-05-04", "person: Cleo Trial, mayor @ place: Lindow", "place: Farton"),
    article("d", "2031-05-05", "person: Cleo Trial, surgeon @ organisation: Harbour Hospital", "place: Gondal"),
]


class Visitor:
    """A browser without script: keeps cookies, follows redirects, sends forms."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, path: str) -> tuple[int, str]:
        return self._open(urllib.request.Request(self.address + path, headers={"Accept": "text/html"}))

    def post(self, path: str, **fields: str | list[str]) -> tuple[int, str]:
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        body = urllib.parse.urlencode(named, doseq=True).encode()
        return self._open(urllib.request.Request(self.address + path, body, {"Accept": "text/html"}))

    def _open(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            with self._opener.open(request, timeout=120) as answer:
                return answer.status, html.unescape(answer.read().decode())
        except urllib.error.HTTPError as error:
            return error.code, html.unescape(error.read().decode())

    def settle(self, path: str = "/review") -> str:
        """Waits until the decisions are kept; the page that says what became of them."""
        end = time.monotonic() + 120
        while json.loads(self.get("/review/pending")[1])["waiting"] and time.monotonic() < end:
            time.sleep(0.2)
        return self.get(path)[1]

    def sign_in(self) -> str:
        """Signs in and gives the secret of the session's forms."""
        status, page = self.post("/review/sign-in", author="Ann Reviewer", token=TOKEN)
        assert status == 200
        return re.search(r'name="secret" value="([^"]+)"', page)[1]  # type: ignore[index]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk") / "s"
    put(folder, *RECORDS)
    return folder


@pytest.fixture(scope="module")
def server(store: Path) -> Iterator[str]:
    with running(store, token=TOKEN) as address:
        yield address


def test_only_with_the_token(server: str, store: Path) -> None:
    visitor = Visitor(server)
    status, page = visitor.get("/review")
    assert status == 401
    assert 'action="/review/sign-in"' in page
    assert "person/" not in page
    assert visitor.get("/review/log")[0] == 401
    status, page = visitor.post("/review/sign-in", author="Eve", token="a guess")
    assert status == 401
    assert "not the token" in page
    assert not list(visitor.cookies)
    assert "needs an author" in visitor.post("/review/sign-in", author=" ", token=TOKEN)[1]
    assert visitor.post("/review", decision_kind="accept", entity="person/ann-example")[0] == 401
    assert log(store) == []


def test_nobody_reviews_without_a_token_configured(tmp_path: Path) -> None:
    put(tmp_path / "s", RECORDS[0])
    with running(tmp_path / "s") as address:
        visitor = Visitor(address)
        assert visitor.get("/review")[0] == 403
        assert visitor.post("/review/sign-in", author="Eve", token="")[0] == 403
        assert 'href="/review"' not in visitor.get("/")[1]


def test_the_session_is_kept_from_scripts_and_other_sites(server: str) -> None:
    visitor = Visitor(server)
    secret = visitor.sign_in()
    (cookie,) = visitor.cookies
    assert cookie.path == "/review"
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "Strict"
    assert TOKEN not in (cookie.value or "")
    for given in ({}, {"secret": "another"}):
        status, page = visitor.post("/review", decision_kind="reject", entity="person/ann-example", **given)
        assert status == 403
        assert "not of your session" in page
    assert visitor.get("/review")[0] == 200
    visitor.post("/review/sign-out", secret=secret)
    assert visitor.get("/review")[0] == 401


def test_doubts_one_after_another_with_their_evidence(server: str) -> None:
    visitor = Visitor(server)
    visitor.sign_in()
    status, page = visitor.get("/review?kind=merge")
    assert status == 200
    total = int(re.search(r"1 of (\d+)", page)[1])  # type: ignore[index]
    pages = [visitor.get(f"/review?kind=merge&at={at}")[1] for at in range(total)]
    surname = next(page for page in pages if "person/example-in-b" in page)
    assert "the same surname and company as Ann Example in a" in surname
    assert re.search(r'<a href="/article/[ab]#char=\d+,\d+">(Ann )?<mark>', surname)
    assert 'value="merge"' in surname
    assert 'value="split"' in surname
    apart = next(page for page in pages if "kept apart" in page)
    assert 'value="reject"' in apart
    assert "nothing is doubtful" not in page.lower()


def test_decisions_are_those_of_kg_review(server: str, store: Path) -> None:
    visitor = Visitor(server)
    secret = visitor.sign_in()
    same = {"secret": secret, "back": "/review?kind=merge"}
    status, page = visitor.post(
        "/review", decision_kind="merge", entity="person/ann-example", other="person/example-in-b", note="seen", **same
    )
    assert status == 200, page
    assert "ept: merge person/ann-example person/example-in-b" in page
    assert 'value="person/example-in-b"' not in page
    page += visitor.settle("/review?kind=merge")
    assert "Kept: merge person/ann-example person/example-in-b" in page
    decision, stands = log(store)[-1]
    assert (decision.kind.value, decision.subject, decision.others) == (
        "merge",
        "person/ann-example",
        ("person/example-in-b",),
    )
    assert (decision.author, decision.note, stands) == ("Ann Reviewer", "seen", True)
    assert 'value="person/example-in-b"' not in page

    status, page = visitor.post("/review", decision_kind="rename", entity="person/ann-example", label="Ann E.", **same)
    assert status == 200
    visitor.settle()
    asked = urllib.request.Request(server + "/person/ann-example", headers={"Accept": "text/html"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        assert "<h1>Ann E.</h1>" in answer.read().decode()

    for fields, wrong in (
        ({"decision_kind": "replace", "entity": "person/ann-example", "new_item": ""}, "fill in"),
        ({"decision_kind": "delete", "entity": "person/ann-example"}, "decision-kind must be one of"),
    ):
        status, page = visitor.post("/review", **fields, **same)  # type: ignore[arg-type]
        assert status == 400, fields
        assert wrong in page
    for fields, wrong in (
        ({"decision_kind": "replace", "entity": "person/ann-example", "new_item": "soon"}, "neither an item"),
        ({"decision_kind": "accept", "entity": "person/nobody"}, "has no person"),
        ({"decision_kind": "accept", "entity": "--help"}, "has no person"),
    ):
        page = visitor.post("/review", **fields, **same)[1] + visitor.settle()  # type: ignore[arg-type]
        assert "Not kept: " in page
        assert wrong in page
    assert len(log(store)) == 2

    status, page = visitor.post(
        "/review", decision_kind="undo", decision=decision.id, secret=secret, back="/review/log"
    )
    assert status == 200
    assert "undone" in visitor.settle("/review/log")
    assert [stands for d, stands in log(store) if d.id == decision.id] == [False]


def test_one_thing_can_be_corrected_without_a_doubt(server: str) -> None:
    visitor = Visitor(server)
    visitor.sign_in()
    status, page = visitor.get("/review?entity=place/lindow")
    assert status == 200
    for kind in ("replace", "reject", "merge", "split", "rename", "retype"):
        assert f'name="decision-kind" value="{kind}"' in page
    assert 'href="/review?entity=place/lindow"' in visitor.get("/place/lindow")[1]
    assert "no article names" in visitor.get("/review?entity=person/nobody")[1]


def test_decisions_that_wait_outlive_the_server(tmp_path: Path) -> None:
    put(tmp_path / "s", *RECORDS)
    task = Task("rename", "Ann Reviewer", "seen", [], ["person/ann-example", "Ann E."])
    (tmp_path / "s" / "review-waiting.json").write_text(json.dumps([asdict(task)]))
    with running(tmp_path / "s", token=TOKEN) as address:
        visitor = Visitor(address)
        visitor.sign_in()
        visitor.settle()
    assert [(decision.subject, decision.label) for decision, _ in log(tmp_path / "s")] == [
        ("person/ann-example", "Ann E.")
    ]
    assert not (tmp_path / "s" / "review-waiting.json").exists()


def test_wrong_tokens_are_soon_not_looked_at_any_more(tmp_path: Path) -> None:
    put(tmp_path / "s", *RECORDS)
    with running(tmp_path / "s", token=TOKEN) as address:
        visitor = Visitor(address)
        for _ in range(MOST_ATTEMPTS):
            assert visitor.post("/review/sign-in", author="Ann Reviewer", token="wrong")[0] == 401
        status, page = visitor.post("/review/sign-in", author="Ann Reviewer", token=TOKEN)
        assert status == 429
        assert "too many wrong tokens" in page
        sign_in = urllib.parse.urlencode({"author": "Ann", "token": TOKEN}).encode()
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(address + "/review/sign-in", sign_in, timeout=30)
        assert caught.value.code == 429
        assert 0 < int(caught.value.headers["Retry-After"]) <= 60
        # Programs that write from the same address, perhaps a proxy's, are not locked out.
        asked = urllib.request.Request(
            address + "/update", b"CLEAR SILENT GRAPH <urn:a>", {"Authorization": "Bearer " + TOKEN}
        )
        asked.add_header("Content-Type", "application/sparql-update")
        with urllib.request.urlopen(asked, timeout=30) as answer:
            assert answer.status == 204


@pytest.mark.parametrize(("proxies", "secure"), [(0, False), (1, True)])
def test_the_cookie_stays_on_tls_where_a_proxy_is_believed(tmp_path: Path, proxies: int, secure: bool) -> None:
    put(tmp_path / "s", *RECORDS)
    with running(tmp_path / "s", token=TOKEN, proxies=proxies) as address:
        form = urllib.parse.urlencode({"author": "Ann", "token": TOKEN}).encode()
        asked = urllib.request.Request(address + "/review/sign-in", form, {"X-Forwarded-Proto": "https"})
        opener = urllib.request.build_opener(NoRedirect)
        with pytest.raises(urllib.error.HTTPError) as caught:
            opener.open(asked, timeout=30)
        assert caught.value.code == 303
        assert ("; Secure" in caught.value.headers["Set-Cookie"]) is secure


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:  # type: ignore[override]
        return None


def test_what_only_reviewers_see_is_not_kept(server: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(server + "/review", timeout=30)
    assert caught.value.headers["Cache-Control"] == "no-store"
    assert caught.value.code == 401
