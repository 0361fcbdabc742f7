"""Reprints of one text and later versions of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.records import Extraction
from kg.resolve import resolve
from kg.resolve.matching import PAIRED, fewest_pairs, rare_pairs
from kg.resolve.words import jaccard
from tests.accounts import article, figure, relations

PARTS = ("harbour", "council", "ferry", "bridge", "winter", "budget", "engineer", "village", "market", "railway")
# Forty sentences, no two with a run of five words in common.
TEXT = " ".join(
    f"In report {i} the {PARTS[i % 10]} plan {i * 7} met objection {i * 11} of {PARTS[(i * 3) % 10]} {i}."
    for i in range(40)
)
OTHER = " ".join(
    f"By night {i} a {PARTS[i % 10]} crew {i * 5} left station {i * 13} for {PARTS[(i * 3) % 10]} {i}."
    for i in range(40)
)


def test_a_reprint_is_an_alternate_of_the_earliest() -> None:
    lead = "CITY (Agency) -- "
    found = relations(
        article("c", "2023-02-09", lead + TEXT), article("a", "2023-02-07", TEXT), article("b", "2023-02-08", TEXT)
    )
    assert found == {("article/b", "prov:alternateOf", "article/a"), ("article/c", "prov:alternateOf", "article/a")}


def test_a_reprint_may_be_cut() -> None:
    half = TEXT[: len(TEXT) // 2]
    assert relations(article("a", "2023-02-07", TEXT), article("b", "2023-02-08", half)) == {
        ("article/b", "prov:alternateOf", "article/a")
    }


def test_a_background_paragraph_makes_no_reprint() -> None:
    tail = TEXT[: len(TEXT) // 5]
    assert relations(article("a", "2023-02-07", TEXT), article("b", "2023-02-08", OTHER + tail)) == set()


def test_page_furniture_is_no_text() -> None:
    noise = ((len(OTHER), len(OTHER + TEXT)),)
    b = replace(article("b", "2023-02-08", OTHER + TEXT), noise=noise)
    assert relations(article("a", "2023-02-07", TEXT), b) == set()


def at(record: Extraction, url: str) -> Extraction:
    return replace(record, url=url)


def test_a_later_text_at_the_same_address_is_a_revision() -> None:
    url = "https://news.example/bridge"
    a = at(article("a", "2023-02-07", "12 hurt " + TEXT, figures=(figure(12),)), url)
    b = at(article("b", "2023-02-07", "15 hurt " + TEXT, figures=(figure(15),)), url)
    assert relations(a, b) == {
        ("article/b", "prov:wasRevisionOf", "article/a"),
        ("b#figure-0", "updates", "a#figure-0"),
    }
    assert relations(a, at(article("b", "2023-02-08", OTHER), url)) == set()


def test_a_note_of_correction_makes_a_revision_within_one_outlet() -> None:
    note = " This story corrects an earlier version."
    a, b = article("a", "2023-02-07", TEXT), article("b", "2023-02-08", TEXT + note)
    ours = [replace(r, publisher="Harbour Daily") for r in (a, b)]
    assert ("article/b", "prov:wasRevisionOf", "article/a") in relations(*ours)
    assert ("article/b", "prov:alternateOf", "article/a") in relations(a, b)


@pytest.mark.parametrize("mark", ["CORRECTED-Harbour plan falls\n", "(Corrects number of ships in first paragraph)\n"])
def test_the_mark_of_an_agency_makes_a_revision_of_what_it_sent_that_day(mark: str) -> None:
    a, b = article("b", "2023-02-07", TEXT), article("a", "2023-02-07", mark + TEXT)
    ours = [replace(r, agencies=("Agency",)) for r in (a, b)]
    assert relations(*ours) == {("article/a", "prov:wasRevisionOf", "article/b")}


def test_a_figure_of_a_reprint_says_so() -> None:
    a, b = (article(n, "2023-02-07", TEXT, figures=(figure(12),)) for n in "ab")
    grounds = [r.ground for r in resolve([a, b]).relations["b"] if r.property == "repeats"]
    assert len(grounds) == 1
    assert grounds[0].endswith("a reprint of the same text")


@given(
    st.frozensets(st.sampled_from("abcdefghij"), min_size=1),
    st.frozensets(st.sampled_from("abcdefghij"), min_size=1),
    st.sampled_from([0.5, 0.6, 0.75]),
)
def test_what_is_alike_shares_a_pair_of_rare_words(
    one: frozenset[str], other: frozenset[str], threshold: float
) -> None:
    if jaccard(one, other) >= threshold and len(one & other) > 1:
        assert set(rare_pairs(one, threshold)) & set(rare_pairs(other, threshold))


@given(
    st.frozensets(st.sampled_from("abcdefghijklmnopq"), min_size=4),
    st.frozensets(st.sampled_from("abcdefghijklmnopq"), max_size=4),
    st.frozensets(st.sampled_from("rstuvw"), max_size=4),
    st.sampled_from([0.5, 0.6, 0.75]),
)
def test_what_is_alike_shares_as_many_pairs_as_its_sizes_ask_for(
    one: frozenset[str], gone: frozenset[str], new: frozenset[str], threshold: float
) -> None:
    other = (one - gone) | new
    if jaccard(one, other) >= threshold and len(one & other) > 1:
        shared = set(rare_pairs(one, threshold)) & set(rare_pairs(other, threshold))
        fewest = fewest_pairs(len(one), len(other), threshold)
        if fewest > 1 or max(len(one), len(other)) <= PAIRED:  # of larger sets hardly one is missed
            assert len(shared) >= fewest


@pytest.mark.parametrize(
    ("size", "other", "fewest"), [(5, 5, 3), (10, 10, 6), (12, 12, 3), (12, 8, 1), (16, 16, 3), (30, 30, 1)]
)
def test_sets_of_equal_size_share_more_pairs(size: int, other: int, fewest: int) -> None:
    assert fewest_pairs(size, other) == fewest_pairs(other, size) == fewest
