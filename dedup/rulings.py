"""Decisions of a desk applied between judging and clusters.

What is said of a text holds for every article that carries it word for word. Decisions that contradict later ones are
set aside, so that those that hold can all hold together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dedup.assemble import Corpus
from dedup.background import Background
from dedup.bounds import Bounds, apart
from dedup.candidates import Candidates
from dedup.config import Config
from dedup.decisions import NOT_A_COPY, SAME_STORY
from dedup.desk import Carriers, Desk, Meant, decided_later, latest_first
from dedup.grade import GRADES, Graded
from dedup.graph import Link
from dedup.judging import Judged, grade_pairs, joined
from dedup.links import ALONE
from dedup.records import Grade
from dedup.verify import measure

__all__ = ["rule"]

_REWRITE = GRADES.index(Grade.REWRITE)


def rule(corpus: Corpus, judged: Judged, desk: Desk, background: Background, config: Config) -> tuple[Judged, Bounds]:
    """What the decisions on pairs make of the judged pairs, and the bounds that they set to the clusters.

    A pair that is no copy leaves; one that is one story is a copy, as it was graded or else a rewrite for certain. The
    desk notes which decisions contradict later ones, and how many of the pairs that were called copies it confirms.
    """
    carriers = Carriers(corpus, config.sketch.min_words)
    bounds = _bounds(desk, carriers)
    wrong, right = desk.standing(NOT_A_COPY), desk.standing(SAME_STORY)
    copies = _packed(judged.copies.pairs.a, judged.copies.pairs.b)
    desk.confirmed = _count(right, copies)
    desk.judged = desk.confirmed + _count(wrong, copies)
    judged = _without(judged, [carriers.pairs(meant.a, meant.b) for meant in wrong])
    return _united(corpus, judged, sorted(meant.link for meant in right), background, config), bounds


def _count(meant: Sequence[Meant], pairs: NDArray[np.int64]) -> int:
    """How many of the decisions are on one of these pairs."""
    links = np.array([m.link for m in meant], np.int64).reshape(-1, 2)
    return int(np.isin(_packed(*links.T), pairs).sum())


def _bounds(desk: Desk, carriers: Carriers) -> Bounds:
    """The bounds that the decisions on pairs set, the latest first; what contradicts a later one does not hold."""
    groups = _Groups()
    latest: dict[Link, Meant] = {}
    for meant in latest_first(desk.standing(NOT_A_COPY, SAME_STORY)):
        later, kind = latest.setdefault(meant.link, meant), meant.decision.decision
        if later is not meant and later.decision.decision == kind:
            desk.replaced.add(meant.number)
        elif later is not meant:
            desk.stale[meant.number] = decided_later(later.decision)
        elif kind == SAME_STORY and not groups.join(meant.a, meant.b):
            desk.stale[meant.number] = "contradicts later decisions, which keep the two in different stories"
        elif kind == NOT_A_COPY and not groups.part(*carriers.sides(meant.a, meant.b), meant.number + 1):
            desk.stale[meant.number] = "contradicts later decisions, which put the two into one story"
    together = frozenset(meant.link for meant in desk.standing(SAME_STORY))
    return Bounds(together, groups.own)


class _Groups:
    """Articles that were put together, and the marks that keep groups apart."""

    def __init__(self) -> None:
        self.own: dict[int, frozenset[int]] = {}
        self._parent: dict[int, int] = {}
        self._marks: dict[int, frozenset[int]] = {}

    def _root(self, node: int) -> int:
        while (above := self._parent.get(node, node)) != node:
            node = above
        return node

    def _marks_of(self, root: int) -> frozenset[int]:
        return self._marks.get(root, frozenset())

    def join(self, a: int, b: int) -> bool:
        """Put two together, if nothing keeps them apart."""
        low, high = sorted((self._root(a), self._root(b)))
        one, two = self._marks_of(low), self._marks_of(high)
        if apart(one, two):
            return False
        self._parent[high] = low
        self._marks[low] = one | two
        return True

    def part(self, one: Sequence[int], two: Sequence[int], mark: int) -> bool:
        """Keep two sides apart, if nothing holds them together."""
        if {self._root(node) for node in one} & {self._root(node) for node in two}:
            return False
        for side, sign in ((one, mark), (two, -mark)):
            for node in side:
                self.own[node] = self.own.get(node, frozenset()) | {sign}
                self._marks[self._root(node)] = self._marks_of(self._root(node)) | {sign}
        return True


def _packed(a: NDArray[np.integer], b: NDArray[np.integer]) -> NDArray[np.int64]:
    """Each pair as one number, in whichever order it is given."""
    packed: NDArray[np.int64] = np.minimum(a, b).astype(np.int64) << 32 | np.maximum(a, b).astype(np.int64)
    return packed


def _without(judged: Judged, pairs: Sequence[NDArray[np.int64]]) -> Judged:
    """The judged pairs without these."""
    if not pairs:
        return judged
    wrong = np.concatenate(pairs)
    return judged.only(~np.isin(_packed(judged.pairs.a, judged.pairs.b), _packed(wrong[:, 0], wrong[:, 1])))


def _united(corpus: Corpus, judged: Judged, right: Sequence[Link], background: Background, config: Config) -> Judged:
    """The judged pairs with these as copies: as they were graded, else as rewrites for certain."""
    if not right:
        return judged
    links = np.array(right, np.int32)
    unknown = links[~np.isin(_packed(*links.T), _packed(judged.pairs.a, judged.pairs.b))]
    if len(unknown):
        pairs = Candidates(unknown[:, 0].copy(), unknown[:, 1].copy(), np.zeros(len(unknown), np.uint8))
        features, _ = measure(
            *(corpus.sketches, pairs.a, pairs.b, background, corpus.outlets, config.sketch.shingle_size)
        )
        judged = joined(judged, Judged(pairs, features, grade_pairs(corpus, pairs, features, config)))
    named = np.isin(_packed(judged.pairs.a, judged.pairs.b), _packed(*links.T))
    graded = judged.graded
    codes, confidence, link = graded.codes.copy(), graded.confidence.copy(), graded.link.copy()
    none = named & (codes == 0)
    codes[none], confidence[none] = _REWRITE, 1.0
    link[named, ALONE:] = 1.0
    return Judged(judged.pairs, judged.features, Graded(codes, confidence, link))
