"""What somebody decided of a graph: nodes that stay together, and nodes that never do.

Must-link and cannot-link constraints (Wagstaff and Cardie 2000), for groups that were made without them. Sides are
marks: a node with mark 3 never stands beside one with mark -3. So a decision on texts that many articles carry costs a
mark for each article, and not one link for each pair of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dedup.graph import Link, average_linkage, components

__all__ = ["FREE", "Bounds", "apart", "joined", "parted"]

#: Groups that once held together part no further than they must: any link at all keeps the rest of them.
_ANY_LINK = 1e-9


@dataclass(frozen=True, slots=True)
class Bounds:
    """What was decided, by nodes."""

    together: frozenset[Link] = frozenset()
    marks: Mapping[int, frozenset[int]] = field(default_factory=dict)

    def among(self, nodes: Sequence[int]) -> Bounds:
        """What concerns these nodes; FREE if nothing does."""
        inside = set(nodes)
        together = frozenset(link for link in self.together if inside.issuperset(link))
        marks = {node: self.marks[node] for node in nodes if node in self.marks}
        return Bounds(together, marks) if together or marks else FREE


#: Nothing was decided.
FREE = Bounds()


def apart(one: frozenset[int], two: frozenset[int]) -> bool:
    """Whether two groups with these marks must stay apart.

    Example:
        >>> apart(frozenset({1, 4}), frozenset({-4})), apart(frozenset({1}), frozenset({1}))
        (True, False)
    """
    small, large = sorted((one, two), key=len)
    return any(-mark in large for mark in small)


def joined(groups: Sequence[Sequence[int]], bounds: Bounds) -> list[list[int]]:
    """The numbers of groups that become one, because nodes of theirs stay together; single ones too, in order.

    Example:
        >>> joined([[1, 2], [3], [4, 5]], Bounds(frozenset({(2, 4)})))
        [[0, 2], [1]]
    """
    home = {node: number for number, group in enumerate(groups) for node in group}
    links = {(home[a], home[b]) for a, b in bounds.together if a in home and b in home}
    whole = components(links | {(number, number) for number in range(len(groups))})
    return sorted(whole)


def parted(nodes: Sequence[int], strength: Mapping[Link, float], bounds: Bounds) -> list[list[int]]:
    """What a group falls into so that nobody stands beside whom it must not: as few parts as average linkage makes.

    Whoever is not concerned goes with the side that it holds to more strongly.

    Args:
        strength: link strength (0-1) by (low node, high node).

    Example:
        >>> bounds = Bounds(marks={1: frozenset({7}), 3: frozenset({-7})})
        >>> parted([1, 2, 3], {(1, 2): 0.5, (2, 3): 0.8}, bounds)
        [[1], [2, 3]]
    """
    if not _at_odds(nodes, bounds):
        return [list(nodes)]
    inside = set(nodes)
    links = [link for link in bounds.together if inside.issuperset(link)]
    leader = {node: group[0] for group in components([*links, *((node, node) for node in nodes)]) for node in group}
    members: dict[int, list[int]] = defaultdict(list)
    marks: dict[int, frozenset[int]] = defaultdict(frozenset)
    for node in nodes:
        members[leader[node]].append(node)
        marks[leader[node]] |= bounds.marks.get(node, frozenset())
    sums: dict[Link, list[float]] = defaultdict(list)
    for (x, y), value in strength.items():
        if x in inside and y in inside and leader[x] != leader[y]:
            low, high = sorted((leader[x], leader[y]))
            sums[low, high].append(value)
    sizes = {head: len(group) for head, group in members.items()}
    means = {(x, y): sum(sorted(values)) / (sizes[x] * sizes[y]) for (x, y), values in sorted(sums.items())}
    groups = average_linkage(sorted(members), means, _ANY_LINK, sizes, marks)
    return sorted(sorted(node for head in heads for node in members[head]) for heads, _ in groups)


def _at_odds(nodes: Sequence[int], bounds: Bounds) -> bool:
    seen = frozenset(mark for node in nodes for mark in bounds.marks.get(node, ()))
    return apart(seen, seen)
