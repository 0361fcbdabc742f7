"""Words of one family: what a text calls a happening in one place and in another ("died", "the death")."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files

_VOWEL = re.compile(r"[aeiouy]")
# A stem of fewer letters is no word any more.
_SHORTEST = 3
# Words kept with their stems: the commonest are nearly all of a text.
CACHED = 1 << 14


@lru_cache(CACHED)
def stem(word: str) -> str:
    """The word without the ending of a plural, a tense or a participle, after step 1 of Porter's algorithm (An algorithm
    for suffix stripping, 1980); a final e is dropped everywhere instead of being put back."""
    if word.endswith("ies") and len(word) > _SHORTEST + 1:
        word = word[:-3] + "y"
    elif word.endswith(("sses", "shes", "ches", "xes", "zes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > _SHORTEST:
        word = word[:-1]
    for ending in ("ing", "ed"):
        base = word.removesuffix(ending)
        if base != word and len(base) >= _SHORTEST - (ending == "ed") and _VOWEL.search(base):
            word = base
            if word[-1] == word[-2:-1] and word[-1] not in "lsz":
                word = word[:-1]
            break
    if word.endswith("i") or (word.endswith("y") and len(word) > _SHORTEST):
        word = word[:-1] + "i"
    return word[:-1] if word.endswith("e") and len(word) > _SHORTEST else word


@cache
def _families() -> dict[str, str]:
    rows = files("kg").joinpath("data/word_families.tsv").read_text("utf-8").splitlines()[1:]
    found: dict[str, str] = {}
    for first, *others in (row.split(", ") for row in rows):
        for name in (first, *others):
            # "=passing": this form alone, since "passes" is no death.
            key = name if name.startswith("=") else " ".join(map(stem, name.split()))
            found.setdefault(key, stem(first))
    return found


@lru_cache(CACHED)
def family(word: str, before: str = "", after: str = "") -> str:
    """The stem of a word for a happening, or of the word that stands for its family ("died" and "death": "die"). The words
    beside it tell which one is meant: "found guilty" is "convict", "found" is not."""
    known, own = _families(), stem(word)
    for key in (f"={word}", f"{own} {stem(after)}", f"{stem(before)} {own}", own):
        if key in known:
            return known[key]
    return own
