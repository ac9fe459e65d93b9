"""Clusters of a report against known stories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dedup.errors import SourceError
from dedup.evaluate.files import LISTED, rounded, rows, unknown, unknown_lines

__all__ = ["ClusterScores", "evaluate_clusters"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterScores:
    """Agreement on clusters. An article that is in no cluster is a cluster of its own."""

    articles: int
    stories: int
    clusters: int
    """Clusters of the report, counting single articles."""
    bcubed_precision: float
    bcubed_recall: float
    bcubed_f1: float
    ari: float
    """Adjusted Rand index: 0 for chance, 1 for the same grouping."""
    pair_precision: float
    """Of the pairs put into one cluster, the share that are of one story."""
    pair_recall: float
    pair_f1: float
    mixing: tuple[str, ...]
    """Clusters that hold articles of more than one story."""
    unknown: tuple[str, ...]
    """Ids of the truth file that are not among the report's articles; they count as single."""

    def lines(self) -> list[str]:
        """The scores for a terminal."""
        mixing = ", ".join(self.mixing[:LISTED]) + (", ..." if len(self.mixing) > LISTED else "")
        return [
            f"{self.articles:,} articles of {self.stories:,} stories, in {self.clusters:,} clusters",
            f"B-cubed: precision {self.bcubed_precision:.4f}, recall {self.bcubed_recall:.4f}, F1 {self.bcubed_f1:.4f}",
            f"pairs: precision {self.pair_precision:.4f}, recall {self.pair_recall:.4f}, F1 {self.pair_f1:.4f}",
            f"adjusted Rand index {self.ari:.4f}",
            f"clusters that mix stories: {len(self.mixing):,}" + (f" ({mixing})" if mixing else ""),
            *unknown_lines(self.unknown),
        ]

    def to_dict(self) -> dict[str, Any]:
        """The scores as plain values, rounded to four digits."""
        return {name: rounded(value) for name, value in asdict(self).items()}


def evaluate_clusters(reports: str | Path, truth: str | Path) -> ClusterScores:
    """How the clusters of a report folder agree with a file of known stories.

    The truth file has the columns article_id (or id) and story (or cluster_id). Only its articles count.

    Raises:
        SourceError: a file or a column is missing, or the truth file is empty.
    """
    listed = rows(Path(reports) / "clusters.csv", "article_id", "cluster_id", guarded=True)
    cluster_of = {row["article_id"]: row["cluster_id"] for row in listed}
    known = rows(truth, "article_id|id", "story|cluster_id")
    if not known:
        raise SourceError(f"{truth} holds no articles")
    ids = [row["article_id"] if "article_id" in row else row["id"] for row in known]
    gold = [row["story"] if "story" in row else row["cluster_id"] for row in known]
    # A tuple for single articles, so that no name of a cluster can be the same by chance.
    found = [(cluster_of[i],) if i in cluster_of else ("single", i) for i in ids]
    stories: dict[tuple[str, ...], set[str]] = {}
    for cluster, story in zip(found, gold, strict=True):
        stories.setdefault(cluster, set()).add(story)
    cells, of_gold, of_found = Counter(zip(gold, found, strict=True)), Counter(gold), Counter(found)
    precision = sum(n * n / of_found[cluster] for (_, cluster), n in cells.items()) / len(ids)
    recall = sum(n * n / of_gold[story] for (story, _), n in cells.items()) / len(ids)
    both, in_gold, in_found = (_pairs_within(sizes.values()) for sizes in (cells, of_gold, of_found))
    return ClusterScores(
        articles=len(ids),
        stories=len(of_gold),
        clusters=len(of_found),
        bcubed_precision=precision,
        bcubed_recall=recall,
        bcubed_f1=2 * precision * recall / (precision + recall),
        ari=_adjusted_rand(both, in_gold, in_found, len(ids)),
        pair_precision=both / in_found if in_found else 1.0,
        pair_recall=both / in_gold if in_gold else 1.0,
        pair_f1=2 * both / (in_gold + in_found) if in_gold + in_found else 1.0,
        mixing=tuple(sorted(cluster[0] for cluster, names in stories.items() if len(names) > 1)),
        unknown=unknown(reports, ids),
    )


def _pairs_within(sizes: Iterable[int]) -> float:
    return sum(n * (n - 1) / 2 for n in sizes)


def _adjusted_rand(both: float, in_gold: float, in_found: float, articles: int) -> float:
    chance = in_gold * in_found / _pairs_within([articles]) if articles > 1 else 0.0
    best = (in_gold + in_found) / 2
    return (both - chance) / (best - chance) if best != chance else 1.0
