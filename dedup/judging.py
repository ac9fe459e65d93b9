"""From candidates to judged pairs: measured, graded, and every component of copies completed.

Most candidates are no copies, and half of the measures settle that: where the model could not call a pair a copy
whatever the other half said, the pair is set aside. Set aside is not thrown away. What a pair is worth inside a story
counts even if it is no copy by itself, so the pairs inside components of copies, those that nobody proposed among
them, are measured in full afterwards. What is said of a pair never depends on any other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.assemble import Corpus
from dedup.background import Background
from dedup.candidates import MEMBER, QUOTE, Candidates
from dedup.cluster import missing_pairs
from dedup.config import Config
from dedup.grade import COLUMNS, Graded, can_be_copy, grade, load_model
from dedup.verify import HOUSE_COVERAGE, measure

__all__ = ["Judged", "grade_pairs", "joined", "judge", "judge_copies", "judge_members", "least_overlap", "long_enough"]

#: Told about progress: the stage, how much was done just now, and the total when it is known.
_Track = Callable[[str, int, int | None], None]


def _ignore(stage: str, done: int, total: int | None) -> None:
    pass


#: Rarity-weighted overlap, in nats, below which a pair is not looked at any further: ten telling 3-grams ...
MIN_OVERLAP = 30.0
#: ... and more in long texts, where chance alone makes more, times the root of the shorter one's words.
_OVERLAP_GROWTH = 1.5
#: Words in shared passages below which a pair is no copy, unless so many statements of one are told anew in the other.
MIN_SHARED_WORDS, MIN_RETOLD = 12, 2


@dataclass(frozen=True, slots=True)
class Judged:
    """P measured pairs, sorted, with their features, float32[P, F], and grades."""

    pairs: Candidates
    features: NDArray[np.float32]
    graded: Graded

    def __len__(self) -> int:
        return len(self.pairs)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Judged:
        """What `to_arrays` gave."""
        graded = Graded(arrays["codes"], arrays["confidence"], arrays["link"])
        return cls(Candidates.from_arrays(arrays), arrays["features"], graded)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """The columns by their names."""
        g = self.graded
        more: dict[str, NDArray[Any]] = {
            "features": self.features,
            "codes": g.codes,
            "confidence": g.confidence,
            "link": g.link,
        }
        return {**self.pairs.to_arrays(), **more}

    def only(self, kept: NDArray[np.bool_]) -> Judged:
        """Some of the pairs."""
        g = self.graded
        graded = Graded(g.codes[kept], g.confidence[kept], g.link[kept])
        return Judged(self.pairs.only(kept), self.features[kept], graded)

    @property
    def copies(self) -> Judged:
        """The pairs that are copies."""
        return self.only(self.graded.codes > 0)


def judge(
    corpus: Corpus,
    proposed: Candidates,
    background: Background,
    config: Config,
    times: NDArray[np.float64] | None = None,
    jobs: int = 1,
    track: _Track = _ignore,
) -> Judged:
    """The pairs that can be copies, and those that have a say in the clusters, measured and graded.

    Args:
        times: float64[N], publication in days, NaN when unknown; needed with `config.candidates.window_days`.
    """
    judged, aside = judge_copies(corpus, proposed, background, config, jobs, track)
    inside, missing = missing_pairs(judged.pairs.a, judged.pairs.b, judged.graded.codes, aside.a, aside.b)
    unknown = Candidates(missing[:, 0].copy(), missing[:, 1].copy(), np.full(len(missing), MEMBER, np.uint8))
    more = aside.only(inside).joined(unknown.within(config.candidates.window_days, times))
    if not len(more):
        return judged
    return joined(judged, judge_members(corpus, more, background, config, jobs, track, len(proposed)))


def judge_copies(
    corpus: Corpus, proposed: Candidates, background: Background, config: Config, jobs: int = 1, track: _Track = _ignore
) -> tuple[Judged, Candidates]:
    """(the pairs that can be copies, measured and graded; those that were set aside)."""

    model = load_model()

    def possible(some: Candidates, rows: NDArray[np.float32]) -> NDArray[np.bool_]:
        equal = _equal(corpus, some, config)
        wanted = _enough(corpus, some, rows, config, equal)
        wanted[wanted] = can_be_copy(rows[wanted], equal[wanted], model, config.grade)
        return wanted

    return _measured(corpus, proposed, background, config, possible, jobs, lambda n: track("verify", n, len(proposed)))


def judge_members(
    corpus: Corpus,
    pairs: Candidates,
    background: Background,
    config: Config,
    jobs: int = 1,
    track: _Track = _ignore,
    before: int = 0,
) -> Judged:
    """The pairs inside stories that have enough wording in common to have a say, measured and graded.

    Args:
        before: pairs that were measured already, for the progress.
    """

    def overlapping(some: Candidates, rows: NDArray[np.float32]) -> NDArray[np.bool_]:
        return _overlapping(corpus, some, rows, _equal(corpus, some, config))

    total = before + len(pairs)
    return _measured(corpus, pairs, background, config, overlapping, jobs, lambda n: track("verify", n, total))[0]


def _measured(
    corpus: Corpus,
    pairs: Candidates,
    background: Background,
    config: Config,
    wanted: Callable[[Candidates, NDArray[np.float32]], NDArray[np.bool_]],
    jobs: int,
    track: Callable[[int], None],
) -> tuple[Judged, Candidates]:
    """(the wanted pairs, judged; the others)."""
    features, done = measure(
        *(corpus.sketches, pairs.a, pairs.b, background, corpus.outlets, config.sketch.shingle_size),
        *(HOUSE_COVERAGE, lambda block, rows: wanted(pairs.only(block), rows), jobs, track),
    )
    kept = pairs.only(done)
    return Judged(kept, features[done], grade_pairs(corpus, kept, features[done], config)), pairs.only(~done)


def long_enough(corpus: Corpus, config: Config) -> NDArray[np.bool_]:
    """bool[N]: whether an article has enough words to be judged by its text."""
    enough: NDArray[np.bool_] = corpus.sketches.words >= config.sketch.min_words
    return enough


def least_overlap(words: NDArray[np.int64]) -> NDArray[np.float64]:
    """The overlap, in nats, that a pair must have to be measured, by the words of its shorter article."""
    least: NDArray[np.float64] = np.minimum(np.maximum(MIN_OVERLAP, _OVERLAP_GROWTH * np.sqrt(words)), 0.75 * words)
    return least


def _least(corpus: Corpus, pairs: Candidates) -> NDArray[np.float64]:
    words = corpus.sketches.words
    return least_overlap(np.minimum(words[pairs.a], words[pairs.b]))


def _equal(corpus: Corpus, pairs: Candidates, config: Config) -> NDArray[np.bool_]:
    """Whether two texts are the same word for word; short ones must not have different titles as well."""
    hashes, words, titles = corpus.sketches.body_hashes, corpus.sketches.words, corpus.titles
    same: NDArray[np.bool_] = (hashes[pairs.a] == hashes[pairs.b]).all(axis=1) & (words[pairs.a] == words[pairs.b])
    short = words[pairs.a] < config.sketch.min_words
    same_title = titles[pairs.a] == titles[pairs.b]
    untitled = (titles[pairs.a] == 0) | (titles[pairs.b] == 0)
    empty = words[pairs.a] == 0
    same &= (~short | same_title | (untitled & ~empty)) & ~(empty & (titles[pairs.a] == 0))
    return same


def _overlapping(
    corpus: Corpus, pairs: Candidates, features: NDArray[np.float32], equal: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Whether a pair has enough telling wording in common to be looked at, or another reason for it."""
    overlap = features[:, COLUMNS["rare_overlap"]]
    looked_at: NDArray[np.bool_] = (overlap >= _least(corpus, pairs)) | equal | (pairs.found_by & QUOTE > 0)
    return looked_at


