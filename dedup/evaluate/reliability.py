"""How far confidence can be believed, and what each bar on it would give."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Bar", "Bin", "best_bar", "brier", "calibration_error", "curve", "reliability"]

#: Confidence is looked at in bins of a twentieth where the reported pairs lie.
_WIDTH = 0.05
#: Standard deviations that hold 95 % of a normal distribution.
_Z = 1.96

Judged = tuple[float, bool]
"""The confidence that a pair is a copy, and whether it is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Pairs of about one confidence: what was predicted of them, and what is so."""

    low: float
    high: float
    pairs: int
    predicted: float
    """Mean confidence."""
    observed: float
    """Share that are copies."""
    least: float
    """With 95 % certainty the share among all such pairs is not below this (Wilson's interval) ..."""
    most: float
    """... nor above this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What a report would be like that showed only pairs of this confidence or more."""

    confidence: float
    reported: int
    """Gold pairs that it would show as copies."""
    precision: float
    recall: float
    f1: float


def reliability(judged: Sequence[Judged]) -> list[Bin]:
    """The bins that hold any of these pairs, lowest first.

    Example:
        >>> [one] = reliability([(0.91, True), (0.93, False)])
        >>> one.pairs, round(one.predicted, 2), one.observed
        (2, 0.92, 0.5)
    """
    last = round(1 / _WIDTH) - 1
    bins: dict[int, list[Judged]] = {}
    for pair in judged:
        bins.setdefault(min(int(pair[0] / _WIDTH + 1e-9), last), []).append(pair)
    return [_bin(number, bins[number]) for number in sorted(bins)]


def _bin(number: int, pairs: Sequence[Judged]) -> Bin:
    size = len(pairs)
    share = sum(copy for _, copy in pairs) / size
    middle = (share + _Z**2 / (2 * size)) / (1 + _Z**2 / size)
    half = _Z * math.sqrt(share * (1 - share) / size + _Z**2 / (4 * size**2)) / (1 + _Z**2 / size)
    return Bin(
        low=round(number * _WIDTH, 2),
        high=round((number + 1) * _WIDTH, 2),
        pairs=size,
        predicted=sum(confidence for confidence, _ in pairs) / size,
        observed=share,
        least=max(0.0, middle - half),
        most=min(1.0, middle + half),
    )


def brier(judged: Sequence[Judged]) -> float:
    """The mean square of what confidence was off by: 0 is perfect, 0.25 is what a coin gets.

    Example:
        >>> brier([(1.0, True), (0.5, False)])
        0.125
    """
    return sum((confidence - copy) ** 2 for confidence, copy in judged) / len(judged) if judged else 0.0


def calibration_error(bins: Sequence[Bin]) -> float:
    """The expected calibration error: how far predicted and observed shares lie apart, as a mean over the pairs."""
    pairs = sum(one.pairs for one in bins)
    return sum(one.pairs * abs(one.predicted - one.observed) for one in bins) / pairs if pairs else 0.0


def curve(judged: Sequence[Judged], copies: int) -> list[Bar]:
    """The bars at which anything changes, lowest first.

    Args:
        judged: the gold pairs that the report calls copies.
        copies: all copies among the gold pairs, those included that the report does not hold.
    """
    bars: list[Bar] = []
    right = 0
    ordered = sorted(judged, reverse=True)
    for place, (confidence, copy) in enumerate(ordered, start=1):
        right += copy
        if place == len(ordered) or ordered[place][0] < confidence:
            bars.append(
                Bar(
                    confidence=confidence,
                    reported=place,
                    precision=right / place,
                    recall=right / copies if copies else 0.0,
                    f1=2 * right / (place + copies) if place + copies else 0.0,
                )
            )
    return bars[::-1]


def best_bar(bars: Sequence[Bar]) -> Bar | None:
    """The bar with the highest F1, of several the lowest; None when nothing was reported."""
    return max(bars, key=lambda bar: (round(bar.f1, 9), -bar.confidence), default=None)
