"""The main paths of a reader, walked in a real headless Chromium. Skipped where none is installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser, browsing, missing
from sample import make_store

from server import ROOT, running

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "browser found")
EDITOR = ROOT / "kg" / "web" / "static" / "vendor" / "yasgui.min.js"


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


@pytest.mark.skipif(not EDITOR.exists(), reason="no query editor: run ./run assets")
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
    assert "who" in browser.address.lower() or "query=" in browser.address
    assert browser.errors() == []


def test_form_without_the_editor(browser: Browser, server: str) -> None:
    browser.open(server + "/sparql")
    browser.run("const f = document.getElementById('query-form'); f.hidden = false; f.query.value = 'ASK {}'")
    browser.click("#query-form button")
    browser.find("#answer, #yasgui", "")
    assert "query=ASK" in browser.address


@pytest.mark.parametrize("path", ["/", "/article/flood-1", "/queries/figures-by-source", "/queries/who-met-whom"])
def test_pages_fit_a_phone(browser: Browser, server: str, path: str) -> None:
    browser.phone(390, 844)
    browser.open(server + path)
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
    assert browser.run("return document.querySelectorAll('main, nav[aria-label], footer').length") == 3
    unlabelled = "return [...document.querySelectorAll('main input, main select')].filter(i => !i.labels.length).length"
    assert browser.run(unlabelled) == 0
    browser.phone(0, 0)
