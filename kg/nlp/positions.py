"""Layer: positions. Who holds which office in which body, from titles before names, appositions after them, copulas
and descriptions.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from spacy.tokens import Doc, Token

from kg.nlp.reading import Reading
from kg.records import Mention, Position, Span
from kg.vocabulary import EntityType

# The longest title in words, and the longest run of words that qualifies one ("deputy national security").
LONGEST = 6
QUALIFIERS = 4
POSSESSIVE = ("his", "her", "their", "its")
# Prepositions between a title and its body: "director of X", "spokesman for X", "professor at X".
LINKS = ("of", "for", "at", "with", "in", "from", "to")
COPULAS = ("be", "become", "remain", "serve", "appoint", "elect", "name")


@dataclass(frozen=True, slots=True)
class _Title:
    """A title in the text: its tokens (from `first`, `last` inclusive), and how it is written out."""

    first: int
    last: int
    text: str


@cache
def offices() -> dict[str, str]:
    """Lower-cased words of an office: its title written out (empty: as the article has it)."""
    text = resources.files("kg").joinpath("data/offices.tsv").read_text(encoding="utf-8")
    rows = csv.DictReader((line for line in text.splitlines() if not line.startswith("#")), delimiter="\t")
    return {r["word"].casefold(): r["title"] for r in rows}


@cache
def areas() -> frozenset[str]:
    """Words that narrow an office; evaluative ones ("respected") are the article's opinion, not part of a title."""
    return frozenset(resources.files("kg").joinpath("data/office_areas.txt").read_text(encoding="utf-8").split())


def find(reading: Reading) -> tuple[Position, ...]:
    """The article's positions in order of the text, one for each holder, title and body: the first that names the
    body.
    """
    found: list[Position] = []
    for mention in reading.entities:
        if mention.type is EntityType.PERSON and not reading.is_noise(mention.start, mention.end):
            found.extend(_of_name(reading, mention))
    found.extend(_of_descriptions(reading))
    return _once(_possessed(reading, sorted(found, key=lambda p: p.evidence)))


def _of_name(reading: Reading, mention: Mention) -> list[Position]:
    words = reading.doc.char_span(mention.start, mention.end, alignment_mode="expand")
    if words is None:
        return []
    found = []
    before = _before(reading.doc, words.start) or _portfolio(reading, words.start)
    while before is not None and not _titled_other(reading, before, words.start):
        start, organisation = _body_before(reading, before)
        found.append(_position(reading, mention.id, before, organisation, (start, mention.end)))
        before = _joined(reading.doc, before)
    after = _after(reading, words.end)
    if after is not None:
        title, stop, organisation = after
        found.append(_position(reading, mention.id, title, organisation, (mention.start, stop)))
    copular = _copular(reading, words.end)
    if copular is not None:
        title, stop, organisation = copular
        found.append(_position(reading, mention.id, title, organisation, (mention.start, stop)))
    return found


def _titled_other(reading: Reading, title: _Title, name: int) -> bool:
    """Whether a comma parts the title from a name it does not belong to ("the minister, Lee said"): the name must
    close the apposition.
    """
    return reading.doc[title.last + 1].text == "," and not _closes(reading.doc, name)


def _closes(doc: Doc, name: int) -> bool:
    token = doc[name]
    while token.i + 1 < len(doc) and token.ent_type_ == "PERSON" and token.nbor(1).ent_type_ == "PERSON":
        token = token.nbor(1)
    return token.i + 1 >= len(doc) or token.nbor(1).text in (",", ".", ";", ")")


def _position(reading: Reading, holder: str, title: _Title, organisation: str | None, evidence: Span) -> Position:
    return Position(
        holder=holder,
        title=title.text,
        organisation=organisation,
        evidence=evidence,
        confidence=0.9 if organisation else 0.8,
    )


def _before(doc: Doc, name: int) -> _Title | None:
    """The title that ends right before token `name`, also with a comma between."""
    last = name - 1
    if last >= 0 and doc[last].text == ",":
        last -= 1
    return _ending_at(doc, last)


def _joined(doc: Doc, title: _Title) -> _Title | None:
    """The title that `and` joins to this one: "Deputy Prime Minister and Finance Minister Roe" has two."""
    if title.first < 2 or doc[title.first - 1].lower_ not in ("and", "&"):
        return None
    return _ending_at(doc, title.first - 2)


def _portfolio(reading: Reading, name: int) -> _Title | None:
    """The title with its field after it, right before token `name`: "Minister of Tides and Trade Roe", also with a comma."""
    doc = reading.doc
    last = name - 1 - (name > 0 and doc[name - 1].text == ",")
    at = last
    while at > 1 and last - at < LONGEST and (_is_area(doc[at]) or doc[at].lower_ in ("and", "&", "the")):
        at -= 1
    if at == last or doc[at].lower_ not in ("of", "for") or not _is_area(doc[last]):
        return None
    title = _ending_at(doc, at - 1)
    return title and _Title(title.first, last, f"{title.text} {doc[at : last + 1].text}")


