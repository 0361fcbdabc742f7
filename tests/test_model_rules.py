"""A model's rules are asked once for each kind of word, with spaCy's own results."""

from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.pipeline import AttributeRuler
from spacy.tokens import Doc

from kg.nlp import pipeline
from kg.nlp.model_rules import Ruler, index_lemmas, keep_rules
from kg.settings import value

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").rglob("*.txt"))
# Words that rules of their own are for, by form, dependency and the word beside them; white space; words of no letter.
ODD = "  But that's what he'd\n\nhave had, and had been to do: to be, or not; a an the that which who'll ain't gonna 5% — ."


@pytest.fixture(scope="module")
def plain() -> Language:
    """The model as spaCy loads it."""
    return spacy.load(value("model"))


def parsed(nlp: Language, text: str) -> Doc:
    """The text up to where rules for tags are asked."""
    doc = nlp.make_doc(text)
    for name, pipe in nlp.pipeline:
        if name == "attribute_ruler":
            return doc
        doc = pipe(doc)
    raise AssertionError("the model has no rules for tags")


def test_words_and_runs_match_as_spacy_matches_them(plain: Language) -> None:
    theirs = plain.get_pipe("attribute_ruler")
    ours = pipeline.load(value("model")).get_pipe("attribute_ruler")
    assert isinstance(theirs, AttributeRuler)
    assert isinstance(ours, Ruler)
    assert ours.patterns == theirs.patterns
    texts = [ODD, *(path.read_text("utf-8") for path in EXAMPLES)]
    assert len(texts) > 3
    for text in texts:
        doc = parsed(plain, text)
        assert ours.match(doc) == theirs.match(doc)
        assert ours.match(doc) == theirs.match(doc)  # from what was kept


def test_tags_and_lemmas_are_the_models(plain: Language) -> None:
    ours = pipeline.load(value("model"))
    index = ours.get_pipe("lemmatizer").lookups.get_table("lemma_index")  # type: ignore[attr-defined]
    assert all(isinstance(words, frozenset) for words in index.values())
    for text in (ODD, EXAMPLES[0].read_text("utf-8")):
        a, b = plain(text), ours(text)
        assert [(t.pos_, str(t.morph), t.lemma_) for t in a] == [(t.pos_, str(t.morph), t.lemma_) for t in b]


def rules_of(nlp: Language) -> AttributeRuler:
    """The ruler of a pipeline with rules of all forms that spaCy takes."""
    ruler = nlp.add_pipe("attribute_ruler")
    assert isinstance(ruler, AttributeRuler)
    ruler.add([[{"LOWER": "elm"}]], {"POS": "NOUN", "TAG": "NN"})
    ruler.add([[{"LOWER": {"NOT_IN": ["oak", "."]}}]], {"LEMMA": "x"})
    ruler.add([[{"LOWER": {"REGEX": "^o"}}], [{"LOWER": {"IN": ["elm", "ash"]}}]], {"LEMMA": "tree"})
    ruler.add([[{"LOWER": "elm"}, {"LOWER": "oak"}]], {"TAG": "NNP"}, index=1)
    ruler.add([[{"LOWER": "elm", "OP": "+"}]], {"MORPH": "Number=Sing"}, index=-1)
    ruler.add([[{"IS_SPACE": True}], [{"LENGTH": 3}]], {"POS": "X"})
    return ruler


def test_any_rule_of_any_model() -> None:
    theirs, ours = spacy.blank("en"), spacy.blank("en")
    expected = rules_of(theirs)
    rules_of(ours)
    keep_rules(ours)
    kept = ours.get_pipe("attribute_ruler")
    assert isinstance(kept, Ruler)
    text = "Elm oak ELM elm\n\nash. OAK or elm elm oak yew"
    found = kept.match(ours.make_doc(text))
    assert found == expected.match(theirs.make_doc(text))
    assert len({number for number, *_ in found}) == 6
    a, b = theirs(text), ours(text)
    assert [(t.pos_, t.tag_, t.lemma_, str(t.morph)) for t in a] == [
        (t.pos_, t.tag_, t.lemma_, str(t.morph)) for t in b
    ]


def test_a_rule_added_later_is_asked_too() -> None:
    nlp = spacy.blank("en")
    rules_of(nlp)
    keep_rules(nlp)
    ruler = nlp.get_pipe("attribute_ruler")
    assert isinstance(ruler, Ruler)
    assert all(number < 6 for number, *_ in ruler.match(nlp.make_doc("elm yew")))
    ruler.add([[{"LOWER": "yew"}]], {"LEMMA": "yew"})
    assert (6, 1, 2) in [(number, start, end) for number, _, start, end in ruler.match(nlp.make_doc("elm yew"))]
    ruler.clear()
    for _ in range(7):  # as many as before
        ruler.add([[{"LOWER": "ash"}]], {"LEMMA": "ash"})
    assert not ruler.match(nlp.make_doc("elm yew"))


def test_models_without_rules_are_left_alone() -> None:
    nlp = spacy.blank("en")
    keep_rules(nlp)
    index_lemmas(nlp)
    assert not nlp.pipe_names
    nlp.add_pipe("lemmatizer", config={"mode": "lookup"})
    index_lemmas(nlp)  # it has no tables yet
    assert nlp.pipe_names == ["lemmatizer"]
