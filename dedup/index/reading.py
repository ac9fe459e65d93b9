"""Articles as they are read: their words, and their lines, by which furniture is learned and known again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dedup.clean.furniture import line_hashes, load_lexicon, mark_lexicon
from dedup.index.texts import open_record
from dedup.ingest import mark_articles
from dedup.records import Article
from dedup.tokens import TokenBatch, flag_spans, tokenise_bytes

__all__ = ["Readings", "read_cleaned", "read_records"]


@dataclass(frozen=True, slots=True)
class Readings:
    """N articles as arrays, before anything is learned of their outlets."""

    articles: list[Article]
    words: NDArray[np.uint64]
    """uint64[T]: the hash of each word; those of text i at offsets[i]:offsets[i + 1]."""
    flags: NDArray[np.uint8]
    """uint8[T]: the flags of `dedup.tokens`; FURNITURE for what cleaning and the lexicon know."""
    offsets: NDArray[np.int64]
    lines: NDArray[np.uint64]
    """uint64[L]: the hash of each line, 0 for furniture; lines of text i at line_offsets[i]:line_offsets[i + 1]."""
    line_words: NDArray[np.int32]
    """int32[L]: how many words each line has; lines stand back to back."""
    line_offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.articles)

    def split(self) -> list[Readings]:
        """Each article by itself; the arrays are views."""
        words, lines = self.offsets.tolist(), self.line_offsets.tolist()
        return [
            Readings(
                [one],
                *(self.words[first:end], self.flags[first:end], np.array([0, end - first], np.int64)),
                *(self.lines[top:last], self.line_words[top:last], np.array([0, last - top], np.int64)),
            )
            for one, (first, end), (top, last) in zip(self.articles, pairwise(words), pairwise(lines), strict=True)
        ]

    @classmethod
    def joined(cls, parts: Sequence[Readings]) -> Readings:
        """The articles of all parts, one after the other."""
        return cls(
            [article for part in parts for article in part.articles],
            *(np.concatenate([part.words for part in parts]), np.concatenate([part.flags for part in parts])),
            _joined_offsets([part.offsets for part in parts]),
            *(np.concatenate([part.lines for part in parts]), np.concatenate([part.line_words for part in parts])),
            _joined_offsets([part.line_offsets for part in parts]),
        )


def _joined_offsets(parts: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    sizes = np.concatenate([part[1:] - part[:-1] for part in parts])
    out = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=out[1:])
    return out


def read_cleaned(articles: Sequence[Article]) -> Readings:
    """Cleaned articles, with the furniture that phrases give away."""
    marked, batch = mark_articles(articles)
    return _readings(marked, batch)


def read_records(records: Sequence[bytes]) -> Readings:
    """Stored articles, without their bodies, by their records."""
    opened = [open_record(record) for record in records]
    batch = tokenise_bytes([body for _, body in opened])
    articles = [article for article, _ in opened]
    spans = [(text, piece.start, piece.end) for text, article in enumerate(articles) for piece in article.furniture]
    flag_spans(batch, np.array(spans, np.int64).reshape(-1, 3))
    mark_lexicon(batch, load_lexicon())
    return _readings(articles, batch)


def _readings(articles: list[Article], batch: TokenBatch) -> Readings:
    lines = line_hashes(batch)
    return Readings(articles, batch.hashes, batch.flags, batch.offsets, lines.hashes, lines.words, lines.offsets)
