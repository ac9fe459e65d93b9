"""From chunks of input to batches: read, clean, tokenise, mark the furniture that phrases give away.

Worker processes hand a batch over as a file, so that nothing is pickled article by article, and a batch whose input
has not changed need not be made again.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from hashlib import sha256
from itertools import groupby, islice
from multiprocessing import get_context
from multiprocessing.context import BaseContext
from operator import itemgetter
from pathlib import Path
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from dedup.batch import Batch
from dedup.cache import ArticleCache
from dedup.clean import clean
from dedup.clean.furniture import KINDS, line_hashes, load_lexicon, mark_lexicon, span_hashes
from dedup.config import Config
from dedup.corpus import ArticlePage, merge_furniture, whole
from dedup.errors import DedupError
from dedup.readers import Chunk, Source, chunks, find_sources, read
from dedup.records import Article, Furniture, RawRecord, Skipped
from dedup.store import Store
from dedup.threads import forks_safely
from dedup.tokens import TokenBatch, flag_spans, tokenise, tokenise_bytes
from dedup.words import number_words

__all__ = ["batch_articles", "clean_article", "ingest", "mark_articles", "read_articles", "title_hashes", "worker_pool"]

#: How the names of files with batches end.
_ENDING = ".batch"


def mark_articles(articles: Sequence[Article]) -> tuple[list[Article], TokenBatch]:
    """(cleaned articles with the furniture that phrases give away, their words with all of it flagged)."""
    furniture, tokens = _marked(articles, [article.body.encode("utf-8", "surrogatepass") for article in articles])
    return [replace(article, furniture=all_) for article, all_ in zip(articles, furniture, strict=True)], tokens


def _marked(articles: Sequence[Article], bodies: Sequence[bytes]) -> tuple[list[tuple[Furniture, ...]], TokenBatch]:
    """(the furniture of each article with what phrases give away, their words with all of it flagged)."""
    tokens = tokenise_bytes(bodies)
    _flag_known(tokens, articles)
    return _all_furniture(articles, tokens, mark_lexicon(tokens, load_lexicon())), tokens


def batch_articles(articles: Sequence[Article], skipped: Iterable[Skipped] = ()) -> Batch:
    """The batch of these cleaned articles."""
    bodies = [article.body.encode() for article in articles]
    furniture, tokens = _marked(articles, bodies)
    numbers, words = number_words(tokens.hashes)
    return Batch(
        page=ArticlePage.pack(articles, bodies, furniture),
        ids=[article.id for article in articles],
        publishers=[article.publisher for article in articles],
        dates=[article.published_at for article in articles],
        titles=title_hashes([article.title for article in articles]),
        tokens=numbers,
        words=words,
        flags=tokens.flags,
        offsets=tokens.offsets,
        lines=line_hashes(tokens),
        line_chars=np.stack([tokens.lines.char_start, tokens.lines.char_end], axis=1),
        skipped=tuple(skipped),
    )


def _move_furniture(furniture: Iterable[Furniture], cleaned: str, body: str) -> tuple[Furniture, ...] | None:
    """Furniture of a cleaned body at its places in the body as it was given; None if the two differ in their words."""
    batch = tokenise([cleaned, body])
    first, second = batch.span(0), batch.span(1)
    if not np.array_equal(batch.hashes[first], batch.hashes[second]):
        return None
    starts, there, ends = batch.starts[first], batch.starts[second], batch.ends[second]
    moved = []
    for piece in furniture:
        low, high = np.searchsorted(starts, (piece.start, piece.end))
        if low < high:
            moved.append(Furniture(int(there[low]), int(ends[high - 1]), piece.kind))
    return tuple(moved)


def clean_article(article: Article, config: Config) -> Article:
    """The article as cleaning would have made it from a record; its body and the fields that it has are kept."""
    article = whole(article)
    if article.furniture:
        return article
    cleaned = clean(
        RawRecord(
            id=article.id,
            source=article.source or article.id,
            text=article.body,
            title=article.title,
            url=article.url,
            publisher=article.publisher,
            published=article.published_at,
            author=article.author,
            language=article.language,
        ),
        config.read,
    )
    if not isinstance(cleaned, Article):
        return article
    body, furniture = article.body, cleaned.furniture
    if body != cleaned.body:
        moved = _move_furniture(furniture, cleaned.body, body)
        body, furniture = (cleaned.body, furniture) if moved is None else (body, moved)
    return replace(
        cleaned,
        body=body,
        furniture=furniture,
        canonical_url=article.canonical_url or cleaned.canonical_url,
        agency=article.agency or cleaned.agency,
        credit=article.credit or cleaned.credit,
        dateline=article.dateline or cleaned.dateline,
    )


def _flag_known(tokens: TokenBatch, articles: Sequence[Article]) -> None:
    """Flag the tokens inside the furniture that cleaning found."""
    spans = [(text, piece.start, piece.end) for text, article in enumerate(articles) for piece in article.furniture]
    flag_spans(tokens, np.array(spans, np.int64).reshape(-1, 3))


def _all_furniture(
    articles: Sequence[Article], tokens: TokenBatch, kinds: NDArray[np.uint8]
) -> list[tuple[Furniture, ...]]:
    """The furniture of each article, with the lines that the lexicon knows."""
    furniture = [article.furniture for article in articles]
    lines, known = tokens.lines, np.flatnonzero(kinds)
    owners = (np.searchsorted(lines.offsets, known, "right") - 1).tolist()
    places = zip(lines.char_start[known].tolist(), lines.char_end[known].tolist(), kinds[known].tolist(), strict=True)
    for owner, found in groupby(zip(owners, places, strict=True), itemgetter(0)):
        more = [Furniture(start, end, KINDS[kind]) for _, (start, end, kind) in found]
        furniture[owner] = merge_furniture([*furniture[owner], *more])
    return furniture


def title_hashes(titles: list[str]) -> NDArray[np.uint64]:
    """A hash of each title's words, uint64[N], 0 without a title."""
    batch = tokenise(titles)
    hashes = span_hashes(batch, batch.offsets[:-1], batch.offsets[1:])
    return np.where(np.diff(batch.offsets) > 0, hashes | np.uint64(1), np.uint64(0))


