"""The main job: from paths or articles to verified, explained, clustered matches. Calls the stages in order."""

from __future__ import annotations

import ctypes
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.assemble import Corpus, assemble
from dedup.background import Background, load_background
from dedup.batch import Batch
from dedup.bounds import FREE, Bounds
from dedup.cache import ArticleCache
from dedup.candidates import Candidates, propose
from dedup.cluster import Story, group_stories, strengths
from dedup.config import Config
from dedup.decisions import Decision, read_decisions
from dedup.desk import Desk, find_texts, renewed
from dedup.events import load_events
from dedup.explain import describe_clusters, explain
from dedup.grade import load_model
from dedup.guard import warnings
from dedup.ingest import batch_articles, clean_article, ingest
from dedup.judging import Judged, grade_pairs, judge, least_overlap, long_enough
from dedup.kernels import compile_ahead
from dedup.lineage import trace
from dedup.readers import amount_of_work, chunks, find_sources, is_page
from dedup.records import Article, Grade, Match, Skipped
from dedup.related import Related, days, find_related, same_event
from dedup.remarks import named_sources, remark
from dedup.result import Result
from dedup.rulings import rule
from dedup.store import Store
from dedup.verify import measure

__all__ = ["Collected", "Track", "collect", "compare", "find_duplicates"]

#: Told about progress: the stage, how much was done just now, and the total when it is known.
Track = Callable[[str, int, int | None], None]

#: Articles handed over as records are cleaned in batches of this many.
_BATCH = 2000


def _ignore(stage: str, done: int, total: int | None) -> None:
    pass


class _Clock:
    """Seconds for each stage, and web pages among the input."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.pages = 0

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
    work: Store | None = None,
    decisions: str | Path | Iterable[Decision] | None = None,
) -> Result:
    """The copies among articles: in files and folders, or given as `Article` records.

    Args:
        paths_or_articles: a path, several paths, or articles; a path may be a folder, a file or a glob.
        config: all options; the defaults suit a newsroom.
        track: called as work goes on, with the stage, the amount just done and the total if known.
        work: where finished stages are kept, and found again by a run over the same input with the same options; a
            temporary folder if there is none.
        decisions: what a desk decided of pairs and stories, as a file or as records; `config.decisions` if it is None.

    Raises:
        ConfigError: the decisions cannot be used.
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
    jobs = config.workers
    decided = _decided(config.decisions if decisions is None else decisions)
    with compile_ahead(jobs) as compiled:
        return _find(paths_or_articles, config, jobs, track, work, clock, compiled, decided)


def _decided(given: str | Path | Iterable[Decision]) -> list[Decision]:
    if isinstance(given, str | Path):
        return read_decisions(given) if given else []
    return list(given)


def _find(
    inputs: str | Path | Iterable[str | Path | Article],
    config: Config,
    jobs: int,
    track: Track,
    work: Store | None,
    clock: _Clock,
    compiled: Callable[[], None],
    decided: Sequence[Decision],
) -> Result:
    """The stages in order; `compiled` waits until the kernels of verification are."""
    with clock.stage("read"):
        found = collect(inputs, config, jobs, track, work)
    clock.pages = found.pages
    stages = _Stages(work, [batch.digest for batch in found.batches], config)
    with clock.stage("sketch"):
        corpus = assemble(found.batches, found.skipped, config.sketch, jobs)
        del found
        _give_back()
    with clock.stage("candidates"):
        proposed = _proposed(corpus, config, jobs, stages)
        corpus = corpus.without_signatures()  # nobody asks for them again, and they are large
        _give_back()
    compiled()
    return _judge(corpus, proposed, config, jobs, track, clock, stages, decided)


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
    features, _ = measure(corpus.sketches, pairs.a, pairs.b, background, corpus.outlets, config.sketch.shingle_size)
    graded = grade_pairs(corpus, pairs, features, config)
    match = explain(corpus, pairs, features, graded, background)[0]
    if match.grade is Grade.UNRELATED and (chance := same_event(corpus, background)):
        match = replace(match, grade=Grade.SAME_EVENT, confidence=round(chance, 4))
    named = {"a": a.id, "b": b.id}
    return replace(match, a=a.id, b=b.id, likely_source=named.get(match.likely_source, match.likely_source))


@dataclass(frozen=True, slots=True)
class Collected:
    """Input that was read."""

    batches: list[Batch]
    skipped: list[Skipped]
    """What was skipped before it became part of a batch."""
    pages: int
    """Web pages among the input."""


def collect(
    inputs: str | Path | Iterable[str | Path | Article],
    config: Config,
    jobs: int,
    track: Track,
    work: Store | None = None,
) -> Collected:
    """All input as batches."""
    if config.cache:
        ArticleCache(config.cache).close()  # one that cannot be used is an error before any work
    given = [inputs] if isinstance(inputs, str | Path) else list(inputs)
    articles = [item for item in given if isinstance(item, Article)]
    batches: list[Batch] = []
    for start in range(0, len(articles), _BATCH):
        batches.append(batch_articles([clean_article(article, config) for article in articles[start : start + _BATCH]]))
        track("read", len(batches[-1]), len(articles))
    sources, skipped = find_sources((item for item in given if not isinstance(item, Article)), config.read)
    large = amount_of_work(sources) > _WORTH_WORKERS
    store = (work or Store.temporary()) if large else None
    for batch in ingest(chunks(sources, config.read), config, jobs if large else 1, store):
        if isinstance(batch, Skipped):
            skipped.append(batch)
        else:
            batches.append(batch)
            track("read", len(batch), None)
    return Collected(batches, skipped, sum(map(is_page, sources)))


