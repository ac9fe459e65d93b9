"""Which files count as complete, by a clock that the test turns."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dedup.watch import arrivals
from dedup.watch.arrivals import Arrivals, unfinished


class Clock:
    """Stands still until it is turned; the wall clock goes with it."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    turned = Clock()
    monkeypatch.setattr(arrivals, "time", turned)
    return turned


def waiting(folder: Path, settle: float = 2.0) -> Arrivals:
    return Arrivals(str(folder), settle, lambda path: None)


def ripe(watched: Arrivals) -> list[str]:
    return [path for path, _ in watched.ripe()]


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("story.txt", False),
        ("part.txt", False),
        ("story.tmp.txt", False),
        ("story.txt.part", True),
        ("story.txt.TMP", True),
        ("Unconfirmed 7731.crdownload", True),
        ("story.txt.filepart", True),
        ("story.txt~", True),
        (".story.txt.Qx71Lp", True),
        (".DS_Store", True),
    ],
)
def test_hidden_and_temporary_names_are_known(name: str, answer: bool) -> None:
    assert unfinished(name) == answer


def test_a_file_is_complete_when_it_has_not_changed_for_the_settle_time(tmp_path: Path, clock: Clock) -> None:
    watched = waiting(tmp_path)
    path = tmp_path / "story.txt"
    path.write_text("Two ferries", "utf-8")
    watched.sweep()
    assert ripe(watched) == []
    clock.now += 1.9
    path.write_text("Two ferries lost their moorings", "utf-8")
    assert ripe(watched) == []
    clock.now += 1.9
    assert ripe(watched) == []
    clock.now += 0.2
    assert ripe(watched) == ["story.txt"]


def test_a_file_that_was_last_changed_long_ago_is_complete_at_once(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "story.txt"
    path.write_text("Two ferries", "utf-8")
    clock.now = path.stat().st_ctime + 61
    watched = waiting(tmp_path)
    watched.sweep()
    assert ripe(watched) == ["story.txt"]


def test_a_date_that_was_copied_with_a_file_makes_it_no_older(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "story.txt"
    path.write_text("Two ferries", "utf-8")
    os.utime(path, (0, 0))
    clock.now = path.stat().st_ctime + 1
    watched = waiting(tmp_path)
    watched.sweep()
    assert ripe(watched) == []


def test_files_come_in_the_order_in_which_they_were_written(tmp_path: Path, clock: Clock) -> None:
    for name, second in ("b.txt", 30), ("a.txt", 20), ("c.txt", 20):
        (tmp_path / name).write_text("Two ferries", "utf-8")
        os.utime(tmp_path / name, (second, second))
    watched = waiting(tmp_path)
    watched.sweep()
    clock.now += 3
    assert ripe(watched) == ["a.txt", "c.txt", "b.txt"]


def test_a_temporary_name_that_becomes_the_final_one_is_noticed_by_looks_and_by_events(
    tmp_path: Path, clock: Clock
) -> None:
    for told in (False, True):
        watched = waiting(tmp_path)
        part, final = tmp_path / "story.txt.part", tmp_path / "story.txt"
        part.write_text("Two ferries", "utf-8")
        if not told:
            watched.sweep()
        part.rename(final)
        if told:
            watched.hear([str(final)], [str(part)])
        else:
            watched.sweep()
        assert ripe(watched) == ["story.txt"]
        final.unlink()


def test_the_place_of_a_temporary_file_that_another_file_takes_is_no_rename(tmp_path: Path, clock: Clock) -> None:
    watched = waiting(tmp_path)
    part = tmp_path / "other.txt.part"
    part.write_text("Two ferries", "utf-8")
    watched.sweep()
    part.rename(tmp_path / "story.txt")  # keeps the inode, as a new file might that gets it again
    watched.sweep()
    assert ripe(watched) == []


def test_a_folder_that_is_moved_in_brings_its_files_hidden_ones_stay_out(tmp_path: Path, clock: Clock) -> None:
    for name in ("wire/day/a.txt", "wire/.cache/b.txt", ".sync/c.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("Two ferries", "utf-8")
    watched = waiting(tmp_path)
    watched.hear([str(tmp_path / "wire"), str(tmp_path / ".sync"), str(tmp_path / ".sync" / "c.txt")], [])
    clock.now += 3
    assert ripe(watched) == ["wire/day/a.txt"]


def test_a_file_that_goes_before_it_is_complete_is_forgotten(tmp_path: Path, clock: Clock) -> None:
    watched = waiting(tmp_path)
    (tmp_path / "story.txt").write_text("Two ferries", "utf-8")
    watched.sweep()
    (tmp_path / "story.txt").unlink()
    assert ripe(watched) == []
    assert watched.waiting() == []


def test_a_file_that_settled_without_an_event_shows_that_events_cannot_be_relied_on(
    tmp_path: Path, clock: Clock
) -> None:
    watched = waiting(tmp_path)
    (tmp_path / "first.txt").write_text("Two ferries", "utf-8")
    watched.sweep(first=True)
    clock.now += 3
    assert not watched.unannounced()
    (tmp_path / "told.txt").write_text("Two ferries", "utf-8")
    watched.hear([str(tmp_path / "told.txt")], [])
    clock.now += 3
    assert not watched.unannounced()
    (tmp_path / "silent.txt").write_text("Two ferries", "utf-8")
    watched.sweep()
    assert not watched.unannounced()
    clock.now += 3
    assert watched.unannounced()


def test_files_in_a_new_folder_may_come_before_the_system_listens_there(tmp_path: Path, clock: Clock) -> None:
    watched = waiting(tmp_path)
    (tmp_path / "wire").mkdir()
    watched.hear([str(tmp_path / "wire")], [])
    (tmp_path / "wire" / "a.txt").write_text("Two ferries", "utf-8")
    watched.sweep()
    clock.now += 3
    assert not watched.unannounced()
    assert ripe(watched) == ["wire/a.txt"]
    (tmp_path / "wire" / "b.txt").write_text("Two ferries", "utf-8")
    watched.sweep()
    clock.now += 3
    assert watched.unannounced()


def test_a_folder_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        waiting(tmp_path / "gone").sweep()
