"""Whole-text measures of a pair: exact Jaccard, TF-IDF cosine, overlap of names and numbers, reworded sentences."""

from __future__ import annotations

import numpy as np
from numba import njit

from dedup.background import lookup
from dedup.minhash import _gram

__all__ = ["jaccard", "sentence_bounds", "sentence_overlap", "shingle_set", "sorted_dot", "term_vector", "word_idf"]

#: Words below this idf (one article in seven) do not help to recognise a sentence.
_TELLING = 2.0
#: Idf mass that two sentences must have in common.
_MIN_MASS = 12.0


@njit(cache=True, nogil=True)
def shingle_set(tokens, size):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The distinct 64-bit hashes of all runs of `size` tokens, sorted; a shorter text is one single run."""
    if len(tokens) == 0:
        return np.empty(0, np.uint64)
    size = min(size, len(tokens))
    grams = np.empty(len(tokens) - size + 1, np.uint64)
    for at in range(len(grams)):
        grams[at] = _gram(tokens, at, size)
    grams.sort()
    n = 1
    for at in range(1, len(grams)):
        if grams[at] != grams[n - 1]:
            grams[n] = grams[at]
            n += 1
    return grams[:n]


@njit(cache=True, nogil=True)
def jaccard(a, b):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The exact Jaccard similarity of two sorted sets of hashes; 0 when either is empty."""
    i = j = common = 0
    while i < len(a) and j < len(b):
        if a[i] == b[j]:
            common += 1
            i += 1
            j += 1
        elif a[i] < b[j]:
            i += 1
        else:
            j += 1
    union = len(a) + len(b) - common
    return common / union if union else 0.0


@njit(cache=True, nogil=True)
def word_idf(tokens, tags, values, unseen):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The idf of each token, float32[n]; what the table does not know is as rare as `unseen` (half that in CJK)."""
    out = np.empty(len(tokens), np.float32)
    for at in range(len(tokens)):
        stored = lookup(tags, values, tokens[at])
        if stored >= 0:
            out[at] = stored / 16.0
        else:
            out[at] = unseen if tokens[at] & np.uint64(3) == 0 else 0.5 * unseen
    return out


@njit(cache=True, nogil=True)
def term_vector(tokens, flags, token_idf):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """A text as sorted terms with weights (1 + ln tf) * idf, scaled to length 1, and which terms are names.

    The same weights as scikit-learn's TfidfTransformer(sublinear_tf=True) gives with its idf_ set to the background's;
    a name is a word with a capital letter inside a sentence, or a number.

    Returns:
        (terms uint64[K], weights float32[K], idf float32[K], name uint8[K])
    """
    order = np.argsort(tokens, kind="mergesort")
    terms = np.empty(len(tokens), np.uint64)
    weights = np.empty(len(tokens), np.float32)
    idf = np.empty(len(tokens), np.float32)
    name = np.zeros(len(tokens), np.uint8)
    n = -1
    times = 0
    norm = 0.0
    for place in range(len(order) + 1):
        if place == len(order) or place == 0 or tokens[order[place]] != terms[n]:
            if n >= 0:
                weights[n] = (1.0 + np.log(times)) * idf[n]
                norm += weights[n] ** 2
            if place == len(order):
                break
            n += 1
            times = 0
            token = tokens[order[place]]
            terms[n] = token
            idf[n] = token_idf[order[place]]
        times += 1
        flag = flags[order[place]]
        if (flag & 2 and not flag & 16) or flag & 4:
            name[n] = 1
    n += 1
    if norm > 0:
        norm = np.sqrt(norm)
        for k in range(n):
            weights[k] /= norm
    return terms[:n].copy(), weights[:n].copy(), idf[:n].copy(), name[:n].copy()


@njit(cache=True, nogil=True)
def sorted_dot(terms_a, weights_a, idf_a, name_a, terms_b, weights_b, idf_b, name_b):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """(cosine, shared names): the dot product, and the idf mass of common names over the poorer side's names, 0-1."""
    total_a = 0.0
    for k in range(len(terms_a)):
        if name_a[k]:
            total_a += idf_a[k]
    total_b = 0.0
    for k in range(len(terms_b)):
        if name_b[k]:
            total_b += idf_b[k]
    i = j = 0
    dot = 0.0
    names = 0.0
    while i < len(terms_a) and j < len(terms_b):
        if terms_a[i] == terms_b[j]:
            dot += weights_a[i] * weights_b[j]
            if name_a[i] and name_b[j]:
                names += idf_a[i]
            i += 1
            j += 1
        elif terms_a[i] < terms_b[j]:
            i += 1
        else:
            j += 1
    poorer = min(total_a, total_b)
    return min(1.0, dot), (min(1.0, names / poorer) if poorer > 0 else 0.0)


