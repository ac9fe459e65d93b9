"""What an index knows of the furniture of an outlet, and learning it again when the outlet has grown.

Learning is that of a scan, over all articles of the outlet, so that the index comes to see what a scan sees. In between
a new article's furniture is known by what was learned: lines that are furniture, and runs of words inside such text.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dedup.background import load_background
from dedup.clean.furniture import LineTable
from dedup.clean.notices import flag_lines, learn
from dedup.clean.repeats import learn_runs
from dedup.index.reading import Readings
from dedup.minhash import _gram
from dedup.tokens import FURNITURE
from dedup.words import number_words

__all__ = ["Knowledge", "learn_outlets", "recognise", "should_learn", "small"]

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
    """(the hash of every eight marked words in a row inside one text, the text of each)."""
    out, owners = np.empty(len(words), np.uint64), np.empty(len(words), np.int64)
    n = 0
    for text in range(len(offsets) - 1):
        run = 0
        for at in range(offsets[text], offsets[text + 1]):
            run = run + 1 if marked[at] else 0
            if run >= _RUN:
                out[n], owners[n] = _gram(words, at - _RUN + 1, _RUN), text
                n += 1
    return out[:n].copy(), owners[:n].copy()


@njit(cache=True, nogil=True)
def _holds(known, hash_):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    place = np.searchsorted(known, hash_)
    return place < len(known) and known[place] == hash_


@njit(cache=True, nogil=True)
def _mark_known(words, lines, line_words, known_lines, known_runs, flags):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Flag the words of one text that stand in known lines or runs."""
    at = 0
    for line in range(len(lines)):
        if len(known_lines) and _holds(known_lines, lines[line]):
            for k in range(at, at + line_words[line]):
                flags[k] |= np.uint8(FURNITURE)
        at += line_words[line]
    if not len(known_runs):
        return
    marked = np.zeros(len(words), np.bool_)
    for at in range(len(words) - _RUN + 1):
        if _holds(known_runs, _gram(words, at, _RUN)):
            marked[at : at + _RUN] = True
    run = 0
    for at in range(len(words) + 1):
        if at < len(words) and marked[at]:
            run += 1
            continue
        if run >= _LEAST:
            for k in range(at - run, at):
                flags[k] |= np.uint8(FURNITURE)
        run = 0


def learn_outlets(
    texts: Readings, outlets: NDArray[np.int64], notices: NDArray[np.uint64], jobs: int = 1
) -> tuple[NDArray[np.uint8], dict[int, Knowledge]]:
    """What all articles of some outlets have of furniture.

    Args:
        texts: the articles, sorted by their ids.
        outlets: int64[N], the number of the outlet of each; -1 for articles without one, which are taken for one
            source, of which more is asked.
        notices: uint64[L], hashes of lines that are furniture everywhere, sorted.

    Returns:
        (the flags of all words, with the furniture; what is known of each outlet by its number)
    """
    flags, (words, vocabulary) = texts.flags.copy(), number_words(texts.words)
    lines = LineTable(texts.lines, texts.line_words, texts.line_offsets)
    repeated = learn(lines, outlets, words, vocabulary, texts.offsets)
    flag_lines(lines, repeated | np.isin(lines.hashes, notices), flags)
    runs = learn_runs(words, vocabulary, flags, texts.offsets, outlets, load_background(), jobs)
    flags[runs] |= np.uint8(FURNITURE)
    hashes, owners = _run_hashes(texts.words, runs, texts.offsets)
    line_outlets = np.repeat(outlets, np.diff(texts.line_offsets))[repeated]
    by_line, by_run = _by_outlet(line_outlets, lines.hashes[repeated]), _by_outlet(outlets[owners], hashes)
    none = np.empty(0, np.uint64)
    known = {n: Knowledge(by_line.get(n, none), by_run.get(n, none)) for n in np.unique(outlets).tolist()}
    return flags, known


def _by_outlet(outlets: NDArray[np.int64], hashes: NDArray[np.uint64]) -> dict[int, NDArray[np.uint64]]:
    """The distinct hashes of each outlet, sorted."""
    order = np.argsort(outlets, kind="stable")
    outlets, hashes = outlets[order], hashes[order]
    starts = np.flatnonzero(np.diff(outlets, prepend=-2))
    parts = np.split(hashes, starts[1:]) if len(starts) else []
    return {number: np.unique(part) for number, part in zip(outlets[starts].tolist(), parts, strict=True)}


def recognise(text: Readings, known: Knowledge, notices: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """The flags of the words of one article, with the furniture by what is known of its outlet, and the notices."""
    if not len(known.lines) and not len(known.runs) and not len(notices):
        return text.flags
    flags, none = text.flags.copy(), np.empty(0, np.uint64)
    _mark_known(text.words, text.lines, text.line_words, notices, none, flags)
    _mark_known(text.words, text.lines, text.line_words, known.lines, known.runs, flags)
    return flags
