"""The review desk behind the token: doubtful links and merges one after another with their evidence, and decisions.

A browser cannot send the token as a header from a form, so that it is exchanged for a session: a signed cookie, sent to
/review alone and never from other sites. Every form carries the session's secret, so that no other site can decide.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from flask import Blueprint, Flask, Response, current_app, redirect, render_template, request, session
from flask.sessions import SecureCookieSessionInterface
from markupsafe import Markup, escape
from werkzeug.wrappers import Response as WerkzeugResponse

from kg import search
from kg.errors import NewskgError, NotAllowed, QueryError
from kg.store import current_snapshot
from kg.vocabulary import EntityType
from kg.web import desk, page_queries
from kg.web.errors import status_of
from kg.web.labels import add_openings
from kg.web.pending import Pending, Task
from kg.web.security import TokenRequired, is_token
from kg.web.site import Row, site

blueprint = Blueprint("review", __name__, url_prefix="/review")
HOURS = 12
KINDS = ("link", "merge")
# What a form may ask for: the decision, the names of its arguments, and those of its options.
DECISIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "accept": (("entity", "item"), ("same-as",)),
    "reject": (("entity", "item"), ()),
    "replace": (("entity", "item"), ("same-as",)),
    "merge": (("entity", "other"), ()),
    "split": (("entity", "article"), ("label",)),
    "rename": (("entity", "label"), ()),
    "retype": (("entity",), ("type",)),
    "undo": (("decision",), ()),
}
NO_ITEM = "#NoMatch"
LONGEST = 2000
MOST_ALIKE = 12


class Sessions(SecureCookieSessionInterface):
    """Sessions whose cookie stays on TLS, where the client, or a proxy that is believed, uses it."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """True if the request came by https."""
        return request.is_secure


def configure(app: Flask, token: str, folder: Path) -> None:
    """The session's cookie: signed with a key that only who knows the token can make. And the decisions that wait."""
    app.session_interface = Sessions()
    if token:
        app.secret_key = hmac.new(token.encode(), b"newskg review session", hashlib.sha256).digest()
        app.extensions["newskg-pending"] = Pending(folder)
    app.config.update(
        SESSION_COOKIE_NAME="newskg-review",
        SESSION_COOKIE_PATH="/review",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=HOURS),
    )


@blueprint.before_request
def allowed() -> None:
    """Nobody decides where there is no token."""
    if not site().token:
        raise NotAllowed("nobody reviews here: start the server with a token in NEWSKG_TOKEN or --token-file")


@blueprint.after_request
def private(response: Response) -> Response:
    """What only a reviewer sees is kept by nobody."""
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/sign-in", methods=["POST"])
def sign_in() -> Response | WerkzeugResponse:
    """Exchanges the token for a session."""
    author = " ".join(request.form.get("author", "").split())[:200]
    if not is_token(request.form.get("token", ""), site().token, request.remote_addr or ""):
        return _sign_in_page("that is not the token of this server", author)
    if not author:
        return _sign_in_page("a decision needs an author: give your name", "")
    session.clear()
    session.permanent = True
    session["author"], session["secret"] = author, secrets.token_urlsafe(24)
    return redirect(_back(), 303)


@blueprint.route("/sign-out", methods=["POST"])
def sign_out() -> WerkzeugResponse:
    """Ends the session."""
    _check_form()
    session.clear()
    return redirect("/review", 303)


@blueprint.route("")
def look() -> Response:
    """One doubt, or what can be decided on one thing."""
    if "author" not in session:
        return _sign_in_page("", "")
    return _desk("", 200)


@blueprint.route("", methods=["POST"])
def decide() -> Response | WerkzeugResponse:
    """Takes a decision up and shows what is next."""
    _check_form()
    try:
        kind, options, arguments = _decision()
    except NewskgError as error:
        return _desk(str(error), status_of(error))
    note = request.form.get("note", "").strip()[:LONGEST]
    command = "rename" if kind == "retype" else kind
    pending().add(Task(command, session["author"], note, options, arguments))
    return redirect(_back(), 303)


@blueprint.route("/pending")
def waiting() -> Response:
    """The decisions that are still being kept, for the page's script and others who wait."""
    if "author" not in session:
        raise TokenRequired("sign in at /review first")
    return Response(json.dumps({"waiting": pending().waiting}), mimetype="application/json")


def pending() -> Pending:
    """The decisions that are being taken."""
    found: Any = current_app.extensions["newskg-pending"]
    assert isinstance(found, Pending)
    return found


@blueprint.route("/log")
def log() -> Response:
    """All decisions, the newest first."""
    if "author" not in session:
        return _sign_in_page("", "")
    decisions = desk.log(site().folder)
    return _page("review_log.html", 200, decisions=decisions, back="/review/log")


