"""Retold quotations: a statement that was translated twice keeps hardly a run of words, but most of its telling words.

Each quotation is known by the pairs of its rarest words, in any order. Quotations that share such a pair are compared
word by word; two articles are a pair when what their quotations have in common tells enough. That is evidence of its
own: these pairs are measured even where their 3-grams say nothing.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dedup.background import Background, lookup
from dedup.candidates.pairs import distinct
from dedup.quotes import quote_bounds
from dedup.sketch import Sketches

__all__ = ["quote_keys", "retold_pairs"]

#: The rarest words of a quotation that stand for it.
_WORDS = 6
#: Words below this idf (one article in four) are none of them.
_MIN_IDF = 1.4
#: Of longer quotations only the beginning is looked at.
_LONGEST = 80
#: Share of the poorer quotation's idf mass that must stand in the other.
_MIN_SHARE = 0.5
#: Idf mass that the quotations of two articles must have in common, in nats: one of them alone, or several.
_MIN_MASS, _MIN_MASS_OF_SEVERAL = 16.0, 12.0


@njit(cache=True, nogil=True, inline="always")
def _idf(token, tags, values, unseen):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The idf of a word in sixteenths; of a piece of an unspaced script that is not in the table half of the most."""
    stored = lookup(tags, values, token)
    if stored >= 0:
        return stored
    return unseen if token & np.uint64(3) == 0 else unseen // 2


@njit(cache=True, nogil=True)
def _quotations(flags, offsets, order):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The quotations of the texts in `order`: int64[Q, 3] of rank, first token and end."""
    room = 1024
    out = np.empty((room, 3), np.int64)
    n = 0
    for rank in range(len(order)):
        text = order[rank]
        if text < 0:
            continue
        bounds = quote_bounds(flags[offsets[text] : offsets[text + 1]])
        if n + len(bounds) > room:
            room = 2 * (n + len(bounds))
            out = np.concatenate((out[:n], np.empty((room - n, 3), np.int64)))
        for q in range(len(bounds)):
            out[n, 0] = rank
            out[n, 1] = offsets[text] + bounds[q, 0]
            out[n, 2] = offsets[text] + min(bounds[q, 1], bounds[q, 0] + _LONGEST)
            n += 1
    return out[:n].copy()


@njit(cache=True, nogil=True)
def _rarest_first(quotes, tokens, vocabulary, tags, values, unseen):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The distinct words of each quotation, the rarest first: (words, their idf in sixteenths, where each one begins).

    Equally rare words are ranked by their hashes, so that two quotations choose alike.
    """
    room = 0
    for q in range(len(quotes)):
        room += quotes[q, 2] - quotes[q, 1]
    words = np.empty(room, np.uint64)
    idf = np.empty(room, np.uint8)
    ends = np.zeros(len(quotes) + 1, np.int64)
    n = 0
    for q in range(len(quotes)):
        first = n
        for at in range(quotes[q, 1], quotes[q, 2]):
            token = vocabulary[tokens[at]]
            value = np.uint8(_idf(token, tags, values, unseen))
            place = n
            while place > first and (value > idf[place - 1] or (value == idf[place - 1] and token > words[place - 1])):
                place -= 1
            if place > first and words[place - 1] == token:
                continue
            for k in range(n, place, -1):
                words[k] = words[k - 1]
                idf[k] = idf[k - 1]
            words[place] = token
            idf[place] = value
            n += 1
        ends[q + 1] = n
    return words[:n].copy(), idf[:n].copy(), ends


@njit(cache=True, nogil=True)
def _word_pairs(words, idf, ends):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Sort keys: 38 bits of two of the rarest words of a quotation, and 26 of the quotation."""
    out = np.empty((len(ends) - 1) * _WORDS * (_WORDS - 1) // 2, np.uint64)
    n = 0
    for q in range(len(ends) - 1):
        last = min(ends[q + 1], ends[q] + _WORDS)
        for x in range(ends[q], last):
            for y in range(x + 1, last):
                if idf[y] < 16 * _MIN_IDF:
                    break
                mixed = (words[x] ^ words[y]) * np.uint64(0x9E3779B97F4A7C15) + words[x] + words[y]
                mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xD6E8FEB86659FD93)
                out[n] = (mixed & ~np.uint64((1 << 26) - 1)) | np.uint64(q)
                n += 1
    return out[:n].copy()


@njit(cache=True, nogil=True)
def _meetings(keys, quotes, groups, limit):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Pairs of quotations of two groups, q << 32 | r, for each pair of words that two to `limit` groups hold.

    The first quotation of each group stands for all of them.
    """
    total = 0
    distinct = np.empty(limit, np.uint64)
    for write in range(2):
        if write:
            out = np.empty(total, np.uint64)
        n = 0
        start = 0
        while start < len(keys):
            end = start + 1
            while end < len(keys) and keys[end] >> np.uint64(26) == keys[start] >> np.uint64(26):
                end += 1
            count = 0
            last = -1
            if end - start > 1:
                for x in range(start, end):
                    quote = keys[x] & np.uint64((1 << 26) - 1)
                    group = groups[quotes[quote, 0]]
                    if group != last:
                        if count == limit:
                            count += 1
                            break
                        distinct[count] = quote
                        count += 1
                        last = group
            if 2 <= count <= limit:
                for x in range(count):
                    for y in range(x + 1, count):
                        if write:
                            out[n] = (distinct[x] << np.uint64(32)) | distinct[y]
                        n += 1
            start = end
        total = n
    return out


