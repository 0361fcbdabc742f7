"""From what the user names (files, folders, globs, `-`) to the files to read: which, in which order, under which ids.

The list of files is made before anything is read, and sorted, so neither ids nor order depend on that of arguments.
"""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from glob import glob, has_magic
from pathlib import Path

from kg.errors import InputError
from kg.read import ids
from kg.read.addresses import Address, expand
from kg.records import Refusal

FORMATS = {
    ".txt": "plain", ".md": "plain", ".markdown": "plain", ".html": "html", ".htm": "html", ".xhtml": "html",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".xml": "feed", ".rss": "feed", ".atom": "feed", ".warc": "warc",
}  # fmt: skip
# One file is one article, so that its name is the article's id.
SINGLE = frozenset({"plain", "html"})
READABLE = ".txt .md .html .jsonl .xml .warc, each also as .gz"
# Files that stand beside articles in a folder without being articles; anything else of an unknown format is reported.
BESIDE = frozenset({"readme", "license", "licence", "copying", "notice", "changelog", "contributing", "authors"})
NOT_TEXT = frozenset({
    ".css", ".js", ".mjs", ".map", ".json", ".csv", ".tsv", ".py", ".sh", ".toml", ".ini", ".cfg", ".yaml", ".yml",
    ".lock", ".log", ".bib", ".jpg", ".jpeg", ".png", ".gif", ".svg", ".webp", ".avif", ".ico", ".bmp", ".tif",
    ".tiff", ".mp3", ".mp4", ".m4a", ".ogg", ".wav", ".webm", ".avi", ".mov", ".woff", ".woff2", ".ttf", ".otf",
    ".ttl", ".nt", ".nq", ".trig", ".rdf", ".jsonld", ".rq", ".sqlite", ".db", ".cdx", ".cdxj",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Input:
    """A file to read (`location` None: standard input). `id` is the article's, or begins those of its lines and entries."""

    location: str | Address | None
    source: str
    id: str
    format: str

    @property
    def path(self) -> Path | Address | None:
        """The file as something to open. Made when it is asked for: most files of a large folder are not read again."""
        return Path(self.location) if isinstance(self.location, str) else self.location


def discover(sources: Iterable[str], fetch: bool = False) -> tuple[list[Input], list[Refusal]]:
    """The files to read, sorted by id, each once, and what cannot be read by its name alone. `fetch`: addresses, too."""
    named: dict[str | Address, str] = {}
    refusals: list[Refusal] = []
    stdin = False
    for source in sorted(set(sources)):
        if source == "-":
            stdin = True
        elif "://" in source and not Path(source).exists() and fetch:
            refusals += _addresses(source, named)
        elif "://" in source and not Path(source).exists():
            refusals.append(
                Refusal(source=source, reason="is an address, and nothing is fetched: save the page and give the file")
            )
        else:
            paths = _expand(source)
            if not paths:
                refusals.append(
                    Refusal(
                        source=source, reason="does not exist: check the path (quotes around a pattern keep it whole)"
                    )
                )
            empty = bool(paths)
            for path in paths:
                explicit = not path.is_dir()
                for file, relative, regular in _files(path):
                    found = _check(relative, regular=regular, explicit=explicit, given=source)
                    empty = empty and found is False
                    if isinstance(found, Refusal):
                        refusals.append(found)
                    elif found:
                        # A file reached in two ways is read once, under its longest name: from the outermost folder.
                        named[file] = max(named.get(file, ""), relative, key=lambda name: (name.count("/"), name))
            if empty:
                refusals.append(Refusal(source=source, reason=f"holds no articles: they have {READABLE}"))
    inputs = _distinct([Input(file, _portable(name), "", FORMATS[_suffix(name)]) for file, name in named.items()])
    if stdin:
        inputs.append(Input(None, "-", "stdin", "sniff"))
    return inputs, sorted(set(refusals), key=lambda refusal: (refusal.source, refusal.reason))


def _addresses(source: str, named: dict[str | Address, str]) -> list[Refusal]:
    """Adds the files of an address; why not, for those of another format."""
    refusals, empty = [], True
    try:
        for file, relative in expand(source):
            suffix, empty = _suffix(relative), False
            if suffix in FORMATS:
                named[file] = max(named.get(file, ""), relative, key=lambda name: (name.count("/"), name))
            elif suffix not in NOT_TEXT and not _beside(relative):
                refusals.append(_unknown(relative, suffix))
    except InputError as error:
        return [Refusal(source=source, reason=str(error))]
    if empty:
        refusals.append(Refusal(source=source, reason=f"holds no articles: they have {READABLE}"))
    return refusals


def _unknown(name: str, suffix: str) -> Refusal:
    reason = f"has an unknown format ({suffix or 'no extension'}): convert it to one of {READABLE}"
    return Refusal(source=_portable(name), reason=reason)


def _expand(source: str) -> list[Path]:
    path = Path(source)
    if path.exists() or not has_magic(source):
        return [path] if path.exists() else []
    # glob.glob, not Path.glob: it takes absolute patterns, and leaves hidden files out.
    return [Path(found) for found in sorted(glob(source, recursive=True))]  # noqa: PTH207


def _files(path: Path) -> Iterator[tuple[str, str, bool]]:
    """Where each file really is, its path relative to the folder given, and whether it is a regular file; a file given
    itself goes by its name. Strings, since a collection may have millions of files."""
    if not path.is_dir():
        yield os.path.realpath(path), path.name, path.is_file()
        return
    folders = [(os.path.realpath(path), "")]
    while folders:
        folder, above = folders.pop()
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                relative = above + entry.name
                if entry.is_symlink():  # it may lead nowhere, or to itself; one to a folder is not followed
                    if not Path(entry).is_dir():
                        yield os.path.realpath(entry.path), relative, Path(entry).is_file()
                elif entry.is_dir():
                    folders.append((entry.path, relative + "/"))
                else:
                    yield entry.path, relative, entry.is_file()


def _check(relative: str, *, regular: bool, explicit: bool, given: str) -> bool | Refusal:
    """True: to be read; False: passed over in silence; else why not."""
    name = given if explicit and not has_magic(given) else relative
    if not regular:
        return Refusal(source=_portable(name), reason="is no regular file: give files, folders or patterns")
    if not explicit and _beside(relative):
        return False
    suffix = _suffix(relative)
    if suffix in FORMATS:
        return True
    if not explicit and suffix in NOT_TEXT:
        return False
    return _unknown(name, suffix)


def _beside(relative: str) -> bool:
    return _last(relative).partition(".")[0].lower() in BESIDE


def _suffix(name: str) -> str:
    stem, _, suffix = _last(name.lower().removesuffix(".gz")).rpartition(".")
    return "." + suffix if suffix and stem.strip(".") else ""


def _last(path: str) -> str:
    return path.rpartition("/")[2]


def _distinct(inputs: list[Input]) -> list[Input]:
    """Gives each file its id. Files that would share one all get a hash of their source path.

    Files of two folders that share even that path are told apart by as many of the folders above as it takes.
    """
    by_source: dict[str, list[Input]] = defaultdict(list)
    for one in inputs:
        by_source[one.source].append(one)
    by_id: dict[str, list[Input]] = defaultdict(list)
    for same in by_source.values():
        for one in _with_folders(same) if len(same) > 1 else same:
            by_id[ids.from_path(_stem(same[0].source))].append(one)
    distinct = []
    for id, same in by_id.items():
        for one in same:
            mark = "-" + hashlib.sha256(one.source.encode()).hexdigest()[:8] if len(same) > 1 else ""
            distinct.append(Input(one.location, one.source, id + mark, one.format))
    return sorted(distinct, key=lambda one: (one.id, one.source))


def _with_folders(same: list[Input]) -> list[Input]:
    parts = [one.path.parts for one in same if one.path]
    depth = same[0].source.count("/") + 2
    while len({p[-depth:] for p in parts}) < len(parts):
        depth += 1
    return [
        replace(one, source=_portable("/".join(p[-depth:]).replace("//", "/")))
        for one, p in zip(same, parts, strict=True)
    ]


def _stem(source: str) -> str:
    name = source[:-3] if source.lower().endswith(".gz") else source
    stem, _, suffix = name.rpartition(".")
    return stem if "/" not in suffix and _last(stem).strip(".") else name


def _portable(name: str) -> str:
    """A path as text that is the same on every machine: NFC, and no bytes that are not UTF-8."""
    if name.isascii():
        return name
    return unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "replace"))
