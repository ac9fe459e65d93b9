"""How the service is started, guarded, kept from too much, and stopped."""

from __future__ import annotations

import json
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import pytest

from dedup.errors import ConfigError, MissingExtraError
from dedup.serve import ServeConfig, read_token
from dedup.serve.server import server_of
from tests.cli.conftest import Run
from tests.conftest import FERRY
from tests.serve.conftest import COMMAND, Asked, Served

Serve = Callable[..., Served]
Start = Callable[..., Asked]
TOKEN = "ferry-to-Lower-Sarn-7"


@pytest.fixture
def failing(tmp_path: Path) -> Run:
    """`failing("--host", ...)`: the command, which must end by itself."""

    def call(*options: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, "--index", str(tmp_path / "crawl.db"), *map(str, options)],
            capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
        )  # fmt: skip

    return call


def locked(path: Path) -> sqlite3.Connection:
    """A connection of somebody else who writes to the index and does not finish."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    return connection


def started(served: Asked, path: str, body: dict[str, Any]) -> HTTPResponse | Any:
    """A connection with a request under way."""
    connection = served.connection()
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    return connection


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it never came true")


def lane(served: Asked, name: str) -> int:
    found = re.search(rf'^dedup_lane_requests{{lane="{name}"}} (\d+)$', served.get("/metrics").text, re.MULTILINE)
    assert found
    return int(found[1])


def test_another_address_without_a_token_is_refused_before_anything_is_made(failing: Run, tmp_path: Path) -> None:
    done = failing("--host", "0.0.0.0")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "dedup: '0.0.0.0' can be reached from other machines; give the service a token (--token-file, or DEDUP_TOKEN "
        "in the environment), or bind it to 127.0.0.1\n"
    )
    assert not (tmp_path / "crawl.db").exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"port": 70000}, "--port must be 0 to 65535, not 70000"),
        ({"threads": 0}, "--threads must be 1 to 8, not 0"),
        ({"waiting": -1}, "--waiting must be 0 to 100000, not -1"),
        ({"max_bytes": 0}, "--max-bytes must be 1 to 1000000000, not 0"),
        ({"patience": -2.0}, "--patience must be 0 to 3600 seconds, not -2.0"),
        ({"host": "newsroom.example"}, "'newsroom.example' can be reached from other machines; give the service a"),
    ],
)
def test_an_impossible_option_is_told_in_a_sentence(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError) as refused:
        ServeConfig(**options)
    assert str(refused.value).startswith(sentence)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--token", TOKEN, "--token-file", "t"), "dedup: give --token or --token-file, not both"),
        (("--token-file", "no/token"), "dedup: cannot read the token file no/token: No such file or directory"),
        (("--host", "192.0.2.1", "--token", TOKEN), "dedup: cannot listen on 192.0.2.1 port 8737: "),
        (("--index", "mysql://there/x"), "dedup: an index is a path, sqlite:///path or postgresql://server/database"),
    ],
)
def test_the_command_tells_it_too_and_exits_with_2(failing: Run, options: tuple[str, ...], sentence: str) -> None:
    done = failing("--port", "8737", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(sentence)
    assert TOKEN not in done.stderr


@pytest.mark.parametrize("token", ["short", "with a space in the middle", "ümlaute-sind-nicht-erlaubt"])
def test_a_token_that_cannot_be_a_header_or_is_quickly_guessed_is_refused_without_being_shown(token: str) -> None:
    with pytest.raises(ConfigError, match="16 or more") as refused:
        ServeConfig(token=token)
    assert token not in str(refused.value)
    assert TOKEN not in repr(ServeConfig(token=TOKEN))


def test_a_token_file_ends_with_a_line_or_not_and_is_never_empty(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n", "ascii")
    assert read_token(file) == TOKEN
    file.write_text("\n", "ascii")
    with pytest.raises(ConfigError, match="is empty"):
        read_token(file)


def test_a_port_that_is_taken_is_told(failing: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = failing("--port", str(port))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"dedup: cannot listen on 127.0.0.1 port {port}: Address already in use\n"


@pytest.mark.parametrize("source", ["option", "file", "environment"])
def test_with_a_token_only_those_who_bring_it_are_served(
    serve: Serve, tmp_path: Path, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    options: list[str] = []
    if source == "environment":
        monkeypatch.setenv("DEDUP_TOKEN", TOKEN)
    elif source == "file":
        (tmp_path / "token").write_text(TOKEN + "\n", "ascii")
        options = ["--token-file", str(tmp_path / "token")]
    else:
        options = ["--token", TOKEN]
    served = serve("--index", tmp_path / "crawl.db", "--verbose", *options)

    def status(path: str, **headers: str) -> int:
        return served.get(path, headers=headers).status

    assert status("/stats", Authorization=f"Bearer {TOKEN}") == 200
    assert status("/stats", Authorization=f"bearer  {TOKEN}", Host="index.newsroom.example") == 200
    assert status("/stats", Authorization=f"Bearer {TOKEN}x") == 401
    assert status("/stats", Authorization=f"Basic {TOKEN}") == 401
    assert status("/metrics") == 401
    assert status("/nothing") == 401
    assert [status("/healthz"), status("/openapi.json")] == [200, 200]
    refused = served.post("/check", {"id": "x", "text": FERRY})
    assert (refused.status, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert refused.json["detail"] == "a token is needed, as `Authorization: Bearer TOKEN`"

    code, printed = served.stop()
    assert code == 0
    assert '"GET /stats HTTP/1.1" 401' in printed
    assert TOKEN not in printed


def test_without_the_extra_the_line_that_installs_it_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'dedup-news\[serve\]'"):
        server_of(tmp_path / "crawl.db", ServeConfig())
    assert not (tmp_path / "crawl.db").exists()


def test_requests_are_logged_only_when_asked_for(serve: Serve, tmp_path: Path) -> None:
    served = serve("--index", tmp_path / "crawl.db")
    served.get("/stats")
    _, printed = served.stop()
    assert printed.splitlines() == [
        f"Serving the index {tmp_path / 'crawl.db'} until Ctrl-C; the contract is at {served.address}/openapi.json."
    ]


def test_an_index_that_somebody_else_writes_turns_away_writers_and_serves_readers(
    inside: Start, tmp_path: Path
) -> None:
    served = inside(tmp_path / "crawl.db", patience=0.2)
    served.post("/add", {"id": "ferry", "text": FERRY})
    with closing(locked(tmp_path / "crawl.db")):
        for path, body in [
            ("/add", {"id": "a", "text": FERRY}),
            ("/check-and-add", {"id": "a", "text": FERRY}),
            ("/remove", {"ids": ["ferry"]}),
        ]:
            answer = served.post(path, body)
            assert (answer.status, answer.headers["retry-after"]) == (503, "1")
            assert "is being written by somebody else, who did not finish in time" in answer.json["detail"]
        assert served.post("/check", {"id": "a", "text": FERRY}).json["of"] == "ferry"
        assert served.get("/healthz").status == 200
    assert served.post("/add", {"id": "a", "text": FERRY}).json["changed"] == 1


def test_a_check_does_not_wait_for_a_write_of_the_same_service(inside: Start, tmp_path: Path) -> None:
    served = inside(tmp_path / "crawl.db", patience=60)
    served.post("/add", {"id": "ferry", "text": FERRY})
    with closing(locked(tmp_path / "crawl.db")) as writer:
        waiting = started(served, "/add", {"id": "late", "text": FERRY})
        wait_for(lambda: lane(served, "writes") == 1)
        assert served.post("/check", {"id": "a", "text": FERRY}).json["of"] == "ferry"
        assert lane(served, "writes") == 1
        writer.execute("ROLLBACK")
    assert json.loads(waiting.getresponse().read())["changed"] == 1


def test_requests_beyond_the_places_are_turned_away_at_once_and_the_others_are_served(
    inside: Start, tmp_path: Path
) -> None:
    served = inside(tmp_path / "crawl.db", waiting=2, patience=60)
    with closing(locked(tmp_path / "crawl.db")) as writer:
        held = [started(served, "/add", {"id": f"held-{n}", "text": f"{n} {FERRY}"}) for n in range(3)]
        wait_for(lambda: lane(served, "writes") == 3)
        beyond = served.post("/add", {"id": "beyond", "text": FERRY})
        assert (beyond.status, beyond.headers["retry-after"]) == (503, "1")
        assert beyond.json["detail"] == "3 requests are at work or waiting already; come again"
        assert served.post("/check", {"id": "a", "text": FERRY}).status == 200
        writer.execute("ROLLBACK")
    assert [json.loads(connection.getresponse().read())["changed"] for connection in held] == [1, 1, 1]
    assert served.post("/add", {"id": "beyond", "text": FERRY}).status == 200
    assert 'dedup_lane_turned_away_total{lane="writes"} 1' in served.get("/metrics").text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_was_accepted_is_finished_before_the_service_stops(serve: Serve, tmp_path: Path, number: int) -> None:
    served = serve("--index", tmp_path / "crawl.db", "--patience", "60")
    with closing(locked(tmp_path / "crawl.db")) as writer:
        held = [started(served, "/add", {"id": f"held-{n}", "text": f"{n} {FERRY}"}) for n in range(4)]
        wait_for(lambda: lane(served, "writes") == 4)
        served.process.send_signal(number)
        wait_for(lambda: refuses(served))
        writer.execute("ROLLBACK")
    assert [json.loads(connection.getresponse().read())["changed"] for connection in held] == [1, 1, 1, 1]
    assert served.stop(number)[0] == 0
    again = serve("--index", tmp_path / "crawl.db")
    assert again.get("/stats").json["articles"] == 4


def refuses(served: Served) -> bool:
    """Whether nobody new gets in."""
    connection = served.connection()
    try:
        connection.connect()
    except ConnectionRefusedError:
        return True
    finally:
        connection.close()
    return False


def test_of_many_who_ask_about_one_story_at_once_one_hears_that_it_is_new(inside: Start, tmp_path: Path) -> None:
    served = inside(tmp_path / "crawl.db")
    barrier = threading.Barrier(12)

    def ask(number: int) -> str:
        barrier.wait(timeout=60)
        body = {"id": f"outlet-{number}", "text": f"{FERRY} ({number})", "publisher": f"Outlet {number}"}
        return str(served.post("/check-and-add", body).json["relation"])

    with ThreadPoolExecutor(12) as pool:
        told = list(pool.map(ask, range(12)))
    assert sorted(told) == ["copy_of"] * 11 + ["new"]


def test_a_body_that_does_not_come_is_not_waited_for(inside: Start, tmp_path: Path) -> None:
    served = inside(tmp_path / "crawl.db", body_seconds=0.3)
    connection = served.connection()
    connection.putrequest("POST", "/check")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", "500")
    connection.endheaders(b'{"id": "x", ')
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("connection")) == (408, "close")
    assert json.loads(answer.read())["detail"] == "the body did not arrive within 0.3 seconds"
    connection.close()
    assert lane(served, "checks") == 0


def test_a_caller_who_is_refused_before_all_is_sent_still_hears_why(inside: Start, tmp_path: Path) -> None:
    served = inside(tmp_path / "crawl.db", token=TOKEN)
    answer = served.ask("POST", "/check", raw=b'"' + b"long " * 1_000_000 + b'"')
    assert (answer.status, answer.json["title"]) == (401, "Unauthorized")


def test_a_caller_who_goes_away_in_the_middle_disturbs_nobody(inside: Start, tmp_path: Path) -> None:
    served = inside(tmp_path / "crawl.db")
    connection = served.connection()
    connection.connect()
    connection.sock.sendall(
        b"POST /check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"
    )
    wait_for(lambda: lane(served, "checks") == 1)
    connection.close()
    wait_for(lambda: lane(served, "checks") == 0)
    assert served.post("/check", {"id": "a", "text": FERRY}).status == 200
    assert 'status="5' not in served.get("/metrics").text
