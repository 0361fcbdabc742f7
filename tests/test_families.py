"""Words of one family."""

import pytest

from kg.families import family


@pytest.mark.parametrize(
    ("word", "stands_for"),
    [
        ("deaths", "die"),
        ("died", "die"),
        ("passing", "die"),
        ("passes", "pass"),
        ("killings", "kill"),
        ("walked", "walk"),
    ],
)
def test_family(word: str, stands_for: str) -> None:
    assert family(word) == stands_for
