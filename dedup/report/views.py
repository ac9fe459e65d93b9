"""What the page shows, worked out before any markup: plain values, cut to what a page can carry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dedup.records import Article, Cluster, Grade, Match, Member
from dedup.report import wording
from dedup.report.findings import Findings, one_line, strength
from dedup.report.passages import Shown, Stretch, best_passages, show, stretches
from dedup.report.tables import source_first

__all__ = [
    "LIMITS",
    "Card",
    "Limits",
    "MemberView",
    "Page",
    "PairView",
    "arrange",
    "card",
    "cards",
    "pair_views",
    "settings",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much the page shows in full; the CSV files always hold everything."""

    clusters: int = 300
    pairs: int = 10
    """Pairs of one cluster, while there are few clusters."""
    evidence: int = 600
    """Pairs of all clusters together, shared out evenly: it keeps the page to some megabytes and a second or two."""
    loose: int = 100
    """Pairs outside clusters, of each kind."""
    members: int = 60
    passages: int = 12
    skipped: int = 300


LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageView:
    """A passage, side by side."""

    a: Shown
    b: Shown
    words: int
    quote: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PairView:
    """A pair with all its evidence."""

    match: Match
    a: Article
    b: Article
    source: Article | None
    """The likely source, where it is one of the two."""
    passages: list[PassageView]
    more: int
    """Passages that are left out."""
    ribbons: list[tuple[str, bool]]
    """From where each passage stands in a to where it stands in b, as an SVG path, and whether it is a quotation."""
    discounted: list[tuple[str, str, str]]
    """Furniture as (A or B, kind, first words)."""
    grey_a: list[Stretch]
    grey_b: list[Stretch]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberView:
    """An article's line in a cluster."""

    member: Member
    article: Article
    grade: Grade | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A cluster, ready to be shown."""

    number: int
    cluster: Cluster
    title: str
    outlets: list[str]
    members: list[MemberView]
    more_members: int
    source: Article | None
    weakest: PairView | None
    pairs: list[PairView]
    more_pairs: int
    credits: str
    """Who carries the credit, in a sentence; empty where nothing can be said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The matches sorted into the sections of the page."""

    findings: Findings
    clusters: list[Cluster]
    """Largest first."""
    inside: Mapping[str, list[Match]]
    """Pairs within a cluster, by its id."""
    loose: list[Match]
    """Copied passages between articles that are not in one cluster."""
    related: list[Match]
    """Same event, and not in one cluster."""


def arrange(findings: Findings) -> Page:
    """The findings sorted into sections, strongest and largest first."""
    clusters = sorted((c for c in findings.clusters if len(c.members) > 1), key=lambda c: (-len(c.members), c.id))
    cluster_of = {member.article: cluster.id for cluster in clusters for member in cluster.members}
    inside: dict[str, list[Match]] = defaultdict(list)
    loose: list[Match] = []
    related: list[Match] = []
    for match in findings.matches:
        home = cluster_of.get(match.a)
        if home is not None and home == cluster_of.get(match.b):
            inside[home].append(match)
        elif match.grade is Grade.SAME_EVENT:
            related.append(match)
        elif match.grade is not Grade.UNRELATED:
            loose.append(match)
    return Page(
        findings=findings,
        clusters=clusters,
        inside=inside,
        loose=sorted(loose, key=strength),
        related=sorted(related, key=strength),
    )


def cards(page: Page, limits: Limits) -> Iterator[Card]:
    """The largest clusters, one after the other, so that only one of them is in memory."""
    share = max(2, limits.evidence // max(1, min(limits.clusters, len(page.clusters))))
    limits = replace(limits, pairs=min(limits.pairs, share))
    for number, cluster in enumerate(page.clusters[: limits.clusters], start=1):
        yield card(number, cluster, page, limits)


def card(number: int, cluster: Cluster, page: Page, limits: Limits) -> Card:
    """One cluster with its members and the pairs that explain it best."""
    members = source_first(cluster)
    matches = page.inside.get(cluster.id, [])
    weakest = next((match for match in matches if f"{match.a}|{match.b}" == cluster.weakest_link), None)
    shown = _telling(matches, cluster, weakest)[: limits.pairs]
    grades = {grade.value: grade for grade in Grade}
    articles = page.findings.heads([member.article for member in members])
    outlets = {id: article.publisher for id, article in articles.items()}
    listed = [member.article for member in members[: limits.members]]
    nameless = {id for id in (cluster.representative, *listed) if not one_line(articles[id].title)}
    articles |= page.findings.opened(list(nameless.union(*((match.a, match.b) for match in shown))))
    return Card(
        number=number,
        cluster=cluster,
        title=one_line(cluster.title, 300) or wording.label(articles[cluster.representative]),
        outlets=sorted(set(filter(None, outlets.values()))),
        members=[
            MemberView(member=m, article=articles[m.article], grade=grades.get(m.grade_to_source))
            for m in members[: limits.members]
        ],
        more_members=max(0, len(members) - limits.members),
        source=articles.get(cluster.likely_source),
        weakest=pair_view(weakest, articles, 0) if weakest else None,
        pairs=[pair_view(match, articles, limits.passages) for match in shown],
        more_pairs=len(matches) - len(shown),
        credits=wording.credits(cluster, outlets),
    )


def _telling(matches: Iterable[Match], cluster: Cluster, weakest: Match | None) -> list[Match]:
    """Pairs with the representative first, then the weakest link, then the others; each group strongest first."""

    def place(match: Match) -> tuple[int, tuple[int, float, str, str]]:
        rank = 0 if cluster.representative in (match.a, match.b) else 1 if match is weakest else 2
        return (rank, strength(match))

    return sorted(matches, key=place)


def pair_views(matches: Iterable[Match], findings: Findings, limits: Limits) -> Iterator[PairView]:
    """Pairs, one after the other, so that only one of them is in memory."""
    return (pair_view(match, findings.opened([match.a, match.b]), limits.passages) for match in matches)


def pair_view(match: Match, articles: Mapping[str, Article], limit: int) -> PairView:
    """One pair with at most `limit` of its passages."""
    a, b = articles[match.a], articles[match.b]
    chosen = best_passages(match, limit)
    shown = []
    for passage in chosen:
        left, right = show(passage, a, b)
        shown.append(PassageView(a=left, b=right, words=passage.words, quote=passage.quote))
    everywhere = best_passages(match, 60 if limit else 0)
    in_a = stretches(a, [(p.a_start, p.a_end) for p in everywhere])
    in_b = stretches(b, [(p.b_start, p.b_end) for p in everywhere])
    return PairView(
        match=match,
        a=a,
        b=b,
        source={a.id: a, b.id: b}.get(match.likely_source),
        passages=shown,
        more=len(match.passages) - len(shown),
        ribbons=[(_ribbon(x, y), p.quote) for x, y, p in zip(in_a, in_b, everywhere, strict=True)],
        discounted=[*_discounted("A", a), *_discounted("B", b)] if limit else [],
        grey_a=_grey(a),
        grey_b=_grey(b),
    )


def _ribbon(a: Stretch, b: Stretch) -> str:
    return f"M{a.start} 0H{a.end}V12L{b.end} 52V64H{b.start}V52L{a.start} 12Z"


def _discounted(side: str, article: Article) -> list[tuple[str, str, str]]:
    return [(side, f.kind, one_line(article.body[f.start : f.end], 70)) for f in article.furniture[:20]]


def _grey(article: Article) -> list[Stretch]:
    return stretches(article, [(f.start, f.end) for f in article.furniture[:60]])


def settings(stats: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Options, versions and other facts of the run as titled lists of (name, value), nested names joined by dots."""
    general: list[tuple[str, str]] = []
    groups = [("run", general)]
    for name in sorted(stats):
        value = stats[name]
        if isinstance(value, Mapping):
            groups.append((name.replace("_", " "), list(_flat(value, ""))))
        else:
            general.append((name.replace("_", " "), _plain(value)))
    return [(name, facts) for name, facts in groups if facts]


def _flat(values: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name in sorted(values):
        if isinstance(values[name], Mapping):
            yield from _flat(values[name], f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}".replace("_", " "), _plain(values[name])


def _plain(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    if isinstance(value, float):
        return f"{value:,.3f}".rstrip("0").rstrip(".")
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(_plain, value)) or "none"
    return str(value)
