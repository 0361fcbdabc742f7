"""Articles of one story, and what they call by one word: one happening, also without a day."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kg.families import family
from kg.joined import join
from kg.records import Argument, Event, Extraction, Figure, Mention
from kg.resolve import resolve
from kg.resolve.stories import SAME, likeness, tell
from kg.vocabulary import Comparator, EntityType, EventType, Factuality, Measure, Role
from tests.accounts import article, happening

HARBOUR = (
    "The harbour choir of Lindow won the singing contest of the northern islands. The choir sang four old shanties of the "
    "islands before judges from nine harbours, and the harbour master wept. The contest ended with fireworks."
)
RETOLD = (
    "A choir of fishermen from Lindow has won the contest for the best singing on the northern islands, judges said. Its "
    "shanties moved the harbour master to tears, and fireworks closed the contest of the choirs."
)
CHEESE = (
    "A dairy in the hills recalled two tonnes of goat cheese after a laboratory found glass in it. The dairy said that a "
    "lamp had burst above the vat, and that the glass was found in time. Shops won praise for their speed."
)


def told(
    name: str,
    text: str,
    word: str = "won",
    day: str | None = "2031-05-09",
    kind: EventType = EventType.OTHER,
    who: str = "",
    factuality: Factuality = Factuality.ASSERTED,
) -> Extraction:
    """An article with one undated event, where its text has the word."""
    start = text.index(word)
    sentence = (text.rfind(". ", 0, start) + 2 if ". " in text[:start] else 0, text.index(".", start) + 1)
    event = Event(
        id=f"event/{name}",
        trigger=(start, start + len(word)),
        type=kind,
        factuality=factuality,
        evidence=sentence,
        args=(Argument(role=Role.AGENT, start=0, end=1, id=who),) if who else (),
    )
    return replace(article(name, "", text, events=(event,)), date=day)


def together(*records: Extraction) -> bool:
    return len(set(resolve(records).events.values())) == 1


def test_a_story_is_known_by_how_it_begins() -> None:
    one, other, third = (tell(article(n, "", text)) for n, text in (("a", HARBOUR), ("b", RETOLD), ("c", CHEESE)))
    assert likeness(one, one) == pytest.approx(1)
    assert likeness(one, other) == pytest.approx(likeness(other, one))
    assert likeness(one, other) >= SAME
    assert likeness(one, third) < SAME
    assert set(one.keys) & set(other.keys)
    assert tell(article("d", "", "A choir won.")).terms == {}


def test_one_word_in_one_story_is_one_happening() -> None:
    one, other = told("a", HARBOUR), told("b", RETOLD)
    assert together(one, other)
    [relation] = resolve([one, other]).relations["b"]
    assert relation.ground.startswith("both OtherEvent; in one story (0.")
    assert "as 'win'" in relation.ground
    assert together(*(replace(r, date=None) for r in (one, other)))


def test_another_story_word_week_or_person_is_another_happening() -> None:
    one = told("a", HARBOUR, who="person/a")
    assert not together(one, told("b", CHEESE))
    assert not together(one, told("b", RETOLD, "closed"))
    assert not together(one, told("b", RETOLD, day="2031-05-20"))
    assert not together(one, told("b", RETOLD, who="person/b"))
    assert together(one, told("b", RETOLD, who="organisation/choir"))


def test_a_common_verb_needs_a_sentence_with_something_in_common() -> None:
    text = RETOLD.replace("A choir of fishermen", "Nobody won a car. A choir of fishermen")
    assert not together(told("a", HARBOUR), told("b", text))


def test_a_day_that_excludes_the_other_wins_over_the_story() -> None:
    early = happening("a", "2031-05-09", "person/x", text=HARBOUR, day="2031-05-08", place="")
    late = happening("b", "2031-05-09", "person/x", text=HARBOUR, day="2031-05-06", place="")
    assert not together(early, late)


def test_what_two_articles_plan_is_one_plan() -> None:
    one, other = (told(n, t, factuality=Factuality.PLANNED) for n, t in (("a", HARBOUR), ("b", RETOLD)))
    assert together(one, other)
    assert not together(one, told("b", RETOLD))


def test_extracted_records_share_what_a_build_would_share() -> None:
    one, other, third = told("b", HARBOUR), told("a", RETOLD), told("c", CHEESE)
    count = Figure(
        number=(0, 3), value=4, comparator=Comparator.EXACTLY, measure=Measure.OTHER, evidence=(0, 9), event="event/b"
    )
    one = replace(one, figures=(count,))
    found = list(join([one, other, third]))
    assert [r.id for r in found] == ["b", "a", "c"]
    assert [r.events[0].id for r in found] == ["event/a", "event/a", "event/c"]
    assert found[0].figures[0].event == "event/a"
    assert found[1:] == [other, third]
    assert list(join([one])) == [one]


def test_extracted_records_keep_their_own_names_of_people() -> None:
    who = Mention(start=4, end=11, type=EntityType.PERSON, name="Ada Harbour", id="person/ada-harbour")
    one, other = (replace(told(n, t), entities=(who,)) for n, t in (("a", HARBOUR), ("b", RETOLD)))
    assert [r.entities for r in join([one, other])] == [(who,), (who,)]


def test_a_word_that_only_one_article_gives_a_class_is_the_same_happening() -> None:
    one, other = told("a", HARBOUR, kind=EventType.GATHERING), told("b", RETOLD)
    [relation] = resolve([one, other]).relations["b"]
    assert relation.ground.startswith("Gathering, once of no class; in one story")
    assert not together(one, told("b", RETOLD, kind=EventType.PROTEST))


def test_forms_of_one_word_and_its_noun_are_one_word() -> None:
    assert {family(w) for w in ("died", "death", "dead", "dies")} == {family("die")}
    assert family("struck") == family("strikes")
    assert family("sang") != family("won")
    assert together(told("a", HARBOUR), told("b", RETOLD.replace("has won", "has the victory in"), "victory"))


def test_the_order_of_the_articles_changes_nothing() -> None:
    records = [told(n, t, w) for n, t, w in (("d", HARBOUR, "won"), ("b", RETOLD, "won"), ("c", CHEESE, "recalled"))]
    records.append(told("a", HARBOUR, "sang"))
    found = {r.id: r.events[0].id for r in join(records)}
    assert found == {r.id: r.events[0].id for r in join(records[::-1])}
    assert len(set(found.values())) == 3
