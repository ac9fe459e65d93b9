"""Notices that many outlets print under unlike articles: learned from the whole index, by what a scan does.

What one outlet repeats shows among its own articles. This shows among all of them only, so it is learned when the index
is settled. The lines of all articles are then read, and the texts of a few hundred that print the same one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import orjson
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, func, insert, select

from dedup.background import load_background
from dedup.clean.furniture import LineTable
from dedup.clean.notices import learn_notices, matters
from dedup.config import Config
from dedup.index.database import Database
from dedup.index.reading import Readings, read_records
from dedup.index.schema import article, outlet, segment, stamp
from dedup.threads import in_threads
from dedup.words import number_words

__all__ = ["NOTICES", "Notices", "keep_notices", "read_notices", "settle_notices"]

#: The name under which they are kept beside the stamp.
NOTICES = "notices"
#: Articles that are read together.
_CHUNK = 4096
#: Between times they are learned again when the index has grown so much.
_GROWTH = 2


@dataclass(frozen=True, slots=True)
class Notices:
    """What is furniture in every outlet."""

    lines: NDArray[np.uint64]
    """uint64[L]: hashes of lines, sorted."""
    last: int
    """The last number given out when they were learned."""
    articles: int
    """The articles that there were."""

    def pack(self) -> str:
        """As a value of the stamp."""
        return orjson.dumps([self.lines.tolist(), self.last, self.articles]).decode()


@lru_cache(4)
def read_notices(packed: str | None) -> Notices:
    """The notices that `pack` gave; none of nothing."""
    lines, last, articles = orjson.loads(packed) if packed else ([], 0, 0)
    return Notices(np.array(lines, np.uint64), last, articles)


def settle_notices(
    database: Database, connection: Connection, known: Notices, config: Config, thorough: bool
) -> tuple[Notices, list[int]] | None:
    """Learn the notices, if anything has changed; None where that was not done.

    Args:
        thorough: also when the index has not doubled since.

    Returns:
        (the notices; the nums of outlets with articles that are to be read again)
    """
    last, count = _size(connection)
    if (last, count) == (known.last, known.articles) or (not thorough and count < _GROWTH * known.articles):
        return None
    table, outlets, nums = _lines(database, connection, config.workers)

    def about(some: NDArray[np.int64], repeated: NDArray[np.bool_]) -> NDArray[np.uint32]:
        records = dict(database.rows(connection, _RECORDS, nums[some].tolist()))
        texts = read_records([records[num] for num in nums[some].tolist()])
        own = np.concatenate([repeated[slice(*table.offsets[at : at + 2])] for at in some.tolist()])
        words, vocabulary = number_words(texts.words)
        lines = LineTable(texts.lines, texts.line_words, texts.line_offsets)
        return matters(np.arange(len(some)), own, lines, words, vocabulary, texts.offsets, load_background())

    found = learn_notices(table, outlets, about)
    learned = Notices(np.unique(table.hashes[found]), last, count)
    other = np.setxor1d(learned.lines, known.lines)
    holders = np.repeat(np.arange(len(outlets)), np.diff(table.offsets))[np.isin(table.hashes, other)]
    touched = nums[np.unique(holders)].tolist()
    owners = select(article.c.outlet).where(database.among(article.c.num, touched)).distinct()
    return learned, sorted(connection.execute(owners).scalars()) if touched else []


def keep_notices(connection: Connection, notices: Notices) -> None:
    """Keep the notices, by which all articles are read by now."""
    last, count = _size(connection)  # articles whose reading has changed have new numbers
    connection.execute(delete(stamp).where(stamp.c.name == NOTICES))
    connection.execute(insert(stamp).values(name=NOTICES, value=replace(notices, last=last, articles=count).pack()))


def _size(connection: Connection) -> tuple[int, int]:
    """(the last number given out, how many articles there are)."""
    last = connection.execute(select(segment.c.last).where(segment.c.level == 0)).scalar_one()
    return last, connection.execute(select(func.count(article.c.num))).scalar_one()


_RECORDS = "SELECT num, record FROM dedup_article WHERE num one_of ?"


def _lines(
    database: Database, connection: Connection, jobs: int
) -> tuple[LineTable, NDArray[np.int64], NDArray[np.int64]]:
    """The lines of all articles in the order of their ids; the number of each one's outlet, -1 for none; its num."""
    unnamed = connection.execute(select(outlet.c.num).where(outlet.c.name == "")).scalar_one_or_none()
    ids: list[str] = []
    hashes: list[NDArray[np.uint64]] = []
    words: list[NDArray[np.int32]] = []
    sizes, nums, owners = [np.empty(0, np.int64)], list[int](), list[int]()
    for rows in _chunks(database, connection):
        parts = [rows[start : start + _CHUNK // 8] for start in range(0, len(rows), _CHUNK // 8)]
        for read in in_threads(_read, parts, jobs):
            ids += [one.id for one in read.articles]
            hashes.append(read.lines)
            words.append(read.line_words)
            sizes.append(np.diff(read.line_offsets))
        nums += [row[0] for row in rows]
        owners += [row[1] for row in rows]
    order = np.array(sorted(range(len(ids)), key=ids.__getitem__), np.int64)
    counts = np.concatenate(sizes)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    offsets = np.concatenate([[0], np.cumsum(counts[order])]).astype(np.int64)
    places = np.repeat(starts[order] - offsets[:-1], counts[order]) + np.arange(offsets[-1])
    every = (np.concatenate([np.empty(0, np.uint64), *hashes]), np.concatenate([np.empty(0, np.int32), *words]))
    outlets = np.array(owners, np.int64)
    outlets[outlets == (unnamed if unnamed is not None else -1)] = -1
    return LineTable(every[0][places], every[1][places], offsets), outlets[order], np.array(nums, np.int64)[order]


def _read(rows: Sequence[tuple[int, int, bytes]]) -> Readings:
    return read_records([record for _, _, record in rows])


def _chunks(database: Database, connection: Connection) -> Iterator[Sequence[tuple[int, int, bytes]]]:
    """Num, outlet and record of all articles, some thousand at a time."""
    statement = f"SELECT num, outlet, record FROM dedup_article WHERE num > ? ORDER BY num LIMIT {_CHUNK}"
    last = 0
    while rows := database.rows(connection, statement, last):
        yield rows
        last = rows[-1][0]
