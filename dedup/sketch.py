"""Sketches: what is kept of each article for comparison, as flat arrays for a whole batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dedup.config import SketchConfig
from dedup.minhash import permutations, signatures
from dedup.threads import in_threads
from dedup.tokens import FURNITURE
from dedup.words import hashes_of

__all__ = ["Sketches", "sketch"]

#: Texts that one thread signs at a time.
_BLOCK = 2048


@dataclass(frozen=True, slots=True)
class Sketches:
    """N articles as arrays. Text i is tokens[offsets[i]:offsets[i + 1]]: the words that are not furniture."""

    tokens: NDArray[np.int32]
    """int32[T]: each word as its number in the vocabulary."""
    vocabulary: NDArray[np.uint64]
    """uint64[V]: the hash of each word."""
    flags: NDArray[np.uint8]
    """uint8[T]: the flags of `dedup.tokens`, FURNITURE never set."""
    offsets: NDArray[np.int64]
    """int64[N + 1]."""
    body_hashes: NDArray[np.uint64]
    """uint64[N, 2]: 128 bits of the token sequence."""
    signatures: NDArray[np.uint32]
    """uint32[N, num_perm], equal to datasketch's."""

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
def _keep(tokens, flags, offsets, out_tokens, out_flags, out_offsets):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Copy what is not furniture."""
    n = 0
    out_offsets[0] = 0
    for i in range(len(offsets) - 1):
        for at in range(offsets[i], offsets[i + 1]):
            if not flags[at] & FURNITURE:
                out_tokens[n] = tokens[at]
                out_flags[n] = flags[at]
                n += 1
        out_offsets[i + 1] = n
    return n


def sketch(
    tokens: NDArray[np.int32],
    vocabulary: NDArray[np.uint64],
    flags: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    config: SketchConfig,
    jobs: int = 1,
    signed: bool = True,
) -> Sketches:
    """Sketches of the texts with these words (int32[T] in uint64[V], uint8[T], int64[N + 1]), furniture left out.

    The words are moved together inside `tokens`, which must own its memory and becomes the sketches' own: it is the
    largest array of all.

    Args:
        signed: whether signatures are wanted; there are none otherwise.
    """
    kept_flags = np.empty(len(tokens), np.uint8)
    kept = np.empty(len(offsets), np.int64)
    n = _keep(tokens, flags, offsets, tokens, kept_flags, kept)
    for array in (tokens, kept_flags):
        array.resize(n, refcheck=False)  # gives the memory back, which a view would not
    a, b = permutations(config.num_perm, config.seed)

    def work(start: int) -> Any:
        rows = kept[start : start + _BLOCK + 1]
        part, ends = hashes_of(tokens[rows[0] : rows[-1]], vocabulary), rows - rows[0]
        return _body_hashes(part, ends), signatures(part, ends if signed else ends[:1], config.shingle_size, a, b)

    parts = in_threads(work, range(0, max(1, len(kept) - 1), _BLOCK), jobs)
    bodies, signs = zip(*parts, strict=True)
    return Sketches(
        tokens=tokens,
        vocabulary=vocabulary,
        flags=kept_flags,
        offsets=kept,
        body_hashes=np.concatenate(bodies),
        signatures=np.concatenate(signs),
    )
