"""The tables of the contract: their columns, and one function each that gives the rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from dedup.records import Article, Cluster, Match, Member, Relation
from dedup.report import wording
from dedup.report.findings import Findings, best_matches, count_words, one_line, status

if TYPE_CHECKING:
    import pandas

__all__ = [
    "ARTICLE_COLUMNS",
    "CLUSTER_COLUMNS",
    "PAIR_COLUMNS",
    "SKIPPED_COLUMNS",
    "Cell",
    "article_rows",
    "articles_frame",
    "cluster_rows",
    "clusters_frame",
    "pair_rows",
    "pairs_frame",
    "skipped_rows",
]

Cell = str | int | float


def _columns(names: str) -> tuple[str, ...]:
    return tuple(names.split())


PAIR_COLUMNS = _columns(
    "a b grade confidence verdict jaccard containment_a containment_b cosine rare_overlap longest_run shared_words "
    "shared_quotes passages likely_source source_reason source_probability relation found_by a_outlet b_outlet a_date "
    "b_date a_title b_title top_passage"
)
CLUSTER_COLUMNS = _columns(
    "cluster_id copy_group article_id role grade_to_source weakest_link outlet published title likely_source "
    "source_reason source_probability relation revision_of credit_audit notes words split event_id"
)
ARTICLE_COLUMNS = _columns(
    "article_id status cluster_id best_match best_grade agency credit words outlet published title url language "
    "furniture_words source"
)
SKIPPED_COLUMNS = ("source", "stage", "reason", "detail")

#: What stands before its id in the cluster_id of an article that is in an event and in no cluster.
ALONE = "alone:"

#: Characters of the rarest passage that pairs.csv shows.
_EXCERPT = 200


def pair_rows(findings: Findings) -> Iterator[tuple[Cell, ...]]:
    """One row per verified pair, in the order of the matches."""
    articles = findings.by_id()
    for match in findings.matches:
        a, b, m = articles[match.a], articles[match.b], match.measures
        yield (
            *(a.id, b.id, match.grade.value, match.confidence, match.verdict),
            *(m.jaccard, m.containment_a, m.containment_b, m.cosine, m.rare_overlap),
            *(m.longest_run, m.shared_words, m.shared_quotes, len(match.passages)),
            *(match.likely_source, match.source_reason, match.source_probability),
            *(match.relation.value if match.relation else "", "+".join(match.found_by)),
            *(a.publisher, b.publisher, a.published_at, b.published_at, a.title, b.title),
            _top_passage(match, a),
        )


def _top_passage(match: Match, a: Article) -> str:
    """The opening of the passage that tells most, as it stands in a."""
    if not match.passages:
        return ""
    top = max(match.passages, key=lambda passage: (passage.rarity, -passage.a_start))
    return one_line(a.body[top.a_start : top.a_end], _EXCERPT)


def cluster_rows(findings: Findings) -> Iterator[tuple[Cell, ...]]:
    """One row per article in a cluster of two or more: clusters by id, the source of each first.

    Then one row per article that only shares an event, as a cluster of its own, so that nobody takes it for a copy.
    """
    articles = findings.by_id()
    event_of = {article: event.id for event in findings.events for article in event.members}
    told: set[str] = set()
    for cluster in sorted(findings.clusters, key=lambda cluster: cluster.id):
        if len(cluster.members) < 2:
            continue
        for member in source_first(cluster):
            article = articles[member.article]
            told.add(article.id)
            yield (
                *(cluster.id, member.copy_group, member.article, member.role, member.grade_to_source),
                *(cluster.weakest_link, article.publisher, article.published_at, article.title),
                *(cluster.likely_source, cluster.source_reason, cluster.source_probability),
                *(_relation(cluster, member), member.revision_of, member.credit_audit),
                *("; ".join(cluster.notes), _words(findings, article), wording.split(cluster)),
                event_of.get(article.id, ""),
            )
    for name, event in sorted(event_of.items(), key=lambda pair: (pair[1], pair[0])):
        if name not in told:
            article = articles[name]
            yield (
                *(ALONE + name, name, name, "alone", "", "", article.publisher, article.published_at, article.title),
                *("", "", "", "", "", "", "", _words(findings, article), "", event),
            )


def _relation(cluster: Cluster, member: Member) -> str:
    if member.revision_of:
        return Relation.REVISION.value
    return "" if member.article == cluster.representative else Relation.COPY.value


def source_first(cluster: Cluster) -> list[Member]:
    """The members of a cluster: the source, then the representative, then the others by id."""

    def place(member: Member) -> tuple[bool, bool, str]:
        return (member.role != "source", member.article != cluster.representative, member.article)

    return sorted(cluster.members, key=place)


def article_rows(findings: Findings) -> Iterator[tuple[Cell, ...]]:
    """One row per article, in the order of the articles."""
    best = best_matches(findings.matches)
    cluster_of = {m.article: c.id for c in findings.clusters if len(c.members) > 1 for m in c.members}
    for article in findings.heads():
        match = best.get(article.id)
        other = "" if match is None else match.b if match.a == article.id else match.a
        yield (
            *(article.id, status(article.id, match, findings.short), cluster_of.get(article.id, "")),
            *(other, match.grade.value if match else "", article.agency, article.credit, _words(findings, article)),
            *(article.publisher, article.published_at, article.title, article.url, article.language),
            *(_furniture_words(findings, article), article.source),
        )


def skipped_rows(findings: Findings) -> Iterator[tuple[Cell, ...]]:
    """One row per thing that was given and did not become an article, in the order it was met."""
    for skipped in findings.skipped:
        yield (skipped.source, skipped.stage, skipped.reason, skipped.detail)


def _words(findings: Findings, article: Article) -> int:
    known = findings.words.get(article.id)
    return count_words(article.body) if known is None else known


def _furniture_words(findings: Findings, article: Article) -> int:
    known = findings.furniture_words.get(article.id)
    return sum(count_words(article.body[f.start : f.end]) for f in article.furniture) if known is None else known


def pairs_frame(findings: Findings) -> pandas.DataFrame:
    """The pairs as a pandas frame, with the columns of pairs.csv and unrounded figures."""
    return _frame(pair_rows(findings), PAIR_COLUMNS)


def clusters_frame(findings: Findings) -> pandas.DataFrame:
    """The articles in clusters as a pandas frame, with the columns of clusters.csv."""
    return _frame(cluster_rows(findings), CLUSTER_COLUMNS)


def articles_frame(findings: Findings) -> pandas.DataFrame:
    """All articles as a pandas frame, with the columns of articles.csv."""
    return _frame(article_rows(findings), ARTICLE_COLUMNS)


def _frame(rows: Iterable[tuple[Cell, ...]], columns: tuple[str, ...]) -> pandas.DataFrame:
    import pandas  # here, because importing it takes longer than most scans

    return pandas.DataFrame.from_records(list(rows), columns=list(columns))
