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
    with subprocess.Popen(
        [*command, "review", "reports"], cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as serving:
        assert serving.stdout
        url = serving.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        assert fetched(url)[0] == 200
        assert fetched(url, "POST", "/decisions", "decision,a,b\nnot_a_copy,a.txt,b.txt\n") == (200, '{"decisions": 1}')
        serving.send_signal(end)
        out, err = serving.communicate(timeout=20)
    assert (serving.returncode, out) == (0, "")
    assert err == (
        "Decisions are saved to the folder. Ctrl-C ends.\n"
        "1 decision in reports/decisions.csv; the next scan applies them with --decisions reports/decisions.csv\n"
    )
    done = run("scan", "drop", "--decisions", "reports/decisions.csv")
    assert "No copies among 3 articles." in done.stdout


def test_it_opens_the_browser_when_asked(run: Run, command: list[str], tmp_path: Path, drop: Path) -> None:
    run("scan", "drop", "-q")
    browser = tmp_path / "browser.sh"
    os.mkfifo(tmp_path / "opened")
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {tmp_path}/opened\n', "utf-8")
    browser.chmod(0o755)
    with subprocess.Popen(
        [*command, "review", "reports", "--open"], cwd=tmp_path, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, env={**os.environ, "BROWSER": f"{browser} %s"},
    ) as serving:  # fmt: skip
        assert serving.stdout
        url = serving.stdout.readline().strip()
        assert (tmp_path / "opened").read_text("utf-8") == url
        serving.terminate()
    assert serving.returncode == 0


def test_what_is_no_report_is_an_error(run: Run, tmp_path: Path) -> None:
    done = run("review", "nothing")
    assert (done.returncode, done.stderr) == (
        2, "dedup: nothing is no report: it must be a folder that `dedup scan` wrote\n",
    )  # fmt: skip
    assert run("review", "nothing", "--port", "70000").returncode == 2
