"""Files behind addresses that fsspec opens (`s3://`, `gs://`, `hdfs://`, `file://` …): only where the user asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from glob import has_magic
from pathlib import PurePosixPath
from typing import IO, NamedTuple, cast

from kg.errors import InputError


class Stat(NamedTuple):
    """The size of a file in bytes."""

    st_size: int


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """A file by its address, opened where it is needed: by a worker, too."""

    url: str

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of its path."""
        return PurePosixPath(self.url.partition("://")[2]).parts

    def open(self, mode: str = "rb") -> IO[bytes]:
        """The bytes. `OSError` if it cannot be read."""
        import fsspec

        return cast(IO[bytes], fsspec.open(self.url, mode).open())

    def stat(self) -> Stat:
        """Its size; none known counts as small."""
        import fsspec

        system, path = fsspec.core.url_to_fs(self.url)
        return Stat(int(system.size(path) or 0))


def expand(url: str) -> Iterator[tuple[Address, str]]:
    """The files of an address, a pattern or a folder, each with its path relative to the folder. `InputError` if it cannot be
    listed."""
    try:
        import fsspec
    except ImportError:
        raise InputError(f"{url} needs fsspec: pip install 'newskg[cluster]'") from None
    try:
        system, path = fsspec.core.url_to_fs(url)
        if has_magic(url):
            found = [(name, PurePosixPath(name).name) for name in system.glob(path) if system.isfile(name)]
        elif system.isdir(path):
            root = path.rstrip("/") + "/"
            found = [(name, name.removeprefix(root)) for name in system.find(path)]
        else:
            found = [(path, PurePosixPath(path).name)] if system.exists(path) else []
    except (OSError, ValueError, ImportError) as error:
        raise InputError(f"{url} cannot be listed ({error}): check the address and what it needs installed") from None
    for name, relative in sorted(found):
        if not any(part.startswith(".") for part in relative.split("/")):
            yield Address(system.unstrip_protocol(name)), relative
