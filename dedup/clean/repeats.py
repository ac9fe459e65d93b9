"""Furniture inside running text: runs of words that recur within a source, in articles on quite different matters.

Some outlets put the headlines of other stories, a list of newsletters or a poll's small print into their paragraphs.
No line repeats then, but runs of words do. A run is furniture of its source when it stands in several of its articles
that have no topic in common. The background of a story, or a statement that a source quotes in each report on one
matter, recurs too; but the articles around it share names and other rare words, and count as one.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dedup.background import Background, lookup
from dedup.minhash import sign_small
from dedup.threads import in_threads
from dedup.tokens import CAPITAL, FURNITURE, SENTENCE_START

__all__ = ["learn_runs"]

#: Shortest run that is looked for, in words; one of four such runs is counted, by its hash.
_RUN = 8
#: Runs that came out shorter than this are stock phrases rather than furniture.
_MIN_WORDS = 12
#: Articles without a topic in common that must share a run ...
_MIN_STORIES = 5
#: ... or this many, when they are a good part of the source: there may be no more.
_MIN_STORIES_SMALL, _GOOD_PART = 4, 0.2
#: Articles that are looked at for one run.
_SAMPLE = 16
#: A word tells a topic when it stands in fewer than one of exp(6) = 403 articles at large, or the background does not
#: know it. In a language that the background does not know, which shows by this share of unknown words, it must be rare
#: within its source: in a tenth of the articles, or in half of them when it is a name.
_TELLING_IDF = 6.0
_UNKNOWN_LANGUAGE = 0.33
_OFTEN, _OFTEN_NAME = 0.1, 0.5
_SLOTS = 48
#: With fewer telling words outside shared runs an article proves nothing.
_MIN_TELLING = 5
#: Entries of the table that counts the words of a source.
_TABLE = 1 << 20
#: No run is followed further than this.
_MAX_REACH = 400


class _Runs(NamedTuple):
    """Sampled runs that at least `_MIN_STORIES_SMALL` articles of a source share, one row each, equal ones together."""

    docs: NDArray[np.int32]
    positions: NDArray[np.int64]
    """The first token of each, in the token array."""
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    """Rows starts[g]:ends[g] are one run."""


@njit(cache=True, nogil=True, inline="always")
def _mix(h):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    h ^= h >> np.uint64(32)
    h *= np.uint64(0xD6E8FEB86659FD93)
    return h ^ (h >> np.uint64(32))


@njit(cache=True, nogil=True)
def _sampled(words, vocabulary, flags, first, end, keys, positions):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Write the hash and first word of each sampled run of a text; returns how many they are."""
    top = np.uint64(1)
    for _ in range(_RUN):
        top *= np.uint64(0x9E3779B97F4A7C15)
    n = 0
    h, size = np.uint64(0), 0
    for t in range(first, end):
        if flags[t] & FURNITURE:
            h, size = np.uint64(0), 0
            continue
        h = h * np.uint64(0x9E3779B97F4A7C15) + vocabulary[words[t]]
        size += 1
        if size < _RUN:
            continue
        if size > _RUN:
            h -= vocabulary[words[t - _RUN]] * top
        keys[n], positions[n] = _mix(h), t - _RUN + 1
        n += keys[n] & np.uint64(3) == 0  # a branch would be guessed wrong once in four times
    return n


