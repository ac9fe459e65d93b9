"""The page where it is served on loopback: it fetches the decisions of the folder and saves every change to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from dedup.report import render_page
from tests.report.conftest import build_newsroom

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HEAD = "\ufeffdecision,a,b,a_text,b_text,source,note,decided_at\r\n"
EARLIER = "same_story,courier/bridge.txt,herald/bridge.txt,,,,seen before,2031-04-10T08:00:00Z\r\n"
PAIR = "#pair-courier%2Fbridge.txt%7Cwire.txt"


class Desk(ThreadingHTTPServer):
    """A folder that holds a page and its decisions, for whoever knows the token."""

    def __init__(self, page: str) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.page = page
        self.decisions = HEAD + EARLIER
        self.refuses = ""
        self.saved = threading.Event()

    @property
    def tag(self) -> str:
        return f'"{len(self.decisions)}"'

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/report.html?token=two%20words"


class Answer(BaseHTTPRequestHandler):
    server: Desk

    def do_GET(self) -> None:
        self._answer(200, self.server.decisions if self.path.startswith("/decisions.csv") else self.server.page)

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode("utf-8")
        if self.server.refuses:
            self._answer(507, self.server.refuses)
        elif self.headers["If-Match"] not in (None, self.server.tag):
            self._answer(412, "changed meanwhile")
        else:
            self.server.decisions = sent
            self._answer(200, "")
            self.server.saved.set()

    def _answer(self, status: int, text: str) -> None:
        if not self.path.endswith("?token=two%20words"):
            status, text = 403, "no token"
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if "report.html" in self.path else "text/plain")
        self.send_header("ETag", self.server.tag)
        self.end_headers()
        self.wfile.write(text.encode("utf-8"))

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk("".join(render_page(build_newsroom()))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_decisions_come_from_the_folder_and_go_back_to_it(chromium: Browser, desk: Desk) -> None:
    page = chromium.new_page()
    page.goto(desk.address + PAIR)
    page.wait_for_selector("#view.pair")
    assert page.inner_text("#decided") == "1"
    page.click("button:has-text('Not a copy')")
    page.wait_for_selector('text="Saved to the folder."')
    assert desk.saved.wait(10)
    head, *rows = desk.decisions.split("\r\n")
    assert head + "\r\n" == HEAD
    assert rows[0] == "same_story,courier/bridge.txt,herald/bridge.txt,,,,seen before,2031-04-10T08:00:00Z"
    assert rows[1].startswith("not_a_copy,courier/bridge.txt,wire.txt,")
    page.close()


def test_a_refusal_is_told_and_the_decision_stays_in_the_page(chromium: Browser, desk: Desk) -> None:
    desk.refuses = "The disk is full."
    page = chromium.new_page()
    page.goto(desk.address + PAIR)
    page.wait_for_selector("#view.pair")
    page.click("button:has-text('Not a copy')")
    page.wait_for_selector("text=Not saved to the folder: The disk is full. Save decisions.csv instead.")
    assert page.get_attribute("button:has-text('Not a copy')", "aria-pressed") == "true"
    assert desk.decisions == HEAD + EARLIER
    page.close()


def test_what_somebody_else_saved_meanwhile_is_taken_in(chromium: Browser, desk: Desk) -> None:
    page = chromium.new_page()
    page.goto(desk.address + PAIR)
    page.wait_for_selector("#view.pair")
    other = "note,herald/bridge.txt,wire.txt,,,,from another desk,2031-04-11T08:00:00Z"
    desk.decisions += f"{other}\r\n"
    page.click("button:has-text('Same story')")
    page.wait_for_selector('text="Saved to the folder."')
    assert other in desk.decisions
    assert "same_story,courier/bridge.txt,wire.txt," in desk.decisions
    page.close()


def test_two_rows_on_one_pair_become_one_and_nothing_of_them_is_lost(chromium: Browser, desk: Desk) -> None:
    """As a desk may have written them by hand: a note beside a decision, and a decision that was changed later."""
    desk.decisions = HEAD + (
        "same_story,courier/bridge.txt,wire.txt,,,,,2031-04-09T08:00:00Z\r\n"
        "note,courier/bridge.txt,wire.txt,,,,asked the agency,2031-04-10T08:00:00Z\r\n"
        "not_a_copy,herald/bridge.txt,wire.txt,,,,,2031-04-12T08:00:00Z\r\n"
        "same_story,herald/bridge.txt,wire.txt,,,,,2031-04-11T08:00:00Z\r\n"
    )
    page = chromium.new_page()
    page.goto(desk.address + PAIR)
    page.wait_for_selector("#view.pair")
    assert page.input_value("textarea") == "asked the agency"
    page.fill("textarea", "asked the agency twice")
    page.locator("textarea").blur()
    assert desk.saved.wait(10)
    ours, theirs = desk.decisions.split("\r\n")[1:3]
    assert ours.startswith("same_story,courier/bridge.txt,wire.txt,")
    assert ",asked the agency twice," in ours
    assert theirs == "not_a_copy,herald/bridge.txt,wire.txt,,,,,2031-04-12T08:00:00Z"
    page.close()
