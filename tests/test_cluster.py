"""Clusters: average linkage against scipy, weakest links against trying them all."""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage

from dedup.cluster import Link, average_linkage, components, weakest_link


def random_graph(seed: int, nodes: int, density: float) -> dict[Link, float]:
    dice = random.Random(seed)
    return {pair: dice.random() for pair in combinations(range(nodes), 2) if dice.random() < density}


def scipy_groups(nodes: int, strength: dict[Link, float], cut: float) -> list[list[int]]:
    distances = np.array([1.0 - strength.get(pair, 0.0) for pair in combinations(range(nodes), 2)])
    labels = fcluster(linkage(distances, method="average"), 1.0 - cut, criterion="distance")
    return sorted([int(n) for n in np.flatnonzero(labels == label)] for label in set(labels))


@pytest.mark.parametrize("seed", range(40))
def test_average_linkage_equals_scipy(seed: int) -> None:
    nodes, density = 3 + seed % 15, (0.2, 0.5, 1.0)[seed % 3]
    strength = random_graph(seed, nodes, density)
    for cut in (0.2, 0.4, 0.6):
        assert average_linkage(range(nodes), strength, cut) == scipy_groups(nodes, strength, cut)


@pytest.mark.parametrize("seed", range(10))
def test_sizes_stand_for_that_many_equal_items(seed: int) -> None:
    dice = random.Random(seed)
    strength, sizes = random_graph(seed, 6, 0.8), {n: dice.randint(1, 3) for n in range(6)}
    copies = [(n, k) for n in range(6) for k in range(sizes[n])]
    full = {
        (x, y): 1.0 if copies[x][0] == copies[y][0] else strength.get((copies[x][0], copies[y][0]), 0.0)
        for x, y in combinations(range(len(copies)), 2)
    }
    expanded = [sorted({copies[x][0] for x in group}) for group in average_linkage(range(len(copies)), full, 0.4)]
    assert average_linkage(range(6), strength, 0.4, sizes) == sorted(expanded)


def test_a_chain_whose_ends_are_strangers_does_not_merge() -> None:
    assert average_linkage([1, 2, 3], {(1, 2): 0.7, (2, 3): 0.7}, cut=0.4) == [[1, 2], [3]]


def test_one_strong_link_does_not_bridge_two_stories() -> None:
    first = dict.fromkeys(combinations((1, 2, 3), 2), 0.9)
    second = dict.fromkeys(combinations((4, 5, 6), 2), 0.9)
    assert average_linkage(range(1, 7), {**first, **second, (3, 4): 0.8}, cut=0.4) == [[1, 2, 3], [4, 5, 6]]


def test_a_mean_that_equals_the_cut_joins() -> None:
    assert average_linkage([1, 2], {(1, 2): 0.4}, cut=0.4) == [[1, 2]]
    assert average_linkage([1, 2], {(1, 2): 0.399}, cut=0.4) == [[1], [2]]


def test_nodes_without_links_are_groups_of_one() -> None:
    assert average_linkage([3, 1], {}, cut=0.4) == [[1], [3]]
    assert average_linkage([], {}, cut=0.4) == []


@pytest.mark.parametrize("seed", range(10))
def test_the_order_of_nodes_and_links_does_not_matter(seed: int) -> None:
    strength = random_graph(seed, 12, 0.5)
    strength = {link: round(value, 1) for link, value in strength.items()}  # ties on purpose
    expected = average_linkage(range(12), strength, 0.3)
    dice = random.Random(seed)
    for _ in range(5):
        nodes, links = list(range(12)), list(strength.items())
        dice.shuffle(nodes)
        dice.shuffle(links)
        assert average_linkage(nodes, dict(links), 0.3) == expected


def connected(members: list[int], links: set[Link]) -> bool:
    return not members[1:] or any(set(group) >= set(members) for group in components(links))


def tried_weakest(members: list[int], strength: dict[Link, float]) -> float:
    """The highest bar at which the links that reach it still hold the members together."""
    values = sorted({v for link, v in strength.items() if set(link) <= set(members)}, reverse=True)
    return next(
        bar
        for bar in values
        if connected(members, {link for link, v in strength.items() if v >= bar and set(link) <= set(members)})
    )


@pytest.mark.parametrize("seed", range(20))
def test_the_weakest_link_is_where_the_cluster_falls_apart_first(seed: int) -> None:
    strength, members = random_graph(seed, 7, 0.9), list(range(6))
    (a, b), value = weakest_link(members, strength)
    assert strength[a, b] == value == tried_weakest(members, strength)


def test_links_to_strangers_are_no_links_of_the_cluster() -> None:
    assert weakest_link([1, 2], {(1, 2): 0.5, (1, 3): 0.1, (2, 3): 0.9}) == ((1, 2), 0.5)


def test_members_that_are_not_connected_are_an_error() -> None:
    with pytest.raises(ValueError, match="not connected"):
        weakest_link([1, 2, 3], {(1, 2): 0.5})


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)).filter(lambda link: link[0] != link[1]), max_size=15))
def test_components_partition_the_nodes_and_separate_no_link(links: list[Link]) -> None:
    groups = components(links)
    home = {node: k for k, group in enumerate(groups) for node in group}
    assert sorted(home) == sorted({node for link in links for node in link}) == sorted(n for g in groups for n in g)
    assert all(home[a] == home[b] for a, b in links)
    assert sum(len(group) - 1 for group in groups) <= len(set(links))
    assert groups == sorted(sorted(group) for group in groups)
