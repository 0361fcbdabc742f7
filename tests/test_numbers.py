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
        ("170, 000", 170_000),
        ("one and a half million", 1_500_000),
        ("a dozen", 12),
        ("two dozen", 24),
        ("minus-40", -40),
        ("minus 3.4", -3.4),
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


def test_a_margin_is_not_below_zero() -> None:
    assert [n.value for n in find("The error is plus or minus 3.4 points.")] == [3.4]


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


@pytest.mark.parametrize(
    ("text", "surface", "value", "low", "high"),
    [
        ("about 3.1×10^6 cells", "3.1×10^6", 3_100_000, None, None),
        ("some 4.5 x 10−7 grams", "4.5 x 10−7", 4.5e-07, None, None),
        ("needs 3/4 cup of flour", "3/4", 0.75, None, None),
        ("between 12kHz and 18kHz", "12kHz and 18", None, 12, 18),
        ("between $US20 million and $US30 million", "20 million and $US30 million", None, 20_000_000, 30_000_000),
        ("a 0-to-90 dash", "0-to-90", None, 0, 90),
    ],
)
def test_scientific_notation_parts_and_ranges_with_units(
    text: str, surface: str, value: float | None, low: float | None, high: float | None
) -> None:
    [number] = find(text)
    assert (text[number.start : number.end], number.value, number.min, number.max) == (surface, value, low, high)
