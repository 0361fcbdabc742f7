"""Which server an address belongs to, and where it answers."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from urllib.parse import urlsplit

from kg.errors import StoreError


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of server: how its `Server` header begins, its three paths, what asks for the union of graphs, and how it takes
    credentials."""

    name: str
    server: str
    query: str
    update: str
    data: str
    union: str
    auth: str


@dataclass(frozen=True, slots=True)
class Server:
    """One server: its address, its kind, and the three addresses that it answers at."""

    url: str
    kind: Kind

    @property
    def query(self) -> str:
        """SPARQL 1.1 Query."""
        return self._below(self.kind.query)

    @property
    def update(self) -> str:
        """SPARQL 1.1 Update."""
        return self._below(self.kind.update)

    @property
    def data(self) -> str:
        """SPARQL 1.1 Graph Store Protocol."""
        return self._below(self.kind.data)

    def _below(self, path: str) -> str:
        return f"{self.url.rstrip('/')}/{path}" if path else self.url


@cache
def kinds() -> dict[str, Kind]:
    """The kinds by name, in the order in which they are tried."""
    text = resources.files("kg").joinpath("data/remote_stores.toml").read_text(encoding="utf-8")
    return {name: Kind(name, **row) for name, row in tomllib.loads(text).items()}


def is_remote(store: str) -> bool:
    """Whether `--store` names a server rather than a folder."""
    return store.startswith(("http://", "https://"))


def checked(url: str) -> str:
    """The address, if it can be one of a server. `StoreError` if not: credentials in it would end in logs."""
    parts = urlsplit(url)
    if not parts.hostname or parts.username or parts.password or parts.query or parts.fragment:
        raise StoreError(
            f"{parts.scheme}://{parts.hostname or ''}… is no address of a store: give scheme, host, port and path only; "
            "name and password go into NEWSKG_STORE_USER and NEWSKG_STORE_PASSWORD"
        )
    return url.rstrip("/")
