"""Spans that may be names: what spaCy's recogniser marks, trimmed, and what the last word of a name gives away."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from spacy.tokens import Doc, Token
from spacy.tokens import Span as SpacySpan

from kg.link.authority import core
from kg.link.sources import sources
from kg.link.surroundings import beside_nicknames, nicknames
from kg.nlp import lexicon
from kg.nlp.gazetteer import Term, known
from kg.nlp.whole_names import DOUBLE, OF_PEOPLE, PREFIX, lengthened, parts, tiled
from kg.vocabulary import EntityType

LABELS = {
    "PERSON": EntityType.PERSON,
    "ORG": EntityType.ORGANISATION,
    "GPE": EntityType.PLACE,
    "LOC": EntityType.PLACE,
    "FAC": EntityType.PLACE,
    "NORP": EntityType.GROUP,
}
ARTICLES = (
    *("the", "a", "an", "this", "that", "its", "his", "her", "their", "our"),
    *("all", "some", "both", "many", "most", "several", "any", "every", "no"),
)
CALENDAR = frozenset((*calendar.day_name, *calendar.month_name))
LONGEST = 12  # words in a name; what is longer is a list or a heading


@dataclass(frozen=True, slots=True)
class Span:
    """A candidate. `source`: ner, known, head, again (a name seen elsewhere in the article), part (inside a name)."""

    start: int
    end: int
    type: EntityType
    source: str
    term: Term | None = None


def offsets_of(doc: Doc) -> list[int]:
    """Where each token begins."""
    found: list[int] = doc.to_array("IDX").tolist()
    return found


def recognised(text: str, doc: Doc, headings: Sequence[tuple[int, int]] = ()) -> Iterator[Span]:
    """spaCy's entities: cut at line ends, without article, title, possessive and stray punctuation; persons' names in
    full. `headings`: spans of lines in headline case, where a capital does not show what belongs to a name."""
    offsets = offsets_of(doc)
    barred = lexicon.offices(), lexicon.titles()
    for entity in doc.ents:
        kind = LABELS.get(entity.label_)
        if kind is None:
            continue
        if entity.text.islower() or (len(entity) == 1 and not proper(entity[0])):
            continue
        if (state := state_after(text, doc, entity)) is not None:
            yield Span(entity.start_char, entity.end_char, EntityType.PLACE, "known", state)
            continue
        for part in PART.finditer(entity.text):
            from_, to = entity.start_char + part.start(), entity.start_char + part.end()
            for piece in parts(text, from_, to, kind):
                start, end, named = named_span(text, *piece)
                if text[start:end].rstrip(".") in barred[named == EntityType.PERSON]:
                    continue
                if named == EntityType.PERSON and start < end and not any(a <= start < b for a, b in headings):
                    start, end = lengthened(text, doc, offsets, start, end)
                if start < end and is_name(text[start:end], named):
                    yield Span(start, end, named, "ner")


def state_after(text: str, doc: Doc, code: SpacySpan) -> Term | None:
    """The state of the USA whose code stands after a place: `Elmton, TX`. Capitals alone are mostly a body's."""
    if not CODE.fullmatch(code.text) or text[code.start_char - 2 : code.start_char] != ", ":
        return None
    if code.start < 2 or doc[code.start - 2].ent_type_ not in ("GPE", "LOC"):
        return None
    state = next((e for e in sources().regions(code.text) if e.kind == "region"), None)
    return Term(EntityType.PLACE, state.label, "code", state.id) if state else None


