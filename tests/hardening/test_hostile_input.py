"""Inputs that are broken or mean harm: refused by name or read as they are; the others go on; nothing hangs or crashes.

`NEWSKG_FUZZ=2000` tries so many examples of each property in place of a few.
"""

from __future__ import annotations

import json
import os
import resource
import time
import unicodedata
from pathlib import Path

import pytest
from crash import BASE, MODEL, dump
from hostile import BAD, FEED, GOOD, LINE, PAGE, SAMPLES, bad_inputs, bomb, warc
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.build import Report, build
from kg.clean import lay_out
from kg.errors import NewskgError
from kg.extract import extract
from kg.rdf.article import article_quads
from kg.read import read
from kg.records import Article, Extraction, Refusal
from kg.resolve import resolve

EXAMPLES = int(os.environ.get("NEWSKG_FUZZ", "20"))
BAD_INPUTS = int(os.environ.get("NEWSKG_BAD_INPUTS", "600"))
SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
tried = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=SLOW, derandomize=True, database=None)
few = settings(tried, max_examples=max(EXAMPLES // 4, 5))


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """A good file of some format with bytes changed, put in, taken out, doubled or cut off."""
    suffix = draw(st.sampled_from(sorted(SAMPLES)))
    data = bytearray(SAMPLES[suffix])
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        kind = draw(st.sampled_from(("change", "insert", "delete", "double", "cut")))
        if kind == "change" and data:
            data[at] = draw(st.integers(0, 255))
        elif kind == "insert":
            data[at:at] = draw(st.binary(min_size=1, max_size=20))
        elif kind == "delete":
            del data[at : at + draw(st.integers(1, 30))]
        elif kind == "double":
            data[at:at] = data[at : at + 40]
        else:
            del data[at:]
    return suffix, bytes(data)


def read_all(path: Path) -> list[Article | Refusal]:
    found = list(read([str(path)]))
    for item in found:
        if isinstance(item, Article):
            item.text.encode()  # no half of a surrogate pair
            assert "\0" not in item.text
            assert item.id.strip()
        else:
            assert item.source
            assert item.reason
    return found


@tried
@given(damaged())
def test_readers_take_damaged_files(tmp_path: Path, file: tuple[str, bytes]) -> None:
    path = tmp_path / f"a{file[0]}"
    path.write_bytes(file[1])
    assert read_all(path)


@tried
@given(st.sampled_from(sorted({suffix for suffix, _ in BAD} | set(SAMPLES))), st.binary(max_size=400))
def test_readers_take_any_bytes(tmp_path: Path, suffix: str, data: bytes) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(data)
    assert read_all(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@tried
@given(st.dictionaries(st.sampled_from(("text", "html", "id", "title", "date", "url", "publisher", "lang", "x")), JSON))
def test_readers_take_any_json(tmp_path: Path, line: dict[str, object]) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(line))
    assert len(read_all(path)) == 1


# What trips programs that handle text: marks of direction, zero width, combining, beyond the BMP, odd spaces and digits.
ODD = st.sampled_from(
    ["\u202e", "\u200b", "\u200d", "\ufeff", "\u0301", "\u2028", "\u00a0", "\x85", "\x1b", "\U0001f30a", "👩‍👩‍👧", "ﷺ", "ǅ", "ß",
     "İ", "１２", "٣", "½", "²", "“", "”", "‘", "\"", "'", "(", ")", "--", "\n", "\n\n", "\t", "$", "%", "<b>", "&amp;", "\\", "}"]
)  # fmt: skip
WORDS = st.sampled_from(
    ["At least", "12", "3,419", "dozens of", "people", "were killed", "in Lindow", "on", "30 February 2031", "May 32", "Friday",
     "Mayor Ilse Varn", "told", "reporters", "said", "the", "World Health Organization (WHO)", "between", "and", "million",
     "20:75", "0000-00-00", "99999999999999999999", "1/0", "more than", "no", "not", "she", "Reuters", "(Xinhua)", "GENEVA", "."]
)  # fmt: skip
TEXTS = st.lists(WORDS | ODD | st.text(max_size=6), min_size=1, max_size=60).map(" ".join)


def as_article(text: str) -> Article:
    text = "".join(character for character in text if unicodedata.category(character) != "Cs").replace("\0", " ")
    return Article(id="a", source="a.txt", sha256="0" * 64, text=text, date="2031-05-03")


@tried
@given(TEXTS, st.none() | st.text(max_size=30))
def test_the_cleaner_takes_any_text(text: str, title: str | None) -> None:
    article = as_article(text)
    article = Article(**{**{name: getattr(article, name) for name in article.__slots__}, "title": title})
    page = lay_out(article)
    for start, end in page.noise:
        assert 0 <= start <= end <= len(article.text)


def check_spans(record: Extraction) -> None:
    """Every span lies inside the text, and what is named there is what stands there."""
    for span in spans(record):
        assert 0 <= span[0] <= span[1] <= len(record.text)
    for entity in record.entities:
        assert record.text[entity.start : entity.end].strip()


def spans(value: object) -> list[tuple[int, int]]:
    from kg.records import to_json

    found: list[tuple[int, int]] = []

    def walk(item: object) -> None:
        if isinstance(item, dict):
            if isinstance(item.get("start"), int) and isinstance(item.get("end"), int):
                found.append((item["start"], item["end"]))
            for inner in item.values():
                walk(inner)
        elif isinstance(item, list | tuple):
            if len(item) == 2 and all(isinstance(part, int) and not isinstance(part, bool) for part in item):
                found.append((item[0], item[1]))
            else:
                for inner in item:
                    walk(inner)

    walk(to_json(value))  # type: ignore[arg-type]
    return found


@few
@given(st.lists(TEXTS, min_size=1, max_size=3))
def test_the_pipeline_takes_any_text(texts: list[str]) -> None:
    articles = [as_article(text) for text in texts]
    records = list(extract(iter(articles), MODEL, 1))
    assert len(records) == len(articles)
    for record in records:
        check_spans(record)
        resolution = resolve([record])
        lines = [str(quad) for quad in article_quads(record, resolution, BASE)]
        assert lines
        assert not any(" _:" in line or line.startswith("_:") for line in lines)


def run(sources: list[Path], store: Path) -> tuple[Report, list[str]]:
    told: list[str] = []
    report = build(
        [str(s) for s in sources], store, base=BASE, model=MODEL, refused=lambda refusal: told.append(str(refusal))
    )
    return report, told


HOSTILE: dict[str, bytes] = {
    "one-line.txt": (GOOD + " ").encode() * (50 * 2**20 // len(GOOD.encode())),
    "letters.txt": b"a" * (50 * 2**20),
    "nested.html": b"<html><body>" + b"<div>" * 200_000 + GOOD.encode(),
    "nested.xml": b"<rss><channel><item><description>" + b"<b>" * 100_000 + b"</item></channel></rss>",
    "nested.jsonl": b"[" * 1_000_000,
    "null.txt": b"The mayor\x00said so. " * 20,
    "surrogates.jsonl": b'{"text": "The mayor said \\ud83d so."}',
    "bomb.txt.gz": bomb(),
    "bomb.jsonl.gz": bomb(),
    "lying.warc": warc(PAGE.encode(), length=10**15),
    "negative.warc": warc(PAGE.encode(), length=-1),
    "short.warc": warc(PAGE.encode(), length=20),
    "entities.xml": b'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><item><title>&x;</title></item></channel></rss>',
}
FINE: dict[str, bytes] = {
    "good.txt": GOOD.encode(),
    "overrides.txt": ("\u202eLindow\u202c. " + GOOD).encode(),
    "zero-width.txt": GOOD.replace("Lindow", "Lin\u200bdow", 1).replace("Mayor", "\ufeffMayor").encode(),
    "combining.txt": GOOD.replace("e", "e\u0301").encode(),
    "emoji.txt": ("🌊🌊 👩‍👩‍👧 𝔏 " + GOOD + " 🌊").encode(),
    "february.txt": GOOD.replace("May 3, 2031", "Feb. 30, 2031").encode(),
    "years.txt": GOOD.replace("2031", "99999").encode(),
    "lying-http.warc": warc(PAGE.encode(), http_length=10**9),
    "page.html": PAGE.encode(),
    "feed.xml": FEED.encode(),
    "line.jsonl": LINE.encode(),
}


def test_hostile_documents_in_one_build(tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    for name, data in {**HOSTILE, **FINE}.items():
        (folder / name).write_bytes(data)
    (folder / "loop").symlink_to(folder)
    (folder / "self.txt").symlink_to(folder / "self.txt")
    (folder / "there.txt").symlink_to(folder / "not-there.txt")
    os.mkfifo(folder / "pipe.txt")
    begin = time.monotonic()
    report, told = run([folder], tmp_path / "s")
    assert time.monotonic() - begin < 120
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 4 << 20  # KiB
    for name in (*HOSTILE, "self.txt", "there.txt", "pipe.txt"):
        assert sum(name in message for message in told) == 1, (name, [message[:200] for message in told])
    assert len(told) == len(HOSTILE) + 3
    assert not any(len(message) > 1000 or "Traceback" in message for message in told)
    assert len(report.written) == len(FINE)
    text = dump(tmp_path / "s").decode()
    assert "30 February" not in text
    assert "2031-02-30" not in text
    assert "root:x:" not in text


@pytest.mark.parametrize("name", [name for name in FINE if name.endswith(".txt")])
def test_offsets_count_code_points(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(FINE[name])
    [article] = read_all(path)
    assert isinstance(article, Article)
    [record] = extract(iter([article]), MODEL, 1)
    assert record.text == FINE[name].decode()
    check_spans(record)
    if name != "combining.txt":
        assert "Tam Oru" in {record.text[entity.start : entity.end] for entity in record.entities}


def test_thousands_of_bad_inputs_in_one_build(tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    names = []
    for name, data in bad_inputs(BAD_INPUTS, 5):
        (folder / name).write_bytes(data)
        names.append(name)
    for number in range(3):
        (folder / f"good-{number}.txt").write_text(GOOD.replace("12", str(20 + number)), encoding="utf-8")
    report, told = run([folder], tmp_path / "s")
    assert sorted(report.written) == ["good-0", "good-1", "good-2"]
    named = {message.split(":")[0].split(",")[0] for message in told}
    assert named == set(names)
    assert all(isinstance(refusal, Refusal) for refusal in report.refused)


@tried
@given(st.text(max_size=40), st.text(max_size=60))
def test_a_source_of_any_name(name: str, pattern: str) -> None:
    """What is no path is refused by its name; nothing is raised."""
    for item in read([source for source in (f"/nowhere/{name}", f"http://{pattern}") if "\0" not in source]):
        assert isinstance(item, Refusal)


def test_errors_of_the_command_are_one_line(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from kg.cli import main

    (tmp_path / "x.txt").write_bytes(b"\0" * 100)
    result = CliRunner().invoke(main, ["build", str(tmp_path / "x.txt"), "--store", str(tmp_path / "s")])
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    with pytest.raises(NewskgError):
        list(extract(iter([]), "no_such_model", 1)) or extract(iter([as_article("x")]), "no_such_model", 1).__next__()


def test_an_article_the_program_fails_on_leaves_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kg.nlp import pipeline

    for name in ("one", "two", "three"):
        (tmp_path / f"{name}.txt").write_text(GOOD if name != "two" else "FAIL " + GOOD, encoding="utf-8")
    read_one = pipeline.read

    def failing(reading: pipeline.Reading) -> pipeline.Reading:
        if reading.article.text.startswith("FAIL"):
            raise ZeroDivisionError("somewhere deep inside")
        return read_one(reading)

    monkeypatch.setattr(pipeline, "read", failing)
    report, told = run([tmp_path / f"{name}.txt" for name in ("one", "two", "three")], tmp_path / "s")
    assert len(report.written) == 2
    assert len(told) == 1
    assert told[0].startswith("two.txt: makes the program fail (ZeroDivisionError: somewhere deep inside)")
