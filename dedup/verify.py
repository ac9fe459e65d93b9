"""Verification: every candidate is measured exactly, on the words themselves, before anything is said about it.

Two steps. `screen` gives each pair an upper view of what it can become, the rarity-weighted overlap of its word
3-grams, in microseconds; most candidates end there. `measure` aligns the rest and gives one row of features a pair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dedup.align import chain_runs, find_runs, index_grams, rare_overlap
from dedup.background import Background
from dedup.quotes import quote_bounds, shared_quotes
from dedup.similarity import jaccard, sentence_bounds, sentence_overlap, shingle_set, sorted_dot, term_vector, word_idf
from dedup.sketch import Sketches

__all__ = ["FEATURES", "Aligned", "align_pair", "measure", "screen"]

#: Columns of the feature rows, in order.
FEATURES = (
    "jaccard",
    "coverage_a",
    "coverage_b",
    "cosine",
    "rare_overlap",
    "longest_run",
    "shared_words",
    "shared_quotes",
    "best_quote",
    "shared_names",
    "passages",
    "longest_passage",
    "quoted_words",
    "plain_words",
    "plain_rarity",
    "longest_plain_run",
    "sentences_a",
    "sentences_b",
    "sentence_count",
    "plain_sentence_count",
    "words_a",
    "words_b",
    "rest_cosine",
    "quote_mass",
)

#: Rarity, in nats, from which a chain of runs counts as a passage: two telling 3-grams, or twelve words.
MIN_PASSAGE_RARITY = 6.0
#: Cosine from which a sentence counts as told again.
_TOLD_AGAIN = 0.5


@dataclass(frozen=True, slots=True)
class Aligned:
    """The passages of one pair, in tokens of the two sketches."""

    spans: NDArray[np.int32]
    """int32[P, 5]: a start, a end, b start, b end, equal words; heaviest first."""
    rarity: NDArray[np.float32]
    quoted: NDArray[np.bool_]


@njit(cache=True, nogil=True)
def _screen(pair_a, pair_b, tokens, offsets, gram_tags, gram_idf):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    out = np.empty(len(pair_a), np.float32)
    last = -1
    heads = np.empty(0, np.int32)
    seen = np.empty(0, np.uint8)
    for p in range(len(pair_a)):
        i = pair_a[p]
        text_a = tokens[offsets[i] : offsets[i + 1]]
        if i != last:
            heads, _ = index_grams(text_a)
            seen = np.zeros(len(heads), np.uint8)
            last = i
        j = pair_b[p]
        out[p] = rare_overlap(text_a, heads, tokens[offsets[j] : offsets[j + 1]], gram_tags, gram_idf, seen)
    return out


@njit(cache=True, nogil=True)
def _quoted_share(flags, start, end):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    quoted = 0
    for at in range(start, end):
        quoted += (flags[at] & 8) != 0
    return quoted / max(1, end - start)


@njit(cache=True, nogil=True)
def _measure_block(pair_a, pair_b, docs, tokens, flags, offsets, tables, unseen, size, min_rarity):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Feature rows, float32[P, F]; pair_a and pair_b index `docs`, which indexes the sketches."""
    word_tags, word_values, gram_tags, gram_idf = tables
    idf = [word_idf(tokens[offsets[d] : offsets[d + 1]], word_tags, word_values, unseen) for d in docs]
    vectors = [
        term_vector(tokens[offsets[docs[k]] : offsets[docs[k] + 1]], flags[offsets[docs[k]] : offsets[docs[k] + 1]], idf[k])
        for k in range(len(docs))
    ]
    shingles = [shingle_set(tokens[offsets[d] : offsets[d + 1]], size) for d in docs]
    bounds = [sentence_bounds(flags[offsets[d] : offsets[d + 1]]) for d in docs]
    quotes = [quote_bounds(flags[offsets[d] : offsets[d + 1]]) for d in docs]
    out = np.zeros((len(pair_a), 24), np.float32)
    last = -1
    heads = np.empty(0, np.int32)
    following = np.empty(0, np.int32)
    for p in range(len(pair_a)):
        x = pair_a[p]
        y = pair_b[p]
        a = tokens[offsets[docs[x]] : offsets[docs[x] + 1]]
        b = tokens[offsets[docs[y]] : offsets[docs[y] + 1]]
        flags_a = flags[offsets[docs[x]] : offsets[docs[x] + 1]]
        flags_b = flags[offsets[docs[y]] : offsets[docs[y] + 1]]
        if x != last:
            heads, following = index_grams(a)
            last = x
        i, j, length, weight = find_runs(a, heads, following, b, gram_tags, gram_idf)
        spans, rarities, covered_a, covered_b = chain_runs(i, j, length, weight, min_rarity, len(a), len(b))
        row = out[p]
        row[0] = jaccard(shingles[x], shingles[y])
        row[1] = covered_a.sum() / max(1, len(a))
        row[2] = covered_b.sum() / max(1, len(b))
        terms_a, weights_a, idf_a, names_a = vectors[x]
        terms_b, weights_b, idf_b, names_b = vectors[y]
        row[3], row[9] = sorted_dot(terms_a, weights_a, idf_a, names_a, terms_b, weights_b, idf_b, names_b)
        row[4] = rare_overlap(a, heads, b, gram_tags, gram_idf, np.zeros(len(heads), np.uint8))
        for r in range(len(length)):
            row[5] = max(row[5], length[r])
            if _quoted_share(flags_a, i[r], i[r] + length[r]) < 0.5 or _quoted_share(flags_b, j[r], j[r] + length[r]) < 0.5:
                row[15] = max(row[15], length[r])
        row[10] = len(spans)
        for s in range(len(spans)):
            row[6] += spans[s, 4]
            row[11] = max(row[11], spans[s, 4])
            share = min(
                _quoted_share(flags_a, spans[s, 0], spans[s, 1]), _quoted_share(flags_b, spans[s, 2], spans[s, 3])
            )
            row[12] += share * spans[s, 4]
            row[13] += (1.0 - share) * spans[s, 4]
            row[14] += (1.0 - share) * rarities[s]
        row[7], row[8], row[23] = shared_quotes(a, idf[x], quotes[x], b, idf[y], quotes[y])
        best, partner, mass = sentence_overlap(a, idf[x], bounds[x], b, idf[y], bounds[y])
        for s in range(len(best)):
            if best[s] >= _TOLD_AGAIN:
                row[17] += mass[s]
                row[18] += 1
                r = partner[s]
                if (
                    _quoted_share(flags_b, bounds[y][s], bounds[y][s + 1]) < 0.5
                    or _quoted_share(flags_a, bounds[x][r], bounds[x][r + 1]) < 0.5
                ):
                    row[19] += 1
        row[17] /= max(1.0, mass.sum())
        best, partner, mass = sentence_overlap(b, idf[y], bounds[y], a, idf[x], bounds[x])
        for s in range(len(best)):
            if best[s] >= _TOLD_AGAIN:
                row[16] += mass[s]
        row[16] /= max(1.0, mass.sum())
        row[20] = len(a)
        row[21] = len(b)
        rest_a = covered_a == 0
        rest_b = covered_b == 0
        terms_a, weights_a, idf_a, names_a = term_vector(a[rest_a], flags_a[rest_a], idf[x][rest_a])
        terms_b, weights_b, idf_b, names_b = term_vector(b[rest_b], flags_b[rest_b], idf[y][rest_b])
        row[22], _ = sorted_dot(terms_a, weights_a, idf_a, names_a, terms_b, weights_b, idf_b, names_b)
    return out


