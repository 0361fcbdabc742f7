"""The phrase around a number: its comparator, its unit, and the words that say what is counted.

The text of the document is handed over beside it: spaCy joins `Doc.text` anew at each call.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from spacy.tokens import Doc, Token

from kg.nlp.figures.measures import AFTER
from kg.nlp.numbers import Form, Number
from kg.nlp.reading import sentence_of
from kg.records import Span
from kg.vocabulary import Comparator, Measure

_UNITS: dict[str, dict[str, list[str]]] = tomllib.loads(files("kg").joinpath("data/units.toml").read_text("utf-8"))


def _alternatives(words: list[str]) -> str:
    return "|".join(re.escape(w) for w in sorted(words, key=lambda w: (-len(w), w)))


_UNITS_OF, _RATES = _alternatives(_UNITS["measured"]["words"]), _alternatives(_UNITS["rate"]["words"])
_LABEL_ALWAYS = frozenset(_UNITS["label"]["always"])
_LABEL_BEFORE, _LABEL_AFTER = frozenset(_UNITS["label"]["before"]), frozenset(_UNITS["label"]["after"])
_MEASURED = re.compile(
    rf"[ -](?:(?:{_alternatives(_UNITS['measured']['modifiers'])})[ -])?(?P<unit>(?:{_UNITS_OF})(?:s\b|\b))"
    rf"(?P<rate>(?:-(?:a|per)-[a-z]+)|(?:\s(?:per|an?)\s(?:{_RATES}))(?!\s(?:ago|earlier|later|before)))?"
)
_MONEY_WORDS = frozenset(_UNITS["money"]["words"])
_OTHER_NAMES = ("ORG", "PRODUCT", "FAC", "LAW", "WORK_OF_ART", "EVENT", "PERSON", "GPE", "LOC", "NORP", "LANGUAGE")


_SYMBOL = re.compile(rf"(?:(?<![A-Za-z])(?:{_alternatives(_UNITS['money']['symbols'])}))\s?$")
_PERCENT = re.compile(rf"\s?-?(?P<unit>%|(?:{_alternatives(_UNITS['percent']['words'][1:])})\b)", re.I)
_RATE = re.compile(rf"\s?(?:per|an?|each|every|/)\s?(?:{_RATES})\b(?!\s(?:ago|earlier|later|before))", re.I)
_GLUED = re.compile(r"\s?(?:k?[VAWm]/[cm]?m\d?\b)|(?:[A-Za-zµμ°Ω]{1,5}|°)(?:/[A-Za-z]{1,4}\d?)?(?![A-Za-z0-9])")
_AGE = re.compile(r"[ -](?:years?|months?|weeks?|days?)[ -](?:old|olds)\b|[ -]year[ -]old", re.I)
# "four-time champion", "two-way street": a kind, not a count.
_KIND = re.compile(r"-(?:time|way|fold|star|part)\b")
_BOTH = 2
# Shorter words are small in headlines too.
_WORD = 4
# Between the number of some and that of all: "two of the five", "one of at least 12".
_OF = re.compile(
    r"\s+(?:out\s+)?of\s+(?:(?:the|these|those|his|her|its|their|at least|about|some|around)\s+)?(?:other\s+)?"
)
_AND_THEN = re.compile(
    r"(?:,|\band|\bbut|\bplus)\s+(?:(?:another|at least|about|some|around|nearly|almost|more than)\s+)?$"
)
_WHERE = re.compile(r"\s+(?:(?:more|others)\s+)?(?:in|at|near|inside|outside|across|around|from|on)\s+[A-Zt]")
_BETWEEN = re.compile(r"\b(?:between|from)\s+\S{0,3}$", re.I)
_TOLL = re.compile(r"\b(?:toll|tally|total|number|count|figure)\s$", re.I)
# What follows an age after a name: "Ana Ruiz, 41; Ada Orr, 38, …".
_CLOSES = re.compile(r",(?=[ ,.;]|$)|;")
_AGE_LEAD = re.compile(r"\b(?:aged?|ages|age of|aged between)\s$", re.I)
_SKIP_BEFORE = r"(?:(?:a|an|the|another|just|only|as|of|total|combined|further|additional)\s+)*"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A number's unit as worded, the counted noun (None where the number stands alone), and the phrase's last token."""

    unit: str | None
    noun: Token | None
    last: Token
    measure: Measure | None = None
    population: str | None = None


