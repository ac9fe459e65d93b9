"""Verification: every candidate is measured exactly, on the words themselves, before anything is said about it.

In two halves. The first aligns two texts and looks for their words and quotations in each other, in some tens of
microseconds; for most candidates that settles that they are no copies. The second, dearer still, compares sentences
and what is left beside the passages, and is only done where the caller still wants to know.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dedup.align import chain_runs, find_runs, index_grams
from dedup.background import Background
from dedup.quotes import WORDING, quote_bounds, shared_quotes, statements, told_anew, wording_in
from dedup.similarity import (
    describe,
    forget,
    gram_set,
    index_spans,
    inverted,
    jaccard,
    masses,
    match_sentences,
    rest_fit,
    sentence_bounds,
    spans_of,
    term_overlap,
    translate,
)
from dedup.sketch import Sketches
from dedup.threads import in_threads
from dedup.words import word_idf

__all__ = ["FEATURES", "HOUSE_COVERAGE", "LATER", "Aligned", "align", "measure"]

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
    "longest_passage",
    "quoted_words",
    "plain_words",
    "plain_rarity",
    "sentences_a",
    "sentences_b",
    "words_a",
    "words_b",
    "rest_cosine",
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
#: The columns of the second half. After the first, `jaccard` holds what it can be at most, the others nothing.
LATER = ("jaccard", "sentences_a", "sentences_b", "rest_cosine", "fit_a", "fit_b")

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
def _share(flags, start, end, wanted):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Share of the words that have one of the `wanted` flags."""
    n = 0
    for at in range(start, end):
        n += (flags[at] & wanted) != 0
    return n / max(1, end - start)


@njit(cache=True, nogil=True)
def _told_again(best, mass):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Share of the idf mass that stands in sentences told again."""
    share = 0.0
    for s in range(len(best)):
        if best[s] >= _TOLD_AGAIN:
            share += mass[s]
    return share / max(1.0, mass.sum())


@njit(cache=True, nogil=True, inline="always")
def _in_runs(flags_a, flags_b, size):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Whether all that the Jaccard counts as common stands in runs: not single words, nor whole short texts."""
    return size >= 3 and min(len(flags_a), len(flags_b)) >= size


