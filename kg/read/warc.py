"""Web archives (WARC 1.0 and 1.1, ISO 28500): the HTML pages that were answered with success."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from kg.errors import InputError
from kg.read import html, ids
from kg.records import Article, Refusal

HTML = ("text/html", "application/xhtml+xml")
# No article page comes near this.
MAX_PAGE = 64 * 1024 * 1024
TOO_LONG = f"is longer than {MAX_PAGE >> 20} MiB: leave it out, or give its text as .txt"
CUT = "it is cut off"


def articles(stream: IO[bytes], *, source: str) -> Iterator[Article | Refusal]:
    """The article of each HTML response; a page without article text is refused by its address, the others go on."""
    records = 0
    # Errors in the archive itself surface as one of these, by what is broken.
    try:
        for record in ArchiveIterator(stream, record_types=WarcRecordType.any_type, parse_http=False):
            if "Content-Length" not in record.headers:
                raise ValueError(CUT)
            records += 1
            if record.record_type != WarcRecordType.response:
                continue
            if record.content_length > MAX_PAGE:
                yield Refusal(source=f"{source}, {_url(record)}", reason=TOO_LONG)
                continue
            length = record.content_length
            record.freeze()
            if record.content_length < length:
                raise ValueError(CUT)
            record.parse_http(auto_decode="all")
            if _is_page(record):
                yield _article(record, source)
    except (OSError, EOFError, ValueError) as error:
        raise InputError(f"is damaged after record {records} ({error}): repair it or fetch it again") from None
    if not records:
        raise InputError("holds no WARC records: is it a web archive?")


def _is_page(record: WarcRecord) -> bool:
    headers = record.http_headers
    if headers is None or headers.status_code != 200:
        return False
    return (record.http_content_type or "").split(";")[0].strip().lower() in HTML


def _article(record: WarcRecord, source: str) -> Article | Refusal:
    url = _url(record)
    data = record.reader.read(MAX_PAGE + 1)  # a packed page may unpack to any size
    try:
        if len(data) > MAX_PAGE:
            raise InputError(TOO_LONG)
        return html.article(data, id=ids.from_url(url), source=source, url=url, charset=record.http_charset)
    except InputError as error:
        return Refusal(source=f"{source}, {url}", reason=str(error))


def _url(record: WarcRecord) -> str:
    return (record.headers.get("WARC-Target-URI") or "").strip("<>")
