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
from dedup.quotes import quote_bounds, retold_quotes, shared_quotes
from dedup.similarity import (
    describe,
    gram_set,
    jaccard,
    match_sentences,
    rest_fit,
    sentence_bounds,
    term_overlap,
    translate,
)
from dedup.sketch import Sketches

__all__ = ["FEATURES", "HOUSE_COVERAGE", "Aligned", "align", "measure", "screen"]

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
    "same_outlet",
    "shared_numbers",
    "extent_a",
    "extent_b",
    "fit_a",
    "fit_b",
    "lead",
    "retold_quotes",
    "retold_mass",
    "retold_both",
    "listed_words",
)

#: Rarity, in nats, from which a chain of runs counts as a passage: two telling 3-grams, or twelve words.
MIN_PASSAGE_RARITY = 6.0
#: Words before a passage that still opens both texts: a leftover of furniture, a new first clause.
_LEAD = 25
#: Two pieces of one outlet that share less than this of either text share its stock paragraphs.
HOUSE_COVERAGE = 0.12
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
    seen = np.empty(0, np.int32)
    for p in range(len(pair_a)):
        i = pair_a[p]
        text_a = tokens[offsets[i] : offsets[i + 1]]
        if i != last:
            heads, _ = index_grams(text_a)
            seen = np.full(len(heads), -1, np.int32)
            last = i
        j = pair_b[p]
        out[p] = rare_overlap(text_a, heads, tokens[offsets[j] : offsets[j + 1]], gram_tags, gram_idf, seen, p)
    return out


@njit(cache=True, nogil=True)
def _quoted_share(flags, start, end):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    quoted = 0
    for at in range(start, end):
        quoted += (flags[at] & 8) != 0
    return quoted / max(1, end - start)


@njit(cache=True, nogil=True)
def _listed_share(flags, start, end):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Share of words that begin with a capital or hold a digit: nearly all of a line-up or a table of results."""
    listed = 0
    for at in range(start, end):
        listed += (flags[at] & 6) != 0
    return listed / max(1, end - start)


@njit(cache=True, nogil=True)
def _told_again(best, partner, mass, bounds, flags, other_bounds, other_flags):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """(sentences told again, those of them outside quotations, their share of the idf mass)."""
    told = 0
    plain = 0
    share = 0.0
    for s in range(len(best)):
        if best[s] >= _TOLD_AGAIN:
            told += 1
            share += mass[s]
            r = partner[s]
            if (
                _quoted_share(flags, bounds[s], bounds[s + 1]) < 0.5
                or _quoted_share(other_flags, other_bounds[r], other_bounds[r + 1]) < 0.5
            ):
                plain += 1
    return told, plain, share / max(1.0, mass.sum())


@njit(cache=True, nogil=True)
def _align_row(row, a, b, flags_a, flags_b, runs, spans, rarities):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Fill in what the alignment of a pair says."""
    i, j, length = runs
    for r in range(len(length)):
        row[5] = max(row[5], length[r])
        if length[r] > row[15] and (
            _quoted_share(flags_a, i[r], i[r] + length[r]) < 0.5 or _quoted_share(flags_b, j[r], j[r] + length[r]) < 0.5
        ):
            row[15] = length[r]
    row[10] = len(spans)
    for s in range(len(spans)):
        row[6] += spans[s, 4]
        row[26] += (spans[s, 1] - spans[s, 0]) / len(a)
        row[27] += (spans[s, 3] - spans[s, 2]) / len(b)
        row[11] = max(row[11], spans[s, 4])
        if spans[s, 0] <= _LEAD and spans[s, 2] <= _LEAD and spans[s, 4] >= 12:
            row[30] = 1
        share = min(_quoted_share(flags_a, spans[s, 0], spans[s, 1]), _quoted_share(flags_b, spans[s, 2], spans[s, 3]))
        row[12] += share * spans[s, 4]
        row[13] += (1.0 - share) * spans[s, 4]
        row[14] += (1.0 - share) * rarities[s]
        listed = min(_listed_share(flags_a, spans[s, 0], spans[s, 1]), _listed_share(flags_b, spans[s, 2], spans[s, 3]))
        row[34] += listed * spans[s, 4]
    row[20] = len(a)
    row[21] = len(b)


