"""Where, when and by whom what figures count is said to be: places, days, sources and who relays them."""

from dataclasses import replace

import pytest

from kg.nlp import figures, timex
from kg.records import Mention, Quote
from kg.vocabulary import EntityType, QuoteKind
from tests.test_figures import find, named
from tests.test_timex import read


def test_place_since_and_date_of_a_count() -> None:
    (figure,) = find(
        "Since January 9, 340 people have died in Sudan, doctors said on Thursday.", ("Sudan", EntityType.PLACE)
    )
    assert (figure.place, figure.since, figure.as_of) == ("place/sudan", "2024-01-09", "2024-03-21")


def test_a_story_told_in_the_past_dates_its_counts() -> None:
    (figure,) = find("On January 3, 2021, the dam broke. The water drowned 40 villagers and killed their herds.")
    assert figure.as_of == "2021-01-03"
    (figure,) = find("On January 3, 2021, fighting broke out. In the first few days, raiders killed 40 villagers.")
    assert figure.as_of == "2021-01"


def test_the_article_dates_a_count_that_nothing_else_dates() -> None:
    (figure,) = find("The avalanche killed six climbers.")
    assert figure.as_of == "2024-03-22"


def test_the_place_of_an_attack_is_the_place_of_its_victims() -> None:
    (figure,) = find("Pirates attacked Lagos, killing six traders.", ("Lagos", EntityType.PLACE))
    assert figure.place == "place/lagos"


def test_source_named_in_the_sentence() -> None:
    (figure,) = find("Sixty villas burned down, according to Interpol.", ("Interpol", EntityType.ORGANISATION))
    assert figure.attributed_to == "organisation/interpol"


def test_source_named_in_the_next_sentence() -> None:
    text = "The fever has killed 60 people. This figure was announced by Unicef."
    (figure,) = find(text, ("Unicef", EntityType.ORGANISATION))
    assert figure.attributed_to == "organisation/unicef"


def test_the_speaker_of_a_statement_is_the_source_of_its_figures() -> None:
    text = "Kim said that 60 people drowned."
    quote = Quote(kind=QuoteKind.INDIRECT, content=((9, len(text) - 1),), source=(0, 3), speaker="person/kim")
    (figure,) = figures.find(replace(read(text), quotes=(quote,)))
    assert figure.attributed_to == "person/kim"


def test_a_number_with_a_place_of_its_own() -> None:
    names = (("Ohio", EntityType.PLACE), ("Iowa", EntityType.PLACE))
    found = find("The storm killed 14 people in Ohio and nine in Iowa.", *names)
    assert [f.place for f in found] == ["place/ohio", "place/iowa"]


def test_a_place_after_another_number_is_that_numbers() -> None:
    text = "The wave killed 170 people in the province and about 20 more in Peru."
    assert [f.place for f in find(text, ("Peru", EntityType.PLACE))] == [None, "place/peru"]
    shared = "Nine miners were killed and 20 injured in Peru."
    assert [f.place for f in find(shared, ("Peru", EntityType.PLACE))] == ["place/peru", "place/peru"]


def test_the_target_of_an_assault_is_where_it_kills() -> None:
    found = find("The bombardment of Peru has killed around 40 people.", ("Peru", EntityType.PLACE))
    assert [f.place for f in found] == ["place/peru"]


def test_who_puts_the_figure_at_a_number_is_its_source() -> None:
    names = (("Acme", EntityType.ORGANISATION), ("Borland", EntityType.ORGANISATION))
    found = find("The storm left 355 dead, according to Acme, although Borland raises the figure to 684.", *names)
    assert [f.attributed_to for f in found] == ["organisation/acme", "organisation/borland"]


def test_since_a_year_when_it_happened_begins_no_count() -> None:
    reading = named("It was the worst crash since 2004, when seven people were killed.")
    [found] = figures.find(replace(reading, timex=timex.find(reading)))
    assert (found.since, found.as_of, found.scope) == (None, "2004", None)


def test_the_day_at_the_end_is_that_of_both_counts() -> None:
    reading = named("Forty people were killed and 100 wounded on Monday.")
    reading = replace(reading, page=replace(reading.page, date="2024-05-08"))
    reading = replace(reading, timex=timex.find(reading))
    assert [f.as_of for f in figures.find(reading)] == ["2024-05-06", "2024-05-06"]


