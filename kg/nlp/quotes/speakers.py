"""Who speaks: the words that name the holder of a cue, and the entity that they stand for."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import resources

from spacy.tokens import Token

from kg.clean import agencies
from kg.nlp.lexicon import body_nouns, person_nouns, rows, titles
from kg.nlp.quotes.cues import lexicon
from kg.nlp.reading import Reading, trim
from kg.records import Quote, Span
from kg.vocabulary import EntityType

QUOTING = ("quote", "cite")
PRONOUNS = ("he", "she")
# Characters from one speaker's words to the next: about two paragraphs.
REACH = 700
# How sure it is that "he" is who spoke last.
CARRIED = 0.8
# Prepositions that are conjunctions too.
CONJUNCTIONS = ("after", "before", "as", "when", "while")
# Words between a subject and its verb, at the most.
INTERRUPTION = 20
RELATIVE = ("who", "which", "that", "whom")
# Descriptions of one person among many: the body is not the speaker.
SINGULAR_ONLY = frozenset(("official",))


@cache
def bodies() -> frozenset[str]:
    """Common nouns that stand for the body they belong to: "Hamas authorities", "the US government"."""
    return frozenset(resources.files("kg").joinpath("data/bodies.txt").read_text(encoding="utf-8").split())


@cache
def documents() -> frozenset[str]:
    """Common nouns for what a body gives out: "WHO data", "a report by Acme"."""
    return frozenset(resources.files("kg").joinpath("data/document_nouns.txt").read_text(encoding="utf-8").split())


@cache
def state_nouns() -> frozenset[str]:
    """Common nouns for the organs of a state, and others by which it is called when it speaks."""
    spoken = resources.files("kg").joinpath("data/state_speakers.txt").read_text(encoding="utf-8").split()
    return frozenset((*(r["noun"] for r in rows("country_nouns") if r["of"] == "state"), *spoken))


@cache
def sayers() -> frozenset[str]:
    """Common nouns for who can say something: persons, and bodies of any kind."""
    return frozenset((*person_nouns(), *body_nouns(), *bodies()))


def subject(cue: Token) -> Token | None:
    """The head of the words that name who holds the content of a verbal cue, through coordination, control and
    relatives.
    """
    token = cue
    if (named := _after_conjunction(cue)) is not None and _own_subject(cue) is None:
        return named
    talks: list[Token] = []
    for _ in range(8):
        quoted = token.lemma_ in QUOTING and token != cue
        own = _quoted(token) if quoted else _own_subject(token)
        if own is not None:
            return own if own not in talks else None
        head = token.head
        if head == token:
            return None
        if token.dep_ == "acl" and _infinitive(token):
            talks.append(head)
        elif token.dep_ in ("acl", "relcl"):
            return head
        if token.dep_ == "conj" and (interrupted := _interrupted(token, head)) is not None:
            return interrupted
        if (
            token.dep_ == "xcomp"
            and (controller := object_of(head)) is not None
            and head.lemma_ not in ("promise", "vow")
        ):
            return controller
        token = head
    return None


def _infinitive(token: Token) -> bool:
    """ "flew in for talks to discuss …": the talks discuss nothing."""
    return token.tag_ == "VB" and any(c.tag_ == "TO" for c in token.children)


def _own_subject(token: Token) -> Token | None:
    agent = next((c for c in token.children if c.dep_ == "agent"), None)
    if agent is not None:
        return next((c for c in agent.children if c.dep_ == "pobj"), None)
    passive = any(c.dep_ == "auxpass" for c in token.children)
    for child in token.children:
        if child.dep_ in ("nsubj", "nsubjpass") and not (passive and child.dep_ == "nsubjpass"):
            return token.head if child.lower_ in RELATIVE and token.dep_ == "relcl" else child
    return None


def _interrupted(token: Token, head: Token) -> Token | None:
    """The subject that a parser takes for the object of *after*: "talks stalled after Lee, under pressure at home,
    said …".
    """
    if token.i == 0 or token.nbor(-1).text != ",":
        return None
    for child in head.children:
        if child.dep_ == "prep" and child.lower_ in CONJUNCTIONS and head.i < child.i < token.i:
            named = next((c for c in child.children if c.dep_ == "pobj"), None)
            if named is not None and named.i + 1 < token.i and named.nbor(1).text == ",":
                return named
    return None


def _after_conjunction(cue: Token) -> Token | None:
    """The name that a parser takes for the object of *after*, where a participle stands between it and its verb: "the day
    after Ann Lee, speaking in Bonn, admitted …". Both verbs have it as subject.
    """
    at = cue.i - 1
    if at < 1 or cue.doc[at].text != ",":
        return None
    if cue.tag_ != "VBG":
        earlier = (i for i in range(at - 1, max(cue.sent.start, at - INTERRUPTION), -1) if cue.doc[i].text == ",")
        at = next(earlier, 0)
        if not at or cue.doc[at + 1].tag_ != "VBG":
            return None
    name = cue.doc[at - 1]
    return name if name.dep_ == "pobj" and name.pos_ == "PROPN" and name.head.lower_ in CONJUNCTIONS else None


def _quoted(verb: Token) -> Token | None:
    """Whose words a quoting verb gives: "he was quoted as saying", "the agency quoted him as saying"."""
    return next((c for c in verb.children if c.dep_ == "nsubjpass"), None) or object_of(verb)


def object_of(verb: Token) -> Token | None:
    """The verb's object, who is addressed included."""
    return next((c for c in verb.children if c.dep_ in ("dobj", "dative") and c.i > verb.i), None)