def _is_area(token: Token) -> bool:
    return token.lower_ in areas()


def _ending_at(doc: Doc, last: int) -> _Title | None:
    """The longest office whose last word is token `last`, with the words that qualify it."""
    if last < 0 or not _ends_office(doc[last].text.casefold()):
        return None
    for first in range(max(0, last - LONGEST + 1), last + 1):
        entry = _office(doc, first, last)
        if entry is not None:
            return _qualified(doc, first, last, entry)
    return None


@lru_cache(maxsize=4096)
def _ends_office(word: str) -> bool:
    """Whether an office ends in the word, which most do not: its phrases need not be looked up."""
    return any(name.endswith(word) for name in offices())


def _office(doc: Doc, first: int, last: int) -> str | None:
    if last < first:
        return None
    entry = offices().get(doc[first : last + 1].text.casefold())
    return None if entry is None or any(doc[i].is_space for i in range(first, last + 1)) else entry


def _qualified(doc: Doc, first: int, last: int, entry: str) -> _Title:
    """The title with the common words before it ("former", "foreign", "deputy"), which are no names."""
    start = first
    while start > 0 and first - start < QUALIFIERS and _qualifies(doc[start - 1]):
        start -= 1
    while start < first and not any(c.isalnum() for c in doc[start].text):
        start += 1
    while start > 1 and _is_area(doc[start]) and doc[start - 1].text in ("and", "&", ",") and _is_area(doc[start - 2]):
        start -= 2
        while start > 0 and first - start < LONGEST and _is_area(doc[start - 1]):
            start -= 1
    written = entry or doc[first : last + 1].text
    return _Title(start, last, (doc[start:first].text + " " + written).strip())


def _qualifies(token: Token) -> bool:
    if (
        token.ent_type_ in ("PERSON", "GPE", "NORP", "LOC", "FAC", "DATE", "CARDINAL", "ORDINAL")
        and token.lower_ not in areas()
    ):
        return False
    if token.text == "-":
        return bool(token.i > 0 and not token.nbor(-1).is_space and token.nbor(-1).whitespace_ == "")
    return token.lower_ in areas() or (token.pos_ == "NOUN" and token.dep_ in ("compound", "nmod"))


def _body_before(reading: Reading, title: _Title) -> tuple[int, str | None]:
    """Where the words of the title begin with its body before it ("Israeli", "White House", "Egypt's"), and that body."""
    doc = reading.doc
    at = title.first
    start, organisation = doc[at].idx, None
    for _ in range(3):
        if at == 0:
            break
        previous = doc[at - 1]
        if previous.lower_ in ("'s", "’s", "'", "’") and at > 1:
            previous = doc[at - 2]
        mention = _mention_ending(reading, previous.idx + len(previous), doc[title.first].idx)
        if mention is None or mention.type is EntityType.PERSON:
            break
        organisation = organisation or mention.id
        words = doc.char_span(mention.start, mention.end, alignment_mode="expand")
        if words is None or words.start >= at:
            break
        at, start = words.start, mention.start
    if organisation is None and at > 0 and doc[at - 1].lower_ in POSSESSIVE:
        start = doc[at - 1].idx
    return start, organisation


def _mention_ending(reading: Reading, end: int, limit: int) -> Mention | None:
    """The longest name with the character before `end`, none of it behind `limit`."""
    over = [m for m in reading.entities if m.start < end <= m.end <= limit]
    return max(over, key=lambda m: (m.end - m.start, -m.start), default=None)


def _after(reading: Reading, at: int) -> tuple[_Title, int, str | None] | None:
    """The apposition after a name: ", the leader of X", ", a senior X official"."""
    doc = reading.doc
    if at < len(doc) and doc[at].text == "(":
        return None
    if at + 1 >= len(doc) or doc[at].text not in (",", "--", "–", "—"):
        return None
    return _phrase(reading, at + 1)


def _copular(reading: Reading, at: int) -> tuple[_Title, int, str | None] | None:
    """The predicate after a name: "is the director of X", "was appointed head of X", "who leads"."""
    doc = reading.doc
    while at < len(doc) and (doc[at].dep_ in ("aux", "auxpass", "neg", "advmod") or doc[at].lower_ in (",", "who")):
        if doc[at].dep_ == "neg":
            return None
        at += 1
    if at + 1 >= len(doc) or doc[at].lemma_ not in COPULAS or doc[at].text == ",":
        return None
    at += 1
    while at < len(doc) and (doc[at].lower_ in ("as", "currently", "also", "now") or doc[at].dep_ in ("advmod", "neg")):
        if doc[at].dep_ == "neg":
            return None
        at += 1
    return _phrase(reading, at) if at < len(doc) else None


