"""Maths on graphs of link strengths: components, average linkage, weakest links.

Average linkage (Sokal and Michener 1958) joins the two groups with the highest mean link strength, a missing pair
counting as none, while that mean reaches the cut. One strong pair between two stories therefore joins nothing, as it
would with connected components.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Link", "average_linkage", "collapse", "components", "weakest_link"]

#: Two nodes, the lower first.
Link = tuple[int, int]


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
    nodes: Sequence[int],
    strength: Mapping[Link, float],
    cut: float,
    sizes: Mapping[int, int] | None = None,
    marks: Mapping[int, frozenset[int]] | None = None,
) -> list[tuple[list[int], float]]:
    """Groups of nodes, each sorted, in order of their first node; and the mean at which the last parts of each joined.

    That mean is the lowest in the group, since it can only fall from one join to the next; 1 for a single node.

    Args:
        strength: link strength (0-1) by (low node, high node); what is missing counts as 0.
        cut: two groups join while their mean strength is at least this.
        sizes: how many equal items a node stands for, 1 when missing.
        marks: two groups never join while one has a mark and the other its negative.

    Example:
        >>> average_linkage([1, 2, 3], {(1, 2): 0.9, (2, 3): 0.6}, cut=0.4)
        [([1, 2], 0.9), ([3], 1.0)]
    """
    if not any(round(value, 9) >= cut for value in strength.values()):
        return [([node], 1.0) for node in sorted(nodes)]
    weight = {node: (sizes or {}).get(node, 1) for node in nodes}
    marked = {node: marks[node] for node in nodes if marks.get(node)} if marks else {}
    members = {node: [node] for node in nodes}
    joined = dict.fromkeys(nodes, 1.0)
    total: dict[int, dict[int, float]] = {node: {} for node in nodes}
    queue: list[tuple[float, int, int]] = []
    for (a, b), value in strength.items():
        if value > 0:
            total[a][b] = total[b][a] = value * weight[a] * weight[b]
            if round(value, 9) >= cut:
                queue.append((-round(value, 9), a, b))
    heapq.heapify(queue)
    while queue:
        negative, a, b = heapq.heappop(queue)
        if a not in members or b not in members or b not in total[a] or negative != _mean(total, weight, a, b):
            continue  # stale: one of the two has changed since
        if b in marked:
            own = marked.get(a, frozenset())
            if any(-mark in own for mark in marked[b]):
                continue
            marked[a] = own | marked.pop(b)
        members[a] += members.pop(b)
        joined[a] = -negative
        weight[a] += weight.pop(b)
        for other, value in total.pop(b).items():
            del total[other][b]
            if other != a:
                total[a][other] = total[other][a] = total[a].get(other, 0.0) + value
        for other in total[a]:
            mean = _mean(total, weight, a, other)
            if -mean >= cut:
                heapq.heappush(queue, (mean, min(a, other), max(a, other)))
    return sorted((sorted(group), joined[node]) for node, group in members.items())


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
    if not near:
        return {node: node for node in nodes}
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
