"""Every word n-gram of every article, sorted, and what articles have in common by it.

A posting is 38 bits of the n-gram's hash, 2 of its script and 24 of the article's rank. Postings are dealt out into
buckets by the first bits of the hash, each small enough to be sorted in the processor's cache, and each bucket is
sorted and read by itself: plain numbers sort faster than any filter could leave most of them out, nothing is missed,
and all processors take part. Where not all postings fit, they are made and read in several rounds; what comes out does
not depend on the rounds, and what must be kept of them and grows with the input goes to disk beyond a limit.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dedup.candidates.pairs import ALL_PAIRS, distinct, pack
from dedup.minhash import gram_hashes
from dedup.sketch import Sketches
from dedup.words import hashes_of

__all__ = ["MAX_RANKS", "Postings", "bucket_end", "rank_of", "run_pairs"]

#: Articles that a posting can tell apart.
MAX_RANKS = 1 << 24
#: Postings that are made in one round, half a gigabyte of them at most, and the buckets they are dealt out to.
_ROUND, _LEAST_ROUND, _BUCKETS = 1 << 26, 1 << 20, 1 << 6


@njit(cache=True, nogil=True)
def _deal(words, vocabulary, offsets, order, first, last, size, turn, turns, ends, out):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Write the postings of ranks first to last to their buckets' ends in `out`, which move; only count if it is empty.

    In this of so many rounds, a power of two, only those whose hash says so are dealt.
    """
    count = len(out) == 0
    for rank in range(first, last):
        text = order[rank]
        if text < 0:
            continue
        tokens = hashes_of(words[offsets[text] : offsets[text + 1]], vocabulary)
        keys = gram_hashes(tokens, size)
        for at in range(len(keys)):
            key = keys[at]
            if (key >> np.uint64(40)) & np.uint64(turns - 1) != np.uint64(turn):
                continue
            bucket = (key >> np.uint64(56)) & np.uint64(len(ends) - 1)
            if not count:
                script = max(tokens[at] & np.uint64(3), tokens[at + size - 1] & np.uint64(3))
                # Of the hash the bits that the background's table is asked by, 24 to 61.
                high = (key << np.uint64(2)) & ~np.uint64((1 << 26) - 1)
                out[ends[bucket]] = high | (script << np.uint64(24)) | np.uint64(rank)
            ends[bucket] += 1


