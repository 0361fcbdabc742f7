"""Statements: content, cue, speaker and relay, for every way of putting them."""

from dataclasses import replace

import pytest

from kg import settings
from kg.clean import lay_out
from kg.nlp import pipeline, quotes
from kg.nlp.quotes import first_person
from kg.nlp.quotes.cues import lexicon
from kg.nlp.reading import Reading
from kg.records import Article, Coreference, Mention, Quote
from kg.vocabulary import Attitude, EntityType, Factuality, QuoteKind

PERSON, BODY = EntityType.PERSON, EntityType.ORGANISATION
LEE = ("Maria Lee", PERSON)


def read(text: str, *names: tuple[str, EntityType]) -> Reading:
    article = Article(id="a", source="a.txt", sha256="0", text=text)
    page = lay_out(article)
    nlp = pipeline.load(settings.value("model"))
    reading = Reading(article=article, page=page, doc=nlp(pipeline._make_doc(nlp, text, page.breaks)))
    mentions = []
    for name, kind in names:
        at = text.find(name)
        while at >= 0:
            slug = name.casefold().replace(" ", "-")
            mentions.append(Mention(start=at, end=at + len(name), type=kind, name=name, id=f"{kind}/{slug}"))
            at = text.find(name, at + 1)
    return replace(reading, entities=tuple(sorted(mentions, key=lambda m: m.start)))


def said(text: str, *names: tuple[str, EntityType]) -> list[tuple[str | None, str | None, tuple[str, ...]]]:
    """Speaker's words, cue and contents of each statement."""
    return [shown(text, q) for q in quotes.find(read(text, *names))]


def shown(text: str, quote: Quote) -> tuple[str | None, str | None, tuple[str, ...]]:
    cut = lambda span: text[span[0] : span[1]] if span else None  # noqa: E731
    return cut(quote.source), cut(quote.cue), tuple(text[s:e] for s, e in quote.content)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # quoted: the cue after, before, inside, after a colon, inverted
        ("“The road is closed,” Maria Lee said.", ("Maria Lee", "said", ("The road is closed,",))),
        (
            "“The road is closed,” said Maria Lee, the mayor.",
            ("Maria Lee, the mayor", "said", ("The road is closed,",)),
        ),
        ("Maria Lee said, “The road is closed.”", ("Maria Lee", "said", ("The road is closed.",))),
        ("Maria Lee told reporters: “The road is closed.”", ("Maria Lee", "told", ("The road is closed.",))),
        (
            "“The road,” Maria Lee said, “is closed until May.”",
            ("Maria Lee", "said", ("The road,", "is closed until May.")),
        ),
        (
            "“The road is closed,” Maria Lee said. “It will open in May.”",
            ("Maria Lee", "said", ("The road is closed,", "It will open in May.")),
        ),
        (
            "'The road is closed. It is flooded,” Maria Lee said.",
            ("Maria Lee", "said", ("The road is closed. It is flooded,",)),
        ),
        # reported
        ("Maria Lee said that the road was closed.", ("Maria Lee", "said", ("the road was closed",))),
        ("Maria Lee said the road was closed.", ("Maria Lee", "said", ("the road was closed",))),
        ("The road was closed, Maria Lee said.", ("Maria Lee", "said", ("The road was closed",))),
        ("The road, Maria Lee said, was closed.", ("Maria Lee", "said", ("The road", "was closed"))),
        ("Maria Lee told residents that the road was closed.", ("Maria Lee", "told", ("the road was closed",))),
        ("Maria Lee vowed to reopen the road.", ("Maria Lee", "vowed", ("to reopen the road",))),
        ("Maria Lee denied closing the road.", ("Maria Lee", "denied", ("closing the road",))),
        ("Maria Lee ruled out reopening the road.", ("Maria Lee", "ruled out", ("reopening the road",))),
        (
            "Three guards were killed when gunmen attacked a gate overnight, the council reported on Thursday.",
            ("the council", "reported", ("Three guards were killed when gunmen attacked a gate overnight",)),
        ),
        ("Maria Lee appealed to both sides to talk.", ("Maria Lee", "appealed", ("to talk",))),
        (
            'Maria Lee told reporters outside the courthouse that her client "regrets his silence".',
            ("Maria Lee", "told", ('her client "regrets his silence"',)),
        ),
        ("Maria Lee dismissed the claim.", ("Maria Lee", "dismissed", ("the claim",))),
        ("Maria Lee put the cost at 40 million euros.", ("Maria Lee", "put", ("the cost at 40 million euros",))),
        (
            'Maria Lee cut her forecast from "strong" to "weak", saying orders had dried up.',
            ("Maria Lee", "saying", ("orders had dried up",)),
        ),
        ("Maria Lee reiterated her goal of a new bridge.", ("Maria Lee", "reiterated", ("her goal of a new bridge",))),
        ("Maria Lee called for a public inquiry.", ("Maria Lee", "called for", ("a public inquiry",))),
        ("Maria Lee criticized the delay in the works.", ("Maria Lee", "criticized", ("the delay in the works",))),
        ("Maria Lee believes the road is unsafe.", ("Maria Lee", "believes", ("the road is unsafe",))),
        ("Maria Lee plans to reopen the road.", ("Maria Lee", "plans", ("to reopen the road",))),
        ("The survey shows that the road is unsafe.", ("The survey", "shows", ("the road is unsafe",))),
        ("The road was closed, according to Maria Lee.", ("Maria Lee", "according to", ("The road was closed",))),
        ("According to Maria Lee, the road was closed.", ("Maria Lee", "According to", ("the road was closed",))),
        (
            "The works cost more than planned, as Maria Lee admitted on Monday.",
            ("Maria Lee", "admitted", ("The works cost more than planned",)),
        ),
        ("Maria Lee was quoted as saying the road was closed.", ("Maria Lee", "saying", ("the road was closed",))),
        (
            "The road, which Maria Lee visited, is closed, she added.",
            ("she", "added", ("The road, which Maria Lee visited, is closed",)),
        ),
    ],
)
def test_one_statement(text: str, expected: tuple[str, str, tuple[str, ...]]) -> None:
    assert expected in said(text, LEE)


