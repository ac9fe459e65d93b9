"""Furniture by repetition of whole lines: what a site puts under its articles, whatever these are about.

A line is furniture of its outlet when it stands in several of its articles which have nothing else in common; and of
all when it stands under articles of many outlets which are about different matters, as the notices of a group of papers
do. "Nothing else in common" is the point: three editions of one story share all their lines, a hundred reports of one
event the minister's statement, and neither is furniture. It works on token hashes of whole lines, so that case,
punctuation and accents do not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dedup.background import Background, lookup
from dedup.clean.furniture import LineTable
from dedup.minhash import _gram, sign_small
from dedup.tokens import FURNITURE
from dedup.words import hashes_of

__all__ = ["flag_lines", "learn", "learn_notices", "matters"]

#: Articles of one source that must share a line, and have nothing else in common, before it is furniture ...
_MIN_STORIES = 3
#: ... and for a line of more than `_SHORT_LINE` words, which could be a story's own background paragraph.
_MIN_STORIES_LONG = 5
_SHORT_LINE = 25
#: Articles that are looked at for one line.
_SAMPLE = 16
#: Articles, and their sources, that must share a line before it can be furniture everywhere, as what a group of papers
#: prints under everything ...
_MIN_ANYWHERE, _MIN_SOURCES = 16, 8
#: ... of which so many must be about matters of their own; and how many are looked at for one line.
_MIN_MATTERS, _MANY = 8, 256
#: Words that tell what an article is about: in fewer than one of exp(6) = 403 articles at large, or quite unknown.
_TELLING_IDF = 6.0
#: Words that must be left of an article without its common lines, and no fewer than are in these, for it to prove
#: that something is furniture everywhere: a report that forty papers print has common lines and little else.
_MIN_LEFT = 40


@njit(cache=True, nogil=True)
def _rest_signatures(wanted, lines, line_words, line_offsets, common, words, vocabulary, token_offsets):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """A small MinHash of the word 3-grams of each wanted article without its common lines, uint32[N, 24].

    Slot 0 is 0 for an article with fewer than eight words left: it proves nothing.
    """
    out = np.zeros((len(wanted), 24), np.uint32)
    for i in range(len(wanted)):
        if not wanted[i]:
            continue
        own = out[i]
        own[:] = np.uint32(0xFFFFFFFF)
        left = 0
        at = 0
        tokens = hashes_of(words[token_offsets[i] : token_offsets[i + 1]], vocabulary)
        for line in range(line_offsets[i], line_offsets[i + 1]):
            if not common[line] and lines[line] != 0:
                left += line_words[line]
                for t in range(at, at + line_words[line] - 2):
                    sign_small(_gram(tokens, t, 3), own)
            at += line_words[line]
        if left < 8:
            out[i, 0] = 0
    return out


@njit(cache=True, nogil=True)
def _matters(wanted, lines, line_words, line_offsets, common, words, vocabulary, token_offsets, tags, idf):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """A small MinHash of the telling words of each wanted article without its common lines, uint32[W, 48].

    Slot 0 is 0 for an article that proves nothing: too little is left, or more is in common lines.
    """
    out = np.full((len(wanted), 48), 0xFFFFFFFF, np.uint32)
    floor = np.int64(_TELLING_IDF * 16)
    for w in range(len(wanted)):
        own = out[w]
        left, at = 0, token_offsets[wanted[w]]
        first = at
        for line in range(line_offsets[wanted[w]], line_offsets[wanted[w] + 1]):
            end = at + line_words[line]
            if not common[line] and lines[line] != 0:
                left += line_words[line]
                for t in range(at, end):
                    h = vocabulary[words[t]]
                    known = lookup(tags, idf, h)
                    if known >= 0 and known < floor:
                        continue
                    sign_small(h, own)
            at = end
        if left < max(_MIN_LEFT, (at - first) / 2):
            out[w, 0] = 0
    return out


@njit(cache=True, nogil=True)
def _stories(docs, signatures, sample, alike):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """How many of `docs` have nothing in common with each other, at most `sample` of them looked at.

    Two have something in common when so many slots of their signatures are equal.
    """
    chosen = np.empty(sample, np.int64)
    count = 0
    step = max(1, len(docs) // sample)
    for k in range(0, len(docs), step):
        if count == sample:
            break
        doc = docs[k]
        if signatures[doc, 0] == 0:
            continue
        new = True
        for c in range(count):
            equal = 0
            for slot in range(signatures.shape[1]):
                equal += signatures[doc, slot] == signatures[chosen[c], slot]
            if equal >= alike:
                new = False
                break
        if new:
            chosen[count] = doc
            count += 1
    return count


def learn(
    lines: LineTable,
    publishers: NDArray[np.int64],
    words: NDArray[np.int32],
    vocabulary: NDArray[np.uint64],
    token_offsets: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Which lines are furniture of their source by repetition, bool[L].

    Args:
        publishers: int64[N], the number of each article's source, -1 when unknown (such articles are one source,
            and twice the repetition is asked of it).
        words, vocabulary, token_offsets: all words of the articles by number, lines back to back, in the order of the
            line table.
    """
    owner = np.repeat(np.arange(len(publishers)), np.diff(lines.offsets))
    keys = lines.hashes ^ (publishers[owner].astype(np.uint64) + np.uint64(1)) * np.uint64(0xD6E8FEB86659FD93)
    groups = _groups(np.flatnonzero(lines.hashes), keys, owner, _MIN_STORIES)
    repeated, furniture = _marked(groups, len(keys)), np.zeros(len(keys), bool)
    wanted = np.zeros(len(publishers), bool)
    wanted[owner[repeated]] = True
    signatures = _rest_signatures(
        wanted, lines.hashes, lines.words, lines.offsets, repeated, words, vocabulary, token_offsets
    )
    for group in groups:
        needed = _MIN_STORIES if lines.words[group[0]] <= _SHORT_LINE else _MIN_STORIES_LONG
        if publishers[owner[group[0]]] < 0:
            needed *= 2
        furniture[group] = _stories(np.unique(owner[group]), signatures, _SAMPLE, 3) >= needed
    return furniture


