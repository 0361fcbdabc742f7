"""A set of row numbers is a set, and keeps their order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kg.update.numbers import PAGE, Numbers

ROWS = st.sets(st.one_of(st.integers(0, 40), st.integers(PAGE - 3, PAGE + 3), st.integers(0, 10**9)))


@given(ROWS, ROWS)
def test_it_is_a_set_in_order(some: set[int], others: set[int]) -> None:
    numbers = Numbers(some)
    numbers.update(others)
    assert list(numbers) == sorted(some | others)
    assert len(numbers) == len(some | others)
    numbers -= some
    assert list(numbers) == sorted(others - some)
    assert bool(numbers) == bool(others - some)
    assert all((n in numbers) == (n in others - some) for n in some | others | {1, PAGE})


def test_what_is_no_number_is_not_in_it() -> None:
    assert "1" not in Numbers([1])
