"""Which articles are filed under which phrases: sorted postings in pages, in two levels, and the newest in memory.

A posting is the key of a phrase in the upper half of 64 bits and the number of an article in the lower. New articles
carry their keys in their own rows, so that adding one costs one row; every process keeps those of the last few thousand
in a table in memory. When they are many they are merged into the pages of the first level, and a part of that into the
second when it is an eighth of it: each posting is written some ten times in the life of an index, always in order, and
a look-up reads one small page on each level.

A phrase that many articles hold is filed for the first of them only; each later one is compared with those. Keys whose
lowest bit is set, those of subjects, are filed for the newest instead: what happens now is told now.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, select, update

from dedup.index.database import Database
from dedup.index.fresh import Fresh, filed_keys
from dedup.index.schema import page, removed, segment

__all__ = [
    "HOLDERS",
    "MERGE_AT",
    "PARTS",
    "Segment",
    "find_filed",
    "levels_of",
    "merge_fresh",
    "merge_if_many",
    "read_segments",
]

#: Articles that one phrase is filed for.
HOLDERS = 64
#: Articles in memory from which they are merged into pages.
MERGE_AT = 8192
#: Keys are dealt to parts by their first bits; each part is merged by itself.
_PART_BITS = 4
PARTS = 1 << _PART_BITS
#: A part moves on to the second level when it holds so many postings, and this share of what is there.
_LEAST_MOVE, _MOVE_SHARE = 1 << 16, 8
#: Postings of a page, on average at least half as many: a look-up reads a whole one.
_PAGE = 128
#: Postings that are sorted in memory when all articles are filed anew.
_IN_MEMORY = 1 << 26
#: Pages that are looked up at a time.
_LOOK_UPS = 1 << 15


@dataclass(frozen=True, slots=True)
class Segment:
    """The pages of a level and part."""

    level: int
    part: int
    bits: int
    postings: int
    last: int

    @property
    def bounds(self) -> tuple[int, int]:
        """The first and the last place that a page of this part can have."""
        return self._base, self._base + (1 << 32) - 1

    @property
    def _base(self) -> int:
        return (self.level * PARTS + self.part) << 32


@njit(cache=True, nogil=True)
def _held(postings, keys):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The postings of some keys, sorted as they are: (place of the key int64[H], num uint32[H])."""
    which = np.empty(max(16, 4 * len(keys)), np.int64)
    nums = np.empty(len(which), np.uint32)
    n = 0
    low = 0
    for k in range(len(keys)):
        wanted = np.uint64(keys[k]) << np.uint64(32)
        step = 1
        while low + step < len(postings) and postings[low + step] < wanted:
            step *= 2
        first, last = low + step // 2, min(len(postings), low + step)
        if low < len(postings) and postings[low] >= wanted:
            first, last = low, low
        while first < last:
            middle = (first + last) // 2
            if postings[middle] < wanted:
                first = middle + 1
            else:
                last = middle
        low = first
        while low < len(postings) and postings[low] >> np.uint64(32) == np.uint64(keys[k]):
            if n == len(which):
                which = np.concatenate((which, np.empty(n, np.int64)))
                nums = np.concatenate((nums, np.empty(n, np.uint32)))
            which[n] = k
            nums[n] = np.uint32(postings[low] & np.uint64(0xFFFFFFFF))
            n += 1
            low += 1
    return which[:n].copy(), nums[:n].copy()


