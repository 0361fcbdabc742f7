"""The authority: known people, organisations and places with their Wikidata items, by name.

The core table `kg/data/authority_core.tsv` ships with the package; `kg/data/README.md` names its sources and licences.
`kg/data/known_names.tsv` adds names that news uses as a matter of course but whose item was not verified: they have a
type and a canonical name, and no link.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

from kg.ready import ready_made
from kg.vocabulary import EntityType

DATA = Path(__file__).parent.parent / "data"
COLUMNS = ("qid", "type", "kind", "label", "aliases", "admin", "lat", "lon", "country", "population", "geonames")
# Letters that Unicode does not decompose, with their usual ASCII spelling.
PLAIN = str.maketrans(
    {
        "ı": "i",
        "ø": "o",
        "Ø": "O",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "ß": "ss",
        "æ": "ae",
        "Æ": "Ae",
        "œ": "oe",
        "þ": "th",
        "ð": "d",
        "ə": "a",
        "’": "'",
        "‘": "'",
        "ʻ": "'",
        "ʼ": "'",
        "ʽ": "'",
        "`": "'",
        "–": "-",
        "—": "-",
        "‐": "-",
        "‑": "-",
    }
)


# Up to this length a name must agree in its letters' case and its dots: `WHO` is not `who`, `Md.` not `M.D.`.
SHORT = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """One identity; `qid` is empty where it was never verified.

    `kind` of a place: country, capital, city, county or region; `admin` is the region it lies in, `country` its country's
    QID. `weight` says how well known it is in the index it comes from, `alias` whether the name it was found by is not its
    label; entries of the core table have neither. `born` and `died` are years, where the index has them.
    """

    qid: str
    type: EntityType
    kind: str
    label: str
    aliases: tuple[str, ...]
    admin: str
    lat: float | None
    lon: float | None
    country: str
    population: int
    geonames: int | None = None
    id: str = ""
    description: str = ""
    weight: int = 1
    alias: bool = False
    code: str = ""
    born: int | None = None
    died: int | None = None

    def __reduce__(self) -> tuple[object, ...]:  # pickled as its values: read back in a third of the time
        return Entry, tuple(getattr(self, name) for name in Entry.__slots__)


def ascii_form(name: str) -> str:
    """The name without accents, with plain quotes and dashes; letters of other scripts stay."""
    name = name.translate(PLAIN)
    if name.isascii():  # most are: decomposed and composed they stay the same
        return name
    plain = unicodedata.normalize("NFKD", name)
    return unicodedata.normalize("NFC", "".join(c for c in plain if not unicodedata.combining(c)))


@lru_cache(16_384)  # names recur: within an article, and from one to the next
def fold(name: str) -> str:
    """The key under which a name is looked up: no accents, case, punctuation or leading article.

    >>> fold("The al-Aqsa Mosque's")
    'al aqsa mosque s'
    """
    words = re.findall(r"\w+", ascii_form(name).casefold().replace(".", "").replace("'", ""))
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    return " ".join(words)


def slug(name: str) -> str:
    """The last part of an identifier, readable: `jane-roe`. Letters of other scripts are kept; never empty."""
    return (
        "-".join(re.findall(r"\w+", ascii_form(name).casefold().replace(".", "").replace("'", "").replace("_", " ")))
        or "unnamed"
    )


def order(entry: Entry) -> tuple[bool, int, str]:
    """Sort key: verified entries by QID, then the others by label."""
    return (not entry.qid, int(entry.qid[1:] or 0), entry.label)


class Authority:
    """The entries by folded name and by identifier; a name's entries are sorted, best known first."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        named: dict[str, list[Entry]] = defaultdict(list)
        self.ids: set[str] = set()
        self.entries: dict[str, Entry] = {}
        for entry in sorted(entries, key=order):
            name = f"{entry.type}/{slug(entry.label)}"
            if name in self.ids:
                name = f"{name}-{entry.qid.lower() or 'unlinked'}"
            entry = replace(entry, id=name)
            self.ids.add(name)
            self.entries[name] = entry
            for key in sorted({fold(n) for n in (entry.label, *entry.aliases)}):
                named[key].append(entry)
        rank = {"country": 0, "capital": 1, "region": 2}
        self.named = {
            key: tuple(sorted(found, key=lambda e: (rank.get(e.kind, 3), -e.population, order(e))))
            for key, found in named.items()
        }

    def find(self, name: str) -> tuple[Entry, ...]:
        """Entries with that name. Capitals count in an acronym: `WHO` is not `who`, `US` not `us`."""
        found = self.named.get(fold(name), ())
        if len(name) > SHORT or not found:
            return found
        form = ascii_form(name)
        forms = {e.id: [ascii_form(n) for n in (e.label, *e.aliases)] for e in found}
        return tuple(e for e in found if any(n == form or (n.upper() == form and not n.isupper()) for n in forms[e.id]))


def read(path: Path) -> Iterable[Entry]:
    """The entries of a table with the columns `COLUMNS`."""
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield Entry(
                qid=row["qid"],
                type=EntityType(row["type"]),
                kind=row["kind"],
                label=row["label"],
                aliases=tuple(row["aliases"].split("|")) if row["aliases"] else (),
                admin=row["admin"],
                lat=float(row["lat"]) if row["lat"] else None,
                lon=float(row["lon"]) if row["lon"] else None,
                country=row["country"],
                population=int(row["population"] or 0),
                geonames=int(row["geonames"]) if row["geonames"] else None,
            )


def known(path: Path, listed: Iterable[Entry]) -> Iterable[Entry]:
    """Entries without an item for the rows (type, label, aliases) of `path` that `listed` has under no name."""
    have = {(e.type, n) for e in listed for n in (e.label, *e.aliases)}
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
            kind = EntityType(row["type"])
            if (kind, row["label"]) not in have:
                aliases = tuple(row["aliases"].split("|")) if row["aliases"] else ()
                yield Entry("", kind, "", row["label"], aliases, "", None, None, "", 0)


@cache
def core() -> Authority:
    """The authority that ships with the package, read once."""
    return ready_made("authority", _core)


def _core() -> Authority:
    listed = tuple(read(DATA / "authority_core.tsv"))
    return Authority((*listed, *known(DATA / "known_names.tsv", listed)))