@cache
def _comparators(place: str) -> tuple[re.Pattern[str], dict[str, Comparator]]:
    rows = [r.split("\t") for r in files("kg").joinpath("data/comparators.tsv").read_text("utf-8").splitlines()[1:]]
    table = {words: Comparator(name) for words, name, where in rows if where == place}
    words = _alternatives(list(table))
    symbols = _alternatives(_UNITS["money"]["symbols"])
    pattern = (
        rf"\b({words})\s+{_SKIP_BEFORE}(?:{symbols})?\s?$" if place == "before" else rf"[^.;\n]{{0,20}}?\b({words})\b"
    )
    return re.compile(pattern, re.I), table


def comparator(text: str, number: Number) -> tuple[Comparator, Span]:
    """How the words bound the number: "about", "at least", "more than" … before it, or "or more" after it; and the
    number with these words."""
    pattern, table = _comparators("before")
    # The longest comparator with an article and a currency is well under forty characters.
    match = pattern.search(text, max(0, number.start - 40), number.start)
    if match and match[1].casefold() == "up to" and _TOLL.search(text, max(0, match.start() - 12), match.start()):
        return Comparator.EXACTLY, (number.start, number.end)  # "brings the toll up to 212"
    if match:
        return table[match[1].casefold()], (match.start(1), number.end)
    if number.form is Form.RANGE and (match := _BETWEEN.search(text, max(0, number.start - 15), number.start)):
        return Comparator.EXACTLY, (match.start(), number.end)
    pattern, table = _comparators("after")
    if match := pattern.match(text, number.end, number.end + 40):
        return table[match[1].casefold()], (number.start, match.end(1))
    return Comparator.EXACTLY, (number.start, number.end)


def is_share(text: str, number: Number, whole: Number) -> bool:
    """Whether the first number counts some of those that the second does: "two of the five"."""
    return _OF.fullmatch(text, number.end, whole.start) is not None


def is_elliptic(text: str, before: Token, number: Number) -> bool:
    """Whether a number leaves out what is counted since the one before said it: "14 people in Texas and nine in Ohio"."""
    if not (_AND_THEN.search(text, max(0, number.start - 30), number.start) and _WHERE.match(text, number.end)):
        return False
    between = before.doc.char_span(before.idx, number.start, alignment_mode="contract")
    if between is None or number.form not in (Form.DIGITS, Form.WORDS):
        return False
    return not any(t.pos_ in ("VERB", "AUX") or t.is_sent_start or t.text in ".;:" for t in between[1:])


def is_bounded(text: str, number: Number) -> bool:
    """Whether words that no year has stand before a number: "at least", "more than", "an average of", "a total of"."""
    comparator_, (start, _) = comparator(text, number)
    vague = comparator_ in (Comparator.EXACTLY, Comparator.ABOUT, Comparator.NEARLY)
    lead = text[start - 12 if start >= 12 else 0 : number.start].casefold()
    return not vague or re.search(r"\b(?:average|total) of $", lead) is not None


def is_count(doc: Doc, text: str, number: Number) -> bool:
    """Whether a number counts something: not an age, a score, a phone number, an address, or part of a name."""
    before, after = text[max(0, number.start - 14) : number.start], text[number.end : number.end + 14]
    if _AGE.match(after) or _AGE_LEAD.search(before) or _KIND.match(after):
        return False
    if number.form is Form.WORDS and re.search(r"\bno $", before, re.I):
        return False  # "no one was hurt"
    if number.form is Form.WORDS and after.startswith(("'s", "’s")):
        return False  # a name ("Apple One's plan") or a pronoun ("one's own")
    if re.search(r"\b(?:now|then) $", before) and re.match(r"[,.;)]", after):
        return False  # "Lopez, now 20,"
    if (
        re.search(r"[\w)]\s?[-–/:.#]$|#\s?$|\($", before[-3:])
        and re.search(r"[A-Za-z\d][-–/:.#]$|#\s?$", before)
        and not _PERCENT.match(after)
    ):
        return bool(re.search(r"(?:minus|sub)-$", before))
    if re.match(r"[-–/:]\d|\.\d|-[A-Z]\b", after):
        return False
    words = doc.char_span(number.start, number.end, alignment_mode="expand")
    if not words:
        return False
    first, last = words[0], words[-1]
    if (
        first.idx < number.start
        and re.search(r"\w$", text[first.idx : number.start])
        and not _SYMBOL.search(text, max(0, number.start - 6), number.start)
    ):
        return False
    if _is_label(doc, text, first, last, number) or _in_name(first, last):
        return False
    return not (_CLOSES.match(after) and _names_person(doc, first))


