"""Fixtures of the tests of online linking: a stand-in that is served, and an empty cache."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.online.cache import Cache
from tests.online_world import world
from tests.wikidata_standin import StandIn, serving


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def standin(no_proxy: None) -> Iterator[StandIn]:
    with serving(world()) as standin:
        yield standin


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    kept = Cache(tmp_path / "cache" / "online.sqlite")
    yield kept
    kept.close()
