"""Index files and addresses: what is refused and with which words, versions, damage, lines in and out."""

from __future__ import annotations

import io
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from dedup import Article, Config, Index
from dedup.config import GradeConfig
from dedup.errors import ConfigError, IndexAccessError, IndexMismatchError
from dedup.index import postings
from dedup.index.postings import levels_of, read_segments

Report = Callable[..., Article]


def change(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()


@pytest.fixture
def path(tmp_path: Path, report: Report) -> Path:
    """An index with two copies and another article."""
    path = tmp_path / "old.db"
    with Index.open(path) as index:
        index.add_many([report(1, publisher="Tarn Herald"), report(1, id="copy", more="So it goes."), report(2)])
    return path


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("mysql://server/crawl", "an index is a path, sqlite:///path or postgresql://server/database"),
        ("sqlite://", "an index is a path"),
        ("nonsense://x", "an index is a path, sqlite:///path or postgresql://server/database, not 'nonsense://x'"),
    ],
)
def test_other_addresses_are_refused(address: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        Index.open(address)


def test_a_missing_index_is_made_only_when_that_is_wanted(tmp_path: Path) -> None:
    for options in ({"create": False}, {"read_only": True}):
        with pytest.raises(ConfigError, match=r"there is no index at .*none\.db"):
            Index.open(tmp_path / "none.db", **options)  # type: ignore[arg-type]
    assert not (tmp_path / "none.db").exists()


def test_a_file_that_is_something_else_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("Milk, bread, two lemons. " * 50)
    with pytest.raises(IndexAccessError, match="is no index of dedup, nor any SQLite file"):
        Index.open(other)
    assert other.read_text().startswith("Milk")


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(IndexAccessError, match="cannot be opened: is the folder there"):
        Index.open(tmp_path / "missing" / "crawl.db")


def test_a_server_that_does_not_answer_is_said(tmp_path: Path) -> None:
    with pytest.raises(IndexAccessError, match=r"postgresql://tarn:\*\*\*@.*cannot be reached"):
        Index.open("postgresql://tarn:secret@127.0.0.1:9/crawl", patience=2)


def test_read_only_refuses_to_write_and_still_checks(path: Path, report: Report) -> None:
    with Index.open(path, read_only=True) as index:
        assert index.check(report(1, id="third")).of == "report-1"
        assert len(index.clusters()) == 1
        with pytest.raises(IndexAccessError, match="was opened for reading only"):
            index.add(report(3))


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for root")
def test_a_file_without_permission_is_said(path: Path, report: Report) -> None:
    path.chmod(0o400)
    with pytest.raises(IndexAccessError, match="read-only"), Index.open(path) as index:
        index.add(report(3))


def test_other_options_than_those_it_was_made_with_are_refused(path: Path) -> None:
    with pytest.raises(IndexMismatchError, match=r"was made with other options \[grade\]"):
        Index.open(path, config=Config(grade=GradeConfig(near_jaccard=0.9)))
    with Index.open(path, config=Config(jobs=2)) as index:
        assert index.config.jobs == 2


def test_another_version_is_refused_and_upgraded_from_its_texts(path: Path, report: Report) -> None:
    before = Index.open(path).matches("copy")
    change(path, "UPDATE dedup_stamp SET value = '2019-01' WHERE name = 'background'")
    change(path, "UPDATE dedup_article SET phrases = x''")  # what that version made is of no use to this one
    with pytest.raises(IndexMismatchError, match=r"the background differ; run `dedup index upgrade .*old\.db`"):
        Index.open(path)
    assert Index.upgrade(path) == 3
    with Index.open(path) as index:
        assert index.verify() == []
        assert index.matches("copy") == before
    assert Index.upgrade(path) == 0


def test_a_newer_version_is_left_alone(path: Path) -> None:
    change(path, "UPDATE dedup_stamp SET value = '99' WHERE name = 'format'")
    for open_it in (Index.open, Index.upgrade):
        with pytest.raises(IndexMismatchError, match="install a newer dedup"):
            open_it(path)


def test_an_upgrade_that_fails_leaves_everything_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(path, "UPDATE dedup_stamp SET value = '2019-01' WHERE name = 'background'")

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Index.upgrade(path, track=stop)
    assert Index.upgrade(path) == 3


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "UPDATE dedup_article SET record = x'00' WHERE id = 'report-2'",
            "the text of article 'report-2' cannot be read",
        ),
        (
            "UPDATE dedup_article SET phrases = x'' WHERE id = 'copy'",
            "article 'copy' is not filed by its text: phrases",
        ),
        ("UPDATE dedup_article SET story = NULL WHERE id = 'copy'", "1 articles are in another story"),
        ("DELETE FROM dedup_article WHERE id = 'copy'", "a pair names article number"),
        ("UPDATE dedup_outlet SET articles = 7", "should have 7 articles"),
        ("UPDATE dedup_segment SET last = 0 WHERE level = 0", "the last number given out is 0"),
        ("UPDATE dedup_segment SET last = 9 WHERE level = 1 AND part = 3", "end at different articles"),
        ("DELETE FROM dedup_page", "is not found under"),
    ],
)
def test_damage_is_found_and_named(path: Path, statement: str, words: str) -> None:
    with Index.open(path) as index:
        index.compact()
        assert index.verify() == []
        change(path, statement)
        assert any(words in line for line in index.verify()), index.verify()


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE dedup_article SET record = x'00' WHERE id = 'report-1'", "is damaged; bring back a copy, or see what"),
        ("DELETE FROM dedup_article WHERE id = 'report-1'", "is damaged: a pair names article number 2"),
    ],
)
def test_stories_of_a_damaged_index_are_refused_with_a_sentence(path: Path, statement: str, words: str) -> None:
    change(path, statement)
    with Index.open(path, read_only=True) as index, pytest.raises(IndexAccessError, match=words):
        index.clusters()


