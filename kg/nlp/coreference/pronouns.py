"""Third-person pronouns."""

from __future__ import annotations

from collections.abc import Callable

from spacy.tokens import Token

from kg.nlp.coreference.names import (
    ALONE,
    BEFORE,
    SAME_CLAUSE,
    SUBJECT,
    SUBJECT_FIRST,
    Named,
    Scene,
    clauses,
    genders,
    is_person,
    main_subject,
)
from kg.nlp.reading import sentence_of
from kg.vocabulary import EntityType

PERSON, ORGANISATION, PLACE, GROUP = EntityType.PERSON, EntityType.ORGANISATION, EntityType.PLACE, EntityType.GROUP
MALE = frozenset(["he", "him", "his", "himself"])
FEMALE = frozenset(["she", "her", "hers", "herself"])
NEUTER = frozenset(["it", "its", "itself"])
PLURAL = frozenset(["they", "them", "their", "themselves"])
PRONOUNS = MALE | FEMALE | NEUTER | PLURAL
RELATIVE = frozenset(["who", "which", "that"])
# Verbs whose `it` is often empty: "it seems", "it was clear", "it takes", "it rained".
EMPTY = frozenset(
    ["be", "seem", "appear", "take", "remain", "look", "happen", "turn", "rain", "snow", "become", "matter"]
)

# An entity and how sure it is.
Answer = tuple[str, float]


def pronouns(scene: Scene) -> dict[int, Answer]:
    """What each resolved pronoun stands for, by its token."""
    gender = genders(scene)
    stands: dict[int, Answer] = {}
    for token in scene.doc:
        word = token.lower_
        if word not in PRONOUNS or scene.silent(token):
            continue
        answer: Answer | None
        if word in MALE or word in FEMALE:
            want = "m" if word in MALE else "f"
            answer = _person(scene, token, want, gender, stands)
            if answer:
                gender.setdefault(answer[0], want)
        else:
            answer = _thing(scene, token, stands)
        if answer:
            stands[token.i] = answer
    return stands


def _same(word: str, want: str) -> bool:
    """Whether a pronoun is of the gender."""
    return word in (MALE if want == "m" else FEMALE)


def _person(scene: Scene, token: Token, want: str, gender: dict[str, str], stands: dict[int, Answer]) -> Answer | None:
    """The person that a singular pronoun stands for."""

    def fits(name: Named) -> bool:
        return name.fits(PERSON) and gender.get(name.mention.id, want) == want

    answer = _subject(scene, token, want, fits, stands)
    if isinstance(answer, tuple):
        return answer
    if answer is None:
        return None
    barred = answer
    begin = scene.reach(token)
    reach = [n for n in scene.names if begin <= n.first.i and n.head.i < token.i and fits(n) and n.mention.id != barred]
    earlier = {i: a for i, a in stands.items() if begin <= i < token.i and _same(scene.doc[i].lower_, want)}
    ids = {n.mention.id for n in reach} | {a[0] for a in earlier.values() if a[0] != barred}
    if not ids:
        return None
    last = max([n.head.i for n in reach] + [i for i, a in earlier.items() if a[0] != barred])
    if any(t.dep_ in SUBJECT and is_person(t, want) for t in scene.doc[last + 1 : token.i]):
        return None
    if barred and token.lower_ in ("him", "her") and len(ids) > 1:
        return None
    if len(ids) == 1:
        (only,) = ids
        if not earlier and all(_owns(n) for n in scene.names if n.mention.id == only):
            return None
        return only, ALONE
    return _before(scene, token, reach, earlier)


def _subject(
    scene: Scene, token: Token, want: str, fits: Callable[[Named], bool], stands: dict[int, Answer]
) -> Answer | str | None:
    """The subject of the clause or of the one that reports it; None for silence; else the entity that it cannot be."""
    barred = ""
    depth = 0
    for _, own in clauses(token):
        for child in own:
            if child.i >= token.i:
                continue
            child = _antecedent(scene, child, token)
            # An object is not the subject of its own clause (principle B); a subject is that of the clause above.
            if depth == 0 and token.dep_ != "poss" and token.lower_ in ("him", "her"):
                name = scene.by_token.get(child.i)
                barred = name.mention.id if name else stands.get(child.i, ("",))[0]
                break
            name = scene.by_token.get(child.i)
            if name is not None and fits(name):
                first = sentence_of(token).start
                others = {n.mention.id for n in scene.names if first <= n.head.i < token.i and fits(n)}
                if depth and len(others) > 1:
                    return None
                return name.mention.id, SAME_CLAUSE if len(others) == 1 else SUBJECT_FIRST
            if _same(child.lower_, want) and (depth == 0 or token.dep_ in SUBJECT):
                return (stands[child.i][0], min(stands[child.i][1], SAME_CLAUSE)) if child.i in stands else None
            if is_person(child, want):
                return None
        if depth == 0 and token.dep_ == "poss":
            # `In his meeting, Roe warned`: what opens the sentence looks ahead to its subject.
            for child in own:
                name = scene.by_token.get(child.i)
                if token.i < child.i and name is not None and fits(name):
                    return name.mention.id, SUBJECT_FIRST
        depth += bool(own)
    return barred


