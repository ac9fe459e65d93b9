"""Every word n-gram of every article, sorted, and what articles have in common by it.

One sort of plain 64-bit numbers takes less time than the look-ups of any filter that would leave most of them out,
and misses nothing. A posting is 38 bits of the n-gram's hash, 2 of its script and 24 of the article's rank. Where the
postings would not fit, the n-grams are taken in parts by their hash; what comes out does not depend on the parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dedup.background import Background, lookup
from dedup.candidates.pairs import ALL_PAIRS, distinct, pack
from dedup.minhash import _gram
from dedup.sketch import Sketches
from dedup.words import hashes_of

__all__ = ["MAX_RANKS", "SIXTEENTHS", "Postings", "overlap_bounds", "phrase_pairs", "run_pairs"]

#: Articles that a posting can tell apart.
MAX_RANKS = 1 << 24
#: Weights are counted in sixteenths of a nat, as the background stores them.
SIXTEENTHS = 16
#: Postings that are sorted at a time, half a gigabyte of them.
_PART = 1 << 26
#: Pairs that one thread bounds at a time.
_BLOCK = 1 << 14


@njit(cache=True, nogil=True)
def _postings(words, vocabulary, offsets, order, size, part, parts):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The postings of the texts in `order` whose hashes fall into this of so many parts, a power of two."""
    total = len(words)
    for write in range(parts == 1, 2):
        if write:
            out = np.empty(total, np.uint64)
        n = 0
        for rank in range(len(order)):
            text = order[rank]
            if text < 0:
                continue
            tokens = hashes_of(words[offsets[text] : offsets[text + 1]], vocabulary)
            for at in range(len(tokens) - size + 1):
                key = _gram(tokens, at, size)
                if (key >> np.uint64(40)) & np.uint64(parts - 1) != np.uint64(part):
                    continue
                if write:
                    script = max(tokens[at] & np.uint64(3), tokens[at + size - 1] & np.uint64(3))
                    # Of the hash the bits that the background's table is asked by, 24 to 61.
                    high = (key << np.uint64(2)) & ~np.uint64((1 << 26) - 1)
                    out[n] = high | (script << np.uint64(24)) | np.uint64(rank)
                n += 1
        total = n
    return out[:total]


