"""From a raw record to an article: uniform text, metadata, and its furniture marked, never removed."""

from __future__ import annotations

from dedup.clean.article import article_of, host_of
from dedup.clean.plain import mark, one_line, plain_text
from dedup.config import ReadConfig
from dedup.records import Article, RawRecord, Skipped

__all__ = ["FURNITURE_KINDS", "clean", "host_of"]

#: What a stretch of furniture can be. The first six are found here; the lexicon and repetition give the rest.
FURNITURE_KINDS = (
    "title",
    "byline",
    "dateline",
    "date",
    "credit",
    "caption",
    "navigation",
    "subscribe",
    "share",
    "related",
    "copyright",
    "advert",
    "agency",
    "live",
    "widget",
    "about",
    "repeated",
)


def clean(record: RawRecord, config: ReadConfig) -> Article | Skipped:
    """The article in a raw record, or why there is none.

    Example:
        >>> record = RawRecord(id="1", source="1.txt", text="PORT ALDEN (AFP) - The harbour is shut.")
        >>> clean(record, ReadConfig()).agency
        'AFP'
    """
    if record.kind == "html":
        from dedup.clean.page import clean_page

        return clean_page(record, config)
    body = record.text.strip() if record.tidy else plain_text(record.text)
    title = one_line(record.title)
    if not body and not title:
        return Skipped(source=record.source, stage="clean", reason="empty")
    publisher = one_line(record.publisher) or host_of(record.url) or record.folder
    marks = mark(body, title=title, publisher=publisher)
    return article_of(record, body, marks, publisher=publisher)
