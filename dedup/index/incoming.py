"""Articles on their way into an index: cleaned, a chunk at a time, by other processes where there are many."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice

from dedup.config import Config
from dedup.errors import ConfigError
from dedup.index.texts import digest_of
from dedup.ingest import clean_article, worker_pool
from dedup.records import Article

__all__ = ["CHUNK", "Incoming", "cleaned"]

#: Articles that are put in together, and those that one process cleans at a time.
CHUNK, _SLICE = 4096, 512
#: Bytes of the longest id that PostgreSQL would find again, and some.
_LONGEST_ID = 2000


@dataclass(frozen=True, slots=True)
class Incoming:
    """A cleaned article on its way in."""

    article: Article
    digest: bytes
    """What it is known by: `digest_of` the article as it was given."""
    added: float
    """Seconds since 1970."""


def cleaned(articles: Iterable[Article], config: Config, now: float) -> Iterator[list[Incoming]]:
    """The articles as they go in, a chunk at a time and in order."""
    remaining = iter(articles)
    first = list(islice(remaining, CHUNK))
    if config.jobs == 1 or len(first) < CHUNK:
        chunk = first
        while chunk:
            yield _cleaned(chunk, config, now)
            chunk = list(islice(remaining, CHUNK))
        return
    with worker_pool(config.jobs) as pool:
        yield from _ahead(pool, chain(first, remaining), config, now)


def _ahead(
    pool: ProcessPoolExecutor, articles: Iterator[Article], config: Config, now: float
) -> Iterator[list[Incoming]]:
    """Each chunk, while the next one is being cleaned."""
    waiting: deque[Future[list[Incoming]]] = deque()
    while True:
        while len(waiting) < 2 * CHUNK // _SLICE and (some := list(islice(articles, _SLICE))):
            waiting.append(pool.submit(_cleaned, some, config, now))
        if not waiting:
            return
        yield [one for _ in range(min(len(waiting), CHUNK // _SLICE)) for one in waiting.popleft().result()]


def _cleaned(articles: list[Article], config: Config, now: float) -> list[Incoming]:
    return [Incoming(_with_id(clean_article(article, config)), digest_of(article), now) for article in articles]


def _with_id(article: Article) -> Article:
    """The article, if it can be found again by its id.

    Raises:
        ConfigError: it has no id, or one that no database would look up.
    """
    if not article.id:
        raise ConfigError("an article without an id cannot be kept in an index")
    if "\0" in article.id or len(article.id.encode()) > _LONGEST_ID:
        raise ConfigError(
            f"the id {article.id[:60]!r}... cannot be kept in an index: it is longer than {_LONGEST_ID:,} bytes, "
            "or holds a character NUL"
        )
    return article
