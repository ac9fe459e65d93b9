"""What a watch remembers, in a file beside its tables: files that are done, articles flagged, rows on their way.

An article is flagged in this order, and each step is on the disk before the next one begins:

1. the row is written down here, with the article, under a number of its own;
2. the article is put into the index, which changes nothing if it is there already;
3. the row is appended to the table of the day;
4. the row is sent, if it is to be sent, and forgotten here.

Whoever starts after a crash takes up each row where it was left, so that every article is flagged once.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dedup.errors import ConfigError, DedupError
from dedup.report.cells import Cell
from dedup.watch.arrivals import Mark
from dedup.watch.lock import locked

__all__ = ["Done", "Memory", "Posts", "Row"]

#: The file.
_NAME = ".dedup-watch.db"
#: The layout of the file.
_FORMAT = "1"

_TABLES = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
    path BLOB PRIMARY KEY, size INT, mtime INT, ctime INT, inode INT, digest BLOB NOT NULL, target BLOB
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS contents ON files (digest) WHERE digest != x'';
CREATE TABLE IF NOT EXISTS flagged (
    path BLOB, key BLOB, copy INT NOT NULL, PRIMARY KEY (path, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rows (
    number INTEGER PRIMARY KEY AUTOINCREMENT, table_ TEXT NOT NULL, day TEXT NOT NULL, cells TEXT NOT NULL,
    said TEXT NOT NULL, article BLOB, written INT NOT NULL DEFAULT 0, post TEXT
);
CREATE INDEX IF NOT EXISTS posts ON rows (number) WHERE post IS NOT NULL;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a table, on its way there."""

    number: int
    table: str
    day: str
    cells: tuple[Cell, ...]
    """All but the number."""
    said: str
    """The same in a sentence."""
    article: bytes | None = None
    """The article while it may not be in the index yet."""
    post: str | None = None
    """What is to be sent."""


@dataclass(frozen=True, slots=True)
class Done:
    """A file that is done."""

    mark: Mark
    digest: bytes
    """Of what it holds; empty for one that could not be read."""
    target: str = ""
    """Where it is to be moved to; empty for one that stays."""


