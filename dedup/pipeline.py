"""The main job: from paths or articles to verified, explained, clustered matches. Calls the stages in order."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dedup.assemble import Corpus, assemble
from dedup.background import Background, load_background
from dedup.candidates import MEMBER, QUOTE, Candidates, propose
from dedup.cluster import group_stories, missing_pairs, strengths
from dedup.config import Config
from dedup.events import load_events
from dedup.explain import describe_clusters, explain
from dedup.grade import COLUMNS, Graded, grade, load_model
from dedup.guard import warnings
from dedup.ingest import Batch, batch_articles, clean_article, ingest
from dedup.lineage import trace
from dedup.readers import chunks, find_sources
from dedup.records import Article, Grade, Match, Skipped
from dedup.related import Related, days, find_related, same_event
from dedup.result import Result
from dedup.verify import HOUSE_COVERAGE, measure, screen

__all__ = ["Track", "compare", "find_duplicates"]

#: Told about progress: the stage, how much was done just now, and the total when it is known.
Track = Callable[[str, int, int | None], None]

#: Rarity-weighted overlap, in nats, below which a pair is not looked at any further: ten telling 3-grams ...
MIN_OVERLAP = 30.0
#: ... and more in long texts, where chance alone makes more, times the root of the shorter one's words.
_OVERLAP_GROWTH = 1.5
#: Words in shared passages below which a pair is no copy, unless so many statements of one are told anew in the other.
MIN_SHARED_WORDS, MIN_RETOLD = 12, 2
#: Articles handed over as records are cleaned in batches of this many.
_BATCH = 2000


def _ignore(stage: str, done: int, total: int | None) -> None:
    pass


class _Clock:
    """Seconds for each stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - start, 3)


def find_duplicates(
    paths_or_articles: str | Path | Iterable[str | Path | Article],
    *,
    config: Config | None = None,
    track: Track = _ignore,
) -> Result:
    """The copies among articles: in files and folders, or given as `Article` records.

    Args:
        paths_or_articles: a path, several paths, or articles; a path may be a folder, a file or a glob.
        config: all options; the defaults suit a newsroom.
        track: called as work goes on, with the stage, the amount just done and the total if known.

    Raises:
        SourceError: a path does not exist.
        UnsupportedFormatError: a file was named whose format is not known.

    Example:
        >>> flood = "Heavy rain closed the Orlo bridge on Monday; forty families spent the night in the school hall. "
        >>> flood += "The mayor, Ines Tamber, said the river would fall by Thursday at the latest."
        >>> result = find_duplicates([Article(id="a", body=flood), Article(id="b", body=flood.upper())])
        >>> [(m.a, m.b, str(m.grade)) for m in result.matches]
        [('a', 'b', 'exact')]
    """
    config, clock = config or Config(), _Clock()
    jobs = config.jobs or os.cpu_count() or 1
    with clock.stage("read"):
        batches, skipped = _collect(paths_or_articles, config, jobs, track)
    with clock.stage("sketch"):
        corpus = assemble(batches, skipped, config.sketch, jobs)
        del batches
    return _judge(corpus, config, jobs, track, clock)


def compare(a: Article, b: Article, *, config: Config | None = None) -> Match:
    """What two articles are to each other, whatever the grade, with measures and passages.

    Example:
        >>> tide = "The harbour of Port Ansel will stay shut until Friday, the port captain said after the storm. "
        >>> tide += "Two ferries lost their moorings in the night and drifted on to the eastern sandbank."
        >>> match = compare(Article(id="x", body=tide), Article(id="y", body=tide + " No one was hurt."))
        >>> match.a, match.b, match.passages[0].words
        ('x', 'y', 32)
    """
    config, background = config or Config(), load_background()
    pair = [clean_article(replace(article, id=side), config) for article, side in ((a, "a"), (b, "b"))]
    corpus = assemble([batch_articles(pair)], [], config.sketch)
    pairs = Candidates(np.array([0], np.int32), np.array([1], np.int32), np.zeros(1, np.uint8))
    features = measure(corpus.sketches, pairs.a, pairs.b, background, corpus.outlets, config.sketch.shingle_size)
    graded = _grade(corpus, pairs, features, config)
    match = explain(corpus, pairs, features, graded, background)[0]
    if match.grade is Grade.UNRELATED and (chance := same_event(corpus, background)):
        match = replace(match, grade=Grade.SAME_EVENT, confidence=round(chance, 4))
    named = {"a": a.id, "b": b.id}
    return replace(match, a=a.id, b=b.id, likely_source=named.get(match.likely_source, match.likely_source))


