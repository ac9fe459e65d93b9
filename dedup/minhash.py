"""MinHash signatures, bit for bit those of `datasketch.MinHash(scheme="affine32")`, for a whole batch at once.

Broder, "On the resemblance and containment of documents" (1997). A set element is a run of `shingle_size` tokens,
hashed to 32 bits by `shingle_hashes`; given the same 32-bit hashes, datasketch makes the same signature, so ours can
be put into any of its indexes.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["EMPTY", "band_keys", "gram_hashes", "permutations", "shingle_hashes", "sign_small", "signatures"]

#: Every slot of the signature of an empty set.
EMPTY = np.uint32(0xFFFFFFFF)


@cache
def permutations(num_perm: int, seed: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """The multipliers (odd) and offsets, uint32[num_perm] each, that datasketch draws for its scheme affine32."""
    generator = np.random.RandomState(seed)
    a = generator.randint(0, 1 << 31, num_perm, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    b = generator.randint(0, 1 << 32, num_perm, dtype=np.uint32)
    return a, b


@njit(cache=True, nogil=True, inline="always")
def _gram(tokens, at, size):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """64-bit hash of tokens[at:at + size], order and all."""
    h = np.uint64(size)
    for k in range(size):
        h = (h ^ np.uint64(tokens[at + k])) * np.uint64(0x9E3779B97F4A7C15)
        h ^= h >> np.uint64(29)
    return h


@njit(cache=True, nogil=True)
def gram_hashes(tokens, size):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The 64-bit hashes, as `_gram` makes them, of all runs of `size` tokens: word by word, many runs at a time."""
    out = np.full(max(0, len(tokens) - size + 1), size, np.uint64)
    for k in range(size):
        for at in range(len(out)):
            h = (out[at] ^ tokens[at + k]) * np.uint64(0x9E3779B97F4A7C15)
            out[at] = h ^ (h >> np.uint64(29))
    return out


@njit(cache=True, nogil=True)
def shingle_hashes(tokens, size):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The 32-bit hashes of all runs of `size` tokens, uint32; a shorter text is one single shingle."""
    if len(tokens) == 0:
        return np.empty(0, np.uint32)
    return (gram_hashes(tokens, min(size, len(tokens))) >> np.uint64(32)).astype(np.uint32)


@njit(cache=True, nogil=True, inline="always")
def _premix(h):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """datasketch's pre-mix, MurmurHash3's 32-bit finaliser; the casts keep numba from widening to 64 bits."""
    h = np.uint32(h ^ (h >> np.uint32(16)))
    h = np.uint32(h * np.uint32(0x85EBCA6B))
    h = np.uint32(h ^ (h >> np.uint32(13)))
    h = np.uint32(h * np.uint32(0xC2B2AE35))
    return np.uint32(h ^ (h >> np.uint32(16)))


@njit(cache=True, nogil=True)
def sign(tokens, size, a, b, out):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Write the signature of one text, uint32[len(a)], to `out`."""
    shingles = shingle_hashes(tokens, size)
    for at in range(len(shingles)):
        shingles[at] = _premix(shingles[at])
    for k in range(len(a)):
        low = np.uint32(0xFFFFFFFF)
        for at in range(len(shingles)):  # the processor takes several at a time
            low = min(low, np.uint32(a[k] * shingles[at] + b[k]))
        out[k] = low


@njit(cache=True, nogil=True)
def signatures(tokens, offsets, size, a, b):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The signatures of N texts, uint32[N, len(a)]; text i is tokens[offsets[i]:offsets[i + 1]]."""
    out = np.empty((len(offsets) - 1, len(a)), np.uint32)
    for i in range(len(offsets) - 1):
        sign(tokens[offsets[i] : offsets[i + 1]], size, a, b, out[i])
    return out


def _multiples(count: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """What h -> h * 0x9E3779B97F4A7C15 + k comes to after k = 0, 1, ... up to each slot: (factors, addends)."""
    factors, addends = np.empty(count, np.uint64), np.empty(count, np.uint64)
    factor, addend = 1, 0
    for k in range(count):
        factor, addend = (value * 0x9E3779B97F4A7C15 % (1 << 64) for value in (factor, addend))
        addend = (addend + k) % (1 << 64)
        factors[k], addends[k] = factor, addend
    return factors, addends


#: For signatures of this many slots at most.
_FACTORS, _ADDENDS = _multiples(48)


@njit(cache=True, nogil=True)
def sign_small(h, out):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Enter one element, by its 64-bit hash, into a signature of some slots that no index knows."""
    for slot in range(len(out)):
        out[slot] = min(out[slot], np.uint32((h * _FACTORS[slot] + _ADDENDS[slot]) >> np.uint64(32)))


@njit(cache=True, nogil=True)
def band_keys(signatures, bands, rows):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """One 64-bit key for each band of each signature, uint64[bands, N]; equal keys mean equal rows."""
    out = np.empty((bands, len(signatures)), np.uint64)
    for i in range(len(signatures)):
        for band in range(bands):
            h = np.uint64(band + 1)
            for k in range(band * rows, band * rows + rows):
                h = (h ^ np.uint64(signatures[i, k])) * np.uint64(0x9E3779B97F4A7C15)
                h ^= h >> np.uint64(29)
            out[band, i] = h
    return out


def estimate(first: NDArray[np.uint32], second: NDArray[np.uint32]) -> float:
    """The Jaccard similarity that two signatures suggest: the share of equal slots."""
    return float(np.mean(first == second))
