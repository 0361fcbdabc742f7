"""Feeds: RSS 0.9x, 1.0 (RDF) and 2.0, Atom, and news sitemaps. One entry is one article; nothing is fetched.

Read without DTD, entities or network (OWASP XML External Entity Prevention): a feed with a DOCTYPE is refused.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from kg.errors import InputError
from kg.read import html, ids
from kg.read.decode import BINARY, EMPTY, MAGIC, repaired
from kg.read.language import detect
from kg.records import Article, Refusal

ENTRIES = {"rss": "item", "RDF": "item", "feed": "entry", "urlset": "url"}
# The first of these that an entry has is its text: full content before a summary.
TEXTS = ("encoded", "content", "description", "summary")
DATES = ("pubDate", "published", "publication_date", "date", "issued", "updated", "modified")
NO_DOCTYPE = "has a DOCTYPE, which could name files to read or entities to expand: remove that declaration"
NO_FEED = "is XML but no RSS, Atom or news sitemap (its root is <{}>): convert it to one of them, or to .html or .txt"


def articles(data: bytes, *, stem: str, source: str) -> Iterator[Article | Refusal]:
    """The article of each entry: its text, or its title where it has no more. `InputError` if this is no feed."""
    if not data.strip():
        raise InputError(EMPTY)
    if data.startswith(MAGIC):
        raise InputError(BINARY)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise InputError(f"is not well-formed XML ({error.msg}): correct it, or leave it out") from None
    info = root.getroottree().docinfo
    if info.doctype or info.internalDTD is not None:
        raise InputError(NO_DOCTYPE)
    kind = _name(root)
    if kind == "sitemapindex":
        raise InputError("is an index of sitemaps and has no articles: give the sitemaps it lists")
    if kind not in ENTRIES:
        raise InputError(NO_FEED.format(kind))
    channel = next((e for e in root if _name(e) == "channel"), root)
    publisher, lang = (
        _text(channel, "title"),
        _text(channel, "language") or root.get("{http://www.w3.org/XML/1998/namespace}lang"),
    )
    number = 0
    for number, entry in enumerate((e for e in root.iter() if _name(e) == ENTRIES[kind]), 1):
        try:
            yield _article(entry, stem, source, publisher, lang)
        except InputError as error:
            yield Refusal(source=f"{source}, entry {number}", reason=str(error))
    if not number:
        raise InputError("is a feed without entries: leave it out")


def _article(entry: etree._Element, stem: str, source: str, publisher: str | None, lang: str | None) -> Article:
    title = html.fragment(_text(entry, "title") or "") or None
    text = next((found for name in TEXTS if (found := _content(entry, name))), None) or title
    if not text:
        raise InputError("has neither text nor title: nothing to read")
    url, guid = _link(entry), _text(entry, "guid") or _text(entry, "id")
    if guid and guid.startswith(("http://", "https://")):
        id = ids.from_url(guid)
        url = url or guid
    elif url:
        id = ids.from_url(url)
    else:
        id = ids.slug(guid, guid) if guid else ids.from_text(stem, text)
    return Article(
        id=id, source=source, sha256=ids.digest(text), text=text, title=title, url=url,
        date=next((found for name in DATES if (found := _text(entry, name))), None),
        publisher=_text(entry, "publisher") or _text(entry, "name", within="publication") or publisher,
        lang=detect(text, _text(entry, "language") or lang),
    )  # fmt: skip


def _name(element: etree._Element) -> str:
    """The name without its namespace, which real feeds often get wrong; empty for comments."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _text(parent: etree._Element, name: str, within: str | None = None) -> str | None:
    """The text of the first descendant of that name (for a channel: of the first child)."""
    children = parent if _name(parent) in ("channel", "feed", "rss", "RDF") else parent.iter()
    for child in children:
        above = child.getparent()
        if _name(child) == name and (within is None or (above is not None and _name(above) == within)):
            # A sitemap names its publisher in <publication>, an Atom entry its people in <author>: not the entry's own.
            return repaired(" ".join("".join(child.itertext()).split())) or None
    return None


def _content(entry: etree._Element, name: str) -> str | None:
    for child in entry:
        if _name(child) != name:
            continue
        if len(child):  # Atom: type="xhtml"
            return repaired(html.text_of(child)) or None
        text = repaired(child.text or "")
        return (text.strip() if child.get("type") == "text" else html.fragment(text)) or None
    return None


def _link(entry: etree._Element) -> str | None:
    for child in entry:
        if _name(child) in ("link", "loc") and child.get("rel", "alternate") == "alternate":
            url = (child.get("href") or child.text or "").strip()
            if url.startswith(("http://", "https://")):
                return url
    return None
