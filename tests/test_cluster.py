"""Clusters: average linkage against scipy, weakest links against trying them all, stories against a naive version."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage

from dedup.cluster import Story, group_stories, missing_pairs, strengths
from dedup.graph import Link, average_linkage, components, weakest_link


def random_graph(seed: int, nodes: int, density: float) -> dict[Link, float]:
    dice = random.Random(seed)
    return {pair: dice.random() for pair in combinations(range(nodes), 2) if dice.random() < density}


def groups_of(*asked: Any, **more: Any) -> list[list[int]]:
    return [group for group, _ in average_linkage(*asked, **more)]


def scipy_groups(nodes: int, strength: dict[Link, float], cut: float) -> list[list[int]]:
    distances = np.array([1.0 - strength.get(pair, 0.0) for pair in combinations(range(nodes), 2)])
    labels = fcluster(linkage(distances, method="average"), 1.0 - cut, criterion="distance")
    return sorted([int(n) for n in np.flatnonzero(labels == label)] for label in set(labels))


@pytest.mark.parametrize("seed", range(40))
def test_average_linkage_equals_scipy(seed: int) -> None:
    nodes, density = 3 + seed % 15, (0.2, 0.5, 1.0)[seed % 3]
    strength = random_graph(seed, nodes, density)
    for cut in (0.2, 0.4, 0.6):
        assert groups_of(range(nodes), strength, cut) == scipy_groups(nodes, strength, cut)


@pytest.mark.parametrize("seed", range(10))
def test_sizes_stand_for_that_many_equal_items(seed: int) -> None:
    dice = random.Random(seed)
    strength, sizes = random_graph(seed, 6, 0.8), {n: dice.randint(1, 3) for n in range(6)}
    copies = [(n, k) for n in range(6) for k in range(sizes[n])]
    full = {
        (x, y): 1.0 if copies[x][0] == copies[y][0] else strength.get((copies[x][0], copies[y][0]), 0.0)
        for x, y in combinations(range(len(copies)), 2)
    }
    expanded = [sorted({copies[x][0] for x in group}) for group in groups_of(range(len(copies)), full, 0.4)]
    assert groups_of(range(6), strength, 0.4, sizes) == sorted(expanded)


def test_a_chain_whose_ends_are_strangers_does_not_merge() -> None:
    assert groups_of([1, 2, 3], {(1, 2): 0.7, (2, 3): 0.7}, cut=0.4) == [[1, 2], [3]]


def test_one_strong_link_does_not_bridge_two_stories() -> None:
    first = dict.fromkeys(combinations((1, 2, 3), 2), 0.9)
    second = dict.fromkeys(combinations((4, 5, 6), 2), 0.9)
    assert groups_of(range(1, 7), {**first, **second, (3, 4): 0.8}, cut=0.4) == [[1, 2, 3], [4, 5, 6]]


def test_a_mean_that_equals_the_cut_joins() -> None:
    assert groups_of([1, 2], {(1, 2): 0.4}, cut=0.4) == [[1, 2]]
    assert groups_of([1, 2], {(1, 2): 0.399}, cut=0.4) == [[1], [2]]


def test_nodes_without_links_are_groups_of_one() -> None:
    assert groups_of([3, 1], {}, cut=0.4) == [[1], [3]]
    assert groups_of([], {}, cut=0.4) == []


@pytest.mark.parametrize("seed", range(10))
def test_the_order_of_nodes_and_links_does_not_matter(seed: int) -> None:
    strength = random_graph(seed, 12, 0.5)
    strength = {link: round(value, 1) for link, value in strength.items()}  # ties on purpose
    expected = groups_of(range(12), strength, 0.3)
    dice = random.Random(seed)
    for _ in range(5):
        nodes, links = list(range(12)), list(strength.items())
        dice.shuffle(nodes)
        dice.shuffle(links)
        assert groups_of(nodes, dict(links), 0.3) == expected


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


# Stories.

Links = dict[Link, tuple[float, float, float]]


def random_links(seed: int, nodes: int, density: float) -> Links:
    """Three strengths for some pairs, each at least the one before; whole families and witnesses are not rare."""
    dice = random.Random(seed)
    team = [dice.randrange(3) for _ in range(nodes)]
    out = {}
    for x, y in combinations(range(nodes), 2):
        if dice.random() < density:
            confirmed = round(dice.uniform(0.3, 1.0), 2)
            alone = confirmed if dice.random() < 0.2 else round(0.38 * confirmed, 4)
            text = confirmed if team[x] == team[y] and dice.random() < 0.8 else 0.0
            out[x, y] = (text, max(text, alone), confirmed)
    return out


def stories_of(links: Links, cut: float = 0.4, codes: Mapping[Link, int] | None = None) -> list[Story]:
    pairs = list(links)
    a, b = (np.array([pair[side] for pair in pairs], np.int32) for side in (0, 1))
    graded = np.array([(codes or {}).get(pair, 1) for pair in pairs], np.uint8)
    return group_stories(a, b, graded, links, cut)


def members_of(stories: Iterable[Story]) -> list[list[int]]:
    return [story.members for story in stories]


def naive_mean(one: Sequence[int], other: Sequence[int], links: Links, column: int) -> float:
    pairs = [(min(x, y), max(x, y)) for x in one for y in other]
    return sum(links.get(pair, (0.0, 0.0, 0.0))[column] for pair in pairs) / len(pairs)


def naive_linkage(parts: Sequence[list[int]], mean: Callable[[list[int], list[int]], float], cut: float) -> list[Any]:
    """Join the two groups of parts with the highest mean over their parts, as long as it reaches the cut."""
    groups = [[part] for part in parts]
    while len(groups) > 1:
        value, x, y = max(
            (sum(mean(p, q) for p in groups[x] for q in groups[y]) / (len(groups[x]) * len(groups[y])), -x, -y)
            for x, y in combinations(range(len(groups)), 2)
        )
        if round(value, 9) < cut:
            break
        groups[-x] += groups.pop(-y)
    return groups


def naive_stories(families: list[list[int]], links: Links, cut: float) -> list[list[int]]:
    def confirmed(one: list[int], other: list[int]) -> float:
        return naive_mean(one, other, links, 2)

    def mean(one: list[int], other: list[int]) -> float:
        witnesses = [family for family in families if family not in (one, other)]
        support = max((min(confirmed(one, w), confirmed(other, w)) for w in witnesses), default=0.0)
        alone, whole = naive_mean(one, other, links, 1), confirmed(one, other)
        if not whole:
            return 0.0
        return alone + (whole + 0.25 * support * (1 - whole) - alone) * min(1.0, support / 0.3)

    groups = naive_linkage(families, mean, cut)
    if len(groups) == 1:
        return [sorted(node for family in families for node in family)]
    return sorted(story for group in groups for story in naive_stories(group, links, cut))


@pytest.mark.parametrize("seed", range(60))
def test_stories_equal_a_naive_version(seed: int) -> None:
    nodes, density = 4 + seed % 9, (0.3, 0.6, 0.9)[seed % 3]
    links = random_links(seed, nodes, density)
    families = [
        sorted(node for part in group for node in part)
        for group in naive_linkage([[n] for n in range(nodes)], lambda x, y: naive_mean(x, y, links, 0), 0.4)
    ]
    expected = [story for story in naive_stories(sorted(families), links, 0.4) if len(story) > 1]
    assert members_of(stories_of(links)) == expected


@pytest.mark.parametrize("seed", range(20))
def test_neither_the_order_nor_the_numbers_of_the_articles_matter(seed: int) -> None:
    links = random_links(seed, 10, 0.6)
    expected = stories_of(links)
    dice = random.Random(seed)
    shuffled = list(links.items())
    dice.shuffle(shuffled)
    assert stories_of(dict(shuffled)) == expected
    new = dice.sample(range(100), 10)
    renamed = {(min(new[x], new[y]), max(new[x], new[y])): value for (x, y), value in links.items()}
    back = {number: node for node, number in enumerate(new)}
    assert sorted(sorted(back[n] for n in story.members) for story in stories_of(renamed)) == members_of(expected)


@pytest.mark.parametrize("seed", range(30))
def test_a_story_judged_by_its_members_alone_is_the_same_story(seed: int) -> None:
    links = random_links(seed, 12, 0.6)
    for story in stories_of(links):
        inside = {link: value for link, value in links.items() if set(link) <= set(story.members)}
        assert stories_of(inside) == [story]


@pytest.mark.parametrize("seed", range(30))
def test_at_the_bar_that_splits_it_a_story_falls_into_its_parts_and_just_below_it_holds(seed: int) -> None:
    links = random_links(seed, 10, 0.7)
    for story in stories_of(links):
        inside = {link: value for link, value in links.items() if set(link) <= set(story.members)}
        assert 0.4 < story.splits_at <= 1.0
        parts = [part for part in story.parts if len(part) > 1]
        assert members_of(stories_of(inside, story.splits_at)) == parts
        assert len(story.parts) > 1
        assert sorted(node for part in story.parts for node in part) == story.members
        if story.splits_at > 0.41:
            assert members_of(stories_of(inside, round(story.splits_at - 0.01, 2))) == [story.members]


QUOTES = (0.0, 0.38, 1.0)  #: two reports that share some statements and are about one event
COPY = (1.0, 1.0, 1.0)


def test_statements_in_common_join_three_reports_and_not_two() -> None:
    assert stories_of({(1, 2): QUOTES}) == []
    assert members_of(stories_of({(1, 2): QUOTES, (1, 3): QUOTES, (2, 3): QUOTES})) == [[1, 2, 3]]


def test_copies_of_a_report_are_one_witness_and_not_many() -> None:
    copies = dict.fromkeys(combinations((1, 2, 3), 2), COPY)
    quoting = {(n, 9): QUOTES for n in (1, 2, 3)}
    assert members_of(stories_of(copies | quoting)) == [[1, 2, 3]]


def test_a_press_conference_stays_one_story_when_one_report_is_copied() -> None:
    copies = dict.fromkeys(combinations((1, 2, 3), 2), COPY)
    others = {(n, other): QUOTES for n in (1, 2, 3) for other in (8, 9)} | {(8, 9): QUOTES}
    assert members_of(stories_of(copies | others)) == [[1, 2, 3, 8, 9]]


def test_a_witness_that_goes_to_another_story_bears_nothing_out() -> None:
    elsewhere = dict.fromkeys(combinations((5, 6, 7), 2), COPY)
    weak = (0.0, 0.19, 0.5)
    links = elsewhere | {(1, 2): weak, (1, 5): weak, (2, 5): weak}
    assert members_of(stories_of(links)) == [[5, 6, 7]]


def test_what_no_bar_can_split_is_one_text() -> None:
    [story] = stories_of(dict.fromkeys(combinations(range(4), 2), COPY), codes={(0, 1): 4, (2, 3): 4})
    assert (story.splits_at, story.parts) == (0.0, [])


def test_copy_groups_are_texts_lightly_edited_at_most() -> None:
    links = {(1, 2): COPY, (1, 3): COPY, (2, 3): COPY}
    [story] = stories_of(links, codes={(1, 2): 3, (1, 3): 2, (2, 3): 2})
    assert story.copies == [[1, 2], [3]]


def test_a_doubtful_pair_counts_inside_a_component_of_copies_only() -> None:
    a, b = np.array([1, 1, 2, 7], np.int32), np.array([2, 3, 3, 8], np.int32)
    found = strengths(a, b, np.array([3, 3, 0, 0], np.uint8), np.array([COPY, COPY, QUOTES, QUOTES]))
    assert found == {(1, 2): COPY, (1, 3): COPY, (2, 3): QUOTES}


# What is still to be judged.


def missing(judged: Mapping[Link, int], aside: Sequence[Link] = ()) -> tuple[list[Link], list[Link]]:
    """(pairs set aside that are to be judged after all, pairs that nobody proposed), by the grades of those judged."""

    def sides(pairs: Iterable[Link]) -> list[Any]:
        return list(np.array(sorted(pairs), np.int32).reshape(-1, 2).T.copy())

    codes = np.array([judged[pair] for pair in sorted(judged)], np.uint8)
    inside, unknown = missing_pairs(*sides(judged), codes, *sides(aside))
    return [pair for pair, wanted in zip(sorted(aside), inside, strict=True) if wanted], list(
        map(tuple, unknown.tolist())
    )


def test_pairs_inside_a_component_of_copies_that_nobody_proposed_are_missing() -> None:
    assert missing({(1, 2): 3, (2, 5): 1, (5, 7): 2}) == ([], [(1, 5), (1, 7), (2, 7)])


def test_a_pair_judged_or_set_aside_is_not_missing() -> None:
    assert missing({(1, 2): 3, (1, 5): 0, (2, 5): 1}) == ([], [])
    assert missing({(1, 2): 3, (2, 5): 1}, aside=[(1, 5)]) == ([(1, 5)], [])


def test_pairs_set_aside_are_judged_only_inside_a_component_of_copies() -> None:
    aside = [(0, 1), (1, 5), (2, 6), (3, 6), (5, 9), (9, 90)]
    assert missing({(1, 2): 3, (2, 5): 1, (3, 6): 1, (0, 9): 0}, aside)[0] == [(1, 5), (3, 6)]


def test_without_copies_nothing_is_missing() -> None:
    assert missing({(1, 2): 0}, aside=[(1, 5)]) == missing({}, aside=[(0, 1)]) == ([], [])


def test_equal_texts_are_asked_for_once() -> None:
    assert missing({(1, 2): 4, (2, 5): 1, (5, 7): 1})[1] == [(1, 5), (1, 7)]


@pytest.mark.parametrize("texts", [300, 301])
def test_a_component_of_more_than_three_hundred_texts_is_not_completed(texts: int) -> None:
    chain = {(k, k + 1): 1 for k in range(texts - 1)}
    inside, unknown = missing(chain, aside=[(0, 9)])
    assert inside == [(0, 9)]
    assert len(unknown) == (300 * 299 // 2 - 299 - 1 if texts == 300 else 0)


@settings(deadline=None)
@given(st.dictionaries(st.tuples(st.integers(0, 9), st.integers(0, 9)), st.integers(-1, 3), max_size=20))
def test_what_is_missing_equals_the_definition(drawn: dict[Link, int]) -> None:
    """Grade -1 is set aside; no two texts are equal."""
    pairs = {(min(pair), max(pair)): code for pair, code in drawn.items() if pair[0] != pair[1]}
    judged = {pair: code for pair, code in pairs.items() if code >= 0}
    groups = components([pair for pair, code in judged.items() if code > 0])
    within = {pair for group in groups for pair in combinations(group, 2)}
    inside, unknown = missing(judged, [pair for pair in pairs if pair not in judged])
    assert inside == sorted(within & (pairs.keys() - judged.keys()))
    assert unknown == sorted(within - pairs.keys())
