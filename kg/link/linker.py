"""From a name's cluster to a known identity, or to an identifier of its own.

Every candidate gets what speaks for it in orders of magnitude, "none of them" too; the odds of a candidate are ten to that
power, its score the share of its odds. Precision before recall: from one score on it is a skos:exactMatch, from another a
skos:closeMatch, with less the candidates are kept and nothing is linked. A surname alone is somebody known only where much
speaks for it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from kg.link import countries, geography, things
from kg.link.authority import Entry, fold, slug
from kg.link.forms import LEGAL, Form, is_state_body, variants
from kg.link.geography import Context, ranked, share
from kg.link.sources import Sources, within
from kg.link.sports import is_team
from kg.link.twins import DIVISION, is_town, is_unlisted
from kg.link.weights import weights
from kg.vocabulary import EntityType

# Candidates kept: more than these tell a reader nothing.
KEPT = 5
# A seat of a region has at least so large a part of its people, and lies within so many kilometres of its middle.
SEAT, AROUND = 20, 200.0
# What the company of a namesake in another country must say for it to keep a place from an exact match.
HOME = 0.5
# Schools name their teams: `Elmton State beat Oakby`.
SCHOOL = re.compile(r"\b(?:University|College|Academy|School|Institute)\b")
# A group is no one firm of it that is called so too: `Elm Group` is not `Elm Motors`.
WHOLE = re.compile(r"\s(?:Group|Holdings)$")
# A place within a name: at its beginning or after these words, so many words long.
WITHIN = re.compile(r"^|(?<=\sof\s)|(?<=\sat\s)|(?<=\sin\s)|(?<=[a-z]\s)(?=[A-Z])")
LONGEST = 3
# Inhabitants from which on bodies share a city's name.
LARGE = 100_000
# Words of so many letters or fewer do not tell names apart.
SHORT_WORD = 3
COMPASS = frozenset(("North", "South", "East", "West", "Northern", "Southern", "Eastern", "Western", "New", "Central"))


@dataclass(frozen=True, slots=True)
class Clues:
    """What is written around the names of a cluster: the area written after it, whether it is a team everywhere, and what
    kind of place it is called (`region`, `town`); `meanings` are the words that the text has for it as an acronym, `mentions`
    how often it is named."""

    beside: Entry | None = None
    team: bool = False
    kind: str = ""
    meanings: tuple[str, ...] = ()
    mentions: int = 0


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


def link(sources: Sources, kind: EntityType, names: Iterable[str], context: Context, clues: Clues = Clues()) -> Link:
    """The identity of a cluster: `names` are its forms, the fullest first."""
    forms = list(names)
    if clues.meanings and not spelt(sources, kind, forms, clues.meanings):  # `(AP)` after what it is short for here
        forms = list(clues.meanings)
    sure, limits = False, weights()
    best = Link(own_id(sources, kind, forms[0], context), forms[0])
    for form in variants(kind, forms, context):
        if form.method == "surname":
            found = list(sources.surnamed(form.name))
        elif form.method == "with legal form":
            found = [] if is_area(sources, LEGAL.sub("", form.name)) else list(sources.bodies(form.name))
        else:
            found = [e for e in sources.find(form.name) if e.type == kind]
        if form.country:
            found = [e for e in found if of_country(e, form)]
        if form.method == "without legal form" and WHOLE.search(forms[0]):
            found = [e for e in found if not e.alias]
        if not found:
            continue
        unlisted = next((e for e in found if is_unlisted(e)), None)
        if unlisted and len(found) > 1 and is_state_body(unlisted.label):  # it may be any of them
            found.remove(unlisted)
        if kind == EntityType.PLACE:
            scored, none, sure = places(
                sources,
                form.name,
                narrowed(sources, found, forms, form, clues.kind),
                context,
                clues.beside,
                clues.mentions,
            )
            sure = sure and not clues.team and (bool(clues.beside) or not is_given(form.name, scored, context))
        else:
            scored, none = ranking(kind, form, sources, found, context, clues.team)
        if not scored:
            break
        first = scored[0]
        kept = tuple(scored[:KEPT])
        if first.score < limits.close and unlisted:  # a name that is known, and no item
            return Link(unlisted.id, unlisted.label, unlisted, 0.95)
        if first.score < limits.close or (len(scored) > 1 and first.score == scored[1].score):
            return Link(best.id, best.name, candidates=kept, none=none, method=form.method)
        if kind == EntityType.ORGANISATION and clashes(first.entry, form, forms):
            return Link(best.id, best.name, candidates=kept, none=none, method=form.method)
        if kind == EntityType.ORGANISATION:
            sure = not (clues.team and SCHOOL.search(first.entry.label))
        stated = "exactMatch" if first.score >= limits.exact and (kind == EntityType.PERSON or sure) else "closeMatch"
        entry = sources.identified(first.entry)
        if not entry.qid and not entry.code:  # a name that is known, and no item
            return Link(entry.id, entry.label, entry, 0.95)
        if kind != EntityType.PLACE and stated == "closeMatch":  # who it is stays open: an identifier of its own
            return Link(best.id, best.name, None, first.score, stated, kept, none, form.method)
        label = forms[0] if entry.alias and entry.code else entry.label  # `Jabalia` rather than a transliteration
        return Link(entry.id, label, entry, first.score, stated, kept, none, form.method)
    if kind == EntityType.ORGANISATION and all(" " not in n for n in forms):  # a surname taken for a body
        person = link(sources, EntityType.PERSON, forms, context)
        if person.match == "exactMatch":
            return person
    return best if kind == EntityType.PLACE else misspelt(sources, kind, forms[0], context, best)


def spelt(sources: Sources, kind: EntityType, names: Iterable[str], meanings: Iterable[str]) -> bool:
    """Whether a thing of these names has a word of what the text says that the acronym stands for."""
    said = {w for m in meanings for w in fold(m).split() if len(w) > SHORT_WORD}
    found = (e for n in names for e in sources.find(n) if e.type == kind)
    return any(said & set(fold(n).split()) for e in found for n in (e.label, *e.aliases))


def clashes(entry: Entry, form: Form, names: Iterable[str]) -> bool:
    """Whether a thing found by an acronym has no word of the longer names that the article has for the acronym."""
    if not form.name.isupper() or " " in form.name:
        return False
    longer = [n for n in names if len(n.split()) > 1]
    own = {w for n in (entry.label, *entry.aliases) for w in fold(n).split() if len(w) > SHORT_WORD}
    return bool(longer) and not any(w in own for n in longer for w in fold(n).split())


def misspelt(sources: Sources, kind: EntityType, name: str, context: Context, best: Link) -> Link:
    """The last resort: whoever has a name that differs in a letter or two. A close match at most, and never the identity."""
    found = [e for e in sources.similar(name) if e.type == kind]
    if not found:
        return best
    scored, none = ranking(kind, Form(name, "alike"), sources, found, context)
    tied = len(scored) > 1 and scored[0].score == scored[1].score
    stated = "closeMatch" if scored[0].score >= weights().close and not tied else None
    return replace(best, match=stated, candidates=tuple(scored[:KEPT]), none=none, method="alike")


def narrowed(
    sources: Sources, found: Sequence[Entry], names: Sequence[str], form: Form, kind: str = ""
) -> Sequence[Entry]:
    """Of several places the regions where the name had the word for one, and the one that another form of the name is of
    alone: with `Wash.` beside it `Washington` is the state."""
    if (form.area or kind == "region") and (regions := [e for e in found if e.kind == "region"]):
        return regions
    if kind == "state" and (states := [e for e in found if e.kind == "region" and e.id]):  # well-known ones
        return states
    if kind == "town" and (towns := [e for e in found if is_town(e)]):
        return towns
    regions = [e for e in found if e.kind == "region" and not e.alias]
    cities = [e for e in found if is_large(e)]
    found = [
        e for e in found if not any(is_namesake(r, e) for r in regions) and not any(is_metonym(e, c) for c in cities)
    ]
    towns = [e for e in found if e.kind in ("city", "capital")]
    found = [e for e in found if not any(is_seat(town, e) for town in towns)]
    for name in names:
        if fold(name) != fold(form.name):
            alone = [e for e in sources.core.find(name) if e.type == EntityType.PLACE]
            if len(alone) == 1 and len(found) > 1 and (same := [e for e in found if e.id == alone[0].id]):
                return same
    return found


def is_namesake(region: Entry, town: Entry) -> bool:
    """Whether a town bears a region's own name only as a further one: `Hatay` is the province, though also Antioch in it."""
    return town.alias and is_town(town) and region.country == town.country and fold(region.label) != fold(town.label)


