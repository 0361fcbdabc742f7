"""Words and phrases of news that tell of an event only in some uses, a sentence for each class; nouns that only the article
explains, and names that are none of a happening."""

from __future__ import annotations

import pytest

from kg.nlp.events.lexicon import entries, rows, word_classes
from kg.vocabulary import EventType
from tests.event_reading import events, types

TOLD = [
    # force and harm
    ("Two guards were beaten to death near the gate.", "beaten", "Killing"),
    ("The hiker froze to death on the ridge.", "froze", "Killing"),
    ("Nine shoppers were gunned down.", "gunned", "Killing"),
    ("The battery downed four drones over the bay.", "downed", "Attack"),
    ("The guard mugged an old man.", "mugged", "Attack"),
    ("A gun battle began at the mill.", "battle", "Attack"),
    ("The drivers have been on strike since May.", "strike", "Protest"),
    ("The ministry sent troops to the valley.", "sent", "MilitaryOperation"),
    ("The bloodshed in the valley goes on.", "bloodshed", "Killing"),
    ("The dog bit a nurse.", "bit", "Injury"),
    ("Four cooks were treated for burns.", "treated", "Injury"),
    ("The fire forced hundreds of people from their homes.", "forced", "Displacement"),
    ("Thousands left their homes.", "left", "Displacement"),
    ("Forty families were moved to shelters.", "moved", "Displacement"),
    ("The blaze left nine families homeless.", "left", "Displacement"),
    ("The storm uprooted trees.", "uprooted", "Destruction"),
    ("Youths set two cars ablaze.", "set", "Destruction"),
    ("Vandals smashed the windows of a bakery.", "smashed", "Destruction"),
    ("The wildfire burned 300 acres.", "burned", "Destruction"),
    ("The river burst its banks.", "burst", "Disaster"),
    ("The wind tore roofs off two barns.", "tore", "Destruction"),
    ("Troops surrounded the palace.", "surrounded", "MilitaryOperation"),
    ("The general seized power.", "seized", "MilitaryOperation"),
    # custody
    ("The king pardoned the prisoners.", "pardoned", "Release"),
    ("The clerk was jailed for six years.", "jailed", "Trial"),
    ("The suspect surrendered to police.", "surrendered", "Arrest"),
    ("He turned himself in.", "turned", "Arrest"),
    # forces leave, people meet
    ("The delegates walked out of the talks.", "walked", "Withdrawal"),
    ("The firm abandoned its plan for a mine.", "abandoned", "Withdrawal"),
    ("The country quit the alliance.", "quit", "Withdrawal"),
    ("The rebels laid down their arms.", "laid", "Ceasefire"),
    ("The two parties formed a coalition.", "formed", "Agreement"),
    ("The union accepted the offer.", "accepted", "Agreement"),
    ("Norway received the president of Malta.", "received", "Meeting"),
    ("The envoy left for Chile.", "left", "Visit"),
    ("Norway recalled its ambassador.", "recalled", "Withdrawal"),
    # speech
    ("The queen congratulated the winner.", "congratulated", "StatementEvent"),
    ("The envoy expressed concern.", "expressed", "StatementEvent"),
    ("The group claimed responsibility.", "claimed", "StatementEvent"),
    ("The brewery reported a loss.", "reported", "StatementEvent"),
    ("The ministry summoned the ambassador.", "summoned", "Demand"),
    ("The sailors sought asylum.", "sought", "Demand"),
    ("The broker appealed against the verdict.", "appealed", "Trial"),
    ("The broker lost his appeal.", "appeal", "Trial"),
    ("He was named as a suspect.", "named", "Accusation"),
    ("The bank disputed the claim.", "disputed", "Rejection"),
    ("The watchdog blocked the merger.", "blocked", "Rejection"),
    # institutions
    ("The senator conceded defeat.", "conceded", "Election"),
    ("She ran for mayor.", "ran", "Election"),
    ("The lawmakers are debating the bill.", "debating", "Legislation"),
    ("The court struck down the law.", "struck", "Trial"),
    ("The nurses struck over pay.", "struck", "Protest"),
    ("He became chairman of the board.", "became", "Appointment"),
    ("She took office in May.", "took", "Appointment"),
    ("The mill laid off forty welders.", "laid", "Resignation"),
    ("The bank will cut 300 jobs.", "cut", "Resignation"),
    ("Officers overthrew the president.", "overthrew", "Resignation"),
    ("He was barred from the stadium.", "barred", "Sanction"),
    ("The state froze his assets.", "froze", "Sanction"),
    ("The ministry revoked her licence.", "revoked", "Sanction"),
    ("The jury cleared the driver of fraud.", "cleared", "Trial"),
    ("The pilot appeared in court.", "appeared", "Trial"),
    ("The judges quashed the conviction.", "quashed", "Trial"),
    ("The junta suspended the constitution.", "suspended", "Legislation"),
    # crowds, aid, business
    ("The school hired two buses.", "hired", "Transaction"),
    ("The welders walked off the job.", "walked", "Protest"),
    ("The unions called a 24-hour work stoppage.", "stoppage", "Protest"),
    ("Malta pledged food for the camp.", "pledged", "AidDelivery"),
    ("The aid arrived in May.", "arrived", "AidDelivery"),
    ("A baker donated his oven.", "donated", "AidDelivery"),
    ("The ministry sent rescuers to the island.", "sent", "AidDelivery"),
    ("The shipyard won a contract.", "won", "Transaction"),
    ("The council spent the money.", "spent", "Transaction"),
    ("The two breweries will merge.", "merge", "Transaction"),
    # emergencies
    ("The storm swept across the island.", "swept", "Disaster"),
    ("A thunderstorm delayed the race.", "thunderstorm", "Disaster"),
    ("The bus plunged into a ravine.", "plunged", "Accident"),
    ("Fuel has leaked from the tanker.", "leaked", "Accident"),
    ("The freighter ran aground.", "ran", "Accident"),
    ("Four nurses tested positive.", "tested", "Outbreak"),
    ("The clinic confirmed nine cases of measles.", "confirmed", "Outbreak"),
    ("The visit was called off.", "called", "Disruption"),
    ("The council postponed the vote.", "postponed", "Disruption"),
    ("The mill will close in June.", "close", "Disruption"),
    ("Hundreds of travellers were stranded.", "stranded", "Disruption"),
    ("Power cuts hit the valley.", "cuts", "Disruption"),
]

