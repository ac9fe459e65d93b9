"""Files put aside: never over another one, never lost."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from dedup.watch.arrivals import Mark, mark_of
from dedup.watch.moving import content_digest, free_name, move

TEXT = "Two ferries lost their moorings in the night."


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "drop" / "a.txt"
    path.parent.mkdir()
    path.write_text(TEXT, "utf-8")
    return path


def moved(source: Path, target: Path) -> Path:
    mark = mark_of(str(source))
    assert mark is not None
    return move(str(source), mark, content_digest(str(source)), target)


def test_a_free_name_is_the_same_or_numbered_before_the_whole_suffix(tmp_path: Path) -> None:
    assert free_name(tmp_path, "wire/feed.jsonl.gz") == tmp_path / "wire" / "feed.jsonl.gz"
    (tmp_path / "feed.jsonl.gz").write_text("", "utf-8")
    (tmp_path / "feed~2.jsonl.gz").symlink_to("nowhere")
    assert free_name(tmp_path, "feed.jsonl.gz") == tmp_path / "feed~3.jsonl.gz"


def test_a_name_that_was_taken_meanwhile_gets_a_number(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "copies" / "a.txt"
    target.parent.mkdir()
    target.write_text("somebody's own", "utf-8")
    assert moved(source, target) == tmp_path / "copies" / "a~2.txt"
    assert (target.read_text("utf-8"), (tmp_path / "copies" / "a~2.txt").read_text("utf-8")) == ("somebody's own", TEXT)
    assert not source.exists()


@pytest.fixture
def other_drive(monkeypatch: pytest.MonkeyPatch) -> None:
    """Renaming out of the drop folder fails, as it does between drives."""
    real = os.replace

    def replace(old: str | Path, new: str | Path) -> None:
        if Path(old).parent != Path(new).parent:
            raise OSError(errno.EXDEV, "Invalid cross-device link", str(old))
        real(old, new)

    monkeypatch.setattr(os, "replace", replace)


@pytest.mark.usefixtures("other_drive")
def test_a_file_goes_to_another_drive_with_its_date(source: Path, tmp_path: Path) -> None:
    os.utime(source, (1_900_000_000, 1_900_000_000))
    target = tmp_path / "copies" / "a.txt"
    assert moved(source, target) == target
    assert (target.read_text("utf-8"), target.stat().st_mtime) == (TEXT, 1_900_000_000)
    assert not source.exists()
    assert os.listdir(target.parent) == ["a.txt"]


@pytest.mark.usefixtures("other_drive")
def test_a_copy_that_breaks_off_leaves_the_original_and_nothing_else(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(old: str, new: Path) -> None:
        new.write_text(TEXT[:5], "utf-8")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(OSError, match="No space left"):
        moved(source, tmp_path / "copies" / "a.txt")
    assert source.read_text("utf-8") == TEXT
    assert os.listdir(tmp_path / "copies") == []


def test_a_move_that_a_crash_cut_short_is_gone_on_with(source: Path, tmp_path: Path) -> None:
    mark, digest = mark_of(str(source)), content_digest(str(source))
    assert mark is not None
    target = tmp_path / "copies" / "a.txt"
    target.parent.mkdir()
    target.touch()  # the name was taken, the file not yet moved
    assert move(str(source), mark, digest, target) == target
    assert move(str(source), mark, digest, target) == target  # it was moved, and that was not yet written down
    source.write_text(TEXT, "utf-8")  # it was copied to another drive, and not yet taken away
    mark = mark_of(str(source))
    assert mark is not None
    assert move(str(source), mark, digest, target) == target
    assert not source.exists()
    assert (os.listdir(target.parent), target.read_text("utf-8")) == (["a.txt"], TEXT)


def test_a_file_that_has_changed_meanwhile_stays(source: Path, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="it has changed meanwhile"):
        move(str(source), Mark(1, 2, 3, 4), content_digest(str(source)), tmp_path / "copies" / "a.txt")
    assert source.exists()
    assert not (tmp_path / "copies").exists()


def test_a_file_that_has_gone_is_an_error_of_its_own(source: Path, tmp_path: Path) -> None:
    mark, digest = mark_of(str(source)), content_digest(str(source))
    source.unlink()
    assert mark is not None
    with pytest.raises(FileNotFoundError):
        move(str(source), mark, digest, tmp_path / "a.txt")
