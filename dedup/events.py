"""Reports of one event that were written independently: told by names, figures, weekdays and sentences, not by topic.

Two texts that share no wording can still be about one happening. The topic does not show it: another earthquake,
another arrest, the next actor in the same part use the same words. So the question here is whether the people and
places that one text turns on are in the other, whether figures and weekdays agree, and whether a sentence of one is
told by the other. A small logistic regression (benchmarks/train_events.py) makes a chance of the answers. It is a
function of the two articles and the shipped background only.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dedup.background import Background
from dedup.facts import FACTS, compare_facts, profile, weekdays
from dedup.sketch import Sketches
from dedup.tokens import NUMBER, SENTENCE_START, TokenBatch
from dedup.words import Vocabulary, word_idf

__all__ = [
    "COPIED",
    "EVENT_FEATURES",
    "MIN_WORDS",
    "WEIGHED",
    "EventModel",
    "Texts",
    "event_chance",
    "event_texts",
    "load_events",
    "measure_events",
    "refused",
]

#: Columns of the feature rows, in order. The model weighs the first ones, the rest is for `refused`.
EVENT_FEATURES = FACTS
#: How many of them the model weighs.
WEIGHED = 14

#: Texts with fewer words, title included, are not judged: they hardly have names enough.
MIN_WORDS = 15
#: Names as rare as that which both must have. One name, a town's or a company's, is in all the news of one place; it
#: is enough only with a figure in common, a sentence retold this well, or other words this much alike.
_NAMES, _RETOLD, _WORDS = 2, 0.4, 0.1
#: Figures that a text may have without one of them standing in the other report of its event.
_FIGURES = 3
#: Cosine of names below which two texts are about different people and places.
_SAME_NAMES = 0.15
#: Words this much more alike than names: a form filled in twice, or another event of its kind.
_FORM = 0.2
#: Share of a text word for word in the other that two independent reports do not reach ...
COPIED = 0.4
#: ... and two of one outlet even less: its stock sentences.
_HOUSE_STYLE = 0.1


@dataclass(frozen=True, slots=True)
class EventModel:
    """Coefficients over the first columns of EVENT_FEATURES."""

    version: str
    weights: NDArray[np.float64]
    """float64[K + 1], the intercept last."""
    bar: float
    """Chance from which a pair is called one event."""


@dataclass(frozen=True, slots=True)
class Texts:
    """N articles as they are compared here: title, then body without furniture."""

    tokens: NDArray[np.int32]
    """int32[T]: each word as its number in the vocabulary."""
    vocabulary: NDArray[np.uint64]
    idf: NDArray[np.float32]
    """float32[V]: idf of each word of the vocabulary."""
    flags: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    """int64[N + 1]."""
    heads: NDArray[np.int64]
    """int64[N]: words of each title."""

    @property
    def judged(self) -> NDArray[np.bool_]:
        """bool[N]: whether a text has words enough."""
        enough: NDArray[np.bool_] = np.diff(self.offsets) >= MIN_WORDS
        return enough


@njit(cache=True, nogil=True)
def _lay(tokens, offsets, shift, out, ends, mask):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Copy row i to out[ends[i] + shift[i]:]; `mask` says which bits stay."""
    for i in range(len(offsets) - 1):
        at = ends[i] + shift[i]
        for k in range(offsets[i], offsets[i + 1]):
            out[at] = tokens[k] & mask
            at += 1


def event_texts(sketches: Sketches, titles: TokenBatch, background: Background) -> Texts:
    """The texts that are compared. Capitals of titles are forgotten: many papers Write Their Titles So."""
    heads = np.diff(titles.offsets)
    offsets = np.concatenate([[0], np.cumsum(heads + sketches.words)]).astype(np.int64)
    tokens, flags = np.empty(offsets[-1], np.int32), np.empty(offsets[-1], np.uint8)
    every, number = np.int32(-1), np.uint8(NUMBER | SENTENCE_START)
    known = Vocabulary()
    known.enter(sketches.vocabulary)
    named, vocabulary = known.enter(titles.hashes), known.hashes
    none = np.zeros_like(heads)
    _lay(named, titles.offsets, none, tokens, offsets, every)
    _lay(titles.flags, titles.offsets, none, flags, offsets, number)
    _lay(sketches.tokens, sketches.offsets, heads, tokens, offsets, every)
    _lay(sketches.flags, sketches.offsets, heads, flags, offsets, np.uint8(255))
    return Texts(tokens, vocabulary, word_idf(vocabulary, background), flags, offsets, heads)


