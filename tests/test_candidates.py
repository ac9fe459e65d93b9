"""Candidates: what must be proposed, what must not, and that numbering does not matter."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.background import load_background
from dedup.candidates import found_by_names, propose
from dedup.candidates.grams import Postings
from dedup.candidates.phrases import Shelf, overlap_bounds, phrase_pairs, shared_phrases
from dedup.config import CandidateConfig, SketchConfig
from dedup.sketch import Sketches, sketch
from dedup.tokens import tokenise
from dedup.verify import FEATURES, measure
from dedup.words import number_words

Found = dict[tuple[int, int], tuple[str, ...]]
PLANTED = "divers from Tarn welded nine cracked pillars beneath the Orlo mill bridge"


def sketches_of(texts: Sequence[str]) -> Sketches:
    batch = tokenise(texts)
    return sketch(*number_words(batch.hashes), batch.flags, batch.offsets, SketchConfig())


def phrases_of(made: Sketches) -> Shelf:
    return shared_phrases(Postings(made, np.arange(len(made)), 3), load_background(), 1 << 20)


def proposed(
    texts: Sequence[str],
    config: CandidateConfig | None = None,
    titles: Sequence[int] | None = None,
    days: Sequence[float] | None = None,
) -> Found:
    made = sketches_of(texts)
    found = propose(
        made,
        np.array(titles if titles is not None else [0] * len(texts), np.uint64),
        made.words >= 25,
        config or CandidateConfig(),
        load_background(),
        None if days is None else np.array(days, np.float64),
    )
    return {
        (int(a), int(b)): found_by_names(int(bits)) for a, b, bits in zip(found.a, found.b, found.found_by, strict=True)
    }


@pytest.fixture
def plant(invent: Callable[..., str]) -> Callable[[int, str], str]:
    """A text of its own with a passage in the middle."""
    return lambda seed, passage: f"{invent(seed, 150)} b{seed} {passage} e{seed} {invent(seed + 10_000, 150)}"


def test_equal_bodies_are_found_by_body_and_signature(invent: Callable[..., str]) -> None:
    found = proposed([invent(1), invent(2), invent(1).upper()])
    assert list(found) == [(0, 2)]
    assert set(found[0, 2]) >= {"body", "signature"}


def test_a_lightly_edited_copy_is_found_by_signature(invent: Callable[..., str]) -> None:
    found = proposed([invent(1), invent(1).replace("harbour", "marina"), invent(2)])
    assert list(found) == [(0, 1)]
    assert "signature" in found[0, 1]


def test_twelve_planted_words_are_found_by_phrases_and_as_a_run(plant: Callable[[int, str], str]) -> None:
    found = proposed([plant(1, PLANTED), plant(2, "Nothing to see here"), plant(3, PLANTED)])
    assert found == {(0, 2): ("fingerprint", "run")}


def test_texts_with_nothing_in_common_are_not_proposed(invent: Callable[..., str]) -> None:
    assert proposed([invent(seed) for seed in range(40)]) == {}


def test_a_story_in_sixty_outlets_still_meets_its_excerpt_elsewhere(
    invent: Callable[..., str], plant: Callable[[int, str], str]
) -> None:
    story = plant(1, PLANTED)
    outlets = [f"{story} Outlet number{k} adds a line{k}." for k in range(60)]
    found = proposed([*outlets, plant(2, PLANTED), *(invent(seed) for seed in range(50, 60))])
    assert {(k, 60) for k in range(60)} & found.keys()
    assert all((a, b) in found for a, b in combinations(range(60), 2))


def test_a_story_in_three_hundred_outlets_is_gathered_without_all_its_pairs(invent: Callable[..., str]) -> None:
    found = proposed([invent(1)] * 300)
    assert {b for a, b in found if a == 0} == set(range(1, 300))
    assert len(found) < 300 * 299 / 2 / 4


@pytest.mark.parametrize(("holders", "expected"), [(2, 1), (5, 10), (6, 0), (30, 0)])
def test_phrases_in_more_than_max_frequency_stories_propose_nothing(
    plant: Callable[[int, str], str], holders: int, expected: int
) -> None:
    broken = "divers from Tarn welded five {} nine cracked pillars beneath {} the Orlo mill bridge again"
    texts = [plant(seed, broken.format(f"x{seed}", f"y{seed}")) for seed in range(holders)]
    assert len(proposed(texts, CandidateConfig(max_frequency=5))) == expected


def test_min_hits_asks_for_more_phrases_in_common(plant: Callable[[int, str], str]) -> None:
    four_phrases = "divers from Tarn welded {} nine cracked pillars beneath"
    texts = [plant(seed, four_phrases.format(f"x{seed}")) for seed in (1, 2)]
    assert proposed(texts, CandidateConfig(min_hits=4)) == {(0, 1): ("fingerprint",)}
    assert proposed(texts, CandidateConfig(min_hits=5)) == {}


def test_run_words_is_the_length_of_a_run_that_is_enough(plant: Callable[[int, str], str]) -> None:
    seven = "divers from Tarn welded nine cracked pillars"
    texts = [plant(1, seven), plant(2, seven)]
    assert proposed(texts, CandidateConfig(min_hits=9)) == {}
    assert proposed(texts, CandidateConfig(min_hits=9, run_words=7)) == {(0, 1): ("run",)}


@pytest.mark.parametrize(
    ("days", "expected"),
    [((0.0, 6.9), True), ((0.0, 7.0), True), ((7.1, 0.0), False), ((0.0, np.nan), True), ((np.nan, np.nan), True)],
)
def test_the_time_window_keeps_what_is_close_or_undated(
    invent: Callable[..., str], days: tuple[float, float], expected: bool
) -> None:
    found = proposed([invent(1), invent(1)], CandidateConfig(window_days=7.0), days=days)
    assert ((0, 1) in found) is expected


def test_short_articles_meet_only_by_body_or_title(invent: Callable[..., str]) -> None:
    short = "Rain closed the Orlo mill bridge on Monday and divers from Tarn were called."
    texts = [short, short + " Again.", short, invent(1) + " " + short, "Sun all day."]
    assert proposed(texts, titles=[5, 0, 0, 7, 7]) == {(0, 2): ("body",)}
    assert proposed(texts, titles=[5, 5, 0, 0, 0]) == {(0, 1): ("title",), (0, 2): ("body",)}


def test_empty_bodies_are_not_equal_bodies() -> None:
    assert proposed(["", "", "..."]) == {}


def test_no_articles_propose_nothing() -> None:
    assert proposed([]) == {}


def test_pairs_are_sorted_and_distinct(invent: Callable[..., str]) -> None:
    made = sketches_of([invent(1), invent(2), invent(1), invent(2), invent(1)])
    found = propose(made, np.zeros(5, np.uint64), made.words >= 25, CandidateConfig(), load_background())
    pairs = list(zip(found.a.tolist(), found.b.tolist(), strict=True))
    assert pairs == sorted(set(pairs)) == [(0, 2), (0, 4), (1, 3), (2, 4)]


def test_numbering_does_not_matter(invent: Callable[..., str], plant: Callable[[int, str], str]) -> None:
    texts = [invent(1), invent(1), invent(1) + " More.", plant(2, PLANTED), plant(3, PLANTED), invent(4)]
    texts += [invent(5)] * 20 + [plant(6, invent(5, 60))]
    expected = proposed(texts)
    order = list(range(len(texts)))
    for seed in range(4):
        random.Random(seed).shuffle(order)
        found = proposed([texts[at] for at in order])
        renumbered = {(min(order[a], order[b]), max(order[a], order[b])): by for (a, b), by in found.items()}
        assert renumbered == expected


TOLD = (
    "\u201cOf all the bridges that my grandmother crossed barefoot in winter Orlo footbridge was the coldest,\u201d",
    "\u201cThe coldest of the bridges which grandmother would cross barefoot in a winter was Orlo footbridge,\u201d",
)


def test_a_retold_quotation_is_found_by_its_telling_words(plant: Callable[[int, str], str]) -> None:
    texts = [plant(seed, f"{told} he said.") for seed, told in enumerate(TOLD)]
    assert proposed(texts) == {(0, 1): ("quote",)}


def test_the_same_words_outside_quotation_marks_are_no_quotation(plant: Callable[[int, str], str]) -> None:
    texts = [plant(seed, told.replace("\u201c", "").replace("\u201d", "")) for seed, told in enumerate(TOLD)]
    assert proposed(texts) == {}


def test_a_quotation_about_other_things_is_not_retold(plant: Callable[[int, str], str]) -> None:
    other = "\u201cThe Orlo footbridge needs a new railing, two lamps and somebody to sweep the leaves from it,\u201d"
    assert proposed([plant(1, TOLD[0] + " he said."), plant(2, other + " she said.")]) == {}


def held_to(least: float, texts: Sequence[str]) -> list[tuple[int, int]]:
    made = sketches_of(texts)
    found = propose(
        *(made, np.zeros(len(texts), np.uint64), made.words >= 25, CandidateConfig(), load_background()),
        least=np.full(len(texts), least),
    )
    return list(zip(found.a.tolist(), found.b.tolist(), strict=True))


def test_pairs_that_cannot_reach_the_least_overlap_are_dropped(plant: Callable[[int, str], str]) -> None:
    texts = [plant(1, PLANTED), plant(2, PLANTED)]
    assert held_to(29.0, texts) == [(0, 1)]  # eleven words as rare as can be: nine 3-grams of 3 nats and ...
    assert held_to(31.0, texts) == []


def test_what_a_quotation_proposes_is_not_held_to_the_overlap(plant: Callable[[int, str], str]) -> None:
    assert held_to(500.0, [plant(seed, f"{told} he said.") for seed, told in enumerate(TOLD)]) == [(0, 1)]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=60), min_size=2, max_size=6))
def test_the_bound_on_the_overlap_is_the_overlap_that_is_measured(texts: list[list[int]]) -> None:
    names = "the a of quay mill Orlo barge said in on Tarn 7 1931 heron was to and for gate moor "
    names += "rope sluice by it with from fen pike reed at"
    made = sketches_of([" ".join(names.split()[word] for word in words if word < 30) + " end of it" for words in texts])
    a, b = np.array(list(combinations(range(len(texts)), 2)), np.int32).T.copy()
    bounds = overlap_bounds(phrases_of(made), a, b, len(texts))
    rows, _ = measure(made, a, b, load_background(), np.full(len(texts), -1))
    assert bounds.tolist() == rows[:, FEATURES.index("rare_overlap")].tolist()


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.sets(st.integers(0, 12), max_size=6)), max_size=9),
    st.integers(2, 4),
    st.integers(1, 4),
)
def test_the_join_of_phrases_equals_the_definition(
    texts: list[tuple[int, set[int]]], max_frequency: int, min_hits: int
) -> None:
    """Pairs of groups with min_hits phrases in common that two to max_frequency groups hold.

    Every phrase here is as telling as can be (3 nats); a pair needs 8, so two alone are never enough.
    """
    texts = sorted(texts, key=lambda text: text[0])
    words = [f"osk{k} nadderby{k} brume{k}" for k in range(13)]
    # What stands between two phrases occurs nowhere else.
    made = sketches_of(
        [" ".join(f"{words[v]} x{at}y{v} x{at}z{v}" for v in values) for at, (_, values) in enumerate(texts)]
    )
    groups = np.array([group for group, _ in texts], np.int32)
    found = phrase_pairs(phrases_of(made), groups, max_frequency, min_hits, 8.0)

    holders: dict[int, set[int]] = {}
    for group, values in texts:
        for value in values:
            holders.setdefault(value, set()).add(group)
    hits = Counter(
        pair
        for owners in holders.values()
        if 2 <= len(owners) <= max_frequency
        for pair in combinations(sorted(owners), 2)
    )
    expected = sorted(pair for pair, count in hits.items() if count >= max(3, min_hits))
    assert [(int(p) >> 32, int(p) & 0xFFFFFFFF) for p in found] == expected


@pytest.mark.parametrize("jobs", [1, 2, 3])
@pytest.mark.parametrize("size", [3, 8])
def test_every_run_of_words_is_in_one_bucket(invent: Callable[..., str], size: int, jobs: int) -> None:
    made = sketches_of([*(invent(seed, 60 + seed) for seed in range(12)), "Two words"])
    buckets: list[list[int]] = []
    Postings(made, np.arange(len(made)), size, jobs).read(lambda bucket: bucket.tolist(), buckets.append)
    assert sum(map(len, buckets)) == sum(60 + seed - size + 1 for seed in range(12))
    ranks = Counter(posting & 0xFFFFFF for bucket in buckets for posting in bucket)
    assert ranks == {seed: 60 + seed - size + 1 for seed in range(12)}
    assert all(bucket == sorted(bucket) for bucket in buckets)


@pytest.mark.parametrize(("limit", "value"), [("grams._ROUND", 1000), ("phrases._HELD", 1), ("phrases._SHARE", 16)])
def test_phrases_taken_in_parts_give_the_same_pairs(
    monkeypatch: pytest.MonkeyPatch,
    plant: Callable[[int, str], str],
    invent: Callable[..., str],
    limit: str,
    value: int,
) -> None:
    texts = [plant(1, PLANTED), invent(3), plant(2, PLANTED), *(f"{invent(5)} {k}" for k in range(80))]
    whole = proposed(texts)
    monkeypatch.setattr(f"dedup.candidates.{limit}", value)
    assert proposed(texts) == whole
