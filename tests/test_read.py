"""Reading: every format, every refusal, ids that do not depend on order or machine."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import sys
from pathlib import Path

import pytest

from kg.read import read
from kg.read.ids import from_path, from_url
from kg.records import Article, Refusal

STORY = (
    "The council met on Monday to discuss the bridge. It was agreed that the work will begin in the spring.\r\n\r\n"
    "No cost was named."
)
PAGE = """<!DOCTYPE html><html lang="en"><head><title>Bridge to be repaired | River Courier</title>
<meta property="og:site_name" content="River Courier"><meta property="og:title" content="Bridge to be repaired">
<meta property="article:published_time" content="2021-03-04T08:00:00Z"></head>
<body><nav><a href="/">Home</a></nav><article>
<h1>Bridge to be repaired</h1><p>The council of the small town agreed on Monday that the old bridge over the river
is to be repaired before the summer begins, a spokeswoman said after the meeting.</p>
<p>The work will take eleven weeks. Ferries will carry
people across the river while the bridge is closed, and the fare will be paid by the council.</p>
</article></body></html>"""
RSS = """<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"
xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>River Courier</title><link>https://courier.example/</link><language>en-gb</language>
<item><title>Ferry &amp; fare</title><link>https://courier.example/ferry</link><guid isPermaLink="false">item 7</guid>
<pubDate>Tue, 09 Mar 2021 10:00:00 GMT</pubDate><description>Short.</description>
<content:encoded><![CDATA[<p>The ferry carried 40 people.</p><p>The fare was <b>free</b>.</p>]]></content:encoded>
</item>
<item><title>Only a title here</title></item>
<item><link>https://courier.example/empty</link></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>Hill Times</title>
<entry><title>Mast falls</title>
<id>https://hill.example/1</id><link rel="alternate" href="https://hill.example/mast"/>
<published>2020-01-02T03:04:05Z</published>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>A mast fell in the storm.</p><p>No one was hurt.</p>
</div></content>
</entry></feed>"""
SITEMAP = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://hill.example/2020/mast</loc><n:news>
<n:publication><n:name>Hill Times</n:name><n:language>en</n:language>
</n:publication><n:publication_date>2020-01-02</n:publication_date>
<n:title>Mast falls in storm</n:title></n:news></url></urlset>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Old Wire</title></channel><item><title>Note</title>
<link>https://old.example/n</link><description>A note on a vote.</description>
<dc:date>2004-05-06</dc:date></item></rdf:RDF>"""


def warc() -> bytes:
    def record(kind: str, uri: str, http: bytes) -> bytes:
        head = (
            f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {uri}\r\nWARC-Date: 2021-03-05T00:00:00Z\r\n"
            f"WARC-Record-ID: <urn:uuid:{hashlib.md5(uri.encode()).hexdigest()}>\r\n"
            f"Content-Type: application/http; msgtype={kind}\r\nContent-Length: {len(http)}\r\n\r\n"
        )
        return head.encode() + http + b"\r\n\r\n"

    def answer(status: str, kind: str, body: bytes) -> bytes:
        return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body

    page = PAGE.encode()
    return b"".join(
        (
            record("request", "https://courier.example/bridge", b"GET / HTTP/1.1\r\n\r\n"),
            record("response", "https://courier.example/bridge", answer("200 OK", "text/html; charset=utf-8", page)),
            record("response", "https://courier.example/logo.png", answer("200 OK", "image/png", b"\x89PNG")),
            record("response", "https://courier.example/gone", answer("404 Not Found", "text/html", page)),
            record(
                "response", "https://courier.example/bare", answer("200 OK", "text/html", b"<html><body></body></html>")
            ),
        )
    )


def articles(*sources: object) -> list[Article]:
    return [found for found in read(map(str, sources)) if isinstance(found, Article)]


def refusals(*sources: object) -> list[Refusal]:
    return [found for found in read(map(str, sources)) if isinstance(found, Refusal)]


def refusal(*sources: object) -> Refusal:
    (found,) = list(read(map(str, sources)))
    assert isinstance(found, Refusal)
    return found


