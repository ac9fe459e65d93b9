"""What is answered: verdicts and figures as plain objects."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from dedup.records import Article
from dedup.verdicts import as_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedup.index import Stats, Verdict

__all__ = ["stats_answer", "verdict_answer"]


def verdict_answer(verdict: Verdict, asked: Article, notes: Sequence[str], most: int) -> dict[str, Any]:
    """A verdict, with the first `most` of the articles behind it, and with the wording of passages:
    other languages count characters in other ways.
    """
    values = as_values(verdict, asked)
    return {**values, "matches": values["matches"][:most], "notes": list(notes)}


def stats_answer(stats: Stats) -> dict[str, Any]:
    """The figures of an index."""
    return asdict(stats)