@njit(cache=True, nogil=True)
def _frequent(words, vocabulary, flags, offsets, order, bounds, least, table, keys, docs, positions):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Write the sampled runs that `least` articles of a source seem to share, and return how many they are.

    Source b has the articles order[bounds[b]:bounds[b + 1]]. Each source is counted in a table of its own, with the
    last article in the high bits of an entry, so that counting stays in the processor's cache. Two runs that share an
    entry are told apart later.
    """
    longest = np.max(offsets[1:] - offsets[:-1])
    runs, places = np.empty(longest + 1, np.uint64), np.empty(longest + 1, np.int64)
    n = 0
    for b in range(len(bounds) - 1):
        if bounds[b + 1] - bounds[b] < least:
            continue
        total = 0
        for k in range(bounds[b], bounds[b + 1]):
            total += offsets[order[k] + 1] - offsets[order[k]]
        bits = 8
        while (1 << bits) < total // 2 and (2 << bits) <= len(table):
            bits += 1
        table[: 1 << bits] = 0
        for counting in (True, False):
            for k in range(bounds[b], bounds[b + 1]):
                own = np.uint32(k - bounds[b] + 1)
                sampled = _sampled(words, vocabulary, flags, offsets[order[k]], offsets[order[k] + 1], runs, places)
                for r in range(sampled):
                    entry = runs[r] >> np.uint64(64 - bits)
                    article, count = table[entry] >> np.uint32(8), table[entry] & np.uint32(255)
                    if counting:
                        if article != own:
                            table[entry] = (own << np.uint32(8)) | min(count + np.uint32(1), np.uint32(255))
                    elif count >= least:
                        if n < len(keys):
                            keys[n], docs[n], positions[n] = runs[r], order[k], places[r]
                        n += 1
    return n


def _runs(
    tokens: NDArray[np.int32],
    vocabulary: NDArray[np.uint64],
    flags: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    outlets: NDArray[np.int64],
    jobs: int,
) -> _Runs:
    order = np.argsort(outlets, kind="stable")
    bounds = _bounds(outlets[order])
    words = np.add.reduceat(np.diff(offsets)[order], bounds[:-1])
    shares = np.cumsum(words).searchsorted(words.sum() * np.arange(1, jobs) / jobs)

    def sample(first: int, last: int) -> tuple[NDArray[Any], ...]:
        """The runs that sources first to last share."""
        table = np.zeros(1 << min(25, max(8, int(words[first:last].max(initial=0)).bit_length())), np.uint32)
        room = int(words[first:last].sum()) // 64 + 1024
        while True:  # twice only where a large part of the input is repeated
            found = np.empty(room, np.uint64), np.empty(room, np.int32), np.empty(room, np.int64)
            texts = tokens, vocabulary, flags, offsets, order
            n = _frequent(*texts, bounds[first : last + 1], _MIN_STORIES_SMALL, table, *found)
            if n <= room:
                return tuple(column[:n] for column in found)
            room = n

    with ThreadPoolExecutor(jobs) as pool:  # the kernel releases the interpreter lock
        parts = list(pool.map(sample, [0, *shares], [*shares, len(words)]))
    keys, docs, positions = (np.concatenate(column) for column in zip(*parts, strict=True))
    n = len(keys)
    by_run = np.lexsort((positions, keys, outlets[docs]))
    keys, docs, positions = keys[by_run], docs[by_run], positions[by_run]
    new = np.ones(n, bool)
    new[1:] = (keys[1:] != keys[:-1]) | (outlets[docs[1:]] != outlets[docs[:-1]])
    starts = np.flatnonzero(new)
    ends = np.append(starts[1:], n).astype(np.int64)
    new[1:] |= docs[1:] != docs[:-1]
    shared = np.add.reduceat(new.astype(np.int64), starts) >= _MIN_STORIES_SMALL if n else np.zeros(0, bool)
    return _Runs(docs, positions, starts[shared], ends[shared])


@njit(cache=True, nogil=True)
def _reach(tokens, flags, at, other, low, low_other, step):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """How many tokens before `low` (step -1) or from it on (step 1) are the same in two articles and no furniture."""
    same = 0
    while same < _MAX_REACH:
        at += step
        other += step
        if at == low or other == low_other or tokens[at] != tokens[other] or (flags[at] | flags[other]) & FURNITURE:
            break
        same += 1
    return same


@njit(cache=True, nogil=True)
def _cover(tokens, flags, offsets, docs, positions, starts, ends, out):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Mark all words of the runs, also those around a sampled one that the next article of its group shares."""
    for g in range(len(starts)):
        for row in range(starts[g], ends[g]):
            out[positions[row] : positions[row] + _RUN] = True
    for g in range(len(starts)):
        for row in range(starts[g], ends[g]):
            other = row + 1 if row + 1 < ends[g] else row - 1
            doc, theirs, first, their_first = docs[row], docs[other], positions[row], positions[other]
            end, their_end = first + _RUN, their_first + _RUN
            if first > offsets[doc] and not out[first - 1]:
                more = _reach(tokens, flags, first, their_first, offsets[doc] - 1, offsets[theirs] - 1, -1)
                out[first - more : first] = True
            if end < offsets[doc + 1] and not out[end]:
                more = _reach(tokens, flags, end - 1, their_end - 1, offsets[doc + 1], offsets[theirs + 1], 1)
                out[end : end + more] = True


