"""Names of clusters: they stay when articles join, leave or are renamed, and no two are equal."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest

from dedup.naming import cluster_ids


def named(groups: Sequence[Sequence[int]], prints: Sequence[Sequence[int]], ids: str = "abcdefghij") -> list[str]:
    offsets = np.cumsum([0, *map(len, prints)])
    return cluster_ids(groups, np.array([f for own in prints for f in own], np.uint64), offsets, ids)


WHOLE, CUT, EDITED, OTHER = [5, 8, 3, 9], [5, 8], [5, 8, 3, 7], [4, 6]


def test_copies_parts_and_edits_that_join_leave_the_id_alone() -> None:
    prints = [WHOLE, CUT, EDITED, WHOLE]
    [first] = named([[0, 1]], prints)
    assert [first] == named([[0, 1, 2]], prints) == named([[0, 1, 2, 3]], prints) == named([[0, 3]], prints)


def test_new_names_and_numbers_of_articles_leave_the_id_alone() -> None:
    assert named([[0, 1]], [WHOLE, CUT]) == named([[0, 1]], [CUT, WHOLE], ids="zy")


def test_only_wording_that_comes_first_changes_the_id() -> None:
    assert named([[0, 1, 2]], [WHOLE, CUT, [2, 5]]) != named([[0, 1]], [WHOLE, CUT])


def test_wording_that_two_groups_share_names_neither() -> None:
    alone, other = named([[0], [1]], [WHOLE, OTHER])
    assert named([[0], [1]], [[1, *WHOLE], [1, *OTHER]]) == [alone, other]


def test_groups_without_wording_of_their_own_go_by_their_smallest_article() -> None:
    first, second = named([[0, 1], [2, 3]], [WHOLE] * 4)
    assert first != second
    assert [first, second] == named([[1, 0], [3, 2]], [[]] * 4)


@pytest.mark.parametrize("shift", [0, 30, 58, 60, 61])
def test_the_smallest_own_wording_counts_in_whatever_part_of_the_range_it_lies(shift: int) -> None:
    prints = [[value << shift for value in own] for own in ([1, 2, 7], [1, 3], [1, 2, 4])]
    lone = [[2 << shift], [3 << shift], [4 << shift]]
    both, other = named([[0], [1]], prints)
    assert [both, other] == named([[0], [1]], lone)
    assert named([[0, 1], [2]], prints)[1] == named([[0], [1], [2]], lone)[2]


def test_no_groups_have_no_ids() -> None:
    assert named([], []) == []


@pytest.mark.parametrize("seed", range(10))
def test_ids_are_distinct_and_do_not_depend_on_the_order_of_groups(seed: int) -> None:
    dice = random.Random(seed)
    prints = [dice.sample(range(40), 4) for _ in range(10)]
    groups = [[0, 1], [2, 3], [4, 5, 6], [7, 8, 9]]
    expected = dict(zip(map(tuple, groups), named(groups, prints), strict=True))
    assert len(set(expected.values())) == 4
    dice.shuffle(groups)
    assert dict(zip(map(tuple, groups), named(groups, prints), strict=True)) == expected
