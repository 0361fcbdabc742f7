"""Makes `kg/data/person_names.tsv`: given names and surnames that many people bear.

    python scripts/make_person_names.py AUTHORITY.tsv[.gz]

Counts the first and last words of the names of politicians (Wikidata query results, CC0), and takes the names in Latin script
from the lists of the countries that the package `faker` (MIT), which must be installed, makes up persons from. Words that are
also a known place, organisation or title are left out: the list is evidence that an unknown name is a person's.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
from collections import Counter
from pathlib import Path

from faker.providers import person
from make_authority_core import DATA, table

from kg.link.authority import core

GIVEN, SURNAME = 5, 5  # a word seen less often may be a clan, a place or a typing error
# Lists of all names ever given: what stands in one of them alone is rare, and often another word.
RARE = frozenset(("en", "en_US", "ga_IE", "is_IS"))
LATIN = 0x250  # the first code point after Latin Extended-B


def lists() -> tuple[set[str], set[str]]:
    """Given names and surnames of more than one country, given names also of one country alone."""
    given: Counter[str] = Counter()
    surname: Counter[str] = Counter()
    for info in pkgutil.iter_modules(person.__path__):
        provider = importlib.import_module(f"{person.__name__}.{info.name}").Provider
        for part, counts, weight in (("first_name", given, 1 if info.name in RARE else 2), ("last_name", surname, 1)):
            names = [
                set(value)
                for a, value in vars(provider).items()
                if part in a and isinstance(value, (dict, list, tuple, set))
            ]
            for word in set().union(*names):
                if isinstance(word, str) and word.isalpha() and word.istitle() and all(ord(c) < LATIN for c in word):
                    counts[word] += weight
    return {w for w, n in given.items() if n > 1}, {w for w, n in surname.items() if n > 1}


def main() -> None:
    """Count and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("authority", type=Path)
    args = parser.parse_args()
    given: Counter[str] = Counter()
    surname: Counter[str] = Counter()
    for row in table(args.authority):
        if row["type"] == "person" and "every-politician-scrapers" in row["source"]:
            words = row["label"].split()
            if len(words) in (2, 3) and all(w.isalpha() and w.istitle() for w in words):
                given[words[0]] += 1
                surname[words[-1]] += 1
    known = {n for e in core().entries.values() if e.type != "person" for n in (e.label, *e.aliases)}
    other = {r["title"] for r in table(DATA / "titles.tsv")} | {r["head"] for r in table(DATA / "heads.tsv")}
    firsts, lasts = {w for w, n in given.items() if n >= GIVEN}, {w for w, n in surname.items() if n >= SURNAME}
    stems = set((DATA / "common_stems.txt").read_text(encoding="utf-8").split())
    reserved = {r["word"] for r in table(DATA / "not_names.tsv")} | {
        form for r in table(DATA / "demonyms.tsv") for k in ("adjectives", "people") for form in r[k].split("|")
    }
    more_firsts, more_lasts = lists()
    firsts |= {w for w in more_firsts if w.lower() not in stems and w not in reserved}
    lasts |= {w for w in more_lasts if w.lower() not in stems and w not in reserved}
    lines = [
        f"{w}\t{'yes' if w in firsts else ''}\t{'yes' if w in lasts else ''}"
        for w in sorted(firsts | lasts)
        if w not in known and w not in other and len(w) > 2
    ]
    (DATA / "person_names.tsv").write_text("word\tgiven\tsurname\n" + "\n".join(lines) + "\n", encoding="utf-8")
    print(len(lines), "names")


if __name__ == "__main__":
    main()
