"""Words as small numbers, equal words equal numbers: half the memory of their hashes, and tables instead of look-ups.

Which number a word gets depends on what was met before it, so numbers are compared and used as places in tables and
show nowhere; whatever is sorted, sampled or stored goes by the words' hashes.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dedup.background import Background, lookup

__all__ = ["Vocabulary", "hashes_of", "number_words", "word_idf"]

#: Words entered at a time, between two looks at the room that is left.
_STEP = 1 << 15


@njit(cache=True, nogil=True)
def _enter(hashes, keys, values, known, out, new):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Write the number of each hash to `out` and hashes not met before to `new`; returns how many are known.

    Open addressing with the hash beside the number, so that a word costs one look at memory.
    """
    mask = len(values) - 1
    fresh = 0
    for at in range(len(hashes)):
        token = hashes[at]
        slot = np.int64(token >> np.uint64(20)) & mask
        while values[slot] >= 0 and keys[slot] != token:
            slot = (slot + 1) & mask
        if values[slot] < 0:
            keys[slot] = token
            values[slot] = known + fresh
            new[fresh] = token
            fresh += 1
        out[at] = values[slot]
    return known + fresh


class Vocabulary:
    """Distinct words by their 64-bit hashes, numbered as they come.

    Example:
        >>> vocabulary = Vocabulary()
        >>> vocabulary.enter(np.array([50, 70, 50], np.uint64)).tolist(), len(vocabulary)
        ([0, 1, 0], 2)
        >>> vocabulary.enter(np.array([90, 70], np.uint64)).tolist(), vocabulary.hashes.tolist()
        ([2, 1], [50, 70, 90])
    """

    def __init__(self) -> None:
        self._parts: list[NDArray[np.uint64]] = []
        self._known = 0
        self._keys, self._values = np.empty(1 << 12, np.uint64), np.full(1 << 12, -1, np.int32)

    def __len__(self) -> int:
        return self._known

    @property
    def hashes(self) -> NDArray[np.uint64]:
        """uint64[V]: the hash of each number."""
        return np.concatenate([np.empty(0, np.uint64), *self._parts])

    def enter(self, hashes: NDArray[np.uint64]) -> NDArray[np.int32]:
        """The number of each hash, int32[n]; new ones are added."""
        out = np.empty(len(hashes), np.int32)
        new = np.empty(_STEP, np.uint64)
        for start in range(0, len(hashes), _STEP):
            part = hashes[start : start + _STEP]
            self._make_room(len(part))
            before = self._known
            numbers = out[start : start + len(part)]
            self._known = _enter(part, self._keys, self._values, before, numbers, new)
            if self._known > before:
                self._parts.append(new[: self._known - before].copy())
        return out

    def _make_room(self, more: int) -> None:
        """Keeps the table half empty, were all `more` words new."""
        size = len(self._values)
        if 2 * (self._known + more) <= size:
            return
        while 2 * (self._known + more) > size:
            size *= 2
        self._keys, self._values = np.empty(size, np.uint64), np.full(size, -1, np.int32)
        known = self.hashes
        _enter(known, self._keys, self._values, 0, np.empty(len(known), np.int32), np.empty(len(known), np.uint64))


def number_words(hashes: NDArray[np.uint64]) -> tuple[NDArray[np.int32], NDArray[np.uint64]]:
    """The words of some texts by number: (the number of each, int32[T]; the hash of each number, uint64[V])."""
    vocabulary = Vocabulary()
    return vocabulary.enter(hashes), vocabulary.hashes


@njit(cache=True, nogil=True)
def hashes_of(words, vocabulary):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The hashes, uint64[n], of words given by number."""
    out = np.empty(len(words), np.uint64)
    for at in range(len(words)):
        out[at] = vocabulary[words[at]]
    return out


@njit(cache=True, nogil=True)
def _idf(keys, tags, values, unseen):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    out = np.empty(len(keys), np.float32)
    for k in range(len(keys)):
        stored = lookup(tags, values, keys[k])
        out[k] = stored / 16.0 if stored >= 0 else (unseen if keys[k] & np.uint64(3) == 0 else 0.5 * unseen)
    return out


def word_idf(vocabulary: NDArray[np.uint64], background: Background) -> NDArray[np.float32]:
    """The idf of each word of a vocabulary, float32[V].

    Words that the background does not hold get its idf for unseen ones, those of unspaced scripts, which are cut
    smaller, half of that.
    """
    idf: NDArray[np.float32] = _idf(vocabulary, background.word_tags, background.word_idf, background.unseen_idf)
    return idf