def test_bytes_that_rotted_are_found(path: Path) -> None:
    Index.open(path).compact()
    data = bytearray(path.read_bytes())
    for at in range(8192, len(data), 4096):
        data[at : at + 512] = b"\xa5" * 512
    path.write_bytes(data)
    try:
        found = Index.open(path).verify()
    except IndexAccessError as error:  # where the rot is in the first pages
        found = [str(error)]
    assert any("damaged" in line or "cannot be read" in line for line in found), found


def test_an_index_goes_out_as_lines_and_comes_back_the_same(path: Path, where: str) -> None:
    file = io.BytesIO()
    with Index.open(path) as index, Index.open(where) as other:
        assert index.export(file) == 3
        assert other.load(file.getvalue().splitlines()) == 3
        assert other.load(file.getvalue().splitlines()) == 0
        assert other.matches("copy") == index.matches("copy")
        assert list(other.articles()) == list(index.articles())
        assert other.verify() == []


def test_lines_that_are_no_articles_are_named(tmp_path: Path) -> None:
    with Index.open(tmp_path / "a.db") as index:
        with pytest.raises(ConfigError, match="line 2 is no article of an index"):
            index.load([b'{"id": "a", "text": "x"}', b"{"])
        with pytest.raises(ConfigError, match="line 1 is no article of an index: it has no id"):
            index.load([b'{"text": "x"}'])
        with pytest.raises(ConfigError, match=r"line 2 is no article of an index: the id 'a\\x00b'"):
            index.load([b'{"id": "a", "text": "x"}', rb'{"id": "a\u0000b", "text": "x"}'])
        held = rb'{"id": "a\u0000b", "text": "x", "digest": "00112233445566778899aabbccddeeff"}'
        with pytest.raises(ConfigError, match="line 1 is no article of an index: the id"):
            index.load([held])


def test_compacting_gives_back_the_room_of_what_was_removed(tmp_path: Path, report: Report) -> None:
    path = tmp_path / "crawl.db"
    with Index.open(path) as index:
        index.add_many(report(n, words=300) for n in range(200))
        index.compact()
        full = path.stat().st_size
        index.remove_many(f"report-{n}" for n in range(190))
        index.compact()
        assert path.stat().st_size < full / 2
        assert index.check(report(195, id="copy", words=300)).of == "report-195"
        assert index.verify() == []


def test_what_one_index_object_compacts_another_one_still_finds(tmp_path: Path, report: Report) -> None:
    """Pages are told apart by other bits afterwards, though no article came since the last time."""
    path = tmp_path / "crawl.db"
    with Index.open(path) as index, Index.open(path) as other:
        index.add_many(report(n, words=300) for n in range(200))
        index.compact()
        assert other.check(report(195, id="copy", words=300)).of == "report-195"
        index.remove_many(f"report-{n}" for n in range(190))
        index.compact()
        with other._reading() as (connection, shelves):
            assert shelves.levels.tolist() == levels_of(read_segments(index._database, connection)).tolist()
        assert other.check(report(195, id="copy", words=300)).of == "report-195"
        assert other.verify() == []


def test_filing_is_over_when_all_that_was_filed_is_gone(
    tmp_path: Path, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postings, "MERGE_AT", 10)
    with Index.open(tmp_path / "crawl.db") as index:
        for n in range(12):
            index.add(report(n))
            index.remove(f"report-{n}")
        with index._database.reading() as connection:
            counter, first = read_segments(index._database, connection)[:2]
        assert (counter.last, first.last) == (12, 10)
        assert counter.postings == 1