def _in_name(first: Token, last: Token) -> bool:
    """ "the Big Four meeting": a number word with a capital after another, in a sentence that has few."""
    before = first.nbor(-1) if first.i else None
    if before is None or first.is_sent_start or not (first.is_title and first.is_alpha):
        return False
    if not before.is_title or before.pos_ != "PROPN":
        return False
    words = [t for t in sentence_of(first) if t.is_alpha and len(t) >= _WORD]
    return last.i + 1 < len(last.doc) and last.nbor(1).is_lower and 2 * sum(t.is_lower for t in words) > len(words)


def is_both(text: str, number: Number) -> bool:
    """ "The two leaders" are both of them, known already."""
    before = text[max(0, number.start - 4) : number.start].casefold()
    return before == "the " and number.form is Form.WORDS and number.value == _BOTH


def _names_person(doc: Doc, first: Token) -> bool:
    """ "Larry Zamora, 37, died": an age in apposition."""
    return (
        first.i >= 2
        and doc[first.i - 1].text == ","
        and (doc[first.i - 2].pos_ in ("PROPN", "NOUN") or doc[first.i - 2].lower_ in ("one", "another", "other"))
        and doc[first.i - 2].tag_ != "NNS"
    )


def _is_label(doc: Doc, text: str, first: Token, last: Token, number: Number) -> bool:
    """ "Section 427", "4300 block", "12 Main Street", "the S&P 500": the number is part of a name."""
    before = doc[first.i - 1] if first.i else None
    after = doc[last.i + 1] if last.i + 1 < len(doc) else None
    if number.form is Form.DIGITS and not number.scaled:
        if (
            before is not None
            and before.lower_ in _LABEL_BEFORE
            and (before.is_title or before.lower_ in _LABEL_ALWAYS)
        ):
            return True
        named = (
            before is not None and before.pos_ == "PROPN" and not before.is_sent_start and before.ent_type_ != "DATE"
        )
        glued = re.match(r"[A-Za-z]", text[number.end : number.end + 1]) or _MEASURED.match(text, number.end)
        if named and not glued and (after is None or not _opens_count(doc, after)):
            return True
        if after is not None and after.lower_ in ("caliber", "calibre", "gauge", "zip"):
            return True
        for step in range(1, 5):
            word = doc[last.i + step] if last.i + step < len(doc) else None
            if word is None or not (word.is_title or word.is_digit or word.lower_ == "block" or word.pos_ == "ADJ"):
                break
            if word.lower_ in _LABEL_AFTER:
                return True
    inside = first.ent_type_ in _OTHER_NAMES and any(
        0 <= i < len(doc)
        and doc[i].ent_type_ == first.ent_type_
        and doc[i].ent_iob_ in ("B", "I")
        and (doc[i].is_title or doc[i].is_upper)
        for i in (first.i - 1,)
    )
    return inside and first.ent_iob_ == "I" and number.form is Form.DIGITS


def _opens_count(doc: Doc, after: Token) -> bool:
    """Whether what follows a number after a name is counted: a plural, a unit, a participle, or their modifiers."""
    word = after
    while word.pos_ == "ADJ" and word.i + 1 < len(doc):
        word = doc[word.i + 1]
    return word.tag_ in ("NNS", "NNPS", "VBN") or word.lower_ in (
        "people",
        "%",
        "percent",
        "per",
        "dead",
        "million",
        "billion",
    )


