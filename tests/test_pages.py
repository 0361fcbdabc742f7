"""The pages: the article's text unchanged under its marks, things with their sentences, RDF for machines, saved
queries as forms."""

from __future__ import annotations

import html
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import rdflib
from hypothesis import example, given
from hypothesis import strategies as st
from sample import BASE, TEXTS, make_store

from kg.web.highlight import Mark, highlight
from kg.web.views import day_number, window
from server import running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(make_store(tmp_path_factory.mktemp("pages") / "store")) as address:
        yield address


def get(url: str, accept: str = "text/html") -> tuple[int, dict[str, str], str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": accept}), timeout=30) as answer:
            return answer.status, {name.lower(): text for name, text in answer.headers.items()}, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, {name.lower(): text for name, text in error.headers.items()}, error.read().decode()


def plain(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", markup))


def text_of(page: str) -> str:
    return page.partition("data-text>")[2].partition("</div>")[0]


spans = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda pair: (min(pair), max(pair)))


@example("<<", [(0, 1), (0, 2)], [], [(0, 1)])
@given(
    st.text(alphabet="ab <>&\"'\n\r🌊é", max_size=40),
    st.lists(spans, max_size=5),
    st.lists(spans, max_size=8),
    st.lists(spans, max_size=8),
)
def test_marks_never_change_the_text(
    text: str, sentences: list[tuple[int, int]], marks: list[tuple[int, int]], anchors: list[tuple[int, int]]
) -> None:
    found = highlight(text, sentences, [Mark(*span, "person", "/x", '"note"') for span in marks], anchors)
    assert plain(found) == text
    assert "\r" not in found
    for element in ("span", "a"):
        assert len(re.findall(rf"<{element}\b", found)) == found.count(f"</{element}>")
    for begin, end in anchors:
        if begin < end <= len(text):
            assert f'id="char={begin},{end}"' in found


def test_article_page(server: str) -> None:
    status, headers, page = get(server + "/article/flood-1")
    assert status == 200
    assert "text/turtle" in headers["link"]
    assert plain(text_of(page)) == TEXTS["flood-1"]
    begin = TEXTS["flood-1"].index("Ilse Varn")
    assert re.search(r'<a class="[^"]*on-person[^"]*" href="/person/ilse-varn"[^>]*>Ilse Varn</a>', page)
    assert f'id="char={begin},{begin + 9}"' in page
    assert re.search(r"on-event[^>]*>met</a>", page)
    assert re.search(r"on-figure[^>]*>at least 12</span>", page)
    assert re.search(r"on-statement[^>]*>We will rebuild the bridge,</span>", page)
    assert '<li id="figure-150" class="assertion figure">' in page
    assert 'class="aside">Lindow Gazette' in page
    assert get(server + "/article/none")[0] == 404


def test_every_evidence_link_has_its_target(server: str) -> None:
    for article in TEXTS:
        page = get(f"{server}/article/{article}")[2]
        for found in re.findall(rf'href="/article/{article}#(char=\d+,\d+)"', page):
            assert f'id="{found}"' in page


def test_thing_pages(server: str) -> None:
    page = get(server + "/person/ilse-varn")[2]
    assert "http://www.wikidata.org/entity/Q1" in page
    assert "We will rebuild the bridge," in page
    assert "here as speaker" in page
    assert page.count("/article/flood-2#char=") >= 1
    assert "according to <a" not in page.partition("<h2>Statements")[2].partition("<h2>")[0]
    page = get(server + "/place/lindow")[2]
    assert "POINT(12.5 53.1)" in page
    assert "at least 12" in page
    assert "hospital" in page
    assert get(server + "/person/none")[0] == 404


def test_event_page_has_the_accounts_side_by_side(server: str) -> None:
    page = get(server + "/event/meeting")[2]
    accounts = re.findall(r'<section class="account">(.*?)</section>', page, re.DOTALL)
    assert len(accounts) == 2
    assert "Mayor Ilse Varn met Governor Tam Oru" in accounts[0]
    assert "The hospital counted 15 dead" in accounts[1]
    assert "2031-05-03" in accounts[0]


@pytest.mark.parametrize(("suffix", "form"), [("ttl", "turtle"), ("jsonld", "json-ld"), ("nt", "nt"), ("rdf", "xml")])
@pytest.mark.parametrize(
    "path", ["/article/flood-1", "/person/ilse-varn", "/place/lindow", "/event/meeting", "/graph/entities"]
)
def test_things_as_rdf(server: str, path: str, suffix: str, form: str) -> None:
    status, _, body = get(f"{server}{path}.{suffix}", "*/*")
    assert status == 200
    graph = rdflib.Graph().parse(data=body, format=form)
    about = rdflib.URIRef(BASE + path[1:])
    if "graph" not in path:
        assert (about, rdflib.RDF.type, None) in graph
    if path in ("/person/ilse-varn", "/event/meeting"):  # the description includes the evidence
        assert any("bridge" in str(o) or "hospital" in str(o) for o in graph.objects())


def test_things_by_accept(server: str) -> None:
    for accept, media in (
        ("text/turtle", "text/turtle; charset=utf-8"),
        ("application/ld+json", "application/ld+json"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("*/*", "text/turtle; charset=utf-8"),
    ):
        status, headers, _ = get(server + "/person/ilse-varn", accept)
        assert status == 200
        assert headers["content-type"] == media
        assert "Accept" in headers["vary"]
    assert get(server + "/person/none", "text/turtle")[0] == 404
    assert get(server + "/person/ilse-varn", "image/png")[0] == 406


def test_saved_query_pages(server: str) -> None:
    listing = get(server + "/queries")[2]
    names = re.findall(r'href="/queries/([a-z-]+)"', listing)
    assert len(names) >= 12
    for name in names:
        status, _, page = get(f"{server}/queries/{name}")
        assert status == 200
        assert '<table class="result">' in page, name
        assert re.search(r'<td class="sentence"><a href="/article/flood-[12]#char=\d+,\d+">', page), name
        assert f'href="/queries/{name}.csv"' in page


def test_saved_query_parameters(server: str) -> None:
    page = get(server + "/queries/figures-by-source?measure=Killed&to=2031-05-03&place=")[2]
    assert "1 row" in page
    assert '<option value="Killed" selected>' in page
    assert 'value="2031-05-03"' in page
    edit = html.unescape(re.search(r'href="(/sparql\?[^"]*)">Edit this query', page)[1])  # type: ignore[index]
    assert "2031-05-03" in urllib.parse.unquote(edit)
    assert "1 row" in get(server + edit)[2]
    assert 'href="/queries/figures-by-source.csv?measure=Killed&amp;to=2031-05-03"' in page
    status, _, page = get(server + "/queries/figures-by-source?to=yesterday")
    assert status == 400
    assert "parameter to must be a date" in page


def test_saved_queries_for_machines(server: str) -> None:
    status, headers, body = get(server + "/queries/who-said-what?speaker=person/ilse-varn", "application/json")
    assert status == 200
    assert headers["content-type"] == "application/json"
    assert len(json.loads(body)["results"]["bindings"]) == 2
    for way in ("who-said-what.csv", "who-said-what?format=csv"):
        assert get(f"{server}/queries/{way}", "*/*")[2].startswith("speakerName,statement")
    assert get(server + "/queries/who-said-what?nobody=x", "*/*")[0] == 400
    listing = json.loads(get(server + "/queries", "application/json")[2])
    assert {"name", "summary", "parameters", "url"} <= set(listing["queries"][0])
    assert "#+ summary" in get(server + "/queries/who-said-what.rq", "*/*")[2]


def test_drawings(server: str) -> None:
    for name in ("figures-by-source", "events-map", "timeline", "places"):
        page = get(f"{server}/queries/{name}")[2]
        assert page.count("<circle") >= 1, name
        assert re.search(r'<a href="/article/flood-[12]#char=\d+,\d+" aria-label="[^"]+"><circle', page), name


def test_query_form_without_script(server: str) -> None:
    page = get(server + "/sparql")[2]
    assert '<form id="query-form" action="/sparql" method="get"' in page
    assert '<textarea id="query" name="query"' in page
    page = get(
        server
        + "/sparql?"
        + urllib.parse.urlencode({"query": f"SELECT ?x {{ VALUES ?x {{ <{BASE}person/ilse-varn> }} }}"})
    )[2]
    assert '<a href="/person/ilse-varn"' in page
    status, _, page = get(server + "/sparql?query=SELEC&format=html")
    assert status == 400
    assert "well-formed" in page
    assert "Yes" in get(server + "/sparql?query=ASK%7B%7D&format=html")[2]
    assert (
        "subject" in get(server + "/sparql?format=html&query=" + urllib.parse.quote("CONSTRUCT WHERE { ?s ?p ?o }"))[2]
    )


def test_front_page(server: str) -> None:
    page = get(server + "/")[2]
    assert "<strong>2</strong> articles" in page
    assert "against" in page.partition("Figures in conflict")[2]
    assert len(page) < 200_000
    assert get(server + "/articles")[2].count("/article/flood-") == 2


def test_pages_have_etags(server: str) -> None:
    for path in ("/", "/article/flood-1", "/person/ilse-varn"):
        tag = get(server + path)[1]["etag"]
        request = urllib.request.Request(server + path, headers={"Accept": "text/html", "If-None-Match": tag})
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request, timeout=30)
        assert caught.value.code == 304


def test_web_imports_no_nlp() -> None:
    import subprocess
    import sys

    code = (
        "import sys; import kg.web.serve, kg.query.worker, kg.query.write_worker; "
        "print([m for m in ('spacy', 'pyshacl', 'trafilatura') if m in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )
    engine = Path(__file__).resolve().parent.parent / "kg" / "query"
    assert not any("flask" in path.read_text("utf-8") for path in engine.glob("*.py"))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2031-05-03", date(2031, 5, 3)),
        ("2031-05", date(2031, 5, 1)),
        ("2031", date(2031, 1, 1)),
        ("soon", None),
        ("2031-13-01", None),
    ],
)
def test_days(text: str, day: date | None) -> None:
    assert day_number(text) == (day.toordinal() if day else None)