@njit(cache=True, nogil=True)
def _measure_block(pair_a, pair_b, overlap, docs, tokens, flags, offsets, outlets, tables, unseen, size, limits):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Feature rows, float32[P, F]; pair_a and pair_b index `docs`, which indexes the sketches.

    `limits` are the rarity of a passage, and the coverage below which two pieces of one outlet are left at their
    alignment.
    """
    word_tags, word_values, gram_tags, gram_idf = tables
    min_rarity, house_coverage = limits
    out = np.zeros((len(pair_a), len(FEATURES)), np.float32)
    alive = np.zeros(len(pair_a), np.bool_)
    wanted = np.zeros(len(docs), np.bool_)
    covers = [np.empty(0, np.uint8) for _ in range(0)]
    last = -1
    heads = np.empty(0, np.int32)
    following = np.empty(0, np.int32)
    for p in range(len(pair_a)):
        x = docs[pair_a[p]]
        y = docs[pair_b[p]]
        a = tokens[offsets[x] : offsets[x + 1]]
        b = tokens[offsets[y] : offsets[y + 1]]
        flags_a = flags[offsets[x] : offsets[x + 1]]
        flags_b = flags[offsets[y] : offsets[y + 1]]
        if x != last:
            heads, following = index_grams(a)
            last = x
        i, j, length, weight = find_runs(a, heads, following, b, gram_tags, gram_idf)
        spans, rarities, covered_a, covered_b = chain_runs(i, j, length, weight, min_rarity, len(a), len(b))
        row = out[p]
        _align_row(row, a, b, flags_a, flags_b, (i, j, length), spans, rarities)
        row[1] = covered_a.sum() / max(1, len(a))
        row[2] = covered_b.sum() / max(1, len(b))
        row[4] = overlap[p]
        row[24] = outlets[x] >= 0 and outlets[x] == outlets[y]
        if not (row[24] and max(row[1], row[2]) < house_coverage):
            alive[p] = True
            wanted[pair_a[p]] = True
            wanted[pair_b[p]] = True
            covers.append(covered_a)
            covers.append(covered_b)
    ends = [offsets[docs[k] + 1] if wanted[k] else offsets[docs[k]] for k in range(len(docs))]
    spans_of = [(offsets[docs[k]], ends[k]) for k in range(len(docs))]
    texts = [describe(tokens[s:e], flags[s:e], word_tags, word_values, unseen) for s, e in spans_of]
    bounds = [sentence_bounds(flags[s:e]) for s, e in spans_of]
    quotes = [quote_bounds(flags[s:e]) for s, e in spans_of]
    shingles_a = np.empty(0, np.uint64)
    count_a = 0
    last = -1
    n = 0
    for p in range(len(pair_a)):
        if not alive[p]:
            continue
        x = pair_a[p]
        y = pair_b[p]
        row = out[p]
        a = tokens[spans_of[x][0] : spans_of[x][1]]
        b = tokens[spans_of[y][0] : spans_of[y][1]]
        flags_a = flags[spans_of[x][0] : spans_of[x][1]]
        flags_b = flags[spans_of[y][0] : spans_of[y][1]]
        if row[5] >= size or min(len(a), len(b)) < size:
            if x != last:
                shingles_a, count_a = gram_set(a, size)
                last = x
            shingles_b, count_b = gram_set(b, size)
            row[0] = jaccard(shingles_a, count_a, shingles_b, count_b)
        term_a, slots_a, first_a, idf_a, weight_a, name_a = texts[x]
        term_b, _, first_b, idf_b, weight_b, name_b = texts[y]
        in_a = translate(a, slots_a, first_a, b, first_b)
        row[3], row[9], row[25] = term_overlap(weight_a, idf_a, name_a, weight_b, idf_b, name_b, in_a)
        row[7], row[8], row[23] = shared_quotes(term_a, idf_a, quotes[x], term_b, idf_b, quotes[y], in_a)
        row[31], row[32], row[33] = retold_quotes(
            (term_a, idf_a, name_a), quotes[x], bounds[x], (term_b, idf_b, name_b), quotes[y], bounds[y], in_a
        )
        row[22], row[28], row[29] = rest_fit(term_a, idf_a, covers[n], term_b, idf_b, covers[n + 1], in_a)
        n += 2
        best_a, partner_a, mass_a, best_b, partner_b, mass_b = match_sentences(
            term_a, idf_a, bounds[x], term_b, idf_b, bounds[y], in_a
        )
        told_a, plain_a, row[16] = _told_again(best_a, partner_a, mass_a, bounds[x], flags_a, bounds[y], flags_b)
        told_b, plain_b, row[17] = _told_again(best_b, partner_b, mass_b, bounds[y], flags_b, bounds[x], flags_a)
        row[18] = min(told_a, told_b)
        row[19] = min(plain_a, plain_b)
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
    outlets: NDArray[np.int64],
    shingle_size: int = 5,
    house_coverage: float = 0.0,
    overlap: NDArray[np.float32] | None = None,
    jobs: int = 1,
    track: Callable[[int], None] = _ignore,
) -> NDArray[np.float32]:
    """One row of FEATURES for each pair, float32[P, F]; pairs best sorted by a.

    Args:
        outlets: int64[N], the number of each article's outlet, -1 when unknown.
        house_coverage: two pieces of one outlet that share less of either text are left at what the alignment says of
            them; they are no copies (HOUSE_COVERAGE), and an outlet that repeats itself makes very many.
        overlap: what `screen` said of the pairs, where it was asked.
    """
    known = screen(sketches, a, b, background, jobs) if overlap is None else overlap
    tables = (background.word_tags, background.word_idf, background.gram_tags, background.gram_idf)

    def work(block: slice) -> NDArray[np.float32]:
        docs, places = np.unique(np.concatenate([a[block], b[block]]), return_inverse=True)
        half = len(places) // 2
        part: NDArray[np.float32] = _measure_block(
            places[:half],
            places[half:],
            known[block],
            docs,
            sketches.tokens,
            sketches.flags,
            sketches.offsets,
            outlets,
            tables,
            background.unseen_idf,
            shingle_size,
            (MIN_PASSAGE_RARITY, house_coverage),
        )
        return part

    parts = _in_threads(work, len(a), 512, jobs, track)
    return np.concatenate([np.empty((0, len(FEATURES)), np.float32), *parts])


@njit(cache=True, nogil=True)
def _align_block(pair_a, pair_b, tokens, flags, offsets, gram_tags, gram_idf, min_rarity):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    spans = np.empty((256, 5), np.int32)
    rarity = np.empty(256, np.float32)
    quoted = np.empty(256, np.bool_)
    ends = np.empty(len(pair_a), np.int64)
    n = 0
    last = -1
    heads = np.empty(0, np.int32)
    following = np.empty(0, np.int32)
    for p in range(len(pair_a)):
        x = pair_a[p]
        y = pair_b[p]
        a = tokens[offsets[x] : offsets[x + 1]]
        b = tokens[offsets[y] : offsets[y + 1]]
        if x != last:
            heads, following = index_grams(a)
            last = x
        i, j, length, weight = find_runs(a, heads, following, b, gram_tags, gram_idf)
        found, rarities, _, _ = chain_runs(i, j, length, weight, min_rarity, len(a), len(b))
        if n + len(found) > len(rarity):
            room = 2 * (n + len(found))
            spans = np.concatenate((spans, np.empty((room, 5), np.int32)))
            rarity = np.concatenate((rarity, np.empty(room, np.float32)))
            quoted = np.concatenate((quoted, np.empty(room, np.bool_)))
        for s in range(len(found)):
            spans[n] = found[s]
            rarity[n] = rarities[s]
            quoted[n] = (
                _quoted_share(flags[offsets[x] : offsets[x + 1]], found[s, 0], found[s, 1]) >= 0.5
                and _quoted_share(flags[offsets[y] : offsets[y + 1]], found[s, 2], found[s, 3]) >= 0.5
            )
            n += 1
        ends[p] = n
    return spans[:n], rarity[:n], quoted[:n], ends


def align(sketches: Sketches, a: NDArray[np.int32], b: NDArray[np.int32], background: Background) -> list[Aligned]:
    """The passages of each pair, heaviest first."""
    spans, rarity, quoted, ends = _align_block(
        a,
        b,
        sketches.tokens,
        sketches.flags,
        sketches.offsets,
        background.gram_tags,
        background.gram_idf,
        MIN_PASSAGE_RARITY,
    )
    starts = np.concatenate([[0], ends[:-1]])
    return [Aligned(spans[s:e], rarity[s:e], quoted[s:e]) for s, e in zip(starts, ends, strict=True)]
