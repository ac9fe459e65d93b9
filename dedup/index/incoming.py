"""Articles on their way into an index: cleaned, read and packed, a chunk at a time, by other processes where many."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain, islice

from dedup.config import Config
from dedup.corpus import whole
from dedup.errors import ConfigError
from dedup.index.reading import Readings, read_cleaned
from dedup.index.texts import digest_of, pack_article
from dedup.ingest import clean_article, worker_pool
from dedup.records import Article

__all__ = ["CHUNK", "Incoming", "cleaned", "incoming", "stored_id", "with_id"]

#: Articles that are put in together, and those that one process cleans at a time.
CHUNK, _SLICE = 4096, 512
#: Bytes of the longest id that PostgreSQL would find again, and some.
_LONGEST_ID = 2000


@dataclass(frozen=True, slots=True)
class Incoming:
    """A cleaned article on its way in."""

    reading: Readings
    """The article alone, without its body."""
    record: bytes
    """The whole of it, packed."""
    digest: bytes
    """What it is known by: `digest_of` the article as it was given."""
    added: float
    """Seconds since 1970."""

    @property
    def article(self) -> Article:
        """The article, without its body."""
        return self.reading.articles[0]


#: Some of them, for the way from one process to another: readings, records, digests, times.
_Slice = tuple[Readings, list[bytes], list[bytes], list[float]]


def cleaned(articles: Iterable[Article], config: Config, now: float) -> Iterator[list[Incoming]]:
    """The articles as they go in, a chunk at a time and in order."""
    remaining = iter(articles)
    first = list(islice(remaining, CHUNK))
    if config.jobs == 1 or len(first) < CHUNK:
        chunk = first
        while chunk:
            yield _opened(_cleaned(chunk, config, now))
            chunk = list(islice(remaining, CHUNK))
        return
    with worker_pool(config.jobs) as pool:
        yield from _ahead(pool, chain(first, remaining), config, now)


def incoming(articles: Sequence[Article], digests: list[bytes], added: list[float]) -> list[Incoming]:
    """Cleaned articles as they go in, with what they are known by and when they were added."""
    return _opened(_packed(articles, digests, added))


def _ahead(
    pool: ProcessPoolExecutor, articles: Iterator[Article], config: Config, now: float
) -> Iterator[list[Incoming]]:
    """Each chunk, while the next one is being cleaned."""
    waiting: deque[Future[_Slice]] = deque()
    while True:
        while len(waiting) < 2 * CHUNK // _SLICE and (some := list(islice(articles, _SLICE))):
            waiting.append(pool.submit(_cleaned, some, config, now))
        if not waiting:
            return
        yield [one for _ in range(min(len(waiting), CHUNK // _SLICE)) for one in _opened(waiting.popleft().result())]


def _cleaned(articles: list[Article], config: Config, now: float) -> _Slice:
    clean = [with_id(clean_article(article, config)) for article in articles]
    return _packed(clean, [digest_of(article) for article in articles], [now] * len(articles))


def _packed(articles: Sequence[Article], digests: list[bytes], added: list[float]) -> _Slice:
    read = read_cleaned(articles)
    records = [pack_article(article) for article in read.articles]
    return replace(read, articles=[replace(article, body="") for article in read.articles]), records, digests, added


def _opened(some: _Slice) -> list[Incoming]:
    read, records, digests, added = some
    return list(map(Incoming, read.split(), records, digests, added))


def with_id(article: Article) -> Article:
    """The article, if it can be found again by its id.

    Raises:
        ConfigError: it has no id, or one that no database would look up.
    """
    if not article.id:
        raise ConfigError("an article without an id cannot be kept in an index")
    if stored_id(article.id) is None:
        raise ConfigError(
            f"the id {article.id[:60]!r}... cannot be kept in an index: it is longer than {_LONGEST_ID:,} bytes, "
            "or holds a character NUL"
        )
    return article


def stored_id(id: str) -> str | None:
    """The id under which an article with this one is kept; None if no article in an index can have it."""
    kept = whole(Article(id=id, body="")).id
    return kept if kept and "\0" not in kept and len(kept.encode()) <= _LONGEST_ID else None
