"""Sketches: what is kept of each article for comparison, as flat arrays for a whole batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dedup.config import SketchConfig
from dedup.minhash import permutations, signatures
from dedup.tokens import FURNITURE
from dedup.winnow import winnow_batch

__all__ = ["Sketches", "sketch"]


@dataclass(frozen=True, slots=True)
class Sketches:
    """N articles as arrays. Text i is tokens[offsets[i]:offsets[i + 1]]: the words that are not furniture."""

    tokens: NDArray[np.uint64]
    """uint64[T]."""
    flags: NDArray[np.uint8]
    """uint8[T]: the flags of `dedup.tokens`, FURNITURE never set."""
    offsets: NDArray[np.int64]
    """int64[N + 1]."""
    body_hashes: NDArray[np.uint64]
    """uint64[N, 2]: 128 bits of the token sequence."""
    signatures: NDArray[np.uint32]
    """uint32[N, num_perm], equal to datasketch's."""
    fingerprints: NDArray[np.uint64]
    """uint64[F], winnowed; text i has fingerprint_offsets[i]:fingerprint_offsets[i + 1]."""
    fingerprint_offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def words(self) -> NDArray[np.int64]:
        """int64[N]: words of each text that are not furniture."""
        return np.diff(self.offsets)

    def to_datasketch(self, index: int, config: SketchConfig) -> Any:
        """The signature of text `index` as a `datasketch.MinHash`, ready for any of its indexes."""
        from datasketch import MinHash

        return MinHash(hashvalues=self.signatures[index], seed=config.seed, scheme="affine32")


@njit(cache=True, nogil=True)
def _body_hashes(tokens, offsets):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Two independent 64-bit hashes of each token sequence."""
    out = np.empty((len(offsets) - 1, 2), np.uint64)
    for i in range(len(offsets) - 1):
        h = np.uint64(0x243F6A8885A308D3)
        g = np.uint64(0x13198A2E03707344)
        for at in range(offsets[i], offsets[i + 1]):
            h = (h ^ tokens[at]) * np.uint64(0x9E3779B97F4A7C15)
            h ^= h >> np.uint64(32)
            g = (g + tokens[at]) * np.uint64(0xD6E8FEB86659FD93)
            g ^= g >> np.uint64(29)
        out[i, 0] = h
        out[i, 1] = g
    return out


@njit(cache=True, nogil=True)
def _keep(hashes, flags, offsets, out_tokens, out_flags, out_offsets):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Copy what is not furniture."""
    n = 0
    out_offsets[0] = 0
    for i in range(len(offsets) - 1):
        for at in range(offsets[i], offsets[i + 1]):
            if not flags[at] & FURNITURE:
                out_tokens[n] = hashes[at]
                out_flags[n] = flags[at]
                n += 1
        out_offsets[i + 1] = n
    return n


def sketch(
    hashes: NDArray[np.uint64], flags: NDArray[np.uint8], offsets: NDArray[np.int64], config: SketchConfig
) -> Sketches:
    """Sketches of the texts with these tokens (uint64[T], uint8[T], int64[N + 1]); furniture tokens are left out."""
    tokens, kept_flags = np.empty(len(hashes), np.uint64), np.empty(len(hashes), np.uint8)
    kept_offsets = np.empty(len(offsets), np.int64)
    n = _keep(hashes, flags, offsets, tokens, kept_flags, kept_offsets)
    tokens, kept_flags = tokens[:n].copy(), kept_flags[:n].copy()
    a, b = permutations(config.num_perm, config.seed)
    fingerprints, _, fingerprint_offsets = winnow_batch(tokens, kept_offsets, config.fingerprint_size, config.window)
    return Sketches(
        tokens=tokens,
        flags=kept_flags,
        offsets=kept_offsets,
        body_hashes=_body_hashes(tokens, kept_offsets),
        signatures=signatures(tokens, kept_offsets, config.shingle_size, a, b),
        fingerprints=fingerprints,
        fingerprint_offsets=fingerprint_offsets,
    )
