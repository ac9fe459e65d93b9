"""What the page holds, and in which order: stories, the pairs of each, and the articles that stand in them.

Everything in the page counts from this order. Articles of one story lie side by side in it, so that opening a story
opens few blocks of the page, and so that copies of a text, packed one behind the other, take hardly more than one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from dedup.records import Cluster, Event, Grade, Match
from dedup.report.findings import Findings, strength
from dedup.report.tables import source_first

__all__ = ["Chosen", "choose"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The parts of a result that the page tells, each in its order."""

    clusters: list[Cluster]
    """Of two or more articles: the largest first, of equal ones that of most outlets."""
    matches: list[Match]
    """The pairs within the first story, strongest first, then those of the second ...; then copied passages outside of
    stories; then pairs that only share an event."""
    homes: list[int]
    """The number of the story that holds a pair, -1 for none; as long as `matches`."""
    articles: list[str]
    """Ids of all articles that stand in a pair or a story."""
    events: list[Event]
    """Events told by two stories or more."""
    left: int
    """Pairs that were left out because a page cannot carry more; pairs.csv holds them."""


def choose(findings: Findings, most: int) -> Chosen:
    """The findings in the order of the page, with at most so many pairs."""
    clusters = _stories(findings)
    home_of = {member.article: number for number, cluster in enumerate(clusters) for member in cluster.members}
    pairs = sorted(_homed(findings.matches, home_of, len(clusters)), key=lambda pair: (pair[0], strength(pair[1])))
    left = max(0, len(pairs) - most)
    del pairs[most:]
    matches = [match for _, match in pairs]
    return Chosen(
        clusters=clusters,
        matches=matches,
        homes=[home if home < len(clusters) else -1 for home, _ in pairs],
        articles=_articles(clusters, matches),
        events=[event for event in findings.events if _tellings(event, home_of) > 1],
        left=left,
    )


def _stories(findings: Findings) -> list[Cluster]:
    """The clusters of two or more articles: the largest first, of equal ones that of most outlets."""
    clusters = [cluster for cluster in findings.clusters if len(cluster.members) > 1]
    outlets = findings.outlets([member.article for cluster in clusters for member in cluster.members])

    def place(cluster: Cluster) -> tuple[int, int, str]:
        known = {outlets[member.article] for member in cluster.members} - {""}
        return (-len(cluster.members), -len(known), cluster.id)

    return sorted(clusters, key=place)


def _homed(matches: Sequence[Match], home_of: dict[str, int], outside: int) -> list[tuple[int, Match]]:
    """Each pair with the number of its story; `outside` and the number after that for copies and events in none."""
    homed = []
    for match in matches:
        if match.grade is Grade.UNRELATED:
            continue
        home = home_of.get(match.a, -1)
        if home < 0 or home != home_of.get(match.b):
            home = outside + (match.grade is Grade.SAME_EVENT)
        homed.append((home, match))
    return homed


def _articles(clusters: Sequence[Cluster], matches: Sequence[Match]) -> list[str]:
    found: dict[str, None] = {}
    for cluster in clusters:
        groups: dict[str, list[str]] = defaultdict(list)
        for member in source_first(cluster):
            groups[member.copy_group].append(member.article)
        for group in groups.values():
            found |= dict.fromkeys(group)
    for match in matches:
        found[match.a] = found[match.b] = None
    return list(found)


def _tellings(event: Event, home_of: dict[str, int]) -> int:
    """How many stories report an event; an article that is in none is one of its own."""
    return len({home_of.get(article, article) for article in event.members})
