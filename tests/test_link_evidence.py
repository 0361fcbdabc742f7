"""What speaks for a candidate: the country a body is of, years, how many bear a name, the words around it, an area's kind."""

from __future__ import annotations

import pytest
from indexes import index_of

from kg.authority.places import open_places
from kg.link.areas import divisions, short_names
from kg.link.authority import core
from kg.link.countries import leading, mentioned
from kg.link.forms import is_state_body, respelt, variants
from kg.link.geography import Context
from kg.link.linker import Clues, link
from kg.link.sources import Sources, described_region, surnames_of
from kg.link.surroundings import is_saint, is_team, kind_of_place, meaning, title_before
from kg.link.teams import team
from kg.link.things import is_common, is_initials
from kg.link.weights import weights
from kg.nlp.mentions import area_beside
from kg.vocabulary import EntityType

PERSON, ORGANISATION, PLACE = EntityType.PERSON, EntityType.ORGANISATION, EntityType.PLACE
PHILIPPINES, EGYPT, USA = "Q928", "Q79", "Q30"
ROWS = """\
qid\ttype\tlabel\taliases\tdescription\tlat\tlon\tcountry_qid\tsource
Q900011\torganisation\tMinistry of Tides\t\texecutive department of the Philippines\t\t\t\tmade-up
Q900012\torganisation\tEgyptian Navy\tNavy\tmaritime branch of the armed forces of Egypt\t\t\t\tmade-up
Q900013\torganisation\tPhilippine Navy\tNavy\tnaval warfare service of the Philippines\t\t\t\tmade-up
Q900014\tperson\tJames Miller\t\tpolitician, member of a county council\t\t\tQ30\tmade-up
Q900015\tperson\tOrsolya Vantongeren\t\tweaver and teacher\t\t\t\tmade-up
Q900016\tperson\tTilda Norqvist\t\tsinger; born 1990\t\t\t\tmade-up
Q900017\torganisation\tHalloway & Finch\t\tmaker of clocks\t\t\t\tmade-up
Q900018\tplace\tUpper Merrow\t\thistorical region on a river\t\t\t\tmade-up
Q900019\tplace\tPolk County\t\tcounty in Iowa, United States\t\t\t\tmade-up
Q900021\torganisation\tVarnhalm Elks\t\tbaseball team in Varnhalm\t\t\t\tmade-up
Q900022\torganisation\tVarnhalm Otters\t\tice hockey team in Varnhalm\t\t\t\tmade-up
Q900034\torganisation\tOakby Herons\tHerons\tbaseball team in Oakby\t\t\t\tmade-up
Q900035\torganisation\tElmton Herons\tHerons\tice hockey team in Elmton\t\t\t\tmade-up
Q900023\torganisation\tLabour Party\t\tpolitical party in Egypt\t\t\tQ79\tmade-up
Q900024\torganisation\tLabour Party\t\tpolitical party in the Philippines\t\t\tQ928\tmade-up
Q900025\torganisation\tOakby United\tElks\tassociation football club\t\t\t\tfb15k-wikidata
Q900026\torganisation\tUniversity of Boston Harbour\tBoston\tpublic university\t\t\t\tfb15k-wikidata
Q900028\torganisation\tBoston Group\t\tmaker of hats\t\t\t\tmade-up
Q900029\torganisation\tNorth Varnhalm F.C.\t\tassociation football club\t\t\t\tmade-up
Q900030\tplace\tDarfur\tDarfur, Minnesota\ttown in Minnesota, United States\t\t\tQ30\tmade-up
Q900031\torganisation\tElmton Harbour Labour Organisation\t\tassociation of crews\t\t\t\tmade-up
Q900032\torganisation\tNorthern Elmton Weavers Association\tNEWA\tassociation of weavers\t\t\t\tmade-up
Q900033\torganisation\tOakby Hat Makers\tZQXW\tmakers of hats\t\t\t\tmade-up
Q29468\torganisation\tRepublican Party\t\tpolitical party in the United States\t\t\tQ30\tmade-up
Q16\tplace\tCanada\tToronto\tcountry\t56\t-109\tQ16\tmade-up
Q900036\tperson\tMichael Vantongeren\t\tpolitician: secretary of tides and harbours\t\t\tQ928\tmade-up
Q900037\tperson\tOrsolane Vantongeren\t\tpolitician: secretary of tides and harbours\t\t\tQ928\tmade-up
Q900020\torganisation\tElmton State University\tElmton State\tpublic university\t\t\t\tmade-up
"""


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    return Sources(core(), open_places(), index_of(tmp_path_factory.mktemp("authority"), ROWS))


