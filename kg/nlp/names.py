"""Names of one thing within one article: short form to full name, acronym to expansion; and the type they share."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from kg.link.authority import core, fold
from kg.link.sources import sources
from kg.nlp import lexicon
from kg.nlp.spans import Span
from kg.vocabulary import EntityType

FORMS = frozenset(
    ("inc", "corp", "ltd", "co", "plc", "group", "company", "limited", "llc", "corporation", "news", "agency")
)
# Between two names of one thing.
ALSO = re.compile(
    r",?\s+(?:(?:who|which)\s+(?:is|was)\s+)?(?:(?:also|better|best|more|commonly|widely|popularly|locally|formerly|"
    r"previously|once)\s+)*known\s+as\s+(?:the\s+)?[\"“‘']?"
)
# Between a name and its acronym.
SHORTLY = re.compile(r",\s+or\s+")
MINOR = frozenset(["of", "the", "and", "for", "in", "on", "at", "de", "la", "&"])


def initials(name: str) -> set[str]:
    """The acronyms a name may have, minor words left out or not: `World Health Organization` gives WHO."""
    words = [w for w in re.findall(r"[\w’']+", name) if w]
    major = "".join(w[0] for w in words if w.casefold() not in MINOR)
    return {major.upper(), "".join(w[0] for w in words).upper()}


def join_persons(names: Sequence[str]) -> dict[str, str]:
    """For each name of a person in the article the fullest name that it is short for; itself where that is not clear.

    `names` in order of first appearance. A surname (or, where nothing else fits, a given name) joins the one full name
    that ends (begins) with it; two persons of one surname leave it alone.
    """
    words = {n: fold(n).split() for n in names}
    full = [n for n in names if len(words[n]) > 1]
    joined: dict[str, str] = {}
    for name in names:
        own = words[name]
        longer = [f for f in full if len(words[f]) > len(own) and contains(words[f], own)]
        ends = [f for f in longer if words[f][-len(own) :] == own]
        begins = [f for f in longer if words[f][: len(own)] == own]
        for group in (ends, begins, longer):
            tops = [f for f in group if not any(g != f and contains(words[g], words[f]) for g in group)]
            if len(tops) == 1:
                joined[name] = tops[0]
                break
            if tops and len(own) == 1:
                break
        joined.setdefault(name, name)
    return joined


def contains(longer: list[str], shorter: list[str]) -> bool:
    """Whether the words of the shorter name stand in the longer one in that order; an initial stands for its name."""
    if not set(longer) & set(shorter):  # `Roe` is not short for `R. Jane Poole`
        return False
    rest = iter(longer)
    return all(
        any(w == x or (len(w) == 1 and x.startswith(w)) or (len(x) == 1 and w.startswith(x)) for x in rest)
        for w in shorter
    )


# Legal forms at the end of a firm's name.
FIRMS = frozenset(
    ("AB", "AG", "ASA", "BV", "Co", "Corp", "GmbH", "Inc", "LLC", "Ltd", "NV", "Oy", "PLC", "plc", "SA", "SE", "SpA")
)


def join_organisations(names: Sequence[str], brackets: Mapping[str, str]) -> dict[str, str]:
    """For each organisation's name the fullest one. `brackets` maps an acronym to the name that it stands after."""
    joined: dict[str, str] = {}
    for name in names:
        target = name
        if name in brackets:
            target = brackets[name]
        elif is_acronym(name):
            found = [n for n in names if len(n.split()) > 1 and name.replace(".", "") in initials(n)]
            target = found[0] if len(set(map(fold, found))) == 1 else name
        elif len(name.split()) > 1:
            own = fold(name).split()
            found = [n for n in names if n != name and (extends(fold(n).split(), own) or of_body(n, name))]
            target = found[0] if len(set(map(fold, found))) == 1 else name
        else:
            begin = [n for n in names if n.startswith(f"{name} ") and is_short(n.split())]
            found = begin or [n for n in names if n.endswith(f" {name}")]  # `Rovers` after `Elmton Rovers`
            found = [n for n in found if not any(extends(fold(m).split(), fold(n).split()) for m in found)]
            target = found[0] if len(set(map(fold, found))) == 1 else name
        joined[name] = target
    return joined


def extends(longer: list[str], shorter: list[str]) -> bool:
    """Whether the longer name only adds a legal form or the like at the end: `Acme` and `Acme Corp`."""
    rest = longer[len(shorter) :]
    return bool(rest) and longer[: len(shorter)] == shorter and set(rest) <= FORMS


