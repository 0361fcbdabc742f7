"""Happenings without a type of their own: only the main verbs and event nouns of headline and lead; and what a headline
takes over from the story."""

from __future__ import annotations

from kg.nlp.pipeline import read
from kg.nlp.reading import Reading
from kg.records import Article, Event, Page
from kg.vocabulary import EventType, Role
from tests.event_reading import events, model, types

TITLE = "Harbour choir wins singing contest\n\n"


def story(body: str, title: str = TITLE) -> tuple[Event, ...]:
    text = title + body
    page = Page(date="2031-05-09", title=title.strip(), title_span=(0, len(title.strip())), breaks=(len(title),))
    doc = model().make_doc(text)
    doc.user_data["breaks"] = page.breaks
    article = Article(id="a", source="a.txt", sha256="", text=text)
    return read(Reading(article=article, page=page, doc=model()(doc))).events


def test_the_main_verb_of_a_lead_tells_of_an_event_of_no_class() -> None:
    (event,) = [e for e in events("The brewery repainted its old chimney in March.") if e.type is EventType.OTHER]
    assert event.confidence <= 0.5
    assert {a.role for a in event.args} >= {Role.AGENT, Role.PATIENT}


def test_states_speech_and_shells_tell_of_nothing() -> None:
    for text in (
        "The brewery has four large chimneys.",
        "The brewer believes in old recipes.",
        "The chimney is red, the owner said.",
        "The chimney belongs to the town council.",
    ):
        assert EventType.OTHER.value not in types(text).values()
    assert types("The brewery began to repaint its old chimney.") == {"repaint": "OtherEvent"}


def test_what_is_decided_or_announced_is_told_beside_what_it_is_about() -> None:
    told = types("The council decided to repaint the chimney, and the brewer confirmed that it was repainted.")
    assert {"decided", "repaint", "confirmed", "repainted"} <= told.keys()


def test_the_verb_that_carries_an_event_noun_is_none_of_its_own() -> None:
    assert "carried" not in types("The council carried out an inspection of the chimney.")
    assert "held" not in types("Envoys from Peru and Chile held talks in Lima.")


def test_background_tells_of_typed_events_only() -> None:
    text = "It rained on the old town. The brewery repainted its chimney. The cat chased a bird."
    more = " The old baker baked bread. The tailor mended a coat there."
    last = " The glazier polished a window there. The mayor resigned on Monday. Divers rescued a boy."
    told = types(text + more + last)
    assert "mended" in told
    assert "polished" not in told
    assert told["resigned"] == "Resignation"
    assert told["rescued"] == "OtherEvent"


def test_a_headline_takes_place_and_day_from_the_story() -> None:
    body = "The choir won the contest in Oslo on Monday. It sang four songs for the judges there."
    won = next(e for e in story(body) if e.trigger[0] < len(TITLE))
    text = TITLE + body
    assert text[slice(*won.trigger)] == "wins"
    found = {a.role: text[a.start : a.end] for a in won.args}
    assert found[Role.PLACE] == "Oslo"
    assert found[Role.TIME] == "Monday"
    assert won.time is not None
    assert won.time.start == "2031-05-05"


def test_a_day_that_the_story_only_names_is_no_bound() -> None:
    body = "The judges seemed very happy with it. Monday is a holiday for all of the singers."
    won = next(e for e in story(body) if e.trigger[0] < len(TITLE))
    assert won.time is None


def test_where_the_headline_itself_says_is_where() -> None:
    title = "Choir praises its singers after contest in Oslo\n\n"
    body = "The choir praised its singers in a letter from Lima on Monday. It sang four songs."
    praised = next(e for e in story(body, title) if e.trigger[0] == title.index("praises"))
    assert [title[a.start : a.end] for a in praised.args if a.role is Role.PLACE] == ["Oslo"]


def test_a_day_tells_more_than_a_season() -> None:
    body = "The choir won the contest last year too. The choir won the contest again on Monday."
    won = next(e for e in story(body) if e.trigger[0] < len(TITLE))
    assert won.time is not None
    assert won.time.start == "2031-05-05"
