"""Whole-text measures of a pair: exact Jaccard, TF-IDF cosine, overlap of names and numbers, sentences told again.

A text is first described by its terms: every distinct word gets a small number, in order of first appearance. The
measures of a pair then work in the term numbers of the first text and never sort, hash or look up a word.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from dedup.minhash import _gram
from dedup.tokens import CAPITAL, NUMBER, SENTENCE_START

__all__ = [
    "describe",
    "forget",
    "gram_set",
    "index_spans",
    "inverted",
    "jaccard",
    "masses",
    "match_sentences",
    "rest_fit",
    "sentence_bounds",
    "spans_of",
    "term_overlap",
    "translate",
]

#: Words below this idf (one article in seven) do not help to recognise a sentence.
TELLING = 2.0
#: Idf mass that two sentences must have in common, so that two names alone do not make a match.
_MIN_MASS = 12.0
#: A word in more sentences than this recognises none of them.
_EVERYWHERE = 64
#: Idf mass of names below which a text counts as having none.
_MIN_NAMES = 20.0
#: By the low flags of a word: 2 for a number, 1 for a capital letter inside a sentence.
_NAMES = np.array([2 if f & NUMBER else int(f & CAPITAL and not f & SENTENCE_START) for f in range(32)], np.uint8)
#: Natural logarithms of small counts.
_LOGS = np.log(np.maximum(1, np.arange(256)))


@njit(cache=True, nogil=True)
def describe(words, flags, idf_of, place):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The terms of a text.

    Args:
        words: its words as `dedup.words` numbers them.
        idf_of: the idf of each number.
        place: int32[V], all -1; filled with the term of each word that the text has, until `forget`.

    Returns:
        (term int32[n]: the term of each word; first int32[K]: a term's first place; idf float32[K]; weight float32[K]:
        (1 + ln tf) * idf scaled to length 1, what scikit-learn's TfidfTransformer(sublinear_tf=True) gives with the
        background's idf_; name uint8[K]: 1 for words with a capital letter inside a sentence, 2 for numbers)
    """
    n = len(words)
    term = np.empty(n, np.int32)
    first = np.empty(n + 1, np.int32)
    count = np.zeros(n, np.int32)
    name = np.zeros(n, np.uint8)
    terms = np.int32(0)
    for at in range(n):  # without a branch on whether a word is new: no processor could guess it
        number = place[words[at]]
        fresh = number < 0
        number = terms if fresh else number
        first[terms] = at
        terms += np.int32(fresh)
        place[words[at]] = number
        term[at] = number
        count[number] += 1
        name[number] = max(name[number], _NAMES[flags[at] & 31])
    idf = np.empty(terms, np.float32)
    weight = np.empty(terms, np.float32)
    norm = 0.0
    for k in range(terms):
        idf[k] = idf_of[words[first[k]]]
        weight[k] = (1.0 + (_LOGS[count[k]] if count[k] < len(_LOGS) else np.log(count[k]))) * idf[k]
        norm += weight[k] * weight[k]
    if norm > 0:
        weight /= np.float32(np.sqrt(norm))
    return term, first[:terms], idf, weight, name[:terms]


@njit(cache=True, nogil=True)
def forget(words, first, place):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Empty `place` for the next text; `first` as `describe` gave it."""
    for k in range(len(first)):
        place[words[first[k]]] = -1


@njit(cache=True, nogil=True)
def translate(place_a, words_b, first_b):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The term of a that equals each term of b, int32[Kb], -1 where a does not have the word."""
    out = np.empty(len(first_b), np.int32)
    for k in range(len(first_b)):
        out[k] = place_a[words_b[first_b[k]]]
    return out


