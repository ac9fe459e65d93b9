"""The signals in order: near-duplicates are gathered into groups first, so that a story in forty outlets counts once.

Groups only bound the work and are never reported. Phrases and quotations that few groups hold make pairs of groups; a
run of eight words makes pairs of articles, in any number of groups.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from dedup.background import Background
from dedup.candidates.grams import MAX_RANKS, Postings, run_pairs
from dedup.candidates.pairs import (
    ALL_PAIRS,
    QUOTE,
    Candidates,
    components,
    distinct,
    equal_pairs,
    expand,
    merge,
    unpack,
)
from dedup.candidates.phrases import Shelf, overlap_bounds, phrase_pairs, shared_phrases
from dedup.candidates.retold import retold_pairs
from dedup.config import CandidateConfig
from dedup.errors import DedupError
from dedup.minhash import band_keys
from dedup.sketch import Sketches

__all__ = ["propose"]

#: What the rare phrases of a pair must weigh in all, in nats: three of them as rare as they come, or four others.
_MIN_RARITY = 8.0
#: A run that more articles of one outlet hold is its furniture: stock paragraphs, names with their headlines.
_HOUSE_LIMIT = 4
#: Share of equal signature slots from which a pair is proposed ...
_SIGNATURE_ESTIMATE = 0.15
#: ... and from which two articles count as one for the frequency of phrases.
_GROUP_ESTIMATE = 0.6
#: Pairs that are held to the bound at a time.
_PART = 1 << 20
#: Signals whose pairs are not held to the bound on common 3-grams: body, title, quote.
_EXEMPT = 1 | 8 | QUOTE


@njit(cache=True, nogil=True)
def _estimates(pairs, signatures):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Share of equal signature slots of each packed pair, float32."""
    out = np.empty(len(pairs), np.float32)
    for p in range(len(pairs)):
        a = pairs[p] >> np.uint64(32)
        b = pairs[p] & np.uint64(0xFFFFFFFF)
        equal = 0
        for k in range(signatures.shape[1]):
            equal += signatures[a, k] == signatures[b, k]
        out[p] = equal / signatures.shape[1]
    return out