@njit(cache=True, nogil=True)
def _wanted(levels, keys):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The distinct pages of sorted keys, in order."""
    out = np.empty(len(levels) * len(keys), np.int64)
    n = 0
    for row in levels:
        for key in keys:
            part = np.int64(key) >> (32 - _PART_BITS)
            rest = (np.int64(key) << _PART_BITS) & 0xFFFFFFFF
            place = ((row[PARTS] * PARTS + part) << 32) + (rest >> (32 - row[part]))
            if n == 0 or out[n - 1] != place:
                out[n] = place
                n += 1
    return out[:n].copy()


def levels_of(segments: Sequence[Segment]) -> NDArray[np.int64]:
    """The levels that hold anything, int64[L, PARTS + 1]: the bits by which each part tells pages apart, the level."""
    levels = [(level, [one for one in segments if one.level == level]) for level in (1, 2)]
    rows = [[*(one.bits for one in own), level] for level, own in levels if any(one.postings for one in own)]
    return np.array(rows, np.int64).reshape(-1, PARTS + 1)


def find_filed(
    database: Database, connection: Connection, levels: NDArray[np.int64], keys: NDArray[np.uint32]
) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """The articles in pages that are filed under the keys, which are sorted: (the place of each one's key, its num).

    Earlier articles come first of each key.

    Args:
        levels: what `levels_of` says of the segments.
    """
    found = _read(database, connection, _wanted(levels, keys))
    sides = [_held(level, keys) for level in reversed(found)]  # the second level is the older one
    which, nums = [np.empty(0, np.int64), *(w for w, _ in sides)], [np.empty(0, np.uint32), *(n for _, n in sides)]
    return np.concatenate(which), np.concatenate(nums)


def _places(level: int, bits: int, part: int, keys: NDArray[np.uint32]) -> NDArray[np.int64]:
    """The page of each key of a part, which tells its pages apart by so many bits."""
    rest = (keys << np.uint32(_PART_BITS)).astype(np.int64)
    return ((level * PARTS + part) << 32) + (rest >> (32 - bits))


def _read(database: Database, connection: Connection, places: NDArray[np.int64]) -> list[NDArray[np.uint64]]:
    """The postings of some pages, which are sorted, for each level one after the other."""
    pieces: dict[int, list[bytes]] = {}
    statement = "SELECT place, postings FROM dedup_page WHERE place one_of ? ORDER BY place"
    for start in range(0, len(places), _LOOK_UPS):
        rows = database.rows(connection, statement, places[start : start + _LOOK_UPS].tolist())
        second = bisect_left(rows, ((2 * PARTS) << 32,))
        for level, own in enumerate((rows[:second], rows[second:]), 1):
            if own:
                pieces.setdefault(level, []).extend(postings for _, postings in own)
    return [np.frombuffer(b"".join(pieces[level]), np.uint64) for level in sorted(pieces)]


@njit(cache=True, nogil=True)
def _without(postings, gone):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Move the postings whose articles are not gone to the front; returns how many there are."""
    n = 0
    for k in range(len(postings)):
        num = postings[k] & np.uint64(0xFFFFFFFF)
        at = np.searchsorted(gone, num)
        if at == len(gone) or gone[at] != num:
            postings[n] = postings[k]
            n += 1
    return n


@njit(cache=True, nogil=True)
def _merged(old, new, gone, limit):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Two sorted arrays of postings in one, without the sorted articles `gone`, of each key `limit`.

    A key that has reached its limit keeps those that are gone, too, so that it stays known that others may be missing.
    """
    out = np.empty(len(old) + len(new), np.uint64)
    n = 0
    first = 0  # of the key at hand
    i = 0
    j = 0
    while i < len(old) or j < len(new):
        if j == len(new) or (i < len(old) and old[i] <= new[j]):
            posting = old[i]
            i += 1
        else:
            posting = new[j]
            j += 1
        if n > first and out[n - 1] >> np.uint64(32) != posting >> np.uint64(32):
            if len(gone) and n - first < limit:
                n = first + _without(out[first:n], gone)
            first = n
        if n - first < limit:
            out[n] = posting
            n += 1
        elif (posting >> np.uint64(32)) & np.uint64(1):  # the oldest makes room for it
            out[first : n - 1] = out[first + 1 : n].copy()
            out[n - 1] = posting
    if len(gone) and n - first < limit:
        n = first + _without(out[first:n], gone)
    return out[:n].copy()


def read_segments(database: Database, connection: Connection) -> list[Segment]:
    """The segments, by level and part."""
    statement = "SELECT level, part, bits, postings, last FROM dedup_segment ORDER BY level, part"
    return [Segment(*row) for row in database.rows(connection, statement)]


def merge_if_many(database: Database, connection: Connection, fresh: Fresh) -> None:
    """File the articles that no page holds yet, if they have become many."""
    last = {(s.level, s.part): s.last for s in read_segments(database, connection)}
    if last[0, 0] - last[1, 0] >= MERGE_AT:
        fresh.catch_up(database, connection)
        merge_fresh(database, connection, fresh)


def merge_fresh(database: Database, connection: Connection, fresh: Fresh, everything: bool = False) -> None:
    """File the articles that no page holds yet, and move on what has become large.

    Args:
        fresh: these articles, all of them.
        everything: rewrite all pages, without what was removed; what the limit of holders kept out because of that is
            filed again.
    """
    by_place = {(s.level, s.part): s for s in read_segments(database, connection)}
    counter = by_place[0, 0]
    last = counter.last  # who has a num up to this is filed now, or gone
    newer = fresh.postings()
    newer.sort()
    gone = np.unique(np.array(list(connection.execute(select(removed.c.num)).scalars()), np.uint64))
    times = {"postings": counter.postings + 1}
    connection.execute(update(segment).where(segment.c.level == 0).values(**times))
    if everything and len(gone):
        _file_anew(database, connection, by_place, last)
        connection.execute(delete(removed))
        return
    bounds = np.searchsorted(newer, np.arange(1, PARTS, dtype=np.uint64) << np.uint64(64 - _PART_BITS))
    for part, new in enumerate(np.split(newer, bounds)):
        first, second = by_place[1, part], by_place[2, part]
        postings = _merged(_all_of(connection, first), new, gone, HOLDERS)
        if everything or (len(postings) >= _LEAST_MOVE and len(postings) * _MOVE_SHARE >= second.postings):
            _write(database, connection, second, _merged(_all_of(connection, second), postings, gone, HOLDERS), last)
            postings = postings[:0]
        _write(database, connection, first, postings, last)


def _file_anew(
    database: Database, connection: Connection, by_place: Mapping[tuple[int, int], Segment], last: int
) -> None:
    """File all articles by what their rows say, in as many parts at a time as memory should hold."""
    postings = sum(one.postings for (level, _), one in by_place.items() if level)
    at_once = max(1, min(PARTS, PARTS * _IN_MEMORY // (postings + 1)))
    nothing = np.empty(0, np.uint64)
    for first in range(0, PARTS, at_once):
        parts = range(first, min(PARTS, first + at_once))
        every = _filed(database, connection, parts)
        bounds = np.searchsorted(every, np.array(parts[1:], np.uint64) << np.uint64(64 - _PART_BITS))
        for part, own in zip(parts, np.split(every, bounds), strict=True):
            _write(database, connection, by_place[2, part], _merged(own, nothing, nothing, HOLDERS), last)
            _write(database, connection, by_place[1, part], nothing, last)


def _filed(database: Database, connection: Connection, parts: range) -> NDArray[np.uint64]:
    """The postings of all articles in some parts, sorted."""
    statement = "SELECT num, phrases, quotes, subjects FROM dedup_article WHERE num > ? ORDER BY num LIMIT 4096"
    pieces, num = [np.empty(0, np.uint64)], 0
    while rows := database.rows(connection, statement, num):
        keys, nums = filed_keys(rows)
        dealt = keys >> np.uint32(32 - _PART_BITS)
        here = (dealt >= parts.start) & (dealt < parts.stop)
        pieces.append(keys[here].astype(np.uint64) << np.uint64(32) | nums[here].astype(np.uint64))
        num = rows[-1][0]
    every = np.concatenate(pieces)
    every.sort()
    return every


def _all_of(connection: Connection, one: Segment) -> NDArray[np.uint64]:
    low, high = one.bounds
    rows = connection.execute(select(page.c.postings).where(page.c.place.between(low, high)).order_by(page.c.place))
    return np.frombuffer(b"".join(rows.scalars()), np.uint64)


def _write(database: Database, connection: Connection, one: Segment, postings: NDArray[np.uint64], last: int) -> None:
    """Put these postings in the place of those of a segment."""
    low, high = one.bounds
    bits = max(0, (len(postings) // _PAGE).bit_length())
    now = Segment(one.level, one.part, bits, len(postings), last)
    connection.execute(delete(page).where(page.c.place.between(low, high)))
    for rows in _batches(_pages(now, postings)):
        database.insert(connection, page, rows)
    here = (segment.c.level == one.level) & (segment.c.part == one.part)
    connection.execute(update(segment).where(here).values(bits=bits, postings=len(postings), last=last))


def _pages(one: Segment, postings: NDArray[np.uint64]) -> Iterator[dict[str, object]]:
    keys = (postings >> np.uint64(32)).astype(np.uint32)
    places = _places(one.level, one.bits, one.part, keys)
    starts = np.flatnonzero(np.diff(places, prepend=-1))
    for start, end in pairwise([*starts.tolist(), len(postings)]):
        yield {"place": int(places[start]), "postings": postings[start:end].tobytes()}


def _batches(rows: Iterator[dict[str, object]], size: int = 4096) -> Iterator[list[dict[str, object]]]:
    batch: list[dict[str, object]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