def test_a_count_goes_on_at_the_place_of_the_sentence_before() -> None:
    text = "Rebels launched an attack on Peruvian territory. In the first days they killed 70 villagers."
    [figure] = find(text, ("Peruvian", EntityType.PLACE))
    assert (figure.place, figure.confidence) == ("place/peruvian", 0.68)
    text = "A bomb killed nine guards in Lima. It wounded 12 others."
    assert [f.place for f in find(text, ("Lima", EntityType.PLACE))] == ["place/lima", "place/lima"]
    text = "A bomb killed nine guards in Lima. Elsewhere, in Quito, it wounded 12 others."
    places = [f.place for f in find(text, ("Lima", EntityType.PLACE), ("Quito", EntityType.PLACE))]
    assert places == ["place/lima", "place/quito"]


def test_a_total_without_a_place_is_of_the_place_of_its_ministry() -> None:
    text = "The health ministry in Chile said the death toll had risen to 310."
    [figure] = find(text, ("Chile", EntityType.PLACE))
    assert (figure.place, figure.confidence) == ("place/chile", 0.68)


@pytest.mark.parametrize(
    ("text", "source", "relays"),
    [
        ("Nine people died, according to Unicef, citing Interpol.", "organisation/interpol", ("organisation/unicef",)),
        ("Interpol counted nine dead divers.", "organisation/interpol", ()),
        ("Interpol opened the hall where nine divers had died.", None, ()),
    ],
)
def test_the_nearest_source_and_who_relays_it(text: str, source: str | None, relays: tuple[str, ...]) -> None:
    names = [(n, EntityType.ORGANISATION) for n in ("Interpol", "Unicef") if n in text]
    [figure] = find(text, *names)
    assert (figure.attributed_to, figure.relayed_by) == (source, relays)


def test_a_statement_inside_a_statement_is_relayed_by_the_outer_speaker() -> None:
    reading = read("Unicef said that Interpol had reported nine deaths.")
    outer = Quote(kind=QuoteKind.INDIRECT, content=((12, 50),), speaker="organisation/unicef", source=(0, 6))
    inner = Quote(kind=QuoteKind.INDIRECT, content=((39, 50),), speaker="organisation/interpol", source=(17, 25))
    [figure] = figures.find(replace(reading, quotes=(outer, inner)))
    assert (figure.attributed_to, figure.relayed_by) == ("organisation/interpol", ("organisation/unicef",))


def test_a_day_of_what_is_compared_is_not_that_of_the_number() -> None:
    first, second = find("Turnout was 51 percent, down from 57 percent four years ago.")
    assert (first.as_of, second.as_of) == ("2024-03-22", "2020")


def test_the_day_of_the_happening_dates_its_dead() -> None:
    [figure] = find("At least 18 people died when a bus overturned on Monday.")
    assert figure.as_of == "2024-03-18"


@pytest.mark.parametrize(
    "text",
    [
        "At least 18 people died in Peru's Ancash region.",
        "At least 18 people died in Peru's northern region of Ancash.",
    ],
)
def test_the_place_within_is_the_place(text: str) -> None:
    names = ("Peru", EntityType.PLACE), ("Ancash", EntityType.PLACE)
    assert [f.place for f in find(text, *names)] == ["place/ancash"]


def test_the_adjective_of_a_toll_is_its_place() -> None:
    text = "The Peruvian death toll rose to 40."
    people = Mention(start=4, end=12, type=EntityType.GROUP, name="Peru", id="place/peru")
    assert [f.place for f in figures.find(replace(read(text), entities=(people,)))] == ["place/peru"]


def test_a_total_is_where_the_headline_says() -> None:
    text = "Rescue goes on in Peru.\n\nThe death toll rose to 31. Nearly 300 died in a flood in 1998.\n"
    reading = named(text, ("Peru", EntityType.PLACE))
    reading = replace(reading, page=replace(reading.page, title_span=(0, 23)))
    assert [f.place for f in figures.find(reading)] == ["place/peru", None]
