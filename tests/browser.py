"""A headless Chromium, driven by chromedriver over plain W3C WebDriver HTTP calls."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from server import free_port

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# The name of an element reference in the protocol (WebDriver, section 12).
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
# What a command on an element is answered with once its document has given way (WebDriver, section 6.6).
GONE = ("stale element reference", "no such element")
# The same as Chromium words it where chromedriver has no name for it, "unknown error": the page went while it was asked.
GOING = ("does not belong to the document", "No node with given id", "Cannot find context with specified id")
WAIT = 20.0


def missing() -> str:
    """What is not installed; empty if a browser can be driven."""
    if not any(map(shutil.which, BROWSERS)):
        return "no Chromium: apt-get install chromium"
    return "" if shutil.which("chromedriver") else "no chromedriver: apt-get install chromium-driver"


class Stale(AssertionError):
    """An element of a page that has given way to another."""


class Browser:
    """One browser window."""

    def __init__(self, driver: str, downloads: Path) -> None:
        self.driver = driver
        options = {
            "args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1200,1000"],
            "prefs": {"download.default_directory": str(downloads)},
            "binary": next(filter(None, map(shutil.which, BROWSERS))),
        }
        wanted = {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        found = self.call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self.session = "/session/" + found["sessionId"]

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """A WebDriver command."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.driver + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            gone = value["error"] in GONE or any(words in value["message"] for words in GOING)
            raise (Stale if gone else AssertionError)(value["message"]) from None

    def open(self, address: str) -> None:
        """Loads a page."""
        self.call("POST", self.session + "/url", {"url": address})

    @property
    def address(self) -> str:
        """Where the window is."""
        return str(self.call("GET", self.session + "/url"))

    def run(self, script: str) -> Any:
        """The value that a script returns."""
        return self.call("POST", self.session + "/execute/sync", {"script": script, "args": []})

    def find(self, selector: str, text: str = "") -> str:
        """The first element that matches and holds the text; waits for it."""
        return str(self.on(selector, text, lambda element: element))

    def on(self, selector: str, text: str, act: Callable[[str], Any]) -> Any:
        """What an action gives on the first element that matches and holds the text; waits for it, and begins again
        where the page gives way to the next between finding and acting.
        """

        def tried() -> tuple[Any] | None:
            body = {"using": "css selector", "value": selector}
            with suppress(Stale):
                for item in self.call("POST", self.session + "/elements", body):
                    element = f"{self.session}/element/{item[ELEMENT]}"
                    if text in self.call("GET", element + "/text"):
                        return (act(element),)
            return None

        return self.wait(tried, f"{selector} with {text!r}")[0]

    def click(self, selector: str, text: str = "") -> None:
        """Clicks an element."""
        self.on(selector, text, lambda element: self.call("POST", element + "/click", {}))

    def type(self, selector: str, text: str) -> None:
        """Types into an element in the place of what is there."""

        def typed(element: str) -> None:
            self.call("POST", element + "/clear", {})
            self.call("POST", element + "/value", {"text": text})

        self.on(selector, "", typed)

    def press(self, keys: str) -> None:
        """Presses keys, one after another, wherever the focus is; special ones as WebDriver numbers them."""
        strokes = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        actions = {"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]}
        self.call("POST", self.session + "/actions", actions)

    def text(self, selector: str) -> str:
        """The visible text of an element."""
        return str(self.on(selector, "", lambda element: self.call("GET", element + "/text")))

    def phone(self, width: int, height: int) -> None:
        """Shows pages in a viewport of that size, narrower than a window can be; 0 for the window's own."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": bool(width)}
        command = {"cmd": "Emulation.setDeviceMetricsOverride", "params": size}
        self.call("POST", self.session + "/goog/cdp/execute", command)

    def errors(self) -> list[str]:
        """What the console had to complain of since it was asked last."""
        found = self.call("POST", self.session + "/se/log", {"type": "browser"})
        return [line["message"] for line in found if line["level"] == "SEVERE" and "favicon" not in line["message"]]

    def wait(self, check: Callable[[], Any], what: str) -> Any:
        """Waits until a check gives something."""
        end = time.monotonic() + WAIT
        while time.monotonic() < end:
            value = check()
            if value:
                return value
            time.sleep(0.1)
        raise AssertionError(f"{what} did not appear within {WAIT:g} s at {self.address}")


@contextmanager
def browsing(downloads: Path) -> Iterator[Browser]:
    """Starts chromedriver with a window, and ends both."""
    port = free_port()
    process = subprocess.Popen(
        ["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ)
    )
    try:
        driver = f"http://127.0.0.1:{port}"
        for _ in range(100):
            try:
                urllib.request.urlopen(driver + "/status", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        browser = Browser(driver, downloads)
        yield browser
        browser.call("DELETE", browser.session)
    finally:
        process.terminate()
        process.wait(10)
