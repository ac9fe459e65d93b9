"""Phrases of three words that tell: which articles share some that few others hold, and how much in all.

Of the postings of all 3-grams only those are kept that two or more articles hold and that news at large does not. They
propose pairs of stories, and afterwards say exactly what any pair can have in common.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dedup.background import Background, lookup
from dedup.candidates.grams import Postings, bucket_end, rank_of
from dedup.candidates.pairs import pack
from dedup.store import Store
from dedup.threads import in_threads

__all__ = ["SIXTEENTHS", "Shelf", "overlap_bounds", "phrase_pairs", "shared_phrases"]

#: Weights are counted in sixteenths of a nat, as the background stores them.
SIXTEENTHS = 16
#: Pairs that one thread bounds at a time.
_BLOCK = 1 << 16
#: Entries of the table of pairs' weights, and the articles that share one: more would give each entry too many pairs.
_TABLE, _SHARE = 1 << 25, 1 << 16
#: Phrases held at a time when pairs are bounded.
_HELD = 1 << 24


@njit(cache=True, nogil=True)
def _weight(posting, gram_tags, gram_idf):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The excess of a 3-gram in sixteenths of a nat, rounded up: `dedup.background.rarity` by its posting."""
    key = (posting >> np.uint64(26)) << np.uint64(24)
    stored = lookup(gram_tags, gram_idf, key)
    excess = 48 if stored < 0 else min(48, max(0, stored - 80))
    script = (posting >> np.uint64(24)) & np.uint64(3)
    if script == 0:
        return np.uint64(excess)
    return np.uint64(np.ceil(excess * (0.4 if script == 1 else 0.25)))


class Shelf:
    """Arrays in a row, in memory up to a limit of bytes and on disk beyond it."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._held: list[NDArray[np.uint64] | str] = []
        self._store: Store | None = None

    def add(self, array: NDArray[np.uint64]) -> None:
        """One more array at the end."""
        self._left -= array.nbytes
        if self._left >= 0:
            self._held.append(array)
            return
        self._store = self._store or Store.temporary()
        name = f"{len(self._held)}.bin"
        self._store.save(name, lambda file: file.write(array.data))
        self._held.append(name)

    def __len__(self) -> int:
        return len(self._held)

    def __getitem__(self, place: int) -> NDArray[np.uint64]:
        held = self._held[place]
        if isinstance(held, str):
            assert self._store is not None
            return np.fromfile(self._store.path(held), np.uint64)
        return held

    def __iter__(self) -> Iterator[NDArray[np.uint64]]:
        return map(self.__getitem__, range(len(self)))


@njit(cache=True, nogil=True)
def _shared(postings, gram_tags, gram_idf):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The telling 3-grams that two or more articles hold: 32 bits of a number, 24 of rank, 8 of weight, sorted."""
    out = np.empty(len(postings), np.uint64)
    n = 0
    start = 0
    number = np.uint64(0)
    while start < len(postings):
        end = bucket_end(postings, start)
        if end - start > 1 and postings[start] != postings[end - 1]:
            weight = _weight(postings[start], gram_tags, gram_idf)
            if weight > 0:
                number += np.uint64(1)
                for x in range(start, end):
                    if x == start or postings[x] != postings[x - 1]:
                        out[n] = (number << np.uint64(32)) | (np.uint64(rank_of(postings[x])) << np.uint64(8)) | weight
                        n += 1
        start = end
    return out[:n].copy()


def shared_phrases(postings: Postings, background: Background, kept: int) -> Shelf:
    """The telling 3-grams that two or more articles hold, an array for each bucket; beyond `kept` bytes on disk."""
    shelf = Shelf(kept)
    tables = background.gram_tags, background.gram_idf
    postings.read(lambda bucket: _shared(bucket, *tables), shelf.add)
    return shelf


@njit(cache=True, nogil=True)
def _holders(shared, start, groups, limit, members):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Write the groups that hold the 3-gram at `start` to `members`; returns (how many, at most limit + 1; its end).

    `groups` of the ranks do not decrease.
    """
    count = 0
    last = -1
    end = start
    while end < len(shared) and shared[end] >> np.uint64(32) == shared[start] >> np.uint64(32):
        group = groups[np.int64((shared[end] >> np.uint64(8)) & np.uint64(0xFFFFFF))]
        if group != last and count <= limit:
            if count < limit:
                members[count] = np.uint64(group)
            count += 1
            last = group
        end += 1
    return count, end


@njit(cache=True, nogil=True, inline="always")
def _slot(pair, table):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    mixed = (pair ^ (pair >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15)
    return np.int64((mixed >> np.uint64(32)) & np.uint64(len(table) - 1))


@njit(cache=True, nogil=True)
def _weigh(shared, groups, limit, share, shares, table):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Add up, by the hashes of pairs, the weight of each 3-gram that two to `limit` groups hold."""
    members = np.empty(limit, np.uint64)
    start = 0
    while start < len(shared):
        count, end = _holders(shared, start, groups, limit, members)
        weight = np.int64(shared[start] & np.uint64(0xFF))
        if count <= limit:
            for x in range(count - 1):
                if members[x] % np.uint64(shares) == np.uint64(share):
                    for y in range(x + 1, count):
                        slot = _slot((members[x] << np.uint64(24)) | members[y], table)
                        table[slot] = min(255, table[slot] + weight)
        start = end


