"""Many at once: processes, threads and forks on one index, on SQLite and PostgreSQL."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from dedup import Article, Index, Relation
from dedup.errors import IndexAccessError

Report = Callable[..., Article]


def crawl(where: str, number: int, stories: list[str], own_ids: bool) -> list[str]:
    """The stories that this crawler, of eight, is the first to see; each one begins elsewhere."""
    first = []
    with Index.open(where) as index:
        for step in range(len(stories)):
            story = (step + number * len(stories) // 8) % len(stories)
            id = f"{story}-{number}" if own_ids else str(story)
            article = Article(id=id, body=stories[story], publisher=f"Outlet {number if own_ids else 0}")
            if index.check_and_add(article).relation is Relation.NEW:
                first.append(str(story))
    return first


def eight_crawlers(where: str, stories: list[str], own_ids: bool) -> Counter[str]:
    Index.open(where).close()
    context = get_context("forkserver")
    context.set_forkserver_preload(["dedup.index", "dedup.index.index"])  # imported once, not eight times
    with ProcessPoolExecutor(8, context) as pool:  # unlike a Pool, it does not wait for a process that was killed
        begun = [pool.submit(crawl, where, number, stories, own_ids) for number in range(8)]
        found = [one.result() for one in begun]
    return Counter(story for first in found for story in first)


@pytest.mark.parametrize("own_ids", [True, False], ids=["eight addresses", "one address"])
def test_eight_processes_with_the_same_stories_hear_of_each_once_that_it_is_new(
    where: str, invent: Callable[..., str], own_ids: bool
) -> None:
    stories = [invent(number, 60) for number in range(40)]
    assert eight_crawlers(where, stories, own_ids) == dict.fromkeys(map(str, range(40)), 1)
    with Index.open(where) as index:
        assert len(index) == (320 if own_ids else 40)
        assert index.verify() == []


@pytest.mark.slow
def test_eight_processes_with_two_thousand_stories(where: str, invent: Callable[..., str]) -> None:
    stories = [invent(number, 60) for number in range(2000)]
    assert eight_crawlers(where, stories, own_ids=False) == dict.fromkeys(map(str, range(2000)), 1)
    with Index.open(where) as index:
        assert len(index) == 2000
        assert index.verify() == []


def test_threads_share_an_index(index: Index, report: Report) -> None:
    with ThreadPoolExecutor(8) as pool:
        verdicts = list(pool.map(index.check_and_add, [report(n % 10, id=f"{n}") for n in range(60)]))
    assert Counter(str(v.relation) for v in verdicts) == {"new": 10, "copy_of": 50}
    assert index.verify() == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_an_index_works_on_both_sides_of_a_fork(index: Index, report: Report) -> None:
    index.add(report(1))
    held = threading.Event()
    locked = threading.Thread(target=lambda: _hold(index, held), daemon=True)
    locked.start()
    assert held.wait(60)
    child = os.fork()
    if child == 0:  # another thread of the parent holds the lock, for ever as far as the child can see
        try:
            index.add(report(2, id="child"))
            ok = index.check(report(1, id="copy")).relation is Relation.COPY_OF
        except BaseException:
            ok = False
        os._exit(0 if ok else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert index.check(report(2, id="parent")).of == "child"
    locked.join()


def _hold(index: Index, held: threading.Event) -> None:
    with index._held.writing, index._held.looking:
        held.set()
        threading.Event().wait(0.5)


def test_threads_that_check_wait_for_no_thread_that_writes(index: Index, report: Report) -> None:
    index.add(report(1))
    with ThreadPoolExecutor(1) as pool, index._writing():
        assert pool.submit(index.check, report(1, id="copy")).result(timeout=60).of == "report-1"


def test_a_reader_sees_one_moment_while_others_write(index: Index, where: str, report: Report) -> None:
    index.add_many([report(n) for n in range(3)])
    seen = index.articles()
    first = next(seen)
    with Index.open(where) as other:
        other.remove("report-2")
    assert [first.id, *(a.id for a in seen)] == ["report-0", "report-1", "report-2"]
    assert [a.id for a in index.articles()] == ["report-0", "report-1"]


def test_a_writer_that_waits_too_long_is_told_so(where: str, report: Report) -> None:
    with Index.open(where) as holder, Index.open(where, patience=0.2) as waiting, holder._database.writing():
        with pytest.raises(IndexAccessError, match="is being written by somebody else"):
            waiting.add(report(1))
        assert waiting.check(report(1)).relation is Relation.NEW


def test_a_disk_that_is_full_is_said_and_nothing_is_lost(tmp_path: Path, report: Report) -> None:
    path = tmp_path / "crawl.db"
    with Index.open(path) as index:
        index.add(report(1))
        with index._database.reading() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
        with pytest.raises(IndexAccessError, match="the disk is full; nothing that was acknowledged is lost"):
            index.add_many(report(n, words=2000) for n in range(2, 60))
        assert index.verify() == []
        assert [a.id for a in index.articles()] == ["report-1"]
        assert index.check(report(1, id="copy")).of == "report-1"
        assert index.check(report(5, words=2000)).relation is Relation.NEW
