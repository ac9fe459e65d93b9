"""Words by number: equal words have equal numbers, and each number the idf that the background gives its word."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.background import Background, make_table, quantise
from dedup.tokens import tokenise
from dedup.words import Words, number_words

NAMES = ["barge", "quay", "Orlo", "the", "of", "龘", "ก", "река", "7"]


def numbered(texts: Sequence[str], background: Background, wanted: Sequence[bool] | None = None) -> Words:
    batch = tokenise(texts)
    chosen = np.array([True] * len(texts) if wanted is None else wanted, bool)
    return number_words(batch.hashes, batch.offsets, chosen, background)


@settings(deadline=None)
@given(st.lists(st.tuples(st.lists(st.sampled_from(NAMES), max_size=12), st.booleans()), max_size=6))
def test_two_words_have_one_number_exactly_if_they_are_equal(
    blank_background: Background, texts: list[tuple[list[str], bool]]
) -> None:
    words = numbered([" ".join(text) for text, _ in texts], blank_background, [wanted for _, wanted in texts])
    spelled = [word for text, wanted in texts if wanted for word in text]
    assert len(words.numbers) == len(spelled)
    number_of = dict(zip(spelled, words.numbers.tolist(), strict=True))
    assert [number_of[word] for word in spelled] == words.numbers.tolist()
    assert sorted(number_of.values()) == list(range(len(words.idf)))
    assert np.diff(words.offsets).tolist() == [len(text) if wanted else 0 for text, wanted in texts]


@pytest.mark.parametrize("texts", [1, 50], ids=["in one text", "over many texts"])
def test_the_table_of_numbers_grows_with_the_vocabulary(blank_background: Background, texts: int) -> None:
    """200,000 distinct words, each twice: three times the room that the table has at first."""
    hashes = np.random.default_rng(7).permutation(np.arange(1, 200_001, dtype=np.uint64) << np.uint64(2))
    hashes *= np.uint64(0x9E3779B97F4A7C15)  # odd, so all stay distinct
    tokens = np.concatenate([hashes, hashes[::-1]])
    offsets = np.linspace(0, len(tokens), texts + 1).astype(np.int64)
    words = number_words(tokens, offsets, np.ones(texts, bool), blank_background)
    assert sorted(words.numbers[:200_000].tolist()) == list(range(200_000))
    assert (words.numbers == words.numbers[::-1]).all()
    assert len(words.idf) == 200_000


def test_the_idf_of_a_word_is_the_background_s(blank_background: Background) -> None:
    known = tokenise(["barge quay"]).hashes
    table = make_table(known >> np.uint64(24), quantise(np.array([1.25, 7.5])), 16)
    background = Background("two words", 50_000, *table, *table)
    words = numbered(["quay barge quay"], background)
    assert words.idf[words.numbers].tolist() == [7.5, 1.25, 7.5]


def test_words_the_background_does_not_hold_are_as_rare_as_it_can_tell(blank_background: Background) -> None:
    unseen = np.log(50_001)
    words = numbered(["barge 7 река"], blank_background)
    assert words.idf == pytest.approx([unseen, unseen, unseen])


@pytest.mark.parametrize("text", ["龘", "ก"], ids=["Han", "Thai"])
def test_unseen_characters_of_unspaced_scripts_weigh_half(blank_background: Background, text: str) -> None:
    assert numbered([text], blank_background).idf == pytest.approx([np.log(50_001) / 2])


def test_no_texts_have_no_words(blank_background: Background) -> None:
    words = numbered([], blank_background)
    assert (words.numbers.tolist(), words.offsets.tolist(), words.idf.tolist()) == ([], [0], [])
