"""How the text presents an event: a sentence for each kind of operator."""

from __future__ import annotations

import pytest

from kg.nlp.events.factuality import TRANSPARENT, combine, operators
from kg.vocabulary import Factuality as F
from tests.event_reading import factuality

CASES = [
    ("Rebels attacked the town.", "attacked", "asserted"),
    ("The army began to shell the town.", "shell", "asserted"),
    ("The senator refused to end the war.", "war", "asserted"),
    ("Officials say that the rebels attacked the town.", "attacked", "asserted"),
    # negation
    ("The rebels did not attack the town.", "attack", "negated"),
    ("There was no ceasefire in the valley.", "ceasefire", "negated"),
    ("The company will not release the hostages.", "release", "negated"),
    ("The two sides never met.", "met", "negated"),
    ("The army refused to release the hostages.", "release", "negated"),
    ("Police prevented an attack on the station.", "attack", "negated"),
    ("The president ruled out a ceasefire.", "ceasefire", "negated"),
    ("They left without signing the contract.", "signing", "negated"),
    ("Nobody was injured in the fall.", "injured", "negated"),
    ("The sides failed to sign the treaty.", "sign", "negated"),
    ("The envoy will not release prisoners or withdraw the troops.", "withdraw", "negated"),
    # plans and purposes
    ("The pope will visit Malta.", "visit", "planned"),
    ("The company plans to acquire a rival.", "acquire", "planned"),
    ("The minister is expected to resign.", "resign", "planned"),
    ("The army vowed to destroy the base.", "destroy", "planned"),
    ("The planned visit was announced.", "visit", "planned"),
    ("Troops entered the camp to free the hostages.", "free", "planned"),
    ("The goal is the release of the hostages.", "release", "planned"),
    # possibility
    ("The firm may sell its mines.", "sell", "possible"),
    ("A possible ceasefire was discussed.", "ceasefire", "possible"),
    ("The group threatened to attack the port.", "attack", "possible"),
    ("There are hopes for a ceasefire.", "ceasefire", "possible"),
    ("The risk of an attack is high.", "attack", "possible"),
    ("The sides could not rule out an attack.", "attack", "possible"),
    ("A truce proposal was on the table.", "truce", "possible"),
    # demands
    ("Aid groups called for a ceasefire.", "ceasefire", "demanded"),
    ("The council urged the rebels to release the hostages.", "release", "demanded"),
    ("The firm should withdraw its troops.", "withdraw", "demanded"),
    ("The families demanded the release of the hostages.", "release", "demanded"),
    # conditions
    ("If the rebels attack the port, ferries stop.", "attack", "hypothetical"),
    ("The guard would have killed the dog.", "killed", "hypothetical"),
    ("Unless the minister resigns, the party leaves.", "resigns", "hypothetical"),
    ("The town did not join the talks and has not signed the deal.", "signed", "negated"),
]


@pytest.mark.parametrize(("text", "trigger", "expected"), CASES)
def test_operator(text: str, trigger: str, expected: str) -> None:
    assert factuality(text, trigger) == expected


def test_every_factuality_has_a_sentence_and_every_operator_a_value() -> None:
    assert {expected for _, _, expected in CASES} == {f.value for f in F}
    assert set(operators().values()) <= {TRANSPARENT, *(f.value for f in F)}


def test_the_inner_operator_decides_and_negation_denies_it() -> None:
    assert combine(F.ASSERTED, F.PLANNED) is F.PLANNED
    assert combine(F.PLANNED, F.NEGATED) is F.NEGATED
    assert combine(F.NEGATED, F.NEGATED) is F.POSSIBLE
    assert combine(F.POSSIBLE, F.PLANNED) is F.POSSIBLE
    assert combine(F.POSSIBLE, F.HYPOTHETICAL) is F.HYPOTHETICAL