@njit(cache=True, nogil=True)
def sentence_bounds(flags):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """First token of each sentence and the end, int32[S + 1]; fragments under five tokens join their neighbour."""
    bounds = np.empty(len(flags) + 1, np.int32)
    n = 0
    for at in range(len(flags)):
        if at == 0 or (flags[at] & 16 and at - bounds[n - 1] >= 5):
            bounds[n] = at
            n += 1
    bounds[n] = len(flags)
    return bounds[: n + 1].copy()


@njit(cache=True, nogil=True)
def sentence_overlap(a, idf_a, bounds_a, b, idf_b, bounds_b):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """How well each sentence of b is told by some sentence of a: idf-weighted cosine over telling words.

    A sentence pair must share at least `_MIN_MASS` of idf, so that two names alone do not make a match.

    Returns:
        (best float32[Sb], partner int32[Sb], mass float32[Sb]); partner is -1 without a match.
    """
    size = 16
    while size < 2 * len(a):
        size *= 2
    heads = np.full(size, -1, np.int32)
    following = np.full(max(1, len(a)), -1, np.int32)
    sentence = np.empty(max(1, len(a)), np.int32)
    mass_a = np.zeros(len(bounds_a), np.float32)
    for s in range(len(bounds_a) - 1):
        for at in range(bounds_a[s], bounds_a[s + 1]):
            sentence[at] = s
            if idf_a[at] >= _TELLING:
                mass_a[s] += idf_a[at]
    for back in range(len(a)):
        at = len(a) - 1 - back
        if idf_a[at] < _TELLING:
            continue
        slot = np.int64(a[at] >> np.uint64(20)) & (size - 1)
        while heads[slot] >= 0 and a[heads[slot]] != a[at]:
            slot = (slot + 1) & (size - 1)
        following[at] = heads[slot]
        heads[slot] = at
    count = len(bounds_b) - 1
    best = np.zeros(count, np.float32)
    partner = np.full(count, -1, np.int32)
    mass_b = np.zeros(count, np.float32)
    common = np.zeros(len(bounds_a), np.float32)
    for s in range(count):
        common[:] = 0.0
        for at in range(bounds_b[s], bounds_b[s + 1]):
            if idf_b[at] < _TELLING:
                continue
            mass_b[s] += idf_b[at]
            slot = np.int64(b[at] >> np.uint64(20)) & (size - 1)
            while heads[slot] >= 0 and a[heads[slot]] != b[at]:
                slot = (slot + 1) & (size - 1)
            place = heads[slot]
            last = -1
            steps = 0
            while place >= 0 and steps < 64:
                if sentence[place] != last:
                    last = sentence[place]
                    common[last] += idf_b[at]
                place = following[place]
                steps += 1
        for r in range(len(bounds_a) - 1):
            if common[r] < _MIN_MASS:
                continue
            cosine = min(common[r], mass_a[r], mass_b[s]) / np.sqrt(mass_a[r] * mass_b[s])
            if cosine > best[s]:
                best[s] = cosine
                partner[s] = r
    return best, partner, mass_b
