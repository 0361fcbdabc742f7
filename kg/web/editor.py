"""The query page: a plain form that works without script, and the result as a table under it."""

from __future__ import annotations

from flask import Response, render_template


def editor_page(text: str, values: dict[str, list[str]]) -> Response:
    """The page, with the result of the query if there is one."""
    return Response(render_template("sparql.html", query=text), mimetype="text/html")
