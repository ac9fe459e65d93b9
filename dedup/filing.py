"""Articles from files into an index, one by one: nothing but a few hundred of them is ever held."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from dedup.clean import clean
from dedup.config import Config
from dedup.index import Index
from dedup.index.texts import digest_of
from dedup.readers import Chunk, Source, chunks, find_sources, read
from dedup.readers.formats import FORMATS
from dedup.records import Article, RawRecord, Skipped

__all__ = ["Added", "Track", "add_paths", "articles_of", "each_article"]

#: Told about progress: the stage, how much was done just now, and the total when it is known.
Track = Callable[[str, int, int | None], None]

#: Bytes of the longest id that is taken; an index would keep some more, for `~2` and the like.
_LONGEST_ID = 1900
#: Articles that are put in together.
_TOGETHER = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What became of files that were put into an index."""

    read: int
    """Articles that were read."""
    changed: int
    """Articles that were new to the index or had another text there."""
    skipped: tuple[Skipped, ...]


def each_article(pieces: Iterable[Chunk | Skipped], config: Config) -> Iterator[Article | Skipped]:
    """The cleaned articles of these pieces of input, and a row for all that is none, as they are read."""
    for piece in pieces:
        if isinstance(piece, Skipped):
            yield piece
            continue
        for record in read(piece, config.read):
            item = clean(record, config.read) if isinstance(record, RawRecord) else record
            if isinstance(item, Article) and len(item.id.encode()) > _LONGEST_ID:
                detail = f"{item.id[:60]}... has more than {_LONGEST_ID:,} bytes"
                item = Skipped(source=item.source, stage="read", reason="an id that is too long", detail=detail)
            yield item


def articles_of(
    paths: Iterable[str | Path], config: Config, skipped: list[Skipped]
) -> tuple[list[Source], Iterator[Article]]:
    """The files that paths stand for, and their articles, read as they are asked for.

    Args:
        skipped: takes a row for all that is no article, as it is met.

    Raises:
        SourceError: a path does not exist.
        UnsupportedFormatError: a file was named whose format is not known.
    """
    sources, missed = find_sources(paths, config.read)
    skipped += missed

    def articles() -> Iterator[Article]:
        for item in each_article(chunks(sources, config.read), config):
            if isinstance(item, Article):
                yield item
            else:
                skipped.append(item)

    return sources, articles()


def add_paths(index: Index, paths: Iterable[str | Path], config: Config, track: Track) -> Added:
    """Put all articles of files into an index; of two different ones with one id the second becomes `id~2`."""
    skipped: list[Skipped] = []
    sources, articles = articles_of(paths, config, skipped)
    total = len(sources) if all(FORMATS[source.suffix].one_article for source in sources) else None
    fresh, count, changed = _distinct(articles, skipped), 0, 0
    while some := list(islice(fresh, _TOGETHER)):
        changed += index.add_many(some)
        count += len(some)
        track("add", len(some), total)
    return Added(read=count, changed=changed, skipped=tuple(skipped))


def _distinct(articles: Iterable[Article], skipped: list[Skipped]) -> Iterator[Article]:
    """The articles under ids of their own: an index would take a second one for another version of the first."""
    taken: dict[str, bytes] = {}
    for article in articles:
        digest, given, number = digest_of(article), article.id, 1
        while taken.setdefault(article.id, digest) != digest:
            number += 1
            article = replace(article, id=f"{given}~{number}")
        if number > 1:
            detail = f"{given} is kept as {article.id}"
            skipped.append(Skipped(source=article.source, stage="note", reason="duplicate id", detail=detail))
        yield article
