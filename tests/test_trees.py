"""Boosted trees: what is stored says the same as what scikit-learn fitted."""

from __future__ import annotations

import json

import numpy as np
import pytest
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