def is_metonym(area: Entry, city: Entry) -> bool:
    """Whether an index has a country or region under the name of a city in it too: `Elm City` for its government."""
    return area.alias and area.kind in geography.AREAS and within(city, area)


def is_large(city: Entry) -> bool:
    """Whether it is a large city under its own name."""
    return not city.alias and city.population >= LARGE and is_town(city)


def is_seat(town: Entry, region: Entry) -> bool:
    """Whether a region that the core table has not is called after a town in it, which its bare name then means."""
    if not region.code.startswith(DIVISION) or town.country != region.country:
        return False
    if None in (town.lat, town.lon, region.lat, region.lon) or town.population * SEAT < region.population:
        return False
    return geography.distance((town.lat or 0, town.lon or 0), (region.lat or 0, region.lon or 0)) < AROUND


def is_given(name: str, scored: Sequence[Scored], context: Context) -> bool:
    """Whether many persons have the name, and the best place of it is no metropolis nor of a country that the article names."""
    if not scored or not things.is_given(name):
        return False
    return scored[0].entry.population < things.METROPOLIS and not near(scored[0].entry, context)


def places(
    sources: Sources, name: str, found: Sequence[Entry], context: Context, beside: Entry | None, mentions: int = 0
) -> tuple[list[Scored], float, bool]:
    """The places of a name with their scores, by the area written beside it, their size and the company they keep; the
    score of none of them; and whether the first is sure enough for an exact match."""
    alike = found[0].kind == "country" or (beside and found[0].kind == beside.kind and not is_town(found[0]))
    if beside and not alike:  # `Elmton, Ohio`, not `Ohio, Iowa`
        inside = [e for e in found if within(e, beside)]
        if inside:
            return *shares([(s + geography.BESIDE, e) for s, e in ranked(inside, context)], geography.NONE), True
        if found[0].kind in ("city", "county", ""):
            return [], 1.0, False
    if found[0].kind == "country":
        others = [e for e in found[1:] if context.countries.get(e.country, 0) > context.countries.get(found[0].qid, 0)]
        states = [e for e in others if e.kind == "region" and not e.code]
        towns = [e for e in others if e.kind in ("city", "county") and e.label in (found[0].label, *found[0].aliases)]
        towns = [e for e in towns if geography.local(e, context) >= geography.NAMESAKE]
        if towns and not states:
            order = ranked(towns, context)
            return *shares(order, geography.NONE), False
        first = states[0] if states else found[0]
        return [Scored(first, 0.95), *(Scored(e, 0.01) for e in found if e != first)], 0.01, not first.alias
    order = ranked(found, context)
    best, entry = order[0]
    usual = not entry.alias or (len(order) == 1 and set(fold(name).split()) < set(fold(entry.label).split()))
    usual = usual and not contested(entry, found, context, mentions)
    return *shares(order, geography.NONE), best >= enough(entry, context) + geography.ALIAS * entry.alias and usual


