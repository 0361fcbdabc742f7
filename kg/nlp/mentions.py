"""Layer: names of people, organisations, places and groups, each with the entity it stands for.

Candidates come from spaCy's recogniser, the gazetteer and telling last words; the longest wins, a name seen once is
found everywhere in the article, one name has one type in an article, and names of one thing are joined and linked.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from spacy.tokens import Doc

from kg.clean import agencies
from kg.link.authority import Entry, fold
from kg.link.geography import supported
from kg.link.linker import Clues, Link, link, located
from kg.link.sources import sources
from kg.link.surroundings import is_saint, is_team, kind_of_place, meaning, title_before
from kg.link.teams import team
from kg.nlp import lexicon
from kg.nlp.company import area_beside, company, own_name, with_points
from kg.nlp.demonyms import is_language, is_nationality
from kg.nlp.gazetteer import Gazetteer, Term, known
from kg.nlp.name_types import plain, vote, words_of
from kg.nlp.names import acronyms, aliased, join_organisations, join_persons
from kg.nlp.nested import inner
from kg.nlp.patterns import given_away, storms
from kg.nlp.reading import Reading
from kg.nlp.spans import Span, headed, recognised
from kg.nlp.state_bodies import is_portfolio, told_apart
from kg.records import EntityLink, LinkCandidate, Mention
from kg.vocabulary import EntityType

PERSON, ORGANISATION, PLACE, GROUP = EntityType.PERSON, EntityType.ORGANISATION, EntityType.PLACE, EntityType.GROUP
# Rounds of choosing places; more change nothing.
PASSES = 2
Cluster = tuple[EntityType, str]
SURE = {"known": 0.95, "head": 0.85, "ner": 0.8, "again": 0.75, "part": 0.6}


def find(reading: Reading) -> tuple[Mention, ...]:
    """The article's names, in order of the text, none overlapping."""
    return linked(reading)[0]


def linked(reading: Reading) -> tuple[tuple[Mention, ...], tuple[Mention, ...], tuple[EntityLink, ...]]:
    """The article's names, the places inside them, and from which candidates each of its entities was linked."""
    spans = spans_of(reading)
    spans = sorted([*spans, *inner(reading.article.text, spans)], key=lambda s: (s.start, -s.end))
    mentions, links = told_apart(reading, *identified(reading, spans))
    parts = {(s.start, s.end) for s in spans if s.source == "part"}
    return (
        tuple(m for m in mentions if (m.start, m.end) not in parts),
        tuple(m for m in mentions if (m.start, m.end) in parts),
        tuple(links),
    )


def spans_of(reading: Reading) -> list[Span]:
    """The article's names with their types, in order of the text, none overlapping."""
    text = reading.article.text
    spans = settle(candidates(reading))
    spans = settle([*spans, *repeats(text, spans)])
    types = vote(text, reading.doc, spans)
    spans = [s if s.term and s.term.role != "name" else typed(s, types[text[s.start : s.end]]) for s in spans]
    dropped = things(reading.doc, text, spans) | storms(text)
    return [s for s in spans if s.term or text[s.start : s.end] not in dropped]


def typed(span: Span, kind: EntityType) -> Span:
    """The span with its type; of another type it is not what it is known for."""
    return span if span.type == kind else replace(span, type=kind, term=None)


def things(doc: Doc, text: str, spans: Sequence[Span]) -> set[str]:
    """Single words taken for persons that mostly stand after `the` with no noun behind them: `the Rubicon` is none."""
    with_article: Counter[str] = Counter()
    everywhere: Counter[str] = Counter()
    for span in spans:
        surface = text[span.start : span.end]
        if span.type == PERSON and " " not in surface:
            everywhere[surface] += 1
            if text[max(span.start - 4, 0) : span.start].lower() == "the ":
                words = doc.char_span(span.start, span.end, alignment_mode="expand")
                after = doc[words.end] if words is not None and words.end < len(doc) else None
                with_article[surface] += after is None or after.pos_ not in ("NOUN", "PROPN", "ADJ")
    return {n for n, count in with_article.items() if 2 * count > everywhere[n]}