def of_body(longer: str, shorter: str) -> bool:
    """Whether the longer name only says first whose body it is: `Elm Security Council` and `Security Council`."""
    before = longer.removesuffix(f" {shorter}").split()
    return longer.endswith(f" {shorter}") and (
        len(before) == 1 or (len(before) == 2 and before[0] in ("United", "European"))
    )


def is_short(longer: Sequence[str]) -> bool:
    """Whether the first word of a body's name is short for it: it has two beside its legal form, the second is a name and no
    place, and the first is nothing known (`Acme Tolland AG`, not `Acme Institute`, `Acme Norway` or `Reuters Tolland`). With a
    legal form the second may say what the firm makes (`Acme Foods Inc`)."""
    legal = longer[-1].rstrip(".") in FIRMS
    while longer[-1].rstrip(".") in FIRMS:
        longer = longer[:-1]
    if len(longer) == 1:
        return not core().find(longer[0])
    if len(longer) != 2 or not longer[1][:1].isupper() or longer[1].isupper():
        return False
    if longer[1] in lexicon.heads() and not legal:
        return False
    known = (*core().find(longer[0]), *core().find(longer[1]), *sources().bodies(longer[0]))
    return not known


def is_acronym(name: str) -> bool:
    """Capitals, dots and digits only."""
    return bool(re.fullmatch(r"(?:[A-Z]\.?){2,7}s?|[A-Z][A-Za-z]?[A-Z]{1,5}\d?", name)) and len(name) <= 8


def acronyms(text: str, spans: Iterable[tuple[int, int]]) -> dict[str, str]:
    """Acronyms that stand in brackets after the name they abbreviate: `World Health Organization (WHO)`."""
    found: dict[str, str] = {}
    for start, end in spans:
        if m := re.compile(r"\s*\(\s*[\"“]?((?:[A-Za-z&]\.?-?){2,10})[\"”]?\s*[);,]").match(text, end):
            short, name = m.group(1), text[start:end]
            letters = re.sub(r"\W", "", short).upper()
            if (
                sum(c.isupper() for c in short) >= 2
                and len(name) > len(short)
                and (
                    letters in initials(name)
                    or (subsequence(letters, name.upper()) and name.upper().startswith(letters[0]))
                    or translated(letters, name)
                )
            ):
                found.setdefault(short, name)
    return found


def translated(letters: str, name: str) -> bool:
    """Whether an acronym may be that of the name in its own language: `National Institute of Roads (INR)`. Most of its letters
    begin words of the name."""
    words = {w[0].upper() for w in name.split()}
    return len(letters) > 2 and len(name.split()) > 2 and sum(c in words for c in letters) > len(letters) / 2


def subsequence(letters: str, name: str) -> bool:
    """Whether the letters occur in the name in that order."""
    rest = iter(name)
    return all(c in rest for c in letters)


def aliased(text: str, spans: Sequence[Span], names: Sequence[str]) -> list[str]:
    """The names of the clusters, one where the text says that a thing has two: `the Elm Society, also known as the Elves`."""
    same: dict[tuple[EntityType, str], str] = {}
    whole = [(s, n) for s, n in zip(spans, names, strict=True) if s.source != "part"]
    for (span, name), (other, alias) in pairwise(whole):
        equated = ALSO.fullmatch(text, span.end, other.start) or (
            is_acronym(alias) and SHORTLY.fullmatch(text, span.end, other.start)
        )
        if span.type == other.type and name != alias and equated:
            known_as, kept = (name, alias) if other.term and not span.term else (alias, name)
            same.setdefault((span.type, known_as), kept)
    return [same.get((s.type, n), n) for s, n in zip(spans, names, strict=True)]


class Votes:
    """What speaks for each type of a name, summed over the article."""

    def __init__(self) -> None:
        self.scores: dict[str, Counter[EntityType]] = defaultdict(Counter)

    def add(self, name: str, kind: EntityType, weight: float) -> None:
        """One piece of evidence."""
        self.scores[name][kind] += weight  # type: ignore[assignment]

    def best(self, name: str) -> EntityType:
        """The type with most behind it; the first by name in a tie."""
        return min(self.scores[name].items(), key=lambda item: (-item[1], item[0].value))[0]
