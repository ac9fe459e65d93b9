"""The telling phrases of a text, and the few of them by which a disk index finds it again.

A telling phrase is a word 3-gram that news at large does not share. Whatever two texts can have in common that makes
them copies shows in these: what they share of them weighs exactly what verification calls the rare overlap. A text is
filed under a quarter of them, chosen by winnowing (Schleimer, Wilkerson and Aiken 2003): a common run of ten words that
holds any telling phrase is always found, and scattered ones by their number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dedup.background import Background, lookup
from dedup.minhash import _gram
from dedup.threads import in_threads

__all__ = ["Phrases", "shared_weights", "telling_phrases"]

#: Phrases in a row of which at least one is picked, if any of them tells.
_WINDOW = 8
#: Texts, and pairs of them, that one thread looks at at a time.
_BLOCK, _PAIRS = 512, 1 << 14


@dataclass(frozen=True, slots=True)
class Phrases:
    """The distinct telling phrases of N texts: text i has offsets[i]:offsets[i + 1], sorted by key."""

    keys: NDArray[np.uint32]
    """uint32[P]: the top 31 bits of each phrase's hash, and a 0."""
    weights: NDArray[np.uint8]
    """uint8[P]: what it tells, in sixteenths of a nat, 1 to 48."""
    picked: NDArray[np.bool_]
    """bool[P]: whether the text is filed under it."""
    offsets: NDArray[np.int64]

    def span(self, index: int) -> slice:
        """The place of text `index` in the arrays."""
        return slice(int(self.offsets[index]), int(self.offsets[index + 1]))


