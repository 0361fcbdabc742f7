"""Every stored surface form really stands at its offsets, whatever the text is made of."""

from __future__ import annotations

import hashlib

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kg.nlp import pipeline
from kg.rdf.article import article_quads
from kg.records import Article
from kg.resolve import resolve
from kg.settings import BY_NAME

MODEL = BY_NAME["model"].default
BASE = "http://example.org/"
NIF = "http://persistence.uni-leipzig.org/nlp2rdf/ontologies/nif-core#"
# Sentences that set every layer to work, to be mixed with whatever characters a page may have.
NEWS = (
    "ANKARA, Feb. 7, 2023 (Example Wire) -- At least 3,419 people were killed, "
    "Turkish President Recep Tayyip Erdogan said on Tuesday.",
    "\u201cWe will rebuild,\u201d the minister told reporters, according to Anadolu.",
    "Officials met in Geneva for talks about a ceasefire two weeks ago.",
    "The World Health Organization (WHO) said it would not withdraw its teams.",
)
MIXED = st.lists(
    st.one_of(
        st.sampled_from(NEWS),
        st.text(st.characters(blacklist_categories=("Cs",)), max_size=12),
        st.sampled_from("\n \t\r\u00a0\u200d🙂é"),
    ),
    min_size=1,
    max_size=10,
).map(" ".join)


def article(text: str) -> Article:
    return Article(id="a b/ü", source="a.txt", sha256=hashlib.sha256(text.encode()).hexdigest(), text=text)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(MIXED)
@example("\U0001f642 " + NEWS[0] + "\r\n\r\n" + NEWS[1])
def test_every_surface_stands_at_its_offsets(text: str) -> None:
    [record] = pipeline.extract([article(text)], MODEL)
    found: dict[str, dict[str, str]] = {}
    for quad in article_quads(record, resolve([record]), BASE):
        if quad.predicate.value.startswith(NIF):
            found.setdefault(quad.subject.value, {})[quad.predicate.value.removeprefix(NIF)] = quad.object.value  # type: ignore[union-attr]
    assert found
    for iri, node in found.items():
        begin, end = int(node["beginIndex"]), int(node["endIndex"])
        assert iri.endswith(f"#char={begin},{end}")
        assert 0 <= begin <= end <= len(text)
        if "anchorOf" in node:
            assert begin < end
            assert node["anchorOf"] == text[begin:end]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(MIXED)
def test_everything_that_is_cited_is_described(text: str) -> None:
    [record] = pipeline.extract([article(text)], MODEL)
    quads = article_quads(record, resolve([record]), BASE)
    described = {quad.subject.value for quad in quads}
    cited = {
        q.object.value for q in quads if "#char=" in getattr(q.object, "value", "") and q.object.value.startswith(BASE)
    }
    assert cited <= described


def test_batches_do_not_change_records() -> None:
    articles = [article(" ".join(NEWS[i:] + NEWS[:i])) for i in range(4)]
    together = list(pipeline.extract(articles, MODEL))
    assert together == [record for a in articles for record in pipeline.extract([a], MODEL)]
