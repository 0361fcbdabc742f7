"""What may import what: data flows one way."""

from __future__ import annotations

import subprocess
import sys

import pytest

# Importing the first must not bring in any of the others.
APART = {
    "kg.web.serve": {"spacy", "pyshacl", "kg.nlp", "trafilatura"},
    "kg.cli": {"spacy", "pyshacl", "flask", "kg.nlp", "trafilatura", "rdflib"},
    "kg.nlp.pipeline": {"rdflib", "pyoxigraph", "oxrdflib", "flask", "kg.rdf", "kg.store"},
    "kg.link": {"spacy", "rdflib", "pyoxigraph"},
    "kg.query.worker": {"spacy", "flask", "rdflib", "kg.nlp"},
    "kg.resolve": {"spacy", "rdflib", "pyoxigraph", "flask"},
    "kg.rdf.article": {"spacy", "flask"},
}


@pytest.mark.parametrize("module", sorted(APART))
def test_a_layer_does_not_reach_into_another(module: str) -> None:
    code = f"import sys, {module}; print(*sorted(sys.modules))"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert not {name for name in loaded if name in APART[module]}
