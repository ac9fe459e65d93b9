"""Work that is kept: pieces are whole or not there, batches come back as they were, nothing is read twice."""

from __future__ import annotations

import gc
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dedup import ingest, pipeline
from dedup.batch import Batch
from dedup.cache import TABLE, ArticleCache
from dedup.config import Config
from dedup.errors import DedupError
from dedup.ingest import batch_articles
from dedup.pipeline import find_duplicates
from dedup.records import Article, Furniture, Skipped
from dedup.store import FileSlice, Store

Build = Callable[..., Article]
Invent = Callable[..., str]


def test_a_piece_that_could_not_be_finished_is_not_there(tmp_path: Path) -> None:
    store = Store(tmp_path / "work")

    def half(file: Any) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(DedupError, match="No space left on device; TMPDIR chooses another place"):
        store.save("piece", half)
    assert not store.has("piece")
    assert os.listdir(store.folder) == []


def test_a_new_piece_replaces_the_old_one_whole(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for content in (b"first", b"second"):
        store.save("piece", lambda file, content=content: file.write(content))
    assert store.path("piece").read_bytes() == b"second"
    assert os.listdir(tmp_path) == ["piece"]


def test_arrays_come_back_as_they_were(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save_arrays("pairs.npz", {"a": np.array([1, 2], np.int32), "b": np.zeros((0, 3))})
    found = store.load_arrays("pairs.npz")
    assert found["a"].tolist() == [1, 2]
    assert found["a"].dtype == np.int32
    assert found["b"].shape == (0, 3)


def test_a_temporary_store_stays_as_long_as_somebody_reads_from_it() -> None:
    store = Store.temporary()
    store.save("text", lambda file: file.write(b"0123456789"))
    held, folder = FileSlice(store.path("text"), 2, 8, store), store.folder
    del store
    gc.collect()
    assert (len(held), held[1:3], held[:]) == (6, b"34", b"234567")
    del held
    gc.collect()
    assert not folder.exists()


@pytest.fixture
def batch(article: Build, invent: Invent) -> Batch:
    first = article(invent(1) + "\nShare this", id="é", title="Ferries", publisher="Beacon", published_at="2024-05-01")
    second = replace(first, id="b", body="", furniture=())
    third = article("Zoë", id="c", furniture=(Furniture(0, 3, "byline"),))
    return batch_articles([first, second, third], [Skipped(source="x", stage="read", reason="empty")])


def test_a_batch_comes_back_from_its_file_as_it_was(batch: Batch, tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save("one.batch", batch.write)
    found = Batch.read(store.path("one.batch"), store, "digest")
    for field in fields(Batch):
        mine, theirs = getattr(batch, field.name), getattr(found, field.name)
        if field.name in ("tokens", "flags"):
            assert isinstance(theirs, FileSlice)
            mine, theirs = batch.loaded(field.name), found.loaded(field.name)
        if isinstance(mine, np.ndarray):
            assert mine.dtype == theirs.dtype
            assert mine.tolist() == theirs.tolist(), field.name
        elif field.name in ("ids", "publishers", "dates", "skipped"):
            assert mine == theirs
    assert [found.page.unpack(k) for k in range(3)] == [batch.page.unpack(k) for k in range(3)]
    assert found.digest == "digest"


def test_an_empty_batch_comes_back(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save("none.batch", batch_articles([]).write)
    assert len(Batch.read(store.path("none.batch"), store)) == 0


def test_a_file_of_another_kind_is_no_batch(tmp_path: Path) -> None:
    (tmp_path / "x.batch").write_bytes(b"something else entirely")
    with pytest.raises(DedupError, match="no batch of articles; delete it"):
        Batch.read(tmp_path / "x.batch", Store(tmp_path))


def test_the_cache_gives_back_articles_and_rows(batch: Batch, tmp_path: Path) -> None:
    articles = [batch.page.unpack(k) for k in range(3)]
    ArticleCache(tmp_path / "new").keep({"d1": (articles, list(batch.skipped)), "d2": ([], [])})
    again = ArticleCache(tmp_path / "new")
    assert again.find(["d1", "d2", "d3"]) == {"d1": (articles, list(batch.skipped)), "d2": ([], [])}


def test_a_folder_that_cannot_hold_a_cache_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DedupError, match="cannot use the cache in"):
        ArticleCache(tmp_path / "file")


@pytest.fixture
def drop(tmp_path: Path, invent: Invent) -> Path:
    folder = tmp_path / "drop"
    folder.mkdir()
    for seed in range(6):
        (folder / f"{seed}.txt").write_text(invent(seed % 4), "utf-8")
    return folder


def found(folder: Path, config: Config) -> list[tuple[str, str, str]]:
    return [(m.a, m.b, str(m.grade)) for m in find_duplicates(folder, config=config).matches]


def test_with_a_cache_only_what_changed_is_read_again(
    drop: Path, tmp_path: Path, invent: Invent, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    real = ingest._read
    monkeypatch.setattr(
        ingest, "_read", lambda chunk, config: read.append([s.name for s in chunk.sources]) or real(chunk, config)
    )
    config = Config(cache=str(drop / "cache"))
    first = found(drop, config)
    assert first == [("0.txt", "4.txt", "exact"), ("1.txt", "5.txt", "exact")] == found(drop, Config())
    read.clear()
    (drop / "2.txt").write_text(invent(3), "utf-8")
    assert found(drop, config) == [*first, ("2.txt", "3.txt", "exact")]
    assert read == [[str(drop / "2.txt")]]
    read.clear()
    found(drop, config.replace(read=replace(config.read, max_bytes=10_000)))
    assert len(read) == 6  # other options for reading are another recipe
    assert find_duplicates(drop, config=config).skipped == []  # the cache itself is nothing to read


def test_a_damaged_cache_is_a_clear_error(batch: Batch, tmp_path: Path) -> None:
    ArticleCache(tmp_path).keep({"d": ([batch.page.unpack(0)], [])})
    with closing(sqlite3.connect(tmp_path / ".dedup-articles.sqlite")) as database:
        database.execute(f"UPDATE {TABLE} SET articles = ?", (b"\x02\0\0\0{",))
        database.commit()
    with pytest.raises(DedupError, match="is damaged; delete it and scan again"):
        ArticleCache(tmp_path).find(["d"])


def test_a_cache_that_cannot_be_used_is_an_error_before_anything_is_read(
    drop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(pipeline, "ingest", None)
    with pytest.raises(DedupError, match="cannot use the cache in"):
        find_duplicates(drop, config=Config(cache=str(tmp_path / "file")))


def test_a_crawler_may_scan_from_any_thread_with_workers_and_a_cache(
    drop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "_WORTH_WORKERS", 0)
    expected = found(drop, Config(jobs=1))
    with ThreadPoolExecutor(1) as pool:
        for config in (Config(jobs=2), Config(jobs=2, cache=str(tmp_path / "cache"))):
            assert pool.submit(found, drop, config).result() == expected
            assert found(drop, config) == expected


def test_a_run_goes_on_from_the_stages_that_are_finished(
    drop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, invent: Invent
) -> None:
    monkeypatch.setattr(pipeline, "_WORTH_WORKERS", 0)
    work = Store(tmp_path / "work")

    def matches() -> list[tuple[str, str, str]]:
        return [(m.a, m.b, str(m.grade)) for m in find_duplicates(drop, work=work).matches]

    whole = matches()
    kept = {path.name: path.stat().st_mtime_ns for path in work.folder.iterdir()}
    assert sorted(name.rpartition(".")[2] for name in kept) == ["batch", "npz", "npz"]
    monkeypatch.setattr(pipeline, "propose", None)
    monkeypatch.setattr(pipeline, "judge", None)
    assert matches() == whole
    assert {path.name: path.stat().st_mtime_ns for path in work.folder.iterdir()} == kept
    (drop / "6.txt").write_text(invent(9), "utf-8")
    with pytest.raises(TypeError):  # other input: the stages must be done again
        matches()
