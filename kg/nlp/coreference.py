"""Layer: pronouns and definite descriptions that stand for a named entity.

Rules after the classic salience approaches (Hobbs 1978; Lappin and Leass 1994), kept to what is nearly always right:
one candidate in reach, or the subject of the same clause; silence elsewhere. First and second persons are left to the
quotations.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from spacy.tokens import Doc, Token
from spacy.tokens import Span as Words

from kg.nlp import lexicon
from kg.nlp.reading import Reading
from kg.records import Coreference, Mention
from kg.vocabulary import EntityType

PERSON, ORGANISATION, PLACE, GROUP = EntityType.PERSON, EntityType.ORGANISATION, EntityType.PLACE, EntityType.GROUP
MALE = frozenset(["he", "him", "his", "himself"])
FEMALE = frozenset(["she", "her", "hers", "herself"])
NEUTER = frozenset(["it", "its", "itself"])
PLURAL = frozenset(["they", "them", "their", "themselves"])
SUBJECT = frozenset(["nsubj", "nsubjpass"])
TITLED = {
    "Mr": "m",
    "Sir": "m",
    "Lord": "m",
    "King": "m",
    "Prince": "m",
    "Sheikh": "m",
    "Pope": "m",
    "Father": "m",
    "Mrs": "f",
    "Ms": "f",
    "Miss": "f",
    "Lady": "f",
    "Queen": "f",
    "Princess": "f",
    "Dame": "f",
    "Madam": "f",
    "Sister": "f",
}
GOVERNMENT = frozenset(["government", "authorities", "administration"])
# A role that any head of government or state may be called by.
LEADERS = frozenset(("president", "prime minister", "premier", "chancellor", "king", "emir"))
# Sentences a pronoun reaches back over, besides its own.
REACH = 2
ALONE, SUBJECT_FIRST, SAME_CLAUSE, DESCRIBED = 0.9, 0.8, 0.85, 0.85


@dataclass(frozen=True, slots=True)
class Named:
    """A mention with its last token, which carries its place in the sentence."""

    mention: Mention
    head: Token
    first: Token


@cache
def body_nouns() -> frozenset[str]:
    """Nouns for an organisation."""
    return frozenset(r["noun"] for r in lexicon.rows("body_nouns"))


def find(reading: Reading) -> tuple[Coreference, ...]:
    """The article's resolved pronouns and descriptions, in order of the text."""
    names = named(reading)
    if not names:
        return ()
    found = [*pronouns(reading, names), *descriptions(reading, names)]
    return tuple(sorted({(c.start, c.end): c for c in found}.values(), key=lambda c: (c.start, c.end)))


def named(reading: Reading) -> list[Named]:
    """The mentions with their tokens."""
    result = []
    for mention in reading.entities:
        words = reading.doc.char_span(mention.start, mention.end, alignment_mode="expand")
        if words is not None:
            result.append(Named(mention, words.root, words[0]))
    return result


def quoted(text: str) -> list[tuple[int, int]]:
    """Spans between quotation marks that close within the paragraph."""
    return [
        m.span()
        for m in re.finditer(
            r"“[^”\n]*(?:”|\n|$)|\"[^\"\n]*\"|‘[^’\n]{20,}’(?!\w)|(?<!\w)'(?!s\b)(?:[^'\n]|(?<=\w)'(?=\w)){12,}'(?!\w)",
            text,
        )
    ]


def within(spans: list[tuple[int, int]], offset: int) -> bool:
    """Whether the offset lies in one of the sorted spans."""
    i = bisect_right(spans, (offset, len(spans) + 10**9)) - 1
    return i >= 0 and spans[i][0] <= offset < spans[i][1]


@cache
def given_genders() -> dict[str, str]:
    """Given names that nearly always mean a man (`m`) or a woman (`f`)."""
    return {r["name"]: r["gender"] for r in lexicon.rows("given_gender")}


