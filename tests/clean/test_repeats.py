"""Furniture inside paragraphs, by repetition of runs of words within an outlet."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from dedup.background import load_background
from dedup.clean.lines import word_set
from dedup.clean.repeats import learn_runs
from dedup.tokens import FURNITURE, tokenise
from dedup.words import number_words

Invent = Callable[..., str]

CARD = (
    "Mara Jane Quill Mayor asks Velmont for a second ferry to Oran Fishermen of Tarn meet the minister again "
    "Why the bridge of Orlo will stay shut MORE"
)
STATEMENT = (
    "“We have asked the ministry for three new ferries, we have waited for two years, and we will not wait for a "
    "third,” the harbour master Tom Orris said."
)


def runs(texts: Sequence[str], outlets: Sequence[int]) -> list[set[str]]:
    """The words that repetition makes furniture, a set of runs for each text."""
    batch = tokenise(texts)
    marked = learn_runs(
        *number_words(batch.hashes), batch.flags, batch.offsets, np.array(outlets, np.int64), load_background()
    )
    found = []
    for index, text in enumerate(texts):
        span = batch.span(index)
        edges = np.flatnonzero(np.diff(marked[span], prepend=False, append=False)).reshape(-1, 2)
        starts, ends = batch.starts[span], batch.ends[span]
        found.append({text[starts[first] : ends[end - 1]] for first, end in edges})
    return found


def with_inside(text: str, run: str) -> str:
    """The text with a run of words in the middle of it, in the same line."""
    words = text.split()
    half = len(words) // 2
    return " ".join([*words[:half], run, *words[half:]])


PLAIN = word_set(
    "the a of and to in for on with that was were had it they who when after before more than people town school water "
    "road house work money said could would not new old last first next two three year week day night morning council "
    "mayor police plan bridge river station market office family children teacher doctor hospital winter summer rain "
    "price cost tax vote law court judge team game season food farm field"
)
NAMES = ("Brakkelmond", "Osterhuvel", "Kirrandoor", "Feltraminsk", "Jessamunde", "Vorrelstadt")


def report(seed: int, names: Sequence[str]) -> str:
    """Plain English words in any order, with some names of people and places among them."""
    dice = random.Random(seed)
    words = dice.choices(sorted(PLAIN), k=140)
    for place, name in enumerate(names):
        words[20 * place + dice.randrange(18)] = name
    return " ".join(words)


def saga(count: int) -> list[str]:
    """Reports on one matter: the names in each are those of all."""
    return [report(seed, NAMES) for seed in range(count)]


def unlike(count: int) -> list[str]:
    """Reports on different matters, with names of their own."""
    return [report(seed, [f"{name}{'xyzuvw'[seed % 6]}{seed}ov" for name in NAMES]) for seed in range(100, 100 + count)]


def test_a_run_inside_paragraphs_of_different_stories_is_furniture(invent: Invent) -> None:
    texts = [with_inside(invent(seed, 120), CARD) for seed in range(6)] + [invent(seed, 120) for seed in range(20, 50)]
    assert runs(texts, [1] * len(texts)) == [{CARD}] * 6 + [set()] * 30


def test_words_before_and_behind_a_run_stay_though_some_stories_share_them(invent: Invent) -> None:
    ends = ["on Monday in the old town hall of Orlo", "at noon by order of the harbour office", "who was late"]
    texts = [with_inside(invent(seed, 120), f"{CARD} {ends[seed % 3]}") for seed in range(9)]
    assert runs(texts, [1] * 9) == [{CARD}] * 9


@pytest.mark.parametrize(("count", "found"), [(3, False), (4, True)])
def test_four_stories_are_enough_where_they_are_a_good_part_of_the_source(
    invent: Invent, count: int, found: bool
) -> None:
    texts = [with_inside(invent(seed, 120), CARD) for seed in range(count)] + [invent(seed, 120) for seed in (20, 21)]
    assert runs(texts, [1] * len(texts)) == [{CARD} if found else set()] * count + [set()] * 2


@pytest.mark.parametrize(("count", "found"), [(4, False), (5, True)])
def test_five_are_needed_in_a_large_source(invent: Invent, count: int, found: bool) -> None:
    texts = [with_inside(invent(seed, 120), CARD) for seed in range(count)] + [invent(n, 80) for n in range(20, 50)]
    assert runs(texts, [1] * len(texts))[:count] == [{CARD} if found else set()] * count


@pytest.mark.parametrize(("count", "found"), [(7, False), (8, True)])
def test_twice_as_many_are_needed_where_the_source_is_unknown(invent: Invent, count: int, found: bool) -> None:
    texts = [with_inside(invent(seed, 120), CARD) for seed in range(count)]
    assert runs(texts, [-1] * count) == [{CARD} if found else set()] * count


def test_the_background_of_one_matter_is_no_furniture() -> None:
    assert runs([with_inside(text, CARD) for text in saga(12)], [1] * 12) == [set()] * 12
    assert runs([with_inside(text, CARD) for text in unlike(12)], [1] * 12) == [{CARD}] * 12


def test_a_statement_quoted_in_each_report_on_one_matter_is_no_furniture() -> None:
    texts = [with_inside(text, STATEMENT) for text in saga(8)]
    assert runs([*texts, *unlike(4)], [1] * 12) == [set()] * 12


def test_names_tell_the_matter_in_languages_without_a_background(invent: Invent) -> None:
    texts = [invent(seed, 120).split() for seed in range(8)]
    for words in texts:
        words[10:70:10] = NAMES
    told = [with_inside(" ".join(words), STATEMENT) for words in texts]
    assert runs([*told, *(invent(n, 120) for n in range(20, 40))], [1] * 28) == [set()] * 28


def test_editions_of_one_text_are_one_story(invent: Invent) -> None:
    text = with_inside(invent(1, 150), CARD)
    texts = [f"{text} {invent(seed, 20)}" for seed in range(40, 52)]
    assert runs(texts, [1] * 12) == [set()] * 12


def test_a_run_in_articles_of_different_outlets_is_copied_text(invent: Invent) -> None:
    texts = [with_inside(invent(seed, 120), CARD) for seed in range(9)]
    assert runs(texts, list(range(9))) == [set()] * 9


def test_stock_phrases_are_too_short(invent: Invent) -> None:
    phrase = "spoke on condition of anonymity because they were not authorised to"
    texts = [with_inside(invent(seed, 120), phrase) for seed in range(12)]
    assert runs(texts, [1] * 12) == [set()] * 12


def test_articles_of_other_outlets_change_nothing(invent: Invent) -> None:
    texts = [with_inside(invent(seed, 120), CARD) for seed in range(5)]
    others = [with_inside(invent(seed, 120), STATEMENT) for seed in range(30, 36)]
    assert runs([*others, *texts], [2] * 6 + [7] * 5)[6:] == runs(texts, [0] * 5) == [{CARD}] * 5


def test_known_furniture_ends_a_run(invent: Invent) -> None:
    texts = [with_inside(invent(seed, 120), CARD) for seed in range(6)]
    batch = tokenise(texts)
    flags = batch.flags | np.uint8(FURNITURE)
    outlets = np.ones(6, np.int64)
    assert not learn_runs(*number_words(batch.hashes), flags, batch.offsets, outlets, load_background()).any()


def test_nothing_teaches_nothing() -> None:
    assert runs([], []) == []
    assert runs(["", "", "", "", ""], [1] * 5) == [set()] * 5
    assert runs(["One word", "One word", "One word", "One word"], [1] * 4) == [set()] * 4
