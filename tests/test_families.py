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


def test_the_words_beside_a_word_tell_which_is_meant() -> None:
    assert family("found", after="guilty") == family("convicted")
    assert family("driving", before="drunken") == family("dwi")
    assert family("found") != family("convicted")
    assert family("driving") != family("dwi")
