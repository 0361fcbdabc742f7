"""Measures what extraction costs beside the language model alone.

    python scripts/bench_extraction.py [SOURCE…] [--articles 200]

SOURCE: files or folders with real articles; without any, the examples. Eight articles at a time go through bare `nlp.pipe` and
through extraction, in turns, in one process: what the machine gives changes within minutes, and this way hits both. CPU time,
the start of both left out.
"""

from __future__ import annotations

import argparse
import gc
import time
from itertools import islice
from statistics import median

from bench_run import MODEL, ROOT

from kg.extract import extract
from kg.memory import search_seldom
from kg.nlp import engine
from kg.read import read
from kg.records import Article

# Articles in a group: bare spaCy gains by batches, and what comes first costs more.
GROUP = 8


def main() -> None:
    """Runs the measurement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="*", default=[str(ROOT / "examples" / "articles")])
    parser.add_argument("--articles", type=int, default=200, help="articles that are measured  [default: 200]")
    options = parser.parse_args()
    search_seldom()  # as the command line does
    engine.prepare()
    import spacy  # after that, as in a build

    english = (a for a in read(options.sources) if isinstance(a, Article) and a.lang == "en")
    articles = list(islice(english, options.articles + GROUP))
    groups = [articles[i : i + GROUP] for i in range(0, len(articles), GROUP)]
    if len(groups) < 2:
        parser.error(f"{len(articles)} articles are too few: name files or folders with {2 * GROUP} or more")
    nlp = spacy.load(MODEL)
    bare, whole, ratios = 0.0, 0.0, []
    for number, group in enumerate(groups):
        began = time.process_time()
        list(nlp.pipe([a.text for a in group]))
        between = time.process_time()
        list(extract(group, MODEL))
        ended = time.process_time()
        if number:  # the first starts everything
            bare, whole = bare + between - began, whole + ended - between
            ratios.append((ended - between) / (between - began))
        else:
            gc.freeze()
    print(
        f"{len(articles) - GROUP} articles: bare nlp.pipe {bare:.1f} CPU s, extraction {whole:.1f}: {whole / bare:.2f} times"
    )
    print(f"the group in the middle: {median(ratios):.2f} times; from {min(ratios):.2f} to {max(ratios):.2f}")


if __name__ == "__main__":
    main()
