"""Stores behind SPARQL 1.1: a server found by its address, and a store folder's graphs mirrored into it."""

from kg.remote.client import Remote
from kg.remote.mirror import Mirrored, mirror

__all__ = ["Mirrored", "Remote", "mirror"]
