"""Shared wording: all longest equal runs, and the passages they make."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dedup.align import chain_runs, find_runs, index_grams
from dedup.background import Background, rarity
from dedup.tokens import tokenise_one
from dedup.words import number_words

SMALL = st.lists(st.sampled_from([4, 8, 12]), max_size=24)

MILL = (
    "Engineers found cracks in two of the nine pillars of the Orlo mill bridge, and no bus will cross before the last "
    "weld has been tested by divers from Tarn."
)


def tokens(values: list[int]) -> NDArray[np.uint64]:
    return np.array(values, np.uint64)


def runs_of(a: NDArray[np.uint64], b: NDArray[np.uint64], background: Background) -> Any:
    """(runs as `chain_runs` takes them, overlap)"""
    words, vocabulary = number_words(np.concatenate([a, b]))
    first, second = words[: len(a)], words[len(a) :]
    table = vocabulary, background.gram_tags, background.gram_idf
    *runs, overlap = find_runs(first, index_grams(first), second, *table)
    return runs, overlap


def naive_runs(a: list[int], b: list[int]) -> list[tuple[int, int, int]]:
    """Every pair of places where an equal run of three or more begins and cannot begin earlier."""
    found = []
    for j in range(len(b)):
        for i in range(len(a)):
            if i and j and a[i - 1] == b[j - 1]:
                continue
            length = 0
            while i + length < len(a) and j + length < len(b) and a[i + length] == b[j + length]:
                length += 1
            if length >= 3:
                found.append((j, i, length))
    return sorted(found)


@settings(deadline=None, max_examples=300)
@given(SMALL, SMALL)
def test_runs_equal_those_of_the_definition(blank_background: Background, a: list[int], b: list[int]) -> None:
    (i, j, length, weight), _ = runs_of(tokens(a), tokens(b), blank_background)
    assert sorted(zip(j.tolist(), i.tolist(), length.tolist(), strict=True)) == naive_runs(a, b)
    assert weight.tolist() == [3.0 * (n - 2) for n in length]  # every 3-gram weighs the cap


def test_runs_come_in_the_order_of_the_second_text(blank_background: Background) -> None:
    (_, j, _, _), _ = runs_of(tokens([4, 8, 12, 16, 20, 24]), tokens([16, 20, 24, 4, 8, 12]), blank_background)
    assert j.tolist() == [0, 3]


@pytest.mark.parametrize(("a", "b"), [([], []), ([4, 8], [4, 8]), ([4, 8, 12], []), ([], [4, 8, 12])])
def test_texts_too_short_for_a_run_share_none(blank_background: Background, a: list[int], b: list[int]) -> None:
    (i, _, _, _), overlap = runs_of(tokens(a), tokens(b), blank_background)
    assert (len(i), overlap) == (0, 0.0)


#: Words of stock phrases and telling ones, so that 3-grams weigh nothing, something and the cap.
STOCK = ["the", "end", "of", "one", "as", "well", "it", "in", "said", "Tuesday", "was"]
WORDS = [*STOCK, "mill", "Orlo", "pillars", "река", "龘", "靐"]
TEXT = st.lists(st.sampled_from(WORDS), max_size=60)


@settings(deadline=None, max_examples=200)
@given(TEXT, TEXT)
def test_the_overlap_sums_the_rarity_of_distinct_common_three_grams(
    background: Background, a: list[str], b: list[str]
) -> None:
    def grams(words: list[str]) -> dict[tuple[int, ...], float]:
        hashes = tokenise_one(" ".join(words)).hashes
        places = np.arange(len(hashes))
        return {
            tuple(hashes[at : at + 3].tolist()): rarity(background.gram_tags, background.gram_idf, hashes, places, at)
            for at in range(len(hashes) - 2)
        }

    first, second = grams(a), grams(b)
    _, overlap = runs_of(*(tokenise_one(" ".join(words)).hashes for words in (a, b)), background)
    assert overlap == pytest.approx(sum(first[gram] for gram in first.keys() & second.keys()))


def test_a_three_gram_told_twice_on_either_side_counts_once(blank_background: Background) -> None:
    once, twice = tokens([4, 8, 12]), tokens([4, 8, 12, 16, 4, 8, 12])
    assert [runs_of(a, b, blank_background)[1] for a, b in ((once, twice), (twice, once), (twice, twice))] == [
        3.0,
        3.0,
        3.0 * 4,
    ]


def passages(a: str, b: str, background: Background) -> tuple[list[tuple[str, str, int]], int, int]:
    """(passages as text of a, text of b and equal words; words of a and of b that are covered)"""
    first, second = tokenise_one(a), tokenise_one(b)
    runs, _ = runs_of(first.hashes, second.hashes, background)
    spans, _, covered_a, covered_b, _ = chain_runs(*runs, 6.0, len(first.hashes), len(second.hashes))
    found = [
        (a[first.starts[s] : first.ends[e - 1]], b[second.starts[t] : second.ends[f - 1]], int(words))
        for s, e, t, f, words in spans
    ]
    return found, int(covered_a.sum()), int(covered_b.sum())


def test_a_passage_survives_one_changed_word(background: Background) -> None:
    edited = MILL.replace("last weld", "final weld")
    found, covered, _ = passages(f"Ferries are full. {MILL} He left.", f"It rains. {edited} She stayed.", background)
    assert [(a, b, n) for a, b, n in found] == [(MILL.rstrip("."), edited.rstrip("."), 29)]
    assert covered == 29


def test_passages_far_apart_stay_two(background: Background) -> None:
    other = "Fishermen of Lower Tarn sold eleven crates of silver herring to the lighthouse keeper on Monday."
    filler = " ".join(f"word{k}" for k in range(30))
    found, _, _ = passages(f"{MILL} {filler} {other}", f"{MILL} {filler[::-1]} {other}", background)
    assert [a for a, _, _ in found] == [MILL.rstrip("."), other.rstrip(".")]


def test_two_copies_of_a_paragraph_do_not_count_twice(background: Background) -> None:
    once, covered_once, _ = passages(MILL, MILL, background)
    found, covered_a, covered_b = passages(f"{MILL} {MILL}", MILL, background)
    words = len(re.findall(r"\w+", MILL))
    assert [n for _, _, n in once] == [words] == [covered_once]
    assert [n for _, _, n in found] == [words]
    assert covered_b == words
    assert covered_a == words


def test_a_stock_phrase_alone_is_no_passage(background: Background) -> None:
    found, covered, _ = passages(
        "Orlo mayor resigned at the end of the day", "Tarn ferries sank at the end of the day", background
    )
    assert (found, covered) == ([], 0)


@settings(deadline=None, max_examples=300)
@given(SMALL, SMALL)
def test_passages_begin_and_end_with_equal_words_and_count_only_those(
    blank_background: Background, a: list[int], b: list[int]
) -> None:
    runs, _ = runs_of(tokens(a), tokens(b), blank_background)
    spans, rarity, covered_a, covered_b, chosen = chain_runs(*runs, 6.0, len(a), len(b))
    assert len(spans) == len(rarity)
    for start_a, end_a, start_b, end_b, words in spans:
        assert 0 <= start_a < end_a <= len(a)
        assert 0 <= start_b < end_b <= len(b)
        assert (a[start_a], a[end_a - 1]) == (b[start_b], b[end_b - 1])
        assert 1 <= words <= min(end_a - start_a, end_b - start_b)
    assert spans[:, 4].sum() <= min(len(a), len(b))
    assert set(np.flatnonzero(covered_a)) <= {at for s in spans for at in range(s[0], s[1])}
    assert set(np.flatnonzero(covered_b)) <= {at for s in spans for at in range(s[2], s[3])}
    i, j, length, _ = (column[chosen] for column in runs)
    for covered, starts in ((covered_a, i), (covered_b, j)):
        assert set(np.flatnonzero(covered)) == {
            at for r, start in enumerate(starts) for at in range(start, start + length[r])
        }


def test_a_text_that_repeats_itself_without_end_does_not_stall(blank_background: Background) -> None:
    from dedup.align import MAX_RUNS

    drum = tokens([4, 8, 12] * 4000)
    runs, _ = runs_of(drum, drum, blank_background)
    assert len(runs[0]) <= MAX_RUNS
    spans, _, covered, _, _ = chain_runs(*runs, 6.0, len(drum), len(drum))
    assert covered.mean() == 1.0
    assert len(spans) >= 1
