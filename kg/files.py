"""Where the files beside the code are: the ontology and the saved queries, in a source tree or an installed wheel."""

from __future__ import annotations

from pathlib import Path

from kg.errors import NewskgError

# A wheel carries the folders inside the package (force-include in pyproject.toml); a source tree has them beside it.
_PACKAGE = Path(__file__).resolve().parent
_PLACES = (_PACKAGE / "_shared", _PACKAGE.parent)


def ontology_dir() -> Path:
    """The folder of the Turtle files: `newskg.ttl`, `shapes.ttl` and the SKOS schemes."""
    return _folder("ontology")


def queries_dir() -> Path:
    """The folder of the saved queries (`*.rq`)."""
    return _folder("queries")


def _folder(name: str) -> Path:
    for place in _PLACES:
        if (place / name).is_dir():
            return place / name
    raise NewskgError(f"the folder {name} is missing from this installation of newskg: install it again")
