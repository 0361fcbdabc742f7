"""Web pages: the main text, title, date, publisher and language of a page, by trafilatura and htmldate.

Barbaresi (2021), Trafilatura: A Web Scraping Library and Command-Line Tool for Text Discovery and Extraction, ACL demo.
"""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from typing import Any

from lxml import etree
from lxml import html as lxml_html

from kg.errors import InputError
from kg.read.decode import declared_charset, decode, repaired
from kg.read.ids import digest
from kg.read.language import detect
from kg.records import Article

# htmldate's own default is today, which would make what is read depend on the day of reading.
DATES = {"original_date": True, "extensive_search": True, "max_date": "2100-01-01"}
NO_TEXT = "has no article text that can be found: give the text itself as .txt or .jsonl, or leave the page out"
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption", "figure", "footer",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section", "table", "td",
    "th", "tr", "ul",
})  # fmt: skip
_NOT_TEXT = frozenset({
    "script", "style", "noscript", "template", "iframe", "svg", "video", "audio", "button", "form",
})  # fmt: skip
_LANG = re.compile(r"""<html[^>]*?\blang\s*=\s*["']?([A-Za-z]{2,3})\b""", re.IGNORECASE)

# The libraries warn of every odd page on standard error; what matters is in the refusal.
for _name in ("trafilatura", "htmldate"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


def article(data: bytes, *, id: str, source: str, url: str | None = None, charset: str | None = None) -> Article:
    """The article on a page; `charset` is what the HTTP header declared. `InputError` if there is none."""
    return from_markup(decode(data, charset or declared_charset(data)), id=id, source=source, url=url)


def from_markup(markup: str, *, id: str, source: str, url: str | None = None) -> Article:
    """The article on a page that is decoded already. `InputError` if no text is found."""
    import trafilatura  # here, because importing it takes 0.3 s, and only pages need it

    # A parser given a string refuses one that declares an encoding of its own.
    markup = repaired(re.sub(r"^\s*<\?xml[^>]*\?>", "", markup, count=1))
    try:
        # Measured on article-extraction-benchmark: favor_precision loses little news text for the furniture it avoids.
        page: Any = trafilatura.bare_extraction(
            markup,
            url=url,
            favor_precision=True,
            include_comments=False,
            with_metadata=True,
            date_extraction_params=dict(DATES),
        )
    except (etree.LxmlError, ValueError, AssertionError, RecursionError):
        page = None
    text = (page.text or "") if page else ""
    if not text.strip():
        text, page = _body(markup), page or _metadata(markup, url)
    if not text.strip():
        raise InputError(NO_TEXT)
    declared = _LANG.search(markup[:4096])
    found = Article(
        id=id,
        source=source,
        sha256=digest(text),
        text=text,
        url=url,
        lang=detect(text, declared[1] if declared else None),
    )
    if page is None:
        return found
    return replace(
        found,
        title=page.title or None,
        date=page.date or None,
        publisher=page.sitename or None,
        url=url or _http(page.url),
    )


def _metadata(markup: str, url: str | None) -> Any:
    """What a page states about itself, where no main text was found; None if it cannot be parsed."""
    try:
        import trafilatura

        return trafilatura.extract_metadata(markup, default_url=url, date_config=dict(DATES))
    except (etree.LxmlError, ValueError, AssertionError, RecursionError, AttributeError):
        return None


def fragment(markup: str) -> str:
    """The text of a piece of HTML, a blank line between its blocks: for entries too short to search for a main text."""
    if "<" not in markup and "&" not in markup:
        return markup.strip()
    try:
        tree = lxml_html.fragment_fromstring(markup, create_parent="div")
    except (etree.LxmlError, ValueError):
        return ""
    return text_of(tree)


def text_of(tree: etree._Element) -> str:
    """The text of an element's tree, a blank line between blocks."""
    pieces: list[str] = []
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        block = tag.rpartition("}")[2] in _BLOCKS
        if event == "start":
            if block:
                pieces.append("\n\n")
            if tag and not any(str(e.tag).rpartition("}")[2] in _NOT_TEXT for e in (element, *element.iterancestors())):
                pieces.append(re.sub(r"\s+", " ", element.text or ""))
        else:
            if block:
                pieces.append("\n\n")
            if element is not tree and not any(
                str(e.tag).rpartition("}")[2] in _NOT_TEXT for e in element.iterancestors()
            ):
                pieces.append(re.sub(r"\s+", " ", element.tail or ""))
    lines = (re.sub(r" +", " ", block).strip() for block in "".join(pieces).split("\n\n"))
    return "\n\n".join(line for line in lines if line)


def _body(markup: str) -> str:
    """All paragraphs of a page in which no main text was recognised."""
    try:
        tree = lxml_html.document_fromstring(markup)
    except (etree.LxmlError, ValueError):
        return ""
    paragraphs = (" ".join(p.text_content().split()) for p in tree.iter("p"))
    return "\n\n".join(p for p in paragraphs if p)


def _http(url: str | None) -> str | None:
    return url if url and url.startswith(("http://", "https://")) else None
