"""Figures: of what they are the count, the words that bound them, and where and when it holds for totals."""

import pytest

from kg.vocabulary import EntityType, Scope
from tests.test_figures import find

CHILE, PERU = ("Chile", EntityType.PLACE), ("Peru", EntityType.PLACE)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The death toll climbed to 210.", [Scope.TOTAL]),
        ("So far 210 people died.", [Scope.TOTAL]),
        ("More than 400 miners have been killed in Chile.", [Scope.TOTAL]),
        ("The war killed 9,000 people.", [Scope.TOTAL]),
        ("The earthquake that killed 500 people destroyed the harbour.", [Scope.TOTAL]),
        ("The quake hit at dawn. The ministry counted 60 dead.", [Scope.TOTAL]),
        ("On Monday the police arrested 40 people.", [Scope.ONE_OFF]),
        ("On Tuesday 12 people were killed and 30 injured.", [Scope.ONE_OFF, Scope.ONE_OFF]),
        ("The floods killed 80 people, including 31 children.", [Scope.TOTAL, Scope.PART]),
        ("The floods injured 80 people. Some 18 of them died.", [Scope.TOTAL, Scope.PART]),
        ("The floods have killed another 30 people.", [Scope.PART]),
        ("The number of dead could exceed 20,000.", [None]),
        ("Three people were killed.", [None]),
    ],
)
def test_scope_is_what_the_words_say(text: str, wanted: list[Scope | None]) -> None:
    assert [f.scope for f in find(text)] == wanted


def test_a_part_of_the_place_has_only_a_part_of_the_count() -> None:
    (whole,) = find("The quake has killed 90 people in Chile.", CHILE)
    (part,) = find("The quake has killed 90 people in northern Chile.", CHILE)
    assert (whole.scope, part.scope) == (Scope.TOTAL, Scope.PART)


@pytest.mark.parametrize(
    ("text", "surface"),
    [
        ("At least 46 people were killed.", "At least 46"),
        ("The blast wounded nine guards.", "nine"),
        ("Around a dozen villagers fled.", "Around a dozen"),
        ("They freed 30 captives or more.", "30 captives or more"),
    ],
)
def test_the_surface_is_the_number_with_the_words_that_bound_it(text: str, surface: str) -> None:
    (figure,) = find(text)
    assert figure.surface is not None
    assert text[slice(*figure.surface)] == surface


def test_a_count_over_two_places_has_neither() -> None:
    (sum_,) = find("The quake killed 900 people in southern Chile and the north of Peru.", CHILE, PERU)
    assert sum_.place is None
    text = "The quake killed 900 people in Chile and 40 in Peru."
    assert [f.place for f in find(text, CHILE, PERU)] == ["place/chile", "place/peru"]


def test_the_place_of_a_ministry_is_not_where_it_counts() -> None:
    (figure,) = find("The health ministry in Chile reported 40 deaths.", CHILE)
    assert figure.place is None


def test_a_total_is_of_the_day_it_is_given() -> None:
    (named,) = find("The quakes of 6 February have killed 900 people in Chile.", CHILE)
    assert named.as_of == "2024-03-22"
    (dated,) = find("On 6 February the police arrested 90 people in Chile.", CHILE)
    assert dated.as_of == "2024-02-06"


def test_the_day_a_count_began_is_not_the_day_of_the_next_sentence() -> None:
    text = "Fighting has gone on since 7 October. Gunmen killed nine guards."
    (figure,) = find(text)
    assert figure.as_of == "2024-03-22"
