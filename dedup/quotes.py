"""Quotations: where they stand, and which of them two texts share, word for word or re-told.

A statement translated twice keeps few of its word runs, but most of its telling words: quotations are therefore
compared by the idf-weighted share of the poorer one's words that stand in the other one.
"""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["MIN_QUOTE_WORDS", "quote_bounds", "shared_quotes"]

#: Shorter quotations are phrases, not statements.
MIN_QUOTE_WORDS = 5
#: Share of the poorer quotation's idf mass that must stand in the other.
_MIN_SHARE = 0.6
#: Idf mass that must be common, so that "I am very happy about it" proves nothing.
_MIN_MASS = 14.0


@njit(cache=True, nogil=True)
def quote_bounds(flags):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """First token and end of each quotation of MIN_QUOTE_WORDS or more, int32[Q, 2]."""
    out = np.empty((len(flags) // MIN_QUOTE_WORDS + 1, 2), np.int32)
    n = 0
    start = -1
    for at in range(len(flags) + 1):
        quoted = at < len(flags) and flags[at] & 8
        begins = at < len(flags) and flags[at] & 32
        if start >= 0 and (not quoted or begins):
            if at - start >= MIN_QUOTE_WORDS:
                out[n, 0] = start
                out[n, 1] = at
                n += 1
            start = -1
        if quoted and start < 0:
            start = at
    return out[:n].copy()


@njit(cache=True, nogil=True)
def _masses(term, idf, quotes):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The idf mass of the distinct words of each quotation."""
    out = np.zeros(len(quotes), np.float32)
    seen = np.full(len(idf), -1, np.int32)
    for q in range(len(quotes)):
        for at in range(quotes[q, 0], quotes[q, 1]):
            if seen[term[at]] != q:
                seen[term[at]] = q
                out[q] += idf[term[at]]
    return out


@njit(cache=True, nogil=True)
def shared_quotes(term_a, idf_a, quotes_a, term_b, idf_b, quotes_b, in_a):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """How many quotations both texts hold, by the terms of `dedup.similarity.describe`.

    Returns:
        (the smaller count of quotations that found a partner; the best share of a poorer quotation found in its
        partner, 0-1; the idf mass of the words that matched quotations have in common)
    """
    if len(quotes_a) == 0 or len(quotes_b) == 0:
        return 0, 0.0, 0.0
    mass_a = _masses(term_a, idf_a, quotes_a)
    mass_b = _masses(term_b, idf_b, quotes_b)
    found_b = np.zeros(len(quotes_b), np.float32)
    holds = np.full(len(idf_a), -1, np.int32)
    seen = np.full(len(idf_b), -1, np.int32)
    best = 0.0
    total = 0.0
    count_a = 0
    for p in range(len(quotes_a)):
        if mass_a[p] < _MIN_MASS:
            continue
        for at in range(quotes_a[p, 0], quotes_a[p, 1]):
            holds[term_a[at]] = p
        found = 0.0
        for q in range(len(quotes_b)):
            if mass_b[q] < _MIN_MASS:
                continue
            common = 0.0
            for at in range(quotes_b[q, 0], quotes_b[q, 1]):
                k = term_b[at]
                if in_a[k] >= 0 and holds[in_a[k]] == p and seen[k] != p * len(quotes_b) + q:
                    seen[k] = p * len(quotes_b) + q
                    common += idf_b[k]
            if common < _MIN_MASS:
                continue
            share = min(1.0, common / min(mass_a[p], mass_b[q]))
            best = max(best, share)
            if share >= _MIN_SHARE:
                found += common
                found_b[q] += common
        if found > 0:
            count_a += 1
            total += min(found, mass_a[p])
    total_b = 0.0
    for q in range(len(quotes_b)):
        total_b += min(found_b[q], mass_b[q])
    return min(count_a, np.sum(found_b > 0)), best, min(total, total_b)
