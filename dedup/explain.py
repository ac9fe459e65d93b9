"""From graded pairs to matches and clusters as people read them: passages in characters, sources, weakest links."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from sys import intern

import numpy as np
from numpy.typing import NDArray

from dedup.assemble import Corpus
from dedup.background import Background
from dedup.candidates import Candidates, found_by_names
from dedup.cluster import Story
from dedup.grade import COLUMNS, GRADES, Graded, measures, rounded
from dedup.graph import Link, weakest_link
from dedup.lineage import witness_of
from dedup.links import ALONE
from dedup.naming import cluster_ids
from dedup.provenance import CANNOT_TELL, COMMON, Attribution, Witness, attribute, doubtful_dates, instant, relation
from dedup.quotes import MIN_QUOTE_WORDS
from dedup.records import COPY_GRADES, Cluster, Match, Member, Passage
from dedup.tokens import tokenise_bytes
from dedup.verify import align
from dedup.winnow import winnow_batch
from dedup.words import hashes_of

__all__ = ["describe_clusters", "explain"]

#: Texts whose fingerprints are taken at a time.
_TEXTS = 4096
#: Matches that one thread explains at a time.
_BLOCK = 256

#: Share of a cluster's pairs that must have been compared for their votes to count.
_MOST_PAIRS = 0.5

#: What speaks in a reason for more than the order of dates.
_TELLING = ("canonical", "credits", "cites")
#: A cluster's source that is less likely than this is not named.
_LEAST_CHANCE = 0.5
#: What a pair that cannot tell says of each of three answers: one of the two, the other, a third text.
_UNDECIDED = 1 / 3

_SHARED_QUOTES = COLUMNS["shared_quotes"]
_NO_COPY = Attribution("", "")


@dataclass(frozen=True, slots=True)
class _Placed:
    """The passages of some pairs, S in all, those of a pair together and in order of its first text."""

    spans: NDArray[np.int64]
    """int64[5, S]: first character and end in a, the same in b, equal words."""
    rarity: NDArray[np.float32]
    quoted: NDArray[np.bool_]
    counts: list[int]
    """Passages of each pair."""
    quotes: NDArray[np.int64]
    """int64[P]: those of them that are quotations of some length."""


def explain(
    corpus: Corpus,
    pairs: Candidates,
    features: NDArray[np.float32],
    graded: Graded,
    background: Background,
    jobs: int = 1,
    track: Callable[[int], None] = lambda _: None,
) -> list[Match]:
    """A match with its passages for each pair, in order."""
    doubted = doubtful_dates(corpus.dates)
    witnesses: dict[int, Witness] = {}

    def hear(block: slice) -> None:
        copies = graded.codes[block] > 0
        named = np.unique(np.concatenate([pairs.a[block][copies], pairs.b[block][copies]])).tolist()
        unheard = [index for index in named if index not in witnesses]
        for index, article in zip(unheard, corpus.articles.take(unheard), strict=True):
            witnesses[index] = witness_of(article, doubted)

    matches: list[Match] = []
    passed = 0
    for block, placed in _placed_ahead(corpus, pairs, background, jobs):
        hear(block)
        matches += _matches(corpus, pairs, features, graded, block, placed, witnesses)
        last = int(pairs.a[block][-1])
        for index in range(passed, last):  # pairs are sorted: whoever stands before the last a is in no later one
            witnesses.pop(index, None)
        passed = max(passed, last)
        track(len(placed.counts))
    return matches


def _placed_ahead(
    corpus: Corpus, pairs: Candidates, background: Background, jobs: int
) -> Iterator[tuple[slice, _Placed]]:
    """Each block of pairs with its passages, which other threads place while this one makes matches of the last.

    This thread reads the texts for them: whoever waits for a file has to wait for the interpreter afterwards.
    """

    def work() -> Iterator[tuple[slice, Callable[[], _Placed]]]:
        for start in range(0, len(pairs), _BLOCK):
            block = slice(start, start + _BLOCK)
            a, b = pairs.a[block], pairs.b[block]
            indices, sides = np.unique(np.stack([a, b]), return_inverse=True)
            bodies = corpus.articles.bodies(indices.tolist())
            yield block, partial(_placed, corpus, a, b, background, indices, sides.reshape(2, -1), bodies)

    if jobs <= 1:  # a thread for a handful of pairs costs more than they do
        yield from ((block, place()) for block, place in work())
        return
    begun: deque[tuple[slice, Future[_Placed]]] = deque()
    with ThreadPoolExecutor(jobs - 1) as pool:
        for block, place in work():
            begun.append((block, pool.submit(place)))
            if len(begun) > jobs:
                first, done = begun.popleft()
                yield first, done.result()
        for first, done in begun:
            yield first, done.result()


def _matches(
    corpus: Corpus,
    pairs: Candidates,
    features: NDArray[np.float32],
    graded: Graded,
    block: slice,
    placed: _Placed,
    witnesses: Mapping[int, Witness],
) -> Iterator[Match]:
    """The matches of a block of pairs."""
    rarity = rounded(placed.rarity, 2).tolist()
    passages = map(Passage, *placed.spans.tolist(), rarity, placed.quoted.tolist())
    signals = {bits: found_by_names(bits) for bits in set(pairs.found_by[block].tolist())}
    rows = features[block].copy()
    rows[:, _SHARED_QUOTES] = np.maximum(rows[:, _SHARED_QUOTES], placed.quotes)  # half a quotation is shared, too
    for a, b, code, bits, confidence, alone, values, count in zip(
        *(pairs.a[block].tolist(), pairs.b[block].tolist(), graded.codes[block].tolist()),
        *(pairs.found_by[block].tolist(), graded.confidence[block].tolist(), graded.link[block, ALONE].tolist()),
        *(measures(rows), placed.counts),
        strict=True,
    ):
        kind = GRADES[code]
        source, related = _NO_COPY, None
        if kind in COPY_GRADES:
            sides = witnesses[a], witnesses[b]
            source, related = attribute(*sides, kind, values), relation(*sides, kind, values)
        yield Match(
            a=corpus.ids[a],
            b=corpus.ids[b],
            grade=kind,
            confidence=round(confidence, 4),
            measures=values,
            passages=tuple(islice(passages, count)),
            found_by=signals[bits],
            likely_source=source.source,
            source_reason=intern(source.reason),
            source_probability=source.probability,
            relation=related,
            similarity=round(alone, 4),
        )


def _placed(
    corpus: Corpus,
    a: NDArray[np.int32],
    b: NDArray[np.int32],
    background: Background,
    indices: NDArray[np.int32],
    sides: NDArray[np.int64],
    bodies: Sequence[bytes],
) -> _Placed:
    """The passages of some pairs.

    Args:
        indices: the articles that a and b name, and `bodies` their texts in UTF-8.
        sides: int64[2, P], where those of a and of b stand among them.
    """
    aligned = align(corpus.sketches, a, b, background)
    counts = [len(pair.spans) for pair in aligned]
    pair = np.repeat(np.arange(len(counts)), counts)
    spans = np.concatenate([pair.spans for pair in aligned]).astype(np.int64)
    words = spans[:, :4].T - np.array([[0], [1], [0], [1]])  # the last word, not the end
    starts, ends = _places(corpus, indices, bodies, sides[[0, 0, 1, 1]][:, pair], words)
    chars = np.stack([starts[0], ends[1], starts[2], ends[3], spans[:, 4]])
    quoted = np.concatenate([pair.quoted for pair in aligned])
    quotes = np.bincount(pair[quoted & (spans[:, 4] >= MIN_QUOTE_WORDS)], minlength=len(counts))
    order = np.lexsort((chars[2], chars[0], pair))
    rarity = np.concatenate([pair.rarity for pair in aligned])
    return _Placed(chars[:, order], rarity[order], quoted[order], counts, quotes)


def _places(
    corpus: Corpus,
    indices: NDArray[np.int32],
    bodies: Sequence[bytes],
    texts: NDArray[np.int64],
    words: NDArray[np.int64],
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """First character and end of some words, of their shape.

    Args:
        texts: for each word, the place of its article in `indices`.
        words: for each word, its number among those of its article that are not furniture.
    """
    batch = tokenise_bytes(bodies)
    own = np.flatnonzero(~np.concatenate([corpus.furniture_of(index) for index in indices.tolist()]))
    sizes = corpus.sketches.offsets[indices + 1] - corpus.sketches.offsets[indices]
    found = own[(np.cumsum(sizes) - sizes)[texts] + words]
    return batch.starts[found], batch.ends[found]


def describe_clusters(
    corpus: Corpus, stories: Sequence[Story], matches: Sequence[Match], sources: Mapping[int, Attribution] | None = None
) -> list[Cluster]:
    """The stories as clusters, largest first.

    Args:
        sources: of stories, by their numbers, whose source is known beyond what the pairs say.
    """
    cluster_of = {index: number for number, story in enumerate(stories) for index in story.members}
    place = {corpus.ids[index]: index for index in cluster_of}
    inside: dict[int, dict[Link, Match]] = defaultdict(dict)
    for match in matches:
        a, b = place.get(match.a, -1), place.get(match.b, -2)
        if cluster_of.get(a) == cluster_of.get(b) is not None:
            inside[cluster_of[a]][min(a, b), max(a, b)] = match
    members = sorted(cluster_of)
    ids = cluster_ids([story.members for story in stories], *_fingerprints(corpus, members), corpus.ids)
    titles = dict(
        zip(members, (title for title, _ in corpus.articles.columns("title", "id", places=members)), strict=True)
    )
    out = [
        _cluster(corpus, name, story, inside[number], titles, (sources or {}).get(number))
        for number, (name, story) in enumerate(zip(ids, stories, strict=True))
    ]
    return sorted(out, key=lambda cluster: (-len(cluster.members), cluster.id))


def _fingerprints(corpus: Corpus, members: Sequence[int]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The winnowed 4-grams of the members, flat, and where those of each article of the corpus begin and end."""
    sketches = corpus.sketches
    found = np.empty(int(sketches.words[members].sum()), np.uint64)  # room for all; a good third is ever touched
    counts, n = np.zeros(len(sketches), np.int64), 0
    for start in range(0, len(members), _TEXTS):
        some = members[start : start + _TEXTS]
        numbers = [sketches.tokens[sketches.offsets[i] : sketches.offsets[i + 1]] for i in some]
        ends = np.concatenate([[0], np.cumsum([len(text) for text in numbers])])
        hashes, _, ends = winnow_batch(hashes_of(np.concatenate(numbers), sketches.vocabulary), ends, 4, 4)
        found[n : n + len(hashes)] = hashes
        counts[some] = np.diff(ends)
        n += len(hashes)
    return found[:n], np.concatenate([[0], np.cumsum(counts)])


