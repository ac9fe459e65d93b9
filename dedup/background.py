"""How common words and word 3-grams are in news at large: a shipped table of hashes and frequencies, no text.

`idf = -ln(share of articles that hold it)`. Words that the table does not know are as rare as it can tell. Of
3-grams only the common ones are listed; a 3-gram's *excess* is max(0, idf - 5), at most 3, so that a stock phrase
weighs nothing, whatever it is made of, and one telling phrase cannot outweigh everything else. The file is made by
benchmarks/build_background.py; its version is part of every result.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dedup.minhash import _gram

__all__ = ["EXCESS_CAP", "EXCESS_FLOOR", "Background", "load_background", "lookup", "make_table", "rarity"]

#: A 3-gram counts from this idf on (one article in 148) ...
EXCESS_FLOOR = 5.0
#: ... and by at most this much more (one article in 2,981).
EXCESS_CAP = 3.0
#: Quantisation of stored idf values.
_STEPS = 16.0


@dataclass(frozen=True, slots=True)
class Background:
    """Two open-addressing tables: 32-bit tags (0 is an empty slot) and idf values in sixteenths."""

    version: str
    documents: int
    word_tags: NDArray[np.uint32]
    word_idf: NDArray[np.uint8]
    gram_tags: NDArray[np.uint32]
    gram_idf: NDArray[np.uint8]

    @property
    def unseen_idf(self) -> float:
        """The idf of a word that the table does not hold."""
        return float(np.log(self.documents + 1.0))


@njit(cache=True, nogil=True)
def make_table(keys, values, size):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """An open-addressing table of `size` (a power of two) slots from 40-bit keys: (tags, values)."""
    tags = np.zeros(size, np.uint32)
    stored = np.zeros(size, np.uint8)
    for k in range(len(keys)):
        tag = np.uint32(keys[k] & np.uint64(0xFFFFFFFF)) | np.uint32(1)
        at = (keys[k] >> np.uint64(8)) & np.uint64(size - 1)
        while tags[at] != 0 and tags[at] != tag:
            at = (at + np.uint64(1)) & np.uint64(size - 1)
        tags[at] = tag
        stored[at] = values[k]
    return tags, stored


@njit(cache=True, nogil=True, inline="always")
def lookup(tags, values, hash_):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The stored value of a 64-bit hash in sixteenths, or -1 when it is not in the table."""
    key = hash_ >> np.uint64(24)
    tag = np.uint32(key & np.uint64(0xFFFFFFFF)) | np.uint32(1)
    mask = np.uint64(len(tags) - 1)
    at = (key >> np.uint64(8)) & mask
    while tags[at] != 0:
        if tags[at] == tag:
            return np.int64(values[at])
        at = (at + np.uint64(1)) & mask
    return np.int64(-1)


@njit(cache=True, nogil=True, inline="always")
def rarity(gram_tags, gram_idf, vocabulary, tokens, at):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The excess of the 3-gram tokens[at:at + 3] of numbered words, 0 to 3 nats.

    A token of an unspaced script is worth less than a word: two Han characters make about one, three Thai clusters.
    """
    first, second, third = vocabulary[tokens[at]], vocabulary[tokens[at + 1]], vocabulary[tokens[at + 2]]
    stored = lookup(gram_tags, gram_idf, _gram((first, second, third), 0, 3))
    excess = 3.0 if stored < 0 else min(3.0, max(0.0, stored / 16.0 - 5.0))
    kind = max(first & np.uint64(3), third & np.uint64(3))
    if kind == 0:
        return excess
    return excess * (0.4 if kind == 1 else 0.25)


@cache
def load_background() -> Background:
    """The shipped background, read once.

    Example:
        >>> load_background().documents > 40_000
        True
    """
    with (resources.files("dedup") / "data" / "background.npz").open("rb") as file, np.load(file) as stored:
        words = make_table(_unpack(stored["word_keys"]), stored["word_idf"], _room(len(stored["word_idf"])))
        grams = make_table(_unpack(stored["gram_keys"]), stored["gram_idf"], _room(len(stored["gram_idf"])))
        return Background(str(stored["version"]), int(stored["documents"]), *words, *grams)


def _room(count: int) -> int:
    """The power of two that leaves such a table at most half full."""
    return 1 << max(4, (2 * count - 1).bit_length())


def _unpack(packed: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """40-bit keys from uint8[K, 5], lowest byte first."""
    keys = np.zeros(len(packed), np.uint64)
    for byte in range(5):
        keys |= packed[:, byte].astype(np.uint64) << np.uint64(8 * byte)
    return keys


def pack_keys(hashes: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """The top 40 bits of 64-bit hashes as uint8[K, 5], lowest byte first."""
    keys = hashes >> np.uint64(24)
    return np.stack([((keys >> np.uint64(8 * byte)) & np.uint64(255)).astype(np.uint8) for byte in range(5)], axis=1)


def quantise(idf: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Idf values as the table stores them, in sixteenths."""
    return np.clip(np.round(idf * _STEPS), 0, 255).astype(np.uint8)