def read_articles(path: str, config: Config | None = None) -> tuple[list[Article], list[Skipped]]:
    """The cleaned articles of one file or folder, and what was skipped."""
    config = config or Config()
    sources, skipped = find_sources([path], config.read)
    articles: list[Article] = []
    for chunk in chunks(sources, config.read):
        more, missed = ([], [chunk]) if isinstance(chunk, Skipped) else _cleaned(chunk, config)
        articles += more
        skipped += missed
    return articles, skipped


def _cleaned(
    chunk: Chunk, config: Config, parts: Mapping[str, Chunk] | None = None
) -> tuple[list[Article], list[Skipped]]:
    """The articles that one chunk holds, and what could not be read; from the cache, if one is asked for.

    Args:
        parts: what `_parts` says of the chunk, where that is known.
    """
    if not config.cache:
        return _read(chunk, config)
    parts = parts or _parts(chunk, _recipe(config))
    with closing(ArticleCache(config.cache)) as cache:
        known = cache.find(list(parts))
        fresh = {digest: _read(part, config) for digest, part in parts.items() if digest not in known}
        cache.keep(fresh)
    every = [(known | fresh)[digest] for digest in parts]
    return [article for articles, _ in every for article in articles], [row for _, rows in every for row in rows]


def _read(chunk: Chunk, config: Config) -> tuple[list[Article], list[Skipped]]:
    """The articles that one chunk holds, and what could not be read."""
    articles: list[Article] = []
    skipped: list[Skipped] = []
    for record in read(chunk, config.read):
        result = clean(record, config.read) if isinstance(record, RawRecord) else record
        if isinstance(result, Article):
            articles.append(result)
        else:
            skipped.append(result)
    return articles, skipped


