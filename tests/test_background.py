"""The background: what is stored is found again, and stock phrases weigh nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.background import (
    EXCESS_CAP,
    EXCESS_FLOOR,
    Background,
    _room,
    _unpack,
    load_background,
    lookup,
    make_table,
    pack_keys,
    quantise,
    rarity,
)
from dedup.minhash import _gram
from dedup.tokens import tokenise
from dedup.words import word_idf


@settings(deadline=None)
@given(st.dictionaries(st.integers(0, 2**40 - 1), st.integers(0, 255), max_size=200))
def test_packed_values_are_found_again(stored: dict[int, int]) -> None:
    # Tags leave the lowest bit of a key out: keys that differ in it alone are one key.
    stored = {key | 1: value for key, value in stored.items()}
    hashes = np.array([key << 24 | 12345 for key in stored], np.uint64)
    keys = _unpack(pack_keys(hashes))
    assert keys.tolist() == list(stored)
    tags, values = make_table(keys, np.array(list(stored.values()), np.uint8), _room(len(stored)))
    tagged: dict[int, set[int]] = {}
    for key, value in stored.items():
        tagged.setdefault(key & 0xFFFFFFFF, set()).add(value)
    for hash_ in hashes:
        found = lookup(tags, values, hash_)
        assert found in tagged[int(hash_) >> 24 & 0xFFFFFFFF]


def test_what_was_never_stored_is_not_found() -> None:
    keys = np.arange(1, 2001, 2, dtype=np.uint64)
    tags, values = make_table(keys, np.full(1000, 9, np.uint8), _room(1000))
    absent = [(k << 24) for k in range(1_000_001, 1_001_001, 2)]
    assert {lookup(tags, values, np.uint64(h)) for h in absent} == {-1}


@pytest.mark.parametrize("count", [0, 1, 8, 9, 1000, 1 << 16])
def test_a_table_is_at_most_half_full(count: int) -> None:
    room = _room(count)
    assert room >= 2 * count
    assert room & (room - 1) == 0


def test_quantised_idf_is_within_half_a_step() -> None:
    idf = np.array([0.0, 0.04, 5.03, 10.5, 15.9])
    assert np.abs(quantise(idf) / 16.0 - idf).max() <= 1 / 32


def idf_of(text: str, background: Background) -> list[float]:
    return word_idf(tokenise([text]).hashes, background).tolist()


Weigh = Callable[[str], float]


@pytest.fixture
def weigh(background: Background, tokens_of: Callable[[str], Any]) -> Weigh:
    return lambda phrase: rarity(background.gram_tags, background.gram_idf, tokens_of(phrase), np.arange(3), 0)


@pytest.mark.parametrize("phrase", ["in the United States", "one of the", "the end of", "at the same time"])
def test_a_common_phrase_weighs_nothing(weigh: Weigh, phrase: str) -> None:
    assert weigh(phrase) == 0.0


@pytest.mark.parametrize("phrase", ["brandvik welded pillars", "orlo tamber ferry", "мэр озёрска тамбер"])
def test_an_invented_phrase_weighs_the_cap(weigh: Weigh, phrase: str) -> None:
    assert weigh(phrase) == EXCESS_CAP == 3.0


def test_an_unspaced_script_weighs_less_per_token(weigh: Weigh) -> None:
    assert weigh("龘靐齉") == pytest.approx(0.4 * EXCESS_CAP)
    assert weigh("กขคง") == pytest.approx(0.25 * EXCESS_CAP)


def test_the_excess_begins_at_the_floor_and_ends_at_the_cap(tokens_of: Callable[[str], Any]) -> None:
    words = tokens_of("quay lamp oil")
    keys = np.array([int(_gram(words, 0, 3)) >> 24], np.uint64)
    for idf, expected in [(4.0, 0.0), (EXCESS_FLOOR, 0.0), (6.5, 1.5), (8.0, 3.0), (9.0, 3.0)]:
        tags, values = make_table(keys, quantise(np.array([idf])), 16)
        assert rarity(tags, values, words, np.arange(3), 0) == expected


def test_common_words_are_less_telling_than_rare_and_unknown_ones(background: Background) -> None:
    the, bridge, unknown = idf_of("the bridge zxqvbrandvik", background)
    assert the < 1.0 < bridge < unknown
    assert unknown == pytest.approx(np.log(background.documents + 1), abs=1e-5)


def test_unknown_characters_of_unspaced_scripts_count_half(background: Background) -> None:
    assert idf_of("龘", background) == [pytest.approx(background.unseen_idf / 2, abs=1e-5)]


def test_the_shipped_background_is_versioned_and_read_once() -> None:
    assert load_background().version
    assert load_background() is load_background()
