"""dedup evaluate: figures, floors, exit codes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def scanned(run: Run, drop: Path, tmp_path: Path) -> Path:
    """A report, and gold files that agree with it but for one pair."""
    assert run("scan", "drop", "-q").returncode == 0
    (tmp_path / "gold.csv").write_text("a,b,grade\na.txt,b.txt,exact\na.txt,bees.txt,excerpt\n", "utf-8")
    (tmp_path / "stories.csv").write_text("article_id,story\na.txt,storm\nb.txt,storm\nbees.txt,bees\n", "utf-8")
    return tmp_path


def test_pairs_and_clusters_are_scored(run: Run, scanned: Path) -> None:
    figures = json.loads(run("evaluate", "reports", "--pairs", "gold.csv", "--json").stdout)
    assert (figures["precision"], figures["recall"]) == (1.0, 0.5)
    figures = json.loads(run("evaluate", "reports", "--clusters", "stories.csv", "--json").stdout)
    assert (figures["ari"], figures["bcubed_f1"], figures["stories"]) == (1.0, 1.0, 2)


def test_scores_are_printed_in_words(run: Run, scanned: Path) -> None:
    done = run("evaluate", "reports", "--pairs", "gold.csv", "--clusters", "stories.csv")
    assert done.returncode == 0
    assert "precision 1.0000" in done.stdout
    assert "adjusted Rand index 1.0000" in done.stdout


@pytest.mark.parametrize(
    ("floor", "code"), [("precision=1.0", 0), ("recall=0.5", 0), ("recall=0.51", 1), ("f1=0.99", 1)]
)
def test_a_figure_below_its_floor_is_exit_code_1(run: Run, scanned: Path, floor: str, code: int) -> None:
    done = run("evaluate", "reports", "--pairs", "gold.csv", "--floor", floor)
    assert done.returncode == code
    assert ("is below" in done.stderr) == (code == 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "needs --pairs"),
        (("--pairs", "nowhere.csv"), "nowhere.csv"),
        (("--pairs", "gold.csv", "--floor", "f1"), "--floor takes FIGURE=VALUE"),
        (("--pairs", "gold.csv", "--floor", "nonsense=0.5"), "no such figure: nonsense"),
        (("--pairs", "stories.csv"), "no column"),
    ],
)
def test_wrong_usage_is_exit_code_2(run: Run, scanned: Path, arguments: tuple[str, ...], message: str) -> None:
    done = run("evaluate", "reports", *arguments)
    assert done.returncode == 2
    assert message in done.stderr


def test_html_writes_a_page_and_prints_the_scores_as_well(run: Run, scanned: Path) -> None:
    done = run("evaluate", "reports", "--pairs", "gold.csv", "--clusters", "stories.csv", "--html", "trust.html")
    assert (done.returncode, "precision 1.0000" in done.stdout) == (0, True)
    page = (scanned / "trust.html").read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "Are the stories right?" in page


def test_a_page_that_cannot_be_written_is_one_sentence(run: Run, scanned: Path) -> None:
    done = run("evaluate", "reports", "--pairs", "gold.csv", "--html", "reports")
    assert (done.returncode, done.stderr.strip()[-11:]) == (2, "is a folder")
    assert run("evaluate", "reports", "--pairs", "gold.csv", "--html", "nowhere/trust.html").returncode == 2