NOT_TOLD = [
    ("The plan appealed to the voters.", "appealed", "Trial"),
    ("He worked on the flag and executed the plan.", "executed", "Killing"),
    ("The team snatched a late win.", "snatched", "Abduction"),
    ("She cut the cake.", "cut", "Resignation"),
]


@pytest.mark.parametrize(("text", "trigger", "kind"), TOLD)
def test_a_phrase_tells_of_its_event(text: str, trigger: str, kind: str) -> None:
    assert types(text).get(trigger) == kind


@pytest.mark.parametrize(("text", "trigger", "kind"), NOT_TOLD)
def test_the_word_alone_does_not(text: str, trigger: str, kind: str) -> None:
    assert types(text).get(trigger) != kind


def test_no_class_of_words_is_given_twice() -> None:
    names = [name for name, _ in rows("word_classes.tsv")]
    assert len(names) == len(set(names))


def test_guards_name_classes_that_there_are() -> None:
    named = {
        word.removeprefix("@")
        for readings in entries().values()
        for entry in readings
        for test in entry.guard
        for word in test.words
        if word.startswith("@")
    }
    assert named <= word_classes().keys() | {"ent", "person", "place"}


def test_a_bare_noun_means_what_it_means_elsewhere_in_the_article() -> None:
    text = "Nurses began a hunger strike in May. The ward was closed. The strike is to last a week."
    assert [e.type for e in events(text) if text[e.trigger[0] : e.trigger[1]] == "strike"] == [EventType.PROTEST] * 2


def test_a_storm_with_a_name_is_a_storm() -> None:
    assert types("Typhoon Mirela left the island on Monday.").get("Typhoon") == "Disaster"


def test_a_name_that_is_none_of_a_happening_tells_of_nothing() -> None:
    assert "Crush" not in types("The children played Candy Crush on the old sofa all afternoon.")
    assert types("The children remember the Lusaka Accord of last autumn well.").get("Accord") == "Agreement"
