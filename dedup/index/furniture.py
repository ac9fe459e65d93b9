"""What an index knows of the furniture of an outlet, and learning it again when the outlet has grown.

Learning is that of a scan, over all articles of the outlet, so that the index comes to see what a scan sees. In between
a new article's furniture is known by what was learned: lines that are furniture, and runs of words inside such text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dedup.background import load_background
from dedup.clean.furniture import line_hashes
from dedup.clean.notices import flag_lines, learn
from dedup.clean.repeats import learn_runs
from dedup.minhash import _gram
from dedup.tokens import FURNITURE, TokenBatch
from dedup.words import number_words

__all__ = ["Knowledge", "learn_outlet", "recognise", "should_learn", "small"]

#: Words in a row by which a run of furniture is known again, and the fewest in all that are believed.
_RUN, _LEAST = 8, 12
#: An outlet's furniture is learned again with each article up to this many, ...
_ALWAYS = 64
#: ... then whenever it has doubled; a large one, whose furniture is known, when it has grown fourfold; ...
_GROWTH, _LARGE, _GROWTH_LARGE = 2, 1024, 4
#: ... and beyond this many articles only when the whole index is settled.
_NEVER = 16_384


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is furniture in one outlet."""

    lines: NDArray[np.uint64]
    """uint64[L]: hashes of lines, sorted."""
    runs: NDArray[np.uint64]
    """uint64[R]: hashes of eight words in a row, sorted."""

    @classmethod
    def unpack(cls, packed: bytes) -> Knowledge:
        """The knowledge that `pack` gave; none of nothing."""
        if not packed:
            return cls(np.empty(0, np.uint64), np.empty(0, np.uint64))
        count = int.from_bytes(packed[:8], "little")
        hashes = np.frombuffer(packed, np.uint64, offset=8)
        return cls(hashes[:count], hashes[count:])

    def pack(self) -> bytes:
        """The hashes as bytes, the number of lines first."""
        return len(self.lines).to_bytes(8, "little") + self.lines.tobytes() + self.runs.tobytes()


def should_learn(articles: int, learned_at: int) -> bool:
    """Whether an outlet's furniture is to be learned again now.

    Example:
        >>> should_learn(2, 0), should_learn(20, 19), should_learn(100, 80), should_learn(130, 64)
        (False, True, False, True)
    """
    if articles < 3 or articles == learned_at or articles > _NEVER:
        return False
    growth = _GROWTH if articles <= _LARGE else _GROWTH_LARGE
    return articles <= _ALWAYS or articles >= growth * learned_at


def small(articles: int) -> bool:
    """Whether an outlet is small enough to be learned again when it loses an article."""
    return articles <= _LARGE


@njit(cache=True, nogil=True)
def _run_hashes(words, marked, offsets):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The hash of every eight marked words in a row inside one text."""
    out = np.empty(len(words), np.uint64)
    n = 0
    for text in range(len(offsets) - 1):
        run = 0
        for at in range(offsets[text], offsets[text + 1]):
            run = run + 1 if marked[at] else 0
            if run >= _RUN:
                out[n] = _gram(words, at - _RUN + 1, _RUN)
                n += 1
    return out[:n].copy()


@njit(cache=True, nogil=True)
def _mark_runs(words, known, marked):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Mark the words of one text that stand in known runs."""
    for at in range(len(words) - _RUN + 1):
        h = _gram(words, at, _RUN)
        place = np.searchsorted(known, h)
        if place < len(known) and known[place] == h:
            marked[at : at + _RUN] = True
    run = 0
    for at in range(len(words) + 1):
        if at < len(words) and marked[at]:
            run += 1
            continue
        if run < _LEAST:
            marked[at - run : at] = False
        run = 0


def learn_outlet(batch: TokenBatch, known: bool, jobs: int = 1) -> Knowledge:
    """What the articles of one outlet have of furniture; flags it in the batch, whose texts are sorted by id.

    Args:
        known: whether the outlet is known; articles without one are taken for one source, of which more is asked.
    """
    outlets = np.full(len(batch.offsets) - 1, 0 if known else -1, np.int64)
    lines, (words, vocabulary) = line_hashes(batch), number_words(batch.hashes)
    repeated = learn(lines, outlets, words, vocabulary, batch.offsets)
    flag_lines(lines, repeated, batch.flags)
    runs = learn_runs(words, vocabulary, batch.flags, batch.offsets, outlets, load_background(), jobs)
    batch.flags[runs] |= np.uint8(FURNITURE)
    hashes = _run_hashes(batch.hashes, runs, batch.offsets)
    return Knowledge(np.unique(lines.hashes[repeated]), np.unique(hashes))


def recognise(batch: TokenBatch, knowledge: Sequence[Knowledge]) -> None:
    """Flag the furniture of each text of a batch by what is known of its outlet."""
    if not any(len(known.lines) or len(known.runs) for known in knowledge):
        return
    lines = line_hashes(batch)
    marked = np.zeros(len(lines.hashes), bool)
    for index, known in enumerate(knowledge):
        own = slice(*lines.offsets[index : index + 2].tolist())
        if len(known.lines):
            marked[own] = np.isin(lines.hashes[own], known.lines)
    flag_lines(lines, marked, batch.flags)
    for index, known in enumerate(knowledge):
        if len(known.runs):
            words = batch.span(index)
            found = np.zeros(words.stop - words.start, bool)
            _mark_runs(batch.hashes[words], known.runs, found)
            batch.flags[words][found] |= np.uint8(FURNITURE)
