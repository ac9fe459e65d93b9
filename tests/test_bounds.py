"""Who stays together and who never does: the laws of bounds, on graphs and on stories made of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest

from dedup.bounds import FREE, Bounds, apart, parted
from dedup.cluster import Story, group_stories
from dedup.graph import Link

Links = dict[Link, tuple[float, float, float]]


def stories_of(links: Links, bounds: Bounds = FREE, cut: float = 0.4) -> list[Story]:
    pairs = list(links)
    a, b = (np.array([pair[side] for pair in pairs], np.int32) for side in (0, 1))
    return group_stories(a, b, np.ones(len(pairs), np.uint8), links, cut, bounds)


def members_of(stories: Sequence[Story]) -> list[list[int]]:
    return [story.members for story in stories]


def kept_apart(*pairs: Link) -> dict[int, frozenset[int]]:
    """Marks that keep the two of each pair apart."""
    marks: dict[int, frozenset[int]] = {}
    for number, pair in enumerate(pairs, 1):
        for node, mark in zip(pair, (number, -number), strict=True):
            marks[node] = marks.get(node, frozenset()) | {mark}
    return marks


def one_text(*pairs: Link) -> Links:
    return dict.fromkeys(pairs, (0.9, 0.9, 0.9))


def test_third_texts_go_with_the_side_that_they_hold_to_more_strongly() -> None:
    strength = {(1, 2): 0.9, (1, 3): 0.6, (2, 3): 0.5, (2, 4): 0.8, (3, 4): 0.7}
    assert parted([1, 2, 3, 4], strength, Bounds(marks=kept_apart((1, 4)))) == [[1, 2], [3, 4]]
    assert parted([1, 2, 3, 4], strength | {(3, 4): 0.3}, Bounds(marks=kept_apart((1, 4)))) == [[1, 2, 3], [4]]
    assert parted([1, 2, 3, 4], strength, Bounds(marks=kept_apart((1, 4), (2, 3)))) == [[1, 2], [3, 4]]


def test_a_group_that_nobody_parts_stays_whole() -> None:
    assert parted([1, 2, 3], {(1, 2): 0.9}, Bounds(marks=kept_apart((1, 7)))) == [[1, 2, 3]]


def test_two_that_stay_together_go_to_one_side() -> None:
    strength = {(1, 2): 0.9, (2, 3): 0.2, (3, 4): 0.9}
    bounds = Bounds(frozenset({(2, 3)}), kept_apart((1, 4)))
    assert parted([1, 2, 3, 4], strength, bounds) == [[1, 2, 3], [4]]


def test_a_story_parts_between_two_texts_whatever_holds_them() -> None:
    links = one_text(*combinations(range(5), 2))
    assert members_of(stories_of(links)) == [[0, 1, 2, 3, 4]]
    assert members_of(stories_of(links, Bounds(marks=kept_apart((0, 4))))) == [[0, 1, 2, 3]]


def test_a_part_that_held_only_by_the_others_falls_apart() -> None:
    """Three reports of one press conference bear each other out; two of them alone do not make a story."""
    links = {(0, 1): (0.0, 0.35, 0.8), (0, 2): (0.0, 0.35, 0.8), (1, 2): (0.0, 0.35, 0.8)}
    assert members_of(stories_of(links)) == [[0, 1, 2]]
    del links[0, 1]
    assert members_of(stories_of(links, Bounds(marks=kept_apart((0, 1))))) == []


def test_two_stories_with_texts_that_stay_together_are_one_at_every_bar() -> None:
    links = one_text((0, 1), (2, 3)) | {(1, 2): (0.0, 1.0, 1.0)}
    assert members_of(stories_of(links)) == [[0, 1], [2, 3]]
    (story,) = stories_of(links, Bounds(frozenset({(1, 2)})))
    assert story.members == [0, 1, 2, 3]
    assert story.strength[1, 2] == 1.0
    assert (story.splits_at, story.parts) == (0.91, [[0], [1, 2], [3]])


@pytest.mark.parametrize("seed", range(40))
def test_bounds_hold_on_any_graph_in_any_order(seed: int) -> None:
    dice = random.Random(seed)
    nodes = range(14)
    links: Links = {}
    for pair in combinations(nodes, 2):
        if dice.random() < 0.5:
            text, alone, confirmed = sorted(round(dice.random(), 2) for _ in range(3))
            links[pair] = (text * (dice.random() < 0.5), alone, confirmed)
    split = set(dice.sample(list(combinations(nodes, 2)), 3))
    together = set()
    for x, y in dice.sample([pair for pair in links if pair not in split], 2):
        links[x, y] = (links[x, y][0], 1.0, 1.0)
        together.add((x, y))
    left = {pair for pair in split if not connected(pair, together)}
    for pair in left:
        links.pop(pair, None)
    bounds = Bounds(frozenset(together), kept_apart(*sorted(left)))

    stories = stories_of(links, bounds)
    for story in stories:
        inside = set(story.members)
        assert not any(inside.issuperset(pair) for pair in left)
        assert set(story.strength) <= set(links)
        assert story.splits_at == 0.0 or sorted(node for part in story.parts for node in part) == story.members
    for pair in together:
        assert any(set(pair) <= set(story.members) for story in stories)
    assert stories == stories_of(dict(sorted(links.items(), reverse=True)), bounds)


def connected(pair: Link, links: set[Link]) -> bool:
    reached = {pair[0]}
    for _ in links:
        reached |= {node for link in links if reached & set(link) for node in link}
    return pair[1] in reached


def test_marks_keep_apart_whoever_has_the_other_side() -> None:
    assert apart(frozenset({1, 2}), frozenset({-2}))
    assert not apart(frozenset({1, 2}), frozenset({2, -3}))
    assert not apart(frozenset(), frozenset({1}))
