"""The ontology's files parse, name their version, and declare every own term that code and queries use."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pyshacl
import pytest
import rdflib
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, URIRef
from rdflib.namespace import SH

from kg import files
from kg.errors import NewskgError
from kg.files import ontology_dir, queries_dir

ROOT = Path(__file__).parents[1]
ONTOLOGY = URIRef("https://w3id.org/newskg/ontology")
NKG = str(ONTOLOGY) + "#"
FILES = sorted(ontology_dir().glob("*.ttl"))
# `nkg:term` as queries and comments write it, `NKG.term` and `NKG["term"]` as the code does.
USES = tuple(re.compile(use) for use in (r"\bnkg:([A-Za-z]\w*)", r"\bNKG\.([A-Za-z]\w*)", r'\bNKG\["([A-Za-z]\w*)"\]'))
NAMES = {
    "attitudes.ttl",
    "comparators.ttl",
    "factuality.ttl",
    "measures.ttl",
    "newskg.ttl",
    "scopes.ttl",
    "shapes.ttl",
}


def declared() -> set[str]:
    graph = rdflib.Graph()
    for file in FILES:
        graph.parse(file)
    return {str(s).removeprefix(NKG) for s in graph.subjects(RDF.type) if str(s).startswith(NKG)}


def test_all_files_are_there() -> None:
    assert {file.name for file in FILES} == NAMES


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_parses(file: Path) -> None:
    assert len(rdflib.Graph().parse(file)) > 10


def test_the_ontology_names_its_version_licence_and_title() -> None:
    graph = rdflib.Graph().parse(ontology_dir() / "newskg.ttl")
    version = str(graph.value(ONTOLOGY, OWL.versionInfo))
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert graph.value(ONTOLOGY, OWL.versionIRI) == URIRef(f"{ONTOLOGY}/{version}")
    assert graph.value(ONTOLOGY, DCTERMS.title)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["license"].upper() in str(graph.value(ONTOLOGY, DCTERMS.license)).upper()


def test_alignments_to_wikidata_are_entity_iris() -> None:
    graph = rdflib.Graph().parse(ontology_dir() / "newskg.ttl")
    items = {str(o) for o in graph.objects() if "wikidata.org" in str(o)}
    assert items
    assert all(re.fullmatch(r"http://www\.wikidata\.org/entity/Q[1-9]\d*", item) for item in items)


def test_every_event_class_is_placed_and_most_are_aligned() -> None:
    graph = rdflib.Graph().parse(ontology_dir() / "newskg.ttl")
    leaves = [c for c in graph.subjects(RDF.type, OWL.Class) if graph.value(c, URIRef(NKG + "cameoCode"))]
    matched = {s for p in (SKOS.closeMatch, SKOS.narrowMatch) for s in graph.subjects(p)}
    matches = {s for s in matched if graph.value(s, RDFS.subClassOf)}
    assert len(leaves) >= 20
    assert len(matches) >= 25


def test_the_shapes_are_legal_shacl() -> None:
    shapes = rdflib.Graph().parse(ontology_dir() / "shapes.ttl")
    conforms, _, text = pyshacl.validate(rdflib.Graph(), shacl_graph=shapes, meta_shacl=True)
    assert conforms, text


def test_every_shape_that_can_fail_says_what_is_wrong() -> None:
    shapes = rdflib.Graph().parse(ontology_dir() / "shapes.ttl")
    labelled = list(shapes.subjects(RDFS.label))
    used = {p for s in labelled for p in (*shapes.objects(s, SH.property), *shapes.objects(s, SH.sparql))}
    assert used
    for shape in used:
        assert shapes.value(shape, SH.message), shape


def used_terms() -> list[tuple[str, str]]:
    paths = [*sorted((ROOT / "kg").rglob("*.py")), *sorted(queries_dir().glob("*.rq")), ontology_dir() / "shapes.ttl"]
    found = {(file.name, term) for file in paths for use in USES for term in use.findall(file.read_text("utf-8"))}
    return sorted(found)


def test_every_own_term_that_is_used_is_declared() -> None:
    known = declared()
    unknown = [f"{file}: nkg:{term}" for file, term in used_terms() if term not in known]
    assert not unknown, f"declare in ontology/newskg.ttl, or correct: {unknown}"


def test_an_installed_wheel_has_its_own_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wheel" / "ontology").mkdir(parents=True)
    (tmp_path / "tree" / "ontology").mkdir(parents=True)
    (tmp_path / "tree" / "queries").mkdir()
    monkeypatch.setattr(files, "_PLACES", (tmp_path / "wheel", tmp_path / "tree"))
    assert ontology_dir() == tmp_path / "wheel" / "ontology"
    assert queries_dir() == tmp_path / "tree" / "queries"


def test_a_broken_installation_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_PLACES", (tmp_path,))
    with pytest.raises(NewskgError, match=r"queries is missing.*install it again"):
        queries_dir()