@njit(cache=True, nogil=True)
def _weight(hash_, script, gram_tags, gram_idf):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The excess of a 3-gram in sixteenths of a nat, rounded up, as `dedup.background.rarity` has it."""
    stored = lookup(gram_tags, gram_idf, hash_)
    excess = 48 if stored < 0 else min(48, max(0, stored - 80))
    if script == 0:
        return np.uint8(excess)
    return np.uint8(np.ceil(excess * (0.4 if script == 1 else 0.25)))


@njit(cache=True, nogil=True)
def _telling(words, vocabulary, offsets, gram_tags, gram_idf):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    room = max(0, len(words))
    keys = np.empty(room, np.uint32)
    weights = np.empty(room, np.uint8)
    picked = np.empty(room, np.bool_)
    ends = np.zeros(len(offsets), np.int64)
    n = 0
    for text in range(len(offsets) - 1):
        first = offsets[text]
        count = max(0, offsets[text + 1] - first - 2)
        packed = np.empty(count, np.uint64)  # key, weight, whether picked: sorts by key
        ranks = np.empty(count, np.uint64)
        tokens = np.empty(count + 2 if count else 0, np.uint64)
        for k in range(len(tokens)):
            tokens[k] = vocabulary[words[first + k]]
        for k in range(count):
            h = _gram(tokens, k, 3)
            script = max(tokens[k] & np.uint64(3), tokens[k + 2] & np.uint64(3))
            weight = _weight(h, script, gram_tags, gram_idf)
            packed[k] = (h >> np.uint64(33)) << np.uint64(33) | np.uint64(weight) << np.uint64(8)
            mixed = (h ^ (h >> np.uint64(31))) * np.uint64(0xD6E8FEB86659FD93)  # else small keys would be picked most
            ranks[k] = mixed if weight > 0 else np.uint64(0xFFFFFFFFFFFFFFFF)
        for start in range(max(min(1, count), count - _WINDOW + 1)):
            best = start
            for k in range(start + 1, min(count, start + _WINDOW)):
                if ranks[k] < ranks[best]:
                    best = k
            packed[best] |= np.uint64(1)
        packed.sort()
        for k in range(count):
            weight = np.uint8((packed[k] >> np.uint64(8)) & np.uint64(255))
            if weight == 0:
                continue
            key = np.uint32(packed[k] >> np.uint64(32))
            if n > ends[text] and keys[n - 1] == key:
                picked[n - 1] |= packed[k] & np.uint64(1) != 0
                continue
            keys[n] = key
            weights[n] = weight
            picked[n] = packed[k] & np.uint64(1) != 0
            n += 1
        ends[text + 1] = n
    return keys[:n].copy(), weights[:n].copy(), picked[:n].copy(), ends


def telling_phrases(
    words: NDArray[np.int32],
    vocabulary: NDArray[np.uint64],
    offsets: NDArray[np.int64],
    background: Background,
    jobs: int = 1,
) -> Phrases:
    """The telling phrases of texts of numbered words (int32[T] in uint64[V], int64[N + 1])."""

    def work(start: int) -> tuple[NDArray[np.uint32], NDArray[np.uint8], NDArray[np.bool_], NDArray[np.int64]]:
        rows = offsets[start : start + _BLOCK + 1]
        some = words[rows[0] : rows[-1]], vocabulary, rows - rows[0]
        keys, weights, picked, ends = _telling(*some, background.gram_tags, background.gram_idf)
        return keys, weights, picked, ends

    parts = in_threads(work, range(0, max(1, len(offsets) - 1), _BLOCK), jobs)
    if len(parts) == 1:
        return Phrases(*parts[0])
    keys, weights, picked, ends = zip(*parts, strict=True)
    bases = np.cumsum([0, *map(len, keys)])
    starts = [np.zeros(1, np.int64), *(own[1:] + base for own, base in zip(ends, bases.tolist(), strict=False))]
    return Phrases(np.concatenate(keys), np.concatenate(weights), np.concatenate(picked), np.concatenate(starts))


@njit(cache=True, nogil=True)
def _shared(a, b, keys_a, weights_a, offsets_a, keys_b, offsets_b):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """What the keys of both texts weigh; pairs best sorted by a, whose keys are put in a sparse table once."""
    out = np.zeros(len(a), np.int64)
    slots = np.zeros(16, np.uint32)
    values = np.zeros(16, np.uint8)
    mask = np.uint32(15)
    last = -1
    for p in range(len(a)):
        if a[p] != last:
            last = a[p]
            size = 16
            while size < 8 * (offsets_a[last + 1] - offsets_a[last]):
                size *= 2
            slots = np.zeros(size, np.uint32)
            values = np.zeros(size, np.uint8)
            mask = np.uint32(size - 1)
            for k in range(offsets_a[last], offsets_a[last + 1]):
                at = (keys_a[k] >> np.uint32(1)) & mask
                while values[at] != 0:
                    at = (at + np.uint32(1)) & mask
                slots[at] = keys_a[k]
                values[at] = weights_a[k]
        total = 0
        for k in range(offsets_b[b[p]], offsets_b[b[p] + 1]):
            at = (keys_b[k] >> np.uint32(1)) & mask
            while values[at] != 0:
                if slots[at] == keys_b[k]:
                    total += values[at]
                    break
                at = (at + np.uint32(1)) & mask
        out[p] = total
    return out


def shared_weights(
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    phrases: Phrases,
    keys: NDArray[np.uint32],
    offsets: NDArray[np.int64],
    jobs: int = 1,
) -> NDArray[np.int64]:
    """What the phrases weigh that the texts of each pair have in common, int64[P], in sixteenths of a nat.

    Args:
        a: texts of `phrases`.
        b: texts whose phrases have the sorted keys[offsets[b]:offsets[b + 1]].
    """

    def work(start: int) -> NDArray[np.int64]:
        some = slice(start, start + _PAIRS)
        weights: NDArray[np.int64] = _shared(
            a[some], b[some], phrases.keys, phrases.weights, phrases.offsets, keys, offsets
        )
        return weights

    parts = in_threads(work, range(0, max(1, len(a)), _PAIRS), jobs)
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