def _decision() -> tuple[str, list[str], list[str]]:
    """The decision that a form asks for: its kind, options and arguments."""
    kind = request.form.get("decision-kind", "")
    if kind not in DECISIONS:
        raise QueryError(f"decision-kind must be one of {', '.join(DECISIONS)}")
    names, switches = DECISIONS[kind]
    arguments = []
    for name in names:
        field = "new-item" if kind == "replace" and name == "item" else name
        arguments += [text.strip()[:LONGEST] for text in request.form.getlist(field) if text.strip()]
    if len(arguments) < (2 if kind in ("replace", "rename", "split") else 1 if kind != "undo" else 0):
        raise QueryError(f"to {kind}, fill in {' and '.join(names[1:]) or names[0]}")
    if kind in ("accept", "reject") and request.form.get("new-item", "").strip():
        raise QueryError(f"another item is named: press Replace, or empty that field to {kind} the chosen one")
    options = []
    for name in switches:
        text = request.form.get(name, "").strip()[:LONGEST]
        if text:
            options.append(f"--{name}" if name == "same-as" else f"--{name}={text}")
    if kind == "retype" and request.form.get("type") not in set(EntityType):
        raise QueryError(f"type must be one of {', '.join(EntityType)}")
    return kind, options, arguments


def _check_form() -> None:
    """Lets only forms of this session decide."""
    if "secret" not in session:
        raise TokenRequired("the session has ended: sign in at /review again")
    if not hmac.compare_digest(request.form.get("secret", "").encode(), session["secret"].encode()):
        raise NotAllowed("this form is not of your session: open /review again")


def _back() -> str:
    """Where a form leads to: a page of the desk, nothing else."""
    path = request.form.get("back", "")
    return path if path == "/review" or path.startswith(("/review?", "/review/log")) else "/review"


def _sign_in_page(message: str, author: str) -> Response:
    back = request.full_path.rstrip("?") if request.method == "GET" else _back()
    text = render_template("review_sign_in.html", message=message, author=author, back=back)
    return Response(text, 401, mimetype="text/html", headers={"WWW-Authenticate": 'Bearer realm="newskg"'})


def _page(template: str, status: int, **values: Any) -> Response:
    news = pending().news(session["author"]) if status == 200 else []
    text = render_template(
        template,
        author=session["author"],
        secret=session["secret"],
        done=[words for words, error in news if not error],
        refused=[(words, error) for words, error in news if error],
        waiting=pending().waiting,
        **values,
    )
    return Response(text, status, mimetype="text/html")


def _desk(message: str, status: int) -> Response:
    """The page of the desk: the doubt at a position, or all there is about one thing."""
    kind = request.args.get("kind", "")
    asked = request.args.get("entity", "").removeprefix(site().base)
    found = [
        doubt
        for doubt in pending().doubts(site().snapshot_id)
        if (not asked or doubt["entity"] == asked) and kind in ("", doubt["kind"])
    ]
    at = min(max(request.args.get("at", 0, int), 0), max(len(found) - 1, 0))
    doubt = found[at] if found else None
    entity = doubt["entity"] if doubt else asked
    try:
        node = ox.NamedNode(site().base + entity) if entity else None
    except ValueError:
        raise QueryError(f"{entity!r} is no identifier of a thing, such as person/ada") from None
    mentions = add_openings(site().select(page_queries.MENTIONS, thing=node)) if node else []
    names = list(dict.fromkeys(row["words"]["value"] for row in mentions))
    if asked and not doubt and not mentions:
        message = message or f"no article names {asked}"
    return _page(
        "review.html",
        status,
        message=message,
        doubt=doubt,
        entity=entity,
        candidates=[item for item in doubt["candidates"] if not item["target"].endswith(NO_ITEM)] if doubt else [],
        evidence=_evidence(doubt),
        articles=_articles(mentions),
        names=names,
        at=at,
        total=len(found),
        most=desk.MOST,
        kind=kind,
        asked=asked,
        alike=_alike(entity, names),
        types=list(EntityType),
        base=site().base,
        why=site().select(page_queries.WHY, thing=node) if node else [],
    )


def _alike(entity: str, names: list[str]) -> list[tuple[str, str]]:
    """Other things of the same kind with a like name, which may be the same: identifier and name."""
    snapshot = current_snapshot(site().folder)
    if not snapshot or not names:
        return []
    hits = search.search(snapshot, max(names, key=len), (entity.partition("/")[0],), MOST_ALIKE)
    found = [(hit.iri.removeprefix(site().base), hit.label) for hit in hits]
    return [item for item in found if item[0] != entity]


def _evidence(doubt: dict[str, Any] | None) -> list[tuple[str, Markup, Row]]:
    """The sentences of a doubt: where each leads, its text with the mention marked, and its article."""
    given = doubt["evidence"] if doubt else []
    if not given:
        return []
    nodes = [ox.NamedNode(item["mention"]) for item in given]
    known = {row["mention"]["value"]: row for row in site().select(page_queries.MENTIONED_IN, mention=nodes)}
    found = []
    for item in given:
        row = known.get(item["mention"], {})
        text, words = item["text"], " ".join(row["words"]["value"].split()) if "words" in row else ""
        before, mark, after = text.partition(words) if words else (text, "", "")
        shown = escape(before) + (Markup("<mark>{}</mark>").format(mark) if mark else "") + escape(after)
        found.append((item["mention"], shown, row))
    return found


def _articles(mentions: list[Row]) -> list[tuple[str, str, str]]:
    """The articles that name a thing: identifier, headline, date."""
    found = {}
    for row in mentions:
        name = row["article"]["value"].removeprefix(site().base + "article/")
        headline = row["headline"]["value"] if "headline" in row else name
        found[name] = (name, headline, row["published"]["value"] if "published" in row else "")
    return list(found.values())