def learn_notices(
    lines: LineTable,
    publishers: NDArray[np.int64],
    about: Callable[[NDArray[np.int64], NDArray[np.bool_]], NDArray[np.uint32]],
) -> NDArray[np.bool_]:
    """Which lines are furniture everywhere, bool[L].

    Args:
        publishers: int64[N], as for `learn`.
        about: called with some articles, int64[W], and the lines that are repeated, bool[L]; gives their `matters`.
    """
    owner = np.repeat(np.arange(len(publishers)), np.diff(lines.offsets))
    groups = _groups(np.flatnonzero(lines.hashes), lines.hashes, owner, _MIN_ANYWHERE)
    repeated, furniture = _marked(groups, len(owner)), np.zeros(len(owner), bool)
    for group in groups:
        docs = np.unique(owner[group])
        if len(np.unique(publishers[docs])) >= _MIN_SOURCES:
            some = docs[:: max(1, len(docs) // _MANY)][:_MANY]
            signatures = about(some, repeated)
            furniture[group] = _stories(np.arange(len(some)), signatures, _MANY, 1) >= _MIN_MATTERS
    return furniture


def matters(
    articles: NDArray[np.int64],
    repeated: NDArray[np.bool_],
    lines: LineTable,
    words: NDArray[np.int32],
    vocabulary: NDArray[np.uint64],
    token_offsets: NDArray[np.int64],
    background: Background,
) -> NDArray[np.uint32]:
    """What articles are about beside their repeated lines, uint32[W, 48]: a small MinHash of their telling words.

    Slot 0 is 0 for an article that proves nothing. Arguments as for `learn`.
    """
    table = (lines.hashes, lines.words, lines.offsets, repeated, words, vocabulary, token_offsets)
    found: NDArray[np.uint32] = _matters(articles, *table, background.word_tags, background.word_idf)
    return found


def _marked(groups: Sequence[NDArray[np.int64]], lines: int) -> NDArray[np.bool_]:
    """The lines of all groups, bool[L]."""
    marked = np.zeros(lines, bool)
    for group in groups:
        marked[group] = True
    return marked


def _groups(
    places: NDArray[np.int64], keys: NDArray[np.uint64], owner: NDArray[np.int64], least: int
) -> list[NDArray[np.int64]]:
    """The lines at these places, which ascend, by their keys: those of one key together, in the order of articles.

    Only keys that stand in so many articles at least.
    """
    values = keys[places]
    room = 1 << max(4, (2 * len(values)).bit_length())
    slots = ((values >> np.uint64(20)) & np.uint64(room - 1)).astype(np.int64)
    often = np.bincount(slots, minlength=room)[slots] >= least  # few others: counting spares sorting most of them
    order = places[often][np.argsort(values[often], kind="stable")]
    if not len(order):
        return []
    new_key = np.concatenate([[True], keys[order[1:]] != keys[order[:-1]]])
    new_doc = new_key | np.concatenate([[True], owner[order[1:]] != owner[order[:-1]]])
    bounds = np.append(np.flatnonzero(new_key), len(order))
    enough = np.flatnonzero(np.add.reduceat(new_doc.astype(np.int64), bounds[:-1]) >= least)
    return [order[first:end] for first, end in zip(bounds[enough].tolist(), bounds[enough + 1].tolist(), strict=True)]


def flag_lines(lines: LineTable, marked: NDArray[np.bool_], flags: NDArray[np.uint8]) -> None:
    """Set the furniture flag of the tokens of the marked lines; `flags` runs over all tokens, lines back to back."""
    ends = np.cumsum(lines.words, dtype=np.int64)
    for line in np.flatnonzero(marked):
        flags[ends[line] - lines.words[line] : ends[line]] |= np.uint8(FURNITURE)
