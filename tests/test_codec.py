"""Records as bytes: what was packed comes back, also where some fields are kept apart."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from kg.update.codec import Codec, pack, unpack
from kg.vocabulary import EventType


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Whole:
    article: str
    type: EventType
    words: frozenset[str]
    size: float
    parts: tuple[Part, ...]
    terms: dict[str, float]
    last: Part | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    article: str
    number: int = 0
    words: frozenset[str] = frozenset()


WHOLE = Whole("a", EventType.ATTACK, frozenset({"b", "a"}), math.inf, (Part("x", (1, 2)),), {"t": 0.5})


def test_what_is_packed_comes_back() -> None:
    for record in (WHOLE, replace(WHOLE, last=Part("y", (0, 0)), parts=(), size=2)):
        assert unpack(Whole, pack(record)) == record


def test_equal_records_have_the_same_bytes() -> None:
    assert pack(WHOLE) == pack(replace(WHOLE, words=frozenset(["a", "b"])))


def test_common_fields_are_kept_apart_wherever_they_stand() -> None:
    codec = Codec(Whole, ("terms", "article", "words"))
    blob, common = codec.pack(WHOLE), codec.unpack_common(codec.pack_common(WHOLE))
    assert common == ["a", frozenset({"a", "b"}), {"t": 0.5}]  # in the order of the fields
    assert b'"t"' not in blob
    assert codec.unpack(blob, common) == WHOLE
    other = replace(WHOLE, size=1.5, type=EventType.OTHER)
    assert codec.pack_common(other) == codec.pack_common(WHOLE)
    assert codec.unpack(codec.pack(other), common) == other


def test_records_whose_fields_are_given_by_name() -> None:
    record = Named(article="a", number=3, words=frozenset({"w"}))
    codec = Codec(Named, ("article",))
    assert unpack(Named, pack(record)) == record
    assert codec.unpack(codec.pack(record), codec.unpack_common(codec.pack_common(record))) == record