def _phrase(reading: Reading, at: int) -> tuple[_Title, int, str | None] | None:
    """A noun phrase from token `at` whose head is an office, with its body: before the head, or after a preposition."""
    doc = reading.doc
    stop = at
    while stop < len(doc) and stop - at < 12 and (stop == at or not _bars(doc[stop])):
        stop += 1
    for last in range(at, stop):
        ended = next((_office(doc, f, last) for f in range(at, last + 1) if _office(doc, f, last) is not None), None)
        longer = last + 1 < stop and any(
            _office(doc, f, e) for e in range(last + 1, min(stop, last + 5)) for f in range(at, last + 1)
        )
        if (
            ended is None
            or longer
            or (last + 1 < stop and doc[last + 1].pos_ in ("NOUN", "PROPN") and doc[last].text[-1] != ".")
        ):
            continue
        title = _ending_at(doc, last)
        if title is None or title.first < at:
            return None
        _, organisation = _body_before(reading, title)
        end = doc[last].idx + len(doc[last])
        if organisation is None:
            end, organisation = _body_after(reading, last)
        return title, end, organisation
    return None


def _bars(token: Token) -> bool:
    return (
        (token.is_punct and token.text not in ("-", "'", "’", "&"))
        or token.pos_ == "VERB"
        or token.is_space
        or (token.lower_ in LINKS and (token.lower_ != "of"))
    )


def _body_after(reading: Reading, last: int) -> tuple[int, str | None]:
    """Where "of X" after a title ends, and what X is."""
    doc = reading.doc
    end = doc[last].idx + len(doc[last])
    if last + 1 >= len(doc) or doc[last + 1].lower_ not in LINKS:
        return end, None
    link = doc[last + 1]
    for token in doc[last + 2 : last + 14]:
        if (token.is_punct and token.text not in ("-", "'", "’", "&")) or token.pos_ == "VERB" or token.is_space:
            break
        mention = next((m for m in reading.entities if m.start <= token.idx < m.end), None)
        if mention is not None and mention.type is not EntityType.PERSON:
            following = _attached(reading, mention, link)
            return (following.end, following.id)
    return end, None


def _attached(reading: Reading, mention: Mention, link: Token) -> Mention:
    """The body itself where a demonym or place only qualifies it: in "leader of the Palestinian X" it is X."""
    if mention.type in (EntityType.GROUP, EntityType.PLACE):
        for other in reading.entities:
            between = reading.article.text[mention.end : other.start]
            if (
                mention.end < other.start <= mention.end + 3
                and not between.strip("’'s ")
                and other.type is EntityType.ORGANISATION
            ):
                return other
    return mention


def _of_descriptions(reading: Reading) -> list[Position]:
    """Offices that stand for a known person: "the Israeli prime minister", "his spy chief"."""
    found = []
    names = {m.id: m for m in reading.entities}
    for record in reading.coreference:
        known = names.get(record.id)
        if (known is not None and known.type is not EntityType.PERSON) or not record.id.startswith("person/"):
            continue
        words = reading.doc.char_span(record.start, record.end, alignment_mode="expand")
        if words is None or len(words) < 2 or reading.is_noise(record.start, record.end):
            continue
        for token in words:
            last = token.i
            if (
                token.pos_ in ("NOUN", "PROPN")
                and (title := _ending_at(reading.doc, last))
                and (last + 1 >= words.end or reading.doc[last + 1].lower_ in LINKS)
            ):
                start, organisation = _body_before(reading, title)
                end = reading.doc[last].idx + len(reading.doc[last])
                if organisation is None:
                    end, organisation = _body_after(reading, last)
                found.append(
                    _position(reading, record.id, title, organisation, (min(start, record.start), max(end, record.end)))
                )
                break
    return found


def _possessed(reading: Reading, found: list[Position]) -> list[Position]:
    """ "His defence minister" is of the body whose office the possessor holds."""
    bodies: dict[str, str] = {}
    for position in found:
        if position.organisation is not None:
            bodies.setdefault(position.holder, position.organisation)
    result = []
    for position in found:
        start = position.evidence[0]
        first = reading.doc.char_span(start, start + 1, alignment_mode="expand")
        if position.organisation is None and first is not None and first[0].lower_ in POSSESSIVE:
            owner = next((c.id for c in reading.coreference if c.start == first[0].idx), None)
            body = bodies.get(owner) if owner else None
            if owner and body is None and not owner.startswith("person/"):
                body = owner
            if body:
                position = Position(
                    holder=position.holder,
                    title=position.title,
                    organisation=body,
                    evidence=position.evidence,
                    confidence=0.7,
                )
        result.append(position)
    return result


def _once(found: list[Position]) -> tuple[Position, ...]:
    kept: list[Position] = []
    for position in found:
        same = [p for p in found if p.holder == position.holder and p.title.casefold() == position.title.casefold()]
        if position.organisation is None and any(p.organisation for p in same):
            continue
        if any(p.organisation == position.organisation and p in kept for p in same):
            continue
        kept.append(position)
    return tuple(kept)