def genders(doc: Doc, names: list[Named]) -> dict[str, str]:
    """The gender that a title or the given name gives away, by entity."""
    found: dict[str, str] = {}
    for name in names:
        if name.mention.type == PERSON and name.first.i:
            title = doc[name.first.i - 1].text.rstrip(".")
            gender = TITLED.get(title) or lexicon.person_nouns().get(title.casefold(), "")
            if gender:
                found.setdefault(name.mention.id, gender)
    for name in names:
        if name.mention.type == PERSON and (known := given_genders().get(name.mention.name.split()[0])):
            found.setdefault(name.mention.id, known)
    return found


def pronouns(reading: Reading, names: list[Named]) -> Iterator[Coreference]:
    """Third-person pronouns."""
    doc = reading.doc
    quotes = quoted(doc.text)
    gender = genders(doc, names)
    by_token = {t.i: n for n in names for t in doc[n.first.i : n.head.i + 1]} | {n.head.i: n for n in names}
    sentences = list(doc.sents)
    index = {s.start: k for k, s in enumerate(sentences)}
    for token in doc:
        word = token.lower_
        if (
            (token.pos_ != "PRON" and word not in MALE | FEMALE | NEUTER | PLURAL)
            or within(quotes, token.idx)
            or reading.is_noise(token.idx, token.idx + 1)
        ):
            continue
        answer = None
        if word in MALE or word in FEMALE:
            want = "m" if word in MALE else "f"
            answer = person(doc, token, want, names, by_token, gender, sentences, index)
            if answer:
                gender.setdefault(answer[0], want)
        elif word in NEUTER or word in PLURAL:
            answer = thing(doc, token, by_token, word in PLURAL)
        if answer:
            yield Coreference(start=token.idx, end=token.idx + len(token), id=answer[0], confidence=answer[1])


def person(
    doc: Doc,
    token: Token,
    want: str,
    names: list[Named],
    by_token: dict[int, Named],
    gender: dict[str, str],
    sentences: list[Words],
    index: dict[int, int],
) -> tuple[str, float] | None:
    """The person that a singular pronoun stands for."""

    def fits(name: Named) -> bool:
        return name.mention.type == PERSON and gender.get(name.mention.id, want) == want

    here = index[token.sent.start]
    begin = sentences[max(here - REACH, 0)].start
    # An object is not the subject of its own clause (principle B); a subject is that of the clause that reports it.
    barred = None
    for depth, verb in enumerate(clauses(token)):
        for child in verb.children:
            if child.dep_ in SUBJECT and child.i < token.i:
                if depth == 0 and token.dep_ != "poss" and token.lower_ in ("him", "her"):
                    barred = by_token[child.i].mention.id if child.i in by_token else None
                    break
                if child.i in by_token and fits(by_token[child.i]):
                    others = {n.mention.id for n in names if fits(n) and token.sent.start <= n.head.i < token.i}
                    if depth and len(others) > 1:
                        return None
                    return by_token[child.i].mention.id, SAME_CLAUSE if len(others) == 1 else SUBJECT_FIRST
                if is_person(child, want):
                    return None
        if depth == 0 and token.dep_ == "poss":
            # `In his meeting, Roe warned`: what opens the sentence looks ahead to its subject.
            for child in verb.children:
                if child.dep_ in SUBJECT and token.i < child.i and child.i in by_token and fits(by_token[child.i]):
                    return by_token[child.i].mention.id, SUBJECT_FIRST
    reach = [n for n in names if begin <= n.first.i and n.head.i < token.i and fits(n) and n.mention.id != barred]
    if not reach:
        return None
    nearest = reach[-1]
    rivals = [t for t in doc[nearest.head.i + 1 : token.i] if t.dep_ in SUBJECT and is_person(t, want)]
    if rivals:
        return None
    ids = {n.mention.id for n in reach}
    if barred and token.lower_ in ("him", "her") and len(ids) > 1:
        return None
    if len(ids) == 1:
        if all(owns(doc, n) for n in names if n.mention.id == nearest.mention.id):
            return None
        return nearest.mention.id, ALONE
    for sentence in (token.sent, *reversed(sentences[max(here - REACH, 0) : here])):
        subjects = [n for n in reach if sentence.start <= n.head.i < sentence.end and n.head.dep_ in SUBJECT]
        if subjects and token.dep_ in SUBJECT and token.i - token.sent.start < 2:
            mains = [n for n in subjects if n.head.head.dep_ == "ROOT"] or subjects
            same = {n.mention.id for n in mains}
            return (mains[0].mention.id, SUBJECT_FIRST - 0.05) if len(same) == 1 else None
        if any(sentence.start <= n.head.i < sentence.end for n in reach):
            return None
    return None


