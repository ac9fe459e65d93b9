"""The last step of cleaning: fields of the record, and what its text told, become an Article."""

from __future__ import annotations

from dedup.clean.dates import parse_date
from dedup.clean.marks import Marks
from dedup.clean.plain import one_line
from dedup.records import Article, RawRecord

__all__ = ["article_of", "host_of"]


def article_of(
    record: RawRecord,
    body: str,
    marks: Marks,
    *,
    publisher: str,
    url: str = "",
    canonical_url: str = "",
    language: str = "",
) -> Article:
    """The article of a record; a field of the record outranks what was found in its text or page."""
    return Article(
        id=record.id,
        body=body,
        title=marks.title,
        publisher=publisher,
        url=record.url or url,
        canonical_url=canonical_url,
        published_at=parse_date(record.published) or marks.published_at,
        author=one_line(record.author) or marks.author,
        language=record.language or language,
        dateline=marks.dateline,
        agency=marks.agency,
        credit=marks.credit,
        source=record.source,
        furniture=tuple(marks.furniture),
    )


def host_of(url: str) -> str:
    """The host of an address without user, port and `www.`; "" when there is none.

    Example:
        >>> host_of("https://www.harbour-post.example:8080/a?b=c")
        'harbour-post.example'
    """
    scheme, separator, rest = url.partition("//")
    if not separator or scheme not in ("http:", "https:", ""):
        return ""
    host = rest.split("/", 1)[0].split("?", 1)[0].split("#", 1)[0].rpartition("@")[2]
    return host.split(":", 1)[0].lower().removeprefix("www.")