#: Bytes of plain text, or as much work, from which worker processes and files for their batches pay.
_WORTH_WORKERS = 4_000_000


class _Stages:
    """Results of finished stages, kept where a run that was stopped finds them again."""

    def __init__(self, work: Store | None, digests: Sequence[str], config: Config) -> None:
        self._work = work if work is not None and digests and all(digests) else None
        options = config.to_dict() | {"jobs": 0, "max_memory": 0, "cache": "", "decisions": ""}
        state = sha256(json.dumps([sorted(digests), options, _versions(load_background())], sort_keys=True).encode())
        self._name = state.hexdigest()

    def done(self, stage: str, make: Callable[[], dict[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
        """The arrays of a stage: found, or made and kept."""
        if self._work is None:
            return make()
        name = f"{self._name}.{stage}.npz"
        if self._work.has(name):
            return self._work.load_arrays(name)
        made = make()
        self._work.save_arrays(name, made)
        return made


def _times(corpus: Corpus, config: Config) -> NDArray[np.float64] | None:
    """Publication times in days, where a window asks for them."""
    return days(corpus.dates) if config.candidates.window_days is not None else None


def _proposed(corpus: Corpus, config: Config, jobs: int, stages: _Stages) -> Candidates:
    """The candidates among a corpus."""
    arrays = stages.done(
        "candidates",
        lambda: propose(
            *(corpus.sketches, corpus.titles, long_enough(corpus, config), config.candidates, load_background()),
            *(_times(corpus, config), corpus.outlets, least_overlap(corpus.sketches.words), jobs),
            config.max_memory or _memory() // 2,
        ).to_arrays(),
    )
    return Candidates.from_arrays(arrays)


def _judge(
    corpus: Corpus,
    proposed: Candidates,
    config: Config,
    jobs: int,
    track: Track,
    clock: _Clock,
    stages: _Stages,
    decided: Sequence[Decision],
) -> Result:
    """Verification, grades, clusters and explanations for a corpus."""
    background, sketches = load_background(), corpus.sketches
    judgeable = long_enough(corpus, config)
    with clock.stage("verify"):
        judged = Judged.from_arrays(
            stages.done(
                "judged",
                lambda: judge(corpus, proposed, background, config, _times(corpus, config), jobs, track).to_arrays(),
            )
        )
        _give_back()
    desk, bounds = Desk(decided), FREE
    with clock.stage("cluster"):
        if decided:
            desk = find_texts(corpus, decided)
            judged, bounds = rule(corpus, judged, desk, background, config)
        stories = _stories(judged, config, bounds)
        sources = named_sources(desk, stories, corpus.ids)
        copies = judged.copies
        del judged  # the other pairs, and what they weigh, have had their say
        _give_back()
    with clock.stage("explain"):
        matches = explain(
            *(corpus, copies.pairs, copies.features, copies.graded, background, jobs),
            lambda done: track("explain", done, len(copies)),
        )
        clusters = trace(corpus, describe_clusters(corpus, stories, matches, sources), matches)
    related = Related([], [])
    if config.related:
        with clock.stage("events"):
            related = find_related(corpus, copies.pairs, stories, background, config, jobs, track)
    counts = {
        "articles": len(corpus.ids),
        **({"pages": clock.pages} if clock.pages else {}),
        "too_short": int((~judgeable).sum()),
        "words": int(sketches.words.sum()),
        "furniture_words": int(corpus.offsets[-1] - sketches.words.sum()),
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
    short = frozenset(corpus.ids[i] for i in np.flatnonzero(~judgeable))
    every = np.diff(corpus.offsets)
    words = dict(zip(corpus.ids, every.tolist(), strict=True))
    furniture = dict(zip(corpus.ids, (every - sketches.words).tolist(), strict=True))
    matches = sorted([*matches, *related.matches], key=lambda match: (match.a, match.b))
    if decided:
        matches, clusters = remark(desk, corpus.ids, matches, clusters)
        stats["decisions"] = desk.account()
    return Result(
        *(corpus.articles, matches, clusters, corpus.skipped, stats, short, words, furniture, related.events),
        *(renewed(desk, corpus), decided),
    )


def _stories(judged: Judged, config: Config, bounds: Bounds = FREE) -> list[Story]:
    """The clusters that judged pairs make."""
    pairs, graded = judged.pairs, judged.graded
    strength = strengths(pairs.a, pairs.b, graded.codes, graded.link)
    return group_stories(pairs.a, pairs.b, graded.codes, strength, config.cluster.min_similarity, bounds)


def _outlets(corpus: Corpus) -> dict[str, str]:
    """The outlet of each article by its id; empty where it is unknown."""
    numbers, first = np.unique(corpus.outlets, return_index=True)
    publishers = (name for name, _ in corpus.articles.columns("publisher", "id", places=first.tolist()))
    names = {number: name if number >= 0 else "" for number, name in zip(numbers.tolist(), publishers, strict=True)}
    return dict(zip(corpus.ids, map(names.__getitem__, corpus.outlets.tolist()), strict=True))


def _give_back() -> None:
    """Hand free memory back to the system: the C library keeps small pieces, of which batches make many."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library than GNU's
            ctypes.CDLL(None).malloc_trim(0)


def _memory() -> int:
    """Bytes of the machine's memory; 8 GB where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # Windows
        return 8 << 30


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
