"""Writes `docs/licences.md`: every locked package with its version and licence, as the installed packages say.

Run by hand after a change of the lock: `.venv/bin/python scripts/licences.py`. Packages for other systems than this one
are in the lock and not installed; they are listed without a licence.
"""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "licences.md"
HEAD = """# Licences

What is installed from `requirements.lock`, written by `scripts/licences.py`. The licences of the query editor's packages are in
`kg/web/static/vendor/LICENSES.txt` once `./run assets` has fetched them.

| package | version | licence |
|---|---|---|
"""


def locked() -> dict[str, str]:
    """Names and versions of the lock."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE))


def licence(name: str) -> str:
    """The licence that a package states: as an SPDX expression, by classifier, or in words."""
    try:
        found = metadata(name)
    except PackageNotFoundError:
        return "(not for this system)"
    classified = [
        text.rpartition(" :: ")[2] for text in found.get_all("Classifier", []) if text.startswith("License ::")
    ]
    words = (found.get("License") or "").strip().splitlines()
    return (
        found.get("License-Expression") or ", ".join(classified) or (words[0][:80] if words else "") or "see its files"
    )


def main() -> None:
    """Writes the list."""
    rows = (f"| {name} | {version} | {licence(name).replace('|', '/')} |" for name, version in sorted(locked().items()))
    TARGET.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
