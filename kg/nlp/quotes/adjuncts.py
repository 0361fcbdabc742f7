"""Attribution by an adjunct: "according to X", "as X said", "as announced by X": the content is the clause it stands
in.
"""

from __future__ import annotations

from collections.abc import Iterator

from spacy.tokens import Token

from kg.nlp.quotes.cues import candidates, cue_at
from kg.nlp.quotes.found import Found
from kg.nlp.quotes.indirect import inside, spans
from kg.nlp.quotes.marks import Quotation
from kg.nlp.quotes.speakers import subject
from kg.nlp.reading import Reading

# Prepositions after which a verb of saying has its own topic.
ABOUT = ("about", "against", "for", "of", "over", "with")
CLAUSES = ("ROOT", "conj", "ccomp", "advcl", "relcl", "parataxis")


def find(reading: Reading, quotations: tuple[Quotation, ...]) -> Iterator[Found]:
    """Every clause that such an adjunct attributes."""
    tokens = [t for t in reading.doc if t.lower_ == "according"] + [
        t for t, _ in candidates(reading.doc) if t.dep_ == "advcl"
    ]
    for token in tokens:
        if inside(token, quotations):
            continue
        found = _according(reading, quotations, token) or _as_said(reading, quotations, token)
        if found is not None:
            yield found


def _according(reading: Reading, quotations: tuple[Quotation, ...], token: Token) -> Found | None:
    if token.lower_ != "according":
        return None
    to = next((c for c in token.children if c.lower_ == "to"), None)
    source = next((c for c in to.children if c.dep_ == "pobj"), None) if to is not None else None
    if to is None or source is None:
        return None
    content = _clause(reading, quotations, token)
    return (
        Found(
            content=content,
            cue=(token.idx, to.idx + len(to)),
            cue_token=token,
            speaker=source,
            weight=0.95,
            adjunct=_span(token),
            clause=_head(token),
        )
        if content
        else None
    )


def _as_said(reading: Reading, quotations: tuple[Quotation, ...], token: Token) -> Found | None:
    cue = cue_at(token)
    if cue is None or token.dep_ != "advcl" or not any(c.lower_ == "as" for c in token.children):
        return None
    about = any(c.dep_ == "prep" and c.lower_ in ABOUT for c in token.children)  # "as members argued over the wording"
    if about or any(c.dep_ in ("ccomp", "dobj", "xcomp") for c in token.children) or "that" not in cue.frames:
        return None
    speaker = subject(token)
    content = _clause(reading, quotations, token)
    own = {t.i for t in token.subtree}
    if speaker is None or speaker.i not in own or not content:
        return None
    return Found(
        content=content,
        cue=(token.idx, token.idx + len(token)),
        cue_token=token,
        speaker=speaker,
        weight=cue.weight * 0.9,
        adjunct=_span(token),
        clause=_head(token),
    )


def _span(adjunct: Token) -> tuple[int, int]:
    right = adjunct.right_edge
    return adjunct.left_edge.idx, right.idx + len(right)


def _head(adjunct: Token) -> Token:
    """The verb of the clause that the adjunct attributes; of all coordinate clauses, where it closes the sentence
    after a comma.
    """
    head = adjunct.head
    while head.head != head and not (head.pos_ in ("VERB", "AUX") and head.dep_ in CLAUSES):
        head = head.head
    last = adjunct.sent.end - 1
    while last > adjunct.i and (adjunct.doc[last].is_punct or adjunct.doc[last].is_space):
        last -= 1
    if adjunct.i > 0 and adjunct.nbor(-1).text == "," and adjunct.right_edge.i >= last:
        while head.dep_ == "conj" and head.head.pos_ in ("VERB", "AUX"):
            head = head.head
    return head


def _clause(reading: Reading, quotations: tuple[Quotation, ...], adjunct: Token) -> tuple[tuple[int, int], ...]:
    """The clause around the adjunct; what a later coordinate clause adds is left out."""
    head = _head(adjunct)
    own = {t.i for t in adjunct.subtree}
    later: set[int] = set()
    if adjunct.i > head.i:
        for child in head.children:
            if child.i > max(own) and child.dep_ in ("cc", "conj"):
                later.update(t.i for t in child.subtree)
    tokens = [t for t in head.subtree if t.i not in own and t.i not in later]
    return spans(reading, quotations, tokens, None)