def candidates(reading: Reading) -> list[Span]:
    """Everything that may be a name. In page furniture (menus, buttons to share) only agencies and outlets, which it
    credits, and what the news text names too."""
    text = reading.article.text
    titled = headings(reading)
    matched = [Span(h.start, h.end, h.term.type, "known", h.term) for h in known().find(text)]
    languages = {(s.start, s.end) for s in matched if is_language(reading.doc, s)}
    told = {s.term.name for s in matched if s.term and not reading.is_noise(s.start, s.end)}
    hits = [
        s
        for s in matched
        if (s.start, s.end) not in languages
        and not is_portfolio(text, s.start, s.end)
        and ((s.term and s.term.name in told) or agencies.named(text[s.start : s.end]) is not None)
    ]
    found = [
        s
        for s in (*recognised(text, reading.doc, titled), *headed(text, reading.doc))
        if (s.start, s.end) not in languages
    ]
    doubtful = [reading.is_noise(s.start, s.end) or any(a <= s.start < b for a, b in titled) for s in found]
    inside = [s for s, doubt in zip(found, doubtful, strict=True) if not doubt]
    lower = set(re.findall(r"\b[^\W\d_A-Z]+\b", text))
    inside = [s for s in inside if not common(text[s.start : s.end], s, lower)]
    named = {text[s.start : s.end] for s in inside}
    parts = {w for s in (*inside, *hits) if s.type == PERSON for w in words_of(text[s.start : s.end])}
    patterned = given_away(text, reading.doc, [*hits, *inside], titled)
    inside += [s for s in patterned if not reading.is_noise(s.start, s.end)]
    if reading.page.dateline:
        inside.append(Span(*reading.page.dateline, PLACE, "head"))
    seen = named | parts
    return [
        *hits,
        *inside,
        *(s for s, doubt in zip(found, doubtful, strict=True) if doubt and text[s.start : s.end] in seen),
    ]


def common(surface: str, span: Span, lower: set[str]) -> bool:
    """Whether a single word is a common noun of the article that opens a sentence or is capitalised for once."""
    if span.source != "ner" or span.type == PLACE or " " in surface or surface.lower() not in lower:
        return False
    named = surface in lexicon.surnames() or surface in lexicon.given_names() or surface in lexicon.heads()
    return not named and not surface.isupper()


def headings(reading: Reading) -> list[tuple[int, int]]:
    """Lines in headline case, where capitals say nothing: most words of four letters or more begin with one."""
    lines = []
    for m in re.finditer(r"[^\n]+", reading.article.text):
        words = [w for w in re.findall(r"[^\W\d_]+", m.group()) if len(w) > 3]
        if (
            3 < len(words) < 20
            and not m.group().rstrip().endswith((".", '"', "”"))
            and sum(w[0].isupper() for w in words) > 0.8 * len(words)
        ):
            lines.append(m.span())
    return lines


def type_of(reading: Reading, span: Span, entry: Entry | None) -> EntityType:
    """What the mention is: a person where a surname was taken for a body, a people where an adjective of a country is one."""
    if entry and entry.type == PERSON:
        return PERSON
    return GROUP if is_nationality(reading.doc, span) else span.type


def settle(spans: Iterable[Span]) -> list[Span]:
    """The spans without overlap: the longer first, at equal length what is known before what is guessed."""
    rank = {"known": 0, "head": 1, "ner": 2, "again": 3}
    taken: list[Span] = []
    starts: list[int] = []
    for span in sorted(spans, key=lambda s: (s.start - s.end, rank[s.source], s.start)):
        i = bisect_left(starts, span.start)
        if (i < len(taken) and taken[i].start < span.end) or (i and taken[i - 1].end > span.start):
            continue
        taken.insert(i, span)
        starts.insert(i, span.start)
    return taken


