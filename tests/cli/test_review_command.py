"""`dedup review` as a person starts and ends it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.cli.conftest import started
from tests.watch.conftest import until

Run = Callable[..., subprocess.CompletedProcess[str]]


def fetched(url: str, method: str = "GET", path: str = "/", body: str | None = None) -> tuple[int, str]:
    parts = urlsplit(url)
    connection = HTTPConnection("127.0.0.1", parts.port or 0, timeout=20)
    own = {"Origin": f"http://{parts.netloc}", "Content-Type": "text/csv"}
    connection.request(method, f"{path}?{parts.query}", body, own if method == "POST" else {})
    answer = connection.getresponse()
    said = answer.status, answer.read().decode()
    connection.close()
    return said


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_ended_and_says_where_the_decisions_are(
    run: Run, command: list[str], tmp_path: Path, drop: Path, end: signal.Signals
) -> None:
    run("scan", "drop", "-q")
    with started([*command, "review", "reports"], tmp_path) as serving:
        assert serving.stdout
        url = serving.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        assert fetched(url)[0] == 200
        assert fetched(url, "POST", "/decisions", "decision,a,b\nnot_a_copy,a.txt,b.txt\n") == (200, '{"decisions": 1}')
        serving.send_signal(end)
        out, err = serving.communicate(timeout=60)
    assert (serving.returncode, out) == (0, "")
    assert err == (
        "Decisions are saved to the folder. Ctrl-C ends.\n"
        "1 decision in reports/decisions.csv; the next scan applies them with --decisions reports/decisions.csv\n"
    )
    done = run("scan", "drop", "--decisions", "reports/decisions.csv")
    assert "No copies among 3 articles." in done.stdout


def test_it_opens_the_browser_when_asked_and_ends_while_that_is_open(
    run: Run, command: list[str], tmp_path: Path, drop: Path
) -> None:
    run("scan", "drop", "-q")
    browser, opened = tmp_path / "browser.sh", tmp_path / "opened"
    stays = f"while [ -d {drop} ]; do sleep 0.1; done"  # until the test is over
    browser.write_text(f'#!/bin/sh\nprintf "%s\\n" "$1" > {opened}\n{stays}\n', "utf-8")
    browser.chmod(0o755)
    environment = {**os.environ, "BROWSER": f"{browser} %s"}
    with started([*command, "review", "reports", "--open"], tmp_path, env=environment) as serving:
        assert serving.stdout
        url = serving.stdout.readline()
        until(lambda: opened.exists() and opened.read_text("utf-8"))
        assert opened.read_text("utf-8") == url
        serving.terminate()
        assert serving.wait(timeout=30) == 0
    drop.rename(tmp_path / "closed")


def test_what_is_no_report_is_an_error(run: Run, tmp_path: Path) -> None:
    done = run("review", "nothing")
    assert (done.returncode, done.stderr) == (
        2, "dedup: nothing is no report: it must be a folder that `dedup scan` wrote\n",
    )  # fmt: skip
    assert run("review", "nothing", "--port", "70000").returncode == 2
