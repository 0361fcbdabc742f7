"""Number expressions: digits and words, magnitudes, ranges, vague plurals, ordinals, fractions and adverbs that count.

A value is what the words say. A vague plural ("dozens", "tens of thousands") has no value but a minimum: at least
two of its kind (24, 20 000). Offsets are code points, 0-based, end-exclusive.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from itertools import pairwise


class Form(StrEnum):
    """How a number is written."""

    DIGITS = "digits"
    WORDS = "words"
    VAGUE = "vague"
    RANGE = "range"
    ORDINAL = "ordinal"
    FRACTION = "fraction"
    ADVERB = "adverb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number in a text. A range and a vague plural have bounds and no `value`."""

    start: int
    end: int
    form: Form
    value: float | int | None = None
    min: float | int | None = None
    max: float | int | None = None
    scaled: bool = False


_LEXICON: dict[str, dict[str, float]] = tomllib.loads(files("kg").joinpath("data/numbers.toml").read_text("utf-8"))
ONES, TENS, MAGNITUDES = _LEXICON["ones"], _LEXICON["tens"], _LEXICON["magnitudes"]
PLURALS, ADVERBS, ORDINALS = _LEXICON["plurals"], _LEXICON["adverbs"], _LEXICON["ordinals"]
_SUFFIXES, _FRACTIONS = _LEXICON["suffixes"], _LEXICON["fractions"]
# Words that make a magnitude vague: "several hundred", "a few thousand".
_SOME = {"several", "few", "many", "couple", "multiple"}
_HALF_STEP = 0.5
# Below it, nine decimals are not nine digits.
_SMALL = 0.001
BOTH = "both"
_STARTERS = frozenset((BOTH, *ONES, *TENS, *PLURALS, *ADVERBS, *ORDINALS, *_SOME, "a", "an", "half"))

_TOKEN = re.compile(
    r"(?P<nth>(?<![\w.])\d+(?:st|nd|rd|th)\b)"
    r"|(?P<figure>(?:(?<!or )\b[Mm]inus[ -](?=[\d.])|(?<![\w.])|(?<=\b[A-Z]{2})|(?<=\b[A-Z]{3}))"
    r"(?:(?<![^\s(])[-−](?=[\d.]))?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}, 000\b|\d+(?:\.\d+)?|\.\d+))"
    r"(?:(?P<suffix>\s?(?:mn|mln|bn|bln|tn|trn)|[kmbKMB]|\s[BM](?=\s(?:people|[a-z]{3,}s)\b))(?![A-Za-z0-9'’])"
    r"|\s?[×x]\s?10\^?(?P<power>[-−+]?\d{1,2})(?![\w.]))?"
    r"|(?P<word>[A-Za-z]+)",
)
_CURRENCY = r"(?:(?:US|AU|NZ|HK|A|C)?[$€£¥]|\$US)"
# A short unit may stand at both ends: "5% to 7%", "15kHz and 17kHz".
_BETWEEN = re.compile(
    rf"(?:\s?(?P<share>%|percent|per cent)|(?P<unit>[A-Za-z]{{1,3}})(?=\s))?"
    rf"(?P<join>\s?(?:-|–|—|/)\s?|\s(?:to|or|and)\s|-to-){_CURRENCY}?$",
    re.I,
)
_SHARE = re.compile(r"\s?(?:%|percent|per\scent|pc\b|percentage|basis)", re.I)
_LEAD = re.compile(rf"\b(?P<lead>between|from)\s{_CURRENCY}?$", re.I)
# Parts of a whole as a recipe or a ruler has them. Other numbers with a stroke are two.
_STROKE = re.compile(r"(?<![\w/.,$€£¥])(?P<part>\d)/(?P<whole>[2-8])(?![\w/]|\.\d)(?=\s[a-z])")


def find(text: str) -> tuple[Number, ...]:
    """The numbers of a text in order, disjoint, ranges joined."""
    tokens = list(_TOKEN.finditer(text))
    numbers: list[Number] = []
    at = 0
    while at < len(tokens):
        word = tokens[at]["word"]
        if word and word.casefold() not in _STARTERS:
            at += 1
            continue
        number, used = _read(text, tokens, at)
        if number:
            numbers.append(number)
        at += max(used, 1)
    return tuple(_join(text, numbers))


def parse(words: str) -> Number | None:
    """The number that the words are, as a whole; None if they are something else."""
    found = find(words)
    whole = len(found) == 1 and found[0].start == 0 and found[0].end == len(words)
    return found[0] if whole else None


def tidy(value: float) -> float | int:
    """An integer where the value is one; else rounded to what the words can mean, free of binary noise."""
    value = round(value, 9) if abs(value) >= _SMALL else float(f"{value:.9g}")
    return int(value) if value == int(value) else value