def write(path: Path, data: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


# Formats


def test_plain_text_is_kept_as_it_is(tmp_path: Path) -> None:
    (article,) = articles(write(tmp_path / "bridge.txt", STORY))
    assert (article.id, article.source, article.text, article.lang) == ("bridge", "bridge.txt", STORY, "en")
    assert article.sha256 == hashlib.sha256(STORY.encode()).hexdigest()


def test_page(tmp_path: Path) -> None:
    (article,) = articles(write(tmp_path / "bridge.html", PAGE))
    assert "The council of the small town" in article.text
    assert "eleven weeks" in article.text
    assert "Home" not in article.text
    assert (article.title, article.date, article.publisher) == ("Bridge to be repaired", "2021-03-04", "River Courier")


def test_json_lines(tmp_path: Path) -> None:
    lines = [
        {
            "id": "a/1",
            "text": STORY,
            "title": "Bridge",
            "date": "4 March 2021",
            "publisher": "P",
            "lang": "en-GB",
            "url": "https://x.example/b",
        },
        {"url": "https://www.x.example/2021/bridge.html?page=2", "html": PAGE, "date": "2020-01-01"},
        {"text": "Nothing but this."},
        {"id": 17, "text": STORY},
    ]
    first, second, third, fourth = articles(
        write(tmp_path / "all.jsonl", "\ufeff" + "\n\n".join(map(json.dumps, lines)))
    )
    assert (first.id, first.text, first.title, first.date, first.publisher) == (
        "a/1",
        STORY,
        "Bridge",
        "4 March 2021",
        "P",
    )
    assert (first.source, first.lang) == ("all.jsonl", "en")
    assert second.id.startswith("x.example--2021--bridge-")
    assert second.date == "2020-01-01"
    assert second.publisher == "River Courier"
    assert third.id == "all-" + hashlib.sha256(b"Nothing but this.").hexdigest()[:12]
    assert fourth.id == "17"


def test_rss(tmp_path: Path) -> None:
    full, titled = articles(write(tmp_path / "feed.xml", RSS))
    assert full.text == "The ferry carried 40 people.\n\nThe fare was free."
    assert (full.title, full.url, full.publisher) == ("Ferry & fare", "https://courier.example/ferry", "River Courier")
    assert full.date == "Tue, 09 Mar 2021 10:00:00 GMT"
    assert full.id.startswith("courier.example--ferry-")
    assert titled.text == titled.title == "Only a title here"
    assert refusal_reasons(tmp_path / "feed.xml") == {
        "feed.xml, entry 3": "has neither text nor title: nothing to read"
    }


def refusal_reasons(path: Path) -> dict[str, str]:
    return {found.source: found.reason for found in refusals(path)}


def test_atom_sitemap_and_rdf(tmp_path: Path) -> None:
    (entry,) = articles(write(tmp_path / "atom.xml", ATOM))
    assert entry.text == "A mast fell in the storm.\n\nNo one was hurt."
    assert entry.publisher == "Hill Times"
    assert entry.url == "https://hill.example/mast"
    assert entry.date == "2020-01-02T03:04:05Z"
    (url,) = articles(write(tmp_path / "news.xml", SITEMAP))
    assert (url.text, url.date, url.publisher) == ("Mast falls in storm", "2020-01-02", "Hill Times")
    (item,) = articles(write(tmp_path / "rdf.xml", RDF))
    assert (item.text, item.date, item.publisher) == ("A note on a vote.", "2004-05-06", "Old Wire")


def test_warc_gives_pages_only(tmp_path: Path) -> None:
    found = list(read([str(write(tmp_path / "crawl.warc", warc()))]))
    (article,) = (one for one in found if isinstance(one, Article))
    assert article.url == "https://courier.example/bridge"
    assert article.id == from_url(article.url)
    assert article.title == "Bridge to be repaired"
    (refused,) = (one for one in found if isinstance(one, Refusal))
    assert refused.source == "crawl.warc, https://courier.example/bare"
    assert "no article text" in refused.reason


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", STORY.encode()),
        ("a.md", STORY.encode()),
        ("a.html", PAGE.encode()),
        ("a.jsonl", json.dumps({"id": "a", "text": STORY}).encode()),
        ("a.xml", ATOM.encode()),
        ("a.warc", warc()),
    ],
)
def test_each_format_also_packed(tmp_path: Path, name: str, data: bytes) -> None:
    plain = articles(write(tmp_path / "plain" / name, data))
    packed = articles(write(tmp_path / "packed" / f"{name}.gz", gzip.compress(data)))
    assert [(a.id, a.text, a.sha256) for a in packed] == [(a.id, a.text, a.sha256) for a in plain] != []


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (STORY.encode(), STORY),
        (PAGE.encode(), None),
        (json.dumps({"text": STORY}).encode(), STORY),
        (gzip.compress(STORY.encode()), STORY),
    ],
)
def test_standard_input(monkeypatch: pytest.MonkeyPatch, data: bytes, text: str | None) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    (article,) = articles("-")
    assert article.source == "-"
    assert article.id.startswith("stdin")
    assert article.text == text if text else "eleven weeks" in article.text


# Encodings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_encodings(tmp_path: Path, encoding: str) -> None:
    text = "The café’s owner said “no” — twice. It was in the news.\r\n"
    (article,) = articles(write(tmp_path / "a.txt", text.encode(encoding)))
    assert article.text == text


