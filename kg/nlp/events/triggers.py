"""Finds the words that tell of an event: the lexicon by lemma and part of speech, each row with a guard on its use.

A guard is a list of conditions that must all hold; `name=a,b` wants one of the lemmas a, b or of the class `@c`,
`name!=…` none of them, a bare `name` that there is one. Conditions: `obj` object (of a passive: the subject), `subj`
subject of an active verb, `by` by-phrase, `prep` preposition, `prep_X` object of the preposition X, `of` object of
"of", `prt` particle, `adv` adverb or predicative, `oprd` what the object becomes, `mod` what modifies the noun, `lv`
verb the noun is object of, `under` preposition the noun follows, `above` the word before that preposition, `head` the
word it depends on; `noobj`, `nomod`, `passive`, `poss`, `xcomp`, `plural`, `sing`, `det`, `pred`, `nocue` (no cue of
a quotation) are plain. Besides listed classes there are `@ent` (a name), `@person` (a person's name, pronoun, noun or
number) and `@place` (a place's name).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from spacy.tokens import Token

from kg.nlp.coreference.descriptions import countries
from kg.nlp.events import grammar
from kg.nlp.events.lexicon import Entry, Test, cut_short, entries, word_classes
from kg.nlp.reading import Reading, sentence_of
from kg.records import Span
from kg.vocabulary import EntityType, EventType, TimexType

POS = {"VERB": "v", "AUX": "v", "NOUN": "n", "PROPN": "n", "ADJ": "a", "ADV": "a", "INTJ": "n"}
CUT_SHORT = cut_short()
# A word that only its form gives away, in a line without a parse to rely on.
HEADLINE = 0.7
# Letters from which a headline writes words with a capital.
CAPITALISED = 4
# A noun that other uses of it in the article explain.
DISCOURSE = 0.5
PERSONS = frozenset(
    {
        "he",
        "she",
        "they",
        "who",
        "i",
        "we",
        "him",
        "her",
        "them",
        "himself",
        "herself",
        "themselves",
        "whom",
        "you",
        "me",
        "us",
    }
)


@dataclass(frozen=True, slots=True)
class Trigger:
    """An event word: its token, type, the frame of its arguments, and how sure the reading is."""

    token: Token
    type: EventType
    frame: str
    confidence: float

    @property
    def span(self) -> Span:
        """Character span of the word."""
        return self.token.idx, self.token.idx + len(self.token)


class Names:
    """Which words belong to names, and to those of states, which to dates and times of day, and which are cues of quotations."""

    def __init__(self, reading: Reading) -> None:
        self.kind: dict[int, EntityType] = {}
        self.span: dict[int, Span] = {}
        self.states: set[int] = set()
        for mention in reading.entities:
            words = reading.doc.char_span(mention.start, mention.end, alignment_mode="expand")
            for token in words if words is not None else ():
                self.kind[token.i] = mention.type
                self.span[token.i] = mention.start, mention.end
                if mention.name in countries():
                    self.states.add(token.i)
        self.times: set[int] = set()
        for timex in reading.timex:
            words = reading.doc.char_span(timex.start, timex.end, alignment_mode="contract")
            if timex.type in {TimexType.DATE, TimexType.TIME} and words is not None:
                self.times |= {token.i for token in words}
        self.cues: set[int] = set()
        for quote in reading.quotes:
            words = reading.doc.char_span(*quote.cue, alignment_mode="expand") if quote.cue else None
            self.cues |= {token.i for token in words} if words is not None else set()

    def matches(self, token: Token, wanted: frozenset[str]) -> bool:
        """Whether the word is one of the wanted lemmas or of a wanted class."""
        if lemma(token) in wanted or token.lower_ in wanted:
            return True
        kind = self.kind.get(token.i)
        if "@ent" in wanted and kind is not None:
            return True
        if "@place" in wanted and kind is EntityType.PLACE:
            return True
        return "@person" in wanted and (
            kind in {EntityType.PERSON, EntityType.GROUP}
            or token.like_num
            or token.lower_ in PERSONS
            or lemma(token) in word_classes()["person"]
        )


def lemma(token: Token) -> str:
    """The lemma in lower case, mended where the model's rules cut a verb short."""
    word: str = token.lemma_.lower()
    return CUT_SHORT[word] if word in CUT_SHORT and token.pos_ == "VERB" else word


