"""The language of a text, told by its script and its commonest words: enough to tell English from the rest."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

from kg.tables import table

# The language that the layers read; articles in others are set aside.
LANGUAGE = "en"
# The head of an article decides; reading a book-length text to its end would tell nothing more.
SAMPLE = 20_000
# A text this short has too few function words to go by: what the page declares is believed, else English.
MIN_WORDS = 12
# Share of the words that are among a language's commonest: running text of every language listed has 20 % and more.
MIN_SHARE = 0.08
# Another language than English must have this many times its common words: they share many ("in", "an", "to", "on").
CLEARLY = 2
_WORD = re.compile(r"[^\W\d_]+")
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("bn", re.compile(r"[\u0980-\u09ff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
)
# Letters that only the sister languages of a script have.
_SISTERS = {"ru": (("uk", "іїєґ"), ("sr", "ђјљњћџ")), "ar": (("ur", "ٹڈڑںے"), ("fa", "پچژگ"))}


def detect(text: str, declared: str | None = None) -> str:
    """The ISO 639-1 code of the text's language: `en` where nothing speaks against it."""
    sample = text[:SAMPLE]
    letters = sum(map(str.isalpha, sample)) or 1
    for code, script in _SCRIPTS:
        if len(script.findall(sample)) > 0.3 * letters:
            return next(
                (sister for sister, marks in _SISTERS.get(code, ()) if sum(map(sample.count, marks)) > 0.01 * letters),
                code,
            )
    words = _WORD.findall(sample.lower())
    counts: Counter[str] = Counter()
    for word in words:
        counts.update(_stop_words().get(word, ()))
    best = min(counts, key=lambda code: (-counts[code], code != "en", code), default=None)
    if best and counts[best] < CLEARLY * counts["en"]:
        best = "en"
    if len(words) >= MIN_WORDS and best and counts[best] >= MIN_SHARE * len(words):
        return best
    return base(declared or "en")


def base(code: str) -> str:
    """The language of a language tag: `en` of `en-GB` and `en_US` (RFC 5646, primary subtag)."""
    return code.replace("_", "-").partition("-")[0].lower()


@cache
def _stop_words() -> dict[str, tuple[str, ...]]:
    """Each common word with the languages that have it."""
    found: dict[str, tuple[str, ...]] = {}
    for row in table("languages.tsv"):
        for word in row["words"].split():
            found[word] = (*found.get(word, ()), row["lang"])
    return found
