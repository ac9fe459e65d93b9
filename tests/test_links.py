"""Link strengths: what one pair says on whether its two texts are one story."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.links import ALONE, CONFIRMED, TEXT, link_strengths

SIDES = ("coverage", "sentences", "extent", "fit")
SHARES = (*(f"{name}_{side}" for name in SIDES for side in "ab"), "rest_cosine", "lead")
NOTHING = dict.fromkeys(SHARES, 0.0)

#: A story cut down to its first two fifths.
ABRIDGED = NOTHING | {"extent_a": 1.0, "coverage_a": 1.0, "extent_b": 0.4, "coverage_b": 0.4, "lead": 1.0}
#: Three paragraphs of one story in the middle of another about something else.
PASTED = NOTHING | {"extent_a": 0.25, "coverage_a": 0.25, "extent_b": 0.2, "coverage_b": 0.2, "rest_cosine": 0.04}
#: Two reports of one press conference.
RETOLD = NOTHING | {"coverage_a": 0.08, "coverage_b": 0.06, "extent_a": 0.09, "extent_b": 0.07, "rest_cosine": 0.4}


def strengths(features: Mapping[str, float], confidence: float = 1.0, equal: bool = False) -> list[float]:
    def column(name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.array([features[name]])

    [row] = link_strengths(column, np.array([confidence]), np.array([equal])).tolist()
    return [round(value, 6) for value in row]


def test_an_abridged_story_is_one_text_with_the_whole() -> None:
    assert strengths(ABRIDGED) == [1.0, 1.0, 1.0]


def test_a_pasted_excerpt_links_nothing_and_no_third_text_can_help_it() -> None:
    assert strengths(PASTED) == [0.0, 0.0, 0.0]


def test_a_short_text_that_lies_whole_in_a_long_one_about_other_things_was_pasted() -> None:
    inside = NOTHING | {"extent_a": 1.0, "coverage_a": 1.0, "extent_b": 0.12, "coverage_b": 0.12, "fit_b": 0.03}
    assert strengths(inside)[CONFIRMED] < 0.1
    brief = inside | {"extent_b": 0.2, "coverage_b": 0.2, "fit_b": 0.3}
    assert strengths(brief)[TEXT] == 1.0


def test_two_reports_of_a_press_conference_are_a_story_only_if_a_third_text_says_so() -> None:
    text, alone, confirmed = strengths(RETOLD)
    assert (text, alone, confirmed) == (0.0, 0.38, 1.0)


def test_two_reports_that_tell_half_of_what_they_tell_in_common_need_no_third() -> None:
    told = RETOLD | {"sentences_a": 0.6, "sentences_b": 0.55}
    assert strengths(told)[ALONE] == 1.0
    assert strengths(told | {"sentences_b": 0.2})[ALONE] == 0.38


def test_one_statement_in_two_stories_about_other_things_is_no_story() -> None:
    assert strengths(RETOLD | {"rest_cosine": 0.1}) == [0.0, 0.0, 0.0]


def test_a_doubtful_copy_links_as_far_as_it_is_sure() -> None:
    assert strengths(RETOLD, confidence=0.5) == [0.0, 0.19, 0.5]


def test_equal_texts_are_one_whatever_was_measured() -> None:
    assert strengths(PASTED, confidence=0.2, equal=True) == [1.0, 1.0, 1.0]


values = st.fixed_dictionaries({name: st.floats(0.0, 1.0) for name in SHARES})


@given(values, st.floats(0.0, 1.0))
def test_each_strength_is_at_least_the_one_before_and_none_passes_the_confidence(
    features: dict[str, float], confidence: float
) -> None:
    text, alone, confirmed = strengths(features, confidence)
    assert 0.0 <= text <= alone <= confirmed <= confidence + 1e-6


@given(values)
def test_the_two_texts_can_be_swapped(features: dict[str, float]) -> None:
    mirrored = features | {f"{name}_{x}": features[f"{name}_{y}"] for name in SIDES for x, y in ("ab", "ba")}
    assert strengths(mirrored) == strengths(features)


@given(values, st.sampled_from(SHARES), st.floats(0.0, 1.0))
def test_more_in_common_never_links_less(features: dict[str, float], name: str, value: float) -> None:
    more = features | {name: max(value, features[name])}
    assert all(x >= y for x, y in zip(strengths(more), strengths(features), strict=True))


def test_rows_do_not_look_at_each_other() -> None:
    rows = [ABRIDGED, PASTED, RETOLD]
    together = link_strengths(lambda name: np.array([row[name] for row in rows]), np.ones(3), np.zeros(3, np.bool_))
    assert together.round(6).tolist() == [strengths(row) for row in rows]
    nobody = link_strengths(lambda name: np.empty(0), np.empty(0), np.empty(0, np.bool_))
    assert nobody.shape == (0, 3)


@pytest.mark.parametrize("name", SHARES)
def test_no_feature_makes_a_link_by_itself_in_a_pair_that_shares_nothing(name: str) -> None:
    assert strengths(NOTHING | {name: 1.0})[TEXT] == 0.0