def test_countries_in_words() -> None:
    assert mentioned("executive department of the Philippines") == {PHILIPPINES}
    assert mentioned("Egyptian singer") == {EGYPT}
    assert leading("U.S. Navy") == (USA, "Navy")
    assert leading("Navy") == ("", "Navy")
    assert described_region("county in Iowa, United States") == ("Iowa", USA)
    assert described_region("road between Iowa and Nebraska") == ("", "")


@pytest.mark.parametrize(
    "name", ["Congress", "the Navy", "Ministry of Health", "Education Department", "Supreme Court"]
)
def test_bodies_that_every_country_has(name: str) -> None:
    assert is_state_body(name)


@pytest.mark.parametrize("name", ["Acme", "Egyptian Ministry of Health", "World Health Organization"])
def test_bodies_of_their_own(name: str) -> None:
    assert not is_state_body(name)


def test_a_body_of_a_state_is_that_of_the_country_the_article_is_about(indexed: Sources) -> None:
    assert link(indexed, ORGANISATION, ["Navy"], Context("a", {EGYPT: 3})).wikidata == "Q900012"
    assert link(indexed, ORGANISATION, ["Navy"], Context("a", {PHILIPPINES: 3})).wikidata == "Q900013"
    assert link(indexed, ORGANISATION, ["Navy"], Context("a")).wikidata is None
    assert link(indexed, ORGANISATION, ["Philippine Ministry of Tides"], Context("a")).wikidata == "Q900011"
    assert link(indexed, ORGANISATION, ["Ministry of Tides"], Context("a", {EGYPT: 3})).wikidata is None


def test_a_known_name_without_item_takes_none_that_several_may_mean(indexed: Sources) -> None:
    assert link(indexed, ORGANISATION, ["Labour Party"], Context("a")).id == "organisation/labour-party"
    assert link(indexed, ORGANISATION, ["Labour Party"], Context("a")).wikidata is None
    assert link(indexed, ORGANISATION, ["Labour Party"], Context("a", {EGYPT: 3})).wikidata == "Q900023"


def test_a_city_that_is_a_region_too_is_one_place(indexed: Sources) -> None:
    cities = [e for e in indexed.find("Moscow") if e.country == "Q159"]
    assert [(e.qid, e.geonames) for e in cities] == [("Q649", 524901)]


def test_a_known_place_is_no_town_of_its_name(indexed: Sources) -> None:
    assert link(indexed, PLACE, ["Darfur"], Context("a", {"Q1049": 3})).id == "place/darfur"


def test_a_country_under_the_name_of_its_city_is_not_meant(indexed: Sources) -> None:
    assert "Canada" in {e.label for e in indexed.find("Toronto")}
    assert link(indexed, PLACE, ["Toronto"], Context("a", {"Q16": 1})).wikidata == "Q172"


def test_a_city_abroad_is_doubtful_where_a_namesake_is_at_home(indexed: Sources) -> None:
    company = Context("a", {USA: 4, "Q142": 2}, {"Texas": 1, "Ohio": 3})
    assert link(indexed, PLACE, ["Paris"], company, Clues(mentions=1)).match == "exactMatch"
    alone = link(indexed, PLACE, ["Paris"], company, Clues(mentions=2))
    assert (alone.id, alone.match) == ("place/paris", "closeMatch")


def test_a_name_that_many_have_needs_more_than_itself(indexed: Sources) -> None:
    assert is_common("James Miller")
    assert not is_common("Orsolya Vantongeren")
    assert link(indexed, PERSON, ["Orsolya Vantongeren"], Context("a")).wikidata == "Q900015"
    assert link(indexed, PERSON, ["James Miller"], Context("a")).wikidata is None
    spoken = Context("a", {USA: 2}, words=frozenset(("county", "council", "member")))
    assert link(indexed, PERSON, ["James Miller"], spoken).wikidata == "Q900014"


