"""Time expressions: TIMEX3 values, bounds, attachment."""

from dataclasses import replace
from functools import cache

import pytest
from spacy.language import Language

from kg.nlp import timex
from kg.nlp.pipeline import load
from kg.nlp.reading import Reading
from kg.records import Article, Page, Period
from kg.settings import value

FRIDAY = "2024-03-22"


@cache
def model() -> Language:
    return load(value("model"))


def read(text: str, date: str | None = FRIDAY) -> Reading:
    article = Article(id="a", source="a.txt", sha256="", text=text)
    reading = Reading(article=article, page=Page(date=date), doc=model()(text))
    return Reading(article=article, page=reading.page, doc=reading.doc, timex=timex.find(reading))


def values(text: str, date: str | None = FRIDAY) -> dict[str, str | None]:
    return {text[t.start : t.end]: t.value for t in read(text, date).timex}


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        # dates in full
        ("The dam burst on Feb. 3, 2021, killing two.", "Feb. 3, 2021", "2021-02-03"),
        ("It was signed on the 7th of October 2019.", "the 7th of October 2019", "2019-10-07"),
        ("Filed 2023-11-30 by the desk.", "2023-11-30", "2023-11-30"),
        ("They met on Tuesday, 5 March 2024, in Oslo.", "Tuesday, 5 March 2024", "2024-03-05"),
        ("The fair ran June 21-26, 2022.", "June 21-26, 2022", "2022-06-21/2022-06-26"),
        # the year by the tense
        ("The strike began on October 7.", "October 7", "2023-10-07"),
        ("Voters will go to the polls on October 7.", "October 7", "2024-10-07"),
        ("It rained throughout December.", "December", "2023-12"),
        ("They arrived in early February.", "early February", "2024-02"),
        # weekdays by the tense
        ("The minister resigned on Wednesday.", "Wednesday", "2024-03-20"),
        ("The court will rule on Wednesday.", "Wednesday", "2024-03-27"),
        ("The council is due to meet on Monday.", "Monday", "2024-03-25"),
        ("He spoke on Friday.", "Friday", "2024-03-22"),
        ("Dockers voted to strike from Monday.", "Monday", "2024-03-25"),
        ("They need grain to last until Tuesday.", "Tuesday", "2024-03-26"),
        ("Until Monday's announcement both were rivals.", "Monday", "2024-03-18"),
        ("The war began on April 15 last year.", "April 15 last year", "2023-04-15"),
        ("The ministers met over the weekend.", "the weekend", "2024-W11-WE"),
        ("The ministers will meet over the weekend.", "the weekend", "2024-W12-WE"),
        ("He spoke last Friday.", "last Friday", "2024-03-15"),
        ("She left on Tuesday evening.", "Tuesday evening", "2024-03-19TEV"),
        ("A bus overturned early Thursday morning.", "early Thursday morning", "2024-03-21TMO"),
        # relative to the article's date
        ("The bridge opened yesterday.", "yesterday", "2024-03-21"),
        ("Prices rose last week.", "last week", "2024-W11"),
        ("Prices rose last month.", "last month", "2024-02"),
        ("They will vote next year.", "next year", "2025"),
        ("Shots were heard last night.", "last night", "2024-03-21TNI"),
        ("He arrived this morning.", "this morning", "2024-03-22TMO"),
        ("It was found two weeks ago.", "two weeks ago", "2024-W10"),
        ("It was found three days ago.", "three days ago", "2024-03-19"),
        # stretches, sets, larger units
        ("They have waited for more than five months.", "more than five months", "P5M"),
        ("It ended a 10-week siege.", "10-week", "P10W"),
        ("Many fled in the first few days.", "the first few days", "PXD"),
        ("It lasted half an hour.", "half an hour", "PT30M"),
        ("Buses run every day.", "every day", "P1D"),
        ("They meet every Friday.", "every Friday", "XXXX-WXX-5"),
        ("It was built in the 1930s.", "the 1930s", "193"),
        ("It was built in the 19th century.", "the 19th century", "18"),
        ("Sales fell in the third quarter of 2023.", "the third quarter of 2023", "2023-Q3"),
        ("Sales fell in summer 2022.", "summer 2022", "2022-SU"),
        # times of day
        ("It starts at 3 p.m. on Friday.", "3 p.m. on Friday", "2024-03-22T15:00"),
        ("It was felt at 0430 GMT.", "0430 GMT", "2024-03-22T04:30"),
        ("He died on the night of Jan. 5.", "the night of Jan. 5", "2024-01-05TNI"),
    ],
)
def test_value(text: str, words: str, expected: str) -> None:
    assert values(text).get(words) == expected