def _blocks(count: int, size: int) -> Iterable[slice]:
    return (slice(start, min(count, start + size)) for start in range(0, count, size))


def _in_threads(
    work: Callable[[slice], NDArray[np.float32]], count: int, size: int, jobs: int, track: Callable[[int], None]
) -> list[NDArray[np.float32]]:
    """The results for all blocks, in order; the kernels release the interpreter lock."""
    parts = []
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        for block, part in zip(_blocks(count, size), pool.map(work, _blocks(count, size)), strict=True):
            parts.append(part)
            track(block.stop - block.start)
    return parts


def _ignore(_: int) -> None:
    pass


def screen(
    sketches: Sketches,
    a: NDArray[np.int32],
    b: NDArray[np.int32],
    background: Background,
    jobs: int = 1,
    track: Callable[[int], None] = _ignore,
) -> NDArray[np.float32]:
    """The rarity-weighted overlap of word 3-grams of each pair, float32[P], in nats; pairs best sorted by a."""

    def work(block: slice) -> NDArray[np.float32]:
        part: NDArray[np.float32] = _screen(
            a[block], b[block], sketches.tokens, sketches.offsets, background.gram_tags, background.gram_idf
        )
        return part

    return np.concatenate([np.empty(0, np.float32), *_in_threads(work, len(a), 8192, jobs, track)])


def measure(
    sketches: Sketches,
    a: NDArray[np.int32],
    b: NDArray[np.int32],
    background: Background,
    shingle_size: int = 5,
    jobs: int = 1,
    track: Callable[[int], None] = _ignore,
) -> NDArray[np.float32]:
    """One row of FEATURES for each pair, float32[P, F]."""
    tables = (background.word_tags, background.word_idf, background.gram_tags, background.gram_idf)

    def work(block: slice) -> NDArray[np.float32]:
        docs, places = np.unique(np.concatenate([a[block], b[block]]), return_inverse=True)
        half = len(places) // 2
        part: NDArray[np.float32] = _measure_block(
            places[:half],
            places[half:],
            docs,
            sketches.tokens,
            sketches.flags,
            sketches.offsets,
            tables,
            background.unseen_idf,
            shingle_size,
            MIN_PASSAGE_RARITY,
        )
        return part

    parts = _in_threads(work, len(a), 512, jobs, track)
    return np.concatenate([np.empty((0, len(FEATURES)), np.float32), *parts])


def align_pair(sketches: Sketches, a: int, b: int, background: Background) -> Aligned:
    """The passages of one pair, heaviest first."""
    first = slice(int(sketches.offsets[a]), int(sketches.offsets[a + 1]))
    second = slice(int(sketches.offsets[b]), int(sketches.offsets[b + 1]))
    tokens_a, tokens_b = sketches.tokens[first], sketches.tokens[second]
    heads, following = index_grams(tokens_a)
    runs = find_runs(tokens_a, heads, following, tokens_b, background.gram_tags, background.gram_idf)
    spans, rarity, _, _ = chain_runs(*runs, MIN_PASSAGE_RARITY, len(tokens_a), len(tokens_b))
    flags_a, flags_b = sketches.flags[first], sketches.flags[second]
    quoted = [
        _quoted_share(flags_a, s[0], s[1]) >= 0.5 and _quoted_share(flags_b, s[2], s[3]) >= 0.5 for s in spans
    ]
    return Aligned(spans, rarity, np.array(quoted, bool))
