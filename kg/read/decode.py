"""From bytes to text: which encoding, and whether it is text at all. Line ends and everything else stay as they are."""

from __future__ import annotations

import codecs
import re

from kg.errors import InputError

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is the beginning of this one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The first bytes of formats that are often renamed to .txt or .html by mistake.
MAGIC = (
    b"%PDF-",
    b"PK\x03\x04",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"\xd0\xcf\x11\xe0",
    b"\x7fELF",
    b"{\\rtf",
    b"SQLite format",
)
# Text has next to no control characters besides white space; binary data decoded as Latin-1 has 10 % and more.
MAX_CONTROL = 0.01
# A file with this many good multi-byte sequences for each bad one is damaged UTF-8, not another encoding.
DAMAGED = 3
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_WESTERN = re.compile(r"[\x00-\x7f\xa0-\xff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]*")
# The beginning of a UTF-8 sequence read as Windows-1252, or a control character that no text has.
_SUSPECT = re.compile(r"[Â-ô][\x80-¿€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|[\x80-\x9f]")
# Browsers read these as Windows-1252, as pages under such a name are written (WHATWG Encoding Standard, 4.2).
_AS_WESTERN = frozenset(("iso8859-1", "ascii"))
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)

EMPTY = "is empty: put the article's text in it, or leave it out"
BINARY = "is not text but binary data: convert it to .txt or .html, or leave it out"
UNKNOWN = "is in no text encoding that can be recognised: save it as UTF-8"


def decode(data: bytes, declared: str | None = None) -> str:
    """The text of a file. The byte order mark decides, then UTF-8, then `declared`, then a guess from the bytes.

    `InputError` (its message goes after the file's name) for empty, binary or undecodable data and for damaged UTF-8.
    """
    if not data.strip():
        raise InputError(EMPTY)
    if data.startswith(MAGIC):
        raise InputError(BINARY)
    text = _decode(data, declared)
    control = len(_CONTROL.findall(text))
    if "\0" in text or control > MAX_CONTROL * len(text):
        raise InputError(BINARY)
    if not text.strip():
        raise InputError(EMPTY)
    return text


def declared_charset(html: bytes) -> str | None:
    """The charset that a page's `<meta>` names; browsers look no further than its first kilobytes either."""
    found = _META_CHARSET.search(html[:4096])
    return found[1].decode("ascii") if found else None


def repaired(text: str) -> str:
    """The text of a page or feed with the lines that were decoded wrongly before they reached us put right (`â€™` is `’`), where
    ftfy's tests leave no doubt. Not for plain text and given texts, whose offsets others know."""
    if not _SUSPECT.search(text):
        return text
    import ftfy  # here, because few pages need it

    sure = ftfy.TextFixerConfig(replace_lossy_sequences=False)
    lines = text.splitlines(keepends=True)
    return "".join(ftfy.fix_encoding(line, sure) if _SUSPECT.search(line) else line for line in lines)


def _decode(data: bytes, declared: str | None) -> str:
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return _try(data, encoding) or _fail(f"begins as {encoding.upper()} but is not: save it as UTF-8")
    if wide := _wide(data):
        return _try(data, wide) or _fail(BINARY)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        replaced = data.decode(errors="replace")
        bad = replaced.count("�")
        if sum(char > "\x7f" for char in replaced) - bad >= DAMAGED * bad:
            _fail(f"is UTF-8 but damaged at byte {error.start}: repair it, or save it again as UTF-8")
    if declared and (text := _try(data, _as_browsers(declared))) is not None:
        return text
    # English in a legacy encoding is nearly always Windows-1252; short texts mislead the guess below.
    western = _try(data, "cp1252")
    if (
        western is not None
        and _WESTERN.fullmatch(western)
        and sum(char > "\x7f" for char in western) < 0.1 * len(western)
    ):
        return western
    import charset_normalizer  # here, because few texts need it

    best = charset_normalizer.from_bytes(data).best()
    return (_try(data, best.encoding) if best else None) or _fail(BINARY if b"\0" in data else UNKNOWN)


def _as_browsers(encoding: str) -> str:
    try:
        return "cp1252" if codecs.lookup(encoding).name in _AS_WESTERN else encoding
    except LookupError:
        return encoding


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: in Western text every second byte is zero."""
    head = data[:2000]
    if head.count(0) < 0.4 * len(head):
        return None
    return "utf-16-le" if head[1::2].count(0) > head[0::2].count(0) else "utf-16-be"


def _fail(reason: str) -> str:
    raise InputError(reason)