def _antecedent(scene: Scene, subject: Token, pronoun: Token) -> Token:
    """The noun of a relative pronoun, and the name that the noun says more of: `Roe, a farmer who`; the name of a subject
    that an apposition names: `its manager, Jane Roe, said she`."""
    if subject.i not in scene.by_token:
        named = (c for c in subject.children if c.dep_ == "appos" and c.i in scene.by_token and c.i < pronoun.i)
        if (name := next(named, None)) is not None:
            return name
    if subject.lower_ in RELATIVE and subject.head.dep_ == "relcl":
        noun = subject.head.head
        return noun.head if noun.dep_ == "appos" else noun
    return subject


def _before(scene: Scene, token: Token, reach: list[Named], earlier: dict[int, Answer]) -> Answer | None:
    """Among several, the subject of the sentence nearest before: for the subject of the sentence alone."""
    first = token.i - token.sent.start < 2
    if not (token.dep_ in SUBJECT and (first or token.head.dep_ == "ROOT")):
        return None
    here = scene.index[token.sent.start]
    for k in (here, here - 1, here - 2):
        if k < 0:
            return None
        sentence = scene.sentences[k]
        present = [n for n in reach if sentence.start <= n.head.i < sentence.end]
        spoken = {i: a for i, a in earlier.items() if sentence.start <= i < sentence.end}
        if not present and not spoken:
            continue
        found = [(n.head, n.mention.id) for n in present if n.head.dep_ in SUBJECT]
        found += [(scene.doc[i], a[0]) for i, a in spoken.items() if scene.doc[i].dep_ in SUBJECT]
        if not first and k == here:
            return None
        mains = [f for f in found if f[0].head.dep_ == "ROOT"] or found
        return (mains[0][1], BEFORE) if len({f[1] for f in mains}) == 1 else None
    return None


def _owns(name: Named) -> bool:
    """Whether the name is only a possessor: `Roe's plan`."""
    after = next((t for t in name.head.children if t.tag_ == "POS"), None)
    return name.head.dep_ == "poss" and after is not None and name.head.head.dep_ not in SUBJECT


def _thing(scene: Scene, token: Token, stands: dict[int, Answer]) -> Answer | None:
    """What `its`, `it` or `their` stands for where the subject of the same or the reporting clause says so."""
    plural = token.lower_ in PLURAL
    if token.lower_ in ("it", "they") and token.dep_ not in SUBJECT:
        return None
    depth = 0
    for verb, own in clauses(token):
        if depth == 0 and token.dep_ in SUBJECT and token in own:
            depth = 1  # the pronoun is that clause's own subject
            continue
        if depth > 0 and token.dep_ in SUBJECT and not _reports(verb):
            return None
        for child in own:
            if child.i < token.i:
                return _of_subject(scene, token, child, depth, plural, stands)
        depth += bool(own)
        if depth > 1:
            return None
    return _opening(scene, token, plural, stands)


def _of_subject(
    scene: Scene, token: Token, child: Token, depth: int, plural: bool, stands: dict[int, Answer]
) -> Answer | None:
    """The entity of a subject, if the pronoun agrees with it and nothing else competes."""
    child = _antecedent(scene, child, token)
    if child.i in stands and child.lower_ in (PLURAL if plural else NEUTER):
        return stands[child.i][0], min(stands[child.i][1], SUBJECT_FIRST)
    name = scene.by_token.get(child.i)
    if name is None or not _agrees(name, plural):
        return None
    between = {
        scene.by_token[t.i].mention.id
        for t in scene.doc[child.i + 1 : token.i]
        if t.i in scene.by_token
        and t.dep_ not in ("amod", "compound", "poss")
        and scene.by_token[t.i].mention.type in (ORGANISATION, GROUP)
    }
    if depth and between - {name.mention.id}:
        return None
    return name.mention.id, SAME_CLAUSE if depth < 2 else SUBJECT_FIRST


def _agrees(name: Named, plural: bool) -> bool:
    """Whether a plural or singular pronoun may stand for the entity: a people is many, a place is one, a body either."""
    return name.mention.type == ORGANISATION or name.mention.type == (GROUP if plural else PLACE)


def _opening(scene: Scene, token: Token, plural: bool, stands: dict[int, Answer]) -> Answer | None:
    """A pronoun that opens a sentence: the named subject of the sentence before, if it alone fits."""
    if token.i - token.sent.start > 1 or (token.dep_ in SUBJECT and token.head.lemma_ in EMPTY):
        return None
    before = scene.before(token)
    subject = main_subject(before) if before is not None else None
    if before is None or subject is None:
        return None
    rivals = {n.mention.id for n in scene.names if before.start <= n.head.i < before.end and _agrees(n, plural)}
    if subject.i in stands and subject.lower_ in (PLURAL if plural else NEUTER):
        return stands[subject.i][0], BEFORE
    name = scene.by_token.get(subject.i)
    if name is None or not _agrees(name, plural) or (name.fits(PLACE) and len(rivals) > 1):
        return None
    return name.mention.id, BEFORE


def _reports(verb: Token) -> bool:
    """Whether the verb has a clause as its object, as verbs of speech have."""
    return any(c.dep_ in ("ccomp", "xcomp", "advcl") for c in verb.children)
