"""Articles as the index holds them, and a few of them as a corpus that the stages can look at."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise

import numpy as np
import orjson
from numba import njit
from numpy.typing import NDArray

from dedup.assemble import Corpus
from dedup.config import Config
from dedup.corpus import ArticlePage, ArticleStore
from dedup.ingest import title_hashes
from dedup.records import Article, Furniture
from dedup.sketch import sketch
from dedup.tokens import FURNITURE, tokenise_bytes
from dedup.words import number_words

__all__ = [
    "Text",
    "corpus_of",
    "digest_of",
    "open_record",
    "pack_article",
    "ranges_of",
    "texts_stored",
    "unpack_article",
    "with_articles",
]

_FIELDS = tuple(f.name for f in fields(Article) if f.name not in ("body", "furniture"))
#: Speed before size: the level takes a third of the time of the usual one.
_LEVEL = 1


@dataclass(frozen=True, slots=True)
class Text:
    """An article with its words."""

    article: Article
    words: NDArray[np.uint64]
    """uint64[T]: the hash of each word."""
    flags: NDArray[np.uint8]
    """uint8[T]: the flags of `dedup.tokens`; whose FURNITURE is set is not looked at."""
    num: int = 0
    """Its number in the index; 0 for one that is not there."""


@njit(cache=True, nogil=True)
def _ranges(flags, offsets):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Stretches of furniture, (first, end) within their text, and where those of each text end."""
    out, ends = np.empty((len(flags) + 1, 2), np.int32), np.zeros(len(offsets), np.int64)
    n = 0
    for text in range(len(offsets) - 1):
        first = offsets[text]
        for at in range(first, offsets[text + 1]):
            if flags[at] & FURNITURE:
                if at == first or not flags[at - 1] & FURNITURE:
                    out[n, 0] = at - first
                    n += 1
                out[n - 1, 1] = at + 1 - first
        ends[text + 1] = n
    return out[:n].copy(), ends


def ranges_of(flags: NDArray[np.uint8], offsets: NDArray[np.int64]) -> list[bytes]:
    """The stretches of words of each text that are furniture, int32[F, 2] of first and end, packed."""
    found, ends = _ranges(flags, offsets)
    packed, width = found.tobytes(), found.itemsize * 2
    return [packed[width * first : width * end] for first, end in pairwise(ends.tolist())]


def pack_article(article: Article) -> bytes:
    """Fields, furniture and body, compressed."""
    spans = [(f.start, f.end, f.kind) for f in article.furniture]
    head = orjson.dumps([[getattr(article, name) for name in _FIELDS], spans])
    return zlib.compress(len(head).to_bytes(4, "little") + head + article.body.encode(), _LEVEL)


def open_record(record: bytes, furniture: bool = True) -> tuple[Article, bytes]:
    """The article without its body, and the body in UTF-8.

    Args:
        furniture: whether to say what in the body is furniture.
    """
    data = zlib.decompress(record)
    end = 4 + int.from_bytes(data[:4], "little")
    values, spans = orjson.loads(data[4:end])
    known = tuple(Furniture(*span) for span in spans) if furniture else ()
    return Article(**dict(zip(_FIELDS, values, strict=True)), body="", furniture=known), data[end:]


def unpack_article(record: bytes) -> Article:
    """The article that `pack_article` packed."""
    article, body = open_record(record)
    return replace(article, body=body.decode())


def digest_of(article: Article) -> bytes:
    """16 bytes by which an article that was given before is known again, whatever it became."""
    values = [getattr(article, field.name) for field in fields(Article) if field.name != "source"]
    return hashlib.blake2b(repr(values).encode("utf-8", "backslashreplace"), digest_size=16).digest()


@njit(cache=True, nogil=True)
def _mark(flags, offsets, ranges, ends):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Flag as furniture ranges[ends[i]:ends[i + 1]] of text i, and nothing else."""
    for at in range(len(flags)):
        flags[at] &= np.uint8(0xFF ^ FURNITURE)
    for text in range(len(offsets) - 1):
        first, end = offsets[text], offsets[text + 1]
        for k in range(ends[text], ends[text + 1]):
            for at in range(first + ranges[k, 0], min(end, first + ranges[k, 1])):
                flags[at] |= np.uint8(FURNITURE)


def texts_stored(rows: Sequence[tuple[int, bytes, bytes]], whole: bool = True) -> list[Text]:
    """Stored articles, by num, record and furniture, with their words and furniture.

    Args:
        whole: whether the articles are wanted with their bodies and what in these is furniture.
    """
    opened = [open_record(record, whole) for _, record, _ in rows]
    batch = tokenise_bytes([body for _, body in opened])
    ranges = np.frombuffer(b"".join([furniture for _, _, furniture in rows]), np.int32).reshape(-1, 2)
    _mark(batch.flags, batch.offsets, ranges, np.cumsum([0, *(len(furniture) // 8 for _, _, furniture in rows)]))
    articles = [replace(article, body=body.decode()) if whole else article for article, body in opened]
    words, flags, bounds = batch.hashes, batch.flags, pairwise(batch.offsets.tolist())
    return [
        Text(article, words[first:end], flags[first:end], num)
        for (num, _, _), article, (first, end) in zip(rows, articles, bounds, strict=True)
    ]


def corpus_of(texts: Sequence[Text], config: Config, jobs: int = 1) -> Corpus:
    """A corpus of texts, which are sorted by their ids; without the articles themselves and without signatures."""
    offsets = np.cumsum([0, *(len(text.words) for text in texts)]).astype(np.int64)
    none: list[NDArray[np.uint64]] = [np.empty(0, np.uint64)]
    words, vocabulary = number_words(np.concatenate([*none, *(text.words for text in texts)]))
    flags = np.concatenate([np.empty(0, np.uint8), *(text.flags for text in texts)])
    names = [text.article.publisher for text in texts]
    known = {name: number for number, name in enumerate(sorted(set(names) - {""}))}
    return Corpus(
        articles=ArticleStore([], []),
        ids=[text.article.id for text in texts],
        outlets=np.array([known.get(name, -1) for name in names], np.int64),
        dates=[text.article.published_at for text in texts],
        titles=title_hashes([text.article.title for text in texts]),
        furniture=np.packbits(flags & np.uint8(FURNITURE)),
        offsets=offsets,
        sketches=sketch(words, vocabulary, flags, offsets, config.sketch, jobs, signed=False),
        skipped=[],
    )


def with_articles(corpus: Corpus, texts: Sequence[Text]) -> Corpus:
    """The corpus of these texts with the articles, for whoever explains."""
    articles = [text.article for text in texts]
    return replace(corpus, articles=ArticleStore([ArticlePage.pack(articles)], range(len(articles))))