def named_span(text: str, start: int, end: int, kind: EntityType) -> tuple[int, int, EntityType]:
    """The name in a span that spaCy marks, and its type: what has a person's title before it is a person."""
    start, end = trim(text, start, end)
    words = text[start:end].split()
    if len(words) > 1 and words[0].rstrip(".") in lexicon.personal_titles() and words[-1] not in lexicon.heads():
        plain = len(words) < 4 and all(w[0].isupper() for w in words)
        kind = EntityType.PERSON if kind != EntityType.ORGANISATION or plain else kind
    elif len(words) > 2 and words[-1] not in lexicon.heads() and office(words):
        kind = EntityType.PERSON
    if kind == EntityType.PERSON:
        start = after_titles(text, start, end)
        end = after_particles(text, start, end)
        if m := HONOURS.search(text, start, end):
            end = m.start()
    for prefix in (PREFIX, OF_PEOPLE) if kind == EntityType.GROUP else (PREFIX,):
        if m := prefix.match(text, start, end):
            start = m.end()
    if (noun := KIND.get(kind)) and (m := noun.search(text, start, end)):
        end = m.start()
    if kind == EntityType.PLACE and (m := NICKNAME.match(text, end)) and m.group(1) in nicknames():
        end, kind = m.end(), EntityType.ORGANISATION
    if (cut := after_area(text, start, end)) > start:
        start, kind = cut, EntityType.PERSON
    if kind == EntityType.ORGANISATION and (m := DOUBLE.match(text, end)):
        end = m.end()
    if text[end : end + 1] == ")" and "(" in text[start:end]:  # `Elm(S)`
        end += 1
    return start, end, kind


_AFTER = lexicon.name_parts()["after"]
KIND = {
    EntityType.PLACE: re.compile(rf"(?<=\w)\s{lexicon.one_of(_AFTER['place'])}$"),
    EntityType.ORGANISATION: re.compile(rf"(?<=\w)\s{lexicon.one_of(_AFTER['organisation'])}$"),
}
HONOURS = re.compile(rf"(?<=\w)\s{lexicon.one_of(_AFTER['honours'])}$")
CODE = re.compile(r"[A-Z]{2}")
# The name of a team after its town's: `Elmton Ravens`, `Elmton White Sox`.
NICKNAME = re.compile(rf" (?:{lexicon.one_of(beside_nicknames())} )?([A-Z][a-z]+)\b")
# An office with the area that it is for, before its holder: `Director for Asia Jane Roe`.
OFFICE = re.compile(r"\b([A-Z]\w+) (?:of State )?(?:for|of|to) (?:the )?$")
HOLDER = re.compile(r" (?=[A-Z][\w’'.-]+(?: [A-Z][\w’'-]+){1,2}$)")


def after_area(text: str, start: int, end: int) -> int:
    """Where the holder's name begins in a span that runs on from the area of the office; `start` if it does not."""
    if not (m := OFFICE.search(text, max(start - 40, 0), start)) or m.group(1) not in lexicon.titles():
        return start
    for gap in HOLDER.finditer(text[start:end]):
        area, name = text[start : start + gap.start()], text[start + gap.end() : end].split()
        if name[-1] in lexicon.heads() or name[-1] in lexicon.other_heads() or lexicon.titles() & set(name):
            return start
        if any(e.type == EntityType.PLACE and e.kind != "city" for e in core().find(area)):
            return start + gap.end()
    return start