def ordinal(text: str) -> float:
    return float(date.fromisoformat(text).toordinal())


def test_what_lies_far_from_all_else_is_left_to_the_table() -> None:
    months = [ordinal("2023-01-01") + 30 * number for number in range(20)]
    far = [ordinal("1939-01-01")] * 2
    assert window([*far, *months]) == (months[0], months[-1])
    assert window([*months, ordinal("2100-01-01")]) == (months[0], months[-1])
    assert window(far * 5 + months) == (far[0], months[-1])


def test_search_finds_names_and_escapes(server: str) -> None:
    page = get(server + "/search?q=varn")[2]
    assert '<a href="/person/ilse-varn">Ilse Varn</a>' in page
    assert "Flood hits Lindow" in get(server + "/search?q=flood+hits&kind=article")[2]
    page = get(server + "/search?q=%3Cscript%3Ealert")[2]
    assert "<script>alert" not in page
    assert get(server + "/search")[0] == 200


def test_answers_can_be_cited(server: str) -> None:
    page = get(server + "/queries/who-said-what?speaker=person/ilse-varn")[2]
    cited = page.partition('class="cite"')[2]
    snapshot = re.search(r"data snapshot <code>([^<]+)</code> of <time datetime=\"2031-05-05", cited)
    assert snapshot
    permalink = f"/queries/who-said-what?speaker=person%2Filse-varn&snapshot={snapshot[1]}"
    assert permalink in html.unescape(cited)
    assert get(server + permalink, "text/csv")[0] == 200
    other = permalink.replace(snapshot[1], "0-other")
    assert get(server + other, "text/csv")[0] == 404
    assert "snapshot 0-other, which is not served any more" in get(server + other)[2]


