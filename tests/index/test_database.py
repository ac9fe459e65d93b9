"""Connections to an index: what look-ups keep open, after errors, interrupts and forks."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from dedup import Article, Index, Relation
from dedup.errors import IndexAccessError
from dedup.index.database import Database

Report = Callable[..., Article]


class Watched(sqlite3.Connection):
    """A connection of the driver that says what is open, and is interrupted after the statements it is told."""

    open: set[int] = set()
    interrupted_after: list[str] = []

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.open.add(id(self))

    def close(self) -> None:
        self.open.discard(id(self))
        super().close()

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        rows = super().execute(statement, *values)
        if statement in self.interrupted_after:
            self.interrupted_after.remove(statement)
            raise KeyboardInterrupt
        return rows


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    monkeypatch.setattr(Watched, "open", set())
    monkeypatch.setattr(Watched, "interrupted_after", [])
    monkeypatch.setattr(Database, "_options", lambda _: {"connect_args": {"timeout": 1.0, "factory": Watched}})
    with Index.open(tmp_path / "crawl.db") as index:
        yield index


def driver_of(database: Database) -> Any:
    """The driver's own connection, which the next look-up of this thread uses."""
    with database.looking() as connection:
        return connection.connection.dbapi_connection


def give_up(database: Database) -> None:
    """A look-up that meets damage after which SQLite ends the transaction by itself."""
    with database.looking() as connection:
        database.rows(connection, "ROLLBACK")
        raise sqlite3.DatabaseError("database disk image is malformed")


def test_an_error_that_ended_the_transaction_is_the_one_that_is_said(tmp_path: Path) -> None:
    with Index.open(tmp_path / "crawl.db") as index:
        with pytest.raises(IndexAccessError, match="is damaged; bring back a copy"):
            give_up(index._database)
        assert index.stats().articles == 0


def test_an_interrupt_leaves_no_transaction_open(watched: Index, report: Report) -> None:
    watched.add(report(1))
    Watched.interrupted_after.append("BEGIN")
    with pytest.raises(KeyboardInterrupt):
        watched.check(report(1, id="copy"))
    assert Watched.interrupted_after == []
    assert watched.check(report(1, id="copy")).relation is Relation.COPY_OF


def test_a_check_uses_the_connection_of_the_one_before(watched: Index) -> None:
    assert driver_of(watched._database) is driver_of(watched._database)


def test_many_threads_leave_few_connections_open(watched: Index, report: Report) -> None:
    watched.add(report(1))
    before, together = len(Watched.open), Barrier(12)

    def look(_: int) -> int:
        with watched._database.looking() as connection:
            together.wait(timeout=60)  # twelve at once, each with a connection of its own
            return len(watched._database.rows(connection, "SELECT num FROM dedup_article"))

    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(look, range(12))) == [1] * 12
        assert len(Watched.open) - before <= 8  # while all threads live on
        assert list(pool.map(look, range(12))) == [1] * 12
        assert len(Watched.open) - before <= 8
    watched.close()
    assert Watched.open == set()


def test_a_look_up_that_outlives_closing_is_finished_and_then_closed(watched: Index, report: Report) -> None:
    watched.add(report(1))
    with watched._database.looking() as connection:
        watched.close()
        assert watched._database.rows(connection, "SELECT id FROM dedup_article") == [("report-1",)]
    assert Watched.open == set()
    assert watched.check(report(1, id="copy")).of == "report-1"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_closing_in_a_forked_child_leaves_the_connections_of_the_parent_alone(tmp_path: Path, report: Report) -> None:
    with Index.open(tmp_path / "crawl.db") as index:
        index.add(report(1))
        with index._database.reading() as connection:
            drivers = [driver_of(index._database), connection.connection.dbapi_connection]
        child = os.fork()
        if child == 0:
            try:
                index.close()
                open_still = all(driver.in_transaction is False for driver in drivers)
                ok = open_still and index.check(report(1, id="copy")).of == "report-1"
                index.close()
            except BaseException:
                ok = False
            os._exit(0 if ok else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert index.check(report(1, id="copy")).of == "report-1"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_look_up_that_a_fork_cuts_in_two_leaves_the_parents_connection_alone(tmp_path: Path) -> None:
    with Index.open(tmp_path / "crawl.db") as index:
        child = -1
        try:
            with index._database.looking() as connection:
                driver: Any = connection.connection.dbapi_connection
                child = os.fork()
            if child == 0:
                os._exit(0 if driver.in_transaction and driver_of(index._database) is not driver else 1)
        finally:
            if child == 0:
                os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert not driver.in_transaction


def test_texts_that_a_list_in_one_piece_would_cut_are_not_found(index: Index, report: Report) -> None:
    index.add(report(1, id="first"))
    ids = ["first\0x", "first\ud800", *(f"none-{number}" for number in range(2000))]
    statement = "SELECT id FROM dedup_article WHERE id one_of ?"
    with index._database.reading() as connection:
        assert index._database.rows(connection, statement, ids) == []
        assert index._database.rows(connection, statement, ["first\0x", "first\ud800"]) == []
        assert index._database.rows(connection, statement, [*ids, "first"]) == [("first",)]
