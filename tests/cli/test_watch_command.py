"""dedup watch as a person or a service runs it: what it prints, how it ends."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import BEES, STORM

Run = Callable[..., subprocess.CompletedProcess[str]]
PATIENCE = 120


def flagged(out: Path) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for path in out.glob("flagged-*.csv"):
        with open(path, encoding="utf-8-sig", newline="") as file:
            found += [(row["article_id"], row["relation"]) for row in csv.DictReader(file)]
    return found


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


def test_once_flags_what_is_there_and_ends(run: Run, drop: Path, tmp_path: Path) -> None:
    done = run("watch", "drop", "--index", "crawl.db", "--out", "out", "--once", "--settle", "0.1")
    assert done.returncode == 0
    first, second, third = done.stdout.splitlines()
    assert first == "a.txt: new"
    assert second.startswith("b.txt: identical copy of a.txt, almost certain, longest shared passage 54 words: “Two ")
    assert third == "bees.txt: new"
    assert done.stderr.splitlines() == [
        "drop is looked at once; files flagged before: 0",
        f"dedup: skipped: {drop / 'empty.txt'}: empty",
        "Flagged 3 articles: 2 new, 1 copy; 1 row of skipped input.",
    ]
    assert flagged(tmp_path / "out") == [("a.txt", "new"), ("b.txt", "copy_of"), ("bees.txt", "new")]


def test_signals_mean_afterwards_what_they_meant_before(run: Run, drop: Path) -> None:
    signs = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = [signal.getsignal(sign) for sign in signs]
    run("watch", "drop", "--index", "crawl.db", "--out", "out", "--once", "--settle", "0")
    assert [signal.getsignal(sign) for sign in signs] == before


def test_names_of_files_command_no_terminal(run: Run, drop: Path) -> None:
    (drop / "a\x1b[31m\nb.txt").write_text("Nobody has ever heard of this at all.", "utf-8")
    for command in (
        ("index", "check", "other.db", "drop"),
        ("watch", "drop", "--index", "crawl.db", "--out", "out", "--once", "--settle", "0"),
    ):
        run("index", "add", "other.db", "drop/bees.txt")
        said = run(*command).stdout
        assert "a\ufffd[31m b.txt: new\n" in said
        assert "\x1b" not in said


def test_quiet_says_only_what_is_wrong(run: Run, drop: Path) -> None:
    done = run("watch", "drop", "--index", "crawl.db", "--out", "out", "--once", "--settle", "0", "-q")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"dedup: skipped: {drop / 'empty.txt'}: empty\n"
    again = run("watch", "drop", "--index", "crawl.db", "--out", "out", "--once", "--settle", "0", "-q")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("nowhere", "--index", "x.db", "--out", "out"), "'nowhere' is not a folder"),
        (
            ("drop", "--index", "x.db", "--out", "drop/out"),
            "--out must not lie in the watched folder drop: drop/out does",
        ),
        (("drop", "--index", "drop/x.db", "--out", "out"), "--index must not lie in the watched folder drop"),
        (("drop", "--index", "x.db", "--out", "out", "--settle", "-1"), "--settle takes seconds, 0 or more, not -1.0"),
        (("drop", "--index", "x.db", "--out", "out", "--settle", "nan"), "--settle takes seconds, 0 or more, not nan"),
        (("drop", "--index", "x.db", "--out", "out", "--webhook", "desk"), "--webhook takes an address that begins"),
        (("drop", "--index", "x.db", "--out", "out", "--field", "text"), "--field takes OURS=THEIRS"),
        (("drop", "--index", "x.db", "--out", "drop/a.txt/out"), "--out must not lie in the watched folder"),
        (("drop", "--index", "x.db", "--out", "note.txt"), "--out note.txt cannot be made: File exists"),
    ],
)
def test_what_cannot_be_meant_is_an_error_before_any_work(
    run: Run, drop: Path, tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    (tmp_path / "note.txt").write_text("somebody's own", "utf-8")
    before = sorted(path.name for path in tmp_path.iterdir())
    done = run("watch", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("dedup: " + said)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.fixture
def watching(command: list[str], drop: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A watch in a process of its own, which has flagged what was there."""
    call = [*command, "watch", "drop", "--index", "crawl.db", "--out", "out", "--settle", "0.1"]
    process = subprocess.Popen(
        call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", cwd=tmp_path
    )
    try:
        until(lambda: len(flagged(tmp_path / "out")) == 3 or process.poll() is not None)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(watching: subprocess.Popen[str], tmp_path: Path, sign: signal.Signals) -> None:
    (tmp_path / "drop" / "late.txt").write_text(STORM + " " + BEES, "utf-8")
    until(lambda: len(flagged(tmp_path / "out")) == 4)
    watching.send_signal(sign)
    said, warned = watching.communicate(timeout=PATIENCE)
    assert watching.returncode == 0
    assert [line.split(":")[0] for line in said.splitlines()] == ["a.txt", "b.txt", "bees.txt", "late.txt"]
    assert warned.splitlines()[-1].startswith("Flagged 4 articles: 2 new, ")
    assert sorted(os.listdir(tmp_path / "out"))[0] == ".dedup-watch.db"  # nothing of SQLite's own is left beside it
    assert ".dedup-watch.db-wal" not in os.listdir(tmp_path / "out")


def test_a_hangup_that_is_to_be_ignored_is(command: list[str], drop: Path, tmp_path: Path) -> None:
    ignoring = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); " + command[-1]
    call = [*command[:-1], ignoring, "watch", "drop", "--index", "crawl.db", "--out", "out", "--settle", "0.1", "-q"]
    with subprocess.Popen(call, stderr=subprocess.DEVNULL, cwd=tmp_path) as process:
        try:
            until(lambda: len(flagged(tmp_path / "out")) == 3)
            process.send_signal(signal.SIGHUP)
            (drop / "late.txt").write_text(BEES + " The end.", "utf-8")
            until(lambda: len(flagged(tmp_path / "out")) == 4)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=PATIENCE) == 0
        finally:
            process.kill()


def test_it_ends_when_nobody_reads_any_more(command: list[str], drop: Path, tmp_path: Path) -> None:
    call = [*command, "watch", "drop", "--index", "crawl.db", "--out", "out", "--settle", "0.1"]
    with subprocess.Popen(
        call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", cwd=tmp_path
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        try:
            assert process.wait(timeout=PATIENCE) == 0
        finally:
            process.kill()
    done = subprocess.run([*call, "--once"], capture_output=True, text=True, cwd=tmp_path, timeout=PATIENCE, check=True)
    assert done.stderr.splitlines()[-1].startswith("Flagged ")
    assert flagged(tmp_path / "out") == [("a.txt", "new"), ("b.txt", "copy_of"), ("bees.txt", "new")]


def test_an_address_in_the_name_of_the_index_may_be_given_as_it_is(run: Run, drop: Path, tmp_path: Path) -> None:
    where = f"sqlite:///{tmp_path}/crawl.db"
    done = run("watch", "drop", "--index", where, "--out", "out", "--once", "--settle", "0")
    assert done.returncode == 0
    assert (tmp_path / "crawl.db").is_file()
