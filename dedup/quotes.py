"""Quotations: where they stand, and which of them two texts share, word for word or re-told.

A statement translated twice keeps few of its word runs, but most of its telling words: quotations are therefore
compared by the idf-weighted share of the poorer one's words that stand in the other one.
"""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["MIN_QUOTE_WORDS", "quote_bounds", "retold_quotes", "shared_quotes"]

#: Shorter quotations are phrases, not statements.
MIN_QUOTE_WORDS = 5
#: Share of the poorer quotation's idf mass that must stand in the other.
_MIN_SHARE = 0.6
#: Idf mass that must be common, so that "I am very happy about it" proves nothing.
_MIN_MASS = 14.0
#: Words between two quotations that only say who speaks: "..., he said on Monday, ...". Readers take them for one.
_INTERRUPTION = 10
#: Idf from which a word is wording: below it stand "the" and "and" in whatever language.
_WORDING = 1.0
#: Idf mass of wording, names aside, below which a quotation says too little to be recognised when it is told anew ...
_MIN_WORDING = 9.0
#: ... the share of it from which it was told anew, and the shares between which the soft count rises from 0 to 1.
_RETOLD, _RETOLD_FROM, _RETOLD_TO = 0.45, 0.25, 0.6


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


@njit(cache=True, nogil=True)
def _statements(quotes):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The quotations with interrupted ones joined, int32[S, 2]."""
    out = quotes.copy()
    n = 0
    for q in range(len(quotes)):
        if n and quotes[q, 0] - out[n - 1, 1] <= _INTERRUPTION:
            out[n - 1, 1] = quotes[q, 1]
        else:
            out[n] = quotes[q]
            n += 1
    return out[:n]


@njit(cache=True, nogil=True)
def _told_anew(term, idf, name, quotes, other_term, other_bounds, own):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """(quotations of a text told anew in the other, the idf mass of the wording they have in common, softly counted).

    `own` says which term of the text each term of the other one is, -1 for none.
    """
    holds = np.full(len(idf), -1, np.int32)
    seen = np.full(len(idf), -1, np.int64)
    sentences = len(other_bounds) - 1
    count = 0
    mass_told = 0.0
    for q in range(len(quotes)):
        mass = 0.0
        for at in range(quotes[q, 0], quotes[q, 1]):
            k = term[at]
            if name[k] == 0 and idf[k] >= _WORDING and holds[k] != q:
                holds[k] = q
                mass += idf[k]
        if mass < _MIN_WORDING:
            continue
        best = 0.0
        before = 0.0
        for s in range(sentences):
            common = 0.0
            for at in range(other_bounds[s], other_bounds[s + 1]):
                k = own[other_term[at]]
                if k >= 0 and holds[k] == q and seen[k] != q * sentences + s:
                    seen[k] = q * sentences + s
                    common += idf[k]
            best = max(best, before + common)
            before = common
        share = min(1.0, best / mass)
        count += share >= _RETOLD
        mass_told += share * mass * min(1.0, max(0.0, (share - _RETOLD_FROM) / (_RETOLD_TO - _RETOLD_FROM)))
    return count, mass_told


@njit(cache=True, nogil=True)
def retold_quotes(a, quotes_a, bounds_a, b, quotes_b, bounds_b, in_a):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """How far quotations of either text are told anew in the other, in quotation marks or not, names aside.

    A statement that was translated twice, or turned into reported speech, keeps its wording words, scattered over one
    sentence or two. Names and numbers do not count: two reports of one event share those anyway.

    Args:
        a, b: (term, idf, name) of each text, from `dedup.similarity.describe`.
        bounds_a, bounds_b: sentences, from `dedup.similarity.sentence_bounds`.
        in_a: the term of a for each term of b, -1 for none.

    Returns:
        (the larger count of the two directions, the larger and the smaller idf mass of the wording in common)
    """
    term_a, idf_a, name_a = a
    term_b, idf_b, name_b = b
    in_b = np.full(len(idf_a), -1, np.int32)
    for k in range(len(in_a)):
        if in_a[k] >= 0:
            in_b[in_a[k]] = k
    count_a, mass_a = _told_anew(term_a, idf_a, name_a, _statements(quotes_a), term_b, bounds_b, in_a)
    count_b, mass_b = _told_anew(term_b, idf_b, name_b, _statements(quotes_b), term_a, bounds_a, in_b)
    return max(count_a, count_b), max(mass_a, mass_b), min(mass_a, mass_b)
