"""Articles with one content have one extraction, and the records that they would have without it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kg.build import build
from kg.copied import content_key, copied
from kg.nlp import pipeline
from kg.read.ids import digest
from kg.records import Article
from kg.settings import BY_NAME
from kg.state import State

MODEL = BY_NAME["model"].default
TEXT = (
    "LINDOW, May 3, 2031 (Example Wire) -- A bomb killed 12 people at the harbour on Friday, Mayor Ilse Varn said. "
    "Oru, the police chief, arrested two men after the attack. “We will rebuild the bridge,” Oru said. "
    "At least 40 people were injured in the explosion, the fire service said."
)


def article(name: str) -> Article:
    return Article(id=name, source=f"{name}.txt", sha256=digest(TEXT), text=TEXT)


def test_the_record_is_the_one_that_extraction_gives() -> None:
    one, other = pipeline.extract([article("one"), article("other")], MODEL)
    assert one.events
    assert any("-in-" in m.id for m in one.entities)
    assert copied(one, article("other")) == other


def test_only_identifier_and_source_make_no_difference() -> None:
    assert content_key(article("one"), "1") == content_key(article("other"), "1")
    assert content_key(article("one"), "1") != content_key(replace(article("one"), date="2031-05-03"), "1")
    assert content_key(article("one"), "1") != content_key(article("one"), "2")


def test_a_copy_is_not_extracted_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one.txt").write_text(TEXT, "utf-8")
    build([str(tmp_path / "one.txt")], tmp_path / "s", base="http://example.org/", model=MODEL)
    (tmp_path / "other.txt").write_text(TEXT, "utf-8")
    with monkeypatch.context() as patch:
        patch.setattr("kg.nlp.pipeline.extract", lambda *_: pytest.fail("extracted again"))
        report = build([str(tmp_path / "other.txt")], tmp_path / "s", base="http://example.org/", model=MODEL)
    assert report.written == ["other"]
    with State(tmp_path / "s") as state:
        assert state.record("other") == next(iter(pipeline.extract([article("other")], MODEL)))