def owns(doc: Doc, name: Named) -> bool:
    """Whether the name is only a possessor: `Roe's plan`."""
    after = next((t for t in name.head.children if t.tag_ == "POS"), None)
    return name.head.dep_ == "poss" and after is not None and name.head.head.dep_ not in SUBJECT


def clauses(token: Token) -> Iterator[Token]:
    """The verbs above a token, up to three."""
    count = 0
    for above in token.ancestors:
        if above.pos_ in ("VERB", "AUX"):
            count += 1
            yield above
            if count == 3:
                return


def is_person(token: Token, want: str) -> bool:
    """Whether a common noun or pronoun may be the person meant."""
    noun = token.lemma_.casefold()
    return token.pos_ != "PROPN" and noun in lexicon.person_nouns() and lexicon.person_nouns()[noun] in ("", want)


def thing(doc: Doc, token: Token, by_token: dict[int, Named], plural: bool) -> tuple[str, float] | None:
    """What `its`, `it` or `their` stands for where the subject of the same or the reporting clause says so."""
    if token.lower_ in ("it", "they") and token.dep_ not in SUBJECT:
        return None
    for depth, verb in enumerate(clauses(token)):
        if depth == 0 and token.dep_ in SUBJECT:
            continue  # the pronoun is that clause's own subject
        if depth > 0 and token.dep_ in SUBJECT and not reports(verb):
            return None
        for child in verb.children:
            if child.dep_ in SUBJECT and child.i < token.i:
                name = by_token.get(child.i)
                if name is None or name.mention.type == PERSON:
                    return None
                between = {
                    by_token[t.i].mention.id
                    for t in doc[child.i + 1 : token.i]
                    if t.i in by_token
                    and t.dep_ not in ("amod", "compound", "poss")
                    and by_token[t.i].mention.type in (ORGANISATION, GROUP)
                }
                if depth and between - {name.mention.id}:
                    return None
                if (plural and name.mention.type == PLACE) or (not plural and name.mention.type == GROUP):
                    return None
                return name.mention.id, SAME_CLAUSE if depth < 2 else SUBJECT_FIRST
        if depth:
            return None
    return None


def reports(verb: Token) -> bool:
    """Whether the verb has a clause as its object, as verbs of speech have."""
    return any(c.dep_ in ("ccomp", "xcomp", "advcl") for c in verb.children)


def descriptions(reading: Reading, names: list[Named]) -> Iterator[Coreference]:
    """Definite descriptions: `the Ruritanian president`, `the ministry`, `the group Acme`, `the US government`."""
    doc = reading.doc
    starts = {n.first.i: n for n in names}
    roles = held(doc, names, starts)
    quotes = quoted(doc.text)
    for token in doc:
        if token.lower_ != "the" or within(quotes, token.idx) or reading.is_noise(token.idx, token.idx + 1):
            continue
        phrase = described(doc, token.i, starts)
        if phrase is None:
            continue
        last, origin, role = phrase
        after = starts.get(last + 1)
        start, end = token.idx, doc[last].idx + len(doc[last])
        noun = role.split()[-1]
        answer: tuple[str, float] | None = None
        if noun in body_nouns() and after is not None and after.mention.type == ORGANISATION:
            answer = after.mention.id, ALONE
        elif noun in GOVERNMENT and origin is not None and origin.mention.type == PLACE:
            answer = origin.mention.id, DESCRIBED
        elif after is None or after.mention.type != PERSON:
            if noun in lexicon.person_nouns() or role in LEADERS:
                last, origin = origin_after(doc, last, origin, starts)
                end = doc[last].idx + len(doc[last])
                answer = holder(role, origin, roles, token.i)
            elif noun in body_nouns() and origin is None and role == noun:
                answer = body(noun, names, token.i)
        if answer:
            yield Coreference(start=start, end=end, id=answer[0], confidence=answer[1])


