"""The query page at /sparql for a browser: a plain form that works without script, and the result as a table under it.

Where YASGUI's assets are there, its script takes the place of the form: it finds the form by its id, the prefixes in
`data-prefixes`.
"""

from __future__ import annotations

import json
from pathlib import Path

from flask import Response, render_template, request

from kg.errors import NewskgError
from kg.prefixes import PREFIXES
from kg.query.saved import VIEWS
from kg.web.errors import status_of
from kg.web.security import POLICY
from kg.web.site import site
from kg.web.tables import graph_table, result_table
from kg.web.views import draw

# There only in a wheel, or after `./run assets`.
EDITOR = Path(__file__).parent / "static" / "vendor" / "yasgui.min.js"
# The one style sheet that YASGUI's table writes into the page (of column-resizer 1.4.0), allowed by its digest.
RESIZER_STYLE = "sha256-zCK2EVMoPc04mRF/g5CotUvxbJPWS+8V0b+s9ptqQIk="
# What a view may be told to draw, as the headers of saved queries name it.
AXES = ("x", "y", "series", "label")
EXAMPLE = """PREFIX sem: <http://semanticweb.cs.vu.nl/2009/11/sem/>
PREFIX nif: <http://persistence.uni-leipzig.org/nlp2rdf/ontologies/nif-core#>
PREFIX prov: <http://www.w3.org/ns/prov#>

SELECT ?event ?who ?where ?when ?evidence ?sentence WHERE {
  ?event a sem:Event ; sem:hasActor ?who ; sem:hasPlace ?where ; sem:hasBeginTimeStamp ?when ;
    prov:wasDerivedFrom ?evidence .
  ?evidence nif:anchorOf ?sentence .
}
LIMIT 100
"""


def editor_page(text: str, values: dict[str, list[str]]) -> Response:
    """The page, with the result of the query if there is one."""
    table, drawing, message, status = None, None, "", 200
    view = (values.get("view") or [""])[0]
    axes = {name: values[name][0] for name in AXES if any(values.get(name, ()))}
    if text.strip():
        message_to_worker = {
            "do": "query",
            "query": text,
            "union": site().union,
            "base": site().base + "sparql",
            "accept": "application/sparql-results+json, application/n-triples;q=0.9",
        }
        defaults, named = values.get("default-graph-uri"), values.get("named-graph-uri")
        if defaults is not None or named is not None:
            message_to_worker |= {"default_graphs": defaults or [], "named_graphs": named or []}
        try:
            answer = site().pool.run(message_to_worker)
            head, body = dict(answer.head), answer.read()
            table = (
                graph_table(body)
                if head["kind"] == "graph"
                else result_table(json.loads(body), cut=bool(head.get("cut")))
            ).named()
            drawing = draw(view, axes, table)
        except NewskgError as error:
            message, status = str(error), status_of(error)
    page = render_template(
        "sparql.html",
        query=text or EXAMPLE,
        asked=bool(text.strip()),
        table=table,
        message=message,
        prefixes=PREFIXES,
        queries=site().queries,
        endpoint=request.base_url,
        base=site().base,
        drawing=drawing,
        view=view,
        views=VIEWS,
        axes=axes,
        editor=EDITOR.exists(),
        union=site().union,
        prefix_json=json.dumps(PREFIXES),
    )
    headers = {"Vary": "Accept", "X-Newskg-Snapshot": site().snapshot_id}
    if EDITOR.exists():
        headers["Content-Security-Policy"] = POLICY.replace("style-src 'self'", f"style-src 'self' '{RESIZER_STYLE}'")
    return Response(page, status, mimetype="text/html", headers=headers)
