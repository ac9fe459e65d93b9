"""The promise of docs/concepts.md: who shares eight words in a row is compared, however many carry them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import Article, find_duplicates
from dedup.background import load_background
from dedup.candidates import propose
from dedup.candidates.pairs import ALL_PAIRS
from dedup.config import CandidateConfig, SketchConfig
from dedup.sketch import sketch
from dedup.tokens import tokenise
from dedup.words import number_words

RUN = ["barge", "pilots", "want", "nine", "more", "herons", "on", "Tarn"]
COMMON = ["the", "of", "a", "in", "and", "to", "was", "for", "with", "by", "from", "that", "on", "at"]
STOCK = ["said", "in", "a", "statement", "on", "Tuesday", "that", "he"]


def pairs_of(
    texts: Sequence[str], outlets: Sequence[int] | None = None, days: Sequence[float] | None = None
) -> set[tuple[int, int]]:
    batch = tokenise(texts)
    made = sketch(*number_words(batch.hashes), batch.flags, batch.offsets, SketchConfig())
    found = propose(
        made,
        np.zeros(len(texts), np.uint64),
        np.ones(len(texts), bool),
        CandidateConfig(window_days=None if days is None else 7.0),
        load_background(),
        None if days is None else np.array(days),
        None if outlets is None else np.array(outlets, np.int64),
    )
    return set(zip(found.a.tolist(), found.b.tolist(), strict=True))


def hosts(count: int, run: Sequence[str], seed: int) -> list[str]:
    """Texts that have nothing but the run in common, at any place in them."""
    dice = random.Random(seed)
    texts = []
    for number in range(count):
        words = [f"w{dice.randrange(30)}x{number}" if dice.random() < 0.6 else f"c{number}" for _ in range(40)]
        place = dice.randrange(41)
        texts.append(" ".join([*words[:place], *run, *words[place:]]))
    return texts


def is_kept(pairs: set[tuple[int, int]], a: int, b: int, carriers: Sequence[int]) -> bool:
    """Compared with each other, or both with the first carrier."""
    first = carriers[0]
    return (a, b) in pairs or all((first, x) in pairs for x in {a, b} - {first})


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from([*RUN, *COMMON, "7", "1931", "\u0440\u0435\u043a\u0430"]), min_size=8, max_size=12),
    st.sampled_from([2, 3, 8, 50, ALL_PAIRS, ALL_PAIRS + 1]),
    st.integers(0, 2**32 - 1),
)
def test_any_two_that_share_eight_words_in_a_row_are_compared(run: list[str], carriers: int, seed: int) -> None:
    pairs = pairs_of([*hosts(carriers, run, seed), *hosts(5, [], seed + 1)])
    everybody = range(carriers)
    assert all(is_kept(pairs, a, b, everybody) for a in everybody for b in range(a + 1, carriers))
    if carriers <= ALL_PAIRS:
        assert len({(a, b) for a, b in pairs if b < carriers}) == carriers * (carriers - 1) // 2


@pytest.mark.parametrize("run", [RUN, STOCK], ids=["telling", "stock phrase"])
@pytest.mark.parametrize("carriers", [500, 2000])
def test_in_hundreds_of_articles_all_are_compared_with_the_first_carrier(run: list[str], carriers: int) -> None:
    pairs = pairs_of(hosts(carriers, run, 1))
    assert {(0, b) for b in range(1, carriers)} <= pairs
    assert len(pairs) < 2 * carriers


def test_seven_words_in_common_are_not_promised() -> None:
    assert pairs_of(hosts(2, STOCK[:7], 3)) == set()


def test_the_run_is_found_across_dates_by_the_next_in_time() -> None:
    days = [float(day) for day in range(200)]
    pairs = pairs_of(hosts(200, RUN, 4), days=days)
    assert {(a, a + 1) for a in range(199)} <= pairs
    assert all(b - a <= 7 for a, b in pairs)


def test_what_one_outlet_repeats_in_many_articles_is_its_furniture() -> None:
    texts = hosts(20, RUN, 5)
    assert len(pairs_of(texts, outlets=[0] * 4 + [-1] * 16)) == 20 * 19 / 2
    house = pairs_of(texts, outlets=[0] * 16 + [1, 1, -1, -1])
    assert house == {(a, b) for a in range(20) for b in range(max(16, a + 1), 20)}


def test_a_passage_in_five_hundred_outlets_is_a_match_of_each_with_the_first(invent: Callable[..., str]) -> None:
    passage = invent(1, 90)
    articles = [
        Article(id=f"{k:03}", body=f"{invent(k + 100, 30)} {passage} {invent(k + 900, 30)}", publisher=f"Paper {k}")
        for k in range(500)
    ]
    result = find_duplicates(articles)
    assert {match.b for match in result.matches if match.a == "000"} == {f"{k:03}" for k in range(1, 500)}
    assert all("run" in match.found_by for match in result.matches if match.a == "000")
