"""How well an item fits a thing of the store, and whether that is enough for a match. Pure functions.

The features are those of light-weight linkers on news (name, type, description, company, prior), weighed by hand and
conservatively: an exact match needs the name itself, the right type, evidence from the articles, and a distance to
everything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from math import asin, cos, log1p, radians, sin, sqrt

from rapidfuzz import fuzz

from kg.link.authority import fold
from kg.link.candidates import WIKIDATA, Candidate, Choice
from kg.online.reconciliation import Suggestion
from kg.online.wikidata import Item
from kg.tables import table
from kg.vocabulary import EntityType

# How well a name agrees: letter by letter with the label or another name, or but for case and accents; less alike counts less.
LABEL, FOLDED, ALIAS, FOLDED_ALIAS, ALIKE = 1.0, 0.97, 0.95, 0.92, 0.8
# A name in the articles other than the thing's label (an acronym, a short form) is weaker evidence.
OTHER_NAME = 0.92
# The type agrees, is not known, or is another.
AGREES, UNKNOWN, DISAGREES = 1.0, 0.85, 0.35
# The weights of name and type alone, of words, of company and of being well known; together 1.
BASE, WORDS, COMPANY, KNOWN = 0.45, 0.2, 0.2, 0.15
# Company that is kept, not known, and not kept though the articles name countries and the item has one.
KEPT, OPEN, NOT_KEPT = 1.0, 0.5, 0.2
# Kilometres: the same place by coordinates; the bound of toponym evaluation (100 miles); a place in the region of the story.
SAME, FAR, REGION = 30.0, 161.0, 400.0
# An identifier of another file that agrees is all but proof, one that disagrees speaks against.
SAME_ID, OTHER_ID = 0.98, 0.5
# Somebody not born when the article was written, or dead for longer than people remember.
UNBORN, LONG_DEAD, MEMORY = 0.2, 0.7, 60
# "No item" to start with, and where more namesakes exist than were seen.
NONE, CROWDED = 0.5, 0.62
# Bounds for skos:exactMatch and skos:closeMatch: score, distance to the second best, agreement of the name.
EXACT, EXACT_MARGIN, EXACT_NAME = 0.68, 0.15, 0.87
CLOSE, CLOSE_MARGIN, CLOSE_NAME = 0.58, 0.06, 0.8
# Below this a candidate shares a few letters with the name and nothing else: it is not kept.
KEPT_SCORE = 0.15
# So many wikis with a page on it is as well known as it gets.
MANY_WIKIS = 100
# Inflected and derived forms share so many letters: Israel, Israeli; minister, ministry.
STEM = 6
SHORT = 3
STOP = frozenset(
    (
        "the",
        "and",
        "for",
        "from",
        "with",
        "that",
        "this",
        "who",
        "was",
        "were",
        "has",
        "had",
        "have",
        "been",
        "are",
        "its",
        "his",
        "her",
        "not",
        "but",
        "former",
        "born",
        "since",
        "city",
    )
)


@dataclass(frozen=True, slots=True)
class Question:
    """What the store knows of a thing. `words` are the stems beside its mentions, `company` the items named in the same articles,
    `near` the coordinates of the places in them."""

    id: str
    type: EntityType
    label: str
    names: tuple[str, ...] = ()
    words: frozenset[str] = frozenset()
    company: frozenset[str] = frozenset()
    near: tuple[tuple[float, float], ...] = ()
    year: int | None = None
    geonames: int | None = None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """A score, how well the name agrees, whether the type does (None: not known), whether the articles say something for
    it, on how many wikis it has a page, and whether an identifier of another file proves it."""

    score: float
    name: float
    type: bool | None
    evidence: bool
    ground: str
    links: int = 0
    proven: bool = False


def stems(text: str) -> frozenset[str]:
    """The first letters of the content words of a text, by which words of one family are compared."""
    return frozenset(w[:STEM] for w in re.findall(r"[^\W\d_]+", fold(text)) if len(w) >= SHORT and w not in STOP)


@cache
def demonym_stems() -> Mapping[str, frozenset[str]]:
    """Stems of adjectives and peoples that do not share their letters with their country: French, France."""
    found: dict[str, frozenset[str]] = {}
    for row in table("demonyms.tsv"):
        for stem in stems(f"{row['adjectives']} {row['people']}".replace("|", " ")):
            found[stem] = found.get(stem, frozenset()) | stems(row["name"])
    return found


def score_item(question: Question, item: Item, types: frozenset[str] | None) -> Scored:
    """The score of an item whose classes are of `types` (None: not known)."""
    name, how = name_score(question, item.label, item.aliases)
    if not types and question.type == EntityType.GROUP:
        types = None  # peoples, faiths and followers are instances of very many classes
    agrees = None if types is None else question.type.value in types
    kind = UNKNOWN if agrees is None else AGREES if agrees else DISAGREES
    said, of = words_in_common(question, item)
    words = min(said / max(2, min(of, 4)), 1.0)
    company = OPEN
    if item.related & question.company:
        company = KEPT
    elif question.company and item.countries:
        company = NOT_KEPT
    known = min(log1p(item.links) / log1p(MANY_WIKIS), 1.0)
    factor, where, placed = geography(question, item)
    if placed:
        company = KEPT
    score = (
        name**2 * kind * factor * lifetime(question, item) * (BASE + WORDS * words + COMPANY * company + KNOWN * known)
    )
    same_id = question.geonames is not None and str(question.geonames) in item.geonames
    if same_id:
        score = max(score, SAME_ID * name * (1.0 if agrees is not False else UNKNOWN))
    parts = [
        how,
        "of the right type" if agrees else "of a type not known" if agrees is None else "of another type",
        f"{said} of {of} words of its description stand beside the name",
        {KEPT: "tied to what the same articles name", OPEN: "", NOT_KEPT: "tied to nothing the same articles name"}[
            company
        ],
        "same GeoNames id" if same_id else where,
        f"{item.links} wikis have a page on it",
    ]
    evidence = same_id or placed or said > 0 or company == KEPT
    return Scored(
        round(min(score, 1.0), 3), name, agrees, evidence, "; ".join(p for p in parts if p), item.links, same_id
    )


def score_suggestion(question: Question, suggestion: Suggestion) -> Scored:
    """The score of a candidate of which only the service knows more: its name and the service's own score, out of 100."""
    name, how = name_score(question, suggestion.name, ())
    said = len(stems(suggestion.description) & question.words)
    own = min(max(suggestion.score, 0.0), 100.0) / 100
    score = name**2 * (0.4 + 0.3 * own + 0.15 * min(said / 2, 1.0) + 0.15 * suggestion.match)
    ground = f"{how}; {suggestion.score:g} by the service{', which calls it a match' if suggestion.match else ''}"
    return Scored(round(score, 3), name, True if suggestion.match else None, suggestion.match, ground)


