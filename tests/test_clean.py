"""Layout: furniture, headline, date, dateline, publisher and agencies; spans that stand where they say."""

from __future__ import annotations

import re

import pytest

from kg.clean import dates, furniture, lay_out
from kg.clean.blocks import split
from kg.records import Article, Page
from kg.tables import table

PROSE = "The council of the valley town agreed on Tuesday that the old mill will be sold before the end of the summer."
MORE = "A spokeswoman said that three buyers had come forward and that the price would be made public in the autumn."


def article(text: str, **stated: str) -> Article:
    return Article(id="a", source="a.txt", sha256="", text=text, **stated)  # type: ignore[arg-type]


def page(text: str, **stated: str) -> Page:
    return lay_out(article(text, **stated))


def noise(text: str) -> list[str]:
    return [text[slice(*span)] for span in page(text).noise]


def between(*lines: str, newline: str = "\n\n") -> str:
    return newline.join((PROSE, *lines, MORE))


# Furniture


@pytest.mark.parametrize(
    "line",
    [
        "loading…",
        "Loading...",
        "ua en ru",
        "EN | FR | ES",
        "English Français العربية",
        "Share on Facebook",
        "Share  Tweet  Email",
        "Facebook Twitter WhatsApp Print",
        "12 shares",
        "Advertisement",
        "ADVERTISEMENT",
        "- Sponsored content -",
        "Read more: How a mill is sold",
        "READ MORE",
        "Also read: What the buyers want",
        "Related articles",
        "Continue reading below",
        "Scroll down for video",
        "Click here to see the map",
        "Sign up for our weekly newsletter",
        "Subscribe",
        "Follow us on Twitter and Facebook",
        "Copyright 2021 Valley Herald",
        "© 2021 Valley Herald. All rights reserved.",
        "This material may not be published, broadcast or copied.",
        "Please enable Javascript to watch this video",
        "We use cookies to make this site work.",
        "Home > News > Valley",
        "Home | World | Business | Sport",
        "News  Opinion  Culture  Sport",
        "[Home](/) [World](/world) [Sport](/sport)",
        "Skip to content",
        "Editor: J. Miller",
        "Source: Reuters",
        "(Reporting by Ann Author; Editing by Ed Itor)",
        "Published: 12 March 2024",
        "Updated 12 March 2024, 21:30 GMT",
        "2024-03-12 03:08:00",
        "Tuesday, March 12, 2024 at 3:15 p.m. EST",
        "Valley desk | Tuesday, 12 March 2024",
        "2 hours ago",
        "4 min read",
        "Photo: AFP/Getty Images",
        "REUTERS/Ann Author",
        "Leave a comment",
        "desk@valley.example",
        "https://valley.example/mill",
        "* * *",
        "**Advertisement**",
    ],
)
def test_a_line_of_furniture(line: str) -> None:
    assert noise(between(line)) == [line]
    assert noise(between(line, newline="\r\n")) == [line]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{PROSE} Photo/REUTERS", "Photo/REUTERS"),
        (f"{PROSE} Photo: Ann Author/AFP", "Photo: Ann Author/AFP"),
        (f"{PROSE} (AFP)", "(AFP)"),
        ("The mayor of the town (photo: Ann Author) said that the mill will be sold.", "(photo: Ann Author)"),
        ("The old mill stands empty. (AP Photo/Ann Author)", "(AP Photo/Ann Author)"),
        ("The old mill stands empty. (Image: Ann Author/Getty Images)", "(Image: Ann Author/Getty Images)"),
        (f" date 2023-12-21 {PROSE}", "date 2023-12-21"),
        (f" date 2023-12-21 loading…\n\n{PROSE}", "date 2023-12-21 loading…"),
    ],
)
def test_furniture_inside_a_block(text: str, found: str) -> None:
    assert noise(text) == [found]


@pytest.mark.parametrize(
    "line",
    [
        "Share prices fell on Monday.",
        "It is no more.",
        "The photo shows a fireball over the town.",
        "He said the picture was clear: the mill is lost.",
        "Read the letter, she told the court, and you will see.",
        "The Port Authority (PA)",
        "They rely on the Associated Press (AP)",
        "On 12 March 2024 the mill was sold.",
        "March 12, 2024 was the day of the sale.",
        "Follow the money, the mayor said.",
        "Home prices rose by 3 percent.",
        "Live ammunition was used, the police said.",
        "The source: a well in the hills.",
        "Police killed two people",
        "More than 40 people were hurt",
        "No comment was given.",
        "Video of the attack was verified by the paper.",
        "Sources: Mill may be sold after all",
    ],
)
def test_news_is_no_furniture(line: str) -> None:
    assert noise(between(line)) == []