@njit(cache=True, nogil=True)
def _hits(shared, groups, limit, share, shares, table, least):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Pairs of groups for each such 3-gram, its weight in the low bits, where the pair's entry is `least` or more."""
    members = np.empty(limit, np.uint64)
    out = np.empty(len(shared), np.uint64)
    n = 0
    start = 0
    while start < len(shared):
        count, end = _holders(shared, start, groups, limit, members)
        if count <= limit:
            if n + count * count // 2 > len(out):
                more = np.empty(2 * (n + count * count), np.uint64)
                more[:n] = out[:n]
                out = more
            for x in range(count - 1):
                if members[x] % np.uint64(shares) == np.uint64(share):
                    for y in range(x + 1, count):
                        pair = (members[x] << np.uint64(24)) | members[y]
                        if least == 0 or table[_slot(pair, table)] >= least:
                            out[n] = (pair << np.uint64(6)) | (shared[start] & np.uint64(63))
                            n += 1
        start = end
    return out[:n].copy()  # a view would keep the room for all, of every bucket


@njit(cache=True, nogil=True)
def _telling(hits, least_hits, least_weight):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The packed pairs of a sorted array of hits that have enough of them, and enough weight in all."""
    out = np.empty(len(hits), np.uint64)
    n = 0
    start = 0
    total = np.uint64(0)
    for end in range(len(hits) + 1):
        if end == len(hits) or hits[end] >> np.uint64(6) != hits[start] >> np.uint64(6):
            if end > start and end - start >= least_hits and total >= np.uint64(least_weight):
                out[n] = pack(hits[start] >> np.uint64(30), (hits[start] >> np.uint64(6)) & np.uint64((1 << 24) - 1))
                n += 1
            start = end
            total = np.uint64(0)
        if end < len(hits):
            total += hits[end] & np.uint64(63)
    return out[:n].copy()


def phrase_pairs(
    shared: Shelf, groups: NDArray[np.int32], limit: int, least_hits: int, least_weight: float, jobs: int = 1
) -> NDArray[np.uint64]:
    """Packed pairs of groups with several phrases of three words in common that few groups hold, sorted.

    Args:
        shared: from `shared_phrases`.
        groups: the group of each rank; they do not decrease.
        limit: a phrase that more groups hold says nothing here.
        least_weight: what the phrases of a pair must weigh in all, in nats.
    """
    weight = int(SIXTEENTHS * least_weight)
    if len(groups) <= _SHARE:  # so few pairs are sorted sooner than looked up
        none = np.empty(0, np.uint8)
        hits = in_threads(lambda k: _hits(shared[k], groups, limit, 0, 1, none, 0), range(len(shared)), jobs)
        pairs: NDArray[np.uint64] = _telling(_sorted(hits, jobs), least_hits, weight)
        return pairs
    shares = max(1, jobs, -(-len(groups) // _SHARE))

    def found(share: int) -> NDArray[np.uint64]:
        table = np.zeros(_TABLE, np.uint8)
        for part in shared:
            _weigh(part, groups, limit, share, shares, table)
        least = min(255, weight)
        hits = [_hits(part, groups, limit, share, shares, table, least) for part in shared]
        pairs: NDArray[np.uint64] = _telling(_sorted(hits), least_hits, weight)
        return pairs

    pairs = np.concatenate(in_threads(found, range(shares), jobs))
    pairs.sort()
    return pairs


def _sorted(arrays: list[NDArray[np.uint64]], jobs: int = 1) -> NDArray[np.uint64]:
    """The values of all arrays, which are taken out of the list, sorted in as many parts as there are jobs."""
    values = np.concatenate([np.empty(0, np.uint64), *arrays])
    arrays.clear()
    edges = [len(values) * part // jobs for part in range(1, jobs)]
    if edges and len(values):
        values.partition(edges)
    in_threads(lambda part: part.sort(), np.split(values, edges), jobs)
    return values


@njit(cache=True, nogil=True)
def _file(shared, first, ends, out):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Write the shared 3-grams, numbered from `first` on, to their ranks' `ends`, which move; or only count them.

    A number takes 26 bits of an entry, its weight 6.
    """
    count = len(out) == 0
    for posting in shared:
        rank = (posting >> np.uint64(8)) & np.uint64(0xFFFFFF)
        if not count:
            number = np.uint64(first) + (posting >> np.uint64(32))
            out[ends[rank]] = np.uint32((number << np.uint64(6)) | (posting & np.uint64(63)))
        ends[rank] += 1


