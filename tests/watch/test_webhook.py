"""Rows to a real server on this machine, which is down, up, slow, or says no."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.watch.conftest import BEES, STORM, Desk, until


class Receiver:
    """Keeps what it is sent, and answers what it is told to."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.got: list[tuple[dict[str, Any], dict[str, str]]] = []
        self.asked = 0
        self.port = 0

    @contextmanager
    def up(self) -> Iterator[str]:
        """The server, at the same port each time; gives its address."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.asked += 1
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                code = receiver.answers.pop(0) if receiver.answers else 204
                if code == 204:
                    receiver.got.append((body, dict(self.headers.items())))
                self.send_response(code)
                if code == 302:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing."""

        with ThreadingHTTPServer(("127.0.0.1", self.port), Handler) as server:
            self.port = server.server_address[1]
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            try:
                yield self.url
            finally:
                server.shutdown()
                thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def numbers(self) -> list[int]:
        return [body["number"] for body, _ in self.got]


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Receiver:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return Receiver()


def test_each_row_is_sent_with_all_that_is_known_of_it(
    desk: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEDUP_WEBHOOK_TOKEN", "harbour")
    desk.put("a.txt", STORM)
    desk.put("b.txt", STORM + " No one was hurt.")
    desk.put("empty.txt", "")
    with receiver.up() as url:
        assert desk.once(webhook=url, move_to=desk.copies) == {"new": 1, "copy_of": 1, "moved": 1, "skipped": 1}
    told = [(body["number"], body["event"], body.get("article_id"), body.get("relation")) for body, _ in receiver.got]
    assert told == [
        (1, "flagged", "a.txt", "new"),
        (2, "flagged", "b.txt", "copy_of"),
        (3, "moved", None, None),
        (4, "skipped", None, None),
    ]
    body, headers = receiver.got[1]
    assert (body["of"], body["verdict"], body["matches"][0]["id"]) == ("a.txt", "lightly edited copy", "a.txt")
    assert body["matches"][0]["passages"][0]["words"] == 54
    assert (headers["Content-Type"], headers["Authorization"]) == ("application/json", "Bearer harbour")
    assert headers["Idempotency-Key"].endswith("-2")
    assert receiver.got[2][0]["moved_to"] == str(desk.copies / "b.txt")
    assert receiver.got[3][0]["reason"] == "empty"


def test_rows_wait_in_order_while_the_receiver_is_down_over_a_restart_too(desk: Desk, receiver: Receiver) -> None:
    with receiver.up():
        pass  # now its port is known, and nobody listens there
    desk.put("a.txt", STORM)
    assert desk.once(webhook=receiver.url) == {"new": 1}
    [warning] = desk.told("cannot be reached")
    assert warning.endswith("row 1 and later ones wait")
    desk.put("bees.txt", BEES)
    assert desk.once() == {"new": 1}  # without a webhook its row is not to be sent
    assert desk.told("1 rows wait for a --webhook")
    desk.put("c.txt", STORM)
    with desk.watching(webhook=receiver.url):
        until(lambda: len(desk.flagged()) == 3)
        assert receiver.got == []
        with receiver.up():
            until(lambda: receiver.numbers() == [1, 3])
        until(lambda: desk.told("the webhook answers again; row 1 has arrived"))
    assert receiver.numbers() == [1, 3]
    with receiver.up() as url:
        desk.once(webhook=url)
    assert receiver.numbers() == [1, 3]


@pytest.mark.parametrize("answer", [500, 503, 429, 404, 302])
def test_a_row_that_is_refused_is_sent_again(desk: Desk, receiver: Receiver, answer: int) -> None:
    receiver.answers = [answer, answer]
    desk.put("a.txt", STORM)
    with receiver.up() as url, desk.watching(webhook=url):
        until(lambda: receiver.numbers() == [1])
    assert receiver.asked == 3
    [warning] = desk.told("the webhook answers " + str(answer))
    assert warning.endswith("row 1 and later ones wait")
