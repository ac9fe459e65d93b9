"""What a report is made of, and the few questions that every part of the report asks of it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import attrgetter
from typing import Any, TypeVar

from dedup.corpus import ArticleStore
from dedup.decisions import Decision
from dedup.records import COPY_GRADES, Article, Cluster, Event, Grade, Match, Skipped

__all__ = ["Findings", "batches", "best_matches", "count_words", "one_line", "status", "strength"]

_WORDS = re.compile(r"\w+").findall
_T = TypeVar("_T")
_BATCH = 256
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
    decisions: Sequence[Decision] = ()
    """What a desk decided, under the ids that the texts have now."""
    given: Sequence[Decision] = ()
    """The same as it was given to the run."""

    def columns(self, *names: str, ids: Sequence[str] | None = None) -> Iterator[tuple[str, ...]]:
        """The fields with these names, two or more, of the articles with these ids, or of all; no body is read."""
        places = None if ids is None else self._places(ids)
        if isinstance(self.articles, ArticleStore):
            return self.articles.columns(*names, places=places)
        some = self.articles if places is None else map(self.articles.__getitem__, places)
        return map(attrgetter(*names), some)

    def outlets(self, ids: Sequence[str]) -> dict[str, str]:
        """The publishers of the articles with these ids."""
        return {id: outlet for id, (outlet, _) in zip(ids, self.columns("publisher", "id", ids=ids), strict=True)}

    def bodies(self, ids: Sequence[str]) -> list[str]:
        """The bodies of the articles with these ids."""
        if isinstance(self.articles, ArticleStore):
            return [str(body, "utf-8") for body in self.articles.bodies(self._places(ids))]
        return [self.articles[place].body for place in self._places(ids)]

    def heads(self, ids: Sequence[str]) -> dict[str, Article]:
        """The articles with these ids, without bodies and furniture where they can be had so."""
        if isinstance(self.articles, ArticleStore):
            return dict(zip(ids, self.articles.heads(self._places(ids)), strict=True))
        return self.opened(ids)

    def opened(self, ids: Sequence[str]) -> dict[str, Article]:
        """The articles with these ids, as a whole."""
        if isinstance(self.articles, ArticleStore):
            return dict(zip(ids, self.articles.take(self._places(ids)), strict=True))
        return dict(zip(ids, map(self.articles.__getitem__, self._places(ids)), strict=True))

    def _places(self, ids: Sequence[str]) -> list[int]:
        if self.ids:
            return [bisect_left(self.ids, id) for id in ids]
        return [bisect_left(self.articles, id, key=attrgetter("id")) for id in ids]


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


def batches(items: Iterable[_T]) -> Iterator[list[_T]]:
    """The items, some hundred at a time."""
    rest = iter(items)
    while some := list(islice(rest, _BATCH)):
        yield some


def one_line(text: str, limit: int | None = None) -> str:
    """The text with all white space made single spaces, cut to at most `limit` characters.

    Example:
        >>> one_line("Harbour  bridge\\nreopens", 12)
        'Harbour bri…'
    """
    if limit is None:
        return " ".join(text.split())
    # Squeezing a whole body to show its first line would be waste: the first try is nearly always enough, and no cut
    # text needs more than the second.
    for reach in (limit + 60, 4 * limit + 200):
        line = " ".join(text[:reach].split())
        if len(line) > limit:
            return line[: limit - 1] + "…"
        if reach >= len(text):
            break
    return line
