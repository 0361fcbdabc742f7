"""Layer: positions. Who holds which office in which body, from titles before names, appositions after them, copulas
and descriptions.
"""

from __future__ import annotations

from spacy.tokens import Doc, Token

from kg.nlp.offices import LONGEST, Title, ending_at, is_area, office
from kg.nlp.reading import Reading
from kg.records import Mention, Position, Span
from kg.vocabulary import EntityType

POSSESSIVE = ("his", "her", "their", "its")
# Prepositions between a title and its body: "director of X", "spokesman for X", "professor at X".
LINKS = ("of", "for", "at", "with", "in", "from", "to")
# What joins a body to the area or work of an office there: "director for Borland of X", "of the Borland office at X".
OF = ("of", "at", "with")
# A body stands at most so many characters behind what qualifies it.
FAR = 50
COPULAS = ("be", "become", "remain", "serve", "appoint", "elect", "name")


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


def _titled_other(reading: Reading, title: Title, name: int) -> bool:
    """Whether a comma parts the title from a name it does not belong to ("the minister, Lee said"): the name must
    close the apposition.
    """
    return reading.doc[title.last + 1].text == "," and not _closes(reading.doc, name)


def _closes(doc: Doc, name: int) -> bool:
    token = doc[name]
    while token.i + 1 < len(doc) and token.ent_type_ == "PERSON" and token.nbor(1).ent_type_ == "PERSON":
        token = token.nbor(1)
    return token.i + 1 >= len(doc) or token.nbor(1).text in (",", ".", ";", ")")


def _position(reading: Reading, holder: str, title: Title, organisation: str | None, evidence: Span) -> Position:
    return Position(
        holder=holder,
        title=title.text,
        organisation=organisation,
        evidence=evidence,
        confidence=0.9 if organisation else 0.8,
    )


def _before(doc: Doc, name: int) -> Title | None:
    """The title that ends right before token `name`, also with a comma between."""
    last = name - 1
    if last >= 0 and doc[last].text == ",":
        last -= 1
    return ending_at(doc, last)


def _joined(doc: Doc, title: Title) -> Title | None:
    """The title that `and` joins to this one: "Deputy Prime Minister and Finance Minister Roe" has two."""
    if title.first < 2 or doc[title.first - 1].lower_ not in ("and", "&"):
        return None
    return ending_at(doc, title.first - 2)


def _portfolio(reading: Reading, name: int) -> Title | None:
    """The title with its field or area after it, right before token `name`: "Minister of Tides and Trade Roe", "director for
    Borland Roe", also with a comma."""
    doc = reading.doc
    last = name - 1 - (name > 0 and doc[name - 1].text == ",")
    if last < 2:
        return None
    end = doc[last].idx + len(doc[last])
    area = next((m for m in reading.entities if m.type is EntityType.PLACE and m.end == end), None)
    words = doc.char_span(area.start, area.end) if area else None
    if words is not None and doc[words.start - 1].lower_ == "for" and (title := ending_at(doc, words.start - 2)):
        return Title(title.first, last, f"{title.text} for {words.text}")
    at = last
    while at > 1 and last - at < LONGEST and (is_area(doc[at]) or doc[at].lower_ in ("and", "&", "the")):
        at -= 1
    if at == last or doc[at].lower_ not in ("of", "for") or not is_area(doc[last]):
        return None
    title = ending_at(doc, at - 1)
    return title and Title(title.first, last, f"{title.text} {doc[at : last + 1].text}")


def _body_before(reading: Reading, title: Title) -> tuple[int, str | None]:
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


def _after(reading: Reading, at: int) -> tuple[Title, int, str | None] | None:
    """The apposition after a name: ", the leader of X", ", a senior X official"."""
    doc = reading.doc
    if at < len(doc) and doc[at].text == "(":
        return None
    if at + 1 >= len(doc) or doc[at].text not in (",", "--", "–", "—"):
        return None
    return _phrase(reading, at + 1)


def _copular(reading: Reading, at: int) -> tuple[Title, int, str | None] | None:
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


