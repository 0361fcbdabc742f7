"""What type a name has in an article: spaCy's labels, the gazetteer, telling words in and around it, weighed together."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from spacy.tokens import Doc

from kg.link.authority import core
from kg.link.sources import sources
from kg.nlp import lexicon
from kg.nlp.names import FIRMS, Votes, is_acronym
from kg.nlp.nearby import nearby
from kg.nlp.spans import Span, offsets_of
from kg.vocabulary import EntityType

PERSON, ORGANISATION, PLACE, GROUP = EntityType.PERSON, EntityType.ORGANISATION, EntityType.PLACE, EntityType.GROUP
# What a piece of evidence counts. spaCy's labels of a name share LABELS among them; they are right three times in four.
LABELS, KNOWN, HEAD, TITLE, PART, SINGLE, CONTEXT, CAPITALS, LISTED = 1.4, 4.0, 1.9, 3.0, 2.5, 1.2, 0.8, 2.5, 2.2
CUE, COMPANY, GIVEN, TEAM, EQUATED, NEARBY = 2.0, 0.7, 2.1, 1.0, 2.6, 1.6
# A town that bears the surname of a person in the article.
NAMESAKE = 1.0
TOWNS = frozenset(("city", "capital"))
# Verbs whose subject speaks: mostly a person.
SPEECH = frozenset(
    ("said", "says", "told", "tells", "added", "adds", "asked", "explained", "noted", "stressed", "argued", "wrote")
)

# After a person's name: `, 47,` and ` (26)`.
AGE = re.compile(r",\s+(?:aged\s+)?\d{2}(?=[,;]|\.\s|\s+(?:and|from|of|who|was|is|has|had|told|said)\b)|\s+\(\d{2}\)")
# After a person's name: what happens to people alone, or only they do.
LIFE = re.compile(
    r"(?:,?\s+who)?\s+(?:was|were|is|has\s+been|had\s+been)\s+(?:\w+ly\s+)?(?:born|arrested|sentenced|jailed|imprisoned|"
    r"hospitali[sz]ed|married|murdered|shot|stabbed|raped|tortured|detained|buried|pronounced\s+dead|appointed|sworn|"
    r"survived\s+by|educated|diagnosed)\b|\s+(?:died|married|smiled|wept|laughed|resigned|graduated|retired|testified)\b"
)
# Before the place that somebody comes from: `, 47, of`.
HOME = re.compile(r",\s+(?:aged\s+)?\d{2},\s+(?:both\s+|all\s+)?(?:of|from)\s+$")
# The Arabic article of a surname.
ARTICLE = re.compile(r"^(?i:al|el|as|es|ash|ad|ar|an|at)-(?=[A-Z])")
# Between the members of a list of names.
LISTED_WITH = re.compile(r",\s+|,?\s+(?:and|or|&)\s+")


def vote(text: str, doc: Doc, spans: Sequence[Span]) -> dict[str, EntityType]:
    """The type of each surface form in the article."""
    votes = Votes()
    offsets = offsets_of(doc)
    found: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        found[plain(text[span.start : span.end])].append(span)
    people = {
        n
        for n, same in found.items()
        if " " in n and (begins_given(n) or any(s.type == PERSON and s.source != "again" for s in same))
    }
    parts = {w for n in people for w in words_of(n)}
    surnames = {words_of(n)[1] for n in people}
    firms = {n.split()[0] for n in found if " " in n and n.split()[-1].rstrip(".") in FIRMS} - parts
    tails = {n.split(" ", i)[i] for n in people for i in range(1, n.count(" "))}
    near = nearby(spans, found)
    for surface, same in found.items():
        words = surface.split()
        labels = Counter(s.type for s in same if s.source == "ner") or Counter(s.type for s in same)
        for kind, count in sorted(labels.items()):
            votes.add(surface, kind, LABELS * count / sum(labels.values()))
        towns = surface in surnames and all(s.term and s.term.entry and s.term.entry.kind in TOWNS for s in same)
        for source, weight in (("known", NAMESAKE if towns else KNOWN), ("head", HEAD)):
            for kind in sorted({s.type for s in same if s.source == source}):
                votes.add(surface, kind, weight)
        signs: Counter[tuple[EntityType, float]] = Counter()
        for span in same:
            signs.update(context(text, doc, bisect_left(offsets, span.start), bisect_left(offsets, span.end)))
        for (kind, weight), count in sorted(signs.items()):
            votes.add(surface, kind, weight * (min(count, 3) if weight == CONTEXT else 1))
        if begins_given(surface):
            votes.add(surface, PERSON, GIVEN)
        if (
            len(words) == 2
            and words[0] not in lexicon.given_names()
            and words[0] not in lexicon.surnames()
            and any(e.kind in ("city", "capital") for e in core().find(words[0]))
        ):
            votes.add(surface, ORGANISATION, TEAM)
        if len(words) > 1 and words[0] in lexicon.place_openers():
            votes.add(surface, PLACE, PART)
        if len(words) > 1 and words[-1] in lexicon.surnames():
            votes.add(surface, PERSON, 0.7)
        common = surface in lexicon.surnames() or surface in lexicon.given_names()
        if common and surface not in firms:
            votes.add(surface, PERSON, SINGLE)
        common = common or surface in parts or surface in lexicon.heads()  # there are towns called Congress and Union
        if not common and near.lists(surface):
            votes.add(surface, PLACE, LISTED)
        elif not common and near.holds(surface):
            votes.add(surface, PLACE, NEARBY)
        indexed = {e.type for e in sources().find(surface) if e.code == "extra"} if len(words) > 1 else set()
        if len(indexed) == 1:
            votes.add(surface, indexed.pop(), LISTED)
        if surface in firms:
            votes.add(surface, ORGANISATION, PART)  # "Roe" of "Roe Motors AG", where no person is called so
        if surface in (parts if len(words) == 1 else tails):
            votes.add(surface, PERSON, PART)
        if is_acronym(surface):
            votes.add(surface, ORGANISATION, CAPITALS)
    first = {surface: votes.best(surface) for surface in found}
    for names in enumerations(text, spans):
        for i, name in enumerate(names):
            others = Counter(first[n] for n in (*names[:i], *names[i + 1 :]))
            for kind, count in sorted(others.items()):
                votes.add(name, kind, COMPANY * count / others.total())
    return {text[s.start : s.end]: votes.best(plain(text[s.start : s.end])) for s in spans}


def begins_given(name: str) -> bool:
    """Whether a name begins like a person's, and nothing after that tells another thing."""
    words = name.split()
    if not 1 < len(words) < 5 or words[0] not in lexicon.given_names():
        return False
    telling = lexicon.heads(), lexicon.other_heads(), lexicon.not_names()
    return not any(w in known for known in telling for w in words[1:])