@njit(cache=True, nogil=True)
def inverted(in_a, terms):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The term of b that equals each of the `terms` of a, int32[Ka], -1 for none; `in_a` from `translate`."""
    out = np.full(terms, -1, np.int32)
    for k in range(len(in_a)):
        if in_a[k] >= 0:
            out[in_a[k]] = k
    return out


@njit(cache=True, nogil=True)
def _named(idf, name):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """(idf of the names and numbers of a text; of the numbers; how many those are)."""
    total = 0.0
    numbers = 0.0
    count = 0
    for k in range(len(idf)):
        if name[k]:
            total += idf[k]
            if name[k] == 2:
                numbers += idf[k]
                count += 1
    return total, numbers, count


@njit(cache=True, nogil=True)
def term_overlap(weight_a, idf_a, name_a, weight_b, idf_b, name_b, in_a):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """(TF-IDF cosine, shared names, shared numbers): the dot product; idf of common names over the poorer side's;
    the same of numbers; all 0-1.

    Where a side has hardly any names, as in scripts without capitals, or fewer than four numbers, the answer is -1.
    """
    total_a, numbers_a, count_a = _named(idf_a, name_a)
    total_b, numbers_b, count_b = _named(idf_b, name_b)
    dot = 0.0
    names = 0.0
    numbers = 0.0
    for k in range(len(in_a)):
        other = in_a[k]
        if other >= 0:
            dot += weight_a[other] * weight_b[k]
            if name_a[other] and name_b[k]:
                names += idf_b[k]
                if name_b[k] == 2:
                    numbers += idf_b[k]
    poorer = min(total_a, total_b)
    dot = min(1.0, dot)
    return (
        dot,
        (min(1.0, names / poorer) if poorer >= _MIN_NAMES else -1.0),
        (-1.0 if min(count_a, count_b) < 4 else min(1.0, numbers / min(numbers_a, numbers_b))),
    )


@njit(cache=True, nogil=True, inline="always")
def _log(count):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The logarithm of a count, float32; most words stand once."""
    return np.log(count) if count > 1 else np.float32(0.0)


@njit(cache=True, nogil=True)
def _divided(term, idf, covered):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """TF-IDF weights of the telling words inside and outside the covered part, and their cosine (1 if one is empty)."""
    inside = np.zeros(len(idf), np.float32)
    outside = np.zeros(len(idf), np.float32)
    for at in range(len(term)):
        if covered[at]:
            inside[term[at]] += 1
        else:
            outside[term[at]] += 1
    dot = 0.0
    norm_in = 0.0
    norm_out = 0.0
    for k in range(len(idf)):
        if idf[k] < TELLING:
            inside[k] = 0
            outside[k] = 0
        if inside[k] > 0:
            inside[k] = (1.0 + _log(inside[k])) * idf[k]
        if outside[k] > 0:
            outside[k] = (1.0 + _log(outside[k])) * idf[k]
        dot += inside[k] * outside[k]
        norm_in += inside[k] ** 2
        norm_out += outside[k] ** 2
    fit = dot / np.sqrt(norm_in * norm_out) if norm_in > 0 and norm_out > 0 else 1.0
    return outside, norm_out, fit


@njit(cache=True, nogil=True)
def rest_fit(term_a, idf_a, covered_a, term_b, idf_b, covered_b, in_a):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """What is left of two texts beside their shared passages, as TF-IDF cosines over telling words.

    Returns:
        (between what is left of a and of b; between what is left of a and a's passages; the same of b). Retold or
        abridged stories go on about the same things; around a pasted excerpt the talk is of something else.
    """
    rest_a, norm_a, fit_a = _divided(term_a, idf_a, covered_a)
    rest_b, norm_b, fit_b = _divided(term_b, idf_b, covered_b)
    dot = 0.0
    for k in range(len(idf_b)):
        if in_a[k] >= 0:
            dot += rest_b[k] * rest_a[in_a[k]]
    return (dot / np.sqrt(norm_a * norm_b) if norm_a > 0 and norm_b > 0 else 0.0), fit_a, fit_b


@njit(cache=True, nogil=True)
def gram_set(tokens, size):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The distinct hashes of all runs of `size` numbered words: (open-addressing table, 0 is empty; list)."""
    room = 16
    while room < 2 * len(tokens):
        room *= 2
    table = np.zeros(room, np.uint64)
    grams = np.empty(len(tokens), np.uint64)
    count = 0
    size = min(size, len(tokens))
    for at in range(len(tokens) - size + 1 if size else 0):
        h = _gram(tokens, at, size) | np.uint64(1)
        slot = np.int64(h >> np.uint64(20)) & (room - 1)
        while table[slot] != 0 and table[slot] != h:
            slot = (slot + 1) & (room - 1)
        if table[slot] == 0:
            table[slot] = h
            grams[count] = h
            count += 1
    return table, grams[:count]


@njit(cache=True, nogil=True)
def jaccard(set_a, count_a, grams_b):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The exact Jaccard similarity of two sets: a's as a table and its size, b's as a list, both from `gram_set`."""
    common = 0
    room = len(set_a)
    for h in grams_b:
        slot = np.int64(h >> np.uint64(20)) & (room - 1)
        while set_a[slot] != 0:
            if set_a[slot] == h:
                common += 1
                break
            slot = (slot + 1) & (room - 1)
    union = count_a + len(grams_b) - common
    return common / union if union and common else 0.0


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
    return bounds[: n + 1]