# An entity does not run across a line end, a spaced dash, a bar or into brackets.
PART = re.compile(r"(?:(?!\s[-–—]+\s|\s\()[^\n\r|])+")
# The particles of surnames, with what follows them: `von der Leyen`.
PARTICLES = r"(?:von|van|de|der|den|da|di|du|del|della|dos|la|le|bin|ibn|al|el|ter|ten|bint|binti|wa|bte|ben|dal|dello|degli|av|af)"
PARTICLE = re.compile(rf"{PARTICLES}(?:\s+{PARTICLES})*\s+[A-Z][\w’'-]+|(?<=\s)[A-Z][\w’'-]+")
# A firm's code at the stock exchange after its legal form: `Acme Corp ACM`.
TICKER = re.compile(r"\b(?:Corp|Inc|Ltd|Co|PLC)\b\.?(\s+[A-Z][A-Z.]{1,6})$")
APOSTROPHE = re.compile(r"[’'](?!\w)")
ARTICLE = re.compile(rf"(?:{'|'.join(ARTICLES)})\s+", re.I)
# What hangs on the end of a name: a possessive, punctuation, a small word, how a game ended.
LOOSE = re.compile(
    r"(?:\s\d{1,3}[-–]\d{1,3}|['’]s?|(?<=\w)‘s|[\s\"“”‘()\[\]{}:;,!?*/•–—-]+|\s(?:and|of|the|in|for|at|on))$"
)
EDGE = re.compile(r"[\s\"“”„«»‘()\[\]{}:;,!?*/•–—-]+")


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without what is no part of a name at its ends."""
    while True:
        before = (start, end)
        if m := EDGE.match(text, start, end):
            start = m.end()
        if m := APOSTROPHE.match(text, start, end):
            start = m.end()
        if m := ARTICLE.match(text, start, end):
            start = m.end()
        if m := LOOSE.search(text[start:end]):
            end = start + m.start()
        elif m := TICKER.search(text[start:end]):
            end = start + m.start(1)
        elif (
            end - start > 1
            and text[end - 1] == "."
            and "." not in text[start : end - 1]
            and not re.search(r"\b(?:Inc|Corp|Co|Ltd|Jr|Sr|St|[A-Z][a-z]{1,3}|[A-Z])\.$", text[start:end])
        ):
            end -= 1
        if text[start:end].startswith("(") and ")" not in text[start:end]:
            start += 1
        if (start, end) == before or start >= end:
            return start, max(start, end)


def after_titles(text: str, start: int, end: int) -> int:
    """Where a person's name begins after titles and offices: `Acme Director Jane Roe` begins at `Jane`."""
    last = None
    for m in re.finditer(r"\b([A-Z][\w’'-]*)\.?\s+(?=[A-Z])", text[start:end]):
        if m.group(1) in lexicon.personal_titles() or (m.group(1) in lexicon.titles() and m.start() > 0):
            last = m.end()
    if last is not None:
        start += last
    while first := re.compile(r"([\w’'-]+\.?)\s+(?=\S)").match(text, start, end):
        word = first.group(1).rstrip(".")
        if word not in lexicon.titles() and not (
            word.islower() and word.isalpha() and word not in ("bin", "ibn", "al", "el", "de", "van", "von", "da", "di")
        ):
            break
        start = first.end()
    return start


def proper(token: Token) -> bool:
    """Whether a single word can be a name: one that opens a sentence, where capitals say nothing, must be tagged so."""
    if token.is_sent_start and not token.text.isupper():
        return bool(token.pos_ == "PROPN")
    return token.pos_ in ("PROPN", "NOUN", "ADJ", "X")


def after_particles(text: str, start: int, end: int) -> int:
    """Where a person's name ends if particles of the surname were cut off: `Jane von` of `Jane von der Roe`."""
    cut = re.search(rf"\s{PARTICLES}$", text[start:end])
    if (
        (gap := re.compile(r"[ ]").match(text, end))
        and (rest := PARTICLE.match(text, gap.end()))
        and (cut or text[gap.end()].islower())
    ):
        return rest.end()
    return end


def office(words: list[str]) -> bool:
    """Whether the words are an office and a name: `Acme Director Jane Roe`."""
    return any(a in lexicon.titles() and b in lexicon.given_names() for a, b in pairwise(words[:-1]))


def is_name(surface: str, kind: EntityType) -> bool:
    """Whether a span that spaCy marks can be a name at all."""
    if (
        surface in lexicon.not_names()
        or surface in lexicon.acronyms()
        or len(surface) < 2
        or len(surface.split()) > LONGEST
    ):
        return False
    if " " in surface and surface.split()[-1] in lexicon.other_heads():
        return False
    if re.match(r"(?:\w+ )?(\w+) of ", surface) and kind == EntityType.ORGANISATION:
        word = surface.split(" of ")[0].split()[-1]
        return word not in lexicon.titles() or word in lexicon.fields()
    if not any(c.isupper() for c in surface) or not any(c.isalpha() for c in surface):
        return False
    if surface[0].isdigit() and kind != EntityType.ORGANISATION:
        return False
    if re.search(r"https?:|www\.|@|\d{3}", surface):
        return False
    words = surface.split()
    return not all(w in lexicon.not_names() or w.islower() for w in words) or (
        kind == EntityType.ORGANISATION and len(words) > 2
    )


