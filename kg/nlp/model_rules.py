"""A model's rules for tags and lemmas, asked once for each kind of word.

Most rules of a model's attribute ruler are for single words and ask for no more than the tag, the word, its dependency and
whether it is white space. spaCy tries every rule on every word: a seventh of what the whole model costs. Here its matcher is
asked once for each combination of what the rules ask for, and always for rules of several words. The lemmatizer looks words up
in lists of ten thousands: in sets it needs a fifth of the time for words that it sees first. The results are spaCy's own,
which a test compares.
"""

from __future__ import annotations

from typing import Any

from spacy.attrs import DEP, IS_SPACE, LOWER, TAG
from spacy.language import Language
from spacy.matcher import Matcher
from spacy.pipeline import AttributeRuler
from spacy.tokens import Doc, Token

_FACTORY = "newskg_attribute_ruler"
# What a rule may ask for to be one that is asked once, and the conditions that list values.
_ASKED = frozenset(("TAG", "LOWER", "DEP", "IS_SPACE"))
_LISTS = frozenset(("IN", "NOT_IN"))

# A rule's number, as spaCy sorts them, and its identifier.
Match = tuple[int, int]


class Ruler(AttributeRuler):
    """An attribute ruler that keeps what matches a word of some tag, dependency and form."""

    _rules: _Rules | None = None

    def match(self, doc: Doc) -> list[tuple[int, int, int, int]]:
        """The rules that match as (number, identifier, first token, token after the last), sorted."""
        if self._rules is None or self._rules.asked != (
            self.matcher,
            len(self.attrs),
        ):  # others were added, or all anew
            self._rules = _Rules(self)
        return self._rules.match(doc)


class _Rules:
    def __init__(self, ruler: AttributeRuler) -> None:
        self.asked = ruler.matcher, len(ruler.attrs)
        self._strings = ruler.vocab.strings
        self._one, self._several = Matcher(ruler.vocab), Matcher(ruler.vocab)
        asked: dict[str, set[str]] = {"LOWER": set(), "DEP": set()}
        for number, rule in enumerate(ruler.patterns):
            patterns: Any = rule["patterns"]
            one = all(_is_kept(pattern) for pattern in patterns)
            (self._one if one else self._several).add(str(number), patterns)
            if one:
                for pattern in patterns:
                    for name, words in asked.items():
                        words |= _values(pattern[0].get(name))
        # Words and dependencies that no rule asks for are alike.
        self._words, self._deps = (frozenset(map(self._strings.add, words)) for words in asked.values())
        self._kept: dict[tuple[int, int, int, int], list[Match]] = {}

    def match(self, doc: Doc) -> list[tuple[int, int, int, int]]:
        several = self._several(doc, allow_missing=True) if len(self._several) else ()
        found = [(self._number(rule), rule, start, end) for rule, start, end in several]
        for i, (tag, lower, dep, space) in enumerate(doc.to_array([TAG, LOWER, DEP, IS_SPACE]).tolist()):
            key = tag, lower if lower in self._words else 0, dep if dep in self._deps else 0, space
            rules = self._kept.get(key)
            if rules is None:
                rules = self._kept[key] = self._of(doc[i])
            found += [(number, rule, i, i + 1) for number, rule in rules]
        found.sort()
        return found

    def _of(self, token: Token) -> list[Match]:
        word = Doc(token.vocab, words=[token.text], tags=[token.tag_], deps=[token.dep_], heads=[0])
        return [(self._number(rule), rule) for rule, _, _ in self._one(word, allow_missing=True)]

    def _number(self, rule: int) -> int:
        return int(self._strings[rule])


def _is_kept(pattern: list[dict[str, Any]]) -> bool:
    """Whether a pattern is one word that is told by its tag, form, dependency and whether it is white space."""
    return (
        len(pattern) == 1
        and pattern[0].keys() <= _ASKED
        and all(isinstance(v, str | bool) or (isinstance(v, dict) and v.keys() <= _LISTS) for v in pattern[0].values())
    )


def _values(condition: Any) -> set[str]:
    if isinstance(condition, dict):
        return {word for words in condition.values() for word in words}
    return {condition} if condition else set()


@Language.factory(_FACTORY)
def _ruler(nlp: Language, name: str) -> Ruler:
    return Ruler(nlp.vocab, name)


def keep_rules(nlp: Language) -> None:
    """Lets a model's attribute ruler, if it is spaCy's own, ask its rules once."""
    if not nlp.has_pipe("attribute_ruler"):
        return
    ruler = nlp.get_pipe("attribute_ruler")
    if type(ruler) is AttributeRuler:
        nlp.replace_pipe("attribute_ruler", _FACTORY)
        nlp.get_pipe("attribute_ruler").add_patterns(ruler.patterns)  # type: ignore[attr-defined]


def index_lemmas(nlp: Language) -> None:
    """Lets a model's rules for lemmas look words up in sets: spaCy looks through lists of ten thousands."""
    if not nlp.has_pipe("lemmatizer"):
        return
    lookups = getattr(nlp.get_pipe("lemmatizer"), "lookups", None)
    if lookups is None or not lookups.has_table("lemma_index"):
        return
    table = lookups.get_table("lemma_index")
    for part in list(table):
        table[part] = frozenset(table[part])