def _enough(
    corpus: Corpus, pairs: Candidates, features: NDArray[np.float32], config: Config, equal: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Whether a pair can be a copy by what both texts have in common: equal, or long and alike enough."""

    def column(name: str) -> NDArray[np.float32]:
        return features[:, COLUMNS[name]]

    judged = long_enough(corpus, config)
    enough: NDArray[np.bool_] = column("rare_overlap") >= _least(corpus, pairs)
    enough |= column("shared_quotes") > 0
    enough &= _overlapping(corpus, pairs, features, equal)
    enough &= (column("shared_words") >= MIN_SHARED_WORDS) | (column("retold_quotes") >= MIN_RETOLD)
    house = np.maximum(column("coverage_a"), column("coverage_b")) < HOUSE_COVERAGE
    enough &= ~((column("same_outlet") > 0) & house)
    return (judged[pairs.a] & judged[pairs.b] & enough) | equal


def grade_pairs(corpus: Corpus, pairs: Candidates, features: NDArray[np.float32], config: Config) -> Graded:
    """Grades of pairs that were measured in full; what is too short, or shares too little, is a copy only if equal."""
    equal = _equal(corpus, pairs, config)
    graded = grade(features, equal, load_model(), config.grade)
    void = ~_enough(corpus, pairs, features, config, equal)
    graded.codes[void] = 0
    graded.confidence[void] = 0.0
    graded.link[void] = 0.0
    return graded


def joined(first: Judged, second: Judged) -> Judged:
    """All pairs of two that have none in common, sorted."""
    pairs = first.pairs.joined(second.pairs)
    a, b = (np.concatenate([getattr(side.pairs, name) for side in (first, second)]) for name in ("a", "b"))
    order = np.lexsort((b, a))
    g, h = first.graded, second.graded
    graded = Graded(
        np.concatenate([g.codes, h.codes])[order],
        np.concatenate([g.confidence, h.confidence])[order],
        np.concatenate([g.link, h.link])[order],
    )
    return Judged(pairs, np.concatenate([first.features, second.features])[order], graded)
