"""Winnowing: few fingerprints, and the promise that a long enough shared run leaves a common one."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dedup.minhash import _gram
from dedup.winnow import winnow_batch

SMALL = st.lists(st.integers(1, 4), max_size=40)
LARGE = st.lists(st.integers(0, 2**64 - 1), max_size=40)
SIZES = st.tuples(st.integers(2, 6), st.integers(1, 7))


def tokens(values: list[int]) -> NDArray[np.uint64]:
    return np.array(values, np.uint64)


def fingerprints(values: list[int], size: int, window: int) -> list[tuple[int, int]]:
    text = tokens(values)
    hashes, positions, _ = winnow_batch(text, np.array([0, len(text)], np.int64), size, window)
    return list(zip(hashes.tolist(), positions.tolist(), strict=True))


def naive(values: list[int], size: int, window: int) -> list[tuple[int, int]]:
    """The rightmost smallest n-gram of every window, by place; of a text shorter than a window the smallest."""
    text = tokens(values)
    grams = [int(_gram(text, at, size)) for at in range(len(text) - size + 1)]
    if not grams:
        return []
    chosen = set()
    for start in range(max(1, len(grams) - window + 1)):
        part = grams[start : start + window]
        smallest = min(part)
        chosen.add(start + max(k for k, value in enumerate(part) if value == smallest))
    return [(grams[at], at) for at in sorted(chosen)]


@settings(deadline=None, max_examples=200)
@given(SMALL | LARGE, SIZES)
def test_fingerprints_equal_those_of_the_definition(values: list[int], sizes: tuple[int, int]) -> None:
    assert fingerprints(values, *sizes) == naive(values, *sizes)


@settings(deadline=None, max_examples=200)
@given(SMALL | LARGE, SMALL | LARGE, SMALL | LARGE, SMALL | LARGE, SIZES, st.data())
def test_a_shared_run_of_size_plus_window_minus_one_leaves_a_common_fingerprint(
    before_a: list[int],
    after_a: list[int],
    before_b: list[int],
    after_b: list[int],
    sizes: tuple[int, int],
    data: st.DataObject,
) -> None:
    size, window = sizes
    length = size + window - 1
    run = data.draw(st.lists(st.integers(1, 4) | st.integers(0, 2**64 - 1), min_size=length, max_size=length))
    a = {value for value, _ in fingerprints(before_a + run + after_a, size, window)}
    b = {value for value, _ in fingerprints(before_b + run + after_b, size, window)}
    assert a & b


def test_a_text_shorter_than_a_fingerprint_has_none() -> None:
    assert fingerprints([1, 2, 3], 4, 4) == []


def test_a_text_of_exactly_one_fingerprint_has_it() -> None:
    assert [at for _, at in fingerprints([1, 2, 3, 4], 4, 4)] == [0]


def test_a_window_of_one_keeps_every_run() -> None:
    assert [at for _, at in fingerprints([1, 2, 3, 4, 5, 6], 4, 1)] == [0, 1, 2]


def test_a_batch_is_the_same_as_one_by_one() -> None:
    texts = [[5, 6, 7, 8, 9, 10, 11, 12], [], [1, 2], [5, 6, 7, 8, 9, 10, 11, 12]]
    flat = tokens([value for text in texts for value in text])
    offsets = np.cumsum([0, *map(len, texts)]).astype(np.int64)
    hashes, positions, out = winnow_batch(flat, offsets, 4, 3)
    for i, text in enumerate(texts):
        part = slice(out[i], out[i + 1])
        assert list(zip(hashes[part].tolist(), positions[part].tolist(), strict=True)) == fingerprints(text, 4, 3)