def propose(
    sketches: Sketches,
    titles: NDArray[np.uint64],
    long_enough: NDArray[np.bool_],
    config: CandidateConfig,
    background: Background,
    days: ArrayLike | None = None,
    outlets: NDArray[np.int64] | None = None,
    least: NDArray[np.float64] | None = None,
    jobs: int = 1,
    memory: int = 8 << 30,
) -> Candidates:
    """The pairs worth verifying.

    Args:
        titles: uint64[N], a hash of each title, 0 without one; titles matter for articles too short to judge.
        long_enough: bool[N], False for articles that are compared by exact body and title only.
        days: float[N], publication time in days, NaN when unknown; needed with `config.window_days`.
        outlets: int64[N], the number of each article's outlet, -1 when unknown.
        least: float64[N], what a pair's common 3-grams must weigh, the smaller of its two articles' values; pairs
            that cannot reach it are dropped, unless their body, title or quotations propose them.
        memory: bytes to stay below where n-grams can be taken in rounds or kept on disk.
    """
    times = None if days is None else np.asarray(days, np.float64)
    body = equal_pairs(sketches.body_hashes[:, 0], np.flatnonzero(sketches.words > 0), times)
    title = equal_pairs(titles, np.flatnonzero((titles != 0) & ~long_enough), times)
    signature, estimate = _signature_pairs(sketches, np.flatnonzero(long_enough), config, times)
    near = np.concatenate([body, signature[estimate >= _GROUP_ESTIMATE]])
    groups: NDArray[np.int32] = components(len(sketches), near)
    if len(groups) > MAX_RANKS:
        raise DedupError(f"more than {MAX_RANKS:,} articles in one run; scan them in parts")
    order = np.argsort(groups, kind="stable").astype(np.int64)
    starts = np.searchsorted(groups[order], np.arange(groups.max(initial=-1) + 2)).astype(np.int64)
    judged = np.where(long_enough[order], order, -1)
    house = np.full(len(sketches), -1) if outlets is None else outlets
    by_date = np.arange(len(sketches)) if times is None else np.argsort(times, kind="stable").astype(np.int64)
    dated = np.where(long_enough[by_date], by_date, -1)
    with ThreadPoolExecutor(1) as pool:  # the kernels release the interpreter lock
        quotes = pool.submit(retold_pairs, sketches, judged, groups[order], config.max_frequency, background)
        eights = Postings(sketches, dated, config.run_words, jobs, memory)
        runs = run_pairs(eights, house[by_date], groups[by_date], _HOUSE_LIMIT, times is not None)
        shared = shared_phrases(Postings(sketches, judged, 3, jobs, memory), background, memory // 16)
        phrases = phrase_pairs(shared, groups[order], config.max_frequency, config.min_hits, _MIN_RARITY, jobs)
    crowded = np.flatnonzero(np.diff(starts) > 2).astype(np.uint64)
    signature = signature[estimate >= _SIGNATURE_ESTIMATE]
    if times is None:  # a window may part an article from the first of its group
        signature = _without_crowds(signature, groups, np.diff(starts))
    found = [
        *((1, body), (8, title), (2, signature)),
        (4, expand(phrases, starts, order, ALL_PAIRS * ALL_PAIRS // 4)),
        (16, expand((crowded << np.uint64(32)) | crowded, starts, order, ALL_PAIRS * ALL_PAIRS)),
        (32, _renumbered(runs, by_date)),
        (QUOTE, expand(quotes.result(), starts, order, ALL_PAIRS * ALL_PAIRS // 4)),
    ]
    proposed = merge(found).within(config.window_days, times)
    return proposed if least is None else _possible(proposed, shared, order, least, jobs)


def _signature_pairs(
    sketches: Sketches, judged: NDArray[np.int64], config: CandidateConfig, times: NDArray[np.float64] | None
) -> tuple[NDArray[np.uint64], NDArray[np.float32]]:
    """Packed pairs that share a band, sorted, and their shares of equal slots."""
    keys = band_keys(sketches.signatures, config.bands, config.rows)
    pairs = distinct(np.concatenate([equal_pairs(band, judged, times) for band in keys]))
    return pairs, _estimates(pairs, sketches.signatures)


def _without_crowds(
    pairs: NDArray[np.uint64], groups: NDArray[np.int32], sizes: NDArray[np.int64]
) -> NDArray[np.uint64]:
    """The packed pairs but those inside a large group, whose members are all paired with its first one."""
    a, b = unpack(pairs)
    apart: NDArray[np.bool_] = (groups[a] != groups[b]) | (sizes[groups[a]] <= ALL_PAIRS)
    return pairs[apart]


def _renumbered(pairs: NDArray[np.uint64], articles: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Packed pairs of ranks as packed pairs of articles."""
    a, b = (articles[side].astype(np.uint64) for side in unpack(pairs))
    renumbered: NDArray[np.uint64] = (np.minimum(a, b) << np.uint64(32)) | np.maximum(a, b)
    return renumbered


def _possible(
    pairs: Candidates, shared: Shelf, order: NDArray[np.int64], least: NDArray[np.float64], jobs: int
) -> Candidates:
    """The pairs whose 3-grams can weigh enough."""
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order))
    bound = overlap_bounds(shared, rank[pairs.a], rank[pairs.b], len(order), jobs)
    kept = pairs.found_by & _EXEMPT > 0
    for start in range(0, len(pairs), _PART):  # of millions of pairs nothing is held that need not be
        some = slice(start, start + _PART)
        kept[some] |= bound[some] >= np.minimum(least[pairs.a[some]], least[pairs.b[some]])
    return pairs.only(kept)
