"""From a name's cluster to a known identity, or to an identifier of its own.

Every candidate gets what speaks for it in orders of magnitude, "none of them" too; the odds of a candidate are ten to that
power, its score the share of its odds. Precision before recall: a score of EXACT is a skos:exactMatch, of CLOSE a
skos:closeMatch, with less the candidates are kept and nothing is linked. A person's single name never links.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log10

from kg.link import geography
from kg.link.authority import Entry, slug
from kg.link.geography import Context, ranked, share
from kg.link.sources import Sources, within
from kg.vocabulary import EntityType

EXACT, CLOSE = 0.75, 0.55
# Candidates kept: more than these tell a reader nothing.
KEPT = 5
# For people and organisations: a thing of the core table; each tenfold number of sources or Wikipedias; each word of the
# description that the article has, up to so many; the country among the article's; a name that is not the usual one.
CORE, KNOWN, WORD, WORDS, COUNTRY, ALIAS = 1.5, 1.0, 0.35, 3, 0.5, -0.3
# "None of them": for people, whose names are shared by many who are in no index; for organisations; and for a single word.
NOBODY, NO_BODY, ONE_WORD = -0.3, -0.3, 0.6
# What ends the name of a company, and a middle initial: left out if the whole name is unknown.
LEGAL = re.compile(r",?\s+(?:Inc|Corp|Co|Ltd|PLC|plc|LLC|Corporation|Company|Limited|Group|AG|SA|NV)\.?$")
# Words around the name of a place that tell its kind.
AROUND = re.compile(
    r"^(?:City|Town|Village|State|Province|County|Borough|Township)\s+of\s+"
    r"|\s+(?:City|Township|Twp\.?|Town|Village|Borough|Province|State|District|Region|Governorate)$"
)
# A place within a name: at its beginning or after these words, so many words long.
WITHIN = re.compile(r"^|(?<=\sof\s)|(?<=\sat\s)|(?<=\sin\s)|(?<=[a-z]\s)(?=[A-Z])")
LONGEST = 3
COMPASS = frozenset(("North", "South", "East", "West", "Northern", "Southern", "Eastern", "Western", "New", "Central"))
INITIAL = re.compile(r"(?<=\w)\s+[A-Z]\.?(?=\s+\w)")
PLAIN_WORD = re.compile(r"[^\W\d_]{4,}")
EMPTY = frozenset(
    ("from", "born", "with", "that", "this", "politician", "american", "company", "based", "former", "since", "united")
)


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with its score, 0 to 1."""

    entry: Entry
    score: float


@dataclass(frozen=True, slots=True)
class Link:
    """The identity: `id` relative to the store's base, its canonical name, and the entry where one is known.

    `match` is exactMatch, closeMatch or None; `none` is the score of "none of them", `method` what found the candidates.
    """

    id: str
    name: str
    entry: Entry | None = None
    confidence: float = 0.5
    match: str | None = None
    candidates: tuple[Scored, ...] = ()
    none: float = 1.0
    method: str = ""

    @property
    def wikidata(self) -> str | None:
        """The item, where one was verified and the match is exact."""
        return self.entry.qid or None if self.entry and self.match == "exactMatch" else None


def link(
    sources: Sources, kind: EntityType, names: Iterable[str], context: Context, beside: Entry | None = None
) -> Link:
    """The identity of a cluster: `names` are its forms, the fullest first; `beside` the area written after it."""
    forms = list(names)
    sure = False
    best = Link(own_id(sources, kind, forms[0], context), forms[0])
    for name, method in variants(kind, forms):
        found = [e for e in sources.find(name) if e.type == kind]
        if not found:
            continue
        if kind == EntityType.PLACE:
            scored, none, sure = places(sources, found, context, beside)
        else:
            scored, none = things(kind, name, sources, found, context)
        if not scored:
            break
        first = scored[0]
        kept = tuple(scored[:KEPT])
        unlisted = next((e for e in found if e.id and not e.qid), None)
        if first.score < CLOSE and unlisted:  # a name that is known, and no item
            return Link(unlisted.id, unlisted.label, unlisted, 0.95)
        if first.score < CLOSE or (len(scored) > 1 and first.score == scored[1].score):
            return Link(best.id, best.name, candidates=kept, none=none, method=method)
        stated = "exactMatch" if first.score >= EXACT and (kind != EntityType.PLACE or sure) else "closeMatch"
        entry = sources.identified(first.entry)
        if not entry.qid and entry.geonames is None and entry.kind != "county":  # a name that is known, and no item
            return Link(entry.id, entry.label, entry, 0.95)
        if kind != EntityType.PLACE and stated == "closeMatch":  # who it is stays open: an identifier of its own
            return Link(best.id, best.name, None, first.score, stated, kept, none, method)
        label = forms[0] if entry.alias and entry.code else entry.label  # `Jabalia` rather than a transliteration
        return Link(entry.id, label, entry, first.score, stated, kept, none, method)
    return best


