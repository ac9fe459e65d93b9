"""From a corpus and its copies to independent reports of one event, and to events: copies and reports together.

Pairs are proposed among texts, not articles: of a story carried word for word by forty outlets one speaks for all.
Events are groups of stories. A cluster of copies is one story here, whatever it has copied elsewhere: a pasted
excerpt makes no event of two, any more than it makes a cluster.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from dedup.assemble import Corpus
from dedup.background import Background
from dedup.candidates import NEIGHBOUR, Candidates
from dedup.cluster import Story
from dedup.config import Config
from dedup.events import Texts, event_chance, event_texts, load_events, measure_events
from dedup.explain import explain
from dedup.grade import Graded
from dedup.graph import Link, average_linkage, components
from dedup.neighbours import nearest_pairs
from dedup.provenance import instant
from dedup.records import Event, Grade, Match
from dedup.tokens import tokenise
from dedup.verify import measure

__all__ = ["Related", "days", "find_related", "related_matches", "same_event"]

#: Two stories, or groups of stories, are one event while the mean chance between them is at least this.
_EVENT_CUT = 0.4
#: Components up to this many stories have all their pairs measured, so that a missing link is a fact and not a gap.
_COMPLETE = 300
#: Copies of two texts are compared each with each up to this many pairs; beyond it the two representatives speak.
_ALL_PAIRS = 64


@dataclass(frozen=True, slots=True)
class Related:
    """What was found beside the copies."""

    matches: list[Match]
    """Pairs graded same_event, sorted by (a, b)."""
    events: list[Event]
    """Events of two or more articles, largest first."""


@dataclass(frozen=True, slots=True)
class _Chances:
    """Measured pairs, a < b, sorted."""

    pairs: Candidates
    chance: NDArray[np.float64]


def days(dates: Sequence[str]) -> NDArray[np.float64]:
    """Publication times in days, NaN when unknown."""
    moments = (instant(date) for date in dates)
    return np.array([m[0].timestamp() / 86400 if m else np.nan for m in moments], np.float64)


def same_event(corpus: Corpus, background: Background) -> float:
    """The chance that the only two articles of a corpus report one event; 0 where it is too low to say so."""
    texts = _texts(corpus, background)
    if not texts.judged.all():
        return 0.0
    one, two = np.zeros(1, np.int32), np.ones(1, np.int32)
    chance = float(_chance(corpus, texts, one, two, background, 1, lambda _: None)[0])
    return chance if chance >= load_events().bar else 0.0


def related_matches(corpus: Corpus, pairs: Candidates, background: Background, config: Config) -> list[Match]:
    """Those of these pairs that report one event, as matches; none of them may be a copy."""
    texts = _texts(corpus, background)
    pairs = pairs.only(texts.judged[pairs.a] & texts.judged[pairs.b])
    chance = _chance(corpus, texts, pairs.a, pairs.b, background, 1, lambda _: None)
    told = chance >= load_events().bar
    return _matches(corpus, _Chances(pairs, chance), told, background, config, 1)


def find_related(
    corpus: Corpus,
    copies: Candidates,
    stories: Sequence[Story],
    background: Background,
    config: Config,
    jobs: int,
    track: Callable[[str, int, int | None], None],
) -> Related:
    """Same-event pairs beside the copies, and the events that copies and pairs make.

    Args:
        copies: the pairs graded as copies.
        stories: the clusters, and the groups inside them that carry one text.
    """
    groups = [story.members for story in stories]
    copy_groups = [copies for story in stories for copies in story.copies]
    texts = _texts(corpus, background)
    story = np.arange(len(corpus.ids), dtype=np.int32)
    for group in groups:
        story[list(group)] = min(group)

    def measured(pairs: NDArray[np.uint64]) -> _Chances:
        found = Candidates(*_unpacked(pairs), np.full(len(pairs), NEIGHBOUR, np.uint8))
        found = found.within(config.candidates.window_days, days(corpus.dates))
        chance = _chance(corpus, texts, found.a, found.b, background, jobs, lambda n: track("events", n, len(found)))
        return _Chances(found, chance)

    known = _packed(copies.a, copies.b)
    near = nearest_pairs(texts.tokens, texts.flags, texts.offsets, texts.idf, _speakers(texts, copy_groups), jobs)
    between = known[story[copies.a] != story[copies.b]]
    pairs = np.union1d(_packed(*near), _members(near, copy_groups))
    first = measured(np.union1d(np.setdiff1d(pairs, known), between))
    seen = np.union1d(known, _packed(first.pairs.a, first.pairs.b))
    gaps = measured(np.setdiff1d(_missing(first, story, texts), seen))
    every = _joined(first, gaps)
    told = (every.chance >= load_events().bar) & ~np.isin(_packed(every.pairs.a, every.pairs.b), known)
    matches = _matches(corpus, every, told, background, config, jobs)
    return Related(matches, _events(corpus, _grouped(every, story, groups)))


def _texts(corpus: Corpus, background: Background) -> Texts:
    return event_texts(corpus.sketches, tokenise([head.title for head in corpus.articles.heads()]), background)


def _chance(
    corpus: Corpus,
    texts: Texts,
    a: NDArray[np.int32],
    b: NDArray[np.int32],
    background: Background,
    jobs: int,
    track: Callable[[int], None],
) -> NDArray[np.float64]:
    """The chance of each pair."""
    rows = measure_events(texts, a, b, jobs, track)
    when, outlets = days(corpus.dates), corpus.outlets
    return event_chance(rows, np.abs(when[a] - when[b]), (outlets[a] == outlets[b]) & (outlets[a] >= 0), load_events())


def _packed(a: NDArray[np.int32], b: NDArray[np.int32]) -> NDArray[np.uint64]:
    return (a.astype(np.uint64) << np.uint64(32)) | b.astype(np.uint64)


def _unpacked(pairs: NDArray[np.uint64]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    return (pairs >> np.uint64(32)).astype(np.int32), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int32)


def _speakers(texts: Texts, copy_groups: Sequence[Sequence[int]]) -> NDArray[np.bool_]:
    """bool[N]: texts long enough to be judged, of those that carry one text only the first."""
    out = texts.judged.copy()
    for group in copy_groups:
        out[sorted(group)[1:]] = False
    return out


def _members(
    near: tuple[NDArray[np.int32], NDArray[np.int32]], copy_groups: Sequence[Sequence[int]]
) -> NDArray[np.uint64]:
    """The pairs of the articles for which the texts of a pair speak, packed."""
    carriers = {min(group): sorted(group) for group in copy_groups if len(group) > 1}
    speaking = np.array(sorted(carriers), np.int32)
    a, b = near
    several = np.isin(a, speaking) | np.isin(b, speaking)
    pairs = []
    for x, y in zip(a[several].tolist(), b[several].tolist(), strict=True):
        first, second = carriers.get(x, [x]), carriers.get(y, [y])
        if len(first) * len(second) <= _ALL_PAIRS:
            pairs += [(min(i, j) << 32) | max(i, j) for i in first for j in second]
    return np.array(sorted(pairs), np.uint64)


def _missing(found: _Chances, story: NDArray[np.int32], texts: Texts) -> NDArray[np.uint64]:
    """All pairs of stories inside components of likely pairs, packed; of each story its first article."""
    likely = found.chance >= load_events().bar
    a, b = story[found.pairs.a[likely]].tolist(), story[found.pairs.b[likely]].tolist()
    judged = texts.judged
    pairs = [
        (x << 32) | y
        for group in components(zip(a, b, strict=True))
        if 2 < len(group) <= _COMPLETE
        for x, y in combinations([node for node in group if judged[node]], 2)
    ]
    return np.array(sorted(pairs), np.uint64)


def _joined(first: _Chances, second: _Chances) -> _Chances:
    a, b = (np.concatenate([getattr(x.pairs, side) for x in (first, second)]) for side in ("a", "b"))
    order = np.lexsort((b, a))
    found_by = np.concatenate([first.pairs.found_by, second.pairs.found_by])
    chance = np.concatenate([first.chance, second.chance])
    return _Chances(Candidates(a[order], b[order], found_by[order]), chance[order])


def _matches(
    corpus: Corpus, found: _Chances, kept: NDArray[np.bool_], background: Background, config: Config, jobs: int
) -> list[Match]:
    """The kept pairs with measures and passages, graded same_event."""
    pairs = Candidates(found.pairs.a[kept], found.pairs.b[kept], found.pairs.found_by[kept])
    rows, _ = measure(
        corpus.sketches, pairs.a, pairs.b, background, corpus.outlets, config.sketch.shingle_size, jobs=jobs
    )
    plain = Graded(np.zeros(len(pairs), np.uint8), found.chance[kept], np.zeros((len(pairs), 3)))
    return [replace(match, grade=Grade.SAME_EVENT) for match in explain(corpus, pairs, rows, plain, background, jobs)]


def _grouped(found: _Chances, story: NDArray[np.int32], groups: Sequence[Sequence[int]]) -> list[list[int]]:
    """The articles of each event: average linkage over stories, the link between two being their pairs' mean chance."""
    chances: dict[Link, list[float]] = defaultdict(list)
    a, b = story[found.pairs.a], story[found.pairs.b]
    for x, y, chance in zip(np.minimum(a, b).tolist(), np.maximum(a, b).tolist(), found.chance.tolist(), strict=True):
        if x != y:
            chances[x, y].append(chance)
    strength = {link: sum(values) / len(values) for link, values in sorted(chances.items())}
    inside: dict[int, dict[Link, float]] = defaultdict(dict)
    likely = components(link for link, value in strength.items() if value >= _EVENT_CUT)
    home = {node: number for number, group in enumerate(likely) for node in group}
    for link, value in strength.items():
        if home.get(link[0], -1) == home.get(link[1], -2):
            inside[home[link[0]]][link] = value
    members = {min(group): list(group) for group in groups}
    events = [
        stories
        for number, group in enumerate(likely)
        for stories, _ in average_linkage(group, inside[number], _EVENT_CUT)
    ]
    events += [[head] for head in members if head not in home]
    told = ([article for head in stories for article in members.get(head, [head])] for stories in events)
    return sorted(sorted(articles) for articles in told if len(articles) > 1)


def _events(corpus: Corpus, groups: Sequence[Sequence[int]]) -> list[Event]:
    """The events as records, each named after its earliest article, so that later ones do not rename it."""
    out = []
    for group in groups:
        head = min(group, key=lambda index: _seniority(corpus, index))
        out.append(
            Event(
                id="e" + hashlib.blake2b(corpus.ids[head].encode("utf-8", "replace"), digest_size=8).hexdigest(),
                members=tuple(corpus.ids[index] for index in group),
            )
        )
    return sorted(out, key=lambda event: (-len(event.members), event.id))


def _seniority(corpus: Corpus, index: int) -> tuple[bool, str, str]:
    """Earlier first, undated last, then by id."""
    moment = instant(corpus.dates[index])
    return (moment is None, moment[0].isoformat() if moment else "", corpus.ids[index])