def test_a_stranger_abroad_has_namesakes_at_home(indexed: Sources) -> None:
    words = frozenset(("tides", "harbours"))
    for country, item in ((PHILIPPINES, "Q900036"), (EGYPT, None)):
        context = Context("a", {country: 2}, words=words)
        assert link(indexed, PERSON, ["Michael Vantongeren"], context).wikidata == item
        assert link(indexed, PERSON, ["Orsolane Vantongeren"], context).wikidata == "Q900037"


def test_nobody_is_in_the_news_before_they_are_grown(indexed: Sources) -> None:
    assert link(indexed, PERSON, ["Tilda Norqvist"], Context("a", year=2015)).wikidata == "Q900016"
    assert link(indexed, PERSON, ["Tilda Norqvist"], Context("a", year=1987)).wikidata is None


def test_british_and_american_spelling(indexed: Sources) -> None:
    assert respelt("Elmton Defence Organisation") == "Elmton Defense Organization"
    assert respelt(respelt("National Center for Theater")) == "National Center for Theater"
    for name in ("Elmton Harbor Labor Organization", "U.N. Elmton Harbor Labor Organization"):
        assert link(indexed, ORGANISATION, [name], Context("a")).wikidata == "Q900031"


def test_an_acronym_with_the_initials_of_the_name(indexed: Sources) -> None:
    assert is_initials("NEWA", "Northern Elmton Weavers Association")
    assert not is_initials("NEW", "Northern Elmton Weavers")
    assert link(indexed, ORGANISATION, ["NEWA"], Context("a")).wikidata == "Q900032"
    assert link(indexed, ORGANISATION, ["ZQXW"], Context("a")).wikidata is None


def test_a_party_is_that_of_the_country_the_article_is_about(indexed: Sources) -> None:
    name = "Republican Party"
    for sources in (indexed, Sources(core())):
        assert link(sources, ORGANISATION, [name], Context("a", {USA: 3})).name == "Republican Party (United States)"
        assert link(sources, ORGANISATION, [name], Context("a", {EGYPT: 3})).wikidata is None


def test_companies_with_and_without_their_legal_form(indexed: Sources) -> None:
    for name in ("Halloway & Finch", "Halloway and Finch", "Halloway and Finch Co Inc"):
        assert link(indexed, ORGANISATION, [name], Context("a")).wikidata == "Q900017", name


def test_names_that_places_and_nicknames_share_need_more(indexed: Sources) -> None:
    for name in ("Boston", "BOSTON", "Elks"):
        assert link(indexed, ORGANISATION, [name], Context("a")).wikidata is None, name


def test_clubs_with_their_legal_form(indexed: Sources) -> None:
    assert link(indexed, ORGANISATION, ["North Varnhalm"], Context("a")).wikidata == "Q900029"


def test_a_misspelt_name_is_a_close_match_at_most(indexed: Sources) -> None:
    found = link(indexed, PERSON, ["Orsolya Vantongerren"], Context("a", words=frozenset(("weaver", "teacher"))))
    assert (found.wikidata, found.method) == (None, "alike")
    assert found.candidates[0].entry.qid == "Q900015"
    assert found.id == "person/orsolya-vantongerren"
    assert not link(indexed, PERSON, ["Orsolya Vandermeer"], Context("a")).candidates


def test_a_place_without_size_is_known_by_a_name_that_none_shares(indexed: Sources) -> None:
    assert link(indexed, PLACE, ["Upper Merrow"], Context("a")).wikidata == "Q900018"


def test_an_item_of_an_index_meets_the_county_of_the_table(indexed: Sources) -> None:
    iowa = indexed.regions("Iowa")[0]
    found = link(indexed, PLACE, ["Polk County"], Context("a"), Clues(iowa))
    assert found.wikidata == "Q900019"
    assert found.entry is not None
    assert found.entry.lat == pytest.approx(41.7, abs=0.5)


@pytest.mark.parametrize(
    ("text", "name", "team"),
    [
        ("Oakby beat Elmton 3-1 on Monday.", "Oakby", True),
        ("They lost 2-0 against Elmton on Monday.", "Elmton", True),
        ("Elmton coach Ada Poole praised her players.", "Elmton", True),
        ("The storm hit Elmton on Monday.", "Elmton", False),
        ("He coached a team in Elmton for a season.", "Elmton", False),
        ("Elmton manager Ada Poole opened the bridge.", "Elmton", False),
        ("Elmton won a grant for its library.", "Elmton", False),
    ],
)
def test_a_team_under_the_name_of_its_city(text: str, name: str, team: bool) -> None:
    start = text.index(name)
    assert is_team(text, start, start + len(name)) is team


