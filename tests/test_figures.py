"""Figures: what is counted, how bounded, of whom, where, since and as of when, by whom."""

from dataclasses import replace

import pytest

from kg.nlp import figures, timex
from kg.nlp.reading import Reading
from kg.records import Figure, Mention
from kg.vocabulary import Comparator, EntityType, Measure, Scope
from tests.test_timex import read


def find(text: str, *names: tuple[str, EntityType]) -> tuple[Figure, ...]:
    return figures.find(named(text, *names))


def named(text: str, *names: tuple[str, EntityType]) -> Reading:
    mentions = (
        Mention(start=text.index(n), end=text.index(n) + len(n), type=t, name=n, id=f"{t}/{n.casefold()}")
        for n, t in names
    )
    return replace(read(text), entities=tuple(mentions))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("At least 46 people were killed.", [(46, Measure.KILLED)]),
        ("The quake left 12 people dead and 30 injured.", [(12, Measure.KILLED), (30, Measure.INJURED)]),
        ("Three miners died in the blast.", [(3, Measure.KILLED)]),
        ("The storm led to the deaths of 19 sailors.", [(19, Measure.KILLED)]),
        ("The death toll climbed to 210.", [(210, Measure.KILLED)]),
        ("The blast wounded nine guards.", [(9, Measure.INJURED)]),
        ("The floods displaced 4,000 families.", [(4000, Measure.DISPLACED)]),
        ("Rebels kidnapped 14 nurses.", [(14, Measure.ABDUCTED)]),
        ("Guards still hold 31 inmates.", [(31, Measure.HELD)]),
        ("The army freed 17 captives.", [(17, Measure.RELEASED)]),
        ("They agreed on the release of 240 prisoners.", [(240, Measure.RELEASED)]),
        ("Some 600 villagers returned.", [(600, Measure.RETURNED)]),
        ("Over 9,000 students marched in the capital.", [(9000, Measure.ATTENDED)]),
        ("About 800 pilgrims travelled from Fez.", [(800, Measure.TRAVELLED)]),
        ("The fire spread to 52 homes.", [(52, Measure.HOMES)]),
        ("It was her sixth visit to Lima.", [(6, Measure.VISITS)]),
        ("Inflation rose to 7.4 percent.", [(7.4, Measure.PERCENT)]),
        ("The ministry spent $4.2bn on roads.", [(4_200_000_000, Measure.MONEY)]),
        ("The ship carried 70 containers.", [(70, Measure.OTHER)]),
        ("The city had 44 homicides last year.", [(44, Measure.OTHER)]),
        ("He admitted the murder of three tourists.", [(3, Measure.KILLED)]),
    ],
)
def test_measure(text: str, expected: list[tuple[float, Measure]]) -> None:
    assert [(f.value, f.measure) for f in find(text)] == expected


@pytest.mark.parametrize(
    ("words", "comparator", "low", "high"),
    [
        ("40", Comparator.EXACTLY, None, None),
        ("around 40", Comparator.ABOUT, None, None),
        ("an estimated 40", Comparator.ABOUT, None, None),
        ("nearly 40", Comparator.NEARLY, None, None),
        ("at least 40", Comparator.AT_LEAST, 40, None),
        ("more than 40", Comparator.MORE_THAN, 40, None),
        ("up to 40", Comparator.AT_MOST, None, 40),
        ("no more than 40", Comparator.AT_MOST, None, 40),
        ("fewer than 40", Comparator.LESS_THAN, None, 40),
    ],
)
def test_bounds_only_where_the_words_give_them(words: str, comparator: Comparator, low: int, high: int) -> None:
    (figure,) = find(f"The landslide killed {words} farmers.")
    assert (figure.value, figure.comparator, figure.min, figure.max) == (40, comparator, low, high)


def test_dozens_is_a_minimum_without_a_value() -> None:
    (figure,) = find("Dozens of farmers were killed.")
    assert (figure.value, figure.min, figure.comparator) == (None, 24, Comparator.AT_LEAST)


def test_a_number_without_a_noun_counts_what_the_one_before_did() -> None:
    first, second = find("The raiders entered the town, killing around 70 villagers and kidnapping around 24.")
    assert (first.population, second.population) == ("villagers", "villagers")
    assert (second.value, second.measure, second.comparator) == (24, Measure.ABDUCTED, Comparator.ABOUT)