def phrase(doc: Doc, text: str, number: Number) -> Phrase:
    """The unit and the counted noun of a number."""
    words = doc.char_span(number.start, number.end, alignment_mode="expand")
    assert words is not None
    last = words[-1]
    symbol = _SYMBOL.search(text, max(0, number.start - 6), number.start)
    if symbol:
        rate = _RATE.match(text, number.end)
        worded = "US$" if symbol[0].strip() == "$US" else symbol[0].replace(" ", "")
        unit = worded + (f" {rate[0].strip()}" if rate else "")
        return Phrase(unit, None, last, Measure.MONEY)
    if number.form is Form.FRACTION:
        return Phrase("percent", None, last, Measure.PERCENT, _of(doc, last.i + 1))
    if percent := _PERCENT.match(text, number.end):
        token = doc.char_span(percent.start("unit"), percent.end("unit"), alignment_mode="expand")
        end = token[-1] if token else last
        unit = "percent" if percent["unit"].casefold() == "per cent" else percent["unit"]
        return Phrase(unit, None, end, Measure.PERCENT, _of(doc, end.i + 1))
    if (glued := _GLUED.match(text, number.end)) and glued[0] not in ("D", "K", "s", "th", "x"):
        return Phrase(glued[0].strip(), None, last)
    if (measured := _MEASURED.match(text, number.end)) and measured["unit"].rstrip("s") not in _MONEY_WORDS:
        token = doc.char_span(measured.start("unit"), measured.end("unit"), alignment_mode="expand")
        return Phrase(measured["unit"] + (measured["rate"] or ""), None, token[-1] if token else last)
    noun = _noun(words[0], last, number)
    if noun is None:
        return Phrase(None, None, last)
    start = last.i + 1
    if start < len(doc) and doc[start].lower_ == "of":
        start += 1
    while start < noun.i and (doc[start].pos_ in ("DET", "PUNCT") or doc[start].lower_ in ("more", "other", "such")):
        start += 1
    unit = doc[start : noun.i + 1].text
    if noun.lemma_.casefold() in _MONEY_WORDS:
        rate = _RATE.match(text, noun.idx + len(noun))
        return Phrase(unit + (rate[0] if rate else ""), None, noun, Measure.MONEY)
    rate = _RATE.match(text, noun.idx + len(noun)) if noun.tag_ in ("NNS", "NNPS", "NN") else None
    ahead = doc[noun.i + 1 : noun.i + 3]
    population, end = unit, noun
    if (
        len(ahead) == 2
        and ahead[0].lower_ in ("and", "or")
        and ahead[1].tag_ in ("NNS", "NNPS")
        and ahead[1].head == noun
    ):
        population, end = doc[start : ahead[1].i + 1].text, ahead[1]
    return Phrase(unit + (rate[0] if rate else ""), noun, end, None, population)


def _noun(first: Token, last: Token, number: Number) -> Token | None:
    """The noun that the number counts: the head of the noun phrase that goes on after it."""
    doc = last.doc
    at = last.i + 1
    one = number.form is Form.WORDS and number.value == 1
    if (number.form is Form.VAGUE or one) and at < len(doc) and doc[at].lower_ == "of":
        at += 1
    limit = min(len(doc), at + 7)  # longer pre-modification is a misreading of the parse
    noun: Token | None = None
    if at < len(doc) and doc[at].lower_ in AFTER:
        return None
    while at < limit and not doc[at].is_sent_start:
        word = doc[at]
        if word.like_num and noun is None and word.pos_ == "NUM":
            return None
        if word.pos_ in ("NOUN", "PROPN") and (word.dep_ != "npadvmod" or word.lower_ == "times" or _is_worth(word)):
            noun = word
            if (joined := _coordinated(word)) is not None:
                noun = joined
                break
            if word.lower_ == "people" and word.nbor(1).lower_ in ("police", "officers", "authorities"):
                break  # "three people police arrested"
            if word.dep_ not in ("compound", "nmod", "amod", "poss", "nummod", "npadvmod"):
                break
        elif noun is not None or not _may_modify(word, last):
            break
        at += 1
    return noun


def _is_worth(word: Token) -> bool:
    """ "contracts worth 640 million rand": money, taken for an adverbial."""
    return word.head.lower_ == "worth" and word.lemma_.casefold() in _MONEY_WORDS


def _coordinated(word: Token) -> Token | None:
    """The noun that two coordinated names modify: "Kia and Hyundai cars"."""
    ahead = word.doc[word.i + 1 : word.i + 4]
    if len(ahead) < 3 or word.pos_ != "PROPN" or ahead[0].lower_ not in ("and", "or") or ahead[1].pos_ != "PROPN":
        return None
    return ahead[2] if ahead[2].tag_ == "NNS" and word.head == ahead[2] else None


def _may_modify(word: Token, last: Token) -> bool:
    """Whether a word can stand between the number (`last` is its end) and the noun it counts."""
    if word.tag_ in ("VBN", "VBG"):
        return word.head.i > last.i or word.dep_ == "amod"
    if word.tag_ == "CC":
        return word.nbor(-1).pos_ == "ADJ"
    return word.pos_ in ("ADJ", "NUM", "DET", "ADV") or word.tag_ == "POS" or word.text in ("-", "’", "'", '"')


def _of(doc: Doc, at: int) -> str | None:
    """The noun phrase after "of": what a share is a share of."""
    if at + 1 >= len(doc) or doc[at].lower_ != "of":
        return None
    end = at + 1
    while end < len(doc) and end - at < 8 and doc[end].pos_ in ("DET", "ADJ", "NOUN", "PROPN", "PRON", "NUM", "PART"):
        end += 1
    words = list(doc[at + 1 : end])
    while words and words[0].pos_ == "DET":
        words = words[1:]
    return doc[words[0].i : words[-1].i + 1].text if words else None
