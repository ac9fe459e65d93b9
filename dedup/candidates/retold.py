"""Retold quotations: a statement that was translated twice keeps hardly a run of words, but most of its telling words.

Each quotation is known by the pairs of its rarest words, in any order. Quotations that share such a pair are compared
word by word; two articles are a pair when what their quotations have in common tells enough. That is evidence of its
own: these pairs are measured even where their 3-grams say nothing.
"""

from __future__ import annotations

from typing import NamedTuple

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


@njit(cache=True, nogil=True)
def _idf(vocabulary, tags, values, unseen):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The idf of words in sixteenths; of a piece of an unspaced script that is not in the table half of the most."""
    out = np.empty(len(vocabulary), np.uint8)
    for word in range(len(vocabulary)):
        stored = lookup(tags, values, vocabulary[word])
        out[word] = stored if stored >= 0 else (unseen if vocabulary[word] & np.uint64(3) == 0 else unseen // 2)
    return out


class _Words(NamedTuple):
    """The words of a vocabulary in the order of their rarity; equally rare ones by hash, so that all choose alike."""

    ranks: NDArray[np.int32]
    """int32[V]: the place of each word in that order, the rarest one's the highest."""
    hashes: NDArray[np.uint64]
    """uint64[V], by rank."""
    idf: NDArray[np.uint8]
    """uint8[V], by rank, in sixteenths."""

    @classmethod
    def of(cls, vocabulary: NDArray[np.uint64], background: Background) -> _Words:
        idf = _idf(vocabulary, background.word_tags, background.word_idf, int(16 * background.unseen_idf))
        order = np.lexsort((vocabulary, idf))
        ranks = np.empty(len(order), np.int32)
        ranks[order] = np.arange(len(order), dtype=np.int32)
        return cls(ranks, vocabulary[order], idf[order])

    def told(self, quotes: NDArray[np.int64], tokens: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The distinct words of each quotation by rank, the rarest first: (ranks, where each quotation begins)."""
        words = np.empty(int((quotes[:, 2] - quotes[:, 1]).sum()), np.int32)
        ends = _rarest_first(quotes, tokens, self.ranks, words)
        return words[: ends[-1]], ends


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
def _rarest_first(quotes, tokens, ranks, words):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Write the distinct words of each quotation to `words` by rank, the rarest first; returns where each begins."""
    ends = np.zeros(len(quotes) + 1, np.int64)
    n = 0
    for q in range(len(quotes)):
        first = n
        for at in range(quotes[q, 1], quotes[q, 2]):
            word = ranks[tokens[at]]
            place = n
            while place > first and word > words[place - 1]:
                place -= 1
            if place > first and words[place - 1] == word:
                continue
            for k in range(n, place, -1):
                words[k] = words[k - 1]
            words[place] = word
            n += 1
        ends[q + 1] = n
    return ends


@njit(cache=True, nogil=True)
def _word_pairs(words, ends, hashes, idf):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Sort keys: 38 bits of two of the rarest words of a quotation, and 26 of the quotation."""
    out = np.empty((len(ends) - 1) * _WORDS * (_WORDS - 1) // 2, np.uint64)
    n = 0
    for q in range(len(ends) - 1):
        last = min(ends[q + 1], ends[q] + _WORDS)
        for x in range(ends[q], last):
            for y in range(x + 1, last):
                if idf[words[y]] < 16 * _MIN_IDF:
                    break
                first, second = hashes[words[x]], hashes[words[y]]
                mixed = (first ^ second) * np.uint64(0x9E3779B97F4A7C15) + first + second
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
    """The idf mass that two quotations have in common, in sixteenths; 0 where the poorer one is not in the other.

    The words of the first one, which meets many others in a row, are a set of bits; `idf` is by rank.
    """
    out = np.zeros(len(meetings), np.int64)
    held = np.zeros(len(idf) // 32 + 1, np.uint32)
    last = np.int64(-1)
    for m in range(len(meetings)):
        q = np.int64(meetings[m] >> np.uint64(32))
        r = np.int64(meetings[m] & np.uint64(0xFFFFFFFF))
        if q != last:
            if last >= 0:
                for k in range(ends[last], ends[last + 1]):
                    held[words[k] >> 5] = 0
            for k in range(ends[q], ends[q + 1]):
                held[words[k] >> 5] |= np.uint32(1) << np.uint32(words[k] & 31)
            last = q
        common = np.int64(0)
        for k in range(ends[r], ends[r + 1]):
            common += idf[words[k]] * ((held[words[k] >> 5] >> np.uint32(words[k] & 31)) & np.uint32(1))
        poorer = min(masses[q], masses[r])
        if poorer - common <= np.int64((1.0 - _MIN_SHARE) * poorer):  # what may be missing
            out[m] = common
    return out


def quote_keys(
    sketches: Sketches, order: NDArray[np.int64], background: Background
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """What quotations are known by, 32 bits for two of their rarest words: (keys, the rank of each one's text).

    Two texts whose quotations `retold_pairs` would compare have a key in common.

    Args:
        order: the article of each rank, -1 for one that has no part in this.
    """
    quotes = _quotations(sketches.flags, sketches.offsets, order)
    if not len(quotes):
        return np.empty(0, np.uint32), np.empty(0, np.int64)
    known = _Words.of(sketches.vocabulary, background)
    keys = _word_pairs(*known.told(quotes, sketches.tokens), known.hashes, known.idf)
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
    quotes = _quotations(sketches.flags, sketches.offsets, order)
    if not len(quotes):
        return np.empty(0, np.uint64)
    known = _Words.of(sketches.vocabulary, background)
    words, ends = known.told(quotes, sketches.tokens)
    masses = np.add.reduceat(np.append(known.idf[words], np.uint8(0)), ends[:-1], dtype=np.int64)
    keys = _word_pairs(words, ends, known.hashes, known.idf)
    keys.sort()
    meetings = distinct(_meetings(keys, quotes, groups, limit))
    common = _common_mass(meetings, words, known.idf, ends, masses)
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
