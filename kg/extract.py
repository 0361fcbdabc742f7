"""From articles to extraction records, in this process or in several; the records do not depend on how many."""

from __future__ import annotations

import hashlib
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from functools import cache, partial
from itertools import chain, islice
from pathlib import Path

import kg
from kg.authority import Authority
from kg.authority.places import places_folder
from kg.errors import NewskgError
from kg.memory import keep
from kg.parallel import Pool, ordered, workers
from kg.records import Article, Extraction, Refusal
from kg.settings import value

# Articles that a worker takes at once: large enough that handing over costs nothing, small enough to spread evenly.
CHUNK = 8
# What an article's record depends on beside the article and the model.
PARTS = ("authority", "clean", "nlp", "link", "data", "families.py", "records.py", "tables.py", "vocabulary.py")


def _raise(refusal: Refusal) -> None:
    raise NewskgError(str(refusal))


def extract(
    articles: Iterable[Article],
    model: str,
    jobs: int = 1,
    refused: Callable[[Refusal], None] = _raise,
    pool: Pool | None = None,
) -> Iterator[Extraction]:
    """The records of the articles, in their order. `jobs` above one starts that many processes, each with a model; where a
    pool is given, that does the work.

    `refused` is told each article on which the program fails; the others go on.
    """
    stream = iter(articles)
    first = list(islice(stream, CHUNK))
    if not first:
        return  # without loading a model
    few = len(first) < CHUNK  # one worker would do them all: sooner here
    with nullcontext(None if few else pool) if few or pool else workers(jobs) as several:
        chunks = _chunks(chain(first, stream), several.jobs if several else 1)
        for found in ordered(several, partial(attempted, model=model), chunks):
            for item in found:
                if isinstance(item, Refusal):
                    refused(item)
                else:
                    yield item


def unread(record: Extraction) -> Extraction:
    """The record of an article in a language that the layers do not read: what it is and says, without their findings."""
    return replace(
        record,
        sentences=(),
        entities=(),
        links=(),
        coreference=(),
        events=(),
        quotes=(),
        figures=(),
        positions=(),
        timex=(),
    )


def _chunks(articles: Iterator[Article], jobs: int) -> Iterator[list[Article]]:
    """What a worker takes at once: with several, less and less towards the end, so that none waits long for the last."""
    ahead = CHUNK * jobs if jobs > 1 else 0
    waiting: deque[Article] = deque()
    for article in articles:
        waiting.append(article)
        if len(waiting) == CHUNK + ahead:
            yield [waiting.popleft() for _ in range(CHUNK)]
    while waiting:
        size = max(1, len(waiting) // (2 * jobs)) if jobs > 1 else len(waiting)
        yield [waiting.popleft() for _ in range(size)]


def pipeline_version(model: str) -> str:
    """A digest of everything that a record depends on beside its article: the model, the code and data of the stages, the
    indexes it links with. `InputError` if the setting `authority` names no index."""
    return _version(model, value("authority"))


@cache
def _version(model: str, authority: str) -> str:
    indexes = f"{places_folder().name} {Authority.open(authority).hash if authority else ''}"
    digest = hashlib.sha256(f"{kg.__version__} {model} {model_version(model)} {indexes}".encode())
    root = Path(kg.__file__).parent
    for part in PARTS:
        path = root / part
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and file.suffix not in {".pyc", ".md"}:
                digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def model_version(model: str) -> str:
    """The version of an installed spaCy model, without loading spaCy; its path's time of change if it is no package."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(model)
    except PackageNotFoundError:
        path = Path(model) / "meta.json"
        return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.exists() else "unknown"


def forget_model() -> None:
    """Lets go of the language model, which the next article would load again: half a second."""
    pipeline = sys.modules.get("kg.nlp.pipeline")
    if pipeline:
        pipeline.load.cache_clear()


def attempted(articles: list[Article], model: str) -> list[Extraction | Refusal]:
    """The record of each article, in order; a `Refusal` where the program fails."""
    from kg.nlp import engine  # spaCy takes a second to import: only where it is needed

    engine.prepare()
    from kg.nlp import pipeline

    try:
        found: list[Extraction | Refusal] = list(pipeline.extract(articles, model))
        keep()  # the model and all tables are there now
        return found
    except NewskgError:
        raise
    except Exception as error:
        if len(articles) > 1:  # which one is it?
            return [found for article in articles for found in attempted([article], model)]
        reason = (
            f"makes the program fail ({type(error).__name__}: {str(error)[:200]}): leave it out, and report it please"
        )
        return [Refusal(source=articles[0].source, reason=reason)]
