"""Records as compact JSON lists, without the names of their fields: for what is kept in great numbers and read in part."""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

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


def _record(cls: Any) -> Decode:
    hints = typing.get_type_hints(cls)
    special = [(i, d) for i, name in enumerate(_names(cls)) if (d := _decoder(hints[name])) is not _same]
    names = _names(cls)

    def decode(values: list[Any]) -> Any:
        for i, decoder in special:
            values[i] = decoder(values[i])
        return cls(**dict(zip(names, values, strict=True)))

    return decode