def repeats(text: str, spans: Sequence[Span]) -> Iterable[Span]:
    """Further places of names found: the whole name, and a person's surname or given name alone."""
    names: dict[str, Term] = {}
    for span in spans:
        surface = text[span.start : span.end]
        if (
            (span.source == "known" and span.type != PERSON)
            or len(surface) < 3
            or not surface[0].isupper()
            or surface in lexicon.not_names()
        ):
            continue
        names.setdefault(surface, Term(span.type, surface))
        words = surface.split()
        if span.type == PERSON and 1 < len(words) < 5:
            for part in words_of(surface)[::-1]:
                if (
                    len(part) > 2
                    and part[0].isupper()
                    and part.isalpha()
                    and part not in lexicon.not_names()
                    and part not in lexicon.titles()
                ):
                    names.setdefault(part, Term(PERSON, part))
    if not names:
        return
    for hit in Gazetteer(names.items()).find(text):
        yield Span(hit.start, hit.end, hit.term.type, "again")


def identified(reading: Reading, spans: Sequence[Span]) -> tuple[list[Mention], list[EntityLink]]:
    """The spans as mentions of entities, and how each entity was linked."""
    text = reading.article.text
    known_things = sources()
    clusters = joined(text, spans)
    forms: dict[Cluster, Counter[str]] = defaultdict(Counter)
    beside: dict[Cluster, Entry] = {}
    teams: Counter[Cluster] = Counter()
    kinds: dict[Cluster, str] = {}
    sides = {s.start for s in spans if s.type in (PLACE, ORGANISATION) and is_team(text, s.start, s.end)}
    meanings: dict[Cluster, tuple[str, ...]] = {}
    titled: dict[Cluster, set[str]] = defaultdict(set)
    named: dict[Cluster, set[str]] = defaultdict(set)
    for span, name in zip(spans, clusters, strict=True):
        forms[span.type, name][text[span.start : span.end]] += 1
        if span.type == PLACE and (region := area_beside(text, span.start, span.end)):
            beside.setdefault((span.type, name), region)
        if (
            span.type == PLACE and span.term and span.term.role == "name" and name == span.term.name
        ):  # not only what the gazetteer takes it for
            named[span.type, name].add(text[span.start : span.end])
        teams[span.type, name] += span.start in sides
        if span.type == ORGANISATION and (words := meaning(text, span.start, span.end)):
            meanings[span.type, name] = (words,)
        if span.type == PLACE and (kind := kind_of_place(text, span.start, span.end)):
            kinds.setdefault((span.type, name), kind)
        if span.type == PERSON and " " not in name and (title := title_before(text, span.start)):
            titled[span.type, name].add(f"{title} {name}")
    names: dict[Cluster, list[str]] = {}
    for cluster, counts in forms.items():
        written = sorted(counts, key=lambda n: (-len(n), n))
        known_as = sorted(named[cluster], key=lambda n: (-counts[n], -len(n), n))
        names[cluster] = list(dict.fromkeys([*known_as, cluster[1], *written, *sorted(titled[cluster])]))
    context = replace(
        company(reading, spans, sides),
        support=supported(
            [e for e in known_things.find(c[1]) if e.type == PLACE] for c in names if c[0] == PLACE and not teams[c]
        ),
    )
    clues = {
        c: Clues(
            beside.get(c), teams[c] == counts.total(), kinds.get(c, ""), meanings.get(c, ()), mentions=counts.total()
        )
        for c, counts in forms.items()
    }
    links: dict[Cluster, Link] = {}
    afar = replace(context, support={})  # teams meet from anywhere: that they are near one another says nothing
    for _ in range(PASSES):  # the places found in one pass are company in the next
        links = {
            c: link(known_things, c[0], names[c], afar if teams[c] else context, clues[c])
            for c in forms
            if c[0] == PLACE
        }
        context = with_points(context, ((links[c], sum(forms[c].values())) for c in links if not teams[c]))
    links |= {c: link(known_things, c[0], names[c], context, clues[c]) for c in forms if c[0] != PLACE}
    where = {
        c: located(known_things, c[0], c[1], context)
        for c, chosen in links.items()
        if chosen.entry is None and c[0] in (PLACE, ORGANISATION) and " " in c[1]
    }
    played = {
        s.start: t
        for s in spans
        if s.type == PLACE and s.start in sides and (t := team(known_things, text, s.start, s.end, context.words))
    }
    links |= {(ORGANISATION, t.id): t for t in played.values()}
    mentions = []
    for span, name in zip(spans, clusters, strict=True):
        if found := played.get(span.start):
            mentions.append(of_team(span, found))
            continue
        chosen = links[span.type, name]
        entry, point = chosen.entry, chosen.entry or where.get((span.type, name))
        place = entry if entry and entry.type is PLACE else None
        kind = type_of(reading, span, entry)
        other = span.type == PLACE and (span.start in sides or is_saint(text, span.start, span.end))
        other = other or (kind == GROUP and place is not None)  # a people leads to its country, and is not the country
        mentions.append(
            Mention(
                start=span.start,
                end=span.end,
                type=kind,
                name=chosen.name,
                id=chosen.id,
                wikidata=None if other else chosen.wikidata,
                lat=point.lat if point else None,
                lon=point.lon if point else None,
                geonames=entry.geonames if entry else None,
                country=place.country or None if place and place.country != place.qid else None,
                region=place.admin or None if place else None,
                confidence=SURE[span.source],
            )
        )
    return mentions, decided(links.values(), known_things.digest)


