"""What a run should be warned of: results that are more often a fault of the input than news."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from dedup.records import Cluster

__all__ = ["warnings"]

#: A cluster of this many articles, and of this share of all of them, is looked at.
LARGE, LARGE_SHARE = 100, 0.05
#: An outlet with this many articles, all of them copies of other outlets' articles, is looked at.
OUTLET = 10
#: Outlets that are named.
_NAMED = 5


def warnings(clusters: Sequence[Cluster], outlets: Mapping[str, str]) -> list[str]:
    """A sentence for each cluster that takes too much of the input, then one on outlets that are wholly swallowed.

    Args:
        outlets: the outlet of every article by the article's id; empty where it is unknown.

    Example:
        >>> warnings([], {"a": "Courier", "b": ""})
        []
    """
    return [*_large(clusters, len(outlets)), *_swallowed(clusters, outlets)]


def _large(clusters: Sequence[Cluster], total: int) -> list[str]:
    return [
        f"cluster {cluster.id} holds {len(cluster.members):,} of {total:,} articles "
        f"({len(cluster.members) / total:.0%}): "
        "look whether they are one story, or share page furniture or a form that was not recognised"
        for cluster in clusters
        if len(cluster.members) >= LARGE and len(cluster.members) > LARGE_SHARE * total
    ]


def _swallowed(clusters: Sequence[Cluster], outlets: Mapping[str, str]) -> list[str]:
    """One sentence on the outlets whose articles all are copies of others', the source of a cluster being none."""
    taken: Counter[str] = Counter()
    others: dict[str, Counter[str]] = defaultdict(Counter)
    for cluster in clusters:
        here = Counter(outlets[member.article] for member in cluster.members)
        source = outlets.get(cluster.likely_source)
        for outlet in here:
            beside = here.keys() - {outlet, ""}
            if beside:
                taken[outlet] += here[outlet] - (outlet == source)
                others[outlet].update(beside)
    sizes = Counter(outlets.values())
    swallowed = sorted(
        (-size, outlet) for outlet, size in sizes.items() if outlet and size >= OUTLET and taken[outlet] == size
    )
    if not swallowed:
        return []
    named = [
        f"{outlet} ({-size:,} articles, most often beside "
        f"{min(others[outlet], key=lambda other: (-others[outlet][other], other))})"
        for size, outlet in swallowed[:_NAMED]
    ]
    more = f" and {len(swallowed) - _NAMED} more" if len(swallowed) > _NAMED else ""
    return [
        f"every article is a copy of other outlets' articles at {', '.join(named)}{more}: "
        "look whether such an outlet only reprints or supplies others, is one of them under another name, "
        "or has page furniture that was not recognised"
    ]
