"""The Flask application: blueprints by noun, one table of errors, the security headers."""

from __future__ import annotations

from flask import Flask

from kg.web import (
    assertion_pages,
    description,
    errors,
    graphstore,
    openapi,
    queries,
    reconcile,
    review,
    sitemap,
    sparql,
    start,
    things,
    wellknown,
)
from kg.web.compression import Compression
from kg.web.land import VENDOR
from kg.web.security import add_headers
from kg.web.site import Site
from kg.web.terms import FILTERS


def create_app(site: Site, max_body: int = 128) -> Flask:
    """The application that serves a site. `max_body` is in MiB."""
    app = Flask(__name__)
    app.extensions["newskg"] = site
    app.config["MAX_CONTENT_LENGTH"] = max_body << 20
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals["assets"] = (VENDOR / "leaflet.js").exists()
    app.context_processor(lambda: {"snapshot": site.snapshot_id, "writable": bool(site.token)})
    errors.register(app)
    review.configure(app, site.token, site.folder)
    for module in (
        start,
        things,
        assertion_pages,
        review,
        openapi,
        queries,
        sparql,
        graphstore,
        description,
        wellknown,
        reconcile,
        sitemap,
    ):
        app.register_blueprint(module.blueprint)
    app.after_request(add_headers)
    app.wsgi_app = Compression(app.wsgi_app)  # type: ignore[method-assign]
    return app