def test_nominal_cue_and_its_holder() -> None:
    text = "Maria Lee repeated a claim that the road was closed."
    assert any("the road was closed" in content[-1] for _, _, content in said(text, LEE))


def test_a_report_without_holder_is_kept() -> None:
    assert said("Reports that the road was closed worried the town.") == [(None, "Reports", ("the road was closed",))]


def test_nobody_is_no_speaker() -> None:
    assert said("Nobody said that the road was closed.") == []


def test_backward_reference_takes_the_sentence_before() -> None:
    text = "The flood has closed 12 roads. This figure was announced by the Road Agency."
    (quote,) = quotes.find(read(text, ("Road Agency", BODY)))
    assert shown(text, quote)[2] == ("The flood has closed 12 roads",)
    assert quote.speaker == "organisation/road-agency"


def test_kinds() -> None:
    text = (
        "“It is closed,” Maria Lee said.\nMaria Lee said the road was closed.\nMaria Lee said the road was “a wreck”."
    )
    assert [q.kind for q in quotes.find(read(text, LEE))] == [QuoteKind.DIRECT, QuoteKind.INDIRECT, QuoteKind.MIXED]


def test_a_participle_reports_further_words_of_the_speaker() -> None:
    text = "“We are closed,” Maria Lee said, adding that the works would take a year."
    first, second = said(text, LEE)
    assert first[2] == ("We are closed,",)
    assert second == ("Maria Lee", "adding", ("the works would take a year",))


def test_scare_quotes_are_no_statement() -> None:
    assert said("The so-called “ghost road” runs north of the town.") == []


def test_a_paragraph_without_cue_goes_on_with_the_one_before() -> None:
    text = "“The road is closed,” Maria Lee said.\n\n“It will be closed until May.”\n\nTraffic was light."
    (quote,) = quotes.find(read(text, LEE))
    assert shown(text, quote)[2] == ("The road is closed,", "It will be closed until May.")


