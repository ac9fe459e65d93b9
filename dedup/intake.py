"""An article that a program hands over, instead of a file that is read: made as a scan would have made it."""

from __future__ import annotations

from dataclasses import replace

from dedup.clean import clean
from dedup.config import Config
from dedup.ingest import clean_article
from dedup.records import Article, RawRecord, Skipped

__all__ = ["take_in"]

#: Characters; of the longest, four bytes each, PostgreSQL's 2,704 hold so many.
_LONGEST_NAME = 500


def take_in(record: RawRecord, config: Config) -> Article | Skipped:
    """The cleaned article of a record, or why there is none.

    A plain text is kept as it was given wherever cleaning leaves its words alone, so that offsets are true for whoever
    gave it; of a page, the body is what was found in it.

    Example:
        >>> record = RawRecord(id="1", source="1", text="\\r\\nPORT ALDEN (AFP) - The harbour is shut.")
        >>> article = take_in(record, Config())
        >>> article.agency, article.body == record.text
        ('AFP', True)
    """
    if record.kind == "html":
        found = clean(record, config.read)
        return _named(found) if isinstance(found, Article) else found
    if not (record.text.strip() or record.title.strip()):
        return Skipped(source=record.source, stage="clean", reason="empty")
    given = Article(
        id=record.id,
        body=record.text,
        title=record.title,
        publisher=record.publisher,
        url=record.url,
        published_at=record.published,
        author=record.author,
        language=record.language,
        source=record.source,
    )
    return _named(clean_article(given, config))


def _named(article: Article) -> Article:
    """The article with a name of its outlet that a database can look up; pages state all sorts of things."""
    if len(article.publisher) <= _LONGEST_NAME:
        return article
    return replace(article, publisher=article.publisher[:_LONGEST_NAME])