def enough(entry: Entry, context: Context) -> float:
    """What has to speak for a place before its link is exact."""
    abroad = (
        bool(context.countries and entry.country)
        and entry.kind not in ("country", "region")
        and not near(entry, context)
    )
    return geography.SURE + geography.ABROAD * abroad


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


def contested(first: Entry, found: Sequence[Entry], context: Context, mentions: int) -> bool:
    """Whether the article names a place's country by that place alone (as often as `mentions`), and has its region or places
    near it of a namesake in another country that it names: `Paris` in news of Texas."""
    if first.kind == "region" or context.countries.get(first.country, 0) > mentions:
        return False
    abroad = (e for e in found if e.country != first.country and near(e, context))
    return any(geography.local(e, context) >= HOME for e in abroad)


def of_country(entry: Entry, form: Form) -> bool:
    """Whether a body may be of the country that its name is looked up with."""
    of = {entry.country} if entry.country else countries.mentioned(f"{entry.label} {entry.description}")
    return not of or form.country in of


def ranking(
    kind: EntityType,
    form: Form,
    sources: Sources,
    found: Sequence[Entry],
    context: Context,
    team: bool = False,
) -> tuple[list[Scored], float]:
    """People or bodies of a name with their scores, and the score of none of them."""
    slope, of_place = weights().slope, weights().of_place
    named = kind == EntityType.ORGANISATION and is_area(sources, form.name)
    against = [of_place * (named and is_of_place(e, form.name, team)) for e in found]
    scored = sorted(
        (
            (slope * (things.weigh(e, form, context, team) + a), -i)
            for i, (e, a) in enumerate(zip(found, against, strict=True))
        ),
        reverse=True,
    )
    others = any(e.type != kind for e in sources.find(form.name))
    none = things.none_of_them(kind, form, found, others, context)
    return shares([(s, found[-i]) for s, i in scored], slope * none)


def is_area(sources: Sources, name: str) -> bool:
    """Whether a country, region or large city is called so."""
    named = (e for e in sources.find(name) if e.type == EntityType.PLACE and not e.alias)
    return any(e.kind in ("country", "region", "capital") or e.population >= LARGE for e in named)


def is_of_place(body: Entry, place: str, team: bool) -> bool:
    """Whether a body bears the bare name of its place beside others, save a team in words of sports."""
    return fold(body.label) != fold(place) and not (team and is_team(body))


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