@njit(cache=True, nogil=True)
def _align_row(row, flags_a, flags_b, runs, spans, rarities, size, grams_a):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Fill in what the alignment of a pair says; `grams_a` is how many distinct 3-grams a has."""
    quoted, listed = 8, 6  # listed: begins with a capital or holds a digit, as nearly all of a line-up does
    _, j, length = runs
    common = 0
    reached = 0
    for r in range(len(length)):
        row[5] = max(row[5], length[r])
        if length[r] >= size:
            end = j[r] + length[r] - size + 1
            common += max(0, end - max(j[r], reached))
            reached = max(reached, end)
    # Each distinct 3-gram of a but the last ones begins a distinct longer one, and those are part of the union.
    row[0] = min(1.0, common / max(1, grams_a - size + 3))
    if not _in_runs(flags_a, flags_b, size):
        row[0] = 1.0
    for s in range(len(spans)):
        a, a_end, b, b_end, words = spans[s]
        row[6] += words
        row[21] += (a_end - a) / len(flags_a)
        row[22] += (b_end - b) / len(flags_b)
        row[10] = max(row[10], words)
        if a <= _LEAD and b <= _LEAD and words >= 12:
            row[25] = 1
        share = min(_share(flags_a, a, a_end, quoted), _share(flags_b, b, b_end, quoted))
        row[11] += share * words
        row[12] += (1.0 - share) * words
        row[13] += (1.0 - share) * rarities[s]
        row[29] += min(_share(flags_a, a, a_end, listed), _share(flags_b, b, b_end, listed)) * words
    row[16] = len(flags_a)
    row[17] = len(flags_b)


@njit(cache=True, nogil=True)
def _quotations(term, idf, flags):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """What the comparison of quotations needs of one text: (quotations, their masses, statements, its sentences)."""
    quotes = quote_bounds(flags)
    return quotes, masses(term, idf, quotes), statements(quotes), spans_of(sentence_bounds(flags))


@njit(cache=True, nogil=True)
def _measure_block(pair_a, pair_b, texts, idf_of, outlets, grams, size, limits):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The first half of some pairs' measures.

    `limits` are the rarity of a passage, and the coverage below which two pieces of one outlet are left at their
    alignment.

    Returns:
        (feature rows float32[P, F] without the columns LATER; the runs that make the passages, int32[R, 3]: place in
        a, place in b, words; the end of each pair's runs, int64[P])
    """
    tokens, flags, offsets = texts
    min_rarity, house_coverage = limits
    out = np.zeros((len(pair_a), len(FEATURES)), np.float32)
    copied = np.empty((16 * len(pair_a) + 16, 3), np.int32)
    ends = np.zeros(len(pair_a), np.int64)
    n = 0
    place_a = np.full(len(idf_of), -1, np.int32)
    place_b = np.full(len(idf_of), -1, np.int32)
    nothing = np.empty((0, 2), np.int32)
    index = index_grams(tokens[:0])
    grams_a = 0
    described_a = tokens[:0]
    term_a, first_a, idf_a, weight_a, name_a = describe(described_a, flags[:0], idf_of, place_a)
    quotes_a, mass_a, said_a, sentences_a = _quotations(term_a, idf_a, flags[:0])
    quoted_a = index_spans(term_a, idf_a > 0, nothing)
    told_a = index_spans(term_a, idf_a >= WORDING, nothing)
    last = -1
    described = -1
    for p in range(len(pair_a)):
        x = pair_a[p]
        y = pair_b[p]
        a = tokens[offsets[x] : offsets[x + 1]]
        b = tokens[offsets[y] : offsets[y + 1]]
        flags_a = flags[offsets[x] : offsets[x + 1]]
        flags_b = flags[offsets[y] : offsets[y + 1]]
        row = out[p]
        if x != last:
            index = index_grams(a)
            grams_a = (index[0] >= 0).sum()
            last = x
        i, j, length, weight, row[4] = find_runs(a, index, b, *grams)
        spans, rarities, covered_a, covered_b, chosen = chain_runs(i, j, length, weight, min_rarity, len(a), len(b))
        if n + len(chosen) > len(copied):
            copied = np.concatenate((copied, np.empty((n + len(chosen), 3), np.int32)))
        for k in chosen:
            copied[n, 0] = i[k]
            copied[n, 1] = j[k]
            copied[n, 2] = length[k]
            n += 1
        ends[p] = n
        _align_row(row, flags_a, flags_b, (i, j, length), spans, rarities, size, grams_a)
        row[1] = covered_a.sum() / max(1, len(a))
        row[2] = covered_b.sum() / max(1, len(b))
        row[19] = outlets[x] >= 0 and outlets[x] == outlets[y]
        if row[19] and max(row[1], row[2]) < house_coverage:
            continue
        if x != described:
            forget(described_a, first_a, place_a)
            described_a = a
            term_a, first_a, idf_a, weight_a, name_a = describe(a, flags_a, idf_of, place_a)
            quotes_a, mass_a, said_a, sentences_a = _quotations(term_a, idf_a, flags_a)
            quoted_a = index_spans(term_a, idf_a > 0, quotes_a)
            told_a = index_spans(term_a, idf_a >= WORDING, sentences_a)
            described = x
        term_b, first_b, idf_b, weight_b, name_b = describe(b, flags_b, idf_of, place_b)
        in_a = translate(place_a, b, first_b)
        forget(b, first_b, place_b)
        row[3], row[9], row[20] = term_overlap(weight_a, idf_a, name_a, weight_b, idf_b, name_b, in_a)
        quotes_b, mass_b, said_b, sentences_b = _quotations(term_b, idf_b, flags_b)
        if len(quotes_a) and len(quotes_b):
            row[7], row[8] = shared_quotes(quoted_a, mass_a, term_b, idf_b, quotes_b, mass_b, in_a)
        if len(quotes_a):
            in_b = inverted(in_a, len(idf_a))
            told_b = index_spans(term_b, wording_in(term_a, idf_a, name_a, said_a, in_b, len(idf_b)), sentences_b)
            row[26], row[27] = told_anew(term_a, idf_a, name_a, said_a, told_b, len(sentences_b), in_b)
        if len(quotes_b):
            count, mass = told_anew(term_b, idf_b, name_b, said_b, told_a, len(sentences_a), in_a)
            row[26] = max(row[26], count)
            row[28] = min(row[27], mass)
            row[27] = max(row[27], mass)
    return out, copied[:n], ends


@njit(cache=True, nogil=True)
def _covered(words, runs, side):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Which words of a text its passages copy, bool[words]."""
    out = np.zeros(words, np.bool_)
    for r in range(len(runs)):
        for at in range(runs[r, side], runs[r, side] + runs[r, 2]):
            out[at] = True
    return out


@njit(cache=True, nogil=True)
def _complete_block(pair_a, pair_b, wanted, texts, idf_of, size, copied, ends, out):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Fill in the columns LATER of the `wanted` pairs; the last three are as `_measure_block` gave them."""
    tokens, flags, offsets = texts
    place_a = np.full(len(idf_of), -1, np.int32)
    place_b = np.full(len(idf_of), -1, np.int32)
    set_a, grams_a = gram_set(tokens[:0], size)
    described_a = tokens[:0]
    term_a, first_a, idf_a, _, _ = describe(described_a, flags[:0], idf_of, place_a)
    last = -1
    for p in wanted:
        x = pair_a[p]
        y = pair_b[p]
        a = tokens[offsets[x] : offsets[x + 1]]
        b = tokens[offsets[y] : offsets[y + 1]]
        flags_a = flags[offsets[x] : offsets[x + 1]]
        flags_b = flags[offsets[y] : offsets[y + 1]]
        if x != last:
            set_a, grams_a = gram_set(a, size)
            forget(described_a, first_a, place_a)
            described_a = a
            term_a, first_a, idf_a, _, _ = describe(a, flags_a, idf_of, place_a)
            last = x
        row = out[p]
        row[0] = 0.0
        if row[5] >= size or not _in_runs(flags_a, flags_b, size):
            row[0] = jaccard(set_a, len(grams_a), gram_set(b, size)[1])
        runs = copied[ends[p - 1] if p else 0 : ends[p]]
        covered_a, covered_b = _covered(len(a), runs, 0), _covered(len(b), runs, 1)
        term_b, first_b, idf_b, _, _ = describe(b, flags_b, idf_of, place_b)
        in_a = translate(place_a, b, first_b)
        forget(b, first_b, place_b)
        row[18], row[23], row[24] = rest_fit(term_a, idf_a, covered_a, term_b, idf_b, covered_b, in_a)
        best_a, mass_a, best_b, mass_b = match_sentences(
            term_a, idf_a, sentence_bounds(flags_a), term_b, idf_b, sentence_bounds(flags_b), in_a
        )
        row[14] = _told_again(best_a, mass_a)
        row[15] = _told_again(best_b, mass_b)