@pytest.mark.parametrize(
    ("text", "relay"),
    [
        ("“The road is closed,” Maria Lee told reporters, as quoted by Reuters.", "Reuters"),
        ("Maria Lee said the road was closed, according to Xinhua.", "Xinhua"),
        ("Maria Lee told AFP that the road was closed.", "AFP"),
        ("Maria Lee said in an interview with the Evening Times that the road was closed.", "Evening Times"),
        ("Reuters quoted Maria Lee as saying the road was closed.", "Reuters"),
    ],
)
def test_relays(text: str, relay: str) -> None:
    (quote,) = quotes.find(read(text, LEE, (relay, BODY)))
    assert quote.speaker == "person/maria-lee"
    assert quote.relayed_by == f"organisation/{relay.casefold().replace(' ', '-')}"
    assert relay not in shown(text, quote)[2][-1]


@pytest.mark.parametrize(
    "text",
    [
        "Reuters, citing Maria Lee, reported that the road was closed.",
        "Reuters reported on Friday, citing Maria Lee, that the road was closed.",
        "The road was closed, Reuters reported, citing Maria Lee.",
        "According to Maria Lee, the road was closed, Reuters reported.",
        "The road was closed, according to Maria Lee, as quoted by Reuters.",
    ],
)
def test_who_is_cited_is_the_source_and_the_medium_relays(text: str) -> None:
    (quote,) = quotes.find(read(text, LEE, ("Reuters", BODY)))
    assert (quote.speaker, quote.relayed_by) == ("person/maria-lee", "organisation/reuters")
    assert [c.casefold() for c in shown(text, quote)[2]] == ["the road was closed"]


def test_a_name_that_cites_relays_too_but_reasons_are_no_sources() -> None:
    (quote,) = quotes.find(read("The road was closed, Al-Borland said, citing the ministry.", ("Al-Borland", BODY)))
    assert quote.relayed_by == "organisation/al-borland"
    text = "Maria Lee said the road was closed, citing the weather."
    assert quotes.find(read(text, LEE))[0].speaker == "person/maria-lee"


def test_what_another_says_meanwhile_is_another_statement() -> None:
    text = "Maria Lee said “the road is lost,” while Ada Orr called it “a good road.”"
    found = quotes.find(read(text, LEE, ("Ada Orr", PERSON)))
    assert [(q.speaker, shown(text, q)[2]) for q in found] == [
        ("person/maria-lee", ("the road is lost,",)),
        ("person/ada-orr", ("a good road.",)),
    ]


def test_a_participle_after_a_quotation_is_said_of_who_quotes() -> None:
    text = "Maria Lee vowed that the army “will not rest until the road is open”, ruling out a pause."
    assert {q.speaker for q in quotes.find(read(text, LEE, ("army", BODY)))} == {"person/maria-lee"}


def test_who_goes_on_has_the_speaker_of_the_same_words() -> None:
    text = "Maria Lee came.\n\n“We wait,” he added, saying that the road was closed."
    found = quotes.find(read(text, LEE))
    assert [q.source for q in found] == [found[0].source] * 2
    assert found[0].speaker == found[1].speaker


@pytest.mark.parametrize(
    "text",
    [
        "As members argued over the wording, two votes were postponed.",
        "The talks to discuss the road were long.",
        "Maria Lee dismissed her entire cabinet.",
        "Maria Lee put the kettle on at noon.",
    ],
)
def test_what_is_only_talked_about_is_no_statement(text: str) -> None:
    assert not quotes.find(read(text))


def test_who_speaks_together() -> None:
    found = quotes.find(read("“We wait,” Maria Lee and Ada Orr said in a joint statement.", LEE, ("Ada Orr", PERSON)))
    assert [(q.speaker, q.together_with) for q in found] == [("person/maria-lee", ("person/ada-orr",))]