def test_windows_1252_and_declared_charset(tmp_path: Path) -> None:
    text = "The café’s owner said “no” in the evening."
    (article,) = articles(write(tmp_path / "a.txt", text.encode("cp1252")))
    assert article.text == text
    page = PAGE.replace('<html lang="en"><head>', '<html><head><meta charset="iso-8859-2">').replace(
        "small town", "town of Łódź"
    )
    (article,) = articles(write(tmp_path / "a.html", page.encode("iso-8859-2")))
    assert "town of Łódź" in article.text


def test_a_page_declared_as_latin_1_is_windows_1252_as_browsers_read_it(tmp_path: Path) -> None:
    page = PAGE.replace("<head>", '<head><meta charset="iso-8859-1">').replace("small town", "café’s “small” town")
    (article,) = articles(write(tmp_path / "a.html", page.encode("cp1252")))
    assert "café’s “small” town" in article.text


def test_text_decoded_wrongly_is_put_right_in_pages_and_feeds_alone(tmp_path: Path) -> None:
    right, wrong = "the café’s owner", "the café’s owner".encode().decode("cp1252")
    page = PAGE.replace("the old bridge", wrong).replace("a spokeswoman said", "“PELÉ’S” – a spokeswoman said")
    (article,) = articles(write(tmp_path / "a.html", page))
    assert right in article.text
    assert "“PELÉ’S” – a spokeswoman" in article.text
    feed = RSS.replace("The ferry", wrong).replace("Ferry &amp;", f"{wrong} &amp;")
    article = articles(write(tmp_path / "a.xml", feed))[0]
    assert right in article.text
    assert article.title == f"{right} & fare"
    (article,) = articles(write(tmp_path / "a.txt", wrong))  # what others know the offsets of stays as it is
    assert article.text == wrong
    (article,) = articles(write(tmp_path / "a.jsonl", json.dumps({"text": wrong})))
    assert article.text == wrong


# Refusals


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.txt", b"", "is empty"),
        ("a.txt", b" \n\t\n", "is empty"),
        ("a.html", b"", "is empty"),
        ("a.jsonl", b"", "is empty"),
        ("a.jsonl", b" \n\n", "is empty"),
        ("a.xml", b"", "is empty"),
        ("a.txt", bytes(range(256)) * 20, "binary"),
        ("a.txt", b"%PDF-1.4 text", "binary"),
        ("a.txt", b"PK\x03\x04abc", "binary"),
        ("a.txt", "Ünlü söz: çok güzel ığşö".encode() + b"\xff", "damaged at byte"),
        ("a.html", b"<html><body><div></div></body></html>", "no article text"),
        ("a.txt.gz", b"no gzip at all, only words", None),
        ("a.txt.gz", gzip.compress(STORY.encode() * 50)[:-30], "damaged or no gzip"),
        ("a.warc", b"nothing of the kind", "WARC"),
        ("a.xml", b"<rss><channel>", "not well-formed"),
        ("a.xml", b"<note>hello</note>", "root is <note>"),
        ("a.xml", b"<rss><channel><title>t</title></channel></rss>", "without entries"),
        ("a.xml", b"<sitemapindex/>", "index of sitemaps"),
        ("a.xml", b"\x89PNG\r\n\x1a\n", "binary"),
        ("a.pdf", b"%PDF-1.4", "unknown format (.pdf)"),
        ("README", b"words", "unknown format (no extension)"),
    ],
)
def test_refused_file(tmp_path: Path, name: str, data: bytes, reason: str | None) -> None:
    path = write(tmp_path / name, data)
    if reason is None:  # words under a wrong name are read all the same
        assert articles(path)[0].text == data.decode()
        return
    found = refusal(path)
    assert reason in found.reason
    assert name in str(found)
    assert ":" in found.reason


def test_entities_and_doctypes_are_never_expanded(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret", "do not read me")
    for dtd in (
        f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}">]>',
        '<!DOCTYPE rss [<!ENTITY x "aaaa">]>',
        '<!DOCTYPE rss SYSTEM "a.dtd">',
    ):
        data = (
            f"{dtd}<rss><channel><item><title>&x;</title></item></channel></rss>" if "ENTITY" in dtd else f"{dtd}<rss/>"
        )
        assert "DOCTYPE" in refusal(write(tmp_path / "a.xml", data)).reason


def test_missing_and_remote(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "nowhere.txt").reason
    assert "does not exist" in refusal(tmp_path / "*.txt").reason
    (tmp_path / "folder").mkdir()
    write(tmp_path / "folder" / "README.md", STORY)
    assert "holds no articles" in refusal(tmp_path / "folder").reason
    assert "nothing is fetched" in refusal("https://courier.example/bridge").reason