def words_of(reading: Reading, head: Token, bounds: Span | None = None, outside: tuple[Span, ...] = ()) -> Span:
    """The noun phrase of the head with its modifiers, without those that hold content (`outside`), and without commas
    at its ends.
    """
    left, right = head.left_edge.i, head.right_edge.i + 1
    for child in head.rights:
        if (
            child.dep_ in ("relcl", "acl", "ccomp", "advcl", "parataxis", "punct", "npadvmod")
            and child.left_edge.i > head.i
        ):
            if child.dep_ == "punct" and any(
                c.dep_ in ("appos", "conj", "prep") and c.i > child.i for c in head.rights
            ):
                continue
            right = child.left_edge.i
            break
    for token in reading.doc[left:right]:
        if any(s < token.idx + len(token) and token.idx < e for s, e in outside):
            if token.i > head.i:
                right = token.i
                break
            left = token.i + 1
    phrase = reading.doc[left:right].text
    if phrase.count("(") > phrase.count(")"):
        right = (
            next(t.i for t in reading.doc[left:right] if "(" in t.text)
            if "(" in reading.doc[head.i : right].text
            else right
        )
    while right - 1 > head.i and (reading.doc[right - 1].is_punct or reading.doc[right - 1].is_space):
        right -= 1
    while left < head.i and (
        reading.doc[left].is_punct or reading.doc[left].is_space or reading.doc[left].dep_ in ("mark", "cc")
    ):
        left += 1
    start, end = trim(
        reading.article.text, reading.doc[left].idx, reading.doc[right - 1].idx + len(reading.doc[right - 1])
    )
    return (
        (max(start, bounds[0]), min(end, bounds[1]))
        if bounds and bounds[0] < end and start < bounds[1]
        else (start, end)
    )


def entity(reading: Reading, head: Token, words: Span) -> str | None:
    """The entity that a speaker's words stand for: by the head's name, pronoun or description, its apposition, or the
    body it belongs to.
    """
    known = _covering(reading, head)
    if known is not None:
        return known
    for child in head.children:
        if child.dep_ == "appos" and (named := _covering(reading, child)) is not None:
            return named
    if head.dep_ == "appos" and (named := _covering(reading, head.head)) is not None:
        return named
    if (named := _office_shared(reading, head)) is not None:
        return named
    if (head.lemma_.casefold(), "NOUN") in lexicon():
        owner = next((c for c in head.children if c.dep_ == "poss"), None)
        if owner is not None and (named := _covering(reading, owner)) is not None:
            return named
    document = not documents().isdisjoint((head.lemma_.casefold(), head.lower_))
    if document or (head.lemma_.casefold() in bodies() and head.lower_ not in SINGULAR_ONLY):
        for child in _belonging(head):
            if _of_setting(child):
                continue
            compound = child.whitespace_ == "" and child.i + 1 < len(reading.doc) and child.nbor(1).text == "-"
            if (
                words[0] <= child.idx < words[1]
                and child.i != head.i
                and not compound
                and (named := _covering(reading, child)) is not None
                and _stands_for(reading, head, named, child)
            ):
                return named
    return None


