"""What makes a program start soon: tables ready-made, and nothing imported that is not needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kg.link.authority import Authority, _core, core
from kg.ready import ready_made


def told(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_a_table_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSKG_CACHE", str(tmp_path))
    made: list[int] = []

    def make() -> dict[str, int]:
        made.append(1)
        return {"Lindow": 3}

    assert ready_made("towns", make) == ready_made("towns", make) == {"Lindow": 3}
    assert len(made) == 1
    (file,) = (tmp_path / "tables").iterdir()
    file.write_bytes(file.read_bytes()[:9])  # cut short
    assert ready_made("towns", make) == {"Lindow": 3}
    assert len(made) == 2
    assert ready_made("towns", make) == {"Lindow": 3}
    assert len(made) == 2


def test_without_a_folder_to_write_all_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setenv("NEWSKG_CACHE", str(tmp_path / "file"))
    assert ready_made("towns", lambda: [1, 2]) == [1, 2]


def test_the_authority_is_the_same_ready_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSKG_CACHE", str(tmp_path))
    fresh = _core()
    for _ in range(2):
        core.cache_clear()
        found: Authority = core()
        assert found.entries == fresh.entries
        assert found.named == fresh.named
    core.cache_clear()


def test_spacy_comes_without_its_command_line_and_leaves_it_whole() -> None:
    code = """
import sys
from kg.nlp.engine import prepare
prepare()
print("spacy" in sys.modules, "weasel" in sys.modules, "spacy.cli" in sys.modules)
import spacy.cli
print(hasattr(spacy.cli, "download"))
"""
    assert told(code).split() == ["True", "False", "False", "True"]


def test_a_build_imports_no_model_and_no_reader_of_pages_before_it_needs_them() -> None:
    code = "import sys, kg.cli, kg.build; print([m for m in ('spacy', 'trafilatura', 'rdflib') if m in sys.modules])"
    assert told(code) == "[]"
