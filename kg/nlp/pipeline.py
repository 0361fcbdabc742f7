"""The pipeline: one spaCy model, then the layers in order, each a function of what came before."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache

import spacy
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc
from spacy.util import registry

from kg.clean import lay_out
from kg.errors import NewskgError
from kg.nlp import coreference, events, figures, mentions, positions, quotes, timex
from kg.nlp.model_rules import index_lemmas, keep_rules
from kg.nlp.quotes import first_person
from kg.nlp.reading import Reading, trim
from kg.records import Article, Extraction

# A sentence of prose has an end well before so many tokens; without one, a sentence begins anyway: the layers' work grows
# with the square of a sentence's length, and a table without a full stop would take hours.
MAX_SENTENCE = 300
_ENDS = frozenset(".!?…")
_HALVES = frozenset(("a.m.", "p.m.", "am", "pm"))
# The parser tells sentences apart: the model's other component for that is not even read.
_UNUSED = ("senter",)
_CONFIG = {"nlp": {"tokenizer": {"@tokenizers": "newskg.FromModel.v1"}}}
# Texts handed to the model at once: enough to fill its batches, few enough to keep memory flat.
BATCH = 32


@Language.component("newskg_blocks")
def _blocks(doc: Doc) -> Doc:
    """Lets a sentence begin where a block of the page begins, and nowhere inside white space or a time of day."""
    breaks = doc.user_data.get("breaks", ())
    for offset in breaks:
        words = doc.char_span(offset, offset + 1, alignment_mode="expand")
        if words is not None:
            words[0].is_sent_start = True
    length = 0
    for token in doc:
        length = 0 if token.is_sent_start or token.text in _ENDS else length + 1
        if length == MAX_SENTENCE:
            token.is_sent_start = True
            length = 0
        if token.text in _HALVES and token.i + 2 < len(doc) and doc[token.i + 2].text == "time":
            doc[token.i + 1].is_sent_start = False  # "at 6 p.m. Greek time"
    return doc


def _from_model() -> Callable[[Language], Tokenizer]:
    """A tokenizer without rules: the model's are read into it. spaCy's own reads those of the language first, then the same
    again."""
    return lambda nlp: Tokenizer(nlp.vocab)


registry.tokenizers.register("newskg.FromModel.v1", func=_from_model)


@cache
def load(model: str) -> Language:
    """The spaCy model by package name or path. `NewskgError` if it is not installed."""
    try:
        nlp = spacy.load(model, exclude=_UNUSED, config=_CONFIG)
        if not getattr(nlp.tokenizer, "rules", None):  # the model's tokenizer is of another kind
            nlp = spacy.load(model, exclude=_UNUSED)
    except OSError as error:
        raise NewskgError(f"the spaCy model {model!r} cannot be loaded ({error}): install it or set --model") from None
    keep_rules(nlp)
    index_lemmas(nlp)
    nlp.max_length = sys.maxsize  # what is too long is refused when it is read
    nlp.add_pipe("newskg_blocks", before="parser")
    return nlp


def extract(articles: Iterable[Article], model: str) -> Iterator[Extraction]:
    """The extraction record of each article, in the order given."""
    nlp = load(model)
    pages = ((article, lay_out(article)) for article in articles)
    docs = ((_make_doc(nlp, article.text, page.breaks), (article, page)) for article, page in pages)
    for doc, (article, page) in nlp.pipe(docs, as_tuples=True, batch_size=BATCH):
        yield _record(read(Reading(article=article, page=page, doc=doc)))


def read(reading: Reading) -> Reading:
    """Runs the layers over one parsed article."""
    reading = replace(reading, timex=timex.find(reading))
    entities, inner, links = mentions.linked(reading)
    reading = replace(reading, entities=entities, inner=inner, links=links)
    reading = replace(reading, coreference=coreference.find(reading))
    reading = replace(reading, positions=positions.find(reading))
    reading = replace(reading, quotes=quotes.find(reading))
    reading = replace(reading, coreference=first_person.sure(reading))
    reading = replace(reading, events=events.find(reading))
    return replace(reading, figures=figures.find(reading))


def _make_doc(nlp: Language, text: str, breaks: tuple[int, ...]) -> Doc:
    doc = nlp.make_doc(text)
    doc.user_data["breaks"] = breaks
    return doc


def _record(reading: Reading) -> Extraction:
    article, page = reading.article, reading.page
    sentences = (trim(article.text, s.start_char, s.end_char) for s in reading.doc.sents)
    return Extraction(
        id=article.id,
        source=article.source,
        sha256=article.sha256,
        text=article.text,
        lang=article.lang,
        title=page.title,
        date=page.date,
        publisher=page.publisher,
        agencies=page.agencies,
        url=article.url,
        dateline=page.dateline,
        noise=page.noise,
        sentences=tuple(s for s in sentences if s[0] < s[1]),
        entities=tuple(sorted((*reading.entities, *reading.inner), key=lambda m: (m.start, -m.end))),
        links=reading.links,
        coreference=reading.coreference,
        events=reading.events,
        quotes=reading.quotes,
        figures=reading.figures,
        positions=reading.positions,
        timex=reading.timex,
    )