@pytest.mark.parametrize("said", ["Elmton president Mira Roe said the Mets lost.", "Elmton won against the Red Sox."])
def test_names_of_teams_speak_of_sports(said: str) -> None:
    assert is_team(said, 0, 6)


def test_the_team_of_the_sport_that_is_spoken_of(indexed: Sources) -> None:
    found = team(indexed, "Varnhalm beat the Mets in ten innings.", 0, 8)
    assert found is not None
    assert (found.id, found.wikidata) == ("organisation/varnhalm-elks", "Q900021")
    assert team(indexed, "Varnhalm beat Oakby 3-1.", 0, 8) is None  # of which sport is not said
    assert team(indexed, "Varnhalm won with three wickets.", 0, 8) is None  # it has no such team


def test_teams_of_one_nickname_are_told_apart_by_their_sport(indexed: Sources) -> None:
    def meant(said: str) -> str | None:
        words = frozenset(said.split())
        return link(indexed, ORGANISATION, ["Herons"], Context("a", words=words), Clues(team=True)).wikidata

    assert [meant(said) for said in ("innings", "goalie", "season", "innings goalie")] == [
        "Q900034",
        "Q900035",
        None,
        None,
    ]


def test_a_team_is_no_exact_match() -> None:
    everything = Sources(core(), open_places())
    assert link(everything, PLACE, ["Boston"], Context("a")).match == "exactMatch"
    assert link(everything, PLACE, ["Boston"], Context("a"), Clues(team=True)).match == "closeMatch"


def test_a_university_s_team_is_no_exact_match(indexed: Sources) -> None:
    assert link(indexed, ORGANISATION, ["Elmton State"], Context("a")).wikidata == "Q900020"
    assert link(indexed, ORGANISATION, ["Elmton State"], Context("a"), Clues(team=True)).wikidata is None


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("Rain fell in the states of Elm, Oakby and Ashton Hill.", "Ashton Hill", "region"),
        ("Farmers of Oakby state met.", "Oakby", "region"),
        ("He was born in the small town of Oakby.", "Oakby", "town"),
        ("He was born in Oakby.", "Oakby", ""),
    ],
)
def test_the_kind_of_place_that_the_words_around_give(text: str, name: str, kind: str) -> None:
    start = text.index(name)
    assert kind_of_place(text, start, start + len(name)) == kind


def test_a_place_is_of_the_kind_it_is_called() -> None:
    everything = Sources(core(), open_places())
    assert link(everything, PLACE, ["São Paulo"], Context("a")).candidates[0].entry.qid == "Q174"
    assert link(everything, PLACE, ["São Paulo"], Context("a"), Clues(kind="region")).wikidata == "Q175"
    lebanon = link(everything, PLACE, ["Lebanon"], Context("a"), Clues(kind="town"))
    assert lebanon.wikidata != "Q822"


def test_titles_before_a_surname() -> None:
    assert title_before("Then President Poole spoke.", 15) == "President"
    assert title_before("Then Poole spoke.", 5) == ""
    forms = [f.name for f in variants(PERSON, ["Poole", "President Poole"], Context("a"))]
    assert forms == ["President Poole", "Poole"]


def test_provinces_have_positions_with_and_without_the_word_for_them() -> None:
    assert short_names("Benue State") == ("Benue State", "Benue")
    assert divisions()["benue"] == divisions()["benue state"]
    everything = Sources(core(), open_places())
    for name in ("Benue", "Benue State", "Bavaria", "Suffolk"):
        found = link(everything, PLACE, [name], Context("a"))
        assert found.entry is not None, name
        assert found.entry.lat is not None


def test_provinces_have_identifiers_of_their_own() -> None:
    everything = Sources(core(), open_places())
    named = {d.code: d.name for same in divisions().values() for d in same}
    found = {e.code: everything.identified(e).id for name in named.values() for e in everything.find(name)}
    ids = [found[f"adm-{code}"] for code in named]
    assert len(ids) == len(set(ids))


def test_a_city_is_meant_rather_than_the_region_called_after_it(indexed: Sources) -> None:
    found = link(indexed, PLACE, ["Raqqa"], Context("a"))
    assert found.entry is not None
    assert found.entry.kind == "city"


