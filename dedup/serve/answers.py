"""What is answered: verdicts and figures as plain objects."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from dedup.records import Article, Passage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedup.index import Earlier, Stats, Verdict

__all__ = ["stats_answer", "verdict_answer"]


def verdict_answer(verdict: Verdict, asked: Article, notes: Sequence[str], most: int) -> dict[str, Any]:
    """A verdict, with the first `most` of the articles behind it."""
    return {
        "article": verdict.article,
        "relation": str(verdict.relation),
        "of": verdict.of or None,
        "known": verdict.known,
        "confidence": _rounded(verdict.matches[0].confidence) if verdict.matches else None,
        "found": len(verdict.matches),
        "matches": [_match(match, asked) for match in verdict.matches[:most]],
        "notes": list(notes),
    }


def stats_answer(stats: Stats) -> dict[str, Any]:
    """The figures of an index."""
    return asdict(stats)


def _match(match: Earlier, asked: Article) -> dict[str, Any]:
    measures = match.measures
    return {
        "id": match.id,
        "grade": str(match.grade),
        "verdict": match.verdict,
        "confidence": _rounded(match.confidence),
        "kinship": None if match.kinship is None else str(match.kinship),
        "title": match.title,
        "publisher": match.publisher,
        "published": match.published_at,
        "url": match.url,
        "passages": [_passage(passage, asked.body) for passage in match.passages],
        "measures": None
        if measures is None
        else {name: _rounded(value) if isinstance(value, float) else value for name, value in asdict(measures).items()},
    }


def _passage(passage: Passage, body: str) -> dict[str, Any]:
    """A passage with its wording; other languages count characters in other ways."""
    return {
        "start": passage.a_start,
        "end": passage.a_end,
        "earlier_start": passage.b_start,
        "earlier_end": passage.b_end,
        "words": passage.words,
        "rarity": _rounded(passage.rarity),
        "quote": passage.quote,
        "text": body[passage.a_start : passage.a_end],
    }


def _rounded(value: float) -> float:
    return round(float(value), 4)