def _read(text: str, tokens: list[re.Match[str]], at: int) -> tuple[Number | None, int]:
    """The number that begins at a token, and how many tokens it takes."""
    token = tokens[at]
    if token["nth"]:
        return Number(
            start=token.start(), end=token.end(), form=Form.ORDINAL, value=int(re.sub(r"\D", "", token[0]))
        ), 1
    if token["figure"]:
        return _figure(text, tokens, at)
    word = token[0].casefold()
    if word == BOTH:
        return Number(start=token.start(), end=token.end(), form=Form.WORDS, value=2), 1
    if word in ADVERBS:
        return Number(start=token.start(), end=token.end(), form=Form.ADVERB, value=int(ADVERBS[word])), 1
    for reader in (_vague, _half, _fraction, _ordinal, _words):
        number, used = reader(text, tokens, at)
        if number:
            return number, used
    return None, 1


def _word(tokens: list[re.Match[str]], at: int) -> str:
    return (tokens[at]["word"] or "").casefold() if at < len(tokens) else ""


def _near(text: str, tokens: list[re.Match[str]], at: int) -> bool:
    """Whether only a blank or a hyphen stands before token `at`."""
    return 0 < at < len(tokens) and text[tokens[at - 1].end() : tokens[at].start()] in (" ", "\u00a0", "-")


def _magnitude(text: str, tokens: list[re.Match[str]], at: int) -> float | None:
    """The factor that the word at `at` multiplies the number before it by."""
    return MAGNITUDES.get(_word(tokens, at)) if _near(text, tokens, at) and _word(tokens, at) != "score" else None


def _figure(text: str, tokens: list[re.Match[str]], at: int) -> tuple[Number | None, int]:
    token = tokens[at]
    if stroke := _STROKE.match(text, token.start()):
        part, whole = int(stroke["part"]), int(stroke["whole"])
        if part < whole:
            value = tidy(part / whole)
            return Number(start=token.start(), end=stroke.end(), form=Form.DIGITS, value=value), 2
    value = float(re.sub(r"[, ]", "", re.sub(r"^[Mm]inus[ -]|^−", "-", token["figure"])))
    suffix = (token["suffix"] or "").strip().casefold()
    value *= _SUFFIXES.get(suffix, 1)
    if token["power"]:
        value *= 10.0 ** int(token["power"].replace("−", "-"))
    used, scaled = 1, bool(suffix or token["power"])
    while not (suffix or token["power"]) and (factor := _magnitude(text, tokens, at + used)):
        value, used, scaled = value * factor, used + 1, True
    end = tokens[at + used - 1].end()
    return Number(start=token.start(), end=end, form=Form.DIGITS, value=tidy(value), scaled=scaled), used


def _words(text: str, tokens: list[re.Match[str]], at: int) -> tuple[Number | None, int]:
    """Cardinal words: "three hundred and five", "twenty-one", "a hundred thousand", "one and a half million"."""
    first = _word(tokens, at)
    if first in ("a", "an"):
        if _magnitude(text, tokens, at + 1) is None:
            return None, 1
        total, current, used = 0.0, 1.0, 1
    elif first in ONES or first in TENS:
        total, current, used = 0.0, ONES.get(first, TENS.get(first, 0)), 1
    else:
        return None, 1
    scaled = False
    while at + used < len(tokens):
        word = _word(tokens, at + used)
        before = _word(tokens, at + used - 1)
        if (factor := _magnitude(text, tokens, at + used)) is not None:
            scaled = True
            if factor >= MAGNITUDES["thousand"]:
                total, current = (total + current) * factor if total < factor else total + current * factor, 0.0
            else:
                current *= factor
        elif (
            _near(text, tokens, at + used)
            and word in ONES
            and ((before in TENS and ONES[word] < 10) or before in MAGNITUDES)
        ):
            current += ONES[word]
        elif _near(text, tokens, at + used) and word in TENS and before in MAGNITUDES:
            current += TENS[word]
        elif (
            word == "and"
            and before in MAGNITUDES
            and before != "dozen"
            and (_word(tokens, at + used + 1) in ONES or _word(tokens, at + used + 1) in TENS)
        ):
            nxt = _word(tokens, at + used + 1)
            current, used = current + ONES.get(nxt, TENS.get(nxt, 0)), used + 1
        elif [_word(tokens, at + used + i) for i in range(3)] == ["and", "a", "half"]:
            current, used = current + _HALF_STEP, used + 2
        else:
            break
        used += 1
    number = Number(
        start=tokens[at].start(),
        end=tokens[at + used - 1].end(),
        form=Form.WORDS,
        value=tidy(total + current),
        scaled=scaled,
    )
    return number, used