def test_another_form_of_the_name_tells_which_place_it_is() -> None:
    everything = Sources(core(), open_places())
    assert link(everything, PLACE, ["Washington"], Context("a")).name == "Washington, D.C."
    assert link(everything, PLACE, ["Washington", "Wash."], Context("a")).name == "Washington"


def test_a_surname_is_that_of_a_head_of_state_where_the_country_or_office_is_named(indexed: Sources) -> None:
    found = link(indexed, PERSON, ["Zelenskyy"], Context("a", {"Q212": 2}))
    assert (found.name, found.wikidata, found.method) == ("Volodymyr Zelenskyy", "Q3874799", "surname")
    assert link(indexed, PERSON, ["Zelenskyy"], Context("a", {"Q414": 2})).match is None
    assert link(indexed, PERSON, ["Brown"], Context("a", {"Q145": 2})).match is None  # many bear it
    assert link(indexed, PERSON, ["Clinton", "President Clinton"], Context("a", {USA: 2})).wikidata is None  # two do
    assert link(indexed, PERSON, ["Vantongeren"], Context("a")).candidates == ()  # of an index: only by its own names
    taken = link(indexed, ORGANISATION, ["Zelenskyy"], Context("a", {"Q212": 2}))
    assert taken.id == "person/volodymyr-zelenskyy"


def test_surnames_with_particles_and_before_the_given_name() -> None:
    assert surnames_of(core().entries["person/abdel-fattah-el-sisi"])[:2] == ("el sisi", "sisi")
    assert surnames_of(core().entries["person/xi-jinping"]) == ("xi",)
    assert "zelensky" in surnames_of(core().entries["person/volodymyr-zelenskyy"])


def test_a_congress_is_that_of_a_country_that_has_one(indexed: Sources) -> None:
    assert link(indexed, ORGANISATION, ["Congress"], Context("a", {"Q794": 4, USA: 3, "Q212": 1})).wikidata == "Q11268"
    assert link(indexed, ORGANISATION, ["Navy"], Context("a", {"Q794": 4, EGYPT: 3})).wikidata is None


def test_an_acronym_is_what_the_article_says_it_is(indexed: Sources) -> None:
    assert link(indexed, ORGANISATION, ["Associated Press", "AP"], Context("a")).wikidata
    clues = Clues(meanings=("automatic pumps",))
    found = link(indexed, ORGANISATION, ["Associated Press", "AP"], Context("a"), clues)
    assert (found.wikidata, found.name) == (None, "automatic pumps")
    clues = Clues(meanings=("the Associated Press",))
    assert link(indexed, ORGANISATION, ["AP"], Context("a"), clues).wikidata
    text = "They sell automatic pumps (AP) and more; Mira Roe (MP) does not."
    assert meaning(text, text.index("AP"), text.index("AP") + 2) == "automatic pumps"
    assert meaning(text, text.index("MP"), text.index("MP") + 2) == ""
    other = link(indexed, ORGANISATION, ["Halloway Garden Union", "FBI"], Context("a"))
    assert other.wikidata is None  # the acronym of another name


def test_a_saint_in_a_name_is_no_town() -> None:
    text = "She was at St. Joseph 's Medical Center in St. Joseph, and liked St. Joseph's parks."
    assert [is_saint(text, i, i + 10) for i in range(len(text)) if text.startswith("St. Joseph", i)] == [
        True,
        False,
        False,
    ]


def test_a_short_name_of_a_city_that_none_shares(indexed: Sources) -> None:
    assert link(indexed, PLACE, ["Daytona"], Context("a", {USA: 1})).wikidata == "Q490595"


def test_the_numbers_are_read() -> None:
    assert 0.5 < weights().close < weights().exact < 1


def test_a_state_of_the_usa_beside_a_town_by_its_code() -> None:
    text = "They came from Houston, TX, and from Lyon, FR."
    assert getattr(area_beside(text, 15, 22), "label", None) == "Texas"
    assert area_beside(text, 37, 41) is None


def test_the_area_written_beside_is_one_that_has_the_place() -> None:
    for text, area in (("Atlanta, Georgia, and", "place/georgia-usa"), ("Batumi, Georgia, and", "place/georgia")):
        found = area_beside(text, 0, text.index(","))
        assert found is not None
        assert found.id == area