def test_talks_discuss_nothing() -> None:
    text = "Maria Lee flew to Borland for talks with engineers to discuss a new road."
    assert {q.speaker for q in quotes.find(read(text, LEE))} == {"person/maria-lee"}


def test_a_source_alone_is_the_speaker_not_a_relay() -> None:
    (quote,) = quotes.find(read("Three roads were closed, according to Reuters.", ("Reuters", BODY)))
    assert (quote.speaker, quote.relayed_by) == ("organisation/reuters", None)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("We will not close the road - Lee\n\nThe town met.", QuoteKind.DIRECT),
        ("Lee: road stays open\n\nThe town met.", QuoteKind.INDIRECT),
    ],
)
def test_headlines_that_quote(text: str, kind: QuoteKind) -> None:
    quote = quotes.find(read(text, ("Lee", PERSON)))[0]
    assert (quote.speaker, quote.kind) == ("person/lee", kind)


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("Borland authorities say the road is closed.", "organisation/borland"),
        ("A Borland official said the road was closed.", None),
        ("Police in Borland said the road was closed.", None),
        ("The government of Borland said the road was closed.", "organisation/borland"),
        ("Borland's critics said the road was closed.", None),
        ("In Borland officials and engineers said the road was closed.", None),
        ("The mayor, Maria Lee, said the road was closed.", "person/maria-lee"),
        ("Maria Lee, who had visited the site and met engineers, said the road was closed.", "person/maria-lee"),
        ("Maria Lee visited the site and said the road was closed.", "person/maria-lee"),
    ],
)
def test_speakers(text: str, speaker: str | None) -> None:
    assert quotes.find(read(text, LEE, ("Borland", BODY)))[-1].speaker == speaker


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("Chile's army said the road was closed.", "place/chile"),
        ("The Chile weather agency said the road was closed.", None),
        ("The road is closed, according to Acme data.", "organisation/acme"),
        ("The road is closed, according to a report by Acme.", "organisation/acme"),
        ("An Acme agency said the road was closed.", None),
        ("The Acme news agency said the road was closed.", "organisation/acme"),
    ],
)
def test_a_body_speaks_for_what_it_is_an_organ_of(text: str, speaker: str | None) -> None:
    found = quotes.find(read(text, ("Chile", EntityType.PLACE), ("Acme", BODY)))
    assert [q.speaker for q in found] == [speaker]


def test_a_place_before_a_headline_says_nothing() -> None:
    assert quotes.find(read("Chile: trains stand still\n\nNobody knows why.\n", ("Chile", EntityType.PLACE))) == ()


def test_pronouns_speak_for_what_coreference_says() -> None:
    text = "Maria Lee came. She said the road was closed."
    reading = replace(read(text, LEE), coreference=(Coreference(start=16, end=19, id="person/maria-lee"),))
    (quote,) = quotes.find(reading)
    assert quote.speaker == "person/maria-lee"


def test_first_person_words_stand_for_the_speaker() -> None:
    text = "“I know what we owe,” Maria Lee said. I agree."
    reading = read(text, LEE)
    found = first_person.resolve(reading, quotes.find(reading))
    assert [text[c.start : c.end] for c in found] == ["I", "we"]
    assert found[0].confidence > found[1].confidence


def test_page_furniture_is_skipped() -> None:
    text = "“The road is closed,” Maria Lee said."
    reading = read(text, LEE)
    assert quotes.find(replace(reading, page=replace(reading.page, noise=((0, len(text)),)))) == ()


def test_lexicon_is_well_formed() -> None:
    frames = {"quote", "that", "to", "ing", "object", "as", "tell", "listener", "tell-object", "thing", "size"}
    for cue in lexicon().values():
        assert cue.pos in ("VERB", "NOUN", "ADJ")
        assert cue.kind in Attitude
        assert 0 < cue.weight <= 1
        assert {f for f in cue.frames if not f.startswith("for:")} <= frames, cue.lemma


