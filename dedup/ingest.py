"""From chunks of input to batches: read, clean, tokenise, mark the furniture that phrases give away.

A batch is what a worker process hands back: a few flat arrays and one piece of bytes, so that nothing is pickled
article by article.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from itertools import islice
from multiprocessing import get_context
from multiprocessing.context import BaseContext
from tempfile import NamedTemporaryFile, TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from dedup.clean import clean
from dedup.clean.furniture import KINDS, LineTable, line_hashes, load_lexicon, mark_lexicon
from dedup.config import Config
from dedup.corpus import ArticlePage, merge_furniture, whole
from dedup.errors import DedupError
from dedup.minhash import _gram
from dedup.readers import Chunk, chunks, find_sources, read
from dedup.records import Article, Furniture, RawRecord, Skipped
from dedup.tokens import FURNITURE, TokenBatch, tokenise

__all__ = ["Batch", "batch_articles", "clean_article", "ingest", "read_articles"]


@dataclass(frozen=True, slots=True)
class Batch:
    """N cleaned articles: texts packed, words as arrays, and the columns that ordering and learning need."""

    page: ArticlePage
    ids: list[str]
    publishers: list[str]
    dates: list[str]
    titles: NDArray[np.uint64]
    """uint64[N]: a hash of each title's words, 0 without a title."""
    tokens: NDArray[np.uint64]
    flags: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    lines: LineTable
    line_chars: NDArray[np.uint32]
    """uint32[L, 2]: first character and end of each line within its body."""
    skipped: tuple[Skipped, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)


def batch_articles(articles: Sequence[Article], skipped: Iterable[Skipped] = ()) -> Batch:
    """The batch of these cleaned articles."""
    tokens = tokenise([article.body for article in articles])
    _flag_known(tokens, articles)
    kinds = mark_lexicon(tokens, load_lexicon())
    marked = _with_lines(articles, tokens, kinds)
    return Batch(
        page=ArticlePage.pack(marked),
        ids=[article.id for article in articles],
        publishers=[article.publisher for article in articles],
        dates=[article.published_at for article in articles],
        titles=_title_hashes([article.title for article in articles]),
        tokens=tokens.hashes,
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
    for index, article in enumerate(articles):
        if article.furniture:
            span = tokens.span(index)
            starts, flags = tokens.starts[span], tokens.flags[span]
            for piece in article.furniture:
                first, last = np.searchsorted(starts, (piece.start, piece.end))
                flags[first:last] |= np.uint8(FURNITURE)


def _with_lines(articles: Sequence[Article], tokens: TokenBatch, kinds: NDArray[np.uint8]) -> list[Article]:
    """The articles with the lines that the lexicon knows added to their furniture."""
    out = list(articles)
    lines = tokens.lines
    owners = np.repeat(np.arange(len(articles)), np.diff(lines.offsets))
    found: dict[int, list[Furniture]] = {}
    for line in np.flatnonzero(kinds):
        piece = Furniture(int(lines.char_start[line]), int(lines.char_end[line]), KINDS[kinds[line]])
        found.setdefault(int(owners[line]), []).append(piece)
    for index, pieces in found.items():
        out[index] = replace(out[index], furniture=merge_furniture([*out[index].furniture, *pieces]))
    return out


def _title_hashes(titles: list[str]) -> NDArray[np.uint64]:
    batch = tokenise(titles)
    hashes = np.zeros(len(titles), np.uint64)
    for index in range(len(titles)):
        words = batch.hashes[batch.span(index)]
        if len(words):
            hashes[index] = np.uint64(_gram(words, 0, len(words))) | np.uint64(1)
    return hashes


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


def _cleaned(chunk: Chunk, config: Config) -> tuple[list[Article], list[Skipped]]:
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


def _read_chunk(chunk: Chunk, config: Config) -> Batch:
    return batch_articles(*_cleaned(chunk, config))


def ingest(pieces: Iterable[Chunk | Skipped], config: Config, jobs: int) -> Iterator[Batch | Skipped]:
    """The batch of each chunk, in order. With several jobs, worker processes read; results do not depend on it."""
    if jobs <= 1:
        for chunk in pieces:
            yield chunk if isinstance(chunk, Skipped) else _read_chunk(chunk, config)
        return
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="dedup-"))
        pool = stack.enter_context(
            ProcessPoolExecutor(jobs, mp_context=_context(), initializer=_leave_ctrl_c_to_the_parent)
        )
        stack.callback(pool.shutdown, wait=False, cancel_futures=True)
        yield from _pooled(pool, iter(pieces), config, folder, ahead=jobs + 2)


@dataclass(frozen=True, slots=True)
class _Filed:
    """A batch whose large arrays stand in a file: much quicker to hand over than through a pipe."""

    batch: Batch
    path: str
    sizes: tuple[int, int, int]
    """Bytes of tokens, texts and flags, in this order; the first is a multiple of eight."""


def _read_to_file(chunk: Chunk, config: Config, folder: str) -> _Filed:
    batch = _read_chunk(chunk, config)
    parts = (batch.tokens.view(np.uint8), np.frombuffer(batch.page.data, np.uint8), batch.flags)
    try:
        with NamedTemporaryFile(dir=folder, delete=False) as file:
            for part in parts:
                file.write(part.data)
    except OSError as error:
        raise DedupError(
            f"cannot write temporary files to {folder}: {error.strerror}; TMPDIR chooses another"
        ) from error
    bare = replace(
        batch,
        page=ArticlePage(b"", batch.page.offsets),
        tokens=np.empty(0, np.uint64),
        flags=np.empty(0, np.uint8),
    )
    return _Filed(bare, file.name, (len(parts[0]), len(parts[1]), len(parts[2])))


def _mapped(filed: _Filed) -> Batch:
    """The batch with its arrays mapped from the file, whose name is given up at once: nothing stays behind."""
    tokens, texts, flags = filed.sizes
    if not tokens + texts + flags:
        return filed.batch
    data = np.memmap(filed.path, np.uint8, "r")
    with suppress(OSError):  # Windows keeps mapped files; the folder is removed at the end
        os.unlink(filed.path)
    return replace(
        filed.batch,
        page=ArticlePage(data[tokens : tokens + texts].data, filed.batch.page.offsets),
        tokens=np.asarray(data[:tokens]).view(np.uint64),
        flags=np.asarray(data[tokens + texts :]),
    )


def _context() -> BaseContext:
    """How workers start: forked, which is quick, unless other threads run here or the system cannot."""
    safe = threading.active_count() == 1 and sys.platform == "linux"
    return get_context("fork" if safe else "forkserver" if sys.platform != "win32" else "spawn")


def _leave_ctrl_c_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _pooled(
    pool: Executor, chunks: Iterator[Chunk | Skipped], config: Config, folder: str, ahead: int
) -> Iterator[Batch | Skipped]:
    """Results in order, never more than `ahead` chunks under way: input must not pile up in memory."""
    waiting: list[Future[_Filed] | Skipped] = []
    while True:
        for chunk in islice(chunks, ahead - len(waiting)):
            waiting.append(chunk if isinstance(chunk, Skipped) else pool.submit(_read_to_file, chunk, config, folder))
        if not waiting:
            return
        first = waiting.pop(0)
        try:
            yield first if isinstance(first, Skipped) else _mapped(first.result())
        except BrokenProcessPool as error:
            raise DedupError(
                "a worker process was killed, probably for lack of memory; try --jobs 1 or fewer files at a time"
            ) from error
