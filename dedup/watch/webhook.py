"""Rows to an address on the network, in order, until each has arrived."""

from __future__ import annotations

import http.client
import json
import os
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import IO, Any

from dedup.errors import DedupError
from dedup.watch.memory import Posts

__all__ = ["Webhook"]

#: Seconds to wait for an answer, and between tries: doubled each time, up to the second figure.
_PATIENCE, _FIRST_PAUSE, _LONGEST_PAUSE = 15.0, 0.5, 60.0
#: What may hold a token that the receiver wants to see.
_TOKEN = "DEDUP_WEBHOOK_TOKEN"


class Webhook:
    """Sends rows from a thread of its own, so that a slow receiver holds nobody up."""

    def __init__(self, url: str, posts: Callable[[], Posts], name: str, warn: Callable[[str], None]) -> None:
        """Begins to send.

        Args:
            name: what is put before the number of a row to make a key that no other watch uses.
        """
        self._url = url
        self._name = name
        self._warn = warn
        self._posts = posts
        self._opener = urllib.request.build_opener(_NoRedirect)
        self._stop = threading.Event()
        self._more = threading.Event()
        self._hurry = threading.Event()
        self._tried = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhook", daemon=True)
        self._thread.start()

    def more(self) -> None:
        """Say that there may be more to send."""
        self._more.set()

    def close(self, patience: float) -> None:
        """Send what can be sent within so many seconds, and stop; the rest waits for the next watch."""
        until = time.monotonic() + patience
        self._tried.clear()
        self._wake()
        self._tried.wait(patience)
        self._stop.set()
        self._wake()
        self._thread.join(max(0.1, until - time.monotonic()))

    def _wake(self) -> None:
        self._hurry.set()
        self._more.set()

    def _run(self) -> None:
        posts = self._posts()
        try:
            while not self._stop.is_set():
                self._more.clear()
                while (row := posts.first()) and not self._stop.is_set():
                    if not self._deliver(*row):
                        break
                    posts.sent(row[0])
                if not self._more.is_set():
                    self._tried.set()
                self._more.wait(5)
        except DedupError as error:
            self._warn(str(error))
        finally:
            self._tried.set()
            posts.close()

    def _deliver(self, number: int, post: str) -> bool:
        """Send a row, time and again; False when the end came first."""
        pause, told = _FIRST_PAUSE, False
        while True:
            failure = self._send(number, post)
            if not failure:
                if told:
                    self._warn(f"the webhook answers again; row {number} has arrived")
                return True
            if not told:
                self._warn(f"the webhook {failure}; row {number} and later ones wait")
                told = True
            self._tried.set()
            self._hurry.wait(pause)
            self._hurry.clear()
            if self._stop.is_set():
                return False
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _send(self, number: int, post: str) -> str:
        """Why a row did not arrive; empty if it did."""
        body = json.dumps({"number": number, **json.loads(post)}, ensure_ascii=False).encode("utf-8", "replace")
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": f"{self._name}-{number}",
            "User-Agent": "dedup",
        }
        if token := os.environ.get(_TOKEN):
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(self._url, body, headers, method="POST")
        try:
            with self._opener.open(request, timeout=_PATIENCE) as answer:
                answer.read(1 << 16)
            return ""
        except urllib.error.HTTPError as error:
            error.close()
            return f"answers {error.code} {error.reason}".rstrip()
        except urllib.error.URLError as error:
            return f"cannot be reached ({getattr(error.reason, 'strerror', None) or error.reason})"
        except (OSError, http.client.HTTPException) as error:
            return f"broke off ({error or type(error).__name__})"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirection: it would turn what is sent into a mere look."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> None:
        """None, so that the answer counts as a failure."""
