"""`dedup scan --decisions`: what the terminal says, what is carried on, and that nobody's work is lost."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from dedup import Config, find_duplicates
from dedup.decisions import read_decisions
from dedup.store import Store

Run = Callable[..., subprocess.CompletedProcess[str]]
TABLES = ("pairs.csv", "clusters.csv", "articles.csv", "decisions.csv")


@pytest.fixture
def desk(tmp_path: Path, drop: Path) -> Path:
    """A file by which the two copies in the drop folder are none, and a text that is not there is noted on."""
    path = tmp_path / "desk.csv"
    path.write_text("decision,a,b,note\nnot_a_copy,a.txt,b.txt,a form\nnote,gone.txt,,Lost\n", "utf-8")
    return path


def test_decisions_are_applied_told_of_and_carried(run: Run, tmp_path: Path, desk: Path) -> None:
    done = run("scan", "drop", "--decisions", "desk.csv")
    assert done.returncode == 0
    assert "No copies among 3 articles." in done.stdout
    assert (
        "Of 2 decisions, 1 was applied. The desk judged 1 pair that dedup called copies, and confirmed 0 (0%).\n"
        "  Not applied: note of gone.txt: gone.txt is not among the articles\n"
    ) in done.stdout
    assert done.stdout.endswith("run.json, decisions.csv\n")
    run_json = json.loads((tmp_path / "reports" / "run.json").read_text("utf-8"))
    assert run_json["decisions"]["applied"] == 1
    carried = read_decisions(tmp_path / "reports" / "decisions.csv")
    assert [(d.decision, d.a, d.b, d.note) for d in carried] == [
        ("not_a_copy", "a.txt", "b.txt", "a form"),
        ("note", "gone.txt", "", "Lost"),
    ]
    assert len(carried[0].a_text) == 32


def test_a_carried_file_gives_the_same_report_and_follows_renamed_files(run: Run, tmp_path: Path, desk: Path) -> None:
    run("scan", "drop", "--decisions", "desk.csv", "-q")
    first = [(tmp_path / "reports" / name).read_bytes() for name in TABLES]
    assert run("scan", "drop", "--decisions", "reports/decisions.csv", "-q").returncode == 0
    assert [(tmp_path / "reports" / name).read_bytes() for name in TABLES] == first
    (tmp_path / "drop" / "a.txt").rename(tmp_path / "drop" / "zz.txt")
    done = run("scan", "drop", "--decisions", "reports/decisions.csv", "--json")
    assert json.loads(done.stdout)["decisions"]["applied"] == 1
    assert read_decisions(tmp_path / "reports" / "decisions.csv")[0].b == "zz.txt"


def test_decisions_in_the_folder_that_are_not_given_stay_and_are_told_of(run: Run, tmp_path: Path, desk: Path) -> None:
    run("scan", "drop", "--decisions", "desk.csv", "-q")
    kept = (tmp_path / "reports" / "decisions.csv").read_bytes()
    done = run("scan", "drop")
    assert done.stderr == (
        "warning: 2 decisions in reports/decisions.csv not applied, but kept; apply them with --decisions "
        "reports/decisions.csv\n"
    )
    assert "Of 3 articles, 2 share their text in 1 story." in done.stdout
    assert (tmp_path / "reports" / "decisions.csv").read_bytes() == kept


def test_what_the_desk_saves_while_a_scan_runs_is_kept(run: Run, tmp_path: Path, desk: Path) -> None:
    run("scan", "drop", "--decisions", "desk.csv", "-q")
    saved = tmp_path / "reports" / "decisions.csv"
    saved.write_text(saved.read_text("utf-8") + "note,bees.txt,,,,,Call the farm school,\n", "utf-8")
    run("scan", "drop", "--decisions", "desk.csv", "-q")
    assert [d.note for d in read_decisions(saved)] == ["a form", "Lost", "Call the farm school"]


def test_several_files_are_read_together_and_a_configuration_can_name_one(run: Run, tmp_path: Path, desk: Path) -> None:
    (tmp_path / "more.csv").write_text("decision,a,b\nsame_story,a.txt,bees.txt\n", "utf-8")
    done = run("scan", "drop", "--decisions", "desk.csv", "--decisions", "more.csv", "--json")
    assert json.loads(done.stdout)["decisions"]["given"] == 3
    (tmp_path / "dedup.toml").write_text('decisions = "more.csv"\n', "utf-8")
    done = run("scan", "drop", "--config", "dedup.toml", "--out", "other", "--json")
    assert json.loads(done.stdout)["decisions"]["given"] == 1


def test_a_bad_file_is_an_error_before_any_work(run: Run, tmp_path: Path, desk: Path) -> None:
    desk.write_text("decision,a,b\nnot_a_copy,a.txt,b.txt\nperhaps,a.txt,b.txt\n", "utf-8")
    done = run("scan", "drop", "--decisions", "desk.csv")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("dedup: desk.csv, line 3: no decision is called 'perhaps'")
    assert not (tmp_path / "reports").exists()
    assert run("scan", "drop", "--decisions", "none.csv").returncode == 2


def test_a_broken_file_in_the_folder_is_never_replaced(run: Run, tmp_path: Path, desk: Path) -> None:
    run("scan", "drop", "-q")
    (tmp_path / "reports" / "decisions.csv").write_text("what is this\n", "utf-8")
    done = run("scan", "drop", "--decisions", "desk.csv")
    assert (done.returncode, done.stdout) == (2, "")
    assert "reports/decisions.csv has no column 'decision'" in done.stderr
    assert run("scan", "drop").returncode == 0
    assert (tmp_path / "reports" / "decisions.csv").read_text("utf-8") == "what is this\n"


def test_finished_stages_serve_a_run_with_other_decisions(tmp_path: Path, invent: Callable[..., str]) -> None:
    texts = [invent(seed, 400) for seed in range(40)]
    lines = [json.dumps({"id": f"n{k:04}", "text": texts[k] if k < 40 else texts[k % 40][: 40 * k]}) for k in range(90)]
    long = [json.dumps({"id": f"long{k}", "text": texts[k] * 170}) for k in range(10)]  # enough to be kept in files
    (tmp_path / "feed.jsonl").write_text("\n".join(lines + long), "utf-8")
    work = Store(tmp_path / "work")
    free = find_duplicates([tmp_path / "feed.jsonl"], work=work)
    judged = {path: path.stat().st_mtime_ns for path in (tmp_path / "work").glob("*.judged.npz")}
    assert len(judged) == 1
    first = free.matches[0]
    (tmp_path / "desk.csv").write_text(f"decision,a,b\nnot_a_copy,{first.a},{first.b}\n", "utf-8")
    config = Config(decisions=str(tmp_path / "desk.csv"))
    decided = find_duplicates([tmp_path / "feed.jsonl"], work=work, config=config)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "work").glob("*.judged.npz")} == judged
    assert (first.a, first.b) not in {(match.a, match.b) for match in decided.matches}
    assert len(decided.matches) < len(free.matches)
