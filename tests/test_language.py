"""Telling English from other languages, and these from each other, by script and common words."""

from __future__ import annotations

import pytest

from kg.read.language import base, detect


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "The minister said that the talks would go on in the morning and that no date had been set."),
        (
            "de",
            "Der Minister sagte, dass die Gespräche am Morgen weitergehen und dass noch kein Datum dafür feststeht.",
        ),
        (
            "fr",
            "Le ministre a dit que les discussions se poursuivront dans la matinée et que la date n’est pas connue.",
        ),
        (
            "es",
            "El ministro dijo que las conversaciones continuarán por la mañana y que no se ha fijado una fecha.",
        ),
        ("ru", "Министр сказал, что переговоры продолжатся утром."),
        ("uk", "Міністр сказав, що переговори триватимуть вранці і що їх завершать."),
        ("ar", "قال الوزير إن المحادثات ستستمر صباحا"),
        ("zh", "部长说会谈将在早上继续。"),
    ],
)
def test_language(lang: str, text: str) -> None:
    assert detect(text) == lang


def test_declared_language_counts_where_the_text_is_too_short() -> None:
    assert (
        detect("Sim.", "pt-BR"),
        detect("Sim."),
        detect("The end of the war was in the news and it was said to be near.", "fr"),
    ) == ("pt", "en", "en")


def test_short_english_and_its_possessives_stay_english() -> None:
    assert detect("VALLEY -- The mayor 's plan to sell the town 's mill made a stir on Monday , a paper said .") == "en"
    assert [base(tag) for tag in ("en-GB", "en_US", "EN", "pt-BR")] == ["en", "en", "en", "pt"]