def test_people_who_were_shot_are_injured_only_where_nobody_died() -> None:
    assert [f.measure for f in find("Four teenagers were shot in the park.")] == [Measure.INJURED]
    assert [f.measure for f in find("Four teenagers were shot. One person died.")] == [Measure.OTHER, Measure.KILLED]
    assert [f.measure for f in find("Two clerks were shot dead.")] == [Measure.KILLED]
    assert [f.measure for f in find("2 clerks shot, 1 dead in robbery")] == [Measure.OTHER, Measure.KILLED]


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("The pump moves 30 litres per minute.", "litres per minute"),
        ("The field is a 40 yard strip.", "yard"),
        ("They paid 10.5 million Australian dollars.", "Australian dollars"),
        ("They paid $6 each.", "$"),
        ("The engine gives 120kW at best.", "kW"),
        ("Seven European countries signed.", "European countries"),
    ],
)
def test_unit(text: str, unit: str) -> None:
    assert [f.unit for f in find(text)] == [unit]


@pytest.mark.parametrize(
    "text",
    [
        "The 37-year-old driver fled.",
        "Maria Lopez, 41, was there.",
        "She was born in 1984.",
        "The vote is on 12 May 2024 at 10:30.",
        "United won 3-2.",
        "Call 555-0142 for details.",
        "They live in the 4300 block of Oak Street.",
        "He read Section 427 aloud.",
        "It is the third anniversary.",
        "The two leaders shook hands.",
        "The four-time champion retired.",
        "Airlines fly the 787 to Oslo.",
        "The COVID-19 pandemic went on.",
        "The city still speaks of the Big Seven meeting.",
        "The FTSE 100 hardly moved.",
        "The suspects are Ana Ruiz, 41; and Ada Orr, 38; and others.",
    ],
)
def test_what_is_no_figure(text: str) -> None:
    assert find(text) == ()


def test_the_number_is_just_its_words() -> None:
    text = "Tens of thousands of residents fled, and 1.9 million others stayed."
    assert [text[slice(*f.number)] for f in find(text)] == ["Tens of thousands", "1.9 million"]


def test_a_duration_is_a_quantity_of_time() -> None:
    (figure,) = find("They want a truce of at least six weeks.")
    assert (figure.value, figure.unit, figure.comparator) == (6, "weeks", Comparator.AT_LEAST)
    assert timex.period("P6W") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Two clerks and a guard were shot in the shop.", ("Two clerks and a guard", 3, Measure.INJURED)),
        ("A nurse and her three sons died in the fire.", ("A nurse and her three sons", 4, Measure.KILLED)),
        ("Teen, man wounded near harbour", ("Teen, man", 2, Measure.INJURED)),
        ("The gunman shot six people, killing one.", ("six people, killing one", 5, Measure.INJURED)),
        ("Six clerks were shot, including two who died.", ("Six clerks were shot, including two", 4, Measure.INJURED)),
        ("Seven hikers were shot, two of them fatally.", ("Seven hikers were shot, two", 5, Measure.INJURED)),
        ("Police arrested a man and two women.", ("a man and two women", 3, Measure.HELD)),
        (
            "A man killed his wife, two clerks and then himself.",
            ("his wife, two clerks and then himself", 4, Measure.KILLED),
        ),
        ("Baker kills wife, self in Oslo", ("wife, self", 2, Measure.KILLED)),
        ("One of six hikers wounded by the rocks has died.", ("One of six", 5, Measure.INJURED)),
    ],
)
def test_people_that_a_sentence_lists_are_counted(text: str, expected: tuple[str, int, Measure]) -> None:
    sums = [f for f in find(text) if f.confidence == 0.65]
    assert [(text[slice(*f.number)], f.value, f.measure) for f in sums] == [expected]


def test_the_numbers_inside_a_list_are_parts() -> None:
    found = {f.value: f for f in find("Two clerks and a guard were shot in the shop.")}
    assert found[2].scope is Scope.PART
    assert found[3].scope is not Scope.PART


@pytest.mark.parametrize(
    "text",
    [
        "A teacher and police officers were shot.",  # nobody says how many officers
        "A man and a woman watched the game.",
        "Two bombs killed six guards.",
        "The suspect, a father and a baker, was wounded.",
        "The driver was charged with the death of a nurse and her unborn child.",
        "Police arrested nine people, seven guards and two clerks.",  # who the nine are
    ],
)
def test_no_sum_where_somebody_is_uncounted_or_nothing_happened(text: str) -> None:
    assert not [f for f in find(text) if f.confidence == 0.65]