def test_every_pattern_of_the_table_compiles_and_is_filled_in() -> None:
    rows = table("furniture.tsv")
    assert {row["scope"] for row in rows} == {"block", "long", "start", "end", "brackets", "anywhere"}
    assert {row["where"] for row in rows} == {"any", "edge"}
    for row in rows:
        assert re.compile(re.sub(r"\{[a-z]+\}", "x", row["pattern"]), re.IGNORECASE)
        assert row["kind"]
    assert furniture._rules()


def test_navigation_counts_only_at_the_ends_of_a_page() -> None:
    inside = "\n\n".join([PROSE] * 10 + ["en fr"] + [MORE] * 10)
    assert noise(inside) == []
    assert noise(f"en fr\n\n{inside}") == ["en fr"]


# Headline


def test_first_line_is_the_headline() -> None:
    found = page(f"Old mill to be sold before summer\n\n{PROSE}\n\n{MORE}")
    assert (found.title, found.title_span, found.noise) == ("Old mill to be sold before summer", (0, 33), ())


def test_story_without_headline() -> None:
    assert page(f"{PROSE}\n\n{MORE}").title is None
    assert page(f"GAZETTE TOWN, March 3 (AFP) -- {PROSE}").title is None
    assert page(f"By Ann Author\n\n{PROSE}").title is None


def test_given_title_is_found_and_its_repetition_is_furniture() -> None:
    title = "Old mill to be sold - mayor"
    text = f"ua en ru\n\n{title}\n\n{title} The mill (photo: Getty Images)\n\n{PROSE}"
    for found in (page(text), page(text, title=title)):
        assert found.title == title
        assert text[slice(*found.title_span or ())] == found.title
        assert [text[slice(*s)] for s in found.noise] == ["ua en ru", found.title, "(photo: Getty Images)"]
        assert text.index("The mill (") in found.breaks
        assert "Getty Images" in found.agencies


def test_title_with_the_sites_name() -> None:
    text = f"Old mill to be sold-Xinhua\n\nOld mill to be sold\n\nSource: Xinhua\n\n{PROSE}"
    found = page(text)
    assert (found.title, found.publisher) == ("Old mill to be sold", "Xinhua")
    assert text[slice(*found.title_span or ())] == found.title
    assert found.title_span != (0, 19)
    assert noise(text) == ["Old mill to be sold-Xinhua", "Source: Xinhua"]
    found = page(f"Old mill to be sold soon | Valley Herald\n\nOld mill to be sold soon\n\n{PROSE}")
    assert (found.title, found.publisher) == ("Old mill to be sold soon", "Valley Herald")


def test_masthead_above_the_headline() -> None:
    text = (
        f"VALLEY HERALD\n\nHome | World | Sport\n\nOld mill to be sold before summer\n\n{PROSE}\n\n© 2021 Valley Herald"
    )
    found = page(text)
    assert (found.title, found.publisher) == ("Old mill to be sold before summer", "Valley Herald")
    assert noise(text)[0] == "VALLEY HERALD"
    assert page(f"Mill is sold\n\nPrice to be made public later in autumn\n\n{PROSE}").title == "Mill is sold"


def test_headings_but_not_captions() -> None:
    heading, caption = (
        "What the buyers want",
        "Workers of the old mill stand in the rain before its gate on the morning of the sale",
    )
    text = f"{PROSE}\n{heading}\n{MORE}\n{caption}\n{PROSE}"
    found = page(text)
    assert [text[slice(*span)] for span in found.headlines] == [heading]
    assert {text.index(heading), text.index(caption)} <= set(found.breaks)


def test_front_matter() -> None:
    text = f"---\ntitle: Mill sold\ndate: 2021-03-04\npublisher: Valley Herald\n---\n\n# Mill sold\n\n{PROSE}"
    found = page(text)
    assert (found.title, found.date, found.publisher) == ("Mill sold", "2021-03-04", "Valley Herald")
    assert text[slice(*found.title_span or ())] == "Mill sold"
    assert noise(text) == [text[: text.index("\n\n#")]]


# Dates