def headed(text: str, doc: Doc) -> Iterator[Span]:
    """Names that end in a telling word, or have one before `of`: `Acme University`, `Ministry of Trade`."""
    heads, offices, double = lexicon.heads(), lexicon.offices(), lexicon.double_heads()
    words = [t.text for t in doc]
    i = 0
    while i < len(doc):
        head = heads.get(words[i])
        if words[i] in double and i:
            head = heads.get(f"{words[i - 1]} {words[i]}") or head
        if head is None or (words[i] == "Co" and words[i + 1 : i + 2] == ["-"]):
            i += 1
            continue
        kind, of = head
        first, last = i, i
        if of and i + 2 < len(doc) and doc[i + 1].lower_ in ("of", "for"):
            last = rightwards(doc, i + 2)
            last = i if last < i + 2 else last
        while first > 0 and i - first < 5 and leftwards(doc[first - 1], doc[first]):
            first -= 1
        while first < i and (doc[first].text in offices or doc[first].lower_ in ARTICLES):
            first += 1
        if first < i == last and words[i] in NUMBERED and i + 1 < len(doc) and doc[i + 1].is_digit:
            last = i + 1
        following = doc[last + 1].text if last + 1 < len(doc) else ""
        if (first < i or last > i) and following not in lexicon.personal_titles():
            start, end = trim(text, doc[first].idx, doc[last].idx + len(doc[last]))
            name = text[start:end]
            thing = name.rpartition(" ")[2] in lexicon.other_heads()
            thing = thing or (kind == EntityType.ORGANISATION and THING.match(text, end) is not None)
            if name and not thing and name not in lexicon.not_names():
                gap = tiled(name) if kind == EntityType.ORGANISATION else None
                for a, b in ((0, gap[0]), (gap[1], len(name))) if gap else ((0, len(name)),):
                    yield Span(start + a, start + b, kind, "head")
        i = last + 1


PARTNERS = frozenset(_AFTER["partners"])
# After a name that is only the beginning of that of a law, prize or the like (`Roe Memorial Trophy`).
THING = re.compile(rf"(?: [A-Z][\w’'-]+){{0,1}} {lexicon.one_of(sorted(lexicon.other_heads()))}\b")
NUMBERED = frozenset(_AFTER["numbered"])


def leftwards(token: Token, following: Token) -> bool:
    """Whether a word belongs to the name that goes on after it."""
    if token.is_space or "\n" in token.whitespace_ or (token.is_punct and token.text not in ("-", "&")):
        return False
    if token.text == "-":  # `Anti-Acme Commission`, but `Elmland-Oakland Commission`
        before = token.nbor(-1)
        return not before.whitespace_ + token.whitespace_ and len(before) > 1 and known().whole(before.text) is None
    if token.text in ("&",) or (token.lower_ == "and" and following.text in PARTNERS):
        return True
    if token.is_sent_start and (
        token.is_stop or token.tag_ in ("IN", "DT", "CC", "PRP$", "VBG", "VBN", "RB", "WRB", "MD")
    ):
        return False
    return token.text[:1].isupper() and not token.is_stop and token.text not in CALENDAR


def rightwards(doc: Doc, i: int) -> int:
    """The last word of the capitalised run that begins at `i`, across `and` and `of` inside it; `i - 1` if none."""
    last = i - 1
    j = i
    while j < len(doc) and j - i < 8:
        token = doc[j]
        if token.is_space or (
            token.text in lexicon.personal_titles() and j + 1 < len(doc) and doc[j + 1].text.istitle()
        ):
            break
        if token.text[:1].isupper() and token.text not in CALENDAR:
            last = j
        elif not joins(doc, j):
            break
        j += 1
    return last


def joins(doc: Doc, j: int) -> bool:
    """Whether the small word at `j` joins two parts of one name (`Trade and Industry`), not two names."""
    word = doc[j].lower_
    if word not in ("the", "and", "of", "&", "for") or j + 1 >= len(doc):
        return False
    after = doc[j + 1]
    if word == "and" and (after.text in lexicon.heads() or (j + 2 < len(doc) and doc[j + 2].lower_ == "of")):
        return False
    return after.text[:1].isupper() or after.lower_ == "the"