def find(reading: Reading, names: Names) -> list[Trigger]:
    """The article's event words, in order of the text."""
    table = entries()
    found: list[Trigger] = []
    open_: list[Token] = []
    for token in reading.doc:
        pos = POS.get(token.pos_)
        if pos is None:
            continue
        word = lemma(token)
        readings = table.get((pos, word))
        if readings is None and pos == "a":
            readings = table.get(("n", word)) if token.tag_ in {"NN", "NNS"} else None
        if readings is None and token.pos_ == "PROPN" and token.i not in names.kind:
            trigger = _of_headline(token)
            if trigger is not None and not reading.is_noise(*trigger.span):
                found.append(trigger)
            continue
        if readings is None or token.ent_type_ == "DATE" or (token.pos_ == "PROPN" and token.i in names.kind):
            continue
        if pos == "n" and (_modifies_plain_noun(token) or _in_other_name(token)):
            continue
        seen: dict[str, list[Token] | bool] = {}
        entry = next((e for e in readings if all(_holds(test, token, names, seen) for test in e.guard)), None)
        if reading.is_noise(token.idx, token.idx + len(token)):
            continue
        if entry is None and pos == "n" and not _modifiers(token):
            open_.append(token)
        elif entry is not None and entry.type is not None and entry.confidence:
            found.append(Trigger(token, entry.type, entry.frame, entry.confidence))
    return sorted((*found, *_of_one_sense(open_, found)), key=lambda t: t.token.i)


def _of_one_sense(nouns: Iterable[Token], found: Iterable[Trigger]) -> Iterator[Trigger]:
    """Nouns whose own words leave open what they tell of ("the strike"), as the article uses the word elsewhere, if in one
    sense only: one sense per discourse (Gale, Church and Yarowsky 1992)."""
    senses: dict[str, dict[EventType, Trigger]] = {}
    for trigger in found:
        if trigger.token.pos_ in {"NOUN", "PROPN"}:
            senses.setdefault(lemma(trigger.token), {}).setdefault(trigger.type, trigger)
    for noun in nouns:
        sense = senses.get(lemma(noun), {})
        if len(sense) == 1:
            (known,) = sense.values()
            yield Trigger(noun, known.type, known.frame, min(known.confidence, DISCOURSE))


@cache
def inflected() -> dict[str, Entry]:
    """Past and present forms of regular verbs that tell of one type and no other, by the reading that needs no
    particular words."""
    found: dict[str, Entry] = {}
    for (pos, word), readings in sorted(entries().items()):
        plain = [e for e in readings if not any(t.words and not t.negated for t in e.guard)]
        if pos == "v" and plain and {e.type for e in readings} == {plain[0].type} != {None}:
            stem = word.removesuffix("e")
            stem = stem[:-1] + "i" if stem.endswith("y") and stem[-2] not in "aeiou" else stem
            found.setdefault(stem + "ed", plain[0])
            if ("n", word) not in entries():
                ending = "es" if word.endswith(("s", "sh", "ch", "x", "z")) or stem.endswith("i") else "s"
                found.setdefault((stem if stem.endswith("i") else word) + ending, plain[0])
    return found


def _of_headline(token: Token) -> Trigger | None:
    """The event of a verb in title case ("Driver Charged", "Firm Unveils"), which the tagger takes for a name."""
    entry = inflected().get(token.lower_) if token.text.istitle() or token.text.isupper() else None
    return Trigger(token, entry.type, entry.frame, HEADLINE * entry.confidence) if entry and entry.type else None


def _modifies_plain_noun(token: Token) -> bool:
    """Whether the noun only modifies one that is no event: an "attack helicopter" is no attack."""
    if token.dep_ not in {"compound", "nmod"} or token.i >= token.head.i:
        return False
    head = lemma(token.head)
    if lemma(token) in word_classes()["hazard"] and token.nbor(1).pos_ == "PROPN" and token.nbor(1).is_title:
        # "Hurricane Ida"
        return False
    if any(
        a.type is not None and a.type is b.type
        for a in entries().get(("n", head), ())
        for b in entries().get(("n", lemma(token)), ())
    ):
        # "death toll", "bomb attack": the head tells it.
        return True
    return ("n", head) not in entries() and head not in word_classes()["of_event"]


