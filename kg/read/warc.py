"""Web archives (WARC 1.0 and 1.1, ISO 28500): the HTML pages that were answered with success."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from kg.errors import InputError
from kg.read import html, ids
from kg.records import Article, Refusal

HTML = ("text/html", "application/xhtml+xml")
# No article page comes near this; what is longer is passed over rather than parsed.
MAX_PAGE = 64 * 1024 * 1024


def articles(stream: IO[bytes], *, source: str) -> Iterator[Article | Refusal]:
    """The article of each HTML response; a page without article text is refused by its address, the others go on."""
    records = 0
    # Errors in the archive itself surface as one of these, by what is broken.
    try:
        for record in ArchiveIterator(
            stream,
            record_types=WarcRecordType.any_type,
            parse_http=True,
            auto_decode="all",
            max_content_length=MAX_PAGE,
        ):
            records += 1
            if record.record_type == WarcRecordType.response and _is_page(record):
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
    url = (record.headers.get("WARC-Target-URI") or "").strip("<>")
    data = record.reader.read()
    try:
        return html.article(data, id=ids.from_url(url), source=source, url=url, charset=record.http_charset)
    except InputError as error:
        return Refusal(source=f"{source}, {url}", reason=str(error))
