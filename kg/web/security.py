"""Who may write, and the headers that keep pages from running anything but the server's own script."""

from __future__ import annotations

import hmac
import math
import threading
import time
from collections import OrderedDict, deque
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import InputError, NotAllowed

if TYPE_CHECKING:  # the server reads this before it loads Flask
    from flask import Request, Response

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Location, Retry-After, X-Newskg-Snapshot, X-Newskg-Truncated",
}
PREFLIGHT = {
    **CORS,
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type",
    "Access-Control-Max-Age": "86400",
}


# So many wrong tokens from an address in so many seconds, and no more are looked at until the first of them is that old.
# Nobody mistypes more often; a token of 40 random bits would hold out for two thousand years.
MOST_ATTEMPTS, ATTEMPT_SECONDS = 20, 60.0
# Addresses that are remembered; the server's memory is bounded, whoever asks.
MOST_ADDRESSES = 10_000


class TokenRequired(NotAllowed):
    """The request has no token, or not the right one."""


class TooMany(NotAllowed):
    """Too many wrong tokens; `seconds` says when to come back."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class Attempts:
    """How often each address gave a wrong token lately. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()

    def check(self, address: str) -> None:
        """`TooMany` if there were too many: then not even the right token is looked at."""
        with self._lock:
            times = self._failed.get(address)
            full = times is not None and len(times) >= MOST_ATTEMPTS
            left = times[0] + ATTEMPT_SECONDS - time.monotonic() if times and full else 0.0
        if left > 0:
            raise TooMany(
                f"too many wrong tokens came from your address: try again in {math.ceil(left)} s", math.ceil(left)
            )

    def failed(self, address: str) -> None:
        """Counts one."""
        with self._lock:
            self._failed.setdefault(address, deque(maxlen=MOST_ATTEMPTS)).append(time.monotonic())
            self._failed.move_to_end(address)
            if len(self._failed) > MOST_ADDRESSES:
                self._failed.popitem(last=False)


attempts = Attempts()


def read_token(path: str, environment_token: str) -> str:
    """The token that allows writing: from the file if one is named, else from the environment; empty if there is
    none."""
    if not path:
        return environment_token.strip()
    try:
        token = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"token file {path} cannot be read ({error}): name a text file that holds the token") from None
    if not token:
        raise InputError(f"token file {path} is empty: put the token into it")
    return token


def check_token(request: Request, token: str) -> None:
    """Lets a request pass that may write. `NotAllowed` if nobody may, `TokenRequired` if this one lacks the right
    token. Attempts are not limited here: whoever shares the writer's address, as all clients of a proxy do, could keep it
    from writing, and a random token is not guessed at any rate."""
    if not token:
        raise NotAllowed(
            "this server is read-only: start it with a token in NEWSKG_TOKEN or --token-file to allow writing"
        )
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), token.encode()):
        raise TokenRequired("writing needs the right token: send it as `Authorization: Bearer TOKEN`")


def is_token(given: str, token: str, address: str) -> bool:
    """Whether what a person at an address gave is the token. `TooMany` if it was wrong too often."""
    attempts.check(address)
    if hmac.compare_digest(given.strip().encode(), token.encode()):
        return True
    attempts.failed(address)
    return False


def add_headers(response: Response) -> Response:
    """Adds the security headers, and CORS headers for reading."""
    for name, text in HEADERS.items():
        response.headers.setdefault(name, text)
    if not response.headers["X-Frame-Options"]:  # a page that other sites may frame says so with an empty value
        del response.headers["X-Frame-Options"]
    for name, text in CORS.items():
        response.headers.setdefault(name, text)
    return response
