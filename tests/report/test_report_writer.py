"""Report folders are written whole or not at all, and nothing of the user's is ever replaced."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import dedup.report.writer as writing
from dedup.errors import ConfigError, DedupError
from dedup.report import REPORT_FILES, Findings, check_target, write


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_a_new_folder_holds_exactly_the_six_files(newsroom: Findings, tmp_path: Path) -> None:
    paths = write(newsroom, tmp_path / "deep" / "report")
    assert sorted(path.name for path in paths) == sorted(
        ["pairs.csv", "clusters.csv", "articles.csv", "skipped.csv", "run.json", "report.html"]
    )
    assert sorted(os.listdir(tmp_path / "deep" / "report")) == sorted(REPORT_FILES)
    assert os.listdir(tmp_path / "deep") == ["report"]


def test_the_same_findings_give_the_same_bytes(newsroom: Findings, tmp_path: Path) -> None:
    write(newsroom, tmp_path / "one")
    write(newsroom, tmp_path / "two")
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_two_processes_write_the_same_bytes(newsroom: Findings, tmp_path: Path) -> None:
    write(newsroom, tmp_path / "one")
    write(newsroom, tmp_path / "two", jobs=2)
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_run_json_is_readable_and_marked(newsroom: Findings, tmp_path: Path) -> None:
    write(newsroom, tmp_path / "r")
    run = json.loads((tmp_path / "r" / "run.json").read_text(encoding="utf-8"))
    assert (run["made_by"], run["report_format"], run["versions"]) == ("dedup", 1, {"dedup": "0.1"})


def test_an_older_report_is_replaced_and_foreign_files_stay(newsroom: Findings, tmp_path: Path) -> None:
    folder = tmp_path / "r"
    write(newsroom, folder)
    (folder / "pairs.csv").write_text("old")
    (folder / "notes.txt").write_text("mine")
    (folder / "desk").mkdir()
    (folder / "desk" / "list.txt").write_text("mine too")
    write(newsroom, folder)
    assert (folder / "pairs.csv").read_text(encoding="utf-8-sig").startswith("a,b,grade")
    assert (folder / "notes.txt").read_text() == "mine"
    assert (folder / "desk" / "list.txt").read_text() == "mine too"
    assert os.listdir(tmp_path) == ["r"]


def test_hidden_files_do_not_make_a_folder_foreign_and_are_kept(newsroom: Findings, tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / ".gitkeep").touch()
    inode = folder.stat().st_ino
    write(newsroom, folder)
    assert folder.stat().st_ino == inode
    assert sorted(os.listdir(folder)) == sorted([".gitkeep", *REPORT_FILES])


@pytest.mark.parametrize("run", [None, "{}", "[]", "not json", '{"made_by": "another tool", "report_format": 1}'])
def test_a_folder_that_is_no_report_is_refused(newsroom: Findings, tmp_path: Path, run: str | None) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    if run is not None:
        (tmp_path / "run.json").write_text(run)
    before = content(tmp_path)
    with pytest.raises(ConfigError, match="is not empty and holds no older report of dedup"):
        write(newsroom, tmp_path)
    assert content(tmp_path) == before


def test_a_file_in_the_way_is_refused_before_work(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("x")
    with pytest.raises(ConfigError, match="taken is not a folder"):
        check_target(tmp_path / "taken")
    with pytest.raises(ConfigError, match="taken is not a folder"):
        check_target(tmp_path / "taken" / "report")


def test_a_missing_or_empty_folder_is_fine(tmp_path: Path) -> None:
    check_target(tmp_path)
    check_target(tmp_path / "a" / "b")
    assert os.listdir(tmp_path) == []


def test_a_link_to_a_folder_stays_a_link(newsroom: Findings, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write(newsroom, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "run.json").exists()


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interruption_while_writing_leaves_the_old_report(
    newsroom: Findings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    write(newsroom, tmp_path / "r")
    before = content(tmp_path / "r")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(writing._WRITERS, "report.html", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(newsroom, tmp_path / "r", jobs)
    assert content(tmp_path / "r") == before
    assert os.listdir(tmp_path) == ["r"]


@pytest.mark.parametrize("stop_at", [1, 2, 3, 4])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("stays", [False, True])
def test_an_interruption_at_any_rename_leaves_the_old_report(
    newsroom: Findings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_at: int, after: bool, stays: bool
) -> None:
    folder = tmp_path / "r"
    write(newsroom, folder)
    for name in REPORT_FILES:
        if name != "run.json":
            (folder / name).write_text(f"old {name}")
    (folder / "a.txt").write_text("mine")
    (folder / "b.txt").write_text("mine")
    before = content(folder)
    rename, calls = os.rename, 0

    def rename_until(old: Path, new: Path) -> None:
        nonlocal calls
        calls += 1
        if calls == stop_at:
            if after:
                rename(old, new)
            raise KeyboardInterrupt
        rename(old, new)

    monkeypatch.setattr(os, "rename", rename_until)
    monkeypatch.setattr(writing, "_must_stay", lambda target: stays)
    with pytest.raises(KeyboardInterrupt):
        write(newsroom, folder)
    assert content(folder) == before
    assert os.listdir(tmp_path) == ["r"]


def test_the_current_folder_is_filled_in_place(
    newsroom: Findings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    inode = tmp_path.stat().st_ino
    write(newsroom, ".")
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "pairs.csv").write_text("old")
    write(newsroom, ".")
    assert tmp_path.stat().st_ino == inode
    assert sorted(os.listdir(tmp_path)) == sorted(["notes.txt", *REPORT_FILES])
    assert (tmp_path / "pairs.csv").read_text(encoding="utf-8-sig").startswith("a,b,grade")


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_full_disk_is_one_sentence(
    newsroom: Findings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(writing._WRITERS, "pairs.csv", full)
    with pytest.raises(DedupError, match=r"cannot write the report to .*: No space left on device"):
        write(newsroom, tmp_path / "r", jobs)
    assert os.listdir(tmp_path) == []


def test_new_folders_are_open_to_others_as_the_umask_says(newsroom: Findings, tmp_path: Path) -> None:
    (tmp_path / "usual").mkdir()
    write(newsroom, tmp_path / "report")
    assert (tmp_path / "report").stat().st_mode == (tmp_path / "usual").stat().st_mode
