"""Who takes part in an event, where and when: a sentence for each construction."""

from __future__ import annotations

import pytest

from kg.nlp.events.carriers import light_verbs
from kg.nlp.pipeline import extract
from kg.records import Article
from kg.settings import value
from kg.vocabulary import Role
from tests.event_reading import events, factuality, roles

CASES = [
    # verbs
    ("The rebels attacked the village.", "attacked", {"agent": ["The rebels"], "patient": ["the village"]}),
    ("The mayor was arrested by police.", "arrested", {"agent": ["police"], "patient": ["The mayor"]}),
    ("The mayor was arrested.", "arrested", {"patient": ["The mayor"]}),
    ("The driver who injured two girls fled.", "injured", {"agent": ["The driver"], "patient": ["two girls"]}),
    ("The sailors kidnapped by pirates are safe.", "kidnapped", {"agent": ["pirates"], "patient": ["The sailors"]}),
    ("Gunmen stormed a bank, killing two guards.", "killing", {"agent": ["Gunmen"], "patient": ["two guards"]}),
    ("The army vowed to destroy the base.", "destroy", {"agent": ["The army"], "patient": ["the base"]}),
    ("The judge ordered police to release the man.", "release", {"agent": ["police"], "patient": ["the man"]}),
    ("Rebels raided and destroyed the camp.", "destroyed", {"agent": ["Rebels"], "patient": ["the camp"]}),
    ("Two men and a boy were killed.", "killed", {"patient": ["Two men", "a boy"]}),
    ("Three hikers died.", "died", {"patient": ["Three hikers"]}),
    ("Police accused the clerk of killing a dog.", "killing", {"agent": ["the clerk"], "patient": ["a dog"]}),
    ("The thief fled after robbing a bank.", "robbing", {"agent": ["The thief"], "patient": ["a bank"]}),
    ("The firm announced plans to acquire a rival.", "acquire", {"agent": ["The firm"], "patient": ["a rival"]}),
    # nouns
    ("The rebels' attack on the village failed.", "attack", {"agent": ["The rebels"], "patient": ["the village"]}),
    ("The killing of two guards by gunmen shocked all.", "killing", {"agent": ["gunmen"], "patient": ["two guards"]}),
    ("The arrest of the mayor shocked the town.", "arrest", {"patient": ["the mayor"]}),
    ("Talks between unions and employers failed.", "Talks", {"participant": ["unions", "employers"]}),
    ("The army carried out an attack on the depot.", "attack", {"agent": ["The army"], "patient": ["the depot"]}),
    ("The rebels launched a series of attacks.", "attacks", {"agent": ["The rebels"]}),
    ("The bishop visited a prisoner.", "visited", {"agent": ["The bishop"], "patient": ["a prisoner"]}),
    ("The minister held talks with farmers.", "talks", {"participant": ["The minister", "farmers"]}),
    ("The flood caused the deaths of two farmers.", "deaths", {"patient": ["two farmers"]}),
    ("The blast wrecked a bakery.", "blast", {"patient": ["a bakery"]}),
    ("The raid was an attack carried out by rebels.", "attack", {"agent": ["rebels"]}),
    ("Police foiled an assassination attempt on the king.", "assassination", {"patient": ["the king"]}),
    ("The storm caused damage to two houses.", "damage", {"patient": ["two houses"]}),
    ("The workers were given an ultimatum.", "ultimatum", {"patient": ["The workers"]}),
    (
        "The militia is behind the kidnapping of two miners.",
        "kidnapping",
        {"agent": ["The militia"], "patient": ["two miners"]},
    ),
    ("The militia is responsible for the raid.", "raid", {"agent": ["The militia"]}),
    ("Envoys from Peru and Chile gathered for talks.", "talks", {"participant": ["Envoys", "Chile"]}),
    # who and whom
    ("The rebels wounded a number of guards.", "wounded", {"agent": ["The rebels"], "patient": ["a number of guards"]}),
    ("The opposition attacked the village.", "attacked", {"agent": ["The opposition"], "patient": ["the village"]}),
    ("A bus collided with a lorry.", "collided", {"patient": ["A bus", "a lorry"]}),
    ("Three people were killed and nine wounded.", "wounded", {"patient": ["nine"]}),
    ("2 Dead, 3 Injured In Lima Fire", "Dead", {"patient": ["2"]}),
    ("Court Convicts Friend of Mayor Over Fraud", "Convicts", {"agent": ["Court"], "patient": ["Friend of Mayor"]}),
    ("Two farmers killed in village fire", "killed", {"patient": ["Two farmers"]}),
    ("Fisherman arrested after brawl", "arrested", {"patient": ["Fisherman"]}),
    ("The Lindow murder shocked the town.", "murder", {}),
    ("The army's killings of farmers went on.", "killings", {"agent": ["The army"], "patient": ["farmers"]}),
    ("The victims of the ambush were miners.", "ambush", {"patient": ["The victims of the ambush"]}),
    ("The bakers were the target of an ambush.", "ambush", {"patient": ["The bakers"]}),
    ("The raid hit a convoy.", "hit", {"patient": ["a convoy"]}),
    ("The gunfight with the guards went on.", "gunfight", {"participant": ["the guards"]}),
    ("The rebels signed a deal with the port.", "signed", {"participant": ["The rebels", "the port"]}),
    (
        "A man bought a rifle from a dealer.",
        "bought",
        {"agent": ["A man"], "patient": ["a rifle"], "participant": ["a dealer"]},
    ),
    ("The court found him guilty.", "found", {"agent": ["The court"], "patient": ["him"]}),
    ("A bus blew up.", "blew", {"patient": ["A bus"]}),
    ("A man drove a van into a crowd.", "drove", {"agent": ["A man"], "patient": ["a crowd"]}),
    # neither things said nor abstractions are parties, nor that by which an attack is made
    ("The council rejected the budget.", "rejected", {"agent": ["The council"]}),
    ("The mayor caused a scandal.", "caused", {"agent": ["The mayor"]}),
    ("The miners planted a bomb.", "planted", {"agent": ["The miners"]}),
    ("The bomb killed two miners.", "killed", {"patient": ["two miners"]}),
]