def test_forms_suggest(server: str) -> None:
    page = get(server + "/queries/who-said-what")[2]
    assert '<option value="person/ilse-varn">Ilse Varn</option>' in page.partition('<datalist id="l-speaker">')[2]
    assert '<option value="Meeting">' in get(server + "/queries/timeline")[2]


def test_conflicts_stand_side_by_side(server: str) -> None:
    pairs = get(server + "/queries/figures-in-conflict")[2].partition('class="pairs"')[2].partition("</ol>")[0]
    assert pairs.count('class="side"') == 2
    assert "hospital" in pairs
    assert "fire service" in pairs


def test_page_of_a_figure(server: str) -> None:
    status, headers, page = get(server + "/assertion/flood-1/figure-150")
    assert status == 200
    assert "/assertion/flood-1/figure-150.ttl" in headers["link"]
    assert "The fire service counted at least 12 dead" in page
    assert "Flood hits Lindow" in page
    assert "at least 12 and 15 exclude each other" in page  # the ground of the conflict
    beside = page.partition("Beside other accounts")[2].partition("</ol>")[0]
    assert beside.count('class="side"') == 2
    assert 'href="/assertion/flood-2/figure-37"' in beside
    assert "hospital" in beside
    series = page.partition("The series it belongs to")[2]
    assert series.count('class="dot') >= 2
    assert '<section id="why">' in page
    assert get(server + "/assertion/flood-1/figure-9")[0] == 404
    graph = rdflib.Graph().parse(data=get(server + "/assertion/flood-1/figure-150.ttl", "*/*")[2], format="turtle")
    assert (rdflib.URIRef(BASE + "article/flood-1#figure-150"), rdflib.RDF.type, None) in graph


