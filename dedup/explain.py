"""From graded pairs to matches and clusters as people read them: passages in characters, sources, weakest links."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dedup.assemble import Corpus
from dedup.background import Background
from dedup.candidates import Candidates, found_by_names
from dedup.cluster import Story
from dedup.grade import GRADES, Graded, measures
from dedup.graph import Link, weakest_link
from dedup.lineage import witness_of
from dedup.links import ALONE
from dedup.naming import cluster_ids
from dedup.provenance import CANNOT_TELL, COMMON, Attribution, Witness, attribute, doubtful_dates, instant, relation
from dedup.quotes import MIN_QUOTE_WORDS
from dedup.records import COPY_GRADES, Article, Cluster, Match, Member, Passage
from dedup.tokens import tokenise
from dedup.verify import Aligned, align
from dedup.winnow import winnow_batch
from dedup.words import hashes_of

__all__ = ["describe_clusters", "explain"]

#: Matches that one thread explains at a time.
_BLOCK = 512

#: Share of a cluster's pairs that must have been compared for their votes to count.
_MOST_PAIRS = 0.5

#: What speaks in a reason for more than the order of dates.
_TELLING = ("canonical", "credits", "cites")
#: A cluster's source that is less likely than this is not named.
_LEAST_CHANCE = 0.5
#: What a pair that cannot tell says of each of three answers: one of the two, the other, a third text.
_UNDECIDED = 1 / 3

Places = tuple[NDArray[np.uint32], NDArray[np.uint32]]


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
    witnesses: dict[int, Witness] = {}  # shared by the blocks: who finds one missing makes the same as anybody else

    def work(start: int) -> list[Match]:
        rows = range(start, min(len(pairs), start + _BLOCK))
        return _explain_block(corpus, pairs, features, graded, background, rows, doubted, witnesses)

    matches: list[Match] = []
    with ThreadPoolExecutor(max(1, jobs)) as pool:  # tokenising and aligning release the interpreter lock
        for block in pool.map(work, range(0, len(pairs), _BLOCK)):
            matches += block
            track(len(block))
    return matches


def _explain_block(
    corpus: Corpus,
    pairs: Candidates,
    features: NDArray[np.float32],
    graded: Graded,
    background: Background,
    rows: range,
    doubted: frozenset[str],
    witnesses: dict[int, Witness],
) -> list[Match]:
    block = slice(rows.start, rows.stop)
    indices = np.unique(np.concatenate([pairs.a[block], pairs.b[block]])).tolist()
    articles = {index: corpus.articles[index] for index in indices}
    places = _places(corpus, articles)
    witnesses |= {i: witness_of(article, doubted) for i, article in articles.items() if i not in witnesses}
    matches = []
    for p, aligned in zip(rows, align(corpus.sketches, pairs.a[block], pairs.b[block], background), strict=True):
        a, b = int(pairs.a[p]), int(pairs.b[p])
        first, second = articles[a], articles[b]
        kind, values = GRADES[graded.codes[p]], measures(features[p])
        passages = _passages(aligned, places[a], places[b])
        quoted = sum(passage.quote and passage.words >= MIN_QUOTE_WORDS for passage in passages)
        values = replace(values, shared_quotes=max(values.shared_quotes, quoted))  # half a quotation is shared, too
        sides = witnesses[a], witnesses[b]
        source = attribute(*sides, kind, values) if kind in COPY_GRADES else Attribution("", "")
        matches.append(
            Match(
                a=first.id,
                b=second.id,
                grade=kind,
                confidence=round(float(graded.confidence[p]), 4),
                measures=values,
                passages=passages,
                found_by=found_by_names(int(pairs.found_by[p])),
                likely_source=source.source,
                source_reason=source.reason,
                source_probability=source.probability,
                relation=relation(*sides, kind, values),
                similarity=round(float(graded.link[p, ALONE]), 4),
            )
        )
    return matches


def _places(corpus: Corpus, articles: Mapping[int, Article]) -> dict[int, Places]:
    """First character and end of each word of each article that is not furniture."""
    batch = tokenise([article.body for article in articles.values()])
    places = {}
    for row, index in enumerate(articles):
        own = ~corpus.furniture_of(index)
        places[index] = (batch.starts[batch.span(row)][own], batch.ends[batch.span(row)][own])
    return places


def _passages(aligned: Aligned, places_a: Places, places_b: Places) -> tuple[Passage, ...]:
    """The passages of a pair, in order of the first text."""
    found = [
        Passage(
            a_start=int(places_a[0][start_a]),
            a_end=int(places_a[1][end_a - 1]),
            b_start=int(places_b[0][start_b]),
            b_end=int(places_b[1][end_b - 1]),
            words=words,
            rarity=round(rarity, 2),
            quote=quoted,
        )
        for (start_a, end_a, start_b, end_b, words), rarity, quoted in zip(
            aligned.spans.tolist(), aligned.rarity.tolist(), aligned.quoted.tolist(), strict=True
        )
    ]
    return tuple(sorted(found, key=lambda passage: (passage.a_start, passage.b_start)))


def describe_clusters(corpus: Corpus, stories: Sequence[Story], matches: Sequence[Match]) -> list[Cluster]:
    """The stories as clusters, largest first."""
    cluster_of = {index: number for number, story in enumerate(stories) for index in story.members}
    place = {corpus.ids[index]: index for index in cluster_of}
    inside: dict[int, dict[Link, Match]] = defaultdict(dict)
    for match in matches:
        a, b = place.get(match.a, -1), place.get(match.b, -2)
        if cluster_of.get(a) == cluster_of.get(b) is not None:
            inside[cluster_of[a]][min(a, b), max(a, b)] = match
    ids = cluster_ids([story.members for story in stories], *_fingerprints(corpus, sorted(cluster_of)), corpus.ids)
    out = [
        _cluster(corpus, name, story, inside[number])
        for number, (name, story) in enumerate(zip(ids, stories, strict=True))
    ]
    return sorted(out, key=lambda cluster: (-len(cluster.members), cluster.id))


def _fingerprints(corpus: Corpus, members: Sequence[int]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The winnowed 4-grams of the members, flat, and where those of each article of the corpus begin and end."""
    sketches = corpus.sketches
    texts = [
        hashes_of(sketches.tokens[sketches.offsets[i] : sketches.offsets[i + 1]], sketches.vocabulary) for i in members
    ]
    lengths = np.zeros(len(sketches), np.int64)
    lengths[members] = [len(text) for text in texts]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    hashes, _, ends = winnow_batch(np.concatenate([np.empty(0, np.uint64), *texts]), offsets, 4, 4)
    return hashes, ends