@pytest.mark.parametrize(("text", "trigger", "expected"), CASES)
def test_participants(text: str, trigger: str, expected: dict[str, list[str]]) -> None:
    found = roles(text, trigger)
    for role, phrases in expected.items():
        assert found.get(role) == phrases
    assert set(found) - set(expected) <= {"place", "time"}


def test_an_event_does_nothing_but_its_owner_does() -> None:
    assert "agent" not in roles("The attack killed two guards.", "killed")
    assert roles("Japan's attack killed two sailors.", "killed")["agent"] == ["Japan"]


def test_a_place_does_nothing_to_those_who_die_there() -> None:
    for text in (
        "The bombing of a market that killed 20 people shocked Lima.",
        "Police blamed the bombing of a school in Lima that wounded nine people and killed 20 people.",
    ):
        assert "agent" not in roles(text, "killed")


def test_who_is_believed_responsible_is_no_agent() -> None:
    assert "agent" not in roles("Police believe the militia to be responsible for the bombing.", "bombing")
    assert "agent" not in roles("The militia is not responsible for the bombing.", "bombing")


def test_whence_an_attack_comes_is_not_where_it_happens() -> None:
    found = roles("Rebels launched an attack on Chilean territory from Peru.", "attack")["place"]
    assert "Chilean" in found
    assert "Peru" not in found


def test_a_wound_is_not_done_to_the_part_of_the_body() -> None:
    assert "patient" not in roles("A wound to the leg was treated.", "wound")