def of_team(span: Span, link: Link) -> Mention:
    """A mention of a team under the name of its place."""
    return Mention(
        start=span.start,
        end=span.end,
        type=ORGANISATION,
        name=link.name,
        id=link.id,
        wikidata=link.wikidata,
        confidence=SURE["part"],
    )


def decided(links: Iterable[Link], index: str) -> list[EntityLink]:
    """One decision an entity that had candidates: of several clusters of one, the surest, sorted by identifier."""
    best: dict[str, Link] = {}
    for chosen in sorted(links, key=lambda c: (c.match is None, c.match != "exactMatch", -c.confidence, c.method)):
        if chosen.candidates:
            best.setdefault(chosen.id, chosen)
    return [
        EntityLink(
            id=i,
            property=chosen.match,
            candidates=tuple(
                LinkCandidate(
                    wikidata=c.entry.qid or None,
                    geonames=None if c.entry.qid else c.entry.geonames,
                    label=c.entry.label,
                    score=c.score,
                )
                for c in chosen.candidates
                if c.entry.qid or c.entry.geonames is not None
            ),
            none=chosen.none,
            method=chosen.method,
            index=index,
        )
        for i, chosen in sorted(best.items())
        if any(c.entry.qid or c.entry.geonames is not None for c in chosen.candidates)
    ]


def joined(text: str, spans: Sequence[Span]) -> list[str]:
    """For each span the name of its cluster."""
    surfaces = [text[s.start : s.end] for s in spans]
    written = [plain(s) for s in surfaces]
    persons = join_persons(list(dict.fromkeys(n for n, s in zip(written, spans, strict=True) if s.type == PERSON)))
    brackets = acronyms(text, ((s.start, s.end) for s in spans if s.type in (ORGANISATION, PLACE)))
    bodies = join_organisations(
        list(dict.fromkeys(n for n, s in zip(surfaces, spans, strict=True) if s.type == ORGANISATION)), brackets
    )
    first = {fold(n): n for n in reversed(written)}
    terms = {n: s.term.name for n, s in zip(surfaces, spans, strict=True) if s.term and s.type == ORGANISATION}
    introduced: dict[str, set[str]] = defaultdict(set)  # the persons named in full so far, by surname
    names = []
    for span, surface, name in zip(spans, surfaces, written, strict=True):
        if span.term and span.term.name not in lexicon.heads():  # `the Navy` may be that of the country named before
            names.append(span.term.name)
        elif span.type == PERSON:
            full = persons[name]
            bearers = introduced[fold(words_of(full)[1])]
            if " " in full:
                bearers.add(full)
            elif len(bearers) == 1:  # `Roe` before another Roe is named
                full = next(iter(bearers))
            names.append(first[fold(full)])
        elif span.type == ORGANISATION:
            names.append(terms.get(bodies[surface], bodies[surface]))
        else:
            names.append(first[fold(name)])
    return aliased(text, spans, [own_name(text, spans, i) or name for i, name in enumerate(names)])