def _phrase(reading: Reading, at: int) -> tuple[Title, int, str | None] | None:
    """A noun phrase from token `at` whose head is an office, with its body: before the head, or after a preposition."""
    doc = reading.doc
    stop = at
    while stop < len(doc) and stop - at < 12 and (stop == at or not _bars(doc[stop])):
        stop += 1
    for last in range(at, stop):
        ended = next((office(doc, f, last) for f in range(at, last + 1) if office(doc, f, last) is not None), None)
        longer = last + 1 < stop and any(
            office(doc, f, e) is not None for e in range(last + 1, min(stop, last + 5)) for f in range(at, last + 1)
        )
        if (
            ended is None
            or longer
            or (last + 1 < stop and doc[last + 1].pos_ in ("NOUN", "PROPN") and doc[last].text[-1] != ".")
        ):
            continue
        title = ending_at(doc, last)
        if title is None or title.first < at:
            return None
        _, organisation = _body_before(reading, title)
        end = doc[last].idx + len(doc[last])
        if organisation is None or organisation.startswith("place/"):
            further, until, body = _body_after(reading, title)
            if organisation is None or (body and body.startswith("organisation/")):  # "Borland director of X"
                title, end, organisation = further, until, body
        return title, end, organisation
    return None


def _bars(token: Token) -> bool:
    return (
        (token.is_punct and token.text not in ("-", "'", "’", "&"))
        or token.pos_ == "VERB"
        or token.is_space
        or (token.lower_ in LINKS and (token.lower_ != "of"))
    )


def _body_after(reading: Reading, title: Title) -> tuple[Title, int, str | None]:
    """The title with what it is for, where its body after it ends, and that body: "head of trade at X", "director for Borland of
    X"."""
    doc = reading.doc
    title = _with_field(doc, title)
    last = title.last
    end = doc[last].idx + len(doc[last])
    if last + 1 >= len(doc) or doc[last + 1].lower_ not in LINKS:
        return title, end, None
    for token in doc[last + 2 : last + 14]:
        if (token.is_punct and token.text not in ("-", "'", "’", "&")) or token.pos_ == "VERB" or token.is_space:
            break
        mention = next((m for m in reading.entities if m.start <= token.idx < m.end), None)
        if mention is None or mention.type is EntityType.PERSON:
            continue
        body = _behind(reading, mention, ())
        if body is None and mention.type is EntityType.PLACE and (body := _behind(reading, mention, OF)):
            if doc[last + 1].lower_ == "for":
                title = Title(
                    title.first, last, f"{title.text} for {reading.article.text[mention.start : mention.end]}"
                )
            elif reading.article.text[mention.end :].lstrip().startswith(OF):  # "president of Borland at X"
                body = None
        found = body or mention
        return title, found.end, found.id
    return title, end, None


def _with_field(doc: Doc, title: Title) -> Title:
    """The title with the common nouns that say what it is of, where its body follows: "head of research" of X."""
    first = stop = title.last + 2
    if first >= len(doc) or doc[first - 1].lower_ != "of":
        return title
    while stop < len(doc) and stop - first < LONGEST and (doc[stop].tag_ in ("NN", "JJ", "CC") or is_area(doc[stop])):
        stop += 1
    if stop == first or stop == len(doc) or doc[stop].lower_ not in LINKS or not doc[first:stop].text.islower():
        return title
    return Title(title.first, stop - 1, f"{title.text} {doc[first - 1 : stop].text}")


def _behind(reading: Reading, mention: Mention, joined: tuple[str, ...]) -> Mention | None:
    """The organisation that a name and the common nouns after it only qualify ("the Borlandic X", "Borland's road agency X"), or
    with `joined` the one that such a word joins to them ("Borland programme at X")."""
    words = [t for t in reading.doc if mention.end <= t.idx < mention.end + FAR and not t.is_space]
    nouns = 0
    for i, word in enumerate(words):
        other = next((m for m in reading.entities if m.start == word.idx), None)
        if other is not None and (mention.type is not EntityType.ORGANISATION or nouns):
            return other if other.type is EntityType.ORGANISATION and not joined else None
        if joined and word.lower_ in joined:
            after = next((w for w in words[i + 1 :] if w.lower_ != "the"), word)
            bodies = (m for m in reading.entities if m.type is EntityType.ORGANISATION)
            return next((m for m in bodies if m.start == after.idx), None)
        if word.pos_ not in ("NOUN", "ADJ", "PART") and word.text not in ("-", "'", "’"):
            return None
        nouns += word.pos_ == "NOUN"
    return None


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
                and (title := ending_at(reading.doc, last))
                and (last + 1 >= words.end or reading.doc[last + 1].lower_ in LINKS)
            ):
                start, organisation = _body_before(reading, title)
                end = reading.doc[last].idx + len(reading.doc[last])
                if organisation is None:
                    title, end, organisation = _body_after(reading, title)
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
