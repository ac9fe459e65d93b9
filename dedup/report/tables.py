"""The tables of the contract: their columns, and one function each that gives the rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from dedup.records import Cluster, Kinship, Match, Member
from dedup.report import wording
from dedup.report.cells import Cell
from dedup.report.findings import Findings, batches, best_matches, count_words, one_line, status

if TYPE_CHECKING:
    import pandas

__all__ = [
    "ARTICLE_COLUMNS",
    "CLUSTER_COLUMNS",
    "PAIR_COLUMNS",
    "SKIPPED_COLUMNS",
    "article_rows",
    "articles_frame",
    "cluster_rows",
    "clusters_frame",
    "pair_rows",
    "pairs_frame",
    "skipped_rows",
]


def _columns(names: str) -> tuple[str, ...]:
    return tuple(names.split())


PAIR_COLUMNS = _columns(
    "a b grade confidence verdict jaccard containment_a containment_b cosine rare_overlap longest_run shared_words "
    "shared_quotes passages likely_source source_reason source_probability relation found_by a_outlet b_outlet a_date "
    "b_date a_title b_title top_passage decided note"
)
CLUSTER_COLUMNS = _columns(
    "cluster_id copy_group article_id role grade_to_source weakest_link outlet published title likely_source "
    "source_reason source_probability relation revision_of credit_audit notes words split event_id decided"
)
ARTICLE_COLUMNS = _columns(
    "article_id status cluster_id best_match best_grade agency credit words outlet published title url language "
    "furniture_words source"
)
SKIPPED_COLUMNS = ("source", "stage", "reason", "detail")

#: What stands before its id in the cluster_id of an article that is in an event and in no cluster.
ALONE = "alone:"

#: What is told of an article wherever it is named.
_FACTS = ("publisher", "published_at", "title")

#: Characters of the rarest passage that pairs.csv shows.
_EXCERPT = 200


def pair_rows(findings: Findings) -> Iterator[tuple[Cell, ...]]:
    """One row per verified pair, in the order of the matches."""
    for matches in batches(findings.matches):
        firsts, every = list({m.a for m in matches}), list({side for m in matches for side in (m.a, m.b)})
        facts = dict(zip(every, findings.columns(*_FACTS, ids=every), strict=True))
        bodies = dict(zip(firsts, findings.bodies(firsts), strict=True))
        yield from (_pair_row(match, facts[match.a], facts[match.b], bodies[match.a]) for match in matches)


def _pair_row(match: Match, a: tuple[str, ...], b: tuple[str, ...], body: str) -> tuple[Cell, ...]:
    """The row of a pair, by outlet, date and title of each article, and the body of a."""
    m = match.measures
    return (
        *(match.a, match.b, match.grade.value, match.confidence, match.verdict),
        *(m.jaccard, m.containment_a, m.containment_b, m.cosine, m.rare_overlap),
        *(m.longest_run, m.shared_words, m.shared_quotes, len(match.passages)),
        *(match.likely_source, match.source_reason, match.source_probability),
        *(match.relation.value if match.relation else "", "+".join(match.found_by)),
        *(a[0], b[0], a[1], b[1], a[2], b[2], _top_passage(match, body)),
        *(match.decided, match.note),
    )


def _top_passage(match: Match, body: str) -> str:
    """The opening of the passage that tells most, as it stands in the body of a."""
    if not match.passages:
        return ""
    top = max(match.passages, key=lambda passage: (passage.rarity, -passage.a_start))
    return one_line(body[top.a_start : top.a_end], _EXCERPT)


def cluster_rows(findings: Findings) -> Iterator[tuple[Cell, ...]]:
    """One row per article in a cluster of two or more: clusters by id, the source of each first.

    Then one row per article that only shares an event, as a cluster of its own, so that nobody takes it for a copy.
    """
    event_of = {article: event.id for event in findings.events for article in event.members}
    told: set[str] = set()
    clusters = sorted((c for c in findings.clusters if len(c.members) > 1), key=lambda cluster: cluster.id)
    for places in batches((cluster, member) for cluster in clusters for member in source_first(cluster)):
        ids = [member.article for _, member in places]
        told.update(ids)
        for (cluster, member), facts in zip(places, findings.columns(*_FACTS, ids=ids), strict=True):
            yield (
                *(cluster.id, member.copy_group, member.article, member.role, member.grade_to_source),
                *(cluster.weakest_link, *facts),
                *(cluster.likely_source, cluster.source_reason, cluster.source_probability),
                *(_relation(cluster, member), member.revision_of, member.credit_audit),
                *("; ".join(cluster.notes), _words(findings, member.article), wording.split(cluster)),
                *(event_of.get(member.article, ""), cluster.decided),
            )
    alone = sorted((pair for pair in event_of.items() if pair[0] not in told), key=lambda pair: (pair[1], pair[0]))
    for pairs in batches(alone):
        columns = findings.columns(*_FACTS, ids=[name for name, _ in pairs])
        for (name, event), facts in zip(pairs, columns, strict=True):
            yield (
                *(ALONE + name, name, name, "alone", "", "", *facts),
                *("", "", "", "", "", "", "", _words(findings, name), "", event, ""),
            )


def _relation(cluster: Cluster, member: Member) -> str:
    if member.revision_of:
        return Kinship.REVISION.value
    return "" if member.article == cluster.representative else Kinship.COPY.value


def source_first(cluster: Cluster) -> list[Member]:
    """The members of a cluster: the source, then the representative, then the others by id."""

    def place(member: Member) -> tuple[bool, bool, str]:
        return (member.role != "source", member.article != cluster.representative, member.article)

    return sorted(cluster.members, key=place)


def article_rows(findings: Findings) -> Iterator[tuple[Cell, ...]]:
    """One row per article, in the order of the articles."""
    best = best_matches(findings.matches)
    cluster_of = {m.article: c.id for c in findings.clusters if len(c.members) > 1 for m in c.members}
    names = ("id", "agency", "credit", "publisher", "published_at", "title", "url", "language", "source")
    for id, agency, credit, publisher, published_at, title, url, language, source in findings.columns(*names):
        match, words, furniture = best.get(id), _words(findings, id), _furniture_words(findings, id)
        other, grade = "", ""
        if match is not None:
            other, grade = match.b if match.a == id else match.a, match.grade.value
        seen, cluster = status(id, match, findings.short), cluster_of.get(id, "")
        yield (  # one flat tuple: there may be a million of these
            id, seen, cluster, other, grade, agency, credit, words, publisher, published_at, title, url, language,
            furniture, source,
        )  # fmt: skip


def skipped_rows(findings: Findings) -> Iterator[tuple[Cell, ...]]:
    """One row per thing that was given and did not become an article, in the order it was met."""
    for skipped in findings.skipped:
        yield (skipped.source, skipped.stage, skipped.reason, skipped.detail)


def _words(findings: Findings, id: str) -> int:
    """Words of an article, counted where nobody has done so."""
    known = findings.words.get(id)
    return count_words(findings.bodies([id])[0]) if known is None else known


def _furniture_words(findings: Findings, id: str) -> int:
    known = findings.furniture_words.get(id)
    if known is not None:
        return known
    article = findings.opened([id])[id]
    return sum(count_words(article.body[piece.start : piece.end]) for piece in article.furniture)


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