def enumerations(text: str, spans: Sequence[Span]) -> Iterator[list[str]]:
    """Names in one list (`Ann, Ben and Cid`), which are mostly of one type. Two beside a comma alone are none."""
    for group in runs(text, spans):
        if len(group) > 2 or (len(group) == 2 and "," not in text[group[0].end : group[1].start]):
            yield [plain(text[s.start : s.end]) for s in group]


def runs(text: str, spans: Sequence[Span]) -> Iterator[list[Span]]:
    """The spans, those together that only a comma, `and` or `or` stands between."""
    group: list[Span] = []
    for span in spans:
        if group and not LISTED_WITH.fullmatch(text, group[-1].end, span.start):
            yield group
            group = []
        group.append(span)
    yield group


def context(text: str, doc: Doc, first: int, last: int) -> Iterable[tuple[EntityType, float]]:
    """What the words around a name, which is `doc[first:last]`, say of its type."""
    cues = lexicon.name_cues()
    surface = text[doc[first].idx : doc[last - 1].idx + len(doc[last - 1])]
    head = lexicon.heads().get(surface.rpartition(" ")[2])
    body = head is not None and head[0] == ORGANISATION
    before = doc[first - 1] if first else None
    after = doc[last] if last < len(doc) else None
    if before is not None:
        title = before.text.rstrip(".")
        comma = before.text == "," and first > 1
        if title in lexicon.personal_titles():
            yield PERSON, TITLE
        elif not body and (doc[first - 2] if comma else before).lower_ in lexicon.person_nouns():
            yield PERSON, TITLE - 1 if comma else TITLE
        elif comma and after is not None and after.text == "," and doc[first - 2].lower_ in lexicon.body_nouns():
            yield ORGANISATION, EQUATED
        elif before.lower_ == "of" and first > 1 and doc[first - 2].lower_ in lexicon.place_nouns():
            yield PLACE, TITLE
        elif (cue := cues.get(("before", before.lower_))) and (cue[1] or len(surface.split()) < 4):
            yield cue[0], CUE if cue[1] else CONTEXT
        elif before.lower_ in ("of", "at", "for") and first > 1 and (cue := cues.get(("of", doc[first - 2].lower_))):
            yield cue[0], CUE
    if after is not None:
        if after.lower_ in SPEECH:
            yield (ORGANISATION if body or is_acronym(surface) else PERSON), CONTEXT
        if after.lower_ == "who":
            yield PERSON, CONTEXT
        if after.text in lexicon.place_nouns():
            yield PLACE, TITLE
        elif cue := cues.get(("after", after.text)):
            yield cue[0], CUE
    owned = doc[last + 1].lower_ if after is not None and after.text in ("'s", "’s") and last + 1 < len(doc) else ""
    if cue := cues.get(("'s", owned)):
        yield cue[0], CUE
    if (kind := described(doc, first, last)) is not None:
        yield kind, EQUATED
    if HOME.search(text[max(doc[first].idx - 24, 0) : doc[first].idx]):
        yield PLACE, TITLE
    if AGE.match(text, doc[last - 1].idx + len(doc[last - 1])):
        yield PERSON, TITLE
    if LIFE.match(text, doc[last - 1].idx + len(doc[last - 1])):
        yield PERSON, CUE