def test_a_day_before_counts_from_the_date_last_named() -> None:
    assert values("The boat sank on March 4. It had sailed a day earlier.")["a day earlier"] == "2024-03-03"


def test_a_date_inside_a_noun_phrase_takes_no_tense() -> None:
    assert values("The state must rebuild after the Oct. 7 flood.")["Oct. 7"] == "2023-10-07"


def test_order_of_day_and_month_is_what_the_article_shows() -> None:
    assert values("Born 25/12/1970, died 3/4/2019.")["3/4/2019"] == "2019-04-03"
    assert values("Born 12/25/1970, died 3/4/2019.")["3/4/2019"] == "2019-03-04"


def test_with_a_month_for_its_date_an_article_has_months() -> None:
    found = values("Envoys met the day before. On January 25 they had left.", "2024-01")
    assert found == {"the day before": "2024-01", "January 25": "2024-01-25"}


def test_without_a_date_what_is_not_known_is_open() -> None:
    assert values("She spoke on Tuesday.", None) == {"Tuesday": "XXXX-WXX-2"}
    assert values("She spoke on 5 May.", None) == {"5 May": "XXXX-05-05"}


@pytest.mark.parametrize(
    "text",
    [
        "He may march with 2000 soldiers.",
        "A second man was seen.",
        "Prices fall as the herd drinks from a spring.",
        "A man in his 40s reads the Weekly Star.",
        "They lost 21-14.",
        "It costs $5 a year.",
        "Theresa May spoke.",
        "The suspect is 22 years old.",
    ],
)
def test_what_is_no_time(text: str) -> None:
    assert values(text) == {}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("2024-02", ("2024-02-01", "2024-02-29")),
        ("2024-W11", ("2024-03-11", "2024-03-17")),
        ("2024-W11-WE", ("2024-03-16", "2024-03-17")),
        ("2023-Q4", ("2023-10-01", "2023-12-31")),
        ("2023-WI", ("2023-12-01", "2024-02-29")),
        ("199", ("1990-01-01", "1999-12-31")),
        ("2024-03-22TEV", ("2024-03-22", "2024-03-22")),
        ("2023-11/..", ("2023-11-01", None)),
    ],
)
def test_period(expression: str, expected: tuple[str, str]) -> None:
    assert timex.period(expression) == Period(start=expected[0], end=expected[1])


@pytest.mark.parametrize("expression", ["P2W", "PAST_REF", "XXXX-WXX-2", "2024-02-31", None])
def test_no_period(expression: str | None) -> None:
    assert timex.period(expression) is None


def test_when_takes_the_time_of_the_words_own_clause() -> None:
    text = "Police said on Monday that a gunman killed two clerks on Saturday."
    reading = read(text)
    killed, said = text.index("killed"), text.index("said")
    first, second = (timex.when(reading, at, at + 4) for at in (killed, said))
    assert first is not None
    assert second is not None
    assert (first.value, second.value) == ("2024-03-16", "2024-03-18")


def test_bounds_follow_the_preposition() -> None:
    reading = read("The port has been shut since March 1. It will stay shut until March 30.")
    assert [timex.bounds(reading, t) for t in reading.timex] == [
        Period(start="2024-03-01"),
        Period(end="2024-03-30"),
    ]


def test_today_is_the_day_of_the_dateline() -> None:
    text = "LIMA, March 21 (Newsline) -- The mine reopened today."
    reading = read(text)
    reading = replace(reading, page=Page(date="2024-03-22", dateline=(0, 4)))
    assert [t.value for t in timex.find(reading)] == ["2024-03-21", "2024-03-21"]
