"""Boosted regression trees as flat arrays: a model that scikit-learn fits and anybody can read from a JSON file.

Friedman, Greedy Function Approximation (2001). The trees are fitted by `HistGradientBoostingClassifier` with
monotonic constraints; only the sums of their leaves are needed here, so scikit-learn is not imported at run time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["Forest", "chances"]


@dataclass(frozen=True, slots=True)
class Forest:
    """The nodes of all trees, back to back; a leaf points to itself on both sides."""

    base: float
    slope: float
    """Calibration: log-odds are multiplied by it; 1 leaves them as they are, and none moves the even chance."""
    roots: NDArray[np.int32]
    feature: NDArray[np.int32]
    threshold: NDArray[np.float64]
    """float64[M]: rows at or below it go left."""
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.float64]
    """float64[M]: what a leaf adds to the log-odds."""

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Forest:
        """The forest as `to_dict` gave it."""

        def whole(name: str) -> NDArray[np.int32]:
            return np.array(stored[name], np.int32)

        def real(name: str) -> NDArray[np.float64]:
            return np.array(stored[name], np.float64)

        return cls(
            base=float(stored["base"]),
            slope=float(stored["slope"]),
            roots=whole("roots"),
            feature=whole("feature"),
            threshold=real("threshold"),
            left=whole("left"),
            right=whole("right"),
            value=real("value"),
        )

    @classmethod
    def from_sklearn(cls, fitted: Any, slope: float = 1.0) -> Forest:
        """The trees of a fitted binary `HistGradientBoostingClassifier`, leaves rounded as the file keeps them."""
        trees = [stage[0].nodes for stage in fitted._predictors]
        starts = np.cumsum([0, *(len(nodes) for nodes in trees)])
        nodes = np.concatenate(trees)
        own = np.arange(len(nodes))
        first = np.repeat(starts[:-1], np.diff(starts))
        leaf = nodes["is_leaf"].astype(bool)
        return cls(
            base=round(float(fitted._baseline_prediction.item()), 6),
            slope=slope,
            roots=starts[:-1].astype(np.int32),
            feature=np.where(leaf, 0, nodes["feature_idx"]).astype(np.int32),
            threshold=np.where(leaf, 0.0, nodes["num_threshold"]),
            left=np.where(leaf, own, first + nodes["left"]).astype(np.int32),
            right=np.where(leaf, own, first + nodes["right"]).astype(np.int32),
            value=np.where(leaf, np.round(nodes["value"], 6), 0.0),
        )

    def to_dict(self) -> dict[str, float | Sequence[float]]:
        """Plain values, for the model file."""
        flat = ("roots", "feature", "threshold", "left", "right", "value")
        return {"base": self.base, "slope": self.slope} | {name: getattr(self, name).tolist() for name in flat}


@njit(cache=True, nogil=True)
def _sums(rows, base, roots, feature, threshold, left, right, value):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The sum of each row's leaves; where a value is not known, of each tree the highest leaf that it can reach."""
    out = np.empty(len(rows), np.float64)
    waiting = np.empty(len(feature) + 1, np.int32)
    for r in range(len(rows)):
        total = base
        for root in roots:
            best = -np.inf
            waiting[0] = root
            n = 1
            while n:
                n -= 1
                node = waiting[n]
                while left[node] != node:
                    known = rows[r, feature[node]]
                    if np.isnan(known):
                        waiting[n] = right[node]
                        n += 1
                    node = right[node] if known > threshold[node] else left[node]
                best = max(best, value[node])
            total += best
        out[r] = total
    return out


def chances(forest: Forest, rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """The chance (0-1) that each row, float64[P, K], is of the class the forest was fitted for, float64[P].

    A value that is not known yet is NaN; the chance is then what the row can reach at most.

    Example:
        >>> stump = {"base": 0.0, "slope": 1.0, "roots": [0], "feature": [0, 0, 0], "threshold": [5.0, 0.0, 0.0]}
        >>> stump |= {"left": [1, 1, 2], "right": [2, 1, 2], "value": [0.0, -2.0, 2.0]}
        >>> chances(Forest.from_dict(stump), np.array([[3.0], [8.0]])).round(2).tolist()
        [0.12, 0.88]
        >>> chances(Forest.from_dict(stump), np.array([[np.nan]])).round(2).tolist()
        [0.88]
    """
    sums: NDArray[np.float64] = _sums(
        rows, forest.base, forest.roots, forest.feature, forest.threshold, forest.left, forest.right, forest.value
    )
    return np.round(1.0 / (1.0 + np.exp(-np.clip(forest.slope * sums, -50.0, 50.0))), 9)