@pytest.mark.parametrize(
    ("text", "measure"),
    [
        ("Nine miners suffered burns.", Measure.INJURED),
        ("Nine miners were taken to hospital.", Measure.INJURED),
        ("Nine miners were treated for minor injuries.", Measure.INJURED),
        ("Nine miners were taken hostage.", Measure.ABDUCTED),
        ("Nine miners lost their lives.", Measure.KILLED),
        ("Nine miners took part in the race.", Measure.ATTENDED),
        ("Nine miners suffered losses.", Measure.OTHER),
        ("Nine miners were taken to court.", Measure.OTHER),
        ("He described the fatal shooting of nine miners.", Measure.KILLED),
        ("Nine, including the miner killed, were over sixty.", Measure.OTHER),
    ],
)
def test_a_noun_under_the_verb_says_what_is_counted(text: str, measure: Measure) -> None:
    assert {f.measure for f in find(text) if f.value == 9} <= {measure}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # What a later number leaves out, and that some of a number are not all of it.
        ("The storm killed 14 people in Ohio and nine in Iowa.", [(14, Measure.KILLED), (9, Measure.KILLED)]),
        ("Two of the nine miners died.", [(2, Measure.KILLED), (9, Measure.OTHER)]),
        ("Three of the 12 injured are children.", [(12, Measure.INJURED)]),
        (
            "They raised 280 million of the 1.5 billion crowns.",
            [(280_000_000, Measure.MONEY), (1_500_000_000, Measure.MONEY)],
        ),
        ("Seven of the nine miners were killed.", [(7, Measure.KILLED), (9, Measure.OTHER)]),
        ("A total of 50 miners have been killed.", [(50, Measure.KILLED)]),
        # The size of a toll, and of what was counted before.
        ("Three miners died, bringing the death toll to 40.", [(3, Measure.KILLED), (40, Measure.KILLED)]),
        ("Police counted 355 dead, and doctors put the figure at 684.", [(355, Measure.KILLED), (684, Measure.KILLED)]),
        ("Eight miners had serious injuries.", [(8, Measure.INJURED)]),
        # A headline's verb that looks like a noun.
        ("Blast in Oslo Kills Six in Camp, Officials Say", [(6, Measure.KILLED)]),
        ("The region has 8 B people and 5 M users.", [(8_000_000_000, Measure.OTHER), (5_000_000, Measure.OTHER)]),
    ],
)
def test_numbers_beside_numbers(text: str, expected: list[tuple[float, Measure]]) -> None:
    assert [(f.value, f.measure) for f in find(text)] == expected


def test_a_toll_is_a_total_and_up_to_it_no_bound() -> None:
    found = find("Eleven people died on Monday, taking the country's death toll up to 212.")[1]
    assert (found.value, found.scope, found.comparator) == (212, Scope.TOTAL, Comparator.EXACTLY)


def test_others_are_part_of_no_count_of_the_dead() -> None:
    text = "The blast killed 16 people and 30 others were injured."
    assert [f.scope for f in find(text)][1] is not Scope.PART
    assert find("The blast killed 16 people, another two in hospital.")[1].scope is Scope.PART


def test_reported_speech_makes_no_total() -> None:
    assert [f.scope for f in find("Police said that nine miners had died in the attack.")] == [None]
    assert [f.scope for f in find("Nine miners have died.")] == [Scope.TOTAL]


def test_counts_split_by_the_same_words_are_parts_unless_they_are_totals() -> None:
    split = find("The storm killed 14 people in Ohio and nine in Iowa on Monday.")
    assert [f.scope for f in split] == [Scope.PART, Scope.PART]
    totals = find("The war has killed 1400 people in Ohio and 900 in Iowa.")
    assert [f.scope for f in totals] == [Scope.TOTAL, Scope.TOTAL]


def test_the_words_of_a_range() -> None:
    text = "Between 20 and 30 people were killed."
    assert [text[slice(*f.surface)] for f in find(text) if f.surface] == ["Between 20 and 30"]


