"""What lands is flagged once: over restarts, changes, renames, half-written files, moves."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from dedup.config import Config
from dedup.errors import ConfigError, IndexAccessError, SourceError
from dedup.index import Index, Verdict
from dedup.records import Article, Skipped
from dedup.watch import watch
from dedup.watch.memory import Memory, Row
from dedup.watch.wake import News, Waker
from tests.watch.conftest import BEES, STORM, Desk, rows, until


def test_what_is_there_and_what_lands_later_is_flagged_in_the_table_of_the_day(desk: Desk) -> None:
    desk.put("a.txt", STORM)
    with desk.watching():
        until(lambda: len(desk.flagged()) == 1)
        desk.put("wire/b.txt", STORM + " No one was hurt.")
        until(lambda: len(desk.flagged()) == 2)
        desk.put("bees.txt", BEES)
        until(lambda: len(desk.flagged()) == 3)
    assert desk.flagged() == [("a.txt", "new", ""), ("wire/b.txt", "copy_of", "a.txt"), ("bees.txt", "new", "")]
    [path] = desk.out.glob("*.csv")
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbfnumber,time,article_id,relation,of,verdict,confidence,")
    assert (data.count(b"\xef\xbb\xbf"), data.count(b"number,time")) == (1, 1)
    assert (data.count(b"\r\n"), data.count(b"\n")) == (4, 4)
    copy = rows(desk.out)[1]
    assert (copy["number"], copy["verdict"], copy["found"]) == ("2", "lightly edited copy", "1")
    assert copy["passage"].startswith("Two ferries lost their moorings")
    assert copy["source"] == str(desk.drop / "wire" / "b.txt")
    assert desk.told("wire/b.txt: lightly edited copy of a.txt, almost certain, longest shared passage 54 words: “Two")
    with Index.open(desk.index, create=False) as index:
        assert sorted(article.id for article in index.articles()) == ["a.txt", "bees.txt", "wire/b.txt"]


def test_polling_flags_the_same(desk: Desk) -> None:
    with desk.watching(poll=True):
        desk.put("a.txt", STORM)
        desk.put("b.txt", STORM)
        until(lambda: len(desk.flagged()) == 2)
    assert desk.flagged() == [("a.txt", "new", ""), ("b.txt", "copy_of", "a.txt")]
    assert desk.told("is polled; files flagged before: 0")


def test_a_folder_is_polled_where_the_package_that_listens_is_missing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "watchfiles", None)
    with desk.watching():
        desk.put("a.txt", STORM)
        until(lambda: len(desk.flagged()) == 1)
    assert desk.told("watchfiles is not installed; run: pip install 'dedup-news[watch]'; until then the folder is")


def test_nothing_is_read_twice_after_a_restart(desk: Desk) -> None:
    desk.put("a.txt", STORM)
    desk.put("broken.txt", "")
    assert desk.once() == {"new": 1, "skipped": 1}
    desk.put("bees.txt", BEES)
    assert desk.once() == {"new": 1}
    assert desk.once() == {}
    assert [row["number"] for row in rows(desk.out)] == ["1", "3"]
    assert [(row["number"], row["source"], row["reason"]) for row in rows(desk.out, "skipped")] == [
        ("2", str(desk.drop / "broken.txt"), "empty")
    ]


def test_a_file_that_is_touched_or_renamed_in_the_folder_is_not_flagged_again(desk: Desk) -> None:
    path = desk.put("a.txt", STORM)
    desk.once()
    os.utime(path, (0, 0))
    assert desk.once() == {}
    (desk.drop / "done").mkdir()
    path.rename(desk.drop / "done" / "a.txt")
    assert desk.once() == {}
    desk.put("a.txt", STORM)
    assert desk.once() == {"known": 1}


def test_another_copy_of_a_file_is_flagged(desk: Desk) -> None:
    path = desk.put("a.txt", STORM)
    desk.once()
    desk.put("b.txt", path.read_text("utf-8"))
    assert desk.once() == {"copy_of": 1}


def test_a_changed_text_is_a_revision_and_takes_the_place_of_the_earlier_one(desk: Desk) -> None:
    desk.put("a.txt", STORM)
    desk.once(move_to=desk.copies)
    path = desk.put("a.txt", STORM + " The council meets on Monday.")
    assert desk.once(move_to=desk.copies) == {"revision_of": 1}
    assert desk.flagged()[1] == ("a.txt", "revision_of", "a.txt")
    assert path.exists()
    with Index.open(desk.index, create=False) as index:
        assert [article.body[-29:] for article in index.articles()] == [" The council meets on Monday."]


def test_another_text_under_the_name_of_an_earlier_one_gets_an_id_of_its_own(desk: Desk) -> None:
    desk.put("story.txt", STORM)
    desk.once()
    desk.put("story.txt", BEES)
    desk.once()
    desk.put("again.txt", STORM)
    desk.once()
    assert desk.flagged() == [
        ("story.txt", "new", ""),
        ("story.txt~2", "new", ""),
        ("again.txt", "copy_of", "story.txt"),
    ]


def test_records_of_a_file_have_a_row_each_and_a_file_that_grows_only_its_new_ones(desk: Desk) -> None:
    lines = [json.dumps({"id": "w1", "text": STORM, "publisher": "Coast Wire"}), json.dumps({"text": BEES})]
    path = desk.put("feed.jsonl", "\n".join(lines) + "\n")
    assert desk.once() == {"new": 2}
    with open(path, "a", encoding="utf-8") as file:
        file.write('{"text": \n')
        file.write(json.dumps({"id": "d7", "text": STORM, "publisher": "Ansel Daily"}) + "\n")
    assert desk.once() == {"skipped": 1, "copy_of": 1}
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps({"id": "d7", "text": STORM, "publisher": "Ansel Daily"}) + "\n")
    assert desk.once() == {"known": 1}
    assert desk.flagged() == [
        ("w1", "new", ""),
        ("feed.jsonl#2", "new", ""),
        ("d7", "copy_of", "w1"),
        ("d7", "known", "w1"),
    ]
    assert [row["source"] for row in rows(desk.out, "skipped")] == [f"{path}#3"]


def test_a_file_that_is_written_bit_by_bit_ends_as_a_whole(desk: Desk) -> None:
    def body() -> str:
        with Index.open(desk.index, create=False) as index:
            article = index.get("slow.txt")
        return article.body if article else ""

    with desk.watching(settle=0.6):
        with open(desk.drop / "slow.txt", "w", encoding="utf-8") as file:
            for word in STORM.split():
                file.write(word + " ")
                file.flush()
                threading.Event().wait(0.01)
        until(lambda: body() == STORM)


@pytest.mark.parametrize("poll", [False, True])
def test_a_rename_into_place_is_taken_at_once_and_temporary_names_never(desk: Desk, poll: bool) -> None:
    with desk.watching(settle=3600, poll=poll):
        part = desk.put("story.txt.part", STORM)
        desk.put(".hidden.txt", BEES)
        desk.put("other.tmp", BEES)
        threading.Event().wait(1.5 if poll else 0.5)  # until the name was seen by one look
        part.rename(desk.drop / "story.txt")
        until(lambda: len(desk.flagged()) == 1)
    assert desk.flagged() == [("story.txt", "new", "")]
    assert list(desk.out.glob("skipped-*")) == []


def test_copies_are_moved_and_names_never_clash(desk: Desk) -> None:
    desk.put("a.txt", STORM)
    desk.put("bees.txt", BEES)
    desk.once(move_to=desk.copies)
    (desk.copies / "wire").mkdir()
    (desk.copies / "wire" / "b.txt").write_text("somebody's own", "utf-8")
    path = desk.put("wire/b.txt", STORM)
    assert desk.once(move_to=desk.copies) == {"copy_of": 1, "moved": 1}
    assert not path.exists()
    assert (desk.copies / "wire" / "b.txt").read_text("utf-8") == "somebody's own"
    assert (desk.copies / "wire" / "b~2.txt").read_text("utf-8") == STORM
    assert sorted(path.name for path in desk.drop.rglob("*.txt")) == ["a.txt", "bees.txt"]
    [moved] = rows(desk.out, "moved")
    assert (moved["source"], moved["moved_to"]) == (str(path), str(desk.copies / "wire" / "b~2.txt"))

    desk.put("wire/b.txt", STORM)
    assert desk.once(move_to=desk.copies) == {"known": 1}
    assert path.exists()


def test_a_file_with_copies_and_others_stays(desk: Desk) -> None:
    desk.put("a.txt", STORM)
    desk.once()
    feed = desk.put("feed.jsonl", "".join(json.dumps({"text": text}) + "\n" for text in (STORM, BEES)))
    assert desk.once(move_to=desk.copies) == {"copy_of": 1, "new": 1}
    assert feed.exists()
    twice = desk.put("twice.jsonl", "".join(json.dumps({"text": text}) + "\n" for text in (STORM, BEES)))
    assert desk.once(move_to=desk.copies) == {"copy_of": 2, "moved": 1}
    assert not twice.exists()


def test_a_copy_that_cannot_be_moved_stays_is_named_and_is_tried_again_by_the_next_watch(desk: Desk) -> None:
    desk.put("a.txt", STORM)
    path = desk.put("wire/b.txt", STORM)
    desk.copies.mkdir()
    (desk.copies / "wire").write_text("a file, where a folder is wanted", "utf-8")
    assert desk.once(move_to=desk.copies) == {"new": 1, "copy_of": 1}
    [warning] = desk.told("cannot be moved")
    assert warning.startswith(f"{path} cannot be moved to {desk.copies / 'wire' / 'b.txt'}: ")
    assert warning.endswith("; it stays where it is")
    assert path.read_text("utf-8") == STORM
    (desk.copies / "wire").unlink()
    assert desk.once(move_to=desk.copies) == {"moved": 1}
    assert not path.exists()


def test_a_watch_with_new_tables_calls_what_the_index_has_known_and_moves_none_of_it(desk: Desk) -> None:
    desk.put("a.txt", STORM)
    desk.put("b.txt", STORM)
    desk.once()
    assert desk.once(out=desk.folder / "other", move_to=desk.copies) == {"known": 2}
    assert sorted(path.name for path in desk.drop.iterdir()) == ["a.txt", "b.txt"]


def test_titles_that_look_like_formulas_are_harmless(desk: Desk) -> None:
    desk.put("feed.jsonl", json.dumps({"id": "=1+1", "title": "@SUM(A1)", "text": STORM}))
    desk.once()
    [row] = rows(desk.out)
    assert (row["article_id"], row["title"]) == ("'=1+1", "'@SUM(A1)")


def test_a_second_watch_over_one_folder_of_tables_is_refused(desk: Desk) -> None:
    with desk.watching(), pytest.raises(ConfigError, match=rf"another watch \(process {os.getpid()}\) writes to "):
        watch(desk.plan(), tell=lambda *_: None, stop=threading.Event())


def test_tables_belong_to_one_folder_and_one_index(desk: Desk) -> None:
    desk.once()
    with pytest.raises(ConfigError, match=r"holds what a watch with the index .*crawl.db has flagged, not .*other.db"):
        desk.once(index=str(desk.folder / "other.db"))
    (desk.folder / "elsewhere").mkdir()
    with pytest.raises(ConfigError, match=r"a watch with the folder .*drop has flagged, not .*elsewhere; name another"):
        desk.once(drop=desk.folder / "elsewhere")


@pytest.mark.parametrize(
    ("option", "name"),
    [("out", "drop/out"), ("move_to", "drop"), ("index", "drop/crawl.db"), ("out", "drop/../drop/x")],
)
def test_nothing_of_ours_may_lie_in_the_watched_folder(desk: Desk, option: str, name: str) -> None:
    value = str(desk.folder / name) if option == "index" else desk.folder / name
    with pytest.raises(ConfigError, match=f"--{option.replace('_', '-')} must not lie in the watched folder"):
        desk.plan(**{option: value})


def test_a_folder_that_is_none_is_an_error(desk: Desk) -> None:
    with pytest.raises(SourceError, match="'nowhere' is not a folder"):
        desk.plan(drop=Path("nowhere"))


@pytest.mark.parametrize("url", ["ftp://desk.example/hook", "desk.example", "http://", "http://desk.example:x/"])
def test_a_webhook_that_is_no_web_address_is_an_error(desk: Desk, url: str) -> None:
    with pytest.raises(ConfigError, match="--webhook takes an address"):
        desk.plan(webhook=url)


def test_a_file_that_never_settles_is_left_to_the_next_pass(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dedup.watch.watcher._GIVE_UP", 0)
    stop = threading.Event()
    path = desk.put("live.txt", "")

    def write() -> None:
        with open(path, "a", encoding="utf-8") as file:
            while not stop.wait(0.01):
                file.write("On and on. ")
                file.flush()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert desk.once(settle=0.5) == {}
    finally:
        stop.set()
        writer.join()
    assert desk.told("live.txt is still being written; the next watch will take it")


def test_a_folder_of_which_the_system_tells_nothing_is_polled(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dedup.watch.watcher._SWEEP", 0.1)

    def deaf(self: Waker, seconds: float) -> News:
        self._stop.wait(0.05)
        return News()

    monkeypatch.setattr(Waker, "wait", deaf)
    with desk.watching():
        desk.put("a.txt", STORM)
        until(lambda: desk.told("files have come to"))
        until(lambda: len(desk.flagged()) == 1)
    assert desk.told("of which the system did not tell; it is polled from now on")


def test_a_folder_that_the_system_cannot_watch_is_polled(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_more(self: Waker, folder: str, stop: threading.Event) -> None:
        raise OSError("OS file watch limit reached")

    monkeypatch.setattr(Waker, "__init__", no_more)
    with desk.watching():
        desk.put("a.txt", STORM)
        until(lambda: len(desk.flagged()) == 1)
    assert desk.told("the system does not tell what happens in") == [
        f"the system does not tell what happens in {desk.drop} (OS file watch limit reached); it is polled"
    ]


def test_a_folder_that_goes_away_is_waited_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dedup.watch.watcher._SWEEP", 0.1)
    desk.put("a.txt", STORM)
    with desk.watching():
        until(lambda: len(desk.flagged()) == 1)
        desk.drop.rename(desk.folder / "away")
        until(lambda: desk.told("cannot be read: No such file or directory; waiting for it"))
        (desk.folder / "away").rename(desk.drop)
        desk.put("bees.txt", BEES)
        until(lambda: len(desk.flagged()) == 2)
    assert desk.told("can be read again")
    assert desk.flagged() == [("a.txt", "new", ""), ("bees.txt", "new", "")]


def test_an_index_that_somebody_holds_is_tried_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    real, failures = Index.check_and_add, iter(range(2))

    def held(self: Index, article: Article, *, related: bool = False) -> Verdict:
        if next(failures, None) is not None:
            raise IndexAccessError("the index is being written by somebody else")
        return real(self, article, related=related)

    monkeypatch.setattr(Index, "check_and_add", held)
    monkeypatch.setattr("dedup.watch.flagging._PAUSES", (0, 0, 0))
    desk.put("a.txt", STORM)
    assert desk.once() == {"new": 1}
    assert desk.told("trying again in 0 s") == ["the index is being written by somebody else; trying again in 0 s"] * 2


def test_an_index_that_cannot_be_used_for_long_ends_the_watch_and_the_next_one_goes_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(self: Index, article: Article, *, related: bool = False) -> Verdict:
        raise IndexAccessError("the index cannot be reached; is the server running?")

    desk.put("a.txt", STORM)
    with monkeypatch.context() as patched:
        patched.setattr(Index, "check_and_add", held)
        patched.setattr("dedup.watch.flagging._PAUSES", (0,))
        with pytest.raises(IndexAccessError, match="is the server running"):
            desk.once()
    assert list(desk.out.glob("*.csv")) == []
    assert desk.once() == {"new": 1}
    assert desk.flagged() == [("a.txt", "new", "")]


def test_rows_wait_while_a_table_cannot_be_written(desk: Desk) -> None:
    for day in (date.today(), date.today() + timedelta(days=1)):
        (desk.out / f"flagged-{day}.csv").mkdir(parents=True)
    desk.put("a.txt", STORM)
    with desk.watching():
        until(lambda: desk.told("cannot be written: Is a directory; their rows wait"))
        assert not desk.told("a.txt: new")
        for path in desk.out.glob("flagged-*.csv"):
            path.rmdir()
        until(lambda: desk.told("a.txt: new"))
    assert desk.flagged() == [("a.txt", "new", "")]


def test_a_story_that_a_crawler_puts_in_at_the_same_moment_is_a_copy_of_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Memory.note

    def meanwhile(self: Memory, row: Row, path: str, key: bytes = b"", *, copy: bool = False) -> Row:
        noted = real(self, row, path, key, copy=copy)
        with Index.open(desk.index) as index:
            index.add(Article(id="crawler-1", body=STORM, publisher="Coast Wire"))
        return noted

    monkeypatch.setattr(Memory, "note", meanwhile)
    desk.put("wire/a.txt", STORM)
    assert desk.once() == {"copy_of": 1}
    assert desk.flagged() == [("wire/a.txt", "copy_of", "crawler-1")]


def test_a_file_that_nobody_may_read_is_a_row_and_is_read_when_one_may(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = desk.put("a.txt", STORM)

    def closed(path: str) -> bytes:
        raise PermissionError(13, "Permission denied", path)

    with monkeypatch.context() as patched:
        patched.setattr("dedup.watch.flagging.content_digest", closed)
        assert desk.once() == {"skipped": 1}
        assert desk.once() == {}
    assert [(row["reason"], row["detail"]) for row in rows(desk.out, "skipped")] == [
        ("cannot be read", "Permission denied")
    ]
    path.chmod(0o600)
    assert desk.once() == {"new": 1}


def test_an_id_that_no_index_keeps_is_a_row_and_stops_no_other(desk: Desk) -> None:
    lines = [{"id": "x" * 1901, "text": STORM}, {"id": "y" * 1900, "text": BEES}]
    desk.put("feed.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    assert desk.once() == {"skipped": 1, "new": 1}
    [row] = rows(desk.out, "skipped")
    assert (row["reason"], row["detail"]) == ("an id that is too long", "x" * 60 + "... has more than 1,900 bytes")


def test_a_fault_in_reading_one_file_stops_no_other(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(pieces: Iterable[Any], config: Config) -> Iterator[Article | Skipped]:
        if "bad" in next(iter(pieces)).sources[0].name:
            raise IndexError("list index out of range")
        yield Article(id="a.txt", body=STORM)

    monkeypatch.setattr("dedup.watch.flagging.each_article", fault)
    desk.put("a.txt", STORM)
    desk.put("bad.txt", BEES)
    assert desk.once() == {"new": 1, "skipped": 1}
    [row] = rows(desk.out, "skipped")
    assert (row["source"], row["reason"]) == (str(desk.drop / "bad.txt"), "a fault of ours")
    assert row["detail"] == "IndexError: list index out of range; please report it"
