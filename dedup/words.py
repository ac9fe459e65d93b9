"""The words of chosen texts as small numbers, equal words equal numbers: tables then replace look-ups by hash.

One pass over the texts finds the vocabulary; what the background says of a word is looked up once for all its places.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dedup.background import Background, lookup

__all__ = ["Words", "number_words"]


@dataclass(frozen=True, slots=True)
class Words:
    """The words of N texts, flat: those of text i are numbers[offsets[i]:offsets[i + 1]], none if it was not chosen."""

    numbers: NDArray[np.int32]
    """int32[W], each below V. Which number a word has depends on the order of the texts and must not show anywhere."""
    offsets: NDArray[np.int64]
    """int64[N + 1]."""
    idf: NDArray[np.float32]
    """float32[V]: the idf of each word, from the background."""


@njit(cache=True, nogil=True)
def _grown(keys, values):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The table with twice the room."""
    size = 2 * len(values)
    new_keys = np.empty(size, np.uint64)
    new_values = np.full(size, -1, np.int32)
    for k in range(len(values)):
        if values[k] >= 0:
            slot = np.int64(keys[k] >> np.uint64(20)) & (size - 1)
            while new_values[slot] >= 0:
                slot = (slot + 1) & (size - 1)
            new_keys[slot] = keys[k]
            new_values[slot] = values[k]
    return new_keys, new_values


@njit(cache=True, nogil=True)
def _number(tokens, offsets, wanted, out, out_offsets):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Fill in the numbers of the words of wanted texts; returns the hash of each number.

    Open addressing with the hash beside the number, so that a word costs one look at memory.
    """
    keys = np.empty(1 << 16, np.uint64)
    values = np.full(1 << 16, -1, np.int32)
    known = 0
    n = 0
    for text in range(len(wanted)):
        out_offsets[text] = n
        if not wanted[text]:
            continue
        while 2 * (known + offsets[text + 1] - offsets[text]) > len(values):
            keys, values = _grown(keys, values)
        mask = len(values) - 1
        for at in range(offsets[text], offsets[text + 1]):
            token = tokens[at]
            slot = np.int64(token >> np.uint64(20)) & mask
            while values[slot] >= 0 and keys[slot] != token:
                slot = (slot + 1) & mask
            if values[slot] < 0:
                keys[slot] = token
                values[slot] = known
                known += 1
            out[n] = values[slot]
            n += 1
    out_offsets[len(wanted)] = n
    hashes = np.empty(known, np.uint64)
    for slot in range(len(values)):
        if values[slot] >= 0:
            hashes[values[slot]] = keys[slot]
    return hashes


@njit(cache=True, nogil=True)
def _idf(keys, tags, values, unseen):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    out = np.empty(len(keys), np.float32)
    for k in range(len(keys)):
        stored = lookup(tags, values, keys[k])
        out[k] = stored / 16.0 if stored >= 0 else (unseen if keys[k] & np.uint64(3) == 0 else 0.5 * unseen)
    return out


def number_words(
    tokens: NDArray[np.uint64], offsets: NDArray[np.int64], wanted: NDArray[np.bool_], background: Background
) -> Words:
    """The words of the texts that are `wanted` (bool[N]); text i is tokens[offsets[i]:offsets[i + 1]].

    Words that the background does not hold get its idf for unseen ones, those of unspaced scripts, which are cut
    smaller, half of that.

    Example:
        >>> from dedup.background import load_background
        >>> from dedup.tokens import tokenise
        >>> batch = tokenise(["To be or not to be", "Be!"])
        >>> words = number_words(batch.hashes, batch.offsets, np.array([True, True]), load_background())
        >>> words.numbers.tolist(), words.offsets.tolist()
        ([0, 1, 2, 3, 0, 1, 1], [0, 6, 7])
    """
    numbers = np.empty(int(np.diff(offsets)[wanted].sum()), np.int32)
    places = np.empty(len(offsets), np.int64)
    keys = _number(tokens, offsets, wanted, numbers, places)
    idf = _idf(keys, background.word_tags, background.word_idf, background.unseen_idf)
    return Words(numbers, places, idf)
