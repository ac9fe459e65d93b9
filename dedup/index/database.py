"""One way to the database, SQLite or PostgreSQL: connections, transactions, and errors in words.

One writer at a time, on both: SQLite locks its file, for PostgreSQL an advisory lock does it. Readers see one moment of
the index from beginning to end of a transaction, and wait for nobody.
"""

from __future__ import annotations

import os
import re
import threading
import weakref
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    Table,
    Text,
    any_,
    bindparam,
    create_engine,
    event,
    func,
    select,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from dedup.errors import ConfigError, IndexAccessError, MissingExtraError
from dedup.index.schema import metadata

__all__ = ["Database"]

#: The advisory lock of writers in a PostgreSQL database.
_WRITERS = 0x64656475
#: Bytes of a SQLite file that are mapped into memory, and KiB of pages that a connection holds besides.
_MAPPED, _HELD = 1 << 36, 64 << 10
#: Values of a list up to which a statement of SQLite has a mark for each, which is quicker than a list in one piece.
_MARKS = 1024
#: Connections to a file that are kept open for look-ups while nobody uses them.
_IDLE = 8
#: What no text in a database holds. In a list in one piece, SQLite would cut a text at the first, and find another one.
_UNHELD = re.compile("[\0\ud800-\udfff]")


class Database:
    """A database of either kind. Safe to use from several threads, and after a fork."""

    def __init__(self, where: str | Path, patience: float, read_only: bool = False) -> None:
        """The database at a path, `sqlite:///path` or `postgresql://...`; nothing is opened yet.

        Args:
            patience: seconds to wait for another writer.

        Raises:
            ConfigError: it is no such address.
            MissingExtraError: the driver for PostgreSQL is not installed.
        """
        self._url = _url(where)
        self._patience = patience
        self.read_only = read_only
        shown = self._url.set(drivername="postgresql").render_as_string(hide_password=True)
        self.name = shown if self.server else str(self._url.database)
        self._engine = self._made()
        self._process = os.getpid()
        self._kept = _Kept()
        self._left: list[_Kept | Connection] = []

    @property
    def server(self) -> bool:
        """Whether a server holds it, not a file."""
        return self._url.get_backend_name() == "postgresql"

    @property
    def path(self) -> Path | None:
        """The file, if one holds it."""
        return None if self.server else Path(str(self._url.database))

    def close(self) -> None:
        """Closes all connections; one that is being used closes when its user is done."""
        self._after_fork()
        kept, self._kept = self._kept, _Kept()
        kept.close()
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one moment of the index."""
        with self._readable(), self._connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """What `reading` gives, for `rows` alone: to a file connections are kept open, and a look-up begins at once."""
        if self.server:  # which may close a connection that nobody uses
            with self.reading() as connection:
                yield connection
            return
        with self._readable():
            self._after_fork()
            kept = self._kept
            connection = kept.take() or self._detached()
            driver: Any = connection.connection.dbapi_connection
            try:
                driver.execute("BEGIN")
                yield connection
            finally:
                if kept.process != os.getpid():  # a fork came between, and the parent will do this
                    self._left.append(connection)
                else:
                    driver.rollback()  # nothing was written; after some errors there is no transaction any more
                    kept.give_back(connection)

    def _detached(self) -> Connection:
        """A new connection, for which the pool need not keep a place."""
        connection = self._engine.connect()
        connection.detach()
        return connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection that alone may write; what it wrote is durable when the block ends without an error."""
        if self.read_only:
            raise IndexAccessError(f"the index {self.name} was opened for reading only")
        with self._readable(), self._connect() as connection:
            options: dict[str, Any] = {"dedup_writes": True}
            if self.server:  # alone behind the lock, a writer must see what the one before it wrote
                options["isolation_level"] = "READ COMMITTED"
            connection = connection.execution_options(**options)
            with connection.begin():
                if self.server:
                    connection.execute(select(func.pg_advisory_xact_lock(_WRITERS)))
                yield connection

    def rows(self, connection: Connection, statement: str, *values: Any) -> Sequence[Any]:
        """The rows of a statement with a `?` for each value, `one_of ?` for a list; for look-ups that must be quick."""
        driver: Any = connection.connection.dbapi_connection  # what SQLAlchemy adds would take as long as the look-up
        rows: Sequence[Any] = driver.execute(*self._said(statement, values)).fetchall()
        return rows

    def _said(self, statement: str, values: Sequence[Any]) -> tuple[str, Sequence[Any]]:
        """A statement and its values as the driver takes them."""
        values = [_holdable(value) if isinstance(value, list) else value for value in values]
        if self.server:
            return statement.replace("one_of ?", "= ANY(%s)").replace("?", "%s"), values
        first, *others = statement.split("?")
        said, given = [first], list[Any]()
        for value, after in zip(values, others, strict=True):
            if not isinstance(value, list):
                given.append(value)
                said += "?", after
                continue
            said[-1] = said[-1].removesuffix("one_of ")
            if 0 < len(value) <= _MARKS:
                room = 1 << (len(value) - 1).bit_length()  # so that a few statements stay prepared
                given += value + value[-1:] * (room - len(value))
                said += "IN (?", ",?" * (room - 1), ")", after
            else:
                given.append(orjson.dumps(value).decode())
                said += "IN (SELECT value FROM json_each(?))", after
        return "".join(said), given

    def insert(self, connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put many rows in, each with a value for every column."""
        names = [column.name for column in table.c]
        statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        self.change(connection, statement, list(map(itemgetter(*names), rows)))

    def change(self, connection: Connection, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Do a statement with a `?` for each value once for each row of values."""
        driver: Any = connection.connection.dbapi_connection
        driver.cursor().executemany(statement.replace("?", "%s") if self.server else statement, rows)

    def size(self, connection: Connection) -> int:
        """Bytes that the whole index takes."""
        if self.server:
            tables = ", ".join(f"pg_total_relation_size('{name}')" for name in metadata.tables)
            return sum(connection.exec_driver_sql(f"SELECT {tables}").one())
        pages, size, free = (
            int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
            for name in ("page_count", "page_size", "freelist_count")
        )
        return (pages - free) * size

    def damages(self, connection: Connection, quick: bool) -> list[str]:
        """What the database itself finds wrong with it, as sentences."""
        if self.server:
            return []
        said = connection.exec_driver_sql("PRAGMA quick_check" if quick else "PRAGMA integrity_check").scalars().all()
        return [f"the file is damaged: {line}" for line in said if line != "ok"]

    def shrink(self) -> None:
        """Give back the room of what was deleted."""
        with self._readable(), self._connect() as connection:
            free = connection.execution_options(isolation_level="AUTOCOMMIT") if self.server else connection
            free.exec_driver_sql("VACUUM") if self.server else _vacuum(connection)

    def among(self, column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
        """Whether a column holds one of many values, handed over in one piece."""
        some = list(_holdable(values))
        if self.server:
            kind = Text() if values and isinstance(values[0], str) else BigInteger()
            return column == any_(bindparam(None, some, ARRAY(kind)))
        listed = func.json_each(bindparam(None, orjson.dumps(some).decode(), Text)).table_valued("value")
        return column.in_(select(listed.c.value))

    def _connect(self) -> Connection:
        self._after_fork()
        return self._engine.connect()

    def _after_fork(self) -> None:
        """Connections do not survive a fork, and must not be closed by the child."""
        if self._process != os.getpid():
            self._left.append(self._kept)
            self._kept = _Kept()
            self._engine = self._made()
            self._process = os.getpid()

    def _made(self) -> Engine:
        try:
            engine = create_engine(self._url, **self._options())
        except ModuleNotFoundError as error:
            raise MissingExtraError("psycopg", "postgres") from error
        if not self.server:
            _prepare_sqlite(engine, self._patience, self.read_only)
        weakref.finalize(self, engine.dispose, close=False)
        return engine

    def _options(self) -> dict[str, Any]:
        if self.server:
            wait = f"-c lock_timeout={int(1000 * self._patience)}"
            options = {"options": wait, "connect_timeout": max(2, int(self._patience))}
            return {"isolation_level": "REPEATABLE READ", "connect_args": options, "pool_pre_ping": True}
        return {"connect_args": {"timeout": self._patience}}

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """Turns errors of the database into a sentence that says which index and what may help."""
        try:
            yield
        except DBAPIError as error:
            raise IndexAccessError(f"the index {self.name} {_reason(error.orig)}") from error
        except self._engine.dialect.loaded_dbapi.Error as error:
            raise IndexAccessError(f"the index {self.name} {_reason(error)}") from error
        except zlib.error as error:  # a text cannot be unpacked
            raise IndexAccessError(f"the index {self.name} {_MEANINGS['malformed']} ({error})") from error


class _Kept:
    """A few connections that nobody uses, ready to begin; any thread may take one."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self._lock = threading.Lock()
        self._idle: list[Connection] = []
        self._room = _IDLE

    def take(self) -> Connection | None:
        """The one that was used last, if there is any."""
        with self._lock:
            return self._idle.pop() if self._idle else None

    def give_back(self, connection: Connection) -> None:
        """Keep a connection, or close it when there are enough."""
        with self._lock:
            if len(self._idle) < self._room:
                self._idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Close them, and from now on each that is given back."""
        with self._lock:
            idle, self._idle, self._room = self._idle, [], 0
        for connection in idle:
            connection.close()


def _holdable(values: Sequence[Any]) -> Sequence[Any]:
    """The values without the texts that no database can hold."""
    texts = bool(values) and isinstance(values[0], str)
    return [value for value in values if not _UNHELD.search(value)] if texts else values


def _url(where: str | Path) -> URL:
    if isinstance(where, Path) or "://" not in where:
        return URL.create("sqlite", database=str(Path(where).absolute()))
    try:
        url = make_url(where)
        backend = url.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise ConfigError(f"{where!r} is no address of an index: {error}") from error
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and url.database:
        return url.set(database=str(Path(url.database).absolute()))
    raise ConfigError(f"an index is a path, sqlite:///path or postgresql://server/database, not {where!r}")


def _prepare_sqlite(engine: Engine, patience: float, read_only: bool) -> None:
    """Write-ahead log, full durability, and transactions that begin when they are said to."""

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver begins no transaction by itself
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={int(1000 * patience)}")
        cursor.execute(f"PRAGMA mmap_size={_MAPPED}")
        cursor.execute(f"PRAGMA cache_size=-{_HELD}")
        if read_only:
            cursor.execute("PRAGMA query_only=1")
        else:
            cursor.execute("PRAGMA page_size=8192")
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("dedup_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _vacuum(connection: Connection) -> None:
    """Rewrite a SQLite file without its gaps; the driver must not have begun a transaction."""
    driver = connection.connection.dbapi_connection
    assert driver is not None
    driver.execute("VACUUM")
    driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _reason(error: BaseException | None) -> str:
    """What an error of the driver means, in words that follow the name of the index."""
    said = (str(error).strip() or type(error).__name__).splitlines()[0]
    for sign, meaning in _MEANINGS.items():
        if sign in said.lower():
            return f"{meaning} ({said})"
    return f"cannot be used: {said}"


_MEANINGS = {
    "locked": "is being written by somebody else, who did not finish in time; try again, or wait longer",
    "lock timeout": "is being written by somebody else, who did not finish in time; try again, or wait longer",
    "disk is full": "cannot grow: the disk is full; nothing that was acknowledged is lost",
    "no space left": "cannot grow: the disk is full; nothing that was acknowledged is lost",
    "readonly": "cannot be written: the file or its folder is read-only",
    "read-only": "cannot be written: it is read-only",
    "unable to open": "cannot be opened: is the folder there, and may you write in it?",
    "not a database": "is no index of dedup, nor any SQLite file",
    "malformed": "is damaged; bring back a copy, or see what `dedup index verify` and `export` still find",
    "disk i/o error": "cannot be read or written: the disk reports an error",
    "connection": "cannot be reached; is the server running?",
}