def _collect(
    inputs: str | Path | Iterable[str | Path | Article], config: Config, jobs: int, track: Track
) -> tuple[list[Batch], list[Skipped]]:
    """All input as batches, and what was skipped before it became part of one."""
    given = [inputs] if isinstance(inputs, str | Path) else list(inputs)
    articles = [item for item in given if isinstance(item, Article)]
    batches: list[Batch] = []
    for start in range(0, len(articles), _BATCH):
        batches.append(batch_articles([clean_article(article, config) for article in articles[start : start + _BATCH]]))
        track("read", len(batches[-1]), len(articles))
    sources, skipped = find_sources((item for item in given if not isinstance(item, Article)), config.read)
    size = sum(source.size for source in sources)
    for batch in ingest(chunks(sources, config.read), config, jobs if size > _WORTH_WORKERS else 1):
        if isinstance(batch, Skipped):
            skipped.append(batch)
        else:
            batches.append(batch)
            track("read", len(batch), None)
    return batches, skipped


#: Bytes of input from which starting worker processes pays.
_WORTH_WORKERS = 4_000_000


def _judge(corpus: Corpus, config: Config, jobs: int, track: Track, clock: _Clock) -> Result:
    """Candidates, verification, grades, clusters and explanations for a corpus."""
    background, sketches = load_background(), corpus.sketches
    long_enough = _long_enough(corpus, config)
    with clock.stage("candidates"):
        times = days(corpus.dates) if config.candidates.window_days is not None else None
        proposed = propose(
            sketches,
            corpus.titles,
            long_enough,
            config.candidates,
            background,
            times,
            corpus.outlets,
            _least_overlap(sketches.words),
            jobs,
        )
    with clock.stage("verify"):
        pairs, features, graded = _verify(corpus, proposed, background, config, times, jobs, track)
    with clock.stage("cluster"):
        strength = strengths(pairs.a, pairs.b, graded.codes, graded.link)
        stories = group_stories(pairs.a, pairs.b, graded.codes, strength, config.cluster.min_similarity)
    with clock.stage("explain"):
        copies, rows, grades = _only(graded.codes > 0, pairs, features, graded)
        matches = explain(
            corpus, copies, rows, grades, background, jobs, lambda done: track("explain", done, len(copies))
        )
        clusters = trace(corpus, describe_clusters(corpus, stories, matches), matches)
    related = Related([], [])
    if config.related:
        with clock.stage("events"):
            related = find_related(corpus, copies, stories, background, config, jobs, track)
    counts = {
        "articles": len(corpus.ids),
        "too_short": int((~long_enough).sum()),
        "words": int(sketches.words.sum()),
        "furniture_words": int(len(corpus.flags) - sketches.words.sum()),
        "candidate_pairs": len(proposed),
        "copies": len(matches),
        "clusters": len(clusters),
        **({"same_event": len(related.matches), "events": len(related.events)} if config.related else {}),
        "skipped": sum(s.stage != "note" for s in corpus.skipped),
    }
    stats = {
        "counts": counts,
        "warnings": warnings(clusters, _outlets(corpus)),
        "options": config.to_dict(),
        "seconds": clock.seconds,
        "peak_memory_mb": _peak_memory_mb(),
        "versions": _versions(background),
    }
    short = frozenset(corpus.ids[i] for i in np.flatnonzero(~long_enough))
    every = np.diff(corpus.offsets)
    words = dict(zip(corpus.ids, every.tolist(), strict=True))
    furniture = dict(zip(corpus.ids, (every - sketches.words).tolist(), strict=True))
    matches = sorted([*matches, *related.matches], key=lambda match: (match.a, match.b))
    return Result(corpus.articles, matches, clusters, corpus.skipped, stats, short, words, furniture, related.events)


def _outlets(corpus: Corpus) -> dict[str, str]:
    """The outlet of each article by its id; empty where it is unknown."""
    numbers, first = np.unique(corpus.outlets, return_index=True)
    names = {
        number: corpus.articles[index].publisher if number >= 0 else ""
        for number, index in zip(numbers.tolist(), first.tolist(), strict=True)
    }
    return dict(zip(corpus.ids, map(names.__getitem__, corpus.outlets.tolist()), strict=True))


