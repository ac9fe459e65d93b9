"""What a run found, and how to hand it on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dedup.decisions import Decision
from dedup.records import Article, Cluster, Event, Match, Skipped
from dedup.report import Findings, clusters_frame, pairs_frame, write

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Result"]


@dataclass(frozen=True, slots=True)
class Result:
    """What a run found. Articles are sorted by id, matches by (a, b), clusters by size."""

    articles: Sequence[Article]
    matches: list[Match]
    clusters: list[Cluster]
    skipped: list[Skipped]
    stats: dict[str, Any] = field(default_factory=dict)
    """Counts, options, versions, seconds of each stage, peak memory."""
    short: frozenset[str] = frozenset()
    """Ids of articles too short to judge by their text."""
    words: Mapping[str, int] = field(default_factory=dict)
    """Words of each article, furniture included."""
    furniture_words: Mapping[str, int] = field(default_factory=dict)
    """Words of each article's furniture."""
    events: Sequence[Event] = ()
    """Events of two or more articles, largest first; only with `Config(related=True)`."""
    decisions: Sequence[Decision] = ()
    """Those of the decisions that were not replaced by later ones, under the ids that their texts have now."""
    given: Sequence[Decision] = ()
    """All decisions as they were given."""

    @property
    def findings(self) -> Findings:
        """The same as the report writers take it."""
        return Findings(
            articles=self.articles,
            matches=self.matches,
            clusters=self.clusters,
            skipped=self.skipped,
            stats=self.stats,
            short=self.short,
            words=self.words,
            furniture_words=self.furniture_words,
            ids=list(self.words),
            events=self.events,
            decisions=self.decisions,
            given=self.given,
        )

    def pairs_frame(self) -> pd.DataFrame:
        """The rows of pairs.csv as a pandas frame."""
        return pairs_frame(self.findings)

    def clusters_frame(self) -> pd.DataFrame:
        """The rows of clusters.csv as a pandas frame."""
        return clusters_frame(self.findings)

    def write(self, folder: str | Path, jobs: int = 1) -> list[Path]:
        """Write all reports to a folder, whole or not at all; returns the files.

        With several jobs two processes write where this one can be forked; the files are the same.

        Raises:
            ConfigError: the folder holds something that is not a report.
        """
        return write(self.findings, Path(folder), jobs)
