"""Clusters from verified pairs: average linkage inside each connected component, never components themselves.

In two steps. Texts that are mostly one text make a family. Then families, each counting once however many copies it
has, make stories: by what a pair says alone, or by what it says where a third text of the same story bears it out. So
an article that quotes some statements of a much copied text does not join its copies, and three reports of one press
conference, none of them much like another, do join.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dedup.bounds import FREE, Bounds, joined, parted
from dedup.graph import Link, average_linkage, collapse, components
from dedup.links import ALONE, CONFIRMED, TEXT

__all__ = ["GIANT", "Links", "Story", "group_stories", "missing_pairs", "strengths"]

#: The three strengths of `dedup.links`, by pair of articles.
Links = Mapping[Link, tuple[float, float, float]]

_Value = TypeVar("_Value")

#: Components up to this size have all their pairs verified, so that a missing link is a fact and not a gap.
GIANT = 300
#: Link strength from which two texts of grade exact or near duplicate are one copy group.
_SAME_TEXT = 0.5
#: Grade codes of `dedup.grade.GRADES`: from this one on the text is the same, and at this one word for word.
_NEAR, _EQUAL = 3, 4
#: How strongly a third text must be tied to both to bear their link out in full ...
_WITNESS = 0.3
#: ... and how much of what the link lacks it then adds, for each unit of that strength.
_BOOST = 0.25


@dataclass(frozen=True, slots=True)
class Story:
    """A cluster of two or more articles, as indices."""

    members: list[int]
    copies: list[list[int]]
    """The members by text: groups that carry one text, and single ones."""
    strength: dict[Link, float]
    """How strongly the members hold together, pair by pair, third texts counted in."""
    splits_at: float
    """The lowest bar, in hundredths, at which it would fall apart; 0 where none does, since all carry one text."""
    parts: list[list[int]]
    """What it would then fall into."""


def strengths(
    a: NDArray[np.int32], b: NDArray[np.int32], codes: NDArray[np.uint8], link: NDArray[np.float64]
) -> dict[Link, tuple[float, float, float]]:
    """Link strengths inside components of copies; a doubtful pair counts for what it is worth, not as missing.

    Args:
        link: float64[P, 3], as `dedup.links` gives them.
    """
    home = {node: number for number, group in enumerate(components(_copies(a, b, codes))) for node in group}
    rows = zip(a.tolist(), b.tolist(), link.tolist(), strict=True)
    return {
        (x, y): (row[TEXT], row[ALONE], row[CONFIRMED])
        for x, y, row in rows
        if row[CONFIRMED] > 0 and x in home and home[x] == home.get(y)
    }


def missing_pairs(
    a: NDArray[np.int32],
    b: NDArray[np.int32],
    codes: NDArray[np.uint8],
    aside_a: NDArray[np.int32],
    aside_b: NDArray[np.int32],
) -> tuple[NDArray[np.bool_], NDArray[np.int32]]:
    """What has not been judged inside components of copies.

    Args:
        a, b, codes: the judged pairs and their grades.
        aside_a, aside_b: proposed pairs that were set aside.

    Returns:
        (which of those set aside lie inside a component, bool[Q]; the pairs that nobody proposed, int32[M, 2], sorted:
        all of a component of up to GIANT texts, of equal texts only one)
    """
    groups = components(_copies(a, b, codes))
    home = np.full(1 + max((group[-1] for group in groups), default=-1), -1, np.int32)
    for number, group in enumerate(groups):
        home[group] = number

    def inside(x: NDArray[np.int32], y: NDArray[np.int32]) -> NDArray[np.bool_]:
        known = np.maximum(x, y) < len(home)
        known[known] = (home[x[known]] >= 0) & (home[x[known]] == home[y[known]])
        return known

    judged, aside = inside(a, b), inside(aside_a, aside_b)
    known = set(zip(a[judged].tolist(), b[judged].tolist(), strict=True))
    known.update(zip(aside_a[aside].tolist(), aside_b[aside].tolist(), strict=True))
    missing: list[Link] = []
    equal: dict[int, list[Link]] = defaultdict(list)
    for x, y in _copies(a, b, codes, _EQUAL):
        equal[x].append((x, y))
    for group in groups:
        leader = collapse(group, (link for node in group for link in equal.get(node, ())))
        distinct = sorted(set(leader.values()))
        if 2 < len(distinct) <= GIANT:
            missing += (pair for pair in combinations(distinct, 2) if pair not in known)
    return aside, np.array(sorted(missing), np.int32).reshape(-1, 2)


def _copies(a: NDArray[np.int32], b: NDArray[np.int32], codes: NDArray[np.uint8], least: int = 1) -> list[Link]:
    kept = codes >= least
    return list(zip(a[kept].tolist(), b[kept].tolist(), strict=True))


def group_stories(
    a: NDArray[np.int32],
    b: NDArray[np.int32],
    codes: NDArray[np.uint8],
    links: Links,
    cut: float,
    bounds: Bounds = FREE,
) -> list[Story]:
    """The stories of two or more articles, in order of their first one.

    Args:
        links: what `strengths` gives.
        cut: two groups join while their mean strength is at least this.
        bounds: who stays together, and who never does, whatever the links say.
    """
    graph = _Graph(links, frozenset(_copies(a, b, codes, _EQUAL)), frozenset(_copies(a, b, codes, _NEAR)))
    by_node: dict[int, list[Link]] = defaultdict(list)
    for link in links:
        by_node[link[0]].append(link)
    stories = []
    for group in components(links):
        inside = {link: links[link] for node in group for link in by_node[node]}
        if bounds is FREE and _most(inside, len(group)) < cut:
            continue
        part = graph.only(inside)
        own = FREE if bounds is FREE else bounds.among(group)
        groups = _partition(part, group, cut, own)
        stories += [_story(part, held, cut, own) for held in groups if len(held.members) > 1]
    return sorted(stories, key=lambda story: story.members)


def _most(links: Links, nodes: int) -> float:
    """The most that two groups of some nodes can hold together by: in full where a third text may bear them out."""
    third = float(nodes > 2)
    every = (max(text, alone, _borne_out(alone, confirmed, third)) for text, alone, confirmed in links.values())
    return round(max(every), 9)


@dataclass(frozen=True, slots=True)
class _Graph:
    links: Links
    equal: frozenset[Link]
    """Pairs whose texts are equal word for word."""
    same: frozenset[Link]
    """Pairs of one text, lightly edited at most."""

    def only(self, links: Links) -> _Graph:
        return _Graph(links, self.equal.intersection(links), self.same.intersection(links))

    def among(self, members: Iterable[int]) -> _Graph:
        inside = set(members)
        return self.only({link: value for link, value in self.links.items() if inside.issuperset(link)})


@dataclass(frozen=True, slots=True)
class _Held:
    """A group of the partition, with what holds it together."""

    members: list[int]
    strength: dict[Link, float]
    loosest: float
    """The lowest mean at which two parts of it joined: at no bar up to this does anything change."""


def _story(graph: _Graph, held: _Held, cut: float, bounds: Bounds) -> Story:
    own = graph.among(held.members)
    texts = own.only({link: own.links[link] for link in own.same})
    copies = [nodes for nodes, _ in _families(texts, held.members, _Nodes.of(texts, held.members), ALONE, _SAME_TEXT)]
    bar, parts = _split(own, held, cut, bounds)
    return Story(held.members, copies, held.strength, bar, parts)


def _split(graph: _Graph, held: _Held, cut: float, bounds: Bounds) -> tuple[float, list[list[int]]]:
    """The lowest bar in hundredths that the members do not hold together at, and their parts there; (0, []) if none."""

    def parts(bar: int) -> list[list[int]]:
        return [part.members for part in _partition(graph, held.members, bar / 100, bounds)]

    held_at, fallen_at = max(int(100 * cut), int(100 * held.loosest)), 101
    probe, fallen = held_at + 1, list[list[int]]()
    while held_at + 1 < fallen_at and probe <= 100:
        if len(found := parts(probe)) > 1:
            fallen_at, fallen = probe, found
        else:
            held_at = probe
        probe = (held_at + fallen_at) // 2
    return (fallen_at / 100, fallen) if fallen else (0.0, [])


def _partition(graph: _Graph, nodes: Sequence[int], cut: float, bounds: Bounds) -> list[_Held]:
    """The groups that hold together at a cut and keep the bounds, single nodes too.

    Groups whose nodes stay together become one. A group that holds nodes which must not stand beside each other parts
    between them, and each part is judged again without the others.
    """
    groups = _unbound(graph, nodes, cut)
    if bounds is FREE:
        return groups
    out: list[_Held] = []
    for numbers in joined([held.members for held in groups], bounds):
        held = _as_one([groups[number] for number in numbers], graph.links)
        parts = parted(held.members, held.strength, bounds)
        if len(parts) == 1:
            out.append(held)
        else:
            out += (one for part in parts for one in _partition(graph.among(part), part, cut, bounds))
    return sorted(out, key=lambda held: held.members)


def _as_one(groups: Sequence[_Held], links: Links) -> _Held:
    """Several groups as one, held by what each pair across says alone."""
    if len(groups) == 1:
        return groups[0]
    members = sorted(node for held in groups for node in held.members)
    strength = {link: value for held in groups for link, value in held.strength.items()}
    across = _inside([members], links)[0]
    strength = {link: value[ALONE] for link, value in across.items() if value[ALONE] > 0} | strength
    return _Held(members, dict(sorted(strength.items())), min(held.loosest for held in groups))


def _unbound(graph: _Graph, nodes: Sequence[int], cut: float) -> list[_Held]:
    """The groups that hold together at a cut, single nodes too."""
    heads = _Nodes.of(graph, nodes)
    families = _families(graph, nodes, heads, TEXT, cut)
    home = {node: number for number, (members, _) in enumerate(families) for node in members}
    alone, confirmed = (_means(graph, heads, families, home, column) for column in (ALONE, CONFIRMED))
    groups = _witnessed(range(len(families)), alone, confirmed, cut)
    held = [sorted(node for number in numbers for node in families[number][0]) for numbers, _, _ in groups]
    out = []
    for members, links, (numbers, support, loosest) in zip(held, _inside(held, graph.links), groups, strict=True):
        loosest = min([loosest, *(families[number][1] for number in numbers)])
        out.append(_Held(members, _in_context(links, home, support), loosest))
    return sorted(out, key=lambda held: held.members)


def _inside(groups: Sequence[Iterable[int]], links: Mapping[Link, _Value]) -> list[dict[Link, _Value]]:
    """The links inside each group."""
    home = {node: number for number, group in enumerate(groups) for node in group}
    out: list[dict[Link, _Value]] = [{} for _ in groups]
    for (x, y), value in links.items():
        number = home.get(x, -1)
        if number >= 0 and number == home.get(y, -1):
            out[number][x, y] = value
    return out


def _in_context(links: Links, home: Mapping[int, int], support: Mapping[Link, float]) -> dict[Link, float]:
    """The strength of each pair of one group: as texts inside a family, else with what third texts add."""
    out = {}
    for link, (text, alone, confirmed) in links.items():
        low, high = sorted((home[link[0]], home[link[1]]))
        value = text if low == high else _borne_out(alone, confirmed, support[low, high])
        if value > 0:
            out[link] = value
    return out


def _borne_out(alone: float, confirmed: float, support: float) -> float:
    """The strength of a link with a third text's support: from what it says alone to a little more than confirmed."""
    whole = confirmed + _BOOST * support * (1.0 - confirmed)
    return alone + (whole - alone) * min(1.0, support / _WITNESS)


