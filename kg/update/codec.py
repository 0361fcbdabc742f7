"""Records as compact JSON lists, without the names of their fields: for what is kept in great numbers and read in part."""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Callable, Collection, Sequence
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Generic, TypeVar

import orjson

R = TypeVar("R")
Decode = Callable[[Any], Any]
# JSON has no number for what is not bounded.
_INFINITE = "inf"


def pack(record: Any) -> bytes:
    """A record as bytes: the same bytes for equal records."""
    return orjson.dumps(_plain(record))


def unpack(cls: type[R], blob: bytes) -> R:
    """The inverse of `pack`."""
    return typing.cast(R, _decoder(typing.cast(Any, cls))(orjson.loads(blob)))


class Codec(Generic[R]):
    """The bytes of records of which some fields, `common`, are the same in many: these are kept once, apart from the others."""

    def __init__(self, cls: type[R], common: Collection[str] = ()) -> None:
        names, hints = _names(typing.cast(Any, cls)), typing.get_type_hints(cls)
        self._make = _maker(cls)
        self._own = tuple(name for name in names if name not in common)
        self._common = tuple(name for name in names if name in common)
        self._places = tuple(names.index(name) for name in self._common)
        self._special, self._special_common = (
            [(i, d) for i, name in enumerate(part) if (d := _decoder(hints[name])) is not _same]
            for part in (self._own, self._common)
        )

    def pack(self, record: R) -> bytes:
        """A record without what is common: the same bytes for equal ones."""
        return orjson.dumps([_plain(getattr(record, name)) for name in self._own])

    def pack_common(self, record: R) -> bytes:
        """What is common."""
        return orjson.dumps([_plain(getattr(record, name)) for name in self._common])

    def unpack_common(self, blob: bytes) -> list[Any]:
        """The inverse of `pack_common`, for `unpack`."""
        values: list[Any] = orjson.loads(blob)
        for i, decoder in self._special_common:
            values[i] = decoder(values[i])
        return values

    def unpack(self, blob: bytes, common: Sequence[Any] = ()) -> R:
        """The inverse of `pack`."""
        values: list[Any] = orjson.loads(blob)
        for i, decoder in self._special:
            values[i] = decoder(values[i])
        for place, value in zip(self._places, common, strict=True):  # ascending: each is put where it belongs
            values.insert(place, value)
        return self._make(*values)


def _plain(value: Any) -> Any:
    if isinstance(value, (str, int)) or value is None:
        return value
    if isinstance(value, float):
        return _INFINITE if math.isinf(value) else value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, frozenset):
        return sorted(map(_plain, value))
    if isinstance(value, dict):
        return value  # of texts and numbers, in its order
    return [_plain(getattr(value, name)) for name in _names(typing.cast(Any, type(value)))]


@cache
def _names(cls: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(cls))


@cache
def _decoder(kind: Any) -> Decode:
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        inner = _decoder(next(a for a in args if a is not type(None)))
        return lambda value: None if value is None else inner(value)
    if origin is frozenset:
        return _collection(frozenset, _decoder(args[0]))
    if origin is tuple and args[-1] is Ellipsis:
        return _collection(tuple, _decoder(args[0]))
    if origin is tuple:
        return _fixed([_decoder(a) for a in args])
    if is_dataclass(kind) and isinstance(kind, type):
        return _record(kind)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind
    return _number if kind is float else _same


def _number(value: Any) -> Any:
    return math.inf if value == _INFINITE else value  # a whole number stays one: keys spell it


def _same(value: Any) -> Any:
    return value


def _collection(make: Callable[[Any], Any], item: Decode) -> Decode:
    return make if item is _same else lambda values: make(map(item, values))


def _fixed(items: list[Decode]) -> Decode:
    if all(item is _same for item in items):
        return tuple
    return lambda values: tuple(item(value) for item, value in zip(items, values, strict=True))


def _maker(cls: type[R]) -> Callable[..., R]:
    """Makes a record of the values of its fields, in their order."""
    if not any(f.kw_only for f in fields(typing.cast(Any, cls))):
        return cls
    names = _names(typing.cast(Any, cls))
    return lambda *values: cls(**dict(zip(names, values, strict=True)))


def _record(cls: Any) -> Decode:
    hints, make = typing.get_type_hints(cls), _maker(cls)
    special = [(i, d) for i, name in enumerate(_names(cls)) if (d := _decoder(hints[name])) is not _same]

    def decode(values: list[Any]) -> Any:
        for i, decoder in special:
            values[i] = decoder(values[i])
        return make(*values)

    return decode