def _half(text: str, tokens: list[re.Match[str]], at: int) -> tuple[Number | None, int]:
    """ "half a million", "half-dozen", "a half dozen"."""
    skip = 1 if _word(tokens, at) == "a" and _word(tokens, at + 1) == "half" else 0
    if _word(tokens, at + skip) != "half":
        return None, 1
    used = skip + 1 + (_word(tokens, at + skip + 1) == "a")
    factor = _magnitude(text, tokens, at + used)
    if factor is None:
        return None, 1
    end = tokens[at + used].end()
    return Number(start=tokens[at].start(), end=end, form=Form.WORDS, value=tidy(factor / 2), scaled=True), used + 1


def _vague(text: str, tokens: list[re.Match[str]], at: int) -> tuple[Number | None, int]:
    """ "dozens", "tens of thousands", "several hundred": a minimum of two of the kind, and no value."""
    word, used = _word(tokens, at), 1
    if word in PLURALS:
        low = 2 * PLURALS[word]
        if _word(tokens, at + 1) == "of" and _word(tokens, at + 2) in PLURALS:
            low, used = PLURALS[word] * PLURALS[_word(tokens, at + 2)] * 2, 3
        elif word == "tens":
            return None, 1
    elif word in _SOME:
        step = 1 + (_word(tokens, at + 1) == "of")
        factor = _magnitude(text, tokens, at + step)
        if factor is None:
            return None, 1
        low, used = 2 * factor, step + 1
    else:
        return None, 1
    return Number(
        start=tokens[at].start(), end=tokens[at + used - 1].end(), form=Form.VAGUE, min=tidy(low), scaled=True
    ), used


def _fraction(text: str, tokens: list[re.Match[str]], at: int) -> tuple[Number | None, int]:
    """ "a third of", "two-thirds", "three quarters": only before "of" or "the", else it is an ordinal."""
    part = _word(tokens, at + 1)
    count = 1 if _word(tokens, at) in ("a", "an") else ONES.get(_word(tokens, at), 0)
    name = part.removesuffix("s") if count > 1 else part
    if not count or name not in _FRACTIONS or (count > 1 and name == part) or not _near(text, tokens, at + 1):
        return None, 1
    if _word(tokens, at + 2) != "of" and count == 1:
        return None, 1
    value = tidy(count * _FRACTIONS[name])
    return Number(start=tokens[at].start(), end=tokens[at + 1].end(), form=Form.FRACTION, value=value), 2


def _ordinal(text: str, tokens: list[re.Match[str]], at: int) -> tuple[Number | None, int]:
    word, nxt = _word(tokens, at), _word(tokens, at + 1)
    if word in TENS and nxt in ORDINALS and ORDINALS[nxt] < 10 and _near(text, tokens, at + 1):
        value = int(TENS[word] + ORDINALS[nxt])
        return Number(start=tokens[at].start(), end=tokens[at + 1].end(), form=Form.ORDINAL, value=value), 2
    if word in ORDINALS:
        return Number(start=tokens[at].start(), end=tokens[at].end(), form=Form.ORDINAL, value=int(ORDINALS[word])), 1
    return None, 1


def _join(text: str, numbers: list[Number]) -> list[Number]:
    """Joins two plain numbers that the words make a range: "10 to 15", "between 5% and 6%", "1.5-2 million"."""
    joined: list[Number] = []
    skip = False
    for one, two in pairwise([*numbers, Number(start=-1, end=-1, form=Form.ORDINAL)]):
        if skip:
            skip = False
            continue
        span = _range(text, one, two)
        joined.append(span or one)
        skip = span is not None
    return joined


def _range(text: str, one: Number, two: Number) -> Number | None:
    plain = (Form.DIGITS, Form.WORDS)
    if one.form not in plain or two.form not in plain or one.value is None or two.value is None or two.start < one.end:
        return None
    between = _BETWEEN.fullmatch(text, one.end, two.start)
    lead = _LEAD.search(text, max(0, one.start - 15), one.start)
    word = between["join"].strip(" -").casefold() if between else ""
    if between and between["share"] and not _SHARE.match(text, two.end):
        return None  # "rose 2.4% to 5.1 billion"
    if between and between["unit"] and not text.startswith(between["unit"], two.end):
        return None
    if not between or (word == "and") != bool(lead and lead["lead"].casefold() == "between") or (word == "to" and lead):
        return None
    low, high = one.value, two.value
    if two.scaled and not one.scaled:
        factor = next((f for f in sorted(MAGNITUDES.values()) if low * f < high <= low * f * 100), None)
        low = low * factor if factor else low
    if not low < high:
        return None
    return Number(start=one.start, end=two.end, form=Form.RANGE, min=tidy(low), max=tidy(high), scaled=two.scaled)