def _witnessed(
    numbers: Sequence[int], alone: Mapping[Link, float], confirmed: Mapping[Link, float], cut: float
) -> list[tuple[Sequence[int], dict[Link, float], float]]:
    """Groups of families with the support of each pair inside, and the lowest mean at which two parts joined.

    `alone` and `confirmed` are strengths between these families.

    A witness must be of the story it bears out: what a family that ends up elsewhere confirmed is judged again without.
    """
    if len(numbers) == 1:
        return [(numbers, {}, 1.0)]
    near: dict[int, dict[int, float]] = defaultdict(dict)
    for (x, y), value in confirmed.items():
        near[x][y] = near[y][x] = value
    support = {
        (x, y): max((min(near[x][z], near[y][z]) for z in near[x].keys() & near[y].keys()), default=0.0)
        for x in near
        for y in near[x]
        if x < y
    }
    strength = {link: _borne_out(alone.get(link, 0.0), confirmed[link], value) for link, value in support.items()}
    groups = average_linkage(sorted(numbers), strength, cut)
    if len(groups) == 1:
        return [(numbers, support, groups[0][1])]
    members = [group for group, _ in groups]
    parts = zip(members, _inside(members, alone), _inside(members, confirmed), strict=True)
    return [done for group, own_alone, own in parts for done in _witnessed(group, own_alone, own, cut)]


