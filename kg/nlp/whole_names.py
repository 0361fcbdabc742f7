"""Where a name that spaCy cut short or ran together with another really begins and ends."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from spacy.tokens import Doc, Token

from kg.link.authority import core
from kg.link.forms import is_state_body
from kg.link.sources import sources
from kg.nlp import lexicon
from kg.nlp.gazetteer import END, known
from kg.vocabulary import EntityType

# Words that a person's name is lengthened by on each side at most.
MOST = 2
# Before a name: initials.
INITIALS = re.compile(r"(?<![\w.’'-])(?:[B-HJ-Z]|[A-Z] [A-Z]|[A-Z]\. ?[A-Z]\.) ?$")
# The second half of a given name: `In-beom`, not `Roe-led`.
SYLLABLE = re.compile(r"-(?!(?:led|era|run|like|style|owned|born|based|ally|type|free|only|held)\b)[a-z]{2,6}\b(?!-)")
# Before a name, and no part of it: `anti-Roe`, `ex-Roe`.
PREFIX = re.compile(r"(?:anti|pro|ex|post|pre|mid|then|[DRI])-(?=[A-Z])", re.I)
# Before the name of a people, as well.
OF_PEOPLE = re.compile(r"(?:non|un|pan)-(?=[A-Z])", re.I)
# The rest of a double name of a firm or party: `Acme-Roe`, `EPL-N`.
DOUBLE = re.compile(r"-[A-Z][a-z]*\b")
# Between two names in one span.
JOINT = re.compile(r"\s+(?:and|&|in)\s+|,\s+|(?:[’']s|(?<=s)[’'])\s+|(?<=\w)-(?=[A-Z])|(?<=\.)-(?=[A-Z])")
# Between two bodies that stand side by side.
GAP = re.compile(r"(?<=\w)(?:,?\s(?:and|&)\s|,?\s)(?=[A-Z])")
# What lies on both sides of a comma is one name with: it is a list in the name, or the legal form of a firm.
FURTHER = re.compile(r"\s(?:and|&|of|for)\s|^(?:Inc|Ltd|Limited|Llc|Co|Corp|Jr|Sr)\b|\.")
# What these own is one name with them: `People's Republic`.
MANY = frozenset(("People", "Women", "Men", "Children", "Workers", "Farmers", "Students", "Veterans"))


def lengthened(text: str, doc: Doc, offsets: Sequence[int], start: int, end: int) -> tuple[int, int]:
    """A person's name with the words of the name that stand beside it: `Min Aung` of `Min Aung Hlaing`."""
    last = bisect_left(offsets, end)
    while last < len(doc) and text[end : offsets[last]] == " " and belongs(doc[last], text[start:end]):
        end = offsets[last] + len(doc[last])
        last += 1
        if last - bisect_left(offsets, start) > MOST + 3:
            break
    if " " in text[start:end] and (m := SYLLABLE.match(text, end)):
        end = m.end()
    first = bisect_left(offsets, start)
    for _ in range(MOST):
        before = doc[first - 1] if first else None
        if (
            before is None
            or text[before.idx + len(before) : start] != " "
            or not belongs(before, text[start:end])
            or before.lower_ in lexicon.person_nouns()
            or text[start:end].split()[0] in lexicon.given_names()
            or not (
                before.ent_type_ == "PERSON"
                or before.text in lexicon.given_names()
                or may_be_given(before, text[start:end])
            )
        ):
            break
        first, start = first - 1, before.idx
    initials = INITIALS.search(text[max(start - 8, 0) : start])
    if initials and initials[0].replace(" ", "") not in lexicon.titles():
        start -= len(initials[0])
    return start, end


def may_be_given(token: Token, name: str) -> bool:
    """Whether a word that nothing tells to be a given name may be one by its place before a name: inside a sentence, and not
    before what may be a place (`Rodeo Elmton`)."""
    if not token.text.istitle() or token.is_sent_start:
        return False
    return not any(e.type == EntityType.PLACE for e in sources().find(name))


def belongs(token: Token, name: str) -> bool:
    """Whether a word beside a person's name can be part of it."""
    word = token.text
    return (
        token.pos_ == "PROPN"
        and token.ent_type_ in ("", "PERSON")
        and word[0].isupper()
        and len(word) > 1
        and word.isalpha()
        and (not word.isupper() or name.isupper())
        and word not in lexicon.titles()
        and word not in lexicon.heads()
        and word not in lexicon.other_heads()
        and word not in lexicon.not_names()
        and ("after", word.lower()) not in lexicon.name_cues()
        and END not in known().trie.get(word, {})
    )


def parts(text: str, start: int, end: int, kind: EntityType) -> Iterator[tuple[int, int, EntityType]]:
    """The names in a span with their types: an owner and what it owns, two joined by a hyphen, two persons or places joined by
    `and`, two organisations where each ends in a telling word."""
    position = start
    if kind == EntityType.ORGANISATION and (gap := tiled(text[start:end])):
        yield start, start + gap[0], kind
        position = start + gap[1]
    for m in JOINT.finditer(text, start, end):
        if position < m.start() and apart(text[position : m.start()], m.group(), text[m.end() : end], kind):
            yield position, m.start(), told(text[position : m.start()], kind)
            position = m.end()
    yield position, end, told(text[position:end], kind) if position > start else kind


def tiled(name: str) -> tuple[int, int] | None:
    """Where the first of two known bodies ends, and where the second begins, in a name that no body bears: `CBS NFL`, `Boeing and
    Ford`."""
    gaps = [m.span() for m in GAP.finditer(name)]
    if not gaps or is_body(name):
        return None
    return next(((i, j) for i, j in gaps if is_body(name[:i]) and is_body(name[j:])), None)


def is_body(name: str) -> bool:
    """Whether the core table has a body of that name, and no state has one of it."""
    return any(e.type == EntityType.ORGANISATION and e.qid for e in core().find(name)) and not is_state_body(name)


def told(name: str, kind: EntityType) -> EntityType:
    """The type that a part of a span has by itself."""
    term, head = known().whole(name), lexicon.heads().get(name.split()[-1])
    return term.type if term else head[0] if head else kind


def apart(left: str, joint: str, right: str, kind: EntityType) -> bool:
    """Whether what stands on both sides of a joint are names of their own."""
    if (
        not right[:1].isupper()
        or left in MANY
        or (left.startswith(("St ", "St. ")) and kind == EntityType.ORGANISATION)
    ):
        return False
    heads = lexicon.heads()
    last, first = left.split()[-1], right.split()[-1]
    if joint == "-":
        return all(known().whole(side) for side in (left, right))
    if joint.strip() == "in":
        return kind in (EntityType.PERSON, EntityType.PLACE)
    if joint.strip() == ",":  # `Elmton, Oakby`, but `Roe, Inc`, `Department of Trade, Ports and Roads`
        return right.split()[0].istitle() and not FURTHER.search(left) and not FURTHER.search(right)
    if joint.strip() not in ("and", "&"):  # a possessive
        if kind != EntityType.ORGANISATION:
            return first not in heads
        owner = known().whole(left)
        return (owner is not None and owner.type == EntityType.PLACE) or (last in heads and " " in left)
    if kind == EntityType.ORGANISATION:
        return last in heads and heads[last][0] == kind and any(w in heads for w in right.split()[1:])
    generic = heads.keys() | lexicon.other_heads() | lexicon.not_names()
    return not generic & {last, first}
