"""The main paths of a reader, walked in a real headless Chromium. Skipped where none is installed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser, browsing, missing
from sample import make_store

from server import ROOT, running
from tests.identity_records import article, put

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "browser found")
VENDOR = ROOT / "kg" / "web" / "static" / "vendor"
ASSETS = ("yasgui.min.js", "vega.min.js", "leaflet.js", "land-50m.json")
needs_assets = pytest.mark.skipif(
    not all((VENDOR / name).exists() for name in ASSETS),
    reason="no assets of npm in kg/web/static/vendor: ./run assets",
)
TOKEN = "a token of the tests"


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(make_store(tmp_path_factory.mktemp("browser") / "store")) as address:
        yield address


@pytest.fixture(scope="module")
def browser(downloads: Path) -> Iterator[Browser]:
    with browsing(downloads) as found:
        yield found


def test_search_to_person_to_statement_to_sentence(browser: Browser, server: str) -> None:
    browser.open(server + "/")
    browser.type("main input[type=search]", "Varn")
    browser.click("main form.search button")
    browser.click(".hits a", "Ilse Varn")
    assert browser.text("h1") == "Ilse Varn"
    browser.click(".assertion.statement blockquote a")
    assert "#char=" in browser.address
    sentence = browser.run("return [...document.querySelectorAll('mark.marked')].map(m => m.textContent).join('')")
    assert sentence.startswith("“We will rebuild the bridge,”")
    assert browser.run("const r = document.querySelector('mark').getBoundingClientRect(); return r.top < innerHeight")
    assert browser.errors() == []


def test_saved_query_parameter_and_download(browser: Browser, server: str, downloads: Path) -> None:
    browser.open(server + "/queries/figures-by-source")
    assert "2 rows" in browser.text(".count")
    suggested = browser.run("return [...document.querySelectorAll('#l-place option')].map(o => o.value)")
    assert "place/lindow" in suggested
    browser.run("document.getElementById('p-to').value = '2031-05-03'")
    browser.click("form.parameters button")
    browser.wait(lambda: "to=2031-05-03" in browser.address, "the parameter in the address")
    assert "1 row" in browser.text(".count")
    assert browser.run("return document.querySelectorAll('.drawing a .dot').length") == 1
    assert "snapshot=" in browser.text(".cite a")
    address = browser.run("return [...document.querySelectorAll('.formats a')].find(a => a.text === 'CSV').href")
    body = browser.run(
        f"const r = new XMLHttpRequest(); r.open('GET', '{address}', false); r.send(); return r.response"
    )
    lines = body.strip().splitlines()
    assert lines[0].startswith("date,number,words")
    assert len(lines) == 2
    assert browser.errors() == []


@needs_assets
def test_editor(browser: Browser, server: str) -> None:
    browser.open(server + "/sparql?format=html&query=SELECT+*+{+%3Fs+a+<https://schema.org/Person>+}+ORDER+BY+%3Fs")
    browser.find("#yasgui .yasr td", "person/ilse-varn")
    assert not browser.run("return document.getElementById('query-form').checkVisibility()")
    browser.click("#yasgui .yasr td a")
    browser.wait(lambda: browser.address == server + "/person/ilse-varn", "the person's page on this server")
    browser.open(server + "/sparql")
    browser.click("#examples a", "Who said what")
    browser.click("#yasgui .tabPanel.active .yasqe_queryButton")
    browser.find("#yasgui .tabPanel.active .yasr td", "Ilse Varn")
    # A sentence stands there whole, a value without its datatype.
    whole = "return getComputedStyle(document.querySelector('#yasgui .tabPanel.active .yasr table')).tableLayout"
    assert browser.run(whole) == "auto"
    assert "xsd:" not in browser.text("#yasgui .tabPanel.active .yasr table")
    assert "who" in browser.address.lower() or "query=" in browser.address
    assert browser.errors() == []


@needs_assets
@pytest.mark.parametrize(
    ("name", "view", "drawn"),
    [
        ("figures-by-source", "chart", ".view-chart svg .mark-symbol path"),
        ("timeline", "timeline", ".view-timeline svg .mark-symbol path"),
        ("who-met-whom", "graph", ".view-graph svg .mark-text text"),
        ("places", "map", ".view-map .leaflet-interactive"),
    ],
)
def test_results_as_pictures(browser: Browser, server: str, name: str, view: str, drawn: str) -> None:
    browser.open(f"{server}/queries/{name}")
    browser.click(".formats a", "Edit this query")
    browser.wait(lambda: f"view={view}" in browser.address, "the view in the address")
    browser.find("#yasgui .yasr_results " + drawn)
    number = f"return document.querySelectorAll('#yasgui .yasr_results {drawn}').length"
    assert browser.run(number) >= 1
    browser.click("#yasgui .yasr_btn.select_table")
    browser.find("#yasgui .yasr td")
    assert "view=" not in browser.address
    browser.click(f"#yasgui .yasr_btn.select_{view}")
    browser.find("#yasgui .yasr_results " + drawn)
    assert browser.errors() == []


@needs_assets
def test_points_of_a_chart_lead_to_their_sentences(browser: Browser, server: str) -> None:
    browser.open(server + "/queries/figures-by-source")
    browser.click(".formats a", "Edit this query")
    browser.click("#yasgui .view-chart svg .mark-symbol path")
    browser.wait(lambda: "/article/flood-" in browser.address, "the article")
    assert "#char=" in browser.address
    assert browser.run("return document.querySelectorAll('mark.marked').length") >= 1


@needs_assets
def test_names_are_completed(browser: Browser, server: str) -> None:
    browser.open(server + "/sparql")
    browser.find("#yasgui .CodeMirror")
    editor = "document.querySelector('#yasgui .CodeMirror').CodeMirror"
    text = "PREFIX nkg: <https://w3id.org/newskg/ontology#>\\nSELECT * { ?s nkg:spea"
    browser.run(f"{editor}.setValue('{text}'); {editor}.setCursor(1, 100); {editor}.focus(); {editor}.autocomplete()")
    assert "nkg:speaker" in browser.text(".CodeMirror-hints")


@needs_assets
def test_map_to_move_and_zoom(browser: Browser, server: str) -> None:
    browser.open(server + "/place/lindow")
    assert browser.run("return document.querySelectorAll('figure[data-map] svg path.land').length") == 1
    browser.click("[data-zoom]")
    browser.find(".leaflet-container .leaflet-interactive")
    browser.click(".leaflet-interactive")
    assert "Lindow" in browser.text(".leaflet-popup-content")
    hosts = "return [...new Set(performance.getEntriesByType('resource').map(e => new URL(e.name).origin))]"
    assert browser.run(hosts) == [server]
    assert browser.errors() == []


def test_layers_and_the_page_of_a_figure(browser: Browser, server: str) -> None:
    browser.open(server + "/article/flood-2")
    shown = "return document.querySelector('.text .on-furniture').checkVisibility()"
    assert browser.run(shown)
    browser.click("#layers label", "page furniture")
    assert not browser.run(shown)
    browser.click(".assertion.figure a[aria-label^=Why]")
    assert "/assertion/flood-2/figure-37" in browser.address
    assert browser.run("return document.querySelectorAll('.drawing a .dot').length") == 2
    browser.click(".pairs a", "at least 12")
    assert "/assertion/flood-1/figure-150" in browser.address
    browser.click(".side blockquote a")
    assert browser.run("return document.querySelectorAll('mark.marked').length") >= 1
    assert browser.errors() == []


def kept(browser: Browser, words: str, page: str) -> None:
    """Looks at the desk until it says that a decision is kept."""
    end = time.monotonic() + 120
    while "Kept: " + words not in (said := browser.text("[role=status]")) and time.monotonic() < end:
        if (
            "Kept: " in said
        ):  # the page before: the key has not been answered yet, and another request would take its place
            time.sleep(0.1)
            continue
        assert "Being kept: " in said or "All is kept" in said
        time.sleep(0.5)
        browser.open(page)
    assert "Kept: " + words in said


def test_review_by_keys(browser: Browser, tmp_path: Path) -> None:
    company = ("place: Lindow", "organisation: Ferry Union", "person: Bob Sample")
    known = article("a", "2031-05-01", "person: Ann Example = Q1", *company)
    put(tmp_path / "s", known, article("b", "2031-05-03", "person: Example", *company))
    with running(tmp_path / "s", token=TOKEN) as server:
        browser.open(server + "/review?kind=merge")
        browser.type("#author", "Ann Reviewer")
        browser.type("#token", TOKEN)
        browser.click("main form.stacked button")
        assert "person/example-in-b" in browser.text("#doubt")
        assert "Example" in browser.text(".doubt mark")
        browser.type("#note", "a and r within a field decide nothing")
        assert "person/example-in-b" in browser.text("#doubt")
        browser.press("\ue00c")  # Escape leaves the field
        browser.press("r")
        page = server + "/review?kind=merge"
        kept(browser, "split person/ann-example b", page)
        browser.press("u")
        kept(browser, "undo", page)
        browser.find("#doubt", "person/example-in-b")
        browser.press("a")
        kept(browser, "merge person/ann-example person/example-in-b", page)
        browser.open(server + "/review/log")
        log = browser.text("main table")
        assert "Ann Reviewer" in log
        assert "undone" in log
        browser.click("main form.signed button")
        browser.find("#token")


def test_pages_are_readable_without_script(browser: Browser, server: str) -> None:
    browser.call("POST", browser.session + "/goog/cdp/execute", _scripts(off=True))
    try:
        browser.open(server + "/article/flood-1#char=88,125")
        assert "We will rebuild the bridge" in browser.text("#text")
        browser.open(server + "/sparql")
        browser.type("#query", "SELECT (1 AS ?one) {}")
        browser.click("#query-form button")
        assert "1 row" in browser.text("#answer")
        browser.open(server + "/queries/events-map")
        browser.find(".drawing svg a circle")
    finally:
        browser.call("POST", browser.session + "/goog/cdp/execute", _scripts(off=False))


def _scripts(*, off: bool) -> dict[str, object]:
    return {"cmd": "Emulation.setScriptExecutionDisabled", "params": {"value": off}}


def test_first_page_is_small(browser: Browser, server: str) -> None:
    browser.open(server + "/")
    entries = "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
    assert browser.run(f"return {entries}.reduce((sum, entry) => sum + entry.decodedBodySize, 0)") < 200_000


def test_everything_is_reached_by_keyboard(browser: Browser, server: str) -> None:
    browser.open(server + "/queries/figures-by-source")
    reached = []
    for _ in range(12):
        browser.press("\ue004")
        script = "const e = document.activeElement; return [e.tagName, e.id || e.textContent.trim().slice(0, 30)]"
        reached.append(tuple(browser.run(script)))
    assert reached[0] == ("A", "Skip to content")
    assert ("SELECT", "p-measure") in reached
    outline = "return getComputedStyle(document.activeElement).outlineStyle"
    assert browser.run(outline) == "solid"


def test_form_without_the_editor(browser: Browser, server: str) -> None:
    browser.open(server + "/sparql")
    browser.run("const f = document.getElementById('query-form'); f.hidden = false; f.query.value = 'ASK {}'")
    browser.click("#query-form button")
    browser.find("#answer, #yasgui", "")
    assert "query=ASK" in browser.address


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/article/flood-1",
        "/queries/figures-by-source",
        "/queries/who-met-whom",
        "/place/lindow",
        "/event/meeting",
        "/assertion/flood-1/figure-150",
        "/search?q=varn",
        "/sparql",
    ],
)
def test_pages_fit_a_phone(browser: Browser, server: str, path: str) -> None:
    browser.phone(390, 844)
    browser.open(server + path)
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
    assert browser.run("return document.querySelectorAll('main, nav[aria-label], footer').length") == 3
    controls = "[...document.querySelectorAll('main input, main select')]"
    unlabelled = f"return {controls}.filter(i => !i.labels.length && !i.ariaLabel).length"
    assert browser.run(unlabelled) == 0
    browser.phone(0, 0)
