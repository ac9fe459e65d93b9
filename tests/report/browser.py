"""A real browser for the tests of the page: the system's Chromium, with every request watched and none let out."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["Watched", "browser", "opened"]

QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


@dataclass
class Watched:
    """A page, and what it did that it should not have done."""

    page: Page
    requests: list[str] = field(default_factory=list)
    """Addresses that it asked for, itself left out."""
    complaints: list[str] = field(default_factory=list)
    """Errors and warnings of its console."""

    def go(self, address: str) -> None:
        """Follow an address within the page, and wait until it is shown."""
        self.page.evaluate("address => { location.hash = address }", address)
        self.page.wait_for_function("() => document.documentElement.dataset.shown === location.hash")


@contextmanager
def browser() -> Iterator[Browser]:
    """Chromium, started and ended; the test is skipped where there is none, unless CI_BROWSER=1."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
    if not path:
        if os.environ.get("CI_BROWSER") == "1":
            pytest.fail("CI_BROWSER=1, and there is no Chromium on the PATH")
        pytest.skip("no Chromium on the PATH")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield chromium
        chromium.close()


@contextmanager
def opened(chromium: Browser, report: Path, address: str = "", **context: Any) -> Iterator[Watched]:
    """A report, opened from the disk with the network off and watched; nothing may have gone wrong at the end."""
    settings: dict[str, Any] = {"viewport": {"width": 1200, "height": 900}, "offline": True, **context}
    place = chromium.new_context(**settings)
    place.set_default_timeout(10_000)
    watched = Watched(place.new_page())
    url = report.resolve().as_uri()

    def asked(request: Any) -> None:
        if not request.url.startswith((url, "data:", "blob:")):
            watched.requests.append(request.url)

    def said(message: Any) -> None:
        if message.type in ("error", "warning"):
            watched.complaints.append(message.text)

    watched.page.on("request", asked)
    watched.page.on("console", said)
    watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    watched.page.on("dialog", lambda dialog: watched.complaints.append(f"dialog: {dialog.message}"))
    watched.page.goto(url + address)
    watched.page.wait_for_selector("html[data-ready=yes]")
    try:
        yield watched
        assert watched.requests == []
        assert watched.complaints == []
    finally:
        place.close()
