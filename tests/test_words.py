"""Words by number: equal words have equal numbers, and each number the idf that the background gives its word."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dedup.background import Background, make_table, quantise
from dedup.tokens import tokenise
from dedup.words import Vocabulary, hashes_of, number_words, word_idf

WORDS = st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 9), max_size=60)


def hashes(values: list[int]) -> NDArray[np.uint64]:
    return np.array(values, np.uint64)


@settings(deadline=None)
@given(WORDS)
def test_words_are_numbered_as_they_come_and_equal_ones_alike(values: list[int]) -> None:
    numbers, vocabulary = number_words(hashes(values))
    distinct = list(dict.fromkeys(values))
    assert vocabulary.tolist() == distinct
    assert numbers.tolist() == [distinct.index(value) for value in values]


@settings(deadline=None)
@given(st.lists(WORDS, max_size=5))
def test_a_vocabulary_that_grows_keeps_the_numbers_it_gave(texts: list[list[int]]) -> None:
    vocabulary = Vocabulary()
    given_out = [vocabulary.enter(hashes(text)).tolist() for text in texts]
    at_once, known = number_words(hashes([word for text in texts for word in text]))
    assert [number for text in given_out for number in text] == at_once.tolist()
    assert (len(vocabulary), vocabulary.hashes.tolist()) == (len(known), known.tolist())


@settings(deadline=None)
@given(WORDS)
def test_numbers_and_vocabulary_give_the_words_back(values: list[int]) -> None:
    assert hashes_of(*number_words(hashes(values))).tolist() == values


@pytest.mark.parametrize("parts", [1, 50], ids=["at once", "in fifty parts"])
def test_the_table_grows_with_the_vocabulary(parts: int) -> None:
    """200,000 distinct words, each twice: fifty times as many as the table has room for at first."""
    distinct = np.arange(1, 200_001, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)  # odd: they stay distinct
    words = np.concatenate([distinct, distinct[::-1]])
    vocabulary = Vocabulary()
    cuts = np.linspace(0, len(words), parts + 1).astype(int)
    numbers = np.concatenate([vocabulary.enter(words[start:end]) for start, end in pairwise(cuts)])
    assert (numbers == np.concatenate([np.arange(200_000), np.arange(200_000)[::-1]])).all()
    assert len(vocabulary) == 200_000
    assert (vocabulary.hashes == distinct).all()


def test_the_idf_of_a_word_is_the_background_s() -> None:
    known = tokenise(["barge quay"]).hashes
    table = make_table(known >> np.uint64(24), quantise(np.array([1.25, 7.5])), 16)
    assert word_idf(known[::-1].copy(), Background("two words", 50_000, *table, *table)).tolist() == [7.5, 1.25]


def test_words_the_background_does_not_hold_are_as_rare_as_it_can_tell(blank_background: Background) -> None:
    unseen = np.log(50_001)
    assert word_idf(tokenise(["barge 7 река"]).hashes, blank_background) == pytest.approx([unseen] * 3)


@pytest.mark.parametrize("text", ["龘", "ก"], ids=["Han", "Thai"])
def test_unseen_characters_of_unspaced_scripts_weigh_half(blank_background: Background, text: str) -> None:
    assert word_idf(tokenise([text]).hashes, blank_background) == pytest.approx([np.log(50_001) / 2])