@dataclass(frozen=True, slots=True)
class _Nodes:
    """Equal texts as one node; in a very large component also near ones."""

    leader: dict[int, int]
    members: dict[int, list[int]]
    texts: dict[int, int]
    """How many different texts each node stands for."""

    @classmethod
    def of(cls, graph: _Graph, nodes: Sequence[int]) -> _Nodes:
        leader = collapse(nodes, graph.equal)
        if len(set(leader.values())) > GIANT:
            leader = collapse(nodes, graph.same)
        members: dict[int, list[int]] = defaultdict(list)
        for node in nodes:
            members[leader[node]].append(node)
        return cls(leader, members, _distinct_texts(members, graph.equal))

    def between(self, links: Links, column: int) -> dict[Link, float]:
        """The mean strength between nodes, of the pairs that were compared.

        Were they fewer than the smaller node has texts, the others count as nothing: one pair does not stand for
        hundreds.
        """
        sums: dict[Link, list[float]] = defaultdict(list)
        for (x, y), values in links.items():
            one, other = self.leader[x], self.leader[y]
            if one != other:
                sums[(one, other) if one < other else (other, one)].append(values[column])
        return {
            (x, y): sum(values) / max(len(values), min(self.texts[x], self.texts[y]))
            for (x, y), values in sorted(sums.items())
        }