def name_score(question: Question, label: str, aliases: Iterable[str]) -> tuple[float, str]:
    """How well the best of the thing's names agrees with the best of the item's, and how in words."""
    best, how = 0.0, "its name differs"
    others = [n for n in question.names if question.type != EntityType.PERSON or len(n.split()) > 1]
    for n, form in enumerate((question.label, *others)):
        weight, key = (1.0 if n == 0 else OTHER_NAME), fold(form)
        for other, exact, folded, what in (
            (label, LABEL, FOLDED, "label"),
            *((a, ALIAS, FOLDED_ALIAS, "other name") for a in aliases),
        ):
            if not other:
                continue
            # Capitals count in a short name: US is not us.
            loose = key == fold(other) and len(key) > SHORT
            value = exact if form == other else folded if loose else ALIKE * fuzz.ratio(key, fold(other)) / 100
            if value * weight > best:
                best = value * weight
                how = f"{form!r} is its {what}" if form == other or loose else f"{form!r} is like its {what} {other!r}"
    return best, how


def words_in_common(question: Question, item: Item) -> tuple[int, int]:
    """How many content words of the description stand beside the name in the articles, and of how many."""
    described = stems(item.description) - stems(question.label)
    more = demonym_stems()
    heard = question.words.union(*(more.get(w, ()) for w in question.words))
    return sum(1 for w in described if w in heard or heard & more.get(w, frozenset())), len(described)


