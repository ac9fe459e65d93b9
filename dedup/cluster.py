"""Clusters from verified pairs: average linkage inside each connected component, never components themselves.

Average linkage (Sokal and Michener 1958) joins the two groups with the highest mean link strength, a missing pair
counting as none, while that mean reaches the cut. One strong pair between two stories therefore joins nothing, as it
would with connected components.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Link",
    "average_linkage",
    "collapse",
    "components",
    "group_stories",
    "missing_pairs",
    "strengths",
    "weakest_link",
]

Link = tuple[int, int]

#: Components up to this size have all their pairs verified, so that a missing link is a fact and not a gap.
_COMPLETE = 300
#: Link strength from which two texts of grade exact or near duplicate are one copy group.
_SAME_TEXT = 0.5
#: Grade codes of `dedup.grade.GRADES`: from this one on the text is the same, and at this one word for word.
_NEAR, _EQUAL = 3, 4


def components(links: Iterable[Link]) -> list[list[int]]:
    """The connected components of a graph, each sorted, in order of their first node.

    Example:
        >>> components([(1, 2), (5, 4), (2, 3)])
        [[1, 2, 3], [4, 5]]
    """
    parent: dict[int, int] = {}

    def root(node: int) -> int:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for a, b in links:
        low, high = sorted((root(a), root(b)))
        parent[high] = low
    groups: dict[int, list[int]] = defaultdict(list)
    for node in sorted(parent):
        groups[root(node)].append(node)
    return [groups[key] for key in sorted(groups)]


def average_linkage(
    nodes: Sequence[int], strength: Mapping[Link, float], cut: float, sizes: Mapping[int, int] | None = None
) -> list[list[int]]:
    """Groups of nodes, each sorted, in order of their first node; single nodes are groups of one.

    Args:
        strength: link strength (0-1) by (low node, high node); what is missing counts as 0.
        cut: two groups join while their mean strength is at least this.
        sizes: how many equal items a node stands for, 1 when missing.

    Example:
        >>> average_linkage([1, 2, 3], {(1, 2): 0.9, (2, 3): 0.6}, cut=0.4)
        [[1, 2], [3]]
    """
    weight = {node: (sizes or {}).get(node, 1) for node in nodes}
    members = {node: [node] for node in nodes}
    total: dict[int, dict[int, float]] = {node: {} for node in nodes}
    queue: list[tuple[float, int, int]] = []
    for (a, b), value in strength.items():
        if value > 0:
            total[a][b] = total[b][a] = value * weight[a] * weight[b]
            queue.append((-round(value, 9), a, b))
    heapq.heapify(queue)
    while queue:
        negative, a, b = heapq.heappop(queue)
        if -negative < cut:
            break
        if a not in members or b not in members or b not in total[a] or negative != _mean(total, weight, a, b):
            continue  # stale: one of the two has changed since
        members[a] += members.pop(b)
        weight[a] += weight.pop(b)
        for other, value in total.pop(b).items():
            del total[other][b]
            if other != a:
                total[a][other] = total[other][a] = total[a].get(other, 0.0) + value
        for other in total[a]:
            heapq.heappush(queue, (_mean(total, weight, a, other), min(a, other), max(a, other)))
    return sorted(sorted(group) for group in members.values())


def collapse(nodes: Sequence[int], same: Iterable[Link]) -> dict[int, int]:
    """The leader of each node: nodes with the most links lead, and take in whoever is linked to them directly.

    A story in thousands of copies is compared with its representative, not pair by pair; this makes one node of it.

    Example:
        >>> collapse([1, 2, 3, 4], [(1, 2), (1, 3), (3, 4)])
        {1: 1, 2: 1, 3: 1, 4: 4}
    """
    near: dict[int, list[int]] = defaultdict(list)
    for a, b in same:
        near[a].append(b)
        near[b].append(a)
    leader: dict[int, int] = {}
    for node in sorted(nodes, key=lambda node: (-len(near[node]), node)):
        if node not in leader:
            leader[node] = node
            for other in near[node]:
                leader.setdefault(other, node)
    return {node: leader[node] for node in nodes}


def _mean(total: Mapping[int, Mapping[int, float]], weight: Mapping[int, int], a: int, b: int) -> float:
    """Minus the mean strength between two groups, rounded so that the order of addition cannot show."""
    return -round(total[a][b] / (weight[a] * weight[b]), 9)


def weakest_link(members: Sequence[int], strength: Mapping[Link, float]) -> tuple[Link, float]:
    """The weakest link of the strongest tree that spans the members: cut it and the cluster falls apart.

    Raises:
        ValueError: the members are not connected.
    """
    inside = set(members)
    ranked = sorted(((-value, link) for link, value in strength.items() if inside.issuperset(link) and value > 0))
    parent = {node: node for node in members}

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    missing = len(members) - 1
    for value, (a, b) in ranked:
        if root(a) != root(b):
            parent[root(a)] = root(b)
            missing -= 1
            if not missing:
                return (a, b), -value
    raise ValueError("these members are not connected")


def strengths(
    a: NDArray[np.int32], b: NDArray[np.int32], codes: NDArray[np.uint8], link: NDArray[np.float64]
) -> dict[Link, float]:
    """Link strengths inside components of copies; a doubtful pair counts for what it is worth, not as missing."""
    home = {node: number for number, group in enumerate(components(_copies(a, b, codes))) for node in group}
    return {
        (x, y): value
        for x, y, value in zip(a.tolist(), b.tolist(), link.tolist(), strict=True)
        if value > 0 and x in home and home[x] == home.get(y)
    }


def missing_pairs(a: NDArray[np.int32], b: NDArray[np.int32], codes: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Pairs inside components that nobody proposed, int32[M, 2], sorted; of equal texts only one is asked for."""
    known = set(zip(a.tolist(), b.tolist(), strict=True))
    missing: list[Link] = []
    equal: dict[int, list[Link]] = defaultdict(list)
    for x, y in _copies(a, b, codes, _EQUAL):
        equal[x].append((x, y))
    for group in components(_copies(a, b, codes)):
        leader = collapse(group, (link for node in group for link in equal.get(node, ())))
        distinct = sorted(set(leader.values()))
        if 2 < len(distinct) <= _COMPLETE:
            missing += (pair for pair in combinations(distinct, 2) if pair not in known)
    return np.array(sorted(missing), np.int32).reshape(-1, 2)