def _ignore(_: int) -> None:
    pass


def _everything(_: slice, rows: NDArray[np.float32]) -> NDArray[np.bool_]:
    return np.ones(len(rows), bool)


def measure(
    sketches: Sketches,
    a: NDArray[np.int32],
    b: NDArray[np.int32],
    background: Background,
    outlets: NDArray[np.int64],
    shingle_size: int = 5,
    house_coverage: float = 0.0,
    wanted: Callable[[slice, NDArray[np.float32]], NDArray[np.bool_]] = _everything,
    jobs: int = 1,
    track: Callable[[int], None] = _ignore,
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """One row of FEATURES for each pair, float32[P, F], and which of them are complete, bool[P]; best sorted by a.

    Args:
        outlets: int64[N], the number of each article's outlet, -1 when unknown.
        house_coverage: two pieces of one outlet that share less of either text are left at what the alignment says of
            them; they are no copies (HOUSE_COVERAGE), and an outlet that repeats itself makes very many.
        wanted: says, for a stretch of the pairs and by their rows without the columns LATER, which of them are to be
            measured in full; asked in several threads.
    """
    texts = (sketches.tokens, sketches.flags, sketches.offsets)
    idf = word_idf(sketches.vocabulary, background)
    grams = (sketches.vocabulary, background.gram_tags, background.gram_idf)
    limits = (MIN_PASSAGE_RARITY, np.float32(house_coverage))

    def work(block: slice) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        some = a[block], b[block]
        rows, copied, ends = _measure_block(*some, texts, idf, outlets, grams, shingle_size, limits)
        full = wanted(block, rows)
        _complete_block(*some, np.flatnonzero(full), texts, idf, shingle_size, copied, ends, rows)
        return rows, full

    blocks = [slice(start, min(len(a), start + _BLOCK)) for start in range(0, len(a), _BLOCK)]
    parts = in_threads(work, blocks, jobs, lambda block: track(block.stop - block.start))
    if not parts:
        return np.empty((0, len(FEATURES)), np.float32), np.empty(0, bool)
    rows, full = zip(*parts, strict=True)
    return np.concatenate(rows), np.concatenate(full)


#: Pairs that one thread measures at a time.
_BLOCK = 1024


@njit(cache=True, nogil=True)
def _align_block(pair_a, pair_b, tokens, flags, offsets, grams, min_rarity):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    spans = np.empty((256, 5), np.int32)
    rarity = np.empty(256, np.float32)
    quoted = np.empty(256, np.bool_)
    ends = np.empty(len(pair_a), np.int64)
    n = 0
    last = -1
    index = index_grams(tokens[:0])
    for p in range(len(pair_a)):
        x = pair_a[p]
        y = pair_b[p]
        a = tokens[offsets[x] : offsets[x + 1]]
        b = tokens[offsets[y] : offsets[y + 1]]
        if x != last:
            index = index_grams(a)
            last = x
        i, j, length, weight, _ = find_runs(a, index, b, *grams)
        found, rarities, _, _, _ = chain_runs(i, j, length, weight, min_rarity, len(a), len(b))
        if n + len(found) > len(rarity):
            room = 2 * (n + len(found))
            spans = np.concatenate((spans, np.empty((room, 5), np.int32)))
            rarity = np.concatenate((rarity, np.empty(room, np.float32)))
            quoted = np.concatenate((quoted, np.empty(room, np.bool_)))
        for s in range(len(found)):
            spans[n] = found[s]
            rarity[n] = rarities[s]
            quoted[n] = (
                _share(flags[offsets[x] : offsets[x + 1]], found[s, 0], found[s, 1], 8) >= 0.5
                and _share(flags[offsets[y] : offsets[y + 1]], found[s, 2], found[s, 3], 8) >= 0.5
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
        (sketches.vocabulary, background.gram_tags, background.gram_idf),
        MIN_PASSAGE_RARITY,
    )
    starts = np.concatenate([[0], ends[:-1]])
    return [Aligned(spans[s:e], rarity[s:e], quoted[s:e]) for s, e in zip(starts, ends, strict=True)]