def test_unreadable_file_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "nowhere")
    write(tmp_path / "b.txt", STORY)
    found = list(read([str(tmp_path)]))
    assert [type(one) for one in found] == [Refusal, Article]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{not json", "is not JSON"),
        (b"[1, 2]", "not an object"),
        (b'{"title": "t"}', "neither text nor html"),
        (b'{"text": ""}', "neither text nor html"),
        (b'{"text": 5}', "neither text nor html"),
        (b'{"text": "a\\u0000b"}', "NUL"),
        (b'{"text": "a\\ud800b"}', "surrogate"),
        (b'{"text": "caf\xe9"}', "not UTF-8 at byte"),
        (b'{"id": "..", "text": "a"}', "cannot be part"),
        (b'{"id": [1], "text": "a"}', "neither a string"),
        (b'{"id": "b", "text": "a", "date": ["x"]}', "date that is not a string"),
        (b'{"id": "first", "text": "again"}', "'first'"),
        (b'{"html": "<p></p>"}', "no article text"),
    ],
)
def test_bad_line_is_refused_and_the_others_go_on(tmp_path: Path, line: bytes, reason: str) -> None:
    good = [json.dumps({"id": id, "text": STORY}).encode() for id in ("first", "last")]
    path = write(tmp_path / "a.jsonl", b"\n".join((good[0], line, good[1])))
    assert [article.id for article in articles(path)] == ["first", "last"]
    (found,) = refusals(path)
    assert reason in found.reason
    assert found.source in {"a.jsonl, line 2", "a.jsonl"}


# Files, folders, ids


def test_folder_is_read_recursively_without_hidden_and_other_files(tmp_path: Path) -> None:
    for name in (
        "b.txt",
        "a/x.txt",
        "a/.hidden.txt",
        ".git/y.txt",
        "README.md",
        "LICENSE.txt",
        "photo.jpg",
        "table.csv",
        "deep/er/z.md",
    ):
        write(tmp_path / name, STORY)
    write(tmp_path / "scan.pdf", b"%PDF-")
    assert [(article.id, article.source) for article in articles(tmp_path)] == [
        ("a--x", "a/x.txt"),
        ("b", "b.txt"),
        ("deep--er--z", "deep/er/z.md"),
    ]
    assert [found.source for found in refusals(tmp_path)] == ["scan.pdf"]


def test_order_of_sources_changes_nothing(tmp_path: Path) -> None:
    for name in ("n/b.txt", "n/a/x.txt", "m/b.txt", "m/c.html"):
        write(tmp_path / name, PAGE if name.endswith("html") else STORY)
    sources = [tmp_path / "n", tmp_path / "m", tmp_path / "n" / "*.txt", tmp_path / "nowhere"]
    assert list(read(map(str, sources))) == list(read(map(str, reversed(sources))))


def test_a_file_reached_twice_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path / "n" / "a" / "x.txt", STORY)
    (tmp_path / "n" / "link.txt").symlink_to(path)
    (article,) = articles(path, tmp_path / "n", tmp_path / "n" / "*" / "*.txt", tmp_path / "n" / "a")
    assert (article.id, article.source) == ("a--x", "a/x.txt")


def test_files_that_would_share_an_id_get_a_hash_each(tmp_path: Path) -> None:
    for name in ("a/x.txt", "a--x.txt", "b.txt", "b.txt.gz"):
        write(tmp_path / name, STORY)
    ids = {article.source: article.id for article in articles(tmp_path)}
    assert ids == {source: f"{stem}-{hashlib.sha256(source.encode()).hexdigest()[:8]}" for source, stem in (
        ("a/x.txt", "a--x"), ("a--x.txt", "a--x"), ("b.txt", "b"), ("b.txt.gz", "b")
    )}  # fmt: skip


def test_equal_paths_in_two_folders_are_told_apart_by_the_folder(tmp_path: Path) -> None:
    write(tmp_path / "one" / "x.txt", STORY)
    write(tmp_path / "two" / "x.txt", STORY + " More.")
    found = articles(tmp_path / "one", tmp_path / "two")
    assert {article.source for article in found} == {"one/x.txt", "two/x.txt"}
    assert len({article.id for article in found}) == 2
    assert all(article.id.startswith("x-") for article in found)


def test_a_line_never_takes_the_id_of_a_file(tmp_path: Path) -> None:
    write(tmp_path / "z.txt", STORY)
    write(tmp_path / "a.jsonl", json.dumps({"id": "z", "text": "Another story."}))
    assert [article.text for article in articles(tmp_path)] == [STORY]
    assert "'z'" in refusals(tmp_path)[0].reason


def test_ids_are_one_readable_path_segment() -> None:
    assert from_path("2024/03/a b") == "2024--03--a b"
    assert from_path("..") == "_.."
    one, two = from_url("https://www.x.example/a/story.html"), from_url("https://www.x.example/a/story.html?page=2")
    assert one.startswith("x.example--a--story-")
    assert two.startswith("x.example--a--story-")
    assert one != two
    assert "/" not in from_url("https://x.example/ü/%2F/..")
