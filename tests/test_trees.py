"""Boosted trees: what is stored says the same as what scikit-learn fitted."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier

from dedup.trees import Forest, chances


@pytest.fixture(scope="module")
def fitted() -> tuple[HistGradientBoostingClassifier, np.ndarray]:
    random = np.random.default_rng(3)
    rows = random.uniform(0, 10, (400, 3))
    copied = rows[:, 0] + rows[:, 1] > 9
    return HistGradientBoostingClassifier(max_depth=3, max_iter=20, monotonic_cst=[1, 1, 0]).fit(rows, copied), rows


def test_stored_trees_give_the_chances_of_scikit_learn(
    fitted: tuple[HistGradientBoostingClassifier, np.ndarray],
) -> None:
    model, rows = fitted
    stored = json.loads(json.dumps(Forest.from_sklearn(model).to_dict()))
    assert chances(Forest.from_dict(stored), rows) == pytest.approx(model.predict_proba(rows)[:, 1], abs=1e-5)


def test_a_slope_moves_chances_and_leaves_the_even_one_where_it_is(
    fitted: tuple[HistGradientBoostingClassifier, np.ndarray],
) -> None:
    model, rows = fitted
    plain, flat = chances(Forest.from_sklearn(model), rows), chances(Forest.from_sklearn(model, slope=0.5), rows)
    assert ((plain >= 0.5) == (flat >= 0.5)).all()
    assert (np.abs(flat - 0.5) <= np.abs(plain - 0.5)).all()


def test_a_row_has_the_same_chance_alone_as_among_others(
    fitted: tuple[HistGradientBoostingClassifier, np.ndarray],
) -> None:
    model, rows = fitted
    forest = Forest.from_sklearn(model)
    assert chances(forest, rows[7:8])[0] == chances(forest, rows)[7]


VALUE = st.floats(-1, 11)


@settings(deadline=None, max_examples=300)
@given(st.lists(VALUE, min_size=3, max_size=3), st.lists(VALUE, min_size=3, max_size=3), st.sets(st.integers(0, 2)))
def test_with_values_unknown_the_chance_is_at_least_that_with_any_in_their_place(
    fitted: tuple[HistGradientBoostingClassifier, np.ndarray], known: list[float], other: list[float], unknown: set[int]
) -> None:
    forest = Forest.from_sklearn(fitted[0], slope=0.7)
    row, filled = np.array([known]), np.array([known])
    for column in unknown:
        row[0, column], filled[0, column] = np.nan, other[column]
    assert chances(forest, row)[0] >= chances(forest, filled)[0]


def test_of_each_tree_the_highest_leaf_counts_that_the_known_values_can_reach() -> None:
    """Two trees of three leaves: the first column parts the root, the second its right side."""
    tree = {"feature": [0, 0, 1, 0, 0], "threshold": [5.0, 0.0, 5.0, 0.0, 0.0]}
    nodes = {"left": [1, 1, 3, 3, 4], "right": [2, 1, 4, 3, 4], "value": [0.0, 0.2, 0.0, -1.0, 0.5]}
    both = {name: values * 2 for name, values in (tree | nodes).items()}
    both["value"] = [*nodes["value"], 0.0, 0.4, 0.0, 0.3, -2.0]
    for side in ("left", "right"):
        both[side] = [*nodes[side], *(node + 5 for node in nodes[side])]
    forest = Forest.from_dict({"base": 0.0, "slope": 1.0, "roots": [0, 5], **both})

    def log_odds(*row: float) -> float:
        chance = float(chances(forest, np.array([row]))[0])
        return round(float(np.log(chance / (1 - chance))), 4)

    unknown = np.nan
    assert log_odds(3, unknown) == 0.6  # .2 and .4: the second column is not asked
    assert log_odds(8, unknown) == 0.8  # .5 and .3, though no value gives both
    assert log_odds(unknown, 8) == 0.9  # .5 and .4, likewise
    assert log_odds(unknown, unknown) == 0.9