@njit(cache=True, nogil=True)
def spans_of(bounds):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Sentences by their bounds, int32[S + 1], as int32[S, 2]: first word and end of each."""
    out = np.empty((len(bounds) - 1, 2), np.int32)
    for s in range(len(out)):
        out[s, 0] = bounds[s]
        out[s, 1] = bounds[s + 1]
    return out


@njit(cache=True, nogil=True)
def index_spans(term, wanted, spans):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Which of the spans of a text hold each of its terms, as chains.

    Args:
        spans: int32[S, 2], stretches of the text that do not overlap.
        wanted: bool[K], which terms; the others are left out.

    Returns:
        (head int32[K]: a term's first link, -1 for none; span int32[L] and following int32[L] of each link)
    """
    room = 0
    for s in range(len(spans)):
        room += spans[s, 1] - spans[s, 0]
    head = np.full(len(wanted), -1, np.int32)
    span = np.empty(room, np.int32)
    following = np.empty(room, np.int32)
    n = 0
    for s in range(len(spans)):
        for at in range(spans[s, 0], spans[s, 1]):
            k = term[at]
            if not wanted[k] or (head[k] >= 0 and span[head[k]] == s):
                continue
            span[n] = s
            following[n] = head[k]
            head[k] = n
            n += 1
    return head, span, following


@njit(cache=True, nogil=True)
def masses(term, idf, spans):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The idf mass of the distinct words of each span, float32[S]."""
    out = np.zeros(len(spans), np.float32)
    seen = np.full(len(idf), -1, np.int32)
    for s in range(len(spans)):
        for at in range(spans[s, 0], spans[s, 1]):
            if seen[term[at]] != s:
                seen[term[at]] = s
                out[s] += idf[term[at]]
    return out


@njit(cache=True, nogil=True)
def match_sentences(term_a, idf_a, bounds_a, term_b, idf_b, bounds_b, in_a):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """How well each sentence is told by its best partner in the other text: idf-weighted overlap of telling words.

    Returns:
        (best_a float32[Sa], mass_a float32[Sa], and the same of b): the cosine with the best partner, 0 without one;
        the idf mass of the telling words.
    """
    spans_a, spans_b = spans_of(bounds_a), spans_of(bounds_b)
    head, span, following = index_spans(term_a, idf_a >= TELLING, spans_a)
    mass_a = masses(term_a, np.where(idf_a >= TELLING, idf_a, np.float32(0.0)), spans_a)
    mass_b = masses(term_b, np.where(idf_b >= TELLING, idf_b, np.float32(0.0)), spans_b)
    best_a = np.zeros(len(spans_a), np.float32)
    best_b = np.zeros(len(spans_b), np.float32)
    count_of = np.zeros(len(idf_a), np.int32)
    for at in range(len(term_a)):
        count_of[term_a[at]] += 1
    spread = np.zeros(len(idf_b), np.int32)
    for k in range(len(idf_b)):
        if in_a[k] >= 0 and count_of[in_a[k]] > _EVERYWHERE:
            spread[k] = _EVERYWHERE + 1
    for at in range(len(term_b)):
        spread[term_b[at]] += 1
    seen = np.full(len(idf_b), -1, np.int32)
    common = np.zeros(len(spans_a), np.float32)
    touched = np.empty(len(spans_a), np.int32)
    for s in range(len(spans_b)):
        n = 0
        for at in range(spans_b[s, 0], spans_b[s, 1]):
            k = term_b[at]
            if idf_b[k] < TELLING or seen[k] == s or in_a[k] < 0 or spread[k] > _EVERYWHERE:
                continue
            seen[k] = s
            link = head[in_a[k]]
            while link >= 0:
                r = span[link]
                if common[r] == 0:
                    touched[n] = r
                    n += 1
                common[r] += idf_b[k]
                link = following[link]
        for t in range(n):
            r = touched[t]
            if common[r] >= _MIN_MASS:
                cosine = common[r] / np.sqrt(mass_a[r] * mass_b[s])
                best_a[r] = max(best_a[r], cosine)
                best_b[s] = max(best_b[s], cosine)
            common[r] = 0.0
    return best_a, mass_a, best_b, mass_b