@pytest.mark.parametrize(
    ("text", "trigger", "place"),
    [
        ("The guards were killed by gunmen near Lagos.", "killed", "Lagos"),
        ("The minister conferred with miners in Oslo.", "conferred", "Oslo"),
        ("A lorry crashed into a school.", "crashed", "a school"),
        ("Two guards were killed in the western part of Lagos.", "killed", "Lagos"),
        ("Two guards were killed in Nairobi on Monday.", "killed", "Nairobi"),
        ("The minister travelled to Brazil.", "travelled", "Brazil"),
        ("An earthquake struck Japan.", "earthquake", "Japan"),
        ("Gunmen stormed a bank in Lagos, killing two guards.", "killing", "Lagos"),
        ("The Lagos bombing was condemned.", "bombing", "Lagos"),
        ("The summit took place in Geneva.", "summit", "Geneva"),
        ("Two bombs went off near the finish line.", "went", "the finish line"),
        ("A clerk was attacked on the beach.", "attacked", "the beach"),
        ("A device exploded, wounding nine people in Geneva.", "exploded", "Geneva"),
        ("A blast ripped through a market in Geneva.", "ripped", "a market"),
        ("A blast ripped through a market in Geneva.", "ripped", "Geneva"),
        ("Police arrested a man at a hotel.", "arrested", "a hotel"),
        ("The attack on a market in Lagos was condemned.", "attack", "Lagos"),
    ],
)
def test_place(text: str, trigger: str, place: str) -> None:
    assert place in roles(text, trigger).get("place", [])


def test_no_place_where_the_words_give_none() -> None:
    assert "place" not in roles("The mayor resigned in anger.", "resigned")


@pytest.mark.parametrize(
    ("text", "trigger", "time"),
    [
        ("The mayor resigned on Monday.", "resigned", "Monday"),
        ("Gunmen stormed a bank on Monday, killing two guards.", "killing", "Monday"),
        ("Monday's attack killed two guards.", "attack", "Monday"),
    ],
)
def test_time(text: str, trigger: str, time: str) -> None:
    assert any(time in phrase for phrase in roles(text, trigger).get("time", []))


def test_spans_are_words_of_the_text_and_names_have_their_entity() -> None:
    text = "Germany attacked Poland in 1939."
    (event,) = [e for e in events(text) if e.type.value == "Attack"]
    assert {(text[a.start : a.end], a.id is not None) for a in event.args if a.role.value in {"agent", "patient"}} == {
        ("Germany", True),
        ("Poland", True),
    }


def test_a_long_list_is_no_trouble() -> None:
    names = ", ".join(f"Ilse Varn{i}" for i in range(1500))
    assert events(f"Police arrested {names} and Tam Oru.")


def test_light_verbs_are_read() -> None:
    assert light_verbs()["hold", "obj"].subject == "party"
    assert light_verbs()["carry", "obj"].subject == "agent"


def test_the_dateline_places_the_lead_that_names_no_place() -> None:
    text = "LISBON — Two hikers were killed by lightning. A boy was hurt."
    found = {text[slice(*e.trigger)]: {text[a.start : a.end] for a in e.args} for e in events(text, dateline=(0, 6))}
    assert "LISBON" in found["killed"]
    assert "LISBON" not in found["hurt"]
    text = "LISBON — Two hikers were killed in Spain."
    (event,) = events(text, dateline=(0, 6))
    assert "LISBON" not in {text[a.start : a.end] for a in event.args}


def test_the_dateline_is_no_place_of_what_the_lead_only_mentions() -> None:
    text = "GENEVA - The council asked for money after an earthquake."
    found = {text[slice(*e.trigger)]: [a.role.value for a in e.args] for e in events(text, dateline=(0, 6))}
    assert "place" not in found["earthquake"]


@pytest.mark.parametrize(
    ("text", "trigger", "role", "words"),
    [
        ("Police arrested six men, including Ada Harbour and Tom Ferry.", "arrested", "patient", "Ada Harbour"),
        ("The blast left two clerks dead.", "dead", "patient", "two clerks"),
        ("The pub bombing shook the town.", "bombing", "patient", "pub"),
        ("The explosion hit a bakery in Lindow.", "explosion", "patient", "a bakery"),
        (
            "Six people were arrested, including Tom Ferry, son of Ian Hale, Ada Moss and Eve Hill.",
            "arrested",
            "patient",
            "Ada Moss",
        ),
        ("Police arrested two men, including John Hale, 34, of Dallas.", "arrested", "patient", "John Hale"),
    ],
)
def test_parties_that_are_named_beside_the_event(text: str, trigger: str, role: str, words: str) -> None:
    assert words in roles(text, trigger)[role]