class Postings:
    """The postings of all n-grams of `size` words, by sorted buckets."""

    def __init__(
        self, sketches: Sketches, order: NDArray[np.int64], size: int, jobs: int = 1, memory: int = 16 * _ROUND * 8
    ) -> None:
        """`order` has the article of each rank, -1 for one that has no part in this.

        A round takes a sixteenth of `memory`, in bytes, but for very little of it.
        """
        self._texts = (sketches.tokens, sketches.vocabulary, sketches.offsets, order)
        self._size = size
        self._jobs = max(1, jobs)
        room = min(_ROUND, max(_LEAST_ROUND, memory // 16 // 8))
        self._turns = 1 << max(0, (len(sketches.tokens) - 1) // room).bit_length()
        words = np.where(order >= 0, sketches.words[order], 0) if len(order) else np.zeros(0, np.int64)
        shares = np.cumsum(words).searchsorted(words.sum() * np.arange(1, self._jobs) / self._jobs)
        self._shares = np.concatenate([[0], shares, [len(order)]]).astype(np.int64)

    def read(self, work: Callable[[NDArray[np.uint64]], Any], keep: Callable[[Any], None]) -> None:
        """Hand `work` each bucket, in several threads, and what it makes of them to `keep`, in order."""
        with ThreadPoolExecutor(self._jobs) as pool:  # sorts and kernels release the interpreter lock
            for turn in range(self._turns):
                self._read_round(turn, pool, work, keep)

    def _read_round(
        self,
        turn: int,
        pool: ThreadPoolExecutor,
        work: Callable[[NDArray[np.uint64]], Any],
        keep: Callable[[Any], None],
    ) -> None:
        """One round, whose postings are gone before the next one's are made."""
        postings, ends = self._dealt(turn, pool)

        def sort(bucket: int) -> Any:
            part = postings[ends[bucket] : ends[bucket + 1]]
            part.sort()
            return work(part)

        for made in pool.map(sort, range(_BUCKETS)):
            keep(made)

    def _dealt(self, turn: int, pool: ThreadPoolExecutor) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """The postings of one round, and where each bucket ends."""
        counts = np.zeros((self._jobs, _BUCKETS), np.int64)

        def deal(share: int, ends: NDArray[np.int64], out: NDArray[np.uint64]) -> None:
            first, last = self._shares[share : share + 2]
            _deal(*self._texts, first, last, self._size, turn, self._turns, ends, out)

        none = np.empty(0, np.uint64)
        list(pool.map(lambda share: deal(share, counts[share], none), range(self._jobs)))
        starts = np.concatenate([[0], np.cumsum(counts.T.ravel())]).astype(np.int64)
        own = starts[:-1].reshape(_BUCKETS, self._jobs).T.copy()
        postings = np.empty(starts[-1], np.uint64)
        if len(postings):
            list(pool.map(lambda share: deal(share, own[share], postings), range(self._jobs)))
        return postings, starts[:: self._jobs]


@njit(cache=True, nogil=True, inline="always")
def rank_of(posting):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    return np.int64(posting & np.uint64((1 << 24) - 1))


@njit(cache=True, nogil=True)
def bucket_end(postings, start):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The end of the postings that have the key of the one at `start`."""
    end = start + 1
    while end < len(postings) and postings[end] >> np.uint64(24) == postings[start] >> np.uint64(24):
        end += 1
    return end


@njit(cache=True, nogil=True)
def _mark_house(postings, start, end, outlets, counts, limit, house):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Mark the postings of outlets that hold an n-gram in more than `limit` articles; `counts` is zero again after."""
    for x in range(start, end):
        outlet = outlets[rank_of(postings[x])]
        if outlet >= 0 and (x == start or postings[x] != postings[x - 1]):
            counts[outlet] += 1
    for x in range(start, end):
        outlet = outlets[rank_of(postings[x])]
        house[x - start] = outlet >= 0 and counts[outlet] > limit
    for x in range(start, end):
        if outlets[rank_of(postings[x])] >= 0:
            counts[outlets[rank_of(postings[x])]] = 0


@njit(cache=True, nogil=True)
def _held_in_common(postings, outlets, groups, house_limit, limit, chain):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Packed pairs of ranks that hold one n-gram; of more than `limit` ranks each with the first, and in a chain.

    Two articles of one outlet are no pair by an n-gram that more than `house_limit` of its articles hold.
    """
    counts = np.zeros(max(0, outlets.max()) + 1 if len(outlets) else 1, np.int64)
    total = 0
    for write in range(2):
        if write:
            out = np.empty(total, np.uint64)
        n = 0
        start = 0
        while start < len(postings):
            end = bucket_end(postings, start)
            if end - start == 1:
                start = end
                continue
            holders = 1
            for x in range(start + 1, end):
                holders += postings[x] != postings[x - 1]
            house = np.zeros(end - start if holders > house_limit else 0, np.bool_)
            if len(house):
                _mark_house(postings, start, end, outlets, counts, house_limit, house)
            for x in range(start, end):
                if x > start and (postings[x] == postings[x - 1] or (holders > limit and not chain)):
                    continue
                for y in range(x + 1, end):
                    if postings[y] == postings[y - 1]:
                        continue
                    i = rank_of(postings[x])
                    j = rank_of(postings[y])
                    if groups[i] != groups[j] and not (len(house) and house[x - start] and outlets[i] == outlets[j]):
                        if write:
                            out[n] = pack(i, j)
                        n += 1
                    if x > start and holders > limit:
                        break
            start = end
        total = n
    return out


def run_pairs(
    postings: Postings, outlets: NDArray[np.int64], groups: NDArray[np.int32], house_limit: int, chain: bool
) -> NDArray[np.uint64]:
    """Packed pairs of ranks with an n-gram in common, sorted.

    Of one in more than ALL_PAIRS articles, each of them is paired with the first one; with `chain` with the next as
    well, which is within the time window if any is.

    Args:
        outlets: the number of each rank's outlet, -1 when unknown.
        groups: the group of each rank; ranks of one group are no pairs here.
        house_limit: what more articles of one outlet hold is its furniture, and pairs none of them with each other.
    """
    found: list[NDArray[np.uint64]] = [np.empty(0, np.uint64)]

    def pairs(bucket: NDArray[np.uint64]) -> NDArray[np.uint64]:
        return distinct(_held_in_common(bucket, outlets, groups, house_limit, ALL_PAIRS, chain))

    postings.read(pairs, found.append)
    return distinct(np.concatenate(found))