def _cluster(corpus: Corpus, name: str, story: Story, matches: Mapping[Link, Match]) -> Cluster:
    group = story.members
    carriers = {index: copies for copies in story.copies for index in copies}
    articles = {index: corpus.articles[index] for index in group}
    ranked = sorted(group, key=lambda index: _seniority(articles[index], int(corpus.sketches.words[index])))
    source = _source(articles, matches, articles[ranked[0]])
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
    titled = [articles[index].title for index in (head, *ranked) if articles[index].title]
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
        title=titled[0] if titled else "",
    )


def _seniority(article: Article, words: int) -> tuple[bool, str, int, str]:
    """Earlier first, undated last, then longer, then by id."""
    moment = instant(article.published_at)
    return (moment is None, moment[0].isoformat() if moment else "", -words, article.id)


def _source(articles: Mapping[int, Article], matches: Mapping[Link, Match], senior: Article) -> Attribution:
    """The member that most pairs name, if no other comes even; else what most pairs say.

    In a cluster too large for all pairs to be compared, the votes would favour whoever was compared with everybody;
    there the date of publication decides, unless a link or a credit does.
    """
    votes = Counter(match.likely_source for match in matches.values())
    named = [(count, source) for source, count in votes.items() if source not in (COMMON, CANNOT_TELL, "")]
    if not named or (len(articles) > 2 and votes[COMMON] > sum(count for count, _ in named)):
        if votes[COMMON] >= max(1, votes[CANNOT_TELL]):
            said = Counter(match.source_reason for match in matches.values() if match.likely_source == COMMON)
            return Attribution(COMMON, min(said, key=lambda why: (-said[why], why)), _chance(COMMON, matches))
        return Attribution(CANNOT_TELL, "nothing in the texts or their dates decides it")
    compared = 2 * len(matches) / (len(articles) * (len(articles) - 1))
    told = any(word in match.source_reason for match in matches.values() for word in _TELLING)
    named.sort(key=lambda pair: (-pair[0], pair[1]))
    count, source = named[0]
    if compared < _MOST_PAIRS and not told:
        if (chance := _chance(senior.id, matches)) < _LEAST_CHANCE:
            return Attribution(CANNOT_TELL, "the pairs point to different sources")
        return Attribution(senior.id, f"published first of {len(articles)} members", chance)
    chance = _chance(source, matches)
    if (len(named) > 1 and named[1][0] == count) or chance < _LEAST_CHANCE:
        return Attribution(CANNOT_TELL, "the pairs point to different sources")
    reasons = sorted(
        {match.source_reason for match in matches.values() if match.likely_source == source},
        key=lambda reason: (-len(reason), reason),
    )
    others = len(articles) - 1
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
