"""The newest articles, which no page holds yet: what they are filed under, in a table in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from sqlalchemy import Connection, Row

from dedup.index.database import Database

__all__ = ["Fresh", "Gone", "filed_keys", "unpacked"]


def unpacked(packed: Sequence[bytes]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """The keys of the phrases of articles: (all keys, where those of each article begin and end)."""
    counts = [8 * len(some) // 33 for some in packed]  # 32 bits a key and one more, in whole bytes
    keys = b"".join([some[: 4 * count] for some, count in zip(packed, counts, strict=True)])
    return np.frombuffer(keys, np.uint32), np.cumsum([0, *counts])


def _picked(packed: bytes) -> NDArray[np.uint32]:
    """Those of the keys that the article is filed under."""
    keys, _ = unpacked([packed])
    picked: NDArray[np.uint32] = keys[
        np.unpackbits(np.frombuffer(packed, np.uint8, offset=keys.nbytes), count=len(keys)).view(bool)
    ]
    return picked


def filed_keys(
    rows: Iterable[Row[int, bytes, bytes, bytes] | tuple[int, bytes, bytes, bytes]],
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """What some articles, by num, packed phrases, quotations and subjects, are filed under: (keys, the num of each)."""
    keys, nums = [np.empty(0, np.uint32)], [np.empty(0, np.uint32)]
    for num, packed, *others in rows:
        own = [_picked(packed), *(np.frombuffer(other, np.uint32) for other in others)]
        keys += own
        nums.append(np.full(sum(map(len, own)), num, np.uint32))
    return np.concatenate(keys), np.concatenate(nums)


@dataclass(frozen=True, slots=True)
class Gone:
    """Articles that are gone and may still be filed: they must not take the places of those that are there."""

    nums: NDArray[np.uint32]
    """uint32[R], sorted."""
    serial: int = 0
    """Of the last one."""

    def caught_up(self, database: Database, connection: Connection) -> Gone:
        """With those that went since."""
        statement = "SELECT serial, num FROM dedup_removed WHERE serial > ? ORDER BY serial"
        rows = database.rows(connection, statement, self.serial)
        if not rows:
            return self
        return Gone(np.union1d(self.nums, np.array([num for _, num in rows], np.uint32)), rows[-1][0])


@njit(cache=True, nogil=True)
def _enter(keys, nums, slots, heads, entries, known):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Add postings to a table of keys (slots, open addressing) with their articles in chains; returns how many."""
    mask = len(slots) - 1
    for k in range(len(keys)):
        slot = np.int64(keys[k] * np.uint32(0x9E3779B1)) & mask
        while heads[slot] >= 0 and slots[slot] != keys[k]:
            slot = (slot + 1) & mask
        slots[slot] = keys[k]
        entries[known, 0] = nums[k]
        entries[known, 1] = heads[slot]
        heads[slot] = known
        known += 1
    return known


@njit(cache=True, nogil=True)
def _look_up(keys, slots, heads, entries):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Articles by key: (the place of the key in `keys`, int64[H]; num uint32[H]), the oldest of each key first."""
    mask = len(slots) - 1
    total = 0
    newest = np.empty(len(keys), np.int64)
    ends = np.empty(len(keys), np.int64)
    for k in range(len(keys)):
        slot = np.int64(keys[k] * np.uint32(0x9E3779B1)) & mask
        while heads[slot] >= 0 and slots[slot] != keys[k]:
            slot = (slot + 1) & mask
        newest[k] = heads[slot]
        at = heads[slot]
        while at >= 0:
            total += 1
            at = entries[at, 1]
        ends[k] = total
    which = np.empty(total, np.int64)
    found = np.empty(total, np.uint32)
    for k in range(len(keys)):
        n = ends[k]
        at = newest[k]
        while at >= 0:
            n -= 1
            which[n] = k
            found[n] = entries[at, 0]
            at = entries[at, 1]
    return which, found


class Fresh:
    """The postings of articles that no page holds yet.

    Example:
        >>> fresh = Fresh(last=0)
        >>> fresh.enter(np.array([7, 9, 7], np.uint32), np.array([1, 1, 2], np.uint32), last=2)
        >>> which, nums = fresh.find(np.array([7, 8], np.uint32))
        >>> which.tolist(), sorted(nums.tolist())
        ([0, 0], [1, 2])
    """

    def __init__(self, last: int) -> None:
        self.last = last
        """Articles up to this are in pages, or here."""
        self._known = 0
        self._slots, self._heads = np.zeros(1 << 12, np.uint32), np.full(1 << 12, -1, np.int64)
        self._entries = np.empty((1 << 11, 2), np.int64)
        self._keys: list[NDArray[np.uint32]] = []
        self._guard = threading.Lock()  # kernels let other threads run

    def enter(self, keys: NDArray[np.uint32], nums: NDArray[np.uint32], last: int) -> None:
        """Add the postings of all articles up to `last`; those before them must have been caught up with."""
        with self._guard:
            self._enter(keys, nums)
            self.last = last

    def postings(self) -> NDArray[np.uint64]:
        """All postings, in no order."""
        with self._guard:
            keys = np.concatenate([np.empty(0, np.uint32), *self._keys])
            return keys.astype(np.uint64) << np.uint64(32) | self._entries[: self._known, 0].astype(np.uint64)

    def _enter(self, keys: NDArray[np.uint32], nums: NDArray[np.uint32]) -> None:
        need = self._known + len(keys)
        if need > len(self._entries):
            grown = np.empty((2 * need, 2), np.int64)
            grown[: self._known] = self._entries[: self._known]
            self._entries = grown
        self._keys.append(keys)
        if 2 * need > len(self._slots):
            size = 1 << (4 * need).bit_length()
            self._slots, self._heads = np.zeros(size, np.uint32), np.full(size, -1, np.int64)
            every, held = np.concatenate(self._keys), self._entries[: self._known, 0].astype(np.uint32)
            self._keys, self._known = [every], 0
            _enter(every[: len(held)], held, self._slots, self._heads, self._entries, 0)
            self._known = len(held)
        self._known = _enter(keys, nums, self._slots, self._heads, self._entries, self._known)

    def find(self, keys: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        """The articles that are filed under the keys: (the place of each one's key, its num)."""
        with self._guard:
            which, nums = _look_up(keys, self._slots, self._heads, self._entries)
        return which, nums

    def catch_up(self, database: Database, connection: Connection) -> None:
        """Take in the articles that were added since."""
        statement = "SELECT num, phrases, quotes, subjects FROM dedup_article WHERE num > ? ORDER BY num LIMIT 1024"
        with self._guard:
            while rows := database.rows(connection, statement, self.last):
                self._enter(*filed_keys(rows))
                self.last = rows[-1][0]
