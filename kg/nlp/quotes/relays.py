"""Who relays a statement: "as quoted by X", "according to X" beside a statement with a speaker of its own, "told X",
"X quoted him as saying", "X reported, citing officials"."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import resources

from spacy.tokens import Token

from kg.nlp.quotes.found import Found
from kg.nlp.quotes.speakers import QUOTING, sayers
from kg.records import Span
from kg.tables import table

RELAYING = ("quote", "cite", "report", "carry", "publish", "broadcast")
ADDRESSING = ("tell", "inform")
# Occasions at which a medium is told something: "in an interview with X".
OCCASIONS = ("interview", "comment", "statement", "remark", "email", "message", "article", "column", "letter")


def attach(quoted: list[Found], reported: list[Found]) -> tuple[list[Found], list[Found]]:
    """The statements with their relays; an adjunct's that only relays another statement becomes that one's relay."""
    adjuncts = [_quoted_by(f) for f in reported if f.adjunct is not None]
    others = [f for f in reported if f.adjunct is None]
    used: set[Span] = set()
    results: list[list[Found]] = []
    for group in (quoted, others):
        results.append([])
        for found in group:
            for adjunct in adjuncts:
                if adjunct.adjunct is not None and _relays(adjunct, found):
                    used.add(adjunct.adjunct)
                    found = replace(found, via=adjunct.speaker, content=_without(found.content, adjunct.adjunct))
                    break
                if adjunct.adjunct is not None and _is_relayed(adjunct, found):
                    used.add(adjunct.adjunct)
                    found = replace(adjunct, via=found.speaker, content=_without(found.content, adjunct.adjunct))
                    break
            results[-1].append(_own_relay(found))
    kept = [a for a in adjuncts if a.adjunct not in used]
    return results[0], results[1] + kept


def _relays(adjunct: Found, found: Found) -> bool:
    """Whether the adjunct closes the very clause of the statement's cue."""
    if found.cue_token is None or adjunct.cue_token is None or adjunct.adjunct is None:
        return False
    if found.cue_token.lower_ == "according" or not found.content or found.cue_token.i > adjunct.cue_token.i:
        return False
    start, end = adjunct.adjunct
    last = found.content[-1]
    closes = last[0] < start and end >= last[1] - 1
    if found.cue_token.sent != adjunct.cue_token.sent:
        return False
    if closes and last[1] >= start:
        return not any(s <= found.cue_token.idx < e for s, e in adjunct.content)
    return found.cue_token == adjunct.clause


def _is_relayed(adjunct: Found, found: Found) -> bool:
    """Whether the adjunct opens what a medium reports: "According to Acme, profits fell, Reuters reported"."""
    if found.direct or found.cue_token is None or found.speaker is None or adjunct.adjunct is None:
        return False
    start, end = adjunct.adjunct
    first = found.content[0] if found.content else (0, 0)
    opens = first[0] == start and end < first[1] and found.cue_token.idx >= found.content[-1][1]
    return opens and is_medium(found.speaker)


def _quoted_by(found: Found) -> Found:
    """The attribution by an adjunct with who quotes it: "according to Acme, as quoted by Reuters"."""
    if found.clause is None or found.adjunct is None or found.via is not None:
        return found
    near = [*found.clause.children, *(t for c in found.clause.children if c.idx == found.adjunct[0] for t in c.subtree)]
    for child in near:
        if child.tag_ == "VBN" and child.lemma_ in RELAYING and child.dep_ in ("advcl", "acl", "prep", "pcomp"):
            agent = _agent(child)
            if agent is not None and agent != found.speaker and child.idx > found.adjunct[0]:
                return replace(found, via=agent, content=_without(found.content, _span(child)))
    return found


def _span(head: Token) -> Span:
    """The characters of a clause, with "as" before it."""
    first = head.left_edge
    if first.i and first.nbor(-1).lower_ == "as":
        first = first.nbor(-1)
    return first.idx, head.right_edge.idx + len(head.right_edge)


