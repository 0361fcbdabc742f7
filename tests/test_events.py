"""Events: which words tell of which event, which only look like it, and which tell of the same one."""

from __future__ import annotations

import pytest

from kg.nlp.events import event_id
from kg.nlp.events.coreference import overlap
from kg.nlp.events.lexicon import entries
from kg.nlp.events.triggers import unknown_conditions
from kg.records import Period
from kg.vocabulary import EventType
from tests.event_reading import events, types

# A sentence for each class of entries: the trigger and its type.
TOLD = [
    ("Rebels attacked a convoy near the river.", "attacked", "Attack"),
    ("Guards opened fire on the crowd.", "opened", "Attack"),
    ("A gunman shot a shopkeeper in the arm.", "shot", "Attack"),
    ("The army fired rockets at the ridge.", "fired", "Attack"),
    ("The navy carried out a strike on the depot.", "strike", "Attack"),
    ("A missile strike hit the depot.", "strike", "Attack"),
    ("Clashes between farmers and herders continued.", "Clashes", "Attack"),
    ("The suicide bombing shocked the town.", "bombing", "Attack"),
    ("Troops invaded the island in spring.", "invaded", "MilitaryOperation"),
    ("The country deployed troops along the border.", "deployed", "MilitaryOperation"),
    ("The rebels captured the town of Lindow.", "captured", "MilitaryOperation"),
    ("A ground offensive began in the valley.", "offensive", "MilitaryOperation"),
    ("The war lasted two years.", "war", "MilitaryOperation"),
    ("Two miners were killed.", "killed", "Killing"),
    ("The blast claimed nine lives.", "claimed", "Killing"),
    ("Three hikers died in the avalanche.", "died", "Killing"),
    ("The assassination of the envoy stunned the region.", "assassination", "Killing"),
    ("The fatal stabbing of a nurse is unsolved.", "stabbing", "Killing"),
    ("The death toll rose to 40.", "toll", "Killing"),
    ("The fall injured seven workers.", "injured", "Injury"),
    ("The goalkeeper broke his wrist.", "broke", "Injury"),
    ("Three miners lost their legs.", "lost", "Injury"),
    ("Nine clerks were transferred to a hospital.", "transferred", "Injury"),
    ("Two bombs went off.", "went", "Attack"),
    ("The rebels dynamited a bridge.", "dynamited", "Attack"),
    ("A shootout broke out at the bank.", "shootout", "Attack"),
    ("The storm blew off the roof.", "blew", "Destruction"),
    ("Thousands took to the streets.", "took", "Protest"),
    ("Four men are serving sentences.", "sentences", "Trial"),
    ("Forty welders lost their jobs.", "lost", "Resignation"),
    ("They were released in June.", "released", "Release"),
    ("Peru's request to extradite the smuggler was heard.", "request", "Demand"),
    ("The flood displaced thousands of families.", "displaced", "Displacement"),
    ("The evacuation of the valley took all night.", "evacuation", "Displacement"),
    ("The storm destroyed dozens of homes.", "destroyed", "Destruction"),
    ("The demolition of the stadium began.", "demolition", "Destruction"),
    ("Pirates kidnapped the crew.", "kidnapped", "Abduction"),
    ("Gunmen took four teachers hostage.", "took", "Abduction"),
    ("The rebels released the hostages.", "released", "Release"),
    ("A prisoner swap was arranged.", "swap", "Release"),
    ("Police arrested the mayor.", "arrested", "Arrest"),
    ("The suspect was taken into custody.", "taken", "Arrest"),
    ("The army withdrew its troops from the valley.", "withdrew", "Withdrawal"),
    ("The withdrawal of the peacekeepers ended in June.", "withdrawal", "Withdrawal"),
    ("A ceasefire took effect at noon.", "ceasefire", "Ceasefire"),
    ("They agreed on a cessation of hostilities.", "cessation", "Ceasefire"),
    ("Unions negotiated with the ministry.", "negotiated", "Negotiation"),
    ("Peace talks resumed in Oslo.", "talks", "Negotiation"),
    ("Both firms signed a contract.", "signed", "Agreement"),
    ("The trade agreement was signed on Monday.", "agreement", "Agreement"),
    ("The king met the prime minister.", "met", "Meeting"),
    ("The summit lasted two days.", "summit", "Meeting"),
    ("The pope visited Malta.", "visited", "Visit"),
    ("The senator made a trip to Peru.", "trip", "Visit"),
    ("The company announced a recall of its cars.", "announced", "StatementEvent"),
    ("The queen gave a speech in parliament.", "speech", "StatementEvent"),
    ("Doctors called for better hospitals.", "called", "Demand"),
    ("The ultimatum expires at midnight.", "ultimatum", "Demand"),
    ("The union threatened to stop the trains.", "threatened", "Threat"),
    ("The school received a bomb threat.", "threat", "Threat"),
    ("The report accused the bank of fraud.", "accused", "Accusation"),
    ("The broker was charged with fraud.", "charged", "Accusation"),
    ("The club rejected the offer.", "rejected", "Rejection"),
    ("The minister ruled out a tax rise.", "ruled", "Rejection"),
    ("Parliament voted on the budget.", "voted", "Vote"),
    ("The referendum will be repeated.", "referendum", "Vote"),
    ("Voters elected a new mayor.", "elected", "Election"),
    ("She won the presidency in May.", "won", "Election"),
    ("The senate passed the bill.", "passed", "Legislation"),
    ("The bank appointed a new director.", "appointed", "Appointment"),
    ("He was named as ambassador to Chile.", "named", "Appointment"),
    ("The finance minister resigned.", "resigned", "Resignation"),
    ("The chairman stepped down.", "stepped", "Resignation"),
    ("The union imposed sanctions on the exporter.", "sanctions", "Sanction"),
    ("The league banned the striker.", "banned", "Sanction"),
    ("The court convicted the broker.", "convicted", "Trial"),
    ("The jury found him guilty.", "found", "Trial"),
    ("His trial opens in June.", "trial", "Trial"),
    ("Thousands protested in the capital.", "protested", "Protest"),
    ("Nurses began a general strike.", "strike", "Protest"),
    ("Mourners gathered outside the church.", "gathered", "Gathering"),
    ("The funeral was held on Sunday.", "funeral", "Gathering"),
    ("Trucks delivered food to the camp.", "delivered", "AidDelivery"),
    ("The delivery of aid was delayed.", "delivery", "AidDelivery"),
    ("The group acquired a chain of hotels.", "acquired", "Transaction"),
    ("The merger was completed in March.", "merger", "Transaction"),
    ("Lindow Mayor Resigned Over Ferry Deal", "Resigned", "Resignation"),
    ("The pilot is in critical condition.", "condition", "Injury"),
    ("Four guests were taken to hospital.", "taken", "Injury"),
    ("The revolt toppled the president.", "toppled", "Resignation"),
    ("A cyclist was hit and killed by a truck.", "hit", "Accident"),
    ("The navy seized two boats.", "seized", "MilitaryOperation"),
    ("The ministry issued a decree.", "issued", "Legislation"),
    ("The pipeline was cut.", "cut", "Disruption"),
    ("An earthquake struck the coast.", "earthquake", "Disaster"),
    ("A storm battered the island.", "battered", "Disaster"),
    ("The volcano erupted at dawn.", "erupted", "Disaster"),
    ("A bus crashed near the bridge.", "crashed", "Accident"),
    ("The bridge collapsed overnight.", "collapsed", "Accident"),
    ("The outbreak of cholera spread south.", "outbreak", "Outbreak"),
    ("The virus infected dozens of nurses.", "infected", "Outbreak"),
    ("The snow disrupted rail services.", "disrupted", "Disruption"),
    ("The airline cancelled all flights.", "cancelled", "Disruption"),
]

