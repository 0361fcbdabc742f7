"""Records survive JSON, and the parts of an article have stable names."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from kg.records import Argument, Event, Extraction, Figure, Period, from_json, part_names, to_json
from kg.vocabulary import Comparator, EventType, Factuality, Measure, Role

RECORD = Extraction(
    id="a1",
    source="a1.txt",
    sha256="0" * 64,
    text="Five people were hurt.",
    noise=((0, 1),),
    sentences=((0, 22),),
    events=(
        Event(
            id="event/1",
            trigger=(17, 21),
            type=EventType.INJURY,
            factuality=Factuality.ASSERTED,
            evidence=(0, 22),
            args=(Argument(role=Role.PATIENT, start=0, end=11),),
            time=Period(start="2023-02-06"),
        ),
    ),
    figures=(Figure(number=(0, 4), value=5, comparator=Comparator.EXACTLY, measure=Measure.INJURED, evidence=(0, 22)),),
)


def test_a_record_survives_json() -> None:
    assert from_json(Extraction, json.loads(json.dumps(to_json(RECORD)))) == RECORD


def test_records_are_spelt_as_the_contract_has_them() -> None:
    data = to_json(RECORD)
    assert data["events"][0]["factuality"] == "asserted"
    assert data["events"][0]["trigger"] == [17, 21]
    assert "attributedTo" not in data["events"][0]
    assert data["figures"][0]["measure"] == "injured"


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(6, 9))))
def test_no_two_parts_have_one_name(spans: list[tuple[int, int]]) -> None:
    names = part_names("figure", spans)
    assert len(set(names)) == len(spans)
    assert all(name.startswith("figure-") for name in names)
