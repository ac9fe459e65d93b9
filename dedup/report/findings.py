"""What a report is made of, and the few questions that every part of the report asks of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dedup.records import COPY_GRADES, Article, Cluster, Event, Grade, Match, Skipped

__all__ = ["Findings", "best_matches", "count_words", "one_line", "status", "strength"]

_WORDS = re.compile(r"\w+").findall
#: Opened articles that a look-up keeps.
_RECENT = 4096
_STRENGTH = {grade: rank for rank, grade in enumerate(Grade)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All parts of a run's result that the report shows."""

    articles: Sequence[Article]
    """Sorted by id."""
    matches: Sequence[Match]
    """Sorted by (a, b)."""
    clusters: Sequence[Cluster]
    skipped: Sequence[Skipped]
    stats: Mapping[str, Any]
    """Plain values for run.json: versions, options, counts, seconds per stage, peak memory."""
    short: frozenset[str] = frozenset()
    """Ids of the articles that were too short to judge."""
    words: Mapping[str, int] = field(default_factory=dict)
    """Words of an article's body, where the caller has counted them: counting again runs at 45 MB/s, which is
    slower than all of the sketching. Ids that are missing here are counted when they are needed."""
    furniture_words: Mapping[str, int] = field(default_factory=dict)
    """Words of an article's furniture, likewise."""
    ids: Sequence[str] = ()
    """The articles' ids in order, where the caller has them at hand; saves opening every article to learn them."""

    events: Sequence[Event] = ()
    """Events of two or more articles, where they were looked for."""

    def heads(self) -> Iterable[Article]:
        """The articles for tables: without bodies, if nothing has to be counted in them any more."""
        quick = getattr(self.articles, "heads", None)
        counted = len(self.words) == len(self.furniture_words) == len(self.articles)
        return quick() if quick and counted else self.articles

    def by_id(self) -> Mapping[str, Article]:
        """The articles by id, each opened when it is asked for."""
        return _ById(self.articles, self.ids or [article.id for article in self.articles])


class _ById(Mapping[str, Article]):
    def __init__(self, articles: Sequence[Article], ids: Sequence[str]) -> None:
        self._articles = articles
        self._places = {name: place for place, name in enumerate(ids)}
        self._recent: dict[str, Article] = {}

    def __getitem__(self, name: str) -> Article:
        if name not in self._recent:
            if len(self._recent) >= _RECENT:
                self._recent.clear()
            self._recent[name] = self._articles[self._places[name]]
        return self._recent[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def strength(match: Match) -> tuple[int, float, str, str]:
    """A sort key that puts the strongest match first: by grade, then confidence, then ids."""
    return (_STRENGTH[match.grade], -match.confidence, match.a, match.b)


def best_matches(matches: Iterable[Match]) -> dict[str, Match]:
    """The strongest match of each article that has one; pairs found to be unrelated do not count."""
    best: dict[str, Match] = {}
    for match in matches:
        if match.grade is Grade.UNRELATED:
            continue
        for side in (match.a, match.b):
            if side not in best or strength(match) < strength(best[side]):
                best[side] = match
    return best


def status(article: str, best: Match | None, short: frozenset[str]) -> str:
    """What an editor needs to know of one article: `copy`, `related`, `too short to judge` or `unique`."""
    if best is not None:
        return "copy" if best.grade in COPY_GRADES else "related"
    return "too short to judge" if article in short else "unique"


def count_words(text: str) -> int:
    r"""Number of words (runs of letters, digits and underscores) in a text.

    Example:
        >>> count_words("Don't panic, it is 1984.")
        6
    """
    return len(_WORDS(text))


def one_line(text: str, limit: int | None = None) -> str:
    """The text with all white space made single spaces, cut to at most `limit` characters.

    Example:
        >>> one_line("Harbour  bridge\\nreopens", 12)
        'Harbour bri…'
    """
    # Squeezing a whole body to show its first line would be waste: no cut text needs more than this.
    line = " ".join((text if limit is None else text[: 4 * limit + 200]).split())
    return line if limit is None or len(line) <= limit else line[: limit - 1] + "…"
