"""Inputs that mean harm or are broken, made from a seed; and small good ones of every format, to be damaged."""

from __future__ import annotations

import gzip
import io
import json
import random
import zlib
from collections.abc import Callable, Iterator

GOOD = (
    "LINDOW, May 3, 2031 (Example Wire) -- At least 12 people were killed in a flood in Lindow on Friday, the fire "
    "service said. “We will rebuild the bridge,” Mayor Ilse Varn told reporters after meeting Governor Tam Oru."
)
PAGE = f"""<!DOCTYPE html><html lang="en"><head><title>Flood in Lindow</title><meta charset="utf-8">
<meta property="article:published_time" content="2031-05-03"></head><body><nav>Home</nav><article><h1>Flood in Lindow</h1>
<p>{GOOD}</p><p>{GOOD}</p></article></body></html>"""
FEED = f"""<?xml version="1.0"?><rss version="2.0"><channel><title>Wire</title><item><title>Flood</title>
<link>http://example.org/feed/flood</link><pubDate>Fri, 03 May 2031 10:00:00 GMT</pubDate><description>{GOOD}</description>
</item></channel></rss>"""
LINE = json.dumps({"id": "one", "title": "Flood", "date": "2031-05-03", "text": GOOD, "url": "http://example.org/a"})


def warc(body: bytes, length: int | None = None, http_length: int | None = None) -> bytes:
    """One response in a web archive; the lengths may lie."""
    said = len(body) if http_length is None else http_length
    http = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {said}\r\n\r\n"
    block = http.encode() + body
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://example.org/flood\r\n"
        "WARC-Date: 2031-05-03T10:00:00Z\r\nWARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000001>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(block) if length is None else length}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


SAMPLES: dict[str, bytes] = {
    ".txt": GOOD.encode(),
    ".html": PAGE.encode(),
    ".jsonl": LINE.encode(),
    ".xml": FEED.encode(),
    ".warc": warc(PAGE.encode()),
    ".txt.gz": gzip.compress(GOOD.encode(), mtime=0),
    ".jsonl.gz": gzip.compress(LINE.encode(), mtime=0),
}


def bomb(size: int = 1 << 30) -> bytes:
    """Zeros, packed: a megabyte that unpacks to a gigabyte."""
    output, packer, piece = io.BytesIO(), zlib.compressobj(9, wbits=31), b"\0" * (1 << 20)
    for _ in range(size >> 20):
        output.write(packer.compress(piece))
    output.write(packer.flush())
    return output.getvalue()


def _noise(draw: random.Random) -> bytes:
    return draw.randbytes(draw.randint(40, 2000))


def _no_text(draw: random.Random) -> bytes:
    return b" \n\t" * draw.randint(0, 50)


def _binary(draw: random.Random) -> bytes:
    return draw.choice((b"%PDF-1.7\n", b"PK\x03\x04", b"\x89PNG\r\n", b"\x7fELF", b"\xff\xd8\xff")) + _noise(draw)


def _damaged(draw: random.Random) -> bytes:
    text = ("Der Bürgermeister von Köln sprach über die Brücke. " * 30).encode()
    at = draw.randrange(len(text))
    return text[:at] + b"\xff\xfe\x80" + text[at:]


def _null(draw: random.Random) -> bytes:
    data = bytearray(GOOD.encode())
    data.insert(draw.randrange(len(data)), 0)
    return bytes(data)


def _foreign(draw: random.Random) -> bytes:
    words = "der die das und ist nicht mit auf für eine sich dem den von zu es an werden aus er hat dass sie nach wird"
    return " ".join(draw.choice(words.split()) for _ in range(120)).encode()


def _cut_gzip(draw: random.Random) -> bytes:
    data = gzip.compress(GOOD.encode() * 5, mtime=0)
    return data[: draw.randrange(12, len(data) - 9)]


def _no_json(draw: random.Random) -> bytes:
    return draw.choice((
        LINE[: draw.randrange(1, len(LINE) - 1)],
        "[1, 2]",
        "{" * 5000,
        "[" * 100_000,
        json.dumps({"text": ["a"]}),
        json.dumps({"id": "x"}),
        json.dumps({"id": {"a": 1}, "text": GOOD}),
        '{"text": "half \\ud800 a pair"}',
        '{"text": "a nul \\u0000 character"}',
        "NaN",
        "1e999",
        '"text"',
    )).encode()  # fmt: skip


def _no_xml(draw: random.Random) -> bytes:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    return draw.choice((
        FEED[: draw.randrange(30, len(FEED) - 10)],
        f'<!DOCTYPE rss [<!ENTITY e0 "lol">{entities}]><rss><channel><item><title>&e9;</title></item></channel></rss>',
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><item><title>&x;</title></item></channel></rss>',
        '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd"><rss><channel><item><title>a</title></item></channel></rss>',
        "<html><body>no feed</body></html>",
        "<rss><channel></channel></rss>",
        "<a>" * 3000,
    )).encode()  # fmt: skip


def _no_warc(draw: random.Random) -> bytes:
    whole = warc(PAGE.encode())
    return draw.choice((
        _noise(draw),
        whole[: draw.randrange(1, 60)],
        warc(PAGE.encode(), length=10**12),
        warc(b"", length=-5),
        warc(b"<html></html>"),
    ))  # fmt: skip


def _empty_page(draw: random.Random) -> bytes:
    return draw.choice((
        b"<html></html>",
        b"<div>" * draw.randint(1, 3000),
        b"<html><body><script>alert(1)</script></body></html>",
        b"<!--" + b"-" * draw.randint(1, 500),
        b"<" * draw.randint(1, 500),
    ))  # fmt: skip


BAD: tuple[tuple[str, Callable[[random.Random], bytes]], ...] = (
    (".txt", _no_text),
    (".txt", _binary),
    (".txt", _damaged),
    (".txt", _null),
    (".txt", _foreign),
    (".txt.gz", _cut_gzip),
    (".jsonl", _no_json),
    (".jsonl.gz", _cut_gzip),
    (".xml", _no_xml),
    (".warc", _no_warc),
    (".html", _empty_page),
    (".docx", _binary),
)


def bad_inputs(number: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Names and contents of files in none of which there is an article."""
    draw = random.Random(seed)
    for count in range(number):
        suffix, make = BAD[count % len(BAD)]
        yield f"bad-{count:05}{suffix}", make(draw)