@njit(cache=True, nogil=True)
def _overlaps(entries, offsets, numbers, rank_a, rank_b):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The weight of what both articles of each pair hold, int32[P], in sixteenths; pairs best sorted by a.

    What a holds is a set of bits: `numbers` leave no gaps, so that a bit for each fits the processor's cache.
    """
    out = np.zeros(len(rank_a), np.int32)
    held = np.zeros(numbers // 32 + 1, np.uint32)
    last = np.int64(-1)
    for p in range(len(rank_a)):
        if rank_a[p] != last:
            if last >= 0:
                for k in range(offsets[last], offsets[last + 1]):
                    held[entries[k] >> np.uint32(11)] = 0
            last = rank_a[p]
            for k in range(offsets[last], offsets[last + 1]):
                held[entries[k] >> np.uint32(11)] |= np.uint32(1) << ((entries[k] >> np.uint32(6)) & np.uint32(31))
        total = np.uint32(0)
        for k in range(offsets[rank_b[p]], offsets[rank_b[p] + 1]):
            bits = held[entries[k] >> np.uint32(11)] >> ((entries[k] >> np.uint32(6)) & np.uint32(31))
            total += (bits & np.uint32(1)) * (entries[k] & np.uint32(63))
        out[p] = total
    return out


def overlap_bounds(
    shared: Shelf, rank_a: NDArray[np.int32], rank_b: NDArray[np.int32], count: int, jobs: int = 1
) -> NDArray[np.float32]:
    """What the rarity-weighted overlap of each pair can be at most, in nats, float32[P]; pairs best sorted by a.

    The sum of the excess of the 3-grams that both hold, as `dedup.align` takes it from the words, here from the sorted
    postings: it can be larger only where two hashes are equal in 38 bits.

    Args:
        shared: from `shared_phrases`.
        count: number of ranks.
    """
    totals = np.zeros(len(rank_a), np.int32)
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        for parts in _gathered(shared):
            _add_overlaps(*_filed(parts, count, max(1, jobs), pool), rank_a, rank_b, totals, pool)
    return totals.astype(np.float32) / np.float32(SIXTEENTHS)


def _add_overlaps(
    entries: NDArray[np.uint32],
    offsets: NDArray[np.int64],
    numbers: int,
    rank_a: NDArray[np.int32],
    rank_b: NDArray[np.int32],
    totals: NDArray[np.int32],
    pool: ThreadPoolExecutor,
) -> None:
    """Add to `totals` what the articles of each pair hold in common of the entries, from `_filed`."""
    sizes = np.diff(offsets)

    def add(some: slice) -> None:
        a, b = rank_a[some], rank_b[some]
        swap = sizes[a] < sizes[b]  # bits are set once for many pairs, entries run through for each
        longer, shorter = np.where(swap, b, a), np.where(swap, a, b)
        order = np.argsort(longer)
        totals[some][order] += _overlaps(entries, offsets, numbers, longer[order], shorter[order])

    list(pool.map(add, (slice(start, start + _BLOCK) for start in range(0, len(rank_a), _BLOCK))))


def _filed(
    parts: list[NDArray[np.uint64]], count: int, jobs: int, pool: ThreadPoolExecutor
) -> tuple[NDArray[np.uint32], NDArray[np.int64], int]:
    """What each rank holds of the shared 3-grams: (entries, offsets int64[count + 1], how many numbers there are)."""
    firsts = np.cumsum([0, *(int(part[-1] >> np.uint64(32)) for part in parts)])
    counts = np.zeros((jobs, count), np.int64)

    def file(share: int, ends: NDArray[np.int64], out: NDArray[np.uint32]) -> None:
        for k in range(share, len(parts), jobs):
            _file(parts[k], firsts[k], ends, out)

    none = np.empty(0, np.uint32)
    list(pool.map(lambda share: file(share, counts[share], none), range(jobs)))
    starts = np.concatenate([[0], np.cumsum(counts.T.ravel())])
    own = starts[:-1].reshape(count, jobs).T.copy()
    entries = np.empty(starts[-1], np.uint32)
    list(pool.map(lambda share: file(share, own[share], entries), range(jobs)))
    return entries, starts[::jobs].copy(), int(firsts[-1]) + 1


def _gathered(shared: Shelf) -> Iterator[list[NDArray[np.uint64]]]:
    """Several arrays of the shelf at a time, none of them empty."""
    gathered: list[NDArray[np.uint64]] = []
    for part in shared:
        if len(part):
            gathered.append(part)
        if sum(map(len, gathered)) > _HELD:
            yield gathered
            gathered = []
    if gathered:
        yield gathered
