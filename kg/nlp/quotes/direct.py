"""Quoted speech: content between marks with the cue and the speaker beside it.

A block is cut into segments: sentences in which each quotation counts as one word, since the full stops inside marks
mislead a sentence splitter. In a segment the cue stands after the content, before it, or splits it; a quotation
without words around it goes on with the content before ("…," he said. "…"). The patterns are those of Krestel et al.
(LREC 2008) and Elson and McKeown (AAAI 2010).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from spacy.tokens import Token

from kg.nlp.quotes.cues import Cue, cue_at
from kg.nlp.quotes.found import Found
from kg.nlp.quotes.indirect import cue_span
from kg.nlp.quotes.marks import Quotation
from kg.nlp.quotes.speakers import subject
from kg.nlp.reading import Reading

# Words between content and its cue: a long name with titles and an apposition.
REACH = 25
# Words between a cue and content that still introduce it: an addressee, a time, a place.
GAP = 14
NOMINAL = ("NOUN", "PROPN", "PRON")


@dataclass(slots=True)
class _Segment:
    items: list[Token | Quotation] = field(default_factory=list)

    @property
    def quotations(self) -> list[Quotation]:
        return [i for i in self.items if isinstance(i, Quotation)]

    @property
    def words(self) -> list[Token]:
        return [i for i in self.items if isinstance(i, Token) and not i.is_punct]


def find(reading: Reading, quotations: tuple[Quotation, ...], blocks: list[tuple[int, int]]) -> Iterator[Found]:
    """The quoted statements of the article, in order."""
    pending: list[tuple[int, int]] = []
    for start, end in blocks:
        inside = [q for q in quotations if start <= q.start < end]
        if not inside:
            continue
        spoken = False
        for segment in _segments(reading, start, end, inside):
            if not segment.quotations:
                continue
            found = _attribute(reading.article.text, segment)
            if not found:
                if segment.quotations[-1].continues and not spoken:
                    pending.extend(q.inner for q in segment.quotations)
                elif not segment.words:
                    content = (*pending, *(q.inner for q in segment.quotations))
                    yield Found(
                        content=content, cue=None, cue_token=None, speaker=None, weight=0.5, direct=True, continues=True
                    )
                    pending = []
                continue
            if pending and segment.items[0] is segment.quotations[0]:
                found[0] = replace(found[0], content=(*pending, *found[0].content))
            pending, spoken = [], True
            yield from found


def _segments(reading: Reading, start: int, end: int, quotations: list[Quotation]) -> Iterator[_Segment]:
    words = reading.doc.char_span(start, end, alignment_mode="expand")
    if words is None:
        return
    items: list[Token | Quotation] = []
    waiting = list(quotations)
    for token in words:
        if waiting and token.idx >= waiting[0].end:
            waiting.pop(0)
        if waiting and waiting[0].start < token.idx + len(token) and token.idx < waiting[0].end:
            if not items or items[-1] is not waiting[0]:
                items.append(waiting[0])
        elif not token.is_space:
            items.append(token)
    segment = _Segment()
    for index, item in enumerate(items):
        segment.items.append(item)
        if _ends(reading.article.text, items, index):
            yield segment
            segment = _Segment()
    if segment.items:
        yield segment


def _ends(text: str, items: list[Token | Quotation], index: int) -> bool:
    """Whether a segment ends after the item."""
    item = items[index]
    following = items[index + 1] if index + 1 < len(items) else None
    if isinstance(item, Token):
        if item.text in (".", "?", "!"):
            return True
        if isinstance(following, Quotation):
            inner = text[following.inner[0] : following.inner[1]]
            return item.text[-1] == "." and inner[:1].isupper() and " " in inner
        return (
            isinstance(following, Token)
            and bool(following.is_sent_start)
            and item.text[-1] in ".?!"
            and following.is_title
        )
    last = text[item.inner[0] : item.inner[1]].rstrip()[-1:]
    if last not in (".", "?", "!", "…"):
        return False
    if isinstance(following, Token):
        if following.is_punct and following.text in (",", ":", ";", "-", "–", "—", "--"):
            return False
        if last == "." or following.is_title or following.text[:1].isupper():
            return (
                not _opens_with_cue(items[index + 1 : index + 8], strict=last == ".")
                and not following.text[:1].islower()
            )
        return False
    return True


def _opens_with_cue(items: list[Token | Quotation], strict: bool) -> bool:
    """Whether the words begin with a speaker and a cue ("Smith said"), or a cue and a speaker; after a full stop, only
    up to a stop.
    """
    for number, item in enumerate(items):
        if isinstance(item, Quotation) or item.text in (".", ","):
            return False
        cue = cue_at(item)
        if cue is not None and "quote" in cue.frames:
            after = items[number + 1] if number + 1 < len(items) else None
            closed = after is None or (
                (isinstance(after, Token) and after.text in (".", ","))
                or (isinstance(after, Token) and after.ent_type_ == "DATE")
            )
            return closed if strict else True
    return False


def _attribute(text: str, segment: _Segment) -> list[Found]:
    """The statements of one segment: each quotation with the nearest cue, those of one cue together."""
    found: list[Found] = []
    for position, item in enumerate(segment.items):
        if not isinstance(item, Quotation):
            continue
        content = item.inner
        result = _before(segment.items, position, item) or _after(text, segment.items, position, item)
        if result is None and (wide := _closing(text, segment.items, position)) is not None:
            content, result = wide
        if result is None:
            continue
        cue, weight = result
        same = next((n for n, f in enumerate(found) if f.cue_token == cue), None)
        if same is not None:
            found[same] = replace(found[same], content=(*found[same].content, content))
            continue
        found.append(
            Found(
                content=(content,),
                cue=cue_span(cue, cue_at(cue)) if cue.text != ":" else (cue.idx, cue.idx + 1),
                cue_token=cue,
                speaker=_speaker(segment.items, position, cue),
                weight=weight,
                direct=content == item.inner,
            )
        )
    return found


def _before(items: list[Token | Quotation], position: int, quotation: Quotation) -> tuple[Token, float] | None:
    """The cue that introduces the quotation: only an addressee, a time or a place between, and a comma or colon or
    nothing.
    """
    gap: list[Token] = []
    for item in reversed(items[:position]):
        if isinstance(item, Quotation):
            continue
        cue = _quoting(item)
        if cue is not None:
            if _introduces(gap):
                return item, cue.weight
            return None
        gap.insert(0, item)
        if len(gap) > GAP:
            break
    words = [i for i in items[:position] if isinstance(i, Token)]
    if words and words[-1].text == ":" and position == len(items) - 1 and len(words) > 1:
        return words[-1], 0.5
    return None


def _introduces(gap: list[Token]) -> bool:
    if not gap:
        return True
    if any(t.dep_ in ("mark", "nsubj", "nsubjpass", "expl") or t.text in (".", "?", "!") for t in gap):
        return False
    return gap[-1].text in (",", ":", "--", "–", "—") or all(
        t.pos_ in ("PRON", "ADV", "PROPN") or t.ent_type_ == "DATE" for t in gap
    )


def _after(
    text: str, items: list[Token | Quotation], position: int, quotation: Quotation, loose: bool = True
) -> tuple[Token, float] | None:
    """The cue after the quotation: the first one, past the words of the speaker. `loose`: also where no punctuation
    parts them.
    """
    if any(isinstance(i, Token) and not i.is_punct for i in items[:position]):
        return None
    following: list[Token] = []
    for item in items[position + 1 :]:
        if isinstance(item, Quotation):
            break
        following.append(item)
    if not following:
        return None
    adjacent = following[0].text in (",", "—", "--", "–", "-")
    if following[0].is_punct:
        following = following[1:]
    last = text[quotation.inner[0] : quotation.inner[1]].rstrip()[-1:]
    adjacent = adjacent or last in tuple(",?!…—-")
    for number, token in enumerate(following[:REACH]):
        cue = _quoting(token)
        if (
            cue is not None
            and not _has_content(token)
            and (number == 0 or token.dep_ not in ("relcl", "acl"))
            and (adjacent or (loose and number < 5 and cue.weight >= 0.8 and _named_beside(following, number)))
        ):
            return token, cue.weight
    if last != ",":
        return None
    for token in following[:REACH]:
        if token.tag_ in ("VBD", "VBZ", "VBP") and token.dep_ not in ("relcl", "acl", "aux", "auxpass"):
            return token, 0.6
    return None


def _has_content(cue: Token) -> bool:
    """Whether the participle has a clause of its own after it: "cut it from “buy” to “hold”, saying costs would rise"."""
    return cue.tag_ == "VBG" and any(c.dep_ == "ccomp" and c.i > cue.i for c in cue.children)


def _named_beside(words: list[Token], cue: int) -> bool:
    """Whether a nominal stands between content and cue, or right after a cue that follows the content."""
    if cue == 0:
        return len(words) > 1 and words[1].pos_ in ("PROPN", "NOUN")
    return any(t.pos_ in NOMINAL for t in words[:cue])


def _closing(
    text: str, items: list[Token | Quotation], position: int
) -> tuple[tuple[int, int], tuple[Token, float]] | None:
    """For a sentence that ends between marks ("The plan is “too little,” she added"): its content from the first word
    on, and the cue.
    """
    first, quotation = items[0], items[position]
    if position == 0 or not isinstance(first, Token) or not isinstance(quotation, Quotation):
        return None
    if any(isinstance(i, Token) and _quoting(i) is not None for i in items[:position]):
        return None
    result = _after(text, [quotation, *items[position + 1 :]], 0, quotation, loose=False)
    return ((first.idx, quotation.end), result) if result is not None and result[1] >= 0.85 else None


def _quoting(token: Token) -> Cue | None:
    cue = cue_at(token)
    return cue if cue is not None and token.pos_ in ("VERB", "AUX") and cue.frames & {"quote", "that"} else None


def _speaker(items: list[Token | Quotation], position: int, cue: Token) -> Token | None:
    """The head of the speaker's words: the cue's subject, else the nominal between content and cue or right after the
    cue.
    """
    outside = {i.i for i in items if isinstance(i, Token)}
    if cue.text == ":":
        words = [i for i in items[:position] if isinstance(i, Token)]
        roots = [w for w in words if w.head.i not in outside or w.head == w]
        named = subject(roots[0]) if roots and roots[0].pos_ in ("VERB", "AUX") else None
        return named or next((w for w in roots if w.pos_ in NOMINAL), None)
    if cue.lemma_ == "read" and cue.tag_ == "VBG":
        # "held up a sign reading '…'": the sign reads, not who holds it.
        return cue.nbor(-1) if cue.i and cue.nbor(-1).pos_ == "NOUN" else None
    known = subject(cue)
    if known is not None and known.i in outside and known.pos_ in (*NOMINAL, "DET", "NUM", "ADJ"):
        return known
    start = next((i for i, item in enumerate(items) if item == cue), position)
    between = [i for i in items[position + 1 : start] if isinstance(i, Token)] if start > position else []
    before = [i for i in items[:start] if isinstance(i, Token)] if start < position else []
    after: list[Token] = []
    for item in items[start + 1 :]:
        if isinstance(item, Quotation) or item.text in (".", ":") or item.dep_ in ("prep", "mark"):
            break
        after.append(item)
    for span in (between or before, after):
        nominal = [t for t in span if t.pos_ in NOMINAL]
        if nominal:
            return _top(nominal)
    return None


def _top(nominal: list[Token]) -> Token:
    """The word of the first noun phrase that the others hang on."""
    token = nominal[0]
    here = {t.i for t in nominal}
    while token.head.i in here and token.head != token:
        token = token.head
    return token