def _peak_memory_mb() -> int | None:
    """The largest memory this process and its largest worker have held, in MB; None where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    own, workers = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return int(own + workers) // (1 << 20 if sys.platform == "darwin" else 1 << 10)


def _versions(background: Background) -> dict[str, str]:
    from dedup import __version__

    return {
        "dedup": __version__,
        "background": background.version,
        "grades": load_model().version,
        "events": load_events().version,
        "python": platform.python_version(),
        "numpy": np.__version__,
    }


def _long_enough(corpus: Corpus, config: Config) -> NDArray[np.bool_]:
    """bool[N]: whether an article has enough words to be judged by its text."""
    enough: NDArray[np.bool_] = corpus.sketches.words >= config.sketch.min_words
    return enough


def _verify(
    corpus: Corpus,
    proposed: Candidates,
    background: Background,
    config: Config,
    times: NDArray[np.float64] | None,
    jobs: int,
    track: Track,
) -> tuple[Candidates, NDArray[np.float32], Graded]:
    """The measured pairs with features and grades; components of copies are completed on the way."""
    pairs, features = _measured(corpus, proposed, background, config, jobs, track)
    graded = _grade(corpus, pairs, features, config)
    columns = missing_pairs(pairs.a, pairs.b, graded.codes)
    missing = Candidates(columns[:, 0].copy(), columns[:, 1].copy(), np.full(len(columns), MEMBER, np.uint8))
    if times is not None:
        missing = missing.within(config.candidates.window_days, times)
    if len(missing):
        more, more_features = _measured(corpus, missing, background, config, jobs, track)
        pairs, features = _joined(pairs, features, more, more_features)
        graded = _grade(corpus, pairs, features, config)
    return pairs, features, graded


def _only(
    kept: NDArray[np.bool_], pairs: Candidates, features: NDArray[np.float32], graded: Graded
) -> tuple[Candidates, NDArray[np.float32], Graded]:
    """Some of the pairs."""
    return (
        pairs.only(kept),
        features[kept],
        Graded(graded.codes[kept], graded.confidence[kept], graded.link[kept]),
    )


def _measured(
    corpus: Corpus, pairs: Candidates, background: Background, config: Config, jobs: int, track: Track
) -> tuple[Candidates, NDArray[np.float32]]:
    """The pairs that could be copies, with their features; the rest falls at the screen."""
    overlap = screen(corpus.sketches, pairs.a, pairs.b, background, jobs, lambda n: track("screen", n, len(pairs)))
    equal = _equal(corpus, pairs, config)
    kept = (overlap >= _least_overlap(_shorter(corpus, pairs))) | equal | (pairs.found_by & QUOTE > 0)
    some = pairs.only(kept)
    rows = measure(
        corpus.sketches,
        some.a,
        some.b,
        background,
        corpus.outlets,
        config.sketch.shingle_size,
        HOUSE_COVERAGE,
        overlap[kept],
        jobs,
        lambda n: track("verify", n, len(some)),
    )
    return some, rows


def _shorter(corpus: Corpus, pairs: Candidates) -> NDArray[np.int64]:
    """int64[P]: words of the shorter article of each pair."""
    words = corpus.sketches.words
    shorter: NDArray[np.int64] = np.minimum(words[pairs.a], words[pairs.b])
    return shorter


def _least_overlap(shorter: NDArray[np.int64]) -> NDArray[np.float64]:
    """The overlap, in nats, that a pair must have to be measured, by the words of its shorter article."""
    least: NDArray[np.float64] = np.minimum(np.maximum(MIN_OVERLAP, _OVERLAP_GROWTH * np.sqrt(shorter)), 0.75 * shorter)
    return least


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


def _grade(corpus: Corpus, pairs: Candidates, features: NDArray[np.float32], config: Config) -> Graded:
    """Grades of measured pairs; what is too short to judge, or shares too little, is a copy only if it is equal."""

    def column(name: str) -> NDArray[np.float32]:
        return features[:, COLUMNS[name]]

    equal = _equal(corpus, pairs, config)
    graded = grade(features, equal, load_model(), config.grade)
    judged = _long_enough(corpus, config)
    enough = (column("rare_overlap") >= _least_overlap(_shorter(corpus, pairs))) | (column("shared_quotes") > 0)
    enough &= (column("shared_words") >= MIN_SHARED_WORDS) | (column("retold_quotes") >= MIN_RETOLD)
    house = np.maximum(column("coverage_a"), column("coverage_b")) < HOUSE_COVERAGE
    enough &= ~((column("same_outlet") > 0) & house)
    void = ~(judged[pairs.a] & judged[pairs.b] & enough) & ~equal
    graded.codes[void] = 0
    graded.confidence[void] = 0.0
    graded.link[void] = 0.0
    return graded


def _joined(
    pairs: Candidates, features: NDArray[np.float32], more: Candidates, more_features: NDArray[np.float32]
) -> tuple[Candidates, NDArray[np.float32]]:
    a, b = np.concatenate([pairs.a, more.a]), np.concatenate([pairs.b, more.b])
    order = np.lexsort((b, a))
    found_by = np.concatenate([pairs.found_by, more.found_by])
    return Candidates(a[order], b[order], found_by[order]), np.concatenate([features, more_features])[order]