def geography(question: Question, item: Item) -> tuple[float, str, bool]:
    """A factor for where a place lies, that in words, and whether it speaks for the item."""
    if question.type != EntityType.PLACE:
        return 1.0, "", False
    factor, words = (OTHER_ID, "another GeoNames id") if question.geonames and item.geonames else (1.0, "")
    if item.lat is None or item.lon is None:
        return factor, words, False
    if question.lat is not None and question.lon is not None:
        away = kilometres(question.lat, question.lon, item.lat, item.lon)
        if away > FAR:
            return DISAGREES, f"{away:.0f} km away", False
        return factor, words or f"{away:.0f} km away", away <= SAME and factor == 1.0
    near = min((kilometres(lat, lon, item.lat, item.lon) for lat, lon in question.near), default=None)
    if near is not None and near <= REGION:
        return factor, words or f"{near:.0f} km from a place of the same articles", factor == 1.0
    return factor, words, False


def lifetime(question: Question, item: Item) -> float:
    """A factor for whether a person can be in the news of that year: not before birth, rarely long after death."""
    if question.year is None:
        return 1.0
    if item.born is not None and item.born > question.year:
        return UNBORN
    return LONG_DEAD if item.died is not None and question.year - item.died > MEMORY else 1.0


def kilometres(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """The great-circle distance (haversine) between two points in degrees."""
    a, b = radians(lat1), radians(lat2)
    h = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(lon2 - lon1) / 2) ** 2
    return 2 * 6371.0 * asin(min(sqrt(h), 1.0))


def match(best: Scored, margin: float) -> str | None:
    """The property that the best candidate deserves, `margin` above the second best and above "no item"; None: no match."""
    exact = best.score >= EXACT and margin >= EXACT_MARGIN and best.name >= EXACT_NAME
    if exact and best.type and best.evidence:
        return "exactMatch"
    close = best.score >= CLOSE and margin >= CLOSE_MARGIN and best.name >= CLOSE_NAME
    return "closeMatch" if close and best.type is not False else None


def better_known(other: Scored, best: Scored) -> bool:
    """Whether a namesake is better known: news rarely means the lesser one, so being sure takes more than context."""
    return other.links > best.links and other.name >= FOLDED_ALIAS and other.type is not False


def choose(
    scored: Iterable[tuple[Candidate, Scored]], digest: str, service: str, *, more: bool = False, state: bool = True
) -> Choice:
    """The choice among the candidates, "no item" being one. `more`: there are namesakes that were not seen; without `state`
    no match is made, whatever the scores."""
    ranked = sorted(scored, key=lambda pair: (-pair[0].score, len(pair[0].target), pair[0].target))
    none = CROWDED if more and ranked and ranked[-1][1].name >= FOLDED_ALIAS else NONE
    target = matched = None
    if ranked and state:
        first, best = ranked[0]
        matched = match(best, first.score - max(ranked[1][0].score if len(ranked) > 1 else 0.0, none))
        if matched == "exactMatch" and not best.proven and any(better_known(o, best) for _, o in ranked[1:]):
            matched = "closeMatch"
        target = first.target if matched else None
    candidates = tuple(one for one, _ in ranked if one.score >= KEPT_SCORE)
    return Choice(question=digest, none=none, service=service, candidates=candidates, target=target, property=matched)


def candidate(item: Item, scored: Scored, method: str) -> Candidate:
    """An item of Wikidata as a candidate."""
    return Candidate(
        target=WIKIDATA + item.id, label=item.label, score=scored.score, method=method, ground=scored.ground
    )