@pytest.mark.parametrize(
    ("words", "iso"),
    [
        ("2024-03-12", "2024-03-12"),
        ("2024-03-12T08:00:00+02:00", "2024-03-12"),
        ("20240312", "2024-03-12"),
        ("Tue, 12 Mar 2024 10:00:00 GMT", "2024-03-12"),
        ("Tue Mar 12 10:00:00 2024", "2024-03-12"),
        ("March 12th, 2024, 7:35 am", "2024-03-12"),
        ("Sept. 3, 2024 4:30 PM MT", "2024-09-03"),
        ("12 March 2024", "2024-03-12"),
        ("21/12/2023", "2023-12-21"),
        ("12/21/2023", "2023-12-21"),
        ("Friday 08/03/2024", "2024-03-08"),
        ("3/4/2024", "2024"),
        ("March 2024", "2024-03"),
        ("2024-03", "2024-03"),
        ("2024", "2024"),
        ("31 February 2024", "2024-02"),
        ("no date", None),
    ],
)
def test_date_formats(words: str, iso: str | None) -> None:
    assert dates.parse(words) == iso


@pytest.mark.parametrize(
    ("url", "iso"),
    [
        ("https://x.example/2024/03/12/mill", "2024-03-12"),
        ("https://x.example/news/20240312-mill", "2024-03-12"),
        ("https://x.example/2024/mar/12/mill", "2024-03-12"),
        ("https://x.example/2024/03/mill", "2024-03"),
        ("https://x.example/mill-15348", None),
    ],
)
def test_date_in_url(url: str, iso: str | None) -> None:
    assert dates.in_url(url) == iso


@pytest.mark.parametrize(
    ("text", "stated", "date", "least"),
    [
        (f"Published: 12 March 2024\n\n{PROSE}", {"date": "4 May 2021"}, "2021-05-04", 1.0),
        (f"Published: 12 March 2024\n\n{PROSE}", {"date": "soon"}, "2024-03-12", 1.0),
        (f"Updated: 14 March 2024\n\nPublished: 12 March 2024\n\n{PROSE}", {}, "2024-03-12", 1.0),
        (f" date 2023-12-21 loading…\n\n{PROSE} It began on October 7, 2023.", {}, "2023-12-21", 1.0),
        (PROSE, {"url": "https://x.example/2024/03/12/mill"}, "2024-03-12", 0.9),
        (f"LIMA, 23 Aug 88 (EFE) -- {PROSE}", {}, "1988-08-23", 0.9),
        (f"HILLTOWN, March 22 (AFP) -- {PROSE} It began on Oct. 7, 2023.", {}, "2024-03-22", 0.7),
        (f"HILLTOWN, March 22 (AFP) -- {PROSE} It ended on Jan. 7, 2023.", {}, "2023-03-22", 0.7),
        (f"{PROSE} This was said on Thursday (21/12/2023).", {}, "2023-12-21", 0.5),
        (
            f"{PROSE}\n\nOn October 7, 2023, it began. In the first days little was known. On January 25 it went on.",
            {},
            "2024-01",
            0.3,
        ),
        (f"{PROSE} The mill was built in May 1987.", {}, None, 0.0),
        (f"{PROSE} The mill burnt down on May 3, 1987.", {}, None, 0.0),
        (PROSE, {}, None, 0.0),
    ],
)
def test_date_of_publication(text: str, stated: dict[str, str], date: str | None, least: float) -> None:
    found = page(text, **stated)
    assert found.date == date
    assert least <= found.date_confidence <= 1


# Dateline, publisher, agencies


@pytest.mark.parametrize(
    ("head", "place", "agencies"),
    [
        ("HILLTOWN, March 22 (Xinhua) -- ", "HILLTOWN", ("Xinhua",)),
        ("GAZETTE – ", "GAZETTE", ()),
        ("NEW HILLTOWN, N.Y. (AP) — ", "NEW HILLTOWN", ("Associated Press",)),
        ("HILLTOWN/VALLEY (Reuters) - ", "HILLTOWN", ("Reuters",)),
        ("HILLTOWN - ", "HILLTOWN", ()),
        ("HILLTOWN: ", "HILLTOWN", ()),
        ("Hilltown, 23 Aug 88 (EFE) -- ", "Hilltown", ("EFE",)),
        ("Port of Hills (AFP) – ", "Port of Hills", ("AFP",)),
        ("**HILLTOWN, Feb. 18 (AFP)** -- ", "HILLTOWN", ("AFP",)),
        ("(CNN) — ", None, ()),
        ("Police – who came late – said: ", None, ()),
        ("WATCH: ", None, ()),
        ("In an email dated Feb. 12, 2012 — a year on — ", None, ()),
        ("NATO – ", None, ()),
    ],
)
def test_dateline(head: str, place: str | None, agencies: tuple[str, ...]) -> None:
    text = f"Old mill to be sold\n\n{head}{PROSE}"
    found = page(text)
    assert (found.dateline and text[slice(*found.dateline)]) == place
    assert found.agencies == agencies
    if place:
        assert text.index(PROSE) in found.breaks