def variants(kind: EntityType, forms: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The names to look up, with what found them: as they stand, then without legal form or middle initial."""
    usable = [n for n in forms if kind != EntityType.PERSON or len(n.split()) > 1]
    yield from ((n, "name") for n in usable)
    for name in usable:
        if kind == EntityType.ORGANISATION and (short := LEGAL.sub("", name)) != name:
            yield short, "without legal form"
        if kind == EntityType.PERSON and (short := INITIAL.sub("", name)) != name and " " in short:
            yield short, "without initial"
        if kind == EntityType.PLACE and (short := AROUND.sub("", name)) != name and short:
            yield short, "without kind of place"


def places(
    sources: Sources, found: Sequence[Entry], context: Context, beside: Entry | None
) -> tuple[list[Scored], float, bool]:
    """The places of a name with their scores, by the area written beside it, their size and the company they keep; the
    score of none of them; and whether the first is sure enough for an exact match."""
    if beside and not (found[0].kind == beside.kind or found[0].kind == "country"):  # `Elmton, Ohio`, not `Ohio, Iowa`
        near = [e for e in found if within(e, beside)]
        if near:
            return *shares([(s + geography.BESIDE, e) for s, e in ranked(near, context)], geography.NONE), True
        if found[0].kind in ("city", "county", ""):
            return [], 1.0, False
    if found[0].kind == "country":
        states = [
            e
            for e in found[1:]
            if e.kind == "region" and context.countries.get(e.country, 0) > context.countries.get(found[0].qid, 0)
        ]
        first = states[0] if states else found[0]
        return [Scored(first, 0.95), *(Scored(e, 0.01) for e in found if e != first)], 0.01, not first.alias
    order = ranked(found, context)
    return *shares(order, geography.NONE), order[0][0] >= geography.SURE and not order[0][1].alias


def located(sources: Sources, kind: EntityType, name: str, context: Context) -> Entry | None:
    """The town, county or region within the name of a place or body (`Elmton Town Hall`, `Bank of Elmton`); no country."""
    words = name.split()
    for m in WITHIN.finditer(name):
        first = len(name[: m.start()].split())
        for last in range(min(first + LONGEST, len(words)), first, -1):
            part = " ".join(words[first:last])
            if (first, last) == (0, len(words)) or not part[0].isupper() or part in COMPASS:
                continue
            found = link(sources, EntityType.PLACE, [part], context).entry
            if found is None or found.lat is None or found.kind == "country":
                continue
            if near(found, context) or (not context.countries and (kind == EntityType.PLACE or last - first > 1)):
                return found
    return None


def near(entry: Entry, context: Context) -> bool:
    """Whether the article names the country of a place."""
    return share(context.countries, entry.country) > 0


def things(
    kind: EntityType, name: str, sources: Sources, found: Sequence[Entry], context: Context
) -> tuple[list[Scored], float]:
    """People or organisations of a name with their scores."""
    scored = sorted(((weight(e, context), -i) for i, e in enumerate(found)), reverse=True)
    none = NOBODY if kind == EntityType.PERSON else NO_BODY
    if kind == EntityType.ORGANISATION and len(name.split()) < 2:
        none += ONE_WORD * (1 + any(e.type != kind for e in sources.find(name)))
    return shares([(s, found[-i]) for s, i in scored], none)


def weight(entry: Entry, context: Context) -> float:
    """What speaks for a person or organisation, in orders of magnitude."""
    if entry.code != "extra":
        return CORE + KNOWN + ALIAS * entry.alias
    own = {w.casefold() for w in PLAIN_WORD.findall(entry.label)} | EMPTY
    words = {w.casefold() for w in PLAIN_WORD.findall(entry.description)} - own
    return (
        KNOWN * log10(entry.weight)
        + WORD * min(len(words & context.words), WORDS)
        + COUNTRY * agreement(entry, context)
        + ALIAS * entry.alias
    )


def agreement(entry: Entry, context: Context) -> int:
    """1 where the article names the country of a thing, -1 where it names others only, 0 where either is unknown."""
    if not entry.country or not context.countries:
        return 0
    return 1 if near(entry, context) else -1


def shares(scored: Sequence[tuple[float, Entry]], none: float) -> tuple[list[Scored], float]:
    """Scores from what speaks for each, and the score of none of them; together they are 1."""
    top = max(none, *(s for s, _ in scored))
    odds = [10 ** (s - top) for s, _ in scored]
    rest = 10 ** (none - top)
    total = sum(odds) + rest
    return [Scored(e, round(o / total, 3)) for o, (_, e) in zip(odds, scored, strict=True)], round(rest / total, 3)


def own_id(sources: Sources, kind: EntityType, name: str, context: Context) -> str:
    """An identifier for what is not known.

    A person's single name means somebody else in another article, so it carries the article.
    """
    found = f"{kind}/{slug(name)}"
    if kind == EntityType.PERSON and len(name.split()) < 2:
        return f"{found}-in-{hashlib.sha256(context.article.encode()).hexdigest()[:8]}"
    return f"{found}-unlinked" if sources.takes(found, name) else found
