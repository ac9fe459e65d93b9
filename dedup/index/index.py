"""An index of articles on disk: one call says whether an article is new, a copy, a part, a rewrite or a revision."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import numpy as np
from sqlalchemy import Connection, func, select

from dedup.config import Config
from dedup.errors import ConfigError, IndexAccessError, IndexMismatchError
from dedup.index.adding import learn_again, put, remove_articles, settle_outlets
from dedup.index.database import Database
from dedup.index.fresh import Fresh, Gone
from dedup.index.incoming import CHUNK, cleaned, stored_id
from dedup.index.integrity import damages
from dedup.index.judgement import give_verdict, is_known, searched_verdict, stored_matches
from dedup.index.notices import NOTICES, read_notices
from dedup.index.overview import Stats, read_stats, stored_clusters
from dedup.index.postings import levels_of, merge_fresh, merge_if_many, read_segments
from dedup.index.schema import article, metadata
from dedup.index.search import Shelves
from dedup.index.stamp import create_tables, differences, has_tables, is_newer, read_stamp, stored_config
from dedup.index.texts import unpack_article
from dedup.index.transfer import lines_of, load_lines, put_all, spooled
from dedup.index.verdict import Verdict
from dedup.provenance import instant
from dedup.records import Article, Cluster, Match

__all__ = ["Index"]


_NONE = Gone(np.empty(0, np.uint32))


class Index:
    """Articles and their copies in a SQLite file or a PostgreSQL database.

    One writer at a time, in whatever process; readers wait for nobody. An object may be used by several threads, and
    after a fork by parent and child. What `add` and its kin did is durable when they return.

    Example:
        >>> import tempfile
        >>> storm = "A storm tore the roof off the old customs house in Port Ansel on Friday night, the mayor said. "
        >>> storm += "Nobody was hurt, but the museum inside will stay closed until the summer, Ines Tamber added."
        >>> with tempfile.TemporaryDirectory() as folder, Index.open(f"{folder}/crawl.db") as index:
        ...     index.add(Article(id="first", body=storm))
        ...     verdict = index.check(Article(id="second", body=storm + " Repairs begin on Monday."))
        >>> str(verdict.relation), verdict.of, verdict.matches[0].grade.verdict
        ('copy_of', 'first', 'lightly edited copy')
    """

    def __init__(self, database: Database, config: Config) -> None:
        """Use `Index.open`."""
        self._database = database
        self.config = config
        """The options that the index was made with."""
        self._latest: Shelves | None = None
        self._locks = _Locks()

    @classmethod
    def open(
        cls,
        where: str | Path,
        *,
        config: Config | None = None,
        create: bool = True,
        read_only: bool = False,
        patience: float = 60.0,
    ) -> Index:
        """The index at a path, `sqlite:///path` or `postgresql://...`; a new one if there is none.

        Args:
            config: options for a new index; for one that is there they must be those it was made with.
            create: whether to make a missing index; an error otherwise.
            read_only: refuse everything that writes.
            patience: seconds to wait for another writer.

        Raises:
            ConfigError: it is no such address, or there is no index and none was to be made.
            IndexMismatchError: it was made by another version, or with other options.
            IndexAccessError: it cannot be read or written.
        """
        database = Database(where, patience, read_only)
        missing = ConfigError(f"there is no index at {database.name}")
        path = database.path
        if path is not None and (read_only or not create) and not path.is_file():
            raise missing
        with database.reading() as connection:
            found = read_stamp(connection) if has_tables(connection) else None
        if found is None:
            if read_only or not create:
                raise missing
            with database.writing() as connection:
                if not has_tables(connection):  # somebody else may have been quicker
                    create_tables(connection, config or Config())
                found = read_stamp(connection)
        if reason := differences(found, database.name):
            raise IndexMismatchError(reason)
        return cls(database, stored_config(found, config, database.name))

    def __enter__(self) -> Index:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __len__(self) -> int:
        with self._database.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(article)).scalar_one())

    def __contains__(self, id: object) -> bool:
        return isinstance(id, str) and self.get(id) is not None

    @property
    def name(self) -> str:
        """The path or the address, without its password."""
        return self._database.name

    def close(self) -> None:
        """Closes all connections; the index itself needs no closing."""
        self._database.close()

    def check(self, article: Article, *, related: bool = False) -> Verdict:
        """What an article is to those in the index. Never writes.

        An article that is in the index under its own id and with its own text is `known`, and a copy of itself.

        Args:
            related: also look for independent reports of the same event, if no copy is found.
        """
        with self._looking() as (connection, shelves):
            return give_verdict(shelves, connection, article, self.config, related)

    def add(self, article: Article) -> None:
        """Put an article in; durable when this returns. Adding it again changes nothing.

        An id holds one text: adding another one under it replaces the earlier one.
        """
        self.add_many([article])

    def add_many(self, articles: Iterable[Article]) -> int:
        """Put many articles in, some thousand in one transaction; returns how many were new or had changed."""
        changed = 0
        for chunk in cleaned(articles, self.config, time.time()):
            with self._writing() as (connection, shelves):
                changed += put(shelves, connection, chunk, self.config)
        return changed

    def check_and_add(self, article: Article, *, related: bool = False) -> Verdict:
        """What `check` says, and the article is in: of several callers with one story only one hears that it is new."""
        with self._looking() as (connection, shelves):  # who asks again need not wait for the writers
            if is_known(self._database, connection, article):
                return give_verdict(shelves, connection, article, self.config, related)
        [chunk] = cleaned([article], self.config, time.time())
        reading = replace(chunk[0].reading, articles=[unpack_article(chunk[0].record)])
        with self._writing() as (connection, shelves):
            verdict, searched = searched_verdict(shelves, connection, article, reading, self.config, related)
            if not verdict.known:
                put(shelves, connection, chunk, self.config, searched)
        return verdict

    def remove(self, id: str) -> bool:
        """Take an article out; returns whether it was there. Nothing of it shows in later checks."""
        return self.remove_many([id]) > 0

    def remove_many(self, ids: Iterable[str]) -> int:
        """Take articles out; returns how many were there."""
        remaining, gone = (kept for id in ids if (kept := stored_id(id))), 0
        while chunk := list(islice(remaining, CHUNK)):
            with self._writing() as (connection, shelves):
                wanted = self._database.among(article.c.id, chunk)
                nums = list(connection.execute(select(article.c.num).where(wanted)).scalars())
                learn_again(shelves, connection, remove_articles(shelves, connection, nums), self.config)
                gone += len(nums)
        return gone

    def expire(self, before: str | date) -> int:
        """Take out what was published before a moment, or was added before it if undated; returns how many.

        Raises:
            ConfigError: `before` is no date.
        """
        seconds = moment(before)
        outdated = func.coalesce(article.c.day * 86400.0, article.c.added) < seconds
        gone = 0
        touched: set[int] = set()
        while True:
            with self._writing() as (connection, shelves):
                nums = list(connection.execute(select(article.c.num).where(outdated).limit(CHUNK)).scalars())
                touched.update(remove_articles(shelves, connection, nums))
                gone += len(nums)
                if len(nums) < CHUNK:  # outlets are learned again once, in the transaction that ends it
                    learn_again(shelves, connection, sorted(touched), self.config)
                    return gone

    def get(self, id: str) -> Article | None:
        """The article with this id, as it was cleaned; None if there is none."""
        wanted = select(article.c.record).where(article.c.id == stored_id(id))
        with self._database.reading() as connection:
            record = connection.execute(wanted).scalar_one_or_none()
        return None if record is None else unpack_article(record)

    def articles(self) -> Iterator[Article]:
        """All articles as they were cleaned, some thousand at a time, each time as the index is then."""
        last = 0
        while True:
            rows = select(article.c.num, article.c.record).where(article.c.num > last).order_by(article.c.num)
            with self._database.reading() as connection:
                some = connection.execute(rows.limit(CHUNK)).all()
            if not some:
                return
            yield from (unpack_article(record) for _, record in some)
            last = some[-1][0]

    def matches(self, id: str) -> list[Match]:
        """The copies of an article, with passages, sorted by (a, b); empty for one that has none or is not there."""
        kept = stored_id(id)
        if kept is None:
            return []
        with self._database.reading() as connection:
            return stored_matches(self._database, connection, self.config, kept)

    def clusters(self, since: str | date | None = None) -> list[Cluster]:
        """The stories of two or more articles, largest first; with `since` those that have gained one since then.

        Outlets that have grown are settled first, as `settle` does; notices of many outlets only when the index has
        doubled since they were learned.
        """
        after = None if since is None else moment(since)
        if not self._database.read_only:
            self._settle(thorough=False)
        with self._database.reading() as connection:
            return stored_clusters(self._database, connection, self.config, after)

    def settle(self) -> None:
        """Learn the furniture of all outlets that have grown since, and of all together; judge again what that touches.

        Afterwards the pairs are those that a scan of the same articles finds. Small outlets are always settled.
        """
        self._settle(thorough=True)

    def _settle(self, thorough: bool) -> None:
        with self._writing() as (connection, shelves):
            settle_outlets(shelves, connection, self.config, thorough)

    def compact(self) -> None:
        """Settle, file everything in order and give back the room of what was removed."""
        with self._writing() as (connection, shelves):
            settle_outlets(shelves, connection, self.config, thorough=True)
            shelves.fresh.catch_up(self._database, connection)
            merge_fresh(self._database, connection, shelves.fresh, everything=True)
        self._database.shrink()

    def verify(self, quick: bool = False) -> list[str]:
        """A sentence for everything in the index that is not as its texts say; none for a whole one.

        Args:
            quick: leave the texts, and what is made from them, unread.
        """
        try:
            with self._reading() as (connection, shelves):
                return list(damages(shelves, connection, self.config, quick))
        except IndexAccessError as error:
            return [str(error)]

    def export(self, file: BinaryIO) -> int:
        """Write all articles as JSON lines, which `load` and a scan can read; returns how many."""
        count = 0
        with self._database.reading() as connection:
            for line in lines_of(connection):
                file.write(line)
                count += 1
        return count

    def load(self, file: Iterable[bytes]) -> int:
        """Put in the articles of lines that `export` wrote, as they were; returns how many were new or had changed.

        Raises:
            ConfigError: a line is no article; those before it may be in.
        """
        changed = 0
        for chunk in load_lines(file, self.config, time.time()):
            with self._writing() as (connection, shelves):
                changed += put(shelves, connection, chunk, self.config)
        return changed

    @classmethod
    def upgrade(cls, where: str | Path, *, patience: float = 60.0, track: Callable[[int], None] | None = None) -> int:
        """Make an index of another version anew from its texts, wholly or not at all; returns how many articles.

        Args:
            track: told about progress, with the articles that were just put in.

        Raises:
            ConfigError: there is no index.
            IndexMismatchError: it was made by a newer version.
        """
        database = Database(where, patience)
        path = database.path
        if path is not None and not path.is_file():
            raise ConfigError(f"there is no index at {database.name}")
        with database.writing() as connection:
            if not has_tables(connection):
                raise ConfigError(f"there is no index at {database.name}")
            found = read_stamp(connection)
            if is_newer(found):
                raise IndexMismatchError(differences(found, database.name))
            if not differences(found, database.name):
                return 0
            index = cls(database, stored_config(found, None, database.name))
            with spooled(connection) as lines:
                metadata.drop_all(connection)
                create_tables(connection, index.config)
                chunks = load_lines(lines, index.config, time.time())
                return put_all(index._shelves, connection, chunks, index.config, track or (lambda _: None))

    def stats(self) -> Stats:
        """Counts, sizes, dates and versions."""
        with self._database.reading() as connection:
            return read_stats(self._database, connection)

    @contextmanager
    def _reading(self) -> Iterator[tuple[Connection, Shelves]]:
        with self._database.reading() as connection:
            yield connection, self._shelves(connection)

    @contextmanager
    def _looking(self) -> Iterator[tuple[Connection, Shelves]]:
        with self._database.looking() as connection:
            yield connection, self._shelves(connection)

    @contextmanager
    def _writing(self) -> Iterator[tuple[Connection, Shelves]]:
        """A transaction that alone may write; when it ends, new articles are filed if they have become many."""
        with self._held.writing:
            try:
                with self._database.writing() as connection:
                    shelves = self._shelves(connection)
                    yield connection, shelves
                    merge_if_many(self._database, connection, shelves.fresh)
            except BaseException:
                self._latest = None  # it may hold articles of a transaction that never was
                raise

    def _shelves(self, connection: Connection) -> Shelves:
        """Where articles are filed, as a transaction sees it."""
        notices = f"SELECT value FROM dedup_stamp WHERE name = '{NOTICES}'"
        serial = "SELECT max(serial) FROM dedup_removed"
        statement = f"SELECT postings, ({notices}), ({serial}) FROM dedup_segment WHERE level = 0"
        [(merges, packed, serial)] = self._database.rows(connection, statement)
        with self._held.looking:
            shelves = self._latest
            if shelves is None or shelves.merges != merges:
                segments = read_segments(self._database, connection)
                merged = next(one.last for one in segments if one.level == 1)
                shelves = Shelves(
                    self._database, levels_of(segments), Fresh(merged), merges, read_notices(packed), _NONE
                )
                if self._latest is None or self._latest.merges < merges:  # else others see a later moment
                    self._latest = shelves
            if (serial or 0) < shelves.gone.serial:  # this transaction began before the last ones went
                return replace(shelves, notices=read_notices(packed), gone=_NONE).caught_up(connection)
            now = replace(shelves, notices=read_notices(packed)).caught_up(connection)
            if self._latest is shelves:
                self._latest = now
            return now

    @property
    def _held(self) -> _Locks:
        """The locks of this process: after a fork another thread may have held the old ones for ever."""
        if self._locks.process != os.getpid():
            self._locks, self._latest = _Locks(), None
        return self._locks


class _Locks:
    """What threads of one process wait for: each other's transactions if they write, a moment if they look."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.writing = threading.RLock()
        self.looking = threading.RLock()


def moment(when: str | date) -> float:
    """A date or date-time in seconds since 1970; without a zone it is UTC.

    Raises:
        ConfigError: it is no date.
    """
    found = instant(when if isinstance(when, str) else when.isoformat())
    if found is None:
        raise ConfigError(f"{when!r} is no date; write it as 2031-05-02 or 2031-05-02T10:00:00Z")
    return found[0].timestamp()
