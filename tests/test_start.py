"""What makes a program start soon: tables ready-made, and nothing imported that is not needed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from kg.extract import CHUNK, _chunks
from kg.link.authority import Authority, _core, core
from kg.ready import ready_made
from kg.records import Article
from kg.settings import BY_NAME


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


def test_patterns_are_kept_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSKG_CACHE", str(tmp_path))
    sources = [r"(?i:elm)(?P<town>\w+)?", r"(?<=[ab])ß\b|[^\W\d_]+(?!x)", r"(?s)a.b$", "[\u0400-\u04ff]{2,3}?"]
    made = [re.compile(source, flags) for source in sources for flags in (0, re.IGNORECASE | re.MULTILINE)]
    ready_made("patterns", lambda: made)
    monkeypatch.setattr("re._compiler.compile", None)  # nothing is compiled any more
    found = ready_made("patterns", list)
    assert found == made
    assert [p.groupindex for p in found] == [p.groupindex for p in made]
    match = found[0].search("in Elmton")
    assert match is not None
    assert (match["town"], match.lastgroup) == ("ton", "town")


def test_a_pattern_is_compiled_anew_where_its_code_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSKG_CACHE", str(tmp_path))
    monkeypatch.setattr("re._compiler._code", lambda *_: [1])
    made = re.compile("elm|oak", re.IGNORECASE)
    ready_made("pattern", lambda: made)
    assert ready_made("pattern", lambda: None) == made


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


def test_a_model_is_read_as_spacy_reads_it_but_for_what_is_not_used() -> None:
    code = f"""
import spacy
from kg.nlp.pipeline import load
ours, theirs = load({BY_NAME["model"].default!r}), spacy.load({BY_NAME["model"].default!r}, exclude=["senter"])
print(ours.tokenizer.to_bytes() == theirs.tokenizer.to_bytes(), ours.vocab.strings.to_bytes() == theirs.vocab.strings.to_bytes())
print([name for name in ours.pipe_names if name != "newskg_blocks"] == theirs.pipe_names)
"""
    assert told(code).split() == ["True"] * 3


@pytest.mark.parametrize("number", [1, CHUNK, 3 * CHUNK, 10 * CHUNK + 3])
def test_the_last_articles_are_handed_out_in_small_parts(number: int) -> None:
    articles = [Article(id=str(i), source="", sha256="", text="") for i in range(number)]
    alone, several = (list(_chunks(iter(articles), jobs)) for jobs in (1, 2))
    for chunks in (alone, several):
        assert [a for chunk in chunks for a in chunk] == articles
    assert all(len(chunk) == CHUNK for chunk in alone[:-1])
    sizes = [len(chunk) for chunk in several]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] <= CHUNK
    assert sizes[-1] == 1
