"""Makes `kg/data/person_names.tsv`: given names and surnames that many officials bear.

    python scripts/make_person_names.py AUTHORITY.tsv[.gz]

Counts the first and last words of the names of politicians (Wikidata query results, CC0). Words that are also a known
place, organisation or title are left out: the list is evidence that an unknown name is a person's.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from make_authority_core import DATA, table

from kg.link.authority import core

GIVEN, SURNAME = 5, 5  # a word seen less often may be a clan, a place or a typing error


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
    words = sorted({w for w, n in given.items() if n >= GIVEN} | {w for w, n in surname.items() if n >= SURNAME})
    lines = [
        f"{w}\t{'yes' if given[w] >= GIVEN else ''}\t{'yes' if surname[w] >= SURNAME else ''}"
        for w in words
        if w not in known and w not in other and len(w) > 2
    ]
    (DATA / "person_names.tsv").write_text("word\tgiven\tsurname\n" + "\n".join(lines) + "\n", encoding="utf-8")
    print(len(lines), "names")


if __name__ == "__main__":
    main()