@pytest.mark.parametrize(
    ("before", "head", "place"),
    [
        ("Photo ", "HILLTOWN, Valley -- ", "HILLTOWN"),
        ("By Ada Weir and Bo Lund ", "HILLTOWN, Nov 6 (Reuters) - ", "HILLTOWN"),
        ("The mill on Monday. (Photo: The Associated Press) ", "NEW HILLTOWN (AP) -- ", "NEW HILLTOWN"),
        ("By ", "ADA WEIR, Hill News (AP) -- ", None),
        ("The mill is old. ", "SIGN UP FOR OUR NEWSLETTER — ", None),
        ("The mill, says the ", "TUC - ", None),
    ],
)
def test_dateline_after_caption_or_byline_on_one_line(before: str, head: str, place: str | None) -> None:
    text = f"Old mill to be sold\n\n{before}{head}{PROSE}"
    found = page(text)
    assert (found.dateline and text[slice(*found.dateline)]) == place
    if place:
        assert {text.index(PROSE), text.index(head)} <= set(found.breaks)


@pytest.mark.parametrize(
    ("sentence", "agencies"),
    [
        ("The mill is lost, the mayor said, according to Xinhua.", ("Xinhua",)),
        ("“It is lost,” the mayor told reporters, as quoted by AFP.", ("AFP",)),
        ("The mayor told the Reuters news agency that it is lost.", ("Reuters",)),
        ("State news agency TASS reported that it is lost.", ("TASS",)),
        ("Reuters could not verify this.", ("Reuters",)),
        ("The PA said that it is lost, and the mayor told PA officials so.", ()),
        ("He once worked for Reuters in the capital.", ()),
        ("He told CNN that it is lost.", ()),
    ],
)
def test_agencies_that_are_cited(sentence: str, agencies: tuple[str, ...]) -> None:
    assert page(f"{PROSE}\n\n{sentence}").agencies == agencies


def test_byline_credits_its_agency() -> None:
    assert page(f"Old mill to be sold\n\nBy Ann Author, Associated Press\n\n{PROSE}").agencies == ("Associated Press",)


def test_given_publisher_wins() -> None:
    assert page(f"Source: Xinhua\n\n{PROSE}", publisher="Valley Herald").publisher == "Valley Herald"


# Blocks


def test_wrapped_lines_are_one_block() -> None:
    text = (
        "The council of the valley town agreed on Tuesday that the old\n"
        "mill will be sold before the end of the summer, and that the\n"
        "money is to be used for the bridge over the river.\n"
        "   A spokeswoman said that three buyers had come forward in the\n"
        "last weeks and that their names would be made public later.\n\nNo price was named."
    )
    assert [block.text[:14] for block in split(text)] == ["The council of", "A spokeswoman ", "No price was n"]
    assert [block.text[:14] for block in split(text.replace("\n", "\r\n"))] == [
        "The council of",
        "A spokeswoman ",
        "No price was n",
    ]


def test_each_line_is_a_block_where_lines_are_paragraphs() -> None:
    assert [block.text for block in split("\n".join((PROSE, MORE, PROSE)))] == [PROSE, MORE, PROSE]
    assert [block.text for block in split("One\nTwo\nThree")] == ["One", "Two", "Three"]
    assert split("") == [] == split(" \n ")


def test_breaks_stand_at_words_and_never_inside_a_sentence_with_a_credit() -> None:
    text = between("Advertisement", "The mayor of the town (photo: Ann Author) said that the mill is lost.")
    found = page(text)
    assert all(not text[offset].isspace() for offset in found.breaks)
    assert list(found.breaks) == sorted(set(found.breaks))
    assert not any(text.index("(photo") <= offset <= text.index("said that the mill is") for offset in found.breaks)


def test_any_text_is_laid_out() -> None:
    for text in (
        "",
        " ",
        "\n",
        "a",
        "(",
        "#",
        "---\n---\n",
        "© ",
        "date 2023-12-21",
        "\u2028x\u2028",
        "A - B\n" * 50,
        "(" * 3000,
        "a " * 9000,
    ):
        found = page(text)
        assert all(0 <= start < end <= len(text) for start, end in found.noise)
        assert all(first[1] <= second[0] for first, second in zip(found.noise, found.noise[1:], strict=False))