def _in_other_name(token: Token) -> bool:
    """Whether the noun is part of a name that is none of a happening ("Candy Crush", but "the Lusaka Accord"): it and a word
    beside it have a capital, as few words of the sentence do."""
    if not token.is_title or token.pos_ != "PROPN" or lemma(token) in word_classes()["named"]:
        return False
    beside = [token.doc[i] for i in (token.i - 1, token.i + 1) if 0 <= i < len(token.doc)]
    if not any(t.is_title and t.pos_ == "PROPN" for t in beside):
        return False
    words = [t for t in sentence_of(token) if t.is_alpha and len(t) >= CAPITALISED]
    return 2 * sum(t.is_lower for t in words) > len(words)


def _holds(test: Test, token: Token, names: Names, seen: dict[str, list[Token] | bool]) -> bool:
    """Whether the condition holds; `seen` keeps what was looked up for the word, as its readings ask the same."""
    if test.name == "nocue":
        return token.i not in names.cues
    found = seen.get(test.name)
    if found is None:
        name, _, word = test.name.partition("_")
        if name not in CHECKS:
            raise KeyError(f"events.tsv: unknown condition {test.name!r}")
        found = seen[test.name] = CHECKS[name](token, word)
    if isinstance(found, bool):
        return found is not test.negated
    if test.words:
        return any(names.matches(t, test.words) for t in found) is not test.negated
    return bool(found) is not test.negated


def _modifiers(token: Token) -> list[Token]:
    own = grammar.children(token, "compound", "amod", "nmod", "nummod")
    return [t for child in own for t in (child, *grammar.children(child, "compound", "amod", "npadvmod", "conj"))]


def _governor(token: Token) -> list[Token]:
    while token.dep_ == "conj" and token.head.pos_ == token.pos_:
        token = token.head
    return [token.head] if token.dep_ in {"dobj", "nsubjpass"} else []


CHECKS: dict[str, Callable[[Token, str], list[Token] | bool]] = {
    "obj": lambda t, _: grammar.patients(t),
    "noobj": lambda t, _: not grammar.patients(t),
    "subj": lambda t, _: [] if grammar.is_passive(t) else grammar.surface_subjects(t),
    "by": lambda t, _: grammar.agents(t) if grammar.is_passive(t) else [],
    "passive": lambda t, _: grammar.is_passive(t),
    "prep": lambda t, w: grammar.prepositional(t, w) if w else grammar.children(t, "prep"),
    "of": lambda t, _: grammar.prepositional(t, "of"),
    "prt": lambda t, _: grammar.children(t, "prt"),
    "adv": lambda t, _: grammar.children(t, "advmod", "acomp", "oprd", "amod"),
    "oprd": lambda t, _: grammar.children(t, "oprd", "dobj", "ccomp", "attr"),
    "xcomp": lambda t, _: bool(grammar.children(t, "xcomp", "ccomp")),
    "mod": lambda t, _: _modifiers(t),
    "det": lambda t, _: bool(grammar.children(t, "det")),
    "nomod": lambda t, _: not _modifiers(t),
    "lv": lambda t, _: _governor(t),
    "under": lambda t, _: [t.head] if t.dep_ == "pobj" else [],
    "above": lambda t, _: [t.head.head] if t.dep_ == "pobj" else [],
    "poss": lambda t, _: grammar.children(t, "poss"),
    "plural": lambda t, _: t.tag_ in {"NNS", "NNPS"},
    "sing": lambda t, _: t.tag_ in {"NN", "NNP"},
    "pred": lambda t, _: t.dep_ not in {"amod", "compound", "nmod"},
    "head": lambda t, _: [t.head],
    "nocue": lambda t, _: [],
}


@cache
def unknown_conditions() -> tuple[str, ...]:
    """Names of conditions in the lexicon that no check stands for (a test wants none)."""
    named = {
        test.name.partition("_")[0] for readings in entries().values() for entry in readings for test in entry.guard
    }
    return tuple(sorted(named - CHECKS.keys()))
