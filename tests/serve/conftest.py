"""The service as crawlers meet it: a process of its own on a loopback port, asked over HTTP."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from dedup.serve import ServeConfig
from dedup.serve.server import listening, server_of

COMMAND = [sys.executable, "-c", "from dedup.cli import main; main()", "serve"]


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Asked:
    """A service that can be asked."""

    address: str

    def connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.address)
        assert parts.hostname
        return http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        connection = self.connection()
        given = {"Content-Type": "application/json"} if body is not None or raw is not None else {}
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        connection.request(method, path, data, given | (headers or {}))
        response = connection.getresponse()
        answer = Answer(
            response.status, {k.lower(): v for k, v in response.getheaders()}, response.read().decode("utf-8")
        )
        connection.close()
        return answer

    def post(self, path: str, body: Any, **more: Any) -> Answer:
        return self.ask("POST", path, body, **more)

    def get(self, path: str, **more: Any) -> Answer:
        return self.ask("GET", path, **more)


class Served(Asked):
    """A service in a process of its own, as the command starts it."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process = process
        self.address = address

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """The exit code and what stood on stderr."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        _, printed = self.process.communicate(timeout=60)
        return self.process.returncode, printed


class Inside(Asked):
    """A service in a thread of the tests, which starts at once."""

    def __init__(self, where: str | Path, **options: Any) -> None:
        self._sockets = ExitStack()
        settings = ServeConfig(port=0, **options)
        listener = self._sockets.enter_context(listening(settings))
        listener.listen()
        self.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._server = server_of(where, settings)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]})
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(60)
        self._sockets.close()
        assert not self._thread.is_alive()


def start(*options: str | Path, environment: dict[str, str] | None = None) -> Served:
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", *map(str, options)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", env=environment,
    )  # fmt: skip
    assert process.stdout
    address = process.stdout.readline().strip()
    if not address:
        _, printed = process.communicate(timeout=60)
        raise AssertionError(f"the service did not start: {printed}")
    return Served(process, address)


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    """`serve("--index", path, ...)`: a service that ends with the test."""
    running: list[Served] = []

    def begin(*options: str | Path, **more: Any) -> Served:
        running.append(start(*options, **more))
        return running[-1]

    yield begin
    for served in running:
        served.stop()


@pytest.fixture
def inside() -> Iterator[Callable[..., Inside]]:
    """`inside(path, waiting=2, ...)`: the same without a process of its own."""
    running: list[Inside] = []

    def begin(where: str | Path, **options: Any) -> Inside:
        running.append(Inside(where, **options))
        return running[-1]

    yield begin
    for service in running:
        service.stop()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    """One service for the tests of a module, which must not care what else its index holds."""
    service = Inside(tmp_path_factory.mktemp("served") / "crawl.db", max_bytes=200_000)
    yield service
    service.stop()