@pytest.mark.parametrize(
    ("text", "attitude"),
    [
        ("Maria Lee said that the bridge was safe.", Attitude.SPEECH),
        ("According to Maria Lee, the bridge was safe.", Attitude.SPEECH),
        ("Maria Lee believes that the bridge is safe.", Attitude.BELIEF),
        ("Maria Lee wants to close the bridge.", Attitude.INTENTION),
        ("Maria Lee condemned the closing of the bridge.", Attitude.JUDGEMENT),
        ("The survey showed that the bridge was safe.", Attitude.EVIDENCE),
    ],
)
def test_the_cue_tells_what_the_speaker_does(text: str, attitude: Attitude) -> None:
    (quote,) = quotes.find(read(text, LEE))
    assert quote.attitude is attitude


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Maria Lee told the Orchid Board that the bridge was unsafe.", "organisation/orchid-board"),
        ("“The bridge is unsafe,” Maria Lee said to the Orchid Board.", "organisation/orchid-board"),
        ("Maria Lee said that the Orchid Board was unsafe.", None),
    ],
)
def test_who_is_told(text: str, told: str | None) -> None:
    (quote,) = quotes.find(read(text, LEE, ("Orchid Board", EntityType.ORGANISATION)))
    assert (quote.speaker, quote.addressee) == ("person/maria-lee", told)


def test_only_sure_first_person_words_are_kept() -> None:
    reading = read("“I know what we owe,” Maria Lee said.", LEE)
    reading = replace(reading, quotes=quotes.find(reading))
    assert [reading.article.text[c.start : c.end] for c in first_person.sure(reading)] == ["I"]


@pytest.mark.parametrize(
    ("middle", "speaker"),
    [
        ("", "person/maria-lee"),
        ("The hall was full. ", "person/maria-lee"),
        ("One neighbor hopes for rain. ", None),  # somebody else may speak
        ("Ann Roe arrived. ", None),
    ],
)
def test_she_who_goes_on_is_who_spoke_last(middle: str, speaker: str | None) -> None:
    text = f"“The road is closed,” Maria Lee said. {middle}“We will open it,” she said."
    names = [LEE, ("Ann Roe", EntityType.PERSON)] if "Ann Roe" in text else [LEE]
    last = quotes.find(read(text, *names))[-1]
    assert last.speaker == speaker


def test_holder_of_two_offices_is_the_speaker() -> None:
    text = "On Monday, Acme Chairman and CEO Maria Lee said that gaming would grow."
    (quote,) = quotes.find(read(text, LEE, ("Acme", BODY)))
    assert quote.speaker == "person/maria-lee"


@pytest.mark.parametrize(
    ("text", "factuality"),
    [
        ("Maria Lee said that the road was closed.", "asserted"),
        ("Maria Lee did not say that the road was closed.", "negated"),
        ("Maria Lee refused to admit that the road was closed.", "negated"),
        ("Maria Lee walked out without explaining why the road was closed.", "negated"),
        ("Maria Lee will announce that the road is closed.", "planned"),
        ("Maria Lee must admit that the road was closed.", "demanded"),
        ("If Maria Lee says that the road is closed, all will stay.", "hypothetical"),
        ("Maria Lee went to the hall to say that the road was closed.", "asserted"),
        ("Maria Lee believes the road would be closed.", "asserted"),
        ("“The road is closed,” Maria Lee said.", "asserted"),
    ],
)
def test_what_was_not_said_is_no_statement(text: str, factuality: str) -> None:
    (quote,) = quotes.find(read(text, LEE))
    assert quote.factuality == Factuality(factuality)


def test_a_second_verb_shares_the_denial() -> None:
    found = quotes.find(read("Maria Lee did not confirm or deny that the road was closed.", LEE))
    assert {q.factuality for q in found} == {Factuality.NEGATED}


def test_a_participle_between_after_and_the_verb_hides_no_speaker() -> None:
    text = "The vote came a day after Maria Lee, speaking of the long delay, admitted: “We lost a year. We know it.”"
    assert {q.speaker for q in quotes.find(read(text, LEE))} == {"person/maria-lee"}