# Words that look like a trigger, in a use that is no such event.
NOT_TOLD = [
    ("He had a heart attack at home.", "attack"),
    ("An attack helicopter was on show.", "attack"),
    ("The rules meet the standard.", "meet"),
    ("The film was shot in Iceland.", "shot"),
    ("She died of cancer.", "died"),
    ("This year's homicides were few.", "homicides"),
    ("The pilot succumbed to his injuries.", "injuries"),
    ("The shop is a raw deal for buyers.", "deal"),
    ("The band released an album by post.", "meeting"),
    ("The paper struck a cautious tone.", "struck"),
    ("On March 3 the shop opened.", "March"),
]


@pytest.mark.parametrize(("text", "trigger", "kind"), TOLD)
def test_a_trigger_tells_of_its_event(text: str, trigger: str, kind: str) -> None:
    assert types(text).get(trigger) == kind


@pytest.mark.parametrize(("text", "word"), NOT_TOLD)
def test_a_word_in_another_sense_tells_of_no_such_event(text: str, word: str) -> None:
    # A verb of the lead may still tell of an event of another kind ("The film was shot in Iceland").
    assert types(text).get(word) in {None, EventType.OTHER.value}


def test_every_type_has_a_sentence_and_every_condition_a_check() -> None:
    typed = set(EventType) - {EventType.OTHER}
    assert {kind for _, _, kind in TOLD} == {kind.value for kind in typed}
    assert unknown_conditions() == ()
    assert {e.type for found in entries().values() for e in found if e.type} == typed