@njit(cache=True, nogil=True)
def _measure_block(pair_a, pair_b, docs, tokens, vocabulary, flags, offsets, heads, idf_of, days):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Feature rows, float32[P, F]; pair_a and pair_b index `docs`, which indexes the texts."""
    place = np.full(len(idf_of), -1, np.int32)
    texts = [tokens[offsets[d] : offsets[d + 1]] for d in docs]
    profiles = [
        profile(
            tokens[offsets[d] : offsets[d + 1]],
            flags[offsets[d] : offsets[d + 1]],
            heads[d],
            vocabulary,
            idf_of,
            place,
            days[0],
            days[1],
        )
        for d in docs
    ]
    out = np.zeros((len(pair_a), len(FACTS)), np.float32)
    for p in range(len(pair_a)):
        x = pair_a[p]
        y = pair_b[p]
        if len(texts[x]) and len(texts[y]):
            compare_facts(out[p], texts[x], profiles[x], heads[docs[x]], texts[y], profiles[y], heads[docs[y]], place)
    return out


def _ignore(_: int) -> None:
    pass


def measure_events(
    texts: Texts,
    a: NDArray[np.int32],
    b: NDArray[np.int32],
    jobs: int = 1,
    track: Callable[[int], None] = _ignore,
) -> NDArray[np.float32]:
    """One row of EVENT_FEATURES for each pair, float32[P, F]; pairs best sorted by a."""

    def work(start: int) -> NDArray[np.float32]:
        block = slice(start, start + _BLOCK)
        docs, places = np.unique(np.concatenate([a[block], b[block]]), return_inverse=True)
        half = len(places) // 2
        part: NDArray[np.float32] = _measure_block(
            *(places[:half], places[half:], docs, texts.tokens, texts.vocabulary, texts.flags, texts.offsets),
            *(texts.heads, texts.idf, weekdays()),
        )
        return part

    parts = [np.empty((0, len(EVENT_FEATURES)), np.float32)]
    with ThreadPoolExecutor(max(1, jobs)) as pool:  # the kernel releases the interpreter lock
        for part in pool.map(work, range(0, len(a), _BLOCK)):
            parts.append(part)
            track(len(part))
    return np.concatenate(parts)


#: Pairs that one thread measures at a time.
_BLOCK = 1024


@cache
def load_events() -> EventModel:
    """The shipped model."""
    stored = json.loads((resources.files("dedup") / "data" / "events.json").read_text("utf-8"))
    return EventModel(stored["version"], np.array([*stored["weights"].values(), stored["intercept"]]), stored["bar"])


def event_chance(
    rows: NDArray[np.float32], gaps: NDArray[np.float64], same_outlet: NDArray[np.bool_], model: EventModel
) -> NDArray[np.float64]:
    """The chance of each pair that the two are independent reports of one event, float64[P].

    Args:
        gaps: float64[P], days between the publications, NaN where a date is unknown. Reports of one event come within
            a day or two: the odds grow by e on the same day, stay on the next, and shrink by e with each doubling.
        same_outlet: bool[P].
    """
    scores = (rows[:, :WEIGHED].astype(np.float64) * model.weights[:-1]).sum(axis=1) + model.weights[-1]
    scores += np.nan_to_num(1.0 - np.log2(1.0 + gaps))
    chance: NDArray[np.float64] = np.round(1.0 / (1.0 + np.exp(-np.clip(scores, -50.0, 50.0))), 9)
    chance[refused(rows, same_outlet)] = 0.0
    return chance


def refused(rows: NDArray[np.float32], same_outlet: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """bool[P]: pairs that are no independent reports of one event, whatever the numbers say.

    Without common names, as in scripts without capitals, nothing here can tell one event from the next.
    """
    columns = {name: rows[:, k] for k, name in enumerate(EVENT_FEATURES)}
    names, words, verbatim = columns["names_cosine"], columns["words_cosine"], columns["verbatim"]
    more = (columns["figures_count"] > 0) | (columns["sentence"] >= _RETOLD) | (words >= _WORDS)
    out: NDArray[np.bool_] = (names < _SAME_NAMES) | (words - names >= _FORM)
    out |= (columns["common_names"] < _NAMES) & ~more
    out |= columns["figures_conflict"] > np.log1p(_FIGURES + 0.5)
    out |= (verbatim >= COPIED) | (same_outlet & (verbatim >= _HOUSE_STYLE))
    return out
