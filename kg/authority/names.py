"""Keys under which names are stored and looked up. The index and the query use the same function, so it is versioned.

A key is the name without case, marks, punctuation, leading article or possessive: `Al-Sisi's`, `el-Sisi` and `al Sisi`
meet. An acronym has a key that keeps its case, so that `WHO` is not `who` and `US` not `us`.
"""

from __future__ import annotations

import re
import unicodedata

# Raised with every change of what `key` or `acronym_key` return: an index made by another version is refused.
VERSION = 1
# Letters that Unicode does not decompose, with their usual Latin spelling; apostrophes and their look-alikes go.
_PLAIN = str.maketrans(
    dict(zip("ıøłđæœþðəħ", ("i", "o", "l", "d", "ae", "oe", "th", "d", "a", "h"), strict=True))
    | dict.fromkeys("'’‘ʻʼʽʾʿ`´′.׳״", "")
)
# Unicode's combining classes: 0 is no mark or a vowel sign that is a letter of its own, 9 a virama that joins
# consonants; the others are accents and points, which writers leave out.
_KEPT_MARKS = frozenset((0, 9))


class _Marks(dict[int, str]):
    """For `str.translate`: takes marks and invisible characters away, remembering each character it has seen."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        gone = unicodedata.combining(char) not in _KEPT_MARKS or unicodedata.category(char) == "Cf"
        self[code] = found = "" if gone else char
        return found


class _Words(dict[int, str]):
    """For `str.translate`: a space in the place of all but letters, digits and marks."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = found = char if char.isalnum() or unicodedata.category(char)[0] == "M" else " "
        return found


_STRIPPED, _APART = _Marks(), _Words()
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_POSSESSIVE = re.compile(r"(?:['’]s|(?<=s)['’])$", re.IGNORECASE)
# The Arabic article before a hyphen, also assimilated to the letter that follows (ash-Sharq), as papers spell it.
_ARTICLE = re.compile(r"\b(?:al|el|ul|ad|an|ar|as|ash|at|az|es|ed|er|ez)-(?=\w)")
_DASH = re.compile(r"[‐‑‒–—−־﹣－]")
# NATO, U.N., G7, F-16: two to eight capitals, digits and joiners.
_ACRONYM = re.compile(r"^(?=(?:[^A-Z]*[A-Z]){2}|[A-Z][0-9])[A-Z](?:[.&-]?[A-Z0-9]){1,7}\.?$")
_JOINERS = re.compile(r"[.&-]")
# A marker that no key of a folded name begins with.
CASED = "="


def key(name: str) -> str:
    """The folded key of a name; empty where the name has no letter or digit.

    >>> key("The Al-Aqsa Mosque’s"), key("el-Sisi"), key("Łódź")
    ('al aqsa mosque', 'al sisi', 'lodz')
    """
    text = name.strip()
    if not text.isascii():
        text = _DASH.sub("-", unicodedata.normalize("NFKC", text))
    text = _POSSESSIVE.sub("", text).casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFC", unicodedata.normalize("NFKD", text).translate(_STRIPPED))
    text = text.translate(_PLAIN)
    if "-" in text:
        text = _ARTICLE.sub("al ", text)
    words = _words(text)
    if len(words) > 1:
        if words[0] == "the":
            del words[0]
        if words[0] == "el" and len(words) > 1:
            words[0] = "al"
    return " ".join(words)


def _words(text: str) -> list[str]:
    """Runs of letters, digits and marks; all else separates."""
    if text.isascii():
        return _ASCII_WORD.findall(text)
    return text.translate(_APART).split()


def is_acronym(name: str) -> bool:
    """Whether a name is written as an acronym: `WHO`, `U.N.`, `G7`; not `Who`, not `ISRAEL SAYS`."""
    return _ACRONYM.match(name) is not None


def acronym_key(name: str) -> str:
    """The key of an acronym, which keeps its case.

    >>> acronym_key("U.S."), acronym_key("WHO")
    ('=US', '=WHO')
    """
    return CASED + _JOINERS.sub("", name)


def stored_key(name: str) -> str:
    """The one key under which an alias is stored."""
    return acronym_key(name) if name.isupper() and is_acronym(name) else key(name)


def lookup_keys(name: str) -> tuple[str, ...]:
    """The keys under which a name of a text is sought, best first.

    A word in capitals may be an acronym or a name in headline case; `Unicef` may be `UNICEF`, but `Who` and `Us` are
    words, so that it takes four letters.
    """
    folded = key(name)
    if name.isupper() and is_acronym(name):
        return (acronym_key(name), folded)
    if (
        len(name) >= 4
        and name.isascii()
        and name.isalpha()
        and name[0].isupper()
        and name[1:].islower()
        and len(name) <= 8
    ):
        return (folded, CASED + name.upper())
    return (folded,) if folded else ()
