"""Measures of a pair: their names, their bounds, and that the order of the two does not matter."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dedup.background import Background
from dedup.config import SketchConfig
from dedup.grade import COLUMNS
from dedup.sketch import Sketches, sketch
from dedup.tokens import tokenise
from dedup.verify import FEATURES, LATER, align, measure
from dedup.words import number_words

WIRE = (
    "PORT ELLERY - The harbour bridge of Port Ellery will stay closed until the end of May, the roads office said on "
    "Tuesday. Inspectors found cracks in two of its nine pillars. “We will not send a single bus across before the "
    "last weld is tested,” chief engineer Oda Brandvik told reporters. Some 14,000 people cross the bridge on a "
    "working day. Ferries will run every ten minutes instead, and tickets bought for the tram stay valid."
)
RETOLD = (
    "Commuters face two more months on the water. Port Ellery’s bridge is shut until June because of damaged pillars, "
    "officials confirmed. Oda Brandvik, who leads the repairs, put it plainly: “We will not send one bus across before "
    "the last weld has been tested.” On a working day 14,000 people cross the bridge. Brandvik added: “We will not "
    "send a single bus, not one single bus, across before the weld of the last pillar is tested.”"
)
ROUNDUP = (
    "Five things to know this morning. The harvest fair opens in Lower Tarn with a parade of tractors. Ferries will "
    "run every ten minutes instead, and tickets bought for the tram stay valid. And it will rain until the weekend."
)
OTHER = "A brass band from Upper Tarn won the autumn contest of the valley, beating eleven rivals with a slow waltz."
TEXTS = (
    WIRE,
    WIRE.replace("Tuesday", "Monday"),
    RETOLD,
    ROUNDUP,
    OTHER,
    WIRE + " " + OTHER,
    OTHER + " " + OTHER,
    "Rain.",
    "",
)
Rows = NDArray[np.float32]
OUTLETS = np.array([3, 3, -1, -1, -1, -1, -1, -1, -1], np.int64)
PAIRS = list(combinations(range(len(TEXTS)), 2))
SHARES = (
    *("jaccard", "coverage_a", "coverage_b", "cosine", "best_quote", "shared_names", "sentences_a", "sentences_b"),
    *("rest_cosine", "same_outlet", "shared_numbers", "extent_a", "extent_b", "fit_a", "fit_b"),
)
#: Each measure by the name that it has when the two texts are swapped.
TWIN = {
    name: name[:-2] + {"_a": "_b", "_b": "_a"}[name[-2:]] if name[-2:] in ("_a", "_b") else name for name in FEATURES
}


def sketches_of(texts: Sequence[str]) -> Sketches:
    batch = tokenise(texts)
    return sketch(*number_words(batch.hashes), batch.flags, batch.offsets, SketchConfig())


@pytest.fixture(scope="module")
def sketches() -> Sketches:
    return sketches_of(TEXTS)


def columns(pairs: list[tuple[int, int]]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    a, b = np.array(pairs, np.int32).reshape(-1, 2).T
    return a.copy(), b.copy()


def measured(sketches: Sketches, pairs: list[tuple[int, int]], background: Background, **options: Any) -> Rows:
    """Feature rows; texts 0 and 1 are of one outlet, the rest of none that is known."""
    found, complete = measure(sketches, *columns(pairs), background, OUTLETS, **options)
    assert complete.all()
    return found


@pytest.fixture(scope="module")
def rows(sketches: Sketches, background: Background) -> Rows:
    return measured(sketches, PAIRS, background)


def value(rows: Rows, pair: tuple[int, int], name: str) -> float:
    return float(rows[PAIRS.index(pair), FEATURES.index(name)])


def test_the_grader_reads_the_columns_in_the_order_they_are_written() -> None:
    assert list(COLUMNS) == list(FEATURES)
    assert list(COLUMNS.values()) == list(range(len(FEATURES)))


def test_one_row_for_each_pair_with_one_column_for_each_feature(rows: Rows) -> None:
    assert rows.shape == (len(PAIRS), len(FEATURES))


def test_no_pairs_have_no_rows(sketches: Sketches, background: Background) -> None:
    assert measured(sketches, [], background).shape == (0, len(FEATURES))


@pytest.mark.parametrize("name", SHARES)
def test_shares_are_between_zero_and_one(rows: Rows, name: str) -> None:
    column = rows[:, FEATURES.index(name)]
    known = column[column != -1.0] if name in ("shared_names", "shared_numbers") else column  # -1: too few to say
    assert known.min(initial=0.0) >= 0.0
    assert column.max() <= 1.0 + 1e-6


def test_every_measure_is_a_finite_number_that_is_not_negative(rows: Rows) -> None:
    assert np.isfinite(rows).all()
    unknown = [FEATURES.index(name) for name in ("shared_names", "shared_numbers")]
    assert np.delete(rows, unknown, axis=1).min() >= 0.0


@pytest.mark.parametrize("name", FEATURES)
def test_swapping_two_texts_swaps_the_sided_measures_and_leaves_the_rest(
    sketches: Sketches, background: Background, rows: Rows, name: str
) -> None:
    swapped = measured(sketches, [(b, a) for a, b in PAIRS], background)
    assert swapped[:, FEATURES.index(TWIN[name])] == pytest.approx(rows[:, FEATURES.index(name)], rel=1e-4, abs=1e-5)


def test_threads_do_not_change_the_rows(sketches: Sketches, background: Background) -> None:
    one, two = (measured(sketches, PAIRS * 60, background, jobs=jobs) for jobs in (1, 2))
    assert (one == two).all()


def test_every_pair_is_reported_to_track(sketches: Sketches, background: Background) -> None:
    done: list[int] = []
    measured(sketches, PAIRS * 60, background, track=done.append)
    assert sum(done) == 60 * len(PAIRS)
    assert len(done) > 1


def test_an_edited_copy_is_covered_almost_wholly(rows: Rows) -> None:
    words = value(rows, (0, 1), "words_a")
    assert value(rows, (0, 1), "coverage_a") == pytest.approx((words - 1) / words)
    assert value(rows, (0, 1), "shared_words") == words - 1
    assert value(rows, (0, 1), "longest_passage") == words - 1


def test_a_pasted_sentence_covers_little_of_either(rows: Rows) -> None:
    assert value(rows, (0, 3), "longest_run") == 15
    assert 0.1 < value(rows, (0, 3), "coverage_a") < 0.3
    assert value(rows, (0, 3), "plain_words") == 15
    assert value(rows, (0, 3), "quoted_words") == 0


def test_a_retold_statement_is_a_shared_quotation(rows: Rows) -> None:
    assert value(rows, (0, 2), "shared_quotes") == 1
    assert value(rows, (0, 2), "best_quote") > 0.8
    assert value(rows, (0, 2), "jaccard") < 0.1


def test_other_stories_share_nothing(rows: Rows) -> None:
    for name in ("jaccard", "coverage_a", "coverage_b", "shared_words", "shared_quotes", "rare_overlap"):
        assert value(rows, (0, 4), name) == 0


def test_a_text_that_holds_another_covers_all_of_it(rows: Rows) -> None:
    assert value(rows, (0, 5), "coverage_a") == 1.0
    assert value(rows, (0, 5), "coverage_b") < 0.9
    assert value(rows, (4, 6), "coverage_a") == 1.0


def test_nothing_is_shared_with_nothing(rows: Rows) -> None:
    assert value(rows, (7, 8), "jaccard") == value(rows, (7, 8), "cosine") == 0.0


def test_passages_come_heaviest_first_and_know_if_they_are_quoted(sketches: Sketches, background: Background) -> None:
    quoted = align(sketches, np.array([0], np.int32), np.array([2], np.int32), background)[0]
    assert quoted.quoted[0]
    pasted = align(sketches, np.array([0], np.int32), np.array([3], np.int32), background)[0]
    assert pasted.quoted.tolist() == [False]
    assert pasted.spans[0, 4] == 15
    for found in (quoted, pasted):
        assert found.rarity.tolist() == sorted(found.rarity.tolist(), reverse=True)


def test_a_quotation_found_in_other_words_counts_as_told_again(rows: Rows) -> None:
    assert value(rows, (0, 2), "sentences_b") > 0.3
    assert value(rows, (0, 4), "sentences_b") == 0.0


def test_texts_of_one_outlet_are_known_as_such_and_unknown_outlets_are_not_one(rows: Rows) -> None:
    assert value(rows, (0, 1), "same_outlet") == 1
    assert value(rows, (0, 2), "same_outlet") == value(rows, (2, 3), "same_outlet") == 0


def test_pieces_of_one_outlet_that_share_little_are_left_at_their_alignment(
    sketches: Sketches, background: Background
) -> None:
    [full] = measured(sketches, [(0, 1)], background)
    [bare] = measured(sketches, [(0, 1)], background, house_coverage=1.0)
    assert bare[FEATURES.index("shared_words")] == full[FEATURES.index("shared_words")] > 0
    assert bare[FEATURES.index("cosine")] == 0 < full[FEATURES.index("cosine")]


# Two halves.


def nothing(_: slice, rows: Rows) -> NDArray[np.bool_]:
    return np.zeros(len(rows), bool)


def test_the_first_half_is_the_full_row_without_what_is_measured_later(
    sketches: Sketches, background: Background, rows: Rows
) -> None:
    half, complete = measure(sketches, *columns(PAIRS), background, OUTLETS, wanted=nothing)
    assert not complete.any()
    for name in FEATURES:
        column = FEATURES.index(name)
        if name not in LATER:
            assert (half[:, column] == rows[:, column]).all()
        elif name == "jaccard":
            assert (half[:, column] >= rows[:, column]).all()
        else:
            assert not half[:, column].any()


def test_only_the_wanted_pairs_are_measured_in_full(sketches: Sketches, background: Background, rows: Rows) -> None:
    asked: list[int] = []

    def covered(block: slice, half: Rows) -> NDArray[np.bool_]:
        asked.extend(range(block.start, block.stop))
        assert len(half) == block.stop - block.start
        found: NDArray[np.bool_] = half[:, FEATURES.index("coverage_a")] > 0.1
        return found

    found, complete = measure(sketches, *columns(PAIRS * 60), background, OUTLETS, wanted=covered, jobs=2)
    assert sorted(asked) == list(range(60 * len(PAIRS)))  # every pair once, in stretches
    assert complete.tolist() == (rows[:, FEATURES.index("coverage_a")] > 0.1).tolist() * 60
    assert 0 < complete.sum() < len(complete)
    assert (found[complete] == np.tile(rows, (60, 1))[complete]).all()
    assert not found[~complete, FEATURES.index("sentences_a")].any()


def test_all_pairs_are_measured_in_full_unless_somebody_chooses(sketches: Sketches, background: Background) -> None:
    assert measure(sketches, *columns(PAIRS), background, OUTLETS)[1].all()


#: Stretches of three to nine words; texts of them repeat themselves and each other.
PIECES = [" ".join(f"w{piece}x{word}" for word in range(3 + piece)) for piece in range(7)]
PATCHED = st.lists(st.sampled_from(PIECES), max_size=20).map(" ".join)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(PATCHED, PATCHED), min_size=1, max_size=8), st.integers(1, 12))
def test_the_jaccard_of_the_first_half_is_at_least_the_true_one(
    background: Background, texts: list[tuple[str, str]], shingle_size: int
) -> None:
    made = sketches_of([text for pair in texts for text in pair])
    asked = made, *columns([(2 * k, 2 * k + 1) for k in range(len(texts))]), background, np.full(2 * len(texts), -1)
    half, _ = measure(*asked, shingle_size, wanted=nothing)
    full, _ = measure(*asked, shingle_size)
    assert (half[:, FEATURES.index("jaccard")] >= full[:, FEATURES.index("jaccard")]).all()
    assert (half[:, FEATURES.index("jaccard")] <= 1.0).all()


@pytest.mark.parametrize("shingle_size", [1, 2, 3, 5, 16])
def test_jaccard_is_that_of_the_sets_of_shingles_of_any_size(background: Background, shingle_size: int) -> None:
    a, b = WIRE.replace("nine", "seven"), WIRE.replace("cracks in two", "in two cracks")
    [row] = measure(sketches_of([a, b]), *columns([(0, 1)]), background, np.full(2, -1), shingle_size)[0]
    first, second = (shingles(text, shingle_size) for text in (a, b))
    assert row[FEATURES.index("jaccard")] == pytest.approx(len(first & second) / len(first | second))


def test_single_words_in_common_make_a_jaccard_of_single_words(background: Background) -> None:
    asked = sketches_of(["barge quay rope heron", "heron rope quay barge"]), *columns([(0, 1)]), background
    assert measure(*asked, np.full(2, -1), 1)[0][0, 0] == 1.0
    assert measure(*asked, np.full(2, -1), 2)[0][0, 0] == 0.0


def shingles(text: str, size: int) -> set[tuple[int, ...]]:
    hashes = tokenise([text]).hashes.tolist()
    return {tuple(hashes[at : at + size]) for at in range(len(hashes) - size + 1)}