def ingest(
    pieces: Iterable[Chunk | Skipped], config: Config, jobs: int, store: Store | None = None
) -> Iterator[Batch | Skipped]:
    """The batch of each chunk, in order. With several jobs, worker processes read; results do not depend on it.

    Args:
        store: where batches are kept, and found again when their input has not changed; memory, if there is none and
            one process does it all.
    """
    if jobs <= 1 and store is None:
        for chunk in pieces:
            yield chunk if isinstance(chunk, Skipped) else batch_articles(*_cleaned(chunk, config))
        return
    recipe = _recipe(config) if store else b""
    store = store or Store.temporary()
    if jobs <= 1:
        for chunk in pieces:
            yield chunk if isinstance(chunk, Skipped) else _found(_filed(chunk, config, store.folder, recipe), store)
        return
    with worker_pool(jobs) as pool:
        yield from _pooled(pool, iter(pieces), config, store, recipe, ahead=jobs + 2)


def _recipe(config: Config) -> bytes:
    """What besides the input decides what a batch holds: the options for reading and the version of this package."""
    from dedup import __version__

    return sha256(repr((__version__, config.read)).encode()).digest()


def _parts(chunk: Chunk, recipe: bytes) -> dict[str, Chunk]:
    """The files of a chunk, or its lines, by the digests of what they hold and of how that will be cleaned."""
    return {_digest(one, chunk, recipe): replace(chunk, sources=(one,)) for one in chunk.sources}


def _digest(source: Source, chunk: Chunk, recipe: bytes) -> str:
    state = sha256(recipe)
    state.update(f"{source.name}\0{source.id}\0{source.folder}\0{source.suffix}\0{chunk.first}\0".encode())
    if chunk.data is not None:
        state.update(chunk.data)
    elif source.path is not None:
        with suppress(OSError), open(source.path, "rb") as file:
            while piece := file.read(1 << 20):
                state.update(piece)
    return state.hexdigest()


def _filed(chunk: Chunk, config: Config, folder: Path, recipe: bytes) -> str:
    """The digest of a chunk whose batch lies in the folder, made now or before.

    Args:
        recipe: empty for a folder of this run alone, where nothing is found again; then any name will do.
    """
    parts = _parts(chunk, recipe) if recipe else None
    store, digest = Store(folder), sha256("".join(parts).encode()).hexdigest() if parts else uuid4().hex
    if not parts or not store.has(digest + _ENDING):
        store.save(digest + _ENDING, batch_articles(*_cleaned(chunk, config, parts)).write)
    return digest


def _found(digest: str, store: Store) -> Batch:
    return Batch.read(store.path(digest + _ENDING), store, digest)


@contextmanager
def worker_pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Worker processes, one a processor for 0; for who leaves early they begin nothing more."""
    context = _context()
    if context.get_start_method() == "fork":  # a worker then begins with what is loaded here
        batch_articles([clean_article(Article(id="", body="Warming up."), Config())])
    with ProcessPoolExecutor(jobs or os.cpu_count() or 1, mp_context=context, initializer=_start_worker) as pool:
        try:
            yield pool
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _context() -> BaseContext:
    """How workers start: forked, which is quick, where that is safe."""
    return get_context("fork" if forks_safely() else "forkserver" if sys.platform != "win32" else "spawn")


def _start_worker() -> None:
    """Ctrl-C is left to the parent, and so is looking for cycles among the many records that soon go anyway.

    A worker whose parent was killed would wait for its next chunk for ever; it looks after the parent instead.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    parent = os.getppid()  # where other threads run, workers are not our own children but a server's

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    if sys.platform != "win32":
        threading.Thread(target=look, daemon=True).start()


def _pooled(
    pool: Executor, chunks: Iterator[Chunk | Skipped], config: Config, store: Store, recipe: bytes, ahead: int
) -> Iterator[Batch | Skipped]:
    """Results in order, never more than `ahead` chunks under way: input must not pile up in memory."""
    waiting: list[Future[str] | Skipped] = []
    while True:
        for chunk in islice(chunks, ahead - len(waiting)):
            waiting.append(
                chunk if isinstance(chunk, Skipped) else pool.submit(_filed, chunk, config, store.folder, recipe)
            )
        if not waiting:
            return
        first = waiting.pop(0)
        try:
            yield first if isinstance(first, Skipped) else _found(first.result(), store)
        except BrokenProcessPool as error:
            raise DedupError(
                "a worker process was killed, probably for lack of memory; try --jobs 1 or fewer files at a time"
            ) from error