@njit(cache=True, nogil=True)
def _topics(wanted, bounds, sizes, tokens, vocabulary, flags, covered, offsets, tags, idf, out):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Write to `out`, uint32[W, slots], a small MinHash of the telling words of each wanted article outside runs.

    Articles wanted[bounds[b]:bounds[b + 1]] are of one source, which has sizes[b]. Slot 0 is 0 where an article proves
    nothing: there are too few telling words, or half of it is shared runs, as in editions of one text.
    """
    table = np.zeros(_TABLE, np.uint32)
    floor = np.int64(_TELLING_IDF * 16)
    for b in range(len(bounds) - 1):
        often, often_name = max(4.0, _OFTEN * sizes[b]), max(4.0, _OFTEN_NAME * sizes[b])
        total = 0
        for w in range(bounds[b], bounds[b + 1]):
            total += offsets[wanted[w] + 1] - offsets[wanted[w]]
        size = 256
        while size < total and size < len(table):
            size *= 2
        mask = np.uint64(size - 1)
        table[:size] = 0
        for w in range(bounds[b], bounds[b + 1]):  # how many of the source's articles hold a word, by its hash
            for t in range(offsets[wanted[w]], offsets[wanted[w] + 1]):
                entry = np.int64((vocabulary[tokens[t]] >> np.uint64(20)) & mask)
                article, count = table[entry] >> np.uint32(8), table[entry] & np.uint32(255)
                if article != w - bounds[b] + 1:
                    table[entry] = np.uint32((w - bounds[b] + 1) << 8) | min(count + np.uint32(1), np.uint32(255))
        for w in range(bounds[b], bounds[b + 1]):
            telling, inside, outside, unknown = 0, 0, 0, 0
            for t in range(offsets[wanted[w]], offsets[wanted[w] + 1]):
                if not flags[t] & FURNITURE:
                    inside += covered[t]
                    outside += not covered[t]
                    unknown += lookup(tags, idf, vocabulary[tokens[t]]) < 0
            foreign = unknown > _UNKNOWN_LANGUAGE * (inside + outside)
            own = out[w]
            own[:] = np.uint32(0xFFFFFFFF)
            for t in range(offsets[wanted[w]], offsets[wanted[w] + 1]):
                if flags[t] & FURNITURE or covered[t]:
                    continue
                known = lookup(tags, idf, vocabulary[tokens[t]])
                if known >= 0 and known < floor:
                    continue
                if known < 0 and foreign:
                    count = table[np.int64((vocabulary[tokens[t]] >> np.uint64(20)) & mask)] & np.uint32(255)
                    name = flags[t] & CAPITAL and not flags[t] & SENTENCE_START
                    if count > (often_name if name else often):
                        continue
                telling += 1
                sign_small(vocabulary[tokens[t]], own)
            if telling < _MIN_TELLING or inside > outside:
                out[w, 0] = 0


@njit(cache=True, nogil=True)
def _pick(docs, topics, row_of, chosen):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Write to `chosen` the rows of `docs` whose articles share no telling word with each other; returns how many."""
    count = 0
    step = max(1, len(docs) // (2 * len(chosen)))
    for row in range(0, len(docs), step):
        if count == len(chosen):
            break
        own = row_of[docs[row]]
        if topics[own, 0] == 0:
            continue
        new = True
        for c in range(count):
            other = row_of[docs[chosen[c]]]
            for slot in range(topics.shape[1]):
                if topics[own, slot] == topics[other, slot]:
                    new = False
                    break
            if not new:
                break
        if new:
            chosen[count] = row
            count += 1
    return count


@njit(cache=True, nogil=True)
def _mark(tokens, flags, offsets, docs, positions, starts, ends, topics, row_of, needed, marked):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Mark the tokens of furniture runs, as far as enough articles of different topics share them."""
    chosen = np.empty(_SAMPLE, np.int64)
    before, after = np.empty(_SAMPLE, np.int64), np.empty(_SAMPLE, np.int64)
    for g in range(len(starts)):
        group = docs[starts[g] : ends[g]]
        picked = _pick(group, topics, row_of, chosen)
        need = needed[g]
        if picked < need:
            continue
        for row in range(starts[g], ends[g]):
            first, doc = positions[row], docs[row]
            known = True
            for t in range(first, first + _RUN):
                known = known and marked[t]
            if known:
                continue
            others = 0
            for c in range(picked):
                place = starts[g] + chosen[c]
                if docs[place] == doc:
                    continue
                other, theirs = positions[place], docs[place]
                before[others] = _reach(tokens, flags, first, other, offsets[doc] - 1, offsets[theirs] - 1, -1)
                after[others] = _reach(
                    tokens, flags, first + _RUN - 1, other + _RUN - 1, offsets[doc + 1], offsets[theirs + 1], 1
                )
                others += 1
            low = first - np.sort(before[:others])[others - need + 1]
            high = first + _RUN + np.sort(after[:others])[others - need + 1]
            if high - low >= _MIN_WORDS:
                marked[low:high] = True


def learn_runs(
    tokens: NDArray[np.int32],
    vocabulary: NDArray[np.uint64],
    flags: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    outlets: NDArray[np.int64],
    background: Background,
    jobs: int = 1,
) -> NDArray[np.bool_]:
    """Which words are furniture of their source by repetition inside running text, bool[T].

    Args:
        flags: the tokens' flags; what is furniture already ends a run.
        outlets: int64[N], the number of each article's source, -1 when unknown: such articles are one source, of
            which twice the repetition is asked.
    """
    marked, jobs = np.zeros(len(tokens), bool), max(1, jobs)
    if len(outlets) < _MIN_STORIES_SMALL:
        return marked
    runs = _runs(tokens, vocabulary, flags, offsets, outlets, jobs)
    if not len(runs.starts):
        return marked
    covered = np.zeros(len(tokens), bool)
    _cover(tokens, flags, offsets, *runs, covered)
    rows = np.concatenate([np.arange(start, end) for start, end in zip(runs.starts, runs.ends, strict=True)])
    wanted = np.unique(runs.docs[rows])
    wanted = wanted[np.argsort(outlets[wanted], kind="stable")]
    row_of = np.full(len(outlets), -1, np.int64)
    row_of[wanted] = np.arange(len(wanted))
    bounds = _bounds(outlets[wanted])
    sizes = np.bincount(outlets + 1)[outlets[wanted[bounds[:-1]]] + 1]
    topics = np.zeros((len(wanted), _SLOTS), np.uint32)

    def describe(sources: NDArray[np.int64]) -> None:
        ends = bounds[sources[0] : sources[-1] + 2]
        words = (tokens, vocabulary, flags, covered, offsets, background.word_tags, background.word_idf)
        _topics(wanted, ends, sizes[sources], *words, topics)

    in_threads(describe, [part for part in np.array_split(np.arange(len(sizes)), 4 * jobs) if len(part)], jobs)
    needed = _needed(runs, outlets)
    _mark(tokens, flags, offsets, *runs, topics, row_of, needed, marked)
    return marked


def _needed(runs: _Runs, outlets: NDArray[np.int64]) -> NDArray[np.int64]:
    """The number of articles without a topic in common that each run must stand in, int64[G]."""
    sizes = np.bincount(outlets + 1)
    owners = outlets[runs.docs[runs.starts]]
    large = runs.ends - runs.starts >= _GOOD_PART * sizes[owners + 1]
    needed = np.where(large, _MIN_STORIES_SMALL, _MIN_STORIES)
    return np.where(owners < 0, 2 * needed, needed).astype(np.int64)


def _bounds(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where equal neighbours begin, and the end."""
    return np.concatenate([[0], np.flatnonzero(np.diff(groups)) + 1, [len(groups)]]).astype(np.int64)
