"""Link strengths: how far a pair says that its two texts are one story. A pure function of its feature row.

A grade answers for two articles. A link answers for the groups they stand in, and that is another question: a host
holds a pasted excerpt word for word and is about something else, while two reports of one press conference share
three sentences and are one story. Three strengths, each at least the one before:

- `TEXT`: one text is mostly the other, or both are mostly one third text. Copies, edits, abridgements, noisy scans.
- `ALONE`: the pair's own word on one story. Besides the text, what is left of the two without their passages is about
  the same things, and both tell a good part of what they tell in common.
- `CONFIRMED`: the same where a third text bears the two out. Two reports that share some statements may be two
  stories with one statement in common; three that share statements with each other are reports of one event.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["ALONE", "CONFIRMED", "TEXT", "link_strengths"]

#: Columns of the strengths.
TEXT = 0
ALONE = 1
CONFIRMED = 2

Floats = NDArray[np.float64]

# Each pair of numbers is a ramp: nothing up to the first, everything from the second on.
#: Share of the shorter text that lies in passages, first word to last.
_INSIDE = (0.4, 0.7)
#: The same of the longer text: below it, the shorter one was pasted.
_INSIDE_LONGER = (0.1, 0.2)
#: Share from which a text is its passage, whatever the rest of it says ...
_WHOLE = (0.6, 0.8)
#: ... and cosine of its passage with the rest of it from which the passage is its own.
_FIT = (0.0, 0.15)
#: Cosine of the two texts without their passages: the same, from which the rests go together ...
_REST = (0.0, 0.2)
#: ... and from which they are about one event.
_ABOUT = (0.12, 0.32)
#: Share that is told in common, of the text of which less is.
_TOLD = (0.35, 0.55)
#: What a few statements in common weigh by themselves; under the default cut, so that they never join two texts.
_STATEMENTS = 0.38


def link_strengths(column: Callable[[str], Floats], confidence: Floats, equal: NDArray[np.bool_]) -> Floats:
    """Strengths (0-1) of P pairs, float64[P, 3]: the columns TEXT, ALONE and CONFIRMED.

    Args:
        column: the values, float64[P], of a feature by its name in `dedup.verify.FEATURES`.
        confidence: float64[P], chance that text travelled.
        equal: bool[P], True where the two texts are equal word for word.
    """
    text = _text(column)
    about = _ramp(column("rest_cosine"), _ABOUT)
    told = np.minimum(*(np.maximum(column(f"coverage_{side}"), column(f"sentences_{side}")) for side in "ab"))
    alone = about * (_STATEMENTS + (1.0 - _STATEMENTS) * _ramp(told, _TOLD))
    links: Floats = (
        np.stack([text, np.maximum(text, alone), np.maximum(text, about)], axis=1) * confidence[:, np.newaxis]
    )
    links[equal] = 1.0
    return links


def _text(column: Callable[[str], Floats]) -> Floats:
    """How far one text is the other: it lies in their passages, and both are what those passages are about."""
    extents = [column(f"extent_{side}") for side in "ab"]
    rest = _ramp(column("rest_cosine"), _REST)
    sides = [
        np.maximum.reduce([_ramp(extent, _WHOLE), _ramp(column(f"fit_{side}"), _FIT), column("lead"), rest])
        for side, extent in zip("ab", extents, strict=True)
    ]
    inside: Floats = _ramp(np.maximum(*extents), _INSIDE) * _ramp(np.minimum(*extents), _INSIDE_LONGER)
    inside *= np.minimum(*sides)
    return inside


def _ramp(values: Floats, bounds: tuple[float, float]) -> Floats:
    """0 up to the lower bound, 1 from the upper one, a straight line between."""
    low, high = bounds
    return np.clip((values - low) / (high - low), 0.0, 1.0)