@njit(cache=True, nogil=True)
def _common_mass(meetings, words, idf, ends, masses):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The idf mass that two quotations have in common, in sixteenths; 0 where the poorer one is not in the other."""
    out = np.zeros(len(meetings), np.int64)
    for m in range(len(meetings)):
        q = np.int64(meetings[m] >> np.uint64(32))
        r = np.int64(meetings[m] & np.uint64(0xFFFFFFFF))
        if masses[r] < masses[q]:
            q, r = r, q
        left = np.int64((1.0 - _MIN_SHARE) * masses[q])  # what may be missing
        at = ends[r]
        for k in range(ends[q], ends[q + 1]):
            while at < ends[r + 1] and (idf[at] > idf[k] or (idf[at] == idf[k] and words[at] > words[k])):
                at += 1
            if at == ends[r + 1] or words[at] != words[k]:
                left -= idf[k]
                if left < 0:
                    break
        if left >= 0:
            out[m] = masses[q] - (np.int64((1.0 - _MIN_SHARE) * masses[q]) - left)
    return out


def quote_keys(
    sketches: Sketches, order: NDArray[np.int64], background: Background
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """What quotations are known by, 32 bits for two of their rarest words: (keys, the rank of each one's text).

    Two texts whose quotations `retold_pairs` would compare have a key in common.

    Args:
        order: the article of each rank, -1 for one that has no part in this.
    """
    table = (background.word_tags, background.word_idf, int(16 * background.unseen_idf))
    quotes = _quotations(sketches.flags, sketches.offsets, order)
    if not len(quotes):
        return np.empty(0, np.uint32), np.empty(0, np.int64)
    words, idf, ends = _rarest_first(quotes, sketches.tokens, sketches.vocabulary, *table)
    keys = _word_pairs(words, idf, ends)
    ranks = quotes[(keys & np.uint64((1 << 26) - 1)).astype(np.int64), 0]
    return (keys >> np.uint64(32)).astype(np.uint32), ranks


def retold_pairs(
    sketches: Sketches, order: NDArray[np.int64], groups: NDArray[np.int32], limit: int, background: Background
) -> NDArray[np.uint64]:
    """Packed pairs of groups with quotations in common, word for word or retold, sorted.

    Args:
        order: the article of each rank, -1 for one that has no part in this.
        groups: the group of each rank; they do not decrease.
        limit: two words that the quotations of more groups hold say nothing.
    """
    table = (background.word_tags, background.word_idf, int(16 * background.unseen_idf))
    quotes = _quotations(sketches.flags, sketches.offsets, order)
    if not len(quotes):
        return np.empty(0, np.uint64)
    words, idf, ends = _rarest_first(quotes, sketches.tokens, sketches.vocabulary, *table)
    masses = np.add.reduceat(np.append(idf, np.uint8(0)), ends[:-1], dtype=np.int64)
    keys = _word_pairs(words, idf, ends)
    keys.sort()
    meetings = distinct(_meetings(keys, quotes, groups, limit))
    common = _common_mass(meetings, words, idf, ends, masses)
    meetings, common = meetings[common > 0], common[common > 0]
    q, r = (meetings >> np.uint64(32)).astype(np.int64), (meetings & np.uint64(0xFFFFFFFF)).astype(np.int64)
    g, h = groups[quotes[q, 0]].astype(np.uint64), groups[quotes[r, 0]].astype(np.uint64)
    pairs, which = np.unique((g << np.uint64(32)) | h, return_inverse=True)
    sides = [_mass(which, side, common, len(pairs)) for side in (q, r)]
    mass, several = np.minimum(sides[0][0], sides[1][0]), np.minimum(sides[0][1], sides[1][1]) > 1
    return pairs[(mass >= 16 * _MIN_MASS) | (several & (mass >= 16 * _MIN_MASS_OF_SEVERAL))]


def _mass(
    which: NDArray[np.intp], quote: NDArray[np.int64], common: NDArray[np.int64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of one side of each pair: what its quotations have in common with their best partners, and how many have one."""
    order = np.lexsort((-common, quote, which))
    which, quote, common = which[order], quote[order], common[order]
    best = np.ones(len(order), bool)
    best[1:] = (which[1:] != which[:-1]) | (quote[1:] != quote[:-1])
    mass, quotes = np.zeros(count, np.int64), np.bincount(which[best], minlength=count)
    np.add.at(mass, which[best], common[best])
    return mass, quotes
