"""Grades: the shipped model, and the rules that hold whatever it says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dedup.config import GradeConfig
from dedup.grade import (
    COLUMNS,
    DESIGN,
    GRADES,
    Graded,
    can_be_copy,
    design_matrix,
    grade,
    load_model,
    measures,
    probabilities,
    rounded,
)
from dedup.records import Grade

FULL_COPY = {
    "jaccard": 0.95, "coverage_a": 0.98, "coverage_b": 0.97, "cosine": 0.99, "rare_overlap": 500.0,
    "longest_run": 120.0, "shared_words": 290.0, "shared_names": 0.98, "longest_passage": 200.0, "plain_words": 290.0,
    "plain_rarity": 500.0, "sentences_a": 0.98, "sentences_b": 0.98, "words_a": 300.0, "words_b": 300.0,
    "rest_cosine": 0.3,
}  # fmt: skip
UNRELATED = {
    "cosine": 0.05,
    "words_a": 300.0,
    "words_b": 300.0,
    "rest_cosine": 0.05,
    "rare_overlap": 3.0,
    "longest_run": 3.0,
}


def row(values: dict[str, float]) -> NDArray[np.float32]:
    out = np.zeros((1, len(COLUMNS)), np.float32)
    for name, value in values.items():
        out[0, COLUMNS[name]] = value
    return out


def graded(values: dict[str, float], equal: bool = False, config: GradeConfig | None = None) -> Graded:
    return grade(row(values), np.array([equal]), load_model(), config or GradeConfig())


def grade_of(values: dict[str, float], **options: object) -> Grade:
    return GRADES[graded(values, **options).codes[0]]  # type: ignore[arg-type]


def test_the_model_looks_at_columns_of_the_design_only() -> None:
    model = load_model()
    assert model.version
    assert design_matrix(row(UNRELATED)).shape == (1, len(DESIGN))
    for forest in (model.copied, model.excerpt, model.near):
        assert 0 <= forest.feature.min() <= forest.feature.max() < len(DESIGN)


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e4, width=32), min_size=len(COLUMNS), max_size=len(COLUMNS)))
def test_chances_are_between_zero_and_one(values: list[float]) -> None:
    copied, at_least = probabilities(np.array([values], np.float32), load_model())
    assert 0.0 <= copied[0] <= 1.0
    assert 0.0 <= at_least.min() <= at_least.max() <= 1.0


#: What more shared wording raises, and by how much at most, of two texts of 300 words.
SHARING = {
    "jaccard": 1.0,
    "coverage_a": 1.0,
    "coverage_b": 1.0,
    "cosine": 1.0,
    "rare_overlap": 600.0,
    "longest_run": 300.0,
    "shared_quotes": 8.0,
    "best_quote": 1.0,
    "quoted_words": 200.0,
    "plain_words": 300.0,
    "plain_rarity": 600.0,
    "sentences_a": 1.0,
    "sentences_b": 1.0,
    "retold_quotes": 8.0,
    "retold_mass": 300.0,
}


@settings(deadline=None)
@given(
    st.fixed_dictionaries({name: st.floats(0, most, width=32) for name, most in SHARING.items()}),
    st.fixed_dictionaries({name: st.floats(0, most, width=32) for name, most in SHARING.items()}),
    st.floats(0.5, 1, width=32),
    st.floats(0, 1, width=32),
)
def test_more_sharing_never_lowers_confidence_or_grade(
    less: dict[str, float], extra: dict[str, float], names: float, rest: float
) -> None:
    about = {"words_a": 300.0, "words_b": 300.0, "shared_names": names, "rest_cosine": rest}
    more = {name: min(SHARING[name], less[name] + extra[name]) for name in SHARING}
    one, other = graded({**about, **less}), graded({**about, **more})
    assert one.confidence[0] <= other.confidence[0]
    assert one.codes[0] <= other.codes[0]


#: What the second half of the measures decides, beside the Jaccard.
LATER = ("sentences_a", "sentences_b", "rest_cosine", "fit_a", "fit_b")


@settings(deadline=None, max_examples=300)
@given(
    st.fixed_dictionaries({name: st.floats(0, most, width=32) for name, most in SHARING.items()}),
    st.fixed_dictionaries({name: st.floats(0, 1, width=32) for name in LATER}),
    st.floats(0, 1),
    st.floats(-1, 1, width=32),
    st.floats(0.05, 0.95),
    st.booleans(),
)
def test_a_pair_that_cannot_be_a_copy_is_none_whatever_the_second_half_says(
    first: dict[str, float], later: dict[str, float], part: float, names: float, bar: float, equal: bool
) -> None:
    """The Jaccard of the first half is what it can be at most."""
    about = {"words_a": 300.0, "words_b": 300.0, "shared_names": names}
    full = first | about | later | {"jaccard": part * first["jaccard"]}
    half = first | about | dict.fromkeys(LATER, 0.0)
    config = GradeConfig(min_confidence=bar)
    [possible] = can_be_copy(row(half), np.array([equal]), load_model(), config)
    assert possible or graded(full, equal, config).codes[0] == 0


@settings(deadline=None)
@given(st.lists(st.floats(0, 1, width=32), min_size=len(COLUMNS), max_size=len(COLUMNS)), st.booleans())
def test_links_and_confidence_are_between_zero_and_one(values: list[float], equal: bool) -> None:
    found = grade(np.array([values], np.float32), np.array([equal]), load_model(), GradeConfig())
    assert ((found.link >= 0.0) & (found.link <= 1.0)).all()
    assert 0.0 <= found.confidence[0] <= 1.0


@pytest.mark.parametrize("values", [FULL_COPY, UNRELATED, {}])
def test_equal_texts_are_exact_whatever_else_was_measured(values: dict[str, float]) -> None:
    found = graded(values, equal=True)
    assert (GRADES[found.codes[0]], found.confidence[0], found.link.tolist()) == (Grade.EXACT, 1.0, [[1.0] * 3])


def test_a_full_copy_is_a_near_duplicate_that_links() -> None:
    found = graded({**FULL_COPY, "extent_a": 1.0, "extent_b": 1.0})
    assert GRADES[found.codes[0]] == Grade.NEAR_DUPLICATE
    assert found.link.min() > 0.9


def test_an_unrelated_pair_is_no_copy_and_links_nothing() -> None:
    found = graded(UNRELATED)
    assert GRADES[found.codes[0]] == Grade.UNRELATED
    assert found.confidence[0] < 0.5
    assert found.link.max() < 0.2


def test_a_pair_without_any_word_is_no_copy() -> None:
    assert grade_of({}) == Grade.UNRELATED


def test_min_confidence_is_the_bar_for_a_copy() -> None:
    chance = float(graded(FULL_COPY).confidence[0])
    assert chance < 1.0
    assert grade_of(FULL_COPY, config=GradeConfig(min_confidence=1.0)) == Grade.UNRELATED


def test_near_jaccard_makes_a_copy_a_lightly_edited_one() -> None:
    part = {**FULL_COPY, "jaccard": 0.2, "coverage_a": 0.95, "coverage_b": 0.2, "words_a": 100.0, "words_b": 600.0}
    assert grade_of(part) != Grade.NEAR_DUPLICATE
    assert grade_of({**part, "jaccard": 0.61}) == Grade.NEAR_DUPLICATE
    assert grade_of(part, config=GradeConfig(near_jaccard=0.2)) == Grade.NEAR_DUPLICATE


def test_swapping_the_two_texts_changes_no_grade() -> None:
    values = {**FULL_COPY, "coverage_a": 0.9, "coverage_b": 0.3, "words_b": 800.0, "sentences_b": 0.4, "jaccard": 0.3}
    mirrored = dict(values)
    for side in ("coverage", "words", "sentences"):
        mirrored[f"{side}_a"], mirrored[f"{side}_b"] = values[f"{side}_b"], values[f"{side}_a"]
    one, other = graded(values), graded(mirrored)
    assert one.codes[0] == other.codes[0]
    assert one.confidence[0] == pytest.approx(other.confidence[0])
    assert one.link == pytest.approx(other.link)


def test_rows_are_graded_one_by_one() -> None:
    rows = np.concatenate([row(FULL_COPY), row(UNRELATED), row(FULL_COPY)])
    found = grade(rows, np.array([False, False, True]), load_model(), GradeConfig())
    assert [str(GRADES[code]) for code in found.codes] == ["near_duplicate", "unrelated", "exact"]


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), max_size=20), st.integers(0, 4))
def test_columns_are_rounded_as_python_rounds(values: list[float], digits: int) -> None:
    assert rounded(np.array(values, np.float32), digits).tolist() == [round(value, digits) for value in values]


def test_measures_carry_the_contract_s_names() -> None:
    [found] = measures(row(FULL_COPY))
    assert (found.containment_a, found.containment_b) == (0.98, 0.97)
    assert (found.longest_run, found.shared_words, found.rare_overlap) == (120, 290, 500.0)


@pytest.mark.parametrize(
    ("grade_", "verdict"),
    [
        (Grade.EXACT, "identical copy"),
        (Grade.NEAR_DUPLICATE, "lightly edited copy"),
        (Grade.EXCERPT, "partial copy"),
        (Grade.REWRITE, "rewritten, or a shared source"),
        (Grade.SAME_EVENT, "same event, written independently"),
    ],
)
def test_every_grade_has_an_editor_s_verdict(grade_: Grade, verdict: str) -> None:
    assert grade_.verdict == verdict
