"""Moved to `kg.prefixes`."""

from kg.prefixes import NKG, PREFIXES

__all__ = ["NKG", "PREFIXES"]
