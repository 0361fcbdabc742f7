"""Definite descriptions: `the Ruritanian president`, `the ministry`, `the group Acme`, `the US government`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from spacy.tokens import Doc, Token

from kg.nlp import lexicon
from kg.nlp.coreference.names import ALONE, DESCRIBED, NEAREST, SUBJECT, Named, Scene
from kg.nlp.coreference.pronouns import Answer
from kg.records import Coreference
from kg.vocabulary import EntityType

PERSON, ORGANISATION, PLACE = EntityType.PERSON, EntityType.ORGANISATION, EntityType.PLACE
GOVERNMENT = frozenset(["government", "authorities", "administration"])
# A role that any head of government or state may be called by.
LEADERS = frozenset(("president", "prime minister", "premier", "chancellor", "king", "emir"))
# Nouns for parts of the place that follows with `of`.
WITHIN = frozenset(("border", "capital"))

# What the article calls a person: the entity, the role, the entity it is a role of, the position.
Role = tuple[str, str, str | None, int]


@cache
def body_nouns() -> dict[str, bool]:
    """Nouns for an organisation, and whether any body may be called so (`the company`) or only one that is named so."""
    return {r["noun"]: bool(r["any"]) for r in lexicon.rows("body_nouns")}


@cache
def countries() -> frozenset[str]:
    """Names of countries."""
    return frozenset(r["name"] for r in lexicon.rows("demonyms") if r["country"])


def descriptions(scene: Scene, resolved: dict[int, Answer]) -> Iterator[Coreference]:
    """The descriptions that are resolved; `resolved` has the pronouns, by token."""
    doc = scene.doc
    starts = {n.first.i: n for n in scene.names}
    roles = held(scene, starts)
    for token in doc:
        the = token.lower_ == "the"
        if (not the and token.i not in resolved) or scene.silent(token):
            continue
        if the:
            found = described(doc, token.i, starts)
            answer, last = meant(scene, token, found, starts, roles) if found else (None, token.i)
        elif token.dep_ == "poss" and token.i in resolved and token.i + 1 < len(doc):
            last = token.i + 1
            answer = governed(doc[last].lower_, resolved[token.i], roles)
        else:
            continue
        if answer:
            yield Coreference(start=token.idx, end=doc[last].idx + len(doc[last]), id=answer[0], confidence=answer[1])


def meant(
    scene: Scene, token: Token, phrase: tuple[int, Named | None, str], starts: dict[int, Named], roles: list[Role]
) -> tuple[Answer | None, int]:
    """What a phrase that begins with the article at `token` stands for, and its last token."""
    last, origin, role = phrase
    after = starts.get(last + 1)
    noun = role.split()[-1]
    if noun in body_nouns() and after is not None and after.fits(ORGANISATION):
        return (after.mention.id, ALONE), last
    if noun in GOVERNMENT and origin is not None and origin.fits(PLACE):
        return (origin.mention.id, DESCRIBED), last
    if after is not None and after.fits(PERSON):
        return None, last
    if noun in lexicon.person_nouns() or role in LEADERS:
        last, origin = origin_after(scene.doc, last, origin, starts)
        return holder(role, origin, roles, token.i), last
    if origin is None and role == "country":
        return only(scene, token, lambda n: n.fits(PLACE) and n.mention.name in countries()), last
    of = last + 1 < len(scene.doc) and scene.doc[last + 1].lower_ == "of"
    if origin is None and not of and noun in lexicon.place_nouns():
        return settlement(scene, noun, token), last
    if noun in body_nouns() and origin is None and (role == noun or " " in role):
        return body(scene, role, noun, token), last
    return None, last


def governed(noun: str, owner: Answer, roles: list[Role]) -> Answer | None:
    """`his government`, said of a head of government or state: the country that the article gave with the office."""
    if noun not in GOVERNMENT:
        return None
    found = {body_id for who, title, body_id, _ in roles if who == owner[0] and body_id and title in LEADERS}
    return (next(iter(found)), min(owner[1], DESCRIBED)) if len(found) == 1 else None


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


def held(scene: Scene, starts: dict[int, Named]) -> list[Role]:
    """What the article calls each person."""
    doc = scene.doc
    found: list[Role] = []
    ends = {n.head.i: n for n in scene.names}
    for name in scene.names:
        if not name.fits(PERSON):
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
            if phrase and doc[phrase[0]].dep_ not in SUBJECT:  # "… with Roe, the envoy said": another one
                _, origin = origin_after(doc, phrase[0], phrase[1], starts)
                found.append((name.mention.id, phrase[2], origin.mention.id if origin else None, name.first.i))
    return found


def holder(role: str, origin: Named | None, roles: list[Role], position: int) -> Answer | None:
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


def body(scene: Scene, role: str, noun: str, token: Token) -> Answer | None:
    """The one organisation before that ends in the words, or carries the noun, in its name (`the ministry` after
    `Ministry of Trade`); for a noun that any body may be called by, the only one in reach."""
    before = [n for n in _others(scene, token) if n.fits(ORGANISATION) and n.head.i < token.i]
    wanted = rf"\b{re.escape(noun)}\b" if role == noun else rf"\b{re.escape(role)}$"
    carrying = {n.mention.id for n in before if re.search(wanted, n.mention.name.casefold())}
    if carrying or role != noun or not body_nouns()[noun]:
        return (next(iter(carrying)), DESCRIBED) if len(carrying) == 1 else None
    return only(scene, token, lambda n: n.fits(ORGANISATION) and not other_body(n.mention.name, noun))


def settlement(scene: Scene, noun: str, token: Token) -> Answer | None:
    """The one place that the article has called so before: `the town of Elm`, `Elm, a farming town`, `Elm town`."""
    found = set()
    for name in scene.names:
        if not name.fits(PLACE) or name.head.i >= token.i:
            continue
        before = " ".join(t.lower_ for t in scene.doc[max(name.first.i - 2, 0) : name.first.i])
        after = name.head.i + 1
        of = noun not in WITHIN and before.endswith(f"{noun} of")
        called = of or before.endswith(f" {noun}") or scene.doc[after].lower_ == noun
        told = scene.doc[after].text == "," and scene.doc[after + 1].lower_ in ("a", "the")
        if told and (phrase := described(scene.doc, after + 1, {})) is not None:
            called = called or phrase[2].split()[-1] == noun
        if called:
            found.add(name.mention.id)
    return (next(iter(found)), DESCRIBED) if len(found) == 1 else None


def other_body(name: str, noun: str) -> bool:
    """Whether a name says that it is another kind of body: `the company` is not `Ministry of Trade`."""
    return any(w in body_nouns() and w != noun and w != "group" for w in name.casefold().split())


def only(scene: Scene, token: Token, fits: Callable[[Named], bool]) -> Answer | None:
    """The only entity of a kind that is named in reach."""
    begin = scene.reach(token)
    if any(t.lower_ == "of" for t in token.head.children):
        return None  # `the maker of the phone` is said by what follows
    found = {n.mention.id for n in _others(scene, token) if begin <= n.first.i < token.i and fits(n)}
    return (next(iter(found)), NEAREST) if len(found) == 1 else None


def _others(scene: Scene, token: Token) -> list[Named]:
    """The names without the subject of the clause in which the description that begins at `token` is an object: "Acme urged
    the union to …" speaks of two bodies (principle B; Chomsky 1981)."""
    noun = token.head
    if noun.dep_ not in ("dobj", "dative", "pobj"):
        return scene.names
    verb = noun.head.head if noun.dep_ == "pobj" else noun.head
    actors = {scene.by_token[c.i].mention.id for c in verb.children if c.dep_ in SUBJECT and c.i in scene.by_token}
    return [n for n in scene.names if n.mention.id not in actors]