def test_a_description_and_the_name_beside_it_are_one_party() -> None:
    (event,) = [e for e in events("The militant group Hamas attacked the convoy.") if e.type.value == "Attack"]
    assert any(a.role is Role.AGENT and a.id and "hamas" in a.id for a in event.args)


def test_a_state_before_the_noun_strikes_or_is_where() -> None:
    assert roles("A Peru drone strike killed two men in Chile.", "strike")["agent"] == ["Peru"]
    assert roles("The Peru killing of two sailors was denied.", "killing")["agent"] == ["Peru"]
    assert roles("The Peru bombing shocked many.", "bombing")["place"] == ["Peru"]


@pytest.mark.parametrize(
    ("text", "trigger"),
    [
        ("On Monday the mayor condemned the attack on the depot.", "attack"),
        ("Police held a welder over a murder on Monday.", "murder"),
        ("Divers pulled nine sailors from a landslide on Monday.", "landslide"),
        ("On Monday the envoy arrived for talks to end the war.", "war"),
    ],
)
def test_what_is_only_spoken_of_has_another_time(text: str, trigger: str) -> None:
    assert "time" not in roles(text, trigger)


@pytest.mark.parametrize(
    ("text", "trigger"),
    [
        ("The war began on Monday.", "war"),
        ("The war began when rebels attacked the capital on Monday.", "war"),
        ("The siege has killed ten people since it began on Monday.", "killed"),
    ],
)
def test_what_goes_on_has_a_beginning_and_no_end(text: str, trigger: str) -> None:
    event = next(e for e in events(text) if text[slice(*e.trigger)] == trigger)
    assert event.time is not None
    assert (event.time.start, event.time.end) == ("2031-05-05", None)


@pytest.mark.parametrize(
    ("text", "trigger"),
    [("The king called off a visit to Malta.", "visit"), ("The king is planning a trip to Malta.", "trip")],
)
def test_who_plans_or_calls_off_something_is_who_does_it(text: str, trigger: str) -> None:
    assert roles(text, trigger).get("agent") == ["The king"]


def test_a_body_that_says_what_it_does_does_it() -> None:
    assert roles("The brewery said it would close two pubs.", "close").get("agent") == ["The brewery"]
    assert "agent" not in roles("The minister said it was bombed.", "bombed")


@pytest.mark.parametrize(
    ("text", "trigger", "agent"),
    [
        ("The judge ordered the broker to pay a fee and barred him from the club.", "barred", "The judge"),
        ("Ana Ruiz said the number of dead was higher and accused the mayor.", "accused", "Ana Ruiz"),
        ("The envoy is due to visit Malta.", "visit", "The envoy"),
    ],
)
def test_who_acts_through_further_verbs_and_adjectives(text: str, trigger: str, agent: str) -> None:
    assert roles(text, trigger).get("agent") == [agent]


def test_what_follows_an_order_is_no_order() -> None:
    assert factuality("The judge ordered the broker to pay a fee and barred him from the club.", "barred") == "asserted"


def test_where_somebody_goes_is_not_where_the_rest_of_a_headline_happens() -> None:
    story = "The premier flew in on Friday. The quake was felt widely, officials said."
    text = f"Quake toll passes 90 as Premier visits Lagos\n\nBy Jane Roe\n\n{story}\n"
    article = Article(id="a", source="a.txt", sha256="", text=text)
    (record,) = extract([article], value("model"))
    places = {text[slice(*e.trigger)]: [a.id for a in e.args if a.role is Role.PLACE] for e in record.events}
    assert places["visits"] == ["place/lagos"]
    assert places["Quake"] == []
