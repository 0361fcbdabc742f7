"""The authority index: a read-only folder of known people, organisations and places, found by their names.

`Authority.open(folder)` reads one (`kg/authority/index.py`); `open_places()` gives the places of GeoNames
(`kg/authority/places.py`); `kg/authority/build.py` writes one from tables, Wikidata dumps and SPARQL endpoints.
"""

from kg.authority.entry import AliasKind, Candidate, Entry
from kg.authority.index import Authority

__all__ = ["AliasKind", "Authority", "Candidate", "Entry"]