def test_page_furniture_tells_of_nothing() -> None:
    text = "Read also: mayor resigned. The ferry sank."
    assert "resigned" not in {text[slice(*e.trigger)] for e in events(text, noise=((0, 26),))}


def test_a_repeated_happening_is_one_event() -> None:
    text = "An earthquake struck Lindow on Monday. The earthquake destroyed a school in Lindow."
    first, *further = [e for e in events(text) if e.type is EventType.DISASTER]
    assert {e.id for e in further} == {first.id}
    assert {e.trigger for e in further} == set(first.also)
    assert [text[slice(*e.trigger)] for e in (first, *further)].count("earthquake") == 2


def test_a_further_mention_has_a_record_with_what_its_own_words_say() -> None:
    text = "Gunmen attacked a convoy near Lindow. The attack lasted an hour."
    first, further = [e for e in events(text) if e.type is EventType.ATTACK]
    assert first.id == further.id
    assert (first.also, further.also) == ((further.trigger,), ())
    assert [text[slice(*e.evidence)].split()[0] for e in (first, further)] == ["Gunmen", "The"]
    assert "Gunmen" in {text[a.start : a.end] for a in first.args}
    assert further.args == ()


def test_a_definite_noun_takes_up_the_talks() -> None:
    text = "Envoys from Peru and Chile held talks in Lima. The talks ended without a result."
    talks = [e for e in events(text) if e.type is EventType.NEGOTIATION]
    assert len({e.id for e in talks}) == 1
    assert len(talks[0].also) == 1


def test_other_numbers_are_other_happenings() -> None:
    text = "The flood killed 12 people in Lindow. A week later a fire killed 30 people."
    assert len([e for e in events(text) if e.type is EventType.KILLING]) == 2


def test_denied_and_told_are_not_one() -> None:
    text = "The governor resigned on Monday. The mayor has not resigned."
    assert len([e for e in events(text) if e.type is EventType.RESIGNATION]) == 2


def test_identifiers_and_evidence() -> None:
    text = "It rained. The governor resigned on Monday."
    (event,) = events(text)
    assert event.id == event_id("a", EventType.RESIGNATION, text.index("resigned"))
    assert text[slice(*event.evidence)] == "The governor resigned on Monday."
    assert 0 < event.confidence <= 1
    assert event.time == Period(start="2031-05-05", end="2031-05-05")


def test_who_says_it_is_kept() -> None:
    text = 'Ilse Varn arrived late. "The rebels attacked the village," Ilse Varn said.'
    attack = next(e for e in events(text) if e.type is EventType.ATTACK)
    assert attack.attributed_to is not None
    assert attack.attributed_to.startswith("person/")


def test_periods_of_any_precision_overlap() -> None:
    assert overlap(Period(start="2031-05", end="2031-05"), Period(start="2031-05-07", end="2031-05-07"))
    assert overlap(Period(start="2031-05-01", end=None), Period(start="2032-01-01", end="2032-01-01"))
    assert not overlap(Period(start="2031-05-01", end="2031-05-02"), Period(start="2031-05-03", end="2031-05-03"))


def groups(text: str) -> list[list[str]]:
    """The words of each happening."""
    found: dict[str, list[tuple[int, str]]] = {}
    for event in events(text):
        found.setdefault(event.id, []).append((event.trigger[0], text[slice(*event.trigger)]))
    return [[word for _, word in sorted(words)] for words in found.values()]


def test_another_attack_is_another_happening() -> None:
    text = "Rebels attacked a mill near Lindow on Monday. On Tuesday the army reported a new attack on two barns near Arbon."
    assert ["attacked", "attack"] not in groups(text)


def test_the_attack_takes_up_the_one_told_before() -> None:
    assert ["attacked", "attack"] in groups("Rebels attacked a mill near Lindow. The attack lasted an hour.")


def test_talks_of_long_ago_are_other_talks() -> None:
    text = (
        "Envoys of Norway held talks in Oslo. The mood was good. Fishermen lost their licences after talks in autumn."
    )
    assert ["talks", "talks"] not in groups(text)


def test_one_word_tells_of_one_happening_under_any_of_its_types() -> None:
    text = "A man was shot near the mill. The fatal shooting shocked the village."
    assert ["shot", "shooting"] in groups(text)
