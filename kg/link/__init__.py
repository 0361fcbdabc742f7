"""Linking names to known identities; imports no spaCy."""
