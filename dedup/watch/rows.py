"""The tables of a watch: their columns, and the row of each thing that happens."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from dedup.index import Verdict
from dedup.index.texts import pack_article
from dedup.records import Article, Skipped
from dedup.report.cells import Cell
from dedup.report.findings import one_line
from dedup.verdicts import in_words, longest, match_values, others, relation, sentence
from dedup.watch.memory import Row

__all__ = ["COLUMNS", "flagged_row", "moved_row", "skipped_row"]


#: The columns of each table.
COLUMNS: dict[str, tuple[str, ...]] = {
    "flagged": (
        *("number", "time", "article_id", "relation", "of", "verdict", "confidence", "title", "outlet", "published"),
        *("of_title", "of_outlet", "of_published", "of_url", "found", "passage_words", "passage", "source"),
    ),
    "skipped": ("number", "time", "source", "stage", "reason", "detail"),
    "moved": ("number", "time", "source", "moved_to"),
}

#: Characters of a passage that a cell shows.
_EXCERPT = 200


def flagged_row(article: Article, verdict: Verdict, now: datetime, *, post: bool) -> Row:
    """The row of an article, with the article itself, as long as it may not be in the index."""
    matches = others(verdict)
    first = matches[0] if matches else None
    passage = longest(first) if first else None
    what, said = relation(verdict), sentence(verdict, article)
    cells: tuple[Cell, ...] = (
        *(_time(now), article.id, what, first.id if first else "", in_words(verdict)),
        *(first.confidence if first else "", article.title, article.publisher, article.published_at),
        *((first.title, first.publisher, first.published_at, first.url) if first else ("", "", "", "")),
        *(len(matches), passage.words if passage else 0),
        one_line(article.body[passage.a_start : passage.a_end], _EXCERPT) if passage else "",
        article.source,
    )
    extra = {"matches": [match_values(match) for match in matches]}
    packed = pack_article(article)
    return _row("flagged", cells, now, f"{one_line(article.id)}: {said}", post, extra, packed)


def skipped_row(skipped: Skipped, now: datetime, *, post: bool) -> Row:
    """The row of what is no article."""
    cells = (_time(now), skipped.source, skipped.stage, skipped.reason, skipped.detail)
    detail = f" ({one_line(skipped.detail)})" if skipped.detail else ""
    kind = "note" if skipped.stage == "note" else "skipped"
    return _row("skipped", cells, now, f"{kind}: {skipped.source}: {skipped.reason}{detail}", post)


def moved_row(source: str, target: str, now: datetime, *, post: bool) -> Row:
    """The row of a file that was moved."""
    return _row("moved", (_time(now), source, target), now, f"moved {source} to {target}", post)


def _row(
    table: str,
    cells: tuple[Cell, ...],
    now: datetime,
    said: str,
    post: bool,
    extra: dict[str, Any] | None = None,
    article: bytes | None = None,
) -> Row:
    sent = None
    if post:
        named = dict(zip(COLUMNS[table][1:], cells, strict=True))
        sent = json.dumps({"event": table, **named, **(extra or {})})
    day = now.date().isoformat()
    return Row(number=0, table=table, day=day, cells=cells, said=said, article=article, post=sent)


def _time(now: datetime) -> str:
    return now.isoformat(timespec="seconds")
