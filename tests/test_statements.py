"""Statements across articles: words that recur, also varied by a translation, and words that negate each other."""

from __future__ import annotations

import pytest

from kg.families import stem
from kg.records import Event, Extraction, Quote
from kg.resolve.words import negates, stems
from kg.vocabulary import EventType, Factuality, QuoteKind
from tests.accounts import article, relations, said

WORDS = "We have so far failed the people of the town on the river, and they feel alone"


def test_the_same_words_repeat_the_earliest_article() -> None:
    found = relations(said("b", "2023-02-13", WORDS), said("c", "2023-02-14", WORDS), said("a", "2023-02-12", WORDS))
    assert found == {("b#statement-0", "repeats", "a#statement-0"), ("c#statement-0", "repeats", "a#statement-0")}


def test_words_that_a_translation_varied_still_repeat() -> None:
    varied = WORDS.replace("and they feel alone", "and they rightly feel left alone")
    assert relations(said("a", "2023-02-12", WORDS), said("b", "2023-02-13", varied)) == {
        ("b#statement-0", "repeats", "a#statement-0")
    }


def test_other_words_do_not_repeat() -> None:
    other = "We have so far failed the people of the town, but help is on its way from three countries and by sea"
    assert relations(said("a", "2023-02-12", WORDS), said("b", "2023-02-13", other)) == set()


def test_a_translation_with_no_run_of_words_in_common_repeats() -> None:
    one = "Our engineers repaired the broken dam and restored drinking water to every village"
    other = "The engineers have been repairing our broken dam, restoring water for drinking in the villages"
    assert relations(said("a", "2023-02-12", one), said("b", "2023-02-13", other)) == {
        ("b#statement-0", "repeats", "a#statement-0")
    }


def denied(name: str, text: str, speaker: str, date: str = "2023-02-12", cue: str = "said") -> Extraction:
    """An article with one statement on one event, after its cue."""
    whole = f"{cue} {text}"
    content = (len(cue) + 1, len(whole))
    at = whole.index("shell")
    event = Event(
        id=f"event/{name}",
        trigger=(at, at + 5),
        type=EventType.ATTACK,
        factuality=Factuality.ASSERTED,
        evidence=(0, len(whole)),
    )
    quote = Quote(kind=QuoteKind.INDIRECT, content=(content,), cue=(0, len(cue)), speaker=speaker)
    return article(name, date, whole, events=(event,), quotes=(quote,))


SHELLED = "its gunners shelled the harbour warehouse before dawn"


def conflicts(*records: Extraction) -> bool:
    return any(r[1] == "conflictsWith" for r in relations(*records))


def test_a_statement_and_its_negation_on_one_event_conflict() -> None:
    one = denied("a", SHELLED, "person/x")
    no = SHELLED.replace("shelled", "had not shelled")
    assert conflicts(one, denied("b", no, "person/y"))
    assert conflicts(one, denied("b", SHELLED, "person/y", cue="denied"))
    assert not conflicts(one, denied("b", no, "person/y", cue="denied"))
    assert not conflicts(one, denied("b", SHELLED, "person/y"))


def test_a_negation_long_after_or_by_the_same_speaker_is_no_conflict() -> None:
    one, no = denied("a", SHELLED, "person/x"), SHELLED.replace("shelled", "had not shelled")
    assert not conflicts(one, denied("b", no, "person/x"))
    assert not conflicts(one, denied("b", no, "person/y", date="2023-06-12"))


@pytest.mark.parametrize(
    ("one", "other"),
    [("villages", "village"), ("repairing", "repaired"), ("stopped", "stop"), ("cities", "city"), ("making", "make")],
)
def test_endings_do_not_tell_words_apart(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_words_of_grammar_and_negations_are_no_content() -> None:
    assert stems("The mayor didn't close the bridge") == stems("the mayors closing bridges")
    assert negates("The mayor didn't close the bridge")
    assert not negates("Nobody said that it was not closed")