def _stands_for(reading: Reading, body: Token, whole: str, name: Token) -> bool:
    """Whether a body speaks for what it belongs to: of a place only the organs of its state ("the Chilean army", but "the
    country's weather agency" is a body of its own), and an agency only for the news agency of the name ("a UN agency")."""
    noun = body.lemma_.casefold()
    if whole.startswith(f"{EntityType.PLACE}/"):
        return noun in state_nouns()  # nor are "Chilean data" those of the state
    return noun != "agency" or agencies.named(name.text) is not None or name.nbor().text == "news"


def others(reading: Reading, head: Token, speaker: str) -> tuple[str, ...]:
    """Who speaks together with the first: "Lee and Orr said". Names only: a description may be of the same one."""
    named = (
        reading.entity_at(token.idx, token.idx + len(token))
        for token in head.conjuncts
        if token.i > head.i and token.pos_ == "PROPN"
    )
    return tuple(dict.fromkeys(i for i in named if i and i != speaker))


def _of_setting(word: Token) -> bool:
    """ "In Syria officials said": a preposition without its object, which the parser made part of the next phrase."""
    before = word.nbor(-1) if word.i else None
    return before is not None and before.pos_ == "ADP" and not any(c.dep_ in ("pobj", "pcomp") for c in before.children)


def _office_shared(reading: Reading, head: Token) -> str | None:
    """The person with two offices, whom a parser takes for a second one: "Acme Chairman and CEO Jane Roe"."""
    for child in head.subtree:
        if head.text in titles() and child.dep_ == "conj" and child.i > head.i and child.i - head.i < 8:
            named = next((m for m in reading.entities if m.start <= child.idx < m.end), None)
            if named is not None and named.type is EntityType.PERSON:
                between = reading.article.text[head.idx : named.start].replace(",", " ").split()
                return named.id if "and" in between and between[-1] in titles() else None
    return None


def _belonging(head: Token) -> list[Token]:
    """The words that say whose body it is: compounds, adjectives, possessors and *of* phrases, not the place it is in."""
    found: list[Token] = []
    for child in head.children:
        if child.dep_ in ("compound", "amod", "nmod", "poss"):
            found.extend((child, *_belonging(child)))
        elif child.dep_ == "prep" and child.lower_ in ("of", "from", "by"):
            for inner in child.children:
                found.extend((inner, *_belonging(inner)))
    return found


def _covering(reading: Reading, token: Token) -> str | None:
    start, end = token.idx, token.idx + len(token)
    for records in (reading.entities, reading.coreference):
        over = [m for m in records if m.start < end and start < m.end]
        if over:
            return max(over, key=lambda m: (m.end - m.start, -m.start)).id
    return None


def carried(reading: Reading, quotes: tuple[Quote, ...]) -> tuple[Quote, ...]:
    """The quotes, those of "he" or "she" given to the person who spoke right before, where the article tells of nobody
    else between. What coreference has resolved stays."""
    text = reading.article.text
    found: list[Quote] = []
    last: Quote | None = None
    for quote in quotes:
        words = text[slice(*quote.source)].casefold() if quote.source else ""
        if quote.speaker is None and last is not None and last.source and quote.source == last.source:
            quote = replace(quote, speaker=last.speaker)
        elif (
            quote.speaker is None and words in PRONOUNS and last is not None and _goes_on(reading, last, quote, quotes)
        ):
            quote = replace(quote, speaker=last.speaker, confidence=round(quote.confidence * CARRIED, 2))
        found.append(quote)
        last = quote
    return tuple(found)


def _goes_on(reading: Reading, last: Quote, quote: Quote, quotes: tuple[Quote, ...]) -> bool:
    """Whether nobody but the last speaker is told of between two statements; what they say of others does not count."""
    if not (last.source and quote.source and last.speaker and last.speaker.startswith("person/")):
        return False
    start, end = max(last.source[1], last.cue[1] if last.cue else 0), quote.source[0]
    if not 0 < end - last.source[1] <= REACH:
        return False
    persons = (m for m in reading.entities if m.type is EntityType.PERSON and last.source[0] <= m.start < end)
    if any(m.id != last.speaker for m in persons):
        return False
    words = reading.doc.char_span(min(start, end - 1), end, alignment_mode="contract")
    said = [span for q in quotes for span in q.content]
    return words is None or not any(
        t.tag_ == "NN" and t.lemma_.casefold() in person_nouns() and not any(a <= t.idx < b for a, b in said)
        for t in words
    )
