"""From batches to one corpus: order by id, distinct ids, furniture learned by repetition, sketches."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dedup.background import load_background
from dedup.batch import Batch
from dedup.clean.furniture import LineTable
from dedup.clean.notices import flag_lines, learn, learn_notices, matters
from dedup.clean.repeats import learn_runs
from dedup.config import SketchConfig
from dedup.corpus import ArticleStore, Repeated
from dedup.records import Skipped
from dedup.sketch import Sketches, sketch
from dedup.tokens import FURNITURE, tokenise_bytes
from dedup.words import Vocabulary

__all__ = ["Corpus", "assemble"]

#: Articles with marked words whose texts are looked at in one go.
_MARKED = 2048


@dataclass(frozen=True, slots=True)
class Corpus:
    """All articles of a run in order of their ids, as the later stages look at them."""

    articles: ArticleStore
    ids: list[str]
    outlets: NDArray[np.int64]
    """int64[N]: a number for each article's outlet, -1 when unknown."""
    dates: list[str]
    titles: NDArray[np.uint64]
    """uint64[N]: a hash of each title's words, 0 without a title."""
    furniture: NDArray[np.uint8]
    """Which of all words are furniture, eight to a byte."""
    offsets: NDArray[np.int64]
    """int64[N + 1]: all words of article i at offsets[i]:offsets[i + 1]."""
    sketches: Sketches
    skipped: list[Skipped]

    def without_signatures(self) -> Corpus:
        """The corpus without its MinHash signatures, which only candidates are found by."""
        return replace(self, sketches=replace(self.sketches, signatures=self.sketches.signatures[:0].copy()))

    def furniture_of(self, index: int) -> NDArray[np.bool_]:
        """bool[n]: which of the article's words are furniture."""
        first, end = self.offsets[index : index + 2].tolist()
        bits = np.unpackbits(self.furniture[first // 8 : (end + 7) // 8])
        return bits[first % 8 : first % 8 + end - first].view(bool)


@njit(cache=True, nogil=True)
def _gather(source, offsets, targets, out):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Copy row i of a flat array (offsets[i]:offsets[i + 1]) to out[targets[i]:]."""
    for i in range(len(targets)):
        at = targets[i]
        for k in range(offsets[i], offsets[i + 1]):
            out[at] = source[k]
            at += 1


def assemble(batches: Sequence[Batch], skipped: Sequence[Skipped], config: SketchConfig, jobs: int = 1) -> Corpus:
    """The corpus of these batches; neither their order nor the order inside them shows in it."""
    order, ids, notes = _ordered(batches)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    lines, line_chars = _lines(batches, order, rank)
    offsets = _offsets(np.concatenate([np.zeros(0, np.int64), *(np.diff(b.offsets) for b in batches)])[order])
    tokens, flags = np.empty(offsets[-1], np.int32), np.empty(offsets[-1], np.uint8)
    known = Vocabulary()
    numbers = [known.enter(batch.words) for batch in batches]
    vocabulary = known.hashes

    def place(item: tuple[tuple[Batch, NDArray[np.int64]], NDArray[np.int32]]) -> None:
        (batch, targets), number = item
        _gather(number[batch.loaded("tokens")], batch.offsets, targets, tokens)
        _gather(batch.loaded("flags"), batch.offsets, targets, flags)

    with ThreadPoolExecutor(max(1, jobs)) as pool:
        list(pool.map(place, zip(_places(batches, offsets[rank]), numbers, strict=True)))
    outlets = _numbers(_column(batches, "publishers", order))
    repeated = learn(lines, outlets, tokens, vocabulary, offsets)
    repeated |= learn_notices(
        *(lines, outlets),
        lambda some, common: matters(some, common, lines, tokens, vocabulary, offsets, load_background()),
    )
    flag_lines(lines, repeated, flags)
    runs = learn_runs(tokens, vocabulary, flags, offsets, outlets, load_background(), jobs)
    flags[runs] |= np.uint8(FURNITURE)
    pages = [b.page for b in batches]
    learned = _learned(lines, line_chars, repeated, runs, offsets, ArticleStore(pages, order))
    articles = ArticleStore(pages, order, ids, learned)
    every_skipped = [*skipped, *(s for b in batches for s in b.skipped), *notes]
    return Corpus(
        articles=articles,
        ids=ids,
        outlets=outlets,
        dates=_column(batches, "dates", order),
        titles=np.concatenate([np.zeros(0, np.uint64), *(b.titles for b in batches)])[order],
        furniture=np.packbits(flags & np.uint8(FURNITURE)),
        offsets=offsets,
        sketches=sketch(tokens, vocabulary, flags, offsets, config, jobs),
        skipped=sorted(set(every_skipped), key=lambda s: (s.source, s.stage, s.reason, s.detail)),
    )


def _ordered(batches: Sequence[Batch]) -> tuple[NDArray[np.int64], list[str], list[Skipped]]:
    """(order of the articles by id, their distinct ids in that order, a note for each id that was changed)."""
    ids = [i for batch in batches for i in batch.ids]
    order = sorted(range(len(ids)), key=ids.__getitem__)
    distinct = [ids[i] for i in order]
    repeated = {i for i, after in pairwise(distinct) if i == after}
    if not repeated:
        return np.array(order, np.int64), distinct, []
    # Articles that share an id are told apart by what they say, so that their new ids do not depend on input order.
    store = ArticleStore([b.page for b in batches], range(len(ids)))
    keys = {i: _content_key(store, i) for i in order if ids[i] in repeated}
    order.sort(key=lambda i: (ids[i], keys.get(i, ())))
    taken, notes = set(ids), []
    seen: dict[str, int] = {}
    for place, i in enumerate(order):
        number = seen[ids[i]] = seen.get(ids[i], 0) + 1
        if number == 1:
            continue
        while (new := f"{ids[i]}~{number}") in taken:
            number += 1
        taken.add(new)
        distinct[place] = new
        notes.append(
            Skipped(source=store[i].source, stage="note", reason="duplicate id", detail=f"{ids[i]} is kept as {new}")
        )
    ranked = sorted(range(len(order)), key=distinct.__getitem__)
    return np.array([order[r] for r in ranked], np.int64), [distinct[r] for r in ranked], notes


def _content_key(store: ArticleStore, index: int) -> tuple[str, ...]:
    article = store[index]
    return tuple(str(getattr(article, field.name)) for field in fields(article))


def _column(batches: Sequence[Batch], name: str, order: NDArray[np.int64]) -> list[str]:
    values = [value for batch in batches for value in getattr(batch, name)]
    return [values[i] for i in order]


def _numbers(names: Sequence[str]) -> NDArray[np.int64]:
    """Equal names get equal numbers; the empty name is -1."""
    known = {name: number for number, name in enumerate(sorted(set(names) - {""}))}
    return np.fromiter((known.get(name, -1) for name in names), np.int64, len(names))


def _offsets(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def _places(batches: Sequence[Batch], targets: NDArray[np.int64]) -> list[tuple[Batch, NDArray[np.int64]]]:
    """Each batch with the part of `targets` (one entry an article, in input order) that belongs to it."""
    ends = np.cumsum([len(b) for b in batches])
    return [(b, targets[end - len(b) : end]) for b, end in zip(batches, ends, strict=True)]


def _lines(
    batches: Sequence[Batch], order: NDArray[np.int64], rank: NDArray[np.int64]
) -> tuple[LineTable, NDArray[np.uint32]]:
    """The lines of all articles in their new order, and their characters."""
    sizes = np.concatenate([np.zeros(0, np.int64), *(np.diff(b.lines.offsets) for b in batches)])
    offsets = _offsets(sizes[order])
    hashes, words = np.empty(offsets[-1], np.uint64), np.empty(offsets[-1], np.int32)
    first, last = np.empty(offsets[-1], np.uint32), np.empty(offsets[-1], np.uint32)
    for batch, targets in _places(batches, offsets[rank]):
        _gather(batch.lines.hashes, batch.lines.offsets, targets, hashes)
        _gather(batch.lines.words, batch.lines.offsets, targets, words)
        _gather(batch.line_chars[:, 0], batch.lines.offsets, targets, first)
        _gather(batch.line_chars[:, 1], batch.lines.offsets, targets, last)
    return LineTable(hashes, words, offsets), np.stack([first, last], axis=1)


def _learned(
    lines: LineTable,
    chars: NDArray[np.uint32],
    repeated: NDArray[np.bool_],
    runs: NDArray[np.bool_],
    offsets: NDArray[np.int64],
    articles: ArticleStore,
) -> Repeated:
    """The learned furniture of each article: its repeated lines, and the runs of words that repeat inside its text."""
    line_owners = np.repeat(np.arange(len(lines.offsets) - 1), np.diff(lines.offsets))[repeated]
    run_owners, run_spans = _placed(runs, offsets, articles)
    owners = np.concatenate([line_owners, run_owners])
    order = np.argsort(owners, kind="stable")
    spans = np.concatenate([chars[repeated], run_spans])[order]
    return Repeated(_offsets(np.bincount(owners, minlength=len(articles))), spans)


def _placed(
    runs: NDArray[np.bool_], offsets: NDArray[np.int64], articles: ArticleStore
) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """Stretches of marked words as characters: (the article of each, int64[R]; its first character and end, [R, 2])."""
    edges = np.flatnonzero(np.diff(runs, prepend=False, append=False)).reshape(-1, 2)
    owners = np.searchsorted(offsets, edges[:, 0], "right") - 1
    spans = np.empty((len(owners), 2), np.uint32)
    marked, first = np.unique(owners, return_index=True)
    first = np.append(first, len(owners))
    for start in range(0, len(marked), _MARKED):
        some = marked[start : start + _MARKED]
        rows = slice(first[start], first[min(start + _MARKED, len(marked))])
        places = tokenise_bytes(articles.bodies(some.tolist()))
        own = edges[rows] + (places.offsets[np.searchsorted(some, owners[rows])] - offsets[owners[rows]])[:, None]
        spans[rows, 0], spans[rows, 1] = places.starts[own[:, 0]], places.ends[own[:, 1] - 1]
    return owners, spans
