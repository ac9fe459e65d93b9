"""Quotations: where they stand, and which of them two texts share, word for word or re-told.

A statement translated twice keeps few of its word runs, but most of its telling words: quotations are therefore
compared by the idf-weighted share of the poorer one's words that stand in the other one.
"""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = [
    "MIN_QUOTE_WORDS",
    "WORDING",
    "quote_bounds",
    "shared_quotes",
    "statements",
    "told_anew",
    "wording_in",
]

#: Shorter quotations are phrases, not statements.
MIN_QUOTE_WORDS = 5
#: Share of the poorer quotation's idf mass that must stand in the other.
_MIN_SHARE = 0.6
#: Idf mass that must be common, so that "I am very happy about it" proves nothing.
_MIN_MASS = 14.0
#: Words between two quotations that only say who speaks: "..., he said on Monday, ...". Readers take them for one.
_INTERRUPTION = 10
#: Idf from which a word is wording: below it stand "the" and "and" in whatever language.
WORDING = 1.0
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
    return out[:n]


@njit(cache=True, nogil=True)
def statements(quotes):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
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
def shared_quotes(index_a, mass_a, term_b, idf_b, quotes_b, mass_b, in_a):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """How many quotations both texts hold, by the terms of `dedup.similarity.describe`.

    Args:
        index_a: the quotations of a, from `dedup.similarity.index_spans`, with all terms that weigh something.
        mass_a, mass_b: from `dedup.similarity.masses`.
        in_a: the term of a for each term of b, -1 for none.

    Returns:
        (the smaller count of quotations that found a partner; the best share of a poorer quotation found in its
        partner, 0-1)
    """
    head, span, following = index_a
    common = np.zeros(len(mass_a), np.float64)
    met = np.empty(len(mass_a), np.int32)
    found = np.zeros(len(mass_a), np.bool_)
    seen = np.full(len(idf_b), -1, np.int32)
    best = 0.0
    count_b = 0
    for q in range(len(quotes_b)):
        if mass_b[q] < _MIN_MASS:
            continue
        n = 0
        for at in range(quotes_b[q, 0], quotes_b[q, 1]):
            k = term_b[at]
            if in_a[k] < 0 or seen[k] == q:
                continue
            seen[k] = q
            link = head[in_a[k]]
            while link >= 0:
                p = span[link]
                if common[p] == 0:
                    met[n] = p
                    n += 1
                common[p] += idf_b[k]
                link = following[link]
        matched = False
        for m in range(n):
            p = met[m]
            if common[p] >= _MIN_MASS and mass_a[p] >= _MIN_MASS:
                share = min(1.0, common[p] / min(mass_a[p], mass_b[q]))
                best = max(best, share)
                if share >= _MIN_SHARE:
                    found[p] = True
                    matched = True
            common[p] = 0.0
        count_b += matched
    return min(found.sum(), count_b), best


@njit(cache=True, nogil=True)
def wording_in(term, idf, name, said, there, terms):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Which terms of the other text can count in `told_anew`, bool[terms]; arguments as there."""
    out = np.zeros(terms, np.bool_)
    for q in range(len(said)):
        for at in range(said[q, 0], said[q, 1]):
            k = term[at]
            if there[k] >= 0 and not name[k] and idf[k] >= WORDING:
                out[there[k]] = True
    return out


@njit(cache=True, nogil=True)
def told_anew(term, idf, name, said, index, sentences, there):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """How far the statements of a text are told anew in another one, in quotation marks or not, names aside.

    A statement that was translated twice, or turned into reported speech, keeps its wording words, scattered over one
    sentence or two. Names and numbers do not count: two reports of one event share those anyway.

    Args:
        said: the text's quotations, from `statements`.
        index: the other text's sentences, from `dedup.similarity.index_spans`, with all terms that can count;
            `sentences`, how many.
        there: the other text's term for each term of this one, -1 for none.

    Returns:
        (how many are told anew, the idf mass of the wording that they have in common, softly counted)
    """
    head, span, following = index
    seen = np.full(len(idf), -1, np.int32)
    common = np.zeros(sentences, np.float64)
    met = np.empty(sentences, np.int32)
    count = 0
    told = 0.0
    for q in range(len(said)):
        mass = 0.0
        n = 0
        for at in range(said[q, 0], said[q, 1]):
            k = term[at]
            if name[k] or idf[k] < WORDING or seen[k] == q:
                continue
            seen[k] = q
            mass += idf[k]
            link = head[there[k]] if there[k] >= 0 else np.int32(-1)
            while link >= 0:
                s = span[link]
                if common[s] == 0:
                    met[n] = s
                    n += 1
                common[s] += idf[k]
                link = following[link]
        best = 0.0
        for m in range(n):
            s = met[m]
            best = max(best, common[s] + (common[s - 1] if s > 0 else 0.0))
        for m in range(n):
            common[met[m]] = 0.0
        if mass >= _MIN_WORDING:
            share = min(1.0, best / mass)
            count += share >= _RETOLD
            told += share * mass * min(1.0, max(0.0, (share - _RETOLD_FROM) / (_RETOLD_TO - _RETOLD_FROM)))
    return count, told
