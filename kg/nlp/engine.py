"""Imports spaCy without its command line, before anything else imports it.

spaCy's package imports `spacy.cli` for one function, and with it the clients for downloads, projects and templates: 0.5 s, as
long as spaCy itself. Nothing here uses them. Whoever imports `spacy.cli` afterwards gets the real one.

spaCy's registries ask for the entry points of their group at each look-up, and `importlib.metadata` goes through those of all
installed packages to tell: 0.1 s for a model. They are put in order once, as `catalogue` takes them too.
"""

from __future__ import annotations

import sys
from types import ModuleType

_STANDINS = ("spacy.cli", "spacy.cli.info")


def prepare() -> None:
    """Imports spaCy, unless it is there already."""
    if "spacy" in sys.modules:
        return
    for name in _STANDINS:
        module = ModuleType(name)
        module.__dict__.update(__path__=[], info=None)
        sys.modules[name] = module
    try:
        import spacy  # noqa: F401
    except ImportError:  # another version that needs more of it
        for name in [name for name in sys.modules if name == "spacy" or name.startswith("spacy.")]:
            del sys.modules[name]
    finally:
        for name in _STANDINS:
            sys.modules.pop(name, None)
    _sort_entry_points()


def _sort_entry_points() -> None:
    import catalogue  # type: ignore[import-untyped]

    points = catalogue.AVAILABLE_ENTRY_POINTS
    if hasattr(points, "select"):
        catalogue.AVAILABLE_ENTRY_POINTS = {group: list(points.select(group=group)) for group in points.groups}
