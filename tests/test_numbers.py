"""Number words and digits."""

import pytest

from kg.nlp.numbers import Form, find, parse


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("12,450", 12450),
        ("3.5 million", 3_500_000),
        ("4.2bn", 4_200_000_000),
        ("twenty-one", 21),
        ("three hundred and five", 305),
        ("two thousand four hundred", 2400),
        ("a hundred thousand", 100_000),
        ("half a million", 500_000),
        ("one and a half million", 1_500_000),
        ("a dozen", 12),
        ("two dozen", 24),
        ("minus-40", -40),
        ("twice", 2),
        ("eighth", 8),
        ("twenty-second", 22),
        ("22nd", 22),
        ("two-thirds", 0.666666667),
    ],
)
def test_value(words: str, value: float) -> None:
    number = parse(words)
    assert number is not None
    assert number.value == value


@pytest.mark.parametrize(
    ("words", "minimum"),
    [
        ("dozens", 24),
        ("scores", 40),
        ("hundreds", 200),
        ("tens of thousands", 20_000),
        ("hundreds of thousands", 200_000),
        ("several hundred", 200),
        ("a few thousand", 2000),
    ],
)
def test_vague_numbers_have_a_minimum_and_no_value(words: str, minimum: int) -> None:
    number = find(f"with {words} of them")[0]
    assert (number.form, number.value, number.min) == (Form.VAGUE, None, minimum)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("10 to 15 trucks", 10, 15),
        ("10-15 trucks", 10, 15),
        ("between 40 and 60 trucks", 40, 60),
        ("1.5 to 2 million trucks", 1_500_000, 2_000_000),
        ("three or four trucks", 3, 4),
        ("between 5% and 6%", 5, 6),
    ],
)
def test_ranges_have_two_bounds_and_no_value(text: str, low: float, high: float) -> None:
    (number,) = find(text)
    assert (number.form, number.value, number.min, number.max) == (Form.RANGE, None, low, high)


@pytest.mark.parametrize("text", ["lost 3-2 at home", "rose from 4 to 6 percent", "five men and six women"])
def test_scores_changes_and_lists_are_no_ranges(text: str) -> None:
    assert all(n.form is not Form.RANGE for n in find(text))


def test_offsets_are_those_of_the_words() -> None:
    text = "Some 1.9 million people and 27 cows"
    assert [text[n.start : n.end] for n in find(text)] == ["1.9 million", "27"]