class Postings:
    """The sorted postings of all n-grams of `size` words, in as many parts as it takes."""

    def __init__(self, sketches: Sketches, order: NDArray[np.int64], size: int, *, keep: bool = False) -> None:
        """`order` has the article of each rank, -1 for one that has no part in this; a single part can be kept."""
        self._texts = (sketches.tokens, sketches.vocabulary, sketches.offsets, order)
        self._size = size
        self._keep = keep
        self._parts = 1 << max(0, (len(sketches.tokens) - 1) // _PART).bit_length()
        self._kept: NDArray[np.uint64] | None = None

    def __iter__(self) -> Iterator[NDArray[np.uint64]]:
        if self._kept is not None:
            yield self._kept
            return
        for part in range(self._parts):
            postings: NDArray[np.uint64] = _postings(*self._texts, self._size, part, self._parts)
            postings.sort()
            if self._keep and self._parts == 1:
                self._kept = postings
            yield postings


@njit(cache=True, nogil=True, inline="always")
def _rank(posting):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    return np.int64(posting & np.uint64((1 << 24) - 1))


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


@njit(cache=True, nogil=True)
def _bucket_end(postings, start):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The end of the postings that have the key of the one at `start`."""
    end = start + 1
    while end < len(postings) and postings[end] >> np.uint64(24) == postings[start] >> np.uint64(24):
        end += 1
    return end


@njit(cache=True, nogil=True)
def _mark_house(postings, start, end, outlets, counts, limit, house):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Mark the postings of outlets that hold an n-gram in more than `limit` articles; `counts` is zero again after."""
    for x in range(start, end):
        outlet = outlets[_rank(postings[x])]
        if outlet >= 0 and (x == start or postings[x] != postings[x - 1]):
            counts[outlet] += 1
    for x in range(start, end):
        outlet = outlets[_rank(postings[x])]
        house[x - start] = outlet >= 0 and counts[outlet] > limit
    for x in range(start, end):
        if outlets[_rank(postings[x])] >= 0:
            counts[outlets[_rank(postings[x])]] = 0


@njit(cache=True, nogil=True)
def _held_in_common(postings, outlets, house_limit, limit, chain):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
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
            end = _bucket_end(postings, start)
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
                    i = _rank(postings[x])
                    j = _rank(postings[y])
                    if not (len(house) and house[x - start] and outlets[i] == outlets[j]):
                        if write:
                            out[n] = pack(i, j)
                        n += 1
                    if x > start and holders > limit:
                        break
            start = end
        total = n
    return out


def run_pairs(postings: Postings, outlets: NDArray[np.int64], house_limit: int, chain: bool) -> NDArray[np.uint64]:
    """Packed pairs of ranks with an n-gram in common, sorted.

    Of one in more than ALL_PAIRS articles, each of them is paired with the first one; with `chain` with the next as
    well, which is within the time window if any is.

    Args:
        outlets: the number of each rank's outlet, -1 when unknown.
        house_limit: what more articles of one outlet hold is its furniture, and pairs none of them with each other.
    """
    found = [distinct(_held_in_common(part, outlets, house_limit, ALL_PAIRS, chain)) for part in postings]
    return distinct(np.concatenate(found))


@njit(cache=True, nogil=True)
def _phrase_hits(postings, groups, limit, gram_tags, gram_idf):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Pairs of groups for each telling 3-gram that two to `limit` groups hold, with its weight in the low bits.

    `groups` of the ranks do not decrease.
    """
    total = 0
    distinct = np.empty(limit, np.uint64)
    for write in range(2):
        if write:
            out = np.empty(total, np.uint64)
        n = 0
        start = 0
        while start < len(postings):
            end = _bucket_end(postings, start)
            count = 0
            last = -1
            if end - start > 1:
                for x in range(start, end):
                    group = groups[_rank(postings[x])]
                    if group != last:
                        if count == limit:
                            count += 1
                            break
                        distinct[count] = np.uint64(group)
                        count += 1
                        last = group
            if 2 <= count <= limit and not write:
                n += count * (count - 1) // 2
            elif 2 <= count <= limit:
                weight = _weight(postings[start], gram_tags, gram_idf)
                for x in range(count if weight > 0 else 0):
                    for y in range(x + 1, count):
                        out[n] = (distinct[x] << np.uint64(30)) | (distinct[y] << np.uint64(6)) | weight
                        n += 1
            start = end
        total = n
    return out[:total]


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
    postings: Postings,
    groups: NDArray[np.int32],
    limit: int,
    least_hits: int,
    least_weight: float,
    background: Background,
) -> NDArray[np.uint64]:
    """Packed pairs of groups with several phrases of three words in common that few groups hold.

    Args:
        postings: of 3-grams.
        groups: the group of each rank; they do not decrease.
        limit: a phrase that more groups hold says nothing here.
        least_weight: what the phrases of a pair must weigh in all, in nats.
    """
    tables = background.gram_tags, background.gram_idf
    hits = np.concatenate([_phrase_hits(part, groups, limit, *tables) for part in postings])
    hits.sort()
    pairs: NDArray[np.uint64] = _telling(hits, least_hits, int(SIXTEENTHS * least_weight))
    return pairs


@njit(cache=True, nogil=True)
def _holders(postings, gram_tags, gram_idf):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The telling 3-grams that two or more articles hold: 24 bits of rank, 32 of a number, 8 of weight."""
    out = np.empty(len(postings), np.uint64)
    n = 0
    start = 0
    number = np.uint64(0)
    while start < len(postings):
        end = _bucket_end(postings, start)
        if end - start > 1 and postings[start] != postings[end - 1]:
            weight = _weight(postings[start], gram_tags, gram_idf)
            if weight > 0:
                number += np.uint64(1)
                for x in range(start, end):
                    if x == start or postings[x] != postings[x - 1]:
                        out[n] = (np.uint64(_rank(postings[x])) << np.uint64(40)) | (number << np.uint64(8)) | weight
                        n += 1
        start = end
    return out[:n].copy()


@njit(cache=True, nogil=True)
def _by_article(held, count):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """What each rank holds by the sorted `_holders`: numbers uint32[H], weights uint8[H], offsets int64[count + 1]."""
    numbers = np.empty(len(held), np.uint32)
    weights = np.empty(len(held), np.uint8)
    offsets = np.zeros(count + 1, np.int64)
    for k in range(len(held)):
        numbers[k] = (held[k] >> np.uint64(8)) & np.uint64(0xFFFFFFFF)
        weights[k] = held[k] & np.uint64(0xFF)
        offsets[(held[k] >> np.uint64(40)) + np.uint64(1)] += 1
    for rank in range(count):
        offsets[rank + 1] += offsets[rank]
    return numbers, weights, offsets


@njit(cache=True, nogil=True)
def _overlaps(numbers, weights, offsets, rank_a, rank_b):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The weight of what both articles of each pair hold, int64[P], in sixteenths; pairs best sorted by a.

    The table is sparse so that a look-up which finds nothing, as most do, ends at an empty slot.
    """
    out = np.zeros(len(rank_a), np.int64)
    slots = np.zeros(16, np.uint32)
    mask = np.uint32(15)
    last = np.int64(-1)
    for p in range(len(rank_a)):
        i = rank_a[p]
        if i != last:
            size = 16
            while size < 16 * (offsets[i + 1] - offsets[i]):
                size *= 2
            slots = np.zeros(size, np.uint32)
            mask = np.uint32(size - 1)
            for k in range(offsets[i], offsets[i + 1]):
                at = numbers[k] & mask
                while slots[at] != 0:
                    at = np.uint32(at + np.uint32(1)) & mask
                slots[at] = numbers[k]
            last = i
        total = 0
        for k in range(offsets[rank_b[p]], offsets[rank_b[p] + 1]):
            at = numbers[k] & mask
            while slots[at] != 0:
                if slots[at] == numbers[k]:
                    total += weights[k]
                    break
                at = np.uint32(at + np.uint32(1)) & mask
        out[p] = total
    return out


def _block_overlaps(table: Any, rank_a: NDArray[np.int64], rank_b: NDArray[np.int64], block: slice) -> Any:
    numbers, weights, offsets = table
    return _overlaps(numbers, weights, offsets, rank_a[block], rank_b[block])


def overlap_bounds(
    postings: Postings,
    rank_a: NDArray[np.int64],
    rank_b: NDArray[np.int64],
    count: int,
    background: Background,
    jobs: int = 1,
) -> NDArray[np.float64]:
    """What `dedup.verify.screen` can say of each pair at most, in nats, float64[P]; pairs best sorted by a.

    The sum of the excess of the 3-grams that both hold, as there, taken from their sorted postings: it can be larger
    only where two hashes are equal in 38 bits.
    """
    totals = np.zeros(len(rank_a), np.int64)
    blocks = [slice(start, start + _BLOCK) for start in range(0, len(rank_a), _BLOCK)]
    for every in postings:
        held = _holders(every, background.gram_tags, background.gram_idf)
        held.sort()
        table = _by_article(held, count)
        del held
        with ThreadPoolExecutor(max(1, jobs)) as pool:
            sums = pool.map(partial(_block_overlaps, table, rank_a, rank_b), blocks)
            totals += np.concatenate([np.zeros(0, np.int64), *sums])
    return totals / float(SIXTEENTHS)