def test_pages_of_statements_and_positions(server: str) -> None:
    page = get(server + "/assertion/flood-2/statement-56")[2]
    assert "We will rebuild the bridge," in page
    assert "Relayed by" in page
    assert '<a href="/person/ilse-varn">Ilse Varn</a>' in page
    assert "Mayor" in get(server + "/assertion/flood-1/position-16")[2]


def test_only_words_that_are_quoted_stand_in_quotation_marks(server: str) -> None:
    page = get(server + "/article/flood-1")[2]
    assert "<q>We will rebuild the bridge,</q>" in page
    assert "reported speech" not in page


def test_every_assertion_leads_to_its_reasons(server: str) -> None:
    page = get(server + "/article/flood-1")[2]
    assertions = re.findall(r'<li id="[^"]*" class="assertion.*?</li>', page, re.DOTALL)
    assert len(assertions) == 3
    assert all(re.search(r'<a href="/assertion/flood-1/[a-z]+-\d+#why" aria-label="Why', item) for item in assertions)


def test_accounts_of_an_event_are_compared(server: str) -> None:
    page = get(server + "/event/meeting")[2]
    assert "<dt>Presented as</dt>" in page
    assert "has begin time stamp" not in page
    assert "not in all accounts" not in page  # both say the same
    assert '<section id="why">' in page


def test_page_furniture_is_greyed(server: str) -> None:
    page = get(server + "/article/flood-2")[2]
    assert re.search(r'class="on-furniture" title="not news text">Harbour Times<', page)
    assert plain(text_of(page)) == TEXTS["flood-2"]


def test_saved_queries_as_turtle(server: str) -> None:
    status, headers, body = get(server + "/queries/figures-in-conflict.ttl", "*/*")
    assert status == 200
    assert headers["content-type"].startswith("text/turtle")
    graph = rdflib.Graph().parse(data=body, format="turtle")
    for name in ("article/flood-1#figure-150", "article/flood-2#figure-37"):
        assert (rdflib.URIRef(BASE + name), rdflib.RDF.type, None) in graph
    assert "Turtle</a>" in get(server + "/queries/figures-in-conflict")[2]


def test_the_plain_form_draws(server: str) -> None:
    query = get(server + "/queries/figures-by-source.rq", "*/*")[2]
    asked = {"query": query, "format": "html", "view": "chart", "x": "date", "y": "number", "series": "source"}
    page = get(server + "/sparql?" + urllib.parse.urlencode(asked))[2]
    assert page.count('class="dot') >= 2
    assert "<option selected>chart</option>" in page
    edit = re.search(r'href="(/sparql\?[^"]*)">Edit this', get(server + "/queries/figures-by-source")[2])
    assert edit
    assert "view=chart" in edit[1]


def test_no_page_has_code_of_its_own(server: str) -> None:
    for path in ("/", "/article/flood-1", "/queries/events-map", "/sparql", "/assertion/flood-1/figure-150"):
        _, headers, page = get(server + path)
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert not re.search(r"<script(?![^>]*\bsrc=)|\bon[a-z]+=|javascript:|\bstyle=", page), path
