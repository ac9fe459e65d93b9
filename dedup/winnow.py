"""Winnowed fingerprints: few passage hashes, and a promise that a long enough shared run leaves a common one.

Schleimer, Wilkerson and Aiken, "Winnowing: local algorithms for document fingerprinting" (2003), the robust variant:
of every `window` consecutive n-grams the smallest hash is kept, the rightmost of equals, and none twice in a row.
Any run of size + window - 1 tokens that two texts share puts at least one common fingerprint into both.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from dedup.minhash import _gram

__all__ = ["winnow", "winnow_batch"]


@njit(cache=True, nogil=True)
def winnow(tokens, size, window, hashes, positions):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Write the fingerprints of one text to `hashes` and their first tokens to `positions`; returns how many."""
    grams = len(tokens) - size + 1
    if grams <= 0:
        return 0
    values = np.empty(grams, np.uint64)
    for at in range(grams):
        values[at] = _gram(tokens, at, size)
    count = 0
    smallest = -1
    for end in range(grams):
        start = max(0, end - window + 1)
        if smallest < start:  # the last smallest left the window: look at all of it
            smallest = start
            for at in range(start + 1, end + 1):
                if values[at] <= values[smallest]:
                    smallest = at
        elif values[end] <= values[smallest]:
            smallest = end
        if end + 1 >= window and (count == 0 or positions[count - 1] != smallest):
            hashes[count] = values[smallest]
            positions[count] = smallest
            count += 1
    if count == 0:
        hashes[0] = values[smallest]
        positions[0] = smallest
        count = 1
    return count


@njit(cache=True, nogil=True)
def winnow_batch(tokens, offsets, size, window):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Fingerprints of N texts: (hashes uint64[F], positions uint32[F] within the text, offsets int64[N + 1])."""
    hashes = np.empty(len(tokens) + 1, np.uint64)
    positions = np.empty(len(tokens) + 1, np.uint32)
    out = np.zeros(len(offsets), np.int64)
    n = 0
    for i in range(len(offsets) - 1):
        n += winnow(tokens[offsets[i] : offsets[i + 1]], size, window, hashes[n:], positions[n:])
        out[i + 1] = n
    return hashes[:n].copy(), positions[:n].copy(), out