class Memory:
    """The memory of one folder of tables; one watch at a time."""

    def __init__(self, folder: Path, about: dict[str, str]) -> None:
        """Opens the memory, or begins one.

        Args:
            about: what the memory is about; it must be the same as before.

        Raises:
            ConfigError: another watch works here, or one of another folder or index did.
            DedupError: the file cannot be used.
        """
        self._folder = folder
        self._lock = locked(folder)
        self._later: list[tuple[str, tuple[Any, ...]]] = []
        try:
            with _explained(folder):
                self._db = _connect(folder)
                self._db.executescript(f"BEGIN; {_TABLES} COMMIT;")
            self.name = ""
            """What no other memory is called."""
            self._recognise(about)
        except BaseException:
            os.close(self._lock)
            raise

    def close(self) -> None:
        """Closes the file and lets others work here."""
        try:
            self.commit()
        finally:
            self._db.close()
            os.close(self._lock)

    def held(self, path: str) -> Done | None:
        """How a path was when it was done; None if it never was."""
        rows = self._read("SELECT size, mtime, ctime, inode, digest, target FROM files WHERE path = ?", _packed(path))
        return next((Done(Mark(*row[:4]), row[4], _unpacked(row[5])) for row in rows), None)

    def renamed(self, mark: Mark, digest: bytes) -> list[str]:
        """The paths under which the same file, not only the same text, was done."""
        same = "SELECT path FROM files WHERE digest = ? AND size = ? AND mtime = ? AND inode = ?"
        return [_unpacked(row[0]) for row in self._read(same, digest, mark.size, mark.mtime, mark.inode)]

    def flagged(self, path: str, key: bytes) -> bool | None:
        """Whether an article of a file was flagged as a copy; None if it was not flagged at all."""
        rows = self._read("SELECT copy FROM flagged WHERE path = ? AND key = ?", _packed(path), key)
        return next((bool(row[0]) for row in rows), None)

    def leaving(self) -> list[tuple[str, Done]]:
        """The files that are to be moved and have not been."""
        paths = self._read("SELECT path FROM files WHERE target IS NOT NULL ORDER BY path")
        return [(path, done) for path in map(_unpacked, (row[0] for row in paths)) if (done := self.held(path))]

    def unwritten(self) -> list[Row]:
        """The rows that may not be in their tables, in order."""
        columns = "number, table_, day, cells, said, article, post"
        return [_row(row) for row in self._read(f"SELECT {columns} FROM rows WHERE NOT written ORDER BY number")]

    def count(self) -> tuple[int, int]:
        """(files that are done, rows that wait to be sent)."""
        files = self._read("SELECT count(*) FROM files")[0][0]
        return int(files), int(self._read("SELECT count(*) FROM rows WHERE post IS NOT NULL")[0][0])

    def note(self, row: Row, path: str, key: bytes = b"", *, copy: bool = False) -> Row:
        """Write a row down, and with a key, that what it tells of is flagged; returns it with its number."""
        if key:
            self.soon("INSERT OR REPLACE INTO flagged VALUES (?, ?, ?)", _packed(path), key, copy)
        values = (row.table, row.day, json.dumps(row.cells), row.said, row.article, row.post)
        columns = "table_, day, cells, said, article, post"
        return replace(row, number=self.commit(f"INSERT INTO rows ({columns}) VALUES (?, ?, ?, ?, ?, ?)", values))

    def correct(self, row: Row) -> None:
        """Write another row down in the place of one that is not in its table yet."""
        values = (json.dumps(row.cells), row.said, row.post, row.number)
        self.commit("UPDATE rows SET cells = ?, said = ?, post = ? WHERE number = ?", values)

    def recall(self, path: str, key: bytes, copy: bool) -> None:
        """Say soon that an article is a copy, or is none, whatever was said before."""
        self.soon("INSERT OR REPLACE INTO flagged VALUES (?, ?, ?)", _packed(path), key, copy)

    def written(self, numbers: Iterable[int]) -> None:
        """Say soon that rows are in their tables, and their articles in the index."""
        for number in numbers:
            self.soon("UPDATE rows SET written = 1, article = NULL WHERE number = ?", number)
            self.soon("DELETE FROM rows WHERE number = ? AND post IS NULL", number)

    def done(self, path: str, done: Done, *, forget: bool) -> None:
        """Say soon that a file is done; at once where it is to be moved.

        Args:
            forget: forget the single articles of the file, which it would take another text to flag again.
        """
        if forget:
            self.soon("DELETE FROM flagged WHERE path = ?", _packed(path))
        target = _packed(done.target) if done.target else None
        self.soon(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)", _packed(path), *done.mark, done.digest, target
        )
        if done.target:
            self.commit()

    def gone(self, path: str) -> None:
        """Say soon that a file has been moved away: whatever comes under its name is another one."""
        self.soon("DELETE FROM files WHERE path = ?", _packed(path))
        self.soon("DELETE FROM flagged WHERE path = ?", _packed(path))

    def move(self, old: str, new: str) -> None:
        """Say soon that a file has another name now."""
        for table in ("files", "flagged"):
            self.soon(f"UPDATE OR REPLACE {table} SET path = ? WHERE path = ?", _packed(new), _packed(old))

    def soon(self, statement: str, *values: Any) -> None:
        """Do something with the next commit; to lose it in a crash costs work and nothing else."""
        self._later.append((statement, values))

    def commit(self, statement: str = "", values: Sequence[Any] = ()) -> int:
        """Do what was to be done soon, and this; on the disk when it returns. Returns the number of a new row."""
        if not self._later and not statement:
            return 0
        with _explained(self._folder):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                for one, given in self._later:
                    self._db.execute(one, given)
                number = self._db.execute(statement, values).lastrowid if statement else 0
                self._db.execute("COMMIT")
            except BaseException:
                self._db.execute("ROLLBACK") if self._db.in_transaction else None
                raise
        self._later = []
        return number or 0

    def posts(self) -> Posts:
        """The rows that are to be sent, for another thread."""
        return Posts(self._folder)

    def _read(self, statement: str, *values: Any) -> list[Any]:
        with _explained(self._folder):
            return self._db.execute(statement, values).fetchall()

    def _recognise(self, about: dict[str, str]) -> None:
        known = dict(self._read("SELECT name, value FROM about"))
        for name, value in {"format": _FORMAT, **about}.items():
            if known.setdefault(name, value) != value:
                raise ConfigError(
                    f"{self._folder} holds what a watch with the {name} {known[name]} has flagged, not {value}; "
                    "name another --out for this one"
                )
            self.soon("INSERT OR REPLACE INTO about VALUES (?, ?)", name, value)
        self.name = known.setdefault("name", secrets.token_hex(6))
        self.soon("INSERT OR REPLACE INTO about VALUES (?, ?)", "name", self.name)
        self.commit()


class Posts:
    """The rows that are to be sent, in order; one thread's own."""

    def __init__(self, folder: Path) -> None:
        """Opens the memory a second time."""
        self._folder = folder
        self._db = _connect(folder)

    def first(self) -> tuple[int, str] | None:
        """The number and the text of the first row that is to be sent; only rows that are in their tables are."""
        with _explained(self._folder):
            wanted = "SELECT number, post FROM rows WHERE post IS NOT NULL AND written ORDER BY number LIMIT 1"
            found = self._db.execute(wanted).fetchone()
        return (int(found[0]), str(found[1])) if found else None

    def sent(self, number: int) -> None:
        """Forget a row, which has arrived."""
        with _explained(self._folder):
            self._db.execute("DELETE FROM rows WHERE number = ?", (number,))

    def close(self) -> None:
        """Closes the file."""
        self._db.close()


def _connect(folder: Path) -> sqlite3.Connection:
    db = sqlite3.connect(folder / _NAME, timeout=60, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    return db


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Turns errors of the database into a sentence that says which file."""
    try:
        yield
    except sqlite3.Error as error:
        raise DedupError(f"the memory of the watch, {folder / _NAME}, cannot be used: {error}") from error


def _row(values: Sequence[Any]) -> Row:
    number, table, day, cells, said, article, post = values
    filled = tuple(json.loads(cells))
    return Row(number=number, table=table, day=day, cells=filled, said=said, article=article, post=post)


def _packed(path: str) -> bytes:
    return os.fsencode(path)


def _unpacked(path: bytes | None) -> str:
    return os.fsdecode(path) if path else ""
