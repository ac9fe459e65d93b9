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
from dedup.candidates import _fingerprint_pairs, found_by_names, propose
from dedup.config import CandidateConfig, SketchConfig
from dedup.sketch import Sketches, sketch
from dedup.tokens import tokenise

Found = dict[tuple[int, int], tuple[str, ...]]
PLANTED = "divers from Tarn welded nine cracked pillars beneath the Orlo mill bridge"


def sketches_of(texts: Sequence[str]) -> Sketches:
    batch = tokenise(texts)
    return sketch(batch.hashes, batch.flags, batch.offsets, SketchConfig())


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


def test_twelve_planted_words_are_found_by_fingerprints(plant: Callable[[int, str], str]) -> None:
    found = proposed([plant(1, PLANTED), plant(2, "Nothing to see here"), plant(3, PLANTED)])
    assert found == {(0, 2): ("fingerprint",)}


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
def test_a_phrase_in_more_than_max_frequency_stories_proposes_nothing(
    plant: Callable[[int, str], str], holders: int, expected: int
) -> None:
    texts = [plant(seed, PLANTED) for seed in range(holders)]
    assert len(proposed(texts, CandidateConfig(max_frequency=5))) == expected


def test_min_hits_asks_for_more_than_one_common_fingerprint(plant: Callable[[int, str], str]) -> None:
    texts = [plant(1, PLANTED), plant(2, PLANTED)]
    assert proposed(texts, CandidateConfig(min_hits=1))
    assert proposed(texts, CandidateConfig(min_hits=9)) == {}


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


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.lists(st.integers(0, 12), max_size=6), st.booleans()), max_size=9),
    st.integers(2, 4),
    st.integers(1, 3),
)
def test_the_fingerprint_join_equals_the_definition(
    texts: list[tuple[int, list[int], bool]], max_frequency: int, min_hits: int
) -> None:
    """Pairs of groups with min_hits fingerprints in common that two to max_frequency groups hold.

    Every fingerprint here is as telling as can be (6 nats); a pair needs 9, so one alone is never enough.
    """
    prints = [np.unique(np.array(values, np.uint64) << np.uint64(40)) for _, values, _ in texts]
    empty = np.empty(0, np.uint64)
    made = Sketches(
        tokens=np.tile(tokenise(["osk nadderby sang brume vellory"]).hashes, len(texts)),
        flags=np.zeros(5 * len(texts), np.uint8),
        offsets=5 * np.arange(len(texts) + 1, dtype=np.int64),
        body_hashes=np.zeros((len(texts), 2), np.uint64),
        signatures=np.zeros((len(texts), 16), np.uint32),
        fingerprints=np.concatenate([empty, *prints]),
        fingerprint_places=np.zeros(sum(map(len, prints)), np.uint32),
        fingerprint_offsets=np.cumsum([0, *map(len, prints)]).astype(np.int64),
    )
    groups = np.array([group for group, _, _ in texts], np.int32)
    among = np.array([kept for _, _, kept in texts], bool)
    config = CandidateConfig(max_frequency=max_frequency, min_hits=min_hits)
    found = [
        (int(p) >> 32, int(p) & 0xFFFFFFFF)
        for p in _fingerprint_pairs(made, groups, among, config, load_background(), 4, 1)
    ]

    holders: dict[int, set[int]] = {}
    for group, values, kept in texts:
        for value in values if kept else ():
            holders.setdefault(value, set()).add(group)
    hits = Counter(
        pair
        for owners in holders.values()
        if 2 <= len(owners) <= max_frequency
        for pair in combinations(sorted(owners), 2)
    )
    assert found == sorted(pair for pair, count in hits.items() if count >= max(2, min_hits))
