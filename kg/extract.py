"""From articles to extraction records, in this process or in several; the records do not depend on how many."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from functools import cache
from itertools import chain, islice
from pathlib import Path

import kg
from kg.authority import Authority
from kg.authority.places import places_folder
from kg.errors import NewskgError
from kg.records import Article, Extraction, Refusal
from kg.settings import value

# Articles that a worker takes at once: large enough that handing over costs nothing, small enough to spread evenly.
CHUNK = 8
# Chunks that wait for each worker: it never idles, and no more than a few articles are in memory.
AHEAD = 2
# What an article's record depends on beside the article and the model.
PARTS = ("authority", "clean", "nlp", "link", "data", "records.py", "tables.py", "vocabulary.py")


def _raise(refusal: Refusal) -> None:
    raise NewskgError(str(refusal))


def extract(
    articles: Iterable[Article], model: str, jobs: int = 1, refused: Callable[[Refusal], None] = _raise
) -> Iterator[Extraction]:
    """The records of the articles, in their order. `jobs` above one starts that many processes, each with a model.

    `refused` is told each article on which the program fails; the others go on.
    """
    stream = iter(articles)
    first = next(stream, None)
    if first is None:
        return  # without loading a model
    articles = chain([first], stream)
    if jobs <= 1:
        while chunk := list(islice(articles, CHUNK)):
            yield from _records(attempted(chunk, model), refused)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_start, initargs=(model,)) as pool:
        waiting: deque[Future[list[Extraction | Refusal]]] = deque()
        try:
            while True:
                while len(waiting) < jobs * AHEAD and (chunk := list(islice(articles, CHUNK))):
                    waiting.append(pool.submit(attempted, chunk, model))
                if not waiting:
                    return
                yield from _records(waiting.popleft().result(), refused)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


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


def _start(model: str) -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends the work in order
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # one thread a process: the processes are the parallelism
    from kg.nlp import pipeline

    pipeline.load(model)


def attempted(articles: list[Article], model: str) -> list[Extraction | Refusal]:
    """The record of each article, in order; a `Refusal` where the program fails."""
    from kg.nlp import pipeline  # spaCy takes seconds to import: only where it is needed

    try:
        return list(pipeline.extract(articles, model))
    except NewskgError:
        raise
    except Exception as error:
        if len(articles) > 1:  # which one is it?
            return [found for article in articles for found in attempted([article], model)]
        reason = (
            f"makes the program fail ({type(error).__name__}: {str(error)[:200]}): leave it out, and report it please"
        )
        return [Refusal(source=articles[0].source, reason=reason)]


def _records(found: list[Extraction | Refusal], refused: Callable[[Refusal], None]) -> Iterator[Extraction]:
    for item in found:
        if isinstance(item, Refusal):
            refused(item)
        else:
            yield item
