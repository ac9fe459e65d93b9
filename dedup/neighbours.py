"""Nearest neighbours by the rarest words: each text's heaviest terms, joined through lists of the texts that hold them.

Of a TF-IDF vector a few heavy terms carry nearly all that tells its subject, so the rest is cut off. A term that very
many texts hold proposes nothing; with that the work grows with the number of texts and not with its square.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dedup.similarity import describe, forget

__all__ = ["nearest_pairs", "subject_keys"]

#: Heaviest terms of a text that take part, and how many neighbours each text proposes.
_TERMS, _NEAREST = 40, 20
#: A term in more texts than this proposes nothing.
_LONGEST = 2000
#: Cosine over the heaviest terms below which two texts are no neighbours.
_LEAST = 0.06
#: Heaviest terms that tell the subject.
_SUBJECT = 16
#: Texts that one thread works on at a time.
_BLOCK = 2048


@njit(cache=True, nogil=True)
def _heaviest(first, last, among, words, flags, offsets, idf_of, limit):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The heaviest terms of texts first to last: (number int32[n], weight float32[n], how many each text has)."""
    place = np.full(len(idf_of), -1, np.int32)
    terms = np.empty((last - first) * limit, np.int32)
    weights = np.empty((last - first) * limit, np.float32)
    sizes = np.zeros(last - first, np.int64)
    n = 0
    for i in range(first, last):
        if not among[i]:
            continue
        text = words[offsets[i] : offsets[i + 1]]
        _, begin, _, weight, _ = describe(text, flags[offsets[i] : offsets[i + 1]], idf_of, place)
        forget(text, begin, place)
        for k in np.argsort(-weight, kind="mergesort")[:limit]:
            if weight[k] <= 0:
                break
            terms[n] = text[begin[k]]
            weights[n] = weight[k]
            sizes[i - first] += 1
            n += 1
    return terms[:n].copy(), weights[:n].copy(), sizes


@njit(cache=True, nogil=True)
def _join(first, last, ends, terms, weights, holder_ends, holders, holder_weights, longest, nearest, least):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The nearest texts of texts first to last, as pairs low << 32 | high; of equally near ones the first."""
    count = len(ends) - 1
    score = np.zeros(count, np.float32)
    touched = np.empty(count, np.int32)
    out = np.empty((last - first) * nearest, np.uint64)
    n = 0
    for i in range(first, last):
        m = 0
        for k in range(ends[i], ends[i + 1]):
            start = holder_ends[terms[k]]
            end = holder_ends[terms[k] + 1]
            if end - start > longest:
                continue
            for q in range(start, end):
                j = holders[q]
                if score[j] == 0:
                    touched[m] = j
                    m += 1
                score[j] += weights[k] * holder_weights[q]
        ranks = np.empty(m, np.int64)
        found = 0
        for q in range(m):
            j = touched[q]
            if j != i and score[j] >= least:
                ranks[found] = (np.int64(score[j] * 1e6) << 32) | np.int64(0x7FFFFFFF - j)
                found += 1
            score[j] = 0
        for rank in np.sort(ranks[:found])[::-1][:nearest]:
            j = 0x7FFFFFFF - (rank & 0xFFFFFFFF)
            out[n] = (np.uint64(min(i, j)) << np.uint64(32)) | np.uint64(max(i, j))
            n += 1
    return out[:n].copy()


def subject_keys(
    words: NDArray[np.int32],
    flags: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    idf: NDArray[np.float32],
    among: NDArray[np.bool_],
    vocabulary: NDArray[np.uint64],
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """What the subjects of texts are known by, 32 bits for each of their heaviest terms: (keys, the text of each).

    Args:
        words, flags, offsets, idf, among: as for `nearest_pairs`.
        vocabulary: uint64[V], the hash of each word.
    """
    terms, _, sizes = _heaviest(0, len(among), among, words, flags, offsets, idf, _SUBJECT)
    keys = (vocabulary[terms] * np.uint64(0xD6E8FEB86659FD93)) >> np.uint64(32)
    return keys.astype(np.uint32), np.repeat(np.arange(len(sizes)), sizes)


def nearest_pairs(
    words: NDArray[np.int32],
    flags: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    idf: NDArray[np.float32],
    among: NDArray[np.bool_],
    jobs: int = 1,
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Pairs a < b of the texts `among` (bool[N]) of which one is among the nearest of the other, sorted and distinct.

    Args:
        words: int32[T]; text i is words[offsets[i]:offsets[i + 1]].
        flags: uint8[T], of the words.
        idf: float32[V], of each number.
    """
    count = len(among)
    starts = range(0, count, _BLOCK)

    def heavy(start: int) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.int64]]:
        part: tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.int64]] = _heaviest(
            *(start, min(count, start + _BLOCK), among, words, flags, offsets, idf, _TERMS)
        )
        return part

    with ThreadPoolExecutor(max(1, jobs)) as pool:  # the kernels release the interpreter lock
        parts = list(pool.map(heavy, starts))
        if not parts:
            return np.empty(0, np.int32), np.empty(0, np.int32)
        terms, weights, sizes = (np.concatenate(column) for column in zip(*parts, strict=True))
        order = np.argsort(terms, kind="stable")
        holders = np.repeat(np.arange(count, dtype=np.int32), sizes)[order]
        ends, holder_ends = (
            np.concatenate([[0], np.cumsum(n)]) for n in (sizes, np.bincount(terms, minlength=len(idf)))
        )

        def near(start: int) -> NDArray[np.uint64]:
            part: NDArray[np.uint64] = _join(
                *(start, min(count, start + _BLOCK), ends, terms, weights),
                *(holder_ends, holders, weights[order], _LONGEST, _NEAREST, _LEAST),
            )
            return part

        pairs = np.unique(np.concatenate(list(pool.map(near, starts))))
    return (pairs >> np.uint64(32)).astype(np.int32), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int32)
