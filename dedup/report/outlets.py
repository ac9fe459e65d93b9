"""Who has text of whom: the outlets of a run, and how much each took from every other.

A copy is counted as taken where its likely source is known and is another outlet's. Where it cannot be told who had
the text first, two outlets only share it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dedup.records import COPY_GRADES, Match
from dedup.report.chosen import Chosen
from dedup.report.findings import Findings

__all__ = ["Flow", "Outlet", "Traffic", "traffic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """One outlet's part in the traffic, in articles."""

    name: str
    articles: int
    """All of its articles that were read."""
    sharing: int
    """Those that share text with another outlet's."""
    took: int
    """Those that carry text whose likely source is another outlet's article."""
    given: int
    """Those that are the likely source of another outlet's article."""
    copied: int
    """Articles of other outlets that carry their text."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Text that went from one outlet to another, by their numbers."""

    source: int
    taker: int
    articles: int
    words: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """The outlets, by name, and the flows between them, largest first."""

    outlets: list[Outlet]
    flows: list[Flow]
    directed: int
    """Copies whose likely source is known and another outlet's."""
    sharing: int
    """Articles that share text with another outlet's."""

    @property
    def takers(self) -> list[Outlet]:
        """The outlets that took, most first."""
        return sorted((o for o in self.outlets if o.took), key=lambda o: (-o.took, o.name))

    @property
    def sources(self) -> list[Outlet]:
        """The outlets that were taken from, those with most copies first."""
        return sorted((o for o in self.outlets if o.copied), key=lambda o: (-o.copied, o.name))

    @property
    def sharers(self) -> list[Outlet]:
        """The outlets that share text with others, most first."""
        return sorted((o for o in self.outlets if o.sharing), key=lambda o: (-o.sharing, o.name))


def traffic(findings: Findings, chosen: Chosen) -> Traffic:
    """The outlets of a run and what went between them."""
    sizes = Counter(name for name, _ in findings.columns("publisher", "id"))
    names = sorted(sizes)
    number = {name: place for place, name in enumerate(names)}
    outlet_of = findings.outlets(chosen.articles)
    sharing: set[str] = set()
    for match in chosen.matches:
        if match.grade in COPY_GRADES and _foreign(outlet_of, match.a, match.b):
            sharing |= {match.a, match.b}
    source_of, words = _sources(chosen, outlet_of)
    flows: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for taker, source in source_of.items():
        flow = flows[outlet_of[source], outlet_of[taker]]
        flow[0] += 1
        flow[1] += words.get((taker, source), 0)
    took, given, shares, copied = (
        Counter(map(outlet_of.__getitem__, articles))
        for articles in (source_of, set(source_of.values()), sharing, source_of.values())
    )
    return Traffic(
        outlets=[
            Outlet(
                name=name,
                articles=sizes[name],
                sharing=shares[name],
                took=took[name],
                given=given[name],
                copied=copied[name],
            )
            for name in names
        ],
        flows=sorted(
            (Flow(number[source], number[taker], *amount) for (source, taker), amount in flows.items()),
            key=lambda flow: (-flow.articles, -flow.words, flow.source, flow.taker),
        ),
        directed=len(source_of),
        sharing=len(sharing),
    )


def _foreign(outlet_of: Mapping[str, str], a: str, b: str) -> bool:
    """Whether two articles are known to be of different outlets."""
    return bool(outlet_of[a] and outlet_of[b] and outlet_of[a] != outlet_of[b])


def _sources(chosen: Chosen, outlet_of: Mapping[str, str]) -> tuple[dict[str, str], dict[tuple[str, str], int]]:
    """(the article of another outlet that a copy was taken from, words that the two share by (copy, source))."""
    source_of = {
        member.article: cluster.likely_source
        for cluster in chosen.clusters
        if cluster.likely_source in outlet_of
        for member in cluster.members
        if _foreign(outlet_of, member.article, cluster.likely_source)
    }
    words: dict[tuple[str, str], int] = {}
    for match, home in zip(chosen.matches, chosen.homes, strict=True):
        for taker, source in ((match.a, match.b), (match.b, match.a)):
            if home >= 0 and source_of.get(taker) == source:
                words[taker, source] = match.measures.shared_words
    for taker, source, shared in _loose(chosen, outlet_of):
        if source_of.setdefault(taker, source) == source:
            words.setdefault((taker, source), shared)
    return source_of, words


def _loose(chosen: Chosen, outlet_of: Mapping[str, str]) -> Iterator[tuple[str, str, int]]:
    """The passages that were taken outside of stories, as (copy, source, words), strongest first."""
    for match, home in zip(chosen.matches, chosen.homes, strict=True):
        if home < 0 and match.grade in COPY_GRADES and _foreign(outlet_of, match.a, match.b):
            taker = _other(match)
            if taker:
                yield taker, match.likely_source, match.measures.shared_words


def _other(match: Match) -> str:
    """The article of a pair that is not its likely source; empty where the source is none of the two."""
    return {match.a: match.b, match.b: match.a}.get(match.likely_source, "")
