"""Sets of row numbers that take a byte for each: a first build holds those of all its notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableSet

# Numbers of one page: rows that are made one after the other lie close, a few among millions take a few pages.
PAGE = 4096
_IN = b"\x01"


class Numbers(MutableSet[int]):
    """A set of whole numbers from 0, in their order."""

    def __init__(self, numbers: Iterable[int] = ()) -> None:
        self._pages: dict[int, bytearray] = {}
        self.update(numbers)

    def add(self, value: int) -> None:
        """Puts a number in."""
        page, at = divmod(value, PAGE)
        if page not in self._pages:
            self._pages[page] = bytearray(PAGE)
        self._pages[page][at] = 1

    def discard(self, value: int) -> None:
        """Takes a number out, if it is in."""
        page, at = divmod(value, PAGE)
        if page in self._pages:
            self._pages[page][at] = 0

    def update(self, numbers: Iterable[int]) -> None:
        """Puts numbers in."""
        for number in numbers:
            self.add(number)

    def __contains__(self, value: object) -> bool:
        if not isinstance(value, int):
            return False
        page, at = divmod(value, PAGE)
        return page in self._pages and self._pages[page][at] == 1

    def __iter__(self) -> Iterator[int]:
        for page in sorted(self._pages):
            data = self._pages[page]
            at = data.find(_IN)
            while at >= 0:
                yield page * PAGE + at
                at = data.find(_IN, at + 1)

    def __len__(self) -> int:
        return sum(data.count(_IN) for data in self._pages.values())

    def __bool__(self) -> bool:
        return any(_IN in data for data in self._pages.values())