def _cluster(
    corpus: Corpus,
    name: str,
    story: Story,
    matches: Mapping[Link, Match],
    titles: Mapping[int, str],
    known_source: Attribution | None,
) -> Cluster:
    group = story.members
    carriers = {index: copies for copies in story.copies for index in copies}
    ranked = sorted(group, key=lambda index: _seniority(corpus, index))
    source = known_source or _source(len(group), matches, corpus.ids[ranked[0]])
    known = [index for index in group if corpus.ids[index] == source.source]
    head = known[0] if known else ranked[0]
    (low, high), weakest = weakest_link(group, story.strength)
    place = {index: number for number, index in enumerate(ranked)} | {head: -1}
    first_of: dict[int, int] = {}
    for index in group:  # every copy group once: its members share the answer
        if index not in first_of:
            same_text = carriers[index]
            first_of |= dict.fromkeys(same_text, min(same_text, key=place.__getitem__))
    members = []
    for index in sorted(group, key=lambda index: (index != head, corpus.ids[index])):
        match = matches.get((min(index, head), max(index, head)))
        members.append(
            Member(
                article=corpus.ids[index],
                copy_group=corpus.ids[first_of[index]],
                role="source" if known and index == head else "member",
                grade_to_source=str(match.grade) if match and index != head else "",
            )
        )
    return Cluster(
        id=name,
        members=tuple(members),
        representative=corpus.ids[head],
        weakest_link=f"{corpus.ids[low]}|{corpus.ids[high]}",
        weakest_similarity=round(weakest, 4),
        splits_at=story.splits_at,
        parts=tuple(tuple(corpus.ids[index] for index in part) for part in story.parts),
        likely_source=source.source,
        source_reason=source.reason,
        source_probability=source.probability,
        title=next(filter(None, (titles[index] for index in (head, *ranked))), ""),
    )