def _families(
    graph: _Graph, nodes: Sequence[int], heads: _Nodes, column: int, cut: float
) -> list[tuple[list[int], float]]:
    """Average-linkage groups by one of the strengths, and the mean at which the last two parts of each joined."""
    sizes = {head: len(group) for head, group in heads.members.items()}
    groups = average_linkage(sorted(sizes), heads.between(graph.links, column), cut, sizes)
    return sorted((sorted(node for head in group for node in heads.members[head]), mean) for group, mean in groups)


def _means(
    graph: _Graph,
    heads: _Nodes,
    families: Sequence[tuple[Sequence[int], float]],
    home: Mapping[int, int],
    column: int,
) -> dict[Link, float]:
    """The mean strength between families, of all pairs across, by the families' numbers."""
    sums: dict[Link, list[float]] = defaultdict(list)
    for (x, y), value in heads.between(graph.links, column).items():
        low, high = sorted((home[x], home[y]))
        if low != high:
            sums[low, high].append(value * len(heads.members[x]) * len(heads.members[y]))
    return {
        (x, y): round(sum(values) / (len(families[x][0]) * len(families[y][0])), 9)
        for (x, y), values in sorted(sums.items())
    }


def _distinct_texts(members: Mapping[int, Sequence[int]], equal: Iterable[Link]) -> dict[int, int]:
    """How many different texts each node stands for."""
    twins: dict[int, list[Link]] = defaultdict(list)
    for link in equal:
        twins[link[0]].append(link)
    out = dict.fromkeys(members, 1)
    for head, group in members.items():
        if len(group) == 1:
            continue
        inside = set(group)
        links = (link for node in group for link in twins.get(node, ()) if link[1] in inside)
        out[head] = len(set(collapse(group, links).values()))
    return out