def described(doc: Doc, i: int, starts: dict[int, Named]) -> tuple[int, Named | None, str] | None:
    """The phrase after the article at `i`: its last token, the name in it (`Ruritanian`), its other words."""
    j = i + 1
    origin = starts.get(j)
    if origin is not None:
        j = origin.head.i + 1
        while j < len(doc) and doc[j].idx < origin.mention.end:
            j += 1
    words: list[str] = []
    while (
        j < len(doc)
        and len(words) < 4
        and j not in starts
        and doc[j].is_alpha
        and doc[j].pos_ in ("NOUN", "ADJ", "PROPN")
    ):
        words.append(doc[j].lower_)
        j += 1
    if not words or (j < len(doc) and doc[j].text == "-"):
        return None
    return j - 1, origin, " ".join(words)


def origin_after(doc: Doc, last: int, origin: Named | None, starts: dict[int, Named]) -> tuple[int, Named | None]:
    """With `of NAME` after a role, the phrase to the end of that name: `the president of Ruritania`."""
    if origin is None and last + 2 < len(doc) and doc[last + 1].lower_ == "of" and last + 2 in starts:
        origin = starts[last + 2]
        return max(origin.head.i, last + 2), origin
    return last, origin


def held(doc: Doc, names: list[Named], starts: dict[int, Named]) -> list[tuple[str, str, str | None, int]]:
    """What the article calls each person: (entity, role, the entity it is a role of, position)."""
    found = []
    ends = {n.head.i: n for n in names}
    for name in names:
        if name.mention.type != PERSON:
            continue
        i = name.first.i - 1
        words: list[str] = []
        while (
            i >= 0 and i not in ends and len(words) < 4 and doc[i].is_alpha and doc[i].pos_ in ("NOUN", "PROPN", "ADJ")
        ):
            words.insert(0, doc[i].lower_)
            i -= 1
        if words:
            found.append((name.mention.id, " ".join(words), ends[i].mention.id if i in ends else None, name.first.i))
        j = name.head.i + 1
        if j + 1 < len(doc) and doc[j].text == "," and doc[j + 1].lower_ in ("the", "a", "an"):
            phrase = described(doc, j + 1, starts)
            if phrase:
                _, origin = origin_after(doc, phrase[0], phrase[1], starts)
                found.append((name.mention.id, phrase[2], origin.mention.id if origin else None, name.first.i))
    return found


def holder(
    role: str, origin: Named | None, roles: list[tuple[str, str, str | None, int]], position: int
) -> tuple[str, float] | None:
    """The one person that the article gave that role before."""
    asked = origin.mention.id if origin else None
    matches = set()
    for who, title, body_id, where in roles:
        if where > position + 400 or (asked and body_id and asked != body_id):
            continue
        same = title == role or (title.endswith(" " + role) and role not in ("minister", "leader"))
        if role == "minister" and title.endswith(" minister") and title != "prime minister" and where < position:
            same = True
        if role == "leader" and asked and body_id == asked and title in LEADERS:
            same = True
        if same and (asked is None or body_id == asked or (body_id is None and where < position)):
            matches.add(who)
    return (next(iter(matches)), DESCRIBED) if len(matches) == 1 else None


def body(noun: str, names: list[Named], position: int) -> tuple[str, float] | None:
    """The one organisation before that carries the noun in its name: `the ministry` after `Ministry of Trade`."""
    before = [n for n in names if n.mention.type == ORGANISATION and n.head.i < position]
    carrying = {n.mention.id for n in before if re.search(rf"\b{noun}\b", n.mention.name.casefold())}
    return (next(iter(carrying)), DESCRIBED) if len(carrying) == 1 else None
