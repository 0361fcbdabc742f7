"""One polite HTTP client for all services: names itself, asks one thing at a time, waits when told to, gives up in time.

Follows the User-Agent policy and the API etiquette of Wikimedia: contact in the User-Agent, requests in series, Retry-After
obeyed, back-off on errors, answers compressed and kept. Nothing that comes back is trusted: its size, type and form are
checked.
"""

from __future__ import annotations

import http.client
import json
import math
import platform
import random
import time
import zlib
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
)

from kg import __version__
from kg.errors import OnlineError
from kg.online.cache import Cache, request_key

# Seconds without a byte before a request counts as failed; the whole answer may take so many times as long.
TIMEOUT, WHOLE = 15.0, 4
# Attempts at one request: where the service asks us to come back, and where it fails.
PATIENT, IMPATIENT = 5, 3
# Waiting, in seconds: after the first failure (it doubles), where a 429 names no time, and at most; a service that asks for more
# ends the run, which goes on when it is started again.
FIRST, UNNAMED, LONGEST = 1.0, 60.0, 300.0
# Requests that fail one after the other before nothing more is asked.
FAILURES = 3
# 50 items with all their statements are some 10 MiB; beyond this an answer is an error or an attack.
MAX_BYTES = 64 * 2**20
EXCERPT = 160
# Looks at an answer and at the seconds that its Retry-After asks for; raises where the answer is none.
Check = Callable[[dict[str, Any], float | None], None]


class Garbled(OnlineError):
    """What came back cannot be read: not JSON, cut off, too large, or of another shape. A smaller request may do."""


class Stopped(OnlineError):
    """Nothing more can be asked in this run: out of calls, out of reach, or turned away."""


class Spent(Stopped):
    """As many calls were made as the run may make."""


class Again(Exception):
    """The service asks to come back, after `seconds` where it says so."""

    def __init__(
        self, reason: str, seconds: float | None = None, attempts: int = PATIENT, kind: type[OnlineError] = OnlineError
    ) -> None:
        super().__init__(reason)
        self.reason, self.seconds, self.attempts, self.kind = reason, seconds, attempts, kind


