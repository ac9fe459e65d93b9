"""--resume, --cache and --max-memory: what a stopped scan leaves, and that none of them changes a result."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
CSVS = ("pairs.csv", "clusters.csv", "articles.csv", "skipped.csv")


def feed(path: Path, articles: int, invent: Callable[..., str]) -> Path:
    dice = random.Random(4)
    lines = [
        json.dumps({"id": f"n{k:05}", "text": invent(dice.randrange(articles // 2), 400)}) for k in range(articles)
    ]
    path.write_text("\n".join(lines), "utf-8")
    return path


def tables(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in CSVS]


def test_a_killed_scan_is_resumed_and_leaves_nothing(
    run: Run, command: list[str], tmp_path: Path, invent: Callable[..., str]
) -> None:
    feed(tmp_path / "feed.jsonl", 4000, invent)
    work = tmp_path / ".reports.work"
    running = subprocess.Popen([*command, "scan", "feed.jsonl", "--quiet", "--jobs", "2"], cwd=tmp_path)
    while running.poll() is None and not (work.exists() and any(p.suffix == ".batch" for p in work.iterdir())):
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    running.wait()
    kept = {path for path in work.iterdir() if path.suffix == ".batch"}
    assert kept
    assert run("scan", "feed.jsonl", "--quiet", "--resume").returncode == 0
    resumed = tables(tmp_path / "reports")
    assert not work.exists()
    assert run("scan", "feed.jsonl", "--quiet", "--out", "fresh").returncode == 0
    assert tables(tmp_path / "fresh") == resumed
    assert sorted(os.listdir(tmp_path)) == ["feed.jsonl", "fresh", "reports"]


def test_without_resume_a_scan_starts_afresh(run: Run, tmp_path: Path, drop: Path) -> None:
    (tmp_path / ".reports.work").mkdir()
    (tmp_path / ".reports.work" / "old.batch").write_bytes(b"half a piece")
    assert run("scan", "drop", "--quiet").returncode == 0
    assert not (tmp_path / ".reports.work").exists()


def test_little_memory_and_a_cache_change_no_byte(run: Run, tmp_path: Path, invent: Callable[..., str]) -> None:
    feed(tmp_path / "feed.jsonl", 600, invent)
    plain = run("scan", "feed.jsonl", "--quiet", "--out", "plain")
    careful = ("--max-memory", "1M", "--cache", "cache", "--jobs", "1")
    first = run("scan", "feed.jsonl", "--quiet", "--out", "first", *careful)
    second = run("scan", "feed.jsonl", "--quiet", "--out", "second", *careful)
    assert (plain.returncode, first.returncode, second.returncode) == (0, 0, 0)
    assert tables(tmp_path / "plain") == tables(tmp_path / "first") == tables(tmp_path / "second")


@pytest.mark.parametrize("size", ["lots", "6", "-1G", "0.0001M"])
def test_a_memory_that_is_none_is_refused_before_any_work(run: Run, drop: Path, tmp_path: Path, size: str) -> None:
    done = run("scan", "drop", "--max-memory", size)
    assert done.returncode == 2
    assert "--max-memory takes a number and M or G, for example 6G" in done.stderr
    assert not (tmp_path / "reports").exists()
