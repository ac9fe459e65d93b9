"""Quotations: where they stand, and which of them two texts share, word for word or re-told.

A statement translated twice keeps few of its word runs, but most of its telling words: quotations are therefore
compared by the idf-weighted share of the shorter one's words that stand in the longer one.
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
def shared_quotes(a, idf_a, quotes_a, b, idf_b, quotes_b):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """How many quotations both texts hold: the smaller count of quotations that found a partner.

    Returns:
        (count, best share of the poorer quotation found in its partner 0-1, idf mass common to matched quotations)
    """
    best_all = 0.0
    total = 0.0
    matched_b = np.zeros(len(quotes_b), np.uint8)
    count_a = 0
    for p in range(len(quotes_a)):
        found = 0.0
        mass_p = 0.0
        for s in range(quotes_a[p, 0], quotes_a[p, 1]):
            mass_p += idf_a[s]
        for q in range(len(quotes_b)):
            mass_q = 0.0
            for t in range(quotes_b[q, 0], quotes_b[q, 1]):
                mass_q += idf_b[t]
            poorer = min(mass_p, mass_q)
            if poorer < _MIN_MASS:
                continue
            common = 0.0
            for s in range(quotes_a[p, 0], quotes_a[p, 1]):
                for t in range(quotes_b[q, 0], quotes_b[q, 1]):
                    if a[s] == b[t]:
                        common += idf_a[s]
                        break
            share = min(1.0, common / poorer)
            if common >= _MIN_MASS and share > best_all:
                best_all = share
            if common >= _MIN_MASS and share >= _MIN_SHARE:
                found += common
                matched_b[q] = 1
        if found > 0:
            count_a += 1
            total += min(found, mass_p)
    count_b = 0
    for q in range(len(quotes_b)):
        count_b += matched_b[q]
    return min(count_a, count_b), best_all, total
