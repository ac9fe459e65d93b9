"""What the articles of a cluster are to each other over time: revisions of one outlet, and credit kept or lost."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from dedup.assemble import Corpus
from dedup.clean.agencies import agencies_in, agency_name
from dedup.clean.citations import citations_of, outlet_key
from dedup.provenance import Witness, audit_credits, doubtful_dates, instant
from dedup.provenance.dates import contradicted
from dedup.provenance.witness import host
from dedup.records import Article, Cluster, Kinship, Match, Member

__all__ = ["trace", "witness_of"]

#: Citations stand in the first pages of a text; a live blog of a hundred pages cites everybody.
_READ = 20_000


def witness_of(article: Article, doubted: frozenset[str] = frozenset(), audited: bool = False) -> Witness:
    """An article as a witness of its origin; dates among `doubted`, or that its dateline contradicts, do not count.

    Args:
        audited: whether the agencies that it mentions in whatever sense are wanted, too.
    """
    found = citations_of(article.body[:_READ])
    false = article.published_at in doubted or contradicted(article.published_at, article.dateline)
    return Witness(
        id=article.id,
        publisher=article.publisher,
        outlet=outlet_key(article.publisher) if article.publisher else "",
        from_agency=bool(agency_name(article.publisher)),
        credited=article.agency,
        agency=outlet_key(article.agency) if article.agency else "",
        credit=article.credit,
        author=article.author,
        has_dateline=bool(article.dateline),
        url=article.url,
        canonical_url=article.canonical_url,
        site=host(article.url),
        own=found.own,
        reported=found.reported,
        told=found.told,
        mentioned=frozenset(map(outlet_key, agencies_in(article.body))) if audited else frozenset(),
        first_hand=found.first_hand,
        published="" if false else article.published_at,
    )


def trace(corpus: Corpus, clusters: Iterable[Cluster], matches: Iterable[Match]) -> list[Cluster]:
    """The clusters, their members told apart as copies and revisions, and their credits audited."""
    revisions: dict[str, list[str]] = defaultdict(list)
    for match in matches:
        if match.relation is Kinship.REVISION:
            revisions[match.a].append(match.b)
            revisions[match.b].append(match.a)
    doubted = doubtful_dates(corpus.dates)
    return [_traced(cluster, corpus, revisions, doubted) for cluster in clusters]


def _place(corpus: Corpus, id: str) -> int:
    return bisect_left(corpus.ids, id)


def _traced(
    cluster: Cluster, corpus: Corpus, revisions: Mapping[str, Sequence[str]], doubted: frozenset[str]
) -> Cluster:
    earlier = _revised(cluster, corpus, revisions)
    remarks = dict(_remarks(cluster, corpus, doubted))
    if not earlier and not remarks:
        return cluster
    members = [
        replace(m, revision_of=earlier.get(m.article, ""), credit_audit=remarks.get(m.article, ""))
        for m in cluster.members
    ]
    return replace(cluster, members=tuple(members))


def _revised(cluster: Cluster, corpus: Corpus, revisions: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """For each member that revises others, the last one before it; undated members come last, then by id."""

    def age(id: str) -> tuple[bool, str, str]:
        moment = instant(corpus.dates[_place(corpus, id)])
        return (moment is None, moment[0].isoformat() if moment else "", id)

    inside = {member.article for member in cluster.members}
    out = {}
    for id in inside & revisions.keys():
        before = [other for other in revisions[id] if other in inside and age(other) < age(id)]
        if before:
            out[id] = max(before, key=age)
    return out


def _remarks(cluster: Cluster, corpus: Corpus, doubted: frozenset[str]) -> Iterator[tuple[str, str]]:
    groups: dict[str, list[Member]] = defaultdict(list)
    for member in cluster.members:
        groups[member.copy_group].append(member)
    for members in groups.values():
        if len(members) < 2:
            continue
        articles = corpus.articles.take([_place(corpus, member.article) for member in members])
        group = [witness_of(article, doubted, audited=True) for article in articles]
        yield from ((w.id, remark) for w, remark in zip(group, audit_credits(group), strict=True))