def _copies(a: NDArray[np.int32], b: NDArray[np.int32], codes: NDArray[np.uint8], least: int = 1) -> list[Link]:
    kept = codes >= least
    return list(zip(a[kept].tolist(), b[kept].tolist(), strict=True))


def group_stories(
    a: NDArray[np.int32],
    b: NDArray[np.int32],
    codes: NDArray[np.uint8],
    strength: Mapping[Link, float],
    cut: float,
) -> tuple[list[list[int]], list[list[int]]]:
    """(clusters of two or more, groups inside them that carry one text), as article indices."""
    equal, same = set(_copies(a, b, codes, _EQUAL)), set(_copies(a, b, codes, _NEAR))
    by_node: dict[int, list[Link]] = defaultdict(list)
    for link in strength:
        by_node[link[0]].append(link)
    clusters: list[list[int]] = []
    copies: list[list[int]] = []
    for group in components(strength):
        inside = {link: strength[link] for node in group for link in by_node[node]}
        for cluster in _linked(group, inside, equal, same, cut):
            if len(cluster) > 1:
                clusters.append(cluster)
                members = set(cluster)
                texts = {link: inside[link] for link in inside if link in same and members.issuperset(link)}
                copies += _linked(cluster, texts, equal, same, _SAME_TEXT)
    return clusters, copies


def _linked(
    nodes: Sequence[int], strength: Mapping[Link, float], equal: set[Link], same: set[Link], cut: float
) -> list[list[int]]:
    """Average-linkage groups where equal texts count as one node, and so do near ones in a very large component.

    The link between two such nodes is the mean of the pairs that were compared. Were they fewer than the smaller node
    has members, the others count as nothing: one pair does not stand for hundreds.
    """
    leader = collapse(nodes, (link for link in strength if link in equal))
    if len(set(leader.values())) > _COMPLETE:
        leader = collapse(nodes, (link for link in strength if link in same))
    members: dict[int, list[int]] = defaultdict(list)
    for node in nodes:
        members[leader[node]].append(node)
    sums: dict[Link, list[float]] = defaultdict(list)
    for (x, y), value in strength.items():
        if leader[x] != leader[y]:
            sums[min(leader[x], leader[y]), max(leader[x], leader[y])].append(value)
    texts = _distinct_texts(members, equal)
    between = {
        (x, y): sum(values) / max(len(values), min(texts[x], texts[y])) for (x, y), values in sorted(sums.items())
    }
    sizes = {head: len(group) for head, group in members.items()}
    groups = average_linkage(sorted(members), between, cut, sizes)
    return sorted(sorted(node for head in group for node in members[head]) for group in groups)


def _distinct_texts(members: Mapping[int, Sequence[int]], equal: set[Link]) -> dict[int, int]:
    """How many different texts each node stands for."""
    twins: dict[int, list[Link]] = defaultdict(list)
    for link in equal:
        twins[link[0]].append(link)
    out = {}
    for head, group in members.items():
        inside = set(group)
        links = (link for node in group for link in twins.get(node, ()) if link[1] in inside)
        out[head] = len(set(collapse(group, links).values()))
    return out
