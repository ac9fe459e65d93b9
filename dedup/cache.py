"""Cleaned articles by the digest of what they were read from, in one SQLite file: nothing is read twice.

Each entry stands for one file, or one block of lines. A folder in which a hundredth of the files are new costs a
hundredth of the reading; extraction from web pages, which takes most of the time, is done once for each page.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import orjson

from dedup.corpus import ArticlePage
from dedup.errors import DedupError
from dedup.records import Article, Skipped

__all__ = ["TABLE", "ArticleCache"]

#: The name of the file in the folder that the user chose; hidden, so that a scan of that folder passes over it.
_FILE = ".dedup-articles.sqlite"
#: The table; another name for each form of its rows, so that older ones are only not found.
TABLE = "cleaned_2"
#: Seconds to wait for another process that writes.
_PATIENCE = 120.0

Cleaned = tuple[list[Article], list[Skipped]]


class ArticleCache:
    """The cache in a folder. Several processes may use it at a time."""

    def __init__(self, folder: str | Path) -> None:
        """Opens the cache, which is made where it is missing.

        Raises:
            DedupError: it cannot be made, or is no cache.
        """
        self._path = path = Path(folder) / _FILE
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=NORMAL")
            self._database.execute(
                f"CREATE TABLE IF NOT EXISTS {TABLE} (digest TEXT PRIMARY KEY, articles BLOB NOT NULL)"
            )
        except (OSError, sqlite3.Error) as error:
            reason = getattr(error, "strerror", None) or error
            raise DedupError(f"cannot use the cache in {folder}: {reason}") from error

    def close(self) -> None:
        """Lets go of the file. A connection belongs to one thread and survives no fork, so it is best a short one."""
        self._database.close()

    def find(self, digests: Sequence[str]) -> dict[str, Cleaned]:
        """What is known of these digests.

        Raises:
            DedupError: the file is damaged.
        """
        found = {}
        try:
            for digest in digests:
                row = self._database.execute(f"SELECT articles FROM {TABLE} WHERE digest = ?", (digest,)).fetchone()
                if row is not None:
                    found[digest] = _unpacked(row[0])
        except (sqlite3.Error, ValueError) as error:
            raise DedupError(f"the cache {self._path} is damaged; delete it and scan again ({error})") from error
        return found

    def keep(self, cleaned: Mapping[str, Cleaned]) -> None:
        """Remember what was read; an error of the disk only costs the next run its time."""
        try:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.executemany(
                f"INSERT OR REPLACE INTO {TABLE} VALUES (?, ?)",
                [(digest, _packed(*parts)) for digest, parts in cleaned.items()],
            )
            self._database.execute("COMMIT")
        except sqlite3.Error:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")


def _packed(articles: Sequence[Article], skipped: Iterable[Skipped]) -> bytes:
    page = ArticlePage.pack(articles)
    header = orjson.dumps({"offsets": page.offsets.tolist(), "skipped": [asdict(row) for row in skipped]})
    return len(header).to_bytes(4, "little") + header + page.data[:]


def _unpacked(packed: bytes) -> Cleaned:
    end = 4 + int.from_bytes(packed[:4], "little")
    header = orjson.loads(packed[4:end])
    page = ArticlePage(packed[end:], np.array(header["offsets"], np.int64))
    return [page.unpack(index) for index in range(len(page))], [Skipped(**row) for row in header["skipped"]]