def _seniority(corpus: Corpus, index: int) -> tuple[bool, str, int, str]:
    """Earlier first, undated last, then longer, then by id."""
    moment, offsets = instant(corpus.dates[index]), corpus.sketches.offsets
    words = int(offsets[index + 1] - offsets[index])
    return (moment is None, moment[0].isoformat() if moment else "", -words, corpus.ids[index])


def _source(size: int, matches: Mapping[Link, Match], senior: str) -> Attribution:
    """The member that most pairs name, if no other comes even; else what most pairs say.

    In a cluster too large for all pairs to be compared, the votes would favour whoever was compared with everybody;
    there the date of publication decides, unless a link or a credit does.
    """
    votes = Counter(match.likely_source for match in matches.values())
    named = [(count, source) for source, count in votes.items() if source not in (COMMON, CANNOT_TELL, "")]
    if not named or (size > 2 and votes[COMMON] > sum(count for count, _ in named)):
        if votes[COMMON] >= max(1, votes[CANNOT_TELL]):
            said = Counter(match.source_reason for match in matches.values() if match.likely_source == COMMON)
            return Attribution(COMMON, min(said, key=lambda why: (-said[why], why)), _chance(COMMON, matches))
        return Attribution(CANNOT_TELL, "nothing in the texts or their dates decides it")
    compared = 2 * len(matches) / (size * (size - 1))
    told = any(word in match.source_reason for match in matches.values() for word in _TELLING)
    named.sort(key=lambda pair: (-pair[0], pair[1]))
    count, source = named[0]
    if compared < _MOST_PAIRS and not told:
        if (chance := _chance(senior, matches)) < _LEAST_CHANCE:
            return Attribution(CANNOT_TELL, "the pairs point to different sources")
        return Attribution(senior, f"published first of {size} members", chance)
    chance = _chance(source, matches)
    if (len(named) > 1 and named[1][0] == count) or chance < _LEAST_CHANCE:
        return Attribution(CANNOT_TELL, "the pairs point to different sources")
    reasons = sorted(
        {match.source_reason for match in matches.values() if match.likely_source == source},
        key=lambda reason: (-len(reason), reason),
    )
    others = size - 1
    why = reasons[0] if others == 1 else f"named by {count} of {len(matches)} pairs, for one because {reasons[0]}"
    return Attribution(source, why, chance)


def _chance(source: str, matches: Mapping[Link, Match]) -> float:
    """The mean chance of a source over the pairs that can speak of it: a member's own, or all for COMMON."""
    heard = [m for m in matches.values() if source in (m.a, m.b, COMMON)]
    chances = [
        match.source_probability
        if match.likely_source == source
        else _UNDECIDED
        if match.likely_source == CANNOT_TELL
        else (1 - match.source_probability) / 2
        for match in heard
    ]
    return round(sum(chances) / len(chances), 4) if chances else 0.0