class Client:
    """Asks for JSON. `calls` counts requests that went out; the cache answers what was asked before.

    `contact` is an address of e-mail or a page where the operators of a service find who is asking. The methods raise `OnlineError`
    where one request fails for good, `Garbled` where its answer cannot be read, and `Stopped` where no other should be tried.
    """

    def __init__(
        self,
        contact: str,
        cache: Cache | None = None,
        max_calls: int = 1000,
        *,
        timeout: float = TIMEOUT,
        sleep: Callable[[float], None] = time.sleep,
        told: Callable[[str], None] = lambda message: None,
    ) -> None:
        if not contact.strip() or any(ord(c) < 32 or ord(c) > 126 for c in contact):
            raise OnlineError(
                "contact is not set: services want to know who asks; give --contact (or NEWSKG_CONTACT) an e-mail address "
                "or a page about your project, in plain ASCII"
            )
        self.agent = f"newskg/{__version__} ({contact.strip()}) Python-urllib/{platform.python_version()}"
        self.cache, self.calls, self.max_calls = cache, 0, max_calls
        self._timeout, self._sleep, self._told = timeout, sleep, told
        self._failed = 0
        self._opener = OpenerDirector()
        for handler in (
            ProxyHandler(),
            HTTPHandler(),
            HTTPSHandler(),
            SameHost(),
            HTTPErrorProcessor(),
            HTTPDefaultErrorHandler(),
            UnknownHandler(),
        ):  # no file:, no ftp:
            self._opener.add_handler(handler)

    def get(
        self, url: str, params: Mapping[str, str], check: Check | None = None, *, keep: bool = True
    ) -> dict[str, Any]:
        """The JSON object that a GET with these parameters gives. `check` may refuse it by raising."""
        return self._kept("GET", url, params, check, keep, self._timeout)

    def post(
        self,
        url: str,
        form: Mapping[str, str],
        check: Check | None = None,
        *,
        keep: bool = True,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """The JSON object that a POST of this form gives."""
        return self._kept("POST", url, form, check, keep, timeout or self._timeout)

    def _kept(
        self, method: str, url: str, params: Mapping[str, str], check: Check | None, keep: bool, timeout: float
    ) -> dict[str, Any]:
        key = request_key(method, url, params)
        if keep and self.cache is not None and isinstance(known := self.cache.get(key), dict):
            return known
        answer = self._patient(method, url, params, check or (lambda answer, seconds: None), timeout)
        if keep and self.cache is not None:
            self.cache.put(key, answer)
        return answer

    def _patient(
        self, method: str, url: str, params: Mapping[str, str], check: Check, timeout: float
    ) -> dict[str, Any]:
        host, attempt = urlsplit(url).netloc, 0
        while True:
            attempt += 1
            try:
                answer, seconds = self._once(method, url, params, timeout)
                check(answer, seconds)
                self._failed = 0
                return answer
            except Again as again:
                if attempt >= again.attempts:
                    raise self._lost(again.kind, f"{host} {again.reason}, {attempt} times: try again later") from None
                # Jitter, so that clients that failed together do not come back together.
                wait = (
                    FIRST * 2 ** (attempt - 1) * (1 + random.random() / 4)
                    if again.seconds is None
                    else max(again.seconds, FIRST)
                )
                if wait > LONGEST:
                    raise Stopped(
                        f"{host} {again.reason} and asks to wait {math.ceil(wait)} s: run the same command after that"
                    ) from None
                self._told(f"{host} {again.reason}: waiting {math.ceil(wait)} s")
                self._sleep(wait)

    def _lost(self, kind: type[OnlineError], message: str) -> OnlineError:
        """The error of a request that failed for good; too many in a row end the run, save where a smaller one may do."""
        self._failed += kind is not Garbled
        return Stopped(message) if self._failed >= FAILURES else kind(message)

    def _once(
        self, method: str, url: str, params: Mapping[str, str], timeout: float
    ) -> tuple[dict[str, Any], float | None]:
        if self.calls >= self.max_calls:
            raise Spent(
                f"{self.calls} calls were made, as many as max_calls allows: run the same command again to go on, or raise it"
            )
        self.calls += 1
        data = urlencode(params)
        head = {
            "User-Agent": self.agent,
            "Accept": "application/sparql-results+json, application/json",
            "Accept-Encoding": "gzip",
        }
        try:
            if method == "POST":
                request = Request(url, data.encode(), head)
            else:
                request = Request(url + ("&" if "?" in url else "?") * bool(data) + data, None, head)
            began = time.monotonic()
            with self._opener.open(request, timeout=timeout) as response:
                answer = parse(read(response, began + WHOLE * timeout), response.headers.get("Content-Type", ""))
                return answer, retry_after(response.headers.get("Retry-After"))
        except HTTPError as error:
            with error:
                raise self._status(error, urlsplit(url).netloc) from None
        except Garbled as error:
            raise Again(str(error), attempts=2, kind=Garbled) from None
        except TimeoutError:
            raise Again("gave no answer in time", attempts=IMPATIENT) from None
        except URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise Again("gave no answer in time", attempts=IMPATIENT) from None
            raise Again(f"cannot be reached ({error.reason})", attempts=IMPATIENT, kind=Stopped) from None
        except (http.client.HTTPException, OSError) as error:
            raise Again(f"broke off ({type(error).__name__})", attempts=IMPATIENT, kind=Garbled) from None
        except ValueError as error:
            raise Stopped(
                f"{url!r} is no address to ask ({error}): give one that begins with https:// or http://"
            ) from None

    def _status(self, error: HTTPError, host: str) -> Exception:
        """What an HTTP status other than 2xx means for us."""
        words = excerpt(error)
        if error.code in (429, 503):
            seconds = retry_after(error.headers.get("Retry-After"))
            if seconds is None and error.code == 429:
                seconds = UNNAMED
            return Again(f"is busy ({error.code})", seconds, PATIENT if error.code == 429 or seconds else IMPATIENT)
        if error.code >= 500:
            return Again(f"failed ({error.code})", attempts=IMPATIENT, kind=Garbled)
        if error.code in (401, 403):
            return Stopped(
                f"{host} turns us away ({error.code} {words}): see that --contact is right, and wait before trying again"
            )
        if 300 <= error.code < 400:
            return Stopped(f"{host} redirects to another host or without end ({error.code}): give the address it means")
        return OnlineError(f"{host} refuses the request ({error.code} {words})")


class SameHost(HTTPRedirectHandler):
    """Follows redirects within a host only, never from https to http: another host was not asked for."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        """The request to follow with, or None."""
        old, new = urlsplit(req.full_url), urlsplit(urljoin(req.full_url, newurl))
        upgrade = (old.scheme, new.scheme) == ("http", "https")
        if (
            old.hostname != new.hostname
            or (old.scheme != new.scheme and not upgrade)
            or (old.port != new.port and not upgrade)
        ):
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def read(response: http.client.HTTPResponse, deadline: float) -> bytes:
    """The whole body, unpacked. `Garbled` if it is cut off, too large or badly packed; `TimeoutError` past the deadline."""
    packed = response.headers.get("Content-Encoding", "").lower() in ("gzip", "x-gzip")
    unpack = zlib.decompressobj(wbits=31) if packed else None
    parts, size = [], 0
    while part := response.read1(65536):
        if time.monotonic() > deadline:
            raise TimeoutError
        try:
            part = unpack.decompress(part, MAX_BYTES) if unpack else part
        except zlib.error as error:
            raise Garbled(f"sent an answer that cannot be unpacked ({error})") from None
        size += len(part)
        if size > MAX_BYTES or (unpack and unpack.unconsumed_tail):
            raise Garbled(f"sent more than {MAX_BYTES // 2**20} MiB")
        parts.append(part)
    if response.length or (unpack and not unpack.eof):
        raise Garbled("broke off in the middle of an answer")
    return b"".join(parts)


def parse(body: bytes, media_type: str) -> dict[str, Any]:
    """The body as a JSON object. `Garbled` if it is none."""
    if "html" in media_type.lower():
        raise Garbled(f"sent {media_type}, not JSON")
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise Garbled("sent an answer that is not well-formed JSON") from None
    if not isinstance(answer, dict):
        raise Garbled("sent JSON that is no object")
    return answer


def retry_after(value: str | None) -> float | None:
    """The seconds that a Retry-After header asks for, given as a number or a date (RFC 9110, section 10.2.3)."""
    if not value:
        return None
    try:
        seconds = float(value)
        return seconds if math.isfinite(seconds) and seconds >= 0 else None
    except ValueError:
        pass
    try:
        return max(parsedate_to_datetime(value).timestamp() - time.time(), 0.0)
    except (TypeError, ValueError):
        return None


def excerpt(response: HTTPError) -> str:
    """The first words of an error page that is plain text."""
    if "html" in response.headers.get("Content-Type", ""):
        return str(response.reason)
    try:
        text = response.read(1024).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return str(response.reason)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:EXCERPT] or str(response.reason)
