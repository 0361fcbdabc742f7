"""Joining the names of one thing within an article."""

from __future__ import annotations

from kg.nlp.names import Votes, acronyms, initials, is_acronym, join_organisations, join_persons
from kg.vocabulary import EntityType


def test_surname_joins_the_full_name() -> None:
    assert join_persons(["Jane Q. Roe", "Roe", "Jane Roe"]) == {
        "Jane Q. Roe": "Jane Q. Roe",
        "Roe": "Jane Q. Roe",
        "Jane Roe": "Jane Q. Roe",
    }


def test_two_people_of_one_surname_leave_it_alone() -> None:
    joined = join_persons(["Jane Roe", "Peter Roe", "Roe"])
    assert joined["Roe"] == "Roe"
    assert joined["Jane Roe"] == "Jane Roe"


def test_accents_do_not_divide() -> None:
    assert join_persons(["José Peña", "Pena"])["Pena"] == "José Peña"


def test_acronym_after_its_expansion() -> None:
    text = "The Global Seed Council (GSC) met."
    assert acronyms(text, [(4, 23)]) == {"GSC": "Global Seed Council"}
    assert acronyms("The Global Seed Council (again) met.", [(4, 23)]) == {}
    names = ["Global Seed Council", "GSC"]
    assert join_organisations(names, {"GSC": "Global Seed Council"})["GSC"] == "Global Seed Council"


def test_acronym_without_brackets_needs_one_expansion() -> None:
    assert join_organisations(["Global Seed Council", "GSC"], {})["GSC"] == "Global Seed Council"
    two = join_organisations(["Global Seed Council", "Greater Sea Coast", "GSC"], {})
    assert two["GSC"] == "GSC"


def test_legal_form_is_no_other_company() -> None:
    assert join_organisations(["Acme Tool Corp", "Acme Tool"], {})["Acme Tool"] == "Acme Tool Corp"
    assert join_organisations(["Acme Tool Workers", "Acme Tool"], {})["Acme Tool"] == "Acme Tool"


def test_the_first_word_of_a_name_is_short_for_it_where_it_is_nothing_else() -> None:
    names = ["Acme Tolland", "Acme", "Reuters Tolland", "Reuters", "Halm Institute", "Halm", "Varn Norway", "Varn"]
    joined = join_organisations(names, {})
    assert [joined[n] for n in ("Acme", "Reuters", "Halm", "Varn")] == ["Acme Tolland", "Reuters", "Halm", "Varn"]


def test_a_body_without_the_word_for_whose_it_is() -> None:
    one = join_organisations(["Elmish Health Ministry", "Health Ministry"], {})
    assert one["Health Ministry"] == "Elmish Health Ministry"
    two = join_organisations(["Elmish Health Ministry", "Oakish Health Ministry", "Health Ministry"], {})
    assert two["Health Ministry"] == "Health Ministry"


def test_an_initial_alone_makes_no_short_form() -> None:
    assert join_persons(["R. Jane Poole", "Roe"])["Roe"] == "Roe"


def test_initials_with_and_without_minor_words() -> None:
    assert initials("Bank of the West") == {"BW", "BOTW"}
    assert is_acronym("WHO")
    assert not is_acronym("Who")


def test_votes_break_ties_by_name() -> None:
    votes = Votes()
    votes.add("Roe", EntityType.PLACE, 1.0)
    votes.add("Roe", EntityType.PERSON, 1.0)
    assert votes.best("Roe") == EntityType.PERSON


def test_last_word_of_the_one_body_that_ends_in_it_is_short_for_it() -> None:
    assert join_organisations(["Elmton Rovers", "Rovers"], {})["Rovers"] == "Elmton Rovers"
    assert join_organisations(["Elmton Rovers", "Ashby Rovers", "Rovers"], {})["Rovers"] == "Rovers"


def test_first_word_of_a_firm_is_short_for_it_whatever_it_makes() -> None:
    names = ["Halden Foods Inc", "Halden Foods", "Halden", "Acme Institute", "Acme"]
    joined = join_organisations(names, {})
    assert (joined["Halden"], joined["Acme"]) == ("Halden Foods Inc", "Acme")


def test_acronym_of_the_name_in_its_own_language() -> None:
    text = "the National Institute of Roads (INRV) said"
    assert acronyms(text, [(4, 31)]) == {"INRV": "National Institute of Roads"}
    assert acronyms("the National Institute of Roads (AFP) said", [(4, 31)]) == {}