def described(doc: Doc, first: int, last: int) -> EntityType | None:
    """The type of the noun that the syntax equates with a name, `doc[first:last]`: `the space agency, Acme,`, `Jane Roe, a
    former president,`, `Elm Gate is a crossing`."""
    root = next((t for t in doc[first:last] if not first <= t.head.i < last or t.head == t), None)
    if root is None:
        return None
    nouns = [root.head] if root.dep_ == "appos" else [c for c in root.rights if c.dep_ == "appos"]
    if root.dep_ == "nsubj" and root.head.lower_ in ("is", "was"):
        nouns += [c for c in root.head.rights if c.dep_ == "attr"]
    for noun in nouns:
        if noun.pos_ == "NOUN" and not first <= noun.i < last:
            lists = (
                (lexicon.person_nouns(), PERSON),
                (lexicon.body_nouns(), ORGANISATION),
                (lexicon.place_nouns(), PLACE),
            )
            kinds = [kind for words, kind in lists if noun.lower_ in words]
            if len(kinds) == 1:
                return kinds[0]
    return None


def plain(surface: str) -> str:
    """A name in capitals as it is otherwise written: `GAZA CITY` is `Gaza City`; acronyms stay."""
    return surface.title() if surface.isupper() and len(surface) > 5 and surface.isascii() else surface


def words_of(name: str) -> list[str]:
    """First and last word of a name, the last without the Arabic article: `Roe` of `Jane al-Roe`."""
    words = name.split()
    return [words[0], ARTICLE.sub("", words[-1])]
