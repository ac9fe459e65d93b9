"""Signatures: equal to datasketch's bit for bit, and true to Jaccard."""

from __future__ import annotations

import random
import struct

import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dedup.minhash import EMPTY, band_keys, estimate, permutations, shingle_hashes, signatures
from dedup.tokens import tokenise

TOKENS = st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 5), max_size=40)


def as_tokens(values: list[int]) -> NDArray[np.uint64]:
    return np.array(values, np.uint64)


def ours(tokens: NDArray[np.uint64], size: int, num_perm: int, seed: int) -> list[int]:
    a, b = permutations(num_perm, seed)
    found: list[int] = signatures(tokens, np.array([0, len(tokens)], np.int64), size, a, b)[0].tolist()
    return found


def theirs(tokens: NDArray[np.uint64], size: int, num_perm: int, seed: int) -> list[int]:
    sketch = MinHash(
        num_perm=num_perm, seed=seed, scheme="affine32", hashfunc=lambda data: struct.unpack("<I", data)[0]
    )
    for value in shingle_hashes(tokens, size):
        sketch.update(struct.pack("<I", int(value)))
    found: list[int] = sketch.hashvalues.tolist()
    return found


@settings(deadline=None, max_examples=60)
@given(TOKENS, st.integers(1, 8), st.sampled_from([(16, 1), (64, 7), (128, 1), (256, 42), (100, 2**31)]))
def test_signature_equals_datasketch_bit_for_bit(values: list[int], size: int, options: tuple[int, int]) -> None:
    tokens = as_tokens(values)
    assert ours(tokens, size, *options) == theirs(tokens, size, *options)


def test_signature_of_news_text_equals_datasketch() -> None:
    text = "The harbour of Port Ansel will stay shut until Friday, the port captain said after the storm. " * 3
    tokens = tokenise([text]).hashes
    assert ours(tokens, 5, 128, 1) == theirs(tokens, 5, 128, 1)


def test_signature_of_nothing_equals_datasketch_and_is_all_ones() -> None:
    assert ours(as_tokens([]), 5, 64, 1) == [int(EMPTY)] * 64 == theirs(as_tokens([]), 5, 64, 1)


def test_a_text_shorter_than_a_shingle_is_one_shingle() -> None:
    assert len(shingle_hashes(as_tokens([1, 2, 3]), 5)) == 1
    assert shingle_hashes(as_tokens([1, 2, 3]), 5).tolist() == shingle_hashes(as_tokens([1, 2, 3]), 3).tolist()


def test_shingles_know_the_order_of_their_words() -> None:
    assert shingle_hashes(as_tokens([1, 2, 3]), 3).tolist() != shingle_hashes(as_tokens([3, 2, 1]), 3).tolist()


def test_signatures_of_a_batch_equal_those_one_by_one() -> None:
    batch = tokenise(["Heavy rain closed the Orlo bridge.", "", "Forty families spent the night in the school hall."])
    a, b = permutations(128, 1)
    together = signatures(batch.hashes, batch.offsets, 5, a, b)
    alone = [ours(batch.hashes[batch.span(i)], 5, 128, 1) for i in range(3)]
    assert together.tolist() == alone


def _pair_with(shared: int, own: int, seed: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64], float]:
    """Two texts of distinct words, and the true Jaccard of their 1-shingles."""
    dice = random.Random(seed)
    pool = [dice.getrandbits(64) for _ in range(shared + 2 * own)]
    common, first, second = pool[:shared], pool[shared : shared + own], pool[shared + own :]
    return as_tokens(common + first), as_tokens(common + second), shared / (shared + 2 * own)


@pytest.mark.parametrize(
    ("shared", "own"), [(0, 400), (80, 360), (200, 300), (300, 150), (400, 50), (500, 5), (500, 0)]
)
def test_estimate_is_within_four_sigma_of_the_true_jaccard(shared: int, own: int) -> None:
    num_perm = 512
    for seed in range(5):
        first, second, true = _pair_with(shared, own, seed)
        a, b = permutations(num_perm, seed + 1)
        both = np.concatenate([first, second])
        pair = signatures(both, np.array([0, len(first), len(both)], np.int64), 1, a, b)
        sigma = (true * (1 - true) / num_perm) ** 0.5
        assert abs(estimate(pair[0], pair[1]) - true) <= 4 * sigma + 1e-9


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 2), min_size=12, max_size=12), min_size=2, max_size=6))
def test_band_keys_are_equal_exactly_where_the_rows_are(rows: list[list[int]]) -> None:
    made = np.array(rows, np.uint32)
    keys = band_keys(made, 4, 3)
    assert keys.shape == (4, len(rows))
    for band in range(4):
        part = made[:, 3 * band : 3 * band + 3]
        for i in range(len(rows)):
            for j in range(len(rows)):
                assert (keys[band, i] == keys[band, j]) == bool((part[i] == part[j]).all())


def test_equal_rows_in_different_bands_have_different_keys() -> None:
    keys = band_keys(np.array([[7, 7, 7, 7]], np.uint32), 2, 2)
    assert keys[0, 0] != keys[1, 0]
