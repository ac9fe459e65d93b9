"""Shared wording of two texts of numbered words: equal runs by seed and extend, chained into passages, weighed.

Seeds are equal word 3-grams; every seed is extended to the longest equal run; runs that follow each other closely on
both sides are chained, so that a passage survives changed words; the heaviest chains win where passages compete.
The measures of *sharing* (rare overlap, longest run) count runs, those of *copying* (coverage) count passages.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from dedup.background import rarity

__all__ = ["MAX_RUNS", "chain_runs", "find_runs", "index_grams"]

#: More equal runs than this in one pair say nothing new; a text that repeats itself without end must not stall us.
MAX_RUNS = 4096
#: Words looked at for each word of the two texts, over all runs: the same guard by length.
_MAX_STEPS = 8
#: Places of one 3-gram in a text that are looked at.
_MAX_PLACES = 24
#: Words that may differ between two runs of one passage, on either side.
_MAX_GAP = 8
#: More than two orders of adding up the rarity of a passage can differ by.
_ROUNDING = 1e-6


@njit(cache=True, nogil=True)
def _mix(tokens, at):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """64-bit hash of the numbers tokens[at:at + 3], for tables that live as long as a pair."""
    h = np.uint64(tokens[at]) * np.uint64(0x9E3779B97F4A7C15)
    h ^= np.uint64(tokens[at + 1]) * np.uint64(0xD6E8FEB86659FD93) + np.uint64(tokens[at + 2]) * np.uint64(
        0xC4CEB9FE1A85EC53
    )
    return h ^ (h >> np.uint64(29))


@njit(cache=True, nogil=True)
def index_grams(tokens):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Where each 3-gram stands.

    Returns:
        (heads int32[S]: open addressing, the first place of a 3-gram or -1; following int32[n]: the next place of the
        same one or -1; sieve uint64[B]: a bit for each 3-gram, so that most others are known at once; excess
        float64[n]: the excess of a 3-gram at its first place, -1 until a pair has asked for it)
    """
    grams = max(0, len(tokens) - 2)
    size = 16
    while size < 2 * grams:
        size *= 2
    heads = np.full(size, -1, np.int32)
    following = np.full(max(1, grams), -1, np.int32)
    sieve = np.zeros(size // 8, np.uint64)
    for back in range(grams):
        at = grams - 1 - back  # from the end, so that chains run forward through the text
        h = _mix(tokens, at)
        slot = np.int64(h >> np.uint64(20)) & (size - 1)
        while heads[slot] >= 0 and not _same(tokens, heads[slot], tokens, at):
            slot = (slot + 1) & (size - 1)
        following[at] = heads[slot]
        heads[slot] = at
        bit = np.int64(h >> np.uint64(38)) & (8 * size - 1)
        sieve[bit >> 6] |= np.uint64(1) << np.uint64(bit & 63)
    return heads, following, sieve, np.full(len(following), -1.0)


@njit(cache=True, nogil=True)
def _same(a, i, b, j):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Whether the 3-grams a[i:i + 3] and b[j:j + 3] are equal."""
    return a[i] == b[j] and a[i + 1] == b[j + 1] and a[i + 2] == b[j + 2]


@njit(cache=True, nogil=True)
def _sifted(sieve, tokens):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The places of 3-grams whose bit is set in the sieve, int32[M]."""
    out = np.empty(len(tokens), np.int32)
    n = np.int64(0)
    for at in range(len(tokens) - 2):  # without a branch, as in `dedup.similarity.describe`
        bit = np.int64(_mix(tokens, at) >> np.uint64(38)) & (64 * len(sieve) - 1)
        out[n] = at
        n += np.int64((sieve[bit >> 6] >> np.uint64(bit & 63)) & np.uint64(1))
    return out[:n]


@njit(cache=True, nogil=True)
def find_runs(a, index, b, vocabulary, gram_tags, gram_idf):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """All longest equal runs of three tokens or more, by place in b.

    Args:
        index: of a, from `index_grams`.

    Returns:
        (i int32[R], j int32[R], length int32[R], weight float32[R], overlap): a[i:i + length] == b[j:j + length]; the
        weight is the sum of the excess of the run's 3-grams; the overlap that of all distinct 3-grams in common.
    """
    heads, following, sieve, excess = index
    size = len(heads)
    out = np.empty((MAX_RUNS, 3), np.int32)
    met = np.zeros(len(following), np.bool_)
    here = np.empty(len(b), np.float32)  # the excess of b's 3-grams, where a has them
    left = _MAX_STEPS * (len(a) + len(b)) + 100_000
    overlap = 0.0
    n = 0
    for j in _sifted(sieve, b):
        slot = np.int64(_mix(b, j) >> np.uint64(20)) & (size - 1)
        while heads[slot] >= 0 and not _same(a, heads[slot], b, j):
            slot = (slot + 1) & (size - 1)
        i = heads[slot]
        if i < 0:
            continue
        if not met[i]:
            met[i] = True
            if excess[i] < 0:
                excess[i] = rarity(gram_tags, gram_idf, vocabulary, b, j)
            overlap += excess[i]
        here[j] = excess[i]
        places = 0
        while i >= 0 and places < _MAX_PLACES and n < MAX_RUNS and left > 0:
            if i == 0 or j == 0 or a[i - 1] != b[j - 1]:
                length = 3
                while i + length < len(a) and j + length < len(b) and a[i + length] == b[j + length]:
                    length += 1
                left -= length
                out[n, 0] = i
                out[n, 1] = j
                out[n, 2] = length
                n += 1
            places += 1
            i = following[i]
    weights = np.empty(n, np.float32)
    for r in range(n):
        weight = 0.0
        for k in range(out[r, 1], out[r, 1] + out[r, 2] - 2):
            weight += here[k]
        weights[r] = weight
    return out[:n, 0].copy(), out[:n, 1].copy(), out[:n, 2].copy(), weights, overlap


@njit(cache=True, nogil=True)
def _passes(rarity, words, min_weight):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Whether a chain of runs is a passage."""
    return rarity >= min_weight or (words >= 12 and 3.0 * rarity >= min_weight)


@njit(cache=True, nogil=True)
def chain_runs(i, j, length, weight, min_weight, len_a, len_b):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Passages: chains of runs that follow each other closely on both sides, heaviest first, none overlapping much.

    Args:
        i, j, length, weight: the runs, sorted by j, as `find_runs` gives them.
        min_weight: the rarity a passage must reach (one of twelve shared words or more passes with a third of it).

    Returns:
        (spans int32[P, 5]: a start, a end, b start, b end, equal words; rarity float32[P];
        covered_a uint8[len_a], covered_b uint8[len_b]: 1 where a token is one of the equal words; the numbers of the
        runs that make the passages, int32[C]).
    """
    n = len(i)
    best = np.empty(n, np.float64)
    before = np.full(n, -1, np.int32)
    reach = np.empty(n, np.int32)  # the furthest end in b of the runs up to this one
    whole = np.empty(n, np.float64)
    words_in = np.empty(n, np.int32)
    least = np.inf  # what the lightest run that can end a passage reaches
    for k in range(n):
        best[k] = weight[k] + 0.05 * length[k]
        reach[k] = j[k] + length[k]
        whole[k] = weight[k]
        words_in[k] = length[k]
        gain = 0.0
        for back in range(1, min(k, 96) + 1):
            p = k - back
            if j[k] - reach[p] > _MAX_GAP:
                break
            gap_i = i[k] - i[p] - length[p]
            gap_j = j[k] - j[p] - length[p]
            if gap_i < -2 or gap_j < -2 or gap_i > _MAX_GAP or gap_j > _MAX_GAP:
                continue
            value = best[p] - 0.1 * (max(gap_i, 0) + max(gap_j, 0)) - 0.1 * abs(gap_i - gap_j)
            if value > gain:
                gain = value
                before[k] = p
        best[k] += gain
        if k:
            reach[k] = max(reach[k], reach[k - 1])
        if before[k] >= 0:
            whole[k] += whole[before[k]]
            words_in[k] += words_in[before[k]]
        if best[k] < least and _passes(whole[k] + _ROUNDING, words_in[k], min_weight):
            least = best[k]
    ends = np.empty(n, np.int32)  # of passages; lighter ones can make none, nor shorten one: they come later
    last = 0
    for k in range(n):
        if best[k] >= least:
            ends[last] = k
            last += 1
    used = np.zeros(n, np.uint8)
    covered_a = np.zeros(len_a, np.uint8)
    covered_b = np.zeros(len_b, np.uint8)
    spans = np.empty((n, 5), np.int32)
    rarities = np.empty(n, np.float32)
    count = 0
    chosen = np.empty(n, np.int32)
    runs = 0
    for rank in np.argsort(-best[ends[:last]], kind="mergesort"):
        end = ends[rank]
        if used[end]:
            continue
        k = end
        total = 0.0
        words = 0
        fresh = 0
        first = end
        while k >= 0 and not used[k]:
            used[k] = 1
            total += weight[k]
            words += length[k]
            for t in range(length[k]):
                if covered_a[i[k] + t] == 0 and covered_b[j[k] + t] == 0:
                    fresh += 1
            first = k
            k = before[k]
        if 2 * fresh < words or not _passes(total, words, min_weight):
            continue
        k = end
        words = 0
        while True:
            chosen[runs] = k
            runs += 1
            for t in range(length[k]):
                if covered_a[i[k] + t] == 0 and covered_b[j[k] + t] == 0:
                    words += 1
                covered_a[i[k] + t] = 1
                covered_b[j[k] + t] = 1
            if k == first:
                break
            k = before[k]
        spans[count, 0] = i[first]
        spans[count, 1] = i[end] + length[end]
        spans[count, 2] = j[first]
        spans[count, 3] = j[end] + length[end]
        spans[count, 4] = words
        rarities[count] = total
        count += 1
    return spans[:count], rarities[:count], covered_a, covered_b, chosen[:runs]
