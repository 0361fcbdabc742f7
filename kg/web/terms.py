"""RDF terms as pages show them: a link where it is safe to link, a short name, plain text. Everything is escaped by
the templates."""

from __future__ import annotations

import re
from urllib.parse import quote

from kg.prefixes import PREFIXES
from kg.web.site import site

_CHARACTERS = re.compile(r"#char=(\d+),(\d+)$")
_SORTED = sorted(PREFIXES.items(), key=lambda item: -len(item[1]))
# What a path on this server may have unescaped, beside letters and digits (RFC 3986, section 3.3).
_SAFE = "/:@!$&'()*+,;=~-._#%?"


def href(iri: str) -> str:
    """The address to link an IRI to: this server's own page for what is in the base namespace, else the IRI itself if
    it is http(s).

    Empty for everything else (`javascript:` and the like): then there is no link.
    """
    if iri.startswith(site().base):
        return quote(site().path_of(iri), safe=_SAFE)
    if iri.startswith(PREFIXES["nkg"]):
        return "/ontology#" + quote(iri[len(PREFIXES["nkg"]) :])
    if re.match(r"https?://[^\s\"'<>\\]+$", iri):
        return iri
    return ""


def short(iri: str) -> str:
    """A short name: `Attack` for the project's terms, `person/ada` in the base namespace, `schema:name` for known
    prefixes."""
    if iri.startswith(PREFIXES["nkg"]):
        return iri[len(PREFIXES["nkg"]) :]
    if iri.startswith(site().base):
        path = iri[len(site().base) :]
        return _CHARACTERS.sub(lambda found: f" {found[1]}–{found[2]}", path)
    for prefix, namespace in _SORTED:
        if iri.startswith(namespace) and len(iri) > len(namespace):
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri


def characters(iri: str) -> str:
    """The range of characters of a span of text, for a table that names the article in another column."""
    found = _CHARACTERS.search(iri)
    return f"{found[1]}–{found[2]}" if found else short(iri)


def words(name: str) -> str:
    """A variable or class name as words: `placeName` is `place name`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def assertion_path(iri: str) -> str:
    """The address of the page of a part of an article, such as a figure; that of the thing itself for others."""
    article, mark, part = iri.partition("#")
    prefix = site().base + "article/"
    if not mark or not article.startswith(prefix):
        return href(iri)
    return quote(f"/assertion/{article[len(prefix) :]}/{part}", safe=_SAFE)


FILTERS = {"assertion_path": assertion_path, "characters": characters, "href": href, "short": short, "words": words}