def _without(content: tuple[Span, ...], cut: Span) -> tuple[Span, ...]:
    parts: list[Span] = []
    for start, end in content:
        if cut[0] >= end or cut[1] <= start:
            parts.append((start, end))
            continue
        if start < cut[0]:
            parts.append((start, cut[0]))
        if cut[1] + 1 < end:
            parts.append((cut[1], end))
    return tuple(parts) or content


def _own_relay(found: Found) -> Found:
    """The statement with the relay that its own clause names."""
    cue = found.cue_token
    if cue is None or found.via is not None or cue.pos_ not in ("VERB", "AUX"):
        return found
    if found.speaker is not None:
        medium = is_medium(found.speaker)
        for child in (*cue.children, *found.speaker.children):
            cited = next((c for c in child.children if c.dep_ == "dobj"), None)
            if child.dep_ not in ("advcl", "acl") or child.lower_ not in ("citing", "quoting") or cited is None:
                continue
            if medium or (found.speaker.pos_ == "PROPN" and _is_party(cited)):
                outside = _without(found.content, _span(child)) if child.i > cue.i else found.content
                return replace(found, speaker=cited, via=found.speaker, content=outside)
    for child in cue.children:
        if child.dep_ in ("advcl", "prep", "acl") and child.lemma_ in RELAYING and child.tag_ == "VBN":
            agent = _agent(child)
            if agent is not None:
                return replace(found, via=agent, content=_without(found.content, _span(child)))
        if child.dep_ in ("dobj", "dative") and cue.lemma_ in ADDRESSING and is_medium(child):
            return replace(found, via=child)
        if child.dep_ == "prep" and (host := _host(child)) is not None:
            return replace(found, via=host)
    above = cue.head.head if cue.head.lower_ == "as" else cue.head
    if above.lemma_ in QUOTING:
        relay = _agent(above)
        if relay is None and not any(c.dep_ == "auxpass" for c in above.children):
            relay = next((c for c in above.children if c.dep_ == "nsubj"), None)
        if relay is not None and relay != found.speaker:
            return replace(found, via=relay)
    return found


def _is_party(cited: Token) -> bool:
    """Whether what is cited can say something: "citing the ministry", not "citing the weather"."""
    return cited.ent_type_ in ("PERSON", "ORG") if cited.pos_ == "PROPN" else cited.lemma_.casefold() in sayers()


def _agent(verb: Token) -> Token | None:
    by = next((c for c in verb.children if c.dep_ in ("agent", "prep") and c.lower_ == "by"), None)
    return next((c for c in by.children if c.dep_ == "pobj"), None) if by is not None else None


def _host(preposition: Token) -> Token | None:
    """The medium of "in an interview with X", "in a statement to X"."""
    for occasion in preposition.children:
        if occasion.dep_ != "pobj" or occasion.lemma_ not in OCCASIONS:
            continue
        for child in occasion.children:
            if child.dep_ == "prep" and child.lower_ in ("with", "to", "for", "in"):
                medium = next((c for c in child.children if c.dep_ == "pobj"), None)
                if medium is not None and is_medium(medium):
                    return medium
    return None


@cache
def _media() -> tuple[frozenset[str], frozenset[str]]:
    """The names of agencies and outlets, and the nouns for a medium."""
    names = frozenset(
        name
        for row in table("agencies.tsv")
        for name in (row["name"], *row["aliases"].split("|"), *row["credits"].split("|"))
    )
    nouns = resources.files("kg").joinpath("data/media_nouns.txt").read_text(encoding="utf-8")
    return names - {""}, frozenset(nouns.split())


def is_medium(head: Token) -> bool:
    """Whether the noun phrase names or describes a news medium."""
    names, nouns = _media()
    words = [*(c for c in head.children if c.dep_ in ("compound", "appos", "nmod")), head]
    whole = " ".join(w.text for w in sorted(words))
    return whole in names or any(w.text in names or w.lemma_.casefold() in nouns for w in words)
