"""What an index says of an article."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from dedup.records import COPY_GRADES, Article, Grade, Kinship, Match, Measures, Passage

__all__ = ["Earlier", "Relation", "Verdict", "as_earlier", "rank", "relation_of"]


class Relation(StrEnum):
    """What an article is to those that the index holds."""

    NEW = "new"
    REVISION_OF = "revision_of"
    """Another version of a story by the same outlet: a correction, an update, a second address."""
    COPY_OF = "copy_of"
    """The same text, word for word or lightly edited."""
    PARTIAL_OF = "partial_of"
    """A part of one stands in the other."""
    REWRITE_OF = "rewrite_of"
    """Rewritten, or written from the same source."""
    SAME_EVENT = "same_event"
    """Another report of one event, written independently; only when asked for."""


_BY_GRADE = {
    Grade.EXACT: Relation.COPY_OF,
    Grade.NEAR_DUPLICATE: Relation.COPY_OF,
    Grade.EXCERPT: Relation.PARTIAL_OF,
    Grade.REWRITE: Relation.REWRITE_OF,
    Grade.SAME_EVENT: Relation.SAME_EVENT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """An article of the index beside the one that was asked about."""

    id: str
    grade: Grade
    confidence: float
    """Calibrated chance (0-1) that the two share text; for same_event, that they share the event."""
    passages: tuple[Passage, ...]
    """What they share; the article asked about is side a, this one side b."""
    kinship: Kinship | None
    """Whether it is another outlet's text or the outlet's own."""
    title: str
    publisher: str
    published_at: str
    url: str
    measures: Measures | None
    """None for the article itself, which needs no measuring."""

    @property
    def verdict(self) -> str:
        """The grade in an editor's words."""
        return self.grade.verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an article is to those that the index holds, and which of them say so."""

    article: str
    relation: Relation
    matches: tuple[Earlier, ...] = ()
    """The articles behind it, the one that the relation speaks of first."""
    known: bool = False
    """Whether the index held this very article already, under the same id."""

    @property
    def of(self) -> str:
        """The id of the article that the relation speaks of; empty for a new one."""
        return self.matches[0].id if self.matches else ""


def relation_of(matches: Sequence[Earlier]) -> Relation:
    """The relation that the first of sorted matches makes."""
    if not matches:
        return Relation.NEW
    if matches[0].kinship is Kinship.REVISION:
        return Relation.REVISION_OF
    return _BY_GRADE[matches[0].grade]


def rank(match: Earlier) -> tuple[int, bool, float, str, str]:
    """Sorts matches: the strongest grade first, then revisions, then the surest, then the earliest."""
    order = (*COPY_GRADES, Grade.SAME_EVENT).index(match.grade)
    return order, match.kinship is not Kinship.REVISION, -match.confidence, match.published_at or "~", match.id


def _turned(passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """The passages with their sides exchanged, in order of the new first one."""
    return tuple(
        sorted(
            (replace(p, a_start=p.b_start, a_end=p.b_end, b_start=p.a_start, b_end=p.a_end) for p in passages),
            key=lambda p: (p.a_start, p.b_start),
        )
    )


def as_earlier(match: Match, own: str, other: Article) -> Earlier:
    """A match of an article, which stands in it under the id `own`, with a stored one."""
    here = match.a == own
    m = match.measures
    measures = m if here else replace(m, containment_a=m.containment_b, containment_b=m.containment_a)
    return Earlier(
        id=other.id,
        grade=match.grade,
        confidence=match.confidence,
        passages=match.passages if here else _turned(match.passages),
        kinship=match.relation,
        title=other.title,
        publisher=other.publisher,
        published_at=other.published_at,
        url=other.url,
        measures=measures,
    )
