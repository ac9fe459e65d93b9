"""Telling phrases: what two texts share of them weighs their rare overlap, and what they are filed under meets."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest

from dedup import Article, compare
from dedup.background import Background, load_background
from dedup.telling import Phrases, shared_weights, telling_phrases
from dedup.tokens import tokenise
from dedup.words import number_words


def phrases(*texts: str, background: Background | None = None) -> Phrases:
    batch = tokenise(texts)
    return telling_phrases(*number_words(batch.hashes), batch.offsets, background or load_background())


def shared(known: Phrases, a: int, b: int) -> float:
    pair = np.array([a]), np.array([b])
    return float(shared_weights(*pair, known, known.keys, known.offsets)[0]) / 16


def test_a_text_without_three_words_has_no_phrase(blank_background: Background) -> None:
    known = phrases("", "two words", "just three words", background=blank_background)
    assert known.offsets.tolist() == [0, 0, 0, 1]
    assert known.weights.tolist() == [48]
    assert known.picked.all()


def test_a_phrase_counts_once_and_sorted_by_its_key(blank_background: Background) -> None:
    known = phrases("so it goes and so it goes and so it goes", background=blank_background)
    assert len(known.keys) == 4
    assert (np.diff(known.keys.astype(np.int64)) > 0).all()


def test_common_phrases_tell_nothing() -> None:
    assert len(phrases("of the year and at the end of the year").keys) < 4


@pytest.mark.parametrize("seed", range(5))
def test_what_two_texts_share_weighs_their_rare_overlap(seed: int, invent: Callable[..., str]) -> None:
    dice = random.Random(seed)
    words = invent(seed, 200).split()
    start = dice.randrange(100)
    other = [*invent(seed + 50, 60).split(), *words[start : start + 60], *invent(seed + 90, 60).split()]
    a, b = " ".join(words), " ".join(other)
    overlap = compare(Article(id="a", body=a), Article(id="b", body=b)).measures.rare_overlap
    assert shared(phrases(a, b), 0, 1) == pytest.approx(overlap, abs=0.01)
    assert shared(phrases(b, a), 0, 1) == pytest.approx(overlap, abs=0.01)


def test_a_run_of_ten_telling_words_always_meets_in_a_picked_phrase(
    invent: Callable[..., str], blank_background: Background
) -> None:
    for seed in range(60):
        words = invent(seed, 120).split()
        start = random.Random(seed).randrange(100)
        other = [*invent(1000 + seed, 40).split(), *words[start : start + 10], *invent(2000 + seed, 40).split()]
        known = phrases(" ".join(words), " ".join(other), background=blank_background)
        a, b = known.span(0), known.span(1)
        assert set(known.keys[a][known.picked[a]]) & set(known.keys[b][known.picked[b]]), seed


def test_a_quarter_of_the_phrases_is_picked(invent: Callable[..., str], blank_background: Background) -> None:
    known = phrases(*(invent(seed, 400) for seed in range(20)), background=blank_background)
    assert 0.18 < known.picked.mean() < 0.28