def test_others_who_were_hit_lived() -> None:
    assert [f.measure for f in find("One man died and three others were shot.")] == [Measure.KILLED, Measure.INJURED]
    hospital = find("Two other men were taken to hospital, where one died.")
    assert [f.measure for f in hospital] == [Measure.OTHER, Measure.KILLED]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("It is one of the oldest bridges in the county.", 1, "oldest bridges"),
        ("She returned two more weeks later.", 2, "weeks"),
        ("The comet passes every 70 years.", 70, "years"),
        ("Three days later they left.", 3, "days"),
        ("Rates fell from 3.5 to 3.1 percent.", 3.5, "percent"),
        ("They sold 12 Saab and Volvo trucks.", 12, "Saab and Volvo trucks"),
        ("It cost $US12 a month.", 12, "US$ a month"),
        ("The wheel turns 90 times a minute.", 90, "times a minute"),
    ],
)
def test_units(text: str, value: float, unit: str) -> None:
    assert [f.unit for f in find(text) if f.value == value] == [unit]


def test_who_shoots_is_not_shot() -> None:
    assert [f.measure for f in find("At least one of the girls was holding a gun and shot a guard.")] == [Measure.OTHER]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("The fee went up by an average of 1700.", [1700]),
        ("They sold more than 1900.", [1900]),
        ("The law is of 1900.", []),
        ("It was built in 1700.", []),
    ],
)
def test_four_digits_are_a_year_unless_they_are_bounded(text: str, values: list[int]) -> None:
    assert [f.value for f in find(text)] == values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Both were taken to hospital.", [(2, Measure.INJURED)]),
        ("Both agreed to meet.", []),
        ("Both of the bridges were closed.", []),
        ("Three sailors are in critical condition.", [(3, Measure.INJURED)]),
        ("Three boats are in poor condition.", [(3, Measure.OTHER)]),
        ("One, 21, is in stable condition.", []),
        ("The crew was taken to four hospitals.", [(4, Measure.OTHER)]),
        ("Three patients are in critical condition with cholera.", [(3, Measure.OTHER)]),
    ],
)
def test_both_and_the_condition_of_patients(text: str, expected: list[tuple[int, Measure]]) -> None:
    assert [(f.value, f.measure) for f in find(text) if f.value != 1] == expected


@pytest.mark.parametrize(
    "text",
    [
        "The agency put the number of dead in the valley at 310.",
        "The number of people known to have died in the flood rose to 310.",
    ],
)
def test_size_of_a_number_of_dead(text: str) -> None:
    assert [(f.value, f.measure) for f in find(text)] == [(310, Measure.KILLED)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Two children are among the dead.", [(2, Measure.KILLED)]),
        ("More than 3,000 nurses joined the strike.", [(3000, Measure.ATTENDED)]),
        ("Some 9,000 students took to the streets.", [(9000, Measure.ATTENDED)]),
        ("About 400 villagers remain trapped in the valley.", [(400, Measure.OTHER)]),
        ("Some 40 sailors remain in custody.", [(40, Measure.HELD)]),
        ("Every family would be given 500,000 kwacha.", [(500_000, Measure.MONEY)]),
        ("Sales slipped 2.4% to 5.1 billion crowns.", [(2.4, Measure.PERCENT), (5_100_000_000, Measure.MONEY)]),
    ],
)
def test_what_news_counts(text: str, expected: list[tuple[float, Measure]]) -> None:
    assert [(f.value, f.measure) for f in find(text)] == expected


def test_some_among_the_dead_are_a_part() -> None:
    assert [f.scope for f in find("Two children are among the dead.")] == [Scope.PART]


def test_no_one_is_nobody() -> None:
    assert find("No one was in custody on Monday.") == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Five of the dead were buried.", [(5, Measure.KILLED)]),
        ("Three of the victims are miners.", []),
        ("Fifteen of those deaths were in the valley.", [(15, Measure.KILLED)]),
        ("About 8,000 villagers were moved to shelters.", [(8000, Measure.DISPLACED)]),
        ("Some 4,000 miners walked off the job.", [(4000, Measure.ATTENDED)]),
        ("Organisers put the crowd at 45,000.", [(45_000, Measure.ATTENDED)]),
        ("It won contracts worth 640 million rand.", [(640_000_000, Measure.MONEY)]),
    ],
)
def test_parts_shelters_crowds_and_contracts(text: str, expected: list[tuple[float, Measure]]) -> None:
    assert [(f.value, f.measure) for f in find(text)] == expected
